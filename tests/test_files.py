"""A draft's files appear whole or not at all."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from pipeline.errors import UsageError
from pipeline.files import folder_name, made_for_now, refuse_unwritable, write_files
from tests.privileges import without_privileges


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


def test_a_folder_in_the_place_of_a_file_leaves_everything_as_it_was(tmp_path: Path) -> None:
    write_files(tmp_path, {"draft.json": "old"})
    (tmp_path / "draft.md").mkdir()
    with pytest.raises(UsageError, match=r"draft\.md is a folder there"):
        write_files(tmp_path, {"draft.json": "new", "draft.md": "new"})
    assert (tmp_path / "draft.json").read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["draft.json", "draft.md"]


def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="file is not a folder"):
        refuse_unwritable(tmp_path / "file" / "out")
    refuse_unwritable(tmp_path / "not" / "there" / "yet")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


def test_a_folder_without_permission_is_refused_before_anything_is_done() -> None:
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        with without_privileges(), pytest.raises(UsageError, match="Permission denied"):
            refuse_unwritable(Path(folder) / "out")


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="a file system that refuses and says that it would not"
)
def test_a_folder_that_permits_and_refuses_is_refused_before_anything_is_done() -> None:
    with pytest.raises(
        UsageError, match=r"cannot be written to /proc/x/y .*; name another folder with --out"
    ):
        refuse_unwritable(Path("/proc/x/y"))


def test_a_folder_made_for_now_stays_when_something_was_put_in_it(tmp_path: Path) -> None:
    with made_for_now(tmp_path / "a" / "b" / "c") as folder:
        (folder.parent / "file").write_text("x")
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "b", "file"]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("policies/acme.html", "acme-0123abcd"),
        ("https://acme.example/legal/privacy-policy/", "privacy-policy-0123abcd"),
        ("https://acme.example/privacy?x=../..", "privacy-0123abcd"),
        ("https://acme.example", "acme-example-0123abcd"),
        ("-", "draft-0123abcd"),
        ("..", "draft-0123abcd"),
        ("Acme 2026.04.pdf", "Acme-2026-04-0123abcd"),
    ],
)
def test_the_default_folder_is_named_after_the_source_and_its_content(source: str, name: str) -> None:
    assert folder_name(source, "0123abcd" * 8) == name
