"""Places: the countries and the states of the United States, each with the words that name it and its people.

A claim may say "Texans" where the policy says "Texas". In a claim the words count as they are written, with their capitals; in a policy also
in capitals throughout, and there law, authorities and chief cities stand for their place too. Cities are no places of their own here.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from pipeline.registry.authorities import load_authorities
from pipeline.registry.citations import find_authorities, find_citations
from pipeline.registry.names import find_words
from pipeline.registry.statutes import load_statutes

EU = "European Union"
US = "United States"

_STATES = """
Alabama, Alabamian
Alaska, Alaskan
Arizona, Arizonan
Arkansas, Arkansan
California, Californian
Colorado, Coloradan
Connecticut
Delaware, Delawarean
Florida, Floridian
Georgia, Georgian
Hawaii, Hawaiian
Idaho, Idahoan
Illinois, Illinoisan
Indiana, Hoosier
Iowa, Iowan
Kansas, Kansan
Kentucky, Kentuckian
Louisiana, Louisianan
Maine, Mainer
Maryland, Marylander
Massachusetts
Michigan, Michigander
Minnesota, Minnesotan
Mississippi, Mississippian
Missouri, Missourian
Montana, Montanan
Nebraska, Nebraskan
Nevada, Nevadan
New Hampshire
New Jersey, New Jerseyan
New Mexico, New Mexican
New York, New Yorker
North Carolina, North Carolinian
North Dakota, North Dakotan
Ohio, Ohioan
Oklahoma, Oklahoman
Oregon, Oregonian
Pennsylvania, Pennsylvanian
Rhode Island, Rhode Islander
South Carolina, South Carolinian
South Dakota, South Dakotan
Tennessee, Tennessean
Texas, Texan
Utah, Utahn
Vermont, Vermonter
Virginia, Virginian
Washington, Washingtonian
West Virginia, West Virginian
Wisconsin, Wisconsinite
Wyoming, Wyomingite
"""
_MEMBERS = """
Austria, Austrian
Belgium, Belgian
Bulgaria, Bulgarian
Croatia, Croatian
Cyprus, Cypriot
Czechia, Czech Republic, Czech
Denmark, Danish
Estonia, Estonian
Finland, Finnish
France, French
Germany, German
Greece, Greek
Hungary, Hungarian
Ireland, Irish
Italy, Italian
Latvia, Latvian
Lithuania, Lithuanian
Luxembourg, Luxembourgish
Malta, Maltese
Netherlands, Dutch
Poland, Polish
Portugal, Portuguese
Romania, Romanian
Slovakia, Slovak
Slovenia, Slovenian
Spain, Spanish
Sweden, Swedish
"""
_OTHERS = """
European Union, European Economic Area, EU, E.U., EEA, Europe, European
United States, United States of America, US, U.S., USA, U.S.A., America, American
United Kingdom, UK, U.K., Great Britain, Britain, British, England
Argentina, Argentine, Argentinian
Australia, Australian
Brazil, Brazilian
Canada, Canadian
Chile, Chilean
China, Chinese
Colombia, Colombian
Egypt, Egyptian
Hong Kong
Iceland, Icelandic
India, Indian
Indonesia, Indonesian
Israel, Israeli
Japan, Japanese
Kenya, Kenyan
Liechtenstein
Malaysia, Malaysian
Mexico, Mexican
New Zealand, New Zealander
Nigeria, Nigerian
Norway, Norwegian
Philippines, Philippine, Filipino
Quebec, Québec
Russia, Russian
Saudi Arabia, Saudi
Singapore, Singaporean
South Africa, South African
South Korea, Republic of Korea, South Korean, Korea, Korean
Switzerland, Swiss
Taiwan, Taiwanese
Thailand, Thai
Turkey, Türkiye, Turkish
Ukraine, Ukrainian
United Arab Emirates, UAE, U.A.E.
Vietnam, Vietnamese
"""


def _groups(table: str) -> dict[str, tuple[str, ...]]:
    """For each place of a table all its words, the first of which is its name."""
    rows = [tuple(words.split(", ")) for words in table.strip().splitlines()]
    return {words[0]: words for words in rows}


_WITHIN = {EU: frozenset(_groups(_MEMBERS)), US: frozenset(_groups(_STATES))}
_PLACE_OF = {
    word: place
    for table in (_STATES, _MEMBERS, _OTHERS)
    for place, words in _groups(table).items()
    for word in words
}
# By these a policy means the place without naming it. They carry a claim that names it, and make none themselves.
_MEANT = {
    "paris": "France", "lyon": "France", "dublin": "Ireland", "london": "United Kingdom", "berlin": "Germany", "munich": "Germany",
    "amsterdam": "Netherlands", "brussels": "Belgium", "madrid": "Spain", "rome": "Italy", "milan": "Italy", "vienna": "Austria",
    "stockholm": "Sweden", "tokyo": "Japan", "beijing": "China", "san francisco": "California", "los angeles": "California",
    "mountain view": "California", "palo alto": "California", "san jose": "California", "seattle": "Washington", "dover": "Delaware",
    "wilmington": "Delaware", "zurich": "Switzerland", "toronto": "Canada", "sydney": "Australia", "seoul": "South Korea",
    "federal": US, "states": US, "your state": US, "state law": US, "state laws": US, "data privacy framework": EU,
    "standard contractual clauses": EU, "sccs": EU, "adequacy": EU, "member state": EU, "member states": EU,
}  # fmt: skip


class FoundPlace(NamedTuple):
    """A place named in a text at ``[start, end)``; ``place`` is its common name, whatever the words."""

    place: str
    start: int
    end: int
    words: str


_IN_ANY_CASE = {word.casefold(): place for word, place in _PLACE_OF.items() if len(word) > 4} | _MEANT
_WORD = re.compile(r"\w+")


def _by_first_word(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The words for places by the first word of each, in small letters, and by its plural; the longest first."""
    found: dict[str, list[str]] = {}
    for place in sorted(words, key=len, reverse=True):
        if first := _WORD.match(place):
            found.setdefault(first[0].casefold(), []).append(place)
            found.setdefault(first[0].casefold() + "s", []).append(place)
    return {first: tuple(places) for first, places in found.items()}


