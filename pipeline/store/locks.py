"""One process at a time works on a run in a file: two would pay for the same documents."""

import contextlib
import os
from pathlib import Path

from pipeline.errors import StoreError


class RunLock:
    """A lock that ends with the process, however it ends. Raises StoreError when another process holds it."""

    def __init__(self, store: Path, run_id: str) -> None:
        folder = store.with_name(f"{store.name}-runs")
        try:
            folder.mkdir(exist_ok=True)
            self._file = os.open(folder / f"{run_id}.lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError(f"The store {store} cannot be written ({error}).") from error
        if not _locked(self._file):
            os.close(self._file)
            raise StoreError(
                f"Another process works on the run {run_id} in {store}; wait for its end, or stop it."
            )

    def release(self) -> None:
        """Let another process work on it."""
        with contextlib.suppress(OSError):
            os.close(self._file)


def _locked(file: int) -> bool:
    try:
        import fcntl
    except ImportError:  # no such locks on Windows, where nothing but the user's care keeps two apart
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
