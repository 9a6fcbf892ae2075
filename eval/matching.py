"""Matching: predicted to gold, one to one, so that the sum of the similarities of all pairs is the largest there is.

The Hungarian algorithm (H. W. Kuhn, The Hungarian method for the assignment problem, 1955; J. Munkres, 1957) in the form with
potentials that adds one row at a time along a shortest path (A. Lopatin's formulation, as told at cp-algorithms.com). Rows are the shorter
side: the time is rows² * columns, so that a hostile candidate with thousands of entries costs no more than in proportion to their number.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Pair(NamedTuple):
    """Row ``row`` and column ``column`` belong together with this ``similarity``, which is above 0."""

    row: int
    column: int
    similarity: float


def match(similarity: Sequence[Sequence[float]]) -> tuple[Pair, ...]:
    """The pairs of an optimal one-to-one assignment, in order of rows.

    ``similarity[row][column]`` is finite and not negative; a 0 says that the two may not be paired, and leaves both alone.
    Raises ValueError for rows of different lengths.
    """
    rows = [list(row) for row in similarity]
    columns = len(rows[0]) if rows else 0
    if any(len(row) != columns for row in rows):
        raise ValueError("every row of the similarities must have the same length")
    turned = len(rows) > columns
    if turned:
        rows = [list(row) for row in zip(*rows, strict=True)]
    found = [Pair(row, column, rows[row][column]) for row, column in enumerate(_assign(rows))]
    if turned:
        found = [Pair(pair.column, pair.row, pair.similarity) for pair in found]
    return tuple(sorted(pair for pair in found if pair.similarity > 0))


def _assign(similarity: list[list[float]]) -> list[int]:
    """The column of each row, every row having one; there are at least as many columns as rows."""
    rows = len(similarity)
    columns = len(similarity[0]) if rows else 0
    # Index 0 of rows and columns stands for "none"; costs are negated similarities, since the algorithm minimises.
    row_potential = [0.0] * (rows + 1)
    column_potential = [0.0] * (columns + 1)
    row_of = [0] * (columns + 1)
    for row in range(1, rows + 1):
        row_of[0] = row
        column = 0
        shortest = [float("inf")] * (columns + 1)
        came_from = [0] * (columns + 1)
        seen = [False] * (columns + 1)
        while row_of[column]:
            seen[column] = True
            current, step, following = row_of[column], float("inf"), 0
            for other in range(1, columns + 1):
                if seen[other]:
                    continue
                reduced = (
                    -similarity[current - 1][other - 1] - row_potential[current] - column_potential[other]
                )
                if reduced < shortest[other]:
                    shortest[other], came_from[other] = reduced, column
                if shortest[other] < step:
                    step, following = shortest[other], other
            for other in range(columns + 1):
                if seen[other]:
                    row_potential[row_of[other]] += step
                    column_potential[other] -= step
                else:
                    shortest[other] -= step
            column = following
        while column:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    assigned = [0] * rows
    for column in range(1, columns + 1):
        if row_of[column]:
            assigned[row_of[column] - 1] = column - 1
    return assigned
