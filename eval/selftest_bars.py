"""The self-test's bars, ``selftest.toml``: what each judge should reach, what CI holds of it, and which planted sentences it was written for.

Whether sentences were looked at is a property of a judge and not of the sentences: a round that has taught the rules something may still be
unknown to the model judge's prompt. So each judge names the rounds whose sentences its writer has consulted, and those that it is only measured
on, whose figures tell how it does on sentences that it was not written for. ``eval/planted/README.md`` says who may read what.
"""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, FiniteFloat, ValidationError, model_validator

from eval.cases import Case, gold_folder
from eval.plants import list_rounds, load_plants
from pipeline.errors import UsageError
from schemas.base import Value
from schemas.planted import Planted, Round

Part = Literal["looked-at", "only-measured"]
LOOKED_AT: Part = "looked-at"
ONLY_MEASURED: Part = "only-measured"
PARTS: tuple[Part, ...] = (LOOKED_AT, ONLY_MEASURED)

Fraction = Annotated[FiniteFloat, Field(ge=0, le=1)]


class PartBars(Value):
    """What CI holds for one part: the least share of wrong sentences detected, the most of right ones flagged."""

    detected: Fraction
    flagged: Fraction


class JudgeBars(Value):
    """What a judge should reach on sentences that it was not written for, the rounds of its two parts, and the bars for each part.

    A round that stands in neither part is one that the judge is not tried on.
    """

    aim_detected: Fraction
    aim_flagged: Fraction
    looked_at: tuple[Round, ...]
    only_measured: tuple[Round, ...]
    parts: dict[Part, PartBars] = Field(default_factory=dict)

    def rounds(self, part: Part) -> tuple[int, ...]:
        """The rounds of a part."""
        return self.looked_at if part == LOOKED_AT else self.only_measured

    def part_of(self, number: int) -> Part | None:
        """The part that a round stands in."""
        return next((part for part in PARTS if number in self.rounds(part)), None)

    @model_validator(mode="after")
    def _rounds_fit(self) -> Self:
        named = (*self.looked_at, *self.only_measured)
        if not named:
            raise ValueError("looked_at and only_measured are both empty; name a round to try the judge on")
        twice = next((number for number in named if named.count(number) > 1), None)
        if twice is not None:
            raise ValueError(f"round {twice} is named twice; a round is either looked at or only measured")
        for part in self.parts:
            if not self.rounds(part):
                raise ValueError(
                    f"there are bars for {part} and no round of it; name one, or remove the bars"
                )
        return self


class SelfTestBars(Value):
    """``selftest.toml``: bars by the judge's name."""

    schema_version: Literal["1.0"]
    judges: dict[str, JudgeBars]

    def of(self, judge: str) -> JudgeBars:
        """The bars of a judge. Raises UsageError when there are none."""
        if judge not in self.judges:
            raise UsageError(
                f"{bars_path().name} has no [judges.{judge}]; write there its aims, and in looked_at and only_measured the rounds of planted "
                "sentences that its writer has and has not seen."
            )
        return self.judges[judge]


def bars_path() -> Path:
    """The self-test's bars in this package."""
    return gold_folder().parent / "selftest.toml"


def load_selftest_bars(path: Path | None = None, *, planted: Path | None = None) -> SelfTestBars:
    """The bars. Raises UsageError when they cannot be read, or name a round that the folder ``planted``, by default this package's, has not."""
    path = path or bars_path()
    try:
        bars = SelfTestBars.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UsageError(f"{path.name} cannot be read ({why}); name another.") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path.name} is not TOML ({error}); correct it.") from None
    except ValidationError as error:
        raise UsageError(f"{path.name}: {_refused(error.errors(include_url=False)[0])}") from None
    there = list_rounds(planted)
    for name, held in bars.judges.items():
        for part in PARTS:
            for number in held.rounds(part):
                if number not in there:
                    raise UsageError(
                        f"{path.name}: judges.{name} names round {number}, and there is no round-{number}.yaml among the planted sentences; "
                        f"there {_are(there)}."
                    )
    return bars


def load_part(judge: str, part: Part, *, cases: Sequence[Case] | None = None) -> tuple[Planted, ...]:
    """The planted sentences of this package that stand in a part of a judge, in the order of its rounds.

    Raises UsageError when the bars or the sentences have problems.
    """
    return load_plants(load_selftest_bars().of(judge).rounds(part), cases=cases)


def tell_rounds(rounds: Iterable[int]) -> str:
    """One or more rounds in words: "round 2", "rounds 1, 2 and 4"."""
    *others, last = map(str, rounds)
    return f"rounds {', '.join(others)} and {last}" if others else f"round {last}"


def _are(rounds: Sequence[int]) -> str:
    return f"{'is' if len(rounds) == 1 else 'are'} {tell_rounds(rounds)}" if rounds else "is none"


def _refused(error: Any) -> str:
    place = ".".join(map(str, error["loc"])) or "the file"
    if error["type"] == "missing" and error["loc"][-1] in ("looked_at", "only_measured"):
        return f"{place}: this key is missing; list there rounds of planted sentences, or none: [] (eval/planted/README.md)."
    if error["type"] == "value_error":
        return f"{place}: {error['ctx']['error']}."
    return f"{place}: {error['msg'].rstrip('.')}; correct it."
