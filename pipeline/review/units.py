"""Units: the parts of a draft that an editor decides about, one by one, each under a path that never changes.

A unit is a claim, or an entry of the risk assessment without the claims inside it. Paths are those of the draft as the model wrote it;
an entry that an editor added stands under ``[+n]``, n being the number of the decision that added it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from pipeline.errors import UsageError
from schemas.draft import Draft
from schemas.risk import (
    Action,
    DueDiligenceAction,
    Exposure,
    LeftOut,
    MaterialRisk,
    Precedent,
    Provision,
)
from schemas.summaries import Claim, ConsumerSentence, LegalSentence

UnitKind = Literal["claim", "entry"]

# Each list of a draft, in the order in which it is shown, with the class of its entries.
LISTS: dict[str, type[BaseModel]] = {
    "consumer.sentences": ConsumerSentence,
    "legal.sentences": LegalSentence,
    "risk.provisions": Provision,
    "risk.regulatory_exposure": Exposure,
    "risk.material_risks": MaterialRisk,
    "risk.vendor_due_diligence": DueDiligenceAction,
    "risk.enforcement_precedents": Precedent,
    "risk.left_out": LeftOut,
}

# Claims inside an entry, which are units of their own.
INNER: dict[type[BaseModel], tuple[str, ...]] = {
    Provision: ("what_it_is", "why_it_matters", "what_you_can_do"),
    Exposure: ("rationale",),
    MaterialRisk: ("rationale",),
}

_LABEL = r"\[(\+?\d+)\]"
_ENTRY = re.compile(rf"({'|'.join(map(re.escape, LISTS))}){_LABEL}")
_INNER = re.compile(rf"(.+?)\.(what_it_is|why_it_matters|rationale|what_you_can_do)(?:{_LABEL})?")


@dataclass(frozen=True, slots=True)
class Place:
    """What a path names: the class of the value there, and the path of the entry around it."""

    path: str
    answer: type[BaseModel]
    parent: str | None
    kind: UnitKind


def place_of(path: str) -> Place | None:
    """What a unit's path names, or None when no unit can have it."""
    entry = _ENTRY.fullmatch(path)
    if entry:
        answer = LISTS[entry[1]]
        return Place(path, answer, None, "claim" if issubclass(answer, Claim) else "entry")
    inner = _INNER.fullmatch(path)
    parent = place_of(inner[1]) if inner else None
    if not inner or not parent or inner[2] not in INNER.get(parent.answer, ()):
        return None
    many = inner[2] == "what_you_can_do"
    if many is (inner[3] is None):
        return None
    return Place(path, Action if many else Claim, parent.path, "claim")


def list_of(path: str) -> type[BaseModel] | None:
    """The class of the entries of a list that can grow: one of ``LISTS``, or a provision's actions; None when it is no such list."""
    if path in LISTS:
        return LISTS[path]
    place = place_of(f"{path}[0]")
    return place.answer if place and place.parent else None


def own_fields(value: BaseModel) -> dict[str, Any]:
    """A unit's own value: all of a claim, an entry without the claims inside it."""
    return value.model_dump(mode="json", exclude=set(INNER.get(type(value), ())))


def read_unit(place: Place, value: dict[str, Any]) -> dict[str, Any]:
    """A unit's own value as its schema has it. Raises UsageError in one sentence when it does not fit.

    Whether what it says is true is the checks' to tell.
    """
    inner = INNER.get(place.answer, ())
    if unknown := set(inner) & set(value):
        raise UsageError(f"{min(unknown)} is a claim of its own and is edited by itself.")
    return _validated(place.answer, value | _filler(place.answer), place.path, exclude=set(inner))


def read_entry(path: str, value: dict[str, Any]) -> dict[str, Any]:
    """A new entry of the list at ``path``, whole. Raises UsageError in one sentence when there is no such list or it does not fit."""
    answer = list_of(path)
    if answer is None:
        raise UsageError(f"{path} is no list of a draft that an editor can add to.")
    return _validated(answer, value, path, exclude=set())


def walk_units(draft: Draft) -> Iterator[tuple[Place, BaseModel]]:
    """Every unit of a draft as it is, with its place: entries before the claims inside them, in the order in which they are shown."""
    for path, entries in lists_of(draft).items():
        for n, entry in enumerate(entries):
            yield from walk_entry(f"{path}[{n}]", entry)


def walk_entry(path: str, entry: BaseModel) -> Iterator[tuple[Place, BaseModel]]:
    """The units of one entry, the entry first."""
    place = place_of(path)
    assert place is not None, path
    yield place, entry
    for name in INNER.get(type(entry), ()):
        inner = getattr(entry, name)
        if isinstance(inner, list):
            for k, action in enumerate(inner):
                yield Place(f"{path}.{name}[{k}]", Action, path, "claim"), action
        else:
            yield Place(f"{path}.{name}", Claim, path, "claim"), inner


def lists_of(draft: Draft) -> dict[str, list[Any]]:
    """The lists of a draft by their paths."""
    return {path: getattr(getattr(draft, path.split(".")[0]), path.split(".")[1]) for path in LISTS}


def _filler(answer: type[BaseModel]) -> dict[str, Any]:
    """Stands for the claims inside an entry while its own fields are looked at."""
    blank = {"text": "", "basis": "stated", "evidence": [], "absent_terms": [], "statutes": []}
    return {name: [] if name == "what_you_can_do" else blank for name in INNER.get(answer, ())}


def _validated(
    answer: type[BaseModel], value: dict[str, Any], path: str, *, exclude: set[str]
) -> dict[str, Any]:
    try:
        return answer.model_validate(value).model_dump(mode="json", exclude=exclude)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the value"
        raise UsageError(f"{path} cannot be changed like this: {where}: {first['msg']}.") from None