_IN_CLAIM, _IN_POLICY = _by_first_word(_PLACE_OF), _by_first_word(_IN_ANY_CASE)


@lru_cache(maxsize=2048)
def _pattern(words: tuple[str, ...], flags: int) -> re.Pattern[str]:
    """Any of the words, also as a plural ("Texans")."""
    return re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, words))})s?(?!\w)", flags)


def _matches(words: dict[str, tuple[str, ...]], text: str, flags: int = 0) -> Iterator[re.Match[str]]:
    """Where the text has one of the words, none within another; looked at are only words of it that begin one."""
    free = 0
    for word in find_words(text, words.keys()):
        if word.start() >= free:
            match = _pattern(words[word[0].casefold()], flags).match(text, word.start())
            if match is not None:
                free = match.end()
                yield match


@lru_cache(maxsize=8192)
def find_places(text: str) -> tuple[FoundPlace, ...]:
    """The places that a text names, in order. Linear in its length."""
    return tuple(
        FoundPlace(_PLACE_OF.get(m[0]) or _PLACE_OF[m[0].removesuffix("s")], m.start(), m.end(), m[0])
        for m in _matches(_IN_CLAIM, text)
    )


@lru_cache(maxsize=8192)
def places_meant(text: str) -> frozenset[str]:
    """The places that a passage of a policy names or means; "California" stands there too when it cites the law of California."""
    found = {place.place for place in find_places(text)}
    for match in _matches(_IN_POLICY, text, re.IGNORECASE):
        words = match[0].casefold()
        place = _IN_ANY_CASE.get(words) or _IN_ANY_CASE.get(words.removesuffix("s"))
        # None for a letter that has a small form of its own only in some languages, which the pattern takes as "i".
        if place:
            found.add(place)
    for citation in find_citations(text):
        instrument = load_statutes().get(citation.instrument_id) if citation.instrument_id else None
        if instrument:
            found.add(instrument.jurisdiction)
    for named in find_authorities(text):
        authority = load_authorities().get(named.authority_id)
        if authority:
            found.add(authority.jurisdiction)
    return frozenset(found)


def carries_place(places: frozenset[str], place: str) -> bool:
    """Whether one of the places is this one, or lies within it as a state or a member does."""
    return place in places or bool(places & _WITHIN.get(place, frozenset()))
