"""Plots of the statistics as numbers: where each bar begins and how long it is. The template draws them, and a table beside them says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.review.stats import Share, StageStats

WIDTH = 600  # units of the drawing for all claims of a bar
LABEL = 46  # the least width in which a figure can be read
OUTCOMES = ("accepted", "edited", "rejected", "undecided")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar: what became of claims, how many and which share they are; ``told`` when there is room for the figure."""

    outcome: str
    x: float
    width: float
    count: int
    percent: str
    told: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """The claims of one stage, prompt and model. ``low`` and ``high`` are the ends of the interval of what was accepted as it was."""

    stats: StageStats
    segments: tuple[Segment, ...]
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Column:
    """A row of a plot of counts: its words, the count, and the length of its bar."""

    words: str
    count: int
    width: float


def bars_of(stages: Sequence[StageStats]) -> tuple[Bar, ...]:
    """A bar for each stage, prompt and model with claims."""
    return tuple(_bar(stats) for stats in stages if stats.claims)


def columns_of(counts: Sequence[tuple[str, int]]) -> tuple[Column, ...]:
    """A bar for each count, as long as the largest allows."""
    most = max((count for _, count in counts), default=0)
    return tuple(Column(words, count, round(count / most * WIDTH, 1)) for words, count in counts)


def write_percent(share: Share) -> str:
    """A share in whole percent."""
    return "–" if share.share is None else f"{share.share:.0%}"


def write_range(share: Share) -> str:
    """The interval of a share in whole percent."""
    return "" if share.low is None or share.high is None else f"{share.low:.0%}–{share.high:.0%}"


def _bar(stats: StageStats) -> Bar:
    segments = []
    x = 0.0
    for outcome in OUTCOMES:
        share: Share = getattr(stats, outcome)
        width = (share.share or 0.0) * WIDTH
        if share.count:
            segments.append(
                Segment(
                    outcome, round(x, 1), round(width, 1), share.count, write_percent(share), width >= LABEL
                )
            )
        x += width
    kept = stats.accepted
    return Bar(
        stats, tuple(segments), round((kept.low or 0.0) * WIDTH, 1), round((kept.high or 0.0) * WIDTH, 1)
    )
