"""Quantities in prose: numbers, periods, dates, percentages and amounts of money, and whether two of them are the same.

``find_quantities`` reads English number words as well as digits. Left out, because they are names or places in a law or a document
and not facts of the policy: numbers behind Article, Section, § and the like, numbers joined to letters (``GPT-4``, ``ISO 27001``),
official numbers such as ``2016/679``, and small counts in words without a unit ("two kinds"), which say nothing that can be looked up.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from pipeline.registry.sieve import Sieved

Kind = Literal["number", "period", "percent", "money", "date", "identifier"]

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {word: n for n, word in enumerate(_UNITS.split())} | {
    word: 10 * n for n, word in enumerate(_TENS.split(), start=2)
}
_SCALE = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "m": 1_000_000,
    "bn": 1_000_000_000,
}
_MONTHS = {
    name: n
    for n, names in enumerate(
        [
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ],
        start=1,
    )
    for name in names.split()
}
# Every unit of time in the smaller unit that it is a whole number of; days and months are kept apart.
_TIME = {
    "second": ("second", 1), "minute": ("second", 60), "hour": ("second", 3_600), "day": ("second", 86_400),
    "week": ("second", 604_800), "fortnight": ("second", 1_209_600), "month": ("month", 1), "quarter": ("month", 3),
    "year": ("month", 12), "decade": ("month", 120),
}  # fmt: skip
_CURRENCIES = {"€": "eur", "eur": "eur", "euro": "eur", "euros": "eur", "$": "usd", "usd": "usd", "us$": "usd", "dollars": "usd",
               "£": "gbp", "gbp": "gbp", "pounds": "gbp"}  # fmt: skip

_WORD_NUMBER = "(?:" + "|".join([*_WORDS]) + ")"
# A quantity has one or the other, and all but the last pattern below need a digit.
_DIGIT = re.compile(r"\d")
_IN_WORDS = Sieved(_WORD_NUMBER, re.IGNORECASE)
_DIGITS = r"\d{1,3}(?:[,  .]\d{3})+(?![\d])|\d+(?:[.,]\d+)?"
_NUMBER = (
    rf"(?:{_DIGITS})(?:\s?(?:hundred|thousand|million|billion|m|bn)\b)?"
    rf"|(?:a\s+(?=hundred|thousand|million|billion))?(?:{_WORD_NUMBER}(?:[\s-]{_WORD_NUMBER})?)(?:\s(?:hundred|thousand|million|billion))?"
)
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_DATES = (
    Sieved(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?(?P<m>{_MONTH})(?:,?\s+(?P<y>\d{{4}}))?\b", re.I
    ),
    Sieved(rf"\b(?P<m>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<y>\d{{4}}))?\b", re.I),
    Sieved(r"\b(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})\b"),
    Sieved(rf"\b(?P<m>{_MONTH}),?\s+(?P<y>\d{{4}})\b", re.I),
)
_IDENTIFIER = re.compile(r"(?<![\w/.,-])\d{2,4}(?:[  ]\d{2,4}){2,}(?![\w/-])|(?<![\w/.,-])\d{6,}(?![\w/,-])")
# What is a place in a law or a document, a version, a standard or a reference, and no fact of the policy.
_NOT_FACTS = re.compile(
    r"(?:\b(?:Art(?:icle)?s?|Sections?|Sec|§{1,2}|Chapters?|Parts?|Recitals?|Paragraphs?|Para|Clauses?|Annex(?:es)?|Schedules?|Titles?|"
    r"Points?|Steps?|Rules?|Regulations?|Directives?|Rows?|Tables?|Items?|Opinion|Guidelines|Decision|Law|No|n[°º])\b\.?|§{1,2})"
    r"\s*(?:\(EU\)\s*|\(EC\)\s*|No\.?\s*)?[\dA-Z]*\d[\w.:/()-]*(?:(?:\s*,\s*|\s+(?:and|or|to)\s+|\s*[-–]\s*)\d[\w.:/()-]*(?!\s*(?:%|days?|weeks?|months?|years?)))*"
    r"|\b[A-Z][A-Z0-9-]{0,20}:\d[\w.()-]*|\b\d+(?:\(\w{1,3}\))+"
    r"|\b\d+/\d+(?:/\w+)?\b|\b\d+\s+U\.?S\.?C\b\.?|\b[A-Za-z]+[-/]?\d[\w.-]*|\b(?:ISO|SOC|AB|SB|HB|IEC|NIST|RFC|SHA|AES|TLS|Web|Version|v)[\s-]?\d[\w./-]*"
    r"|\b\d+[A-Za-z]+\b(?<!st)(?<!nd)(?<!rd)(?<!th)(?<!m)(?<!bn)|\b\d+(?:\.\d+){2,}|\b24/7\b",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"\b\d+(?:st|nd|rd|th)\b", re.IGNORECASE)
_QUANTITY = re.compile(
    rf"(?<![\w.])(?P<cur>US\$|€|\$|£|EUR|USD|GBP)?\s?(?P<num>{_NUMBER})(?![\w])(?:\s?\(\d{{1,4}}\))?"
    r"(?:\s?(?P<pct>%|percent\b|per\s+cent\b)"
    r"|\s(?P<cur2>euros?|EUR|USD|GBP|dollars|pounds)\b"
    r"|(?:[\s-]{1,2}(?!(?:and|or|to|in|of|for|the|by|from|with|on|if)\b)[A-Za-z]{1,20}){0,2}?[\s-]{1,2}(?P<unit>(?:second|minute|hour|day|week|fortnight|month|quarter|year|decade)s?)\b)?",
    re.IGNORECASE,
)
_A_PERIOD = Sieved(
    r"\b(?:an?|per|each|every|within\s+the|the\s+(?:last|past|preceding|previous|next))\s+(?:\w+\s+)?"
    r"(?P<unit>second|minute|hour|day|week|fortnight|month|quarter|year|decade)\b",
    re.IGNORECASE,
)
_LIST_SPLIT = re.compile(r"\s*[,;]\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+")
_SMALL_COUNT = 12
# One period added to another, and how far from it the word stands that says so.
_ADDED = Sieved(
    r"\b(?:more|further|additional\w*|another|extra|again|longer|plus|add(?:s|ed|ing)?|exten(?:d|ds|ded|sion|sions)|prolong\w*|then|after that)\b",
    re.IGNORECASE,
)
_NEAR = 20  # characters
_MOST_ADDED = 20  # quantities of one passage of which sums are made


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity: what it measures, how much (periods in seconds or months, dates as ISO with ``??`` for what is not said)."""

    kind: Kind
    value: float | str
    unit: str
    words: str
    start: int


