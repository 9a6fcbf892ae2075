"""Fetched: the bytes of one source and where they came from."""

from dataclasses import dataclass
from datetime import datetime

from schemas.document import Source


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a source held.

    ``source.encoding`` is the charset that the server declared, if one did; nothing has been decoded yet.
    ``captured_at`` (UTC) is when an archive says that it captured the page; None for a live page or a file.
    """

    source: Source
    data: bytes
    captured_at: datetime | None = None
