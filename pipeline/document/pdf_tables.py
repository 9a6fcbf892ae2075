"""Ruled tables of a PDF page: the drawn lines give the cells, the characters' places say which cell they are
in.
"""

import ctypes
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

from pipeline.document.blocks import Row
from pipeline.document.pdf_text import BROKEN_WORD, BULLETS, Box, PageText, had_room

# Points: how thick a drawn rule may be, how short, and how far two rules may miss each other and still meet.
_THICKEST = 3.0
_SHORTEST = 6.0
_SLACK = 3.0
# A page drawn with more rules than this is a picture, not a table.
_MOST_RULES = 4_000
_LONGEST_HEADER = 80


@dataclass(frozen=True, slots=True)
class _Rule:
    """A straight rule: at ``at`` on one axis, from ``low`` to ``high`` on the other."""

    at: float
    low: float
    high: float


@dataclass(slots=True)
class Table:
    """A table on one page. ``rows`` are of ``(first column, text)``; ``taken`` are the characters it holds.

    ``columns`` are the places of its upright rules, left to right; ``start`` is the index of its first character.
    It ``opens_above`` or ``opens_below`` where a row is not closed, because it goes on over the page.
    """

    columns: tuple[float, ...]
    rows: list[list[tuple[int, str]]]
    taken: set[int]
    opens_above: bool
    opens_below: bool
    start: int = field(init=False)

    def __post_init__(self) -> None:
        self.start = min(self.taken)


def find_tables(page: Any, text: PageText) -> list[Table]:
    """The ruled tables of a page, each with at least two columns and some text."""
    level, upright = _rules(page)
    if not level or not upright:
        return []
    boxes = {i: text.box(i) for i in range(len(text.chars)) if text.is_ink(i)}
    tables = (_read_table(*rules, text, boxes) for rules in _groups(level, upright))
    return [table for table in tables if table]


def table_rows(parts: Sequence[Table]) -> list[Row]:
    """The rows of tables that follow each other with nothing between.

    A table that goes on over a page keeps the header of its first part, and a row that does is made whole.
    """
    out: list[Row] = []
    before: Table | None = None
    headers: dict[int, str] = {}
    last: list[tuple[int, str]] = []
    for table in parts:
        rows = table.rows
        if before and _same_columns(before, table):
            if dict(rows[0]) == headers:
                rows = rows[1:]
            elif before.opens_below and table.opens_above:
                rows = [_joined(last, rows[0]), *rows[1:]]
                out.pop()
        else:
            headers = _headers(rows)
            rows = rows[1:] if headers else rows
        out += [_row(row, headers) for row in rows]
        before, last = table, rows[-1] if rows else []
    return out


def _same_columns(first: Table, second: Table) -> bool:
    pairs = zip(first.columns, second.columns, strict=False)
    return len(first.columns) == len(second.columns) and all(abs(a - b) <= 2 * _SLACK for a, b in pairs)


def _headers(rows: list[list[tuple[int, str]]]) -> dict[int, str]:
    """The first row by column, if it labels every column and there are others for it to head."""
    first = dict(rows[0])
    labels = all(text and len(text) <= _LONGEST_HEADER for text in first.values())
    return first if labels and len(rows) > 1 and len(first) > 1 else {}


