"""Runs through batches of the provider as they are typed, and killed with SIGKILL between the provider and the store."""

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from tests.batch_api import BatchApi, provider
from tests.batch_process import Batches
from tests.endpoint import KEY
from tests.fleet import write_fleet
from tests.tidewater import answers_for, tidewater

__all__ = ["provider"]

run = CliRunner().invoke
WORDS = ["batch", "policies", "--output", "out", "--provider-batch"]


@pytest.fixture
def policies(tmp_path: Path, provider: BatchApi, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", provider.url)
    monkeypatch.setenv("CLAUSEWISE_MODEL", "scripted")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    provider.answer_with(answers_for(tidewater()))
    return write_fleet(Path("policies"), 2)


def test_command_submits_says_what_it_waits_for_and_goes_on(provider: BatchApi, policies: Path) -> None:
    provider.held = True
    waiting = run(app, WORDS)
    assert waiting.exit_code == 4, waiting.stderr
    assert "2 documents, 2 waiting" in waiting.stdout
    assert "Waiting: for 2 answers of 1 batch at the provider" in waiting.stdout
    assert "To go on: clausewise" in waiting.stdout
    assert "batch batch_1: in_progress, 0 of 2 answered" in waiting.stderr
    (path,) = Path("out").glob("run-*.json")
    assert json.loads(path.read_text(encoding="utf-8"))["waits_for"] == "2 answers of 1 batch at the provider"
    shown = run(app, ["runs", "provider"])
    assert "in_progress" in shown.stdout
    provider.finish()
    # As it is now: nobody has taken it in yet.
    (told,) = json.loads(run(app, ["runs", "provider", "last", "--json"]).stdout)
    assert (told["batch_id"], told["status"], told["answered"], told["state"]) == (
        "batch_1",
        "completed",
        2,
        "open",
    )
    provider.held = False
    done = run(app, [*WORDS, "--wait"])
    assert done.exit_code == 0, done.stderr
    assert "2 documents, 2 drafted" in done.stdout
    assert "6 calls; 600 tokens in (360 cached), 120 out; unpriced" in done.stdout
    asked = len(provider.requests)
    assert run(app, ["runs", "provider"]).stdout.count("completed") == 3
    assert len(provider.requests) == asked


def test_run_without_batches_at_the_provider_says_so(provider: BatchApi, policies: Path) -> None:
    assert run(app, [*WORDS, "--max-tokens", "1"]).exit_code == 4
    assert "The run has no batches" in run(app, ["runs", "provider"]).stdout
    assert provider.requests == []


def test_waiting_without_batches_is_bad_usage(policies: Path) -> None:
    done = run(app, ["batch", "policies", "--wait"])
    assert (done.exit_code, "goes with --provider-batch" in done.stderr) == (2, True)


def test_dry_run_of_batches_asks_nobody(provider: BatchApi, policies: Path) -> None:
    assert run(app, [*WORDS, "--dry-run"]).exit_code == 0
    assert provider.requests == []


@pytest.fixture(scope="module")
def batches() -> Iterator[Batches]:
    with Batches() as started:
        yield started


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
@pytest.mark.parametrize(
    "points",
    [
        # Noted and not submitted; submitted and not noted; answered and not taken in; taken in and not told so.
        ["after:hand_over:1", "before:note_handed:1"],
        [None, "before:hear_lines:1", "after:hear_lines:1", "before:end_handed:1"],
        ["before:hand_over:1", "after:note_handed:1", "after:end_handed:1"],
    ],
)
def test_killed_process_loses_nothing_and_pays_for_nothing_twice(
    provider: BatchApi, policies: Path, batches: Batches, points: list[str | None]
) -> None:
    here = Path.cwd()
    words = ["batch", str(here / "policies"), "--output", str(here / "out"), "--provider-batch"]
    words += ["--store", str(here / "store.db")]
    environment = os.environ | provider.environment()
    for point in points:
        assert batches.run(words, environment, crash=point) == (-signal.SIGKILL if point else 4)
    codes = [batches.run(words, environment)]
    while codes[-1] == 4 and len(codes) < 8:
        codes.append(batches.run(words, environment))
    assert codes[-1] == 0
    assert len(provider.answered) == 6
    assert set(provider.answered.values()) == {1}
    with closing(sqlite3.connect("store.db")) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        bill = store.execute(
            "SELECT count(*), sum(prompt_tokens), sum(completion_tokens) FROM calls"
        ).fetchone()
        assert bill == (6, provider.tokens["prompt_tokens"], provider.tokens["completion_tokens"])
        assert store.execute("SELECT count(*) FROM provider_requests").fetchone() == (0,)
        assert store.execute("SELECT count(*) FROM replies").fetchone() == (0,)
        states = store.execute("SELECT DISTINCT state FROM provider_batches").fetchall()
        assert states == [("collected",)]
