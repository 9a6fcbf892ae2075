"""A draft as Markdown: what a person reads in an editor, a pull request or a terminal.

Only the lines that this module writes are markup. Policy and model text goes through ``write_text``, and stands in
paragraphs and lists rather than tables, so that long sentences stay readable as plain text.
"""

from collections.abc import Iterable

from pipeline.publish.law import StatuteView
from pipeline.publish.markdown_text import indent, list_block, write_code, write_text
from pipeline.publish.places import FindingView
from pipeline.publish.provenance import StageView
from pipeline.publish.quotation import in_quotes
from pipeline.publish.view import (
    BASES,
    NOTICE,
    SHAPES,
    ClaimView,
    DraftView,
    DueDiligenceView,
    ExposureView,
    LeftOutView,
    MaterialRiskView,
    PrecedentView,
    ProvisionView,
    QuoteView,
    view_draft,
)
from schemas.draft import Draft
from schemas.risk import Level


def write_markdown(draft: Draft) -> str:
    """The whole draft but the policy's text. The same draft gives the same characters."""
    return markdown_of(view_draft(draft))


def markdown_of(view: DraftView) -> str:
    """The same of a draft that is joined already."""
    blocks = [
        *_head(view),
        "## Consumer summary",
        *_findings(view.consumer_findings),
        *(block for claim in view.consumer for block in _sentence(claim)),
        "## Legal summary",
        *_findings(view.legal_findings),
        *(block for claim in view.legal for block in _sentence(claim)),
        "## Risk assessment",
        *_findings(view.risk_findings),
        f"### Provisions ({len(view.provisions)})",
        *(block for provision in view.provisions for block in _provision(provision)),
        f"### Regulatory exposure ({len(view.exposures)})",
        "Questions of law that the text raises. None of them is a finding of breach.",
        *_or_none(block for exposure in view.exposures for block in _exposure(exposure)),
        f"### Material risks ({len(view.material_risks)})",
        *_or_none(block for risk in view.material_risks for block in _material_risk(risk)),
        f"### Due diligence ({len(view.due_diligence)})",
        *_or_none(list_block(line for action in view.due_diligence for line in _due_diligence(action))),
        f"### Precedents and guidance ({len(view.precedents)})",
        *_or_none(block for precedent in view.precedents for block in _precedent(precedent)),
        f"### Looked at and left out ({len(view.left_out)})",
        *_or_none(list_block(line for left_out in view.left_out for line in _left_out(left_out))),
        "## Findings",
        *_all_findings(view),
        "## Provenance",
        *_provenance(view),
    ]
    return "\n\n".join(blocks) + "\n"


def _head(view: DraftView) -> list[str]:
    facts = (
        ("company", view.company),
        (view.dated[0].lower(), view.dated[1]),
        ("captured", view.captured),
        ("language", view.language),
        ("answered by", view.provenance.model),
        ("cost", view.provenance.cost),
    )
    return [
        f"# {write_text(view.title)}",
        f"**{NOTICE}** {view.status}",
        *list_block(f"- {name}: {write_text(value)}" for name, value in facts),
        f"*stated*: {BASES['stated']}. *inferred*: {BASES['inferred']}.",
    ]


def _sentence(claim: ClaimView) -> list[str]:
    return [f"### {claim.heading}", write_text(claim.text), *list_block(_carried(claim))]


def _carried(claim: ClaimView) -> list[str]:
    """What carries a claim, as list items: its basis and law, its quotes, what was found."""
    return [
        f"- *{claim.basis}*" + (f", {write_text(claim.absence)}" if claim.absence else ""),
        *(f"- {_statute(statute)}" for statute in claim.statutes),
        *_quotes(claim.quotes),
        *_finding_items(claim.findings),
    ]


def _statute(statute: StatuteView) -> str:
    notes = "; ".join(
        note for note in (statute.basis, f"**{statute.doubt}**" if statute.doubt else "") if note
    )
    return write_text(statute.words) + (f" ({notes})" if notes else "")


def _quotes(quotes: Iterable[QuoteView]) -> list[str]:
    items = []
    for quote in quotes:
        note = f" **{quote.note}**" if quote.note else ""
        items.append(f"- {write_text(in_quotes(quote.words))} {write_code(quote.passage_id)}{note}")
        items += indent(_finding_items(quote.findings))
    return items


def _provision(provision: ProvisionView) -> list[str]:
    blocks = [
        f"#### {_level(provision.severity)} {write_text(provision.title)}",
        f"{write_text(provision.category)}; {provision.severity} severity by rule "
        f"{write_text(provision.severity_rule)}; {provision.confidence} confidence; {provision.name}",
        *_findings(provision.findings),
    ]
    for claim in (provision.what_it_is, provision.why_it_matters):
        blocks += [f"**{claim.heading}.** {write_text(claim.text)}", *list_block(_carried(claim))]
    blocks.append(f"**Who is affected.** {write_text(provision.who_is_affected)}")
    if provision.actions:
        blocks.append("**What you can do.**")
        blocks += list_block(
            line
            for action in provision.actions
            for line in (f"- {write_text(action.text)} ({action.heading})", *indent(_carried(action)))
        )
    return blocks


