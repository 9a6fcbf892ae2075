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


STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (m001_stages,)


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
