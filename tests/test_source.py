"""Files and standard input: what they are, and one clear error for what cannot be read."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from pipeline.errors import SourceError
from pipeline.source.fetched import Fetched
from pipeline.source.limits import LIMITS, Limits
from pipeline.source.media import detect_media_type
from pipeline.source.reader import read_source

HTML = b"<!DOCTYPE html>\n<html><body><h1>Privacy</h1><p>We keep it short.</p></body></html>"
MARKDOWN = b"# Privacy\n\nWe keep **little** of [yours](https://example.org/).\n"
TEXT = b"Privacy policy\n\nWe keep little of yours.\n"


async def read(path: Path, **options: object) -> Fetched:
    return await read_source(str(path), **options)  # type: ignore[arg-type]


async def error_of(path: Path, **options: object) -> str:
    before = sorted(path.parent.iterdir()) if path.parent.exists() else []
    with pytest.raises(SourceError) as raised:
        await read(path, **options)
    message = str(raised.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert before == (sorted(path.parent.iterdir()) if path.parent.exists() else [])
    return message


async def test_file_is_known_by_its_base_name_and_digest(tmp_path: Path) -> None:
    path = tmp_path / "policy.html"
    path.write_bytes(HTML)
    fetched = await read(path)
    assert fetched.data == HTML
    assert fetched.source.name == "policy.html"
    assert (fetched.source.url, fetched.source.encoding, fetched.source.fetched_at) == (None, None, None)
    assert fetched.source.size == len(HTML)
    assert len(fetched.source.sha256) == 64
    assert fetched.captured_at is None


async def test_standard_input_is_read_and_told_by_content() -> None:
    for data, kind in ((HTML, "text/html"), (MARKDOWN, "text/markdown"), (TEXT, "text/plain")):
        fetched = await read_source("-", stdin=io.BytesIO(data))
        assert (fetched.source.name, fetched.source.media_type, fetched.data) == ("-", kind, data)


async def test_missing_file(tmp_path: Path) -> None:
    assert "There is no file" in await error_of(tmp_path / "nothing.txt")


async def test_folder(tmp_path: Path) -> None:
    assert "is a folder" in await error_of(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
async def test_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.txt"
    path.write_bytes(TEXT)
    path.chmod(0)
    assert "may not be read" in await error_of(path)


async def test_file_that_the_system_refuses_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, said in (
        (PermissionError(13, "denied"), "may not be read"),
        (OSError(5, "broken disk"), "broken disk"),
    ):

        def refuse(*_: object, error: OSError = error, **__: object) -> None:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(Path, "open", refuse)
            assert said in await error_of(tmp_path / "policy.txt")


async def test_impossible_names() -> None:
    for name in ("a\0b", "x" * 5_000, ""):
        with pytest.raises(SourceError):
            await read_source(name)


@pytest.mark.parametrize(
    "data", [b" \n\t\r\n", b"\xef\xbb\xbf\n", " \n".encode("utf-16")], ids=["ascii", "utf-8", "utf-16"]
)
async def test_blank_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "policy.txt"
    path.write_bytes(data)
    assert "blank" in await error_of(path)


async def test_empty_file_and_empty_input(tmp_path: Path) -> None:
    path = tmp_path / "policy.txt"
    path.touch()
    assert "policy.txt is empty" in await error_of(path)
    with pytest.raises(SourceError, match="Standard input is empty"):
        await read_source("-", stdin=io.BytesIO(b""))


@pytest.mark.parametrize("name", ["policy.txt", "policy.html", "policy", "policy.md"])
@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 20, b"\x89PNG\r\n\x1a\n" + b"\0" * 50, b"\x7fELF\x02\x01\x01" + b"\0" * 80]
)
async def test_binary_file(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert "binary" in await error_of(path)


async def test_too_large_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    class Counted(io.BytesIO):
        given = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            self.given += len(data)
            return data

    stream = Counted(b"word " * 1_000)
    with pytest.raises(SourceError, match="Standard input is larger than 1 kB"):
        await read_source("-", stdin=stream, limits=Limits(size=1_000))
    assert stream.given == 1_001
    path = tmp_path / "policy.txt"
    path.write_bytes(b"word " * 201)
    assert "larger than" in await error_of(path, limits=Limits(size=1_000))


async def test_file_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.txt"
    path.write_bytes(b"word " * 200)
    assert (await read(path, limits=Limits(size=1_000))).source.size == 1_000


def test_the_limit_is_twenty_megabytes() -> None:
    assert LIMITS.size == 20_000_000


async def test_zip_that_is_no_docx(tmp_path: Path) -> None:
    path = tmp_path / "policy.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("policy.txt", TEXT)
    assert "not a DOCX" in await error_of(path)


async def test_formats_of_office_that_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.doc"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert "password-protected" in await error_of(path)
    path.write_bytes(b"{\\rtf1\\ansi Privacy policy}")
    assert "RTF" in await error_of(path)


@pytest.mark.parametrize(
    "source", ["ftp://example.org/p.html", "file:///etc/passwd", "gopher://example.org/"]
)
async def test_only_http_addresses_are_fetched(source: str) -> None:
    with pytest.raises(SourceError, match="not fetched"):
        await read_source(source)


@pytest.mark.parametrize(
    ("data", "name", "declared", "kind"),
    [
        (HTML, "a.html", None, "text/html"),
        (HTML, "a.txt", None, "text/html"),
        (HTML, "a", "text/plain", "text/html"),
        (b"<p>One</p><p>Two</p><p>Three</p>", "a", None, "text/html"),
        (b"Plain < words", "a.htm", None, "text/html"),
        (MARKDOWN, "a.md", None, "text/markdown"),
        (MARKDOWN, "a", "text/markdown", "text/markdown"),
        (MARKDOWN, "a.txt", None, "text/markdown"),
        (b"Acme\n\n# Data\n\nWe keep it.\n\n## Yours\n\nOurs.\n", "a.txt", None, "text/markdown"),
        (b"We keep **it**.\n\nSee [this](x).\n", "a.txt", None, "text/markdown"),
        (b"Privacy policy\n\nCall us:\n# 1 for sales\n# 2 for help\n", "a.txt", None, "text/plain"),
        (b"# Copyright Acme\n# All rights reserved\n\nWe keep it.\n", "a.txt", None, "text/plain"),
        (b"Privacy policy\n==============\n\nWe keep it.\n", "a.txt", None, "text/plain"),
        (b"Privacy policy\n\nThis is **bold**, and 2 * 3 * 4 = 24.\n", "a.txt", None, "text/plain"),
        (MARKDOWN, "a", "text/plain; charset=utf-8", "text/markdown"),
        (b"Privacy\n=======\n\nSee [this](x).\n", "a", None, "text/markdown"),
        (b"<div align=center>\n\n# Privacy\n\n</div>\n", "a.md", None, "text/markdown"),
        (TEXT, "a.txt", None, "text/plain"),
        (TEXT, "a", "text/html", "text/plain"),
        (TEXT, "a.php", "application/octet-stream", "text/plain"),
        (TEXT.replace(b"keep", b"ke\0ep"), "a.txt", None, "text/plain"),
        (b"%PDF-1.7\n...", "a", "text/html", "application/pdf"),
        (b"\n%PDF-1.7\n...", "a.pdf", None, "application/pdf"),
        ("Politique de confidentialité".encode("utf-16"), "a", None, "text/plain"),
        ("Privacy policy".encode("utf-16-le"), "a", None, "text/plain"),
        ("<html><p>Datenschutz</p></html>".encode("utf-16"), "a", None, "text/html"),
    ],
)
def test_media_type_is_told_by_content_name_and_declaration(
    data: bytes, name: str, declared: str | None, kind: str
) -> None:
    assert detect_media_type(data, name=name, declared=declared) == kind


@pytest.mark.parametrize("name", ["a.pdf", "a.docx"])
def test_name_that_promises_another_format_is_an_error(name: str) -> None:
    with pytest.raises(SourceError, match="no such document"):
        detect_media_type(HTML, name=name)
