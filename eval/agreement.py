"""Agreement and uncertainty: kappa between two raters, bootstrap intervals for any statistic, Wilson intervals for shares.

Sources: J. Cohen, A coefficient of agreement for nominal scales (1960), and Weighted kappa (1968); B. Efron and R. Tibshirani, An
Introduction to the Bootstrap (1993), chapter 13, for the percentile interval; E. B. Wilson (1927) for the interval of a share, as L. Brown,
T. Cai and A. DasGupta recommend it for small counts (Interval Estimation for a Binomial Proportion, 2001).
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from statistics import NormalDist
from typing import NamedTuple, TypeVar

T = TypeVar("T")

RESAMPLES = 2_000
CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A lower and an upper end, both included."""

    low: float
    high: float


def cohen_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa of two raters' labels for the same things, -1 to 1: agreement beyond what their habits alone would give.

    None where it is not defined: without pairs, and when both raters gave one and the same label throughout.
    """
    return _kappa(pairs, lambda first, second: float(first != second))


def weighted_kappa(pairs: Sequence[tuple[int, int]]) -> float | None:
    """Kappa with quadratic weights for levels on a scale (0, 1, 2, ...): being off by two counts four times as much as by one.

    None where it is not defined, as in ``cohen_kappa``.
    """
    return _kappa(pairs, lambda first, second: float((first - second) ** 2))


def bootstrap_interval(
    sample: Sequence[T],
    statistic: Callable[[Sequence[T]], float | None],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    confidence: float = CONFIDENCE,
) -> Interval | None:
    """The percentile bootstrap interval of a statistic: its quantiles over samples drawn from ``sample`` with putting back.

    The unit of resampling is one entry of ``sample``: give documents, or pairs of one fact under two systems, as entries. A resample in
    which the statistic is not defined is left out. None for an empty sample, and when it was defined in fewer than half of them. The same
    seed gives the same interval.
    """
    if not sample:
        return None
    chance = random.Random(seed)
    values = [
        value
        for _ in range(resamples)
        if (value := statistic(chance.choices(sample, k=len(sample)))) is not None
    ]
    if 2 * len(values) < resamples:
        return None
    values.sort()
    tail = (1 - confidence) / 2
    return Interval(_quantile(values, tail), _quantile(values, 1 - tail))


def wilson_interval(hits: int, total: int, *, confidence: float = CONFIDENCE) -> Interval | None:
    """Wilson's score interval of the share ``hits / total``; None when there is nothing to count."""
    if total <= 0:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = hits / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    # Rounding may leave a hair beyond 0 and 1 at the ends, where the formula gives them exactly.
    return Interval(
        0.0 if hits == 0 else max(0.0, middle - half), 1.0 if hits == total else min(1.0, middle + half)
    )


def _kappa(pairs: Sequence[tuple[T, T]], distance: Callable[[T, T], float]) -> float | None:
    """One minus the disagreement seen over the disagreement that two independent raters with these habits would show."""
    firsts = Counter(first for first, _ in pairs)
    seconds = Counter(second for _, second in pairs)
    expected = sum(n * m * distance(a, b) for a, n in firsts.items() for b, m in seconds.items())
    if not expected:
        return None
    seen = sum(distance(first, second) for first, second in pairs)
    return 1 - seen * len(pairs) / expected


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of an ordered sample lies, between two neighbours in proportion."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
