"""A batch that is killed: nothing is lost, nothing is drafted twice, and only what was in flight is paid for again."""

import json
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pipeline.store.packing import unpack_draft
from tests.batch_process import POINTS, Batches
from tests.fleet import Fleet, Logged, write_fleet

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

DOCUMENTS = 3
CONCURRENCY = 2
DONE = (0, 1)  # exit codes: some answers stay wrong to the last try, and are findings


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    # Some answers are asked again, so that conversations are broken off too.
    kinds = "429,no_json,misquoted,no_usage,empty"
    with Fleet(tmp_path_factory.mktemp("endpoint"), faults=0.3, kinds=kinds, seed=11) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def batches() -> Iterator[Batches]:
    with Batches() as started:
        yield started


class Folder:
    """A folder with a batch's sources, store and drafts."""

    def __init__(self, path: Path, number: int) -> None:
        self.path = path
        # Policies of its own, so that no request of another test is in the endpoint's log.
        write_fleet(path / "policies", DOCUMENTS, first=number)
        (path / "policies" / "copy.md").write_bytes(
            (path / "policies" / f"policy-{number:04}.md").read_bytes()
        )

    @property
    def words(self) -> list[str]:
        places = {"--output": self.path / "out", "--store": self.path / "store.db"}
        told = [str(word) for pair in places.items() for word in pair]
        return ["batch", str(self.path / "policies"), *told, "--concurrency", str(CONCURRENCY)]

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.path / "store.db")) as connection:
            return connection.execute(query).fetchall()


def drafts_of(folder: Folder) -> dict[str, Any]:
    """Each item with its state and what is in its draft beside the story of how it was made."""
    found = {}
    packed = dict(folder.rows("SELECT key, draft FROM drafts"))
    for id_, state, linked_to, key in folder.rows(
        "SELECT id, state, linked_to, draft_key FROM items ORDER BY id"
    ):
        draft = json.loads(unpack_draft(packed[key]))
        for stage in draft["provenance"].pop("stages"):
            assert stage["attempts"]
        found[Path(id_).name] = (state, linked_to and Path(linked_to).name, draft)
    return found


def paid_again(log: list[Logged]) -> int:
    """Requests that were answered more than once."""
    answered = Counter(one.digest for one in log if one.completion_tokens)
    return sum(count - 1 for count in answered.values())


def own_log(fleet: Fleet, before: int) -> list[Logged]:
    return fleet.log()[before:]


@pytest.mark.parametrize(
    ("point", "which"),
    [*((point, 1) for point in POINTS), ("after:begin_call", 4), ("before:save", 3), ("after:save", 5)],
)
def test_batch_killed_at_a_commit_goes_on_and_pays_for_what_was_in_flight_alone(
    tmp_path: Path, fleet: Fleet, batches: Batches, point: str, which: int
) -> None:
    folder = Folder(tmp_path, 100 * POINTS.index(point) + 10 * which + 1000)
    before = len(fleet.log())
    environment = fleet.environment()
    killed = batches.run(folder.words, environment, crash=f"{point}:{which}")
    assert killed in (-signal.SIGKILL, *DONE)
    assert folder.rows("PRAGMA integrity_check") == [("ok",)]
    assert batches.run(folder.words, environment) in DONE
    if killed in DONE:
        # There are not so many commits of this kind in so small a batch.
        assert which > 1
    log = own_log(fleet, before)
    assert paid_again(log) <= CONCURRENCY
    _assert_whole(folder, log)


def _assert_whole(folder: Folder, log: list[Logged]) -> None:
    assert folder.rows("PRAGMA integrity_check") == [("ok",)]
    states = Counter(state for (state,) in folder.rows("SELECT state FROM items"))
    assert states == {"drafted": DOCUMENTS, "linked": 1}
    assert len(folder.rows("SELECT key FROM drafts")) == DOCUMENTS
    assert folder.rows("SELECT * FROM replies") == []
    assert folder.rows("SELECT state FROM runs") == [("finished",)]
    assert len(list((folder.path / "out").glob("*/draft.html"))) == DOCUMENTS
    assert not list((folder.path / "out").rglob(".*"))
    _assert_bill_is_the_endpoints(folder, log)


def _assert_bill_is_the_endpoints(folder: Folder, log: list[Logged]) -> None:
    """What the store knows of is what the endpoint saw, but for calls that were in flight when the process was killed."""
    noted = folder.rows("SELECT count(*), sum(outcome IS NULL) FROM calls")[0]
    assert noted[0] - (noted[1] or 0) <= len(log) <= noted[0]
    known = folder.rows(
        "SELECT coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0) FROM calls WHERE outcome = 'answered'"
    )[0]
    told = [one for one in log if one.outcome != "no_usage"]
    seen = (sum(one.prompt_tokens for one in told), sum(one.completion_tokens for one in told))
    if not noted[1]:
        assert known == seen
    else:
        assert known[0] <= seen[0]
        assert known[1] <= seen[1]


def test_batch_killed_again_and_again_ends_like_one_that_was_left_alone(
    tmp_path: Path, fleet: Fleet, batches: Batches
) -> None:
    alone, killed = (Folder(tmp_path / name, 9000) for name in ("alone", "killed"))
    environment = fleet.environment()
    assert batches.run(alone.words, environment) in DONE
    for point in (
        "after:claim:1",
        "before:save:2",
        "after:begin_call:2",
        "after:save:2",
        "before:settle:2",
        "after:settle:1",
    ):
        assert batches.run(killed.words, environment, crash=point) == -signal.SIGKILL
        assert folder_is_sound(killed)
    assert batches.run(killed.words, environment) in DONE
    assert drafts_of(killed) == drafts_of(alone)


def folder_is_sound(folder: Folder) -> bool:
    return folder.rows("PRAGMA integrity_check") == [("ok",)]
