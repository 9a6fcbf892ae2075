"""Citations of law as people write them: ``Art. 6(1)(f) GDPR``, ``Articles 13 and 14 of the GDPR``, ``Cal. Civ. Code § 1798.121``.

First the names of instruments and codes are found, then the lists of provisions, each of which belongs to the name next to it. An
article without a name beside it counts only when its sentence names exactly one instrument, and a section never does: "Section 5" is
most often one of the policy's own. Every step walks forward, so the work is linear in the text's length.
"""

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import Literal, NamedTuple

from pipeline.registry.names import FoundName, NameIndex
from pipeline.registry.pinpoints import Numbers, Ref, parse_ref
from pipeline.registry.sieve import Sieved
from pipeline.registry.statutes import Instrument, load_statutes
from schemas.base import Value

_Kind = Literal["article", "section", "chapter", "recital", "annex"]

_MAX_ITEMS = 60  # provisions in one list
_MAX_RUN = 40  # provisions that "Articles 12 to 22" stands for; of a longer run the two ends count
_MAX_GAP = 40  # characters between a list and the name it belongs to

_KINDS: dict[_Kind, str] = {
    "article": r"art(?:icles?|ikeln?|ikels|ículos?|icol[oi]|igos?|ykuł|t)?s?\.?",
    "section": r"sections?|secs?\.|ss?\.|§{1,2}|reg(?:ulation|s)?\.?|rules?|cl(?:ause)?\.?",
    "chapter": r"chapters?|ch\.|parts?|pts?\.",
    "recital": r"recitals?|considérants?|erwägungsgr(?:und|ünden?)|considerandos?",
    "annex": r"annex(?:es)?|anhang|annexes?|schedules?|sch\.",
}
_UNIT = re.compile(
    "(?<![\\w.])(?:"
    + "|".join(f"(?P<{kind}>{words})" for kind, words in _KINDS.items())
    + r")\s{0,3}(?=[0-9(.]|[LRD]\.?\s?[0-9]|[IVX]{1,5}\b)",
    re.IGNORECASE,
)
# Without one of these there is no list of provisions.
_DIGIT = re.compile(r"[0-9]")
_ANNEX = Sieved(_KINDS["annex"], re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<relative>\.[0-9]{1,5})(?![0-9])"
    r"|(?P<number>(?:[LRD]\.?\s?)?[0-9]{1,6}[A-Za-z]{0,2}(?:[.:/-][0-9A-Za-z]{1,5}){0,5}|(?P<roman>[IVX]{1,5}))(?![0-9A-Za-z])"
    r"|(?P<same>(?=\([0-9A-Za-z]{1,4}\)))"
)
_GROUP = re.compile(
    r"\s{0,2}\((?P<plain>[0-9]{1,3}|[a-z]{1,4}|[A-Z]{1,3})\)"
    r"|,?\s{0,2}(?:paragraphs?|paragraphe|paragraaf|par\.|para\.|Abs(?:atz|\.)?|apartado|comma|lid|nº)\s{0,2}\(?(?P<paragraph>[0-9]{1,2})\)?(?!\w)"
    r"|,?\s{0,2}(?:sub-?paragraph|points?|punto|lit(?:era|\.)|letters?|lettera|lett\.|letra|lettre|Buchst(?:abe|\.)|Nr\.)"
    r"\s{0,2}\(?(?P<point>[a-z]|[0-9]{1,2})\)?(?!\w)"
    r"|\s{0,2}(?:Satz|S\.|UAbs\.|Unterabs(?:atz|\.))\s{0,2}[0-9](?!\w)"
)
_LIST = re.compile(
    r"\s{0,2}(?:[,;]\s{0,2}(?:(?:and|or|et|und|y|e|&)\s{1,2})?|/|&\s{0,2})"
    r"|\s{1,2}(?:and/or|and|or|et|ou|und|oder|en|y|e|i|o|&)\s{1,2}"
)
_RUN = re.compile(r"\s{0,2}[–—]\s{0,2}|\s-\s|\s{1,2}(?:to|through|bis|à|a|al)\s{1,2}|-(?=\.)")
_AND_ON = re.compile(r"\s{0,2}(?:et\s(?:seq|s)\.?|ff?\.|et suivants|y siguientes)")
# Between a list and the name that follows it.
_OF = re.compile(
    r"\)?\s{0,2}\(?"
    r"|\)?\s{0,2},?\s{0,2}(?:of|under|in|from|du|de|des|der|del|della|dello|dell|do|da|van|to)[\s'’]{1,2}"
    r"(?:(?:the|la|le|l|de)[\s'’]{1,2})?(?:(?:EU|European|French|German|revised|amended|new)\s)?"
    r"|\s(?:the\s)?(?:EU|European)\s"
    r"|,\s"
)
# Between a name and the list that follows it.
_HAS = re.compile(
    r"\.?(?:['’]s)?\)?\s{0,2}[,:;(–—]?\s{0,2}(?:(?:in particular|specifically|notably|especially|including|namely|see|under|notamment|insbesondere)\s)?"
)
# "point (f) of Article 6(1)"
_POINT_OF = re.compile(r"\bpoint\s\(([a-z])\)\sof\s$")
_OF_ANOTHER = re.compile(
    r"\s{1,2}(?:of|in|under|to|de|du|der|des)\s(?:this|these|those|our|your|the|its|their|said|la|le|les)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[a-zà-ÿ0-9)\]\"”»%][.!?])\s+(?=[A-ZÀ-Ý\[«“\"(])|\n")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Arts?|Artt|Abs|lit|No|Nr|Cal|Civ|Bus|Prof|Stat|Gen|Rev|Conn|Colo|Com|Tex|Ann|Sec|al|seq)|\W[A-Z])\.$"
)
_REF = re.compile(
    r"(?<![\w:-])[A-Z][A-Z0-9]{1,11}(?:-[A-Z0-9]{2,12}){0,3}:[0-9A-Z][0-9A-Za-z.:/-]{0,24}(?:\([0-9A-Za-z]{1,4}\)){0,5}"
)
_DIRECT = re.compile(r"\s(?=[0-9]{1,3}[A-Z]?\([0-9a-z])")
_CODE_DIRECT = re.compile(r"\.?,?\s{1,2}(?=[0-9])")


