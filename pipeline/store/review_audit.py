"""The audit log: who did what, by lines that only grow. Each carries the digest of the one before, so that a line taken out shows."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sql
from sqlalchemy.dialects import sqlite

from pipeline.store import review_tables as tables
from pipeline.store.review_engine import ReviewEngine
from pipeline.store.review_records import AuditCheck, AuditRow

_audit = tables.audit
_AT_ONCE = 1000  # lines that a check holds in memory


class AuditLog(ReviewEngine):
    """The audit log of a store."""

    _checked: AuditCheck | None = None

    def audit(self, by: str, action: str, subject: str, detail: Mapping[str, str]) -> None:
        """Add a line to the audit log."""
        with self.writing() as connection:
            self.note(connection, now(), by, action, subject, detail)

    def audit_log(self, *, subject: str = "", limit: int = 200, before: int | None = None) -> list[AuditRow]:
        """Lines of the audit log, the newest first; those about a subject, and those with a number below ``before``."""
        query = sql.select(*_audit.c).order_by(_audit.c.number.desc()).limit(limit)
        if subject:
            query = query.where(_audit.c.subject == subject)
        if before is not None:
            query = query.where(_audit.c.number < before)
        with self.reading() as connection:
            return [AuditRow(*values) for values in connection.execute(query)]

    def check_audit(self, *, anew: bool = False) -> AuditCheck:
        """Whether every line follows from the one before. Every line is read the first time and when it is asked for ``anew``, else those
        since the last check and the one that it ended with.

        How far the log was whole is remembered in this process, where whoever changes the store does not reach it. A line from before
        that is changed after it shows when all are read again. What was cut off at the end shows against the line where a check ended,
        and else not: compare the last line with one that was noted elsewhere.
        """
        known = None if anew else self._checked
        begun = now()
        last = AuditRow(0, begun, "", "", "")
        query = sql.select(*_audit.c).order_by(_audit.c.number)
        with self.reading() as connection:
            if known is not None and known.number:
                last = AuditRow(known.number, begun, "", "", "", sha256=known.sha256)
                query = query.where(_audit.c.number > known.number)
                there = sql.select(_audit.c.sha256).where(_audit.c.number == known.number)
                if connection.execute(there).scalar() != known.sha256:
                    return replace(known, broken=known.number)
            broken = None
            for values in connection.execution_options(yield_per=_AT_ONCE).execute(query):
                row = AuditRow(*values)
                if row.number != last.number + 1 or row.sha256 != _chained(last.sha256, row):
                    broken = row.number
                    break
                last = row
        whole_at = begun if known is None else known.whole_at
        self._checked = AuditCheck(broken, last.number, last.sha256, whole_at)
        return self._checked

    def has_audit_line(self, number: int, sha256: str) -> bool:
        """Whether the line of this number has this digest."""
        query = sql.select(_audit.c.sha256).where(_audit.c.number == number)
        with self.reading() as connection:
            return connection.execute(query).scalar() == sha256

    def broken_among(self, lines: Sequence[AuditRow]) -> int | None:
        """The least number of these lines that is not what was written there, or follows one that is gone; None when there is none."""
        before = {line.number: line.sha256 for line in lines} | {0: ""}
        missing = {line.number - 1 for line in lines} - before.keys()
        query = sql.select(_audit.c.number, _audit.c.sha256).where(_audit.c.number.in_(missing))
        with self.reading() as connection:
            before |= dict(connection.execute(query).all())
        wrong = [
            line.number
            for line in lines
            if line.number - 1 not in before or line.sha256 != _chained(before[line.number - 1], line)
        ]
        return min(wrong, default=None)

    def note(
        self,
        connection: sql.Connection,
        at: datetime,
        by: str,
        action: str,
        subject: str,
        detail: Mapping[str, str],
    ) -> None:
        """Add a line within a transaction that takes its turn."""
        last = connection.execute(
            sql.select(_audit.c.number, _audit.c.sha256).order_by(_audit.c.number.desc()).limit(1)
        ).first()
        number, before = (0, "") if last is None else last
        row = AuditRow(
            number + 1,
            at,
            tables.clean(by),
            tables.clean(action),
            tables.clean(subject),
            dict(sorted(detail.items())),
        )
        connection.execute(
            _audit.insert().values(
                number=row.number,
                noted_at=at,
                noted_by=row.by,
                action=row.action,
                subject=row.subject,
                detail=row.detail,
                sha256=_chained(before, row),
            )
        )


def _chained(before: str, row: AuditRow) -> str:
    moment = tables.Moment().process_bind_param(row.at, sqlite.dialect())
    told = json.dumps([before, row.number, moment, row.by, row.action, row.subject, row.detail])
    return hashlib.sha256(told.encode("ascii")).hexdigest()


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)
