"""Editors are killed between any two writes: what was acknowledged is there, once, and the store is whole."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.review.desk import Desk
from pipeline.store.reviews import ReviewStore
from schemas.review import NewDecision
from tests.review_drafts import Place, place
from tests.sample_draft import sample_draft

__all__ = ["place"]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

# Every statement of the transaction that keeps a decision.
STATEMENTS = (
    "INSERT INTO decisions",
    "UPDATE reviews",
    "DELETE FROM review_codes",
    "INSERT INTO review_codes",
    "INSERT INTO audit",
    "COMMIT",
)
POINTS = [f"{when} {statement}" for statement in STATEMENTS for when in ("before", "after")]


def start(place: Place, review_id: str, points: list[str]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.review_process"],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    address = str(place) if isinstance(place, Path) else place.url.get_secret_value()
    process.stdin.write("\n".join((address, review_id, *points)))
    process.stdin.close()
    return process


def see_that_all_is_there(place: Place, review_id: str, told: list[str], deaths: int) -> None:
    kept = {int(number): reason for number, reason in (line.split()[1:] for line in told)}
    assert len(kept) == len(told)
    with ReviewStore.open(place) as store:
        desk = Desk(store)
        reviewed = desk.open(review_id)
        made = {decision.number: decision.reason for decision in reviewed.decisions}
        assert {number: made.get(number) for number in kept} == kept
        assert list(made) == list(range(1, reviewed.row.last_number + 1))
        # Each death can have cut off the acknowledgement of what was kept, and of no more.
        assert len(kept) <= len(made) <= len(kept) + deaths
        assert max(Counter(made.values()).values()) == 1
        assert store.check_audit(anew=True).broken is None
        numbers = [
            int(line.detail["last"]) for line in store.audit_log(limit=10_000) if line.action == "decide"
        ]
        assert numbers == sorted(made, reverse=True)
        # And it goes on.
        comment = NewDecision(kind="comment", path="", reason="after all")
        assert len(desk.decide(review_id, "bo", [comment], {}).decisions) == len(made) + 1
    if isinstance(place, Path):
        with closing(sqlite3.connect(place)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.fixture
def review_id(place: Place) -> str:
    with ReviewStore.open(place) as store:
        return Desk(store).enter_draft(sample_draft(), "anna").id


def test_a_kill_at_any_point_of_a_decision_loses_none(place: Place, review_id: str) -> None:
    process = start(place, review_id, POINTS)
    assert process.stdout is not None
    lines = process.stdout.read().splitlines()
    process.stdout.close()
    assert process.wait() == 0
    assert [line.removeprefix("died ") for line in lines if line.startswith("died")] == POINTS
    told = [line for line in lines if line.startswith("kept")]
    # Two by each editor; the third was never acknowledged.
    assert len(told) == 2 * len(POINTS)
    see_that_all_is_there(place, review_id, told, deaths=len(POINTS))
    with ReviewStore.open(place) as store:
        made = store.decisions(review_id)
        assert sum(d.reason.endswith("-2") for d in made) == 1, "kept by the one that died after the commit"


def test_a_kill_at_any_time_loses_none(place: Place, review_id: str) -> None:
    told: list[str] = []
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    for _ in range(2):
        process = start(place, review_id, [])
        assert process.stdout is not None
        for _ in range(chance.randrange(1, 12)):
            told.append(process.stdout.readline())
        # Somewhere in the next decision, wherever it has come to.
        process.send_signal(signal.SIGKILL)
        told += process.stdout.readlines()
        process.stdout.close()
        assert process.wait() == -signal.SIGKILL
    assert all(line.startswith("kept") and line.endswith("\n") for line in told), seed
    see_that_all_is_there(place, review_id, told, deaths=2)
