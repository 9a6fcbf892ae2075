"""Every claim, piece of evidence and free text of an artefact, each with its path."""

from collections.abc import Iterator

from schemas.risk import RiskAssessment
from schemas.summaries import Claim, ConsumerSummary, Evidence, LegalSummary

Artefact = ConsumerSummary | LegalSummary | RiskAssessment


def root_of(artefact: Artefact) -> str:
    """The first word of every path into this artefact."""
    if isinstance(artefact, ConsumerSummary):
        return "consumer"
    return "legal" if isinstance(artefact, LegalSummary) else "risk"


def walk_claims(artefact: Artefact, root: str) -> Iterator[tuple[str, Claim]]:
    """Each claim with its path, in the order in which it stands."""
    if not isinstance(artefact, RiskAssessment):
        for n, sentence in enumerate(artefact.sentences):
            yield f"{root}.sentences[{n}]", sentence
        return
    for n, provision in enumerate(artefact.provisions):
        path = f"{root}.provisions[{n}]"
        yield f"{path}.what_it_is", provision.what_it_is
        yield f"{path}.why_it_matters", provision.why_it_matters
        for m, action in enumerate(provision.what_you_can_do):
            yield f"{path}.what_you_can_do[{m}]", action
    for n, exposure in enumerate(artefact.regulatory_exposure):
        yield f"{root}.regulatory_exposure[{n}].rationale", exposure.rationale
    for n, risk in enumerate(artefact.material_risks):
        yield f"{root}.material_risks[{n}].rationale", risk.rationale


def walk_evidence(artefact: Artefact, root: str) -> Iterator[tuple[str, Evidence]]:
    """Each piece of evidence with its path: that of claims first, then that of precedents."""
    for path, claim in walk_claims(artefact, root):
        for n, evidence in enumerate(claim.evidence):
            yield f"{path}.evidence[{n}]", evidence
    if isinstance(artefact, RiskAssessment):
        for n, precedent in enumerate(artefact.enforcement_precedents):
            for m, evidence in enumerate(precedent.evidence):
                yield f"{root}.enforcement_precedents[{n}].evidence[{m}]", evidence


def walk_prose(artefact: Artefact, root: str) -> Iterator[tuple[str, str]]:
    """Each free text with its path: what a reader of the draft may read, quotes and ids left out."""
    for path, claim in walk_claims(artefact, root):
        yield f"{path}.text", claim.text
    if not isinstance(artefact, RiskAssessment):
        return
    for n, provision in enumerate(artefact.provisions):
        yield f"{root}.provisions[{n}].title", provision.title
        yield f"{root}.provisions[{n}].who_is_affected", provision.who_is_affected
    for n, risk in enumerate(artefact.material_risks):
        yield f"{root}.material_risks[{n}].title", risk.title
        for m, mitigation in enumerate(risk.mitigations):
            yield f"{root}.material_risks[{n}].mitigations[{m}]", mitigation
    for n, step in enumerate(artefact.vendor_due_diligence):
        path = f"{root}.vendor_due_diligence[{n}]"
        yield f"{path}.action", step.action
        for m, paper in enumerate(step.evidence_to_request):
            yield f"{path}.evidence_to_request[{m}]", paper
        yield f"{path}.owner", step.owner
    for n, precedent in enumerate(artefact.enforcement_precedents):
        yield f"{root}.enforcement_precedents[{n}].relevance", precedent.relevance
    for n, left in enumerate(artefact.left_out):
        yield f"{root}.left_out[{n}].reason", left.reason
