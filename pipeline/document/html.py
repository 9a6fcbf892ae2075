"""HTML to blocks: one walk over the page as a flat list, without recursion.

The page is weighed, its hidden and its site's own parts are set aside (``html_hidden``, ``boilerplate``), and what is left is walked
once. Text collects in a line until something ends it; what the line becomes depends on where it stands: a heading, an item, a
definition, a cell, a paragraph.
"""

import re
from dataclasses import dataclass, field

from pipeline.document.blocks import Block, Blocks, Heading, Item, Paragraph, Row
from pipeline.document.boilerplate import find_boilerplate
from pipeline.document.html_hidden import comment_texts, find_hidden, hidden_text
from pipeline.document.html_meta import read_meta
from pipeline.document.html_tables import Cell, Table, is_layout, join_cell, make_rows, span_of
from pipeline.document.html_tree import TEXT, UNREADABLE, Tree, Weights, parse_tree, weigh
from pipeline.document.implied import Line, imply_headings
from pipeline.document.spacing import BOUNDARY, one_line

_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "ins", "kbd", "label", "mark", "nobr", "output", "q", "rb", "rp", "rt", "ruby", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})  # fmt: skip
# Boxes that say by their role what they stand for.
_ROLE_TAGS = {
    **dict.fromkeys(("table", "grid", "treegrid"), "table"),
    **dict.fromkeys(("cell", "gridcell"), "td"),
    **dict.fromkeys(("columnheader", "rowheader"), "th"),
    "row": "tr",
    "list": "ul",
    "listitem": "li",
    "term": "dt",
    "definition": "dd",
}
_HEADING_LEVELS = {f"h{level}": level for level in range(1, 7)}
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|bolder|[6-9]00)", re.IGNORECASE)
_BOLD, _NOT_BOLD, _BREAK = "\x02", "\x03", "\x04"
_MARKS = re.compile(f"[{_BOLD}{_NOT_BOLD}]+")
_BOLD_RUN = re.compile(f"{_BOLD}[^{_NOT_BOLD}]*(?:{_NOT_BOLD}|$)")
_PARAGRAPH_BREAK = re.compile(rf"{_BREAK}(?:[\s\xa0{_BOLD}{_NOT_BOLD}{BOUNDARY}]*{_BREAK})+")
_BULLET = re.compile(r"(?:[-–—•·●○◦▪■‣⁃∙*]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})\))\s+(?=\S)|[•·●○◦▪■‣⁃∙・]")
_PERMALINK = re.compile(r"\s*[#¶§🔗]+$")
_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LONGEST_HEADING = 250
# Data tables inside the cells of others; what is deeper is read as plain text, or a hostile page could make cells copy cells.
_DEEPEST_TABLE = 3
_MARK_CHARS = re.compile("[\x00-\x08]")
_LONGEST_LABEL = 60
_MOST_BUTTONS = 100
# What Word writes for a list, instead of one: paragraphs, each with its level and its drawn mark.
_WORD_ITEM = re.compile(r"mso-list\s*:[^;]{0,40}\blevel(\d)", re.IGNORECASE)
_WORD_MARK = re.compile(r"mso-list\s*:\s*ignore", re.IGNORECASE)
_LONGEST_MARK = 8
_NO_SCRIPT = re.compile(r"<(/?)noscript\b", re.IGNORECASE)
# More than a page says of itself when it asks for scripts.
_LEAST_WITHOUT_SCRIPT = 300
_TEMPLATE = re.compile(r"<(/?)template\b", re.IGNORECASE)
# Unreadable, but not lost: the page's metadata is taken from there.
_NAMES_THE_PAGE = ("head", "title")


def read_html(text: str) -> Blocks:
    """The blocks of a page, from its decoded ``text``.

    The site's own parts are left out; hidden text goes to ``Blocks.hidden`` with the reason; nothing else is lost, however deep it is nested.
    """
    return _read(text, is_page=True)


def read_content(text: str) -> Blocks:
    """The blocks of HTML that is all content, without a site around it, as a Markdown document makes it.

    What its scripts and the like hold is hidden text.
    """
    # The parser keeps templates out of its tree; nothing of a document may go without a word.
    return _read(_TEMPLATE.sub(r"<\1div hidden", text), is_page=False)


