"""Reviews in the store: their queue, their decisions and their publications, by one code in SQLite and in PostgreSQL.

What a method has returned from is on the disk. All of it is synchronous; pages and commands call it from threads.
"""

import json
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from pipeline.errors import StaleError, StoreError, UsageError
from pipeline.store.review_records import (
    PublicationRow,
    QueuePage,
    QueueQuery,
    ReviewRow,
    SortKey,
    Standing,
    Tally,
)
from schemas.review import Decision

try:
    import sqlalchemy as sql
except ImportError as missing:
    raise StoreError("Reviews need packages that are not installed; install clausewise[review].") from missing

from pipeline.store import review_tables as tables
from pipeline.store.review_people import People

_SHORTEST_ID = 4
_STATES = ("drafted", "in_review", "approved", "published", "superseded")
_LEVELS = ("low", "medium", "high")

_reviews, _decisions, _publications = tables.reviews, tables.decisions, tables.publications
# The fields of a row that are columns as they are.
_ROW = tuple(f.name for f in fields(ReviewRow) if f.name in _reviews.c and f.name not in ("tags", "tally"))
_REVIEW = sql.select(*(_reviews.c[name] for name in (*_ROW, "tags", "tally")))


class ReviewStore(People):
    """The reviews of a store with its people and its audit log, open until the end of a ``with``.

    Raises StoreError in one sentence when the store cannot be opened, read or written.
    """

    # Drafts and the queue

    def draft_keys_not_entered(self) -> list[tuple[str, str | None, str | None, tuple[str, ...]]]:
        """Key, run, item and tags of each draft in the store that has no review; of several runs the one that began last."""
        items, runs, drafts, keys = tables.items, tables.runs, tables.drafts, tables.review_keys
        query = (
            sql.select(drafts.c.key, items.c.run_id, items.c.id, items.c.tags)
            .select_from(
                drafts.outerjoin(keys, keys.c.draft_key == drafts.c.key)
                .outerjoin(items, items.c.draft_key == drafts.c.key)
                .outerjoin(runs, runs.c.id == items.c.run_id)
            )
            .where(keys.c.draft_key.is_(None))
            .order_by(drafts.c.key, runs.c.begun_at, items.c.run_id, items.c.id)
        )
        with self.reading() as connection:
            return list(
                {
                    key: (key, run_id, item_id, tuple(json.loads(tags or "[]")))
                    for key, run_id, item_id, tags in connection.execute(query)
                }.values()
            )

    def packed_draft(self, draft_key: str) -> bytes | None:
        """A draft as it was packed, or None."""
        query = sql.select(tables.drafts.c.draft).where(tables.drafts.c.key == draft_key)
        with self.reading() as connection:
            found = connection.execute(query).scalar()
            return None if found is None else bytes(found)

    def enter(self, row: ReviewRow, *, packed: bytes | None = None, by: str) -> bool:
        """Put a draft into the queue, with ``packed`` into the store as well; False when it is there already.

        Drafts of an older version of the policy, and older drafts of the same, that nobody has begun to review are superseded by it; it is
        superseded itself when a newer one is in the queue. What is newer is told by the date that the policy prints, and where that tells
        nothing by when it was drafted.
        """
        with self.writing() as connection:
            known = connection.execute(
                sql.select(_reviews.c.id).where(_reviews.c.id == row.id)
            ).scalar_one_or_none()
            if known is None:
                if packed is not None:
                    self.add(
                        connection, tables.drafts, key=row.draft_key, draft=packed, finished_at=row.entered_at
                    )
                newer = connection.execute(
                    sql.select(_reviews.c.id)
                    .where(_reviews.c.policy == row.policy, _newer_than(row))
                    .order_by(
                        _reviews.c.effective.desc().nulls_last(), _reviews.c.drafted_at.desc(), _reviews.c.id
                    )
                    .limit(1)
                ).scalar()
                values = _row_values(row)
                if newer is not None:
                    values |= {"state": "superseded", "superseded_by": newer}
                connection.execute(_reviews.insert().values(values))
                _note_codes(connection, row.id, row.codes, new=True)
                superseded = self._supersede(connection, row, ("drafted",))
                detail = {"draft": row.draft_key} | _superseded(superseded)
                self.note(connection, row.entered_at, by, "enter", row.id, detail)
            self.add(connection, tables.review_keys, draft_key=row.draft_key, review_id=row.id)
            return known is None

    def review(self, review_id: str) -> ReviewRow | None:
        """A review by its id, or by a start of it of at least four characters that no other id has; None when there is no such."""
        whole = _REVIEW.where(_reviews.c.id == review_id)
        begun = _REVIEW.where(_reviews.c.id.startswith(review_id, autoescape=True)).limit(2)
        with self.reading() as connection:
            found = connection.execute(whole).all()
            if not found and len(review_id) >= _SHORTEST_ID:
                found = connection.execute(begun).all()
        return _row(found[0]) if len(found) == 1 else None

    def queue(self, query: QueueQuery) -> QueuePage:
        """The rows that are asked for, and what the queue can be filtered by. No draft is read."""
        matching = [*_conditions(query)]
        rows = (
            _REVIEW.where(*matching)
            .order_by(*_order(query.sort, query.descending))
            .offset(max(query.offset, 0))
            .limit(max(query.limit, 0))
        )
        total = sql.select(sql.func.count()).select_from(_reviews).where(*matching)
        codes = sql.select(tables.review_codes.c.code, sql.func.count()).group_by(tables.review_codes.c.code)
        with self.reading() as connection:
            return QueuePage(
                rows=tuple(_row(values) for values in connection.execute(rows)),
                total=connection.execute(total).scalar_one(),
                states=_counted(connection, _reviews.c.state),
                languages=_counted(connection, _reviews.c.language),
                runs=_counted(connection, _reviews.c.run_id),
                codes=dict(connection.execute(codes.order_by(tables.review_codes.c.code)).all()),
            )

    def approved_of(self, policy: str, *, besides: ReviewRow | None = None) -> ReviewRow | None:
        """The review of a policy that was approved last; with ``besides`` of the others that are not newer than it.

        One that a later approval superseded still counts.
        """
        r = _reviews.c
        query = (
            _REVIEW.where(r.policy == policy, r.approved_at.is_not(None))
            .order_by(r.approved_at.desc(), r.id)
            .limit(1)
        )
        if besides is not None:
            query = query.where(r.id != besides.id, sql.not_(_newer_than(besides)))
        with self.reading() as connection:
            found = connection.execute(query).first()
        return None if found is None else _row(found)

    def all_reviews(self) -> list[ReviewRow]:
        """Every review, the oldest draft first."""
        with self.reading() as connection:
            query = _REVIEW.order_by(_reviews.c.drafted_at, _reviews.c.id)
            return [_row(values) for values in connection.execute(query)]

    # Decisions

    def decisions(self, review_id: str) -> list[Decision]:
        """The decisions of a review in their order."""
        query = (
            sql.select(_decisions).where(_decisions.c.review_id == review_id).order_by(_decisions.c.number)
        )
        with self.reading() as connection:
            return [_decision(row) for row in connection.execute(query)]

    def approved_decisions(self, kinds: Sequence[str]) -> dict[str, list[Decision]]:
        """The decisions of these kinds in the reviews that were approved, by review."""
        query = (
            sql.select(_decisions)
            .join(_reviews, _reviews.c.id == _decisions.c.review_id)
            .where(_decisions.c.kind.in_(kinds), _reviews.c.approved_at.is_not(None))
            .order_by(_decisions.c.review_id, _decisions.c.number)
        )
        found: dict[str, list[Decision]] = {}
        with self.reading() as connection:
            for row in connection.execute(query):
                found.setdefault(row.review_id, []).append(_decision(row))
        return found

    def append(
        self,
        read: ReviewRow,
        decisions: Sequence[Decision],
        standing: Standing,
        *,
        action: str = "decide",
        supersede: bool = False,
    ) -> None:
        """Keep decisions about a review and how it stands after them; ``supersede`` older reviews of its policy.

        ``read`` is the review as it was read. Raises StaleError when it has been changed since: nothing is kept then.
        """
        first = decisions[0]
        detail = {
            "first": str(first.number),
            "last": str(decisions[-1].number),
            "what": ", ".join(sorted({d.kind for d in decisions})),
        }
        with self.writing() as connection:
            self._append(connection, read, decisions, standing)
            if supersede:
                detail |= _superseded(self._supersede(connection, read, _STATES[:-1]))
            self.note(connection, first.at, first.by, action, read.id, detail)

    def note_standing(self, read: ReviewRow, standing: Standing) -> None:
        """Keep how a review stands when the checks have changed and no decision was made. Raises StaleError as ``append``."""
        with self.writing() as connection:
            self._refuse_stale(connection, read)
            self._put_standing(connection, read.id, standing)

    # Publications

    def publish(self, row: PublicationRow, read: ReviewRow, decision: Decision, standing: Standing) -> None:
        """Keep a publication with the decision to make it; it takes the place of what was published of the policy for the audience.

        Raises UsageError when that is of a newer version, StaleError as ``append``.
        """
        with self.writing() as connection:
            self._refuse_newer(connection, row.audience, read)
            self._append(connection, read, [decision], standing)
            connection.execute(
                _publications.insert().values(
                    review_id=row.review_id,
                    number=decision.number,
                    audience=row.audience,
                    published_by=row.by,
                    published_at=row.at,
                    last_number=row.last_number,
                    files=row.files,
                    withdrawn_at=None,
                )
            )
            self.note(
                connection, row.at, row.by, "publish", row.review_id, {"audience": row.audience, **row.files}
            )

    def publications(self, review_id: str | None = None) -> list[PublicationRow]:
        """Publications, of all reviews or of one, the newest first, withdrawn and replaced ones too."""
        p = _publications.c
        query = (
            sql.select(
                *(p.review_id, p.audience, p.published_by, p.published_at, p.last_number, p.files),
                *(p.withdrawn_at, p.number, _replaced_by().label("replaced_by")),
            )
            .join(_reviews, _reviews.c.id == p.review_id)
            .order_by(p.published_at.desc(), p.review_id, p.number.desc())
        )
        if review_id is not None:
            query = query.where(p.review_id == review_id)
        with self.reading() as connection:
            return [PublicationRow(*values) for values in connection.execute(query)]

    def withdraw(
        self, read: ReviewRow, numbers: Sequence[int], decision: Decision, standing: Standing
    ) -> None:
        """Mark publications as withdrawn, with the decision to do so. Raises StaleError as ``append``."""
        p = _publications.c
        with self.writing() as connection:
            self._append(connection, read, [decision], standing)
            connection.execute(
                _publications.update()
                .where(p.review_id == read.id, p.number.in_(numbers), p.withdrawn_at.is_(None))
                .values(withdrawn_at=decision.at)
            )
            self.note(
                connection,
                decision.at,
                decision.by,
                "withdraw",
                read.id,
                {"publications": " ".join(map(str, numbers)), "reason": decision.reason},
            )

    # Time at work

    def note_presence(self, review_id: str, by: str, minute: datetime) -> None:
        """Note that somebody worked on a review in this minute."""
        with self.writing(turns=False) as connection:
            self.add(
                connection,
                tables.presence,
                review_id=review_id,
                person=by,
                minute=minute.replace(second=0, microsecond=0),
            )

    def minutes(self, review_id: str | None = None) -> dict[str, dict[str, int]]:
        """In how many minutes who worked on which review."""
        p = tables.presence.c
        query = sql.select(p.review_id, p.person, sql.func.count()).group_by(p.review_id, p.person)
        if review_id is not None:
            query = query.where(p.review_id == review_id)
        found: dict[str, dict[str, int]] = {}
        with self.reading() as connection:
            for id_, person, count in connection.execute(query.order_by(p.review_id, p.person)):
                found.setdefault(id_, {})[person] = count
        return found

    def working(self, review_id: str, since: datetime) -> list[str]:
        """Who worked on a review since then."""
        p = tables.presence.c
        query = sql.select(p.person).where(p.review_id == review_id, p.minute >= since).distinct()
        with self.reading() as connection:
            return sorted(connection.execute(query).scalars())

    # Within a transaction

    def _append(
        self,
        connection: sql.Connection,
        read: ReviewRow,
        decisions: Sequence[Decision],
        standing: Standing,
    ) -> None:
        self._refuse_stale(connection, read)
        first = read.last_number + 1
        assert [d.number for d in decisions] == list(range(first, first + len(decisions))), decisions
        connection.execute(
            _decisions.insert(),
            [
                {
                    "review_id": read.id,
                    "made_by": decision.by,
                    "made_at": decision.at,
                    **decision.model_dump(exclude={"by", "at"}),
                }
                for decision in decisions
            ],
        )
        self._put_standing(connection, read.id, standing, last=decisions[-1])

    def _refuse_newer(self, connection: sql.Connection, audience: str, read: ReviewRow) -> None:
        p = _publications.c
        newer = connection.execute(
            sql.select(_reviews.c.id)
            .join(_publications, p.review_id == _reviews.c.id)
            .where(
                _reviews.c.policy == read.policy,
                p.audience == audience,
                p.withdrawn_at.is_(None),
                _replaced_by().is_(None),
                _newer_than(read),
            )
        ).scalar()
        if newer is not None:
            raise UsageError(
                f"The {audience} edition of a newer version of this policy is published (review {newer}); withdraw it before an older one "
                "is published."
            )

    def _refuse_stale(self, connection: sql.Connection, read: ReviewRow) -> None:
        r = _reviews.c
        found = connection.execute(
            sql.select(r.last_number, r.state).where(r.id == read.id).with_for_update()
        ).first()
        if found is None or tuple(found) != (read.last_number, read.state):
            raise StaleError(f"The review {read.id} was changed since it was read; read it again.")

    def _put_standing(
        self,
        connection: sql.Connection,
        review_id: str,
        standing: Standing,
        last: Decision | None = None,
    ) -> None:
        values: dict[str, Any] = asdict(standing)
        if standing.state != "superseded":
            values["superseded_by"] = None
        if last is not None:
            values |= {"last_number": last.number, "changed_at": last.at}
        connection.execute(_reviews.update().where(_reviews.c.id == review_id).values(values))
        _note_codes(connection, review_id, standing.codes)

    def _supersede(self, connection: sql.Connection, row: ReviewRow, states: Sequence[str]) -> list[str]:
        r = _reviews.c
        older = sql.and_(r.policy == row.policy, r.id != row.id, r.state.in_(states), _older_than(row))
        ids = list(connection.execute(sql.select(r.id).where(older).order_by(r.id)).scalars())
        if ids:
            connection.execute(
                _reviews.update().where(older).values(state="superseded", superseded_by=row.id)
            )
        return ids


