"""How a draft comes into the queue, and why it stands there where it does."""

import hashlib
from datetime import datetime

from pipeline.review.policies import policy_of
from pipeline.review.standing import count, risk_of
from pipeline.review.units import walk_units
from pipeline.store.packing import content_sha256
from pipeline.store.review_records import ReviewRow
from schemas.draft import Draft

_ID = 16  # characters of the digest: 64 bits tell drafts apart


def review_id_of(draft: Draft) -> str:
    """The id of the review of a draft: the same for whatever says the same of the same bytes of one policy, however and whenever it came.

    Thus a draft is in the queue once, whether a run, the store or a file brought it. Two policies may have the same words.
    """
    told = f"{content_sha256(draft)} {policy_of(draft.document)}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:_ID]


def row_of(
    draft: Draft,
    draft_key: str,
    now: datetime,
    run_id: str | None = None,
    item_id: str | None = None,
    tags: tuple[str, ...] = (),
) -> ReviewRow:
    """A draft's row as it enters the queue, by the findings that it came with."""
    document = draft.document
    risk, high = risk_of(draft)
    codes: dict[str, int] = {}
    for finding in draft.findings:
        codes[finding.code] = codes.get(finding.code, 0) + 1
    stages = draft.provenance.stages
    return ReviewRow(
        id=review_id_of(draft),
        draft_key=draft_key,
        policy=policy_of(document, item_id),
        title=document.title or document.source.name,
        company=document.company or "",
        language=document.language,
        source=document.source.url or document.source.name,
        effective=document.dated.value.isoformat() if document.dated else None,
        words=len(document.text.split()),
        drafted_at=max((stage.finished_at for stage in stages), default=now),
        entered_at=now,
        changed_at=now,
        state="drafted",
        risk=risk,
        high=high,
        errors=count(draft.findings, "error"),
        warnings=count(draft.findings, "warning"),
        notes=count(draft.findings, "info"),
        codes=codes,
        units=sum(1 for _ in walk_units(draft)),
        decided=0,
        last_number=0,
        run_id=run_id,
        item_id=item_id,
        tags=tags,
        # Of a stage's prompts the one that is its own; those that all stages share say nothing about it.
        models={stage.stage: ", ".join(stage.models_answered) for stage in stages},
        prompts={
            stage.stage: ", ".join(name for name in stage.prompts if name.startswith(stage.stage))
            for stage in stages
        },
    )


def why(row: ReviewRow, now: datetime) -> tuple[str, ...]:
    """In a few words each, why a row stands where it does in the order of need: its state, then errors, high risk, warnings, then age."""
    told = []
    if row.state == "approved":
        told.append("approved, not published")
    elif row.state not in ("drafted", "in_review"):
        told.append(row.state)
    if row.errors:
        told.append(_many(row.errors, "error"))
    if row.high:
        told.append("high risk" if row.high == 1 else f"{row.high} high risks")
    if row.warnings:
        told.append(_many(row.warnings, "warning"))
    days = (now - row.drafted_at).days
    if row.state in ("drafted", "in_review") and days > 0:
        told.append(f"waiting {_many(days, 'day')}")
    return tuple(told)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
