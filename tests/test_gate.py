"""The gate: passes what may go in, and turns red for each thing that may not."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import pipeline.stages.stage
from eval.bundled import recording_path
from eval.cases import Case, gold_folder, list_gold
from eval.gate import (
    Verdict,
    accept_baseline,
    check_gate,
    gate_path,
    load_bar,
    load_baseline,
    make_baseline,
)
from eval.results import Results, write_results
from eval.run import run_eval
from eval.scorers.every import NAMES
from eval.systems import Made, NotMade, recorded
from pipeline.cli import app
from pipeline.errors import ReplayMissError, UsageError
from pipeline.prompts import Prompt, load_prompt
from tests.endpoint import Endpoint, Reply, Request, answer
from tests.eval_case import bar, good, poor, record_tidewater, results_of, with_runs, with_score
from tests.gold_candidate import ScriptedJudge, tidewater_case
from tests.tidewater import ARTEFACTS, misquoted, schema_asked, tidewater

RECALL = "consumer.fact_recall"


def lone(results: Results | None = None, **changes: object) -> Verdict:
    """The verdict on results, with those of a good draft as the baseline."""
    held = bar(**changes)
    first = results_of(recorded=good)
    return check_gate(results or first, held, make_baseline(first, held))


def changed(name: str, **changes: object) -> Results:
    return with_score(results_of(recorded=good), "recorded", name, **changes)


def failures(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if check.status == "failed"]


def test_what_is_as_the_baseline_passes() -> None:
    verdict = lone()
    assert failures(verdict) == []
    assert verdict.exit_code == 0
    assert verdict.notes == ()
    assert verdict.summary.startswith("The gate passed: ")


def test_a_floor_that_is_not_reached_fails() -> None:
    floors = {"recorded": {"floors": {"consumer.length": 0.9}}}
    assert failures(lone(changed("consumer.length", value=0.9), systems=floors, falls={"default": 1})) == []
    found = lone(changed("consumer.length", value=0.89), systems=floors, falls={"default": 1})
    assert failures(found) == ["recorded: consumer.length has its floor"]
    assert found.exit_code == 1


def test_a_score_without_a_value_does_not_reach_its_floor() -> None:
    floors = {"recorded": {"floors": {"consumer.length": 0.0}}}
    found = lone(changed("consumer.length", status="unscored", value=None), systems=floors)
    assert "recorded: consumer.length has its floor" in failures(found)


def test_a_fall_beyond_what_is_allowed_fails_in_its_case() -> None:
    start = lone().checks
    assert any(check.name == f"recorded/tidewater: {RECALL} has not fallen" for check in start)
    assert failures(lone(changed(RECALL, value=0.95))) == []
    assert failures(lone(changed(RECALL, value=0.94))) == [f"recorded/tidewater: {RECALL} has not fallen"]
    assert failures(lone(changed(RECALL, value=0.94), falls={"default": 0.05, RECALL: 0.1})) == []


def test_a_rise_passes() -> None:
    held = bar()
    low = changed(RECALL, value=0.85)
    assert check_gate(results_of(recorded=good), held, make_baseline(low, held)).exit_code == 0


@pytest.mark.parametrize("status", ["unscored", "failed"])
def test_a_score_that_lost_its_value_fails(status: str) -> None:
    found = lone(changed("legal.carve_outs", status=status, value=None))
    assert "recorded/tidewater: legal.carve_outs has not fallen" in failures(found)
    assert found.exit_code == 1


def test_any_failed_score_fails_unless_it_may() -> None:
    held, results = bar(), changed("risk.schema", status="failed", value=None)
    found = check_gate(results, held, make_baseline(results, held))
    assert failures(found) == ["recorded/tidewater: is measured"]
    lenient = bar(systems={"recorded": {"may_fail": ["risk.schema"]}})
    assert failures(check_gate(results, lenient, make_baseline(results, lenient))) == []


def test_any_failed_case_fails_whatever_the_means_say() -> None:
    def broken(case: Case) -> Made:
        raise ZeroDivisionError("broken")

    held = bar()
    first = results_of(recorded=good)
    results = first.model_copy(update={"runs": (*first.runs, *results_of(other=broken).runs)})
    found = check_gate(results, held, make_baseline(first, held))
    assert failures(found) == ["other/tidewater: is measured"]
    assert found.exit_code == 1


def test_what_was_unavailable_is_neither_passed_nor_failed() -> None:
    def away(case: Case) -> Made:
        raise ReplayMissError("The recording holds no such request.")

    found = lone(results_of(recorded=away))
    assert failures(found) == []
    assert found.exit_code == 3
    assert "could not decide" in found.summary


def test_a_case_that_was_scored_before_and_is_not_any_more_fails() -> None:
    def nothing(case: Case) -> NotMade:
        return NotMade("There is no recording.")

    found = lone(results_of(recorded=nothing))
    assert failures(found) == ["recorded/tidewater: is measured"]
    assert any("It was scored before. There is no recording." in check.message for check in found.checks)


def test_a_case_that_has_gone_from_the_results_fails() -> None:
    gone = results_of(recorded=good).model_copy(update={"runs": ()})
    assert "recorded/tidewater: is measured" in failures(lone(gone))


def test_a_case_that_never_was_scored_is_skipped_and_told() -> None:
    def nothing(case: Case) -> NotMade:
        return NotMade("There is no recording.")

    held, results = bar(), results_of(recorded=nothing)
    found = check_gate(results, held, make_baseline(results, held))
    assert found.exit_code == 0
    assert {check.status for check in found.checks} == {"skipped"}


def test_a_bad_system_above_its_ceiling_fails() -> None:
    ceilings = {"systems": {"poor": {"ceilings": {RECALL: 0.1}}}}
    results = results_of(poor=poor)
    held = bar(**ceilings)
    found = check_gate(results, held, make_baseline(results, held))
    assert failures(found) == [f"poor: {RECALL} has its ceiling"]


def test_a_bad_system_that_is_not_below_the_good_one_fails() -> None:
    order = [{"better": "recorded", "worse": "poor", "scores": [RECALL, "consumer.roles"]}]
    held = bar(orders=order)
    results = results_of(recorded=good, poor=poor)
    found = check_gate(results, held, make_baseline(results, held))
    assert failures(found) == []
    assert [c.message for c in found.checks if c.status == "skipped"] == ["poor has no value in tidewater."]
    level = with_score(results, "poor", RECALL, value=1.0)
    found = check_gate(level, held, make_baseline(level, held))
    assert failures(found) == [f"tidewater: {RECALL} of recorded is above poor"]


def test_the_gate_notes_what_the_baseline_was_not_measured_with() -> None:
    first = results_of(recorded=good)
    (case,) = first.cases
    other = first.model_copy(
        update={
            "judge": first.judge.model_copy(update={"version": "2"}),
            "scorers_sha256": "0",
            "cases": (case.model_copy(update={"gold_sha256": "0"}), case.model_copy(update={"name": "new"})),
        }
    )
    notes = lone(other).notes
    assert [word in note for word, note in zip(("judge", "scorers", "gold", "new"), notes, strict=True)] == [
        True
    ] * 4


def test_nothing_unavailable_becomes_a_baseline() -> None:
    def away(case: Case) -> Made:
        raise ReplayMissError("The recording holds no such request.")

    with pytest.raises(UsageError, match="was unavailable; results without it are no baseline"):
        make_baseline(results_of(recorded=away), bar())


def test_a_baseline_comes_back_as_it_was_accepted(tmp_path: Path) -> None:
    baseline, path = accept_baseline(results_of(recorded=good, poor=poor), bar(), tmp_path / "b.json")
    assert load_baseline(path) == baseline
    assert list(baseline.systems) == ["recorded"]
    assert "NaN" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"consumer.roles" = 1.0', '"consumer.rolls" = 1.0', "names the score 'consumer.rolls', which does not exist"),
        ("default = ", "standard = ", "which does not exist"),
        ("[falls]", "[fall]", "fall: Extra inputs are not permitted|falls: Field required"),
        ("[falls]", "[falls", "is not TOML"),
        ('schema_version = "1.0"', 'schema_version = "2"', "schema_version"),
        ("default = 0.0", "default = -0.0", "greater than or equal to 0"),
    ],
)  # fmt: skip
def test_bars_that_cannot_hold_are_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = gate_path().read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "gate.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageError, match=told):
        load_bar(path)


def test_the_bars_of_the_package_name_scores_and_systems_that_exist() -> None:
    held = load_bar()
    assert {"recorded", "lead", "published", "empty", "everything"} == set(held.systems)
    assert {name for order in held.orders for name in (order.better, order.worse)} <= set(held.systems)
    assert held.systems["recorded"].floors


def test_the_baseline_of_the_package_has_each_system_that_the_gate_holds() -> None:
    assert set(load_baseline().systems) == set(load_bar().systems)


@pytest.mark.parametrize("case", [path.stem for path in list_gold(gold_folder())])
def test_the_baseline_of_the_package_holds_every_recorded_draft(case: str) -> None:
    held = load_baseline().systems["recorded"][case]
    assert (held.status, recording_path(case).is_file()) == ("scored", True)
    assert set(held.scores) == set(NAMES)


def obedient(request: Request) -> Reply:
    """A model that quotes as it is told to, and makes up its quotes when nothing tells it not to."""
    name = schema_asked(request)
    told = "«quote to the character»" in request.system + str(request.messages)
    if name == "ConsumerSummary" and not told:
        return answer(misquoted(tidewater()))
    return answer(ARTEFACTS[name](tidewater()))


def test_a_broken_prompt_turns_the_gate_red(
    tmp_path: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.script_with(obedient)
    system = recorded(tmp_path, endpoint.settings())
    held = bar(systems={"recorded": {"floors": {"consumer.quotes": 0.95}}})

    def use(addition: str) -> None:
        def changed_prompt(role: str) -> Prompt:
            prompt = load_prompt(role)
            return Prompt(prompt.name, f"{prompt.text}\n{addition}", prompt.sha256)

        monkeypatch.setattr(pipeline.stages.stage, "load_prompt", changed_prompt)

    def measure() -> Results:
        return run_eval([tidewater_case()], [system], ScriptedJudge())

    use("«quote to the character»")
    asyncio.run(record_tidewater(tmp_path, endpoint.settings()))
    before = measure()
    baseline = make_baseline(before, held)
    assert check_gate(before, held, baseline).exit_code == 0

    # Broken, and not recorded anew: nobody knows what it does.
    use("Quote as you like.")
    unknown = check_gate(measure(), held, baseline)
    assert unknown.exit_code == 3
    assert failures(unknown) == []

    # Broken, and recorded anew: it does harm, and the gate says where.
    asyncio.run(record_tidewater(tmp_path, endpoint.settings()))
    harmed = check_gate(measure(), held, baseline)
    assert harmed.exit_code == 1
    assert "recorded/tidewater: consumer.quotes has not fallen" in failures(harmed)
    assert "recorded: consumer.quotes has its floor" in failures(harmed)


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A folder with results, and bars that hold one system."""
    (tmp_path / "results.json").write_text(write_results(results_of(recorded=good)), encoding="utf-8")
    (tmp_path / "gate.toml").write_text(
        'schema_version = "1.0"\n[falls]\ndefault = 0.05\n[systems.recorded.floors]\n"consumer.fact_recall" = 0.8\n',
        encoding="utf-8",
    )
    return tmp_path


