"""An edition as Markdown. Only the lines that this module writes are markup; all else goes through ``write_text``."""

from collections.abc import Iterable, Iterator

from pipeline.publish.edition_words import (
    ABOUT,
    EXPOSURE_NOTICE,
    IN_SHORT,
    LEGAL,
    NOT_IN_REGISTRY,
    ORDER,
    PROVISIONS,
    SET_ASIDE,
    Part,
    cut_passage,
    decision_facts,
    law_basis,
    law_besides,
    law_doubt,
    passage_name,
    quote_note,
    told_bases,
    told_basis,
    told_besides,
    told_dateline,
    told_desk,
    told_exposure,
    told_facts,
    told_override,
    told_set_aside,
    told_severity,
    told_status,
)
from pipeline.publish.law import STANDING_SHAPES
from pipeline.publish.markdown_text import indent, list_block, write_code, write_text
from pipeline.publish.provenance import write_time
from pipeline.publish.quotation import in_quotes
from pipeline.publish.view import SHAPES
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
    EditionSetAside,
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
        named: dict[Part, list[str]] = {
            "consumer": [
                f"## {IN_SHORT}",
                *_or_none(self._summary(edition.consumer)),
            ],
            "legal": [
                f"## {LEGAL[edition.audience]}",
                *_or_none(self._summary(edition.legal)),
            ],
            "provisions": [
                f"## {PROVISIONS[edition.audience]} ({len(edition.provisions)})",
                *_or_none(
                    block
                    for n, provision in enumerate(edition.provisions, start=1)
                    for block in self._provision(n, provision)
                ),
            ],
        }
        return [
            *self._head(),
            *(block for part in ORDER[edition.audience] for block in named[part]),
            *(self._professional(parts) if parts else ()),
            f"## Quoted passages ({len(edition.passages)})",
            "As the policy has them; quoted words stand between ⟪ and ⟫.",
            *_or_none(list_block(self._passage(passage) for passage in edition.passages)),
            *self._about(),
            *(_provenance(parts.provenance) if parts else ()),
        ]

    def _head(self) -> list[str]:
        edition, override = self.edition, told_override(self.edition)
        return [
            f"# {write_text(edition.title)}",
            f"{write_text(edition.company)} · {write_text(told_dateline(edition))}",
            f"**{edition.notice}**",
            *([f"**{write_text(override)}**"] if override else ()),
            *self._findings(""),
        ]

    def _about(self) -> list[str]:
        bases, besides = told_bases(self.edition), told_besides(self.edition)
        items = [_set_aside(told) for told in self.edition.set_aside_at("")]
        return [
            f"## {ABOUT}",
            *list_block(f"- {name}: {write_text(value)}" for name, value in told_facts(self.edition)),
            *([" ".join(f"*{name}*: {words}." for name, words in bases)] if bases else ()),
            *((f"### {SET_ASIDE}", *list_block(items)) if items else ()),
            *([besides] if besides else ()),
        ]

    def _summary(self, claims: Iterable[EditionClaim]) -> Iterator[str]:
        for number, claim in enumerate(claims, start=1):
            desk = self._desk_name(claim.path)
            yield from (f"### {number}. {claim.heading}{desk}", write_text(claim.text))
            yield from list_block(self._carried(claim))

    def _carried(self, claim: EditionClaim) -> list[str]:
        basis, absence = told_basis(self.edition, claim)
        return [
            "- " + ", ".join(filter(None, (f"*{basis}*" if basis else "", write_text(absence)))),
            *(f"- {self._statute(statute)}" for statute in claim.statutes),
            *self._quotes(claim.quotes),
            *self._finding_items(claim.path),
        ]

    def _quotes(self, quotes: Iterable[EditionQuote]) -> list[str]:
        items = []
        for quote in quotes:
            note = quote_note(self.edition, quote)
            items.append(
                f"- {write_text(in_quotes(quote.words))} {self._passage_name(quote.passage_id)}"
                + (f" **{note}**" if note else "")
            )
        return items

    def _passage_name(self, passage_id: str) -> str:
        if self.edition.professional:
            return write_code(passage_id)
        name = passage_name(self.edition, passage_id)
        return f"({write_text(name)})" if name else ""

    def _provision(self, number: int, provision: EditionProvision) -> list[str]:
        blocks = [
            f"### {number}. {_level(provision.severity)} {write_text(provision.title)}",
            f"{write_text(provision.category_title)}; {provision.confidence} confidence. "
            f"{write_text(told_severity(self.edition, provision))}{self._desk_name(provision.path)}",
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
            *_or_none(
                block for n, risk in enumerate(parts.material_risks, start=1) for block in self._risk(n, risk)
            ),
            f"## Due diligence ({len(parts.vendor_due_diligence)})",
            *_or_none(self._due_diligence(parts)),
            f"## Precedents and guidance ({len(parts.enforcement_precedents)})",
            *_or_none(
                block
                for n, precedent in enumerate(parts.enforcement_precedents, start=1)
                for block in self._precedent(n, precedent)
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
            f"### {number}. {_level(exposure.severity)} {write_text(told_exposure(exposure))}",
            f"{exposure.severity} severity, {exposure.likelihood} likelihood{self._desk_name(exposure.path)}",
            *self._findings(exposure.path),
            write_text(exposure.rationale.text),
            *list_block(
                [
                    *(f"- engaged: {self._statute(statute)}" for statute in law_besides(exposure)),
                    *(f"- enforced by {write_text(name)}" for name in exposure.enforcers),
                    *self._carried(exposure.rationale),
                ]
            ),
        ]

    def _risk(self, number: int, risk: EditionRisk) -> list[str]:
        return [
            f"### {number}. {_level(risk.severity)} {write_text(risk.title)}",
            f"{write_text(risk.category_title)}; {risk.severity} severity, {risk.likelihood} likelihood"
            f"{self._desk_name(risk.path)}",
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
                f"owner: {write_text(action.owner)}{self._desk_name(action.path)})",
                *indent(f"- ask for: {write_text(paper)}" for paper in action.evidence_to_request),
                *indent(self._finding_items(action.path)),
            )
        )

    def _precedent(self, number: int, precedent: EditionPrecedent) -> list[str]:
        decision = precedent.decision
        if decision is None:
            head = f"### {number}. ✖ {write_text(precedent.decision_id)}: **not in the registry**"
            told = [f"- {NOT_IN_REGISTRY}"]
        else:
            head = (
                f"### {number}. {STANDING_SHAPES[decision.standing]} {write_text(decision.name)}: "
                f"**{write_text(told_status(decision))}**"
            )
            told = [f"- {name}: {write_text(value)}" for name, value in decision_facts(decision)]
            told.append(f"- registry id: {write_code(decision.id)}")
        if desk := self._desk_name(precedent.path):
            told.append(f"- {desk.removeprefix('; ')}")
        return [
            head,
            *self._findings(precedent.path),
            write_text(precedent.relevance),
            *list_block([*told, *self._quotes(precedent.quotes)]),
        ]

    def _findings(self, path: str) -> list[str]:
        return list_block(self._finding_items(path))

    def _finding_items(self, path: str) -> list[str]:
        overridden = (
            f"- ✖ **overridden finding** {write_text(finding.message)} ({write_text(finding.place)}) {write_code(finding.code)}"
            for finding in self.edition.findings_at(path)
        )
        # What is about the whole stands with the facts, at the end.
        aside = self.edition.set_aside_at(path) if path else ()
        return [*overridden, *map(_set_aside, aside)]

    def _desk_name(self, path: str) -> str:
        desk = told_desk(self.edition, path)
        return f"; {write_text(desk)}" if desk else ""

    def _statute(self, statute: EditionStatute) -> str:
        doubt = law_doubt(self.edition, statute)
        notes = "; ".join(
            filter(None, (law_basis(self.edition, statute), f"**{write_text(doubt)}**" if doubt else ""))
        )
        words = ", ".join(filter(None, (statute.cite, statute.title)))
        return write_text(words) + (f" ({notes})" if notes else "")

    def _passage(self, passage: EditionPassage) -> str:
        # Emphasis inside a word or before a quotation mark is no emphasis to a renderer; signs of our own always are.
        text = "".join(f"⟪{run}⟫" if quoted else run for run, quoted in cut_passage(passage))
        name = write_code(passage.id) if self.edition.professional else ""
        where = f"({write_text(passage.section)})" if passage.section else ""
        head = " ".join(filter(None, (name, where)))
        return f"- {head}: {write_text(text)}" if head else f"- {write_text(text)}"


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


def _set_aside(told: EditionSetAside) -> str:
    return f"- {write_text(told_set_aside(told))} {write_code(told.code)}"


def _level(level: Level) -> str:
    return f"{SHAPES[level]} {level}"


def _or_none(blocks: Iterable[str]) -> list[str]:
    return list(blocks) or ["None."]
