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


STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    m001_stages,
    m002_replies,
    m003_calls,
    m004_runs,
    m005_provider_batches,
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
