"""A run: every item to its outcome, many at a time, whatever happens to one of them.

Workers take items from one iterator and hold a document only while they work on it, so that memory does not grow with the number of
documents. What concerns one document fails that item; what would befall every document (a wrong key, a spent quota or budget, a store
that cannot be written) stops the run. Stopping is closing a gate: requests in flight are waited for and kept, and items that are not
done stay ``waiting``, for the same command to go on with.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.batch.budget import Budget
from pipeline.batch.events import Event, ItemWatcher, Observer, tell_outcome
from pipeline.batch.halt import Halt
from pipeline.batch.item import Settled, Workshop, draft_item, failed_key, is_done
from pipeline.batch.keys import settings_sha256
from pipeline.batch.limits import Limiter
from pipeline.batch.sources import Listed
from pipeline.errors import (
    ClausewiseError,
    ModelError,
    ModelUnreachableError,
    NotSentError,
    QuotaExhaustedError,
    RunStoppedError,
    SourceError,
    UnknownModelError,
    WrongKeyError,
)
from pipeline.exchange import Asking, Exchange, Gate, Gates
from pipeline.llm import Door
from pipeline.settings import Settings
from pipeline.store.records import CallEnded, ItemOutcome, ItemRow, RunState, Spent, follow
from pipeline.store.store import Store

# What would happen to every other document too.
_CONCERNS_ALL = (WrongKeyError, QuotaExhaustedError, UnknownModelError)
# So many documents that fail one after another because the endpoint cannot be reached, and it is the endpoint.
_UNREACHABLE_IN_A_ROW = 10


@dataclass(frozen=True, slots=True)
class Batch:
    """What to run: the items, how to ask, how far to go, and where to write. ``command`` is what goes on with it when it is broken off."""

    run_id: str
    command: tuple[str, ...]
    listed: tuple[Listed, ...]
    settings: Settings
    out: Path | None
    max_usd: float | None = None
    max_tokens: int | None = None
    retry_failed: bool = False
    allow_private: bool = False
    force: bool = False
    refetch: bool = False


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run has ended: ``error`` is what stopped it, if anything did, ``spent`` the bill since it was begun."""

    run_id: str
    state: RunState
    error: ClausewiseError | None
    rows: tuple[ItemRow, ...]
    spent: Spent


async def run_batch(
    batch: Batch,
    store: Store,
    observer: Observer,
    *,
    halt: Halt | None = None,
    gate: Gate | None = None,
    exchange: Exchange | None = None,
) -> RunEnd:
    """Run a batch, or go on with it. ``halt`` stops it from outside; ``gate`` takes the place of the limits of this process.

    Raises StoreError when another process works on the run, UsageError when the budget cannot be kept.
    """
    run = _Run(batch, store, observer, halt or Halt())
    return await run.run(gate, exchange)


