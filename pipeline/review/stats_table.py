"""The statistics on a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.publish.shown import shown
from pipeline.review.plots import OUTCOMES, write_percent, write_range
from pipeline.review.stats import StageStats, Stats


def print_stats(stats: Stats, console: Console) -> None:
    """Print what editors changed: counts with their shares, and below each the 95 % interval of the share."""
    told = ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in stats.drafts.items())
    console.print(f"Drafts: {told or 'none'}.", highlight=False)
    if stats.minutes is not None:
        m = stats.minutes
        console.print(
            f"Minutes a draft took: {m.median:.0f} (middle half {m.lower:.0f} to {m.upper:.0f}, of {m.drafts} drafts).",
            highlight=False,
        )
    _print_stages("Claims of approved drafts", stats.approved, console)
    _print_stages("Claims of drafts in review", stats.in_review, console)
    _print_counts("Why claims were rejected", stats.reasons, console)
    _print_counts("Findings at claims that editors changed", stats.codes, console)


def _print_stages(title: str, stages: Sequence[StageStats], console: Console) -> None:
    if not stages:
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("stage")
    for name in ("claims", *OUTCOMES, "added"):
        table.add_column(name, justify="right")
    for stage in stages:
        shares = [getattr(stage, outcome) for outcome in OUTCOMES]
        table.add_row(
            Text("\n".join(filter(None, map(shown, (stage.stage, stage.prompt, stage.model))))),
            str(stage.claims),
            *(f"{share.count}  {write_percent(share)}\n{write_range(share)}" for share in shares),
            str(stage.added.count),
        )
    console.print()
    console.print(table)


def _print_counts(title: str, counts: Sequence[tuple[str, int]], console: Console) -> None:
    if counts:
        console.print(f"\n{title}", highlight=False)
        for words, count in counts:
            console.print(Text(f"{count:>5}  {shown(words)}"))
