"""Taking back: everyone takes back what they did themselves, the last first, and one act as a whole.

An undoing is a decision as well, so that nothing is lost by it; to redo is to undo the undoing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pipeline.errors import UsageError
from pipeline.review.deciding import conflict_at
from pipeline.review.fold import CHANGES, Folded, undone_by, unit_path
from schemas.review import Decision

_UNDOABLE = (*CHANGES, "comment", "dismiss")


def undo(
    folded: Folded, decisions: Sequence[Decision], by: str, at: datetime, number: int | None = None
) -> list[Decision]:
    """The decisions that take back an act of ``by``: that of the decision ``number``, else the last one that stands.

    Raises UsageError when there is nothing to take back, ConflictError when it has been decided since about a unit of the act. A dismissal
    may be taken back by anybody, for there is no other way to decide against it.
    """
    undone = undone_by(decisions)
    live = [d for d in decisions if d.kind in _UNDOABLE and d.number not in undone]
    if number is None:
        chosen = next((d for d in reversed(live) if d.by == by), None)
        if chosen is None:
            raise UsageError("There is nothing of yours to take back.")
    else:
        chosen = next((d for d in live if d.number == number), None)
        if chosen is None:
            raise UsageError(f"The decision {number} cannot be taken back; it may have been already.")
        if chosen.by != by and chosen.kind != "dismiss":
            raise UsageError(
                f"The decision {number} is {chosen.by}'s to take back; decide anew about it instead."
            )
    act = [d for d in live if act_of(d) == act_of(chosen)]
    _refuse_if_decided_since(folded, act, live, after=max(d.number for d in act))
    return _undoings(act, by, at, decisions[-1].number)


def redo(folded: Folded, decisions: Sequence[Decision], by: str, at: datetime) -> list[Decision]:
    """The decisions that bring back what ``by`` took back last. Raises as ``undo``; once ``by`` did anything new there is nothing to bring
    back.
    """
    undone = undone_by(decisions)
    by_number = {d.number: d for d in decisions}
    taken = [d for d in decisions if d.kind == "undo" and d.by == by and d.number not in undone]
    taken = [d for d in taken if _undone_of(d, by_number).kind != "undo"]
    newest = max((d.number for d in decisions if d.by == by and d.kind in _UNDOABLE), default=0)
    if not taken or taken[-1].number < newest:
        raise UsageError("There is nothing of yours to bring back.")
    act = [d for d in taken if act_of(d) == act_of(taken[-1])]
    live = [d for d in decisions if d.kind in _UNDOABLE and d.number not in undone]
    back = [_undone_of(d, by_number) for d in act]
    _refuse_if_decided_since(folded, back, live, after=taken[-1].number)
    return _undoings(act, by, at, decisions[-1].number)


def act_of(decision: Decision) -> int:
    """The number of the act that a decision belongs to."""
    return decision.act or decision.number


def _undone_of(decision: Decision, by_number: Mapping[int, Decision]) -> Decision:
    assert decision.undoes is not None, decision.number
    return by_number[decision.undoes]


def _refuse_if_decided_since(
    folded: Folded, act: Sequence[Decision], live: Iterable[Decision], *, after: int
) -> None:
    paths = {unit_path(d) for d in act if d.kind in CHANGES}
    inside = tuple(f"{unit_path(d)}." for d in act if d.kind == "add")
    for decision in live:
        path = unit_path(decision)
        if (
            decision.number > after
            and decision.kind in CHANGES
            and (path in paths or (inside and path.startswith(inside)))
        ):
            unit = folded.units.get(path)
            raise conflict_at(path, "after that; it cannot be taken back any more", decision, unit)


def _undoings(act: Iterable[Decision], by: str, at: datetime, last_number: int) -> list[Decision]:
    # The last first, as if they were taken back one by one.
    taken = sorted(act, key=lambda d: -d.number)
    number = last_number + 1 if len(taken) > 1 else None
    return [
        Decision(number=last_number + n, act=number, kind="undo", path=d.path, by=by, at=at, undoes=d.number)
        for n, d in enumerate(taken, start=1)
    ]
