"""The history of a review in words: every decision, who made it, why, and what it changed."""

from dataclasses import dataclass
from datetime import datetime

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
    """One decision. ``about`` names the unit, empty for the whole draft; ``words`` is what changed of what it says, ``besides``
    names what else did; ``taken_back`` tells whether it holds no more.
    """

    number: int
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
    return tuple(
        HistoryLine(
            number=decision.number,
            by=decision.by,
            at=decision.at,
            did=_DID[decision.kind],
            about=_about(decision, by_number, names),
            reason=decision.reason,
            words=_words(decision),
            besides=_besides(decision),
            taken_back=decision.number in reviewed.folded.undone,
            carried_from=(decision.carried_from or "").partition(":")[0],
        )
        for decision in reversed(reviewed.decisions)
    )


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
