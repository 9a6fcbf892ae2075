"""DOCX to blocks: headings by style, lists by numbering, tables by row, in document order.

A table of contents repeats the headings and is left out, as are headers and footers, unless they hold a date.

python-docx opens the package and knows its styles; the body is walked here, because its own iteration leaves
out content controls, tracked insertions and text boxes, and a policy's text can stand in any of them.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.document.blocks import Blocks, Heading, Item, Paragraph, Row
from pipeline.document.child import CHILD_LIMITS, ChildLimits, parse_in_child
from pipeline.document.dates import find_dates
from pipeline.errors import SourceError

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Removed text, field codes, and the second copy of a drawing for old readers.
_SKIPPED = {f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", f"{_MC}Fallback"}
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_SPACES = re.compile(r"\s+")
_HEADING_STYLE = re.compile(r"heading (\d)$", re.IGNORECASE)
_LIST_STYLE = re.compile(r"list(?: bullet| number| continue| paragraph)?(?: (\d))?$", re.IGNORECASE)
_LONGEST_BOLD_HEADING = 100
_NUMBERS = re.compile(r"^[\d.)\s]+|[\s.]*\d*$")
_COLOR = re.compile(r"[0-9A-Fa-f]{6}")
_WHITE = "FFFFFF"
# Of 255, as for PDF: text that differs from its background by less is not seen.
_FAINTEST = 24
# Half points, as Word counts: nobody reads text that is smaller.
_SMALLEST_SIZE = 6
_LONGEST_LINEAGE = 30


def read_docx(data: bytes, limits: ChildLimits = CHILD_LIMITS) -> Blocks:
    """The blocks of a DOCX document, parsed in a child process. Raises SourceError in one sentence."""
    return parse_in_child("docx", data, limits)


def parse_docx(data: bytes, limits: ChildLimits) -> Blocks:
    """The blocks of a DOCX document. Trusts nothing but is not killable: ``read_docx`` is the way in."""
    _check_package(data, limits)
    import docx

    return _Walk(docx.Document(io.BytesIO(data))).blocks()


def _check_package(data: bytes, limits: ChildLimits) -> None:
    """Refuse a bomb by the sizes in its directory; zipfile unpacks no member further than its size says."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            members = package.infolist()
    except zipfile.BadZipFile as error:
        raise SourceError("The DOCX is damaged or cut off; save it anew.") from error
    if any(member.flag_bits & 1 for member in members):
        raise SourceError("The DOCX is encrypted; save it without a password.")
    if len(members) > limits.members or sum(member.file_size for member in members) > limits.unpacked:
        raise SourceError(
            "The DOCX unpacks to far more than a policy needs and was not opened; save it anew or as text."
        )


@dataclass(slots=True)
class _Text:
    """The words of one paragraph: what shows, and what is formatted not to show."""

    shown: str
    hidden: list[tuple[str, str]]
    bold: bool


