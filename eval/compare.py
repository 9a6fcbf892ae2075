"""Comparing two systems, or one before and after a change: paired by fact and by document, so that hard facts and long documents,
which weigh on both sides alike, do not hide what changed.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

from eval.agreement import Interval, bootstrap_interval
from eval.results import CaseRecord, Results, read_results
from eval.uncertainty import FEWEST_UNITS, Unit, counted_items, mean_of_cases
from pipeline.errors import UsageError
from schemas.base import Value
from schemas.draft import Usage
from schemas.gold import Importance
from schemas.score import Mean, ScoreItem

Number = TypeVar("Number", int, float)

FACT_SCORES = ("consumer.fact_recall", "legal.fact_recall")
# The difference over documents gets an interval from this many documents on.
FEWEST_DOCUMENTS = 5

_STANDING = {"contradicts": -1.0, "omits": 0.0, "states": 1.0}


class Side(Value):
    """What is compared: the results' name as it was given, and the system."""

    name: str
    system: str
    drafts: int
    usage: Usage
    cost_usd: float | None
    seconds: float


class Difference(Value):
    """One score: ``b`` minus ``a``, as the mean over the documents in which both have a value.

    ``low`` and ``high`` are the ends of the 95 % bootstrap interval, ``unit`` is what was drawn for it; None where there is none.
    ``unpaired`` counts documents in which only one side has a value.
    """

    name: str
    a: Mean
    b: Mean
    difference: float | None
    low: float | None = None
    high: float | None = None
    unit: Literal["entry", "document"] | None = None
    pairs: int = 0
    by_case: dict[str, float]
    unpaired: int = 0

    @property
    def verdict(self) -> Literal["better", "worse", "same", "unclear"]:
        """What ``b`` is beside ``a``; unclear when the interval holds zero or there is none."""
        if self.difference == 0:
            return "same"
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return "unclear"
        return "better" if self.low > 0 else "worse"


class FactChange(Value):
    """A fact that one side tells better. ``before`` and ``after`` are verdicts; with repetitions, each with how often."""

    case: str
    id: str
    importance: Importance | None
    statement: str
    before: str
    after: str
    sentence: str | None


class Comparison(Value):
    """Two systems compared. ``notes`` say what makes the two hard to compare."""

    a: Side
    b: Side
    differences: tuple[Difference, ...]
    won: tuple[FactChange, ...]
    lost: tuple[FactChange, ...]
    notes: tuple[str, ...]


class Operand(NamedTuple):
    """One side as it was named: ``results.json``, or ``results.json:system``."""

    name: str
    results: Results
    system: str | None


def read_operand(given: str) -> Operand:
    """Results, and the system named after a colon. Raises UsageError when there is no such file or system."""
    path, colon, system = given.rpartition(":")
    if not colon or Path(given).exists():
        return Operand(given, read_results(Path(given)), None)
    results = read_results(Path(path))
    known = [s.name for s in results.systems]
    if system not in known:
        raise UsageError(f"{path} has no system {system[:60]!r}; name one of {', '.join(known)}.")
    return Operand(path, results, system)


def compare(first: Operand, second: Operand) -> tuple[Comparison, ...]:
    """One comparison for each pair of systems: those named, or each that both results have. Raises UsageError when there is none."""
    pairs = _pairs(first, second)
    if not pairs:
        raise UsageError(
            "The two results have no system in common; name one of each, as in results.json:recorded."
        )
    return tuple(_compare(first, a, second, b) for a, b in pairs)


def _pairs(first: Operand, second: Operand) -> list[tuple[str, str]]:
    if first.system or second.system:
        a, b = first.system or second.system or "", second.system or first.system or ""
        for operand, system in ((first, a), (second, b)):
            if system not in [s.name for s in operand.results.systems]:
                raise UsageError(f"{operand.name} has no system {system!r}; name one after a colon.")
        return [(a, b)]
    others = {s.name for s in second.results.systems}
    return [(s.name, s.name) for s in first.results.systems if s.name in others]


def _compare(first: Operand, a: str, second: Operand, b: str) -> Comparison:
    mine, theirs = first.results, second.results
    cases = _shared_cases(mine, theirs)
    names = dict.fromkeys((*mine.score_names(), *theirs.score_names()))
    changes = [c for name in FACT_SCORES for case in cases for c in _changes(mine, a, theirs, b, name, case)]
    return Comparison(
        a=_side(first, a),
        b=_side(second, b),
        differences=tuple(_difference(mine, a, theirs, b, name, cases) for name in names),
        won=tuple(change for gain, change in changes if gain > 0),
        lost=tuple(change for gain, change in changes if gain < 0),
        notes=tuple(_notes(first, a, second, b)),
    )


def _shared_cases(mine: Results, theirs: Results) -> list[CaseRecord]:
    others = {case.name for case in theirs.cases}
    return [case for case in mine.cases if case.name in others]


def _side(operand: Operand, system: str) -> Side:
    runs = [run for run in operand.results.runs_of(system) if run.status == "scored"]
    return Side(
        name=operand.name,
        system=system,
        drafts=len(runs),
        usage=Usage(
            prompt_tokens=total(run.usage.prompt_tokens for run in runs),
            cached_tokens=total(run.usage.cached_tokens for run in runs),
            completion_tokens=total(run.usage.completion_tokens for run in runs),
        ),
        cost_usd=total(run.cost_usd for run in runs),
        seconds=sum(run.seconds for run in runs),
    )


