"""Plain listings for the terminal: a document as the model sees it, the registries, an examination."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from rich.console import Console, RenderableType
from rich.text import Text

from pipeline.publish.law import DecisionView, view_entry
from pipeline.publish.lines import entry, print_parts
from pipeline.publish.shown import shown
from pipeline.registry.citations import check_ref, cite_ref, verification_of
from pipeline.registry.decisions import Decision
from pipeline.registry.pinpoints import Ref
from pipeline.registry.search import find_instrument, find_provision, search_statutes
from pipeline.registry.statutes import Article, Instrument, load_statutes
from schemas.document import DateKind, Document
from schemas.finding import Finding


class Looked(Protocol):
    """One thing that was looked at."""

    @property
    def subject(self) -> str:
        """What was looked at."""

    @property
    def in_order(self) -> bool | None:
        """Whether it is as it should be; None for a note."""

    @property
    def told(self) -> str:
        """What was seen."""


_DATES: dict[DateKind, str] = {"effective": "effective date", "updated": "last updated", "bare": "dated"}


def write_document(document: Document) -> str:
    """A document for people who debug ingest: metadata, each section with its passages and ids, hidden text, findings."""
    lines = [
        f"title           {document.title or 'not found'}",
        f"company         {document.company or 'not found'}",
        f"language        {document.language}",
        *(f"{_DATES[dated.kind]:<16}{dated.value}" for dated in document.dates),
        *(() if document.dates else ("effective date  not found",)),
        f"captured        {document.captured_at or 'not known'}",
        f"source          {document.source.name}, {document.source.media_type}, {document.source.size:,} bytes, "
        f"sha256 {document.source.sha256[:16]}…",
        f"passages        {len(document.passages)} in {len(document.sections)} sections, {len(document.text):,} characters",
    ]
    below: dict[str, list[str]] = {}
    for passage in document.passages:
        below.setdefault(passage.section_id, []).append(f"[{passage.id}] {document.text_of(passage)}")
    for section in document.sections:
        lines += [
            "",
            f"{'#' * max(1, section.level)} {section.title or '(before any heading)'}   ({section.id})",
        ]
        lines += below.get(section.id, [])
    if document.hidden:
        lines += ["", "Hidden text, not shown to the model:"]
        lines += [f"- ({hidden.reason}) {hidden.text}" for hidden in document.hidden]
    if document.findings:
        lines += ["", "Findings:"]
        lines += [f"- {_place(f)}: {f.message}" for f in document.findings]
    # Each text stands on a line of its own: a break inside one would forge another.
    return "\n".join(shown(line) for line in lines)


def _place(finding: Finding) -> str:
    return " ".join(filter(None, (finding.severity, finding.code, finding.path)))


def print_law(query: str, console: Console) -> None:
    """What the registry of law has for a query: one provision for a reference or an id and a number, an instrument with all its
    articles for an id, else each instrument in which the words occur."""
    ref, instrument = find_provision(query), find_instrument(query)
    if ref is not None:
        print_provision(ref, console)
    elif instrument is not None:
        print_parts([_statute(instrument, *_articles(instrument))], console)
    else:
        print_statutes(search_statutes(query), console)


def print_provision(ref: Ref, console: Console) -> None:
    """One provision with its title, its paragraphs, how far its own entry was checked, and what is wrong with the reference."""
    instrument = load_statutes().get(ref.instrument_id)
    if instrument is None:
        return _print_entries((), console)
    lines = [problem.message for problem in check_ref(str(ref))]
    article = instrument.article(ref.number)
    if instrument.has(ref.number):
        mark = verification_of(str(ref))
        checked = (
            "never checked against the law's text"
            if mark == "memory"
            else f"checked {instrument.checked_at}, source: {instrument.source}"
        )
        lines += [_structure(article), f"verified: {mark}, {checked}"]
    lines.append(f"of {instrument.id}, {instrument.name} ({instrument.jurisdiction})")
    title = (article.title if article else None) or "no title in the registry"
    first = Text.assemble((str(ref), "bold"), f"  {shown(cite_ref(str(ref)))}, {shown(title)}")
    print_parts([entry(first, *(Text(shown(line)) for line in lines))], console)
    return None


def print_statutes(instruments: Iterable[Instrument], console: Console) -> None:
    """Each instrument with its enforcers, how to cite it, and how far its entry was checked."""
    _print_entries((_statute(instrument) for instrument in instruments), console)


def print_decisions(decisions: Iterable[Decision], console: Console) -> None:
    """Each decision with its status, before anything else about it."""
    _print_entries((_decision(view_entry(decision)) for decision in decisions), console)


_MARKS: dict[bool | None, tuple[str, str]] = {
    True: ("✓", "green"),
    None: ("●", "blue"),
    False: ("✗", "red"),
}


def print_examination(results: Sequence[Looked], console: Console) -> None:
    """Each thing looked at on a line of its own."""
    for result in results:
        mark, style = _MARKS[result.in_order]
        console.print(
            Text(f"{mark} {result.subject}: ", style=style) + Text(shown(result.told)), highlight=False
        )


def _structure(article: Article | None) -> str:
    if article is None or article.structure is None:
        return "paragraphs: not known"
    return "one paragraph" if article.structure == "single" else f"paragraphs (points): {article.structure}"


def _articles(instrument: Instrument) -> list[RenderableType]:
    """A line for each article that the registry lists, with how far its own entry was checked."""
    return [
        Text.assemble(
            (f"{instrument.id}:{article.number}", "bold"),
            f"  {shown(article.title or 'no title in the registry')}  [{verification_of(f'{instrument.id}:{article.number}')}]",
        )
        for article in instrument.articles
    ]


def _told_of_articles(instrument: Instrument) -> str:
    """How far the articles were checked, where that is not all told by the instrument's own mark."""
    marks = Counter(verification_of(f"{instrument.id}:{article.number}") for article in instrument.articles)
    if set(marks) <= {instrument.verification}:
        return ""
    return "articles by how far title and structure are verified: " + ", ".join(
        f"{count} {mark}" for mark, count in marks.most_common()
    )


def _statute(instrument: Instrument, *below: RenderableType) -> RenderableType:
    lines = [
        f"enforced by {'; '.join(instrument.enforcers)}" if instrument.enforcers else "",
        f"cite as {instrument.cite_as}",
        f"verified: {instrument.verification}, checked {instrument.checked_at}, source: {instrument.source}",
        _told_of_articles(instrument),
        instrument.notes or "",
    ]
    first = Text.assemble((instrument.id, "bold"), f"  {shown(instrument.name)} ({instrument.jurisdiction})")
    return entry(first, *(Text(shown(line)) for line in lines if line), *below)


def _decision(view: DecisionView) -> RenderableType:
    lines = [
        view.name,
        ", ".join(filter(None, (view.date, view.reference, view.fine))),
        " ".join(filter(None, (view.status_note, view.limits))),
        f"{view.use}; checked {view.checked}"
        + (f"; not verified: {view.not_verified}" if view.not_verified else ""),
    ]
    first = Text.assemble((view.id, "bold"), f"  {view.shape} {view.told_status}")
    return entry(first, *(Text(line) for line in lines if line))


def _print_entries(entries: Iterable[RenderableType], console: Console) -> None:
    print_parts(list(entries) or [Text("nothing in the registry matches")], console)
