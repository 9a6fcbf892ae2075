"""The two bases every schema stands on: a value of ours, and an answer a model fills in."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A value Clausewise makes: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(BaseModel):
    """A part of what a model answers: an unknown key is an error, and no field has a default.

    Without defaults every field is required in the JSON Schema, which is what strict structured output asks for.
    """

    model_config = ConfigDict(extra="forbid")
