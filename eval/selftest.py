"""The harness tests itself: does it see planted errors, does each score see what it is about, do good summaries come out above bad ones?

Its figures are shares with intervals beside the aims for a judge, met or not. What CI holds are the bars of ``selftest.toml``, which lie where
the judge stands and not where it should: a figure that falls is a regression, and an aim that is not met is told and not hidden. Mutations
and graded summaries have no bars; one that does not come out as it should is a fault of the harness.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, FiniteFloat

from eval.agreement import wilson_interval
from eval.cases import Case
from eval.gated import FAILED, PASSED, Check
from eval.graded import Graded, grade_summaries
from eval.judges.model import ModelJudge
from eval.judges.verdict import Judge
from eval.mutations import Mutated, mutate
from eval.planting import GoodDraft, Planter, Planting, good_draft
from eval.plants import load_rounds
from eval.results import JudgeRecord
from eval.run import find_cases, record_judge
from eval.selftest_bars import (
    ONLY_MEASURED,
    PARTS,
    JudgeBars,
    Part,
    SelfTestBars,
    bars_path,
    load_selftest_bars,
)
from pipeline.errors import UsageError
from schemas.base import Value
from schemas.planted import Planted, Round

_TOLERANCE = 1e-6
# Sentences between two lines of progress.
_EACH = 50

By = Literal["all", "kind", "difficulty", "artefact"]


class GoodRecord(Value):
    """The draft that sentences were planted in, and those of its own sentences that the judge flags, by path with what it says."""

    case: str
    origin: str
    sentences: int
    flagged: dict[str, tuple[str, ...]]


class Share(Value):
    """How many of a group of planted sentences were flagged, with the 95 % interval of the share, and how many lowered a score.

    ``by`` says what ``name`` is: a ``kind`` is an error type or a trap. ``lowered`` is None where it was not measured.
    """

    part: Part
    wrong: bool
    by: By
    name: str
    total: int = Field(gt=0)
    flagged: int = Field(ge=0)
    low: FiniteFloat
    high: FiniteFloat
    lowered: int | None

    @property
    def value(self) -> float:
        """The share that was flagged."""
        return self.flagged / self.total


class Aim(Value):
    """A share beside what the judge should reach: of wrong sentences at least that, of right ones at most."""

    part: Part
    wrong: bool
    value: FiniteFloat
    aim: FiniteFloat
    met: bool


class SelfTest(Value):
    """Everything that a self-test found.

    ``rounds`` are those of planted sentences that the judge was tried on, by the part that they have for it. ``left_out`` says what was not tried
    with it, and why.
    """

    schema_version: Literal["1.0"]
    made_at: datetime
    seconds: FiniteFloat = Field(ge=0)
    judge: JudgeRecord
    rounds: dict[Part, tuple[Round, ...]]
    drafts: tuple[GoodRecord, ...]
    plantings: tuple[Planting, ...]
    shares: tuple[Share, ...]
    aims: tuple[Aim, ...]
    mutations: tuple[Mutated, ...]
    graded: tuple[Graded, ...]
    left_out: tuple[str, ...]
    checks: tuple[Check, ...]

    @property
    def exit_code(self) -> int:
        """1 when a check failed, else 0."""
        return FAILED if any(check.status == "failed" for check in self.checks) else PASSED

    def share(self, part: Part, wrong: bool) -> Share | None:
        """The share of all wrong or all right sentences of a part."""
        return next(
            (s for s in self.shares if (s.part, s.wrong, s.by) == (part, wrong, "all")),
            None,
        )


def selftest_package(
    judge: Judge, parts: Sequence[Part] = PARTS, *, told: Callable[[str], None] = lambda line: None
) -> SelfTest:
    """``run_selftest`` on the cases, bars and planted sentences of this package, with the rounds that the judge has in these parts.

    Rounds that it has in neither part are left out, and it says so. Raises as ``run_selftest`` does, and UsageError when there is no round to
    try the judge on.
    """
    bars = load_selftest_bars()
    held = bars.of(judge.name)
    asked = [part for part in parts if part == ONLY_MEASURED or not isinstance(judge, ModelJudge)]
    if not asked:
        raise UsageError(
            f"The model judge is asked about {ONLY_MEASURED} alone; leave --part out, or give --judge rules."
        )
    if not any(held.rounds(part) for part in asked):
        raise UsageError(
            f"{bars_path().name} names no round for the judge {judge.name} that is {' or '.join(asked)}; name one there, or give another part."
        )
    cases = find_cases(())
    rounds = load_rounds(cases=cases)
    plants = {
        part: tuple(plant for n, mine in rounds.items() if n in held.rounds(part) for plant in mine)
        for part in parts
        if held.rounds(part)
    }
    left_out = [
        f"the {len(sentences)} planted sentences of round {number}, which {bars_path().name} names in neither part of the judge {judge.name}."
        for number, sentences in rounds.items()
        if held.part_of(number) is None
    ]
    return run_selftest(cases, plants, judge, bars, left_out=left_out, told=told)


def run_selftest(
    cases: Sequence[Case],
    plants: Mapping[Part, Sequence[Planted]],
    judge: Judge,
    bars: SelfTestBars,
    *,
    recordings: Path | None = None,
    left_out: Sequence[str] = (),
    told: Callable[[str], None] = lambda line: None,
) -> SelfTest:
    """Every planted sentence, mutation and graded summary. ``plants`` are sentences by the part that they have for this judge; ``left_out`` says
    what was left out of them. ``told`` hears of progress, a line at a time; ``recordings`` is the folder of recorded drafts, by default this
    package's.

    The model judge is asked about planted sentences that are only measured and about recorded drafts alone: any other text would have to be
    recorded. What it is not asked about is told as left out and nowhere counted.
    Raises UsageError when the bars have no such judge, and ModelError or StaleRecordingError (exit code 3) when an endpoint or a recording was not there. Not to be called within a running
    event loop.
    """
    began = time.monotonic()
    recorded_only = isinstance(judge, ModelJudge)
    held = bars.of(judge.name)
    if recorded_only:
        left_out = (*left_out, *_unasked(plants), _LEFT_OUT)
        plants = {part: sentences for part, sentences in plants.items() if part == ONLY_MEASURED}
    drafts: list[GoodRecord] = []
    plantings: list[Planting] = []
    mutations: list[Mutated] = []
    graded: list[Graded] = []
    # Case by case, since a judge may keep what it works out of one.
    for case in cases:
        good: GoodDraft | None = good_draft(case, recordings)
        if good is not None and recorded_only and good.origin != "recorded":
            good = None
        plantings += _plant(case, plants, judge, good, told)
        if good is not None:
            drafts.append(_record_good(case, good, judge))
        if not recorded_only:
            mutations += mutate(case, judge)
            graded += grade_summaries(case, judge)
            told(f"{case.name}: mutations and graded summaries")
    order = list(plants)
    plantings.sort(key=lambda planting: order.index(planting.part))
    shares = tuple(_shares(plantings))
    return SelfTest(
        schema_version="1.0",
        made_at=datetime.now(UTC).replace(microsecond=0),
        seconds=round(time.monotonic() - began, 3),
        judge=record_judge(judge),
        rounds={part: held.rounds(part) for part in plants},
        drafts=tuple(drafts),
        plantings=tuple(plantings),
        shares=shares,
        aims=tuple(_aims(shares, held)),
        mutations=tuple(mutations),
        graded=tuple(graded),
        left_out=tuple(left_out),
        checks=(*_check_shares(shares, held), *_check_mutations(mutations), *_check_graded(graded)),
    )


_LEFT_OUT = (
    "mutations, graded summaries, and what planted sentences do to the scores of a draft that is not recorded: the model judge has no recorded "
    "answers about these texts."
)


def _unasked(plants: Mapping[Part, Sequence[Planted]]) -> Iterator[str]:
    for part, sentences in plants.items():
        if part != ONLY_MEASURED:
            yield f"the {len(sentences)} planted sentences of {part}: the model judge is asked about {ONLY_MEASURED} alone."


def _plant(
    case: Case,
    plants: Mapping[Part, Sequence[Planted]],
    judge: Judge,
    good: GoodDraft | None,
    told: Callable[[str], None],
) -> Iterator[Planting]:
    if isinstance(judge, ModelJudge) and good is not None:
        judge.prepare(good.candidate, case)
    planter = Planter(case, judge, good)
    for part, sentences in plants.items():
        mine = [plant for plant in sentences if plant.policy == case.name]
        if isinstance(judge, ModelJudge):
            judge.prepare_plants(mine, case)
        for n, plant in enumerate(mine, start=1):
            yield planter.plant(plant, part)
            if n % _EACH == 0 or n == len(mine):
                told(f"{case.name}: {n} of {len(mine)} planted sentences, {part}")


def _record_good(case: Case, good: GoodDraft, judge: Judge) -> GoodRecord:
    candidate = good.candidate
    sentences = [
        sentence
        for part in (candidate.consumer, candidate.legal, candidate.risk)
        for sentence in part.sentences
    ]
    flagged = {s.path: tuple(flag.message for flag in judge.weigh(s.text, case)) for s in sentences}
    return GoodRecord(
        case=case.name,
        origin=good.origin,
        sentences=len(sentences),
        flagged={path: said for path, said in flagged.items() if said},
    )


def _shares(plantings: Sequence[Planting]) -> Iterator[Share]:
    """The shares of each part, wrong sentences first: all, then by kind, difficulty and artefact in the order of their first sentence."""
    for part in dict.fromkeys(planting.part for planting in plantings):
        for wrong in (True, False):
            mine = [p for p in plantings if p.part == part and p.wrong == wrong]
            groups: dict[tuple[By, str], list[Planting]] = {}
            for planting in mine:
                groups.setdefault(("all", "all"), []).append(planting)
            for planting in mine:
                groups.setdefault(("kind", planting.kind), []).append(planting)
            for level in ("easy", "medium", "hard"):
                if of_level := [p for p in mine if p.difficulty == level]:
                    groups["difficulty", level] = of_level
            for planting in mine:
                groups.setdefault(("artefact", planting.artefact), []).append(planting)
            for (by, name), members in groups.items():
                yield _share(part, wrong, by, name, members)


def _share(part: Part, wrong: bool, by: By, name: str, members: Sequence[Planting]) -> Share:
    flagged = sum(planting.flagged for planting in members)
    interval = wilson_interval(flagged, len(members))
    lowered = [planting.lowered for planting in members]
    return Share(
        part=part,
        wrong=wrong,
        by=by,
        name=name,
        total=len(members),
        flagged=flagged,
        low=interval.low if interval else 0.0,
        high=interval.high if interval else 1.0,
        lowered=None if None in lowered else sum(bool(one) for one in lowered),
    )


def _aims(shares: Iterable[Share], held: JudgeBars) -> Iterator[Aim]:
    for share in shares:
        if share.by == "all":
            aim = held.aim_detected if share.wrong else held.aim_flagged
            yield Aim(
                part=share.part,
                wrong=share.wrong,
                value=share.value,
                aim=aim,
                met=share.value >= aim - _TOLERANCE if share.wrong else share.value <= aim + _TOLERANCE,
            )


def _check_shares(shares: Iterable[Share], held: JudgeBars) -> Iterator[Check]:
    for share in shares:
        if share.by != "all" or share.part not in held.parts:
            continue
        bars = held.parts[share.part]
        if share.wrong:
            name, kept = "wrong sentences detected", share.value >= bars.detected - _TOLERANCE
            message = f"{share.value:.3f}, the floor is {bars.detected:.3f}."
        else:
            name, kept = "right sentences flagged", share.value <= bars.flagged + _TOLERANCE
            message = f"{share.value:.3f}, the ceiling is {bars.flagged:.3f}."
        yield Check(name=f"{share.part}: {name}", status="passed" if kept else "failed", message=message)


def _check_mutations(mutations: Iterable[Mutated]) -> Iterator[Check]:
    for one in mutations:
        yield Check(
            name=f"{one.case}: {one.name} lowers {one.lowers.score} and nothing that it should not",
            status="failed" if one.problems else "passed",
            message=" ".join(one.problems),
        )


def _check_graded(graded: Iterable[Graded]) -> Iterator[Check]:
    for one in graded:
        yield Check(
            name=f"{one.case}: the {one.artefact} summary of {one.grade} comes out in its order",
            status="failed" if one.problems else "passed",
            message=" ".join(one.problems),
        )
