"""Planting: a wrong or right sentence is put into a good draft, and what a judge and the scores say of it is compared with the draft without it.

The good draft is the recorded one of the case, else the ideal one. The sentence stands in its artefact beside the draft's own, so that what it
changes is its own doing.

- *flagged*: the judge gives the sentence a flag that no sentence of that artefact has without it. Wrong ones should be, right ones should not.
- *lowered*: scores of faults that are lower with the sentence than without it. They tell what of a judge's flags reaches the figures.

A whole text stands in place of the summary and alone. A wrong one, which omits, is flagged when the judge does not find a ``must`` fact
stated that it lacks; a right one when the judge does not find any one ``must`` fact of its artefact stated, or flags one of its sentences.

Where no good draft is given, every flag on the sentence counts, and no score is told: a judge whose answers are recorded may know the
sentences and not the draft.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from eval.candidate import Candidate, Part, Sentence, candidate_from_draft
from eval.cases import Case
from eval.ideal import ideal_draft
from eval.judges.questions import sentences_of
from eval.judges.verdict import Flag, Judge
from eval.scorers.consumer import score_consumer
from eval.scorers.legal import score_legal
from eval.scorers.risk import score_prose
from eval.scorers.whole import score_whole
from eval.selftest_bars import LOOKED_AT
from eval.selftest_bars import Part as PlantedPart
from eval.systems import Made, recorded
from schemas.base import Value
from schemas.gold import Fact
from schemas.planted import Difficulty, Planted, PlantedArtefact
from schemas.score import Score

# Scores that count faults of sentences. A sentence more moves length and reading level whatever it says, and one that tells a fact without a
# quote moves evidence.
FAULT_SCORES = (
    "consumer.contradictions",
    "consumer.supported",
    "consumer.actions",
    "legal.contradictions",
    "legal.supported",
    "legal.bases_right",
    "legal.citations_valid",
    "legal.citations_right",
    "legal.authorities",
    "legal.conclusions",
    "legal.carve_outs",
    "risk.contradictions",
    "risk.supported",
    "whole.consistency",
)
_TOLERANCE = 1e-9


class Planting(Value):
    """What became of one planted sentence. ``kind`` is its error type or trap; ``faults`` are those of the judge's new flags (``omission`` for a
    fact not found). ``lowered`` is None where it was not measured. ``text`` and ``said``, the flags' messages, are kept of sentences that the
    judge's writer has looked at, and of no others.
    """

    id: str
    part: PlantedPart
    policy: str
    artefact: PlantedArtefact
    wrong: bool
    kind: str
    difficulty: Difficulty
    flagged: bool
    faults: tuple[str, ...]
    lowered: tuple[str, ...] | None
    text: str | None = None
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoodDraft:
    """The draft that sentences are planted in: recorded, or made from the gold."""

    origin: Literal["recorded", "made from the gold"]
    candidate: Candidate


def good_draft(case: Case, recordings: Path | None = None) -> GoodDraft:
    """The recorded draft of a case where there is one, else the ideal one.

    Raises ModelError or StaleRecordingError when a recording does not fit the code any more.
    """
    made = recorded(recordings).make(case)
    if isinstance(made, Made):
        return GoodDraft("recorded", made.candidate)
    return GoodDraft("made from the gold", candidate_from_draft("ideal", ideal_draft(case)))


class Planter:
    """Plants sentences about a case, each on its own; what the draft is like without them is found out once."""

    def __init__(self, case: Case, judge: Judge, good: GoodDraft | None) -> None:
        self._case, self._judge = case, judge
        self._without = {
            artefact: _Without(good, artefact, case, judge) for artefact in get_args(PlantedArtefact)
        }

    def plant(self, plant: Planted, part: PlantedPart) -> Planting:
        """What becomes of one sentence of a part of the judge's."""
        if plant.is_whole_text:
            seen = _weigh_whole(plant, self._case, self._judge)
        else:
            seen = self._without[plant.artefact].weigh(plant)
        may_be_read = part == LOOKED_AT
        return Planting(
            id=plant.id,
            part=part,
            policy=plant.policy,
            artefact=plant.artefact,
            wrong=plant.wrong,
            kind=plant.error_type or plant.trap or "",
            difficulty=plant.difficulty,
            flagged=bool(seen.faults),
            faults=seen.faults,
            lowered=seen.lowered,
            text=plant.text if may_be_read else None,
            said=seen.said if may_be_read else (),
        )


