"""Record the bundled policy anew: ``python -m eval.record`` (``make record``) against the endpoint of OPENAI_BASE_URL.

The default endpoint and model are those of ``eval.bundled``; OPENAI_BASE_URL, OPENAI_API_KEY and CLAUSEWISE_MODEL name others.
"""

import asyncio
import os

from pipeline.document.reader import read_document

from eval.bundled import policy_path, recorded_settings, recording_path
from eval.replay import record
from pipeline.draft import write_draft
from pipeline.source.reader import read_source
from pipeline.store.stages import StageStore
from schemas.draft import Draft


async def record_bundled() -> Draft:
    """The draft of the bundled policy from a live endpoint, its exchanges kept as the recording."""
    settings = recorded_settings()
    given = {
        "base_url": os.environ.get("OPENAI_BASE_URL"),
        "api_key": os.environ.get("OPENAI_API_KEY"),
        "model": os.environ.get("CLAUSEWISE_MODEL"),
    }
    settings = type(settings).model_validate(settings.model_dump() | {k: v for k, v in given.items() if v})
    document = read_document(await read_source(str(policy_path())))
    recording_path().parent.mkdir(parents=True, exist_ok=True)
    with record(recording_path()), StageStore(settings.store) as store:
        return await write_draft(document, settings, store=store)


def main() -> None:
    """Record, and say what the checks found."""
    draft = asyncio.run(record_bundled())
    print(
        f"recorded {recording_path().name} with {sum(len(s.attempts) for s in draft.provenance.stages)} exchanges"
    )
    for finding in draft.findings:
        print(f"{finding.severity:8} {finding.code:32} {finding.path}: {finding.message}")


if __name__ == "__main__":
    main()
