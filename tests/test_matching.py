"""Matching: the assignment is one to one and no other is worth more."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.matching import Pair, match


@st.composite
def similarities(draw: st.DrawFn) -> list[list[float]]:
    """A table of up to five by five similarities, many of them equal and many zero."""
    rows, columns = draw(st.integers(0, 5)), draw(st.integers(1, 5))
    value = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(0, 1))
    return [[draw(value) for _ in range(columns)] for _ in range(rows)]


def best_by_trying_all(similarity: list[list[float]]) -> float:
    """The largest sum of any one-to-one assignment, found by trying each."""
    rows, columns = len(similarity), len(similarity[0]) if similarity else 0
    if rows > columns:
        return best_by_trying_all([list(row) for row in zip(*similarity, strict=True)])
    return max(
        sum(similarity[row][column] for row, column in enumerate(chosen))
        for chosen in permutations(range(columns), rows)
    )


@given(similarities())
def test_no_assignment_is_worth_more(similarity: list[list[float]]) -> None:
    assert sum(pair.similarity for pair in match(similarity)) == pytest.approx(best_by_trying_all(similarity))


@given(similarities())
def test_every_row_and_column_is_used_once_at_most_and_by_its_own_similarity(
    similarity: list[list[float]],
) -> None:
    pairs = match(similarity)
    assert len({pair.row for pair in pairs}) == len({pair.column for pair in pairs}) == len(pairs)
    assert all(pair.similarity == similarity[pair.row][pair.column] > 0 for pair in pairs)


def test_the_best_single_pair_gives_way_to_a_better_whole() -> None:
    # Taking 0.9 first would leave 0.1; the two others are worth 1.6.
    assert match([[0.9, 0.8], [0.8, 0.1]]) == (Pair(0, 1, 0.8), Pair(1, 0, 0.8))


def test_what_may_not_be_paired_stays_alone() -> None:
    assert match([[0.0, 0.0], [0.0, 0.7]]) == (Pair(1, 1, 0.7),)


def test_more_rows_than_columns_leave_rows_alone() -> None:
    assert match([[0.2], [0.6], [0.4]]) == (Pair(1, 0, 0.6),)


@pytest.mark.parametrize("nothing", [[], [[]], [[], []]])
def test_nothing_matches_nothing(nothing: list[list[float]]) -> None:
    assert match(nothing) == ()


def test_rows_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="same length"):
        match([[0.1, 0.2], [0.1]])
