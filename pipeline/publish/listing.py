"""Plain listings for the terminal: a document as the model sees it, the registries, an examination."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.registry.decisions import Decision
from pipeline.registry.statutes import Instrument
from schemas.document import Document


class Looked(Protocol):
    """One thing that was looked at."""

    @property
    def subject(self) -> str:
        """What was looked at."""

    @property
    def in_order(self) -> bool:
        """Whether it is as it should be."""

    @property
    def told(self) -> str:
        """What was seen."""


def write_document(document: Document) -> str:
    """A document for people who debug ingest: metadata, each section with its passages and ids, hidden text, findings."""
    lines = [
        f"title           {document.title or 'not found'}",
        f"company         {document.company or 'not found'}",
        f"language        {document.language}",
        f"effective date  {document.effective_date or 'not found'}",
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
        lines += [
            f"- {f.severity} {f.code} {f.path}: {f.message}".replace(" :", ":") for f in document.findings
        ]
    return "\n".join(_printable(line) for line in lines)


def print_statutes(instruments: Iterable[Instrument], console: Console) -> None:
    """The instruments as a table."""
    rows = [
        (i.id, i.name, i.jurisdiction, "; ".join(i.enforcers), i.verification, i.checked_at)
        for i in instruments
    ]
    _print_table(("id", "name", "where", "enforcers", "verified", "checked"), rows, console)


def print_decisions(decisions: Iterable[Decision], console: Console) -> None:
    """The decisions as a table, each with its status."""
    rows = [
        (d.id, d.authority, d.respondent, d.date, d.fine or "", d.status.replace("_", " "), d.verification)
        for d in decisions
    ]
    _print_table(("id", "authority", "respondent", "date", "fine", "status", "verified"), rows, console)


def print_examination(results: Sequence[Looked], console: Console) -> None:
    """Each thing looked at on a line of its own."""
    for result in results:
        mark, style = ("✓", "green") if result.in_order else ("✗", "red")
        console.print(
            Text(f"{mark} {result.subject}: ", style=style) + Text(_printable(result.told)), highlight=False
        )


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], console: Console) -> None:
    if not rows:
        console.print("nothing in the registry matches")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console.print(table)


def _printable(text: str) -> str:
    """Without control characters, which could drive the terminal."""
    return "".join(c for c in text if c.isprintable())
