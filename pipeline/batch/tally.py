"""What a run has done so far, counted from its events."""

import time
from collections import Counter
from collections.abc import Callable

from pipeline.batch.events import Event

_STAGES = 3  # of a document


class Tally:
    """Counts of documents, calls, tokens and cost. ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self.documents = 0
        self.unchanged = 0
        self.states: Counter[str] = Counter()
        self.calls = 0
        self.failed_calls = 0
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.uncounted = 0
        self.cost_usd = 0.0
        self.unpriced = 0
        self.asked_again = 0
        self.findings: Counter[str] = Counter()
        self.working: dict[str, int] = {}
        self._settled_now = 0

    def on(self, event: Event) -> None:
        """Count an event."""
        told = event.told
        match event.name:
            case "run_started":
                self.documents = told["documents"]
                self._began = self._clock()
            case "item_started" if event.item is not None:
                self.working[event.item] = 0
            case "stage_finished" if event.item is not None:
                self.working[event.item] = self.working.get(event.item, 0) + 1
            case "try_failed":
                self.asked_again += told["outcome"] == "asked_again"
            case "call":
                self._count_call(event)
            case "item" if event.item is not None:
                self.working.pop(event.item, None)
                self._count_item(event)
            case _:
                pass

    def _count_call(self, event: Event) -> None:
        told = event.told
        self.calls += 1
        self.failed_calls += told["outcome"] != "answered"
        if told["prompt_tokens"] is None or told["completion_tokens"] is None:
            self.uncounted += 1
            return
        self.prompt_tokens += told["prompt_tokens"]
        self.completion_tokens += told["completion_tokens"]
        if told["cost_usd"] is None:
            self.unpriced += 1
        else:
            self.cost_usd += told["cost_usd"]

    def _count_item(self, event: Event) -> None:
        told = event.told
        if told["state"] == "waiting":
            return
        self.states[told["state"]] += 1
        self.unchanged += told["unchanged"]
        self._settled_now += not told["unchanged"]
        if told["state"] == "drafted":
            for severity in ("errors", "warnings", "notes"):
                self.findings[severity] += told[severity]

    @property
    def done(self) -> int:
        """Documents that have their outcome."""
        return self.states.total()

    @property
    def seconds(self) -> float:
        """Since the run was started."""
        return self._clock() - self._began

    @property
    def per_minute(self) -> float:
        """Documents a minute, those in work counted by their stages; 0 when nothing can be said yet."""
        worked = self._settled_now + sum(min(n, _STAGES) for n in self.working.values()) / _STAGES
        return worked / self.seconds * 60 if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Until all documents are done at this rate, or None when nothing can be said yet."""
        worked = sum(min(n, _STAGES) for n in self.working.values()) / _STAGES
        left = self.documents - self.done - worked
        return max(0.0, left) / self.per_minute * 60 if self.per_minute else None