class _Walk:
    """One pass over a document's body."""

    def __init__(self, document: "WordDocument") -> None:
        self._document = document
        self._out = Blocks()
        self._styles: dict[str, Any] = {
            style.style_id: style for style in document.styles if getattr(style, "style_id", None)
        }
        self._lineages: dict[str, list[Any]] = {}
        self._headings: set[str] = set()

    def blocks(self) -> Blocks:
        body = self._document.element.body
        elements = list(_block_elements(body))
        heads = [e for e in elements if e.tag == f"{_W}p" and self._heading_level(e)]
        self._headings = {_without_numbers(self._text(head).shown) for head in heads}
        for element in elements:
            if element.tag == f"{_W}tbl":
                self._table(element)
            else:
                self._paragraph(element, bold_headings=not heads)
        for note in self._notes():
            self._paragraph(note, bold_headings=False)
        self._out.blocks += [Paragraph(text) for text in self._dated_running_lines()]
        properties = self._document.core_properties
        for name, value in (("title", properties.title), ("language", properties.language)):
            if value:
                self._out.meta[name] = value
        for name, moment in (("published", properties.created), ("modified", properties.modified)):
            if moment:
                self._out.meta[name] = moment.isoformat()
        return self._out

    def _paragraph(self, element: Any, *, bold_headings: bool) -> None:
        text = self._text(element)
        self._out.hidden += text.hidden
        self._out.source_chars += len(text.shown)
        name = self._style_name(element)
        listed = name.lower().startswith("toc ") and _without_numbers(text.shown) in self._headings
        if not text.shown or listed:
            return
        if level := self._heading_level(element):
            self._out.blocks.append(Heading(level, text.shown))
        elif depth := self._list_depth(element, name):
            self._out.blocks.append(Item(text.shown, depth))
        elif bold_headings and text.bold and _could_head(text.shown):
            self._out.blocks.append(Heading(2, text.shown))
        else:
            self._out.blocks.append(Paragraph(text.shown))

    def _text(self, element: Any) -> _Text:
        shown: list[str] = []
        hidden: list[tuple[str, str]] = []
        bold = True
        for run in _runs(element):
            words = "".join(_run_text(run))
            if reason := self._hides(run):
                if words.strip():
                    hidden.append((_SPACES.sub(" ", words).strip(), reason))
                continue
            shown.append(words)
            if words.strip() and not self._is_on(run, "b"):
                bold = False
        return _Text(_SPACES.sub(" ", "".join(shown)).strip(), hidden, bold)

    def _hides(self, run: Any) -> str | None:
        """Why a reader would not see this run, or None."""
        if self._is_on(run, "vanish"):
            return "formatted as hidden"
        if self._has_color_of_background(run):
            return "in the colour of its background"
        size = self._value(run, "sz") or ""
        if size.isdecimal() and int(size) < _SMALLEST_SIZE:
            return "too small to read"
        return None

    def _has_color_of_background(self, run: Any) -> bool:
        color = self._value(run, "color") or ""
        highlight = self._value(run, "highlight")
        if not _COLOR.fullmatch(color) or highlight not in (None, "none", "white"):
            return False
        shades = [run.find(f"{_W}rPr/{_W}shd")]
        shades += [p.find(f"{_W}pPr/{_W}shd") for p in run.iterancestors(f"{_W}p")]
        shades += [c.find(f"{_W}tcPr/{_W}shd") for c in run.iterancestors(f"{_W}tc")]
        fills = [shade.get(f"{_W}fill") or "" for shade in shades if shade is not None]
        fill = next((fill for fill in fills if _COLOR.fullmatch(fill)), None)
        if fill is None and _in_styled_table(run):
            return False
        return _look_alike(color, fill or _WHITE)

    def _property(self, run: Any, name: str) -> Any:
        """The element that sets a property of a run: its own, or one of its styles, or None."""
        character = run.find(f"{_W}rPr/{_W}rStyle")
        paragraph = next(run.iterancestors(f"{_W}p"), None)
        styles = [character, paragraph.find(f"{_W}pPr/{_W}pStyle") if paragraph is not None else None]
        holders = [run]
        for style in styles:
            if style is not None:
                holders += [each.element for each in self._lineage(style.get(f"{_W}val"))]
        found = (holder.find(f"{_W}rPr/{_W}{name}") for holder in holders)
        return next((element for element in found if element is not None), None)

    def _value(self, run: Any, name: str) -> str | None:
        element = self._property(run, name)
        return element.get(f"{_W}val") if element is not None else None

    def _is_on(self, run: Any, name: str) -> bool:
        switch = self._property(run, name)
        return switch is not None and switch.get(f"{_W}val") not in ("0", "false", "none", "off")

    def _style_name(self, element: Any) -> str:
        return next((str(style.name or "") for style in self._styles_of(element)), "")

    def _styles_of(self, element: Any) -> list[Any]:
        """A paragraph's style and those it is based on."""
        style = element.find(f"{_W}pPr/{_W}pStyle")
        return self._lineage(style.get(f"{_W}val")) if style is not None else []

    def _lineage(self, style_id: str) -> list[Any]:
        """A style and those it is based on."""
        if style_id not in self._lineages:
            chain: list[Any] = []
            style = self._styles.get(style_id)
            while style is not None and style not in chain and len(chain) < _LONGEST_LINEAGE:
                chain.append(style)
                style = style.base_style
            self._lineages[style_id] = chain
        return self._lineages[style_id]

    def _heading_level(self, element: Any) -> int | None:
        for style in self._styles_of(element):
            name = str(style.name or "")
            if found := _HEADING_STYLE.match(name):
                return max(1, min(6, int(found[1])))
            if name.lower() == "title":
                return 1
        holders = [element, *(style.element for style in self._styles_of(element))]
        for holder in holders:
            outline = holder.find(f"{_W}pPr/{_W}outlineLvl")
            if outline is not None:
                level = int(outline.get(f"{_W}val") or 9)
                return level + 1 if level < 6 else None
        return None

    def _list_depth(self, element: Any, style_name: str) -> int | None:
        holders = [element, *(style.element for style in self._styles_of(element))]
        for holder in holders:
            numbering = holder.find(f"{_W}pPr/{_W}numPr")
            if numbering is None:
                continue
            number, level = numbering.find(f"{_W}numId"), numbering.find(f"{_W}ilvl")
            # Number 0 takes a paragraph out of the list that its style would put it in.
            if number is not None and number.get(f"{_W}val") == "0":
                return None
            found = _LIST_STYLE.match(style_name)
            by_style = int(found[1]) - 1 if found and found[1] else 0
            return 1 + max(by_style, int(level.get(f"{_W}val") or 0) if level is not None else 0)
        return None

    def _table(self, table: Any) -> None:
        rows = list(self._rows(table))
        headers: dict[int, str] = {}
        if rows and len(rows) > 1 and self._has_header(table, rows):
            headers = {column: cell.text for cell in rows[0] for column in cell.columns}
            rows = rows[1:]
        for row in rows:
            cells = tuple((_join_headers(headers, cell.columns), cell.text) for cell in row if cell.text)
            if len(cells) == 1 and len(row) == 1 and len(row[0].columns) > 1:
                cells = (("", row[0].text),)
            if cells:
                self._out.blocks.append(Row(cells))

    def _rows(self, table: Any) -> Iterator[list["_Cell"]]:
        above: dict[int, _Cell] = {}
        for row in _inside(table, f"{_W}tr"):
            cells: list[_Cell] = []
            skip = row.find(f"{_W}trPr/{_W}gridBefore")
            column = int(skip.get(f"{_W}val") or 0) if skip is not None else 0
            for element in _inside(row, f"{_W}tc"):
                span = element.find(f"{_W}tcPr/{_W}gridSpan")
                width = max(1, min(100, int(span.get(f"{_W}val") or 1))) if span is not None else 1
                merge = element.find(f"{_W}tcPr/{_W}vMerge")
                columns = range(column, column + width)
                continues = merge is not None and merge.get(f"{_W}val") != "restart"
                if continues and column in above:
                    cell = _Cell(above[column].text, columns, above[column].bold)
                else:
                    cell = self._cell(element, columns)
                cells.append(cell)
                above.update(dict.fromkeys(columns, cell))
                column += width
            yield cells

    def _cell(self, element: Any, columns: range) -> "_Cell":
        parts: list[str] = []
        bold = True
        for inner in _block_elements(element):
            if inner.tag == f"{_W}tbl":
                parts += [", ".join(cell.text for cell in row if cell.text) for row in self._rows(inner)]
                bold = False
                continue
            text = self._text(inner)
            self._out.hidden += text.hidden
            self._out.source_chars += len(text.shown)
            bold = bold and text.bold
            if text.shown:
                parts.append(text.shown)
        return _Cell("; ".join(part for part in parts if part), columns, bold and bool(parts))

    def _has_header(self, table: Any, rows: list[list["_Cell"]]) -> bool:
        first = rows[0]
        if any(not cell.text for cell in first[1:]) or len(first) < 2:
            return False
        row = next(_inside(table, f"{_W}tr"))
        if row.find(f"{_W}trPr/{_W}tblHeader") is not None:
            return True
        if all(cell.bold for cell in first if cell.text):
            return not all(cell.bold for row_cells in rows[1:] for cell in row_cells if cell.text)
        if any(cell.text.endswith(".") or len(cell.text) > 80 for cell in first):
            return False
        # A plain grid of two columns is as often a list of names and values as a table with a header.
        return len(first) > 2 or (
            _looks_first_row(table) and _table_style(table) not in ("", "TableGrid", "TableNormal")
        )

    def _notes(self) -> Iterator[Any]:
        """The paragraphs of footnotes and endnotes, which the body only points at."""
        for part in self._parts("footnotes", "endnotes"):
            for note in part:
                if note.get(f"{_W}type") is None:
                    yield from (e for e in _block_elements(note) if e.tag == f"{_W}p")

    def _dated_running_lines(self) -> list[str]:
        """The lines of headers and footers that hold a date, once each."""
        paragraphs = (e for part in self._parts("header", "footer") for e in part.iter(f"{_W}p"))
        lines = dict.fromkeys(self._text(paragraph).shown for paragraph in paragraphs)
        return sorted(line for line in lines if find_dates(line, "en"))

    def _parts(self, *kinds: str) -> Iterator[Any]:
        """The roots of the document's parts of these kinds."""
        from docx.oxml import parse_xml

        for relation in self._document.part.rels.values():
            if not relation.is_external and relation.reltype.rpartition("/")[2] in kinds:
                yield parse_xml(relation.target_part.blob)


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    columns: range
    bold: bool


