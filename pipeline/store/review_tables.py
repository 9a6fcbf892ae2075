"""The tables of reviews as SQLAlchemy sees them in either engine. The migrations make them; a test holds the two together.

A time is kept as text in SQLite, which has no type for it, always in UTC and always as long, so that it sorts; JSON is kept as ASCII text
in both, so that whatever a model wrote can be kept.
"""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Computed,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeEngine


def clean(text: str) -> str:
    """A text that both engines keep: no NUL, and no half of a surrogate pair."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


class Moment(TypeDecorator[datetime]):
    """A time, in UTC wherever it was."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text in SQLite, a time with its zone in PostgreSQL."""
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """What is kept of a time."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The time that was kept."""
        if value is None:
            return None
        return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text without what PostgreSQL does not keep, in whichever engine, so that both answer alike."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text that is kept or looked for."""
        return None if value is None else clean(value)


class Json(TypeDecorator[Any]):
    """A value of JSON as text; None is no value."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """The text of a value."""
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The value of a text."""
        return None if value is None else json.loads(value)


# What most likely needs a person comes first: drafts that are not decided, then approved, published and superseded ones; among each
# those with errors, then with a high risk, then with warnings.
NEED = (
    "CASE state WHEN 'drafted' THEN 0 WHEN 'in_review' THEN 0 WHEN 'approved' THEN 8 WHEN 'published' THEN 16 ELSE 24 END + "
    "CASE WHEN errors > 0 THEN 0 ELSE 4 END + CASE WHEN high > 0 THEN 0 ELSE 2 END + CASE WHEN warnings > 0 THEN 0 ELSE 1 END"
)

metadata = MetaData()


def _needed(name: str, kind: Any, *more: Any) -> Column[Any]:
    return Column(name, kind, *more, nullable=False)


drafts = Table(
    "drafts",
    metadata,
    Column("key", Words, primary_key=True),
    _needed("draft", LargeBinary),
    _needed("finished_at", Moment),
)

# Of the runs only what tells which of them a draft came from.
runs = Table("runs", MetaData(), Column("id", Words, primary_key=True), _needed("begun_at", Moment))
items = Table(
    "items",
    MetaData(),
    _needed("run_id", Words),
    _needed("id", Words),
    _needed("tags", Words),
    Column("draft_key", Words),
    PrimaryKeyConstraint("run_id", "id"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Words, primary_key=True),
    _needed("draft_key", Words),
    _needed("policy", Words),
    _needed("title", Words),
    _needed("company", Words),
    _needed("language", Words),
    _needed("source", Words),
    Column("effective", Words),
    _needed("words", Integer),
    _needed("drafted_at", Moment),
    _needed("entered_at", Moment),
    _needed("changed_at", Moment),
    _needed("state", Words),
    Column("risk", Words),
    _needed("high", Integer),
    _needed("errors", Integer),
    _needed("warnings", Integer),
    _needed("notes", Integer),
    _needed("codes", Json),
    _needed("units", Integer),
    _needed("decided", Integer),
    _needed("last_number", Integer),
    Column("run_id", Words),
    Column("item_id", Words),
    _needed("tags", Json),
    _needed("models", Json),
    _needed("prompts", Json),
    Column("approved_by", Words),
    Column("approved_at", Moment),
    Column("superseded_by", Words),
    _needed("tally", Json),
    _needed("search", Words),
    Column("need", Integer, Computed(NEED, persisted=True)),
)
Index("reviews_by_need", reviews.c.need, reviews.c.drafted_at, reviews.c.id)
Index("reviews_by_age", reviews.c.drafted_at, reviews.c.id)
Index("reviews_of_policy", reviews.c.policy, reviews.c.drafted_at)
Index("reviews_of_draft", reviews.c.draft_key)

# Every key under which a draft was entered: the same draft may come from a run and from a file.
review_keys = Table(
    "review_keys",
    metadata,
    Column("draft_key", Words, primary_key=True),
    _needed("review_id", Words, ForeignKey("reviews.id")),
)

review_codes = Table(
    "review_codes",
    metadata,
    Column("review_id", Words, ForeignKey("reviews.id"), primary_key=True),
    Column("code", Words, primary_key=True),
    _needed("findings", Integer),
)
Index("review_codes_by_code", review_codes.c.code)

decisions = Table(
    "decisions",
    metadata,
    Column("review_id", Words, ForeignKey("reviews.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("act", Integer),
    _needed("kind", Words),
    _needed("path", Words),
    _needed("made_by", Words),
    _needed("made_at", Moment),
    _needed("reason", Words),
    Column("before", Json),
    Column("after", Json),
    Column("undoes", Integer),
    Column("carried_from", Words),
)
Index("decisions_by_kind", decisions.c.kind, decisions.c.review_id)

publications = Table(
    "publications",
    metadata,
    Column("review_id", Words, ForeignKey("reviews.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    _needed("audience", Words),
    _needed("published_by", Words),
    _needed("published_at", Moment),
    _needed("last_number", Integer),
    _needed("files", Json),
    Column("withdrawn_at", Moment),
)

users = Table(
    "users",
    metadata,
    Column("name", Words, primary_key=True),
    _needed("password_hash", Words),
    _needed("role", Words),
    _needed("created_at", Moment),
    Column("disabled_at", Moment),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", Words, primary_key=True),
    _needed("user_name", Words, ForeignKey("users.name")),
    _needed("csrf", Words),
    _needed("created_at", Moment),
    _needed("seen_at", Moment),
    _needed("expires_at", Moment),
)
Index("sessions_of_user", sessions.c.user_name)
Index("sessions_by_end", sessions.c.expires_at)

logins = Table(
    "logins",
    metadata,
    Column("number", Integer, primary_key=True),
    _needed("user_name", Words),
    _needed("address", Words),
    _needed("tried_at", Moment),
    _needed("succeeded", Boolean),
)
Index("logins_of_user", logins.c.user_name, logins.c.tried_at)
Index("logins_of_address", logins.c.address, logins.c.tried_at)
Index("logins_by_time", logins.c.tried_at)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    _needed("noted_at", Moment),
    _needed("noted_by", Words),
    _needed("action", Words),
    _needed("subject", Words),
    _needed("detail", Json),
    _needed("sha256", Words),
)
Index("audit_of_subject", audit.c.subject, audit.c.number)

presence = Table(
    "presence",
    metadata,
    Column("review_id", Words, ForeignKey("reviews.id"), primary_key=True),
    Column("person", Words, primary_key=True),
    Column("minute", Moment, primary_key=True),
)
