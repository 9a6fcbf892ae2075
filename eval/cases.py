"""Cases: a policy with its gold, paired by name, and the lint that refuses a gold which does not hold.

A case is loaded only when its gold is without a problem: scores against a gold with stale anchors would be numbers about nothing.
"""

import asyncio
import copy
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from eval.blanks import find_blanks, without_echoes
from eval.gold_file import GoldFile, Place, Problem, line_of, read_gold_file, tell
from eval.references import LISTS, RISK_LISTS, check_references
from pipeline.document.reader import read_document
from pipeline.errors import SourceError, UsageError
from pipeline.source.reader import read_source
from schemas.document import Document
from schemas.gold import ANCHOR_NAME, ENTRY_ID, KEY, ONE_LINE, Gold

_FORMS = {
    ONE_LINE: "write one line of text, without blank space at its ends",
    ENTRY_ID: "an id is two capital letters, a hyphen and two or three digits, such as CF-01",
    ANCHOR_NAME: "an anchor's name is of small letters, digits, dots and hyphens, such as s3.r9",
    KEY: "a key is words with one space between them, and * only at the end of a word",
}
_SHAPES = {
    "string_type": "text is wanted here; put numbers, dates and words such as yes, no and on in quotes.",
    "tuple_type": "a list is wanted here; begin each of its lines with a hyphen.",
    "model_type": "keys with values are wanted here; clausewise schema gold shows which.",
    "dict_type": "names with lists of passage ids are wanted here.",
    "missing": "this key is missing.",
    "extra_forbidden": "there is no such key here; correct or remove it (clausewise schema gold shows all).",
    "too_short": "the list is empty; it needs an entry.",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A document and what a careful reader found in it. ``name`` is the stem of both files."""

    name: str
    document: Document
    gold: Gold

    def passage_ids(self, anchors: tuple[str, ...]) -> tuple[str, ...]:
        """The ids of the passages that anchors name, each once, in the anchors' order."""
        return tuple(dict.fromkeys(p for name in anchors for p in self.gold.anchors[name]))


def gold_folder() -> Path:
    """Where the gold files of this package stand."""
    return Path(str(files("eval"))) / "gold"


def list_gold(path: Path) -> tuple[Path, ...]:
    """The gold files of a folder in the order of their names, or the one file. Raises UsageError when there is none."""
    if not path.is_dir():
        if not path.is_file():
            wrong = "is neither a file nor a folder" if path.exists() else "does not exist"
            raise UsageError(f"{path} {wrong}; give a gold file or a folder of gold files.")
        return (path,)
    found = tuple(sorted(path.glob("*.yaml")))
    if not found:
        raise UsageError(f"{path} holds no gold file (*.yaml); give a gold file or a folder of gold files.")
    return found


def load_case(path: Path) -> Case:
    """The case of one gold file. Raises UsageError when the gold has problems. Not to be called within a running event loop."""
    case, problems = _read(path)
    if case is None or problems:
        raise UsageError(
            f"{path.name} has {len(problems)} problem(s), the first: {problems[0].rstrip('.')}; see clausewise eval lint."
        )
    return case


def load_cases(path: Path | None = None) -> tuple[Case, ...]:
    """The cases of a folder of gold files, by default those of this package. Raises UsageError as ``load_case`` does."""
    return tuple(load_case(file) for file in list_gold(path or gold_folder()))


def lint(path: Path) -> list[str]:
    """Every problem of the gold files at a path: ``file:line: place: sentence``. Raises UsageError when there is no file."""
    return [problem for file in list_gold(path) for problem in _read(file)[1]]


def policy_folders(gold: Path) -> tuple[Path, Path, Path]:
    """Where the policy of a gold file is looked for, in this order: in ``policies`` beside the file's folder, beside the file, in this
    package.
    """
    return gold.parent.parent / "policies", gold.parent, gold_folder().parent / "policies"


def _read(path: Path) -> tuple[Case | None, list[str]]:
    file = read_gold_file(path)
    case, found = _check(path, file)
    blanks = list(find_blanks(file.data))
    found = without_echoes(found, blanks)
    problems = sorted(
        (*file.problems, *blanks, *found), key=lambda problem: line_of(problem.place, file.lines)
    )
    return case, [tell(problem, path.name, file.lines) for problem in problems]


def _check(path: Path, file: GoldFile) -> tuple[Case | None, list[Problem]]:
    if file.data is None:
        return None, []
    refused: list[Problem] = []
    kept: dict[Place, list[int]] = {}
    try:
        gold = Gold.model_validate(file.data)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        refused = [Problem(tuple(e["loc"]), _sentence(e)) for e in errors]
        rest, kept = _without_refused(file.data, errors)
        if rest is None:
            return None, refused
        gold = rest
    document, unread = _document(path, gold)
    if document is None:
        return None, [*refused, *unread]
    found = check_references(
        gold, document, other_ids=_ids(file.data), other_anchors=file.data["anchors"] if refused else ()
    )
    found = [problem._replace(place=_original(problem.place, kept)) for problem in found]
    return Case(path.stem, document, gold), [*refused, *unread, *found]


def _document(path: Path, gold: Gold) -> tuple[Document | None, list[Problem]]:
    """The policy that belongs to a gold file."""
    place, name = ("policy", "file"), gold.policy.file
    problems = []
    if Path(name).stem != path.stem:
        problems.append(
            Problem(
                place,
                f"policy and gold are paired by name; name this file {Path(name).stem}.yaml or correct the policy's.",
            )
        )
    folders = policy_folders(path)
    found = [folder / name for folder in folders if Path(name).name == name and (folder / name).is_file()]
    if not found:
        told = (
            f"there is no policy {name!r} in {folders[0].name} or beside this file; put the document there."
        )
        return None, [*problems, Problem(place, told)]
    try:
        return read_document(asyncio.run(read_source(str(found[0])))), problems
    except SourceError as error:
        return None, [*problems, Problem(place, str(error))]


def _sentence(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in _SHAPES:
        return _SHAPES[kind]
    if kind == "string_pattern_mismatch":
        return f"{_FORMS.get(context['pattern'], 'this is not in the form that is wanted')}."
    if kind == "literal_error":
        return f"{str(error['input'])[:60]!r} is not one of {context['expected']}."
    if kind == "value_error":
        return f"{context['error']}."
    if kind.startswith("date"):
        return "a date is wanted here, written as 2026-04-08."
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}."


def _without_refused(data: Any, errors: list[ErrorDetails]) -> tuple[Gold | None, dict[Place, list[int]]]:
    """What is left when the entries and keys that the schema refused are taken out, so that one slip does not hide other problems.

    With it, for each list that lost entries, the indices in the file of those that stayed. None when what is left is no gold.
    """
    places = [_removable(e) for e in errors]
    refused = {place for place in places if place is not None}
    if None in places:
        return None, {}
    data = copy.deepcopy(data)
    kept: dict[Place, list[int]] = {}
    # From the last to the first, so that an index still means what it meant in the file.
    for place in sorted(refused, key=lambda place: [str(part).zfill(9) for part in place], reverse=True):
        *way, last = place
        holder = data
        for part in way:
            holder = holder[part]
        if isinstance(last, int):
            kept.setdefault(tuple(way), list(range(len(holder)))).pop(last)
        del holder[last]
    try:
        return Gold.model_validate(data), kept
    except ValidationError:
        return None, {}


def _removable(error: ErrorDetails) -> Place | None:
    """What to take out for an error: the unknown key, or the smallest entry of a top list that holds it."""
    place = tuple(error["loc"])
    if error["type"] == "extra_forbidden":
        return place
    if place[:1] == ("anchors",) and len(place) > 1:
        return place[:2]
    first = next((i for i, part in enumerate(place) if isinstance(part, int)), None)
    return None if first is None else place[: first + 1]


def _original(place: Place, kept: dict[Place, list[int]]) -> Place:
    for end, part in enumerate(place):
        if isinstance(part, int) and place[:end] in kept:
            return (*place[:end], kept[place[:end]][part], *place[end + 1 :])
    return place


def _ids(data: dict[str, Any]) -> set[str]:
    """The ids that stand in the file, those of refused entries among them."""
    lists = [data.get(name) for name in LISTS] + [(data.get("risk") or {}).get(name) for name in RISK_LISTS]
    return {
        str(entry["id"])
        for entries in lists
        for entry in entries or ()
        if isinstance(entry, dict) and "id" in entry
    }
