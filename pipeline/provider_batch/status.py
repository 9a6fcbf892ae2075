"""The batches of a run at the provider, as they are now."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, replace

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.batch.history import find_run
from pipeline.provider import Provider
from pipeline.provider_batch.run import handing
from pipeline.settings import read_settings
from pipeline.store.opening import open_store
from pipeline.store.records import HandedBatch


async def read_batches(name: str, store: str | None, base_url: str | None) -> list[HandedBatch]:
    """The batches of a run; of those that are open the provider is asked.

    Nothing is noted, for a run may be at work. Raises UsageError when there is no such run, ModelError when the provider does not tell.
    """
    settings = read_settings(store=store, base_url=base_url)
    async with open_store(settings.store) as opened:
        run = await find_run(opened, name)
        batches = await handing(opened).handed(run.id)
    if all(one.state != "open" for one in batches):
        return batches
    async with Provider(settings, asyncio.sleep) as provider:
        return [await _as_it_is(one, provider) for one in batches]


async def _as_it_is(batch: HandedBatch, provider: Provider) -> HandedBatch:
    if batch.state != "open" or batch.batch_id is None:
        return batch
    now = await provider.retrieve(batch.batch_id)
    return replace(batch, status=now.status, answered=now.answered, failed=now.failed)


def print_batches(rows: Sequence[HandedBatch], console: Console, *, as_json: bool) -> None:
    """Batches as a table, or as JSON."""
    if as_json:
        console.file.write(json.dumps([asdict(row) for row in rows], indent=2, default=str) + "\n")
        return
    if not rows:
        console.print("The run has no batches at the provider.", highlight=False)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("batch", "status", "submitted"):
        table.add_column(column, overflow="fold")
    for column in ("requests", "answered", "failed"):
        table.add_column(column, justify="right")
    table.add_column("taken in", overflow="fold")
    for row in rows:
        counts = (f"{count:,}" for count in (row.requests, row.answered, row.failed))
        taken_in = f"{row.ended_at:%Y-%m-%d %H:%M}" if row.ended_at else "not yet"
        why = f" ({row.reason})" if row.reason else ""
        words = (row.batch_id or "", row.status, f"{row.submitted_at:%Y-%m-%d %H:%M}", *counts)
        table.add_row(*map(Text, (*words, taken_in + why)))
    console.print(table)