@lru_cache(maxsize=16384)
def find_quantities(text: str, *, small_counts: bool = False) -> tuple[Quantity, ...]:
    """The quantities of ``text``, in order. ``small_counts`` takes in number words up to twelve that have no unit."""
    found: list[Quantity] = []

    def take(match: re.Match[str], quantity: Quantity | None) -> str:
        """What stands where the match stood: nothing that a later pattern could read again."""
        if quantity is None:
            return match[0]
        found.append(quantity)
        return "#" * len(match[0])

    has_digits = _DIGIT.search(text) is not None
    if not has_digits and not _IN_WORDS.may_match(text):
        return ()
    rest = text
    if has_digits:
        for date_pattern in _DATES:
            rest = date_pattern.sub(lambda m: take(m, _date_quantity_of(m)), rest)
        rest = _IDENTIFIER.sub(lambda m: take(m, _identifier_of(m)), rest)
        for pattern in (_NOT_FACTS, _ORDINAL):
            rest = pattern.sub(lambda m: "#" * len(m[0]), rest)
    for match in _QUANTITY.finditer(rest):
        quantity = _quantity_of(match, small_counts)
        if quantity:
            found.append(quantity)
    return tuple(sorted(found, key=lambda q: q.start))


@lru_cache(maxsize=4096)
def find_periods_in_words(text: str) -> tuple[Quantity, ...]:
    """Periods told without a number ("a month", "each year"), as one of their unit."""
    return tuple(
        Quantity("period", float(_TIME[m["unit"].lower()][1]), _TIME[m["unit"].lower()][0], m[0], m.start())
        for m in _A_PERIOD.finditer(text)
    )


def same_quantity(claimed: Quantity, said: Quantity) -> bool:
    """Whether what is claimed is what is said; a number without a unit in the policy supports any unit (a table's column says it)."""
    if claimed.kind == "date" or said.kind == "date":
        return claimed.kind == said.kind and _same_date(str(claimed.value), str(said.value))
    if claimed.kind == "identifier" or said.kind == "identifier":
        return _digits_of(claimed) == _digits_of(said)
    if claimed.kind == said.kind:
        return claimed.value == said.value and (
            claimed.unit == said.unit or not claimed.unit or not said.unit
        )
    if said.kind == "number":
        return said.value == plain_value(claimed)
    return claimed.kind == "number" and claimed.value == plain_value(said)


