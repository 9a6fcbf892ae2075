"""The gate: may this change go in? Floors and ceilings, falls against a committed baseline, bad systems below good ones, nothing failed.

Every check is told, those that passed and those that could not be made too: a gate that is silent about what it did not look at is open.
What an unreachable endpoint or a recording that does not fit keeps from being measured is neither passed nor failed, and the gate says so by
an exit code of its own.
"""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, FiniteFloat, ValidationError

from eval.cases import gold_folder
from eval.gated import Check, Verdict
from eval.results import Results, RunRecord
from eval.scorers.every import NAMES
from pipeline.errors import UsageError
from pipeline.files import write_files
from schemas.base import Value
from schemas.score import Score

# Values are stored with this many digits, so that a file says the same on every machine.
_DIGITS = 6
_TOLERANCE = 1e-6

Status = Literal["scored", "unscored", "failed", "unavailable"]
Bars = dict[str, FiniteFloat]


class SystemBars(Value):
    """What is held of one system. ``may_fail`` are scores that fail for it by its nature."""

    floors: Bars = Field(default_factory=dict)
    ceilings: Bars = Field(default_factory=dict)
    may_fail: tuple[str, ...] = ()


class Order(Value):
    """Scores on which one system has to come out above another, in each case in which both have them."""

    better: str
    worse: str
    scores: Annotated[tuple[str, ...], Field(min_length=1)]


class Bar(Value):
    """``gate.toml``. ``falls`` are how far a score may fall in one case; ``default`` is for those not named."""

    schema_version: Literal["1.0"]
    falls: dict[str, Annotated[FiniteFloat, Field(ge=0)]]
    systems: dict[str, SystemBars]
    orders: tuple[Order, ...] = ()


class CaseBaseline(Value):
    """What a system had in one case: a value, or the status of a score that had none."""

    status: Status
    scores: dict[str, FiniteFloat | Literal["unscored", "failed"]]


class Baseline(Value):
    """``baseline.json``: the scores that the last accepted change had, by system and case, and what they were measured with."""

    schema_version: Literal["1.0"]
    judge: str
    judge_version: str
    scorers_sha256: str
    gold: dict[str, str]
    systems: dict[str, dict[str, CaseBaseline]]


def gate_path() -> Path:
    """The gate's bars in this package."""
    return gold_folder().parent / "gate.toml"


def baseline_path() -> Path:
    """The committed baseline in this package."""
    return gold_folder().parent / "baseline.json"


def load_bar(path: Path | None = None) -> Bar:
    """The bars. Raises UsageError when they cannot be read, or name a score that does not exist."""
    path = path or gate_path()
    try:
        bar = Bar.model_validate(tomllib.loads(_read(path)))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path.name} is not TOML ({error}); correct it.") from None
    except ValidationError as error:
        raise UsageError(f"{path.name}: {_first(error)}; correct it.") from None
    named = [*bar.falls, *(s for order in bar.orders for s in order.scores)]
    for bars in bar.systems.values():
        named += [*bars.floors, *bars.ceilings, *bars.may_fail]
    unknown = sorted({*named} - {*NAMES, "default"})
    if unknown:
        raise UsageError(f"{path.name} names the score {unknown[0]!r}, which does not exist; correct it.")
    if "default" not in bar.falls:
        raise UsageError(f"{path.name} has no falls.default; say how far a score may fall.")
    return bar


def load_baseline(path: Path | None = None) -> Baseline:
    """The baseline. Raises UsageError when there is none, or none that can be read."""
    path = path or baseline_path()
    try:
        return Baseline.model_validate_json(_read(path))
    except ValidationError as error:
        raise UsageError(
            f"{path.name}: {_first(error)}; write it anew with clausewise eval gate --accept."
        ) from None


def make_baseline(results: Results, bar: Bar) -> Baseline:
    """The results as a baseline, for the systems that the gate holds. Raises UsageError when something was unavailable."""
    for run in results.runs:
        if run.status == "unavailable":
            raise UsageError(
                f"{run.system} on {run.case} was unavailable; results without it are no baseline. {run.reason}"
            )
    systems: dict[str, dict[str, CaseBaseline]] = {}
    for run in results.runs:
        if run.system in bar.systems and run.repetition == 1:
            systems.setdefault(run.system, {})[run.case] = CaseBaseline(
                status=run.status, scores={score.name: _stored(score) for score in run.scores}
            )
    return Baseline(
        schema_version="1.0",
        judge=results.judge.name,
        judge_version=results.judge.version,
        scorers_sha256=results.scorers_sha256,
        gold={case.name: case.gold_sha256 for case in results.cases},
        systems=systems,
    )


def _stored(score: Score) -> float | Literal["unscored", "failed"]:
    if score.value is not None:
        return round(score.value, _DIGITS)
    return "failed" if score.status == "failed" else "unscored"


def accept_baseline(results: Results, bar: Bar, path: Path | None = None) -> tuple[Baseline, Path]:
    """Write the results as the baseline, line by line so that a change shows what it moved; returns it and where it stands."""
    path = path or baseline_path()
    baseline = make_baseline(results, bar)
    text = json.dumps(baseline.model_dump(mode="json"), indent=1, sort_keys=True) + "\n"
    return baseline, write_files(path.parent, {path.name: text})[0]


def check_gate(results: Results, bar: Bar, baseline: Baseline) -> Verdict:
    """Every check of the bars and the baseline on the results."""
    checks = [
        *_runs_are_whole(results, bar, baseline),
        *_bars_are_held(results, bar),
        *_nothing_fell(results, bar, baseline),
        *_orders_hold(results, bar),
    ]
    return Verdict(checks=tuple(checks), notes=tuple(_notes(results, baseline)))


