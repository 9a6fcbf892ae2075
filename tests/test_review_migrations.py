"""The schema of reviews: grown from the first store there was, empty and full, and the same as the code has it in both engines."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql
from pydantic import SecretStr

from pipeline.settings import Server
from pipeline.store import migrations, postgres_schema
from pipeline.store import review_tables as tables
from pipeline.store.opening import open_store
from pipeline.store.packing import pack_draft
from pipeline.store.review_engine import ReviewEngine
from pipeline.store.review_records import QueueQuery
from pipeline.store.reviews import ReviewStore
from pipeline.store.sqlite import SqliteStore
from tests.review_drafts import Place, place, row
from tests.sample_draft import sample_draft

__all__ = ["place"]


def kinds(connection: sql.Connection, dialect: sql.Dialect) -> dict[str, dict[str, Any]]:
    """Of each table of ours as it is in a database: columns with type and whether they may be empty, key, references, indexes."""
    inspector = sql.inspect(connection)
    found = {}
    for name in tables.metadata.tables:
        key = inspector.get_pk_constraint(name)["constrained_columns"]
        found[name] = {
            "columns": {
                c["name"]: (str(c["type"].compile(dialect)).split("(")[0], c["nullable"])
                for c in inspector.get_columns(name)
            },
            "key": key,
            "references": {
                (tuple(f["constrained_columns"]), f["referred_table"], tuple(f["referred_columns"]))
                for f in inspector.get_foreign_keys(name)
            },
            "indexes": {
                str(i["name"]): tuple(map(str, i["column_names"])) for i in inspector.get_indexes(name)
            },
            "computed": {
                c["name"]: c["computed"]["persisted"]
                for c in inspector.get_columns(name)
                if c.get("computed")
            },
        }
    return found


def told(dialect: sql.Dialect) -> dict[str, dict[str, Any]]:
    """The same as the code has it."""
    return {
        name: {
            "columns": {
                c.name: (str(c.type.compile(dialect)).split("(")[0], bool(c.nullable)) for c in table.columns
            },
            "key": [c.name for c in table.primary_key],
            "references": {
                (tuple(f.column_keys), f.referred_table.name, tuple(e.column.name for e in f.elements))
                for f in table.foreign_key_constraints
            },
            "indexes": {str(i.name): tuple(c.name for c in i.columns) for i in table.indexes},
            "computed": {c.name: c.computed.persisted for c in table.columns if c.computed is not None},
        }
        for name, table in tables.metadata.tables.items()
    }


def test_the_tables_of_the_code_are_those_that_the_migrations_make(place: Place) -> None:
    with ReviewStore.open(place) as store, store.reading() as connection:
        dialect = connection.dialect
        made, wanted = kinds(connection, dialect), told(dialect)
    if isinstance(place, Path):
        # SQLite says of the key of a table of the drafting that it may be empty.
        made["drafts"]["columns"]["key"] = wanted["drafts"]["columns"]["key"]
    assert made == wanted


def test_the_order_of_need_is_computed_alike_wherever_it_stands() -> None:
    """The expression is in three places, for a migration is never edited and the code may not be asked what it was."""

    def plain(text: str) -> str:
        return " ".join(text.split())

    assert plain(tables.NEED) in plain(migrations._M006)
    assert plain(tables.NEED) in plain(postgres_schema.M003_REVIEWS)


# From the first schema


def fill_first(connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO stages VALUES ('k', 'risk', 'answer', 'record', '2026-01-01T00:00:00+00:00')"
    )


def fill_runs(connection: sqlite3.Connection) -> None:
    draft = pack_draft(sample_draft().model_dump_json())
    connection.execute("INSERT INTO drafts VALUES ('d', ?, '2026-02-01T00:00:00+00:00')", (draft,))
    connection.execute(
        "INSERT INTO runs VALUES ('r', '[]', '{}', 'finished', NULL, '2026-02-01T00:00:00+00:00', "
        "'2026-02-01T00:00:00+00:00', NULL, 1)"
    )
    connection.execute(
        "INSERT INTO items VALUES ('r', 'shop', 0, 'shop.html', NULL, NULL, '[\"eu\"]', 'drafted', NULL, NULL, 's', 'd', NULL, 'd', 1, 2, 3)"
    )


FILLS: dict[int, Callable[[sqlite3.Connection], None]] = {1: fill_first, 4: fill_runs}


@pytest.mark.parametrize("full", [False, True], ids=["empty", "full"])
@pytest.mark.parametrize("taken", range(len(migrations.STEPS)))
async def test_a_store_of_any_older_schema_is_brought_up_with_all_that_it_holds(
    tmp_path: Path, taken: int, full: bool
) -> None:
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for number, step in enumerate(migrations.STEPS[:taken], start=1):
            step(connection)
            if full and number in FILLS:
                FILLS[number](connection)
        connection.execute(f"PRAGMA user_version = {taken}")
    with ReviewStore.open(path) as store:
        waiting = store.draft_keys_not_entered()
        assert waiting == ([("d", "r", "shop", ("eu",))] if full and taken >= 4 else [])
        assert store.enter(row("aaaa1111", draft_key="d"), by="anna")
        assert store.queue(QueueQuery()).total == 1
        assert store.check_audit(anew=True).broken is None
    with SqliteStore(path) as drafting:
        assert (await drafting.load("k") is not None) is (full and taken >= 1)
        assert await drafting.has_draft("d") is (full and taken >= 4)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(migrations.STEPS),)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize("full", [False, True], ids=["empty", "full"])
@pytest.mark.parametrize("taken", range(len(postgres_schema.STEPS)))
async def test_a_database_of_any_older_schema_is_brought_up_with_all_that_it_holds(
    database: str, taken: int, full: bool
) -> None:
    import psycopg

    with psycopg.connect(database) as connection:
        connection.execute(f"CREATE SCHEMA {postgres_schema.SCHEMA}")
        connection.execute(f"SET search_path TO {postgres_schema.SCHEMA}")
        connection.execute("CREATE TABLE version (taken INTEGER NOT NULL)")
        for step in postgres_schema.STEPS[:taken]:
            connection.execute(step)
        if taken:
            connection.execute("INSERT INTO version VALUES (%s)", (taken,))
        if full and taken:
            connection.execute("INSERT INTO stages VALUES ('k', 'risk', 'answer', 'record')")
            connection.execute("INSERT INTO drafts VALUES ('d', 'packed')")
            connection.execute(
                "INSERT INTO runs VALUES ('r', '[]', '{}', 'finished', NULL, now(), now(), NULL, 1)"
            )
            connection.execute(
                "INSERT INTO items (run_id, id, position, source, tags, draft_key) VALUES ('r', 'shop', 0, 's', '[\"eu\"]', 'd')"
            )
    held = full and taken > 0
    at = Server(url=SecretStr(database))
    with ReviewStore.open(at) as store:
        assert store.draft_keys_not_entered() == ([("d", "r", "shop", ("eu",))] if held else [])
        assert store.enter(row("aaaa1111", draft_key="d"), by="anna")
        assert store.queue(QueueQuery()).total == 1
    async with open_store(at) as drafting:
        assert (await drafting.load("k") is not None) is held
        assert await drafting.has_draft("d") is held


def test_a_step_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        monkeypatch.setattr(migrations, "_M006", migrations._M006 + ";; CREATE TABLE reviews (again TEXT)")
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            migrations.migrate(connection)
        assert connection.execute("PRAGMA user_version").fetchone() == (5,)
        assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'reviews'").fetchall() == []
        monkeypatch.undo()
        migrations.migrate(connection)
    with ReviewEngine.open(path) as engine, engine.reading() as opened:
        assert opened.execute(sql.text("SELECT count(*) FROM reviews")).scalar() == 0
