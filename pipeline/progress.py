"""What a person sees while stages run: which stage, which try, what it cost."""

from rich.console import Console
from rich.status import Status
from rich.text import Text

from schemas.draft import Attempt, StageName, StageRecord

_TITLES = {
    "read": "reading",
    "consumer": "consumer summary",
    "legal": "legal summary",
    "risk": "risk assessment",
}

_REASON_LENGTH = 160


class Progress:
    """A watcher that writes one line for each finished stage, and shows the running one where there is a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def started(self, stage: StageName, label: str) -> None:
        """Show the stage as running."""
        title = " ".join(filter(None, (_TITLES[stage], label)))
        self._stop()
        if self._console.is_terminal:
            self._status = self._console.status(Text(f"{title} …"))
            self._status.start()

    def attempted(self, stage: StageName, attempt: Attempt) -> None:
        """Tell of a try that did not end the stage."""
        if attempt.outcome in ("asked_again", "transport"):
            told = "asked again" if attempt.outcome == "asked_again" else "trying again"
            self._print(f"  {_TITLES[stage]}: {told}: {_short(attempt.reason)}")

    def finished(self, record: StageRecord) -> None:
        """One line: what the stage took and cost."""
        self._stop()
        attempts = record.attempts
        faulty = bool(attempts) and attempts[-1].outcome != "accepted"
        told = ["kept from an earlier run, nothing paid"] if record.reused else _taken(record)
        if faulty:
            told.append(
                "faults left, see the findings" + (" or ask again with --fresh" if record.reused else "")
            )
        self._print(f"{'▲' if faulty else '✓'} {_TITLES[record.stage]}: {', '.join(told)}")

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _print(self, line: str) -> None:
        self._console.print(Text(line), style="dim", highlight=False)


def _taken(record: StageRecord) -> list[str]:
    attempts = record.attempts
    return [
        "1 try" if len(attempts) == 1 else f"{len(attempts)} tries",
        f"tokens {_sum([a.usage.prompt_tokens for a in attempts])} in, "
        f"{_sum([a.usage.completion_tokens for a in attempts])} out",
        "unpriced" if record.cost_usd is None else f"USD {record.cost_usd:.4f}",
        f"{record.seconds:.1f} s",
    ]


def _sum(counts: list[int | None]) -> str:
    """What the endpoint told in sum; what it did not tell is said and not counted as zero."""
    known = [count for count in counts if count is not None]
    if not known:
        return "unknown"
    return f"{'at least ' if len(known) < len(counts) else ''}{sum(known):,}"


def _short(reason: str | None) -> str:
    """A reason on one line. It may quote the model, so what could steer a terminal becomes a space."""
    text = " ".join("".join(c if c.isprintable() else " " for c in reason or "").split())
    return text if len(text) <= _REASON_LENGTH else text[: _REASON_LENGTH - 1] + "…"
