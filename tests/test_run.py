"""Runs: every system on every case, nothing lost because one of them broke, and what made the figures stored with them."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import eval.judges.model
from eval.candidate import Candidate
from eval.cases import Case, gold_folder
from eval.judges.verdict import Judge
from eval.results import Results, read_results, write_results
from eval.run import find_cases, run_eval
from eval.scorers.every import NAMES
from eval.systems import Made, NotMade, System, live, recorded
from pipeline.cli import app
from pipeline.errors import ModelRefusedError, UsageError
from pipeline.prompts import CURRENT, load_prompt
from schemas.score import Score
from tests.endpoint import Endpoint, fault
from tests.eval_case import good, poor, record_tidewater, results_of, with_score
from tests.gold_candidate import ScriptedJudge, tidewater_case
from tests.tidewater import answers_for, tidewater

MISTRAL = "mistral-2026-04-08"


def test_each_system_has_each_score_of_each_case() -> None:
    results = results_of(recorded=good, poor=poor)
    assert [(run.system, run.status) for run in results.runs] == [("recorded", "scored"), ("poor", "scored")]
    assert results.score_names() == NAMES
    assert all(len(run.scores) == len(NAMES) for run in results.runs)


def test_results_say_what_they_were_measured_with() -> None:
    results = results_of(recorded=good)
    assert results.judge.name == "scripted"
    assert len(results.judge.version) == len(results.scorers_sha256) == 64
    assert results.prompts == {p.name: p.sha256 for p in map(load_prompt, CURRENT)}
    assert results.versions["clausewise"]
    (case,) = results.cases
    assert len(case.gold_sha256) == len(case.passages_sha256) == 64
    assert {entry.kind for entry in case.entries} >= {
        "consumer_facts",
        "legal_facts",
        "provisions",
        "due_diligence",
    }
    (run,) = results.runs
    assert run.made_by is not None
    assert run.made_by.stages[0].prompts


def test_the_digest_of_the_gold_moves_with_any_word_of_it() -> None:
    case = tidewater_case()
    fact = case.gold.consumer_facts[0].model_copy(update={"statement": "Another statement."})
    changed = Case(
        case.name,
        case.document,
        case.gold.model_copy(update={"consumer_facts": (fact, *case.gold.consumer_facts[1:])}),
    )
    digests = {
        run_eval([c], [], ScriptedJudge()).cases[0].gold_sha256 for c in (case, changed, tidewater_case())
    }
    assert len(digests) == 2


def test_the_same_run_gives_the_same_scores() -> None:
    assert results_of(recorded=good).runs[0].scores == results_of(recorded=good).runs[0].scores


def test_stored_results_come_back_as_they_were(tmp_path: Path) -> None:
    results = results_of(recorded=good, poor=poor)
    (tmp_path / "results.json").write_text(write_results(results), encoding="utf-8")
    assert read_results(tmp_path) == read_results(tmp_path / "results.json") == results


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "holds no results of version 1.0"),
        ('{"schema_version": "0.9"}', r"schema_version: Input should be '1.0'"),
    ],
)
def test_results_that_are_none_or_of_another_version_are_refused(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "results.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=told):
        read_results(tmp_path)


def test_results_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_results(tmp_path / "none.json")


def test_a_system_that_breaks_fails_alone_and_says_where() -> None:
    def broken(case: Case) -> Made:
        raise ZeroDivisionError("no draft")

    results = results_of(broken=broken, recorded=good)
    assert [run.status for run in results.runs] == ["failed", "scored"]
    assert results.runs[0].reason is not None
    assert results.runs[0].reason.startswith("ZeroDivisionError in test_run.py line ")


def test_a_scorer_that_breaks_fails_the_run_and_is_no_zero() -> None:
    def broken(candidate: Candidate, case: Case, judge: Judge) -> tuple[Score, ...]:
        raise KeyError("CF-01")

    results = run_eval([tidewater_case()], [System("recorded", "", good)], ScriptedJudge(), score=broken)
    (run,) = results.runs
    assert run.status == "failed"
    assert run.scores == ()
    assert run.sentences


def test_a_model_that_refuses_has_failed_and_an_endpoint_that_is_away_is_unavailable(
    endpoint: Endpoint,
) -> None:
    def refused(case: Case) -> Made:
        raise ModelRefusedError("The model declined.")

    endpoint.script_with(lambda request: fault(503))
    away = live(endpoint.settings(transport_tries=1))
    results = run_eval([tidewater_case()], [System("refusing", "", refused), away], ScriptedJudge())
    assert [(run.system, run.status) for run in results.runs] == [
        ("refusing", "failed"),
        ("live", "unavailable"),
    ]


def test_only_what_varies_is_repeated(endpoint: Endpoint) -> None:
    endpoint.script_with(answers_for(tidewater()))
    systems = [System("recorded", "", good), live(endpoint.settings())]
    results = run_eval([tidewater_case()], systems, ScriptedJudge(), repeat=3)
    assert [(run.system, run.repetition) for run in results.runs] == [
        ("recorded", 1), ("live", 1), ("live", 2), ("live", 3),
    ]  # fmt: skip
    mean = results.mean("live", "consumer.roles")
    assert (mean.value, mean.scored) == (1.0, 3)


def test_a_mean_counts_each_case_once_and_no_failure_as_a_number() -> None:
    results = results_of(recorded=good)
    (run,) = with_score(results, "recorded", "consumer.length", value=0.4).runs
    again = run.model_copy(update={"repetition": 2})
    again = with_score(
        results.model_copy(update={"runs": (again,)}), "recorded", "consumer.length", value=0.8
    ).runs[0]
    other = run.model_copy(update={"case": "other"})
    other = with_score(
        results.model_copy(update={"runs": (other,)}), "recorded", "consumer.length", value=0.1
    ).runs[0]
    failed = run.model_copy(update={"case": "third", "status": "failed", "scores": ()})
    nothing = run.model_copy(update={"case": "fourth", "status": "unscored", "scores": ()})
    mean = results.model_copy(update={"runs": (run, again, other, failed, nothing)}).mean(
        "recorded", "consumer.length"
    )
    # (0.4 + 0.8) / 2 in the first case, 0.1 in the second.
    assert mean.value == pytest.approx(0.35)
    assert (mean.scored, mean.unscored, mean.failed) == (3, 1, 1)


def test_where_no_model_was_asked_the_cost_is_known_and_nothing() -> None:
    run, drafted = results_of(poor=poor, recorded=good).runs
    assert (run.usage.prompt_tokens, run.cost_usd, run.made_by) == (0, 0.0, None)
    assert drafted.made_by is not None
    assert drafted.usage.prompt_tokens is None or drafted.usage.prompt_tokens > 0


def test_a_mean_of_nothing_is_no_number() -> None:
    def nothing(case: Case) -> NotMade:
        return NotMade("Nobody wrote one.")

    mean = results_of(recorded=nothing).mean("recorded", "consumer.length")
    assert (mean.value, mean.scored, mean.unscored, mean.failed) == (None, 0, 1, 0)


def test_cases_are_found_by_name_and_an_unknown_one_is_refused() -> None:
    assert [case.name for case in find_cases([MISTRAL])] == [MISTRAL]
    with pytest.raises(UsageError, match=rf"There is no case 'mistral'; name one of .*{MISTRAL}"):
        find_cases(["mistral"])


def run_cli(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["eval", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_writes_all_files_and_prints_the_table(tmp_path: Path) -> None:
    code, printed, told = run_cli(
        "run", "--system", "lead", "--system", "published", "--case", MISTRAL, "--out", str(tmp_path)
    )
    assert code == 0
    assert {p.name for p in tmp_path.iterdir()} == {"results.json", "report.md", "junit.xml", "report.html"}
    lines = printed.splitlines()
    assert lines[0].split() == ["|", "score", "|", "lead", "|", "published", "|"]
    assert [line.split()[1] for line in lines[2:]] == list(NAMES)
    assert "Wrote results.json, report.md, junit.xml, report.html" in told
    results = Results.model_validate_json((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert results.judge.name == "rules"


def test_reports_are_written_once_more_from_the_results_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where verdicts of the model judge are recorded, the second report tells of it too.
    monkeypatch.setattr(eval.judges.model, "recordings_folder", lambda: tmp_path)
    out, again = tmp_path / "out", tmp_path / "again"
    assert run_cli("run", "--system", "lead", "--case", MISTRAL, "--out", str(out))[0] == 0
    assert run_cli("report", str(out), "--out", str(again))[0] == 0
    for name in ("report.md", "junit.xml", "report.html"):
        assert (again / name).read_text(encoding="utf-8") == (out / name).read_text(encoding="utf-8")


def test_usage_errors_have_exit_code_two(tmp_path: Path) -> None:
    for arguments in (
        ("run", "--system", "best"),
        ("run", "--case", "none"),
        ("run", "--model", "m"),
        ("run", "--repeat", "2"),
        ("run", "--repeat", "0", "--system", "live"),
        ("report", "none.json"),
        ("gate", "none.json"),
    ):
        assert run_cli(*arguments, "--out", str(tmp_path))[0] == 2, arguments
    assert list(tmp_path.iterdir()) == []


def test_a_live_run_without_an_endpoint_is_exit_code_three_and_keeps_the_rest(
    tmp_path: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.script_with(lambda request: fault(401, "invalid_api_key"))
    monkeypatch.setenv("OPENAI_API_KEY", "wrong")
    code, _, told = run_cli(
        *("run", "--system", "lead", "--system", "live", "--case", MISTRAL, "--out", str(tmp_path)),
        *("--base-url", endpoint.url, "--model", "scripted"),
    )
    assert code == 3
    assert "live on mistral-2026-04-08" in told
    assert "unavailable" in told
    statuses = {
        run["system"]: run["status"] for run in json.loads((tmp_path / "results.json").read_text())["runs"]
    }
    assert statuses == {"lead": "scored", "live": "unavailable"}


def test_no_key_of_a_live_run_is_stored(
    tmp_path: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.script_with(answers_for(tidewater()))
    results = run_eval(
        [tidewater_case()], [live(endpoint.settings(api_key="sk-very-secret"))], ScriptedJudge()
    )
    assert results.runs[0].status == "scored"
    assert "sk-very-secret" not in write_results(results)


def test_a_recording_that_does_not_fit_is_unavailable_and_never_a_low_score(
    tmp_path: Path, endpoint: Endpoint
) -> None:
    endpoint.script_with(answers_for(tidewater()))
    asyncio.run(record_tidewater(tmp_path, endpoint.settings()))
    fits, not_fits = (
        recorded(tmp_path, endpoint.settings(**changes)) for changes in ({}, {"model": "another"})
    )
    first, second = run_eval([tidewater_case()], [fits, not_fits], ScriptedJudge()).runs
    assert (first.status, second.status) == ("scored", "unavailable")
    assert second.scores == ()
    assert second.reason is not None
    assert "its model differs" in second.reason


def test_the_package_has_a_case_for_every_gold_file() -> None:
    assert [case.name for case in find_cases([])] == sorted(
        path.stem for path in gold_folder().glob("*.yaml")
    )
