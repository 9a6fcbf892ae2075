"""The main job: from a source to a draft and its files."""

from pathlib import Path
from typing import BinaryIO

from pipeline.document.reader import read_document
from pipeline.draft import write_draft
from pipeline.files import write_files
from pipeline.publish.html import write_html
from pipeline.publish.markdown import write_markdown
from pipeline.settings import Settings
from pipeline.source.reader import read_source
from pipeline.stages.stage import Watcher
from pipeline.store.opening import open_store
from schemas.draft import Draft

FILES = ("draft.json", "draft.md", "draft.html")


async def summarize_source(
    source: str,
    settings: Settings,
    *,
    stdin: BinaryIO | None = None,
    allow_private: bool = False,
    force: bool = False,
    fresh: bool = False,
    watcher: Watcher | None = None,
) -> Draft:
    """The draft of a file, a URL or ``-``. Raises SourceError, StoreError or ModelError."""
    document = read_document(await read_source(source, stdin=stdin, allow_private=allow_private), force=force)
    async with open_store(settings.store) as store:
        return await write_draft(document, settings, store=store, watcher=watcher, fresh=fresh)


def write_draft_files(draft: Draft, folder: Path) -> tuple[Path, ...]:
    """Write ``draft.json``, ``draft.md`` and ``draft.html``; returns their paths."""
    return write_files(
        folder,
        {
            "draft.json": draft.model_dump_json(indent=2) + "\n",
            "draft.md": write_markdown(draft),
            "draft.html": write_html(draft),
        },
    )
