"""How a review stands: what the queue shows of it, and what became of the model's work."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from pipeline.review.fold import Folded, Unit, unit_within
from pipeline.store.review_records import Standing, Tally
from schemas.draft import Draft
from schemas.finding import Finding, FindingSeverity
from schemas.review import Approval, Decision, ReviewState
from schemas.risk import Level

_LEVELS: tuple[Level, ...] = ("high", "medium", "low")


def standing_of(
    draft: Draft,
    folded: Folded,
    state: ReviewState,
    approved_by: str | None = None,
    approved_at: datetime | None = None,
) -> Standing:
    """What is kept of a review beside its decisions. ``draft`` is the model's."""
    open_ = [f.finding for f in folded.findings if f.dismissed is None]
    risk, high = risk_of(folded.draft)
    return Standing(
        state=state,
        risk=risk,
        high=high,
        errors=count(open_, "error"),
        warnings=count(open_, "warning"),
        notes=count(open_, "info"),
        codes=dict(sorted(Counter(f.code for f in open_).items())),
        units=len(folded.units),
        decided=sum(_became(unit, folded.units) != "undecided" for unit in folded.units.values()),
        approved_by=approved_by,
        approved_at=approved_at,
        tally=_tally(draft, folded.units),
    )


def count(findings: Iterable[Finding], severity: FindingSeverity) -> int:
    """How many findings are of a severity."""
    return sum(finding.severity == severity for finding in findings)


def risk_of(draft: Draft) -> tuple[Level | None, int]:
    """The highest severity of a provision or material risk, and how many have it high."""
    levels = Counter(entry.severity for entry in draft.risk.provisions)
    levels.update(entry.severity for entry in draft.risk.material_risks)
    return next((level for level in _LEVELS if levels[level]), None), levels["high"]


def approval_of(folded: Folded, decisions: tuple[Decision, ...]) -> Approval | None:
    """The approval that stands, or None. What was decided since is at most that it be published or withdrawn."""
    last = next((d for d in reversed(decisions) if d.kind in ("approve", "reopen")), None)
    if last is None or last.kind == "reopen":
        return None
    counts = Counter(_became(unit, folded.units) for unit in folded.units.values())
    return Approval(
        by=last.by,
        at=last.at,
        override=last.reason or None,
        accepted=counts["accepted"],
        edited=counts["edited"],
        rejected=counts["rejected"],
        added=counts["added"],
        undecided=counts["undecided"],
    )


def _became(unit: Unit, units: dict[str, Unit]) -> str:
    """What became of a unit; one in an entry that is rejected is rejected with it, and one that was added and rejected never was."""
    parent = units.get(unit.place.parent or "")
    if unit.status == "rejected" or (parent is not None and parent.status == "rejected"):
        return "never" if unit.added else "rejected"
    if unit.added:
        return "added"
    return {"open": "undecided"}.get(unit.status, unit.status)


def _tally(draft: Draft, units: dict[str, Unit]) -> Tally:
    tally = Tally()
    became = {path: _became(unit, units) for path, unit in units.items()}
    for path, unit in units.items():
        stage = path.partition(".")[0]
        for counts in (tally.units, tally.claims) if unit.place.kind == "claim" else (tally.units,):
            if became[path] != "never":
                of_stage = counts.setdefault(stage, {})
                of_stage[became[path]] = of_stage.get(became[path], 0) + 1
    changed = Counter(
        finding.code
        for finding in draft.findings
        if became.get(unit_within(finding.path, units)) in ("edited", "rejected")
    )
    tally.codes.update(sorted(changed.items()))
    return tally
