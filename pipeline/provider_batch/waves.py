"""A run in waves: what all items ask for goes into batches of the provider, and the next pass goes on with the answers.

A pass of the run has three steps, and killed between any two of them nothing is lost and nothing is paid twice:

    begin   what has come is taken in, some hundred lines a commit, each on the bill once; a batch of which the store knows only that it was
            about to be submitted is looked for by its mark among the provider's
    items   each goes on with the replies in the store; what it asks for beyond them is written to a file, and the item stays waiting
    end     for each file: noted as a batch with all its requests, uploaded, submitted with the mark, and noted as open

A request is in at most one batch that is not taken in, so equal requests are asked once. One that comes back without an answer goes into the
next wave, ``transport_tries`` times at the most.
"""

import tempfile
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

from pipeline.batch.budget import Amount
from pipeline.batch.events import Event, Observer
from pipeline.errors import AnswerPendingError, ModelError, ModelUnreachableError, StoreError
from pipeline.exchange import Asking, Exchange, Gate, OpenGate, Permit
from pipeline.prices import price_usd
from pipeline.provider import ENDED, MOST_BYTES, MOST_REQUESTS, Provider, ProviderBatch
from pipeline.provider_batch.lines import Fault, concern_of, read_lines, restored_fault, write_missing
from pipeline.provider_batch.spool import Part, Spool
from pipeline.retries import Sleep
from pipeline.settings import Settings
from pipeline.store.records import AskedBefore, AskedLater, HandedBatch, LineTaken
from pipeline.store.store import HandedStore

_LINES = 200  # in one commit
_LONGEST_OUTAGE = 60  # looks in a row that did not reach the provider
_QUEUE_FULL = "token_limit_exceeded"  # the account has as many tokens in its batches as it may have