def _replaced_by() -> sql.ScalarSelect[Any]:
    """Of a publication beside its review: the review of the next one of the same policy for the same audience, None when it is the last."""
    later, of = _publications.alias("later"), _reviews.alias("of_later")
    p = _publications.c
    return (
        sql.select(later.c.review_id)
        .join(of, of.c.id == later.c.review_id)
        .where(
            of.c.policy == _reviews.c.policy,
            later.c.audience == p.audience,
            sql.or_(
                later.c.published_at > p.published_at,
                sql.and_(
                    later.c.published_at == p.published_at,
                    sql.or_(
                        sql.and_(later.c.review_id == p.review_id, later.c.number > p.number),
                        # At one moment the newer came after the older: the other way round is refused.
                        of.c.drafted_at > _reviews.c.drafted_at,
                    ),
                ),
            ),
        )
        .order_by(later.c.published_at, later.c.number)
        .limit(1)
        .correlate(_publications, _reviews)
        .scalar_subquery()
    )


def _newer_than(row: ReviewRow) -> sql.ColumnElement[bool]:
    return _version_beside(row, operator.gt)


def _older_than(row: ReviewRow) -> sql.ColumnElement[bool]:
    return _version_beside(row, operator.lt)


def _version_beside(row: ReviewRow, than: Callable[[Any, Any], Any]) -> sql.ColumnElement[bool]:
    """Which reviews are of a newer or an older version than ``row``: by the date that the policy prints, else by when it was drafted."""
    r = _reviews.c
    made = sql.or_(
        than(r.drafted_at, row.drafted_at),
        # Drafts whose stages all came from the store were made at the same time.
        sql.and_(r.drafted_at == row.drafted_at, than(r.entered_at, row.entered_at)),
    )
    if row.effective is None:
        return made
    return sql.case((r.effective != row.effective, than(r.effective, row.effective)), else_=made)


