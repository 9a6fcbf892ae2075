"""A soak over real HTTP: many documents, one call in five faulty, killed three times, and in the end as if nothing had been.

Kills fall when the endpoint has seen so many requests, drawn from a seed. ``SOAK_DOCUMENTS=300`` makes it longer, ``SOAK_SEED`` another.
"""

import base64
import json
import math
import os
import random
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pipeline.prices import price_usd
from pipeline.store.packing import unpack_draft
from tests.batch_process import Batches
from tests.fleet import FAULTS, Fleet, Logged, write_fleet

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

DOCUMENTS = int(os.environ.get("SOAK_DOCUMENTS", "60"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
KILLS = 3
CONCURRENCY = 8
MODEL = "gpt-5.1"
STAGES = {"consumer": "ConsumerSummary", "legal": "LegalSummary", "risk": "RiskAssessment"}
DONE = 3  # some documents fail, for the model stays with its refusal


class Soaked:
    """A folder in which a batch ran, and the log of the endpoint that it ran against."""

    def __init__(self, path: Path) -> None:
        self._path = path
        write_fleet(path / "policies", DOCUMENTS)
        self.words = ["batch", str(path / "policies"), "--concurrency", str(CONCURRENCY)]
        self.words += ["--output", str(path / "out"), "--store", str(path / "store.db")]
        self.log: list[Logged] = []

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self._path / "store.db")) as connection:
            return connection.execute(query).fetchall()

    def assert_sound(self) -> None:
        assert self.rows("PRAGMA integrity_check") == [("ok",)]

    def calls_in_flight(self) -> int:
        return int(self.rows("SELECT count(*) FROM calls WHERE outcome IS NULL")[0][0])

    def outcomes(self) -> dict[str, Any]:
        """Each document with its state, the kind of its error, and its draft but for the story of how it was made."""
        packed = dict(self.rows("SELECT key, draft FROM drafts"))
        found: dict[str, Any] = {}
        for id_, state, kind, key in self.rows("SELECT id, state, kind, draft_key FROM items"):
            draft = json.loads(unpack_draft(packed[key])) if key else None
            if draft is not None:
                for told in ("stages", "endpoint"):
                    assert draft["provenance"].pop(told)
            found[Path(id_).name] = (state, kind, draft)
        return found


@pytest.fixture(scope="module")
def batches() -> Iterator[Batches]:
    with Batches() as started:
        yield started


def _environment(fleet: Fleet, process: int) -> dict[str, str]:
    # The user's name makes it a server that has a price, and the password tells the processes apart in the log.
    return fleet.environment() | {
        "OPENAI_BASE_URL": fleet.url.replace("//", f"//openai.azure.com:{process}@"),
        "CLAUSEWISE_MODEL": MODEL,
    }


def _fleet(folder: Path) -> Fleet:
    return Fleet(folder, faults=0.2, lasting=0.03, seed=SEED, latency=0.02, spread=0.5, model=MODEL)


def _left_alone(path: Path, batches: Batches) -> Soaked:
    soaked = Soaked(path / "batch")
    with _fleet(path) as fleet:
        assert batches.run(soaked.words, _environment(fleet, KILLS)) == DONE
        soaked.log = fleet.log()
    return soaked