class _Seen(NamedTuple):
    faults: tuple[str, ...]
    said: tuple[str, ...]
    lowered: tuple[str, ...] | None


class _Without:
    """A good draft without anything planted: the flags of one artefact, and its scores. Nothing at all without a good draft."""

    def __init__(self, good: GoodDraft | None, artefact: PlantedArtefact, case: Case, judge: Judge) -> None:
        self._good, self._artefact, self._case, self._judge = good, artefact, case, judge
        self._flags: set[Flag] = set()
        self._values: dict[str, float | None] = {}
        if good is not None:
            texts = _part(good.candidate, artefact).texts
            self._flags = {flag for text in texts for flag in judge.weigh(text, case)}
            self._values = _values(good.candidate, artefact, case, judge)

    def weigh(self, plant: Planted) -> _Seen:
        flags = [flag for flag in self._judge.weigh(plant.text, self._case) if flag not in self._flags]
        lowered = None if self._good is None else self._lowered(plant, self._good.candidate)
        return _Seen(_faults(flags), tuple(flag.message for flag in flags), lowered)

    def _lowered(self, plant: Planted, candidate: Candidate) -> tuple[str, ...]:
        part = _part(candidate, self._artefact)
        planted = Sentence(f"{self._artefact}.planted", plant.text)
        changed: Any = {self._artefact: replace(part, sentences=(*part.sentences, planted))}
        values = _values(replace(candidate, **changed), self._artefact, self._case, self._judge)
        return tuple(name for name, value in values.items() if _is_lower(value, self._values[name]))


def _weigh_whole(plant: Planted, case: Case, judge: Judge) -> _Seen:
    facts: Sequence[Fact] = (
        case.gold.consumer_facts if plant.artefact == "consumer" else case.gold.legal_facts
    )
    sentences = sentences_of(plant)
    omitted = tuple(
        f"{fact.id} is not stated."
        for fact in facts
        if fact.importance == "must"
        and (not plant.wrong or fact.id in plant.facts)
        and judge.judge(fact, sentences, case).verdict != "states"
    )
    flags = [] if plant.wrong else [flag for text in sentences for flag in judge.weigh(text, case)]
    return _Seen(
        faults=(*(("omission",) if omitted else ()), *_faults(flags)),
        said=(*omitted, *(flag.message for flag in flags)),
        lowered=(f"{plant.artefact}.fact_recall",) if omitted else (),
    )


def _faults(flags: Sequence[Flag]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(flag.fault for flag in flags))


def _part(candidate: Candidate, artefact: PlantedArtefact) -> Part[Any]:
    parts: dict[PlantedArtefact, Part[Any]] = {
        "consumer": candidate.consumer,
        "legal": candidate.legal,
        "risk": candidate.risk,
    }
    return parts[artefact]


def _values(
    candidate: Candidate, artefact: PlantedArtefact, case: Case, judge: Judge
) -> dict[str, float | None]:
    """The scores of faults that a sentence of this artefact can lower."""
    scores: tuple[Score, ...]
    if artefact == "consumer":
        scores = score_consumer(candidate, case, judge)
    elif artefact == "legal":
        scores = score_legal(candidate, case, judge)
    else:
        scores = (*score_prose(candidate.risk, case, judge), *score_whole(candidate, case, judge))
    return {score.name: score.value for score in scores if score.name in FAULT_SCORES}


def _is_lower(value: float | None, before: float | None) -> bool:
    """A score that had no value counts as perfect: there was nothing to find fault with."""
    return value is not None and value < (1.0 if before is None else before) - _TOLERANCE
