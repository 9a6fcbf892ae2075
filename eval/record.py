"""Record a bundled policy anew: ``python -m eval.record [NAME]`` (``make record``) against the endpoint of OPENAI_BASE_URL.

The default endpoint and model are those of ``eval.bundled``; OPENAI_BASE_URL, OPENAI_API_KEY and CLAUSEWISE_MODEL name others.
"""

import asyncio
import os
import signal
import sys

from rich.console import Console

from eval.bundled import NAME, for_recording, policy_path, recorded_settings, recording_path
from eval.replay import record
from pipeline.document.reader import read_document
from pipeline.draft import write_draft
from pipeline.errors import ClausewiseError, ModelError
from pipeline.progress import Progress
from pipeline.source.reader import read_source
from pipeline.stages.stage import Watcher
from pipeline.store.sqlite import IN_MEMORY, SqliteStore
from schemas.draft import Draft


async def record_bundled(name: str, watcher: Watcher) -> Draft:
    """The draft of a bundled policy from a live endpoint, its exchanges kept as the recording."""
    settings = for_recording(recorded_settings())
    document = read_document(await read_source(str(policy_path(name))))
    recording_path(name).parent.mkdir(parents=True, exist_ok=True)
    with record(recording_path(name)), SqliteStore(IN_MEMORY) as store:
        return await write_draft(document, settings, store=store, watcher=watcher)


def main() -> None:
    """Record, and say what the checks found."""
    # A recording may take hours: whatever ends it ends it in order, so that what was answered is kept.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    name = sys.argv[1] if len(sys.argv) > 1 else NAME
    if not os.environ.get("OPENAI_BASE_URL"):
        print("Set OPENAI_BASE_URL to the endpoint to record (cassettes/README.md).", file=sys.stderr)
        raise SystemExit(2)
    try:
        with Progress(Console(stderr=True)) as progress:
            draft = asyncio.run(record_bundled(name, progress))
    except ModelError as error:
        print(
            f"{error} What was answered so far is kept; the same command goes on from there.", file=sys.stderr
        )
        raise SystemExit(error.exit_code) from error
    except ClausewiseError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt:
        print(
            "Stopped. What was answered so far is kept; the same command goes on from there.", file=sys.stderr
        )
        raise SystemExit(130) from None
    print(
        f"recorded {recording_path(name).name} with {sum(len(s.attempts) for s in draft.provenance.stages)} exchanges"
    )
    for finding in draft.findings:
        print(f"{finding.severity:8} {finding.code:32} {finding.path}: {finding.message}")


if __name__ == "__main__":
    main()
