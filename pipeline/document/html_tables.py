"""Tables of a page: which hold data and which only lay out, and rows with their headers from the cells.

Captures often have an empty header row and the real header as bold text in the first body row; a header cell may span
columns and a cell may span rows. A row must keep together what belongs together, so each cell gets its header.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.document.blocks import Row
from pipeline.document.html_tree import Tree, Weights

_MOST_COLUMNS = 100
_LONGEST_HEADER = 300
_LONGEST_SUBHEADER = 60
# Text that spanning cells may repeat; beyond it a cell stands in its first row alone.
_MOST_REPEATED_CHARS = 500_000
_SENTENCE_END = (".", "!", "?", ":", ";", ",")


@dataclass(slots=True)
class Cell:
    """One cell as the page has it. ``is_heading`` is for ``th``, ``is_bold`` when all its text is."""

    text: str
    is_heading: bool = False
    is_bold: bool = False
    colspan: int = 1
    rowspan: int = 1
    for_row: bool = False


@dataclass(slots=True)
class Table:
    """The rows of a table while it is read; ``in_head`` has the numbers of those in ``thead``."""

    rows: list[list[Cell]] = field(default_factory=list)
    in_head: set[int] = field(default_factory=set)


def span_of(value: str, most: int) -> int:
    """A ``colspan`` or ``rowspan`` as a number from 1 to ``most``; 0 means "to the end" and what is no number means 1."""
    digits = value.strip()[:6]
    if not digits.isascii() or not digits.isdigit():
        return 1
    return most if int(digits) == 0 else min(most, int(digits))


def join_cell(parts: Sequence[tuple[int, str]]) -> str:
    """The paragraphs and items of a cell as one text, from each with the number of lists it stands in.

    ``"; "`` stands between them where no punctuation ends the one before. What leads a list in has a colon before the list, whose
    items then have commas between them (``Name; Email: work, home``).
    """
    text = ""
    before = 0
    between: dict[int, str] = {}
    for depth, part in parts:
        if text:
            is_ended = text.endswith(_SENTENCE_END)
            if depth > before:
                between[depth] = "; " if is_ended and depth == 1 else ", "
                text += " " if is_ended else ": "
            else:
                text += " " if is_ended else between.get(depth, "; ") if depth == before else "; "
        text += part
        before = depth
    return text


def is_layout(tree: Tree, table: int, weights: Weights) -> bool:
    """Whether a ``table`` element only arranges boxes on the page."""
    role = tree.attributes[table].get("role", "").lower()
    if role in ("presentation", "none"):
        return True
    if role in ("table", "grid", "treegrid"):
        return False
    widest = most = rows = 0
    has_heading_cell = False
    for row in _rows_of(tree, table):
        rows += 1
        cells = [cell for cell in tree.children(row) if tree.tags[cell] in ("td", "th")]
        has_heading_cell = has_heading_cell or any(tree.tags[cell] == "th" for cell in cells)
        filled = [weights.text(cell) for cell in cells if weights.text(cell)]
        widest = max(widest, len(filled))
        most = max([most, *filled])
    if widest < 2:
        return True
    if has_heading_cell:
        return False
    has_sections = any(
        tree.holds(row, ("h1", "h2", "h3", "table", "main", "article")) for row in _rows_of(tree, table)
    )
    return (has_sections and most * 2 > weights.text(table)) or (rows == 1 and most > 400)


def _rows_of(tree: Tree, table: int) -> list[int]:
    rows = []
    for child in tree.children(table):
        if tree.tags[child] == "tr":
            rows.append(child)
        elif tree.tags[child] in ("thead", "tbody", "tfoot"):
            rows += [row for row in tree.children(child) if tree.tags[row] == "tr"]
    return rows


def make_rows(table: Table) -> list[Row]:
    """The data rows of ``table``, each cell with its header; a row whose cell is as wide as the table stands alone."""
    _mend_header(table)
    grid = [
        (number, row) for number, row in enumerate(_fill(table.rows)) if any(cell.text for _, cell in row)
    ]
    width = max((columns.stop for _, row in grid for columns, _ in row), default=0)
    count = _count_header_rows(grid, table.in_head)
    headers: dict[int, str] = {}
    for _, row in grid[:count]:
        for columns, cell in row:
            for column in columns:
                above = headers.get(column, "")
                headers[column] = (
                    f"{above} / {cell.text}" if above and cell.text not in ("", above) else above or cell.text
                )
    if count == len(grid):
        # A table of headings alone has no rows to name: they are its rows.
        headers, count = {}, 0
    return [_row(row, headers, width) for _, row in grid[count:]]


def _mend_header(table: Table) -> None:
    """Put back the spans of a header in two lines, which editors and archives lose: the last of its first line spans the second.

    Without them the second line would read as data, and the columns after it would have no header or a wrong one.
    """
    if len(table.rows) < 3 or any(
        cell.colspan > 1 or cell.rowspan > 1 for row in table.rows[:2] for cell in row
    ):
        return
    first, second = (_without_empty_end(row) for row in table.rows[:2])
    width = max(sum(cell.colspan for cell in row) for row in table.rows[2:])
    if not 1 < len(second) < width or len(first) - 1 + len(second) != width or len(first) < 2:
        return
    if not (0 in table.in_head or all(cell.is_heading or cell.is_bold for cell in first)):
        return
    if not all(0 < len(cell.text) <= _LONGEST_SUBHEADER for cell in second):
        return
    for cell in first[:-1]:
        cell.rowspan = 2
    first[-1].colspan = len(second)
    table.rows[:2] = [first, second]
    table.in_head |= {0, 1}


def _without_empty_end(row: list[Cell]) -> list[Cell]:
    end = len(row)
    while end and not row[end - 1].text:
        end -= 1
    return row[:end]


_GridRow = list[tuple[range, Cell]]


def _fill(rows: list[list[Cell]]) -> list[_GridRow]:
    """Each row with the columns of its cells, those that reach down from above among them."""
    repeated = 0
    reaching: dict[int, tuple[range, Cell, int]] = {}
    filled: list[_GridRow] = []
    for row in rows:
        line: _GridRow = []
        column = 0
        cells = iter(row)
        still: dict[int, tuple[range, Cell, int]] = {}
        cell = next(cells, None)
        while cell is not None or column in reaching or any(start > column for start in reaching):
            if column in reaching:
                columns, above, left = reaching.pop(column)
                repeated += len(above.text)
                line.append((columns, above if repeated <= _MOST_REPEATED_CHARS else Cell("")))
                if left > 1:
                    still[column] = (columns, above, left - 1)
                column = columns.stop
            elif cell is not None and column < _MOST_COLUMNS:
                stop = column + 1
                while stop < column + cell.colspan and stop not in reaching:
                    stop += 1
                line.append((range(column, stop), cell))
                if cell.rowspan > 1:
                    still[column] = (range(column, stop), cell, cell.rowspan - 1)
                column = stop
                cell = next(cells, None)
            elif cell is not None:
                # Wider than any table: the text stays, in the last column.
                columns, last = line[-1]
                rest = [last.text, cell.text, *(c.text for c in cells)]
                line[-1] = (columns, Cell(join_cell([(0, text) for text in rest if text])))
                cell = None
            else:
                column += 1
        reaching = still
        filled.append(line)
    return filled


def _count_header_rows(grid: list[tuple[int, _GridRow]], in_head: set[int]) -> int:
    count = 0
    for number, row in grid:
        cells = [cell for _, cell in row if cell.text]
        is_header = number in in_head or all(cell.is_heading and not cell.for_row for cell in cells)
        # One heading cell beside empty ones names its row; one across the table names what follows.
        if (
            not is_header
            or (len(cells) == 1 and number not in in_head)
            or any(len(c.text) > _LONGEST_HEADER for c in cells)
        ):
            break
        count += 1
    if count or len(grid) < 2:
        return count
    first = [cell for _, cell in grid[0][1] if cell.text]
    if len(first) < 2 or not all(cell.is_bold or cell.is_heading for cell in first):
        return 0
    if any(len(cell.text) > _LONGEST_HEADER for cell in first):
        return 0
    # Where everything is bold, bold says nothing.
    return int(not all(cell.is_bold for _, row in grid[1:] for _, cell in row if cell.text))


def _row(row: _GridRow, headers: dict[int, str], width: int) -> Row:
    filled = [(columns, cell) for columns, cell in row if cell.text]
    if len(filled) == 1 and len(filled[0][0]) == width:
        return Row((("", filled[0][1].text),))
    first = filled[0][1]
    if (
        not headers
        and first.is_heading
        and len(filled) > 1
        and not any(cell.is_heading for _, cell in filled[1:])
    ):
        return Row(tuple((first.text, cell.text) for _, cell in filled[1:]))
    return Row(tuple((_header(headers, columns), cell.text) for columns, cell in filled))


def _header(headers: dict[int, str], columns: range) -> str:
    names = dict.fromkeys(headers[column] for column in columns if headers.get(column))
    return " / ".join(names)
