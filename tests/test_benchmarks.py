"""The benchmarks measure what they say: the floor asks what a batch asks, and the share of busy places is what it is by hand."""

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.calls import evidence_alone
from benchmarks.endpoint import ask_bare, busy_share, fleet_document, scripted_stages
from benchmarks.growth import Point, draw_growth
from benchmarks.processes import run_process
from pipeline.checks.whole import check_all
from pipeline.draft import write_draft
from pipeline.llm import Door
from pipeline.store.sqlite import IN_MEMORY, SqliteStore
from tests.fleet import Fleet, Logged
from tests.tidewater import legal, misquoted, risk


def logged(at: float, schema: str) -> Logged:
    return Logged(
        caller="",
        digest="d",
        document=0,
        schema=schema,
        seen=0,
        outcome="answered",
        prompt_tokens=1,
        completion_tokens=1,
        at=at,
    )


def test_floor_asks_as_much_as_a_batch(tmp_path: Path) -> None:
    async def ask(endpoint: Fleet) -> None:
        await ask_bare(endpoint, await scripted_stages(), documents=3, in_flight=2)

    async def draft(endpoint: Fleet) -> None:
        settings = endpoint.settings()
        with SqliteStore(IN_MEMORY) as store:
            async with Door(settings) as door:
                for number in range(3):
                    await write_draft(fleet_document(number), settings, store=store, door=door)

    sent = []
    for name, work in (("floor", ask), ("batch", draft)):
        (tmp_path / name).mkdir()
        with Fleet(tmp_path / name) as endpoint:
            asyncio.run(work(endpoint))
            # The fence around a document is a digest of it; all else is the same to the byte.
            sent.append(Counter((line.schema, line.prompt_tokens) for line in endpoint.log()))
    assert sent[0] == sent[1]
    assert sent[0].total() == 9
    assert len(sent[0]) == 3


def test_busy_share_is_that_of_the_places_taken_while_there_is_work_for_all() -> None:
    # Two places: [0, 2] and [0, 2], then [2, 4], and the last document begins at 3, until when one place stood empty for a second.
    log = [logged(at, "ConsumerSummary") for at in (2.0, 2.0, 4.0, 5.0)]
    assert busy_share(log, latency=2.0, spread=0.0, in_flight=2) == pytest.approx(5 / 6)
    # What goes on after that counts for nothing.
    late = [*log, logged(9.0, "RiskAssessment")]
    assert busy_share(late, latency=2.0, spread=0.0, in_flight=2) == pytest.approx(5 / 6)
    # From the second answer on, at 2, one of two places is taken.
    after = busy_share(log, latency=2.0, spread=0.0, in_flight=2, from_answer=2)
    assert after == pytest.approx(1 / 2)


def test_stage_with_its_evidence_checks_alone_finds_what_is_wrong_with_quotes_and_nothing_else() -> None:
    document = fleet_document(0)
    wrong = misquoted(document)
    wrong.sentences[0].text = "Act now: it is the best app of all and unlawful!"
    artefacts = (wrong, legal(document), risk(document))
    citations, findings = check_all(document, *artefacts)
    with evidence_alone():
        located, seen = check_all(document, *artefacts)
    assert located == citations
    assert {finding.code.partition(".")[0] for finding in seen} == {"evidence"}
    assert list(seen) == [finding for finding in findings if finding.code.startswith("evidence.")]
    assert len(findings) > len(seen)
    assert check_all(document, *artefacts) == (citations, findings)


def test_peak_memory_is_the_process_own() -> None:
    # Held long enough to be looked at.
    program = "import time; held = b'x' * 60_000_000; time.sleep(0.2)"
    heavy = run_process((sys.executable, "-c", program))
    light = run_process((sys.executable, "-c", program.replace("60_000_000", "1")))
    assert heavy.returned == light.returned == 0
    assert 50 < heavy.peak_mb - light.peak_mb < 70


def test_failed_process_tells_why() -> None:
    ended = run_process((sys.executable, "-c", "import sys; sys.exit('no such thing')"))
    assert (ended.returned, ended.last_words) == (1, "no such thing")


def test_plot_shows_every_point(tmp_path: Path) -> None:
    path = tmp_path / "growth.svg"
    draw_growth([Point(20, 1.5, 180.0), Point(60, 1.75, 186.0)], path)
    tree = ElementTree.parse(path)
    shown = [element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"20", "60", "1.50", "1.75", "180", "186"} <= set(shown)
    assert len(list(tree.iter("{http://www.w3.org/2000/svg}circle"))) == 4


def test_benchmark_of_the_prefix_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.batch", "--only", "prefix"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    assert "| 85 % | reached |" in done.stdout
