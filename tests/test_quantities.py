"""Quantities are read from words and digits, and two are the same when they say the same."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks.quantities import (
    date_quantity,
    find_periods_in_words,
    find_quantities,
    list_lengths,
    same_quantity,
    sums_of,
)


def _read(text: str) -> list[tuple[str, float | str]]:
    return [(q.kind, q.value) for q in find_quantities(text)]


DAY = 86_400.0


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("three years", [("period", 36.0)]),
        ("12 months", [("period", 12.0)]),
        ("30 rolling days", [("period", 30 * DAY)]),
        ("a 45-day period", [("period", 45 * DAY)]),
        ("forty-five days", [("period", 45 * DAY)]),
        ("thirty (30) days", [("period", 30 * DAY)]),
        ("two weeks", [("period", 14 * DAY)]),
        ("4 % or 1.5 million euros", [("percent", 4.0), ("money", 1_500_000.0)]),
        ("$2,500 and EUR 20,000,000", [("money", 2_500.0), ("money", 20_000_000.0)]),
        ("1 March 2026", [("date", "2026-03-01")]),
        ("March 1st, 2026", [("date", "2026-03-01")]),
        ("2026-03-01", [("date", "2026-03-01")]),
        ("in April 2026", [("date", "2026-04-??")]),
        ("you may 3 times", [("number", 3.0)]),
        ("number 731 204 556", [("identifier", "731204556")]),
        ("thirteen states", [("number", 13.0)]),
        ("two kinds, one of them", []),
        ("Article 6(1)(f) GDPR, Articles 44 to 49 and § 1798.121", []),
        ("GDPR:9(2)(a)", []),
        ("2016/679, ISO 27001, GPT-4, version 3.2, 24/7, the 3rd party", []),
    ],
)
def test_quantities_are_read_and_what_is_none_is_left_out(
    text: str, read: list[tuple[str, float | str]]
) -> None:
    assert _read(text) == read


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("12 months", "one year", True),
        ("7 days", "a full one week", True),
        ("48 hours", "two days", True),
        ("30 days", "one month", False),
        ("30 days", "31 days", False),
        ("5 years", "the term plus 5", True),
        ("5 percent", "5", True),
        ("5 percent", "5 years", False),
        ("April 8, 2026", "8 April 2026", True),
        ("April 2026", "April 8, 2026", True),
        ("April 9, 2026", "April 8, 2026", False),
        ("20 euros", "€20", True),
        ("20 euros", "$20", False),
        ("731 204 556", "number 731204556", True),
        ("731 204 556", "731 204 565", False),
    ],
)
def test_two_quantities_are_the_same_when_they_say_the_same(one: str, other: str, same: bool) -> None:
    (first,), (second,) = find_quantities(one), find_quantities(other)
    assert same_quantity(first, second) == same
    assert same_quantity(second, first) == same


def test_a_period_in_words_stands_for_one() -> None:
    (period,) = find_periods_in_words("We answer within a month.")
    (claimed,) = find_quantities("one month")
    assert same_quantity(claimed, period)


@pytest.mark.parametrize(
    ("text", "total", "comes"),
    [
        ("45 days, and 45 more if we say why", "90 days", True),
        ("30 days, then up to 90 more days in backups", "120 days", True),
        ("one month, extended by two further months", "3 months", True),
        ("45 days; others within 30 days", "75 days", False),
        ("30 days and 2 more months", "32 days", False),
    ],
)
def test_a_period_and_what_is_added_to_it_come_to_their_sum(text: str, total: str, comes: bool) -> None:
    (claimed,) = find_quantities(total)
    assert any(same_quantity(claimed, added) for added in sums_of(text)) == comes


def test_a_date_of_the_document_is_a_quantity() -> None:
    (claimed,) = find_quantities("May 4, 2026")
    assert same_quantity(claimed, date_quantity(date(2026, 5, 4)))


@given(st.integers(13, 9_999), st.sampled_from(["days", "months", "years", "hours"]))
def test_any_number_with_a_unit_is_the_same_as_itself_and_not_as_the_next(number: int, unit: str) -> None:
    (one,), (same,), (next_one,) = (find_quantities(f"{n} {unit}") for n in (number, number, number + 1))
    assert same_quantity(one, same)
    assert not same_quantity(one, next_one)


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    for quantity in find_quantities(text, small_counts=True):
        assert quantity.words.strip() in text


@pytest.mark.parametrize(
    ("text", "length"),
    [("Utah, Texas, Ohio and Iowa have rights", 4), ("name; e-mail; place", 3), ("a, b, or c", 3)],
)
def test_the_length_of_a_list_is_counted(text: str, length: int) -> None:
    assert length in list_lengths(text)


@pytest.mark.parametrize("unit", ["1 ", "one-", "§", "Art 1, ", "1,000", "12 34 ", "a/", "9"])
def test_hostile_repetition_is_read_to_its_end(unit: str) -> None:
    find_quantities(unit * 20_000 + " 30 days")
    sums_of(unit * 20_000 + " 30 more days")
    assert isinstance(list_lengths(unit * 20_000), frozenset)
