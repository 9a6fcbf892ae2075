"""Writing a gold file: YAML that people go on with, its comments kept beside what they are about.

YAML writers drop comments, so that the lines are put together here; each value is written by the YAML library, which knows when to quote.
"""

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Any, NamedTuple

import yaml

_WIDTH = 130
# Texts with more characters than this have a line each.
_SHORT_LIST = 90


class Entry(NamedTuple):
    """An entry of a list: its keys and values, with comments for the reader below the first."""

    fields: Mapping[str, Any]
    comments: Sequence[str] = ()


def write_section(key: str, entries: Sequence[Entry], comments: Sequence[str] = (), indent: int = 0) -> str:
    """A key with its entries, one blank line between two; ``[]`` when there is none."""
    lines = list(_comments(comments, indent))
    if not entries:
        return "\n".join([*lines, f"{' ' * indent}{key}: []"])
    lines.append(f"{' ' * indent}{key}:")
    lines.append("\n\n".join(_entry(entry, indent + 2) for entry in entries))
    return "\n".join(lines)


def write_field(key: str, value: Any, comments: Sequence[str] = (), indent: int = 0) -> str:
    """A key with a value: a text, a date, a list of texts, or a mapping of such."""
    return "\n".join([*_comments(comments, indent), *_field(key, value, indent)])


def on_one_line(text: str) -> str:
    """Text as YAML and a gold file's schema take it in a comment or a value: one line, without what cannot be printed."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _entry(entry: Entry, indent: int) -> str:
    (first, value), *rest = entry.fields.items()
    lines = _field(first, value, indent + 2)
    lines[0] = f"{' ' * indent}- {lines[0].lstrip()}"
    lines += _comments(entry.comments, indent + 2)
    lines += [line for key, value in rest for line in _field(key, value, indent + 2)]
    return "\n".join(lines)


def _comments(comments: Iterable[str], indent: int) -> list[str]:
    return [
        f"{' ' * indent}# {line}"
        for comment in comments
        for line in wrap(on_one_line(comment), _WIDTH - indent, break_on_hyphens=False) or [""]
    ]


def _field(key: str, value: Any, indent: int) -> list[str]:
    texts = value if isinstance(value, list) else ()
    prose = [text for text in texts if isinstance(text, str) and " " in text]
    in_brackets = isinstance(value, list) and sum(map(len, prose)) <= _SHORT_LIST
    text = yaml.safe_dump(
        {key: value},
        allow_unicode=True,
        sort_keys=False,
        width=_WIDTH - indent,
        # None: the innermost lists in brackets, all else on lines of its own.
        default_flow_style=None if in_brackets else False,
    )
    return [" " * indent + line if line else "" for line in text.rstrip("\n").split("\n")]
