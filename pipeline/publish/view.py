"""A draft as every page shows it: claims joined with their quotes' places, their findings, and the registries.

Every text in here went through ``shown``; escaping for HTML, Markdown or a terminal is the page's own business.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from pipeline.publish.dates import date_fact
from pipeline.publish.law import DecisionView, StatuteView, join_cites, view_decision, view_ref, view_statutes
from pipeline.publish.passages import SectionView, view_sections
from pipeline.publish.places import FindingView, Places, anchor_of, name_place
from pipeline.publish.provenance import ProvenanceView, view_provenance, write_time
from pipeline.publish.quotation import in_quotes
from pipeline.publish.shown import shown
from pipeline.registry.citations import join_ref
from pipeline.registry.taxonomy import load_taxonomy
from schemas.draft import Citation, Draft
from schemas.finding import Finding, FindingSeverity
from schemas.risk import Level
from schemas.summaries import Basis, Claim, Evidence, StatuteCitation

NOTICE = "Draft for an editor. Not legal advice."

# Colour alone tells nobody anything: each level has a word and a shape too.
SHAPES: dict[Level, str] = {"high": "▲", "medium": "◆", "low": "●"}

BASES: dict[Basis, str] = {
    "stated": "the policy says it",
    "inferred": "law or context says it, or a part of it",
}

ROLES = {
    "what_and_whom": "What this is and whom it covers",
    "most_important": "The most important thing to know",
    "what_you_can_do": "What you can do",
    "instrument": "Instrument and scope",
    "lawful_bases": "Lawful bases",
    "rights_and_obligations": "Rights and obligations",
    "notable_terms": "Notable terms",
    "law_and_authority": "Law and authority",
    "considerations": "Points to examine",
}
ACTIONS = {
    "control": "a control the policy names",
    "request": "a request the policy provides for",
    "precaution": "your own care",
}
_LEVELS: tuple[Level, ...] = ("high", "medium", "low")
State = Literal["clean", "open", "blocked"]
_MARKS: dict[State, str] = {"clean": "✓", "open": "▲", "blocked": "✖"}
_FINDING_SEVERITIES: tuple[FindingSeverity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class QuoteView:
    """A quote of a claim. ``known`` tells whether the document has such a passage, ``note`` how the quote stands in it."""

    anchor: str
    words: str
    passage_id: str
    known: bool
    located: bool
    note: str
    findings: tuple[FindingView, ...]


# Quotes shown with a claim before the rest is folded away or told as a number; a rest of one is not worth it.
QUOTES_SHOWN = 3
NOT_KNOWN = "not known"


def cut_quotes(
    quotes: tuple[QuoteView, ...], most: int = QUOTES_SHOWN
) -> tuple[list[QuoteView], list[QuoteView]]:
    """The quotes that a reader sees first, and the rest. One that is not in its passage or has a finding is never in the rest."""
    first: list[QuoteView] = []
    rest: list[QuoteView] = []
    for number, quote in enumerate(quotes):
        (first if number < most or quote.findings or not quote.located else rest).append(quote)
    return (list(quotes), []) if len(rest) == 1 else (first, rest)


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One sentence with what carries it.

    ``heading`` is its role or kind, empty where it has none; ``absence`` tells what was searched for where the claim is
    that the policy is silent.
    """

    anchor: str
    name: str
    heading: str
    text: str
    basis: Basis
    absence: str
    quotes: tuple[QuoteView, ...]
    statutes: tuple[StatuteView, ...]
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class ProvisionView:
    """A provision as a card. ``number`` is its place in the draft, from 1."""

    anchor: str
    name: str
    number: int
    title: str
    category: str
    severity: Level
    shape: str
    severity_rule: str
    confidence: Level
    what_it_is: ClaimView
    why_it_matters: ClaimView
    who_is_affected: str
    actions: tuple[ClaimView, ...]
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class ExposureView:
    """Where a statute bears on the document."""

    anchor: str
    name: str
    title: str
    statutes: tuple[StatuteView, ...]
    rationale: ClaimView
    severity: Level
    likelihood: Level
    enforcers: tuple[str, ...]
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class MaterialRiskView:
    """A risk for whoever relies on the service."""

    anchor: str
    name: str
    title: str
    category: str
    severity: Level
    likelihood: Level
    rationale: ClaimView
    mitigations: tuple[str, ...]
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class DueDiligenceView:
    """Something to ask of the vendor."""

    anchor: str
    name: str
    priority: Level
    action: str
    evidence_to_request: tuple[str, ...]
    owner: str
    category: str
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class PrecedentView:
    """A decision, with what the registry knows of it; ``decision`` is None when the registry has no such entry."""

    anchor: str
    name: str
    decision_id: str
    decision: DecisionView | None
    relevance: str
    quotes: tuple[QuoteView, ...]
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class LeftOutView:
    """A category without a provision, and why."""

    anchor: str
    category: str
    reason: str
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class DraftView:
    """Everything that a page shows of a draft. ``dated`` is what the document's date is, and the date."""

    title: str
    company: str
    language: str
    dated: tuple[str, str]
    captured: str
    source: tuple[tuple[str, str], ...]
    status: str
    state: State
    mark: str
    consumer: tuple[ClaimView, ...]
    consumer_findings: tuple[FindingView, ...]
    legal: tuple[ClaimView, ...]
    legal_findings: tuple[FindingView, ...]
    provisions: tuple[ProvisionView, ...]
    exposures: tuple[ExposureView, ...]
    material_risks: tuple[MaterialRiskView, ...]
    due_diligence: tuple[DueDiligenceView, ...]
    precedents: tuple[PrecedentView, ...]
    left_out: tuple[LeftOutView, ...]
    risk_findings: tuple[FindingView, ...]
    findings: tuple[tuple[FindingSeverity, tuple[FindingView, ...]], ...]
    sections: tuple[SectionView, ...]
    hidden: tuple[tuple[str, str], ...]
    provenance: ProvenanceView

    def provisions_by_severity(self) -> tuple[tuple[Level, tuple[ProvisionView, ...]], ...]:
        """The provisions of each level that has any, the highest first."""
        groups = ((level, tuple(p for p in self.provisions if p.severity == level)) for level in _LEVELS)
        return tuple(group for group in groups if group[1])


