"""How a review stands: what the queue shows of it, and what became of the model's work."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from pipeline.errors import UsageError
from pipeline.review.fold import Folded, Unit, unit_within
from pipeline.store.review_records import ReviewRow, Standing, Tally
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
        decided=folded.decided,
        approved_by=approved_by,
        approved_at=approved_at,
        tally=_tally(draft, folded),
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
    counts = Counter(_became(unit, folded) for unit in folded.units.values())
    acts = Counter(d.act for d in decisions if d.kind == "accept")
    together = sum(
        _became(unit, folded) == "accepted"
        and (act := _act_of(unit, folded.undone)) is not None
        and acts[act] > 1
        for unit in folded.units.values()
    )
    return Approval(
        by=last.by,
        at=last.at,
        override=last.reason or None,
        accepted=counts["accepted"] - together,
        together=together,
        edited=counts["edited"],
        rejected=counts["rejected"],
        added=counts["added"],
        undecided=counts["undecided"],
    )


def refuse_unapproved(row: ReviewRow) -> None:
    """Raise UsageError unless a draft is approved as it stands."""
    if row.state not in ("approved", "published"):
        state = row.state.replace("_", " ")
        raise UsageError(f"The draft {row.id} is {state} and not approved; approve it on the desk first.")


def _became(unit: Unit, folded: Folded) -> str:
    """What became of a unit; one that was added and rejected never was."""
    status = folded.status_of(unit)
    if unit.added:
        return "never" if status == "rejected" else "added"
    return "undecided" if status == "open" else status


def _act_of(unit: Unit, undone: frozenset[int]) -> int | None:
    """The act by which a unit stands accepted, None when the decision stands alone."""
    standing = [d for d in unit.decisions if d.kind in ("accept", "edit") and d.number not in undone]
    return standing[-1].act if standing else None


def _tally(draft: Draft, folded: Folded) -> Tally:
    tally, units = Tally(), folded.units
    became = {path: _became(unit, folded) for path, unit in units.items()}
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
