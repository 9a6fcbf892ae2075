"""The desk: all that editors do with reviews, for pages and commands alike. It knows nothing of HTTP, and not who may do what."""

import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from pipeline.errors import ConflictError, StaleError, StoreError, UnknownReviewError, UsageError
from pipeline.review import undoing, versions
from pipeline.review.deciding import decide_all, refuse_unkeepable
from pipeline.review.fold import Folded, fold
from pipeline.review.queueing import review_id_of, row_of, why
from pipeline.review.standing import approval_of, standing_of
from pipeline.review.stats import Stats, make_stats
from pipeline.review.versions import Carried, Comparison
from pipeline.store.packing import pack_draft, unpack_draft
from pipeline.store.review_records import (
    Audience,
    PublicationRow,
    QueuePage,
    QueueQuery,
    ReviewRow,
    Standing,
)
from pipeline.store.reviews import ReviewStore
from schemas.draft import Draft
from schemas.review import Approval, Decision, NewDecision, ReviewState

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_DRAFTS_KEPT = 16
_FOLDS_KEPT = 32
_TRIES = 50  # against others who decide about the same draft at the same moment
_OURS = "clausewise"  # who enters drafts when nobody does


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review as it stands: ``draft`` is the model's, ``folded`` what the decisions have made of it."""

    row: ReviewRow
    draft: Draft
    decisions: tuple[Decision, ...]
    folded: Folded


@dataclass(frozen=True, slots=True)
class Entered:
    """How many drafts came into the queue, and in a sentence each which could not."""

    count: int
    unreadable: tuple[str, ...]


