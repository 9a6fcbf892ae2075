"""What a reader of the page would not see, and what is only folded up.

Hidden text is where instructions to models hide, and it is also where pages keep the closed panels of an accordion.
The rule: text hidden by ``hidden``, ``display: none``, ``aria-hidden`` or no height is *folded*, and kept, when

1. it is a panel: an element that some control names (``aria-controls``, ``data-target``, a tab's ``href``), that names its
   control (``aria-labelledby`` with ``role="region"`` or ``"tabpanel"``), that the browser can find (``until-found``), or
   whose class says so, or that stands right after a control that says what it opens is closed (``aria-expanded="false"``); and it holds prose, not only links or labels; or
2. all that is hidden by the same one of these means, or by opacity or ``visibility``, is three quarters of the page's prose or more: the page
   was captured under a dialog, or before its scripts let its text appear.

Text that is invisible by any other means (white on white, no size, off the screen, comments) is always hidden, in a panel too.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from pipeline.document.html_style import Sheet, Style, read_sheet
from pipeline.document.html_tree import COMMENT, TEXT, Tree, Weights
from pipeline.document.spacing import one_line

_FOLDING = frozenset({"hidden attribute", "display: none", "aria-hidden", "no height"})
_LIFTABLE = _FOLDING | {"no opacity", "visibility: hidden"}
PANEL_CLASS = re.compile(
    r"accordion|collaps|panel|tab-?(?:pane|content)|expand|toggle|faq|drawer-?body|disclosure|answer|details",
    re.IGNORECASE,
)
"""Classes by which pages call what folds, and what folds it."""
# Less may be copies for other screens, or in other languages.
_LIFTED_SHARE = 0.75
_SCREEN_READER_CLASS = re.compile(
    r"(?:^|\s)(?:sr-only|visually-?hidden|screen-?reader-?(?:text|only)?|a11y-hidden|u-hidden-visually|element-invisible)(?:\s|$)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[(§]?(?:\d{1,3}(?:\.\d{1,3})*|[IVXivx]{1,5}|[a-z])[.):]?")
_LONGEST_NUMBER = 12
_MAY_BE_DARK = re.compile(r"bg|dark|hero|banner|inverse|inverted|black|cover|theme|masthead", re.IGNORECASE)
_CONTROLS = ("aria-controls", "data-target", "data-bs-target", "data-controls", "data-toggle-target")
# How far around a node its background is looked for.
_FAR_ENOUGH = 100
# Levels of boxes around a control, and blank nodes between it and what it opens.
_FAR_FROM_CONTROL = 4
_TITLE_TAGS = ("h1", "h2", "header")
_LEAST_PANEL_PROSE = 60
_CODE = re.compile(r"[{}<>]|;\s*$|^\s*(?:\[if|#|/|\$)|\[endif|=\"|^\s*(?:end|start|begin)\b", re.IGNORECASE)
_LEAST_COMMENT_WORDS = 5


@dataclass(slots=True)
class Hidden:
    """``nodes`` that do not show, with the reason, and ``folded`` ones that are content for a reader who opens them."""

    nodes: dict[int, str] = field(default_factory=dict)
    folded: set[int] = field(default_factory=set)


def find_hidden(tree: Tree, weights: Weights) -> Hidden:
    """The outermost hidden nodes of ``tree``. ``weights`` are of the whole page."""
    look = _Look(tree, weights, read_sheet(tree), _controlled_ids(tree), _closed_controls(tree))
    found = look.find(frozenset())
    most = sum(weights.prose(root) for root, parent in enumerate(tree.parents) if parent < 0) * _LIFTED_SHARE
    lifted = frozenset(
        reason
        for reason in _LIFTABLE
        if 0 < most <= sum(weights.prose(node) for node, why in found.nodes.items() if why == reason)
    )
    return look.find(lifted) if lifted else found


def comment_texts(tree: Tree) -> list[str]:
    """The comments that are sentences rather than code, notes of templates or an archive's stamp."""
    texts = []
    for node, tag in enumerate(tree.tags):
        if tag == COMMENT and not _CODE.search(tree.texts[node]) and not _is_about_code(tree, node):
            text = one_line(tree.texts[node])
            if len(text.split()) >= _LEAST_COMMENT_WORDS and not _ARCHIVE_STAMP.search(text):
                texts.append(text)
    return texts


def _is_about_code(tree: Tree, comment: int) -> bool:
    """Whether a comment stands right before a script or style, and so speaks of it."""
    after = [tag for tag in tree.tags[comment + 1 : comment + 3] if tag != TEXT]
    return bool(after) and after[0] in ("script", "style", "link", "meta", "noscript")


_ARCHIVE_STAMP = re.compile(
    r"FILE ARCHIVED ON|playback timings|Page saved with SingleFile|saved from url|HTTrack|SAVED BY|INTERNET ARCHIVE",
    re.IGNORECASE,
)


