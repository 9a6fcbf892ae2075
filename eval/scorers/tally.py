"""From items to a score, and from scores to a mean: the arithmetic that all scorers share.

Importance weighs as ``must`` 4, ``should`` 2, ``may`` 1: a summary that tells one fact it must tell is worth as much as one with four
details that it may leave out. Levels weigh as ``high`` 3, ``medium`` 2, ``low`` 1.
"""

from collections.abc import Sequence
from typing import Any

from eval.candidate import Part
from schemas.gold import Importance, Level
from schemas.score import Score, ScoredArtefact, ScoreItem

IMPORTANCE: dict[Importance, float] = {"must": 4, "should": 2, "may": 1}
LEVELS: dict[Level, float] = {"high": 3, "medium": 2, "low": 1}

_MOST_NAMED = 6


def share(
    artefact: ScoredArtefact,
    name: str,
    items: Sequence[ScoreItem],
    *,
    things: str,
    nothing: str,
    figures: dict[str, float] | None = None,
) -> Score:
    """What the items earned of what they weigh. ``things`` names them in the reason; ``nothing`` says why there may be none to count."""
    counted = [item for item in items if item.value is not None]
    weight = sum(item.weight for item in counted)
    if not weight:
        return unscored(artefact, name, nothing, items)
    value = sum((item.value or 0) * item.weight for item in counted) / weight
    return scored(artefact, name, value, tell(counted, things), items, figures)


def scored(
    artefact: ScoredArtefact,
    name: str,
    value: float,
    reason: str,
    items: Sequence[ScoreItem] = (),
    figures: dict[str, float] | None = None,
) -> Score:
    """A score with a value."""
    return Score(
        name=f"{artefact}.{name}",
        artefact=artefact,
        status="scored",
        value=value,
        reason=reason,
        items=tuple(items),
        figures=figures or {},
    )


def unscored(artefact: ScoredArtefact, name: str, reason: str, items: Sequence[ScoreItem] = ()) -> Score:
    """A score without a value, because there was nothing that it is about."""
    return Score(
        name=f"{artefact}.{name}",
        artefact=artefact,
        status="unscored",
        value=None,
        reason=reason,
        items=tuple(items),
    )


def failed(artefact: ScoredArtefact, name: str, reason: str, items: Sequence[ScoreItem] = ()) -> Score:
    """A score without a value, because what was handed in is broken."""
    return Score(
        name=f"{artefact}.{name}",
        artefact=artefact,
        status="failed",
        value=None,
        reason=reason,
        items=tuple(items),
    )


def score_schema(part: Part[Any]) -> Score:
    """Schema validity: 1 when the schema accepts the artefact; failed, not 0, when it is refused or missing."""
    items = [ScoreItem(id=part.name, verdict="refused", value=None, reason=told) for told in part.problems]
    if part.state == "valid":
        return scored(part.name, "schema", 1.0, "The schema accepts the artefact.")
    if part.state == "missing":
        return failed(part.name, "schema", part.why_not, items)
    if part.state == "invalid":
        told = f"The schema refuses the artefact ({part.problems[0]}); what of it could be read is scored."
        return failed(part.name, "schema", told, items)
    if part.state == "plain":
        return unscored(part.name, "schema", "Plain sentences have no schema.")
    return unscored(part.name, "schema", part.why_not)


def tell(items: Sequence[ScoreItem], things: str) -> str:
    """How many of the items earned all, and which did not, in one sentence."""
    whole = sum(item.value == 1 for item in items)
    return f"{whole} of {len(items)} {things}{name_short(items)}."


def name_short(items: Sequence[ScoreItem]) -> str:
    """The items that did not earn all, with their verdicts, as the end of a sentence without its full stop; nothing when all did."""
    short = [f"{item.id} ({item.verdict})" for item in items if item.value is not None and item.value != 1]
    more = f" and {len(short) - _MOST_NAMED} more" if len(short) > _MOST_NAMED else ""
    return f"; not: {', '.join(short[:_MOST_NAMED])}{more}" if short else ""
