"""Finished stages are kept, found again, and survive what happens to a store."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from pipeline.errors import StoreError
from pipeline.store.migrations import STEPS, migrate, prove_writable
from pipeline.store.sqlite import IN_MEMORY, SqliteStore
from tests.privileges import without_privileges


async def test_a_saved_stage_is_found_by_another_connection(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "store.db"
    with SqliteStore(path) as store:
        await store.save("k1", "legal", '{"a": 1}', '{"b": 2}')
    with SqliteStore(path) as store:
        found = await store.load("k1")
        assert found is not None
        assert (found.answer, found.record) == ('{"a": 1}', '{"b": 2}')
        assert await store.load("k2") is None


async def test_a_newer_answer_replaces_the_older_one(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "store.db") as store:
        await store.save("k", "risk", "old", "{}")
        await store.save("k", "risk", "new", "{}")
        found = await store.load("k")
        assert found is not None
        assert found.answer == "new"


async def test_a_store_in_memory_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with SqliteStore(IN_MEMORY) as store:
        await store.save("k", "risk", "a", "{}")
        assert await store.load("k") is not None
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_store_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_text("not a database, and long enough to be read as one" * 30)
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteStore(path)
    assert path.read_text().startswith("not a database")


def test_a_store_that_can_be_read_and_not_written_is_refused_at_once() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        SqliteStore(path).__exit__(None, None, None)
        path.chmod(0o444)
        Path(folder).chmod(0o777)
        with without_privileges(), pytest.raises(StoreError, match=r"cannot be opened \(it is read-only\)"):
            SqliteStore(path)
        assert [p.name for p in Path(folder).iterdir()] == ["store.db"]


async def test_a_store_on_a_disk_that_takes_no_more_is_refused_at_once(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "store.db"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # What is shared between connections is there already: nothing but a write can fail.
    with SqliteStore(path) as store:
        await store.save("k", "risk", "a", "{}")
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            with pytest.raises(StoreError, match="cannot be opened"):
                SqliteStore(path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_connection_that_only_reads_does_not_prove_that_a_store_is_writable(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    SqliteStore(path).__exit__(None, None, None)
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            prove_writable(connection)
        assert not connection.in_transaction


async def test_opening_a_store_changes_nothing_in_it(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with SqliteStore(path) as store:
        await store.save("k", "risk", "a", "{}")
    with SqliteStore(path) as store:
        assert await store.load("k") is not None
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
    assert [p.name for p in tmp_path.iterdir()] == ["store.db"]


def test_a_store_of_a_newer_clausewise_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    with pytest.raises(StoreError, match="made by a newer Clausewise"):
        SqliteStore(path)


def test_every_migration_step_runs_once(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    migrate(connection)
    connection.execute("INSERT INTO stages VALUES ('k', 'risk', 'a', 'r', 't')")
    migrate(connection)
    assert connection.execute("SELECT count(*) FROM stages").fetchone() == (1,)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
