"""Blocks: the one form in which every format reader hands over what a document holds, in reading order."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 6."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text, to be split into sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A list item, or a term with its definition (``Term: definition``). ``depth`` is 1 at the top of its list."""

    text: str
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A table row as ``(header, cell)`` pairs; the header is empty where the table has none.

    A list inside a cell arrives joined by ``"; "``; a cell that spans rows is repeated in each of them.
    """

    cells: tuple[tuple[str, str], ...]


Block = Heading | Paragraph | Item | Row


@dataclass(slots=True)
class Blocks:
    """What a format reader found.

    ``hidden`` holds ``(text, reason)`` of what a reader of the page would not see. ``meta`` holds what the format says about
    itself, by these names where known: ``title``, ``language``, ``site_name``, ``published``, ``modified``, ``captured``.
    ``source_chars`` counts the visible characters that the source held, to tell "little extracted from much". ``buttons`` holds what
    stands on the page's buttons, which is no part of its text and tells a banner or a login from a document.
    """

    blocks: list[Block] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    source_chars: int = 0
    buttons: list[str] = field(default_factory=list)
