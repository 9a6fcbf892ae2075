"""Graded summaries: made from the gold, each clearly worse than the one before it, to see whether the scores put them in this order.

Where two neighbours differ in how much is told, the score for it must fall; where the next has something wrong that the one before has not, or more of
it, the scores for that must fall too. No score of these may rise from one to the next.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from eval.candidate import candidate_from_sentences
from eval.cases import Case
from eval.judges.verdict import Judge
from eval.scorers.consumer import score_consumer
from eval.scorers.legal import score_legal
from schemas.base import Value
from schemas.gold import Fact

_TOLERANCE = 1e-9
# With fewer facts that must be told, half of them and a quarter are not clearly different.
FEWEST_MUSTS = 5
_TOLD = "fact_recall"
_WRONG = ("contradictions", "supported")

SummaryName = Literal["consumer", "legal"]


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary as plain sentences. ``worse_in`` are the scores that must have fallen since the one before it."""

    grade: str
    sentences: tuple[str, ...]
    worse_in: tuple[str, ...]


class Graded(Value):
    """One summary of a ladder and its scores, None where it has no value. ``problems`` say where it does not come out below the one before."""

    case: str
    artefact: SummaryName
    grade: str
    scores: dict[str, float | None]
    problems: tuple[str, ...]


def grade_summaries(case: Case, judge: Judge) -> Iterator[Graded]:
    """Both ladders of a case, the best summary first."""
    yield from _weigh("consumer", case, judge)
    yield from _weigh("legal", case, judge)


def ladder(facts: Sequence[Fact]) -> tuple[Summary, ...]:
    """Summaries of these facts from good to bad; none when too few of them must be told for that."""
    musts = [fact for fact in facts if fact.importance == "must"]
    if len(musts) < FEWEST_MUSTS:
        return ()
    shoulds = [fact for fact in facts if fact.importance == "should"]
    half, few = musts[: (len(musts) + 1) // 2], musts[: (len(musts) + 3) // 4]
    wrong = [fact.contradictions[0] for fact in (*musts, *shoulds) if fact.contradictions]
    rest = [fact.contradictions[0] for fact in musts[len(few) :] if fact.contradictions]
    return (
        Summary("musts and shoulds", _right([*musts, *shoulds]), ()),
        Summary("musts only", _right(musts), (_TOLD,)),
        Summary("half the musts", _right(half), (_TOLD,)),
        Summary("few musts and one wrong", (*_right(few), *rest[:1]), (_TOLD, *_WRONG)),
        Summary(
            "nearly all wrong",
            (*_right(few[:1]), *(text for text in wrong if text != _first_wrong(few))),
            (_TOLD, *_WRONG),
        ),
    )


def _right(facts: Sequence[Fact]) -> tuple[str, ...]:
    return tuple(fact.statement for fact in facts)


def _first_wrong(facts: Sequence[Fact]) -> str | None:
    return facts[0].contradictions[0] if facts and facts[0].contradictions else None


def _weigh(artefact: SummaryName, case: Case, judge: Judge) -> Iterator[Graded]:
    facts: Sequence[Fact] = case.gold.consumer_facts if artefact == "consumer" else case.gold.legal_facts
    before: dict[str, float | None] = {}
    for summary in ladder(facts):
        scores = _scores(artefact, summary, case, judge)
        yield Graded(
            case=case.name,
            artefact=artefact,
            grade=summary.grade,
            scores=scores,
            problems=tuple(_problems(summary, before, scores)) if before else (),
        )
        before = scores


def _scores(artefact: SummaryName, summary: Summary, case: Case, judge: Judge) -> dict[str, float | None]:
    if artefact == "consumer":
        scores = score_consumer(candidate_from_sentences("graded", summary.sentences), case, judge)
    else:
        scores = score_legal(candidate_from_sentences("graded", None, summary.sentences), case, judge)
    wanted = {f"{artefact}.{name}": name for name in (_TOLD, *_WRONG)}
    return {wanted[score.name]: score.value for score in scores if score.name in wanted}


def _problems(
    summary: Summary, before: dict[str, float | None], scores: dict[str, float | None]
) -> Iterator[str]:
    for name, value in scores.items():
        was = before[name]
        if value is None or was is None:
            yield f"{name} has no value."
        elif value > was + _TOLERANCE:
            yield f"{name} rose."
        elif name in summary.worse_in and value > was - _TOLERANCE:
            yield f"{name} did not fall."
