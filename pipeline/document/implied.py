"""Headings that are only set apart by looks: bold lines and numbered lines of documents that mark no headings.

Without them such a document would be one section. A document that marks headings is believed, and nothing is implied.
"""

import re
from dataclasses import dataclass

from pipeline.document.blocks import Block, Heading, Paragraph

_LONGEST = 120
_FEWEST = 2
_NUMBERED = re.compile(
    r"(?:(?:section|article|part)\s+)?([IVXLC]{1,6}|\d{1,2})(?:[.):]|\s[-–—])\s*(?=\S)", re.IGNORECASE
)
_SUBNUMBER = re.compile(r"\d{1,2}\.\d")
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


@dataclass(frozen=True, slots=True)
class Line:
    """A block, whether all its words are bold, and the number of lists it stands in."""

    block: Block
    is_bold: bool = False
    lists: int = 0


def imply_headings(lines: list[Line]) -> list[Block]:
    """The blocks of ``lines``; where at most a title is marked as heading, bold and numbered short lines become headings."""
    marked = [line.block for line in lines if isinstance(line.block, Heading)]
    if len(marked) > _FEWEST:
        return [line.block for line in lines]
    bold = {
        at
        for at, line in enumerate(lines)
        if line.is_bold and _could_head(line.block) and _is_followed(lines, at)
    }
    numbered = _numbered(lines)
    chosen = bold | numbered if len(bold | numbered) >= _FEWEST else set()
    return [
        Heading(_level(line.block.text, bool(numbered)), line.block.text.rstrip(" :"))
        if at in chosen and isinstance(line.block, Paragraph)
        else line.block
        for at, line in enumerate(lines)
    ]


def _could_head(block: Block) -> bool:
    if not isinstance(block, Paragraph):
        return False
    text = block.text
    return (
        len(text) <= _LONGEST and any(char.isalpha() for char in text) and not text.endswith((".", ";", ","))
    )


def _is_followed(lines: list[Line], at: int) -> bool:
    return at + 1 < len(lines)


def _numbered(lines: list[Line]) -> set[int]:
    """Short lines that count up from one, three of them at least: a single number is as often an address or a note."""
    found: list[int] = []
    for at, line in enumerate(lines):
        if _could_head(line.block) and isinstance(line.block, Paragraph):
            number = _NUMBERED.match(line.block.text)
            if number and not _SUBNUMBER.match(line.block.text) and _value(number[1]) == len(found) + 1:
                found.append(at)
    return set(found) if len(found) >= 3 else set()


def _level(text: str, has_numbers: bool) -> int:
    return 3 if has_numbers and (_SUBNUMBER.match(text) or not _NUMBERED.match(text)) else 2


def _value(number: str) -> int:
    if number.isdigit():
        return int(number)
    values = [_ROMAN[letter] for letter in number.upper()]
    return sum(
        -value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True)
    )
