"""The opening that every stage of a document shares: the policy inside its fence, then the reference lists.

The same document gives the same bytes in each stage, so that a provider's prompt cache serves all stages after the first.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pipeline.prompts import load_prompt
from pipeline.registry.decisions import Decision, load_decisions
from pipeline.registry.statutes import Instrument, load_statutes
from pipeline.registry.taxonomy import load_taxonomy
from schemas.document import DateKind, Document, Passage, Section

_LONGEST_METADATA = 120  # characters
# No prompt and no registry holds such a character.
_FENCE, _FENCED = "\0fence\0", "\0fenced\0"
_DATES: dict[DateKind, str] = {
    "effective": "effective date printed in it",
    "updated": "date of the last update printed in it",
    "bare": "date printed in it without saying what it is",
}
_UNVERIFIED = {
    "memory": "unverified",
    "conflict": "sources disagree",
    "secondary": "seen in secondary sources",
    "partly": "verified in part",
}


def write_passages(document: Document, shown: Iterable[Passage]) -> str:
    """The passages as the model sees them: ``[id] text``, below their headings.

    A passage has no line break, so no line of it can begin as a fence line or a heading does.
    """
    above = headings_above(document)
    lines: list[str] = []
    told: set[str] = set()
    current: str | None = None
    for passage in shown:
        if passage.section_id != current:
            current = passage.section_id
            lines += [write_heading(s) for s in above[current] if s.title and s.id not in told]
            told |= {s.id for s in above[current]}
        lines.append(write_passage(document, passage))
    return "\n".join(lines)


def write_metadata(document: Document) -> str:
    """What was found about the document, on one line that begins as no fence, heading or passage does."""
    dated = document.dated
    printed = f"{_DATES[dated.kind]}: {dated.value}" if dated else f"{_DATES['effective']}: not found"
    title, company, language = map(_on_one_line, (document.title, document.company, document.language))
    return f"(title: {title}; company: {company}; language: {language}; {printed})"


def write_passage(document: Document, passage: Passage) -> str:
    """One passage's line."""
    return f"[{passage.id}] {' '.join(document.text_of(passage).splitlines())}"


def write_heading(section: Section) -> str:
    """One heading's line, with a mark more than its level, so that all begin with two."""
    return f"{'#' * (max(1, section.level) + 1)} {' '.join(section.title.split())}"


def headings_above(document: Document) -> dict[str, tuple[Section, ...]]:
    """For each section with passages, the headings to show above them, its own last.

    They are those it lies under, and those before it that have no passage of their own: a heading can say something too.
    Headings after the last passage come with it.
    """
    with_passages = {passage.section_id for passage in document.passages}
    above: dict[str, tuple[Section, ...]] = {}
    under: list[Section] = []
    empty: list[Section] = []
    for section in document.sections:
        under = [s for s in under if s.level < section.level]
        if section.id in with_passages:
            gone = {s.id for s in empty}
            above[section.id] = (*(s for s in under if s.id not in gone), *empty, section)
            last, empty = section.id, []
        else:
            empty.append(section)
        under.append(section)
    if above:
        above[last] += tuple(empty)
    return above


def fence_of(text: str) -> str:
    """A word that stands nowhere in the text, made from it: the same text gives the same word."""
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    while digest[:16] in text:
        digest = hashlib.sha256(digest.encode("ascii")).hexdigest()
    return digest[:16]


def passages_sha256(document: Document) -> str:
    """Digest of all passages with their ids."""
    return hashlib.sha256(write_passages(document, document.passages).encode("utf-8")).hexdigest()


def write_opening(document: Document, shown: Sequence[Passage], *, parts: int = 1) -> str:
    """The shared opening with the passages shown; ``parts`` above 1 says that the rest was read before."""
    fenced = write_metadata(document) + "\n" + write_passages(document, shown)
    selected = (parts, len(shown), len(document.passages)) if parts > 1 else None
    values = {_FENCE: fence_of(fenced), _FENCED: fenced}
    return "".join(values.get(piece, piece) for piece in _pieces(selected))


@lru_cache(maxsize=64)
def _pieces(selected: tuple[int, int, int] | None) -> tuple[str, ...]:
    """The opening in pieces, with marks where a document's own words go: all else is the same for every document, and takes longer to
    write than a small policy. ``selected`` are the parts, the passages shown and those in all, of a document that is read in parts."""
    taxonomy = load_taxonomy()
    written = load_prompt("document").render(
        selected=selected and dict(zip(("parts", "shown", "total"), selected, strict=True)),
        fence=_FENCE,
        fenced=_FENCED,
        categories=taxonomy.categories,
        severity_rules=taxonomy.severity_rules,
        severity_how=taxonomy.severity_how,
        statutes=[{"id": i.id, "line": _statute_line(i)} for i in load_statutes().instruments],
        decisions=[{"id": d.id, "line": _decision_line(d)} for d in load_decisions().decisions],
    )
    return tuple(re.split(f"({_FENCE}|{_FENCED})", written))


def _on_one_line(words: str | None) -> str:
    # The document's own words, but no passage: too short to say much, and with no line of their own.
    return " ".join((words or "").split())[:_LONGEST_METADATA] or "not found"


def _statute_line(instrument: Instrument) -> str:
    parts = [instrument.name, f"cited as {instrument.cite_as}"]
    if instrument.enforcers:
        parts.append("enforced by " + "; ".join(instrument.enforcers))
    return ". ".join(parts) + _told_of(instrument.verification)


def _decision_line(decision: Decision) -> str:
    head = [f"{decision.authority}, {decision.respondent}, {decision.date}"]
    if decision.reference:
        head.append(decision.reference)
    if decision.provisions:
        head.append("on " + ", ".join(decision.provisions))
    told = [
        "; ".join(head) + ".",
        decision.outcome,
        f"Fine: {decision.fine or 'none'}.",
        f"Status: {decision.status.replace('_', ' ')}, to be cited as {decision.citable_as}.",
        decision.status_note or "",
        *(f"Not to be said: {statement}" for statement in decision.do_not_cite),
    ]
    return " ".join(filter(None, told)) + _told_of(decision.verification)


def _told_of(verification: str) -> str:
    unverified = _UNVERIFIED.get(verification)
    return f" ({unverified})" if unverified else ""
