"""PDF to blocks: lines joined into paragraphs, headings by size, weight and number, items by their marks,
ruled tables by row.

A PDF has no paragraphs: it has lines at places. What follows decides, line by line, whether it goes on with
the one before. Headers and footers that repeat on most pages are left out, unless they hold a date, which is
then kept once.
"""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pipeline.document.blocks import Block, Blocks, Heading, Item, Paragraph, Row
from pipeline.document.child import CHILD_LIMITS, ChildLimits, parse_in_child
from pipeline.document.pdf_tables import Table, find_tables
from pipeline.document.pdf_text import Line, read_chars, read_lines, unseen_lines
from pipeline.errors import SourceError

_BULLET = re.compile(r"[•●○◦▪■□–—‣➢✓\-*·\uf0b7\uf0a7]\s+(?=\S)")
_DASHES = "–—-*·"
_MARK = re.compile(r"(?:\((?:[a-z]|[ivx]{1,5}|\d{1,2})\)|(?:[a-zA-Z]|[ivx]{1,5}|\d{1,2})[.)])\s+(?=\S)")
_NUMBER = re.compile(
    r"(?:(?:article|section|part|chapter|artikel|artículo|articolo|artigo|art\.|§)\s*)?"
    r"(?:(?P<digits>\d{1,2}(?:\.\d{1,2}){0,4})[.):]?|(?P<roman>[IVX]{1,6})[.):]|(?P<letter>[A-Z])[.)])\s+(?=\S)",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?:;。！？；：][\"'”’»)\]]*$")
_DATE = re.compile(
    r"\b\d{1,2}(?:st|nd|rd|th|\.|er)?[ ./-]+(?:de )?\w+[ ./-]+(?:de )?(?:19|20)\d\d\b"
    r"|\b\w+ \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d\b"
    r"|\b(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}\b|\d{4}年\d{1,2}月\d{1,2}日"
)
# Prefixes whose hyphen belongs to the word.
_HYPHENATED = {
    "non",
    "self",
    "third",
    "opt",
    "cross",
    "co",
    "pre",
    "post",
    "multi",
    "long",
    "short",
    "case",
    "well",
    "so",
    "e",
}
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LONGEST_HEADING = 160
_LARGER = 1.1
_EDGE_LINES = 3
_FEWEST_CHARS_A_PAGE = 20


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
    out = Blocks()
    flow: list[Line | Table] = []
    for number in range(len(document)):
        page_flow, hidden = _read_page(document, number)
        flow += page_flow
        out.hidden += [(line.text, "not visible on the page") for line in hidden]
        if sum(len(part.text) for part in flow if isinstance(part, Line)) > limits.chars:
            raise SourceError(f"The PDF holds more than {limits.chars} characters; give the policy alone.")
    seen = sum(_length(part) for part in flow)
    if seen < _FEWEST_CHARS_A_PAGE * len(document) and any(_has_pictures(page) for page in document):
        raise SourceError("The PDF is a scan without text; run text recognition (OCR) on it first.")
    if not seen:
        raise SourceError("The PDF holds no text; give the document in another format.")
    out.source_chars = seen
    title = (document.get_metadata_value("Title") or "").strip()
    if title and title.lower() not in ("(anonymous)", "untitled"):
        out.meta["title"] = title
    for name, key in (("published", "CreationDate"), ("modified", "ModDate")):
        if found := re.match(r"D:(\d{4})(\d\d)(\d\d)", document.get_metadata_value(key) or ""):
            out.meta[name] = "-".join(found.groups())
    kept, dated = _without_running_lines(flow, len(document))
    out.blocks = _Assembly(kept).blocks() + [Paragraph(text) for text in dated]
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


def _read_page(document: Any, number: int) -> tuple[list[Line | Table], list[Line]]:
    """Lines and tables of one page in reading order, and the lines that are not to be seen."""
    page = document[number]
    textpage = page.get_textpage()
    chars = read_chars(textpage)
    tables = find_tables(page, textpage, chars)
    lines = read_lines(textpage, chars, number, {i for table in tables for i in table.taken})
    unseen = unseen_lines(page, textpage, lines)
    if len(unseen) == len(lines) and _has_pictures(page):
        unseen = set()  # the invisible text that recognition lays over a scanned page
    flow: list[Line | Table] = sorted(
        [*(line for line in lines if line not in unseen), *tables], key=lambda part: part.start
    )
    hidden = [line for line in lines if line in unseen]
    textpage.close()
    page.close()
    return flow, hidden


def _length(part: Line | Table) -> int:
    return len(part.text) if isinstance(part, Line) else len(part.taken)


def _has_pictures(page: Any) -> bool:
    import pypdfium2.raw as pdfium

    return any(True for _ in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=2))


