"""Edition: what is published of an approved draft for one audience, whole in itself, so that no page needs the draft or a registry.

Words of the registries (titles of law, the status of a decision) are those of the day on which the edition was made; their ids stand
beside them. Every text is one line without control characters, one character for each of the draft's, so that offsets hold.
"""

from datetime import datetime
from functools import cached_property
from typing import Literal

from pydantic import Field

from schemas.base import Value
from schemas.document import DocumentDate, PassageKind, Source, Span
from schemas.review import Approval
from schemas.risk import Level
from schemas.summaries import Basis

Audience = Literal["public", "professional"]

# Whether a decision is what it was when it was made, whether its fate is open, or whether it no longer is.
DecisionStanding = Literal["stands", "open", "fallen"]


class EditionQuote(Value):
    """Words of the policy that carry a claim. ``match`` is None when they were not found in that passage."""

    passage_id: str
    words: str
    match: Literal["exact", "normalised"] | None


class EditionStatute(Value):
    """A provision of law: the registry's id, how lawyers cite it, its title; ``doubt`` is empty where the registry has none.

    ``settled`` says who set that doubt aside and why, in the professional edition alone.
    """

    ref: str
    cite: str
    title: str
    basis: Basis | None
    doubt: str
    settled: str = ""


class EditionClaim(Value):
    """One sentence with what carries it.

    ``path`` is its place in this edition, as that of every entry: counted in the order of print. ``role`` is its role or kind, None where it has none, and ``heading`` the same in words.
    """

    path: str
    role: str | None
    heading: str
    text: str
    basis: Basis
    absent_terms: tuple[str, ...]
    quotes: tuple[EditionQuote, ...]
    statutes: tuple[EditionStatute, ...]


class EditionProvision(Value):
    """What the policy does in one category, and what a person can do about it. ``severity_rule`` is an id, ``severity_reason`` the rule."""

    path: str
    category: str
    category_title: str
    title: str
    severity: Level
    severity_rule: str
    severity_reason: str
    confidence: Level
    what_it_is: EditionClaim
    why_it_matters: EditionClaim
    who_is_affected: str
    what_you_can_do: tuple[EditionClaim, ...]

    @property
    def claims(self) -> tuple[EditionClaim, ...]:
        """All its claims, in the order in which they are shown."""
        return (self.what_it_is, self.why_it_matters, *self.what_you_can_do)


class EditionExposure(Value):
    """Where a statute bears on the policy: a question to examine, never a finding of breach."""

    path: str
    statutes: tuple[EditionStatute, ...]
    rationale: EditionClaim
    severity: Level
    likelihood: Level
    enforcers: tuple[str, ...]


class EditionRisk(Value):
    """A risk for whoever relies on the service."""

    path: str
    title: str
    category: str
    category_title: str
    severity: Level
    likelihood: Level
    rationale: EditionClaim
    mitigations: tuple[str, ...]


class EditionAction(Value):
    """Something to ask of the vendor."""

    path: str
    priority: Level
    action: str
    evidence_to_request: tuple[str, ...]
    owner: str
    category: str
    category_title: str


class EditionDecision(Value):
    """An entry of the decision registry. ``status_note`` and ``not_verified`` are never to be left out where the entry is told."""

    id: str
    name: str
    reference: str
    date: str
    outcome: str
    fine: str
    provisions: tuple[str, ...]
    status: str
    standing: DecisionStanding
    status_note: str
    use: str
    unverified: str
    not_verified: str
    limits: str
    sources: tuple[str, ...]
    checked: str


class EditionPrecedent(Value):
    """A decision and why it matters here; ``decision`` is None when the registry has no such entry."""

    path: str
    decision_id: str
    decision: EditionDecision | None
    relevance: str
    quotes: tuple[EditionQuote, ...]


class EditionLeftOut(Value):
    """A category that was looked at and has no provision of its own."""

    path: str
    category: str
    category_title: str
    reason: str


class EditionFinding(Value):
    """A finding that stood against approval and was overridden. ``path`` is the claim or entry it is about, empty for the whole."""

    path: str
    place: str
    code: str
    message: str


class EditionSetAside(Value):
    """A finding that an editor set aside: what the check said, by whom, when and why. ``path`` as in a finding, or that of a citation of law."""

    path: str
    place: str
    code: str
    message: str
    by: str
    at: datetime
    reason: str


