"""Planted sentences: the two files of them, loaded only when every one can be relied on.

``looked-at`` may be read by whoever writes judges; ``only-measured`` is for measuring alone, so that its figures tell how a judge does
on sentences it was not written for. A figure from plants with a stale fact or a sentence given twice would be a figure about nothing.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from eval.cases import Case, gold_folder, load_cases
from eval.gold_file import Place, Problem, line_of, read_gold_file, tell
from eval.keys import plain_words
from eval.references import list_entries
from pipeline.document.sentences import split_sentences
from pipeline.errors import UsageError
from schemas.planted import Part, Planted, PlantedFile

PARTS: tuple[Part, ...] = ("looked-at", "only-measured")


def planted_folder() -> Path:
    """Where the planted sentences of this package stand."""
    return gold_folder().parent / "planted"


def load_plants(
    *parts: Part, folder: Path | None = None, cases: Sequence[Case] | None = None
) -> tuple[Planted, ...]:
    """The planted sentences of the parts, of both when none is named, in the files' order.

    Both files are checked whatever is asked for. ``cases`` are those that the sentences are about, by default those of this package.
    Raises UsageError when the plants have problems.
    """
    loaded, problems = _read(folder or planted_folder(), load_cases() if cases is None else cases)
    if problems:
        raise UsageError(
            f"The planted sentences have {len(problems)} problem(s), the first: {problems[0].rstrip('.')}; correct the file."
        )
    return tuple(plant for part in PARTS if part in (parts or PARTS) for plant in loaded[part])


def lint_plants(folder: Path | None = None, cases: Sequence[Case] | None = None) -> list[str]:
    """Every problem of the planted sentences: ``file:line: place: sentence``."""
    return _read(folder or planted_folder(), load_cases() if cases is None else cases)[1]


def draw_parts(plants: Iterable[Planted], seed: str) -> dict[Part, tuple[Planted, ...]]:
    """Half of the plants for each part, at random and the same for the same seed, whatever order they are given in.

    Within each group of one policy, one error type or trap, and one difficulty they are paired at random, and a coin sends one of each pair
    to each part; what is left of odd groups is paired with its neighbours in the same way. So the parts differ by one sentence at most in
    every group and as a whole.
    """
    groups: dict[tuple[str, ...], list[Planted]] = {}
    for plant in sorted(plants, key=lambda plant: _random(seed, plant.id)):
        groups.setdefault(_group(plant), []).append(plant)
    left = [groups[group].pop() for group in sorted(groups) if len(groups[group]) % 2]
    drawn: dict[Part, list[Planted]] = {part: [] for part in PARTS}
    for members in (*groups.values(), left):
        for first in range(0, len(members), 2):
            pair = members[first : first + 2]
            coin = _random(seed, *(plant.id for plant in pair))[0] % 2
            for index, plant in enumerate(pair):
                drawn[PARTS[(coin + index) % 2]].append(plant)
    return {part: tuple(sorted(chosen, key=lambda plant: plant.id)) for part, chosen in drawn.items()}


def _group(plant: Planted) -> tuple[str, ...]:
    return plant.policy, str(plant.wrong), plant.error_type or plant.trap or "", plant.difficulty


def _random(seed: str, *words: str) -> bytes:
    """Bytes that look random and stay the same in every version of Python."""
    return hashlib.sha256(" ".join((seed, *words)).encode()).digest()


def _read(folder: Path, cases: Sequence[Case]) -> tuple[dict[Part, tuple[Planted, ...]], list[str]]:
    loaded: dict[Part, tuple[Planted, ...]] = {}
    told: list[str] = []
    seen: dict[str, str] = {}
    known = {case.name: {entry.id for _, entry in list_entries(case.gold)} for case in cases}
    for part in PARTS:
        path = folder / f"{part}.yaml"
        file = read_gold_file(path)
        problems = list(file.problems)
        loaded[part] = ()
        if file.data is not None:
            try:
                planted = PlantedFile.model_validate(file.data)
            except ValidationError as error:
                problems += _refused(error)
            else:
                loaded[part] = planted.sentences
                problems += _check(planted, part, known, seen)
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
    planted: PlantedFile, part: Part, known: dict[str, set[str]], seen: dict[str, str]
) -> Iterator[Problem]:
    if planted.part != part:
        yield Problem(("part",), f"this file is named {part}; correct the part or the file's name.")
    for index, plant in enumerate(planted.sentences):
        place: Place = ("sentences", index)
        for key, given in (("id", plant.id), ("text", plain_words(plant.text))):
            if given in seen:
                yield Problem(
                    (*place, key),
                    f"{seen[given]} has the same {key}; give each sentence once, under its own id.",
                )
            seen.setdefault(given, f"{plant.id} in {part}")
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