def gate(folder: Path, *more: str) -> tuple[int, str]:
    files = ("--bars", str(folder / "gate.toml"), "--baseline", str(folder / "baseline.json"))
    result = CliRunner().invoke(
        app, ["eval", "gate", str(folder / "results.json"), "--out", str(folder / "out"), *files, *more]
    )
    return result.exit_code, result.output


def test_the_command_passes_fails_and_says_what_it_could_not_decide(stored: Path) -> None:
    assert gate(stored)[0] == 2  # there is no baseline yet
    code, told = gate(stored, "--accept")
    assert (code, "Wrote baseline.json" in told) == (0, True)
    assert gate(stored)[0] == 0

    worse = changed(RECALL, value=0.5)
    (stored / "results.json").write_text(write_results(worse), encoding="utf-8")
    code, told = gate(stored)
    assert code == 1
    assert "has not fallen" in told
    assert "has not fallen" in (stored / "out" / "report.html").read_text(encoding="utf-8")
    assert "has not fallen" in (stored / "out" / "report.md").read_text(encoding="utf-8")

    away = with_runs(
        worse,
        lambda run: run.model_copy(update={"status": "unavailable", "scores": (), "reason": "Nobody there."}),
    )
    (stored / "results.json").write_text(write_results(away), encoding="utf-8")
    code, told = gate(stored)
    assert (code, "Nobody there." in told) == (3, True)
    assert gate(stored, "--accept")[0] == 2


def test_the_accepted_baseline_makes_a_meant_change_pass(stored: Path) -> None:
    gate(stored, "--accept")
    (stored / "results.json").write_text(
        write_results(changed("consumer.length", value=0.2)), encoding="utf-8"
    )
    assert gate(stored)[0] == 1
    assert gate(stored, "--accept")[0] == 0
    assert gate(stored)[0] == 0
    assert json.loads((stored / "baseline.json").read_text(encoding="utf-8"))["systems"]["recorded"]["tidewater"]["scores"]["consumer.length"] == 0.2  # fmt: skip
