"""From blocks to sections and passages: the text that everything cites, and ids that an edit elsewhere leaves alone.

Each heading and each passage is one line of the text. A section's id comes from the words of its heading, without its
number, and a passage's from its place in its section.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.document.blocks import Block, Heading, Item, Paragraph, Row
from pipeline.document.sentences import cut_long, split_sentences
from schemas.document import Passage, PassageKind, Section, Span

_INTRO = "intro"
# A longer "heading" is running text that somebody set in large letters, and must be citable.
_LONGEST_HEADING = 240
# An id is read and written by people and models many times over, so a slug is a few telling words.
_MOST_SLUG_WORDS = 4
_LONGEST_SLUG = 40
# Words that say nothing about what a section is about; they go when a heading is long.
_ENGLISH = (
    "a an and are as at be by can do does for from has have how in is it its may of on or our such that the their these "
    "this those to us we what when where which who why will with you your"
)
_FRENCH = "aux ce ces comment dans de des du en est et la le les nos notre nous ou par pour que quelles quels qui sont sur un une vos votre vous"
_GERMAN = "das dem den der die ein eine ihr ihre im in ist mit sie uns unser unsere und von was welche wer wie wir zu zum zur"
_SPANISH = "al como con del el la las los nuestra nuestro para por que se son su sus una y"
_EMPTY_WORDS = frozenset(" ".join((_ENGLISH, _FRENCH, _GERMAN, _SPANISH)).split())

_NUMBERING = re.compile(
    r"(?:(?:section|article|part|chapter|clause|annex|abschnitt|artikel|teil|article|partie|chapitre|artículo|sección|"
    r"articolo|sezione|artigo|seção|secção|hoofdstuk|art\.|sec\.|§)\s*)?"
    r"(?:\(?\d{1,3}(?:\.\d{1,3}){0,4}\\?[.):]+|\(?(?:[ivxlc]{1,6}|[a-z])\\?[.)]+(?=\s)|\d{1,2}(?:\.\d{1,2}){0,4}(?=\s|[-–—])|"
    r"[（(]?[一二三四五六七八九十]{1,4}[）)、.．]|第[一二三四五六七八九十百\d]{1,4}[条條章节節部款編])"
    r"\s*[-–—:.]?\s*(?=[^\d\s.)])",
    re.IGNORECASE,
)
_TRANSCRIBED = str.maketrans(
    {"ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_NO_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Assembled:
    """The text of a document with its sections and passages, in order. ``text[passage.span]`` is the passage."""

    text: str
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]


def assemble(blocks: Iterable[Block], language: str = "en") -> Assembled:
    """Sections and passages of the blocks. ``language`` is a BCP 47 primary tag and guides the sentences."""
    writer = _Writer()
    for block in blocks:
        if isinstance(block, Heading) and len(block.text) <= _LONGEST_HEADING:
            writer.add_heading(block.level, one_line(block.text))
        else:
            for kind, text in _texts(block, language):
                writer.add_passage(kind, text)
    return writer.finish()


def one_line(text: str) -> str:
    """``text`` with each run of white space, line ends and no-break spaces among it, as one space."""
    return " ".join(text.split())


def write_row(row: Row) -> str:
    """``Header: cell | Header: cell``; a cell without a header stands alone, an empty cell is left out."""
    cells = []
    for header, cell in row.cells:
        name, words = one_line(header).rstrip(" :："), one_line(cell)
        if words:
            cells.append(f"{name}: {words}" if name else words)
    return " | ".join(cells)


def make_slug(title: str) -> str:
    """The key of a heading: its words in ASCII without its numbering, the first four telling ones of a long heading.

    A digest stands in for letters of other scripts. Never empty.
    """
    heading = one_line(title)
    numbered = _NUMBERING.match(heading)
    bare = heading[numbered.end() :] if numbered else heading
    folded = bare.lower().translate(_TRANSCRIBED)
    plain = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    words = [w for w in _NO_SLUG.split(plain.replace("'", "").replace("’", "")) if w]
    if len(words) > _MOST_SLUG_WORDS:
        words = ([w for w in words if w not in _EMPTY_WORDS] or words)[:_MOST_SLUG_WORDS]
    slug = "-".join(words)
    if len(slug) > _LONGEST_SLUG:
        slug = slug[: _LONGEST_SLUG + 1].rpartition("-")[0] or slug[:_LONGEST_SLUG]
    if not slug or any(c.isalpha() and not c.isascii() for c in plain):
        digest = hashlib.sha256(bare.encode("utf-8")).hexdigest()[:8]
        slug = f"{slug}-{digest}" if slug else f"s-{digest}"
    return slug


def _texts(block: Block, language: str) -> Iterator[tuple[PassageKind, str]]:
    match block:
        case Paragraph() | Heading():
            for sentence in split_sentences(one_line(block.text), language):
                yield "sentence", sentence
        case Item():
            for piece in cut_long(one_line(block.text)):
                yield "item", piece
        case Row():
            for piece in cut_long(write_row(block)):
                yield "row", piece


class _Writer:
    """Writes the text line by line and keeps count of where everything stands."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._position = 0
        self._sections: list[Section] = []
        self._passages: list[Passage] = []
        self._used = {_INTRO}
        self._last_number: dict[str, int] = {}
        self._open = (_INTRO, "", 0, 0)
        self._count = 0

    def add_heading(self, level: int, title: str) -> None:
        if not title:
            return
        self._close()
        if self._lines:
            self._write("")
        span = self._write(title)
        self._open = (self._free_id(make_slug(title)), title, min(6, max(1, level)), span.start)
        self._count = 0

    def add_passage(self, kind: PassageKind, text: str) -> None:
        if not text:
            return
        self._count += 1
        section_id = self._open[0]
        self._passages.append(
            Passage(
                id=f"{section_id}.{self._count}", section_id=section_id, kind=kind, span=self._write(text)
            )
        )

    def finish(self) -> Assembled:
        self._close()
        return Assembled("".join(self._lines), tuple(self._sections), tuple(self._passages))

    def _write(self, line: str) -> Span:
        span = Span(start=self._position, end=self._position + len(line))
        self._lines.append(f"{line}\n")
        self._position = span.end + 1
        return span

    def _close(self) -> None:
        section_id, title, level, start = self._open
        if title or self._count:
            span = Span(start=start, end=max(start, self._position - 1))
            self._sections.append(Section(id=section_id, title=title, level=level, span=span))

    def _free_id(self, slug: str) -> str:
        found, number = slug, self._last_number.get(slug, 1)
        while found in self._used:
            number += 1
            found = f"{slug}-{number}"
        self._last_number[slug] = number
        self._used.add(found)
        return found
