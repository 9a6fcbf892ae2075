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
from typing import Protocol

from pipeline.batch.budget import Amount, Budget
from pipeline.batch.events import Event, ItemWatcher, Observer, tell_outcome
from pipeline.batch.halt import Halt
from pipeline.batch.item import Settled, Workshop, draft_item, failed_key, is_done
from pipeline.batch.keys import settings_sha256
from pipeline.batch.limits import Limiter
from pipeline.batch.places import Places, documents_in_work
from pipeline.batch.sources import Listed
from pipeline.errors import (
    AskedToWaitError,
    BudgetSpentError,
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
from pipeline.tracing import tracing_gate

# What would happen to every other document too.
_CONCERNS_ALL = (WrongKeyError, QuotaExhaustedError, UnknownModelError, AskedToWaitError)
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


class Relay(Protocol):
    """What takes requests over instead of sending them, and has the answers in a later pass of the run."""

    @property
    def gate(self) -> Gate:
        """What every request passes first. Raises AnswerPendingError for one that was taken over already."""
        ...

    @property
    def exchange(self) -> Exchange:
        """What takes a request over. Raises AnswerPendingError."""
        ...

    @property
    def waits_for(self) -> str | None:
        """What the run waits for, in words, or None."""
        ...

    def bill(self, item_id: str) -> Gate:
        """What notes the requests of an item, in the place of its bill."""
        ...

    async def begin(self, observer: Observer, *, retry_failed: bool) -> Amount:
        """Bring in what has come; gives what is still out at the most. Raises ModelError."""
        ...

    async def end(self, observer: Observer) -> None:
        """Hand on what was taken over. Raises ModelError."""
        ...


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run has ended: ``error`` is what stopped it, if anything did, ``spent`` the bill since it was begun.

    ``waits_for`` is what items that are ``waiting`` wait for, where it is known.
    """

    run_id: str
    state: RunState
    error: ClausewiseError | None
    rows: tuple[ItemRow, ...]
    spent: Spent
    waits_for: str | None = None


async def run_batch(
    batch: Batch,
    store: Store,
    observer: Observer,
    *,
    halt: Halt | None = None,
    gate: Gate | None = None,
    exchange: Exchange | None = None,
    relay: Relay | None = None,
) -> RunEnd:
    """Run a batch, or go on with it. ``halt`` stops it from outside; ``gate`` takes the place of the limits of this process, and
    ``relay`` that of sending.

    Raises StoreError when another process works on the run, UsageError when the budget cannot be kept.
    """
    run = _Run(batch, store, observer, halt or Halt(), relay)
    return await run.run(gate, exchange)


class Overseer:
    """Takes items to their outcomes one by one, and stops all of them for what concerns all. ``error`` is what has, if anything did."""

    def __init__(self, store: Store, observer: Observer, halt: Halt) -> None:
        self._store = store
        self._observer = observer
        self._halt = halt
        self._unreachable = 0
        self.error: ClausewiseError | None = None

    async def one(self, shop: Workshop, listed: Listed, before: ItemOutcome) -> Settled:
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
        if self.error is None and self._halt.reason is None:
            self.error = error
        self._halt.stop(str(error))

    def tell_call(self, item: str, asking: Asking, ended: CallEnded) -> None:
        """Tell of a call that has ended."""
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

    def tell_pause(self, seconds: float, reason: str) -> None:
        """Tell of a pause that has begun."""
        self._observer.on(Event("paused", None, {"seconds": round(seconds, 1), "reason": reason}))


class _Run(Overseer):
    def __init__(
        self, batch: Batch, store: Store, observer: Observer, halt: Halt, relay: Relay | None
    ) -> None:
        super().__init__(store, observer, halt)
        self._relay = relay
        self._batch = batch

    async def run(self, gate: Gate | None, exchange: Exchange | None) -> RunEnd:
        batch, store = self._batch, self._store
        settings_json = batch.settings.model_dump_json(exclude={"api_key", "base_url", "store"})
        items = [listed.item for listed in batch.listed]
        await store.open_run(batch.run_id, batch.command, settings_json, items)
        state: RunState = "stopped"
        try:
            # Before anything is forgotten of what failed.
            out = await self._bring_in()
            if batch.retry_failed:
                await store.retry_failed(batch.run_id)
            spent = await store.spent(batch.run_id)
            budget = Budget(
                batch.settings,
                max_usd=batch.max_usd,
                max_tokens=batch.max_tokens,
                spent=replace(
                    spent,
                    unknown_tokens=spent.unknown_tokens + out.tokens,
                    unknown_usd=spent.unknown_usd + out.usd,
                ),
                halt=self._halt,
            )
            limiter = gate or Limiter(
                batch.settings.requests_per_minute,
                batch.settings.tokens_per_minute,
                halt=self._halt,
                on_pause=self.tell_pause,
            )
            traces = tracing_gate(batch.settings)
            # Twice the halt: whoever has waited for the others may come too late.
            places = Places(batch.settings.concurrency, self._halt)
            gates = Gates(self._halt, places, budget, limiter, self._halt, *([traces] if traces else []))
            if self._relay is not None:
                # What is handed on keeps no pace, and its answer is not waited for.
                exchange, gates = (
                    self._relay.exchange,
                    Gates(self._relay.gate, self._halt, budget, self._halt),
                )
            door = Door(batch.settings, sleep=self._halt.sleep, replies=store, exchange=exchange)
            shop = Workshop(
                run_id=batch.run_id,
                settings=batch.settings,
                settings_key=settings_sha256(batch.settings, force=batch.force),
                store=store,
                door=door,
                gate=gates,
                out=batch.out,
                allow_private=batch.allow_private,
                force=batch.force,
                refetch=batch.refetch,
                on_call=self.tell_call,
                bill=None if self._relay is None else self._relay.bill,
            )
            await self._work(shop, door)
            waits_for = await self._hand_on()
            rows = tuple(await store.items(batch.run_id))
            if all(row.outcome.state != "waiting" for row in rows):
                state = "finished"
            spent = await store.spent(batch.run_id)
            return RunEnd(batch.run_id, state, self.error, rows, spent, waits_for)
        finally:
            await asyncio.shield(
                store.close_run(batch.run_id, state, str(self.error) if self.error else None)
            )

    async def _bring_in(self) -> Amount:
        """What the relay has, brought in; gives what it still has out."""
        if self._relay is None:
            return Amount()
        try:
            return await self._relay.begin(self._observer, retry_failed=self._batch.retry_failed)
        except ModelError as error:
            self._stop(error)
            return Amount()

    async def _hand_on(self) -> str | None:
        """Have the relay hand on what it took over, unless the run was stopped; a budget only ends what is taken over."""
        if self._relay is None:
            return None
        if self._halt.reason is None or isinstance(self.error, BudgetSpentError):
            try:
                await self._relay.end(self._observer)
            except ModelError as error:
                self._stop(error)
        return self._relay.waits_for

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
        workers = min(documents_in_work(self._batch.settings.concurrency), len(listed))
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
            settled = await self.one(shop, listed, before)
            self._observer.on(
                tell_outcome(listed.item.id, settled.outcome, unchanged=settled.outcome is before)
            )
            for follower in settled.followers:
                self._observer.on(tell_outcome(follower, follow(listed.item.id, settled.outcome)))


def _left_waiting(before: ItemOutcome, error: Exception) -> Settled:
    return Settled(replace(before, state="waiting", reason=str(error)))


def _told(error: Exception) -> str:
    notes = [note for note in getattr(error, "__notes__", []) if not note.startswith("document: ")]
    return f"{error}{''.join(f' ({note})' for note in notes)}"
