"""The fold: a draft as it stands after its decisions. Nothing else says what an editor's draft is.

The same draft and the same decisions give the same result, so that it need not be kept.
"""

import hashlib
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from pydantic import BaseModel

from pipeline.checks.whole import check_all
from pipeline.review.units import INNER, LISTS, Place, lists_of, own_fields, place_of, walk_entry
from schemas.draft import Draft
from schemas.finding import Finding
from schemas.review import Decision
from schemas.risk import RiskAssessment
from schemas.summaries import ConsumerRole, ConsumerSummary, LegalRole, LegalSummary

UnitStatus = Literal["open", "accepted", "edited", "rejected"]

_ROLE_ORDER = {
    "consumer.sentences": get_args(ConsumerRole),
    "legal.sentences": get_args(LegalRole),
}
_ABOUT_A_UNIT = ("accept", "edit", "reject")
# Decisions that change a unit or how it stands; whoever decides next must have seen them.
CHANGES = (*_ABOUT_A_UNIT, "add")


@dataclass(slots=True)
class Unit:
    """A unit as it stands.

    ``written`` is what the model wrote, None for one an editor added; ``value`` is how it stands now. ``last`` is the number of the last
    decision that changed it or its standing, undone ones and undoings included, 0 for none: who decides must have seen it. ``now`` is its
    path in the folded draft, None when it is rejected or stands in an entry that is.
    """

    place: Place
    written: dict[str, Any] | None
    value: dict[str, Any]
    status: UnitStatus = "open"
    last: int = 0
    now: str | None = None
    decisions: list[Decision] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Its path, which never changes."""
        return self.place.path

    @property
    def added(self) -> bool:
        """Whether an editor added it."""
        return self.written is None

    @property
    def changed(self) -> bool:
        """Whether it says anything else than the model wrote."""
        return self.written != self.value


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A finding about the folded draft. ``path`` is that of the unit it is about, empty when it is about the whole.

    ``key`` names it as long as it says the same about the same unit; ``dismissed`` is the decision that set it aside.
    """

    key: str
    path: str
    finding: Finding
    dismissed: Decision | None

    @property
    def blocking(self) -> bool:
        """Whether it stands against an approval."""
        return self.finding.severity == "error" and self.dismissed is None


@dataclass(frozen=True, slots=True)
class Folded:
    """A draft as it stands: ``draft`` holds the artefacts, citations and findings after all decisions; ``undone`` the numbers of decisions
    that were taken back.
    """

    draft: Draft
    units: dict[str, Unit]
    findings: tuple[OpenFinding, ...]
    undone: frozenset[int]

    @property
    def blocking(self) -> tuple[OpenFinding, ...]:
        """The findings that stand against an approval."""
        return tuple(f for f in self.findings if f.blocking)

    def status_of(self, unit: Unit) -> UnitStatus:
        """How a unit stands: rejected with the entry that it is in, too."""
        parent = self.units.get(unit.place.parent or "")
        return "rejected" if parent is not None and parent.status == "rejected" else unit.status

    @property
    def decided(self) -> int:
        """How many units were decided about."""
        return sum(self.status_of(unit) != "open" for unit in self.units.values())

    def findings_at(self, path: str) -> tuple[OpenFinding, ...]:
        """The findings about one unit."""
        return tuple(f for f in self.findings if f.path == path)


def undone_by(decisions: Iterable[Decision]) -> frozenset[int]:
    """The numbers of the decisions that were taken back. An undoing can be undone, which brings back what it took."""
    undone: set[int] = set()
    for decision in sorted(decisions, key=lambda d: -d.number):
        if decision.kind == "undo" and decision.undoes is not None and decision.number not in undone:
            undone.add(decision.undoes)
    return frozenset(undone)


def fold(draft: Draft, decisions: Sequence[Decision]) -> Folded:
    """The draft after its decisions, checked anew. Decisions are in order of their numbers and fit the draft."""
    undone = undone_by(decisions)
    units = _units(draft, [d for d in decisions if d.number not in undone])
    _note_history(units, decisions)
    artefacts = _artefacts(draft, units)
    citations, seen = check_all(draft.document, *artefacts)
    # What is said of the document and of how it was read does not depend on what an editor does.
    kept = [f for f in draft.findings if f.code.startswith("document.")]
    findings = (*kept, *(f for f in seen if not f.code.startswith("document.")))
    consumer, legal, risk = artefacts
    folded = draft.model_copy(
        update={
            "consumer": consumer,
            "legal": legal,
            "risk": risk,
            "citations": citations,
            "findings": findings,
        }
    )
    return Folded(folded, units, _findings(findings, units, decisions, undone), undone)


def finding_key(finding: Finding, path: str) -> str:
    """The name of a finding about the unit at ``path``, the same as long as it says the same."""
    told = "\n".join((finding.code, path, finding.message))
    return f"{finding.code}:{hashlib.sha256(told.encode('utf-8')).hexdigest()[:16]}"


def unit_path(decision: Decision) -> str:
    """The path of the unit that a decision is about, which is another than that of the list for one that adds it."""
    return f"{decision.path}[+{decision.number}]" if decision.kind == "add" else decision.path


def unit_within(path: str, known: Container[str]) -> str:
    """The longest start of a path into a draft that is known as a unit's, empty when there is none.

    Only paths into an artefact begin like a unit's; a passage may be called risk.1, but no unit is.
    """
    while path and path not in known:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return path


