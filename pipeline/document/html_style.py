"""As much CSS as it takes to see whether text shows: inline styles, and rules for one class or id in the page itself.

A rule inside ``@media`` and the like may not hold, and a class that any other rule displays may show; neither hides.
"""

import re
from dataclasses import dataclass, field

from pipeline.document.html_tree import TEXT, Tree

_DECLARATION = re.compile(r"([a-z-]{2,30})\s*:\s*([^;]{1,200})", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|$)", re.DOTALL)
_SIMPLE_SELECTOR = re.compile(r"[a-z]*([.#][A-Za-z_-][\w-]*)$", re.IGNORECASE)
_NAMES = re.compile(r"[.#](?:[\w-]|\\[^\w])+")
_TAGS = re.compile(r"(?:^|[\s>+~,])([a-z][a-z0-9]*)")
_SHOWING = frozenset({"display", "visibility", "opacity", "max-height", "height", "color"})
_LENGTH = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|%|vw|vh|ch)?$")
_RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+([\d.]+%?))?\s*\)")
_LONGEST_SHEET = 500_000
_FAR = 500.0


@dataclass(slots=True)
class Style:
    """Declarations by property, values in lower case without ``!important``."""

    declared: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The value declared for ``name``, or an empty string."""
        return self.declared.get(name, "")

    @property
    def color(self) -> str:
        """The colour of the text, when it is declared."""
        return self.get("color")

    @property
    def background(self) -> str:
        """The colour behind the text, when it is declared; a picture or gradient counts as one that is not white."""
        value = self.get("background-color") or self.get("background")
        return "" if value in ("none", "inherit", "initial", "unset", "transparent") else value

    def hides(self) -> str | None:
        """Why text with this style does not show, or None. Colours are judged with their surroundings, not here."""
        if not self.declared:
            return None
        if self.get("display") == "none":
            return "display: none"
        if self.get("visibility") in ("hidden", "collapse"):
            return "visibility: hidden"
        if self.get("content-visibility") == "hidden":
            return "visibility: hidden"
        if _number(self.get("opacity")) == 0:
            return "no opacity"
        font_size = self.get("font-size") or next(
            iter(re.findall(r"\b0(?:px|pt|em|rem)?\b(?=[\s/])", self.get("font"))), ""
        )
        size = _length(font_size)
        if size is not None and size <= (
            0.1 if font_size.endswith("m") else 2 if font_size[-1:] != "%" else 10
        ):
            return "no size"
        if self.get("color") == "transparent" or ((rgb := _rgb(self.get("color"))) and rgb[3] == 0):
            return "transparent text"
        return self._out_of_sight()

    def _out_of_sight(self) -> str | None:
        clipped = self.get("overflow") in ("hidden", "clip") or self.get("overflow-y") == "hidden"
        height = _length(self.get("max-height"))
        height = _length(self.get("height")) if height is None else height
        if clipped and height == 0:
            return "no height"
        width = _length(self.get("width"))
        if clipped and ((height is not None and height <= 1) or (width is not None and width <= 1)):
            return "no size"
        if self.get("position") in ("absolute", "fixed"):
            for side in ("left", "top", "right", "bottom"):
                if (_length(self.get(side)) or 0) <= -_FAR:
                    return "off the screen"
            if re.match(r"rect\(\s*(?:0|1)(?:px)?[\s,]+(?:0|1)(?:px)?[\s,]+(?:0|1)(?:px)?", self.get("clip")):
                return "no size"
        if (_length(self.get("text-indent")) or 0) <= -_FAR or (
            _length(self.get("margin-left")) or 0
        ) <= -_FAR * 2:
            return "off the screen"
        if re.search(r"scale[xy]?\(\s*0\s*[,)]|translate[xy]?\(\s*-\d{4,}", self.get("transform")):
            return "off the screen"
        if re.match(r"inset\(\s*(?:50|100)%|circle\(\s*0", self.get("clip-path")):
            return "no size"
        return None

    @staticmethod
    def is_white(color: str) -> bool:
        """Whether ``color`` cannot be told from a white page."""
        rgb = _rgb(color)
        return rgb is not None and min(rgb[:3]) >= 250

    @staticmethod
    def same_color(one: str, other: str) -> bool:
        """Whether no eye could tell ``one`` on ``other``."""
        first, second = _rgb(one), _rgb(other)
        if first is None or second is None:
            return False
        return all(abs(a - b) <= 6 for a, b in zip(first[:3], second[:3], strict=True))


def parse_style(text: str) -> Style:
    """The declarations of a ``style`` attribute or of a rule's body."""
    if not text:
        return Style()
    return Style(
        {
            name.lower(): value.lower().replace("!important", "").strip()
            for name, value in _DECLARATION.findall(_COMMENT.sub(" ", text))
        }
    )


