"""Writing a draft's files: all of them or none."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import UsageError


def folder_name(source: str) -> str:
    """A folder's name for a source: its last part without extension, in letters, digits and hyphens."""
    plain = re.split(r"[?#]", source)[0] if "://" in source else source
    last = plain.rstrip("/").rpartition("/")[2]
    stem = re.sub(r"\.(html?|md|markdown|txt|pdf|docx)$", "", last, flags=re.IGNORECASE)
    return re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-")[:60] or "draft"


def write_files(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write each text under its name in ``folder``; a file appears whole or not at all. Raises UsageError when it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ready: list[tuple[str, Path]] = []
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
        raise UsageError(
            f"The drafts cannot be written to {folder} ({error.strerror}); name another folder with --out."
        ) from error
    return tuple(path for _, path in ready)
