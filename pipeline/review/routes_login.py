"""Signing in and out, where the desk asks for it."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pipeline.review.door import LOGIN, door_of, door_token, new_door, with_door
from pipeline.review.guard import LOGOUT, local_path
from pipeline.review.login import Refused
from pipeline.review.pages import render
from pipeline.review.people import address_of


def show_login(request: Request) -> Response:
    """The form, or the page that was wanted when somebody is signed in."""
    wanted = local_path(request.query_params.get("next", "/"))
    if request.state.person is not None:
        return RedirectResponse(wanted, 303)
    return _form(request, wanted, "")


def sign_in(request: Request) -> Response:
    """Open a session, always a new one, and go on to the page that was wanted."""
    state, form = request.app.state, request.state.form
    if state.site.access != "login":
        raise HTTPException(404)
    name, password = (str(form.get(field, "")) for field in ("name", "password"))
    wanted = local_path(str(form.get("next", "/")))
    found = state.doorkeeper.look_at(name, password, address_of(request, state.site))
    if isinstance(found, Refused):
        if found.wait:
            raise HTTPException(
                429,
                f"There were too many tries; try again in {found.wait // 60 or 1} minute{'' if found.wait < 120 else 's'}.",
                {"Retry-After": str(found.wait)},
            )
        return _form(request, wanted, "The name or the password is wrong.", name=name, status=401)
    _end_session(request)
    response = RedirectResponse(wanted, 303)
    response.set_cookie(
        state.people.cookie,
        state.sessions.begin(found),
        path="/",
        secure=state.site.secure,
        httponly=True,
        samesite="strict",
    )
    return response


def sign_out(request: Request) -> Response:
    """End the session."""
    state = request.app.state
    if state.site.access != "login":
        raise HTTPException(404)
    _end_session(request)
    state.desk.store.audit(request.state.person.name, "logout", address_of(request, state.site), {})
    response = RedirectResponse(LOGIN, 303)
    response.delete_cookie(
        state.people.cookie, path="/", secure=state.site.secure, httponly=True, samesite="strict"
    )
    return response


def _form(request: Request, wanted: str, wrong: str, *, name: str = "", status: int = 200) -> Response:
    site, door = request.app.state.site, door_of(request) or new_door()
    page = render(
        request,
        "login.html.j2",
        status=status,
        token=door_token(door, site),
        wanted=wanted,
        wrong=wrong,
        name=name[:64],
    )
    return with_door(page, door, site)


def _end_session(request: Request) -> None:
    token = request.cookies.get(request.app.state.people.cookie)
    if token:
        request.app.state.sessions.end(token)


ROUTES = [
    Route(LOGIN, show_login, methods=["GET"]),
    Route(LOGIN, sign_in, methods=["POST"]),
    Route(LOGOUT, sign_out, methods=["POST"]),
]
