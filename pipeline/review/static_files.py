"""Style sheets, scripts and pictures, each under an address that holds its digest, so that a browser keeps it until it changes."""

import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_KEPT = {"cache-control": "public, max-age=31536000, immutable"}


class _File(NamedTuple):
    digest: str
    body: bytes
    kind: str


def address_of_static(name: str) -> str:
    """Where a file is found. Raises KeyError for one that is not there."""
    return f"/static/{_all()[name].digest}/{name}"


def show_static(request: Request) -> Response:
    """One of the files."""
    file = _all().get(request.path_params["name"])
    if file is None or file.digest != request.path_params["digest"]:
        raise HTTPException(404)
    return Response(file.body, media_type=file.kind, headers=_KEPT)


@lru_cache
def _all() -> dict[str, _File]:
    found = {}
    for path in (files("pipeline.review") / "static").iterdir():
        kind = _KINDS.get(path.name.rpartition(".")[2])
        if kind:
            body = path.read_bytes()
            found[path.name] = _File(hashlib.sha256(body).hexdigest()[:16], body, kind)
    return found


ROUTES = [Route("/static/{digest}/{name}", show_static)]
