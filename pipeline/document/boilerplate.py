"""What of a page belongs to the site and not to the document: menus, banners, footers, forms, tables of contents.

The rule has three parts. By what an element *is* (tag, role) or calls itself (id, class), it is left out wherever it stands.
Then the *body* is found: the deepest element that holds three quarters of the prose. Inside it nothing more is left out but lists
of links into the page itself; around it, boxes that are mostly links, or that name themselves as chrome. And whatever the rules
say, an element that holds a good part of the page's prose is kept: policies stand in forms, dialogs, footers and menus too.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import islice

from pipeline.document.html_hidden import PANEL_CLASS, Hidden
from pipeline.document.html_tables import is_layout
from pipeline.document.html_tree import TEXT, UNREADABLE, Tree, Weights, weigh

_CHROME_TAGS = frozenset({"nav", "menu", "dialog", "search"})
_CHROME_ROLES = frozenset({
    "navigation", "search", "menu", "menubar", "toolbar", "tablist", "dialog", "alertdialog", "alert",
    "status", "tooltip", "banner", "contentinfo", "progressbar",
})  # fmt: skip
_CONSENT = re.compile(
    r"(?:cookie|consent|gdpr|ccpa|privacy)[-_]?\w{0,12}[-_]?"
    r"(?:banner|bar|popup|pop-up|modal|dialog|overlay|prompt|wall|toast|message|notification|alert|layer|box)\b"
    r"|^(?:onetrust-(?:banner|consent|pc)\S*|cybotcookiebot\S*|usercentrics\S*|didomi\S*|truste\S*|qc-cmp\S*|cmpbox\S*|cc-window|"
    r"cookie(?:notice|-notice|-law-info\S*|-consent|consent|banner|bar)|osano\S*|iubenda-cs\S*|termly\S*|klaro|sp_message\S*)$",
    re.IGNORECASE,
)
# A quick look before the long one: nearly all names hold none of these.
_CONSENT_HINT = re.compile(
    r"cookie|consent|gdpr|ccpa|privacy|onetrust|usercentrics|didomi|truste|qc-cmp|cmpbox|cc-|osano|iubenda|termly|klaro|sp_m",
    re.IGNORECASE,
)
_SKIP_LINK = re.compile(r"\bskip\b|screen-reader-shortcut", re.IGNORECASE)
_CHROME_NAME = re.compile(
    r"(?:^|[-_\s])(?:nav|navbar|navigation|topnav|subnav|menu|breadcrumbs?|footer|site-footer|sidebar|side-bar|pagination|pager|"
    r"share|sharing|social|newsletter|subscribe|signup|search|toolbar|topbar|promo|advert|ads?|related|recommended|"
    r"lang(?:uage)?-?(?:switcher|selector|picker)|back-to-top|toc|table-of-contents)(?:[-_\s]|$)",
    re.IGNORECASE,
)
_CONTROLS = ("a", "button", "input")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# Shares of the page's prose.
_BODY_SHARE = 0.75
_KEPT_SHARE = 0.3
_CHROME_SHARE = 0.1
_DOCUMENT_TAGS = ("h2", "h3", "p", "li", "dl", "table")
_FEW_LINKS = 3
_LONGEST_BANNER = 1_500
# A year beside something else, in a line that claims no copyright.
_DATE = re.compile(r"[^©]*[^\W_][^©]*(?:19|20)\d\d(?!\d)[^©]*|[^©]*(?:19|20)\d\d(?!\d)[^©]*[^\W_][^©]*")
_LONGEST_DATED = 200


def find_boilerplate(tree: Tree, weights: Weights, hidden: Hidden) -> set[int]:
    """The outermost nodes that are no part of the document. ``weights`` are of the whole page.

    What is hidden weighs nothing here; what is folded does.
    """
    if hidden.nodes:
        weights = weigh(tree, hidden.nodes)
    roots = [node for node, parent in enumerate(tree.parents) if parent < 0 and tree.ends[node] > node + 1]
    if not roots:
        return set()
    root = roots[0]
    page = _Page(tree, weights, _dated(tree))
    left_out = _by_what_it_is(page, root, hidden.folded)
    page = _Page(tree, weigh(tree, {*hidden.nodes, *left_out}), page.dated)
    body, path = _find_body(tree, root, page.weights)
    left_out |= _around(page, path, body, left_out)
    left_out |= _tables_of_contents(tree, body, page.weights, left_out)
    return left_out


@dataclass(frozen=True, slots=True)
class _Page:
    """A page with its weights; ``dated`` are the texts with a date, in order."""

    tree: Tree
    weights: Weights
    dated: list[int]

    def has_date(self, node: int) -> bool:
        """Whether a date stands in ``node``."""
        at = bisect_left(self.dated, node)
        return at < len(self.dated) and self.dated[at] < self.tree.ends[node]


def _dated(tree: Tree) -> list[int]:
    return [
        node
        for node, tag in enumerate(tree.tags)
        if tag == TEXT and len(tree.texts[node]) <= _LONGEST_DATED and _DATE.fullmatch(tree.texts[node])
    ]


def _by_what_it_is(page: _Page, root: int, folded: set[int]) -> set[int]:
    tree, weights = page.tree, page.weights
    most = weights.prose(root) * _KEPT_SHARE
    found: set[int] = set()
    node = root
    while node < tree.ends[root]:
        tag = tree.tags[node]
        if tag in UNREADABLE:
            node = tree.ends[node]
        elif tag != TEXT and _is_chrome(page, node) and node not in folded and not weights.prose(node) > most:
            found.add(node)
            node = tree.ends[node]
        else:
            node += 1
    return found


def _is_chrome(page: _Page, node: int) -> bool:
    tree, weights = page.tree, page.weights
    tag, attributes = tree.tags[node], tree.attributes[node]
    role = attributes.get("role", "").lower()
    if tag in _CHROME_TAGS or role in _CHROME_ROLES:
        return True
    if tag == "button" or role == "button":
        return not _is_toggle(tree, node)
    if tag == "label":
        return tree.holds(node, ("select", "input", "textarea"))
    if tag == "form":
        return weights.prose(node) < 400
    if tag == "aside" or role == "complementary":
        return weights.linked(node) * 2 > weights.text(node)
    if tag == "footer":
        return not _stands_in(tree, node, ("article", "main")) or weights.linked(node) * 2 > weights.text(
            node
        )
    if tag == "header":
        is_sites = not _stands_in(tree, node, ("article", "main")) and not tree.holds(node, ("h1",))
        return is_sites and not page.has_date(node)
    if (
        tag == "a"
        and attributes.get("href", "").startswith("#")
        and _SKIP_LINK.search(f"{attributes.get('class', '')} {tree.text(node)[:40]}")
    ):
        return True
    names = f"{attributes.get('id', '')} {attributes.get('class', '')}"
    return (
        bool(_CONSENT_HINT.search(names))
        and any(_CONSENT.search(name) for name in names.split())
        and tree.holds(node, _CONTROLS)
    )


def _is_toggle(tree: Tree, node: int) -> bool:
    """Whether a button is the heading of what it opens."""
    attributes = tree.attributes[node]
    around = [tree.tags[n] for n in islice(tree.ancestors(node), 4)]
    return (
        any(tag in (*_HEADINGS, "summary", "dt") for tag in around)
        or tree.holds(node, _HEADINGS)
        or (
            "aria-controls" in attributes
            and "aria-haspopup" not in attributes
            and attributes.get("role") != "tab"
        )
        or bool(PANEL_CLASS.search(attributes.get("class", "")))
        or "data-bs-target" in attributes
        or "data-target" in attributes
    )


def _stands_in(tree: Tree, node: int, tags: tuple[str, ...]) -> bool:
    return any(tree.tags[n] in tags for n in islice(tree.ancestors(node), 200))


_BOXES = frozenset({
    "html", "body", "div", "main", "article", "section", "form", "center", "span", "font", "td", "tr",
    "tbody", "table", "frameset",
})  # fmt: skip


def _find_body(tree: Tree, root: int, weights: Weights) -> tuple[int, list[int]]:
    """The deepest box with three quarters of the prose, and the boxes around it from the outside in."""
    total = weights.prose(root)
    path: list[int] = []
    body = root
    while total:
        heavy = next((c for c in tree.children(body) if weights.prose(c) >= total * _BODY_SHARE), None)
        # A name with a hyphen is an element of the page's own, but for that of a text.
        if heavy is None or tree.tags[heavy] == TEXT:
            break
        if tree.tags[heavy] not in _BOXES and "-" not in tree.tags[heavy]:
            break
        if tree.tags[heavy] == "table" and not is_layout(tree, heavy, weights):
            break
        path.append(body)
        body = heavy
    return body, path


def _around(page: _Page, path: list[int], body: int, left_out: set[int]) -> set[int]:
    tree = page.tree
    found: set[int] = set()
    inside = set(path) | {body}
    for box in path:
        for child in tree.children(box):
            if child in inside or child in left_out or tree.tags[child] == TEXT:
                continue
            if _is_around_chrome(page, child, page.weights.prose(body)):
                found.add(child)
    return found


def _is_around_chrome(page: _Page, node: int, total: int) -> bool:
    tree, weights = page.tree, page.weights
    if tree.tags[node] in _HEADINGS or tree.holds(node, ("h1",)):
        return False
    text, linked = weights.text(node), weights.linked(node)
    if not text or linked * 2 > text:
        return True
    words = tree.text(node) if text <= _LONGEST_BANNER else ""
    if "cookie" in words.lower() and tree.holds(node, ("button", "input")):
        return True
    # Labels alone are the site's; a date, a heading or a table beside the body is the document's.
    if not weights.prose(node) and not page.has_date(node) and not tree.holds(node, _DOCUMENT_TAGS):
        return True
    names = f"{tree.attributes[node].get('id', '')} {tree.attributes[node].get('class', '')}"
    return bool(_CHROME_NAME.search(names)) and weights.prose(node) < total * _CHROME_SHARE


def _tables_of_contents(tree: Tree, body: int, weights: Weights, left_out: set[int]) -> set[int]:
    """Lists that are nothing but links into the page: each names a heading that stands in it anyway."""
    leaving = [n for n in tree.within(body) if not tree.attributes[n].get("href", "#").startswith("#")]
    found: set[int] = set()
    node = body
    while node < tree.ends[body]:
        is_list = tree.tags[node] in ("ul", "ol") and weights.links(node) >= _FEW_LINKS
        if is_list and weights.linked(node) >= weights.text(node) * 0.9:
            next_leaving = bisect_left(leaving, node)
            if next_leaving == len(leaving) or leaving[next_leaving] >= tree.ends[node]:
                found.add(node)
        node = tree.ends[node] if node in found or node in left_out else node + 1
    return found
