"""Document, Section, Passage, Span: one policy as text whose every citable unit has a stable id."""

from datetime import date, datetime
from functools import cached_property
from typing import Literal

from pydantic import Field

from schemas.base import Value
from schemas.finding import Finding

PassageKind = Literal["sentence", "item", "row"]
# What a date is that a document prints of itself: from when it applies, when it was last changed, or not said.
DateKind = Literal["effective", "updated", "bare"]
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


class DocumentDate(Value):
    """A date that a document prints of itself, with what it says that the date is."""

    kind: DateKind
    value: date


class Document(Value):
    """One policy as text. ``text[passage.span]`` is always the passage.

    ``language`` is a BCP 47 primary tag (``en``). ``effective_date`` is the day from which the text says that it applies,
    ``updated_date`` that of its last change, ``bare_date`` one near the top of which it does not say what it is;
    ``captured_at`` is what the source says about its capture. They differ in real archives and none stands in for another.
    """

    title: str | None
    company: str | None
    language: str
    effective_date: date | None
    updated_date: date | None = None
    bare_date: date | None = None
    captured_at: datetime | None
    source: Source
    text: str
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]
    hidden: tuple[HiddenText, ...]
    findings: tuple[Finding, ...]

    @property
    def dates(self) -> tuple[DocumentDate, ...]:
        """The dates that it prints of itself, the effective date first."""
        printed: tuple[tuple[DateKind, date | None], ...] = (
            ("effective", self.effective_date),
            ("updated", self.updated_date),
            ("bare", self.bare_date),
        )
        return tuple(DocumentDate(kind=kind, value=value) for kind, value in printed if value)

    @property
    def dated(self) -> DocumentDate | None:
        """The date that tells this version from others: the first of ``dates``, None when it prints none."""
        return next(iter(self.dates), None)

    @cached_property
    def _by_id(self) -> dict[str, Passage]:
        return {p.id: p for p in self.passages}

    def find(self, passage_id: str) -> Passage | None:
        """The passage with this id, or None."""
        return self._by_id.get(passage_id)

    def text_of(self, passage: Passage) -> str:
        """The passage's characters."""
        return passage.span.of(self.text)
