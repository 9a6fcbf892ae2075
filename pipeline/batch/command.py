"""From the words of a ``batch`` command to a run: its items, its id, and the file with its report."""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import BinaryIO

from pipeline.batch.keys import run_id
from pipeline.batch.report import write_report
from pipeline.batch.runner import Batch, RunEnd
from pipeline.batch.sources import list_sources
from pipeline.files import write_files
from pipeline.settings import Settings

# Of a store's address, whose parameters can hold one too.
_PASSWORD = re.compile(r"\b(postgres(?:ql)?://)(?:[^\s/]*@)?([^\s?]*)(?:\?\S*)?")


def prepare(
    sources: tuple[str, ...],
    settings: Settings,
    *,
    out: Path,
    stdin: BinaryIO,
    command: tuple[str, ...],
    max_usd: float | None = None,
    max_tokens: int | None = None,
    retry_failed: bool = False,
    allow_private: bool = False,
    force: bool = False,
    refetch: bool = False,
) -> Batch:
    """The batch that a command means. Raises SourcesError with all that is wrong with its sources.

    The same sources, drafted with the same model and parameters to the same folder, are the same run: how many at once, limits and
    budget may differ, and the documents may have changed.
    """
    listed = list_sources(sources, stdin=stdin)
    named = [source if "://" in source or source == "-" else os.path.realpath(source) for source in sources]
    if "-" in sources:
        # A list has no name of its own.
        named.append(hashlib.sha256("\n".join(one.item.source for one in listed).encode()).hexdigest())
    identity = {
        "sources": named,
        "out": os.path.realpath(out),
        "model": settings.model,
        "endpoint": settings.endpoint,
        "mode": settings.mode,
        "temperature": settings.temperature,
        "seed": settings.seed,
        "max_output_tokens": settings.max_output_tokens,
        "context_window": settings.context_window,
        "force": force,
    }
    if settings.provider_batch:
        # What is in a batch is not waited for by a run that asks by itself.
        identity["provider_batch"] = True
    return Batch(
        run_id=run_id(identity),
        # It is kept and shown.
        command=tuple(_PASSWORD.sub(r"\1\2", word) for word in command),
        listed=listed,
        settings=settings,
        out=out,
        max_usd=max_usd,
        max_tokens=max_tokens,
        retry_failed=retry_failed,
        allow_private=allow_private,
        force=force,
        refetch=refetch,
    )


def write_report_file(end: RunEnd, command: tuple[str, ...], out: Path) -> Path:
    """Write the report of a run beside its drafts; returns its path."""
    report = json.dumps(write_report(end, command), indent=2, ensure_ascii=False) + "\n"
    return write_files(out, {f"run-{end.run_id}.json": report})[0]
