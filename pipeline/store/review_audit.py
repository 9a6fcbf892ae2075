"""The audit log: who did what, by lines that only grow. Each carries the digest of the one before, so that a line taken out shows."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import sqlalchemy as sql
from sqlalchemy.dialects import sqlite

from pipeline.store import review_tables as tables
from pipeline.store.review_engine import ReviewEngine
from pipeline.store.review_records import AuditRow

_audit = tables.audit


class AuditLog(ReviewEngine):
    """The audit log of a store."""

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

    def broken_audit(self) -> int | None:
        """The number of the first line that is not what was written there, or follows one that is gone; None when there is none.

        What was cut off at the end does not show: compare the last line with one that was noted elsewhere.
        """
        last = AuditRow(0, now(), "", "", "")
        with self.reading() as connection:
            for values in connection.execute(sql.select(*_audit.c).order_by(_audit.c.number)):
                row = AuditRow(*values)
                if row.number != last.number + 1 or row.sha256 != _chained(last.sha256, row):
                    return row.number
                last = row
        return None

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
