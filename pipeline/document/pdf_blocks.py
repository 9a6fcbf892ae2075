"""Lines and tables of a PDF to blocks: lines joined into paragraphs, headings by size, weight and number,
items by their marks.

A PDF has no paragraphs: it has lines at places. What follows decides, line by line, whether it goes on with
the one before.
"""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from pipeline.document.blocks import Block, Heading, Item, Paragraph
from pipeline.document.pdf_tables import Table, table_rows
from pipeline.document.pdf_text import BULLETS, Line, had_room
from pipeline.document.pdf_words import Joiner

_DASHES = "–—-*·"
_BULLET = re.compile(rf"[{BULLETS}{re.escape(_DASHES)}]\s+(?=\S)")
_MARK = re.compile(r"(?:\((?:[a-z]|[ivx]{1,5}|\d{1,2})\)|(?:[a-zA-Z]|[ivx]{1,5}|\d{1,2})[.)])\s+(?=\S)")
_NUMBER = re.compile(
    r"(?:(?:article|section|part|chapter|artikel|artículo|articolo|artigo|art\.|§)\s*)?"
    r"(?:(?P<digits>\d{1,2}(?:\.\d{1,2}){0,4})[.):]?|(?P<roman>[IVX]{1,6})[.):]|(?P<letter>[A-Z])[.)])\s+(?=\S)",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?:;。！？；：][\"'”’»)\]]*$")
_LONGEST_HEADING = 160
_LONGEST_NUMBERED_HEADING = 60
# A heading is larger than the body by this, as a share; a line differs in size from another by this, in points.
_LARGER = 1.1
_OTHER_SIZE = 0.6
_LOWEST_LEVEL = 6


def assemble(flow: list[Line | Table]) -> list[Block]:
    """The blocks of a document from its lines and tables in reading order, without headers and footers."""
    return _Assembly(flow).blocks()


@dataclass(slots=True)
class _Para:
    """Lines that belong together; ``item`` says that they are one of a list."""

    lines: list[Line]
    item: bool = False


@dataclass(frozen=True, slots=True)
class _Style:
    """What headings of one rank share; a larger one ranks higher."""

    size: float
    bold: bool


