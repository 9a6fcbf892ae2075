"""What the store tells of runs that were: lists, outcomes, drafts, costs."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.batch.item import item_folder
from pipeline.batch.report import tell_item, tell_spent, write_spent
from pipeline.errors import UsageError
from pipeline.settings import Server, read_settings
from pipeline.store.opening import open_store
from pipeline.store.packing import unpack_draft
from pipeline.store.records import CostRow, ItemRow, RunRow, Spent
from pipeline.store.store import Store
from pipeline.summarize import write_draft_files
from schemas.draft import Draft

_COLUMNS = ("id", "source", "title", "company", "tags", "state", "reason", "linked_to", "folder")


@dataclass(frozen=True, slots=True)
class RunTold:
    """A run with its items, and all that it has cost since it was made."""

    run: RunRow
    rows: tuple[ItemRow, ...]
    spent: Spent


async def list_runs(store: str | None) -> list[RunRow]:
    """All runs, the newest first."""
    async with open_store(_place(store)) as opened:
        return await opened.runs()


async def read_run(name: str, store: str | None) -> RunTold:
    """The run of this id, of an id that begins so, or the newest (``last``). Raises UsageError when there is no such run, or several."""
    async with open_store(_place(store)) as opened:
        run = await find_run(opened, name)
        return RunTold(run, tuple(await opened.items(run.id)), await opened.spent(run.id, whole=True))


async def read_costs(name: str | None, store: str | None) -> list[CostRow]:
    """What calls have cost, of one run or of all."""
    async with open_store(_place(store)) as opened:
        return await opened.costs((await find_run(opened, name)).id if name else None)


async def export_drafts(told: RunTold, out: Path, store: str | None) -> int:
    """Write the files of every draft of a run; returns how many."""
    count = 0
    async with open_store(_place(store)) as opened:
        for row in told.rows:
            if row.outcome.state != "drafted" or row.outcome.draft_key is None:
                continue
            packed = await opened.draft(row.outcome.draft_key)
            if packed is not None:
                draft = Draft.model_validate_json(unpack_draft(packed))
                write_draft_files(draft, out / item_folder(row.item.id))
                count += 1
    return count


def _place(store: str | None) -> Path | Server:
    return read_settings(store=store).store


async def find_run(store: Store, name: str) -> RunRow:
    """The run of this id, of an id that begins so, or the newest (``last``). Raises UsageError when there is no such run, or several."""
    runs = await store.runs()
    found = runs[:1] if name == "last" else [run for run in runs if run.id.startswith(name)]
    if not found:
        told = "The store holds no run" if name == "last" else f"There is no run {name} in the store"
        raise UsageError(f"{told}; clausewise runs list shows those there are.")
    if len(found) > 1:
        raise UsageError(f"{len(found)} runs begin with {name}; give more of the id.")
    return found[0]


def print_runs(rows: Sequence[RunRow], console: Console, *, as_json: bool) -> None:
    """Runs as a table, or as JSON."""
    if as_json:
        _print_json([asdict(row) | {"settings": json.loads(row.settings)} for row in rows], console)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("run", "begun", "state", "documents", "command"):
        table.add_column(column, overflow="fold")
    for row in rows:
        counts = ", ".join(f"{count:,} {state}" for state, count in sorted(row.items.items()))
        begun = f"{row.begun_at:%Y-%m-%d %H:%M}"
        # A run that was killed says nothing of its end.
        table.add_row(*map(Text, (row.id, begun, row.state, counts, " ".join(row.command))))
    console.print(table)


def print_run(told: RunTold, console: Console, *, as_json: bool) -> None:
    """A run with its items, as a table or as JSON."""
    if as_json:
        items = [tell_item(row) for row in told.rows]
        whole = asdict(told.run) | {"settings": json.loads(told.run.settings)}
        _print_json(whole | {"spent": tell_spent(told.spent), "items": items}, console)
        return
    run = told.run
    console.print(
        Text(f"Run {run.id}, {run.state}{': ' + run.reason if run.reason else ''}"), highlight=False
    )
    console.print(Text(" ".join(run.command)), highlight=False)
    console.print(Text(write_spent(told.spent)), highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("document", "outcome", "findings", "why"):
        table.add_column(column, overflow="fold")
    for row in told.rows:
        outcome = row.outcome
        found = f"{outcome.errors} errors, {outcome.warnings} warnings" if outcome.draft_key else ""
        why = outcome.reason or (f"the same document as {outcome.linked_to}" if outcome.linked_to else "")
        table.add_row(*map(Text, (row.item.id, outcome.state, found, " ".join(why.split()))))
    console.print(table)


def write_items(told: RunTold, form: str) -> str:
    """The items of a run as CSV, or as JSON lines."""
    items = [tell_item(row) for row in told.rows]
    if form == "jsonl":
        return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*_COLUMNS, "errors", "warnings", "notes"))
    for item in items:
        cells = [item[name] for name in _COLUMNS if name != "tags"]
        cells.insert(_COLUMNS.index("tags"), ";".join(item["tags"]))
        writer.writerow([*map(_cell, cells), *item["findings"].values()])
    return text.getvalue()


def print_costs(rows: Sequence[CostRow], console: Console, *, as_json: bool) -> None:
    """Costs as a table with their sum, or as JSON."""
    if as_json:
        told = [
            {
                "model": row.model,
                "stage": row.stage,
                "prompt": row.prompt,
                "day": row.day,
                **tell_spent(row.spent),
            }
            for row in rows
        ]
        _print_json(told, console)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("day", "model", "stage", "prompt"):
        table.add_column(column, overflow="fold")
    for column in ("calls", "tokens in", "cached", "out", "USD"):
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*map(Text, (row.day, row.model, row.stage, row.prompt)), *_sums(row.spent))
    if len(rows) > 1:
        table.add_row("all", "", "", "", *_sums(_added([row.spent for row in rows])))
    console.print(table)
    unknown = sum(row.spent.unknown for row in rows)
    if unknown:
        console.print(
            f"Of {unknown:,} calls nobody told the tokens: the sums are the least they can be.",
            highlight=False,
        )


def _sums(spent: Spent) -> list[str]:
    cost = "unpriced" if spent.unpriced and not spent.cost_usd else f"{spent.cost_usd:.4f}"
    counts = (spent.calls, spent.prompt_tokens, spent.cached_tokens, spent.completion_tokens)
    return [*(f"{count:,}" for count in counts), cost]


def _added(spents: Sequence[Spent]) -> Spent:
    dicts = [asdict(spent) for spent in spents]
    return Spent(**{name: sum(one[name] for one in dicts) for name in dicts[0]})


def _cell(value: object) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _print_json(value: Any, console: Console) -> None:
    console.file.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")
