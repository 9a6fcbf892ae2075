"""A draft as a terminal shows it: what it says and the words that carry it, readable at 80 columns and when piped.

Policy and model text went through ``shown`` and reaches rich as ``Text``, so that neither control characters nor rich's own
markup in it do anything. What is shortened ends in ``…`` and stands whole in the files.
"""

from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.publish.law import DecisionView, Standing, StatuteView
from pipeline.publish.lines import entry, indented, print_parts
from pipeline.publish.places import FindingView
from pipeline.publish.view import (
    NOTICE,
    SHAPES,
    ClaimView,
    DraftView,
    DueDiligenceView,
    ExposureView,
    MaterialRiskView,
    PrecedentView,
    QuoteView,
    cut_quotes,
    view_draft,
)
from schemas.draft import Draft
from schemas.finding import FindingSeverity
from schemas.risk import Level

_QUOTE_LENGTH = 110

_LEVEL_STYLES: dict[Level, str] = {"high": "bold red", "medium": "yellow", "low": "cyan"}
_FINDING_STYLES: dict[FindingSeverity, str] = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_STATE_STYLES = {"clean": "green", "open": "yellow", "blocked": "bold red"}
_STANDING_STYLES: dict[Standing, str] = {"stands": "", "open": "yellow", "fallen": "bold red"}
_QUIET = "dim"


def print_draft(draft: Draft, console: Console) -> None:
    """Print the draft, the findings last, where a reader's eye rests."""
    print_parts(_parts(view_draft(draft)), console)


def _parts(view: DraftView) -> Iterable[RenderableType]:
    yield from _head(view)
    yield _heading("Consumer summary")
    yield from _sentences(view.consumer)
    yield _heading("Legal summary")
    yield from _sentences(view.legal)
    yield _heading("Risk assessment")
    yield _provisions(view)
    yield _heading(
        "Regulatory exposure", "Questions of law that the text raises. None of them is a finding of breach."
    )
    yield from _or_none(_exposure(exposure) for exposure in view.exposures)
    yield _heading("Material risks")
    yield from _or_none(_material_risk(risk) for risk in view.material_risks)
    yield _heading("Due diligence")
    yield from _or_none(_due_diligence(action) for action in view.due_diligence)
    yield _heading("Precedents and guidance")
    yield from _or_none(_precedent(precedent) for precedent in view.precedents)
    yield _heading("Looked at and left out")
    yield from _or_none([_left_out(view)] if view.left_out else [])
    yield _heading("Findings")
    yield from _findings(view)


def _head(view: DraftView) -> Iterable[RenderableType]:
    yield Text(view.title, style="bold")
    yield _joined(view.company, f"effective {view.effective}", f"captured {view.captured}", style="")
    yield Text(f"{view.mark} {view.status}", style=_STATE_STYLES[view.state])
    made = view.provenance
    yield _joined(
        f"answered by {made.model}", made.requests, made.cost, f"tokens {made.tokens}", style=_QUIET
    )
    yield Text(NOTICE, style=_QUIET)


def _sentences(claims: Iterable[ClaimView]) -> Iterable[RenderableType]:
    for number, claim in enumerate(claims, start=1):
        lines: list[RenderableType] = [] if number == 1 else [Text()]
        lines += [Text(f"{number}. {claim.heading}", style=_QUIET), Text(claim.text), *_carried(claim)]
        yield indented(Group(*lines))


def _carried(claim: ClaimView) -> list[RenderableType]:
    """The basis and the law of a claim on one line, then its first quotes."""
    basis = Text(claim.basis, style="italic")
    if claim.absence:
        basis.append(f"; {claim.absence}")
    for statute in claim.statutes:
        basis.append(" · ").append_text(_statute(statute))
    return [indented(basis), *_quotes(claim.quotes)]


def _statute(statute: StatuteView) -> Text:
    text = Text(statute.words)
    notes = ", ".join(filter(None, (statute.basis, statute.doubt)))
    return text.append(f" ({notes})", style="yellow" if statute.doubt else "") if notes else text


def _quotes(quotes: tuple[QuoteView, ...]) -> list[RenderableType]:
    lines: list[RenderableType] = []
    first, rest = cut_quotes(quotes)
    for quote in first:
        line = Text(f"“{_shorten(quote.words)}”", style="green").append(f" {quote.passage_id}", style=_QUIET)
        if quote.note:
            line.append(f" {quote.note}", style="bold red" if not quote.located else "yellow")
        lines.append(indented(line))
    if rest:
        lines.append(indented(Text(f"… and {len(rest)} more quotes", style=_QUIET)))
    return lines


