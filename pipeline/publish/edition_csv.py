"""An edition's tables as CSV (RFC 4180): UTF-8 with a byte order mark, without which spreadsheets read it in the machine's own encoding.

Spreadsheets run a cell that begins like a formula. Such a cell gets an apostrophe before it, as OWASP advises; nothing else is changed.
"""

import csv
import io

from pipeline.publish.edition_tables import Cell, edition_tables
from schemas.edition import Edition

# What begins a formula, in full width as well, or makes a spreadsheet cut the cell before it looks.
_OPENS_A_FORMULA = frozenset(
    "=+-@\t\r\n\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
)


def edition_csv(edition: Edition) -> dict[str, bytes]:
    """One file for each table, by the table's name. Lines end in CRLF, every cell is quoted, lists stand on lines within a cell."""
    files = {}
    for table in edition_tables(edition):
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(column.title for column in table.columns)
        writer.writerows([defuse(join_cell(cell)) for cell in row] for row in table.rows)
        files[table.name] = text.getvalue().encode("utf-8-sig")
    return files


def join_cell(cell: Cell) -> str:
    """A cell as one text; the entries of a list begin with a bullet, so that none begins a line with a sign of its own."""
    return cell if isinstance(cell, str) else "\n".join(f"• {entry}" for entry in cell)


def defuse(text: str) -> str:
    """The text of a cell that no spreadsheet takes for a formula, spaces before the sign or not."""
    begin = text[:1] if text[:1] in _OPENS_A_FORMULA else text.lstrip()[:1]
    return f"'{text}" if begin in _OPENS_A_FORMULA and begin else text