def _conditions(query: QueueQuery) -> Iterator[sql.ColumnElement[bool]]:
    r = _reviews.c
    for word in query.text.casefold().split():
        yield r.search.contains(word, autoescape=True)
    if query.states:
        yield r.state.in_(query.states)
    if query.risk:
        yield r.risk.in_(query.risk)
    for column, value in ((r.language, query.language), (r.run_id, query.run_id), (r.policy, query.policy)):
        if value:
            yield column == value
    if query.code:
        codes = tables.review_codes.c
        yield r.id.in_(sql.select(codes.review_id).where(codes.code == query.code))


def _order(sort: SortKey, descending: bool) -> Iterator[sql.ColumnElement[Any]]:
    r = _reviews.c
    keys: dict[SortKey, tuple[sql.ColumnElement[Any], ...]] = {
        "need": (r.need, r.drafted_at),
        # What is searched in begins with the title, without regard to case.
        "title": (r.search,),
        "company": (sql.func.lower(r.company), r.search),
        "age": (r.drafted_at,),
        "risk": (sql.case({level: n for n, level in enumerate(_LEVELS)}, value=r.risk, else_=-1), r.high),
        "findings": (r.errors, r.warnings, r.notes),
        "state": (sql.case({state: n for n, state in enumerate(_STATES)}, value=r.state), r.drafted_at),
        "progress": (sql.case((r.units > 0, r.decided * 1.0 / r.units), else_=1.0), r.units),
    }
    for key in (*keys[sort], r.id):
        yield key.desc() if descending else key


