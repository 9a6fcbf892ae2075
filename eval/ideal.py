"""A draft that says what the gold says, entry by entry, and quotes the passages that the gold names.

It is what a draft would be if nothing were wrong with it but its length, so that whatever is changed in it can only make it worse:
mutations and planted errors start from it where no draft was recorded.
"""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from eval.cases import Case
from pipeline.checks.named import named_in
from pipeline.registry.authorities import load_authorities
from pipeline.registry.decisions import load_decisions
from pipeline.registry.digest import registry_sha256
from pipeline.registry.pinpoints import lies_within
from pipeline.stages.opening import passages_sha256
from schemas.document import Document
from schemas.draft import Draft, Provenance
from schemas.gold import Anchored, GoldProvision
from schemas.risk import DueDiligenceAction, Exposure, MaterialRisk, Precedent, Provision, RiskAssessment
from schemas.summaries import (
    ConsumerRole,
    ConsumerSentence,
    ConsumerSummary,
    LegalRole,
    LegalSentence,
    LegalSummary,
)

# A precedent must quote something; the gold may name no passage for it.
_NO_PASSAGE = {"passage_id": "none", "quote": "none"}


def ideal_draft(case: Case) -> Draft:
    """The draft of a case, new each time, so that it can be changed. It is longer than the schemas of summaries allow. No model made it."""
    document = case.document
    return Draft.model_construct(
        document=document,
        consumer=ConsumerSummary.model_construct(
            sentences=_with_roles(_consumer(case), get_args(ConsumerRole), ConsumerSentence)
        ),
        legal=LegalSummary.model_construct(
            sentences=_with_roles(_legal(case), get_args(LegalRole), LegalSentence)
        ),
        risk=_risk(case),
        citations=(),
        findings=(),
        provenance=Provenance(
            source_sha256=document.source.sha256,
            passages_sha256=passages_sha256(document),
            registry_sha256=registry_sha256(),
            stages=(),
            versions={},
            endpoint="",
        ),
    )


def _with_roles(claims: Iterator[dict[str, Any]], roles: Sequence[str], kind: type[Any]) -> list[Any]:
    # The advice stands last, under the last role.
    return [
        kind.model_validate({**claim, "role": roles[min(n, len(roles) - 1)]})
        for n, claim in enumerate(claims)
    ]


def _consumer(case: Case) -> Iterator[dict[str, Any]]:
    for fact in case.gold.consumer_facts:
        yield _claim(case, fact.statement, fact)
    for carve_out in case.gold.carve_outs:
        yield _claim(case, carve_out.statement, carve_out)
    for action in case.gold.actions:
        yield _claim(case, f"You can {action.statement[:1].lower()}{action.statement[1:]}", action)


def _legal(case: Case) -> Iterator[dict[str, Any]]:
    for fact in case.gold.legal_facts:
        refs = (*fact.statutes_stated, *fact.statutes_inferred)
        yield _claim(case, fact.statement, fact) | {
            "basis": "stated" if fact.basis == "stated" else "inferred",
            "statutes": [_statute(case.document, ref) for ref in refs],
        }
    for purpose in case.gold.purposes:
        if purpose.bases:
            bases = " and ".join(basis.replace("_", " ") for basis in purpose.bases)
            yield _claim(case, f"{purpose.purpose} rests on {bases}.", purpose)
    for carve_out in case.gold.carve_outs:
        yield _claim(case, carve_out.statement, carve_out)
    for authority_id in case.gold.authorities.named:
        authority = load_authorities().get(authority_id)
        if authority is not None:
            yield _claim(case, f"{authority.names[0]} is named in the document.", None)


def _claim(case: Case, text: str, entry: Anchored | None) -> dict[str, Any]:
    return {
        "text": text,
        "basis": "stated",
        "evidence": _evidence(case, entry.anchors if entry else ()),
        "absent_terms": [],
        "statutes": [],
    }


def _evidence(case: Case, anchors: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        {"passage_id": passage_id, "quote": case.document.text_of(passage)}
        for passage_id in case.passage_ids(anchors)
        if (passage := case.document.find(passage_id))
    ]


def _statute(document: Document, ref: str) -> dict[str, str]:
    return {"ref": ref, "basis": "stated" if named_in(document).has(ref) else "inferred"}


def _why(case: Case, provision: GoldProvision) -> str:
    """The facts for people that stand on the passages of a provision; what it finds, where there is none."""
    told = [fact.statement for fact in case.gold.consumer_facts if set(fact.anchors) & set(provision.anchors)]
    return " ".join(told) or provision.finding


def _risk(case: Case) -> RiskAssessment:
    gold = case.gold
    return RiskAssessment.model_construct(
        provisions=[
            Provision.model_validate(
                {
                    "category": entry.category,
                    "title": entry.title,
                    "severity": entry.severity,
                    "severity_rule": entry.severity_rule,
                    "confidence": "high",
                    "what_it_is": _claim(case, entry.finding, entry),
                    "why_it_matters": _claim(case, _why(case, entry), None)
                    | {
                        "basis": "inferred",
                        "statutes": [_statute(case.document, ref) for ref in entry.statutes],
                    },
                    "who_is_affected": entry.affected,
                    "what_you_can_do": [],
                }
            )
            for entry in gold.provisions
        ],
        regulatory_exposure=[
            Exposure.model_validate(
                {
                    "statute": instrument,
                    "articles": [ref.partition(":")[2] for ref in refs if ":" in ref],
                    "rationale": _claim(case, entry.why, entry) | {"basis": "inferred"},
                    "severity": entry.severity,
                    "likelihood": entry.likelihood,
                    "enforcers": [],
                }
            )
            for entry in gold.risk.regulatory_exposure
            for instrument in dict.fromkeys(ref.partition(":")[0] for ref in entry.statutes)
            if (refs := [ref for ref in entry.statutes if lies_within(ref, instrument)])
        ],
        material_risks=[
            MaterialRisk.model_validate(
                {
                    "title": entry.title,
                    "category": entry.category,
                    "severity": entry.severity,
                    "likelihood": entry.likelihood,
                    "rationale": _claim(case, entry.rationale, entry) | {"basis": "inferred"},
                    "mitigations": list(entry.mitigations),
                }
            )
            for entry in gold.risk.material_risks
        ],
        vendor_due_diligence=[
            DueDiligenceAction.model_validate(
                {
                    "priority": entry.priority,
                    "action": entry.action,
                    "evidence_to_request": list(entry.evidence_to_request),
                    "owner": entry.owner,
                    "category": entry.category,
                }
            )
            for entry in gold.risk.due_diligence
        ],
        enforcement_precedents=[
            Precedent.model_validate(
                {
                    "decision_id": entry.decision,
                    "relevance": decision.status_note,
                    "evidence": _evidence(case, entry.anchors) or [_NO_PASSAGE],
                }
            )
            for entry in gold.risk.decisions_citable
            if (decision := load_decisions().get(entry.decision))
        ],
        left_out=[],
    )
