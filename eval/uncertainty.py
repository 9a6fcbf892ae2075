"""How sure a stored mean is: bootstrap intervals over the things that its scores count.

The unit that is drawn is one thing counted (a fact, a sentence, a quote) of one document, with all its repetitions: repeating a run makes
no new facts. An interval says how far the mean depends on which facts happen to be in the gold of these documents; it does not say how a
system would do on other documents, for which a handful of documents is too few.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from eval.agreement import RESAMPLES, Interval, bootstrap_interval
from eval.results import Results, RunRecord
from schemas.score import Score, ScoreItem

# Fewer things than this have too few samples that differ.
FEWEST_UNITS = 5


class Unit(NamedTuple):
    """One thing counted: the number of its case, what it earned times its weight, and its weight, summed over repetitions."""

    case: int
    earned: float
    weight: float


def mean_interval(
    results: Results, system: str, name: str, case: str | None = None, *, resamples: int = RESAMPLES
) -> Interval | None:
    """The interval of ``Results.mean``; None where a score is more than the weighted mean of its items (F1, kappa, a cap), so that drawing
    items anew would give the interval of something else, and for fewer than ``FEWEST_UNITS`` of them.
    """
    counted = counted_items(results.runs_of(system, case), name)
    if counted is None or len(counted) < FEWEST_UNITS:
        return None
    numbers = {found: n for n, found in enumerate(dict.fromkeys(c for c, _ in counted))}
    sample = [
        Unit(
            numbers[found],
            sum((item.value or 0) * item.weight for item in items),
            sum(item.weight for item in items),
        )
        for (found, _), items in counted.items()
    ]
    return bootstrap_interval(sample, mean_of_cases, resamples=resamples)


def counted_items(runs: Iterable[RunRecord], name: str) -> dict[tuple[str, str], list[ScoreItem]] | None:
    """What a score of these runs counts, by case and id, with all its repetitions; None when the score is not the weighted mean of it."""
    found: dict[tuple[str, str], list[ScoreItem]] = {}
    for run in runs:
        score = run.score(name)
        if score is None or score.value is None:
            continue
        if not is_share(score):
            return None
        for item in score.items:
            if item.value is not None:
                found.setdefault((run.case, item.id), []).append(item)
    return found


def is_share(score: Score) -> bool:
    """Whether the value is what its items earned of what they weigh, and nothing else."""
    counted = [item for item in score.items if item.value is not None]
    weight = sum(item.weight for item in counted)
    if not weight or score.value is None:
        return False
    return abs(sum((item.value or 0) * item.weight for item in counted) / weight - score.value) < 1e-9


def mean_of_cases(sample: Sequence[Unit]) -> float | None:
    """The mean over cases of what each one's units earned of what they weigh, so that each case counts once."""
    sums: dict[int, list[float]] = {}
    for case, earned, weight in sample:
        both = sums.get(case)
        if both is None:
            sums[case] = [earned, weight]
        else:
            both[0] += earned
            both[1] += weight
    shares = [earned / weight for earned, weight in sums.values() if weight]
    return sum(shares) / len(shares) if shares else None
