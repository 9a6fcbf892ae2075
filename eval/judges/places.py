"""Places: countries, states and cities that policies and those who summarise them name, with the words for their people."""

import re
from functools import lru_cache

_NAMES = re.findall(
    r"\S+",
    "Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana "
    "Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada Ohio Oklahoma Oregon Pennsylvania Tennessee Texas Utah "
    "Vermont Virginia Washington Wisconsin Wyoming France Germany Ireland Italy Spain Netherlands Belgium Luxembourg Austria Switzerland Canada India China "
    "Japan Philippines Singapore Brazil Mexico Australia Poland Sweden Denmark Paris Dublin London Berlin Brussels",
)
PLACES = {
    **{place: place for place in _NAMES},
    "Californian": "California", "Californians": "California", "Texan": "Texas", "Texans": "Texas", "Irish": "Ireland", "French": "France",
    "Oregonians": "Oregon", "Washingtonians": "Washington", "Virginians": "Virginia", "Marylanders": "Maryland", "Illinoisans": "Illinois",
    "German": "Germany", "Italian": "Italy", "Coloradans": "Colorado", "New York": "New York", "New Jersey": "New Jersey", "New Hampshire": "New Hampshire",
    "United Kingdom": "United Kingdom", "British": "United Kingdom",
}  # fmt: skip
PLACE = re.compile(r"\b(?:" + "|".join(sorted(PLACES, key=len, reverse=True)) + r")\b")


@lru_cache(maxsize=8192)
def find_places(text: str) -> tuple[str, ...]:
    """The places that a text names, in order."""
    return tuple(PLACES[match[0]] for match in PLACE.finditer(text))