class FoundCitation(Value):
    """A citation or a law's name in a text at ``[start, end)``.

    ``ref`` is the reference in the registry's grammar, None for a name alone. ``instrument_id`` is None, with ``ref``, for a section
    of a known code that belongs to no instrument of the registry. The provisions of one list share their place.
    """

    ref: str | None
    instrument_id: str | None
    start: int
    end: int
    words: str


class _Item(NamedTuple):
    number: str
    groups: tuple[str, ...]
    through: bool  # the last of a run that began with the item before


class _Listed(NamedTuple):
    kind: _Kind
    items: list[_Item]
    start: int
    end: int


@lru_cache(maxsize=2048)
def find_citations(text: str) -> tuple[FoundCitation, ...]:
    """Every citation of law and every name of an instrument in a text, in order of place. Linear in the text's length."""
    mentions = _index().find(text)
    found: list[FoundCitation] = []
    taken: set[int] = set()
    spans = _Spans()
    for match in _REF.finditer(text) if ":" in text else ():
        ref = parse_ref(match[0].rstrip(".:/-"))
        if ref is not None and load_statutes().get(ref.instrument_id) is not None:
            end = match.start() + len(match[0].rstrip(".:/-"))
            found.append(_found(text, str(ref), ref.instrument_id, match.start(), end))
            spans.add(match.start(), end)
    if not mentions:
        return tuple(found)  # a list of provisions counts by the name that it belongs to
    starts = [mention.start for mention in mentions]
    ends = [mention.end for mention in mentions]
    sentences = _Sentences(text, mentions)
    lists = _lists(text, mentions)
    owners: list[int | None] = [None] * len(lists)
    for n in range(len(lists) - 1, -1, -1):
        listed = lists[n]
        after, before = bisect_left(starts, listed.end), bisect_right(ends, listed.start) - 1
        owners[n] = _owner(text, listed, mentions, before, after)
        if owners[n] is None and n + 1 < len(lists) and _LIST.fullmatch(text, listed.end, lists[n + 1].start):
            owners[n] = owners[n + 1]  # "Article 5 and Article 6 GDPR"
    for listed, owner in zip(lists, owners, strict=True):
        if owner is None:
            sole = sentences.sole_instrument(listed.start) if listed.kind in ("article", "recital") else None
            if sole is not None and not _OF_ANOTHER.match(text, listed.end):
                alone = _resolve_all(text, sole, listed, listed.start, listed.end)
                found += [
                    citation for citation in alone if citation.ref is not None and _is_likely(citation.ref)
                ]
            continue
        mention = mentions[owner]
        taken.add(owner)
        start, end = min(mention.start, listed.start), max(mention.end, listed.end)
        end += text[end : end + 1] == ")" and text.count("(", start, end) > text.count(")", start, end)
        found += _resolve_all(text, mention.key, listed, start, end)
        spans.add(start, end)
    found += [
        _found(text, None, key, mention.start, mention.end)
        for n, mention in enumerate(mentions)
        if n not in taken and not _is_code(mention.key) and not spans.covers(mention.start)
        for key in mention.key.split("&")
    ]
    return tuple(sorted(found, key=lambda citation: (citation.start, citation.end)))


