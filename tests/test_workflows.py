"""The workflows: what they run exists, what they use is pinned, and the key is where it is needed alone."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from pipeline.cli import app

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
COMMAND = re.compile(r"(?:\.venv/bin/)?clausewise ((?:[^\s>;|]+ ?)+)")


def read(path: Path) -> dict[str, Any]:
    # BaseLoader: to YAML 1.1 the key "on" is a truth value.
    workflow = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert isinstance(workflow, dict)
    return workflow


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


def runs(path: Path) -> list[str]:
    return [step["run"] for step in steps(path) if "run" in step]


COMMANDS = [
    words.split() for path in FILES for run in runs(path) for words in COMMAND.findall(run.replace('"', ""))
]


def test_the_two_workflows_are_there() -> None:
    assert [path.name for path in FILES] == ["ci.yml", "nightly.yml"]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_command_line_takes_every_command(words: list[str]) -> None:
    command: Any = typer.main.get_command(app)
    # Parsing refuses what is no command and no option; nothing is run.
    context = command.make_context("clausewise", list(words), resilient_parsing=False)
    while hasattr(command, "resolve_command"):
        name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, rest, parent=context)
    assert context.params


def test_the_commands_are_those_of_the_evals() -> None:
    named = {words[1] for words in COMMANDS}
    assert named == {"lint", "gate", "selftest", "run", "compare", "report"}


def test_every_change_is_measured_by_both_judges() -> None:
    told = runs(ROOT / ".github" / "workflows" / "ci.yml")
    tests = [run for run in told if "eval selftest" in run]
    assert sorted("--judge model" in run for run in tests) == [False, True]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_make_knows_every_target(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("$(READY):", ".venv/.ready:")
    targets = [target for run in runs(path) for target in re.findall(r"\bmake (\S+)", run)]
    assert targets
    for target in targets:
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_actions_are_pinned_to_a_commit_with_its_version_beside_it(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_workflow_may_read_the_repository_and_no_more(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert not [job for job in workflow["jobs"].values() if "permissions" in job]
    checkouts = [step for step in steps(path) if "actions/checkout@" in step.get("uses", "")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_text_of_others_is_not_put_into_a_script(path: Path) -> None:
    assert not [run for run in runs(path) if "${{" in run]


def test_no_secret_is_in_the_workflow_of_every_change() -> None:
    assert "secrets." not in (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")


def test_the_key_is_there_for_asking_the_model_and_no_other_work() -> None:
    nightly = ROOT / ".github/workflows/nightly.yml"
    holders = [step for step in steps(nightly) if "secrets." in str(step)]
    assert [step.get("id") or step["run"].split()[2] for step in holders] == ["key", "run"]
    assert not [job for job in read(nightly)["jobs"].values() if "env" in job]
    (asking,) = (step for step in steps(nightly) if "eval run" in step.get("run", ""))
    assert "--repeat" in asking["run"]
    for step in steps(nightly)[1:]:
        assert "steps.key.outputs.is_set == 'true'" in step["if"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_summary_and_report_are_kept_also_when_something_failed(path: Path) -> None:
    late = [
        step
        for step in steps(path)
        if "upload-artifact@" in step.get("uses", "") or step.get("name") == "Post the summary"
    ]
    assert len(late) >= 2
    assert all("!cancelled()" in step["if"] for step in late)
