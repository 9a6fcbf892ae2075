"""Plots as numbers: where each mark and line of a dot plot stands. The page draws them as inline SVG."""

from collections.abc import Sequence
from typing import NamedTuple

from eval.results import Results
from eval.uncertainty import mean_interval

# The page draws some two hundred intervals; ends of this precision move by less than a mark's width.
RESAMPLES = 400

_LABELS, _WIDTH, _RIGHT = 156.0, 560.0, 20.0
_LANE, _GAP, _TOP, _BOTTOM = 9.0, 12.0, 8.0, 26.0


class Mark(NamedTuple):
    """One system's mean, with the ends of its interval where it has one. ``shape`` is the system's number."""

    shape: int
    x: float
    y: float
    low: float | None
    high: float | None
    told: str


class Row(NamedTuple):
    """One score: its name, the middle of its row, and its marks; the band is shaded in every second row."""

    label: str
    y: float
    top: float
    height: float
    marks: tuple[Mark, ...]


class Plot(NamedTuple):
    """A dot plot. ``ticks`` are positions with their labels."""

    width: float
    height: float
    left: float
    right: float
    bottom: float
    ticks: tuple[tuple[float, str], ...]
    rows: tuple[Row, ...]


def plot_scores(results: Results, names: Sequence[str], systems: Sequence[str]) -> Plot:
    """The means of these scores, a row for each score and a lane in it for each system."""
    means = {(name, system): results.mean(system, name).value for name in names for system in systems}
    least = min((value for value in means.values() if value is not None), default=0.0)
    begin = -1.0 if least < 0 else 0.0
    right = _WIDTH - _RIGHT

    def place(value: float) -> float:
        return round(_LABELS + (right - _LABELS) * (value - begin) / (1 - begin), 1)

    height = _LANE * len(systems) + _GAP
    rows = []
    for number, name in enumerate(names):
        top = _TOP + number * height
        marks = []
        for lane, system in enumerate(systems):
            value = means[name, system]
            if value is None:
                continue
            interval = mean_interval(results, system, name, resamples=RESAMPLES)
            told = f"{system}: {value:.2f}"
            if interval:
                told += f" ({interval.low:.2f} to {interval.high:.2f})"
            marks.append(
                Mark(
                    shape=lane,
                    x=place(value),
                    y=round(top + _GAP / 2 + _LANE * (lane + 0.5), 1),
                    low=place(interval.low) if interval else None,
                    high=place(interval.high) if interval else None,
                    told=told,
                )
            )
        rows.append(Row(name.partition(".")[2], round(top + height / 2, 1), top, height, tuple(marks)))
    bottom = _TOP + len(names) * height
    steps = [begin + (1 - begin) * step / 4 for step in range(5)]
    return Plot(
        width=_WIDTH,
        height=bottom + _BOTTOM,
        left=_LABELS,
        right=right,
        bottom=bottom,
        ticks=tuple((place(step), f"{step:g}") for step in steps),
        rows=tuple(rows),
    )