def _lists(text: str, mentions: list[FoundName]) -> list[_Listed]:
    """Every list of provisions: behind a unit ("Articles"), or right behind a code's or an instrument's name."""
    if _DIGIT.search(text) is None and not _ANNEX.may_match(text):
        return []
    direct = {}
    for mention in mentions:
        match = (_CODE_DIRECT if _is_code(mention.key) else _DIRECT).match(text, mention.end)
        if match is not None:
            direct[match.end()] = mention
    found: list[_Listed] = []
    inside = _Inside(mentions)
    names = {mention.start for mention in mentions}
    kind: _Kind
    position = 0
    for match in _UNIT.finditer(text):
        if match.start() < position or inside.has(match.start()):
            continue
        kind = next(kind for kind in _KINDS if match[kind] is not None)
        items, end = _read_items(text, match.end(), kind, names)
        if items:
            point = _POINT_OF.search(text, max(0, match.start() - 16), match.start())
            if point is not None and len(items) == 1:
                items = [items[0]._replace(groups=(*items[0].groups, point[1]))]
            start = match.start() if point is None else point.start()
            found.append(_Listed(kind, items, start, end))
            position = end
    taken = {listed.start for listed in found}
    for start in direct:
        kind = "section" if _is_code(direct[start].key) else "article"
        items, end = _read_items(text, start, kind, names)
        if items and start not in taken:
            found.append(_Listed(kind, items, start, end))
    return sorted(found, key=lambda listed: listed.start)


def _read_items(text: str, position: int, kind: _Kind, names: set[int]) -> tuple[list[_Item], int]:
    """The provisions of a list that begins at ``position``, and where it ends; a name ("15 U.S.C.") begins no provision."""
    items: list[_Item] = []
    end, through = position, False
    while len(items) < _MAX_ITEMS:
        match = _NUMBER.match(text, position)
        if match is None or match.start() in names or (not items and match["number"] is None):
            break
        if match["roman"] is not None and kind != "annex":
            break
        number, groups = match["number"], []
        position = match.end()
        while (group := _GROUP.match(text, position)) is not None:
            word = group["plain"] or group["paragraph"] or group["point"]
            groups += [word] if word else []
            position = group.end()
        if match["relative"] is not None:
            before = items[-1].number
            number = (before.rpartition(".")[0] or before) + match["relative"]
        elif number is None:
            number, groups = items[-1].number, _continue_groups(items[-1].groups, groups)
        elif items:
            number = _complete(items[-1].number, number, through)
        items.append(_Item(number, tuple(groups), through))
        end = position
        if (more := _AND_ON.match(text, position)) is not None:
            end = position = more.end()
        run = _RUN.match(text, position)
        separator = run or _LIST.match(text, position)
        if separator is None:
            break
        position, through = separator.end(), run is not None
    return items, end


def _continue_groups(before: tuple[str, ...], groups: list[str]) -> list[str]:
    """``6(1)(a), (b)``: the new group takes the place of the last one of its kind."""
    for depth in range(len(before), 0, -1):
        if before[depth - 1].isdigit() == groups[0].isdigit():
            return [*before[: depth - 1], *groups]
    return [*before, *groups]


def _complete(before: str, number: str, through: bool) -> str:
    """``14/1, 5`` and ``47-18-3201 to 3213``: a number whose beginning stands in the one before it."""
    beginning, last = before.rstrip("0123456789"), before[len(before.rstrip("0123456789")) :]
    is_short = (
        number.isdigit()
        and beginning != ""
        and (beginning[-1] == "/" or (through and len(last) == len(number)))
    )
    return beginning + number if is_short else number