class Desk:
    """Reviews of a store. Its methods raise UsageError for what cannot be done, ConflictError when somebody else was first, and StoreError.

    Every change is on the disk when its method returns. Who makes it is ``by``.
    """

    def __init__(
        self, store: ReviewStore, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.store = store
        self._clock = clock
        # A review's draft never changes, nor what it is after a certain decision.
        self._drafts: _Newest[str, Draft] = _Newest(_DRAFTS_KEPT)
        self._folds: _Newest[tuple[str, int], Folded] = _Newest(_FOLDS_KEPT)

    # The queue

    def enter_all(self, on_progress: Callable[[int, int], None] | None = None) -> Entered:
        """Put every draft of the store that is not in the queue into it; ``on_progress`` hears how many of how many were read.

        A draft that this version cannot read is told of and tried again the next time.
        """
        waiting = self.store.draft_keys_not_entered()
        count = 0
        unreadable = []
        for n, (key, run_id, item_id, tags) in enumerate(waiting, start=1):
            packed = self.store.packed_draft(key)
            if packed is not None:
                where = f"the draft {key[:12]}" + (f" of {item_id} in {run_id}" if item_id else "")
                try:
                    draft = _unpacked(packed, where)
                except StoreError as error:
                    unreadable.append(str(error))
                else:
                    row = row_of(draft, key, self._clock(), run_id, item_id, tags)
                    count += self.store.enter(row, by=_OURS)
            if on_progress is not None:
                on_progress(n, len(waiting))
        return Entered(count, tuple(unreadable))

    def enter_draft(self, draft: Draft, by: str = _OURS) -> ReviewRow:
        """Put a draft that may not be in the store into it and into the queue; gives its row, which may have been there before."""
        row = row_of(draft, f"file:{review_id_of(draft)}", self._clock())
        self.store.enter(row, packed=pack_draft(draft.model_dump_json()), by=by)
        return self._row(row.id)

    def queue(self, query: QueueQuery) -> QueuePage:
        """The rows that are asked for, each with why it stands where it does in the order of need.

        The order of need: drafts that are not decided come first, then approved ones that are not published, published, superseded. Among
        each those with open errors, then those with a high risk, then those with warnings; among equals the one that waits longest.
        """
        page = self.store.queue(query)
        now = self._clock()
        return replace(page, rows=tuple(replace(row, why=why(row, now)) for row in page.rows))

    def open(self, review_id: str) -> Reviewed:
        """A review by its id or a start of it. Raises UnknownReviewError."""
        row = self._row(review_id)
        draft = self._draft(row)
        # More may have been decided since the row was read; the two must fit together.
        decisions = tuple(d for d in self.store.decisions(row.id) if d.number <= row.last_number)
        folded = self._folds.get((row.id, row.last_number)) or self._keep(
            row, decisions, fold(draft, decisions)
        )
        standing = _standing(draft, folded, row, row.state)
        if standing != _standing_of_row(row):
            # The checks have changed since: the queue is to show what the page does.
            with suppress(StaleError):
                self.store.note_standing(row, standing)
            row = replace(row, **_shown(standing))
        return Reviewed(row, draft, decisions, folded)

    # Decisions

    def decide(
        self, review_id: str, by: str, news: Sequence[NewDecision], seen: Mapping[str, int]
    ) -> Reviewed:
        """Make decisions, all or none, as one act. ``seen`` is each unit's ``last`` as its editor saw it; see ``decide_all``."""

        def make(reviewed: Reviewed) -> list[Decision]:
            return decide_all(reviewed.folded, news, seen, by, self._clock(), reviewed.row.last_number)

        return self._change(review_id, make)

    def undo(self, review_id: str, by: str, number: int | None = None) -> Reviewed:
        """Take back the last act of ``by``, or that of the decision ``number``."""
        return self._change(
            review_id, lambda r: undoing.undo(r.folded, r.decisions, by, self._clock(), number)
        )

    def redo(self, review_id: str, by: str) -> Reviewed:
        """Bring back what ``by`` took back last."""
        return self._change(review_id, lambda r: undoing.redo(r.folded, r.decisions, by, self._clock()))

    def approve(self, review_id: str, by: str, override: str = "", expected: int | None = None) -> Reviewed:
        """Approve a draft as it stands, with the reason for it when blocking findings are open; older drafts of its policy are superseded.

        ``expected`` is the number of the last decision that ``by`` has seen.
        """

        def make(reviewed: Reviewed) -> list[Decision]:
            _refuse_unseen(reviewed, expected)
            blocking = len(reviewed.folded.blocking)
            if blocking and not override.strip():
                raise UsageError(
                    f"{'A finding stands' if blocking == 1 else f'{blocking} findings stand'} against the approval; mend what "
                    "is wrong or dismiss what does not apply, or give a reason to approve it all the same."
                )
            reason = override.strip() if blocking else ""
            return [self._whole(reviewed, "approve", by, reason)]

        return self._change(review_id, make, "approved", action="approve", supersede=True)

    def reopen(self, review_id: str, by: str, reason: str) -> Reviewed:
        """Have a draft that was approved, published or superseded reviewed again. What is published of it stays so until it is withdrawn."""

        def make(reviewed: Reviewed) -> list[Decision]:
            if reviewed.row.state in _EDITABLE:
                raise UsageError("The draft is not closed, and needs no reopening.")
            if not reason.strip():
                raise UsageError("Say why the draft is reopened.")
            return [self._whole(reviewed, "reopen", by, reason.strip())]

        return self._change(review_id, make, "in_review", action="reopen", editable=False)

    def approval(self, reviewed: Reviewed) -> Approval | None:
        """The approval that stands, or None."""
        return approval_of(reviewed.folded, reviewed.decisions)

    # Versions

    def compare(self, review_id: str) -> Comparison | None:
        """What a draft says otherwise than the one of its policy that was approved last; None when none was."""
        reviewed = self.open(review_id)
        approved = self._approved_before(reviewed)
        if approved is None:
            return None
        return versions.compare(
            approved.row,
            approved.folded,
            approved.draft.document,
            reviewed.folded,
            reviewed.draft.document,
        )

    def carry(self, review_id: str, by: str) -> Reviewed:
        """Make the decisions of the approved draft on what is unchanged for this one as well, as one act; see ``versions.carry``."""

        def make(reviewed: Reviewed) -> list[Decision]:
            approved = self._approved_before(reviewed)
            if approved is None:
                raise UsageError(
                    "No earlier draft of this policy was approved whose decisions could be carried over."
                )
            held = versions.carry(
                approved.row.id,
                approved.folded,
                approved.draft.document,
                reviewed.folded,
                reviewed.draft.document,
            )
            return self._carried(reviewed, held, by)

        return self._change(review_id, make, action="carry")

    def _carried(self, reviewed: Reviewed, held: Carried, by: str) -> list[Decision]:
        refuse_unkeepable(by)
        at = self._clock()

        def decision(n: int, values: Mapping[str, object]) -> Decision:
            number = reviewed.row.last_number + n
            return Decision.model_validate({"number": number, "by": by, "at": at, **values})

        made = [decision(n, values) for n, values in enumerate(held.decisions, start=1)]
        if held.dismissals:
            # Findings are those of the draft with what was carried over.
            folded = fold(reviewed.draft, (*reviewed.decisions, *made))
            for dismissal in held.dismissals:
                for finding in folded.findings_at(dismissal.path):
                    told = (finding.finding.code, finding.finding.message)
                    if told == (dismissal.code, dismissal.message) and finding.dismissed is None:
                        values = {
                            "kind": "dismiss",
                            "path": dismissal.path,
                            "after": {"finding": finding.key},
                            "reason": dismissal.reason,
                            "carried_from": dismissal.carried_from,
                        }
                        made.append(decision(len(made) + 1, values))
        act = made[0].number if len(made) > 1 else None
        return [d.model_copy(update={"act": act}) for d in made]

    def _approved_before(self, reviewed: Reviewed) -> Reviewed | None:
        row = self.store.approved_of(reviewed.row.policy, besides=reviewed.row)
        return None if row is None else self.open(row.id)

    def stats(self) -> Stats:
        """What editors changed, in figures, over all reviews."""
        return make_stats(
            self.store.all_reviews(),
            self.store.minutes(),
            self.store.approved_decisions(("reject", "undo")),
        )

    # Publications

    def publish(
        self,
        review_id: str,
        by: str,
        audience: Audience,
        files: Mapping[str, str],
        expected: int | None = None,
    ) -> Reviewed:
        """Record that an approved draft was published for an audience: ``files`` are names with sha256 digests.

        ``expected`` is the number of the last decision that the files were made from.
        """

        def make(reviewed: Reviewed) -> list[Decision]:
            if reviewed.row.state not in ("approved", "published"):
                raise UsageError("Only an approved draft can be published; approve it first.")
            _refuse_unseen(reviewed, expected)
            return [self._whole(reviewed, "publish", by, "", {"audience": audience})]

        def write(reviewed: Reviewed, decisions: Sequence[Decision], standing: Standing) -> None:
            read = reviewed.row
            row = PublicationRow(read.id, audience, by, decisions[0].at, read.last_number, dict(files))
            self.store.publish(row, read, decisions[0], standing)

        return self._change(review_id, make, "published", editable=False, write=write)

    def withdraw(self, review_id: str, by: str, reason: str, audience: Audience | None = None) -> Reviewed:
        """Withdraw what is published of a draft, for one audience or for all; when nothing is left it is approved and no more."""

        def standing(reviewed: Reviewed) -> list[PublicationRow]:
            rows = self.store.publications(reviewed.row.id)
            return [row for row in rows if row.stands]

        def make(reviewed: Reviewed) -> list[Decision]:
            if not any(audience in (None, row.audience) for row in standing(reviewed)):
                raise UsageError("There is nothing published of this draft to withdraw.")
            if not reason.strip():
                raise UsageError("Say why it is withdrawn.")
            after = {"audience": audience} if audience else {}
            return [self._whole(reviewed, "withdraw", by, reason.strip(), after)]

        def write(reviewed: Reviewed, decisions: Sequence[Decision], after: Standing) -> None:
            rows = standing(reviewed)
            gone = [row.number for row in rows if audience in (None, row.audience)]
            if after.state == "published" and len(gone) == len(rows):
                after = replace(after, state="approved")
            self.store.withdraw(reviewed.row, gone, decisions[0], after)

        return self._change(review_id, make, editable=False, write=write)

    # What all of them do

    def _change(
        self,
        review_id: str,
        make: Callable[[Reviewed], list[Decision]],
        state: ReviewState | None = None,
        *,
        action: str = "decide",
        supersede: bool = False,
        editable: bool = True,
        write: Callable[[Reviewed, Sequence[Decision], Standing], None] | None = None,
    ) -> Reviewed:
        """Make decisions and keep them; when somebody else was quicker, hold them against the draft as it stands by then."""
        for _ in range(_TRIES):
            reviewed = self.open(review_id)
            row = reviewed.row
            if editable and row.state not in _EDITABLE:
                raise UsageError(_closed(row))
            made = make(reviewed)
            if not made:
                return reviewed
            decisions = (*reviewed.decisions, *made)
            folded = fold(reviewed.draft, decisions)
            standing = _standing(
                reviewed.draft, folded, row, state or ("in_review" if editable else row.state), made
            )
            try:
                if write is not None:
                    write(reviewed, made, standing)
                else:
                    self.store.append(row, made, standing, action=action, supersede=supersede)
            except StaleError:
                continue
            self._keep(row, decisions, folded)
            return self.open(row.id)
        raise StaleError("Others decide about this draft so quickly that nothing can be kept; try again.")

    def _whole(
        self,
        reviewed: Reviewed,
        kind: str,
        by: str,
        reason: str,
        after: Mapping[str, str] | None = None,
    ) -> Decision:
        """A decision about the draft as a whole."""
        refuse_unkeepable(by, reason)
        return Decision.model_validate(
            {
                "number": reviewed.row.last_number + 1,
                "kind": kind,
                "path": "",
                "by": by,
                "at": self._clock(),
                "reason": reason,
                "after": after,
            }
        )

    def _keep(self, row: ReviewRow, decisions: Sequence[Decision], folded: Folded) -> Folded:
        return self._folds.put((row.id, decisions[-1].number if decisions else 0), folded)

    def _row(self, review_id: str) -> ReviewRow:
        row = self.store.review(review_id)
        if row is None:
            raise UnknownReviewError(
                f"There is no review {review_id[:64]}, or more than one begins like this."
            )
        return row

    def _draft(self, row: ReviewRow) -> Draft:
        kept = self._drafts.get(row.id)
        if kept is not None:
            return kept
        packed = self.store.packed_draft(row.draft_key)
        if packed is None:
            raise StoreError(f"The store {self.store.name} has lost the draft of the review {row.id}.")
        draft = _unpacked(packed, f"the draft of the review {row.id}")
        if review_id_of(draft) != row.id:
            raise StoreError(f"The draft of the review {row.id} is not the one that was entered.")
        return self._drafts.put(row.id, draft)


_EDITABLE = ("drafted", "in_review")


class _Newest(Generic[K, V]):
    """The values that were asked for last, at most so many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: K, value: V) -> V:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._most:
                self._values.popitem(last=False)
        return value


def _unpacked(packed: bytes, what: str) -> Draft:
    try:
        return Draft.model_validate_json(unpack_draft(packed))
    except (ValidationError, zlib.error, UnicodeDecodeError) as error:
        # Not its text, which may hold much of the draft.
        told = error.errors(include_url=False)[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise StoreError(f"This version of Clausewise cannot read {what} ({told}).") from None


def _standing(
    draft: Draft, folded: Folded, row: ReviewRow, state: ReviewState, made: Sequence[Decision] = ()
) -> Standing:
    by, at = row.approved_by, row.approved_at
    for decision in made:
        if decision.kind in ("approve", "reopen"):
            by, at = (decision.by, decision.at) if decision.kind == "approve" else (None, None)
    return standing_of(draft, folded, state, by, at)


def _standing_of_row(row: ReviewRow) -> Standing:
    return Standing(**{f.name: getattr(row, f.name) for f in fields(Standing)})


def _shown(standing: Standing) -> dict[str, Any]:
    return {f.name: getattr(standing, f.name) for f in fields(Standing)}


def _refuse_unseen(reviewed: Reviewed, expected: int | None) -> None:
    since = [d for d in reviewed.decisions if expected is not None and d.number > expected]
    if since:
        raise ConflictError(f"{since[-1].by} has decided about this draft since you read it.", "", since[-1])


def _closed(row: ReviewRow) -> str:
    if row.state == "superseded":
        return f"The draft is superseded by {row.superseded_by}; reopen it before you change it."
    return f"The draft is {row.state}; reopen it before you change it."