def _controlled_ids(tree: Tree) -> set[str]:
    ids: set[str] = set()
    for node, attributes in enumerate(tree.attributes):
        for name in _CONTROLS:
            if name in attributes:
                ids.update(word.lstrip("#") for word in attributes[name].split())
        toggles = (
            "data-toggle" in attributes or "data-bs-toggle" in attributes or attributes.get("role") == "tab"
        )
        if toggles and tree.tags[node] == "a" and attributes.get("href", "").startswith("#"):
            ids.add(attributes["href"][1:])
    ids.discard("")
    return ids


def _closed_controls(tree: Tree) -> list[int]:
    return [node for node, found in enumerate(tree.attributes) if found.get("aria-expanded") == "false"]


@dataclass(slots=True)
class _Look:
    """One page with all that it takes to judge its elements."""

    tree: Tree
    weights: Weights
    sheet: Sheet
    controlled: set[str]
    closed: list[int]
    backgrounds: dict[int, str] = field(default_factory=dict)

    def find(self, lifted: frozenset[str]) -> Hidden:
        """The hidden nodes, when what hides for a ``lifted`` reason shows."""
        found = Hidden()
        tree = self.tree
        node = 0
        while node < len(tree.tags):
            attributes = tree.attributes[node]
            if not attributes:
                node += 1
                continue
            style = self.sheet.style_of(attributes)
            if color := style.background or attributes.get("bgcolor", "").strip().lower():
                self.backgrounds[node] = color
            reasons = [reason for reason in self._reasons(node, style) if reason not in lifted]
            if reasons and _FOLDING.issuperset(reasons) and self._is_panel(node):
                found.folded.add(node)
                reasons = []
            if reasons and tree.tags[node] not in ("html", "body"):
                found.nodes[node] = reasons[0]
                node = tree.ends[node]
            else:
                node += 1
        return found

    def _reasons(self, node: int, style: Style) -> Iterator[str]:
        attributes = self.tree.attributes[node]
        if "hidden" in attributes and attributes["hidden"].lower() != "false":
            yield "hidden attribute"
        if attributes.get("aria-hidden", "").lower() == "true" and not self._is_number(node):
            yield "aria-hidden"
        if reason := style.hides():
            yield reason
        if _SCREEN_READER_CLASS.search(attributes.get("class", "")):
            yield "for screen readers only"
        color = style.color or attributes.get("color", "").strip().lower()
        if color and self._is_unseen(node, color):
            yield "text in the colour of its background"

    def _is_number(self, node: int) -> bool:
        """A number before a heading is drawn for the eye and read out otherwise; it shows."""
        if self.weights.text(node) > _LONGEST_NUMBER:
            return False
        return _NUMBER.fullmatch(hidden_text(self.tree, node)) is not None

    def _is_panel(self, node: int) -> bool:
        weights, tree = self.weights, self.tree
        if weights.prose(node) < _LEAST_PANEL_PROSE or weights.linked(node) * 2 > weights.text(node):
            return False
        attributes = tree.attributes[node]
        around = [node, *islice(tree.ancestors(node), 2)]
        return (
            attributes.get("hidden", "").lower() == "until-found"
            or attributes.get("role") == "tabpanel"
            or (attributes.get("role") == "region" and "aria-labelledby" in attributes)
            or any(tree.attributes[n].get("id", "") in self.controlled for n in around)
            or any(PANEL_CLASS.search(tree.attributes[n].get("class", "")) for n in around)
            or any(tree.tags[n] == "details" for n in around)
            or self._is_after_control(node)
        )

    def _is_after_control(self, node: int) -> bool:
        """Whether a control that opens something ends right before ``node``, alone or in its heading."""
        tree = self.tree
        control = self.closed[at - 1] if (at := bisect_left(self.closed, node)) else -1
        for _ in range(_FAR_FROM_CONTROL):
            if control < 0 or tree.parents[control] == tree.parents[node]:
                break
            control = tree.parents[control]
        else:
            return False
        between = range(tree.ends[control], node)
        return (
            control >= 0
            and len(between) <= _FAR_FROM_CONTROL
            and not any(tree.tags[n] != TEXT or tree.texts[n].strip() for n in between)
        )

    def _is_unseen(self, node: int, color: str) -> bool:
        tree = self.tree
        around = [node, *islice(tree.ancestors(node), _FAR_ENOUGH)]
        background = next((self.backgrounds[n] for n in around if n in self.backgrounds), None)
        if background is not None or not Style.is_white(color):
            return background is not None and Style.same_color(color, background)
        # No background is named: the page is white, unless a rule here, or a class whose rule is not here, paints it.
        inside = (tree.tags[n] for n in islice(tree.within(node), _FAR_ENOUGH))
        return not any(tag in ("h1", "h2") for tag in inside) and not any(
            tree.tags[n] in _TITLE_TAGS
            or _MAY_BE_DARK.search(tree.attributes[n].get("class", ""))
            or self.sheet.paints(tree.tags[n], tree.attributes[n])
            for n in around
        )


def hidden_text(tree: Tree, node: int) -> str:
    """The text of a hidden node on one line, words of different elements apart."""
    return one_line(" ".join(tree.texts[n] for n in tree.within(node) if tree.tags[n] == TEXT))
