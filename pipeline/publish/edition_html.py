"""An edition as one HTML page: self-contained, without scripts, its claims beside the passages they rest on.

Policy, model and editors' text is text: Jinja escapes all of it. Links lead to places in the page, to the other files of a site, and to
the policy's own address when that is http or https; the page's content security policy allows its one style sheet, by hash.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Environment

from pipeline.publish.dates import tell_date
from pipeline.publish.edition_words import (
    ABOUT,
    AUDIENCES,
    EXPOSURE_NOTICE,
    IN_SHORT,
    LEGAL,
    LEVELS,
    NOT_IN_REGISTRY,
    ORDER,
    PROVISIONS,
    SET_ASIDE,
    cut_passage,
    decision_facts,
    law_basis,
    law_besides,
    law_doubt,
    passage_name,
    quote_note,
    told_bases,
    told_basis,
    told_besides,
    told_dateline,
    told_desk,
    told_exposure,
    told_facts,
    told_override,
    told_place,
    told_set_aside,
    told_severity,
    told_status,
    web_address,
)
from pipeline.publish.law import STANDING_SHAPES
from pipeline.publish.page import make_environment, page_style
from pipeline.publish.places import anchor_of
from pipeline.publish.provenance import write_date, write_time
from pipeline.publish.quotation import marks_around
from pipeline.publish.view import SHAPES
from schemas.edition import Edition

# Facts that take a line of their own.
_WIDE_FACTS = ("Source", "Read from", "Reviewed", "Source sha256")


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
        order=ORDER[edition.audience],
        titles={
            "consumer": IN_SHORT,
            "legal": LEGAL[edition.audience],
            "provisions": PROVISIONS[edition.audience],
        },
        dateline=told_dateline(edition),
        facts=told_facts(edition),
        bases=told_bases(edition),
        override=told_override(edition),
        besides=told_besides(edition),
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
        "date": write_date,
        "dated": tell_date,
        "time": write_time,
        "exposure": told_exposure,
        "law_besides": law_besides,
        "set_aside": told_set_aside,
        "status": told_status,
        "runs": cut_passage,
        "decision_facts": decision_facts,
    }
    environment.globals |= {
        "quote_note": quote_note,
        "marks_around": marks_around,
        "passage_name": passage_name,
        "law_basis": law_basis,
        "law_doubt": law_doubt,
        "told_basis": told_basis,
        "told_desk": told_desk,
        "told_place": told_place,
        "told_severity": told_severity,
        "about_title": ABOUT,
        "set_aside_title": SET_ASIDE,
        "wide": _WIDE_FACTS,
        "shapes": SHAPES,
        "standing_shapes": STANDING_SHAPES,
        "audiences": AUDIENCES,
        "exposure_notice": EXPOSURE_NOTICE,
        "not_in_registry": NOT_IN_REGISTRY,
    }
    return environment