def _read(text: str, *, is_page: bool) -> Blocks:
    out = Blocks()
    text = _MARK_CHARS.sub("", text)
    tree = parse_tree(text)
    weights = weigh(tree)
    if is_page and _is_for_no_script(tree, weights):
        tree = parse_tree(_NO_SCRIPT.sub(r"<\1div", text))
        weights = weigh(tree)
    hidden = find_hidden(tree, weights)
    boilerplate = find_boilerplate(tree, weights, hidden) if is_page else set()
    walk = _Walk(tree, weights, {*hidden.nodes, *boilerplate})
    out.blocks = imply_headings(walk.lines())
    out.hidden += _hidden_texts(tree, hidden.nodes, boilerplate)
    out.hidden += [(words, "comment") for words in comment_texts(tree)]
    if not is_page:
        out.hidden += _unread_texts(tree)
    out.hidden = list(dict.fromkeys(out.hidden))
    out.meta = read_meta(tree)
    out.buttons = _buttons(tree)
    visible = weigh(tree, hidden.nodes) if hidden.nodes else weights
    out.source_chars = sum(visible.text(node) for node, parent in enumerate(tree.parents) if parent < 0)
    return out


def _is_for_no_script(tree: Tree, weights: Weights) -> bool:
    """Whether the page's text stands where only a browser without scripts shows it, as a page does that is built by them."""
    shown = sum(weights.text(node) for node, parent in enumerate(tree.parents) if parent < 0)
    kept = skip_to = 0
    for node, tag in enumerate(tree.tags):
        if tag == "noscript" and node >= skip_to:
            kept += len(hidden_text(tree, node))
            skip_to = tree.ends[node]
    return kept >= _LEAST_WITHOUT_SCRIPT and kept > 4 * shown


def _buttons(tree: Tree) -> list[str]:
    """What stands on the buttons of the page, each once."""
    found: dict[str, None] = {}
    for node, tag in enumerate(tree.tags):
        attributes = tree.attributes[node]
        if tag == "button" or attributes.get("role") == "button":
            words = one_line(tree.text(node))
        elif tag == "input" and attributes.get("type", "").lower() in ("button", "submit"):
            words = one_line(attributes.get("value", ""))
        else:
            continue
        if 0 < len(words) <= _LONGEST_LABEL and len(found) < _MOST_BUTTONS:
            found[words] = None
    return list(found)


def _hidden_texts(tree: Tree, hidden: dict[int, str], boilerplate: set[int]) -> list[tuple[str, str]]:
    """What is hidden in the document; what is hidden in a menu would not have been read anyway."""
    found = []
    skip_to = 0
    for node in range(len(tree.tags)):
        if node < skip_to:
            continue
        if node in boilerplate or tree.tags[node] in UNREADABLE:
            skip_to = tree.ends[node]
        elif node in hidden:
            words = hidden_text(tree, node)
            if any(char.isalpha() for char in words):
                found.append((words, hidden[node]))
            skip_to = tree.ends[node]
    return found


def _unread_texts(tree: Tree) -> list[tuple[str, str]]:
    """What stands in scripts and the like. A page has them for its own purposes; a Markdown document has none."""
    found = []
    skip_to = 0
    for node, tag in enumerate(tree.tags):
        if node < skip_to or tag not in UNREADABLE or tag in _NAMES_THE_PAGE:
            continue
        skip_to = tree.ends[node]
        words = hidden_text(tree, node)
        if any(char.isalpha() for char in words):
            found.append((words, f"{tag} in Markdown"))
    return found


@dataclass(slots=True)
class _Sink:
    """Where finished lines go: the document, or the cell of a table that is still open."""

    lines: list[Line] = field(default_factory=list)
    cell: Cell | None = None
    depth: int = 0


@dataclass(slots=True)
class _Open:
    """What has to be undone when the element that ends before node ``end`` closes."""

    end: int
    tag: str
    is_block: bool


