"""The score of the three artefacts together: do they contradict one another?"""

from collections.abc import Sequence

from eval.candidate import Candidate, Sentence
from eval.cases import Case
from eval.judges.verdict import Judge
from eval.scorers.carve_outs import judge_carve_outs
from eval.scorers.facts import Told, judge_facts
from eval.scorers.tally import share, unscored
from pipeline.checks.consistency import check_consistency
from schemas.score import Score, ScoreItem


def score_whole(candidate: Candidate, case: Case, judge: Judge) -> tuple[Score, ...]:
    """Consistency: of the exceptions, and the consumer facts that must be told, that two artefacts or more speak of, the share on which they
    agree. Each contradiction that the check finds in the words of two artefacts counts as one more on which they do not.

    Two artefacts that are wrong in the same way agree; that they are wrong, their own scores say. Unscored when no two artefacts speak of the
    same thing.
    """
    parts = [part for part in (candidate.consumer, candidate.legal, candidate.risk) if part.sentences]
    if len(parts) < 2:
        return (
            unscored("whole", "consistency", "There are no two artefacts that could contradict one another."),
        )
    musts = [fact for fact in case.gold.consumer_facts if fact.importance == "must"]
    verdicts = [
        (
            part.name,
            (
                *judge_carve_outs(part.sentences, case, judge),
                *judge_facts(part.sentences, musts, case, judge),
            ),
        )
        for part in parts
    ]
    items = []
    for told in zip(*(row for _, row in verdicts), strict=True):
        item = _compare(told)
        if item is not None:
            items.append(item)
    return (
        share(
            "whole",
            "consistency",
            [*items, *_found_by_check(candidate, case)],
            things="matters are told alike in the artefacts that tell of them",
            nothing="No two artefacts speak of the same exception or fact.",
        ),
    )


def _compare(told: Sequence[Told]) -> ScoreItem | None:
    """One exception or fact over the artefacts; None when fewer than two speak of it."""
    speaking = [one for one in told if one.verdict.verdict != "omits"]
    if len(speaking) < 2:
        return None
    agreed = len({one.verdict.verdict for one in speaking}) == 1
    odd = next((one for one in speaking if one.verdict.verdict == "contradicts"), speaking[0])
    where = ", ".join(f"{_path(one.sentence)} {one.verdict.verdict} it" for one in speaking)
    return odd.item(float(agreed)).model_copy(
        update={
            "verdict": "consistent" if agreed else "inconsistent",
            "reason": f"{where[:1].upper()}{where[1:]}.",
        }
    )


def _path(sentence: Sentence | None) -> str:
    return sentence.path if sentence else "the text"


def _found_by_check(candidate: Candidate, case: Case) -> list[ScoreItem]:
    consumer, legal, risk = candidate.consumer.artefact, candidate.legal.artefact, candidate.risk.artefact
    if consumer is None or legal is None or risk is None:
        return []
    return [
        ScoreItem(id=finding.path, verdict=finding.code, value=0.0, path=finding.path, reason=finding.message)
        for finding in check_consistency(case.document, consumer, legal, risk)
    ]
