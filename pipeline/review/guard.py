"""The guard before all routes: nobody unknown gets in, and nothing is changed but by a form of our own pages.

A route that is added is guarded without doing anything for it: asking for it needs a person, and posting to it an editor, a browser that
says that the form was ours, and the token of the person's session.
"""

import hmac
import re
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.review.csrf import comes_from_here
from pipeline.review.door import LOGIN, door_of, door_token
from pipeline.review.people import People, Person, require
from pipeline.review.site import SiteSettings

LARGEST_BODY = 1_000_000
_LARGEST_FIELD = 500_000
_MOST_FIELDS = 1_000

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
LOGOUT = "/logout"
_STATIC = "/static/"


class Guard:
    """Sets ``request.state.person`` and, of what is posted, ``request.state.form``."""

    def __init__(self, app: ASGIApp, site: SiteSettings, people: People) -> None:
        self.app, self._site, self._people = app, site, people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it. Raises HTTPException for what is refused."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            # The desk has pages alone.
            await send({"type": "websocket.close"})
            return
        request = Request(scope, receive)
        request.state.person = None
        if not request.url.path.startswith(_STATIC):
            refused = await self._look_at(request)
            if refused is not None:
                await refused(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _look_at(self, request: Request) -> Response | None:
        posted = request.method not in ("GET", "HEAD")
        if posted and request.method != "POST":
            raise HTTPException(
                405, "Pages are asked for, and forms are posted; the desk knows nothing else."
            )
        if posted and not comes_from_here(request.headers):
            raise HTTPException(403, "The form was not on a page of this desk.")
        person: Person | None = await run_in_threadpool(self._people.known, request)
        request.state.person = person
        signing_in = request.url.path == LOGIN and self._site.access == "login"
        if person is None and not signing_in:
            if posted or "hx-request" in request.headers:
                raise HTTPException(401, "You are signed out. Sign in on another tab, and send this again.")
            return RedirectResponse(f"{LOGIN}?next={quote(_address(request), safe='')}", 303)
        if posted:
            await self._look_at_form(request, person, signing_in=signing_in)
        return None

    async def _look_at_form(self, request: Request, person: Person | None, *, signing_in: bool) -> None:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind and kind not in _FORMS:
            raise HTTPException(415, "Only forms are posted to the desk.")
        form: FormData = await request.form(
            max_files=0, max_fields=_MOST_FIELDS, max_part_size=_LARGEST_FIELD
        )
        request.state.form = form
        told = request.headers.get("x-csrf-token") or form.get("csrf")
        right = door_token(door_of(request), self._site) if signing_in else person.csrf if person else ""
        if not isinstance(told, str) or not right or not _same(told, right):
            raise HTTPException(
                403, "The form is from another session; load its page again, and send it from there."
            )
        if request.url.path not in (LOGIN, LOGOUT):
            require(request, "editor")


def local_path(wanted: str) -> str:
    """The path of this desk that is asked for, or that of the queue when it leads anywhere else."""
    # A browser takes a backslash for a slash, drops line ends, and reads // as the begin of a host.
    return wanted if re.fullmatch(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", wanted) else "/"


def _address(request: Request) -> str:
    return local_path(request.url.path + (f"?{request.url.query}" if request.url.query else ""))


def _same(told: str, right: str) -> bool:
    return hmac.compare_digest(told.encode("utf-8", "replace"), right.encode("ascii"))
