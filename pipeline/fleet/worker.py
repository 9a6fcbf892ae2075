"""A worker: takes items of any run from the queue, drafts them, and leaves their outcomes in the store.

It holds a lock on the item it works on, which ends with the process. So an item whose worker was thought dead and is not, because its
machine was asleep, is not drafted by two.
"""

import asyncio
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.batch.events import Observer, tell_outcome
from pipeline.batch.halt import Halt
from pipeline.batch.item import Settled, Workshop
from pipeline.batch.keys import settings_sha256
from pipeline.batch.limits import Expected
from pipeline.batch.runner import Overseer
from pipeline.batch.sources import Listed
from pipeline.errors import ClausewiseError, ModelError, StoreError, UsageError
from pipeline.exchange import Gates
from pipeline.fleet.budget import SharedBudget
from pipeline.fleet.limits import SharedLimiter
from pipeline.fleet.queue import LaterError, Queue
from pipeline.llm import Door
from pipeline.settings import Settings
from pipeline.store.fleet import FleetStore, Given, Order, Pace
from pipeline.store.records import follow
from pipeline.tracing import tracing_gate

_WHILE_HELD = 10.0  # seconds until an item is looked at again that another worker holds


class Worker:
    """Works until it is told to stop by ``halt``. ``settings`` say where the endpoint is and the key to it; the rest is the run's."""

    def __init__(
        self, settings: Settings, store: FleetStore, queue: Queue, observer: Observer, halt: Halt
    ) -> None:
        self._settings = settings
        self._store = store
        self._queue = queue
        self._observer = observer
        self._halt = halt
        self._desks: dict[str, _Desk] = {}
        self._all: list[_Desk] = []
        self._turn = asyncio.Lock()
        self._in_work: set[tuple[str, str]] = set()
        self._jobs: set[asyncio.Task[Any]] = set()
        self._error: ClausewiseError | None = None

    async def run(self, *, concurrency: int) -> None:
        """Work. Raises UsageError when a run asks for what this worker is not, StoreError when the store or the queue is lost."""
        working = asyncio.ensure_future(self._queue.work(self._draft, concurrency=concurrency))
        halted = asyncio.ensure_future(self._halt.until(asyncio.Event()))
        lost = False
        try:
            await asyncio.wait((working, halted), return_when=asyncio.FIRST_COMPLETED)
            lost = working.done()
        except asyncio.CancelledError:
            # Told twice: what is in flight is not waited for.
            for job in self._jobs:
                job.cancel()
            raise
        finally:
            for desk in self._all:
                desk.halt.stop(self._halt.reason or "the worker stops.")
            working.cancel()
            halted.cancel()
            await asyncio.gather(working, halted, return_exceptions=True)
            for desk in self._all:
                desk.users = 0
            await self._clear()
        if self._error is not None:
            raise self._error
        if lost:
            raise StoreError(
                f"The worker has lost the queue in {self._store.name}; see that the server runs, and start it again."
            )

    async def _draft(self, run_id: str, item_id: str) -> None:
        """Do a job."""
        if self._halt.reason is not None:
            raise LaterError(0)
        order = await self._store.ordered(run_id)
        if order is None or order.state != "running":
            return
        item = (run_id, item_id)
        if item in self._in_work:
            raise LaterError(_WHILE_HELD)
        self._in_work.add(item)
        job = asyncio.current_task()
        assert job is not None
        self._jobs.add(job)
        try:
            if not await self._store.hold_item(run_id, item_id):
                raise LaterError(_WHILE_HELD)
            try:
                await self._work_on(run_id, item_id, order)
            finally:
                await asyncio.shield(self._store.release_item(run_id, item_id))
        except ClausewiseError as error:
            self._give_up(error)
            raise LaterError(0) from error
        finally:
            self._in_work.discard(item)
            self._jobs.discard(job)

    async def _work_on(self, run_id: str, item_id: str, order: Order) -> None:
        given = await self._store.given(run_id, item_id)
        if given is None or given.row.outcome.state != "waiting" or given.row.outcome.linked_to is not None:
            return
        desk = await self._desk(run_id, order)
        try:
            settled = await self._one(desk, given)
        finally:
            desk.users -= 1
        outcome = settled.outcome
        self._observer.on(tell_outcome(item_id, outcome))
        for follower in settled.followers:
            self._observer.on(tell_outcome(follower, follow(item_id, outcome)))
        if outcome.state != "waiting":
            await self._store.finish_run(run_id)
            return
        error = desk.overseer.error
        if isinstance(error, ModelError):
            await self._store.stop_run(run_id, str(error), type(error).__name__)
        elif error is not None:
            raise error
        elif self._halt.reason is not None:
            raise LaterError(0)

    async def _one(self, desk: "_Desk", given: Given) -> Settled:
        row = given.row
        if given.sha256 is None:
            return await desk.overseer.one(desk.shop, Listed(row.item, given.place, None), row.outcome)
        if given.data is None:
            raise StoreError(
                f"The store {self._store.name} has lost the source of {row.item.id}; run the batch again."
            )
        with tempfile.TemporaryDirectory(prefix="clausewise-") as folder:
            # The name's ending says what it is, and the name is part of the item's key.
            place = Path(folder) / given.place.rpartition("/")[2]
            try:
                place.write_bytes(given.data)
            except OSError as error:
                raise UsageError(
                    f"This worker's folder for temporary files cannot be written ({error.strerror}); make room there."
                ) from error
            listed = Listed(row.item, str(place), given.sha256)
            return await desk.overseer.one(desk.shop, listed, row.outcome)

    def _give_up(self, error: ClausewiseError) -> None:
        if self._error is None:
            self._error = error
        self._halt.stop(str(error))

    async def _desk(self, run_id: str, order: Order) -> "_Desk":
        """Where this worker works on a run, made anew when the run was ordered again. Whoever gets it is counted as its user."""
        async with self._turn:
            desk = self._desks.get(run_id)
            if desk is None or desk.order != order or desk.halt.reason is not None:
                desk = self._made(run_id, order)
                try:
                    await self._store.hold(run_id)
                except StoreError as error:
                    # One process has it for itself.
                    raise LaterError(_WHILE_HELD) from error
                await self._store.open_pace(desk.pace)
                await desk.shop.door.__aenter__()
                self._desks[run_id] = desk
                self._all.append(desk)
            desk.users += 1
            await self._clear()
            return desk

    async def _clear(self) -> None:
        """Close what nobody works at."""
        for idle in [desk for desk in self._all if not desk.users]:
            self._all.remove(idle)
            if self._desks.get(idle.shop.run_id) is idle:
                del self._desks[idle.shop.run_id]
                await self._store.release(idle.shop.run_id)
            await idle.shop.door.__aexit__(None, None, None)

    def _made(self, run_id: str, order: Order) -> "_Desk":
        told = json.loads(order.told)
        own = self._settings
        settings = Settings.model_validate(
            json.loads(order.settings)
            | {"base_url": own.base_url, "api_key": own.api_key, "store": own.store}
        )
        settings_key = settings_sha256(settings, force=told["force"])
        if settings.endpoint != told["endpoint"]:
            raise UsageError(
                f"The run {run_id} asks {told['endpoint']}, and this worker would ask {settings.endpoint}; set OPENAI_BASE_URL."
            )
        if settings_key != told["settings_key"]:
            raise UsageError(
                f"The run {run_id} was ordered by another Clausewise than this worker's; install the same version on both."
            )
        halt = Halt()
        overseer = Overseer(self._store, self._observer, halt)
        pace = Pace(
            f"{settings.endpoint} {settings.model}", settings.requests_per_minute, settings.tokens_per_minute
        )
        limiter = SharedLimiter(self._store, pace, run_id, halt, Expected(), overseer.tell_pause)
        budget = SharedBudget(self._store, settings, run_id, halt)
        traces = tracing_gate(settings)
        shop = Workshop(
            run_id=run_id,
            settings=settings,
            settings_key=settings_key,
            store=self._store,
            door=Door(settings, sleep=halt.sleep, replies=self._store),
            gate=Gates(halt, budget, limiter, halt, *([traces] if traces else [])),
            out=None,
            allow_private=told["allow_private"],
            force=told["force"],
            refetch=told["refetch"],
            on_call=overseer.tell_call,
        )
        return _Desk(order, halt, overseer, pace, shop)


@dataclass(slots=True)
class _Desk:
    """What all items of a run are worked on with, in this process."""

    order: Order
    halt: Halt
    overseer: Overseer
    pace: Pace
    shop: Workshop
    users: int = 0