class Waves:
    """The relay of one run, open between ``async with`` and its end. ``sleep`` pauses between tries.

    ``most_requests`` and ``most_bytes`` are what the provider takes in one file.
    """

    def __init__(
        self,
        run_id: str,
        settings: Settings,
        store: HandedStore,
        sleep: Sleep,
        *,
        most_requests: int = MOST_REQUESTS,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._run_id = run_id
        self._settings = settings
        self._store = store
        self._sleep = sleep
        self._limits = {"most_requests": most_requests, "most_bytes": most_bytes}
        self._stack = AsyncExitStack()
        self._opened: Provider | None = None
        self._asked: dict[str, AskedBefore] = {}
        self._noted: dict[str, AskedLater] = {}
        self._open: list[HandedBatch] = []

    async def __aenter__(self) -> Self:
        try:
            self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="clausewise-")))
        except OSError as error:
            raise StoreError(
                f"The files of a batch cannot be written ({error}); make room for them."
            ) from error
        self._spool = Spool(self._folder, **self._limits)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    # What the runner asks of a relay

    @property
    def gate(self) -> Gate:
        """Where requests stop that have been taken over before, or came back too often."""
        return _Known(self)

    @property
    def exchange(self) -> Exchange:
        """Takes a request over."""
        return self._take_over

    def bill(self, item_id: str) -> Gate:
        """Notes whose request it is; the bill is written when the answer has come."""
        return _Noting(self, item_id)

    @property
    def waits_for(self) -> str | None:
        """The batches that are open, in words."""
        if not self._open:
            return None
        count, requests = len(self._open), sum(one.requests for one in self._open)
        return f"{requests:,} answers of {count:,} {'batch' if count == 1 else 'batches'} at the provider"

    async def begin(self, observer: Observer, *, retry_failed: bool) -> Amount:
        """Take in what has come; gives what is still out at the most."""
        self._spool.clear()
        self._noted.clear()
        if retry_failed:
            await self._store.forget_faults(self._run_id)
        await self._look_for_submitted()
        concern = await self._collect(observer)
        self._asked = await self._store.asked_before(self._run_id)
        if concern is not None:
            raise concern
        return Amount(*await self._store.most_in_flight(self._run_id))

    async def end(self, observer: Observer) -> None:
        """Submit what was taken over."""
        try:
            for part in self._spool.parts:
                await self._submit(part, observer)
        finally:
            # One that was submitted and not heard of may have been made all the same: the next pass looks for it.
            self._spool.clear()
            await self._read_open()

    async def watch(self, observer: Observer, every: float) -> None:
        """Wait until one of the open batches has ended, looking ``every`` so many seconds.

        An outage is waited for, but not for ever. Raises ModelError, or RunStoppedError.
        """
        told: dict[int, ProviderBatch] = {}
        unreachable = 0
        while True:
            try:
                if await self._look(observer, told):
                    return
                unreachable = 0
            except ModelUnreachableError as error:
                unreachable += 1
                if unreachable >= _LONGEST_OUTAGE:
                    raise
                observer.on(Event("paused", None, {"seconds": every, "reason": str(error)}))
            await self._sleep(every)

    async def _look(self, observer: Observer, told: dict[int, ProviderBatch]) -> bool:
        """Whether one of the open batches has ended; what is new about the others is noted, and ``told``."""
        for handed in self._open:
            batch = await self._retrieve(handed)
            if batch.status in ENDED:
                return True
            if told.get(handed.number) != batch:
                told[handed.number] = batch
                await self._note(handed.number, batch)
                _tell(observer, batch.id, batch.status, batch.answered, handed.requests)
        return False

    # Before the items

    async def _look_for_submitted(self) -> None:
        """What became of batches whose submission was broken off: they are open, or were never made."""
        for handed in await self._store.handed(self._run_id):
            if handed.state == "submitting":
                provider = await self._provider()
                found = await provider.find(handed.token, handed.submitted_at.timestamp())
                if found is None:
                    await self._store.withdraw(self._run_id, handed.number)
                else:
                    await self._note(handed.number, found)

    async def _collect(self, observer: Observer) -> ModelError | None:
        """Take in all batches that have ended; gives an error that concerns all requests, if there was one."""
        await self._read_open()
        seen: list[tuple[HandedBatch, ProviderBatch]] = []
        for handed in self._open:
            batch = await self._retrieve(handed)
            seen.append((handed, batch))
            _tell(observer, batch.id, batch.status, batch.answered, handed.requests)
            await self._note(handed.number, batch)
        # Which may be what the others have no room beside.
        alone = all(batch.status == "failed" for _, batch in seen)
        concern: ModelError | None = None
        for handed, batch in seen:
            if batch.status in ENDED:
                concern = await self._take_in(handed, batch, observer, alone=alone) or concern
        await self._read_open()
        return concern

    async def _take_in(
        self, handed: HandedBatch, batch: ProviderBatch, observer: Observer, *, alone: bool
    ) -> ModelError | None:
        provider = await self._provider()
        concern: ModelError | None = None
        reasons = []
        unreadable = 0
        for file_id in batch.files:
            path = self._folder / "answers.jsonl"
            if not await provider.download(file_id, path):
                reasons.append(f"the provider has the file {file_id} no more")
                continue
            read = read_lines(path, self._settings)
            while lines := list(islice(read, _LINES)):
                heard = [line for line in lines if line is not None]
                unreadable += len(lines) - len(heard)
                for line in heard:
                    concern = concern_of(line, self._settings) or concern
                taken = await self._store.hear_lines(self._run_id, handed.number, heard)
                _tell_calls(observer, taken)
            path.unlink()
        if unreadable:
            reasons.append(f"{unreadable:,} lines could not be read")
        fault = None if batch.problem is None else Fault(400, batch.problem)
        full = batch.problem is not None and batch.problem["code"] == _QUEUE_FULL
        if batch.problem is not None and full:
            fault = Fault(429, batch.problem)
        # What there was no room for is no try, unless there was nothing else that took it.
        missing = write_missing(self._settings, batch.status, fault, counts=alone or not full)
        if fault is not None:
            concern = concern_of(missing, self._settings) or concern
            reasons.append(fault.read(self._settings).reason)
        taken = await self._store.end_handed(
            self._run_id, handed.number, batch.status, "; ".join(reasons) or None, missing
        )
        _tell_calls(observer, taken)
        return concern

    # While the items go on

    def refuse_known(self, asking: Asking) -> None:
        """Raise AnswerPendingError for a request that is taken over already, a ModelError for one that came back too often."""
        if asking.request_sha256 in self._spool:
            self._pend()
        asked = self._asked.get(asking.request_sha256)
        if asked is None:
            return
        if asked.in_flight:
            self._pend()
        if asked.fault is None:
            return
        fault = restored_fault(asked.fault).read(self._settings, _said(asking.messages))
        if asked.final:
            raise fault.error
        if asked.tries >= self._settings.transport_tries:
            raise ModelError(
                f"The request went into {asked.tries} batches of the provider and came back without an answer (last: {fault.reason}); "
                "try it again with --retry-failed."
            )

    def note(self, asking: Asking, item_id: str) -> None:
        """Whose request it is that is about to be taken over."""
        prompt, completion = asking.most_prompt_tokens, asking.most_completion_tokens
        most = price_usd(asking.model, self._settings.base_url, prompt=prompt, completion=completion)
        self._noted[asking.request_sha256] = AskedLater(
            request_sha256=asking.request_sha256,
            key=asking.key,
            item_id=item_id,
            kind=asking.kind,
            model=asking.model,
            most_tokens=prompt + completion,
            most_usd=(most or 0.0) * self._settings.price_share,
        )

    async def _take_over(self, request_sha256: str, request: Mapping[str, Any]) -> NoReturn:
        if request_sha256 not in self._spool:
            try:
                self._spool.add(self._noted[request_sha256], request)
            except OSError as error:
                raise StoreError(
                    f"The files of a batch cannot be written ({error}); make room for them."
                ) from error
        self._pend()

    def _pend(self) -> NoReturn:
        raise AnswerPendingError("Its answer comes with a batch of the provider.")

    # After the items

    async def _submit(self, part: Part, observer: Observer) -> None:
        provider = await self._provider()
        token = uuid.uuid4().hex
        file_id = await provider.upload(part.path)
        number = await self._store.hand_over(self._run_id, token, part.requests)
        since = (await self._store.handed(self._run_id))[-1].submitted_at.timestamp()
        batch = await provider.submit(file_id, self._run_id, token, since)
        await self._note(number, batch)
        _tell(observer, batch.id, batch.status, batch.answered, len(part.requests))

    async def _provider(self) -> Provider:
        if self._opened is None:
            self._opened = await self._stack.enter_async_context(Provider(self._settings, self._sleep))
        return self._opened

    async def _retrieve(self, handed: HandedBatch) -> ProviderBatch:
        assert handed.batch_id is not None
        return await (await self._provider()).retrieve(handed.batch_id)

    async def _note(self, number: int, batch: ProviderBatch) -> None:
        await self._store.note_handed(
            self._run_id, number, batch.id, batch.status, batch.answered, batch.failed
        )

    async def _read_open(self) -> None:
        self._open = [one for one in await self._store.handed(self._run_id) if one.state == "open"]


@dataclass(frozen=True, slots=True)
class _Known:
    waves: Waves

    async def enter(self, asking: Asking) -> Permit:
        self.waves.refuse_known(asking)
        return OpenGate()


@dataclass(frozen=True, slots=True)
class _Noting:
    waves: Waves
    item_id: str

    async def enter(self, asking: Asking) -> Permit:
        self.waves.note(asking, self.item_id)
        return OpenGate()


def _tell(observer: Observer, batch_id: str, status: str, answered: int, requests: int) -> None:
    told = {"batch": batch_id, "status": status, "answered": answered, "requests": requests}
    observer.on(Event("provider_batch", None, told))


def _tell_calls(observer: Observer, taken: Iterable[LineTaken]) -> None:
    for line in taken:
        ended = line.ended
        told = {
            "kind": line.kind,
            "outcome": ended.outcome,
            "model": ended.model,
            "prompt_tokens": ended.usage.prompt_tokens,
            "cached_tokens": ended.usage.cached_tokens,
            "completion_tokens": ended.usage.completion_tokens,
            "cost_usd": ended.cost_usd,
            "reason": ended.reason,
        }
        observer.on(Event("call", line.item_id, told))


def _said(messages: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(str(message.get("content") or "") for message in messages)