@dataclass(slots=True)
class Sheet:
    """What the page's own rules do to elements by ``.class``, ``#id`` and tag.

    ``hiding`` has the styles that hide; ``showing`` the names that some rule shows, if only on some screens; ``painted`` those that
    get a background of their own.
    """

    hiding: dict[str, Style] = field(default_factory=dict)
    showing: set[str] = field(default_factory=set)
    painted: set[str] = field(default_factory=set)

    def style_of(self, attributes: dict[str, str]) -> Style:
        """The style that an element has by its ``style`` attribute and by the page's rules that hide."""
        inline = parse_style(attributes.get("style", ""))
        if not self.hiding:
            return inline
        names = names_of(attributes)
        if not self.showing.isdisjoint(names):
            return inline
        declared: dict[str, str] = {}
        for name in names:
            if name in self.hiding:
                declared |= self.hiding[name].declared
        return Style(declared | inline.declared)

    def paints(self, tag: str, attributes: dict[str, str]) -> bool:
        """Whether some rule gives this element a background."""
        return bool(self.painted) and (
            tag in self.painted or not self.painted.isdisjoint(names_of(attributes))
        )


def names_of(attributes: dict[str, str]) -> list[str]:
    """The names by which rules know an element: its classes with a dot, its id with a hash."""
    names = [f".{name}" for name in attributes.get("class", "").split()]
    return [*names, f"#{attributes['id']}"] if "id" in attributes else names


def read_sheet(tree: Tree) -> Sheet:
    """The rules in the page's ``style`` elements, as far as they matter here."""
    text = "".join(
        tree.texts[child]
        for node, tag in enumerate(tree.tags)
        if tag == "style"
        for child in tree.children(node)
        if tree.tags[child] == TEXT
    )[:_LONGEST_SHEET]
    sheet = Sheet()
    for selectors, body, conditional in _rules(_COMMENT.sub(" ", text)):
        style = parse_style(body)
        hides = style.hides() is not None or Style.is_white(style.color)
        names = {name.replace("\\", "") for name in _NAMES.findall(selectors)}
        if style.background:
            sheet.painted |= names | set(_TAGS.findall(selectors))
        if not hides:
            if not _SHOWING.isdisjoint(style.declared):
                sheet.showing |= names
            continue
        for selector in () if conditional else selectors.split(","):
            if simple := _SIMPLE_SELECTOR.match(selector.strip()):
                before = sheet.hiding.get(simple[1], Style())
                sheet.hiding[simple[1]] = Style(before.declared | style.declared)
    return sheet


def _rules(text: str) -> list[tuple[str, str, bool]]:
    """``(selectors, body, inside an at-rule)`` of each rule that holds no other, in one pass over the braces."""
    rules: list[tuple[str, str, bool]] = []
    open_rules: list[tuple[str, int]] = []
    last = 0
    innermost = False
    for found in re.finditer(r"[{}]", text):
        at = found.start()
        if found[0] == "{":
            # What stands before the selectors: the end of a declaration or of an @import.
            open_rules.append((text[last:at].rpartition(";")[2].strip(), at + 1))
            innermost = True
        elif open_rules:
            selectors, start = open_rules.pop()
            if innermost and not selectors.startswith("@"):
                rules.append((selectors, text[start:at], bool(open_rules)))
            innermost = False
        last = at + 1
    return rules


def _number(text: str) -> float | None:
    try:
        return float(text.rstrip("%"))
    except ValueError:
        return None


def _length(text: str) -> float | None:
    found = _LENGTH.match(text)
    return float(found[1]) if found else None


_NAMED = {
    "white": (255, 255, 255, 1.0),
    "black": (0, 0, 0, 1.0),
    "snow": (255, 250, 250, 1.0),
    "transparent": (0, 0, 0, 0.0),
}


def _rgb(color: str) -> tuple[int, int, int, float] | None:
    color = color.strip().lower()
    if color in _NAMED:
        return _NAMED[color]
    if found := re.match(r"#([0-9a-f]{3,8})$", color):
        digits = found[1]
        if len(digits) in (3, 4):
            digits = "".join(digit * 2 for digit in digits)
        if len(digits) in (6, 8):
            red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
            return red, green, blue, int(digits[6:8], 16) / 255 if len(digits) == 8 else 1.0
    if found := _RGB.match(color):
        alpha = _number(found[4]) if found[4] else 1.0
        return int(found[1]), int(found[2]), int(found[3]), 1.0 if alpha is None else alpha
    return None
