"""The policy as it is shown: sections and passages, quoted words marked with the claims that rest on them."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.publish.places import FindingView, Places, anchor_of, claim_of, name_place
from pipeline.publish.shown import shown
from schemas.document import Document, Passage
from schemas.draft import Citation


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the draft: its name and its HTML id."""

    name: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of characters with the same claims resting on all of it."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage cut where quotes begin and end, and the claims that quote from it."""

    id: str
    kind: str
    segments: tuple[Segment, ...]
    carries: tuple[Link, ...]
    findings: tuple[FindingView, ...]

    @property
    def text(self) -> str:
        """The whole passage."""
        return "".join(segment.text for segment in self.segments)


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with the passages that stand directly below its heading."""

    title: str
    level: int
    passages: tuple[PassageView, ...]


def view_sections(
    document: Document, citations: Iterable[Citation], places: Places
) -> tuple[SectionView, ...]:
    """Every section and every passage of the document, in its order."""
    quoted: dict[str, list[Citation]] = {}
    for citation in citations:
        quoted.setdefault(citation.passage_id, []).append(citation)
    below: dict[str, list[PassageView]] = {section.id: [] for section in document.sections}
    for passage in document.passages:
        below[passage.section_id].append(_view_passage(document, passage, quoted.get(passage.id, []), places))
    return tuple(
        SectionView(shown(section.title), section.level, tuple(below[section.id]))
        for section in document.sections
    )


def _view_passage(
    document: Document, passage: Passage, citations: list[Citation], places: Places
) -> PassageView:
    claims = dict.fromkeys(claim_of(c.path) for c in citations)
    return PassageView(
        id=passage.id,
        kind=passage.kind,
        segments=_cut(document, passage, citations),
        carries=tuple(Link(name_place(path), anchor_of(path)) for path in claims),
        findings=places.at(passage.id),
    )


def _cut(document: Document, passage: Passage, citations: list[Citation]) -> tuple[Segment, ...]:
    """The passage in runs that are quoted or not, in one sweep over where quotes begin and end."""
    depth_changes = {passage.span.start: 0, passage.span.end: 0}
    for citation in citations:
        start = max(citation.span.start, passage.span.start)
        end = min(citation.span.end, passage.span.end)
        if start < end:
            depth_changes[start] = depth_changes.get(start, 0) + 1
            depth_changes[end] = depth_changes.get(end, 0) - 1
    segments: list[Segment] = []
    begin, depth = passage.span.start, 0
    for offset, change in sorted(depth_changes.items()):
        after = depth + change
        # A run ends where it changes whether anything at all quotes it, not where one of many quotes ends.
        if (after > 0) != (depth > 0) or offset == passage.span.end:
            if offset > begin:
                segments.append(Segment(shown(document.text[begin:offset]), quoted=depth > 0))
            begin = offset
        depth = after
    return tuple(segments)
