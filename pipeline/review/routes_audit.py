"""The audit log, and who may sign in. Both are read here; people are added and changed by commands alone."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.review.pages import render

PAGE_SIZE = 100
# The actions whose subject is a review.
_OF_REVIEWS = frozenset(("enter", "decide", "approve", "reopen", "carry", "publish", "withdraw"))


def show_audit(request: Request) -> Response:
    """Lines of the audit log, the newest first, and whether it is whole; ``check=all`` has every line read again for that.

    Else only those lines are read that were added since the last check, and those shown: a log of years opens as quickly as a new one.
    """
    store = request.app.state.desk.store
    before = request.query_params.get("before", "")
    subject = request.query_params.get("subject", "")[:200].replace("\0", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
    lines = store.audit_log(subject=subject, limit=PAGE_SIZE + 1, before=number)
    check = store.check_audit(anew=request.query_params.get("check") == "all")
    return render(
        request,
        "audit.html.j2",
        lines=lines[:PAGE_SIZE],
        more=lines[PAGE_SIZE - 1].number if len(lines) > PAGE_SIZE else None,
        begun=number is not None,
        subject=subject,
        check=check,
        broken=min(filter(None, (check.broken, store.broken_among(lines))), default=None),
        review_actions=_OF_REVIEWS,
    )


def show_people(request: Request) -> Response:
    """Who may sign in, with which role."""
    return render(
        request,
        "people.html.j2",
        users=request.app.state.desk.store.users(),
        access=request.app.state.site.access,
    )


ROUTES = [Route("/audit", show_audit), Route("/users", show_people)]
