"""The plot of throughput and memory by number of documents, as an SVG file."""

from collections.abc import Callable, Sequence
from math import log10
from pathlib import Path
from typing import NamedTuple

_WIDTH, _HEIGHT, _GAP = 300, 190, 70
_LEFT, _TOP, _BOTTOM = 60, 34, 40


class Point(NamedTuple):
    """A batch of so many documents: documents a second and the most memory in megabytes."""

    documents: int
    per_second: float
    peak_mb: float


def draw_growth(points: Sequence[Point], path: Path) -> None:
    """Write the plot: two panels over the same axis of documents, which is logarithmic; both begin at nothing."""
    panels = (
        ("Documents of 50 kB a second", lambda point: point.per_second, "{:.2f}"),
        ("Most memory, MB", lambda point: point.peak_mb, "{:.0f}"),
    )
    width = _LEFT + 2 * _WIDTH + _GAP + 30
    height = _TOP + _HEIGHT + _BOTTOM
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        'font-family="sans-serif" font-size="12">',
        "<title>Throughput and memory of a batch by its number of documents</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for number, (title, value, form) in enumerate(panels):
        lines += _panel(points, _LEFT + number * (_WIDTH + _GAP), title, value, form)
    path.write_text("\n".join([*lines, "</svg>", ""]), encoding="utf-8")


def _panel(
    points: Sequence[Point], left: float, title: str, value: Callable[[Point], float], form: str
) -> list[str]:
    first, last = (log10(points[n].documents) for n in (0, -1))
    top = 1.25 * max(map(value, points))
    bottom = _TOP + _HEIGHT

    def x(point: Point) -> float:
        return left + 12 + (_WIDTH - 24) * (log10(point.documents) - first) / ((last - first) or 1)

    def y(point: Point) -> float:
        return bottom - _HEIGHT * value(point) / top

    lines = [
        f'<text x="{left}" y="{_TOP - 14}" font-weight="bold">{title}</text>',
        f'<path d="M{left} {_TOP}V{bottom}H{left + _WIDTH}" fill="none" stroke="#888"/>',
        f'<text x="{left - 6}" y="{bottom + 4}" text-anchor="end">0</text>',
        f'<text x="{left + _WIDTH / 2}" y="{bottom + 34}" text-anchor="middle">documents in the batch</text>',
        '<polyline fill="none" stroke="#1f5fa8" stroke-width="2" points="'
        + " ".join(f"{x(point):.1f},{y(point):.1f}" for point in points)
        + '"/>',
    ]
    for point in points:
        lines += [
            f'<circle cx="{x(point):.1f}" cy="{y(point):.1f}" r="4" fill="#1f5fa8"/>',
            f'<text x="{x(point):.1f}" y="{y(point) - 10:.1f}" text-anchor="middle">{form.format(value(point))}</text>',
            f'<text x="{x(point):.1f}" y="{bottom + 17}" text-anchor="middle">{point.documents:,}</text>',
        ]
    return lines
