"""Score: one figure about one candidate, with its reason and what it was counted from.

Wrong, failed and unscored are three things. ``scored`` has a value, and 0 is one: what was handed in was read and found wanting.
``failed`` says that what was handed in could not be read as what it should be. ``unscored`` says that there was
nothing that this score is about. Neither of the two is a number, so that no mean can take them for one; NaN does not exist here.
"""

from typing import Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from schemas.base import Value

ScoredArtefact = Literal["consumer", "legal", "risk", "whole"]
ScoreStatus = Literal["scored", "unscored", "failed"]


class ScoreItem(Value):
    """What became of one thing that a score counts: a fact, a citation, a provision, a sentence.

    ``id`` is the entry's id in the gold or a path into the artefact. ``verdict`` is one word (states, contradicts, omits; right, wrong,
    missing, extra, ...). ``value`` is what the item earned, from 0 to 1; None when it was left out of the count. ``weight`` is what it
    counts. ``path`` and ``sentence`` are where in the candidate the verdict was taken from.
    """

    id: str
    verdict: str
    value: FiniteFloat | None = Field(ge=0, le=1)
    weight: FiniteFloat = Field(default=1, ge=0)
    path: str | None = None
    sentence: str | None = None
    reason: str = ""


class Score(Value):
    """One figure about one artefact of a candidate, or about all three (``whole``).

    ``name`` is dotted and stable (``legal.citations_valid``). ``value`` lies between 0 (worst) and 1 (best), except that agreement by
    kappa may go down to -1. ``reason`` is one sentence for people. ``figures`` are what was measured on the way (``grade``, ``words``,
    ``precision``), in their own units.
    """

    name: str
    artefact: ScoredArtefact
    status: ScoreStatus
    value: FiniteFloat | None = Field(ge=-1, le=1)
    reason: str
    items: tuple[ScoreItem, ...] = ()
    figures: dict[str, FiniteFloat] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _value_when_scored(self) -> Self:
        if (self.value is not None) != (self.status == "scored"):
            raise ValueError("a score has a value when it is scored, and only then")
        return self


class Mean(Value):
    """The mean of the values that were scored, None when none was; and how many scores were of which status."""

    value: FiniteFloat | None
    scored: int = Field(ge=0)
    unscored: int = Field(ge=0)
    failed: int = Field(ge=0)