def _joined(upper: list[tuple[int, str]], lower: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """One row of its two parts on either side of a page's end."""
    rest = dict(lower)
    row = [(column, f"{text} {rest.pop(column, '')}".strip()) for column, text in upper]
    return sorted(row + list(rest.items()))


def _row(cells: list[tuple[int, str]], headers: dict[int, str]) -> Row:
    if len(cells) == 1:  # a cell over all columns is under none of the headers
        return Row((("", cells[0][1]),))
    return Row(tuple((headers.get(column, ""), text) for column, text in cells if text))


def _rules(page: Any) -> tuple[list[_Rule], list[_Rule]]:
    level: list[_Rule] = []
    upright: list[_Rule] = []
    for drawn in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_PATH,), max_depth=2):
        for (x0, y0), (x1, y1) in _strokes(drawn):
            if abs(y1 - y0) <= _THICKEST and abs(x1 - x0) >= _SHORTEST:
                level.append(_Rule((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
            elif abs(x1 - x0) <= _THICKEST and abs(y1 - y0) >= _SHORTEST:
                upright.append(_Rule((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
        if len(level) + len(upright) > _MOST_RULES:
            return [], []
    return level, upright


def _strokes(drawn: Any) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """The straight lines of a path, in page coordinates. A thin filled bar counts as the line that it looks
    like.
    """
    matrix = drawn.get_matrix()
    points: list[tuple[float, float]] = []
    start: tuple[float, float] | None = None
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(min(pdfium.FPDFPath_CountSegments(drawn), _MOST_RULES)):
        segment = pdfium.FPDFPath_GetPathSegment(drawn, index)
        if not pdfium.FPDFPathSegment_GetPoint(segment, x, y):
            continue
        point = matrix.on_point(x.value, y.value)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = point
        elif points and kind == pdfium.FPDF_SEGMENT_LINETO:
            yield points[-1], point
        points.append(point)
        if pdfium.FPDFPathSegment_GetClose(segment) and start:
            yield point, start


def _groups(level: list[_Rule], upright: list[_Rule]) -> Iterator[tuple[list[_Rule], list[_Rule]]]:
    """Rules that meet, directly or over others: each group is one table, or a box."""
    parent = list(range(len(level) + len(upright)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, flat in enumerate(level):
        for j, tall in enumerate(upright, len(level)):
            meets = flat.low - _SLACK <= tall.at <= flat.high + _SLACK
            if meets and tall.low - _SLACK <= flat.at <= tall.high + _SLACK:
                parent[root(i)] = root(j)
    groups: dict[int, tuple[list[_Rule], list[_Rule]]] = {}
    for i, rule in enumerate(level + upright):
        groups.setdefault(root(i), ([], []))[i >= len(level)].append(rule)
    yield from sorted(groups.values(), key=lambda group: -max((r.at for r in group[0]), default=0.0))


def _places(rules: list[_Rule]) -> list[float]:
    places: list[float] = []
    for at in sorted(rule.at for rule in rules):
        if not places or at - places[-1] > _SLACK:
            places.append(at)
    return places


def _ruled(rules: list[_Rule], at: float, low: float, high: float) -> bool:
    """Is there a rule at ``at`` over the middle of ``low`` to ``high``?"""
    middle = (low + high) / 2
    return any(abs(rule.at - at) <= _SLACK and rule.low <= middle <= rule.high for rule in rules)


def _read_table(
    level: list[_Rule], upright: list[_Rule], text: PageText, boxes: dict[int, Box]
) -> Table | None:
    if not level or not upright:
        return None
    xs, ys = _places(upright), _places(level)[::-1]
    # Upright rules that go on where no level rule closes them belong to a row that goes on over the page.
    high, low = max(rule.high for rule in upright), min(rule.low for rule in upright)
    opens_above, opens_below = high - ys[0] > 2 * _SLACK, ys[-1] - low > 2 * _SLACK
    ys = [high] * opens_above + ys + [low] * opens_below
    if len(xs) < 3 or len(ys) < (2 if opens_above or opens_below else 3):
        return None
    inside: dict[tuple[int, int], list[int]] = {}
    for i, box in boxes.items():
        x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        if xs[0] <= x <= xs[-1] and ys[-1] <= y <= ys[0]:
            # The last upright rule to the left of the character, and the last level rule above it.
            column = bisect_right(xs, x, hi=len(xs) - 1) - 1
            row = bisect_right(ys, -y, hi=len(ys) - 1, key=lambda at: -at) - 1
            inside.setdefault((row, column), []).append(i)
    if not inside:
        return None
    home = _homes(level, upright, xs, ys)
    held: dict[tuple[int, int], list[int]] = {}
    for place, indices in inside.items():
        held.setdefault(home[place], []).extend(indices)
    rows = []
    for row in range(len(ys) - 1):
        rights = {home[row, column]: xs[column + 1] for column in range(len(xs) - 1)}
        cells = [
            (cell[1], _cell_text(sorted(held.get(cell, [])), text, boxes, right))
            for cell, right in rights.items()
        ]
        if any(words for _, words in cells):
            rows.append(cells)
    taken = {i for indices in inside.values() for i in indices}
    return Table(tuple(xs), rows, taken, opens_above, opens_below)


def _homes(
    level: list[_Rule], upright: list[_Rule], xs: list[float], ys: list[float]
) -> dict[tuple[int, int], tuple[int, int]]:
    """The cell that each place of the grid belongs to.

    A missing rule between two places makes them one cell: to the left for columns, upwards for rows.
    """
    home: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            cell = (row, column)
            if column and not _ruled(upright, xs[column], ys[row + 1], ys[row]):
                cell = home[row, column - 1]
            elif row and not _ruled(level, ys[row], xs[column], xs[column + 1]):
                cell = home[row - 1, column]
            home[row, column] = cell
    return home


def _cell_text(indices: list[int], text: PageText, boxes: dict[int, Box], right: float) -> str:
    """The words of a cell that ends at ``right``, with the items of a list in it joined by ``"; "``.

    A list has bullets, or lines that were ended although the next word had room.
    """
    out, end, bullet = "", right, False
    for line in _cell_lines(indices, text):
        words = _line_text(line, text.chars)
        bullet = bullet or words[0] in BULLETS or text.has_dot_before(line[0])
        words = words.lstrip(BULLETS + " ")
        if not words:  # the bullet stands on a line of its own
            continue
        ended = out[-1:].isalnum() and had_room(right - end, words, text.size(line[0]))
        if out and (bullet or ended) and out[-1] != ":":
            out = out.rstrip(";,") + ";"
        out += " " + words
        end, bullet = boxes[line[-1]].right, False
    return out.strip()


def _cell_lines(indices: list[int], text: PageText) -> Iterator[list[int]]:
    line: list[int] = []
    for i in indices:
        if line and any(char in ("\r", "\n") for char in text.chars[line[-1] + 1 : i]):
            yield line
            line = []
        line.append(i)
    if line:
        yield line


def _line_text(line: list[int], chars: list[str]) -> str:
    """The characters of a line, with a space wherever PDFium put one, and broken words made whole."""
    text = chars[line[0]]
    for previous, i in pairwise(line):
        between = "".join(chars[previous + 1 : i])
        text += (" " if between and BROKEN_WORD not in between else "") + chars[i]
    return text