def _counted(connection: sql.Connection, column: sql.Column[Any]) -> dict[str, int]:
    query = sql.select(column, sql.func.count()).where(column.is_not(None)).group_by(column).order_by(column)
    return dict(connection.execute(query).all())


def _row_values(row: ReviewRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _ROW} | {
        "tags": row.tags,
        "tally": asdict(row.tally),
        "search": "\n".join((row.title, row.company, row.source, row.id)).casefold(),
    }


def _row(values: Sequence[Any]) -> ReviewRow:
    *own, tags, tally = values
    return ReviewRow(**dict(zip(_ROW, own, strict=True)), tags=tuple(tags), tally=Tally(**tally))


def _decision(row: Any) -> Decision:
    values = dict(row._mapping)
    del values["review_id"]
    return Decision(by=values.pop("made_by"), at=values.pop("made_at"), **values)


def _superseded(ids: Sequence[str]) -> dict[str, str]:
    return {"superseded": " ".join(ids)} if ids else {}


def _note_codes(
    connection: sql.Connection, review_id: str, codes: Mapping[str, int], *, new: bool = False
) -> None:
    table = tables.review_codes
    if not new:
        connection.execute(table.delete().where(table.c.review_id == review_id))
    if codes:
        connection.execute(
            table.insert(),
            [{"review_id": review_id, "code": code, "findings": count} for code, count in codes.items()],
        )
