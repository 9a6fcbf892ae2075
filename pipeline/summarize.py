"""The main job: from a source to a draft and its files."""

from pathlib import Path
from typing import BinaryIO

from pipeline.document.reader import read_document
from pipeline.draft import write_draft
from pipeline.files import write_files
from pipeline.publish.html import html_of
from pipeline.publish.markdown import markdown_of
from pipeline.publish.view import view_draft
from pipeline.settings import Settings
from pipeline.source.reader import read_source
from pipeline.stages.stage import Watcher
from pipeline.store.opening import open_store
from pipeline.store.packing import content_sha256, pack_draft
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
    """The draft of a file, a URL or ``-``, which the store keeps for whoever reviews it. Raises SourceError, StoreError or ModelError."""
    document = read_document(await read_source(source, stdin=stdin, allow_private=allow_private), force=force)
    async with open_store(settings.store) as store:
        draft = await write_draft(document, settings, store=store, watcher=watcher, fresh=fresh)
        await store.keep_draft(f"content:{content_sha256(draft)}", pack_draft(draft.model_dump_json()))
        return draft


def write_draft_files(draft: Draft, folder: Path) -> tuple[Path, ...]:
    """Write ``draft.json``, ``draft.md`` and ``draft.html``; returns their paths."""
    view = view_draft(draft)
    return write_files(
        folder,
        {
            "draft.json": draft.model_dump_json(indent=2) + "\n",
            "draft.md": markdown_of(view),
            "draft.html": html_of(view),
        },
    )
