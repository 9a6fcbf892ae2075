"""Agreement and intervals, against examples worked out by hand or printed in the literature."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.agreement import bootstrap_interval, cohen_kappa, weighted_kappa, wilson_interval


def table(counts: list[list[int]]) -> list[tuple[int, int]]:
    """The pairs of labels behind a table of counts, first rater down, second across."""
    return [(i, j) for i, row in enumerate(counts) for j, n in enumerate(row) for _ in range(n)]


def mean(values: list[float] | tuple[float, ...]) -> float:
    return sum(values) / len(values)


def test_kappa_of_a_table_worked_out_by_hand() -> None:
    # Agreement 35/50 = 0.7; by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5; (0.7 - 0.5) / (1 - 0.5).
    assert cohen_kappa(table([[20, 5], [10, 15]])) == pytest.approx(0.4)


def test_kappa_of_the_textbook_table_of_diagnoses() -> None:
    # Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, table 18.1: agreement 0.89, by chance 0.66, kappa 0.68.
    counts = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
    assert cohen_kappa(table(counts)) == pytest.approx((0.89 - 0.66) / (1 - 0.66))


def test_quadratic_weights_of_the_same_table_worked_out_by_hand() -> None:
    # Squared distances seen: 0.01*1 + 0.04*4 + 0.05*1 + 0.01*1 = 0.23; expected from the margins (.80 .10 .10) and (.80 .05 .15): 0.94.
    counts = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
    assert weighted_kappa(table(counts)) == pytest.approx(1 - 0.23 / 0.94)


def test_being_off_by_two_counts_four_times_as_much_as_by_one() -> None:
    # Both raters use 0, 1, 2 alike (margins of thirds), so that 4/3 of squared distance is expected by chance.
    one_off = [(0, 1), (1, 0), (2, 2)]
    two_off = [(0, 2), (1, 1), (2, 0)]
    assert weighted_kappa(one_off) == pytest.approx(1 - (2 / 3) / (4 / 3))
    assert weighted_kappa(two_off) == pytest.approx(1 - (8 / 3) / (4 / 3))


def test_full_agreement_is_one_and_agreement_by_chance_is_zero() -> None:
    assert cohen_kappa([("a", "a"), ("b", "b")]) == 1
    assert cohen_kappa([("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]) == pytest.approx(0)


@pytest.mark.parametrize("pairs", [[], [(1, 1)], [(2, 2)] * 9])
def test_kappa_is_not_defined_without_pairs_or_with_one_label_alone(pairs: list[tuple[int, int]]) -> None:
    assert cohen_kappa(pairs) is None
    assert weighted_kappa(pairs) is None


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=30))
def test_kappa_does_not_mind_who_is_first_and_never_exceeds_one(pairs: list[tuple[int, int]]) -> None:
    turned = [(b, a) for a, b in pairs]
    for kappa in (cohen_kappa, weighted_kappa):
        value = kappa(pairs)
        assert value is None or value <= 1
        assert value == (None if value is None else pytest.approx(kappa(turned)))


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        # R. Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_of_the_literature(hits: int, total: int, low: float, high: float) -> None:
    interval = wilson_interval(hits, total)
    assert interval == pytest.approx((low, high), abs=5e-5)


def test_wilson_interval_reaches_both_ends_and_needs_something_to_count() -> None:
    everything, nothing = wilson_interval(7, 7), wilson_interval(0, 7)
    assert everything is not None
    assert nothing is not None
    assert (everything.high, nothing.low) == (1.0, 0.0)
    assert everything.low == pytest.approx(1 - nothing.high)
    assert wilson_interval(0, 0) is None


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_holds_the_share(counts: tuple[int, int]) -> None:
    hits, total = counts
    interval = wilson_interval(hits, total)
    assert interval is not None
    assert 0 <= interval.low <= hits / total <= interval.high <= 1


def test_bootstrap_of_a_known_distribution() -> None:
    # Means of samples of two from {0, 1}: 0, 1/2 and 1 with 1/4, 1/2 and 1/4. So the middle half is [0, 1] at its very ends and
    # everything narrower than a half is 1/2 alone.
    assert bootstrap_interval([0.0, 1.0], mean, confidence=0.95) == (0.0, 1.0)
    assert bootstrap_interval([0.0, 1.0], mean, confidence=0.4) == (0.5, 0.5)


def test_bootstrap_of_a_mean_is_near_the_interval_of_the_normal_distribution() -> None:
    sample = [float(n % 10) for n in range(200)]
    deviation = math.sqrt(sum((value - 4.5) ** 2 for value in sample) / 200)
    half = 1.96 * deviation / math.sqrt(200)
    interval = bootstrap_interval(sample, mean, resamples=4_000)
    assert interval == pytest.approx((4.5 - half, 4.5 + half), abs=0.05)


def test_bootstrap_of_equal_values_has_no_width() -> None:
    assert bootstrap_interval([0.25] * 8, mean) == (0.25, 0.25)


def test_bootstrap_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    sample = [0.1, 0.9, 0.4, 0.7, 0.3, 0.2, 0.8]
    first = bootstrap_interval(sample, mean, seed=1, resamples=200)
    assert first == bootstrap_interval(sample, mean, seed=1, resamples=200)
    assert first != bootstrap_interval(sample, mean, seed=2, resamples=200)


def test_bootstrap_leaves_out_resamples_without_a_value_and_gives_up_when_most_have_none() -> None:
    pairs = [(0, 0), (1, 1), (2, 2), (0, 0), (1, 1)]
    assert bootstrap_interval(pairs, weighted_kappa, resamples=200) == (1.0, 1.0)
    assert bootstrap_interval([(1, 1)] * 5, weighted_kappa, resamples=200) is None
    assert bootstrap_interval([], mean) is None