def total(values: Iterable[Number | None]) -> Number | None:
    """The sum; None when there is nothing or a part is not known."""
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known[1:], start=known[0]) if found and len(known) == len(found) else None


def _difference(
    mine: Results, a: str, theirs: Results, b: str, name: str, cases: Sequence[CaseRecord]
) -> Difference:
    by_case: dict[str, float] = {}
    unpaired = 0
    for case in cases:
        before, after = mine.mean(a, name, case.name).value, theirs.mean(b, name, case.name).value
        if before is not None and after is not None:
            by_case[case.name] = after - before
        elif before is not None or after is not None:
            unpaired += 1
    found = Difference(
        name=name,
        a=mine.mean(a, name),
        b=theirs.mean(b, name),
        difference=sum(by_case.values()) / len(by_case) if by_case else None,
        by_case=by_case,
        unpaired=unpaired,
    )
    units = [
        _paired_units(mine, a, theirs, b, name, case, number)
        for number, case in enumerate(case for case in cases if case.name in by_case)
    ]
    interval: Interval | None = None
    unit: Literal["entry", "document"] | None = None
    pairs = 0
    if units and all(units):
        sample = [one for paired in units if paired for one in paired]
        unit, pairs = "entry", len(sample)
        if pairs >= FEWEST_UNITS:
            interval = bootstrap_interval(sample, mean_of_cases)
    elif len(by_case) >= FEWEST_DOCUMENTS:
        unit, pairs = "document", len(by_case)
        interval = bootstrap_interval(list(by_case.values()), lambda drawn: sum(drawn) / len(drawn))
    if interval is None:
        return found
    return found.model_copy(update={"low": interval.low, "high": interval.high, "unit": unit, "pairs": pairs})


def _paired_units(
    mine: Results, a: str, theirs: Results, b: str, name: str, case: CaseRecord, number: int
) -> list[Unit] | None:
    """The difference in each entry of the gold that both sides count, or None when they do not count the same entries of it (a sentence of
    one side is no pair to the sentence that stands in its place on the other).
    """
    before = counted_items(mine.runs_of(a, case.name), name)
    after = counted_items(theirs.runs_of(b, case.name), name)
    if before is None or after is None or before.keys() != after.keys():
        return None
    if not {item for _, item in before} <= {entry.id for entry in case.entries}:
        return None
    return [
        Unit(number, (_average(after[i]) - _average(before[i])) * before[i][0].weight, before[i][0].weight)
        for i in before
    ]


def _average(items: Sequence[ScoreItem]) -> float:
    return sum(item.value or 0 for item in items) / len(items)


def _changes(
    mine: Results, a: str, theirs: Results, b: str, name: str, case: CaseRecord
) -> list[tuple[float, FactChange]]:
    """Facts whose standing changed, with by how much: contradicts -1, omits 0, states 1, as the mean over repetitions."""
    before, after = mine.items(a, name, case.name), theirs.items(b, name, case.name)
    entries = {entry.id: entry for entry in case.entries}
    changes = []
    for fact in before:
        if fact not in after:
            continue
        gain = _standing(after[fact]) - _standing(before[fact])
        if not gain:
            continue
        relied_on = next((i.sentence for i in after[fact] if i.sentence), None) or next(
            (i.sentence for i in before[fact] if i.sentence), None
        )
        entry = entries.get(fact)
        changes.append(
            (
                gain,
                FactChange(
                    case=case.name,
                    id=fact,
                    importance=entry.importance if entry else None,
                    statement=entry.statement if entry else fact,
                    before=tell_verdicts(before[fact]),
                    after=tell_verdicts(after[fact]),
                    sentence=relied_on,
                ),
            )
        )
    return changes


def _standing(items: Sequence[ScoreItem]) -> float:
    return sum(_STANDING[item.verdict] for item in items) / len(items)


def tell_verdicts(items: Sequence[ScoreItem]) -> str:
    """What became of one thing; over several drafts, with of how many each."""
    counts = {verdict: sum(item.verdict == verdict for item in items) for verdict in _STANDING}
    if len(items) == 1:
        return items[0].verdict
    return ", ".join(f"{verdict} {count} of {len(items)}" for verdict, count in counts.items() if count)


def _notes(first: Operand, a: str, second: Operand, b: str) -> Iterable[str]:
    mine, theirs = first.results, second.results
    if mine.judge != theirs.judge:
        yield "The judge is not the same on both sides, so that a difference may be the judge's."
    if mine.scorers_sha256 != theirs.scorers_sha256:
        yield "The scorers have changed between the two, so that a difference may be theirs."
    own = {case.name: case for case in mine.cases}
    for case in theirs.cases:
        other = own.get(case.name)
        if other is not None and other.gold_sha256 != case.gold_sha256:
            yield f"The gold of {case.name} has changed between the two."
        if other is not None and other.passages_sha256 != case.passages_sha256:
            yield f"The document of {case.name} is read otherwise than before."
    alone = sorted({c.name for c in mine.cases} ^ {c.name for c in theirs.cases})
    if alone:
        yield f"Only one side has {', '.join(alone)}."
    for operand, system in ((first, a), (second, b)):
        for run in operand.results.runs_of(system):
            if run.status != "scored":
                yield f"{operand.name}: {system} on {run.case} is {run.status}: {run.reason}"
