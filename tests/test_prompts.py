"""Prompts are files with a version; values in them are never templates."""

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.prompts import CURRENT, Prompt, load_prompt

PROMPTS = Path(__file__).parents[1] / "prompts"


@pytest.mark.parametrize("role", sorted(CURRENT))
def test_every_prompt_in_use_is_versioned_and_told_in_the_changelog(role: str) -> None:
    prompt = load_prompt(role)
    assert prompt.name.startswith(f"{role}.v")
    assert f"`{prompt.name}`" in (PROMPTS / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_prompt_file_has_a_line_in_the_changelog() -> None:
    told = (PROMPTS / "CHANGELOG.md").read_text(encoding="utf-8")
    files = [p.stem for p in PROMPTS.glob("*.v*.md")]
    assert files
    assert [name for name in files if f"`{name}`" not in told] == []


def test_braces_in_a_value_stay_braces() -> None:
    prompt = Prompt(name="x.v1", text="Policy: {{ policy }}", sha256="")
    hostile = "{{ 7*7 }} {% raw %} {# hidden clause #} {% if"
    assert prompt.render(policy=hostile) == f"Policy: {hostile}"


def test_missing_and_unknown_values_are_all_named_at_once() -> None:
    prompt = Prompt(name="x.v1", text="{{ one }} {{ two }}", sha256="")
    with pytest.raises(UsageError, match=r"misses values for \['one', 'two'\] and does not know \['three'\]"):
        prompt.render(three=3)


def test_the_risk_prompt_needs_what_was_drafted_before() -> None:
    assert load_prompt("risk").variables() == {"consumer", "legal"}
    assert load_prompt("consumer").variables() == frozenset()
