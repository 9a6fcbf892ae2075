"""What a self-test prints: short enough to be read, with nothing that failed left out."""

from datetime import UTC, datetime

import pytest

from eval.agreement import wilson_interval
from eval.gated import Check
from eval.results import JudgeRecord
from eval.selftest import Aim, By, SelfTest, Share
from eval.selftest_bars import Part
from eval.selftest_report import write_selftest, write_selftest_tables
from eval.tables import print_report

KINDS = ("polarity_flip", "overclaim_legal_conclusion", "omitted_must_fact")


def share(part: Part, wrong: bool, by: By, name: str, flagged: int, total: int) -> Share:
    interval = wilson_interval(flagged, total)
    assert interval is not None
    return Share(
        part=part, wrong=wrong, by=by, name=name, total=total, flagged=flagged, low=interval.low, high=interval.high, lowered=None
    )  # fmt: skip


def shares(part: Part, flagged: int) -> list[Share]:
    return [
        share(part, True, "all", "all", flagged, 150),
        *(share(part, True, "kind", kind, flagged // 3, 50) for kind in KINDS),
        share(part, True, "difficulty", "hard", 1, 5),
        share(part, False, "all", "all", 2, 100),
        share(part, False, "kind", "negation", 2, 100),
    ]


def selftest(*checks: Check) -> SelfTest:
    return SelfTest(
        schema_version="1.0",
        made_at=datetime(2026, 4, 8, tzinfo=UTC),
        seconds=3,
        judge=JudgeRecord(name="rules", version="0123456789"),
        rounds={"looked-at": (1, 2, 4), "only-measured": (3,)},
        drafts=(),
        plantings=(),
        shares=(*shares("looked-at", 120), *shares("only-measured", 90)),
        aims=(
            Aim(part="looked-at", wrong=True, value=0.8, aim=0.75, met=True),
            Aim(part="only-measured", wrong=True, value=0.6, aim=0.75, met=False),
        ),
        mutations=(),
        graded=(),
        left_out=("A mutation of a draft that nobody recorded, " * 8,),
        checks=checks,
    )


def check(status: str, number: int = 1) -> Check:
    return Check.model_validate(
        {"name": f"mutation {number}", "status": status, "message": "It lowered another score too. " * 9}
    )


def test_aims_stand_first_each_with_its_part_and_the_rounds_of_it() -> None:
    text = " ".join(write_selftest(selftest()).partition("| flagged")[0].split())
    _, first, second = text.rsplit("- ", 2)
    assert first.startswith("looked-at (rounds 1, 2 and 4), detected: 80.0% (95 % ")
    assert first.endswith("; aim ≥ 75%: **met** ")
    assert second.startswith("only-measured (round 3), detected: 60.0% (95 % ")
    assert second.endswith("; aim ≥ 75%: **not met**")


def test_each_part_is_headed_with_its_rounds_in_the_tables() -> None:
    heads = [line for line in write_selftest_tables(selftest()).splitlines() if line.startswith("## ")]
    assert heads == [
        "## Planted sentences: looked-at (rounds 1, 2 and 4)",
        "## Planted sentences: only-measured (round 3)",
    ]


def test_each_error_type_has_its_totals_in_both_parts_and_the_right_ones_a_row() -> None:
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in write_selftest(selftest()).splitlines()
        if line.startswith("|")
    ]
    assert rows[0] == ["flagged", "looked-at", "95 %", "only-measured", "95 %"]
    assert [row[0] for row in rows[2:]] == [*KINDS, "all wrong", "all right"]
    assert [row[1::2] for row in rows[2:]] == [
        *(["40 of 50", "30 of 50"] for _ in KINDS),
        ["120 of 150", "90 of 150"],
        ["2 of 100", "2 of 100"],
    ]


def test_every_check_that_failed_is_told_and_passed_ones_are_counted() -> None:
    told = " ".join(write_selftest(selftest(check("passed"), check("failed", 2), check("failed", 3))).split())
    assert "**1 of 3 checks passed; 1 of 2 aims are not met.**" in told
    for number in (2, 3):
        assert f"- failed: mutation {number}: {check('failed').message.strip()}" in told
    assert "mutation 1" not in told


def test_no_line_is_longer_than_a_hundred_characters() -> None:
    assert max(map(len, write_selftest(selftest(check("failed"))).splitlines())) <= 100


def test_all_tables_have_what_the_short_form_leaves_out() -> None:
    found = selftest()
    assert "difficulty: hard" in write_selftest_tables(found)
    assert "difficulty: hard" not in write_selftest(found)


# Printing


def test_a_report_is_printed_to_the_character_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    text = f"| fails | [bold]x[/bold] |\n{'wide ' * 60}\n- failed: **not met**"
    print_report(text)
    assert capsys.readouterr().out == text + "\n"


def test_on_a_terminal_what_is_meant_to_fail_is_grey_and_what_is_not_is_red(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    print_report("| fails |\n- failed: x")
    shown = capsys.readouterr().out
    assert "| \x1b[90mfails\x1b[0m |" in shown
    assert "\x1b[31m- failed\x1b[0m: x" in shown


def test_on_a_terminal_prose_is_folded_between_words_and_tables_are_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    row = f"| {'cell ' * 20}|"
    words = "- " + "a sentence that goes on " * 5
    print_report(f"{row}\n{words}")
    first, *folded = capsys.readouterr().out.rstrip("\n").split("\n")
    assert first == row
    assert max(map(len, folded)) <= 40
    assert all(line.startswith("  ") for line in folded[1:])
    assert " ".join(" ".join(folded).split()) == words.strip()