@lru_cache(maxsize=4096)
def sums_of(text: str) -> tuple[Quantity, ...]:
    """What a period and what is added to it come to: of "45 days, and 45 more if need be" 90 days."""
    said = [q for q in find_quantities(text, small_counts=True) if q.kind in ("period", "number")]
    sums: list[Quantity] = []
    for n, added in enumerate(said[:_MOST_ADDED]):
        second = plain_value(added)
        around = text[max(0, added.start - _NEAR) : added.start + len(added.words) + _NEAR]
        if not second or not _ADDED.search(around):
            continue
        for one in said[:n]:
            first = plain_value(one)
            if one.kind != "period" or not first or (added.kind == "period" and added.unit != one.unit):
                continue
            factor = float(one.value) / first
            total = float(one.value) + (float(added.value) if added.kind == "period" else second * factor)
            sums.append(Quantity("period", total, one.unit, f"{total / factor:g}", added.start))
    return tuple(sums)


def date_quantity(day: date) -> Quantity:
    """A date as a quantity."""
    return Quantity("date", day.isoformat(), "", day.isoformat(), 0)


@lru_cache(maxsize=16384)
def list_lengths(text: str) -> frozenset[int]:
    """How many members the lists of ``text`` have: runs parted by commas, by semicolons, or by ``Header: cell`` bars."""
    lengths: set[int] = set()
    for stretch in re.split(r"[.:|()](?:\s|$)", text):
        for separator in (_LIST_SPLIT, re.compile(r"\s*;\s*"), re.compile(r"\s*,\s*(?:and\s+|or\s+)?")):
            members = [m for m in separator.split(stretch) if m and m.strip()]
            if len(members) > 1:
                lengths.add(len(members))
    return frozenset(lengths)


def _quantity_of(match: re.Match[str], small_counts: bool) -> Quantity | None:
    number = match["num"]
    value = _value(number)
    if value is None:
        return None
    words = match[0].strip()
    currency = (match["cur"] or match["cur2"] or "").lower()
    if match["pct"]:
        return Quantity("percent", value, "", words, match.start())
    if currency:
        return Quantity("money", value, _CURRENCIES[currency], words, match.start())
    if match["unit"]:
        unit, factor = _TIME[match["unit"].lower().rstrip("s")]
        return Quantity("period", value * factor, unit, words, match.start())
    in_words = not number[0].isdigit()
    if in_words and value <= _SMALL_COUNT and not small_counts:
        return None
    return Quantity("number", value, "", words, match.start())


def _value(number: str) -> float | None:
    text = number.lower().strip()
    scale = 1
    for word in ("hundred", "thousand", "million", "billion", "bn", "m"):
        if re.search(rf"(?<=[\s\d]){word}$", text):
            scale, text = _SCALE[word], text[: -len(word)].strip()
            break
    if text[:1].isdigit():
        if re.fullmatch(r"\d{1,3}(?:[,  .]\d{3})+", text):
            return float(re.sub(r"\D", "", text)) * scale
        return float(text.replace(",", ".")) * scale
    parts = re.split(r"[\s-]+", text)
    if any(part not in _WORDS for part in parts) or (
        len(parts) == 2 and (_WORDS[parts[0]] < 20 or _WORDS[parts[1]] > 9)
    ):
        return None
    return float(sum(_WORDS[part] for part in parts)) * scale


def plain_value(quantity: Quantity) -> float | None:
    """The bare number that a quantity with a unit was written with."""
    match = re.search(_NUMBER, quantity.words, re.IGNORECASE)
    return _value(match[0]) if match else None


def _digits_of(quantity: Quantity) -> str:
    return re.sub(r"\D", "", quantity.words)


def _identifier_of(match: re.Match[str]) -> Quantity:
    return Quantity("identifier", re.sub(r"\D", "", match[0]), "", match[0], match.start())


def _date_quantity_of(match: re.Match[str]) -> Quantity | None:
    value = _date_of(match)
    return Quantity("date", value, "", match[0], match.start()) if value else None


def _date_of(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    month = parts["m"]
    number = int(month) if month.isdigit() else _MONTHS[month.lower().rstrip(".")]
    day = int(parts["d"]) if parts.get("d") else None
    # "may" is a verb more often than a month: it needs its capital, and a day or a year beside it.
    if month.lower() == "may" and not month[0].isupper():
        return None
    if not 1 <= number <= 12 or (day is not None and not 1 <= day <= 31):
        return None
    return f"{parts.get('y') or '????'}-{number:02d}-{f'{day:02d}' if day else '??'}"


def _same_date(claimed: str, said: str) -> bool:
    return all(
        a == b or "?" in a or "?" in b for a, b in zip(claimed.split("-"), said.split("-"), strict=True)
    )