def _killed(path: Path, batches: Batches, requests: int) -> Soaked:
    soaked = Soaked(path / "batch")
    chance = random.Random(SEED)
    third = requests * 9 // 10 // KILLS
    with _fleet(path) as fleet:
        for number in range(KILLS):
            process = batches.start(soaked.words, _environment(fleet, number))
            fleet.wait_for(number * third + chance.randrange(third // 4, third))
            os.kill(process, signal.SIGKILL)
            assert batches.wait() == -signal.SIGKILL
            soaked.assert_sound()
            assert soaked.rows("SELECT count(*) FROM items WHERE state = 'waiting'")[0][0] > CONCURRENCY
            assert soaked.calls_in_flight() <= CONCURRENCY * (number + 1)
        assert batches.run(soaked.words, _environment(fleet, KILLS)) == DONE
        soaked.log = fleet.log()
        assert batches.run(soaked.words, _environment(fleet, KILLS)) == DONE
        assert len(fleet.log()) == len(soaked.log)
    return soaked


def test_soak_ends_as_if_nothing_had_been_and_pays_for_what_was_in_flight_alone(
    tmp_path: Path, batches: Batches
) -> None:
    alone = _left_alone(tmp_path / "alone", batches)
    killed = _killed(tmp_path / "killed", batches, len(alone.log))
    for soaked in (alone, killed):
        soaked.assert_sound()
        assert {fault.outcome for fault in soaked.log} > {"answered", *FAULTS}
        _assert_bill_is_the_endpoints(soaked)
    assert len(killed.outcomes()) == DOCUMENTS
    assert killed.outcomes() == alone.outcomes()
    assert {state for state, _, _ in killed.outcomes().values()} == {"drafted", "failed"}
    assert _paid_again(alone.log) == []
    _assert_paid_again_was_in_flight(killed)


def _paid_again(log: list[Logged]) -> list[tuple[Logged, Logged]]:
    """Requests that were answered after they had been answered before, each with the one before it."""
    paid: dict[str, Logged] = {}
    again = []
    for one in log:
        if one.completion_tokens:
            if one.digest in paid:
                again.append((paid[one.digest], one))
            paid[one.digest] = one
    return again


def _assert_paid_again_was_in_flight(soaked: Soaked) -> None:
    """Each was the last request for its document of a process that was killed, and a later process sent it again."""
    last = {(_process(one), one.document): one for one in soaked.log}
    again = _paid_again(soaked.log)
    for before, after in again:
        assert _process(before) < _process(after)
        assert last[_process(before), before.document] is before
    assert {_process(one) for one in soaked.log} == set(range(KILLS + 1))
    assert max(Counter(_process(before) for before, _ in again).values(), default=0) <= CONCURRENCY


def _process(one: Logged) -> int:
    user = base64.b64decode(one.caller.removeprefix("Basic ")).decode()
    return int(user.rpartition(":")[2])


def _assert_bill_is_the_endpoints(soaked: Soaked) -> None:
    """Tokens and cost are those of the endpoint's log; what the log alone has is told by calls that were in flight."""
    seen = Counter(
        (one.document, one.schema, one.prompt_tokens, one.completion_tokens)
        for one in soaked.log
        if one.completion_tokens and one.outcome != "no_usage"
    )
    known = Counter(
        (_number(item), STAGES[kind.partition(".")[0]], prompt, completion)
        for item, kind, prompt, completion in soaked.rows(
            "SELECT item_id, kind, prompt_tokens, completion_tokens FROM calls WHERE completion_tokens > 0"
        )
    )
    unheard = Counter(
        (_number(item), STAGES[kind.partition(".")[0]])
        for item, kind in soaked.rows("SELECT item_id, kind FROM calls WHERE outcome IS NULL")
    )
    assert known <= seen
    assert Counter(one[:2] for one in (seen - known).elements()) <= unheard
    assert len(soaked.log) - unheard.total() <= len(
        soaked.rows("SELECT number FROM calls WHERE outcome IS NOT NULL")
    )
    assert soaked.rows("SELECT count(*) FROM calls")[0][0] >= len(soaked.log)
    cost = soaked.rows("SELECT sum(cost_usd) FROM calls")[0][0]
    expected = sum(
        count * (price_usd(MODEL, "https://openai.azure.com", prompt=prompt, completion=completion) or 0.0)
        for (_, _, prompt, completion), count in known.items()
    )
    assert expected > 0
    assert math.isclose(cost, expected)


def _number(item: str) -> int:
    return int(Path(item).stem.rpartition("-")[2])
