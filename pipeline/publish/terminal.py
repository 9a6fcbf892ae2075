"""A draft as a terminal shows it: the summaries and provisions with the words that carry them, the rest a line each.

Readable at 80 columns and when piped; the files have all of it.

Policy and model text went through ``shown`` and reaches rich as ``Text``, so that neither control characters nor rich's own
markup in it do anything. What is shortened ends in ``…`` and stands whole in the files.
"""

from collections import Counter
from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.publish.law import DecisionView, Standing, StatuteView
from pipeline.publish.lines import entry, indented, print_parts
from pipeline.publish.places import FindingView
from pipeline.publish.quotation import in_quotes
from pipeline.publish.view import (
    NOT_KNOWN,
    NOTICE,
    QUOTES_SHOWN,
    SHAPES,
    ClaimView,
    DraftView,
    DueDiligenceView,
    ExposureView,
    MaterialRiskView,
    PrecedentView,
    ProvisionView,
    QuoteView,
    cut_quotes,
    view_draft,
)
from schemas.draft import Draft
from schemas.finding import FindingSeverity
from schemas.risk import Level

_QUOTE_LENGTH = 110
_MOST_FINDINGS = 20
_MORE = "The reasons, mitigations, evidence to request and the notes stand in the files."

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
    for _, provisions in view.provisions_by_severity():
        yield from (_provision(provision) for provision in provisions)
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
    yield from _or_none(
        [indented(Text("; ".join(e.category for e in view.left_out)))] if view.left_out else []
    )
    yield Text(f"\n{_MORE}", style=_QUIET)
    yield _heading("Findings")
    yield from _findings(view)


def _head(view: DraftView) -> Iterable[RenderableType]:
    yield Text(view.title, style="bold")
    yield _joined(
        view.company,
        f"{view.dated[0].lower()} {view.dated[1]}",
        f"captured {view.captured}" if view.captured != NOT_KNOWN else "",
        style="",
    )
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
    for kind in ("stated", "inferred"):
        if law := [statute for statute in claim.statutes if statute.basis == kind]:
            basis.append(f" · {kind} law: ").append_text(_law(law))
    return [indented(basis), *_quotes(claim.quotes)]


def _law(statutes: Iterable[StatuteView]) -> Text:
    """Citations without their titles, which the page and the Markdown have."""
    return Text(", ").join(
        Text(statute.cite).append(f" ({statute.doubt})" if statute.doubt else "", style="yellow")
        for statute in statutes
    )


def _quotes(quotes: tuple[QuoteView, ...], most: int = QUOTES_SHOWN) -> list[RenderableType]:
    lines: list[RenderableType] = []
    first, rest = cut_quotes(quotes, most)
    for quote in first:
        line = Text(in_quotes(_shorten(quote.words)), style="green").append(
            f" {quote.passage_id}", style=_QUIET
        )
        if quote.note:
            line.append(f" {quote.note}", style="bold red" if not quote.located else "yellow")
        lines.append(indented(line))
    if rest:
        lines.append(indented(Text(f"… and {len(rest)} more quotes", style=_QUIET)))
    return lines


def _provision(provision: ProvisionView) -> RenderableType:
    """What it is with the words that carry it, and the first thing that a reader can do."""
    lines: list[RenderableType] = [Text(provision.what_it_is.text), *_quotes(provision.what_it_is.quotes, 1)]
    if provision.actions:
        more = f" (… and {len(provision.actions) - 1} more)" if len(provision.actions) > 1 else ""
        lines.append(Text(f"→ {provision.actions[0].text}").append(more, style=_QUIET))
    title = Text.assemble(_level(provision.severity), f" {provision.number}. ", (provision.title, "bold"))
    return entry(title.append(f" ({provision.category})", style=_QUIET), *lines)


def _exposure(exposure: ExposureView) -> RenderableType:
    first = Text.assemble(_level(exposure.severity), f", likelihood {exposure.likelihood}: ")
    return entry(first.append_text(_law(exposure.statutes)), Text(exposure.rationale.text))


def _material_risk(risk: MaterialRiskView) -> RenderableType:
    return indented(Text.assemble(_level(risk.severity), f", likelihood {risk.likelihood}: ", risk.title))


def _due_diligence(action: DueDiligenceView) -> RenderableType:
    return indented(
        Text.assemble(_level(action.priority), ": ", action.action, (f" ({action.owner})", _QUIET))
    )


def _precedent(precedent: PrecedentView) -> RenderableType:
    decision = precedent.decision
    if decision is None:
        return indented(Text.assemble(("✖ not in the registry: ", "bold red"), precedent.decision_id))
    first = Text.assemble(_status(decision), ": ", (decision.name, "bold"), (f" ({decision.id})", _QUIET))
    if decision.standing == "stands" or not decision.status_note:
        return indented(first)
    return entry(first, Text(decision.status_note, style=_STANDING_STYLES[decision.standing]))


def _status(decision: DecisionView) -> Text:
    style = "yellow" if decision.unverified else _STANDING_STYLES[decision.standing]
    return Text(f"{decision.shape} {decision.told_status}", style=style)


def _findings(view: DraftView) -> Iterable[RenderableType]:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    told = [finding for severity, findings in view.findings if severity != "info" for finding in findings]
    for finding in told[:_MOST_FINDINGS]:
        table.add_row(*_finding(finding))
    if len(told) > _MOST_FINDINGS:
        table.add_row("", Text(f"… and {len(told) - _MOST_FINDINGS} more in the files", style=_QUIET))
    if table.row_count:
        yield indented(table)
    notes = Counter(f.code for severity, findings in view.findings if severity == "info" for f in findings)
    if notes:
        counted = ", ".join(f"{count} {code}" for code, count in sorted(notes.items()))
        yield indented(Text(f"Notes, told in the files: {counted}", style=_QUIET))
    yield indented(Text(f"{view.mark} {view.status}", style=_STATE_STYLES[view.state]))


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
