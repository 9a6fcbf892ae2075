"""An edition as Markdown. Only the lines that this module writes are markup; all else goes through ``write_text``."""

from collections.abc import Iterable

from pipeline.publish.edition_words import (
    EXPOSURE_NOTICE,
    NOT_IN_REGISTRY,
    by_severity,
    cut_passage,
    decision_facts,
    quote_note,
    told_absence,
    told_besides,
    told_facts,
    told_override,
    told_status,
)
from pipeline.publish.law import STANDING_SHAPES
from pipeline.publish.markdown_text import indent, list_block, write_code, write_text
from pipeline.publish.provenance import write_time
from pipeline.publish.view import BASES, SHAPES
from schemas.edition import (
    Edition,
    EditionClaim,
    EditionExposure,
    EditionPassage,
    EditionPrecedent,
    EditionProvenance,
    EditionProvision,
    EditionQuote,
    EditionRisk,
    EditionStatute,
    ProfessionalParts,
)
from schemas.risk import Level


def edition_markdown(edition: Edition) -> str:
    """The whole edition with the quoted passages. The same edition gives the same characters."""
    return "\n\n".join(_Writer(edition).blocks()) + "\n"


class _Writer:
    """Blocks of one edition."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition

    def blocks(self) -> list[str]:
        edition, parts = self.edition, self.edition.professional
        besides = told_besides(edition)
        return [
            *self._head(),
            "## Consumer summary",
            *_or_none(block for claim in edition.consumer for block in self._sentence(claim)),
            "## Legal summary",
            *_or_none(block for claim in edition.legal for block in self._sentence(claim)),
            f"## Provisions ({len(edition.provisions)})",
            *_or_none(block for provision in by_severity(edition) for block in self._provision(provision)),
            *(self._professional(parts) if parts else ()),
            f"## Quoted passages ({len(edition.passages)})",
            "As the policy has them; quoted words stand between ⟪ and ⟫.",
            *_or_none(list_block(_passage(passage) for passage in edition.passages)),
            *(_provenance(parts.provenance) if parts else ()),
            *([besides] if besides else ()),
        ]

    def _head(self) -> list[str]:
        edition, override = self.edition, told_override(self.edition)
        return [
            f"# {write_text(edition.title)}",
            f"**{edition.notice}**",
            *([f"**{write_text(override)}**"] if override else ()),
            *self._findings(""),
            *list_block(f"- {name}: {write_text(value)}" for name, value in told_facts(edition)),
            f"*stated*: {BASES['stated']}. *inferred*: {BASES['inferred']}.",
        ]

    def _sentence(self, claim: EditionClaim) -> list[str]:
        return [f"### {claim.heading}", write_text(claim.text), *list_block(self._carried(claim))]

    def _carried(self, claim: EditionClaim) -> list[str]:
        absence = told_absence(claim)
        return [
            f"- *{claim.basis}*" + (f", {write_text(absence)}" if absence else ""),
            *(f"- {_statute(statute)}" for statute in claim.statutes),
            *self._quotes(claim.quotes),
            *self._finding_items(claim.path),
        ]

    def _quotes(self, quotes: Iterable[EditionQuote]) -> list[str]:
        items = []
        for quote in quotes:
            note = quote_note(self.edition, quote)
            items.append(
                f"- “{write_text(quote.words)}” {write_code(quote.passage_id)}"
                + (f" **{note}**" if note else "")
            )
        return items

    def _provision(self, provision: EditionProvision) -> list[str]:
        blocks = [
            f"### {_level(provision.severity)} {write_text(provision.title)}",
            f"{write_text(provision.category_title)}; {provision.severity} severity by rule "
            f"{write_text(provision.severity_reason)}; {provision.confidence} confidence",
            *self._findings(provision.path),
        ]
        for claim in (provision.what_it_is, provision.why_it_matters):
            blocks += [f"**{claim.heading}.** {write_text(claim.text)}", *list_block(self._carried(claim))]
        blocks.append(f"**Who is affected.** {write_text(provision.who_is_affected)}")
        if provision.what_you_can_do:
            blocks.append("**What you can do.**")
            blocks += list_block(
                line
                for action in provision.what_you_can_do
                for line in (
                    f"- {write_text(action.text)} ({action.heading})",
                    *indent(self._carried(action)),
                )
            )
        return blocks

    def _professional(self, parts: ProfessionalParts) -> list[str]:
        return [
            f"## Regulatory exposure ({len(parts.regulatory_exposure)})",
            EXPOSURE_NOTICE,
            *_or_none(
                block
                for n, exposure in enumerate(parts.regulatory_exposure, start=1)
                for block in self._exposure(n, exposure)
            ),
            f"## Material risks ({len(parts.material_risks)})",
            *_or_none(block for risk in parts.material_risks for block in self._risk(risk)),
            f"## Due diligence ({len(parts.vendor_due_diligence)})",
            *_or_none(self._due_diligence(parts)),
            f"## Precedents and guidance ({len(parts.enforcement_precedents)})",
            *_or_none(
                block for precedent in parts.enforcement_precedents for block in self._precedent(precedent)
            ),
            f"## Looked at and left out ({len(parts.left_out)})",
            *_or_none(
                list_block(
                    line
                    for left_out in parts.left_out
                    for line in (
                        f"- {write_text(left_out.category_title)}: {write_text(left_out.reason)}",
                        *indent(self._finding_items(left_out.path)),
                    )
                )
            ),
        ]

    def _exposure(self, number: int, exposure: EditionExposure) -> list[str]:
        return [
            f"### Exposure {number}: {_level(exposure.severity)} severity, {exposure.likelihood} likelihood",
            *self._findings(exposure.path),
            write_text(exposure.rationale.text),
            *list_block(
                [
                    *(f"- engaged: {_statute(statute)}" for statute in exposure.statutes),
                    *(f"- enforced by {write_text(name)}" for name in exposure.enforcers),
                    *self._carried(exposure.rationale),
                ]
            ),
        ]

    def _risk(self, risk: EditionRisk) -> list[str]:
        return [
            f"### {_level(risk.severity)} {write_text(risk.title)}",
            f"{write_text(risk.category_title)}; {risk.severity} severity, {risk.likelihood} likelihood",
            *self._findings(risk.path),
            write_text(risk.rationale.text),
            *list_block(self._carried(risk.rationale)),
            "**Mitigations.**",
            *_or_none(list_block(f"- {write_text(mitigation)}" for mitigation in risk.mitigations)),
        ]

    def _due_diligence(self, parts: ProfessionalParts) -> list[str]:
        return list_block(
            line
            for action in parts.vendor_due_diligence
            for line in (
                f"- {_level(action.priority)} {write_text(action.action)} ({write_text(action.category_title)}; "
                f"owner: {write_text(action.owner)})",
                *indent(f"- ask for: {write_text(paper)}" for paper in action.evidence_to_request),
                *indent(self._finding_items(action.path)),
            )
        )

    def _precedent(self, precedent: EditionPrecedent) -> list[str]:
        decision = precedent.decision
        if decision is None:
            head = f"### ✖ {write_text(precedent.decision_id)}: **not in the registry**"
            told = [f"- {NOT_IN_REGISTRY}"]
        else:
            head = (
                f"### {STANDING_SHAPES[decision.standing]} {write_text(decision.name)}: "
                f"**{write_text(told_status(decision))}**"
            )
            told = [f"- {name}: {write_text(value)}" for name, value in decision_facts(decision)]
            told.append(f"- registry id: {write_code(decision.id)}")
        return [
            head,
            *self._findings(precedent.path),
            write_text(precedent.relevance),
            *list_block([*told, *self._quotes(precedent.quotes)]),
        ]

    def _findings(self, path: str) -> list[str]:
        return list_block(self._finding_items(path))

    def _finding_items(self, path: str) -> list[str]:
        return [
            f"- ✖ **overridden finding** {write_text(finding.message)} ({write_text(finding.place)}) {write_code(finding.code)}"
            for finding in self.edition.findings_at(path)
        ]


def _statute(statute: EditionStatute) -> str:
    doubt = f"**{statute.doubt}**" if statute.doubt else ""
    notes = "; ".join(filter(None, (statute.basis or "", doubt)))
    words = ", ".join(filter(None, (statute.cite, statute.title)))
    return write_text(words) + (f" ({notes})" if notes else "")


def _passage(passage: EditionPassage) -> str:
    # Emphasis inside a word or before a quotation mark is no emphasis to a renderer; signs of our own always are.
    text = "".join(f"⟪{run}⟫" if quoted else run for run, quoted in cut_passage(passage))
    where = f" ({write_text(passage.section)})" if passage.section else ""
    return f"- {write_code(passage.id)}{where}: {write_text(text)}"


def _provenance(made: EditionProvenance) -> list[str]:
    blocks = ["## Provenance"]
    for stage in made.stages:
        parameters = ", ".join(
            f"{name} {value}" for name, value in stage.parameters.items() if value is not None
        )
        blocks += [
            f"### Stage {stage.stage}",
            *list_block(
                [
                    f"- model: {write_text(', '.join(stage.models_answered) or stage.model_asked)} "
                    f"(asked for {write_text(stage.model_asked)}), mode {write_text(stage.mode)}, {write_text(parameters)}",
                    f"- requests: {stage.requests}; finished {write_time(stage.finished_at)}",
                    *(
                        f"- prompt {write_text(name)}: {write_code(digest)}"
                        for name, digest in stage.prompts.items()
                    ),
                    f"- schema: {write_code(stage.schema_sha256)}",
                ]
            ),
        ]
    pairs = (("passages", made.passages_sha256), ("registry", made.registry_sha256), *made.versions.items())
    return [
        *blocks,
        "### Digests and versions",
        *list_block(f"- {write_text(name)}: {write_code(value)}" for name, value in pairs),
    ]


def _level(level: Level) -> str:
    return f"{SHAPES[level]} {level}"


def _or_none(blocks: Iterable[str]) -> list[str]:
    return list(blocks) or ["None."]
