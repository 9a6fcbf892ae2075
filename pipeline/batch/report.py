"""What became of a run: every item with its outcome, the bill, and the command that goes on."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.batch.item import item_folder
from pipeline.batch.runner import RunEnd
from pipeline.errors import BudgetSpentError, ModelUnreachableError
from pipeline.store.records import ItemRow, Spent

_MOST_SHOWN = 30  # items in the report on the terminal; all are in its JSON


def exit_code(end: RunEnd) -> int:
    """0 all drafted and clean, 1 all drafted and findings need an editor, 3 some failed or the endpoint stopped it, 4 held back."""
    if end.error is not None:
        return end.error.exit_code
    states = Counter(row.outcome.state for row in end.rows)
    if states["waiting"]:
        return 4
    if states["failed"]:
        return 3
    return 1 if any(row.outcome.errors or row.outcome.warnings for row in end.rows) else 0


def write_report(end: RunEnd, command: Sequence[str]) -> dict[str, Any]:
    """The report as JSON."""
    return {
        "run": end.run_id,
        "state": end.state,
        "stopped_by": str(end.error) if end.error else None,
        "waits_for": end.waits_for,
        "goes_on_with": go_on(end, command),
        "documents": dict(Counter(row.outcome.state for row in end.rows)),
        "spent": tell_spent(end.spent),
        "items": [tell_item(row) for row in end.rows],
    }


def tell_item(row: ItemRow) -> dict[str, Any]:
    """An item with its outcome as JSON."""
    item, outcome = row.item, row.outcome
    whose = outcome.linked_to or item.id
    return {
        "id": item.id,
        "source": item.source,
        "title": item.title,
        "company": item.company,
        "tags": list(item.tags),
        "state": outcome.state,
        "reason": outcome.reason,
        "linked_to": outcome.linked_to,
        "folder": item_folder(whose) if outcome.state in ("drafted", "linked") else None,
        "findings": {"errors": outcome.errors, "warnings": outcome.warnings, "notes": outcome.notes},
    }


def tell_spent(spent: Spent) -> dict[str, Any]:
    """The bill as JSON. ``cost_usd`` is None when no call has a price."""
    return {
        "calls": spent.calls,
        "prompt_tokens": spent.prompt_tokens,
        "cached_tokens": spent.cached_tokens,
        "completion_tokens": spent.completion_tokens,
        "cost_usd": None if spent.unpriced and not spent.cost_usd else round(spent.cost_usd, 6),
        "unpriced_calls": spent.unpriced,
        "calls_of_unknown_usage": spent.unknown,
        "of_these_in_flight_when_killed": spent.in_flight,
        "tokens_of_unknown_usage_at_most": spent.unknown_tokens,
    }


def go_on(end: RunEnd, command: Sequence[str]) -> str | None:
    """The command that does what is left, or None when nothing is."""
    states = Counter(row.outcome.state for row in end.rows)
    if not states["waiting"] and not states["failed"]:
        return None
    words = [word for word in command if word != "--retry-failed"]
    if not states["waiting"] or (states["failed"] and isinstance(end.error, ModelUnreachableError)):
        # Those that failed because the endpoint was gone are to be done too.
        words.append("--retry-failed")
    told = shlex.join(words)
    if isinstance(end.error, BudgetSpentError):
        told += "   # with a higher --max-cost or --max-tokens"
    return told


def print_report(end: RunEnd, command: Sequence[str], console: Console) -> None:
    """The report for a person."""
    states = Counter(row.outcome.state for row in end.rows)
    console.print(
        Text(
            f"Run {end.run_id}: {len(end.rows):,} documents, "
            + ", ".join(f"{states[s]:,} {s}" for s in ("drafted", "linked", "failed", "waiting") if states[s])
        ),
        highlight=False,
    )
    console.print(Text(write_spent(end.spent)), highlight=False)
    troubled = [row for row in end.rows if row.outcome.state in ("failed", "waiting")]
    if troubled:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for column in ("document", "outcome", "why"):
            table.add_column(column, overflow="fold")
        for row in troubled[:_MOST_SHOWN]:
            table.add_row(Text(row.item.id), Text(row.outcome.state), Text(_why(row, end)))
        console.print(table)
        if len(troubled) > _MOST_SHOWN:
            console.print(
                f"… and {len(troubled) - _MOST_SHOWN:,} more: clausewise runs show {end.run_id}",
                highlight=False,
            )
    kinds = Counter(row.outcome.kind for row in end.rows if row.outcome.state == "failed")
    if len(kinds) > 1:
        console.print("Failed by kind: " + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common()))
    if end.waits_for is not None:
        console.print(Text(f"Waiting: for {end.waits_for}"), highlight=False, soft_wrap=True)
    if end.error is not None:
        console.print(Text(f"Stopped: {end.error}"), highlight=False, soft_wrap=True)
    command_on = go_on(end, command)
    if command_on is not None:
        console.print(Text(f"To go on: {command_on}"), highlight=False, soft_wrap=True)


def write_spent(spent: Spent) -> str:
    """The bill on one line; what is not known is said and not counted as nothing."""
    return "; ".join(_spent(spent))


def _spent(spent: Spent) -> Iterator[str]:
    least = "at least " if spent.unknown else ""
    yield f"{spent.calls:,} calls"
    yield f"{least}{spent.prompt_tokens:,} tokens in ({spent.cached_tokens:,} cached), {spent.completion_tokens:,} out"
    if spent.unpriced and not spent.cost_usd:
        yield "unpriced"
    else:
        yield f"{least or ('at least ' if spent.unpriced else '')}USD {spent.cost_usd:.4f}"
    if spent.unknown:
        flown = f", {spent.in_flight:,} of them in flight when a process ended" if spent.in_flight else ""
        yield f"nobody told the tokens of {spent.unknown:,}{flown}"


def _why(row: ItemRow, end: RunEnd) -> str:
    begun = end.waits_for is not None and row.outcome.document_key is not None
    return _one_line(row.outcome.reason or ("begun" if begun else "not begun"))


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