class _Run:
    def __init__(self, batch: Batch, store: Store, observer: Observer, halt: Halt) -> None:
        self._batch = batch
        self._store = store
        self._observer = observer
        self._halt = halt
        self._error: ClausewiseError | None = None
        self._unreachable = 0

    async def run(self, gate: Gate | None, exchange: Exchange | None) -> RunEnd:
        batch, store = self._batch, self._store
        settings_json = batch.settings.model_dump_json(exclude={"api_key", "base_url", "store"})
        items = [listed.item for listed in batch.listed]
        await store.open_run(batch.run_id, batch.command, settings_json, items)
        state: RunState = "stopped"
        try:
            if batch.retry_failed:
                await store.retry_failed(batch.run_id)
            budget = Budget(
                batch.settings,
                max_usd=batch.max_usd,
                max_tokens=batch.max_tokens,
                spent=await store.spent(batch.run_id),
                halt=self._halt,
            )
            limiter = gate or Limiter(
                batch.settings.requests_per_minute,
                batch.settings.tokens_per_minute,
                halt=self._halt,
                on_pause=self._tell_pause,
            )
            door = Door(batch.settings, sleep=self._halt.sleep, replies=store, exchange=exchange)
            shop = Workshop(
                run_id=batch.run_id,
                settings=batch.settings,
                settings_key=settings_sha256(batch.settings, force=batch.force),
                store=store,
                door=door,
                # Twice the halt: whoever has waited for the others may come too late.
                gate=Gates(self._halt, budget, limiter, self._halt),
                out=batch.out,
                allow_private=batch.allow_private,
                force=batch.force,
                refetch=batch.refetch,
                on_call=self._tell_call,
            )
            await self._work(shop, door)
            rows = tuple(await store.items(batch.run_id))
            if all(row.outcome.state != "waiting" for row in rows):
                state = "finished"
            return RunEnd(batch.run_id, state, self._error, rows, await store.spent(batch.run_id))
        finally:
            await asyncio.shield(
                store.close_run(batch.run_id, state, str(self._error) if self._error else None)
            )

    async def _work(self, shop: Workshop, door: Door) -> None:
        outcomes = {row.item.id: row.outcome for row in await self._store.items(self._batch.run_id)}
        done: list[Listed] = []
        left: list[Listed] = []
        for listed in self._batch.listed:
            (done if is_done(shop, listed, outcomes[listed.item.id]) else left).append(listed)
        self._observer.on(Event("run_started", None, {"documents": len(done) + len(left), "done": len(done)}))
        await self._pass(shop, done, outcomes)
        if not left:
            return
        async with door:
            while left and self._halt.reason is None:
                await self._pass(shop, left, outcomes)
                # Those that waited for another item's document, and were let go when that turned out to be another one.
                rows = {row.item.id: row.outcome for row in await self._store.items(self._batch.run_id)}
                again = [listed for listed in left if rows[listed.item.id].state == "waiting"]
                if len(again) == len(left):
                    break
                left, outcomes = again, rows

    async def _pass(self, shop: Workshop, listed: Sequence[Listed], outcomes: dict[str, ItemOutcome]) -> None:
        items = iter(listed)
        workers = min(self._batch.settings.concurrency, len(listed))
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._worker(shop, items, outcomes))

    async def _worker(
        self, shop: Workshop, items: Iterator[Listed], outcomes: dict[str, ItemOutcome]
    ) -> None:
        for listed in items:
            if self._halt.reason is not None:
                return
            before = outcomes[listed.item.id]
            settled = await self._one(shop, listed, before)
            self._observer.on(
                tell_outcome(listed.item.id, settled.outcome, unchanged=settled.outcome is before)
            )
            for follower in settled.followers:
                self._observer.on(tell_outcome(follower, follow(listed.item.id, settled.outcome)))

    async def _one(self, shop: Workshop, listed: Listed, before: ItemOutcome) -> Settled:
        """One item to its outcome, or to ``waiting`` when the run is stopping."""
        item = listed.item.id
        self._observer.on(Event("item_started", item))
        try:
            return await draft_item(shop, listed, before, ItemWatcher(item, self._observer))
        except NotSentError as error:
            if not isinstance(error, RunStoppedError):
                self._stop(error)
            return _left_waiting(before, error)
        except _CONCERNS_ALL as error:
            self._stop(error)
            return _left_waiting(before, error)
        except (SourceError, ModelError) as error:
            self._count_unreachable(error)
            return await self._fail(shop, listed, error, _told(error))
        except ClausewiseError as error:
            # What is worked out cannot be kept: a full disk, a store that is gone.
            self._stop(error)
            return _left_waiting(before, error)
        except Exception as error:
            # Its own text may hold anything, a prompt or an answer too.
            told = f"A fault of Clausewise itself ({type(error).__name__}); draft it alone with --debug and report it."
            return await self._fail(shop, listed, error, told)

    async def _fail(self, shop: Workshop, listed: Listed, error: Exception, told: str) -> Settled:
        outcome = ItemOutcome(
            "failed", reason=told, kind=type(error).__name__, source_key=failed_key(shop, listed)
        )
        try:
            followers = await self._store.settle(shop.run_id, listed.item.id, outcome)
        except ClausewiseError as failed:
            self._stop(failed)
            return _left_waiting(outcome, failed)
        return Settled(outcome, tuple(followers))

    def _count_unreachable(self, error: Exception) -> None:
        if isinstance(error, ModelUnreachableError):
            self._unreachable += 1
            if self._unreachable >= _UNREACHABLE_IN_A_ROW:
                self._stop(error)

    def _stop(self, error: ClausewiseError) -> None:
        if self._error is None and self._halt.reason is None:
            self._error = error
        self._halt.stop(str(error))

    def _tell_call(self, item: str, asking: Asking, ended: CallEnded) -> None:
        if ended.outcome == "answered":
            self._unreachable = 0
        told = {
            "kind": asking.kind,
            "outcome": ended.outcome,
            "model": ended.model,
            "prompt_tokens": ended.usage.prompt_tokens,
            "cached_tokens": ended.usage.cached_tokens,
            "completion_tokens": ended.usage.completion_tokens,
            "cost_usd": ended.cost_usd,
            "reason": ended.reason,
        }
        self._observer.on(Event("call", item, told))

    def _tell_pause(self, seconds: float, reason: str) -> None:
        self._observer.on(Event("paused", None, {"seconds": round(seconds, 1), "reason": reason}))


def _left_waiting(before: ItemOutcome, error: Exception) -> Settled:
    return Settled(replace(before, state="waiting", reason=str(error)))


def _told(error: Exception) -> str:
    notes = [note for note in getattr(error, "__notes__", []) if not note.startswith("document: ")]
    return f"{error}{''.join(f' ({note})' for note in notes)}"
