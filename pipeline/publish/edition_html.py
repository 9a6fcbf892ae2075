"""An edition as one HTML page: self-contained, without scripts, its claims beside the passages they rest on.

Policy, model and editors' text is text: Jinja escapes all of it. Links lead to places in the page, to the other files of a site, and to
the policy's own address when that is http or https; the page's content security policy allows its one style sheet, by hash.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Environment

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
from pipeline.publish.page import make_environment, page_style
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
    return (
        _environment()
        .get_template(template)
        .render(**values, **page_style(("pipeline.publish", style_sheet)))
    )


@lru_cache
def _environment() -> Environment:
    environment = make_environment("pipeline.publish")
    environment.filters |= {
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
