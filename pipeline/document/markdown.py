"""Markdown to blocks, by way of HTML: one walker knows what a heading, an item and a row are.

Archives keep pages as Markdown made by machines, with defects that a strict parser would turn into lost or mangled text. They are
mended before (lines of blanks that would make code, rows wider than their header, nesting without end) or after parsing (stars of
emphasis that did not close, names in angle brackets that are no tags).
"""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from pipeline.document.blocks import Blocks
from pipeline.document.html import read_content

# Names that may stand in angle brackets as HTML; any other is the author's own placeholder, such as <Company>.
_HTML_NAMES = frozenset({
    "a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "body", "br",
    "button", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn",
    "dialog", "div", "dl", "dt", "em", "fieldset", "figcaption", "figure", "font", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr", "html", "i", "iframe", "img", "input",
    "ins", "kbd", "label", "legend", "li", "link", "main", "mark", "menu", "meta", "nav", "noscript",
    "object", "ol", "option", "p", "picture", "pre", "q", "s", "samp", "script", "section", "select",
    "small", "source", "span", "strike", "strong", "style", "sub", "summary", "sup", "svg", "table",
    "tbody", "td", "template", "textarea", "tfoot", "th", "thead", "time", "title", "tr", "tt", "u", "ul",
    "var", "video", "wbr",
})  # fmt: skip
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9:-]*)[^<>]*>")
_OPEN_STARS = re.compile(
    r"\*{2,}(?=[^\W\d_\s])|(?<=[^\W\d_\s.,:;!?)”’\"])\*{2,}|(?<=[.,:;!?)”’\"])\*{2,}(?=\s|$|[^\W\d_])"
)
_DELIMITER_ROW = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*$")
_PIPE = re.compile(r"(?<!\\)\|")
_MARKER = re.compile(r"[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))")
_MARKERS = re.compile(rf"(?:{_MARKER.pattern})+")
# Bullets that text programs write; a strict parser would run their lines together.
_BULLET = re.compile(r"[•●○◦▪■‣⁃∙][ \t\xa0]*(?=\w)")
_FRONT_MATTER = re.compile(r"---[ \t]*\n((?:[A-Za-z_][\w-]*:[^\n]*\n){1,40})(?:---|\.\.\.)[ \t]*(?:\n|$)")
_META_NAMES = {"title": "title", "lang": "language", "language": "language", "date": "published", "published": "published",
               "updated": "modified", "modified": "modified", "lastmod": "modified"}  # fmt: skip
# The parser recurses; deeper than this is no document, and its text is kept at this depth.
_DEEPEST = 15
_DEEPEST_INDENT = 60
_MOST_COLUMNS = 100
_LEAST_HIDDEN_WORDS = 5


def read_markdown(text: str) -> Blocks:
    """The blocks of a Markdown document, from its decoded ``text``; tables and embedded HTML are read, link targets are not."""
    meta: dict[str, str] = {}
    if front := _FRONT_MATTER.match(text):
        meta = _read_front_matter(front[1])
        text = text[front.end() :]
    # What looks like code is text here: a policy has none, and the line that opens a fence may hold words.
    parser = (
        MarkdownIt("commonmark", {"html": True, "maxNesting": 200})
        .enable(["table", "strikethrough"])
        .disable(["code", "fence"])
    )
    environment: dict[str, dict[str, dict[str, str]]] = {}
    tokens = parser.parse(_mend(text), environment)
    _mend_tokens(tokens)
    blocks = read_content(parser.renderer.render(tokens, parser.options, environment))
    blocks.meta = meta | blocks.meta
    # ``[//]: # (text)`` is a comment that no page shows.
    for reference in environment.get("references", {}).values():
        if len(reference.get("title", "").split()) >= _LEAST_HIDDEN_WORDS:
            blocks.hidden.append((reference["title"], "comment"))
    return blocks


def _read_front_matter(lines: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines.splitlines():
        name, _, value = line.partition(":")
        value = value.strip().strip("\"'")
        if (known := _META_NAMES.get(name.lower())) and value:
            found.setdefault(known, value)
    return found


def _mend(text: str) -> str:
    lines = [_mend_line(line) for line in text.split("\n")]
    at = 1
    while at < len(lines):
        if "|" in lines[at - 1] and "|" in lines[at] and "-" in lines[at] and _DELIMITER_ROW.match(lines[at]):
            at = _widen(lines, at)
        at += 1
    return "\n".join(lines)


def _mend_line(line: str) -> str:
    words = line.lstrip(" \t")
    if not words:
        return ""
    indent = line[: len(line) - len(words)].expandtabs(4)[:_DEEPEST_INDENT]
    words = _BULLET.sub("- ", words, count=1) if _BULLET.match(words) else words
    end = count = 0
    while marker := _MARKER.match(words, end):
        end, count = marker.end(), count + 1
        if count == _DEEPEST:
            rest = _MARKERS.match(words, end)
            return indent + words[:end] + words[rest.end() if rest else end :]
    return indent + words


def _widen(lines: list[str], delimiter: int) -> int:
    """Give a table as many columns as its widest row has, and return the number of its last line.

    A strict reader takes a header of another width for no table at all, and drops the cells that stand beyond it.
    """
    last = delimiter
    while last + 1 < len(lines) and "|" in lines[last + 1]:
        last += 1
    counts = [_count_cells(line) for line in lines[delimiter - 1 : last + 1]]
    width = max(counts[0], counts[1], min(max(counts), _MOST_COLUMNS))
    for number in range(delimiter + 1, last + 1):
        if counts[number - delimiter + 1] > width:
            lines[number] = _narrow(lines[number], width)
    for number, filling in ((delimiter - 1, " |"), (delimiter, " --- |")):
        missing = width - counts[number - delimiter + 1]
        if missing > 0:
            lines[number] = f"{lines[number].rstrip().removesuffix('|')}|{filling * missing}"
    return last


def _narrow(row: str, width: int) -> str:
    """``row`` with all its cells from the last column on in that one."""
    body = row.strip().removeprefix("|").removesuffix("|")
    end = [pipe.start() for pipe in _PIPE.finditer(body)][width - 2]
    return f"|{body[: end + 1]}{_PIPE.sub('; ', body[end + 1 :])}|"


def _count_cells(line: str) -> int:
    return len(_PIPE.findall(line.strip().removeprefix("|").removesuffix("|"))) + 1


def _mend_tokens(tokens: list[Token]) -> None:
    for token in tokens:
        if token.type == "html_block":
            token.content = _escape_unknown(token.content)
        for child in token.children or ():
            if child.type == "text" and "**" in child.content:
                child.content = _OPEN_STARS.sub("", child.content)
            elif child.type == "html_inline":
                child.content = _escape_unknown(child.content)


def _escape_unknown(html: str) -> str:
    return _TAG.sub(
        lambda tag: tag[0] if tag[1].lower() in _HTML_NAMES else tag[0].replace("<", "&lt;"), html
    )
