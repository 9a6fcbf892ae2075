"""A page as flat lists in reading order, so that no depth of nesting needs recursion and no subtree costs a search.

Node ``i`` and everything in it are the half-open range ``i`` to ``ends[i]``; sums over a subtree are differences of
running totals.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser

TEXT = "-text"
COMMENT = "-comment"

UNREADABLE = frozenset({
    "script", "style", "template", "noscript", "noembed", "noframes", "svg", "math", "canvas", "iframe",
    "object", "embed", "audio", "video", "map", "head", "title", "base", "link", "meta", "select",
    "datalist", "input", "textarea", "progress", "meter",
})  # fmt: skip
"""Elements whose text, if they have any, is no part of what the page says."""


@dataclass(slots=True)
class Tree:
    """``tags``, ``attributes`` (names in lower case), ``texts`` (of text nodes and comments), ``parents`` and ``ends`` of all nodes."""

    tags: list[str] = field(default_factory=list)
    attributes: list[dict[str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    _places: dict[str, list[int]] = field(default_factory=dict)

    def children(self, node: int) -> Iterator[int]:
        """The children of ``node``, in order."""
        child = node + 1
        while child < self.ends[node]:
            yield child
            child = self.ends[child]

    def ancestors(self, node: int) -> Iterator[int]:
        """The nodes around ``node``, from the inside out."""
        while (node := self.parents[node]) >= 0:
            yield node

    def within(self, node: int) -> range:
        """``node`` and all nodes in it, in reading order."""
        return range(node, self.ends[node])

    def holds(self, node: int, tags: Iterable[str]) -> bool:
        """Whether an element with one of ``tags`` stands in ``node``, or is it."""
        if not self._places:
            for place, tag in enumerate(self.tags):
                self._places.setdefault(tag, []).append(place)
        return any(_stands_in(self._places.get(tag, []), node, self.ends[node]) for tag in tags)

    def text(self, node: int) -> str:
        """The readable characters in ``node``, as they stand."""
        parts = []
        inner = node
        while inner < self.ends[node]:
            if self.tags[inner] in UNREADABLE:
                inner = self.ends[inner]
                continue
            if self.tags[inner] == TEXT:
                parts.append(self.texts[inner])
            inner += 1
        return "".join(parts)


# Pages saved whole have their frames so. None has frames in frames in frames.
_DEEPEST_FRAME = 2


def _stands_in(places: list[int], start: int, end: int) -> bool:
    at = bisect_left(places, start)
    return at < len(places) and places[at] < end


def parse_tree(html: str, *, frames: int = _DEEPEST_FRAME) -> Tree:
    """The nodes of ``html`` as browsers would see them: tags unclosed, misnested or cut off are put right first.

    A page that is written out inside this one (``srcdoc`` of a frame) stands in it as a box, to a depth of ``frames``.
    """
    tree = Tree()
    html = _open_shadows(html)
    parser = LexborHTMLParser(_flatten(html) if html.count("<") > _MANY_TAGS else html)
    node = parser.root
    # The document's own children: comments may stand before and after the root element.
    while node is not None and node.prev is not None:
        node = node.prev
    open_nodes: list[int] = []
    while node is not None:
        index = len(tree.tags)
        tag = node.tag or ""
        tree.tags.append(tag)
        tree.parents.append(open_nodes[-1] if open_nodes else -1)
        tree.ends.append(index + 1)
        is_element = bool(node.is_element_node)
        tree.attributes.append(
            {name.lower(): value or "" for name, value in node.attributes.items()} if is_element else {}
        )
        tree.texts.append(
            (node.text_content or "")
            if tag == TEXT
            else (node.comment_content or "")
            if tag == COMMENT
            else ""
        )
        child = node.first_child if is_element else None
        if tag == "iframe" and frames and (inner := tree.attributes[index].pop("srcdoc", "")):
            tree.tags[index] = "div"
            _graft(tree, index, parse_tree(inner, frames=frames - 1))
            child = None
        if child is not None:
            open_nodes.append(index)
            node = child
            continue
        while node is not None and node.next is None and open_nodes:
            tree.ends[open_nodes.pop()] = len(tree.tags)
            node = node.parent
        node = node.next if node is not None else None
    return tree


def _graft(tree: Tree, node: int, inner: Tree) -> None:
    """Put all nodes of ``inner`` into the last node of ``tree``."""
    start = node + 1
    tree.tags += inner.tags
    tree.attributes += inner.attributes
    tree.texts += inner.texts
    tree.parents += [parent + start if parent >= 0 else node for parent in inner.parents]
    tree.ends += [end + start for end in inner.ends]
    tree.ends[node] = len(tree.tags)


# A parser keeps what is in a template out of the page. The template of a shadow root is the page, though: a browser shows it, and a page
# saved whole may have all its text there.
_TEMPLATE = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)template\b([^<>]*)>", re.IGNORECASE | re.DOTALL)
_SHADOW = re.compile(r"\sshadowroot(?:mode)?\s*=", re.IGNORECASE)


def _open_shadows(html: str) -> str:
    if not _SHADOW.search(html):
        return html
    opened: list[bool] = []

    def keep(tag: re.Match[str]) -> str:
        if tag[2] is None:
            return tag[0]
        if tag[1]:
            return "</div>" if opened and opened.pop() else tag[0]
        opened.append(bool(_SHADOW.search(tag[2])))
        return "<div>" if opened[-1] else tag[0]

    return _TEMPLATE.sub(keep, html)


# The parser's time grows with the square of nesting (40,000 lists in one another take it 18 s), so boxes that are nested deeper
# than any page needs become breaks. No text is lost by it.
_DEEPEST = 1_000
_MANY_TAGS = 5_000
_BOX = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|textarea|title)\b.*?(?:</\1|\Z)|<(/?)(?:div|ul|ol|dl|dir|menu|blockquote|section|article|aside|main|"
    r"nav|header|footer|details|summary|form|center|fieldset|figure|figcaption|address|pre|dialog|hgroup|search)\b[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)


def _flatten(html: str) -> str:
    depth = 0

    def keep(box: re.Match[str]) -> str:
        nonlocal depth
        if box[2] is None:
            return box[0]
        before, depth = depth, max(0, depth - 1 if box[2] else depth + 1)
        return "<br><br>" if max(before, depth) > _DEEPEST else box[0]

    return _BOX.sub(keep, html)


@dataclass(slots=True)
class Weights:
    """How much text, text in links, prose and how many links a subtree holds, each in one subtraction."""

    _text: list[int]
    _linked: list[int]
    _prose: list[int]
    _links: list[int]
    _ends: list[int]

    def text(self, node: int) -> int:
        """Characters but spaces."""
        return self._text[self._ends[node]] - self._text[node]

    def linked(self, node: int) -> int:
        """Characters but spaces inside links."""
        return self._linked[self._ends[node]] - self._linked[node]

    def prose(self, node: int) -> int:
        """Characters but spaces of unlinked texts that are longer than a label."""
        return self._prose[self._ends[node]] - self._prose[node]

    def links(self, node: int) -> int:
        """Number of links."""
        return self._links[self._ends[node]] - self._links[node]


_LABEL = 30


def weigh(tree: Tree, left_out: Collection[int] = ()) -> Weights:
    """The weights of ``tree``; what is in ``left_out``, or unreadable, weighs nothing."""
    texts, in_links, proses, links = [0], [0], [0], [0]
    skip_to = link_to = 0
    for node, tag in enumerate(tree.tags):
        text = linked = prose = link = 0
        if node >= skip_to:
            if tag == TEXT:
                text = len("".join(tree.texts[node].split()))
                if node < link_to:
                    linked = text
                elif text > _LABEL:
                    prose = text
            elif tag in UNREADABLE or node in left_out:
                skip_to = tree.ends[node]
            elif tag == "a" and node >= link_to and "href" in tree.attributes[node]:
                link_to = tree.ends[node]
                link = 1
        texts.append(text)
        in_links.append(linked)
        proses.append(prose)
        links.append(link)
    text_sums, linked_sums, prose_sums, link_sums = (
        list(accumulate(values)) for values in (texts, in_links, proses, links)
    )
    return Weights(text_sums, linked_sums, prose_sums, link_sums, tree.ends)
