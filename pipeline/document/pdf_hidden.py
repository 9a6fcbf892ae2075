"""Text of a PDF page that a reader would not see: the place where instructions to a model hide.

Rules about colours miss half of the ways to hide text, so the page is drawn, and text that leaves no mark at
its place was not to be seen: white on white, black on black, under a bar, clipped away, on a layer that is
off. Text in the invisible mode could stand over other text, so it counts as hidden whatever is drawn there.
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium

from pipeline.document.pdf_text import LINE_ENDS, Box, PageText

# Points: nobody reads text that is smaller.
_SMALLEST = 3.0
# Of 255: what is less opaque than this is not seen, nor what differs from its background by less.
_FAINTEST = 24
# Pixels a point, and the longest side of the drawn page in pixels.
_SCALE = 2.0
_LONGEST_SIDE = 4_000
# A single letter may fill its box from edge to edge, as "l" and "I" do, and look like no mark at all.
_FEWEST_LETTERS = 2
_LAST_LATIN = "\u024f"


@dataclass(frozen=True, slots=True)
class Hidden:
    """Characters of a line that are hidden alike, and why they are not seen."""

    indices: list[int]
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Style:
    """What decides whether text is seen. ``shade`` is ``grey``, 0 to 255, in steps that tell runs of a line
    apart.
    """

    invisible: bool
    tiny: bool
    embedded: bool
    shade: int
    grey: int = field(compare=False)


def find_hidden(page: Any, text: PageText) -> list[Hidden]:
    """The hidden text of a page, in reading order."""
    runs = list(_runs(text))
    if runs and all(style.invisible for _, style in runs) and has_pictures(page):
        return []  # what text recognition lays over a scanned page
    drawn = _Drawn(page)
    found = []
    for run, style in runs:
        ink = [i for i in run if text.is_ink(i)]
        reason = None
        if style.invisible:
            reason = "drawn without ink"
        elif style.tiny:
            reason = "too small to read"
        else:
            boxes = [text.box(i) for i in ink]
            letters = [text.chars[i] for i in ink if text.chars[i].isalnum()]
            # A font that is not in the file may not be here to draw with, but for its Latin letters.
            drawable = style.embedded or max(letters, default="") <= _LAST_LATIN
            reason = drawn.why_unseen(
                Box(
                    min(box.left for box in boxes),
                    min(box.bottom for box in boxes),
                    max(box.right for box in boxes),
                    max(box.top for box in boxes),
                ),
                markless=len(letters) >= _FEWEST_LETTERS,
                grey=None if drawable else style.grey,
            )
        if reason:
            found.append(Hidden(run, "".join(text.chars[i] for i in run).strip(), reason))
    return found


def has_pictures(page: Any) -> bool:
    return any(True for _ in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=2))


def _runs(text: PageText) -> Iterator[tuple[list[int], _Style]]:
    """Characters of one line and one style that stand together."""
    styles: dict[int, _Style] = {}
    run: list[int] = []
    current: _Style | None = None
    for i, char in enumerate(text.chars):
        drawn = text.drawn_by(i) if text.is_ink(i) else None
        style = current
        if drawn is not None:
            address = ctypes.addressof(drawn.contents)
            if address not in styles:
                styles[address] = _style(text, i, drawn)
            style = styles[address]
        if run and (style != current or char in LINE_ENDS):
            if current:
                yield run, current
            run = []
        current = style if char not in LINE_ENDS else None
        if current:
            run.append(i)
    if run and current:
        yield run, current


def _style(text: PageText, i: int, drawn: Any) -> _Style:
    red, green, blue, alpha = text.fill(i)
    mode = pdfium.FPDFTextObj_GetTextRenderMode(drawn)
    unpainted = mode in (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
    grey = round(0.3 * red + 0.59 * green + 0.11 * blue)
    return _Style(
        invisible=unpainted or alpha < _FAINTEST,
        tiny=text.size(i) < _SMALLEST,
        embedded=bool(pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(drawn))),
        shade=grey // 64,
        grey=grey,
    )


class _Drawn:
    """The page as it looks, in grey."""

    def __init__(self, page: Any) -> None:
        self._page = page
        scale = min(_SCALE, _LONGEST_SIDE / max(*page.get_size(), 1))
        self._bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
        self._pixels = memoryview(self._bitmap.buffer).cast("B")

    def why_unseen(self, box: Box, *, markless: bool, grey: int | None) -> str | None:
        """Why nothing is to be seen at ``box``, or None.

        A place in one shade counts if ``markless``; with ``grey``, only if that is its shade.
        """
        corners = [self._pixel(box.left, box.bottom), self._pixel(box.right, box.top)]
        (left, right), (top, bottom) = (sorted(side) for side in zip(*corners, strict=True))
        width, height = self._bitmap.width, self._bitmap.height
        if right < 0 or bottom < 0 or left >= width or top >= height:
            return "off the page"
        darkest, lightest = 255, 0
        for row in range(max(0, top), min(bottom + 1, height)):
            start = row * self._bitmap.stride
            shades = bytes(self._pixels[start + max(0, left) : start + min(right + 1, width)])
            darkest, lightest = min(darkest, min(shades)), max(lightest, max(shades))
            if lightest - darkest >= _FAINTEST:
                return None
        alike = grey is None or abs(darkest - grey) < _FAINTEST
        return "in the colour of its background" if markless and alike else None

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        """Where a place on the page was drawn, whatever its box and rotation are."""
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(
            self._page, 0, 0, self._bitmap.width, self._bitmap.height, 0, x, y, across, down
        )
        return across.value, down.value
