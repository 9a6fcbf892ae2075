"""Which drafts are of the same policy: those of one address, or else of one company under one title."""

import re
import unicodedata
from urllib.parse import urlsplit

from schemas.document import Document

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
# A month is one only beside a number: "May" is a word as well.
_DATE = re.compile(rf"\b(?:(?:{_MONTHS})\b\.?\s+\d|\d+(?:st|nd|rd|th)?\s+(?:{_MONTHS})\b)[\d\s,.]*")
_VERSION = re.compile(r"\b(?:version|ver|v|rev|updated|effective|as of|last)\b\.?")
_NOT_WORDS = re.compile(r"[\W\d_]+")


def policy_of(document: Document, item_id: str | None = None) -> str:
    """What names the policy: the same for each version of it, and no other policy's.

    The address of the source without scheme and query when it has one; else company and title, without dates and numbers and however
    they are written; else the source's name, or better its item's in a run, with what there is of these: many policies are called
    privacy.html, and to take two for one would have one of them superseded.
    """
    url = urlsplit(document.source.url or "")
    if url.scheme in ("http", "https") and url.hostname:
        return f"{url.hostname.removeprefix('www.')}{url.path.rstrip('/')}"
    named = [_folded(text) for text in (document.company or "", document.title or "")]
    return ": ".join(named if all(named) else [*filter(None, named), item_id or document.source.name])


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _NOT_WORDS.sub(" ", _VERSION.sub(" ", _DATE.sub(" ", plain))).strip()
