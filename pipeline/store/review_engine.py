"""How the reviews of a store are reached: one code for SQLite and PostgreSQL, each set up so that what was committed stays.

Whatever changes a review or who may change one is one transaction with its line in the audit log, and such transactions take turns: in
SQLite because one connection writes at a time, in PostgreSQL by a lock.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from pipeline.errors import StoreError, UsageError
from pipeline.settings import Server
from pipeline.store.opening import open_store
from pipeline.store.sqlite import IN_MEMORY

_ONE_AT_A_TIME = sql.text("SELECT pg_advisory_xact_lock(hashtextextended('clausewise reviews', 0))")


class ReviewEngine:
    """Connections to a store's tables of reviews, until the end of a ``with``."""

    def __init__(self, name: str, engine: sql.Engine) -> None:
        self.name = name
        self._engine = engine
        self._postgres = engine.dialect.name == "postgresql"

    @classmethod
    def open(cls, place: Path | Server) -> Self:
        """The reviews of the store at a place, which is brought up to the newest schema first."""
        if place == IN_MEMORY:
            raise UsageError("Reviews need a store that stays; name a file or a server with --store.")
        _bring_up(place)
        if isinstance(place, Server):
            return cls(place.name, _server_engine(place))
        return cls(str(place), _file_engine(place))

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, connection: sql.Connection, table: sql.Table, **values: Any) -> None:
        """Add a row, unless it is there."""
        insert = (postgresql if self._postgres else sqlite).insert(table)
        connection.execute(insert.values(values).on_conflict_do_nothing())

    @contextmanager
    def reading(self) -> Iterator[sql.Connection]:
        """A connection to read from, all of it as it is at one moment in SQLite. Raises StoreError."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"The store {self.name} cannot be read ({_told(error)}).") from error

    @contextmanager
    def writing(self, *, turns: bool = True) -> Iterator[sql.Connection]:
        """A transaction, which is on the disk after it; with ``turns`` one at a time. Raises StoreError."""
        try:
            with self._engine.connect() as connection:
                connection = connection.execution_options(writes=True)
                with connection.begin():
                    if turns and self._postgres:
                        connection.execute(_ONE_AT_A_TIME)
                    yield connection
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"The store {self.name} cannot be written ({_told(error)}).") from error


def _bring_up(place: Path | Server) -> None:
    async def open_and_close() -> None:
        async with open_store(place):
            pass

    # In a thread of its own: whoever opens the reviews may have an event loop running.
    with ThreadPoolExecutor(1, "schema") as thread:
        thread.submit(asyncio.run, open_and_close()).result()


def _file_engine(path: Path) -> sql.Engine:
    engine = sql.create_engine(
        sql.URL.create("sqlite", database=str(path)),
        connect_args={"timeout": 30, "check_same_thread": False},
    )

    @sql.event.listens_for(engine, "connect")
    def set_up(connection: Any, _: Any) -> None:
        # Transactions are begun below, and not by the driver when it thinks fit.
        connection.isolation_level = None
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {setting}")

    @sql.event.listens_for(engine, "begin")
    def begin(connection: sql.Connection) -> None:
        # A transaction that reads first and writes then could not wait for another that has written meanwhile.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _server_engine(place: Server) -> sql.Engine:
    url = place.url.get_secret_value()
    engine = sql.create_engine("postgresql+psycopg://", pool_pre_ping=True)

    @sql.event.listens_for(engine, "do_connect")
    def connect(_: Any, __: Any, given: list[Any], named: dict[str, Any]) -> None:
        # The URL as it stands: the driver knows forms of it that SQLAlchemy does not.
        given[:] = [url]
        named.clear()
        named["connect_timeout"] = 10

    @sql.event.listens_for(engine, "connect")
    def set_up(connection: Any, _: Any) -> None:
        from pipeline.store.postgres_schema import SCHEMA

        connection.execute(f"SET search_path TO {SCHEMA}")
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        connection.commit()

    return engine


def _told(error: BaseException) -> str:
    # Of an error of the driver its own words, and not the statement with its values.
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split()) or type(error).__name__
