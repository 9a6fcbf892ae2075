"""What a summary that others published says, retold in our words, with its errors.

The summary itself is not ours to keep. Its errors are annotated in the gold (``reference_errors``); a retelling says each of them once, in
a sentence of ours, or names it as one that lies in what the summary leaves out. One that lost an error would score better than what it
stands for, so it is checked against the gold when it is loaded.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from eval.cases import Case, gold_folder
from eval.gold_file import read_gold_file, tell
from pipeline.errors import UsageError
from schemas.base import Value
from schemas.gold import EntryId, Text


class Retold(Value):
    """One sentence, and ids of the published errors that it holds."""

    text: Text
    errors: tuple[EntryId, ...] = ()


class Retelling(Value):
    """Both summaries, retold. ``unsaid`` are ids of the errors that no sentence can hold, since they are omissions."""

    schema_version: Literal["1.0"]
    consumer: Annotated[tuple[Retold, ...], Field(min_length=1)]
    legal: Annotated[tuple[Retold, ...], Field(min_length=1)]
    unsaid: tuple[EntryId, ...] = ()


def retellings_folder() -> Path:
    """Where the retellings of this package stand."""
    return gold_folder().parent / "published"


def load_retelling(case: Case, folder: Path | None = None) -> Retelling | None:
    """The retelling for a case; None when there is none. Raises UsageError when it is not one, or does not hold the errors of the gold."""
    path = (folder or retellings_folder()) / f"{case.name}.yaml"
    if not path.is_file():
        return None
    file = read_gold_file(path)
    if file.problems:
        raise UsageError(tell(file.problems[0], path.name, file.lines))
    try:
        retelling = Retelling.model_validate(file.data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(f"{path.name}: {place}: {first['msg'].rstrip('.')}; correct it.") from None
    held = [e for told in (*retelling.consumer, *retelling.legal) for e in told.errors] + [*retelling.unsaid]
    wanted = [error.id for error in case.gold.reference_errors]
    if sorted(held) != sorted(wanted):
        wrong = sorted({e for e in (*held, *wanted) if held.count(e) != wanted.count(e)})
        raise UsageError(
            f"{path.name} must hold each reference error of the gold once; {', '.join(wrong)} stands too often or not at all."
        )
    return retelling
