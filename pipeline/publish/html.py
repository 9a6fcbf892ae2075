"""A draft as one HTML page: self-contained, without scripts, the draft beside the policy it rests on.

Policy and model text are text: Jinja escapes all of it, links lead to places in the page alone, and the page's own
content security policy allows nothing but its one style sheet, by hash.
"""

from functools import lru_cache

from jinja2 import Template

from pipeline.publish.page import make_environment, page_style
from pipeline.publish.quotation import marks_around
from pipeline.publish.view import BASES, NOTICE, SHAPES, DraftView, cut_quotes, view_draft
from schemas.draft import Draft


def write_html(draft: Draft) -> str:
    """The page. The same draft gives the same characters."""
    return html_of(view_draft(draft))


def html_of(view: DraftView) -> str:
    """The page of a draft that is joined already."""
    return _template().render(
        view=view,
        notice=NOTICE,
        shapes=SHAPES,
        bases=BASES,
        cut_quotes=cut_quotes,
        marks_around=marks_around,
        **page_style(("pipeline.publish", "draft.css")),
    )


@lru_cache
def _template() -> Template:
    return make_environment("pipeline.publish").get_template("draft.html.j2")
