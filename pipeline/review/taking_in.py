"""Taking drafts from files into the queue."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from pipeline.errors import UsageError
from schemas.draft import Draft

DRAFT = "draft.json"


def find_drafts(paths: Sequence[Path]) -> list[Path]:
    """The drafts that are meant: each file, and every draft.json below each folder. Raises UsageError when there is none at a path."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            here = sorted(path.rglob(DRAFT))
            if not here:
                raise UsageError(f"There is no {DRAFT} in {path} or below.")
            found += here
        elif path.is_file():
            found.append(path)
        else:
            raise UsageError(f"There is no file or folder {path}.")
    return list(dict.fromkeys(found))


def read_drafts(paths: Sequence[Path]) -> Iterator[Draft]:
    """The drafts in files, one after the other. Raises UsageError for a file that holds none."""
    for path in paths:
        try:
            yield Draft.model_validate_json(path.read_bytes())
        except OSError as error:
            raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "the file"
            raise UsageError(f"{path} is no draft of this version: {where}: {first['msg']}.") from None
