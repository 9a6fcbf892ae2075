"""Pages from templates. Whatever is put into one is text: Jinja escapes all of it, and a name that is missing is an error."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from pipeline.publish.page import make_environment
from pipeline.publish.provenance import write_date, write_time
from pipeline.publish.shown import shown
from pipeline.publish.view import SHAPES
from pipeline.review.people import Person
from pipeline.review.static_files import address_of_static

_PAGES = (("/", "Queue"), ("/stats", "Statistics"), ("/audit", "Audit log"), ("/users", "People"))
STATES = {
    "drafted": "drafted",
    "in_review": "in review",
    "approved": "approved",
    "published": "published",
    "superseded": "superseded",
}


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A page: the template with the values, and with who asks."""
    person: Person | None = getattr(request.state, "person", None)
    body = (
        environment()
        .get_template(template)
        .render(
            **{
                "person": person,
                "here": request.url.path,
                "signed_in": person is not None and request.app.state.site.access == "login",
            }
            | values
        )
    )
    return HTMLResponse(body, status, headers)


def wants_part(request: Request) -> bool:
    """Whether htmx asks, which puts the answer into the page that is there."""
    return "hx-request" in request.headers


@lru_cache
def environment() -> Environment:
    """The templates with what all of them may use."""
    made = make_environment("pipeline.review")
    made.globals |= {"static": address_of_static, "pages": _PAGES, "shapes": SHAPES, "states": STATES}
    made.filters |= {"day": write_date, "minute": write_time, "count": show_count, "shown": shown}
    return made


def show_count(count: int, one: str, many: str = "") -> str:
    """A count with its noun: 1 finding, 2 findings."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