class _Walk:
    """One pass over the nodes of a page."""

    def __init__(self, tree: Tree, weights: Weights, skipped: set[int]) -> None:
        self._tree = tree
        self._weights = weights
        self._skipped = skipped
        self._sinks = [_Sink()]
        self._tables: list[Table | None] = []
        self._data_depth = 0
        self._line: list[str] = []
        self._bold = 0
        self._word_item = 0
        self._preformatted = 0
        self._headings: list[int] = []
        self._lists = 0
        # For each list item that is open, whether its first line is still to come.
        self._fresh_items: list[bool] = []
        self._term: list[str] = []
        self._in_term = self._in_definition = 0
        self._mail: list[tuple[str, int]] = []
        self._tabs: dict[str, int] = {}
        for node, attributes in enumerate(tree.attributes):
            if attributes.get("role") == "tab" and "id" in attributes:
                self._tabs.setdefault(attributes["id"], node)

    def lines(self) -> list[Line]:
        """The page's blocks, with what is bold."""
        open_elements: list[_Open] = []
        tree = self._tree
        node = 0
        while node < len(tree.tags):
            while open_elements and open_elements[-1].end <= node:
                self._close(open_elements.pop())
            tag = tree.tags[node]
            if tag == TEXT:
                self._add(tree.texts[node])
                node += 1
                continue
            if tag in UNREADABLE or node in self._skipped or self._is_drawn_bullet(node):
                self._skip(node, tag)
                node = tree.ends[node]
                continue
            opened = self._open(node, tag)
            if opened is not None:
                open_elements.append(opened)
            node += 1
        while open_elements:
            self._close(open_elements.pop())
        self._end_line()
        self._end_term()
        return self._sinks[0].lines

    def _add(self, text: str) -> None:
        if self._preformatted:
            text = text.replace("\n", _BREAK)
        self._line.append(text)

    def _skip(self, node: int, tag: str) -> None:
        tag = _ROLE_TAGS.get(self._tree.attributes[node].get("role", "").lower(), tag)
        if tag in ("td", "th") and self._tables and (table := self._tables[-1]) is not None and table.rows:
            # The column stays, so that the cells after it keep their headers.
            table.rows[-1].append(self._cell_of(node, tag))
        elif tag not in _INLINE and tag not in UNREADABLE and tag != "-comment":
            self._end_line()
        else:
            self._line.append(BOUNDARY)

    def _is_drawn_bullet(self, node: int) -> bool:
        """Whether Word drew this mark before an item; a number is kept, because the text refers to it."""
        style = self._tree.attributes[node].get("style")
        if not style or not _WORD_MARK.search(style):
            return False
        mark = one_line(self._tree.text(node))
        return len(mark) <= _LONGEST_MARK and not any(c.isdigit() or c in ".)" for c in mark)

    def _open(self, node: int, tag: str) -> _Open | None:
        attributes = self._tree.attributes[node]
        if tag == "br":
            self._line.append(_BREAK)
            return None
        if tag in ("-comment", "!doctype", "-doctype", "wbr", "img"):
            return None
        is_block = tag not in _INLINE
        if is_block:
            self._end_line()
        else:
            self._line.append(BOUNDARY)
        if is_block and tag == "p":
            found = _WORD_ITEM.search(attributes.get("style", ""))
            self._word_item = max(1, int(found[1])) if found else 0
        kind = tag = _ROLE_TAGS.get(attributes.get("role", "").lower(), tag)
        level = _HEADING_LEVELS.get(tag) or _aria_level(attributes)
        if level and not is_block:
            self._end_line()
            is_block = True
        if attributes.get("role", "").lower() == "tabpanel":
            self._put_tab_title(attributes)
        if level:
            kind = "heading"
            self._headings.append(level)
        elif tag == "table":
            kind = self._open_table(node)
        elif tag == "tr":
            if self._tables and (table := self._tables[-1]) is not None:
                self._open_row(table, node)
        elif tag in ("td", "th"):
            kind = self._open_cell(node, tag)
        elif tag in ("ul", "ol", "dir"):
            self._lists += 1
            kind = "list"
        elif tag == "li":
            self._fresh_items.append(True)
        elif tag == "dt":
            self._end_term()
            self._in_term += 1
        elif tag == "dd":
            self._in_definition += 1
        elif tag == "a":
            kind = self._open_link(attributes)
        elif tag in ("pre", "listing", "xmp", "plaintext"):
            self._preformatted += 1
            kind = "pre"
        elif tag in ("b", "strong") or ("style" in attributes and _BOLD_STYLE.search(attributes["style"])):
            kind = "bold" if not is_block else "bold block"
            self._bold += 1
            if self._bold == 1:
                self._line.append(_BOLD)
        return _Open(self._tree.ends[node], kind, is_block)

    def _close(self, opened: _Open) -> None:
        kind = opened.tag
        if kind == "mail link":
            self._close_link()
        if opened.is_block:
            self._end_line()
        else:
            self._line.append(BOUNDARY)
        match kind:
            case "heading":
                self._headings.pop()
            case "p":
                self._word_item = 0
            case "data table":
                self._close_table()
            case "layout table":
                self._tables.pop()
            case "cell":
                self._close_cell()
            case "list":
                self._lists -= 1
            case "li":
                self._fresh_items.pop()
            case "dt":
                self._in_term -= 1
            case "dd":
                self._in_definition -= 1
            case "dl":
                self._end_term()
            case "pre":
                self._preformatted -= 1
            case "bold" | "bold block":
                self._bold -= 1
                if self._bold == 0:
                    self._line.append(_NOT_BOLD)

    def _put_tab_title(self, attributes: dict[str, str]) -> None:
        """The name on a panel's tab, which stands in a row of buttons far from it."""
        for name in attributes.get("aria-labelledby", "").split()[:3]:
            tab = self._tabs.pop(name, None)
            if tab is not None:
                self._put(f"{_BOLD}{self._tree.text(tab)}")

    # Tables

    def _open_table(self, node: int) -> str:
        if self._data_depth >= _DEEPEST_TABLE or is_layout(self._tree, node, self._weights):
            self._tables.append(None)
            return "layout table"
        self._data_depth += 1
        self._tables.append(Table())
        return "data table"

    def _open_row(self, table: Table, node: int) -> None:
        if self._tree.tags[self._tree.parents[node]] == "thead":
            table.in_head.add(len(table.rows))
        table.rows.append([])

    def _open_cell(self, node: int, tag: str) -> str:
        if not self._tables or (table := self._tables[-1]) is None or not table.rows:
            return "box"
        self._sinks.append(_Sink(cell=self._cell_of(node, tag), depth=self._lists))
        return "cell"

    def _cell_of(self, node: int, tag: str) -> Cell:
        attributes = self._tree.attributes[node]
        return Cell(
            "",
            is_heading=tag == "th" or attributes.get("role", "") == "columnheader",
            for_row=attributes.get("scope", "").lower() in ("row", "rowgroup")
            or attributes.get("role") == "rowheader",
            colspan=span_of(attributes.get("colspan", ""), 100),
            rowspan=span_of(attributes.get("rowspan", ""), 65_534),
        )

    def _close_cell(self) -> None:
        self._end_term()
        sink = self._sinks.pop()
        table = self._tables[-1]
        assert sink.cell is not None
        assert table is not None
        cell = sink.cell
        cell.text = join_cell([(line.lists, _flat(line.block)) for line in sink.lines])
        cell.is_bold = bool(sink.lines) and all(line.is_bold for line in sink.lines)
        table.rows[-1].append(cell)

    def _close_table(self) -> None:
        table = self._tables.pop()
        assert table is not None
        self._data_depth -= 1
        if not self._in_definition:
            self._end_term()
        sink = self._sinks[-1]
        sink.lines += [Line(row, lists=self._lists - sink.depth) for row in make_rows(table)]

    # Links

    def _open_link(self, attributes: dict[str, str]) -> str:
        href = attributes.get("href", "").strip()
        address = ""
        if href[:7].lower() == "mailto:":
            found = _EMAIL.match(href[7:].replace("%40", "@").strip())
            address = found[0] if found else ""
        elif code := attributes.get("data-cfemail") or _protected(href):
            address = _unprotect(code)
        if not address:
            return "a"
        self._mail.append((address, len(self._line)))
        return "mail link"

    def _close_link(self) -> None:
        address, start = self._mail.pop()
        words = one_line(_MARKS.sub("", "".join(self._line[start:]).replace(_BREAK, " ")))
        if address.lower() in words.lower():
            return
        # A service that hides addresses from robots leaves these words in their place.
        if not words or re.fullmatch(r"\[email.protected\]", words, re.IGNORECASE):
            self._line[start:] = [address]
            return
        self._line.append(f" ({address})")

    # Lines

    def _end_line(self) -> None:
        """Make a block, or several, of the text collected so far."""
        if not self._line:
            return
        text = "".join(self._line)
        self._line = [_BOLD] if self._bold else []
        self._mail = [(address, len(self._line)) for address, _ in self._mail]
        if not text.strip(f" \t\n\xa0{BOUNDARY}{_BOLD}{_NOT_BOLD}{_BREAK}"):
            return
        for part in _PARAGRAPH_BREAK.split(text):
            self._end_paragraph(part)

    def _end_paragraph(self, text: str) -> None:
        lines = [text]
        if _BREAK in text:
            lines = [line for line in text.split(_BREAK) if one_line(_MARKS.sub("", line))]
        if self._headings:
            self._put_heading(" ".join(lines))
        elif self._in_term:
            if words := one_line(_MARKS.sub(BOUNDARY, " ".join(lines))):
                self._term.append(words)
        elif len(lines) > 1 and (self._sinks[-1].cell is not None or _is_list(lines)):
            for line in lines:
                self._put(line, may_be_item=self._sinks[-1].cell is None)
        elif (
            len(lines) > 1
            and _is_bold(lines[0])
            and not _is_bold(lines[1])
            and len(lines[0]) < _LONGEST_HEADING
        ):
            self._put(lines[0])
            self._put(" ".join(lines[1:]))
        elif lines:
            self._put(" ".join(lines))

    def _put_heading(self, text: str) -> None:
        words = _PERMALINK.sub("", one_line(_MARKS.sub(BOUNDARY, text)))
        if not words:
            return
        # A whole paragraph set as a heading for its size is a paragraph.
        block = Heading(self._headings[-1], words) if len(words) <= _LONGEST_HEADING else Paragraph(words)
        self._end_term()
        sink = self._sinks[-1]
        sink.lines.append(Line(block, lists=self._lists - sink.depth))

    def _put(self, text: str, *, may_be_item: bool = False) -> None:
        words = one_line(_MARKS.sub(BOUNDARY, text))
        if not words:
            return
        bullet = _BULLET.match(words)
        if bullet and not bullet[0].strip("-–—•·●○◦▪■‣⁃∙・* "):
            words = words[bullet.end() :].strip() or words
        sink = self._sinks[-1]
        if not self._in_definition:
            self._end_term()
        block: Block
        if self._in_definition and self._term:
            term = " ".join(self._term).rstrip(" :")
            block = Item(f"{term}: {words}", max(1, self._lists))
            self._term = []
        elif self._lists > sink.depth and (
            not self._fresh_items or self._fresh_items[-1] or self._outside_item()
        ):
            block = Item(words, self._lists - sink.depth)
        elif self._word_item:
            block = Item(words, min(6, self._word_item))
            self._word_item = 0
        elif may_be_item and bullet:
            block = Item(words, self._lists - sink.depth + 1)
        else:
            block = Paragraph(words)
        if self._fresh_items:
            self._fresh_items[-1] = False
        sink.lines.append(Line(block, _is_bold(text), self._lists - sink.depth))

    def _outside_item(self) -> bool:
        return len(self._fresh_items) < self._lists

    def _end_term(self) -> None:
        """A term without a definition is a line of its own."""
        if self._term:
            term, self._term = " ".join(self._term), []
            sink = self._sinks[-1]
            sink.lines.append(Line(Paragraph(term), lists=self._lists - sink.depth))


