"""Headers and footers of a PDF: lines that stand at the same place on most pages and differ in a page number
at most.
"""

import re

from pipeline.document.dates import find_dates
from pipeline.document.pdf_text import Line

# Lines from the upper and from the lower edge of a page among which headers and footers are looked for.
_EDGE_LINES = 3
_SHARE_OF_PAGES = 0.6
# Points between two lines that still stand at one height.
_SAME_HEIGHT = 4
_FIGURES = re.compile(r"\d+")
_ROMAN = re.compile(r"[ivxlc]+")


def find_running(lines: list[Line], pages: int) -> tuple[set[Line], list[str]]:
    """The headers and footers among the lines of a document, and those of them that hold a date, once each."""
    by_page: dict[int, list[Line]] = {}
    for line in lines:
        by_page.setdefault(line.page, []).append(line)
    groups: dict[tuple[str, int], list[Line]] = {}
    for page_lines in by_page.values():
        by_height = sorted(page_lines, key=lambda line: -line.y)
        for line in dict.fromkeys(by_height[:_EDGE_LINES] + by_height[-_EDGE_LINES:]):
            groups.setdefault((_shape(line.text.lower()), round(line.y / _SAME_HEIGHT)), []).append(line)
    fewest = max(2, pages * _SHARE_OF_PAGES)
    often = (group for group in groups.values() if len({line.page for line in group}) >= fewest)
    running = [group for group in often if _counts_pages(group)]
    dated = [group[0].text for group in running if find_dates(group[0].text, "en")]
    return {line for group in running for line in group}, dated


def _shape(text: str) -> str:
    """The text without its numbers; the mark for figures is one that no text holds."""
    return "roman" if _ROMAN.fullmatch(text) else _FIGURES.sub("\0", text)


def _counts_pages(lines: list[Line]) -> bool:
    """Is every number in these lines the same on each page, or one that grows with the page?

    Rows of a list that happen to stand at the same height are no footers.
    """
    numbers = [[int(number[:9]) for number in _FIGURES.findall(line.text)] for line in lines]
    return all(
        len(set(column)) == 1
        or len({number - line.page for number, line in zip(column, lines, strict=True)}) == 1
        for column in zip(*numbers, strict=True)
    )
