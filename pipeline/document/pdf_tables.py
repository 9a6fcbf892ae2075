"""Ruled tables of a PDF page: the drawn lines give the cells, the characters' places say which cell they are
in.
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium

from pipeline.document.pdf_text import BROKEN_WORD, char_box

# Points: how thick a drawn rule may be, how short, and how far two rules may miss each other and still meet.
_THICKEST = 3.0
_SHORTEST = 6.0
_SLACK = 3.0
# A page drawn with more rules than this is a picture, not a table.
_MOST_RULES = 4_000


@dataclass(frozen=True, slots=True)
class _Rule:
    """A straight rule: at ``at`` on one axis, from ``low`` to ``high`` on the other."""

    at: float
    low: float
    high: float


@dataclass(slots=True)
class Table:
    """A table on one page. ``cells`` are its rows of ``(first column, text)``; ``taken`` the characters it
    holds.

    ``columns`` are the places of its upright rules, left to right; ``start`` is the index of its first
    character.
    """

    columns: tuple[float, ...]
    rows: list[list[tuple[int, str]]]
    taken: set[int]
    top: float
    start: int = field(init=False)

    def __post_init__(self) -> None:
        self.start = min(self.taken)


def find_tables(page: Any, textpage: Any, chars: list[str]) -> list[Table]:
    """The ruled tables of a page, each with at least two columns and some text."""
    level, upright = _rules(page)
    if not level or not upright:
        return []
    boxes: dict[int, tuple[float, float]] = {}
    for i, char in enumerate(chars):
        if char.strip() and char != BROKEN_WORD:
            left, bottom, right, top = char_box(textpage, i)
            boxes[i] = ((left + right) / 2, (bottom + top) / 2)
    tables = []
    for rules in _groups(level, upright):
        if table := _read_table(*rules, boxes, chars):
            tables.append(table)
    return tables


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
    level: list[_Rule], upright: list[_Rule], boxes: dict[int, tuple[float, float]], chars: list[str]
) -> Table | None:
    xs, ys = _places(upright), _places(level)[::-1]
    if len(xs) < 3 or len(ys) < 3:
        return None
    inside: dict[tuple[int, int], list[int]] = {}
    for i, (x, y) in boxes.items():
        if xs[0] <= x <= xs[-1] and ys[-1] <= y <= ys[0]:
            column = max(c for c, at in enumerate(xs[:-1]) if at <= x)
            row = max(r for r, at in enumerate(ys[:-1]) if at >= y)
            inside.setdefault((row, column), []).append(i)
    if not inside:
        return None
    # A missing rule between two cells makes them one: to the left for columns, upwards for rows.
    home: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            cell = (row, column)
            if column and not _ruled(upright, xs[column], ys[row + 1], ys[row]):
                cell = home[row, column - 1]
            elif row and not _ruled(level, ys[row], xs[column], xs[column + 1]):
                cell = home[row - 1, column]
            home[row, column] = cell
    texts: dict[tuple[int, int], list[int]] = {}
    for place, indices in inside.items():
        texts.setdefault(home[place], []).extend(indices)
    rows = []
    for row in range(len(ys) - 1):
        homes = dict.fromkeys(home[row, column] for column in range(len(xs) - 1))
        rows.append([(cell[1], _cell_text(sorted(texts.get(cell, [])), chars)) for cell in homes])
    taken = {i for indices in inside.values() for i in indices}
    return Table(tuple(xs), [row for row in rows if any(text for _, text in row)], taken, ys[0])


def _cell_text(indices: list[int], chars: list[str]) -> str:
    """The characters of a cell in order, with a space wherever PDFium put a space or a line end."""
    words: list[str] = []
    previous: int | None = None
    for i in indices:
        if previous is not None and i > previous + 1:
            words.append("" if BROKEN_WORD in chars[previous + 1 : i] else " ")
        words.append(chars[i])
        previous = i
    return "".join(words).strip()
