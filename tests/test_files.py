"""A draft's files appear whole or not at all."""

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.files import folder_name, write_files


def test_all_files_are_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    paths = write_files(tmp_path / "out", {"draft.json": "{}", "draft.md": "é"})
    assert [p.read_text(encoding="utf-8") for p in paths] == ["{}", "é"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["draft.json", "draft.md"]


def test_a_text_that_cannot_be_encoded_leaves_the_old_files_as_they_were(tmp_path: Path) -> None:
    write_files(tmp_path, {"draft.json": "old", "draft.md": "old"})
    with pytest.raises(UnicodeEncodeError):
        write_files(tmp_path, {"draft.json": "new", "draft.md": "\ud800"})
    assert sorted((p.name, p.read_text()) for p in tmp_path.iterdir()) == [
        ("draft.json", "old"),
        ("draft.md", "old"),
    ]


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="name another folder with --out"):
        write_files(tmp_path / "file" / "out", {"draft.json": "{}"})


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("policies/acme.html", "acme"),
        ("https://acme.example/legal/privacy-policy/", "privacy-policy"),
        ("https://acme.example/privacy?x=../..", "privacy"),
        ("-", "draft"),
        ("Acme 2026.04.pdf", "Acme-2026-04"),
    ],
)
def test_the_default_folder_is_named_after_the_source(source: str, name: str) -> None:
    assert folder_name(source) == name
