"""What made a draft and what it cost, in words."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from pipeline.publish.shown import shown
from schemas.draft import Attempt, Draft, StageRecord


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One request and what became of it."""

    outcome: str
    reason: str
    model: str
    tokens: str
    seconds: str


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage: who answered, after how many requests, for how much."""

    name: str
    model: str
    mode: str
    parameters: str
    prompts: tuple[tuple[str, str], ...]
    attempts: tuple[AttemptView, ...]
    tokens: str
    cost: str
    seconds: str
    finished: str
    reused: bool
    schema_sha256: str
    key_sha256: str


@dataclass(frozen=True, slots=True)
class ProvenanceView:
    """The whole draft's provenance. ``digests`` and ``versions`` are pairs of name and value."""

    model: str
    cost: str
    tokens: str
    requests: str
    stages: tuple[StageView, ...]
    digests: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    endpoint: str


# Written out, because strftime follows the machine's locale.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_OUTCOMES = {
    "accepted": "accepted",
    "asked_again": "sent back",
    "kept": "kept with faults, last try spent",
    "transport": "no usable answer came",
    "failed": "failed",
}


def view_provenance(draft: Draft) -> ProvenanceView:
    """The provenance of a draft, stage by stage and in sum."""
    made = draft.provenance
    attempts = [attempt for stage in made.stages for attempt in stage.attempts]
    return ProvenanceView(
        model=_models(made.stages),
        cost=_cost(made.stages),
        tokens=_tokens(attempts),
        requests=f"{len(attempts)} request{'' if len(attempts) == 1 else 's'}",
        stages=tuple(_view_stage(stage) for stage in made.stages),
        digests=(
            ("source", made.source_sha256),
            ("passages", made.passages_sha256),
            ("registry", made.registry_sha256),
        ),
        versions=tuple((shown(name), shown(number)) for name, number in sorted(made.versions.items())),
        endpoint=shown(made.endpoint),
    )


def write_date(value: date | None) -> str:
    """``1 March 2026``, or an empty string."""
    return "" if value is None else f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def write_time(value: datetime | None) -> str:
    """``1 March 2026, 09:30 UTC``, or an empty string. A time without a zone is shown as it is, without one."""
    if value is None:
        return ""
    if value.tzinfo is None:
        return f"{write_date(value)}, {value:%H:%M}"
    value = value.astimezone(UTC)
    return f"{write_date(value)}, {value:%H:%M} UTC"


def _view_stage(stage: StageRecord) -> StageView:
    given = {name: value for name, value in sorted(stage.parameters.items()) if value is not None}
    return StageView(
        name=stage.stage,
        model=_models((stage,)),
        mode=shown(stage.mode),
        parameters=shown(", ".join(f"{name} {value}" for name, value in given.items())),
        prompts=tuple((shown(name), digest) for name, digest in sorted(stage.prompts.items())),
        attempts=tuple(_view_attempt(attempt) for attempt in stage.attempts),
        tokens=_tokens(stage.attempts),
        cost=_cost((stage,)),
        seconds=f"{stage.seconds:.1f} s",
        finished=write_time(stage.finished_at),
        reused=stage.reused,
        schema_sha256=stage.schema_sha256,
        key_sha256=stage.key_sha256,
    )


def _view_attempt(attempt: Attempt) -> AttemptView:
    return AttemptView(
        outcome=_OUTCOMES[attempt.outcome],
        reason=shown(attempt.reason or ""),
        model=shown(attempt.model or "not told"),
        tokens=_tokens((attempt,)),
        seconds=f"{attempt.seconds:.1f} s",
    )


def _models(stages: tuple[StageRecord, ...]) -> str:
    """The models that answered; the one that was asked for is told when it is another."""
    answered = list(dict.fromkeys(model for stage in stages for model in stage.models_answered))
    asked = list(dict.fromkeys(stage.model_asked for stage in stages))
    if not answered:
        return shown(f"{', '.join(asked)} (asked for; the endpoint did not say which answered)")
    return shown(", ".join(answered) + ("" if answered == asked else f" (asked for {', '.join(asked)})"))


def _cost(stages: tuple[StageRecord, ...]) -> str:
    """US dollars, or ``unpriced``: a price that is not known is never counted as nothing."""
    known = [stage.cost_usd for stage in stages if stage.cost_usd is not None]
    if not known:
        return "unpriced"
    total = f"USD {sum(known):.4f}"
    missing = len(stages) - len(known)
    if missing:
        total += f" and {missing} unpriced stage{'' if missing == 1 else 's'}"
    reused = sum(stage.reused for stage in stages)
    if reused:
        total += (
            ", paid earlier"
            if reused == len(stages)
            else f", of it {reused} of {len(stages)} stages paid earlier"
        )
    return total


def _tokens(attempts: tuple[Attempt, ...] | list[Attempt]) -> str:
    """``12,345 in (8,000 cached), 2,345 out``; what the endpoint did not tell is said and not counted as zero."""
    return ", ".join(
        [
            _sum([a.usage.prompt_tokens for a in attempts], "in") + _cached(attempts),
            _sum([a.usage.completion_tokens for a in attempts], "out"),
        ]
    )


def _sum(counts: list[int | None], direction: str) -> str:
    known = [count for count in counts if count is not None]
    if not known:
        return f"unknown {direction}"
    return f"{'at least ' if len(known) < len(counts) else ''}{sum(known):,} {direction}"


def _cached(attempts: tuple[Attempt, ...] | list[Attempt]) -> str:
    cached = sum(attempt.usage.cached_tokens or 0 for attempt in attempts)
    return f" ({cached:,} cached)" if cached else ""
