"""Which store a setting means."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pipeline.settings import Server
from pipeline.store.sqlite import SqliteStore
from pipeline.store.store import Store


@asynccontextmanager
async def open_store(place: Path | Server) -> AsyncIterator[Store]:
    """The store at a place, open until the end. Raises StoreError when it cannot be opened."""
    if isinstance(place, Server):
        # Its driver is an extra.
        from pipeline.store.postgres import PostgresStore

        async with PostgresStore(place) as server:
            yield server
    else:
        with SqliteStore(place) as store:
            yield store
