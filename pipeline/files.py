"""Writing a draft's files: all of them or none."""

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

from pipeline.errors import UsageError

_UNFINISHED = ".unfinished-"


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
    """Raise UsageError when no file can be written to ``folder``, which need not be there yet.

    Only doing it tells: there are folders where permission is given and nothing can be made. It is left as it was found.
    """
    try:
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        if not nearest.is_dir():
            raise _cannot_write(folder, f"{nearest} is not a folder")
        with made_for_now(folder), tempfile.NamedTemporaryFile(prefix=".", dir=folder):
            pass
    except OSError as error:
        raise _cannot_write(folder, error.strerror or type(error).__name__) from error


@contextmanager
def made_for_now(folder: Path) -> Iterator[Path]:
    """The folder, made when it is missing; at the end what was made is taken away again, unless something is in it by then.

    Raises OSError when it cannot be made.
    """
    missing = _missing(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    finally:
        for made in missing:
            with suppress(OSError):
                made.rmdir()


def _missing(folder: Path) -> list[Path]:
    """The folder and those above it that are not there, the innermost first."""
    return list(takewhile(lambda path: not path.exists(), (folder, *folder.parents)))


def _cannot_write(folder: Path, reason: str, otherwise: str = "name another folder with --out") -> UsageError:
    return UsageError(f"The files cannot be written to {folder} ({reason}); {otherwise}.")


def clear_unfinished(folder: Path) -> None:
    """Take away what a process that was killed while it wrote has left in a folder that nobody else writes to."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        path.unlink(missing_ok=True)


def write_files(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write each text under its name in ``folder``, each whole, and none before all are ready. Raises UsageError when it cannot be."""
    with ready_files(folder, {name: text.encode("utf-8") for name, text in texts.items()}) as name_them:
        name_them()
    return tuple(folder / name for name in texts)


@contextmanager
def ready_files(
    folder: Path,
    contents: Mapping[str, bytes] | Iterable[tuple[str, bytes]],
    otherwise: str = "name another folder with --out",
) -> Iterator[Callable[[], None]]:
    """The files on the disk under other names; calling what is given gives them theirs. At the end none without its name is left.

    A name may be that of a file in a folder below. Contents are taken one after the other, and only one is held at a time. Raises
    UsageError when they cannot be written, which tells what to do ``otherwise``.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items() if isinstance(contents, Mapping) else contents:
            path = folder / name
            if path.is_dir():
                raise _cannot_write(folder, f"{name} is a folder there", otherwise)
            path.parent.mkdir(exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=_UNFINISHED, dir=path.parent)
            ready.append((Path(temporary), path))
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o644)

        def name_them() -> None:
            for made, path in ready:
                made.replace(path)

        yield name_them
    except OSError as error:
        raise _cannot_write(folder, error.strerror or type(error).__name__, otherwise) from error
    finally:
        for made, _ in ready:
            made.unlink(missing_ok=True)
