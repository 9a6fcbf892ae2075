"""Who may review: people, their sessions, and who tried to sign in."""

from dataclasses import asdict
from datetime import datetime, timedelta

import sqlalchemy as sql

from pipeline.store import review_tables as tables
from pipeline.store.review_audit import AuditLog, now
from pipeline.store.review_records import SessionRow, UserRow

_LOGINS_KEPT = timedelta(days=2)

_users, _sessions, _logins = tables.users, tables.sessions, tables.logins


class People(AuditLog):
    """The people of a store."""

    def users(self) -> list[UserRow]:
        """Everyone who may or might sign in, by name."""
        with self.reading() as connection:
            return [UserRow(*v) for v in connection.execute(sql.select(*_users.c).order_by(_users.c.name))]

    def user(self, name: str) -> UserRow | None:
        """A person by name, disabled or not, or None."""
        with self.reading() as connection:
            found = connection.execute(sql.select(*_users.c).where(_users.c.name == name)).first()
        return None if found is None else UserRow(*found)

    def put_user(self, row: UserRow, by: str) -> None:
        """Add a person, or change one of that name; sessions that are open end when the password changes."""
        with self.writing() as connection:
            before = connection.execute(sql.select(*_users.c).where(_users.c.name == row.name)).first()
            values = asdict(row)
            if before is None:
                connection.execute(_users.insert().values(values))
            else:
                connection.execute(_users.update().where(_users.c.name == row.name).values(values))
                if before.password_hash != row.password_hash:
                    connection.execute(_sessions.delete().where(_sessions.c.user_name == row.name))
            action = "add user" if before is None else "change user"
            self.note(connection, now(), by, action, row.name, {"role": row.role})

    def disable_user(self, name: str, by: str) -> bool:
        """Have a person sign in no more, and end their sessions; False when there is no such person who can."""
        at = now()
        with self.writing() as connection:
            changed = connection.execute(
                _users.update()
                .where(_users.c.name == name, _users.c.disabled_at.is_(None))
                .values(disabled_at=at)
            ).rowcount
            connection.execute(_sessions.delete().where(_sessions.c.user_name == name))
            if changed:
                self.note(connection, at, by, "disable user", name, {})
            return bool(changed)

    def open_session(self, row: SessionRow) -> None:
        """Keep a session, and forget those that are over."""
        with self.writing(turns=False) as connection:
            connection.execute(_sessions.delete().where(_sessions.c.expires_at <= row.created_at))
            values = asdict(row)
            values["user_name"] = values.pop("user")
            del values["role"]
            connection.execute(_sessions.insert().values(values))

    def session(self, token_sha256: str, now: datetime) -> SessionRow | None:
        """A session that is not over, of a person who may sign in, with the role they have now; None when there is none."""
        s = _sessions.c
        query = (
            sql.select(
                *(s.token_sha256, s.user_name, _users.c.role, s.csrf, s.created_at, s.seen_at, s.expires_at)
            )
            .join(_users, _users.c.name == s.user_name)
            .where(s.token_sha256 == token_sha256, s.expires_at > now, _users.c.disabled_at.is_(None))
        )
        with self.reading() as connection:
            found = connection.execute(query).first()
        return None if found is None else SessionRow(*found)

    def touch_session(self, token_sha256: str, seen_at: datetime, expires_at: datetime) -> None:
        """Have a session end later."""
        with self.writing(turns=False) as connection:
            connection.execute(
                _sessions.update()
                .where(_sessions.c.token_sha256 == token_sha256)
                .values(seen_at=seen_at, expires_at=expires_at)
            )

    def close_session(self, token_sha256: str) -> None:
        """End a session."""
        with self.writing(turns=False) as connection:
            connection.execute(_sessions.delete().where(_sessions.c.token_sha256 == token_sha256))

    def close_sessions_of(self, user: str) -> None:
        """End all sessions of a person."""
        with self.writing(turns=False) as connection:
            connection.execute(_sessions.delete().where(_sessions.c.user_name == user))

    def note_login(self, name: str, address: str, at: datetime, ok: bool) -> None:
        """Note that somebody tried to sign in. What is older than two days is forgotten."""
        with self.writing(turns=False) as connection:
            connection.execute(_logins.delete().where(_logins.c.tried_at < at - _LOGINS_KEPT))
            connection.execute(
                _logins.insert().values(user_name=name, address=address, tried_at=at, succeeded=ok)
            )

    def failures_since(self, name: str, address: str, since: datetime) -> tuple[int, int]:
        """How often signing in failed: under a name since it last succeeded, and from an address, which no success clears."""
        tried = _logins.c
        failed = sql.select(sql.func.count()).where(tried.tried_at >= since, tried.succeeded.is_(False))
        with self.reading() as connection:
            last = connection.execute(
                sql.select(sql.func.max(tried.number)).where(
                    tried.user_name == name, tried.succeeded.is_(True)
                )
            ).scalar()
            of_name = connection.execute(
                failed.where(tried.user_name == name, tried.number > (last or 0))
            ).scalar_one()
            from_address = connection.execute(failed.where(tried.address == address)).scalar_one()
        return of_name, from_address
