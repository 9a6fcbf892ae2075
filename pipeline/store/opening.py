"""Which store a setting means."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pipeline.store.sqlite import SqliteStore
from pipeline.store.store import Store


@asynccontextmanager
async def open_store(place: Path) -> AsyncIterator[Store]:
    """The store at a place, open until the end. Raises StoreError when it cannot be opened."""
    with SqliteStore(place) as store:
        yield store
