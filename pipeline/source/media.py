"""What kind of document some bytes are: by magic number, then by name and declaration, then by content."""

import re
from itertools import islice
from pathlib import PurePosixPath

from pipeline.errors import SourceError
from schemas.document import MediaType

_BY_SUFFIX: dict[str, MediaType] = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
    ".text": "text/plain",
    ".pdf": "application/pdf",
    ".docx": "application/docx",
}
_BY_DECLARATION: dict[str, MediaType] = {
    "text/html": "text/html",
    "application/xhtml+xml": "text/html",
    "text/markdown": "text/markdown",
    "text/x-markdown": "text/markdown",
    "application/pdf": "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "application/docx",
}
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")

# Looked at to tell one kind of text from another; the whole file is never needed for that.
_HEAD = 65_536
# Share of control bytes above which bytes are no text. Stray ones (a NUL, a form feed) are common in real
# captures.
_BINARY_SHARE = 0.02

_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\v\f\r\x1b") + b"\x7f"
_STARTS_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|meta|title|div|main|article|section|header|nav|p|h[1-6]|table|ul|ol|script|style|link)\b",
    re.IGNORECASE | re.DOTALL,
)
_BLOCK_CLOSINGS = re.compile(rb"</(?:p|div|h[1-6]|li|td|tr|table|section|article|body)\s*>", re.IGNORECASE)
_ANY_TAG = re.compile(rb"<[a-zA-Z!/]")
# Not where the next line has the same mark: those are lines of a comment, or of an ornament.
_MARKDOWN_HEADING = re.compile(rb"^(#{1,6}) +\S.*(?:\n(?!\1 )|\Z)", re.MULTILINE)
_MARKDOWN_SIGNS = (
    _MARKDOWN_HEADING,
    re.compile(rb"^[^\s|>*#-].*\n(?:={3,}|-{3,})[ \t]*$", re.MULTILINE),
    re.compile(rb"\[[^\]\n]{1,200}\]\([^)\s]+\)"),
    re.compile(rb"\*\*[^*\n]{1,200}\*\*"),
    re.compile(rb"^\|.*\|[ \t]*\n\|[ :|-]+\|", re.MULTILINE),
)


def detect_media_type(data: bytes, *, name: str, declared: str | None = None) -> MediaType:
    """The media type of ``data``.

    ``name`` is a file name or a URL's path, whose ending is a hint; ``declared`` is a Content-Type header.
    Content has the last word: a page saved as ``.txt`` is still HTML. Raises SourceError for bytes of no kind
    that is read here.
    """
    suffix = PurePosixPath(name).suffix.lower()
    hint = _BY_DECLARATION.get((declared or "").split(";")[0].strip().lower())
    named = _BY_SUFFIX.get(suffix)

    if data.lstrip()[:5] == b"%PDF-":
        return "application/pdf"
    if data.startswith(_ZIP):
        # Member names stand uncompressed in a ZIP file, so it need not be opened to tell.
        if b"[Content_Types].xml" in data and b"word/" in data:
            return "application/docx"
        raise SourceError(f"{name} is a ZIP file and not a DOCX document; unpack it and give one document.")
    if data.startswith(_OLE):
        raise SourceError(
            f"{name} is an old or password-protected Office file; save it as an unprotected DOCX or PDF."
        )
    if data.startswith(b"{\\rtf"):
        raise SourceError(f"{name} is an RTF file, which is not read; save it as DOCX, PDF or text.")
    if b"%PDF-" in data[:1024] and "application/pdf" in (named, hint):
        return "application/pdf"
    if _is_binary(data, declared):
        raise SourceError(f"{name} is binary data; give HTML, Markdown, text, PDF or DOCX.")
    if named in ("application/pdf", "application/docx"):
        raise SourceError(f"{name} is named {suffix} and is no such document; check that it was saved whole.")
    return _text_type(data, named, hint)


def _text_type(data: bytes, named: MediaType | None, hint: MediaType | None) -> MediaType:
    # Without its NULs, UTF-16 of ASCII characters reads as ASCII, which is enough to see marks.
    head = data[:_HEAD].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\r\n", b"\n")
    if _STARTS_HTML.match(head):
        return "text/markdown" if named == "text/markdown" else "text/html"
    if named in ("text/html", "text/markdown"):
        return named
    if hint == "text/markdown" or (hint == "text/html" and _ANY_TAG.search(head)):
        return hint
    # From here on the name says nothing: text that was pasted into a ``.txt`` file is what it was before.
    if _has_markdown(head):
        return "text/markdown"
    return "text/html" if len(_BLOCK_CLOSINGS.findall(head)) >= 3 else "text/plain"


def _has_markdown(head: bytes) -> bool:
    """Whether a text opens with a Markdown heading, has two of them, or marks of two kinds; one alone may be an accident."""
    headings = len(list(islice(_MARKDOWN_HEADING.finditer(head), 2)))
    return (
        headings == 2
        or bool(_MARKDOWN_HEADING.match(head.lstrip()))
        or sum(1 for sign in _MARKDOWN_SIGNS if sign.search(head)) >= 2
    )


def _is_binary(data: bytes, declared: str | None) -> bool:
    head = data[:_HEAD]
    if head.startswith(_WIDE_BOMS) or "utf-16" in (declared or "").lower() or looks_like_utf16(head):
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > max(1, len(head) * _BINARY_SHARE)


def looks_like_utf16(data: bytes) -> str | None:
    """``utf-16-le`` or ``utf-16-be`` when every second byte is mostly NUL, as in UTF-16 without its mark;
    else None.
    """
    even, odd = data[0:_HEAD:2], data[1:_HEAD:2]
    if not odd:
        return None
    even_share, odd_share = even.count(0) / len(even), odd.count(0) / len(odd)
    if odd_share > 0.5 and even_share < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even_share > 0.5 and odd_share < 0.05 else None