def _owner(text: str, listed: _Listed, mentions: list[FoundName], before: int, after: int) -> int | None:
    """Which mention a list belongs to: the one that follows, else the one that it follows."""
    behind = None
    if (
        before >= 0
        and listed.start - mentions[before].end <= _MAX_GAP
        and _HAS.fullmatch(text, mentions[before].end, listed.start)
    ):
        behind = before
    if behind is not None and _is_code(mentions[behind].key):
        return behind
    if after < len(mentions) and mentions[after].start - listed.end <= _MAX_GAP:
        gap = _OF.fullmatch(text, listed.end, mentions[after].start)
        if gap is not None and not (behind is not None and gap[0].lstrip().startswith((",", "("))):
            return after
    return behind


def _resolve_all(text: str, key: str, listed: _Listed, start: int, end: int) -> list[FoundCitation]:
    refs: dict[tuple[str | None, str | None], None] = {}
    previous: str | None = None
    for item in listed.items:
        for ref, instrument_id in _resolve(key, listed.kind, item):
            if item.through and previous is not None and ref is not None:
                refs |= dict.fromkeys((between, instrument_id) for between in _between(previous, ref))
            refs[(ref, instrument_id)] = None
            previous = ref
    return [_found(text, ref, instrument_id, start, end) for ref, instrument_id in refs]


def _resolve(key: str, kind: _Kind, item: _Item) -> list[tuple[str | None, str | None]]:
    """The references that an item stands for, each with its instrument."""
    if not _is_code(key):
        named = [instrument for one in key.split("&") if (instrument := load_statutes().get(one)) is not None]
        return [(ref, instrument.id) for instrument in named for ref in _refs_of(instrument, kind, item)]
    found = _in_code(key, kind, item)
    if found is not None:
        return found
    first, _, last = item.number.partition("-")
    if first.isdigit() and last.isdigit():  # "§§ 6501-6506"
        a, b = (
            _in_code(key, kind, _Item(first, (), False)),
            _in_code(key, kind, _Item(last, item.groups, False)),
        )
        if a and b and a[0][1] == b[0][1] and a[0][0] and b[0][0]:
            return [*a, *((ref, a[0][1]) for ref in _between(a[0][0], b[0][0])), *b]
    return [(None, None)]


def _in_code(key: str, kind: _Kind, item: _Item) -> list[tuple[str | None, str | None]] | None:
    """The references of a number in a code, by the instruments that stand in it; None when it belongs to none of them."""
    alike: Instrument | None = None
    for instrument, run in _codes()[key]:
        if run.has(item.number) or instrument.article(item.number):
            return [(ref, instrument.id) for ref in _refs_of(instrument, kind, item)]
        if _begins(run.first or run.only[0], item.number):
            return [(None, instrument.id)]
        if alike is None and not item.number.isdigit() and run.is_alike(item.number):
            alike = instrument
    return None if alike is None else [(ref, alike.id) for ref in _refs_of(alike, kind, item)]


def _refs_of(instrument: Instrument, kind: _Kind, item: _Item) -> list[str | None]:
    number, groups = re.sub(r"^([LRD])\.?\s?(?=[0-9])", r"\1", item.number), item.groups
    if kind == "recital" and (run := number.split("-")) and len(run) == 2:
        return [ref for end in run for ref in _refs_of(instrument, kind, _Item(end, groups, False))]
    if kind in ("recital", "annex"):
        numbered = f"{'recital' if kind == 'recital' else 'Annex'} {number}"
        return (
            [str(Ref(instrument.id, numbered, groups))]
            if instrument.has(numbered) or kind == "recital"
            else [None]
        )
    if not instrument.has(number):
        if instrument.has(number.upper()):
            number = number.upper()
        elif (ends := number.split("-")) and len(ends) == 2 and all(map(instrument.has, ends)):
            ends_refs = [str(Ref(instrument.id, end, groups if end == ends[1] else ())) for end in ends]
            return [ends_refs[0], *_between(*ends_refs), ends_refs[1]]
        elif "." in number and instrument.has(number.partition(".")[0]):
            number, *dotted = number.split(".")
            groups = (*dotted, *groups)
        elif any(_begins(run.first or run.only[0], number) for run in instrument.numbers):
            return [None]
    return [str(Ref(instrument.id, number, groups))]


