"""Draft: a document's three artefacts, the findings about them, and what made them."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from schemas.base import Value
from schemas.document import Document, Span
from schemas.finding import Finding
from schemas.risk import RiskAssessment
from schemas.summaries import ConsumerSummary, LegalSummary

StageName = Literal["read", "consumer", "legal", "risk"]


class Usage(Value):
    """Tokens of one attempt; None means that the endpoint did not say, which is not zero."""

    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None


class Attempt(Value):
    """One request to the model and what became of it.

    ``outcome`` is ``accepted``, ``asked_again`` (the answer was sent back), ``kept`` (faults left, last try spent),
    ``transport`` (no usable answer came) or ``failed``. ``reason`` says why it was not accepted.
    """

    outcome: Literal["accepted", "asked_again", "kept", "transport", "failed"]
    reason: str | None
    model: str | None
    usage: Usage
    seconds: float = Field(ge=0)


class StageRecord(Value):
    """Provenance of one stage. ``cost_usd`` is None when the model's price is not known."""

    stage: StageName
    key_sha256: str
    prompts: dict[str, str] = Field(description="Prompt name with version -> sha256 of its file.")
    schema_sha256: str
    model_asked: str
    models_answered: tuple[str, ...]
    mode: str
    parameters: dict[str, str | int | float | bool | None]
    attempts: tuple[Attempt, ...]
    cost_usd: float | None
    seconds: float = Field(ge=0)
    reused: bool = Field(description="True when the answer came from the store and cost nothing now.")
    finished_at: datetime


class Citation(Value):
    """Where a piece of evidence stands: the place in the artefact, and the place in the document."""

    path: str
    passage_id: str
    span: Span
    match: Literal["exact", "normalised"]


class Provenance(Value):
    """What made a draft."""

    source_sha256: str
    passages_sha256: str
    registry_sha256: str
    stages: tuple[StageRecord, ...]
    versions: dict[str, str] = Field(description="Package -> version.")
    endpoint: str = Field(description="Base URL of the endpoint, without credentials or query.")


class Draft(Value):
    """A document's three artefacts as the model left them, with every finding and every quote's place."""

    schema_version: Literal["1.0"] = "1.0"
    document: Document
    consumer: ConsumerSummary
    legal: LegalSummary
    risk: RiskAssessment
    citations: tuple[Citation, ...]
    findings: tuple[Finding, ...]
    provenance: Provenance
