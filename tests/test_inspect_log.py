"""Logs for Inspect AI: every run is a sample, and what was not scored is no number in them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eval.cases import Case
from eval.inspect_log import inspect_log, write_inspect_logs
from eval.results import Results, write_results
from eval.systems import Made, NotMade
from pipeline.cli import app
from pipeline.errors import ReplayMissError
from tests.eval_case import good, results_of, with_score


def nothing(case: Case) -> NotMade:
    return NotMade("Nobody wrote one.")


def away(case: Case) -> Made:
    raise ReplayMissError("The recording holds no such request.")


@pytest.fixture(scope="module")
def results() -> Results:
    found = results_of(recorded=good, nothing=nothing, away=away)
    return with_score(found, "recorded", "consumer.length", status="failed", value=None)


def log_of(results: Results, system: str) -> dict[str, Any]:
    return inspect_log(results, next(s for s in results.systems if s.name == system))


def test_a_run_is_a_sample_with_its_text_and_scores(results: Results) -> None:
    log = log_of(results, "recorded")
    (sample,) = log["samples"]
    (run,) = results.runs_of("recorded")
    assert (sample["id"], sample["epoch"]) == ("tidewater", 1)
    told = sample["output"]["choices"][0]["message"]["content"].split("\n")
    assert told == [sentence.text for sentence in run.sentences]
    scored = {score.name: score.value for score in run.scores if score.value is not None}
    assert {name: score["value"] for name, score in sample["scores"].items()} == scored
    assert log["results"]["completed_samples"] == 1
    assert {score["name"]: score["metrics"]["mean"]["value"] for score in log["results"]["scores"]} == scored


def test_what_was_not_scored_is_told_and_is_no_number(results: Results) -> None:
    (sample,) = log_of(results, "recorded")["samples"]
    assert "consumer.length" not in sample["scores"]
    assert sample["metadata"]["not_scored"]["consumer.length"].startswith("failed: ")
    for system, status, error in (("nothing", "unscored", False), ("away", "unavailable", True)):
        log = log_of(results, system)
        (sample,) = log["samples"]
        assert (sample["metadata"]["status"], "error" in sample) == (status, error)
        assert (sample["scores"], log["results"]["scores"]) == ({}, [])
        assert log["results"]["completed_samples"] == 0
    assert (
        log_of(results, "away")["samples"][0]["error"]["message"]
        == "unavailable: The recording holds no such request."
    )


def test_tokens_that_are_not_known_are_left_out(results: Results) -> None:
    (sample,) = log_of(results, "nothing")["samples"]
    assert "usage" not in sample["output"]


def test_the_logs_are_json_with_what_a_reader_of_the_format_insists_on(
    results: Results, tmp_path: Path
) -> None:
    paths = write_inspect_logs(results, tmp_path)
    for path, system in zip(paths, results.systems, strict=True):
        # The viewer lists no file that is named otherwise.
        assert re.fullmatch(
            rf"\d{{4}}-\d\d-\d\dT\d\d-\d\d-\d\d\+00-00_clausewise-{system.name}_\w{{22}}\.json", path.name
        )
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert "NaN" not in text
        log = json.loads(text)
        assert list(log)[:5] == ["version", "status", "eval", "plan", "results"]
        assert log["version"] == 2
        assert {"created", "task", "dataset", "model", "config"} <= set(log["eval"])
        assert all({"id", "epoch", "input", "target"} <= set(sample) for sample in log["samples"])


def test_inspect_reads_them_where_it_is_installed(results: Results, tmp_path: Path) -> None:
    inspect = pytest.importorskip("inspect_ai.log")
    for path in write_inspect_logs(results, tmp_path):
        log = inspect.read_eval_log(str(path))
        assert [sample.id for sample in log.samples] == ["tidewater"]
        assert inspect.read_eval_log(str(path), header_only=True).eval.task == "clausewise"


def test_the_command_writes_them_beside_the_report(results: Results, tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(write_results(results), encoding="utf-8")
    done = CliRunner().invoke(app, ["eval", "report", str(tmp_path), "--inspect", str(tmp_path / "logs")])
    assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "logs").iterdir())) == 3
    assert (tmp_path / "report.html").is_file()
