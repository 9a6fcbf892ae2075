"""A draft as one HTML page: self-contained, without scripts, the draft beside the policy it rests on.

Policy and model text are text: Jinja escapes all of it, links lead to places in the page alone, and the page's own
content security policy allows nothing but its one style sheet, by hash.
"""

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from pipeline.publish.view import BASES, NOTICE, SHAPES, DraftView, cut_quotes, view_draft
from schemas.draft import Draft


def write_html(draft: Draft) -> str:
    """The page. The same draft gives the same characters."""
    return html_of(view_draft(draft))


def html_of(view: DraftView) -> str:
    """The page of a draft that is joined already."""
    style, digest = _style()
    return _template().render(
        view=view,
        notice=NOTICE,
        shapes=SHAPES,
        bases=BASES,
        cut_quotes=cut_quotes,
        style=Markup(style),  # ours, from the package
        content_policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )


@lru_cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("pipeline.publish"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fragment"] = _fragment
    return environment.get_template("draft.html.j2")


@lru_cache
def _style() -> tuple[str, str]:
    """The style sheet, and its sha256 in base64 as a content security policy names it."""
    style = (files("pipeline.publish") / "templates" / "draft.css").read_text(encoding="utf-8")
    digest = hashlib.sha256(style.encode("utf-8")).digest()
    return style, base64.b64encode(digest).decode("ascii")


def _fragment(anchor: str) -> str:
    """A link to a place in the page; never to anywhere else, whatever the anchor holds."""
    return "#" + quote(anchor, safe="")