def view_draft(draft: Draft) -> DraftView:
    """Join a draft's parts for showing. The same draft gives the same view."""
    return _Joiner(draft).view()


class _Joiner:
    """One draft's parts by path."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.citations: dict[str, Citation] = {c.path: c for c in draft.citations}
        artefacts = (("consumer", draft.consumer), ("legal", draft.legal), ("risk", draft.risk))
        paths = (path for root, artefact in artefacts for path in _shown_paths(artefact, root))
        self.places = Places(draft.document, draft.findings, paths)

    def view(self) -> DraftView:
        draft, document, risk = self.draft, self.draft.document, self.draft.risk
        return DraftView(
            title=shown(document.title or "Untitled document"),
            company=shown(document.company or "Company not found"),
            language=document.language,
            dated=date_fact(document.dated),
            captured=write_time(document.captured_at) or NOT_KNOWN,
            source=self._source(),
            status=_status(draft.findings),
            state=_state(draft.findings),
            mark=_MARKS[_state(draft.findings)],
            consumer=tuple(
                self._claim(s, f"consumer.sentences[{n}]", ROLES[s.role])
                for n, s in enumerate(draft.consumer.sentences)
            ),
            consumer_findings=self.places.at("consumer"),
            legal=tuple(
                self._claim(s, f"legal.sentences[{n}]", ROLES[s.role])
                for n, s in enumerate(draft.legal.sentences)
            ),
            legal_findings=self.places.at("legal"),
            provisions=tuple(self._provision(n) for n in range(len(risk.provisions))),
            exposures=tuple(self._exposure(n) for n in range(len(risk.regulatory_exposure))),
            material_risks=tuple(self._material_risk(n) for n in range(len(risk.material_risks))),
            due_diligence=tuple(self._due_diligence(n) for n in range(len(risk.vendor_due_diligence))),
            precedents=tuple(self._precedent(n) for n in range(len(risk.enforcement_precedents))),
            left_out=tuple(self._left_out(n) for n in range(len(risk.left_out))),
            risk_findings=self.places.at("risk"),
            findings=self._all_findings(),
            sections=view_sections(document, draft.citations, self.places),
            hidden=tuple((shown(h.reason), shown(h.text)) for h in document.hidden),
            provenance=view_provenance(draft),
        )

    def _source(self) -> tuple[tuple[str, str], ...]:
        source = self.draft.document.source
        pairs = (
            ("name", source.name),
            ("address", source.url or ""),
            ("type", source.media_type),
            ("encoding", source.encoding or ""),
            ("size", f"{source.size:,} bytes"),
            ("fetched", write_time(source.fetched_at)),
            ("sha256", source.sha256),
        )
        return tuple((name, shown(value)) for name, value in pairs if value)

    def _claim(self, claim: Claim, path: str, heading: str = "") -> ClaimView:
        return ClaimView(
            anchor=anchor_of(path),
            name=name_place(path),
            heading=heading,
            text=shown(claim.text),
            basis=claim.basis,
            absence=_absence(claim),
            quotes=self._quotes(claim.evidence, path),
            statutes=view_statutes(claim.statutes),
            findings=self.places.at(path),
        )

    def _quotes(self, evidence: list[Evidence], path: str) -> tuple[QuoteView, ...]:
        return tuple(self._quote(e, f"{path}.evidence[{n}]") for n, e in enumerate(evidence))

    def _quote(self, evidence: Evidence, path: str) -> QuoteView:
        citation = self.citations.get(path)
        known = self.draft.document.find(evidence.passage_id) is not None
        if citation is not None:
            note = "" if citation.match == "exact" else "spaces, quotation marks or dashes differ"
        else:
            note = "not found in this passage" if known else "the document has no such passage"
        return QuoteView(
            anchor=anchor_of(path),
            words=shown(evidence.quote),
            passage_id=shown(evidence.passage_id),
            known=known,
            located=citation is not None,
            note=note,
            findings=self.places.at(path),
        )

    def _provision(self, n: int) -> ProvisionView:
        path, provision = f"risk.provisions[{n}]", self.draft.risk.provisions[n]
        return ProvisionView(
            anchor=anchor_of(path),
            name=name_place(path),
            number=n + 1,
            title=shown(provision.title),
            category=category_words(provision.category),
            severity=provision.severity,
            shape=SHAPES[provision.severity],
            severity_rule=rule_words(provision.severity_rule),
            confidence=provision.confidence,
            what_it_is=self._claim(provision.what_it_is, f"{path}.what_it_is", "What it is"),
            why_it_matters=self._claim(provision.why_it_matters, f"{path}.why_it_matters", "Why it matters"),
            who_is_affected=shown(provision.who_is_affected),
            actions=tuple(
                self._claim(action, f"{path}.what_you_can_do[{k}]", ACTIONS[action.kind])
                for k, action in enumerate(provision.what_you_can_do)
            ),
            findings=self.places.at(path),
        )

    def _exposure(self, n: int) -> ExposureView:
        path, exposure = f"risk.regulatory_exposure[{n}]", self.draft.risk.regulatory_exposure[n]
        refs = [join_ref(exposure.statute, article) for article in exposure.articles] or [exposure.statute]
        statutes = tuple(view_ref(ref, "") for ref in refs)
        return ExposureView(
            anchor=anchor_of(path),
            name=name_place(path),
            title=join_cites(statute.cite for statute in statutes),
            statutes=statutes,
            rationale=self._claim(exposure.rationale, f"{path}.rationale"),
            severity=exposure.severity,
            likelihood=exposure.likelihood,
            enforcers=tuple(shown(name) for name in exposure.enforcers),
            findings=self.places.at(path),
        )

    def _material_risk(self, n: int) -> MaterialRiskView:
        path, risk = f"risk.material_risks[{n}]", self.draft.risk.material_risks[n]
        return MaterialRiskView(
            anchor=anchor_of(path),
            name=name_place(path),
            title=shown(risk.title),
            category=category_words(risk.category),
            severity=risk.severity,
            likelihood=risk.likelihood,
            rationale=self._claim(risk.rationale, f"{path}.rationale"),
            mitigations=tuple(shown(mitigation) for mitigation in risk.mitigations),
            findings=self.places.at(path),
        )

    def _due_diligence(self, n: int) -> DueDiligenceView:
        path, action = f"risk.vendor_due_diligence[{n}]", self.draft.risk.vendor_due_diligence[n]
        return DueDiligenceView(
            anchor=anchor_of(path),
            name=name_place(path),
            priority=action.priority,
            action=shown(action.action),
            evidence_to_request=tuple(shown(paper) for paper in action.evidence_to_request),
            owner=shown(action.owner),
            category=category_words(action.category),
            findings=self.places.at(path),
        )

    def _precedent(self, n: int) -> PrecedentView:
        path, precedent = f"risk.enforcement_precedents[{n}]", self.draft.risk.enforcement_precedents[n]
        return PrecedentView(
            anchor=anchor_of(path),
            name=name_place(path),
            decision_id=shown(precedent.decision_id),
            decision=view_decision(precedent.decision_id),
            relevance=shown(precedent.relevance),
            quotes=self._quotes(precedent.evidence, path),
            findings=self.places.at(path),
        )

    def _left_out(self, n: int) -> LeftOutView:
        path, left_out = f"risk.left_out[{n}]", self.draft.risk.left_out[n]
        return LeftOutView(
            anchor=anchor_of(path),
            category=category_words(left_out.category),
            reason=shown(left_out.reason),
            findings=self.places.at(path),
        )

    def _all_findings(self) -> tuple[tuple[FindingSeverity, tuple[FindingView, ...]], ...]:
        groups = ((s, tuple(f for f in self.places.findings if f.severity == s)) for s in _FINDING_SEVERITIES)
        return tuple(group for group in groups if group[1])


def _shown_paths(value: BaseModel, path: str) -> Iterator[str]:
    """Every path that a page gives a place of its own: the artefact, its entries, their claims and quotes."""
    yield path
    for name in type(value).model_fields:
        part = getattr(value, name)
        if isinstance(part, BaseModel):
            yield from _shown_paths(part, f"{path}.{name}")
        elif isinstance(part, list):
            for n, entry in enumerate(part):
                if isinstance(entry, BaseModel) and not isinstance(entry, StatuteCitation):
                    yield from _shown_paths(entry, f"{path}.{name}[{n}]")


def _state(findings: tuple[Finding, ...]) -> State:
    severities = {finding.severity for finding in findings}
    return "blocked" if "error" in severities else "open" if "warning" in severities else "clean"


def _status(findings: tuple[Finding, ...]) -> str:
    """One line: clean, or how many findings of each severity."""
    count = {severity: sum(f.severity == severity for f in findings) for severity in _FINDING_SEVERITIES}
    parts = [
        _count(count["error"], "error"),
        _count(count["warning"], "warning"),
        _count(count["info"], "note"),
    ]
    told = ", ".join(part for part in parts if part)
    if count["error"]:
        return f"{told}. Errors block publication."
    if count["warning"]:
        return f"{told}. Warnings need an editor's eye."
    return f"Clean: no finding needs an editor{f' ({told})' if told else ''}."


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}" if number else ""


def _absence(claim: Claim) -> str:
    if not claim.absent_terms:
        return ""
    return f"absence: searched the policy for {write_terms(map(shown, claim.absent_terms))} and found none"


def write_terms(terms: Iterable[str]) -> str:
    """Terms that were searched for, each between quotation marks."""
    return ", ".join(map(in_quotes, terms))


def category_words(category_id: str) -> str:
    """The title of a category, or its id with the remark that there is none."""
    category = load_taxonomy().get(category_id)
    return shown(category_id) + " (not in the taxonomy)" if category is None else category.title


def rule_words(rule_id: str) -> str:
    """A severity rule with its id, or the id with the remark that there is none."""
    rule = load_taxonomy().severity_rule(rule_id)
    return shown(rule_id) + (" (not in the taxonomy)" if rule is None else f": {rule.rule}")
