"""One page over HTTP: redirects by hand, a deadline for all of it, limits on what is read, nothing of ours
sent along.

No cookies, no credentials and no proxy of the environment are used: what is fetched is what anybody would
get.
"""

import asyncio
import contextlib
import email.utils
import re
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpcore2
import httpx2

from pipeline.errors import SourceBlockedError, SourceError
from pipeline.source.addresses import DENIED, Denied
from pipeline.source.connect import CheckedBackend, Resolve, resolve_host
from pipeline.source.limits import LIMITS, Limits, describe_size

_REDIRECTS = {301, 302, 303, 307, 308}
_HEADERS = [
    ("Accept", "text/html,application/xhtml+xml,text/markdown,text/plain,application/pdf;q=0.9,*/*;q=0.5"),
    ("Accept-Encoding", "gzip, deflate"),
    ("User-Agent", "clausewise"),
    ("Connection", "close"),
]
_HTTP_FAULTS = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.TimeoutException,
    httpcore2.UnsupportedProtocol,
    httpcore2.ConnectionNotAvailable,
    OSError,
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';,]+)", re.IGNORECASE)
_ABOUT = {
    401: "it asks for a login; download the page and give the file",
    403: "it refuses access; download the page and give the file",
    404: "there is no such page; check the address",
    410: "the page is gone; look for its new address or an archived copy",
    429: "it wants fewer requests; try again later",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What a server gave.

    ``name`` is the address as asked for, ``url`` after redirects, both without credentials; ``path`` is the
    path of ``url``. ``data`` is decompressed. Times are UTC.
    """

    name: str
    url: str
    path: str
    data: bytes
    content_type: str | None
    charset: str | None
    fetched_at: datetime
    captured_at: datetime | None


async def fetch_page(
    address: str,
    *,
    allow_private: bool = False,
    limits: Limits = LIMITS,
    table: Iterable[Denied] = DENIED,
    resolve: Resolve = resolve_host,
) -> Page:
    """The page at an http(s) address. Raises SourceBlockedError for an address of ``table``, SourceError for
    the rest.

    A user name or password in the address is left out of the request and of every name and message.
    """
    url = _parse(address)
    name = str(url)
    backend = CheckedBackend(allow_private=allow_private, table=table, resolve=resolve)
    try:
        async with (
            asyncio.timeout(limits.deadline),
            httpcore2.AsyncConnectionPool(network_backend=backend) as pool,
        ):
            return await _follow(pool, url, name, limits)
    except TimeoutError as error:
        raise SourceError(
            f"{name} was not read whole within {limits.deadline:g} seconds; try again later."
        ) from error
    except _HTTP_FAULTS as error:
        raise SourceError(
            f"{name} broke off or answered in no valid HTTP; try again or download the page."
        ) from error


async def _follow(pool: httpcore2.AsyncConnectionPool, url: httpx2.URL, name: str, limits: Limits) -> Page:
    for _ in range(limits.redirects + 1):
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        async with pool.stream("GET", target, headers=_HEADERS) as response:
            headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in response.headers}
            if response.status in _REDIRECTS and "location" in headers:
                url = _next(url, headers["location"])
                continue
            if response.status != 200:
                about = _ABOUT.get(
                    response.status, "open it in a browser, or download the page and give the file"
                )
                raise SourceError(f"The server answered {response.status} for {url}: {about}.")
            data = await _read_body(response.aiter_stream(), headers, url, limits)
        charset = _CHARSET.search(headers.get("content-type", ""))
        return Page(
            name=name,
            url=str(url),
            path=url.path,
            data=data,
            content_type=headers.get("content-type"),
            charset=charset[1] if charset else None,
            fetched_at=datetime.now(UTC),
            captured_at=_read_date(headers.get("memento-datetime")),
        )
    raise SourceError(
        f"{name} redirects more than {limits.redirects} times; open it in a browser to see where it ends."
    )


def _parse(address: str) -> httpx2.URL:
    try:
        url = httpx2.URL(address)
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise SourceError("The address is no valid URL; check its spelling.") from error
    if url.scheme not in ("http", "https"):
        raise SourceBlockedError(
            f"Addresses of the kind {url.scheme}: are not fetched; give an http(s) address."
        )
    if not url.host or not 0 < (url.port or 80) < 65_536:
        raise SourceError("The address names no host or no possible port; check its spelling.")
    return url.copy_with(username=None, password=None, fragment=None)


def _next(url: httpx2.URL, location: str) -> httpx2.URL:
    # Servers send UTF-8 here although the header has no such right.
    with contextlib.suppress(UnicodeDecodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        joined = str(url.join(location))
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise SourceError(
            f"{url} redirects to something that is no valid URL; open it in a browser."
        ) from error
    return _parse(joined)


async def _read_body(
    stream: AsyncIterable[bytes], headers: dict[str, str], url: httpx2.URL, limits: Limits
) -> bytes:
    """The decompressed body. What is counted against the limit is the decompressed size, as it grows."""
    too_large = (
        f"{url} is larger than {describe_size(limits.size)}, the most that is read; give the policy alone."
    )
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > limits.size:
        raise SourceError(too_large)
    parts: list[bytes] = []
    size = 0
    async for part in _decompress(stream, headers.get("content-encoding", ""), url):
        size += len(part)
        if size > limits.size:
            raise SourceError(too_large)
        parts.append(part)
    return b"".join(parts)


async def _decompress(stream: AsyncIterable[bytes], encoding: str, url: httpx2.URL) -> AsyncIterator[bytes]:
    """The stream, decompressed in pieces of at most 64 kB so that a small bomb stays small."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        async for chunk in stream:
            yield chunk
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise SourceError(
            f"{url} came compressed as {encoding[:40]}, which was not asked for; download the page instead."
        )
    inflater = None
    try:
        async for chunk in stream:
            while chunk:
                if inflater is None or inflater.eof:
                    inflater = zlib.decompressobj(_window_bits(chunk))
                yield inflater.decompress(chunk, 65_536)
                chunk = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    except zlib.error as error:
        raise SourceError(f"{url} came with damaged compression; try again or download the page.") from error
    if inflater is not None and not inflater.eof:
        raise SourceError(f"{url} broke off before its end; try again or download the page.")


def _window_bits(chunk: bytes) -> int:
    """For zlib: gzip and zlib headers are told apart by zlib itself; "deflate" without either is raw, as old
    servers send.
    """
    first = chunk[0]
    return 47 if first == 0x1F or first & 0x0F == 0x08 else -15


def _read_date(value: str | None) -> datetime | None:
    try:
        return email.utils.parsedate_to_datetime(value).astimezone(UTC) if value else None
    except ValueError:
        return None
