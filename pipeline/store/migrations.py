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
