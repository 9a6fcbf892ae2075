"""The JSON Schemas are part of the product: committed, fresh, and true to the models."""

from importlib.resources import files

import pytest
from pydantic import BaseModel, ValidationError

from pipeline.jsonschema import MODELS, write_schema
from schemas.summaries import Claim


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_committed_schema_is_fresh(name: str) -> None:
    committed = (files("schemas") / "json" / f"{name}.schema.json").read_text(encoding="utf-8")
    assert committed == write_schema(name), "run make format"


def _answers(model: type[BaseModel]) -> set[type[BaseModel]]:
    found = {model}
    for field in model.model_fields.values():
        stack = [field.annotation]
        while stack:
            part = stack.pop()
            stack += getattr(part, "__args__", ())
            if isinstance(part, type) and issubclass(part, BaseModel) and part not in found:
                found |= _answers(part)
    return found


@pytest.mark.parametrize("name", ["consumer", "legal", "risk"])
def test_an_answer_leaves_nothing_to_defaults_and_takes_no_unknown_key(name: str) -> None:
    for model in _answers(MODELS[name]):
        assert [f for f, info in model.model_fields.items() if not info.is_required()] == [], model
        assert model.model_config.get("extra") == "forbid", model


def test_a_claim_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Claim.model_validate(
            {
                "text": "x",
                "basis": "stated",
                "evidence": [],
                "absent_terms": [],
                "statutes": [],
                "confidence": 1,
            }
        )
