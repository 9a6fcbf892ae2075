"""How sure a stored mean is: bootstrap intervals over the things that its scores count.

The unit that is drawn is one thing counted (a fact, a sentence, a quote) of one document, with all its repetitions: repeating a run makes
no new facts. An interval says how far the mean depends on which facts happen to be in the gold of these documents; it does not say how a
system would do on other documents, for which a handful of documents is too few.
"""

from collections.abc import Sequence
from typing import NamedTuple

from eval.agreement import RESAMPLES, Interval, bootstrap_interval
from eval.results import Results
from schemas.score import Score

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
    units: dict[tuple[str, str], tuple[float, float]] = {}
    for run in results.runs_of(system, case):
        score = run.score(name)
        if score is None or score.value is None:
            continue
        if not is_share(score):
            return None
        for item in score.items:
            if item.value is not None:
                earned, weight = units.get((run.case, item.id), (0.0, 0.0))
                units[run.case, item.id] = (earned + item.value * item.weight, weight + item.weight)
    if len(units) < FEWEST_UNITS:
        return None
    numbers = {found: n for n, found in enumerate(dict.fromkeys(c for c, _ in units))}
    sample = [Unit(numbers[found], *sums) for (found, _), sums in units.items()]
    return bootstrap_interval(sample, mean_of_cases, resamples=resamples)


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
