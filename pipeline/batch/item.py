"""One item of a run, from its source to its outcome. Nothing here knows how many are in work, or on how many machines."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.aside import aside
from pipeline.batch.bill import Bill, OnCall
from pipeline.batch.keys import document_key, source_key, with_same_settings
from pipeline.batch.sources import Listed
from pipeline.document.reader import read_document
from pipeline.draft import write_draft
from pipeline.exchange import Gate, Gates
from pipeline.files import clear_unfinished, folder_name
from pipeline.llm import Door
from pipeline.settings import Settings
from pipeline.source.fetched import Fetched
from pipeline.source.reader import read_source
from pipeline.stages.stage import Watcher
from pipeline.store.packing import pack_draft, unpack_draft
from pipeline.store.records import ItemOutcome
from pipeline.store.store import Store
from pipeline.summarize import FILES, write_draft_files
from schemas.document import Document
from schemas.draft import Draft

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


@dataclass(frozen=True, slots=True)
class Workshop:
    """What all items of a run work with.

    ``gate`` is what every request of the run passes; ``settings_key`` is that of ``settings_sha256``. Drafts are written below ``out``, or
    nowhere when it is None. ``bill`` gives the gate that notes the requests of an item, by default its ``Bill``.
    """

    run_id: str
    settings: Settings
    settings_key: str
    store: Store
    door: Door
    gate: Gate
    out: Path | None
    allow_private: bool = False
    force: bool = False
    refetch: bool = False
    on_call: OnCall | None = None
    bill: Callable[[str], Gate] | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """Where an item stands, as the store knows it, and the items that waited for it and now stand where it does."""

    outcome: ItemOutcome
    followers: tuple[str, ...] = ()


async def draft_item(shop: Workshop, listed: Listed, before: ItemOutcome, watcher: Watcher) -> Settled:
    """Do what is left to do for an item, which stands as ``before`` says; gives where it stands then.

    An item whose document another item has is linked to that one; when that one is not done yet it stays ``waiting``. Raises
    SourceError and ModelError when the document cannot be drafted, StoreError and UsageError when nothing can be kept; the item's
    outcome is then the caller's to settle.
    """
    if is_done(shop, listed, before):
        if before.state == "drafted":
            await _write_missing_files(shop, listed, before)
        return Settled(before)
    if listed.sha256 is not None:
        key = source_key(shop.settings_key, listed.item, listed.sha256, listed.place)
        found = await _from_store(shop, listed, key)
        if found is not None:
            return found
    fetched = await read_source(listed.place, allow_private=shop.allow_private)
    document, own = await aside(_read, fetched, shop, listed)
    # The bytes may have changed since they were listed.
    key = source_key(shop.settings_key, listed.item, fetched.source.sha256, listed.place)
    del fetched
    claimed = await shop.store.claim(shop.run_id, listed.item.id, key, own)
    if claimed.linked_to is not None:
        return Settled(claimed)
    draft = await write_draft(
        document,
        shop.settings,
        store=shop.store,
        watcher=watcher,
        door=shop.door.behind(Gates(shop.gate, _bill(shop, listed))),
    )
    packed, outcome = await aside(_finish, draft, folder_of(shop, listed.item.id))
    outcome = replace(outcome, source_key=key, document_key=own, draft_key=key)
    followers = await shop.store.settle(shop.run_id, listed.item.id, outcome, draft=packed)
    return Settled(outcome, tuple(followers))


def is_done(shop: Workshop, listed: Listed, before: ItemOutcome) -> bool:
    """Whether there is nothing to do: it has an outcome, by the same bytes and the same settings."""
    if before.state == "waiting":
        return False
    if listed.sha256 is None:
        # An address: only fetching would tell whether its page has changed.
        return with_same_settings(shop.settings_key, before.source_key) and not shop.refetch
    return before.source_key == source_key(shop.settings_key, listed.item, listed.sha256, listed.place)


def failed_key(shop: Workshop, listed: Listed) -> str:
    """The key under which an item fails, so that it is not tried again until something changes."""
    return source_key(shop.settings_key, listed.item, listed.sha256 or "", listed.place)


def folder_of(shop: Workshop, item_id: str) -> Path | None:
    """The folder of an item's files, or None when none are written."""
    return None if shop.out is None else shop.out / item_folder(item_id)


def item_folder(item_id: str) -> str:
    """The name of an item's folder: its id where that is a plain name, and otherwise what is plain of it with its digest's start."""
    if _PLAIN.fullmatch(item_id):
        return item_id
    import hashlib

    return folder_name(item_id, hashlib.sha256(item_id.encode("utf-8", "surrogatepass")).hexdigest())


def _bill(shop: Workshop, listed: Listed) -> Gate:
    if shop.bill is not None:
        return shop.bill(listed.item.id)
    return Bill(shop.store, shop.settings, shop.run_id, listed.item.id, shop.on_call)


def _read(fetched: Fetched, shop: Workshop, listed: Listed) -> tuple[Document, str]:
    document = read_document(fetched, force=shop.force)
    given = {"title": listed.item.title, "company": listed.item.company}
    document = document.model_copy(update={name: value for name, value in given.items() if value})
    return document, document_key(shop.settings_key, listed.item, document)


async def _from_store(shop: Workshop, listed: Listed, key: str) -> Settled | None:
    """The outcome by a draft of the same bytes with the same settings that another run has left, or None."""
    packed = await shop.store.draft(key)
    if packed is None:
        return None
    draft = await aside(_unpacked, packed)
    _, outcome = await aside(_finish, draft, folder_of(shop, listed.item.id))
    own = document_key(shop.settings_key, listed.item, draft.document)
    outcome = replace(outcome, source_key=key, document_key=own, draft_key=key)
    return Settled(outcome, tuple(await shop.store.settle(shop.run_id, listed.item.id, outcome)))


async def _write_missing_files(shop: Workshop, listed: Listed, outcome: ItemOutcome) -> None:
    folder = folder_of(shop, listed.item.id)
    if folder is None or outcome.draft_key is None or all((folder / name).exists() for name in FILES):
        return
    packed = await shop.store.draft(outcome.draft_key)
    if packed is not None:
        await aside(write_draft_files, await aside(_unpacked, packed), folder)


def _unpacked(packed: bytes) -> Draft:
    return Draft.model_validate_json(unpack_draft(packed))


def _finish(draft: Draft, folder: Path | None) -> tuple[bytes, ItemOutcome]:
    """The draft to keep and its outcome. Its files are written before it counts: what counts is not looked at again."""
    if folder is not None:
        clear_unfinished(folder)
        write_draft_files(draft, folder)
    severities = [finding.severity for finding in draft.findings]
    return pack_draft(draft.model_dump_json()), ItemOutcome(
        "drafted",
        errors=severities.count("error"),
        warnings=severities.count("warning"),
        notes=severities.count("info"),
    )