def _without_running_lines(flow: list[Line | Table], pages: int) -> tuple[list[Line | Table], list[str]]:
    """What is left without headers and footers, and those of them that hold a date, once each."""
    if pages < 2:
        return flow, []
    edges: dict[int, list[Line]] = {}
    for part in flow:
        if isinstance(part, Line):
            edges.setdefault(part.page, []).append(part)
    shapes: Counter[tuple[str, bool]] = Counter()
    places: dict[Line, tuple[str, bool]] = {}
    for lines in edges.values():
        by_height = sorted(lines, key=lambda line: -line.y)
        for upper, some in ((True, by_height[:_EDGE_LINES]), (False, by_height[-_EDGE_LINES:])):
            for line in some:
                places.setdefault(line, (re.sub(r"\d+|\b[ivxlc]+\b", "#", line.text.lower()), upper))
    for shape in set(places.values()):
        shapes[shape] = len({line.page for line, own in places.items() if own == shape})
    often = {shape for shape, count in shapes.items() if count >= max(2, pages * 0.6)}
    running = {line for line, shape in places.items() if shape in often}
    dated = dict.fromkeys(line.text for line in running if _DATE.search(line.text))
    return [part for part in flow if not isinstance(part, Line) or part not in running], sorted(dated)


@dataclass(slots=True)
class _Para:
    """Lines that belong together; ``mark`` is the bullet or number at the start of an item."""

    lines: list[Line]
    item: bool = False

    @property
    def last(self) -> Line:
        return self.lines[-1]


