"""PDF to blocks: a file is opened, read page by page, and put together again.

Hidden text is set apart first, then come ruled tables, then lines. Headers and footers that repeat on most
pages are left out, unless they hold a date, which is then kept once.
"""

import re
from typing import Any

from pipeline.document.blocks import Blocks, Paragraph
from pipeline.document.child import CHILD_LIMITS, ChildLimits, parse_in_child
from pipeline.document.pdf_blocks import assemble
from pipeline.document.pdf_hidden import Hidden, find_hidden, has_pictures
from pipeline.document.pdf_running import find_running
from pipeline.document.pdf_tables import Table, find_tables
from pipeline.document.pdf_text import Line, PageText
from pipeline.errors import SourceError

_FEWEST_CHARS_A_PAGE = 20
_UNTITLED = ("", "(anonymous)", "untitled")


def read_pdf(data: bytes, limits: ChildLimits = CHILD_LIMITS) -> Blocks:
    """The blocks of a PDF, parsed in a child process. Raises SourceError in one sentence."""
    return parse_in_child("pdf", data, limits)


def parse_pdf(data: bytes, limits: ChildLimits) -> Blocks:
    """The blocks of a PDF. Trusts nothing but is not killable: ``read_pdf`` is the way in."""
    document = _open(data)
    if len(document) > limits.pages:
        raise SourceError(
            f"The PDF has {len(document)} pages, more than {limits.pages}; give the policy alone."
        )
    out = Blocks(meta=_meta(document))
    flow: list[Line | Table] = []
    pictures = False
    for number in range(len(document)):
        page = document[number]
        page_flow, hidden = _read_page(page, number)
        flow += page_flow
        out.hidden += [(part.text, part.reason) for part in hidden]
        out.source_chars += sum(_length(part) for part in page_flow)
        if out.source_chars > limits.chars:
            raise SourceError(f"The PDF holds more than {limits.chars} characters; give the policy alone.")
        pictures = pictures or has_pictures(page)
        page.close()
    if pictures and out.source_chars < _FEWEST_CHARS_A_PAGE * len(document):
        raise SourceError("The PDF is a scan without text; run text recognition (OCR) on it first.")
    if out.hidden and not out.source_chars:
        raise SourceError("No text shows on the pages of the PDF; give the document in another format.")
    if not out.source_chars:
        raise SourceError("The PDF holds no text; give the document in another format.")
    running, dated = find_running([part for part in flow if isinstance(part, Line)], len(document))
    kept = [part for part in flow if isinstance(part, Table) or part not in running]
    out.blocks = assemble(kept) + [Paragraph(text) for text in dated]
    return out


def _open(data: bytes) -> Any:
    import pypdfium2
    import pypdfium2.raw as pdfium

    # PDFium mends a file without its end, and gives back what is left of it as if that were all.
    if b"%%EOF" not in data[-2048:]:
        raise SourceError("The PDF breaks off before its end; download or save it again.")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD:
            raise SourceError("The PDF is encrypted; save it without a password.") from error
        raise SourceError("The PDF is damaged and cannot be opened; download or save it again.") from error
    if not len(document):
        raise SourceError("The PDF has no pages; download or save it again.")
    return document


def _meta(document: Any) -> dict[str, str]:
    meta = {}
    title = document.get_metadata_value("Title").strip()
    if title.lower() not in _UNTITLED:
        meta["title"] = title
    for name, key in (("published", "CreationDate"), ("modified", "ModDate")):
        if found := re.match(r"D:(\d{4})(\d\d)(\d\d)", document.get_metadata_value(key)):
            meta[name] = "-".join(found.groups())
    return meta


def _read_page(page: Any, number: int) -> tuple[list[Line | Table], list[Hidden]]:
    """Lines and tables of one page in reading order, and what is hidden on it."""
    text = PageText(page, number)
    hidden = find_hidden(page, text)
    for part in hidden:
        text.hide(part.indices)
    tables = find_tables(page, text)
    lines = text.lines({i for table in tables for i in table.taken})
    text.close()
    return sorted([*lines, *tables], key=lambda part: part.start), hidden


def _length(part: Line | Table) -> int:
    return len(part.text) if isinstance(part, Line) else len(part.taken)
