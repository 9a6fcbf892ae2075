"""Tables of Markdown that read as tables in a terminal, and text that is nothing but text in them."""

import re
from collections.abc import Sequence

# An underscore within a word is none to Markdown.
_MARKUP = re.compile(r"([\\`*\[\]<>|#~]|(?<!\w)_|_(?!\w))")


def write_rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that reads as one in a terminal: the first column to the left, the others to the right."""
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if n else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join(padded)} |"

    rule = [("-" * (width - 1) + ":") if n else "-" * width for n, width in enumerate(widths)]
    return "\n".join([line(head), f"| {' | '.join(rule)} |", *map(line, rows)])


def plain_text(text: str) -> str:
    """Text on one line that is nothing but text in Markdown."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
