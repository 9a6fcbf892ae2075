"""What a page says about itself: title, language, site, dates, and when an archive captured it."""

import json
import re
from collections.abc import Iterator
from typing import Any

from pipeline.document.html_tree import COMMENT, TEXT, Tree
from pipeline.document.spacing import one_line

_NAMES = {
    "og:site_name": "site_name",
    "application-name": "site_name",
    "article:published_time": "published",
    "datepublished": "published",
    "dcterms.issued": "published",
    "article:modified_time": "modified",
    "og:updated_time": "modified",
    "datemodified": "modified",
    "dcterms.modified": "modified",
    "last-modified": "modified",
    "content-language": "language",
}
_CAPTURED = (
    # Wayback Machine
    re.compile(r"FILE ARCHIVED ON (\d\d:\d\d:\d\d \w{3,9} \d{1,2}, \d{4})", re.IGNORECASE),
    # SingleFile
    re.compile(r"saved date: ([^\n(]{10,60})", re.IGNORECASE),
    # HTTrack
    re.compile(r"HTTrack Website Copier/[^,\n]{0,80}, (\w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d GMT)"),
)
_LONGEST = 300
_MOST_JSON = 200_000


def read_meta(tree: Tree) -> dict[str, str]:
    """The page's metadata by the names of ``Blocks.meta``; only what stands in it."""
    found: dict[str, str] = {}
    og_title = ""
    for node, tag in enumerate(tree.tags):
        attributes = tree.attributes[node]
        if tag == "title" and "title" not in found and _in_head(tree, node):
            _keep(found, "title", _inside(tree, node))
        elif tag == "html" and "lang" in attributes:
            _keep(found, "language", attributes["lang"])
        elif tag == "meta":
            name = (
                (
                    attributes.get("property")
                    or attributes.get("name")
                    or attributes.get("itemprop")
                    or attributes.get("http-equiv")
                    or ""
                )
                .strip()
                .lower()
            )
            if name in _NAMES:
                _keep(found, _NAMES[name], attributes.get("content", ""))
            elif name == "og:title":
                og_title = og_title or attributes.get("content", "")
        elif tag == "script" and "ld+json" in attributes.get("type", "").lower():
            _read_linked_data(_inside(tree, node), found)
        elif tag == COMMENT:
            for pattern in _CAPTURED:
                if stamp := pattern.search(tree.texts[node]):
                    _keep(found, "captured", stamp[1])
    _keep(found, "title", og_title)
    return found


def _in_head(tree: Tree, node: int) -> bool:
    # An svg has titles too.
    return tree.tags[tree.parents[node]] in ("head", "body", "html")


def _keep(found: dict[str, str], name: str, value: str) -> None:
    """The first that says something counts."""
    value = one_line(value[: _LONGEST * 2])[:_LONGEST]
    if value and name not in found:
        found[name] = value


def _inside(tree: Tree, node: int) -> str:
    return "".join(tree.texts[child] for child in tree.children(node) if tree.tags[child] == TEXT)


def _read_linked_data(text: str, found: dict[str, str]) -> None:
    try:
        data = json.loads(text) if len(text) <= _MOST_JSON else None
    except (ValueError, RecursionError):
        return
    for thing in _things(data):
        publisher = thing.get("publisher")
        if isinstance(publisher, list):
            publisher = publisher[0] if publisher else None
        name = publisher.get("name") if isinstance(publisher, dict) else publisher
        if name is None and thing.get("@type") in ("Organization", "Corporation", "WebSite"):
            name = thing.get("name")
        for key, value in (
            ("site_name", name),
            ("published", thing.get("datePublished")),
            ("modified", thing.get("dateModified")),
        ):
            if isinstance(value, str):
                _keep(found, key, value)


def _things(data: Any) -> Iterator[dict[str, Any]]:
    for thing in data if isinstance(data, list) else [data]:
        if isinstance(thing, dict):
            yield thing
            graph = thing.get("@graph")
            yield from (
                (inner for inner in graph if isinstance(inner, dict)) if isinstance(graph, list) else ()
            )
