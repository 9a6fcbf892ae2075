"""Tables of Markdown that read as tables in a terminal, and text that is nothing but text in them."""

import re
from collections.abc import Sequence
from textwrap import wrap

# An underscore within a word is none to Markdown.
_STYLES = {
    r"(?m)^#+ .*$": "bold",
    r"(?<=\| )fails(?= +\|)|\bfails(?= as it should)": "bright_black",
    r"(?m)\bFAILS\b|\bFAILED\b|\*\*not met\*\*|^- failed\b": "red",
    r"\*\*met\*\*": "green",
}
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


def fold_line(line: str, width: int) -> list[str]:
    """A line of prose in lines of at most this many characters where words allow it, a list's with their indent; a table's stays whole."""
    if line.startswith("|") or not line.strip():
        return [line]
    indent = "  " if line.startswith(("- ", "  ")) else ""
    begins = "  " if line.startswith("  ") else ""
    text = line.removeprefix(begins)
    return wrap(
        text,
        width,
        initial_indent=begins,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def print_report(text: str) -> None:
    """Print Markdown as it is; on a terminal in its width, and what did not go well in colour, what failed as it should in grey."""
    from rich.console import Console
    from rich.text import Text

    console = Console()
    if console.is_terminal:
        text = "\n".join(part for line in text.split("\n") for part in fold_line(line, console.width))
    shown = Text(text)
    for pattern, style in _STYLES.items():
        shown.highlight_regex(pattern, style)
    # A table that is wider than the terminal would be none if its lines were broken by words.
    console.print(shown, soft_wrap=True)
