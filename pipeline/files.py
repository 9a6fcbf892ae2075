"""Writing a draft's files: all of them or none."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import UsageError


def folder_name(source: str, sha256: str) -> str:
    """A folder's name for a source: its last part in letters, digits and hyphens, and the start of its digest.

    Thus the privacy.html of one company does not replace the draft of another's.
    """
    plain = re.split(r"[?#]", source)[0] if "://" in source else source
    last = plain.rstrip("/").rpartition("/")[2]
    stem = re.sub(r"\.(html?|md|markdown|txt|pdf|docx)$", "", last, flags=re.IGNORECASE)
    name = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-")[:60] or "draft"
    return f"{name}-{sha256[:8]}"


def refuse_unwritable(folder: Path) -> None:
    """Raise UsageError when no file can be written to ``folder``, which need not be there yet."""
    nearest = folder
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise _cannot_write(folder, f"{nearest} is not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise _cannot_write(folder, f"no permission to write to {nearest}")


def _cannot_write(folder: Path, reason: str) -> UsageError:
    return UsageError(f"The draft cannot be written to {folder} ({reason}); name another folder with --out.")


def write_files(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write each text under its name in ``folder``: all of them or none, and each whole. Raises UsageError when it cannot be."""
    ready: list[tuple[str, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in texts:
            if (folder / name).is_dir():
                raise _cannot_write(folder, f"{name} is a folder there")
        try:
            for name, text in texts.items():
                handle, temporary = tempfile.mkstemp(prefix=".", dir=folder)
                ready.append((temporary, folder / name))
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).chmod(0o644)
            for temporary, path in ready:
                Path(temporary).replace(path)
        finally:
            for temporary, _ in ready:
                Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(folder, error.strerror or type(error).__name__) from error
    return tuple(path for _, path in ready)
