"""An edition as a workbook that a compliance team can work in: filters, a header that stays, room for status, answer and date.

Every cell is written as a string, so that no text of a policy, a model or an editor is a formula, a link or a number.
"""

import io
from datetime import UTC
from typing import TYPE_CHECKING, Any

from pipeline.errors import UsageError
from pipeline.publish.edition_csv import join_cell
from pipeline.publish.edition_tables import Column, Table, edition_tables
from pipeline.publish.edition_words import AUDIENCES
from schemas.edition import Edition

if TYPE_CHECKING:
    import xlsxwriter

# What Excel holds in a cell is 32,767 characters; XlsxWriter leaves a longer one empty without a word.
_LONGEST = 32_767
_CUT = " … (cut: the cell holds no more; the JSON edition has it whole)"
# Dark on light, told by the word in the cell as well.
_LEVELS = {
    "high": {"font_color": "#8A2C00", "bg_color": "#FBEAE2", "bold": True},
    "medium": {"font_color": "#6F5200", "bg_color": "#FBF3DC"},
    "low": {"font_color": "#47525E", "bg_color": "#EEF0F2"},
}
_LEVELED = ("Priority", "Severity", "Likelihood")


def edition_workbook(edition: Edition) -> bytes:
    """The workbook. The same edition gives the same bytes. Raises UsageError when XlsxWriter is not installed."""
    try:
        import xlsxwriter
    except ImportError:
        raise UsageError("XLSX needs the extra review; install clausewise[review].") from None
    content = io.BytesIO()
    book = xlsxwriter.Workbook(
        content,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    approved = edition.dates.approved
    made = approved if approved.tzinfo is None else approved.astimezone(UTC).replace(tzinfo=None)
    book.set_properties(
        {
            "title": f"{edition.company}: {edition.title}"[:255],
            "subject": AUDIENCES[edition.audience],
            "author": "Clausewise",
            "comments": edition.notice,
            "created": made,
        }
    )
    formats = {
        "head": book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#F4F1EA", "bottom": 1}
        ),
        "cell": book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
        "room": book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FFFDF4", "border": 4}),
        "date": book.add_format(
            {"valign": "top", "bg_color": "#FFFDF4", "border": 4, "num_format": "yyyy-mm-dd"}
        ),
        **{level: book.add_format(look) for level, look in _LEVELS.items()},
    }
    for table in edition_tables(edition):
        _write_sheet(book, table, formats)
    book.close()
    return content.getvalue()


def _write_sheet(book: "xlsxwriter.Workbook", table: Table, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(table.title)
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.title, formats["head"])
    for number, row in enumerate(table.rows, start=1):
        for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            text = _fitted(join_cell(cell))
            if text:
                sheet.write_string(number, place, text, formats["cell"])
            else:
                sheet.write_blank(number, place, None, formats[_look(column)])
    last = len(table.rows)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(last, 1), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&LNot legal advice; see the sheet About&R&P of &N")
    for place, column in enumerate(table.columns) if last else ():
        if column.title in _LEVELED:
            for level in _LEVELS:
                rule = {"type": "cell", "criteria": "==", "value": f'"{level}"', "format": formats[level]}
                sheet.conditional_format(1, place, last, place, rule)
        if column.choices:
            sheet.data_validation(1, place, last, place, {"validate": "list", "source": list(column.choices)})


def _look(column: Column) -> str:
    if column.title == "Due":
        return "date"
    return "room" if column.choices or column.title == "Answer" else "cell"


def _fitted(text: str) -> str:
    return text if len(text.encode("utf-16-le")) // 2 <= _LONGEST else _cut(text)


def _cut(text: str) -> str:
    room = _LONGEST - len(_CUT)
    return text.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore") + _CUT