class _Assembly:
    """One document, and what is usual in it: size, leading and right margins of its body."""

    def __init__(self, flow: list[Line | Table]) -> None:
        self._flow = flow
        lines = [part for part in flow if isinstance(part, Line)]
        weights: Counter[float] = Counter()
        for line in lines:
            weights[line.size] += len(line.text)
        self._body = max(weights, key=lambda size: (weights[size], -size), default=10.0)
        bold = sum(len(line.text) for line in lines if line.bold)
        # Where most of the text is bold, weight says nothing.
        self._bold_tells = bold < sum(weights.values()) / 2
        self._leading = self._find_leading(lines)
        self._joiner = Joiner(lines)
        self._margins: dict[tuple[int, int], float] = {}
        for line in lines:
            column = _column(line)
            self._margins[column] = max(self._margins.get(column, 0.0), line.right)

    def _find_leading(self, lines: list[Line]) -> float:
        """The usual distance between baselines of the body, in points."""
        gaps = Counter(
            round((a.y - b.y) * 2) / 2
            for a, b in pairwise(lines)
            if a.page == b.page and a.size == b.size == self._body and 0 < a.y - b.y < 3 * self._body
        )
        return max(gaps, key=lambda gap: (gaps[gap], -gap), default=1.2 * self._body)

    def blocks(self) -> list[Block]:
        parts = self._parts()
        levels = self._levels([part for part in parts if isinstance(part, _Para)])
        out: list[Block] = []
        lefts: list[float] = []  # of the items that the current one is nested in
        for part in parts:
            if isinstance(part, _Para) and part.item and not self._is_heading(part.lines):
                depth = self._depth(part.lines[0].left, lefts)
                out.append(Item(_BULLET.sub("", self._joiner.join(part.lines), count=1), depth))
                continue
            lefts.clear()
            if not isinstance(part, _Para):
                out += table_rows(part)
            elif self._is_heading(part.lines):
                level = levels[_style(part), _numbering_depth(part.lines[0])]
                out.append(Heading(level, self._joiner.join(part.lines)))
            else:
                out.append(Paragraph(self._joiner.join(part.lines)))
        return out

    def _parts(self) -> list[_Para | list[Table]]:
        """Lines that belong together, and tables with nothing between them."""
        parts: list[_Para | list[Table]] = []
        for part in self._flow:
            previous = parts[-1] if parts else None
            if isinstance(part, Table):
                if isinstance(previous, list):
                    previous.append(part)
                else:
                    parts.append([part])
            elif isinstance(previous, _Para) and self._goes_on(previous, part):
                previous.lines.append(part)
            else:
                parts.append(_Para([part], item=_is_marked(part)))
        return parts

    def _goes_on(self, para: _Para, line: Line) -> bool:
        """Does ``line`` continue ``para``?"""
        first, last = para.lines[0], para.lines[-1]
        if abs(line.size - last.size) > _OTHER_SIZE:
            return False
        full = not self._had_room(last, line)
        if line.page != last.page or line.y > last.y + line.size:
            # Over the end of a page or column only a sentence that is not over goes on.
            ends = _ENDS.search(last.text) or self._is_heading(para.lines)
            return not (ends or _is_marked(line) or self._is_heading([line]))
        if last.y - line.y > self._leading * max(1.0, line.size / self._body) * 1.3 + 0.5:
            return False
        if _is_marked(line):
            # "2. " or "- " at the start of a line can be a number or a dash of the running text.
            lettered = para.item and _MARK.match(first.text)
            if not full or _is_bullet(line) or lettered or abs(line.left - last.left) > 4:
                return False
        return full or (not _ENDS.search(last.text) and line.text[:1].islower())

    def _had_room(self, last: Line, line: Line) -> bool:
        """Was there room after ``last`` for the first word of ``line``?"""
        return had_room(self._margins[_column(last)] - last.right, line.text, line.size)

    def _is_heading(self, lines: list[Line]) -> bool:
        text = " ".join(line.text for line in lines)
        if len(text) > _LONGEST_HEADING or not re.search(r"[^\W\d_]", text):
            return False
        if lines[0].bullet or _BULLET.match(text):
            return False
        size = lines[0].size
        bold = self._bold_tells and all(line.bold for line in lines)
        if size > self._body * _LARGER:
            return True
        if text[-1] in ".;,:":
            return bold and bool(_NUMBER.match(text)) and len(text) < _LONGEST_NUMBERED_HEADING
        if size < self._body - 1:
            return False
        return bold or (text.isupper() and len(text.split()) > 1)

    def _levels(self, paras: list[_Para]) -> dict[tuple[_Style, int], int]:
        """The level of every kind of heading: by style, the largest first, and within it by numbering."""
        kinds = {(_style(p), _numbering_depth(p.lines[0])) for p in paras if self._is_heading(p.lines)}
        ranked = sorted(kinds, key=lambda kind: (-kind[0].size, not kind[0].bold, kind[1]))
        return {kind: min(_LOWEST_LEVEL, level) for level, kind in enumerate(ranked, 1)}

    def _depth(self, left: float, lefts: list[float]) -> int:
        """How deep an item that begins at ``left`` is nested; ``lefts`` is brought up to it."""
        step = self._body * 0.5
        while lefts and left < lefts[-1] - step:
            lefts.pop()
        if not lefts or left > lefts[-1] + step:
            lefts.append(left)
        return len(lefts)


def _style(para: _Para) -> _Style:
    return _Style(para.lines[0].size, para.lines[0].bold)


def _column(line: Line) -> tuple[int, int]:
    """Page and place of the column that a line stands in; lines of one right margin, near enough."""
    return line.page, round(line.left / 100)


def _is_bullet(line: Line) -> bool:
    return line.bullet or (bool(_BULLET.match(line.text)) and line.text[0] not in _DASHES)


def _is_marked(line: Line) -> bool:
    return line.bullet or bool(_BULLET.match(line.text) or _MARK.match(line.text))


def _numbering_depth(line: Line) -> int:
    """0 without a number, 1 for ``1.``, ``I.`` and ``Article 5``, 2 for ``A.`` and ``1.1``, and so on."""
    found = _NUMBER.match(line.text)
    if not found:
        return 0
    if found["digits"]:
        return 1 + found["digits"].count(".")
    return 1 if found["roman"] and found["roman"].isupper() else 2