class EditionStage(Value):
    """How one stage was made: the model, the prompts with their sha256, the parameters, the number of requests."""

    stage: str
    model_asked: str
    models_answered: tuple[str, ...]
    mode: str
    parameters: dict[str, str | int | float | bool | None]
    prompts: dict[str, str]
    schema_sha256: str
    requests: int = Field(ge=0)
    finished_at: datetime


class EditionProvenance(Value):
    """What made the draft. Cost, endpoint and the model's rejected answers are the publisher's own and stay in the draft."""

    passages_sha256: str
    registry_sha256: str
    stages: tuple[EditionStage, ...]
    versions: dict[str, str]


class ProfessionalParts(Value):
    """What only the professional edition holds.

    ``desk_names`` tells for the path of an entry what the editors' desk calls it, where it counts otherwise than the edition: it
    counts what was rejected, and does not sort.
    """

    regulatory_exposure: tuple[EditionExposure, ...]
    material_risks: tuple[EditionRisk, ...]
    vendor_due_diligence: tuple[EditionAction, ...]
    enforcement_precedents: tuple[EditionPrecedent, ...]
    left_out: tuple[EditionLeftOut, ...]
    overridden: tuple[EditionFinding, ...]
    set_aside: tuple[EditionSetAside, ...]
    desk_names: dict[str, str]
    provenance: EditionProvenance


class EditionPassage(Value):
    """A quoted passage in full. ``marks`` are the quoted runs of ``text``, in order and apart; ``carries`` the paths that rest on it."""

    id: str
    section: str
    kind: PassageKind
    text: str
    marks: tuple[Span, ...]
    carries: tuple[str, ...]


class EditionDates(Value):
    """``policy`` as the policy prints it, ``captured`` as its source says, ``drafted`` when the last stage ended; ``published`` is the
    approval's time, because no clock is read when an edition is made.
    """

    policy: DocumentDate | None
    captured: datetime | None
    drafted: datetime | None
    approved: datetime
    published: datetime


class Besides(Value):
    """A part that the professional edition holds besides this one, with the number of its entries."""

    part: str
    count: int = Field(ge=0)


class Edition(Value):
    """What is published. ``professional`` is None in the public edition, and ``besides`` empty in the professional one.

    ``provisions`` are sorted, the most severe first. ``overridden`` counts the findings that stood against approval. ``drafted_by`` names the models in words.
    """

    schema_version: Literal["1.0"] = "1.0"
    audience: Audience
    title: str
    company: str
    language: str
    source: Source
    dates: EditionDates
    drafted_by: str
    approval: Approval
    overridden: int = Field(ge=0)
    notice: str
    consumer: tuple[EditionClaim, ...]
    legal: tuple[EditionClaim, ...]
    provisions: tuple[EditionProvision, ...]
    professional: ProfessionalParts | None = None
    besides: tuple[Besides, ...]
    passages: tuple[EditionPassage, ...]

    @cached_property
    def _findings(self) -> dict[str, list[EditionFinding]]:
        at: dict[str, list[EditionFinding]] = {}
        for finding in self.professional.overridden if self.professional else ():
            at.setdefault(finding.path, []).append(finding)
        return at

    def findings_at(self, path: str) -> tuple[EditionFinding, ...]:
        """The overridden findings about one claim or entry, those about the whole at the empty path."""
        return tuple(self._findings.get(path, ()))

    def set_aside_at(self, path: str) -> tuple[EditionSetAside, ...]:
        """The findings about one claim or entry that an editor set aside, those about the whole at the empty path."""
        return tuple(s for s in self.professional.set_aside if s.path == path) if self.professional else ()

    def desk_name(self, path: str) -> str:
        """What the editors' desk calls an entry where the edition calls it otherwise, else empty."""
        return self.professional.desk_names.get(path, "") if self.professional else ""

    @cached_property
    def _passages(self) -> dict[str, EditionPassage]:
        return {passage.id: passage for passage in self.passages}

    def passage(self, passage_id: str) -> EditionPassage | None:
        """The quoted passage with this id, or None when the policy has no such passage."""
        return self._passages.get(passage_id)
