"""The commands of batches, as they are typed: what they print, write and return."""

import csv
import io
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from pipeline.batch.events import Event
from pipeline.batch.tally import Tally
from pipeline.batch.views import JsonLines, LiveView, PlainLines, write_duration, write_event, write_sums
from pipeline.cli import app
from tests.batch_process import Batches
from tests.endpoint import KEY, Endpoint, answer, fault
from tests.fleet import Fleet, write_fleet
from tests.tidewater import answers_for, consumer, tidewater

run = CliRunner().invoke


@pytest.fixture
def policies(tmp_path: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
    monkeypatch.setenv("CLAUSEWISE_MODEL", "scripted")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return write_fleet(Path("policies"), 3)


def test_batch_tells_of_each_document_and_writes_its_report(endpoint: Endpoint, policies: Path) -> None:
    endpoint.script_with(answers_for(tidewater()))
    (policies / "twin.md").write_text(
        (policies / "policy-0000.md").read_text(encoding="utf-8") + "\n", encoding="utf-8"
    )
    done = run(app, ["batch", "policies", "--output", "out"])
    assert done.exit_code == 0, done.stderr
    assert "4 documents, 3 drafted, 1 linked" in done.stdout
    assert "9 calls; 900 tokens in (540 cached), 180 out; unpriced" in done.stdout
    assert "To go on" not in done.stdout
    assert "✓ policies/policy-0001.md: drafted" in done.stderr
    (path,) = Path("out").glob("run-*.json")
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["documents"] == {"drafted": 3, "linked": 1}
    folders = {item["folder"] for item in report["items"]}
    assert {p.name for p in Path("out").iterdir() if p.is_dir()} == folders


def test_batch_with_failures_says_why_and_how_to_go_on(endpoint: Endpoint, policies: Path) -> None:
    right = answers_for(tidewater())
    endpoint.script_with(
        lambda request: fault(400, "content_filter") if "note 1 for" in request.user else right(request)
    )
    done = run(app, ["batch", "policies", "--output", "out"])
    assert done.exit_code == 3
    assert "The content filter of" in done.stdout
    assert "--retry-failed" in done.stdout
    assert "✖ policies/policy-0001.md: The content filter" in done.stderr


def test_json_events_are_one_object_a_line_and_end_with_the_report(
    endpoint: Endpoint, policies: Path
) -> None:
    endpoint.script_with(answers_for(tidewater()))
    done = run(app, ["batch", "policies", "--output", "out", "--json"])
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert next(event["event"] for event in events) == "run_started"
    assert events[-1]["event"] == "run_ended"
    assert events[-1]["documents"] == {"drafted": 3}
    assert sum(event["event"] == "call" for event in events) == 9
    assert all(event["at"].startswith("20") for event in events)


def test_problems_of_the_sources_are_all_told_before_anything_is_spent(
    endpoint: Endpoint, policies: Path
) -> None:
    done = run(app, ["batch", "policies", "nowhere.md", "*.none", "--output", "out"])
    assert done.exit_code == 2
    assert "There is no file nowhere.md" in done.stderr
    assert "*.none: no file has a name like this." in done.stderr
    assert "clausewise: 2 problems in the sources, and nothing was spent" in done.stderr
    assert not Path("out").exists()


def test_dry_run_says_what_would_be_asked(endpoint: Endpoint, policies: Path) -> None:
    done = run(app, ["batch", "policies", "--dry-run", "--output", "out"])
    assert done.exit_code == 0
    assert "stages to ask: 3 consumer, 3 legal, 3 risk" in done.stdout
    told = json.loads(run(app, ["batch", "policies", "--dry-run", "--json", "--output", "out"]).stdout)
    assert told["calls"]["least"] == 9
    assert endpoint.requests == []


def test_runs_are_listed_shown_exported_and_billed(endpoint: Endpoint, policies: Path) -> None:
    endpoint.script_with(answers_for(tidewater()))
    manifest = policies / "list.jsonl"
    manifest.write_text(
        '{"id": "one", "source": "policy-0000.md", "company": "=Acme", "tags": ["a", "b"]}\n',
        encoding="utf-8",
    )
    assert run(app, ["batch", str(manifest), "--output", "out"]).exit_code == 0
    (listed,) = json.loads(run(app, ["runs", "list", "--json"]).stdout)
    assert listed["state"] == "finished"
    assert listed["id"] in run(app, ["runs", "list"]).stdout
    shown = run(app, ["runs", "show", listed["id"][:4]])
    assert "one" in shown.stdout
    assert "0 errors, 0 warnings" in shown.stdout
    (row,) = csv.DictReader(io.StringIO(run(app, ["runs", "export", "--format", "csv"]).stdout))
    assert (row["id"], row["company"], row["tags"], row["state"]) == ("one", "'=Acme", "a;b", "drafted")
    exported = run(app, ["runs", "export", "last", "--output", "again"])
    assert json.loads(exported.stdout)["folder"] == "one"
    assert Path("again/one/draft.html").read_bytes() == Path("out/one/draft.html").read_bytes()
    costs = json.loads(run(app, ["runs", "costs", "--json"]).stdout)
    assert {(cost["stage"], cost["prompt"], cost["calls"]) for cost in costs} == {
        ("consumer", "consumer.v1", 1),
        ("legal", "legal.v1", 1),
        ("risk", "risk.v1", 1),
    }
    assert "unpriced" in run(app, ["runs", "costs"]).stdout


def test_run_that_is_not_there_is_bad_usage(policies: Path) -> None:
    done = run(app, ["runs", "show", "last"])
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "The store holds no run" in done.stderr


def test_cost_limit_without_a_price_is_refused_before_anything_is_sent(
    endpoint: Endpoint, policies: Path
) -> None:
    done = run(app, ["batch", "policies", "--output", "out", "--max-cost", "1"])
    assert done.exit_code == 2
    assert "--max-cost cannot be kept; use --max-tokens" in done.stderr


@pytest.fixture(scope="module")
def batches() -> Iterator[Batches]:
    with Batches() as started:
        yield started


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and signals")
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_once_finishes_what_is_in_flight_and_twice_stops_at_once(
    tmp_path: Path, batches: Batches, times: int
) -> None:
    write_fleet(tmp_path / "policies", 3)
    # An answer takes a while, so that there is a call in flight; the second Ctrl-C does not wait for it.
    with Fleet(tmp_path, latency=0.4 if times == 1 else 600) as fleet:
        words = ["batch", str(tmp_path / "policies"), "--output", str(tmp_path / "out"), "--concurrency", "1"]
        words += ["--store", str(tmp_path / "store.db")]
        child = batches.start(words, fleet.environment())
        wait_for_call(tmp_path / "store.db")
        for _ in range(times):
            os.kill(child, signal.SIGINT)
            wait_a_little()
        assert batches.wait() == 130
        assert len(fleet.log()) == (1 if times == 1 else 0)


def wait_for_call(path: Path) -> None:
    """Until the store has a call that is in flight."""
    import sqlite3
    from contextlib import closing

    for _ in range(2_000):
        wait_a_little()
        if not path.exists():
            continue
        with closing(sqlite3.connect(path)) as connection:
            try:
                if connection.execute("SELECT 1 FROM calls WHERE outcome IS NULL").fetchone():
                    return
            except sqlite3.OperationalError:
                continue
    raise AssertionError("no call was made")


def wait_a_little() -> None:
    import time

    time.sleep(0.02)


def test_sums_are_counted_from_events_and_what_is_unknown_is_said() -> None:
    now = [0.0]
    tally = Tally(lambda: now[0])
    tally.on(Event("run_started", None, {"documents": 4, "done": 1}))
    outcome = {"reason": None, "linked_to": None, "errors": 1, "warnings": 2, "notes": 0}
    tally.on(Event("item", "a", outcome | {"state": "drafted", "unchanged": True}))
    tally.on(Event("item_started", "b"))
    call = {"outcome": "answered", "prompt_tokens": 100, "completion_tokens": 20, "cost_usd": 0.5}
    tally.on(Event("call", "b", call))
    tally.on(Event("call", "b", call | {"outcome": "lost", "prompt_tokens": None, "cost_usd": None}))
    now[0] = 60.0
    tally.on(Event("item", "b", outcome | {"state": "drafted", "unchanged": False}))
    tally.on(Event("item", "c", outcome | {"state": "waiting", "unchanged": False}))
    told = write_sums(tally)
    assert "documents: 2 of 4 (1 unchanged)" in told
    assert "calls: 2 (1 without an answer)" in told
    assert "tokens: at least 100 in, 20 out" in told
    assert "cost: at least USD 0.5000" in told
    assert "rate: 1.0 documents a minute" in told
    assert "time left: 2 min" in told
    assert "findings: 2 errors, 4 warnings" in told


def test_reasons_that_could_steer_a_terminal_are_shown_harmless() -> None:
    told = {"state": "failed", "unchanged": False, "reason": "bad \x1b[2J\nthing", "linked_to": None}
    assert write_event(Event("item", "a\x1b]0;x", told)) == "✖ a ]0;x: bad [2J thing"


def test_live_view_shows_sums_and_the_documents_in_work() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=100)
    tally = Tally()
    with LiveView(console, tally) as view:
        for event in (
            Event("run_started", None, {"documents": 2, "done": 0}),
            Event("item_started", "policies/a.md"),
            Event("paused", None, {"seconds": 7.0, "reason": "HTTP 429"}),
        ):
            tally.on(event)
            view.on(event)
    shown = stream.getvalue()
    assert "policies/a.md: reading, then the consumer summary" in shown
    assert "0 of 2" in shown
    assert "all wait 7 s: HTTP 429" in shown


