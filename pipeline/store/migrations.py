"""The store's schema, grown by named steps. A step is never edited; a change is a new step at the end."""

import sqlite3
from collections.abc import Callable

from pipeline.errors import StoreError


def m001_stages(connection: sqlite3.Connection) -> None:
    """Finished stages by the hash of all that determined them."""
    connection.execute(
        "CREATE TABLE stages (key TEXT PRIMARY KEY, stage TEXT NOT NULL, answer TEXT NOT NULL, record TEXT NOT NULL, "
        "finished_at TEXT NOT NULL)"
    )


def m002_replies(connection: sqlite3.Connection) -> None:
    """Completions of conversations that are not over, by the digest of their request."""
    connection.execute(
        "CREATE TABLE replies (request_sha256 TEXT PRIMARY KEY, key TEXT NOT NULL, completion TEXT NOT NULL)"
    )
    connection.execute("CREATE INDEX replies_of_key ON replies (key)")


def m003_calls(connection: sqlite3.Connection) -> None:
    """Every request, noted before it is sent; without an outcome it was in flight when the process ended."""
    connection.execute(
        "CREATE TABLE calls (number INTEGER PRIMARY KEY, run_id TEXT NOT NULL, item_id TEXT NOT NULL, key TEXT NOT NULL, "
        "request_sha256 TEXT NOT NULL, kind TEXT NOT NULL, model TEXT NOT NULL, begun_at TEXT NOT NULL, outcome TEXT, "
        "most_tokens INTEGER NOT NULL, most_usd REAL NOT NULL, reason TEXT, prompt_tokens INTEGER, cached_tokens INTEGER, "
        "completion_tokens INTEGER, cost_usd REAL)"
    )
    connection.execute("CREATE INDEX calls_of_run ON calls (run_id, number)")


def m004_runs(connection: sqlite3.Connection) -> None:
    """Runs, the items of each, and finished drafts."""
    connection.execute(
        "CREATE TABLE runs (id TEXT PRIMARY KEY, command TEXT NOT NULL, settings TEXT NOT NULL, state TEXT NOT NULL, "
        "reason TEXT, created_at TEXT NOT NULL, begun_at TEXT NOT NULL, ended_at TEXT, first_call INTEGER NOT NULL)"
    )
    connection.execute(
        "CREATE TABLE items (run_id TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL, source TEXT NOT NULL, "
        "title TEXT, company TEXT, tags TEXT NOT NULL, state TEXT NOT NULL, reason TEXT, kind TEXT, source_key TEXT, "
        "document_key TEXT, linked_to TEXT, draft_key TEXT, errors INTEGER NOT NULL, warnings INTEGER NOT NULL, "
        "notes INTEGER NOT NULL, PRIMARY KEY (run_id, id)) WITHOUT ROWID"
    )
    connection.execute("CREATE INDEX items_of_document ON items (run_id, document_key)")
    connection.execute("CREATE INDEX items_linked_to ON items (run_id, linked_to)")
    connection.execute(
        "CREATE TABLE drafts (key TEXT PRIMARY KEY, draft BLOB NOT NULL, finished_at TEXT NOT NULL)"
    )


def m005_provider_batches(connection: sqlite3.Connection) -> None:
    """Batches of the provider, and requests that have no answer yet: in one of them (``number``), or back without one."""
    connection.execute(
        "CREATE TABLE provider_batches (run_id TEXT NOT NULL, number INTEGER NOT NULL, token TEXT NOT NULL, batch_id TEXT, "
        "state TEXT NOT NULL, status TEXT NOT NULL, requests INTEGER NOT NULL, answered INTEGER NOT NULL, failed INTEGER NOT NULL, "
        "reason TEXT, submitted_at TEXT NOT NULL, ended_at TEXT, PRIMARY KEY (run_id, number)) WITHOUT ROWID"
    )
    connection.execute(
        "CREATE TABLE provider_requests (run_id TEXT NOT NULL, request_sha256 TEXT NOT NULL, number INTEGER, key TEXT NOT NULL, "
        "item_id TEXT NOT NULL, kind TEXT NOT NULL, model TEXT NOT NULL, most_tokens INTEGER NOT NULL, most_usd REAL NOT NULL, "
        "tries INTEGER NOT NULL, final INTEGER NOT NULL, fault TEXT, PRIMARY KEY (run_id, request_sha256)) WITHOUT ROWID"
    )
    connection.execute("CREATE INDEX provider_requests_of_batch ON provider_requests (run_id, number)")