class _Assembly:
    """Lines and tables of a whole document on their way to blocks."""

    def __init__(self, flow: list[Line | Table]) -> None:
        self._flow = flow
        lines = [part for part in flow if isinstance(part, Line)]
        weights: Counter[float] = Counter()
        for line in lines:
            weights[line.size] += len(line.text)
        self._body = max(weights, key=lambda size: (weights[size], -size), default=10.0)
        bold = sum(len(line.text) for line in lines if line.bold)
        self._bold_tells = bold < sum(weights.values()) / 2
        self._leading = self._find_leading(lines)
        self._words = Counter(word.lower() for line in lines for word in _WORD.findall(line.text))
        self._margins: dict[tuple[int, int], float] = {}
        for line in lines:
            key = (line.page, round(line.left / 100))
            self._margins[key] = max(self._margins.get(key, 0.0), line.right)

    def _find_leading(self, lines: list[Line]) -> float:
        """The usual distance between baselines of the body, in points."""
        gaps = Counter(
            round((a.y - b.y) * 2) / 2
            for a, b in pairwise(lines)
            if a.page == b.page and a.size == b.size == self._body and 0 < a.y - b.y < 3 * self._body
        )
        return max(gaps, key=lambda gap: (gaps[gap], -gap), default=1.2 * self._body)

    def blocks(self) -> list[Block]:
        parts: list[_Para | Table] = []
        for part in self._flow:
            previous = parts[-1] if parts else None
            if isinstance(part, Table):
                parts.append(part)
            elif isinstance(previous, _Para) and self._goes_on(previous, part):
                previous.lines.append(part)
            else:
                parts.append(_Para([part], item=self._begins_item(part, previous)))
        out: list[Block] = []
        heads = self._heading_styles([part for part in parts if isinstance(part, _Para)])
        lefts: list[float] = []
        header: tuple[tuple[float, ...], dict[int, str]] | None = None
        for whole in parts:
            if isinstance(whole, Table):
                header = self._add_table(out, whole, header)
                lefts = []
            elif self._is_heading(whole):
                out.append(Heading(self._level(whole, heads), self._join(whole.lines)))
                lefts = []
            elif whole.item:
                left = whole.lines[0].left
                while lefts and left < lefts[-1] - self._body * 0.5:
                    lefts.pop()
                if not lefts or left > lefts[-1] + self._body * 0.5:
                    lefts.append(left)
                out.append(Item(_BULLET.sub("", self._join(whole.lines), count=1), len(lefts)))
            else:
                out.append(Paragraph(self._join(whole.lines)))
                lefts = []
        return out

    def _goes_on(self, para: _Para, line: Line) -> bool:
        """Does ``line`` continue ``para``?"""
        last = para.last
        if last.broken:
            return True
        if abs(line.size - last.size) > 0.6 and not (para.item and len(para.lines) == 1):
            return False
        if (
            self._bold_tells
            and line.bold != last.bold
            and self._is_heading(_Para([line] if line.bold else [last]))
        ):
            return False
        if line.page != last.page or line.y > last.y + line.size:
            # Over the end of a page or column only a sentence that is not over goes on.
            return not _ENDS.search(last.text) and not self._marked(line) and not self._is_heading(para)
        gap = last.y - line.y
        if gap > self._leading * max(1.0, line.size / self._body) * 1.3 + 0.5:
            return False
        wrapped = not self._could_have_held(last, line)
        if self._marked(line) and (
            not wrapped or self._is_bullet(line) or para.item or abs(line.left - last.left) > 4
        ):
            return False
        if para.item and line.left < para.lines[0].left - 2 and len(para.lines) > 1:
            return False
        return wrapped or (not _ENDS.search(last.text) and line.text[:1].islower())

    def _could_have_held(self, last: Line, line: Line) -> bool:
        """Was there room after ``last`` for the first word of ``line``? Then it was ended on purpose."""
        margin = self._margins.get((last.page, round(last.left / 100)), last.right)
        word = line.text.split()[0]
        return margin - last.right > (len(word) + 2) * line.size * 0.55

    def _marked(self, line: Line) -> bool:
        return bool(_BULLET.match(line.text) or _MARK.match(line.text))

    def _is_bullet(self, line: Line) -> bool:
        return bool(_BULLET.match(line.text)) and line.text[0] not in _DASHES

    def _begins_item(self, line: Line, previous: "_Para | Table | None") -> bool:
        if _BULLET.match(line.text):
            return True
        return bool(_MARK.match(line.text)) and not self._is_heading(_Para([line]))

    def _is_heading(self, para: _Para) -> bool:
        text = " ".join(line.text for line in para.lines)
        if len(text) > _LONGEST_HEADING or not re.search(r"[^\W\d_]", text) or _BULLET.match(text):
            return False
        size = min(line.size for line in para.lines)
        bold = self._bold_tells and all(line.bold for line in para.lines)
        if size > self._body * _LARGER:
            return True
        if text[-1] in ".;,:" and not (bold and _NUMBER.match(text) and len(text) < 60):
            return False
        if size < self._body - 1:
            return False
        return bold or (len(text) > 3 and text.isupper() and len(text.split()) > 1)

    def _style(self, para: _Para) -> tuple[float, bool]:
        first = para.lines[0]
        return (max(first.size, self._body), first.bold)

    def _heading_styles(self, paras: list[_Para]) -> dict[tuple[float, bool], list[int]]:
        """Every heading style, largest first, with the depths of numbering that it is used at."""
        found: dict[tuple[float, bool], set[int]] = {}
        for para in paras:
            if self._is_heading(para):
                found.setdefault(self._style(para), set()).add(_numbering_depth(para))
        return {style: sorted(found[style]) for style in sorted(found, reverse=True)}

    def _level(self, para: _Para, heads: dict[tuple[float, bool], list[int]]) -> int:
        level = 1
        for style, depths in heads.items():
            if style == self._style(para):
                return min(6, level + depths.index(_numbering_depth(para)))
            level += len(depths)
        return min(6, level)

    def _add_table(
        self, out: list[Block], table: Table, before: tuple[tuple[float, ...], dict[int, str]] | None
    ) -> tuple[tuple[float, ...], dict[int, str]]:
        """Append the rows; a table that goes on over a page keeps the header of its first part."""
        rows = table.rows
        follows = (
            bool(out) and isinstance(out[-1], Row) and before is not None and _same(before[0], table.columns)
        )
        first = dict(rows[0])
        if follows and before is not None:
            headers = before[1]
            if first == headers:
                rows = rows[1:]
        elif len(rows) > 1 and len(first) > 1 and all(text and len(text) <= 80 for text in first.values()):
            headers, rows = first, rows[1:]
        else:
            headers = {}
        for row in rows:
            cells = tuple((headers.get(column, ""), text) for column, text in row if text)
            if len(row) == 1:
                cells = (("", row[0][1]),)
            if cells:
                out.append(Row(cells))
        return table.columns, headers

    def _join(self, lines: list[Line]) -> str:
        """The lines as running text, with words that were broken over lines made whole."""
        text = ""
        for previous, line in zip([None, *lines[:-1]], lines, strict=True):
            if previous is None:
                text = line.text
            elif previous.broken or re.search(r"[^\W\d_]-$", previous.text):
                text = self._mend(text.removesuffix("-"), line.text)
            elif _is_cjk(previous.text[-1]) and _is_cjk(line.text[0]):
                text += line.text
            else:
                text += " " + line.text
        return re.sub(r"\s+", " ", text).strip()

    def _mend(self, head: str, tail: str) -> str:
        """Join over a hyphen at a line's end, which was either there before the line was broken or only for
        that.
        """
        first, second = _WORD.findall(head)[-1:], _WORD.match(tail)
        if not first or not second or not tail[0].islower():
            return f"{head}-{tail}"
        whole, hyphenated = (first[0] + second[0]).lower(), f"{first[0]}-{second[0]}".lower()
        keeps = self._words[hyphenated] > self._words[whole] or (
            not self._words[whole] and first[0].split("-")[-1].lower() in _HYPHENATED
        )
        return f"{head}-{tail}" if keeps else head + tail


def _numbering_depth(para: _Para) -> int:
    """0 without a number, 1 for ``1.``, ``I.`` and ``Article 5``, 2 for ``A.`` and ``1.1``, and so on."""
    found = _NUMBER.match(para.lines[0].text)
    if not found:
        return 0
    if found["digits"]:
        return 1 + found["digits"].count(".")
    return 1 if found["roman"] and found["roman"].isupper() else 2


def _same(first: tuple[float, ...], second: tuple[float, ...]) -> bool:
    return len(first) == len(second) and all(abs(a - b) < 6 for a, b in zip(first, second, strict=True))


def _is_cjk(char: str) -> bool:
    return "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uffef"
