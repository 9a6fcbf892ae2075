"""A batch that is ordered from workers, and watched from here: the same outcomes, files and report as that of one process."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pipeline.errors
from pipeline.aside import aside
from pipeline.batch.events import Event, Observer, tell_outcome
from pipeline.batch.halt import Halt
from pipeline.batch.history import read_run
from pipeline.batch.interrupt import stopped_by_signals
from pipeline.batch.item import item_folder
from pipeline.batch.runner import Batch, RunEnd
from pipeline.errors import ClausewiseError, ModelError, RunStoppedError, UsageError
from pipeline.files import clear_unfinished
from pipeline.fleet.order import order_run
from pipeline.fleet.queue import Queue
from pipeline.fleet.worker import Worker
from pipeline.settings import Server, Settings, read_settings
from pipeline.store.fleet import FleetStore
from pipeline.store.packing import unpack_draft
from pipeline.store.records import ItemOutcome, RunState
from pipeline.summarize import FILES, write_draft_files
from schemas.draft import Draft

_EVERY = 1.0  # seconds between two looks at the store
# Endings of calls are numbered before they are committed: so many are looked at again.
_OVERLAP = 2_000


async def run_fleet(batch: Batch, observer: Observer, *, halt: Halt) -> RunEnd:
    """Order a batch and watch it to its end; or go on. When ``halt`` is closed the workers go on without us.

    Raises what ``order_run`` raises.
    """
    async with _opened(batch.settings) as (store, queue):
        watch = _Watch(batch, store, observer, await store.last_ending())
        await order_run(batch, store, queue)
        await watch.begin()
        state, error = await watch.until_end(halt, queue)
        rows = tuple(await store.items(batch.run_id))
        return RunEnd(batch.run_id, state, error, rows, await store.spent(batch.run_id))


async def order_from_fleet(batch: Batch) -> int:
    """Order a batch and leave it to the workers; gives how many items were put into the queue."""
    async with _opened(batch.settings) as (store, queue):
        return await order_run(batch, store, queue)


async def work_for_fleet(
    settings: Settings,
    observer: Observer,
    tell: Callable[[str], None],
    *,
    concurrency: int,
    stalled_after: float,
) -> None:
    """Be a worker until a signal says to stop. Raises UsageError and StoreError, as ``Worker.run``."""
    halt = Halt()
    async with _opened(settings, stalled_after=stalled_after) as (store, queue):
        with stopped_by_signals(halt, tell):
            await Worker(settings, store, queue, observer, halt).run(concurrency=concurrency)


async def stop_on_fleet(name: str, place: str | None) -> str:
    """Stop a run for all workers; gives what was done, as a sentence."""
    found = await read_run(name, place)
    async with FleetStore(_server(read_settings(store=place))) as store:
        if await store.stop_run(found.run.id, "it was told to stop.", None):
            return f"Run {found.run.id} is stopping; the command that ordered it goes on with it."
    return f"Run {found.run.id} is not in work with workers."


@asynccontextmanager
async def _opened(
    settings: Settings, *, stalled_after: float = 60.0
) -> AsyncIterator[tuple[FleetStore, Queue]]:
    place = _server(settings)
    async with FleetStore(place) as store:
        queue = Queue(place, store, stalled_after=stalled_after)
        await queue.make()
        async with queue.app.open_async():
            yield store, queue


def _server(settings: Settings) -> Server:
    if not isinstance(settings.store, Server):
        raise UsageError("Workers need a store that they share: give --store postgresql://…")
    return settings.store


class _Watch:
    def __init__(self, batch: Batch, store: FleetStore, observer: Observer, number: int) -> None:
        self._batch = batch
        self._store = store
        self._observer = observer
        self._settled = number
        self._ended = number
        self._seen: dict[int, None] = {}
        self._first = number

    async def begin(self) -> None:
        """Tell of what there is, and write files that are missing of it."""
        rows = await self._store.items(self._batch.run_id)
        done = [row for row in rows if row.outcome.state != "waiting"]
        self._observer.on(Event("run_started", None, {"documents": len(rows), "done": len(done)}))
        for row in done:
            await self._write(row.item.id, row.outcome, anew=False)
            self._observer.on(tell_outcome(row.item.id, row.outcome, unchanged=True))
        self._told = {row.item.id for row in done}

    async def until_end(self, halt: Halt, queue: Queue) -> tuple[RunState, ClausewiseError | None]:
        """Watch until the run has ended and nobody has a request of it in flight, or until ``halt`` is closed."""
        while True:
            state, error = await self.look()
            if state != "running" and not (await self._store.budget_left(self._batch.run_id)).open:
                # What came between the two looks.
                return await self.look()
            await queue.sweep()
            try:
                await halt.sleep(_EVERY)
            except RunStoppedError:
                return state, error

    async def look(self) -> tuple[RunState, ClausewiseError | None]:
        """Tell of what has happened since; gives how the run stands."""
        run_id = self._batch.run_id
        state, reason, stopped_by = await self._store.run_state(run_id)
        while True:
            rows, self._settled = await self._store.settled_since(run_id, self._settled)
            for row in rows:
                if row.outcome.state != "waiting" and row.item.id not in self._told:
                    self._told.add(row.item.id)
                    await self._write(row.item.id, row.outcome, anew=True)
                    self._observer.on(tell_outcome(row.item.id, row.outcome))
            if not rows:
                break
        await self._look_at_calls()
        error = None
        if state == "stopped" and stopped_by is not None:
            kind = getattr(pipeline.errors, stopped_by, ModelError)
            error = kind(reason or "It was stopped.")
        return _STATES[state], error

    async def _look_at_calls(self) -> None:
        while True:
            since = max(self._first, self._ended - _OVERLAP)
            calls = await self._store.ended_since(self._batch.run_id, since)
            new = [call for call in calls if call[0] not in self._seen]
            for number, item, kind, ended in new:
                self._seen[number] = None
                self._ended = max(self._ended, number)
                told = {
                    "kind": kind,
                    "outcome": ended.outcome,
                    "model": ended.model,
                    "prompt_tokens": ended.usage.prompt_tokens,
                    "cached_tokens": ended.usage.cached_tokens,
                    "completion_tokens": ended.usage.completion_tokens,
                    "cost_usd": ended.cost_usd,
                    "reason": ended.reason,
                }
                self._observer.on(Event("call", item, told))
            for number in [number for number in self._seen if number <= self._ended - _OVERLAP]:
                del self._seen[number]
            if not new:
                return

    async def _write(self, item_id: str, outcome: ItemOutcome, *, anew: bool) -> None:
        """Write the files of an item that was drafted, unless they are there and not to be made anew."""
        if self._batch.out is None or outcome.state != "drafted" or outcome.draft_key is None:
            return
        folder = self._batch.out / item_folder(item_id)
        if not anew and all((folder / name).exists() for name in FILES):
            return
        packed = await self._store.draft(outcome.draft_key)
        if packed is not None:
            draft = await aside(lambda: Draft.model_validate_json(unpack_draft(packed)))
            clear_unfinished(folder)
            await aside(write_draft_files, draft, folder)


_STATES: dict[str, RunState] = {"running": "running", "stopped": "stopped", "finished": "finished"}
