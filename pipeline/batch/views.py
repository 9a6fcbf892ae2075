"""How a run is shown while it goes on: a live view in a terminal, plain lines where there is none, JSON lines for programs."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline.batch.events import Event, Observer
from pipeline.batch.tally import Tally

_EVERY = 10.0  # seconds between two lines of sums
_LONGEST = 160  # characters of a reason
_SHOWN = 8  # documents in work


class JsonLines:
    """One JSON object a line for each event. Its reader may go away: the run goes on."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream: TextIO | None = stream or sys.stdout

    def on(self, event: Event) -> None:
        """Write the event."""
        if self._stream is None:
            return
        line = {"at": datetime.now(UTC).isoformat(), "event": event.name}
        if event.item is not None:
            line["item"] = event.item
        try:
            self._stream.write(json.dumps(line | event.told, ensure_ascii=True) + "\n")
            self._stream.flush()
        except BrokenPipeError:
            self._stream = None


class PlainLines:
    """A line for each document that is done, and the sums every ten seconds."""

    def __init__(self, console: Console, tally: Tally, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._tally = tally
        self._clock = clock
        self._told_at = clock()

    def on(self, event: Event) -> None:
        """Write what a person wants to know."""
        line = write_event(event)
        if line is not None:
            self._print(line)
        if self._clock() - self._told_at >= _EVERY:
            self._told_at = self._clock()
            self._print(write_sums(self._tally))

    def _print(self, line: str) -> None:
        self._console.print(Text(line), highlight=False, soft_wrap=True)


class LiveView:
    """The sums, the documents in work, and above them what went wrong, in a terminal."""

    def __init__(self, console: Console, tally: Tally) -> None:
        self._console = console
        self._tally = tally
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=4, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def on(self, event: Event) -> None:
        """Let what matters beyond the moment stand above the view."""
        if event.name in ("paused", "provider_batch") or (
            event.name == "item" and event.told["state"] == "failed"
        ):
            line = write_event(event)
            if line is not None:
                self._live.console.print(Text(line), highlight=False)

    def _render(self) -> RenderableType:
        tally = self._tally
        bar = ProgressBar(total=max(1, tally.documents), completed=tally.done, width=40)
        rows = Table.grid(padding=(0, 2))
        for name, value in sums(tally).items():
            rows.add_row(Text(name, style="dim"), Text(value))
        # A list first: the run goes on in another thread.
        working = list(tally.working.items())
        lines = [
            Text(f"  {_clean(item)}: {_stage(stages)}", style="dim") for item, stages in working[:_SHOWN]
        ]
        if len(working) > _SHOWN:
            lines.append(Text(f"  … and {len(working) - _SHOWN} more", style="dim"))
        return Group(bar, rows, *lines)


class Observers:
    """Several observers as one."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def on(self, event: Event) -> None:
        """Tell all."""
        for observer in self._observers:
            observer.on(event)


@contextmanager
def watching(tally: Tally, console: Console, *, as_json: bool) -> Iterator[Observer]:
    """The observer for where the run is watched from; the tally counts first."""
    if as_json:
        yield Observers(tally, JsonLines())
    elif console.is_terminal:
        with LiveView(console, tally) as view:
            yield Observers(tally, view)
    else:
        yield Observers(tally, PlainLines(console, tally))


def sums(tally: Tally) -> dict[str, str]:
    """The sums of a run so far, by name."""
    left = tally.seconds_left
    return {
        "documents": f"{tally.done:,} of {tally.documents:,}" + _states(tally),
        "calls": f"{tally.calls:,}"
        + (f" ({tally.failed_calls:,} without an answer)" if tally.failed_calls else ""),
        "tokens": _at_least(tally) + f"{tally.prompt_tokens:,} in, {tally.completion_tokens:,} out",
        "cost": _cost(tally),
        "rate": f"{tally.per_minute:.1f} documents a minute" if tally.per_minute else "not known yet",
        "time left": "not known yet" if left is None else write_duration(left),
        "findings": f"{tally.findings['errors']:,} errors, {tally.findings['warnings']:,} warnings",
    }


def write_sums(tally: Tally) -> str:
    """The sums on one line."""
    return "; ".join(f"{name}: {value}" for name, value in sums(tally).items())


def write_event(event: Event) -> str | None:
    """An event as a line for a person, or None for one that nobody wants to read."""
    told = event.told
    match event.name:
        case "paused":
            return f"… all wait {told['seconds']:g} s: {_clean(told['reason'])}"
        case "try_failed" if event.item is not None and told["outcome"] == "transport":
            return f"  {_clean(event.item)}, {told['stage']}: trying again: {_clean(told['reason'])}"
        case "provider_batch":
            return f"  batch {_clean(told['batch'])}: {_clean(told['status'])}, {told['answered']:,} of {told['requests']:,} answered"
        case "item" if event.item is not None and not told["unchanged"]:
            return _write_outcome(event.item, told)
        case _:
            return None


def _write_outcome(item: str, told: dict[str, object]) -> str | None:
    match told["state"]:
        case "drafted":
            found = [f"{told[name]} {name}" for name in ("errors", "warnings") if told[name]]
            return f"{'▲' if found else '✓'} {_clean(item)}: drafted" + (
                ", " + ", ".join(found) if found else ""
            )
        case "linked":
            return f"= {_clean(item)}: the same document as {_clean(told['linked_to'])}"
        case "failed":
            return f"✖ {_clean(item)}: {_clean(told['reason'])}"
        case _:
            return None


def write_duration(seconds: float) -> str:
    """``45 s``, ``12 min``, ``3 h 20 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _states(tally: Tally) -> str:
    told = [f"{tally.states[state]:,} {state}" for state in ("linked", "failed") if tally.states[state]]
    if tally.unchanged:
        told.append(f"{tally.unchanged:,} unchanged")
    return f" ({', '.join(told)})" if told else ""


def _at_least(tally: Tally) -> str:
    return "at least " if tally.uncounted else ""


def _cost(tally: Tally) -> str:
    if tally.unpriced and not tally.cost_usd:
        return "unpriced"
    return (_at_least(tally) or ("at least " if tally.unpriced else "")) + f"USD {tally.cost_usd:.4f}"


def _stage(stages: int) -> str:
    return ("reading, then the consumer summary", "legal summary", "risk assessment", "checks")[
        min(stages, 3)
    ]


def _clean(text: object) -> str:
    """On one line; what could steer a terminal becomes a space."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text or "")).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
