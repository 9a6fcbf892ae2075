"""The JSON Schemas that are part of the product."""

import json

from pydantic import BaseModel

from schemas.draft import Draft
from schemas.edition import Edition
from schemas.gold import Gold
from schemas.risk import RiskAssessment
from schemas.summaries import ConsumerSummary, LegalSummary

MODELS: dict[str, type[BaseModel]] = {
    "consumer": ConsumerSummary,
    "legal": LegalSummary,
    "risk": RiskAssessment,
    "draft": Draft,
    "edition": Edition,
    "gold": Gold,
}


def write_schema(name: str) -> str:
    """The JSON Schema (2020-12) of an artefact, as text that is the same for the same models."""
    schema = MODELS[name].model_json_schema() | {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
