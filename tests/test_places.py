"""A place is known by any of its words, and a policy may mean it without naming it."""

import pytest

from pipeline.checks.places import EU, US, carries_place, find_places, places_meant


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Texans and New Yorkers may ask us.", ["Texas", "New York"]),
        ("West Virginia and New Mexico", ["West Virginia", "New Mexico"]),
        ("the U.S., the US and America", [US, US, US]),
        ("the EU's Germans and the Dutch", [EU, "Germany", "Netherlands"]),
        ("South Koreans", ["South Korea"]),
        ("tell us in may; a polish; Indianapolis", []),
    ],
)
def test_places_are_found_by_their_words(text: str, places: list[str]) -> None:
    assert [found.place for found in find_places(text)] == places
    assert all(text[found.start : found.end] == found.words for found in find_places(text))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("NOTICE TO CALIFORNIA RESIDENTS", "California"),
        ("The CCPA gives you rights.", "California"),
        ("You can complain to the CNIL.", "France"),
        ("Our seat is in Dublin.", "Ireland"),
        ("where federal law asks for it", US),
    ],
)
def test_a_policy_means_a_place_by_capitals_law_authorities_and_cities(text: str, place: str) -> None:
    assert place in places_meant(text)


def test_a_state_carries_its_country_and_not_the_reverse() -> None:
    assert carries_place(frozenset({"Oregon"}), US)
    assert carries_place(frozenset({"France"}), EU)
    assert not carries_place(frozenset({US}), "Oregon")
    assert not carries_place(frozenset({"Oregon"}), "Vermont")


@pytest.mark.parametrize("unit", ["New ", "South", "U.S", "İ", "a b ", "Texas"])
def test_hostile_repetition_is_read_to_its_end(unit: str) -> None:
    assert isinstance(places_meant(unit * 20_000), frozenset)
