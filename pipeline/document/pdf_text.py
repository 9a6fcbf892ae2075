"""The characters and lines of a PDF page, with place, size and weight, as PDFium sees them."""

import ctypes
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

# PDFium marks a hyphen at which a word was broken over lines with this character.
BROKEN_WORD = "\x02"
# What stands for a glyph of which the file does not say what it means, and the values PDFium gives for it.
_UNKNOWN = "\ufffd"
_NO_CHARACTER = frozenset((0, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)))
LINE_ENDS = ("\r", "\n", BROKEN_WORD)
BULLETS = "•●○◦▪■□‣➢✓\uf0b7\uf0a7"
_BOLD_FLAG = 0x40000  # FontDescriptor /Flags bit 19, ForceBold (ISO 32000-1, table 123)
_BOLD_NAMES = ("bold", "black", "heavy", "demi", "cmbx", "sfbx")
# Places along a line at which size and weight are looked up; each costs calls into the library.
_SAMPLES = 5
# Points: how small and how large a drawn shape can be to be a bullet.
_SMALLEST_DOT = 1.0
_LARGEST_DOT = 7.0
_MOST_DOTS = 500
# The width of an average letter, as a share of the size.
_LETTER = 0.55


@dataclass(frozen=True, slots=True)
class Box:
    """Lengths in points from the page's origin, growing to the right and upwards."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. Lengths are in points; ``y`` is the baseline, growing upwards; ``start`` its first
    character.

    ``broken`` says that the line ends in a hyphen PDFium takes for one of word division; the hyphen is not in
    ``text``. ``bullet`` says that a mark is drawn before it, a shape and no character, as browsers do for lists.
    """

    text: str
    page: int
    start: int
    left: float
    right: float
    y: float
    size: float
    bold: bool
    broken: bool = False
    bullet: bool = False


def had_room(space: float, line: str, size: float) -> bool:
    """Would the first word of ``line`` have fitted into ``space`` points before it, at this size?

    Then the line before was ended on purpose, and not because it was full.
    """
    return space > (len(line.split()[0]) + 2) * size * _LETTER


class PageText:
    """A page's characters by PDFium's indices, and what it knows of each. To be closed.

    A character beyond U+FFFF stands in the first of its two entries; one that was hidden is an empty string.
    """

    def __init__(self, page: Any, number: int) -> None:
        self.number = number
        self._textpage = page.get_textpage()
        self.chars = _characters(self._textpage)
        self._dots = _read_dots(page)

    def close(self) -> None:
        self._textpage.close()

    def hide(self, indices: Iterable[int]) -> None:
        """Take characters out of what ``lines`` and the tables will hold."""
        for i in indices:
            self.chars[i] = ""

    def is_ink(self, i: int) -> bool:
        return bool(self.chars[i].strip()) and self.chars[i] != BROKEN_WORD

    def box(self, i: int) -> Box:
        """Where the character's ink is."""
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        pdfium.FPDFText_GetCharBox(self._textpage, i, left, right, bottom, top)
        return Box(left.value, bottom.value, right.value, top.value)

    def baseline(self, i: int) -> float:
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(self._textpage, i, x, y)
        return y.value

    def size(self, i: int) -> float:
        """The size at which a character shows: the font's, scaled by the text matrix; to half a point."""
        size = float(pdfium.FPDFText_GetFontSize(self._textpage, i))
        matrix = pdfium.FS_MATRIX()
        if pdfium.FPDFText_GetMatrix(self._textpage, i, matrix):
            size *= float((matrix.b**2 + matrix.d**2) ** 0.5)
        return round(size * 2) / 2

    def is_bold(self, i: int) -> bool:
        flags = ctypes.c_int()
        name = ctypes.create_string_buffer(256)
        if not pdfium.FPDFText_GetFontInfo(self._textpage, i, name, 256, flags):
            return False
        lowered = name.value.decode("utf-8", "replace").lower()
        return bool(flags.value & _BOLD_FLAG) or any(word in lowered for word in _BOLD_NAMES)

    def fill(self, i: int) -> tuple[int, int, int, int]:
        """Red, green, blue and opacity that the character is filled with, each 0 to 255."""
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if not pdfium.FPDFText_GetFillColor(self._textpage, i, red, green, blue, alpha):
            return 0, 0, 0, 255
        return red.value, green.value, blue.value, alpha.value

    def drawn_by(self, i: int) -> Any:
        """The page object that draws the character; None for the spaces and line ends PDFium puts in."""
        return pdfium.FPDFText_GetTextObject(self._textpage, i) or None

    def has_dot_before(self, i: int) -> bool:
        """Is a bullet drawn before this character, which begins a line?"""
        left, y, size = self.box(i).left, self.baseline(i), self.size(i)
        return any(
            0 <= left - dot.right <= 2 * size
            and y - size * 0.2 <= (dot.bottom + dot.top) / 2 <= y + size * 0.8
            for dot in self._dots
        )

    def lines(self, taken: set[int]) -> list[Line]:
        """The lines in reading order, without the characters that ``taken`` holds the indices of."""
        lines: list[Line] = []
        run: list[int] = []
        for i, char in enumerate(self.chars):
            if char in LINE_ENDS or i in taken:
                self._add_line(lines, run, broken=char == BROKEN_WORD)
                run = []
            else:
                run.append(i)
        self._add_line(lines, run, broken=False)
        return lines

    def _add_line(self, lines: list[Line], run: list[int], *, broken: bool) -> None:
        ink = [i for i in run if self.is_ink(i)]
        if not ink:
            return
        letters = [i for i in ink if self.chars[i].isalnum()] or ink
        sampled = letters[:: max(1, len(letters) // _SAMPLES)]
        lines.append(
            Line(
                text="".join(self.chars[i] for i in run).strip(),
                page=self.number,
                start=ink[0],
                left=self.box(ink[0]).left,
                right=self.box(ink[-1]).right,
                y=self.baseline(letters[0]),
                size=statistics.median_low([self.size(i) for i in sampled]),
                bold=all(self.is_bold(i) for i in sampled),
                broken=broken,
                bullet=self.has_dot_before(ink[0]),
            )
        )


def _characters(textpage: Any) -> list[str]:
    units = [pdfium.FPDFText_GetUnicode(textpage, i) for i in range(textpage.count_chars())]
    chars = [_UNKNOWN if unit in _NO_CHARACTER else chr(unit) for unit in units]
    for i, (high, low) in enumerate(pairwise(units)):
        if 0xD800 <= high < 0xDC00 <= low < 0xE000:
            chars[i], chars[i + 1] = chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)), ""
    return chars


def _read_dots(page: Any) -> list[Box]:
    """The drawn shapes of a page that are small enough to be bullets."""
    dots = []
    for drawn in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_PATH,), max_depth=2):
        box = Box(*drawn.get_bounds())
        if all(
            _SMALLEST_DOT <= side <= _LARGEST_DOT for side in (box.right - box.left, box.top - box.bottom)
        ):
            dots.append(box)
    # A page of so many specks is a drawing.
    return dots if len(dots) <= _MOST_DOTS else []
