"""Text as Markdown that shows exactly that text: no part of it is markup, a link, HTML or a template.

Backslashes alone do not do. Several renderers look for bare addresses after they have resolved the escapes, so whatever
could be taken for an address becomes a code span; and a backslash before ``<`` means nothing to the oldest of them, so
HTML's own characters become entities.
"""

import re
from collections.abc import Iterable

# A run that may hold an address. None of its characters can end a code span, a table cell or an HTML attribute.
_RUN = re.compile(r"[^\s\\`*\[\]<>()|{}\"“”„«»]+")
_ADDRESS = re.compile(r"://|@|www\.|\w\.[a-z]{2}", re.IGNORECASE)
_AFTER = ".,;:!?'’"

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(r"[\\`*_{}\[\]|~^$=#&<>]|(?<=\{)%")
# What makes a heading, list, rule, quote, definition or container of a line that begins with it.
_OPENING = re.compile(r"[-+:%]|\d{1,9}(?=[.)])")


def write_text(text: str) -> str:
    """One line of text as Markdown, for any place but a code span; runs of spaces become one.

    ``text`` holds no line break (see ``shown``). Linear in its length.
    """
    text = " ".join(text.split(" ")).strip(" ")
    if not _ADDRESS.search(text):
        return _escape_opening(_escape(text))
    parts: list[str] = []
    end = 0
    for run in _RUN.finditer(text):
        if not _ADDRESS.search(run[0]):
            continue
        address = run[0].rstrip(_AFTER)
        parts += [_escape(text[end : run.start()]), f"`{address}`" if address else ""]
        end = run.start() + len(address)
    parts.append(_escape(text[end:]))
    return _escape_opening("".join(parts))


def write_code(text: str) -> str:
    """An id or a digest as a code span; as plain text when a character of it could end the span."""
    return f"`{text}`" if _RUN.fullmatch(text) else write_text(text)


def list_block(items: Iterable[str]) -> list[str]:
    """One block of list items, or no block when there are none."""
    block = "\n".join(items)
    return [block] if block else []


def indent(items: Iterable[str]) -> list[str]:
    """Items one level deeper in a list."""
    return [f"  {item}" for item in items]


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda match: _ENTITIES.get(match[0], "\\" + match[0]), text)


def _escape_opening(line: str) -> str:
    match = _OPENING.match(line)
    if match is None:
        return line
    if match[0].isascii() and match[0].isdigit():
        return f"{match[0]}\\{line[match.end() :]}"
    return "\\" + line
