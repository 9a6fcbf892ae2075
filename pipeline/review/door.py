"""The token of the login form, where there is no session yet that it could be of: it is of a cookie that the form's page brought."""

import secrets

from starlette.requests import Request
from starlette.responses import Response

from pipeline.review.secret import keyed
from pipeline.review.site import SiteSettings

LOGIN = "/login"
_COOKIE = "clausewise-door"


def door_of(request: Request) -> str:
    """What the cookie of this browser says, empty when it has not asked for the form yet."""
    return request.cookies.get(_COOKIE, "")


def new_door() -> str:
    """What a new cookie says."""
    return secrets.token_urlsafe(24)


def door_token(door: str, site: SiteSettings) -> str:
    """The token of a form that came with such a cookie, empty without one."""
    return keyed(site.secret, "csrf of login", door) if door else ""


def with_door(response: Response, door: str, site: SiteSettings) -> Response:
    """A response that brings the cookie."""
    response.set_cookie(_COOKIE, door, path=LOGIN, secure=site.secure, httponly=True, samesite="strict")
    return response