def _exposure(exposure: ExposureView) -> list[str]:
    return [
        f"#### {exposure.name}: {_level(exposure.severity)} severity, {exposure.likelihood} likelihood",
        write_text(exposure.rationale.text),
        *list_block(
            [
                *(f"- engaged: {_statute(statute)}" for statute in exposure.statutes),
                *(f"- enforced by {write_text(name)}" for name in exposure.enforcers),
                *_carried(exposure.rationale),
                *_finding_items(exposure.findings),
            ]
        ),
    ]


def _material_risk(risk: MaterialRiskView) -> list[str]:
    return [
        f"#### {_level(risk.severity)} {write_text(risk.title)}",
        f"{write_text(risk.category)}; {risk.severity} severity, {risk.likelihood} likelihood; {risk.name}",
        *_findings(risk.findings),
        write_text(risk.rationale.text),
        *list_block(_carried(risk.rationale)),
        "**Mitigations.**",
        *list_block(f"- {write_text(mitigation)}" for mitigation in risk.mitigations),
    ]


def _due_diligence(action: DueDiligenceView) -> list[str]:
    return [
        f"- {_level(action.priority)} {write_text(action.action)} ({write_text(action.category)}; "
        f"owner: {write_text(action.owner)})",
        *indent(f"- ask for: {write_text(paper)}" for paper in action.evidence_to_request),
        *indent(_finding_items(action.findings)),
    ]


def _precedent(precedent: PrecedentView) -> list[str]:
    decision = precedent.decision
    if decision is None:
        return [
            f"#### ✖ {write_text(precedent.decision_id)}: **not in the registry**",
            "The model named this decision; the registry does not know it. Do not rely on it.",
            write_text(precedent.relevance),
            *list_block([*_quotes(precedent.quotes), *_finding_items(precedent.findings)]),
        ]
    pairs = (
        ("status", " ".join(filter(None, (decision.status, decision.status_note)))),
        ("decided", ", ".join(filter(None, (decision.date, decision.reference)))),
        ("outcome", decision.outcome),
        ("fine", decision.fine),
        ("provisions", "; ".join(decision.provisions)),
        ("use", decision.use),
        ("not confirmed", decision.unverified),
        ("not verified", decision.not_verified),
        ("limits", decision.limits),
        ("sources", f"{', '.join(decision.sources)}; checked {decision.checked}"),
    )
    return [
        f"#### {decision.shape} {write_text(decision.name)}: **{decision.status}**",
        write_text(precedent.relevance),
        *list_block(
            [
                *(f"- {name}: {write_text(value)}" for name, value in pairs if value),
                f"- registry id: {write_code(decision.id)}",
                *_quotes(precedent.quotes),
                *_finding_items(precedent.findings),
            ]
        ),
    ]


def _left_out(left_out: LeftOutView) -> list[str]:
    return [
        f"- {write_text(left_out.category)}: {write_text(left_out.reason)}",
        *indent(_finding_items(left_out.findings)),
    ]


def _all_findings(view: DraftView) -> list[str]:
    if not view.findings:
        return ["None."]
    return list_block(
        f"{_finding(finding)} ({write_text(finding.place)})"
        for _, findings in view.findings
        for finding in findings
    )


def _findings(findings: Iterable[FindingView]) -> list[str]:
    return list_block(_finding_items(findings))


def _finding_items(findings: Iterable[FindingView]) -> list[str]:
    return [_finding(finding) for finding in findings]


def _finding(finding: FindingView) -> str:
    return f"- {finding.shape} **{finding.word}** {write_text(finding.message)} {write_code(finding.code)}"


def _provenance(view: DraftView) -> list[str]:
    made = view.provenance
    blocks = [
        f"{made.requests} to {write_text(made.endpoint)}. Answered by {write_text(made.model)}. {made.cost}. {made.tokens}."
    ]
    blocks += list_block(f"- {name}: {write_text(value)}" for name, value in view.source)
    for stage in made.stages:
        blocks += [f"### Stage {stage.name}", *list_block(_stage(stage))]
    blocks.append("### Digests and versions")
    blocks += list_block(f"- {name}: {write_code(value)}" for name, value in (*made.digests, *made.versions))
    return blocks


def _stage(stage: StageView) -> list[str]:
    lines = [
        f"- model: {write_text(stage.model)}, mode {write_text(stage.mode)}, {write_text(stage.parameters)}",
        f"- used: {stage.tokens}; {stage.cost}; {stage.seconds}; finished {stage.finished}"
        + ("; taken from the store" if stage.reused else ""),
    ]
    lines += [f"- prompt {write_text(name)}: {write_code(digest)}" for name, digest in stage.prompts]
    lines += [f"- schema: {write_code(stage.schema_sha256)}", f"- key: {write_code(stage.key_sha256)}"]
    for number, attempt in enumerate(stage.attempts, start=1):
        reason = f": {write_text(attempt.reason)}" if attempt.reason else ""
        lines.append(
            f"- request {number}: {attempt.outcome}, {write_text(attempt.model)}, {attempt.tokens}, {attempt.seconds}{reason}"
        )
    return lines


def _level(level: Level) -> str:
    return f"{SHAPES[level]} {level}"


def _or_none(blocks: Iterable[str]) -> list[str]:
    return list(blocks) or ["None named."]
