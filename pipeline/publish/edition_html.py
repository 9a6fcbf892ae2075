"""An edition as one HTML page: self-contained, without scripts, its claims beside the passages they rest on.

Policy, model and editors' text is text: Jinja escapes all of it. Links lead to places in the page, to the other files of a site, and to
the policy's own address when that is http or https; the page's content security policy allows its one style sheet, by hash.
"""

import base64
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.publish.edition_words import (
    AUDIENCES,
    EXPOSURE_NOTICE,
    LEVELS,
    NOT_IN_REGISTRY,
    by_severity,
    cut_passage,
    decision_facts,
    quote_note,
    told_absence,
    told_besides,
    told_override,
    told_review,
    told_status,
    web_address,
)
from pipeline.publish.law import STANDING_SHAPES
from pipeline.publish.places import anchor_of, name_place
from pipeline.publish.provenance import write_date, write_time
from pipeline.publish.view import BASES, SHAPES
from schemas.edition import Edition


def edition_html(edition: Edition, *, home: str = "", downloads: Sequence[tuple[str, str]] = ()) -> str:
    """The page. The same edition gives the same characters.

    On a site, ``home`` is the relative address of the index and ``downloads`` are the edition's other files: address and name.
    """
    return render_page(
        "edition.html.j2",
        "edition.css",
        edition=edition,
        parts=edition.professional,
        home=home,
        downloads=downloads,
        severities=[(level, sum(p.severity == level for p in edition.provisions)) for level in LEVELS],
        provisions=by_severity(edition),
        override=told_override(edition),
        besides=told_besides(edition),
        review=told_review(edition),
        address=web_address(edition.source.url),
    )


def render_page(template: str, style_sheet: str, **values: Any) -> str:
    """One of the published pages, with its style sheet in it."""
    style, digest = _style(style_sheet)
    return (
        _environment()
        .get_template(template)
        .render(
            **values,
            style=Markup(style),  # ours, from the package
            content_policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        )
    )


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline.publish"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "fragment": _fragment,
        "anchor": anchor_of,
        "place": name_place,
        "date": write_date,
        "time": write_time,
        "absence": told_absence,
        "status": told_status,
        "runs": cut_passage,
        "decision_facts": decision_facts,
    }
    environment.globals |= {
        "quote_note": quote_note,
        "shapes": SHAPES,
        "standing_shapes": STANDING_SHAPES,
        "bases": BASES,
        "audiences": AUDIENCES,
        "exposure_notice": EXPOSURE_NOTICE,
        "not_in_registry": NOT_IN_REGISTRY,
    }
    return environment


@lru_cache
def _style(name: str) -> tuple[str, str]:
    """A style sheet, and its sha256 in base64 as a content security policy names it."""
    style = (files("pipeline.publish") / "templates" / name).read_text(encoding="utf-8")
    digest = hashlib.sha256(style.encode("utf-8")).digest()
    return style, base64.b64encode(digest).decode("ascii")


def _fragment(anchor: str) -> str:
    """A link to a place in the page; never to anywhere else, whatever the anchor holds."""
    return "#" + quote(anchor, safe="")