def _units(draft: Draft, live: Sequence[Decision]) -> dict[str, Unit]:
    added: dict[str, list[Decision]] = {}
    for decision in live:
        if decision.kind == "add":
            added.setdefault(decision.path, []).append(decision)
    units: dict[str, Unit] = {}

    def take(path: str, entry: BaseModel, *, new: bool) -> None:
        for place, value in walk_entry(path, entry):
            own = own_fields(value)
            units[place.path] = Unit(place, None if new else own, own, "accepted" if new else "open")
        for decision in added.get(f"{path}.what_you_can_do", ()):
            take_added(decision, f"{path}.what_you_can_do")

    def take_added(decision: Decision, path: str) -> None:
        place = place_of(unit_path(decision))
        assert place is not None, path
        assert decision.after is not None, path
        if place.parent is None:
            take(place.path, place.answer.model_validate(decision.after), new=True)
        else:
            units[place.path] = Unit(place, None, decision.after, "accepted")

    for path, entries in lists_of(draft).items():
        order: list[tuple[str, BaseModel | Decision]] = [(f"{path}[{n}]", e) for n, e in enumerate(entries)]
        for decision in added.get(path, ()):
            order.insert(_index_for(path, order, decision), (path, decision))
        for where, entry in order:
            if isinstance(entry, Decision):
                take_added(entry, where)
            else:
                take(where, entry, new=False)
    for decision in live:
        # What was decided about an entry whose adding was taken back waits for it to come again.
        if decision.kind in _ABOUT_A_UNIT and decision.path in units:
            _apply(units[decision.path], decision)
    return units


def _index_for(path: str, order: Sequence[tuple[str, BaseModel | Decision]], decision: Decision) -> int:
    """Where a new entry goes: a sentence behind the last one of its role or of an earlier one, anything else at the end."""
    roles = _ROLE_ORDER.get(path)
    if roles is None or decision.after is None:
        return len(order)
    rank = roles.index(decision.after["role"])

    def rank_of(entry: BaseModel | Decision) -> int:
        role = (
            entry.after["role"] if isinstance(entry, Decision) and entry.after else getattr(entry, "role", "")
        )
        return roles.index(role)

    return max((n + 1 for n, (_, entry) in enumerate(order) if rank_of(entry) <= rank), default=0)


def _apply(unit: Unit, decision: Decision) -> None:
    if decision.kind == "reject":
        unit.status = "rejected"
        return
    if decision.kind == "edit" and decision.after is not None:
        unit.value = decision.after
    unit.status = "edited" if unit.changed and not unit.added else "accepted"


def _note_history(units: dict[str, Unit], decisions: Sequence[Decision]) -> None:
    """Give each unit all that was ever decided about it, and the number that whoever decides next must have seen."""
    by_number = {decision.number: decision for decision in decisions}
    for decision in decisions:
        about = decision
        while about.kind == "undo" and about.undoes in by_number:
            about = by_number[about.undoes]
        unit = units.get(unit_path(about))
        if unit is None:
            continue
        unit.decisions.append(decision)
        if about.kind in CHANGES:
            unit.last = decision.number


def _artefacts(draft: Draft, units: dict[str, Unit]) -> tuple[ConsumerSummary, LegalSummary, RiskAssessment]:
    """The artefacts of what is not rejected, and on the way where each unit stands in them."""
    below: dict[str | None, list[Unit]] = {}
    for unit in units.values():
        below.setdefault(unit.place.parent, []).append(unit)
    lists: dict[str, list[Any]] = {path: [] for path in LISTS}
    for unit in below.get(None, ()):
        path = unit.path[: unit.path.index("[")]
        if unit.status == "rejected":
            continue
        unit.now = f"{path}[{len(lists[path])}]"
        value = dict(unit.value)
        for name in INNER.get(unit.place.answer, ()):
            inner = [u for u in below.get(unit.path, ()) if u.path.startswith(f"{unit.path}.{name}")]
            if name != "what_you_can_do":
                inner[0].now = f"{unit.now}.{name}"
                value[name] = inner[0].value
                continue
            standing = [u for u in inner if u.status != "rejected"]
            for k, action in enumerate(standing):
                action.now = f"{unit.now}.{name}[{k}]"
            value[name] = [action.value for action in standing]
        lists[path].append(unit.place.answer.model_validate(value))
    # A copy is not validated: an editor may leave fewer sentences than a model may, and the checks say so.
    copies = [
        artefact.model_copy(
            update={
                path.split(".")[1]: entries for path, entries in lists.items() if path.split(".")[0] == root
            }
        )
        for root, artefact in (("consumer", draft.consumer), ("legal", draft.legal), ("risk", draft.risk))
    ]
    return copies[0], copies[1], copies[2]  # type: ignore[return-value]


def _findings(
    findings: Iterable[Finding], units: dict[str, Unit], decisions: Sequence[Decision], undone: frozenset[int]
) -> tuple[OpenFinding, ...]:
    dismissed = {
        d.after["finding"]: d for d in decisions if d.kind == "dismiss" and d.after and d.number not in undone
    }
    by_now = {unit.now: unit.path for unit in units.values() if unit.now}
    told = []
    for finding in findings:
        path = by_now.get(unit_within(finding.path, by_now), "")
        key = finding_key(finding, path)
        told.append(OpenFinding(key, path, finding, dismissed.get(key)))
    return tuple(told)
