"""The README tells the truth: its commands exist, its options too, and the output it shows is what the demo prints."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from pipeline.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

COMMANDS = sorted(
    set(re.findall(r"(?:\.venv/bin/)?clausewise ((?:eval |registry )?[a-z]+)", README)) - {"drafts"}
)
OPTIONS = sorted(set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README)))
TARGETS = sorted(set(re.findall(r"\bmake ([a-z-]+)", README)))


def options_of(command: object) -> set[str]:
    """Every option of a command and of those below it."""
    found = {name for parameter in getattr(command, "params", ()) for name in parameter.opts}
    return found.union(*(options_of(below) for below in getattr(command, "commands", {}).values()))


@pytest.mark.parametrize("target", TARGETS)
def test_make_target_exists(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_command_exists(command: str) -> None:
    assert CliRunner().invoke(app, [*shlex.split(command), "--help"]).exit_code == 0


def test_options_exist() -> None:
    assert set(OPTIONS) <= options_of(get_command(app))


@pytest.mark.parametrize(
    "path",
    sorted(
        set(
            re.findall(
                r"`((?:pipeline|eval|schemas|prompts|cassettes|benchmarks|requirements)/[\w./-]*)`", README
            )
        )
    ),
)
def test_named_path_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_shown_output_is_what_the_demo_prints(tmp_path: Path) -> None:
    block = re.search(r"\$ make demo\n((?: {4}.*\n|\n)+)", README)
    assert block is not None
    shown = [line.strip() for line in block[1].splitlines() if line.strip() and line.strip() != "…"]
    ran = CliRunner(env={"COLUMNS": "100"}).invoke(app, ["demo", "--out", str(tmp_path)])
    printed = iter(line.strip() for line in ran.output.splitlines())
    assert len(shown) > 15
    for line in shown:
        # In this order, with lines left out where the README says so.
        assert line in printed, line
