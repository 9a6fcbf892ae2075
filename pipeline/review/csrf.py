"""Requests that change something come from the desk's own pages: the browser says so, and a token of the session proves it."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

_DEFAULT_PORTS = {"http": 80, "https": 443}


def comes_from_here(headers: Headers) -> bool:
    """Whether a browser says that the request came from a page of this desk.

    ``Sec-Fetch-Site`` decides where it is sent, for ``Origin`` is "null" for a form of a page that sends no referrer; both must agree when
    both tell something, and one of them must. Fetch Metadata and the Fetch standard, section «Origin header».
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    if origin is None or origin == "null":
        return site is not None
    return _is_host(origin, headers.get("host", ""))


def _is_host(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
        asked = urlsplit(f"//{host}")
        default = _DEFAULT_PORTS[parts.scheme]
        return parts.hostname is not None and (parts.hostname, parts.port or default) == (
            asked.hostname,
            asked.port or default,
        )
    except (KeyError, ValueError):
        return False