def _inside(element: Any, tag: str) -> Iterator[Any]:
    """Children with ``tag``, also those in content controls and other wrappers, not those in other blocks."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag not in _SKIPPED and child.tag in _WRAPPERS:
            yield from _inside(child, tag)


_WRAPPERS = {f"{_W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}


def _block_elements(element: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, each paragraph followed by those of the text boxes anchored in it."""
    for child in element:
        if child.tag == f"{_W}p":
            yield child
            for box in _boxes(child):
                yield from _block_elements(box)
        elif child.tag == f"{_W}tbl":
            yield child
        elif child.tag in _WRAPPERS:
            yield from _block_elements(child)


def _boxes(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag == f"{_W}txbxContent":
            yield child
        elif child.tag not in _SKIPPED:
            yield from _boxes(child)


def _runs(element: Any) -> Iterator[Any]:
    """The runs of a paragraph wherever they are wrapped, without deleted ones and without text boxes."""
    for child in element:
        if child.tag == f"{_W}r":
            yield child
        elif child.tag not in _SKIPPED and child.tag != f"{_W}txbxContent":
            yield from _runs(child)


def _run_text(run: Any) -> Iterator[str]:
    for child in run:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag == f"{_W}sym":
            yield " "


def _look_alike(color: str, fill: str) -> bool:
    """Do two colours, as six hexadecimal digits, differ too little for text to be seen?"""
    return all(abs(int(color[i : i + 2], 16) - int(fill[i : i + 2], 16)) < _FAINTEST for i in (0, 2, 4))


def _in_styled_table(run: Any) -> bool:
    """A table style may colour its rows, so white text inside one may well be seen."""
    table = next(run.iterancestors(f"{_W}tbl"), None)
    return table is not None and _table_style(table) not in ("", "TableGrid", "TableNormal")


def _table_style(table: Any) -> str:
    style = table.find(f"{_W}tblPr/{_W}tblStyle")
    return str(style.get(f"{_W}val") or "") if style is not None else ""


def _looks_first_row(table: Any) -> bool:
    look = table.find(f"{_W}tblPr/{_W}tblLook")
    if look is None:
        return False
    if look.get(f"{_W}firstRow") is not None:
        return look.get(f"{_W}firstRow") in ("1", "true")
    value = look.get(f"{_W}val") or "0"
    # Bit 0x20 of the older form of tblLook is "first row" (ECMA-376, 17.4.55).
    return bool(re.fullmatch(r"[0-9A-Fa-f]+", value)) and bool(int(value, 16) & 0x20)


def _join_headers(headers: dict[int, str], columns: range) -> str:
    return " / ".join(dict.fromkeys(headers[column] for column in columns if headers.get(column)))


def _without_numbers(heading: str) -> str:
    """A heading, or its entry in a table of contents, without its own number and that of its page."""
    return _NUMBERS.sub("", heading).lower()


def _could_head(text: str) -> bool:
    return len(text) <= _LONGEST_BOLD_HEADING and text[-1] not in ".;,:"