def test_plain_lines_give_the_sums_now_and_then() -> None:
    stream = io.StringIO()
    now = [0.0]
    tally = Tally(lambda: now[0])
    lines = PlainLines(Console(file=stream, width=400), tally, clock=lambda: now[0])
    started = Event("run_started", None, {"documents": 2, "done": 0})
    tally.on(started)
    lines.on(started)
    assert stream.getvalue() == ""
    now[0] = 11.0
    lines.on(Event("item_started", "a"))
    assert stream.getvalue().startswith("documents: 0 of 2; calls: 0")


def test_json_lines_go_on_when_their_reader_has_gone() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    lines = JsonLines(Gone())
    lines.on(Event("item_started", "a"))
    lines.on(Event("item_started", "b"))


@pytest.mark.parametrize(
    ("seconds", "told"), [(7, "7 s"), (89, "89 s"), (720, "12 min"), (12_000, "3 h 20 min")]
)
def test_durations_are_told_as_people_tell_them(seconds: float, told: str) -> None:
    assert write_duration(seconds) == told


def test_answers_with_findings_are_told_by_the_exit_code(endpoint: Endpoint, policies: Path) -> None:
    right = answers_for(tidewater())
    wrong = consumer(tidewater())
    wrong.sentences[1].evidence[0].quote = "words that no passage has"
    endpoint.script_with(
        lambda request: answer(wrong) if request.schema_name == "ConsumerSummary" else right(request)
    )
    done = run(app, ["batch", "policies/policy-0000.md", "--output", "out"])
    assert done.exit_code == 1
    assert "▲ policies/policy-0000.md: drafted, " in done.stderr