def _between(first: str, last: str) -> list[str]:
    """The whole provisions between two of one instrument; none when the run is long or cannot be counted."""
    a, b = parse_ref(first), parse_ref(last)
    if a is None or b is None or not (a.number.isdigit() and b.number.isdigit()):
        return []
    numbers = range(int(a.number) + 1, int(b.number))
    return [f"{a.instrument_id}:{number}" for number in numbers] if len(numbers) <= _MAX_RUN else []


def _is_likely(ref: str) -> bool:
    """Whether a reference has the shape of its instrument's own: an article that no name stands beside may be another law's."""
    parsed = parse_ref(ref)
    instrument = load_statutes().get(parsed.instrument_id) if parsed else None
    return (
        instrument is not None
        and parsed is not None
        and any(run.is_alike(parsed.number) for run in instrument.numbers)
    )


def _begins(number: str, chapter: str) -> bool:
    """Whether a number stands in a chapter: ``715D.3`` in ``715D``, ``312.2`` in ``312``."""
    return (
        number.startswith(chapter)
        and number[len(chapter) : len(chapter) + 1] in (".", "-", ":", "/")
        and number != chapter
    )


def _found(text: str, ref: str | None, instrument_id: str | None, start: int, end: int) -> FoundCitation:
    return FoundCitation(ref=ref, instrument_id=instrument_id, start=start, end=end, words=text[start:end])


class _Spans:
    """Places that are taken, added in any order, asked by position."""

    def __init__(self) -> None:
        self._places: list[tuple[int, int]] = []
        self._sorted = True

    def add(self, start: int, end: int) -> None:
        self._places.append((start, end))
        self._sorted = False

    def covers(self, position: int) -> bool:
        if not self._sorted:
            self._places.sort()
            self._sorted = True
        at = bisect_right(self._places, (position, float("inf"))) - 1
        return at >= 0 and self._places[at][1] > position


class _Inside:
    """Whether a position stands inside a name ("Regulation (EU) 2016/679" is no regulation 2016)."""

    def __init__(self, mentions: list[FoundName]) -> None:
        self._mentions = mentions
        self._starts = [mention.start for mention in mentions]

    def has(self, position: int) -> bool:
        at = bisect_right(self._starts, position) - 1
        return at >= 0 and self._mentions[at].end > position


class _Sentences:
    """Which single instrument the sentence around a position names, if it names exactly one."""

    def __init__(self, text: str, mentions: list[FoundName]) -> None:
        self._starts = [0]
        for match in _SENTENCE.finditer(text):
            if match[0] == "\n" or not _ABBREVIATED.search(text, max(0, match.start() - 8), match.start()):
                self._starts.append(match.end())
        self._named: dict[int, set[str]] = {}
        for mention in mentions:
            self._named.setdefault(self._sentence_of(mention.start), set()).add(mention.key)

    def sole_instrument(self, position: int) -> str | None:
        named = self._named.get(self._sentence_of(position), set())
        if len(named) != 1:
            return None
        instrument = load_statutes().get(next(iter(named)))
        return instrument.id if instrument is not None and instrument.unit == "article" else None

    def _sentence_of(self, position: int) -> int:
        return bisect_right(self._starts, position) - 1


# Words that name two instruments at once, as keys of theirs joined by "&".
_TOGETHER = dict.fromkeys(
    ("EU and UK GDPR", "UK and EU GDPR", "EU/UK GDPR", "UK/EU GDPR", "EU & UK GDPR", "UK & EU GDPR"),
    "GDPR&UKGDPR",
)
_CODE = "code "


def _is_code(key: str) -> bool:
    return key.startswith(_CODE)


@lru_cache(maxsize=1)
def _codes() -> dict[str, list[tuple[Instrument, Numbers]]]:
    """Code -> the instruments that stand in it, each with the numbers it has there."""
    found: dict[str, list[tuple[Instrument, Numbers]]] = {}
    for instrument in load_statutes().instruments:
        for run in instrument.numbers:
            for code in run.codes:
                found.setdefault(_CODE + code, []).append((instrument, run))
    return found


@lru_cache(maxsize=1)
def _index() -> NameIndex:
    names: list[tuple[str, str]] = list(_TOGETHER.items())
    for instrument in load_statutes().instruments:
        names += [(name, instrument.id) for name in (instrument.short, *instrument.names)]
    for key in _codes():
        code = key.removeprefix(_CODE)
        names += [(code, key), (code.replace(".", ""), key)]
    return NameIndex(names)
