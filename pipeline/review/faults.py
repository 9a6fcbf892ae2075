"""What went wrong, as a page: what the person can do about it, and never a traceback, a setting or a value."""

import logging
import secrets
import traceback
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.errors import (
    ClausewiseError,
    ConflictError,
    StaleError,
    StoreError,
    UnknownReviewError,
    UsageError,
)
from pipeline.review.pages import render, wants_part

log = logging.getLogger("clausewise.review")

# The title of the page and what is said when nothing more is known.
_TOLD = {
    400: ("This cannot be done", "The request is not one that the desk understands."),
    401: ("Sign in first", "You are signed out."),
    403: ("This is not allowed", "You may not do this."),
    404: ("Nothing is here", "There is no such page, or no longer."),
    405: ("This cannot be done here", "The address is there, but not for this."),
    409: ("Somebody was faster", "It was changed since you loaded the page; load it again."),
    413: ("This is too long", "The form holds more than the desk takes."),
    415: ("This cannot be read", "Only forms are posted to the desk."),
    429: ("Too many tries", "Wait a while, and try again."),
    500: ("Something broke", "It is a fault of Clausewise itself, and nothing that you did is lost."),
    503: ("The store does not answer", "Try again in a moment."),
}
_STATUS: tuple[tuple[type[ClausewiseError], int], ...] = (
    (UnknownReviewError, 404),
    (ConflictError, 409),
    (StaleError, 409),
    (UsageError, 400),
    (StoreError, 503),
    (ClausewiseError, 400),
)


class Faults:
    """Answers what was raised with a page. Nothing that is not foreseen is told to the browser but a number, under which the log has it."""

    def __init__(self, app: ASGIApp, details: bool = False) -> None:
        self.app, self._details = app, details

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            if not isinstance(error, HTTPException | ClausewiseError):
                error = self._unforeseen(error)
            response = await run_in_threadpool(show_fault, Request(scope, receive), error)
            await response(scope, receive, send)

    def _unforeseen(self, error: Exception) -> HTTPException:
        number = secrets.token_hex(4)
        place = traceback.extract_tb(error.__traceback__)[-1]
        # Its own text may hold anything, and so is for whoever asks for it.
        log.error(
            "fault %s: %s in %s, line %d",
            *(number, type(error).__name__, place.name, place.lineno or 0),
            exc_info=error if self._details else None,
        )
        return HTTPException(500, f"{_TOLD[500][1]} The log has it under {number}.")


def show_fault(request: Request, error: Exception) -> Response:
    """The page, or for htmx the sentence alone, which it shows above the page that is there."""
    headers = dict(getattr(error, "headers", None) or {})
    if isinstance(error, HTTPException):
        status, detail = error.status_code, error.detail
    else:
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 400)
        detail = str(error)
    title, usual = _TOLD.get(status, _TOLD[400 if status < 500 else 500])
    if detail in ("", _phrase(status)):
        detail = usual
    values: dict[str, Any] = {"status": status, "code": status, "heading": title, "told": detail}
    if wants_part(request):
        aimed = {"HX-Retarget": "#problem", "HX-Reswap": "innerHTML"}
        return render(request, "fault_part.html.j2", headers=headers | aimed, **values)
    return render(request, "fault.html.j2", headers=headers, **values)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
