"""RiskAssessment: provisions, exposure by statute, material risks, due diligence, precedents."""

from typing import Literal

from pydantic import Field

from schemas.base import Answer
from schemas.summaries import Basis, Claim, Evidence, StatuteCitation

Level = Literal["low", "medium", "high"]


class Action(Claim):
    """One thing a person can do."""

    kind: Literal["control", "request", "precaution"] = Field(
        description="control: a setting or tool the policy names (evidence needed). request: a right or contact route the "
        "policy names (evidence needed). precaution: the reader's own care, which needs nothing from the company."
    )


class Provision(Answer):
    """What the policy does in one category of the taxonomy, for the people it touches."""

    category: str = Field(description="Id of a category of the taxonomy.")
    title: str = Field(description="At most twelve words, saying what happens.")
    severity: Level
    severity_rule: str = Field(description="Id of the severity rule that gives this level.")
    confidence: Level = Field(description="How sure the reading of the text is.")
    what_it_is: Claim
    why_it_matters: Claim
    who_is_affected: str
    what_you_can_do: list[Action]


class Exposure(Answer):
    """Where a statute bears on the document, as a question to examine and never as a finding of breach."""

    statute: str = Field(description="Registry id of one instrument.")
    articles: list[str] = Field(
        description="Pinpoints in that instrument, without its id: 6(1)(f). May be empty."
    )
    rationale: Claim = Field(
        description="Why the provision is engaged by what the policy says or leaves out."
    )
    severity: Level
    likelihood: Level
    enforcers: list[str] = Field(description="Authorities, as named in the registry for this instrument.")


class MaterialRisk(Answer):
    """A risk for an organisation or a person who relies on the service."""

    title: str
    category: str = Field(description="Id of a category of the taxonomy.")
    severity: Level
    likelihood: Level
    rationale: Claim
    mitigations: list[str] = Field(min_length=1)


class DueDiligenceAction(Answer):
    """Something to ask of the vendor before relying on it."""

    priority: Level
    action: str
    evidence_to_request: list[str] = Field(min_length=1)
    owner: str = Field(description="A role in the customer's organisation.")
    category: str = Field(description="Id of the category of the taxonomy that gives rise to it.")


class Precedent(Answer):
    """An enforcement decision or guidance of the registry, and why it matters here."""

    decision_id: str = Field(description="Id of an entry of the decision registry.")
    relevance: str = Field(
        description="One sentence: which practice of this policy it bears on, true to its outcome and current status."
    )
    evidence: list[Evidence] = Field(description="Where the policy has that practice.", min_length=1)


class LeftOut(Answer):
    """A category that was looked at and has no provision of its own."""

    category: str = Field(description="Id of a category of the taxonomy.")
    reason: str


class RiskAssessment(Answer):
    """The structured risk assessment of one document."""

    provisions: list[Provision] = Field(min_length=1)
    regulatory_exposure: list[Exposure]
    material_risks: list[MaterialRisk]
    vendor_due_diligence: list[DueDiligenceAction]
    enforcement_precedents: list[Precedent]
    left_out: list[LeftOut] = Field(
        description="Every category of the taxonomy that has no provision above, each with the reason."
    )


__all__ = [
    "Action",
    "Basis",
    "DueDiligenceAction",
    "Exposure",
    "LeftOut",
    "Level",
    "MaterialRisk",
    "Precedent",
    "Provision",
    "RiskAssessment",
    "StatuteCitation",
]
