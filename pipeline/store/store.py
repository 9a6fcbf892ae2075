"""What Clausewise asks of a store, whatever engine is behind it.

One rule holds for every engine: what is awaited is on disk. So a stage counts when ``save`` has returned, and after a process was
killed at any point nothing that counted is lost. Writes take effect in the order in which they were called. Every method may raise
StoreError.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from pipeline.exchange import Replies
from pipeline.store.records import (
    AskedBefore,
    AskedLater,
    CallBegun,
    CallEnded,
    CostRow,
    HandedBatch,
    Item,
    ItemOutcome,
    ItemRow,
    LineHeard,
    LineTaken,
    Measured,
    RunRow,
    RunState,
    Spent,
    StoredStage,
)


class StageStore(Replies, Protocol):
    """What drafting one document needs: finished stages, under the hash of all that determined them, and the replies of those that
    are not finished.
    """

    @property
    def name(self) -> str:
        """The store as messages name it, without a password."""
        ...

    async def load(self, key: str) -> StoredStage | None:
        """The stage under this key, or None."""
        ...

    async def save(self, key: str, stage: str, answer: str, record: str) -> None:
        """Keep a finished stage, and forget the replies of its conversation. The newest answer to a key replaces an older one."""
        ...


class Store(StageStore, Protocol):
    """What runs need besides: the bill, items and drafts."""

    async def begin_call(self, call: CallBegun) -> int:
        """Note a request before it is sent; gives the number under which ``end_call`` tells what became of it."""
        ...

    async def end_call(self, number: int, ended: CallEnded) -> None:
        """What became of a request. It may be on disk only with the next write that is awaited."""
        ...

    async def spent(self, run_id: str, *, whole: bool = False) -> Spent:
        """What a run has cost since it was begun, before and after every interruption; with ``whole`` since it was made."""
        ...

    async def costs(self, run_id: str | None = None) -> list[CostRow]:
        """What calls have cost, by model, stage, prompt and day; of one run, or of all."""
        ...

    async def measured(self, model: str) -> dict[str, Measured]:
        """What calls to a model took so far, by kind."""
        ...

    async def open_run(
        self, run_id: str, command: Sequence[str], settings: str, items: Iterable[Item]
    ) -> RunRow:
        """Make a run, or go on with it, and set it to ``running``. Gives the run as it was before, its state above all.

        Its items are from now on these: what is known of those that are the same as before stays. A run that was ``finished`` begins
        anew: its bill starts at nothing. Raises StoreError when another process works on it.
        """
        ...

    async def retry_failed(self, run_id: str) -> None:
        """Have the failed items of a run waiting again, as if they had never been looked at."""
        ...

    async def close_run(self, run_id: str, state: RunState, reason: str | None) -> None:
        """Say how a run has ended, and let another process work on it."""
        ...

    async def runs(self) -> list[RunRow]:
        """All runs, the newest first, each with its items counted by state."""
        ...

    async def items(self, run_id: str) -> list[ItemRow]:
        """The items of a run in their order."""
        ...

    async def claim(self, run_id: str, item_id: str, source_key: str, document_key: str) -> ItemOutcome:
        """Take a document for an item, unless another item of the run has taken the same one.

        Gives where the item stands now: ``waiting`` and not linked when the document is its own to draft; else linked to the other, and
        ``linked`` or ``failed`` as that one ended, or still ``waiting`` until ``settle`` of that one says how. Of two that ask at once one
        gets it.
        """
        ...

    async def settle(
        self, run_id: str, item_id: str, outcome: ItemOutcome, *, draft: bytes | None = None
    ) -> list[str]:
        """Say where an item stands, together with its draft (packed, see ``pack_draft``) if it has a new one: all, or nothing.

        The items that wait for this one are settled with it when it is drafted or has failed; gives their ids.
        """
        ...

    async def has_draft(self, draft_key: str) -> bool:
        """Whether the store holds this draft."""
        ...

    async def draft(self, draft_key: str) -> bytes | None:
        """A finished draft as it was packed, or None."""
        ...

    async def keep_draft(self, draft_key: str, draft: bytes) -> None:
        """Keep a finished draft, packed, that belongs to no run. What is kept under this key already stays."""
        ...


class HandedStore(Store, Protocol):
    """What batches of the provider need besides: which requests were handed over, in which batch, and what came back."""

    async def hand_over(self, run_id: str, token: str, requests: Sequence[AskedLater]) -> int:
        """Note a batch that is about to be submitted; gives its number. Its requests are in flight from now on."""
        ...

    async def note_handed(
        self, run_id: str, number: int, batch_id: str, status: str, answered: int, failed: int
    ) -> None:
        """Note a batch's id and how far it is, as the provider tells."""
        ...

    async def withdraw(self, run_id: str, number: int) -> None:
        """Forget a batch that was never submitted; its requests are in flight no more."""
        ...

    async def hear_lines(self, run_id: str, number: int, lines: Sequence[LineHeard]) -> list[LineTaken]:
        """Take in lines of a batch's files, all or none: replies are kept, and each is on the bill once.

        Gives those that were taken: a request that is not in flight in this batch, because a line of it was taken before, is passed over.
        """
        ...

    async def end_handed(
        self, run_id: str, number: int, status: str, reason: str | None, missing: LineHeard
    ) -> list[LineTaken]:
        """Say that all of a batch has been taken in. Of its requests that are still in flight no line came: ``missing`` is said of each."""
        ...

    async def handed(self, run_id: str) -> list[HandedBatch]:
        """The batches of a run in order."""
        ...

    async def asked_before(self, run_id: str) -> dict[str, AskedBefore]:
        """The requests of a run that have no answer yet, by their digest."""
        ...

    async def most_in_flight(self, run_id: str) -> tuple[int, float]:
        """Tokens and US dollars that the requests in flight can take at the most."""
        ...

    async def forget_faults(self, run_id: str) -> None:
        """Have requests that came back without an answer, and conversations of failed items, tried as if for the first time."""
        ...
