"""Lines of a terminal: indented, no wider than can be read, without the spaces that rich fills them up with."""

from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

# Beyond this a line is no longer read but searched.
_WIDEST = 120
_MARGIN = 2


def print_parts(parts: Iterable[RenderableType], console: Console) -> None:
    """Print one part after the other. Spaces at a line's end are noise in a file or a pipe and are left out."""
    options = console.options.update(width=min(console.width, _WIDEST), highlight=False)
    for part in parts:
        for segments in console.render_lines(part, options, pad=False):
            line = Text.assemble(*((segment.text, segment.style or "") for segment in segments))
            line.rstrip()
            console.print(line, no_wrap=True, overflow="ignore", crop=False, highlight=False)


def entry(first: RenderableType, *below: RenderableType) -> RenderableType:
    """One thing of a list: its first line, the rest below it, indented once more."""
    return indented(Group(first, *(indented(line) for line in below)))


def indented(content: RenderableType) -> RenderableType:
    """The same, a little to the right."""
    return Padding(content, (0, 0, 0, _MARGIN), expand=False)
