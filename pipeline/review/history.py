"""The history of a review in words: every decision, who made it, why, and what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from pipeline.review.desk import Reviewed
from pipeline.review.draft_view import FIELD_WORDS, name_units
from pipeline.review.versions import say
from pipeline.review.word_diff import Run, diff_words
from schemas.review import Decision, DecisionKind

_DID: dict[DecisionKind, str] = {
    "accept": "accepted",
    "edit": "edited",
    "reject": "rejected",
    "add": "added",
    "comment": "commented on",
    "dismiss": "set a finding aside at",
    "undo": "took back",
    "approve": "approved the draft",
    "reopen": "reopened the draft",
    "publish": "published the draft",
    "withdraw": "withdrew the draft",
}
_OF_THE_WHOLE = ("approve", "reopen", "publish", "withdraw")


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One decision, or several of one act of which each says no more than that it was made: ``number`` is the first's, ``last`` the last's.

    ``about`` names the unit, or how many, empty for the whole draft; ``words`` is what changed of what it says, ``besides`` names what else
    did; ``taken_back`` tells whether it holds no more.
    """

    number: int
    last: int
    by: str
    at: datetime
    did: str
    about: str
    reason: str
    words: tuple[Run, ...]
    besides: str
    taken_back: bool
    carried_from: str


def history_of(reviewed: Reviewed) -> tuple[HistoryLine, ...]:
    """All decisions, the newest first."""
    names = name_units(reviewed.folded)
    by_number = {decision.number: decision for decision in reviewed.decisions}
    undone = reviewed.folded.undone
    alike = groupby(reversed(reviewed.decisions), key=lambda d: _told_with(d, by_number, undone))
    return tuple(_line(tuple(group)[::-1], by_number, names, undone) for _, group in alike)


def _told_with(
    decision: Decision, by_number: dict[int, Decision], undone: frozenset[int]
) -> tuple[object, ...]:
    """What decisions have in common that are told as one: those of one act, when there is nothing to say about the single one."""
    if decision.act is None or decision.kind not in ("accept", "undo"):
        return (decision.number,)
    was = by_number.get(decision.undoes or 0)
    carried = (decision.carried_from or "").partition(":")[0]
    undoes = was and (was.kind, was.act)
    return (decision.act, decision.kind, undoes, decision.reason, decision.number in undone, carried)


def _line(
    told: Sequence[Decision], by_number: dict[int, Decision], names: dict[str, str], undone: frozenset[int]
) -> HistoryLine:
    first = told[0]
    return HistoryLine(
        number=first.number,
        last=told[-1].number,
        by=first.by,
        at=first.at,
        did=_DID[first.kind],
        about=_about(first, by_number, names) if len(told) == 1 else _about_all(told, by_number),
        reason=first.reason,
        words=_words(first),
        besides=_besides(first),
        taken_back=first.number in undone,
        carried_from=(first.carried_from or "").partition(":")[0],
    )


def _about_all(told: Sequence[Decision], by_number: dict[int, Decision]) -> str:
    claims = f"{len(told)} claims together"
    was = by_number.get(told[0].undoes or 0)
    if was is None:
        return claims
    did = "the taking back of" if was.kind == "undo" else f"what {was.by} {_DID[was.kind]}:"
    return f"{did} {claims}"


def _about(decision: Decision, by_number: dict[int, Decision], names: dict[str, str]) -> str:
    if decision.kind in _OF_THE_WHOLE:
        audience = (decision.after or {}).get("audience")
        return f"for the {audience} edition" if audience else ""
    if decision.kind == "undo":
        undone = by_number.get(decision.undoes or 0)
        if undone is None:
            return ""
        did = "the taking back" if undone.kind == "undo" else f"what {undone.by} {_DID[undone.kind]}"
        return f"{did} {_about(undone, by_number, names)} (no. {undone.number})"
    path = f"{decision.path}[+{decision.number}]" if decision.kind == "add" else decision.path
    return names.get(path) or (decision.path and "something that is no longer there") or "the whole draft"


def _words(decision: Decision) -> tuple[Run, ...]:
    if decision.kind not in ("edit", "add"):
        return ()
    return diff_words(say(decision.before), say(decision.after))


def _besides(decision: Decision) -> str:
    if decision.kind != "edit" or decision.before is None or decision.after is None:
        return ""
    changed = [name for name, value in decision.after.items() if decision.before.get(name) != value]
    return ", ".join(FIELD_WORDS[name].lower() for name in changed if name != "text" and name in FIELD_WORDS)
