"""The reading level is measured as documented, and an editor is told when a stricter count says otherwise."""

import pytest

from pipeline.checks.readability import (
    HIGHEST_GRADE,
    check_reading_level,
    count_syllables,
    count_tokens,
    grade,
    strict_grade,
)
from schemas.summaries import ConsumerSummary
from tests import tidewater as td


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("data", 2), ("about", 2), ("open", 2), ("use", 1), ("used", 1), ("makes", 1), ("table", 2), ("added", 2), ("boxes", 2), ("churches", 2),
        ("privacy", 3), ("policy", 3), ("information", 4), ("legitimate", 4), ("AI", 2), ("API", 3), ("you", 1), ("company's", 3), ("doesn't", 2),
        ("delete", 2), ("account", 2), ("people", 2), ("2026", 1),
    ],
)  # fmt: skip
def test_syllables_are_counted_as_spoken(word: str, syllables: int) -> None:
    assert count_syllables(word) == syllables


def test_the_grade_is_the_formula_of_kincaid() -> None:
    # Six words, one sentence, six syllables.
    assert grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 * 1 - 15.59)


def test_a_semicolon_colon_or_dash_ends_a_unit_and_only_a_full_stop_a_strict_one() -> None:
    full_stops = "You can stop it now. You can ask for a copy. You can write to us."
    for mark in (";", ":", " -", " —"):
        joined = f"You can stop it now{mark} you can ask for a copy{mark} you can write to us."
        assert grade(joined) == pytest.approx(grade(full_stops))
        assert strict_grade(joined) > grade(joined)
    assert strict_grade(full_stops) == pytest.approx(grade(full_stops))


def test_a_unit_of_fewer_than_three_words_does_not_lower_the_grade() -> None:
    assert grade("Note: you can stop the use of your chats for training.") == pytest.approx(
        grade("Note you can stop the use of your chats for training.")
    )


def test_a_dot_inside_a_number_or_an_abbreviation_ends_nothing() -> None:
    assert grade("It keeps 3.5 months of U.S. logs, e.g. visits, there.") == pytest.approx(
        grade("It keeps 35 months of US logs, eg visits, there."), abs=2.5
    )
    assert count_tokens("opt-out of e-mail — now") == 4


def test_no_words_have_grade_zero() -> None:
    assert grade("") == grade(" ... ") == 0.0


def _summary(text: str) -> ConsumerSummary:
    summary = td.consumer(td.tidewater())
    for sentence in summary.sentences:
        sentence.text = text
    return summary


def test_a_plain_summary_has_no_finding() -> None:
    assert check_reading_level(_summary("You can stop the use of your chats in your account.")) == []


def test_a_hard_summary_is_an_error_that_names_its_long_words() -> None:
    (finding,) = check_reading_level(
        _summary(
            "Identification information undergoes systematic personalisation notwithstanding contractual limitations."
        )
    )
    assert (finding.code, finding.severity, finding.path) == (
        "readability.grade_too_high",
        "error",
        "consumer.sentences",
    )
    assert "information" in finding.message
    assert f"at most {HIGHEST_GRADE:.0f}" in finding.message


def test_what_only_full_stops_make_hard_is_told_and_needs_nothing() -> None:
    (finding,) = check_reading_level(
        _summary(
            "You can stop the use of your chats in your account; you can ask for a copy of your data by mail; you can write to the "
            "office if you do not agree with the reply."
        )
    )
    assert (finding.code, finding.severity) == ("readability.strict_grade", "info")
