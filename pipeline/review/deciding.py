"""From what an editor wants to decisions: each is held against the draft as it stands, and all of them are made or none."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pipeline.errors import ConflictError, UsageError
from pipeline.review.fold import Folded, Unit, UnitStatus
from pipeline.review.units import Place, list_of, read_entry, read_unit
from schemas.review import Decision, NewDecision

_MOST_DECISIONS = 1_000  # in one act
_LONGEST_TEXT = 10_000  # characters of one text
_MOST_TEXT = 100_000  # characters of a unit's value

_STATUS: dict[str, UnitStatus] = {"accept": "accepted", "edit": "edited", "reject": "rejected"}
_DONE = {
    "accept": "accepted",
    "edit": "edited",
    "reject": "rejected",
    "add": "added",
    "undo": "took back a decision about",
    "dismiss": "dismissed a finding about",
}


def decide_all(
    folded: Folded,
    news: Sequence[NewDecision],
    seen: Mapping[str, int],
    by: str,
    at: datetime,
    last_number: int,
) -> list[Decision]:
    """The decisions that ``news`` make, with numbers that follow ``last_number``. Accepting what is accepted makes none.

    ``seen`` holds for each unit decided about the number of the last decision about it that its editor has seen, 0 or nothing for none.
    When an entry is rejected, units inside it that ``seen`` names must be as they were seen, too. Raises UsageError in one sentence for
    what cannot be decided, ConflictError when somebody decided about the same unit since.
    """
    if len(news) > _MOST_DECISIONS:
        raise UsageError(f"At most {_MOST_DECISIONS} decisions can be made at once.")
    refuse_unkeepable(by)
    made: list[dict[str, Any]] = []
    standing = {path: (unit.value, unit.status) for path, unit in folded.units.items()}
    for new in news:
        refuse_unkeepable(new.path, new.reason, new.after)
        values: dict[str, Any] = {"kind": new.kind, "path": new.path, "reason": new.reason.strip()}
        if new.kind == "comment":
            if new.path:
                _unit(folded, new.path)
        elif new.kind == "dismiss":
            values["after"] = _dismissed(folded, new)
        elif new.kind == "add":
            values["after"] = _added(new, standing)
        else:
            unit = _unit(folded, new.path)
            if new.kind != "accept" or not _only_accepted_since(unit, seen):
                _refuse_unseen(folded, unit, seen, whole=new.kind == "reject")
            before, status = standing[new.path]
            decided = _decided(new, unit.place, before, status, standing)
            if decided is None:
                continue
            kind, after = decided
            values |= {"kind": kind, "before": before, "after": after}
            standing[new.path] = (after or before, _STATUS[kind])
        made.append(values)
    act = last_number + 1 if len(made) > 1 else None
    return [Decision(number=last_number + n, act=act, by=by, at=at, **v) for n, v in enumerate(made, start=1)]


def refuse_unkeepable(*values: Any) -> None:
    """Raise UsageError for a text that is too long or holds what no store keeps: NUL, or half of a surrogate pair."""
    total = 0
    left = list(values)
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple):
            left += value
        elif isinstance(value, str):
            total += len(value)
            if len(value) > _LONGEST_TEXT or total > _MOST_TEXT:
                raise UsageError(
                    f"The text is too long: {_LONGEST_TEXT} characters are the most for one, {_MOST_TEXT} for all."
                )
            if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
                raise UsageError(
                    "The text holds a character that cannot be kept (NUL, or half of one); remove it."
                )


def conflict_at(path: str, when: str, theirs: Decision, unit: Unit | None) -> ConflictError:
    """That somebody decided about a unit meanwhile: ``theirs``."""
    value = None if unit is None else dict(unit.value)
    return ConflictError(f"{theirs.by} {_DONE[theirs.kind]} {path} {when}.", path, theirs, value)


def _unit(folded: Folded, path: str) -> Unit:
    unit = folded.units.get(path)
    if unit is None:
        raise UsageError(
            f"The draft has no {path} to decide about; it may have been taken back. Reload the page."
        )
    return unit


def _refuse_unseen(folded: Folded, unit: Unit, seen: Mapping[str, int], *, whole: bool) -> None:
    units = [unit]
    if whole:
        units += [u for u in folded.units.values() if u.place.parent == unit.path and u.path in seen]
    for one in units:
        if one.last > seen.get(one.path, 0):
            theirs = next(d for d in one.decisions if d.number == one.last)
            raise conflict_at(one.path, "since you read it", theirs, one)


def _only_accepted_since(unit: Unit, seen: Mapping[str, int]) -> bool:
    """Whether all that was decided about a unit since it was read is that it is right: who accepts it as well agrees."""
    since = [d for d in unit.decisions if d.number > seen.get(unit.path, 0) and d.kind != "comment"]
    return all(d.kind == "accept" for d in since)


def _decided(
    new: NewDecision,
    place: Place,
    before: dict[str, Any],
    status: UnitStatus,
    standing: Mapping[str, tuple[dict[str, Any], UnitStatus]],
) -> tuple[str, dict[str, Any] | None] | None:
    """The kind and new value of a decision about a unit, or None when it would change nothing."""
    if new.kind == "reject":
        if place.parent is not None and not new.path.endswith("]"):
            raise UsageError(
                f"{new.path} cannot be rejected by itself, for its entry needs it; edit it, or reject {place.parent}."
            )
        return "reject", None
    if place.parent is not None and standing[place.parent][1] == "rejected":
        raise UsageError(
            f"{place.parent} is rejected with all in it; accept it again before you change {new.path}."
        )
    after = None if new.after is None else read_unit(place, new.after)
    if after is None or after == before:
        return None if status in ("accepted", "edited") else ("accept", None)
    return "edit", after


def _added(new: NewDecision, standing: Mapping[str, tuple[dict[str, Any], UnitStatus]]) -> dict[str, Any]:
    assert new.after is not None
    after = read_entry(new.path, new.after)
    parent = new.path.rpartition(".")[0]
    if list_of(new.path) is not None and parent in _ROOTS:
        return after
    if parent not in standing:
        raise UsageError(
            f"The draft has no {parent} to add to; it may have been taken back. Reload the page."
        )
    if standing[parent][1] == "rejected":
        raise UsageError(f"{parent} is rejected; accept it again before you add to it.")
    return after


_ROOTS = ("consumer", "legal", "risk")


def _dismissed(folded: Folded, new: NewDecision) -> dict[str, Any]:
    key = (new.after or {}).get("finding")
    found = next((f for f in folded.findings if f.key == key and f.path == new.path), None)
    if found is None:
        raise UsageError("The finding is not there any more; what it was about has changed. Reload the page.")
    if found.dismissed is not None:
        raise ConflictError(
            f"{found.dismissed.by} has dismissed this finding.", new.path, found.dismissed, None
        )
    return {"finding": found.key}
