"""Pages from templates. Whatever is put into one is text: Jinja escapes all of it, and a name that is missing is an error."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

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
    made = Environment(
        loader=PackageLoader("pipeline.review"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"static": address_of_static, "pages": _PAGES, "shapes": SHAPES, "states": STATES}
    made.filters |= {"day": show_day, "minute": show_minute, "count": show_count, "shown": shown}
    return made


def show_day(when: datetime | date) -> str:
    """A day as people write it: 3 May 2026."""
    day = when.astimezone(UTC).date() if isinstance(when, datetime) else when
    return f"{day.day} {day:%B %Y}"


def show_minute(when: datetime) -> str:
    """A time to the minute: 3 May 2026, 14:05 UTC."""
    return f"{show_day(when)}, {when.astimezone(UTC):%H:%M} UTC"


def show_count(count: int, one: str, many: str = "") -> str:
    """A count with its noun: 1 finding, 2 findings."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
