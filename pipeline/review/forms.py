"""What routes read from a request, and where they lead to after a form was sent."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.review.desk import Desk
from pipeline.review.pages import wants_part


def desk_of(request: Request) -> Desk:
    """The desk."""
    desk: Desk = request.app.state.desk
    return desk


def id_of(request: Request) -> str:
    """The review that the address names."""
    return str(request.path_params["id"])


def field(request: Request, name: str) -> str:
    """A field of the form that was sent, empty when it has none."""
    return str(request.state.form.get(name, ""))


def number(request: Request, name: str) -> int:
    """A field that holds a number. Raises HTTPException (400) when it holds none."""
    told = field(request, name)
    if not (told.isascii() and told.isdigit() and len(told) < 10):
        raise HTTPException(400, f"The form lacks the number {name}; load its page again.")
    return int(told)


def back_to(request: Request, address: str) -> Response:
    """To a page after a form was sent; htmx is told to load it, so that the browser shows its address."""
    if wants_part(request):
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)
