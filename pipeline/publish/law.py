"""What the registries say about the law and the decisions that a draft names, and how sure they are of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pipeline.publish.shown import shown
from pipeline.registry.citations import check_ref, cite_ref, describe_ref, title_of, verification_of
from pipeline.registry.decisions import Decision, load_decisions
from pipeline.registry.pinpoints import Verification
from schemas.summaries import StatuteCitation

Standing = Literal["stands", "open", "fallen"]

# Statuses in which an entry is what it was when it was made, and those in which it no longer is; with every other one, the
# one that nobody has thought of included, its fate is open.
_STANDS = frozenset({"in_force", "final", "soft_law"})
_FALLEN = frozenset({"annulled", "suspended", "superseded"})
STANDING_SHAPES: dict[Standing, str] = {"stands": "●", "open": "◆", "fallen": "✖"}
_DOUBTS: dict[Verification, str] = {
    "text": "",
    "secondary": "secondary sources only",
    "memory": "unverified",
    "conflict": "unverified, sources disagree",
}
_UNVERIFIED = {"confirmed": "", "partly": "partly verified", "memory": "unverified"}
_STATUS_WORDS = {
    "complaint_only": "complaint only, no decision",
    "soft_law": "guidance, does not bind",
    "in_force": "in force",
}


@dataclass(frozen=True, slots=True)
class StatuteView:
    """A provision of law in human form. ``doubt`` is empty when the registry has checked it against the law's text."""

    cite: str
    title: str
    basis: str
    doubt: str

    @property
    def words(self) -> str:
        """The citation with its title."""
        return ", ".join(filter(None, (self.cite, self.title)))


@dataclass(frozen=True, slots=True)
class DecisionView:
    """An entry of the decision registry as a reader must see it: never without its status."""

    id: str
    name: str
    reference: str
    date: str
    outcome: str
    fine: str
    provisions: tuple[str, ...]
    status: str
    standing: Standing
    shape: str
    status_note: str
    use: str
    unverified: str
    not_verified: str
    limits: str
    sources: tuple[str, ...]
    checked: str

    @property
    def told_status(self) -> str:
        """The status, and what is doubtful about the entry itself."""
        return ", ".join(filter(None, (self.status, self.unverified)))


def view_statutes(statutes: list[StatuteCitation]) -> tuple[StatuteView, ...]:
    """Each citation of a claim, in its order."""
    return tuple(view_ref(statute.ref, statute.basis) for statute in statutes)


def view_ref(ref: str, basis: str) -> StatuteView:
    """One citation in words, with what is doubtful about it."""
    return StatuteView(cite=shown(cite_ref(ref)), title=shown(title_of(ref)), basis=basis, doubt=_doubt(ref))


def join_cites(cites: Iterable[str]) -> str:
    """Citations of one law on one line, with the words that all of them begin and end with said once: ``Art. 6(1), 21 GDPR``."""
    parts = [cite.split() for cite in dict.fromkeys(cites)]
    if len(parts) < 2:
        return " ".join(word for part in parts for word in part)
    least = min(map(len, parts)) - 1  # each keeps a word of its own
    start = end = 0
    while start < least and len({part[start] for part in parts}) == 1:
        start += 1
    while end < least - start and len({part[-1 - end] for part in parts}) == 1:
        end += 1
    first = parts[0]
    between = ", ".join(" ".join(part[start : len(part) - end]) for part in parts)
    return " ".join([*first[:start], between, *first[len(first) - end :]])


def _doubt(ref: str) -> str:
    verification = verification_of(ref)
    if verification is None:
        return "not in the registry"
    problems = check_ref(ref)
    if any(problem.severity == "error" for problem in problems):
        return "no such provision"
    if any(problem.code == "ref.superseded" for problem in problems):
        return "superseded"
    return _DOUBTS[verification] or ("unverified" if problems else "")


def view_decision(decision_id: str) -> DecisionView | None:
    """An entry of the registry, or None when it has no such entry."""
    decision = load_decisions().get(decision_id)
    return None if decision is None else view_entry(decision)


def view_entry(decision: Decision) -> DecisionView:
    """An entry of the registry for showing."""
    status = _STATUS_WORDS.get(decision.status, decision.status.replace("_", " "))
    standing = _standing(decision.status)
    return DecisionView(
        id=decision.id,
        name=shown(_name(decision)),
        reference=shown(decision.reference or ""),
        date=decision.date,
        outcome=shown(decision.outcome),
        fine=shown(decision.fine or ""),
        provisions=tuple(shown(describe_ref(ref)) for ref in decision.provisions),
        status=status,
        standing=standing,
        shape=STANDING_SHAPES[standing],
        status_note=shown(decision.status_note or ""),
        use=f"cite as {decision.citable_as}",
        unverified=_UNVERIFIED[decision.verification],
        not_verified=shown(decision.not_verified or ""),
        limits=shown(" ".join(decision.do_not_cite)),
        sources=tuple(shown(source) for source in decision.sources),
        checked=str(decision.checked_at),
    )


def _name(decision: Decision) -> str:
    """Who decided about whom. A respondent in brackets is a remark, such as ``(general)``."""
    joint = " " if decision.respondent.startswith("(") else ": "
    return f"{decision.authority}{joint}{decision.respondent}"


def _standing(status: str) -> Standing:
    return "stands" if status in _STANDS else "fallen" if status in _FALLEN else "open"
