"""Drafts in files: which are meant by the paths that somebody names, and what is in them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

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
            raise UsageError(
                f"There is no file or folder {path}; give the {DRAFT} that clausewise summarize wrote, or its folder."
            )
    return list(dict.fromkeys(found))


def read_drafts(paths: Sequence[Path]) -> Iterator[Draft]:
    """The drafts in files, one after the other. Raises UsageError for a file that holds none."""
    return map(read_draft, paths)


def read_draft(path: Path) -> Draft:
    """The draft in a file. Raises UsageError when it holds none that this version can read."""
    try:
        return Draft.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from None
    except ValidationError as error:
        first: Any = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise UsageError(
            f"{path} is no draft of this version ({where}: {first['msg']}); give the {DRAFT} that clausewise summarize wrote."
        ) from None
