"""Review: what editors decide about a draft. Decisions append; what the model wrote is never changed."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, model_validator

from schemas.base import Value

ReviewState = Literal["drafted", "in_review", "approved", "published", "superseded"]

Role = Literal["reader", "editor", "publisher"]

ClaimDecisionKind = Literal["accept", "edit", "reject", "add", "comment", "dismiss"]
DecisionKind = Literal[
    "accept",
    "edit",
    "reject",
    "add",
    "comment",
    "dismiss",
    "undo",
    "approve",
    "reopen",
    "publish",
    "withdraw",
]


class NewDecision(Value):
    """What an editor wants to be done, before it has a number.

    ``path`` names a unit of the draft as the model wrote it (``legal.sentences[2]``), for ``add`` the list that grows
    (``risk.provisions[3].what_you_can_do``). ``after`` is the whole new value of the unit for ``edit`` and ``add``; for ``dismiss`` it is
    ``{"finding": key}``. ``reason`` is why; a rejection and a dismissal need one, and for a comment it is the comment.
    """

    kind: ClaimDecisionKind
    path: str = Field(max_length=200)
    after: dict[str, Any] | None = None
    reason: str = Field(default="", max_length=10_000)

    @model_validator(mode="after")
    def _is_whole(self) -> "NewDecision":
        if self.kind in ("reject", "comment", "dismiss") and not self.reason.strip():
            raise ValueError(
                {"reject": "say why it is rejected", "comment": "the comment is empty"}.get(
                    self.kind, "say why the finding does not apply"
                )
            )
        if (self.after is not None) != (self.kind in ("edit", "add", "dismiss")):
            raise ValueError(f"a decision to {self.kind} has {'no' if self.after is None else 'a'} new value")
        return self


class Decision(Value):
    """One thing that was decided, for good: who, when, why, and what it changed.

    ``number`` counts from 1 within the review. ``act`` is the number of the first of several decisions that were made by one act and are
    taken back by one, None when it stands alone. ``before`` is the unit's value as it stood. ``undoes`` is the number of the decision that
    an ``undo`` takes back. ``carried_from`` tells that it was made on an earlier draft of the same policy: its review and number
    (``1f0c…:12``). The reason of ``approve`` is that of an override.
    """

    number: int = Field(ge=1)
    act: int | None = None
    kind: DecisionKind
    path: str
    by: str
    at: datetime
    reason: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    undoes: int | None = None
    carried_from: str | None = None


class Approval(Value):
    """Who approved a draft and how it was reviewed.

    ``override`` is the reason given when blocking findings were open. The counts are of units: ``accepted`` one by one, ``together`` with
    others by one act (a card with all inside, all the rest, what was carried over), ``undecided`` with the whole.
    """

    by: str
    at: datetime
    override: str | None = None
    accepted: int = Field(ge=0)
    together: int = Field(ge=0)
    edited: int = Field(ge=0)
    rejected: int = Field(ge=0)
    added: int = Field(ge=0)
    undecided: int = Field(ge=0)
