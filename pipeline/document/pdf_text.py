"""The lines of a PDF page, with place, size and weight, as PDFium sees them."""

import ctypes
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

# PDFium marks a hyphen at which a word was broken over lines with this character.
BROKEN_WORD = "\x02"
_BOLD_FLAG = 0x40000  # FontDescriptor /Flags bit 19, ForceBold (ISO 32000-1, table 123)
_BOLD_NAMES = ("bold", "black", "heavy", "demi", "cmbx", "sfbx")
# Places along a line at which size and weight are looked up; each costs calls into the library.
_SAMPLES = 5
_LIGHT = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. Lengths are in points; ``y`` is the baseline, growing upwards; ``start`` its first
    character.

    ``broken`` says that the line ends in a hyphen PDFium takes for one of word division; the hyphen is not in
    ``text``. ``pale`` says that its colour or drawing mode may keep it from being seen.
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
    pale: bool = False


def read_chars(textpage: Any) -> list[str]:
    """The characters of a page, one entry for each of PDFium's indices; a surrogate pair stands in its first
    entry.
    """
    units = [pdfium.FPDFText_GetUnicode(textpage, i) for i in range(textpage.count_chars())]
    chars = [chr(unit) for unit in units]
    for i, (high, low) in enumerate(pairwise(units)):
        if 0xD800 <= high < 0xDC00 <= low < 0xE000:
            chars[i], chars[i + 1] = chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)), ""
    return chars


def read_lines(textpage: Any, chars: list[str], page: int, taken: set[int]) -> list[Line]:
    """The lines of a page in reading order, without the characters that ``taken`` holds the indices of."""
    lines: list[Line] = []
    run: list[int] = []
    for i, char in enumerate(chars):
        if char in "\r\n" or char == BROKEN_WORD or i in taken:
            _add_line(lines, textpage, chars, run, page, broken=char == BROKEN_WORD)
            run = []
        else:
            run.append(i)
    _add_line(lines, textpage, chars, run, page, broken=False)
    return lines


def _add_line(
    lines: list[Line], textpage: Any, chars: list[str], run: list[int], page: int, *, broken: bool
) -> None:
    seen = [i for i in run if chars[i].strip()]
    if not seen:
        return
    letters = [i for i in seen if chars[i].isalnum()] or seen
    step = max(1, len(letters) // _SAMPLES)
    sampled = letters[::step]
    _, y = _origin(textpage, letters[0])
    lines.append(
        Line(
            text="".join(chars[i] for i in run).strip(),
            page=page,
            start=seen[0],
            left=char_box(textpage, seen[0])[0],
            right=char_box(textpage, seen[-1])[2],
            y=y,
            size=statistics.median_low([_size(textpage, i) for i in sampled]),
            bold=all(_is_bold(textpage, i) for i in sampled),
            broken=broken,
            pale=any(_is_pale(textpage, i) for i in sampled),
        )
    )


def char_box(textpage: Any, index: int) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a character's ink, in points."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
    return left.value, bottom.value, right.value, top.value


def _origin(textpage: Any, index: int) -> tuple[float, float]:
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(textpage, index, x, y)
    return x.value, y.value


def _size(textpage: Any, index: int) -> float:
    """The size at which a character shows: the font's, scaled by the text matrix; to half a point."""
    size = float(pdfium.FPDFText_GetFontSize(textpage, index))
    matrix = pdfium.FS_MATRIX()
    if pdfium.FPDFText_GetMatrix(textpage, index, matrix):
        size *= float((matrix.b**2 + matrix.d**2) ** 0.5)
    return round(size * 2) / 2


def _is_bold(textpage: Any, index: int) -> bool:
    flags = ctypes.c_int()
    name = ctypes.create_string_buffer(256)
    if not pdfium.FPDFText_GetFontInfo(textpage, index, name, 256, flags):
        return False
    lowered = name.value.decode("utf-8", "replace").lower()
    return bool(flags.value & _BOLD_FLAG) or any(word in lowered for word in _BOLD_NAMES)


def _is_pale(textpage: Any, index: int) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not pdfium.FPDFText_GetFillColor(textpage, index, red, green, blue, alpha):
        return False
    if alpha.value < 255 - _LIGHT or min(red.value, green.value, blue.value) > _LIGHT:
        return True
    drawn = pdfium.FPDFText_GetTextObject(textpage, index)
    mode = pdfium.FPDFTextObj_GetTextRenderMode(drawn) if drawn else pdfium.FPDF_TEXTRENDERMODE_FILL
    return bool(mode == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)


def unseen_lines(page: Any, textpage: Any, lines: Iterable[Line]) -> set[Line]:
    """Those of the lines that leave no mark on the page when it is drawn: white on white, or drawn with no
    ink.

    Only ``pale``, tiny and outlying lines are looked at, so that an ordinary page need not be drawn. A white
    heading on a dark bar is seen, and stays.
    """
    width, height = page.get_size()
    suspects = [
        line
        for line in lines
        if line.pale or line.size < 3 or line.left >= width or line.right <= 0 or not 0 <= line.y <= height
    ]
    if not suspects:
        return set()
    scale = min(2.0, 4_000 / max(width, height, 1))
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
    pixels, stride = memoryview(bitmap.buffer).cast("B"), bitmap.stride
    unseen = set()
    for line in suspects:
        left, right = max(0, int(line.left * scale)), min(bitmap.width, int(line.right * scale) + 1)
        # From the baseline to the height of small letters: further up or down, a rule of a table may be in
        # the way.
        top = max(0, int((height - line.y - line.size * 0.5) * scale))
        bottom = min(bitmap.height, int((height - line.y) * scale))
        area = [pixels[row * stride + left : row * stride + right] for row in range(top, bottom)]
        shades = [shade for row in area for shade in row]
        if line.size < 3 or not shades or max(shades) - min(shades) < 24:
            unseen.add(line)
    return unseen
