"""A run is ordered: what workers need stands in the store, and each item that is not done has a job.

Files are handed over by their bytes, so that workers need no disk in common; a file is as large as any source may be (20 MB), and is kept
compressed under its digest, until no run needs it. Ordering again goes on, with what has changed and what failed if that is asked for.
"""

import hashlib
import json
from typing import Any

from pipeline.aside import aside
from pipeline.batch.halt import Halt
from pipeline.batch.item import Workshop, is_done
from pipeline.batch.keys import settings_sha256
from pipeline.batch.runner import Batch
from pipeline.errors import SourceError, UsageError
from pipeline.fleet.queue import Queue
from pipeline.llm import Door
from pipeline.prices import price_known
from pipeline.source.file import read_file
from pipeline.store.fleet import FleetStore, Gift

_AT_ONCE = 200
_BYTES_AT_ONCE = 5_000_000


async def order_run(batch: Batch, store: FleetStore, queue: Queue) -> int:
    """Order a run, or what is left of it; gives how many items were put into the queue.

    Raises UsageError when the budget cannot be kept, SourceError when a file cannot be read any more, StoreError when a process has the
    run for itself.
    """
    settings = batch.settings
    if batch.max_usd is not None and not price_known(settings.model, settings.base_url):
        raise UsageError(
            f"The price of {settings.model} at this endpoint is not known, so that --max-cost cannot be kept; use --max-tokens."
        )
    await store.hold(batch.run_id)
    await _give(batch, store)
    await store.order(batch.run_id, _told(batch))
    asked = settings.model_dump_json(exclude={"api_key", "base_url", "store"})
    before = await store.open_run(batch.run_id, batch.command, asked, [one.item for one in batch.listed])
    if batch.retry_failed:
        await store.retry_failed(batch.run_id)
    await store.redo(batch.run_id, await _changed(batch, store))
    await store.open_budget(
        batch.run_id,
        batch.max_tokens,
        batch.max_usd,
        await store.spent(batch.run_id),
        anew=before.state == "finished",
    )
    count = await queue.enqueue(batch.run_id)
    await store.finish_run(batch.run_id)
    return count


async def _give(batch: Batch, store: FleetStore) -> None:
    """Hand over the sources that the store does not have, some at a time."""
    gifts: list[Gift] = []
    size = 0
    for listed in batch.listed:
        item, place, sha256 = listed.item.id, listed.place, listed.sha256
        if sha256 is not None and await store.has_source(batch.run_id, item, place, sha256):
            continue
        data = None if sha256 is None else await aside(_read, place, sha256)
        gifts.append(Gift(item, place, sha256, data))
        size += len(data or b"")
        if size >= _BYTES_AT_ONCE or len(gifts) >= _AT_ONCE:
            await store.give(batch.run_id, gifts)
            gifts, size = [], 0
    await store.give(batch.run_id, gifts)


def _read(place: str, sha256: str) -> bytes:
    data = read_file(place)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise SourceError(f"{place} has changed while it was read; run again when nobody writes to it.")
    return data


def _told(batch: Batch) -> str:
    told: dict[str, Any] = {
        "endpoint": batch.settings.endpoint,
        "settings_key": settings_sha256(batch.settings, force=batch.force),
        "allow_private": batch.allow_private,
        "force": batch.force,
        "refetch": batch.refetch,
    }
    return json.dumps(told, sort_keys=True)


async def _changed(batch: Batch, store: FleetStore) -> list[str]:
    """The items whose outcome is not that of the same bytes and settings."""
    settings_key = settings_sha256(batch.settings, force=batch.force)
    shop = Workshop(
        run_id=batch.run_id,
        settings=batch.settings,
        settings_key=settings_key,
        store=store,
        door=Door(batch.settings),
        gate=Halt(),
        out=None,
        refetch=batch.refetch,
    )
    outcomes = {row.item.id: row.outcome for row in await store.items(batch.run_id)}
    return [
        listed.item.id
        for listed in batch.listed
        if outcomes[listed.item.id].state != "waiting" and not is_done(shop, listed, outcomes[listed.item.id])
    ]
