"""JSON Schemas as strict structured output asks for them.

The rules are those of OpenAI's structured outputs: every object closed, every property required, no defaults,
and nothing beside a ``$ref``. What the models of ``schemas`` say is kept: the strict schema accepts exactly
the answers that the plain one accepts, when no field of the model has a default.
"""

from typing import Any

from pydantic import BaseModel


def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The model's JSON Schema in strict form.

    Raises ValueError for a ``$ref`` that leads outside the schema.
    """
    schema = model.model_json_schema()
    strict = _strict(schema, schema)
    assert isinstance(strict, dict)
    return strict


def _strict(node: Any, root: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_strict(item, root) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node and len(node) > 1:
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return _strict(_resolve(node["$ref"], root) | beside, root)
    strict = {key: _strict_part(key, value, root) for key, value in node.items() if key != "default"}
    if strict.get("type") == "object":
        strict["additionalProperties"] = False
        strict["required"] = list(strict.get("properties", {}))
    return strict


def _strict_part(key: str, value: Any, root: dict[str, Any]) -> Any:
    if key in {"properties", "$defs"}:
        # Keys here are names, and a field may be named "default".
        return {name: _strict(part, root) for name, part in value.items()}
    return value if key in {"enum", "const", "examples"} else _strict(value, root)


def _resolve(ref: str, root: dict[str, Any]) -> dict[str, Any]:
    node: Any = root
    if not ref.startswith("#/"):
        raise ValueError(f"the schema refers to {ref}, which is not a part of it")
    for step in ref[2:].split("/"):
        node = node[step]
    assert isinstance(node, dict)
    return node
