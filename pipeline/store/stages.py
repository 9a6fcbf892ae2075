"""Finished stages, kept under the hash of all that determined them, so that none is paid for twice."""

import os
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from pipeline.errors import StoreError
from pipeline.store.migrations import migrate, prove_writable

IN_MEMORY = Path(":memory:")


@dataclass(frozen=True, slots=True)
class StoredStage:
    """A finished stage: the answer and its record, both as JSON."""

    answer: str
    record: str


class StageStore:
    """The stages in one SQLite file; ``IN_MEMORY`` forgets them at the end.

    Raises StoreError when the file cannot be opened, read or written: at once, before an answer is paid for that it could not keep.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            if path != IN_MEMORY:
                path.parent.mkdir(parents=True, exist_ok=True)
                _refuse_read_only(path)
            self._connection = _opened(path)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"The store {path} cannot be opened ({error}); name another with --store."
            ) from error

    def __enter__(self) -> "StageStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def load(self, key: str) -> StoredStage | None:
        """The stage under this key, or None."""
        try:
            row = self._connection.execute(
                "SELECT answer, record FROM stages WHERE key = ?", (key,)
            ).fetchone()
        except sqlite3.Error as error:
            raise StoreError(f"The store {self.path} cannot be read ({error}).") from error
        return StoredStage(*row) if row else None

    def save(self, key: str, stage: str, answer: str, record: str) -> None:
        """Keep a finished stage; it is on disk when this returns. The newest answer to a key replaces an older one."""
        now = datetime.now(UTC).isoformat()
        try:
            self._connection.execute(
                "INSERT OR REPLACE INTO stages (key, stage, answer, record, finished_at) VALUES (?, ?, ?, ?, ?)",
                (key, stage, answer, record, now),
            )
        except sqlite3.Error as error:
            raise StoreError(f"The store {self.path} cannot be written ({error}).") from error


def _refuse_read_only(path: Path) -> None:
    # SQLite would open it for reading, and leave files beside it that its owner cannot write to.
    effective = os.access in os.supports_effective_ids
    if path.exists() and not os.access(path, os.W_OK, effective_ids=effective):
        raise PermissionError("it is read-only")


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        migrate(connection)
        prove_writable(connection)
    except BaseException:
        connection.close()
        raise
    return connection
