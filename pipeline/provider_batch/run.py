"""A run through batches of the provider: one pass, or passes until all is done."""

from dataclasses import replace

from pipeline.batch.events import Observer
from pipeline.batch.halt import Halt
from pipeline.batch.runner import Batch, RunEnd, run_batch
from pipeline.errors import ModelError, RunStoppedError, UsageError
from pipeline.provider import MOST_BYTES, MOST_REQUESTS
from pipeline.provider_batch.waves import Waves
from pipeline.store.sqlite import SqliteStore
from pipeline.store.store import HandedStore, Store

POLL = 60.0  # seconds


async def run_in_waves(
    batch: Batch,
    store: Store,
    observer: Observer,
    *,
    halt: Halt,
    wait: bool = False,
    every: float = POLL,
    most_requests: int = MOST_REQUESTS,
    most_bytes: int = MOST_BYTES,
) -> RunEnd:
    """Take in what has come, go on with it, and submit what is asked for next; with ``wait`` again and again until all is done.

    ``every`` is how many seconds lie between two looks at the batches. Raises what ``run_batch`` raises, and UsageError when the store
    is none in a file.
    """
    async with Waves(
        batch.run_id,
        batch.settings,
        handing(store),
        halt.sleep,
        most_requests=most_requests,
        most_bytes=most_bytes,
    ) as waves:
        while True:
            end = await run_batch(batch, store, observer, halt=halt, relay=waves)
            if not wait or waves.waits_for is None or halt.reason is not None:
                return end
            batch = replace(batch, retry_failed=False)
            try:
                await waves.watch(observer, every)
            except RunStoppedError:
                return end
            except ModelError as error:
                return replace(end, error=error)


def handing(store: Store) -> HandedStore:
    """The store, if it is one that keeps batches of the provider; else UsageError."""
    if not isinstance(store, SqliteStore):
        raise UsageError("Batches of the provider are kept in a store in a file; name one with --store.")
    return store
