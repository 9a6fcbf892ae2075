"""From what the user named to bytes: a file, an http(s) URL, or ``-`` for standard input."""

import hashlib
import re
import sys
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import SourceError
from pipeline.source.fetched import Fetched
from pipeline.source.file import read_file, read_stream
from pipeline.source.limits import LIMITS, Limits
from pipeline.source.media import detect_media_type
from schemas.document import Source

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
# What may stand in a file that holds nothing: spaces, line ends, byte order marks, and their NULs in UTF-16.
_BLANK = b" \t\r\n\v\f\x00\xef\xbb\xbf\xfe\xff"


async def read_source(
    source: str, *, stdin: BinaryIO | None = None, allow_private: bool = False, limits: Limits = LIMITS
) -> Fetched:
    """The bytes of a file path, an http(s) URL or ``-``, with what they are and where they came from.

    Raises SourceError in one sentence when there is nothing to read, SourceBlockedError when the address is
    one that is not fetched. ``allow_private`` opens private and loopback addresses of URLs, and nothing else.
    """
    if source == "-":
        return _fetched(
            "-",
            read_stream(stdin or sys.stdin.buffer, "Standard input", limits=limits),
            shown="Standard input",
        )
    if scheme := _SCHEME.match(source):
        if scheme[1].lower() not in ("http", "https"):
            raise SourceError(
                f"{scheme[1].lower()}:// addresses are not fetched; give an http(s) URL or a file."
            )
        # An HTTP client is slow to import and most sources are files.
        from pipeline.source.web import fetch_page

        page = await fetch_page(source, allow_private=allow_private, limits=limits)
        fetched = _fetched(page.name, page.data, shown=page.name, declared=page.content_type, path=page.path)
        update = {"url": page.url, "encoding": page.charset, "fetched_at": page.fetched_at}
        return Fetched(fetched.source.model_copy(update=update), page.data, page.captured_at)
    name = Path(source).name or source
    return _fetched(name, read_file(source, limits=limits), shown=name)


def _fetched(
    name: str, data: bytes, *, shown: str, declared: str | None = None, path: str | None = None
) -> Fetched:
    if not data:
        raise SourceError(f"{shown} is empty; check that it was saved or downloaded whole.")
    if not data.strip(_BLANK):
        raise SourceError(
            f"{shown} holds nothing but blank space; check that it was saved or downloaded whole."
        )
    return Fetched(
        Source(
            name=name,
            media_type=detect_media_type(data, name=path or shown, declared=declared),
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
        ),
        data,
    )