def _flat(block: Block) -> str:
    if isinstance(block, Row):
        return ", ".join(f"{header}: {cell}" if header else cell for header, cell in block.cells)
    return block.text


def _aria_level(attributes: dict[str, str]) -> int:
    if attributes.get("role", "").lower() != "heading":
        return 0
    level = attributes.get("aria-level", "2").strip()
    return max(1, min(6, int(level))) if level.isascii() and level.isdigit() and len(level) < 4 else 2


def _is_bold(text: str) -> bool:
    """Whether all words of ``text`` are bold, by its marks."""
    if _BOLD not in text:
        return False
    return not any(char.isalnum() for char in _BOLD_RUN.sub("", text))


def _is_list(lines: list[str]) -> bool:
    bullets = sum(1 for line in lines if _BULLET.match(one_line(_MARKS.sub("", line))))
    return bullets >= 2 or (
        bullets == 1 and len(lines) == 2 and bool(_BULLET.match(one_line(_MARKS.sub("", lines[1]))))
    )


def _protected(href: str) -> str:
    found = re.search(r"/cdn-cgi/l/email-protection#([0-9a-fA-F]{4,400})$", href)
    return found[1] if found else ""


def _unprotect(code: str) -> str:
    """The address behind Cloudflare's e-mail protection: the first byte is the key of the others."""
    try:
        data = bytes.fromhex(code)
    except ValueError:
        return ""
    address = (
        bytes(byte ^ data[0] for byte in data[1:]).decode("utf-8", "ignore").partition("?")[0] if data else ""
    )
    return address if _EMAIL.fullmatch(address) else ""
