"""Finished stages are kept, found again, and survive what happens to a store."""

import sqlite3
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.store.migrations import STEPS, migrate
from pipeline.store.stages import IN_MEMORY, StageStore


def test_a_saved_stage_is_found_by_another_connection(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "store.db"
    with StageStore(path) as store:
        store.save("k1", "legal", '{"a": 1}', '{"b": 2}')
    with StageStore(path) as store:
        found = store.load("k1")
        assert found is not None
        assert (found.answer, found.record) == ('{"a": 1}', '{"b": 2}')
        assert store.load("k2") is None


def test_a_newer_answer_replaces_the_older_one(tmp_path: Path) -> None:
    with StageStore(tmp_path / "store.db") as store:
        store.save("k", "risk", "old", "{}")
        store.save("k", "risk", "new", "{}")
        found = store.load("k")
        assert found is not None
        assert found.answer == "new"


def test_a_store_in_memory_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with StageStore(IN_MEMORY) as store:
        store.save("k", "risk", "a", "{}")
        assert store.load("k") is not None
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_store_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_text("not a database, and long enough to be read as one" * 30)
    with pytest.raises(StoreError, match="cannot be opened"):
        StageStore(path)
    assert path.read_text().startswith("not a database")


def test_a_store_of_a_newer_clausewise_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    with pytest.raises(StoreError, match="made by a newer Clausewise"):
        StageStore(path)


def test_every_migration_step_runs_once(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    migrate(connection)
    connection.execute("INSERT INTO stages VALUES ('k', 'risk', 'a', 'r', 't')")
    migrate(connection)
    assert connection.execute("SELECT count(*) FROM stages").fetchone() == (1,)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
