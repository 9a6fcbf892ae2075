"""Document, Section, Passage, Span: one policy as text whose every citable unit has a stable id."""

from datetime import date, datetime
from functools import cached_property
from typing import Literal

from pydantic import Field

from schemas.base import Value
from schemas.finding import Finding

PassageKind = Literal["sentence", "item", "row"]
MediaType = Literal["text/html", "text/markdown", "text/plain", "application/pdf", "application/docx"]


class Span(Value):
    """Half-open character offsets ``[start, end)`` into a text."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)

    def of(self, text: str) -> str:
        """The characters of ``text`` that the span covers."""
        return text[self.start : self.end]


class Source(Value):
    """Where the bytes came from and what they are.

    ``name`` is what the user gave (a file's name, a URL, ``-``), never an absolute path. ``url`` is the address after
    redirects. ``sha256`` and ``size`` (bytes) are of the bytes as they were read.
    """

    name: str
    url: str | None = None
    media_type: MediaType
    encoding: str | None = None
    sha256: str
    size: int = Field(ge=0)
    fetched_at: datetime | None = None


class Passage(Value):
    """The unit that can be cited: a sentence, list item or table row, on one line of the document's text.

    ``id`` is the section's key and the passage's number in that section (``cookies.3``), so an edit in one section
    renumbers no other.
    """

    id: str
    section_id: str
    kind: PassageKind
    span: Span


class Section(Value):
    """A heading and what stands below it. ``level`` is 1 to 6; the text before any heading is section ``intro``."""

    id: str
    title: str
    level: int = Field(ge=0, le=6)
    span: Span


class HiddenText(Value):
    """Text that a reader of the page would not see; it is kept here, reported, and never shown to a model."""

    text: str
    reason: str


class Document(Value):
    """One policy as text. ``text[passage.span]`` is always the passage.

    ``language`` is a BCP 47 primary tag (``en``). ``effective_date`` is what the text prints, ``captured_at`` what the
    source says about its capture; the two differ in real archives and neither stands in for the other.
    """

    title: str | None
    company: str | None
    language: str
    effective_date: date | None
    captured_at: datetime | None
    source: Source
    text: str
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]
    hidden: tuple[HiddenText, ...]
    findings: tuple[Finding, ...]

    @cached_property
    def _by_id(self) -> dict[str, Passage]:
        return {p.id: p for p in self.passages}

    def find(self, passage_id: str) -> Passage | None:
        """The passage with this id, or None."""
        return self._by_id.get(passage_id)

    def text_of(self, passage: Passage) -> str:
        """The passage's characters."""
        return passage.span.of(self.text)
