"""Planted sentences: the files of them, a round of writing in each, loaded only when every one can be relied on.

A round is ``round-N.yaml``, and any number of rounds may be there. Which of them a judge was written for is the judge's matter and stands with
its bars (``eval.selftest_bars``). A figure from plants with a stale fact or a sentence given twice would be a figure about nothing.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from eval.cases import Case, gold_folder, load_cases
from eval.gold_file import Place, Problem, line_of, read_gold_file, tell
from eval.keys import plain_words
from eval.references import list_entries
from pipeline.document.sentences import split_sentences
from pipeline.errors import UsageError
from schemas.planted import Planted, PlantedFile

_ROUND = re.compile(r"round-([1-9][0-9]*)\.yaml")


def planted_folder() -> Path:
    """Where the planted sentences of this package stand."""
    return gold_folder().parent / "planted"


def list_rounds(folder: Path | None = None) -> tuple[int, ...]:
    """The rounds that are there, in order, whatever is in them."""
    return tuple(_find_rounds(folder or planted_folder())[0])


def load_rounds(
    folder: Path | None = None, cases: Sequence[Case] | None = None
) -> dict[int, tuple[Planted, ...]]:
    """The planted sentences of every round, in order. ``cases`` are those that they are about, by default those of this package.

    Raises UsageError when the plants have problems.
    """
    loaded, problems = _read(folder or planted_folder(), load_cases() if cases is None else cases)
    if problems:
        raise UsageError(
            f"The planted sentences have {len(problems)} problem(s), the first: {problems[0].rstrip('.')}; correct the file."
        )
    return loaded


def load_plants(
    rounds: Collection[int] | None = None,
    *,
    folder: Path | None = None,
    cases: Sequence[Case] | None = None,
) -> tuple[Planted, ...]:
    """The planted sentences of the rounds, of all when None, in the files' order.

    All files are checked whatever is asked for. Raises UsageError as ``load_rounds`` does, and when a round is not there.
    """
    loaded = load_rounds(folder, cases)
    for number in rounds or ():
        if number not in loaded:
            raise UsageError(
                f"There is no round-{number}.yaml among the planted sentences; name one of the rounds {', '.join(map(str, loaded))}."
            )
    return tuple(
        plant for number, plants in loaded.items() if rounds is None or number in rounds for plant in plants
    )


def lint_plants(folder: Path | None = None, cases: Sequence[Case] | None = None) -> list[str]:
    """Every problem of the planted sentences: ``file:line: place: sentence``."""
    return _read(folder or planted_folder(), load_cases() if cases is None else cases)[1]


def _find_rounds(folder: Path) -> tuple[dict[int, Path], list[Path]]:
    """The rounds of a folder in order, and what looks like planted sentences and is no round."""
    rounds, others = {}, []
    for path in sorted(folder.glob("*.y*ml")):
        match = _ROUND.fullmatch(path.name)
        if match:
            rounds[int(match[1])] = path
        else:
            others.append(path)
    return dict(sorted(rounds.items())), others


def _read(folder: Path, cases: Sequence[Case]) -> tuple[dict[int, tuple[Planted, ...]], list[str]]:
    rounds, others = _find_rounds(folder)
    loaded: dict[int, tuple[Planted, ...]] = {}
    told = [
        f"{path.name}:1: this is no round; name it round-1.yaml, round-2.yaml and so on." for path in others
    ]
    if not rounds:
        told.append(f"{folder.name}:1: there are no planted sentences; write some to round-1.yaml.")
    seen: dict[str, str] = {}
    known = {case.name: {entry.id for _, entry in list_entries(case.gold)} for case in cases}
    for number, path in rounds.items():
        file = read_gold_file(path)
        problems = list(file.problems)
        loaded[number] = ()
        if file.data is not None:
            try:
                planted = PlantedFile.model_validate(file.data)
            except ValidationError as error:
                problems += _refused(error)
            else:
                loaded[number] = planted.sentences
                problems += _check(planted, number, known, seen)
        problems.sort(key=lambda problem: line_of(problem.place, file.lines))
        told += (tell(problem, path.name, file.lines) for problem in problems)
    return loaded, told


def _refused(error: ValidationError) -> Iterator[Problem]:
    errors = error.errors(include_url=False)
    for found in errors:
        kind, place = found["type"], tuple(found["loc"])
        # A list whose entries were refused is told as empty too, which would send people to the wrong place.
        if kind == "too_short" and any(
            place == other["loc"][: len(place)] != other["loc"] for other in errors
        ):
            continue
        if kind == "value_error":
            yield Problem(place, f"{found['ctx']['error']}.")
        elif kind == "extra_forbidden":
            yield Problem(place, "there is no such key; correct or remove it.")
        elif kind == "missing":
            yield Problem(place, "this key is missing.")
        else:
            yield Problem(place, f"{found['msg'][:1].lower()}{found['msg'][1:]}.")


def _check(
    planted: PlantedFile, number: int, known: dict[str, set[str]], seen: dict[str, str]
) -> Iterator[Problem]:
    if planted.round != number:
        yield Problem(("round",), f"this file is named round-{number}.yaml; correct the round or the name.")
    for index, plant in enumerate(planted.sentences):
        place: Place = ("sentences", index)
        for key, given in (("id", plant.id), ("text", plain_words(plant.text))):
            if given in seen:
                yield Problem(
                    (*place, key),
                    f"{seen[given]} has the same {key}; give each sentence once, under its own id.",
                )
            seen.setdefault(given, f"{plant.id} in round {number}")
        if plant.policy not in known:
            yield Problem(
                (*place, "policy"), f"there is no case {plant.policy!r}; name one of {', '.join(known)}."
            )
        for number, fact in enumerate(plant.facts):
            if fact not in known.get(plant.policy, {fact}):
                yield Problem((*place, "facts", number), f"the gold of {plant.policy} has no entry {fact}.")
        sentences = len(split_sentences(plant.text))
        if (sentences > 1) != plant.is_whole_text:
            yield Problem(
                (*place, "text"),
                f"this is {sentences} sentence(s); only texts that omit facts or hold all of them have several.",
            )