def _provisions(view: DraftView) -> RenderableType:
    table = Table(box=None, pad_edge=False, header_style=_QUIET, padding=(0, 2, 0, 0), expand=True)
    table.add_column("severity", no_wrap=True)
    table.add_column("category", overflow="fold", ratio=3)
    table.add_column("title", overflow="fold", ratio=5)
    table.add_column("what you can do", overflow="fold", ratio=7)
    for _, provisions in view.provisions_by_severity():
        for provision in provisions:
            if table.row_count:
                table.add_row()
            actions = "\n".join(f"• {action.text}" for action in provision.actions)
            table.add_row(
                _level(provision.severity),
                Text(provision.category),
                Text(f"{provision.number}. {provision.title}", style="bold"),
                Text(actions or "nothing named"),
            )
    return indented(table)


def _exposure(exposure: ExposureView) -> RenderableType:
    law = Text("; ").join(_statute(statute) for statute in exposure.statutes)
    return entry(
        Text.assemble(_level(exposure.severity), f", likelihood {exposure.likelihood}: ", law),
        Text(exposure.rationale.text),
        _joined(exposure.rationale.basis, *exposure.enforcers, style=_QUIET),
    )


def _material_risk(risk: MaterialRiskView) -> RenderableType:
    return entry(
        Text.assemble(_level(risk.severity), f", likelihood {risk.likelihood}: ", (risk.title, "bold")),
        Text(risk.rationale.text),
        *(Text(f"• {mitigation}") for mitigation in risk.mitigations),
    )


def _due_diligence(action: DueDiligenceView) -> RenderableType:
    return entry(
        Text.assemble(_level(action.priority), ": ", action.action, (f" ({action.owner})", _QUIET)),
        Text(f"ask for: {'; '.join(action.evidence_to_request)}", style=_QUIET),
    )


def _precedent(precedent: PrecedentView) -> RenderableType:
    decision = precedent.decision
    if decision is None:
        first = Text.assemble(("✖ not in the registry: ", "bold red"), precedent.decision_id)
        return entry(first, Text(precedent.relevance))
    lines = [
        Text.assemble(_status(decision), ": ", (decision.name, "bold"), (f" ({decision.id})", _QUIET)),
        _joined(decision.date, decision.reference, decision.fine, style=_QUIET),
    ]
    if decision.status_note:
        lines.append(Text(decision.status_note, style=_STANDING_STYLES[decision.standing]))
    return entry(*lines, Text(precedent.relevance))


def _status(decision: DecisionView) -> Text:
    style = "yellow" if decision.unverified else _STANDING_STYLES[decision.standing]
    return Text(f"{decision.shape} {decision.told_status}", style=style)


def _left_out(view: DraftView) -> RenderableType:
    return indented(Group(*(Text(f"{each.category}: {each.reason}") for each in view.left_out)))


def _findings(view: DraftView) -> Iterable[RenderableType]:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for _, findings in view.findings:
        for finding in findings:
            table.add_row(*_finding(finding))
    yield indented(table)
    yield Text(f"\n{view.mark} {view.status}", style=_STATE_STYLES[view.state])


def _finding(finding: FindingView) -> tuple[Text, Text]:
    mark = Text(f"{finding.shape} {finding.word}", style=_FINDING_STYLES[finding.severity])
    return mark, Text(f"{finding.place}: {finding.message} ").append(finding.code, style=_QUIET)


def _heading(title: str, note: str = "") -> RenderableType:
    heading = Text(f"\n{title}", style="bold")
    return heading.append(f"\n{note}", style="not bold dim") if note else heading


def _joined(*parts: str, style: str) -> Text:
    return Text(" · ".join(filter(None, parts)), style=style)


def _level(level: Level) -> Text:
    return Text(f"{SHAPES[level]} {level}", style=_LEVEL_STYLES[level])


def _shorten(words: str) -> str:
    return words if len(words) <= _QUOTE_LENGTH else words[: _QUOTE_LENGTH - 1].rstrip() + "…"


def _or_none(parts: Iterable[RenderableType]) -> list[RenderableType]:
    return list(parts) or [indented(Text("None named.", style=_QUIET))]
