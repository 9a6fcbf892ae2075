"""What is done with a review as a whole: approve, reopen, carry over, compare, and its history."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.review.draft_view import name_units
from pipeline.review.forms import back_to, desk_of, field, id_of, number
from pipeline.review.history import history_of
from pipeline.review.pages import render
from pipeline.review.people import require
from pipeline.store.review_records import QueueQuery


def approve(request: Request) -> Response:
    """Approve a draft as its form's page showed it: ``expected`` is the number of the last decision there, ``override`` a reason."""
    person = require(request, "editor")
    row = (
        desk_of(request)
        .approve(
            id_of(request),
            person.name,
            override=field(request, "override"),
            expected=number(request, "expected"),
        )
        .row
    )
    return back_to(request, f"/reviews/{row.id}")


def reopen(request: Request) -> Response:
    """Have a draft reviewed again, which is a publisher's to decide when it is published."""
    desk = desk_of(request)
    row = desk.open(id_of(request)).row
    person = require(request, "publisher" if row.state == "published" else "editor")
    desk.reopen(row.id, person.name, field(request, "reason"))
    return back_to(request, f"/reviews/{row.id}")


def carry_over(request: Request) -> Response:
    """Make the decisions of the draft that was approved before for this one as well, where nothing has changed."""
    row = desk_of(request).carry(id_of(request), require(request, "editor").name).row
    return back_to(request, f"/reviews/{row.id}")


def show_comparison(request: Request) -> Response:
    """What a draft and its policy say otherwise than the one that was approved before."""
    desk = desk_of(request)
    reviewed = desk.open(id_of(request))
    comparison = desk.compare(reviewed.row.id)
    names = name_units(reviewed.folded)
    before = name_units(desk.open(comparison.approved.id).folded) if comparison else {}
    return render(
        request,
        "compare.html.j2",
        row=reviewed.row,
        comparison=comparison,
        others=desk.queue(
            QueueQuery(policy=reviewed.row.policy, sort="age", descending=True, limit=200)
        ).rows,
        name_of=lambda unit: names.get(unit.path) or before.get(unit.path_before, ""),
        can_carry=reviewed.row.state in ("drafted", "in_review") and request.state.person.may("editor"),
    )


def show_history(request: Request) -> Response:
    """Every decision about a draft, the newest first."""
    reviewed = desk_of(request).open(id_of(request))
    return render(
        request,
        "history.html.j2",
        row=reviewed.row,
        lines=history_of(reviewed),
        minutes=desk_of(request).store.minutes(reviewed.row.id).get(reviewed.row.id, {}),
    )


ROUTES = [
    Route("/reviews/{id}/approve", approve, methods=["POST"]),
    Route("/reviews/{id}/reopen", reopen, methods=["POST"]),
    Route("/reviews/{id}/carry", carry_over, methods=["POST"]),
    Route("/reviews/{id}/compare", show_comparison),
    Route("/reviews/{id}/history", show_history),
]