def _runs_are_whole(results: Results, bar: Bar, baseline: Baseline) -> Iterator[Check]:
    """No run unavailable, none failed, no score failed that may not, and no case gone that the baseline has."""
    for run in results.runs:
        name = f"{run.system}/{run.case}: is measured"
        if run.status == "unavailable":
            yield Check(name=name, status="unavailable", message=run.reason or "")
        elif run.status == "failed":
            yield Check(name=name, status="failed", message=run.reason or "")
        elif run.status == "unscored":
            yield _unscored(run, name, baseline)
        else:
            may_fail = bar.systems[run.system].may_fail if run.system in bar.systems else ()
            broken = [s for s in run.scores if s.status == "failed" and s.name not in may_fail]
            told = " ".join(f"{s.name}: {s.reason}" for s in broken)
            yield Check(
                name=name, status="failed" if broken else "passed", message=told or "No score failed."
            )
    held = {(run.system, run.case) for run in results.runs}
    for system, cases in baseline.systems.items():
        for case in cases:
            if (system, case) not in held:
                yield Check(
                    name=f"{system}/{case}: is measured",
                    status="failed",
                    message="The baseline has it and the results do not.",
                )


def _unscored(run: RunRecord, name: str, baseline: Baseline) -> Check:
    before = baseline.systems.get(run.system, {}).get(run.case)
    if before is not None and before.status == "scored":
        return Check(name=name, status="failed", message=f"It was scored before. {run.reason}")
    return Check(name=name, status="skipped", message=run.reason or "")


def _bars_are_held(results: Results, bar: Bar) -> Iterator[Check]:
    present = {s.name for s in results.systems}
    for system, bars in bar.systems.items():
        for kind, limits in (("floor", bars.floors), ("ceiling", bars.ceilings)):
            for score, limit in limits.items():
                name = f"{system}: {score} has its {kind}"
                mean = results.mean(system, score) if system in present else None
                if mean is None or mean.value is None:
                    why = "The system was not run." if mean is None else "No case has the score."
                    # What ran and has no value where one is demanded has not shown it.
                    missing = mean is not None and kind == "floor" and _ran(results, system)
                    yield Check(name=name, status="failed" if missing else "skipped", message=why)
                    continue
                held = (
                    mean.value >= limit - _TOLERANCE if kind == "floor" else mean.value <= limit + _TOLERANCE
                )
                yield Check(
                    name=name,
                    status="passed" if held else "failed",
                    message=f"{mean.value:.3f}, the {kind} is {limit:.3f} (scored {mean.scored}, unscored {mean.unscored}, failed {mean.failed}).",
                )


def _ran(results: Results, system: str) -> bool:
    return any(run.status == "scored" for run in results.runs_of(system))


def _nothing_fell(results: Results, bar: Bar, baseline: Baseline) -> Iterator[Check]:
    for system, bars in bar.systems.items():
        if not bars.floors:
            continue  # it is there to be beaten: a fall is no loss
        for case, before in baseline.systems.get(system, {}).items():
            if not any(run.status == "scored" for run in results.runs_of(system, case)):
                continue  # told by _runs_are_whole
            for score, was in before.scores.items():
                yield _fall(results, bar, system, case, score, was)


def _fall(results: Results, bar: Bar, system: str, case: str, score: str, was: float | str) -> Check:
    name = f"{system}/{case}: {score} has not fallen"
    now = results.mean(system, score, case)
    if isinstance(was, str):
        worse = now.failed > 0 and was != "failed"
        told = "failed" if now.failed else "unscored" if now.value is None else f"{now.value:.3f}"
        return Check(name=name, status="failed" if worse else "passed", message=f"{told}, was {was}.")
    if now.value is None:
        return Check(
            name=name, status="failed", message=f"{'failed' if now.failed else 'unscored'}, was {was:.3f}."
        )
    allowed = bar.falls.get(score, bar.falls["default"])
    held = now.value >= was - allowed - _TOLERANCE
    return Check(
        name=name,
        status="passed" if held else "failed",
        message=f"{now.value:.3f}, was {was:.3f}; it may fall by {allowed:.3f}.",
    )


def _orders_hold(results: Results, bar: Bar) -> Iterator[Check]:
    for order in bar.orders:
        for case in results.cases:
            for score in order.scores:
                better, worse = (
                    results.mean(system, score, case.name).value for system in (order.better, order.worse)
                )
                name = f"{case.name}: {score} of {order.better} is above {order.worse}"
                if better is None or worse is None:
                    without = order.better if better is None else order.worse
                    yield Check(
                        name=name, status="skipped", message=f"{without} has no value in {case.name}."
                    )
                    continue
                held = better > worse + _TOLERANCE
                yield Check(
                    name=name, status="passed" if held else "failed", message=f"{better:.3f} and {worse:.3f}."
                )


def _notes(results: Results, baseline: Baseline) -> Iterator[str]:
    if (results.judge.name, results.judge.version) != (baseline.judge, baseline.judge_version):
        yield "The judge is not the one of the baseline."
    if results.scorers_sha256 != baseline.scorers_sha256:
        yield "The scorers have changed since the baseline."
    for case in results.cases:
        known = baseline.gold.get(case.name)
        if known is None:
            yield f"The baseline does not know the case {case.name}."
        elif known != case.gold_sha256:
            yield f"The gold of {case.name} has changed since the baseline."


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UsageError(f"{path.name} cannot be read ({why}); name another.") from None


def _first(error: ValidationError) -> str:
    first: Any = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"
