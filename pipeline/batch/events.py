"""What happens in a run, as whoever watches it is told: one event each, which is a line of JSON with ``--json``."""

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from pipeline.store.records import ItemOutcome
from schemas.draft import Attempt, StageName, StageRecord

EventName = Literal[
    "run_started",
    "item_started",
    "stage_finished",
    "try_failed",
    "call",
    "paused",
    "item",
    "provider_batch",
    "run_ended",
]


@dataclass(frozen=True, slots=True)
class Event:
    """``item`` is an item's id where the event is about one; ``told`` holds what is particular to the event."""

    name: EventName
    item: str | None = None
    told: dict[str, Any] = field(default_factory=dict)


class Observer(Protocol):
    """Whoever watches a run."""

    def on(self, event: Event) -> None:
        """Something has happened."""
        ...


@dataclass(frozen=True, slots=True)
class ItemWatcher:
    """A watcher of one item's stages, who tells the run's observer."""

    item: str
    observer: Observer

    def started(self, stage: StageName, label: str) -> None:
        """Told when it is finished."""

    def attempted(self, stage: StageName, attempt: Attempt) -> None:
        """Tell of a try that did not end the stage."""
        if attempt.outcome in ("asked_again", "transport", "failed"):
            told = {"stage": stage, "outcome": attempt.outcome, "reason": attempt.reason}
            self.observer.on(Event("try_failed", self.item, told))

    def finished(self, record: StageRecord) -> None:
        """Tell of a finished stage."""
        told = {
            "stage": record.stage,
            "reused": record.reused,
            "tries": len(record.attempts),
            "cost_usd": record.cost_usd,
            "seconds": record.seconds,
        }
        self.observer.on(Event("stage_finished", self.item, told))


def tell_outcome(item: str, outcome: ItemOutcome, *, unchanged: bool = False) -> Event:
    """The event of an item that has its outcome for now; ``unchanged`` when it had it before the run."""
    told = {
        "state": outcome.state,
        "unchanged": unchanged,
        "reason": outcome.reason,
        "linked_to": outcome.linked_to,
        "errors": outcome.errors,
        "warnings": outcome.warnings,
        "notes": outcome.notes,
    }
    return Event("item", item, told)