def m006_reviews(connection: sqlite3.Connection) -> None:
    """Reviews with their decisions and publications, who may make them, the audit log, and the time that it took.

    Decisions and the audit log only grow. A draft that is under review is not replaced: when another comes under its key, the review
    keeps its own under one that no run has.
    """
    for statement in _M006.split(";;"):
        connection.execute(statement)


_M006 = """
CREATE TABLE reviews (
    id TEXT PRIMARY KEY NOT NULL, draft_key TEXT NOT NULL, policy TEXT NOT NULL, title TEXT NOT NULL, company TEXT NOT NULL,
    language TEXT NOT NULL, source TEXT NOT NULL, effective TEXT, words INTEGER NOT NULL, drafted_at TEXT NOT NULL, entered_at TEXT NOT NULL,
    changed_at TEXT NOT NULL, state TEXT NOT NULL, risk TEXT, high INTEGER NOT NULL, errors INTEGER NOT NULL, warnings INTEGER NOT NULL,
    notes INTEGER NOT NULL, codes TEXT NOT NULL, units INTEGER NOT NULL, decided INTEGER NOT NULL, last_number INTEGER NOT NULL, run_id TEXT,
    item_id TEXT, tags TEXT NOT NULL, models TEXT NOT NULL, prompts TEXT NOT NULL, approved_by TEXT, approved_at TEXT, superseded_by TEXT,
    tally TEXT NOT NULL, search TEXT NOT NULL, need INTEGER GENERATED ALWAYS AS (
        CASE state WHEN 'drafted' THEN 0 WHEN 'in_review' THEN 0 WHEN 'approved' THEN 8 WHEN 'published' THEN 16 ELSE 24 END +
        CASE WHEN errors > 0 THEN 0 ELSE 4 END + CASE WHEN high > 0 THEN 0 ELSE 2 END + CASE WHEN warnings > 0 THEN 0 ELSE 1 END
    ) STORED
);;
CREATE INDEX reviews_by_need ON reviews (need, drafted_at, id);;
CREATE INDEX reviews_by_age ON reviews (drafted_at, id);;
CREATE INDEX reviews_of_policy ON reviews (policy, drafted_at);;
CREATE INDEX reviews_of_draft ON reviews (draft_key);;
CREATE TABLE review_keys (draft_key TEXT PRIMARY KEY NOT NULL, review_id TEXT NOT NULL REFERENCES reviews (id));;
CREATE TABLE review_codes (
    review_id TEXT NOT NULL REFERENCES reviews (id), code TEXT NOT NULL, findings INTEGER NOT NULL, PRIMARY KEY (review_id, code)
) WITHOUT ROWID;;
CREATE INDEX review_codes_by_code ON review_codes (code);;
CREATE TABLE decisions (
    review_id TEXT NOT NULL REFERENCES reviews (id), number INTEGER NOT NULL, act INTEGER, kind TEXT NOT NULL, path TEXT NOT NULL,
    made_by TEXT NOT NULL, made_at TEXT NOT NULL, reason TEXT NOT NULL, before TEXT, after TEXT, undoes INTEGER, carried_from TEXT,
    PRIMARY KEY (review_id, number)
);;
CREATE INDEX decisions_by_kind ON decisions (kind, review_id);;
CREATE TABLE publications (
    review_id TEXT NOT NULL REFERENCES reviews (id), number INTEGER NOT NULL, audience TEXT NOT NULL, published_by TEXT NOT NULL,
    published_at TEXT NOT NULL, last_number INTEGER NOT NULL, files TEXT NOT NULL, withdrawn_at TEXT, PRIMARY KEY (review_id, number)
);;
CREATE TABLE users (
    name TEXT PRIMARY KEY NOT NULL, password_hash TEXT NOT NULL, role TEXT NOT NULL, created_at TEXT NOT NULL, disabled_at TEXT
);;
CREATE TABLE sessions (
    token_sha256 TEXT PRIMARY KEY NOT NULL, user_name TEXT NOT NULL REFERENCES users (name), csrf TEXT NOT NULL, created_at TEXT NOT NULL,
    seen_at TEXT NOT NULL, expires_at TEXT NOT NULL
);;
CREATE INDEX sessions_of_user ON sessions (user_name);;
CREATE INDEX sessions_by_end ON sessions (expires_at);;
CREATE TABLE logins (
    number INTEGER PRIMARY KEY NOT NULL, user_name TEXT NOT NULL, address TEXT NOT NULL, tried_at TEXT NOT NULL, succeeded BOOLEAN NOT NULL
);;
CREATE INDEX logins_of_user ON logins (user_name, tried_at);;
CREATE INDEX logins_of_address ON logins (address, tried_at);;
CREATE INDEX logins_by_time ON logins (tried_at);;
CREATE TABLE audit (
    number INTEGER PRIMARY KEY NOT NULL, noted_at TEXT NOT NULL, noted_by TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
    detail TEXT NOT NULL, sha256 TEXT NOT NULL
);;
CREATE INDEX audit_of_subject ON audit (subject, number);;
CREATE TABLE presence (
    review_id TEXT NOT NULL REFERENCES reviews (id), person TEXT NOT NULL, minute TEXT NOT NULL, PRIMARY KEY (review_id, person, minute)
) WITHOUT ROWID;;
CREATE INDEX items_of_draft ON items (draft_key);;
CREATE TRIGGER decisions_are_not_changed BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions only grow'); END;;
CREATE TRIGGER decisions_are_not_deleted BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions only grow'); END;;
CREATE TRIGGER decisions_are_not_replaced BEFORE INSERT ON decisions
WHEN EXISTS (SELECT 1 FROM decisions WHERE review_id = NEW.review_id AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'decisions only grow'); END;;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;;
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;;
CREATE TRIGGER drafts_under_review_stay BEFORE INSERT ON drafts
WHEN EXISTS (
    SELECT 1 FROM drafts JOIN reviews ON reviews.draft_key = drafts.key WHERE drafts.key = NEW.key AND drafts.draft <> NEW.draft
)
BEGIN
    INSERT INTO drafts SELECT 'review:' || reviews.id, drafts.draft, drafts.finished_at
        FROM drafts JOIN reviews ON reviews.draft_key = drafts.key WHERE drafts.key = NEW.key;
    DELETE FROM review_keys WHERE draft_key = NEW.key;
    INSERT INTO review_keys SELECT 'review:' || id, id FROM reviews WHERE draft_key = NEW.key;
    UPDATE reviews SET draft_key = 'review:' || id WHERE draft_key = NEW.key;
END
"""


STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    m001_stages,
    m002_replies,
    m003_calls,
    m004_runs,
    m005_provider_batches,
    m006_reviews,
)


def prove_writable(connection: sqlite3.Connection) -> None:
    """Write and change nothing: the number of the schema once more. Raises sqlite3.Error when the store cannot be written.

    It is committed, for SQLite writes nothing before that: one rolled back would prove a lock and no more.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        taken = int(connection.execute("PRAGMA user_version").fetchone()[0])
        connection.execute(f"PRAGMA user_version = {taken}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def migrate(connection: sqlite3.Connection) -> None:
    """Take the steps the store has not taken, each in its own transaction with its number.

    Raises StoreError when the store was made by a newer Clausewise.
    """
    taken = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if taken > len(STEPS):
        raise StoreError(
            f"The store was made by a newer Clausewise (schema {taken}, this one knows {len(STEPS)}); update Clausewise."
        )
    while taken < len(STEPS):
        connection.execute("BEGIN IMMEDIATE")
        try:
            taken = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if taken < len(STEPS):
                STEPS[taken](connection)
                taken += 1
                connection.execute(f"PRAGMA user_version = {taken}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
