"""What a store holds, engine or no engine: finished stages, calls and what they cost, runs and their items."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from schemas.draft import Usage

RunState = Literal["running", "stopped", "finished"]
ItemState = Literal["waiting", "drafted", "linked", "failed"]
CallOutcome = Literal["answered", "refused", "lost", "cut off"]


@dataclass(frozen=True, slots=True)
class StoredStage:
    """A finished stage: the answer and its record, both as JSON."""

    answer: str
    record: str


@dataclass(frozen=True, slots=True)
class CallBegun:
    """A request about to be sent, for the bill. ``kind`` is the prompt with its version, such as ``legal.v1``.

    ``run_id`` and ``item_id`` are empty outside a run. ``most_tokens`` and ``most_usd`` are what it can cost at the most, which is what it
    counts as while nobody has told what it did cost.
    """

    run_id: str
    item_id: str
    key: str
    request_sha256: str
    kind: str
    model: str
    most_tokens: int
    most_usd: float


@dataclass(frozen=True, slots=True)
class CallEnded:
    """What became of a request. ``cost_usd`` is None when it is not known: no price, or no count of tokens."""

    outcome: CallOutcome
    reason: str | None
    model: str | None
    usage: Usage
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Spent:
    """What calls have cost together.

    ``unpriced`` have no price. ``unknown`` is how many of them told no tokens, so that the sums are the least that was spent, and
    ``unknown_tokens`` and ``unknown_usd`` what those can have cost at the most; ``in_flight`` is how many of them were never heard of again,
    because the process was killed.
    """

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    unpriced: int = 0
    unknown: int = 0
    in_flight: int = 0
    unknown_tokens: int = 0
    unknown_usd: float = 0.0

    @property
    def tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class CostRow:
    """What calls of one kind have cost: a model, a stage, a version of its prompt, a day (UTC)."""

    model: str
    stage: str
    prompt: str
    day: str
    spent: Spent


@dataclass(frozen=True, slots=True)
class Measured:
    """What finished calls of one kind took: how many tokens a completion has, and how many calls a stage needs."""

    calls: int
    stages: int
    mean_completion: float
    deviation: float


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run. ``command`` is how it was started, ``settings`` what it asked with, as JSON without the key."""

    id: str
    command: tuple[str, ...]
    settings: str
    state: RunState
    reason: str | None
    created_at: datetime
    begun_at: datetime
    ended_at: datetime | None
    items: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """One source of a run, as the manifest tells of it. ``title`` and ``company`` replace what the document says of itself."""

    id: str
    source: str
    title: str | None = None
    company: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """Where an item stands.

    ``source_key`` is the digest of its bytes and of all else that its draft depends on, ``document_key`` that of its passages and the
    same; equal documents are drafted once, and ``linked_to`` is the item that was drafted for this one. ``draft_key`` finds the draft.
    ``kind`` is the class of the error behind ``reason``.
    """

    state: ItemState
    reason: str | None = None
    kind: str | None = None
    source_key: str | None = None
    document_key: str | None = None
    linked_to: str | None = None
    draft_key: str | None = None
    errors: int = 0
    warnings: int = 0
    notes: int = 0


HandedState = Literal["submitting", "open", "collected"]


@dataclass(frozen=True, slots=True)
class AskedLater:
    """A request that goes into a batch of the provider, and what it can take at the most."""

    request_sha256: str
    key: str
    item_id: str
    kind: str
    model: str
    most_tokens: int
    most_usd: float


@dataclass(frozen=True, slots=True)
class HandedBatch:
    """A batch of the provider, by its number within the run.

    ``token`` is what the provider keeps with it, so that it is found again when its id was not noted; ``status`` is the provider's own word.
    ``requests`` were put into it, ``answered`` and ``failed`` are so many of them by the provider's count.
    """

    number: int
    token: str
    batch_id: str | None
    state: HandedState
    status: str
    requests: int
    answered: int
    failed: int
    reason: str | None
    submitted_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class LineHeard:
    """What a batch's files say of one request: its ``completion`` as JSON, or the ``fault`` that came in its place, as JSON.

    A ``final`` fault is not tried again. One that does not ``count`` is none of the request's: the account has no credit, say.
    """

    request_sha256: str
    completion: str | None
    fault: str | None
    final: bool
    counts: bool
    ended: CallEnded


@dataclass(frozen=True, slots=True)
class LineTaken:
    """A line that was taken in, with what the bill says of it now."""

    item_id: str
    kind: str
    ended: CallEnded


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """What is known of a request that was put into a batch and has no answer yet. ``tries`` came back without one."""

    in_flight: bool
    tries: int
    final: bool
    fault: str | None


def follow(id_: str, outcome: ItemOutcome) -> ItemOutcome:
    """Where an item stands whose document is that of another item, by how that one stands."""
    match outcome.state:
        case "drafted" | "linked":
            return replace(outcome, state="linked", linked_to=id_)
        case "failed":
            reason = f"The same document as {id_}, which failed: {outcome.reason}"
            return replace(outcome, reason=reason, linked_to=id_)
        case _:
            return ItemOutcome("waiting", linked_to=id_)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item with its outcome so far."""

    item: Item
    outcome: ItemOutcome
