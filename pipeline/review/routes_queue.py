"""The queue: what there is to review, first what most likely needs a person."""

from datetime import datetime
from typing import get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.review.asked import PAGE_SIZE, read_asked
from pipeline.review.forms import back_to, desk_of
from pipeline.review.pages import render
from pipeline.review.people import require
from schemas.review import ReviewState
from schemas.risk import Level

_SORTS = (
    ("need", "what needs you"),
    ("age", "age"),
    ("risk", "risk"),
    ("findings", "findings"),
    ("progress", "progress"),
    ("state", "state"),
    ("title", "title"),
    ("company", "company"),
)


def show_queue(request: Request) -> Response:
    """The page of the queue that the address asks for."""
    asked = read_asked(request.query_params)
    page = desk_of(request).queue(asked.query)
    return render(
        request,
        "queue.html.j2",
        asked=asked,
        page=page,
        levels=tuple(reversed(get_args(Level))),
        all_states=get_args(ReviewState),
        sorts=_SORTS,
        last_page=max(1, -(-page.total // PAGE_SIZE)),
        now=request.app.state.clock(),
        age_of=_age,
    )


def take_in(request: Request) -> Response:
    """Put what was drafted since the desk was started into the queue."""
    require(request, "editor")
    desk_of(request).enter_all()
    return back_to(request, "/")


def _age(drafted_at: datetime, now: datetime) -> str:
    days = (now - drafted_at).days
    if days < 1:
        return "today"
    if days < 14:
        return f"{days} day{'' if days == 1 else 's'}"
    return f"{days // 7} weeks" if days < 70 else f"{days // 30} months"


ROUTES = [Route("/", show_queue), Route("/take-in", take_in, methods=["POST"])]
