"""Dates as documents print them, in the languages that policies are written in.

Own tables of months and not a general date parser, which takes seconds for a policy and guesses: ``04/08/2026`` is 8 April
or 4 August, and a guess between them is worse than none.
"""

import contextlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_MONTHS: dict[str, int] = {}
for _number, _names in enumerate(
    (
        "january jan januar janner jan janvier janv enero ene gennaio gen janeiro januari stycznia styczen",
        "february feb febr februar fevrier fevr fev febrero febbraio febb fevereiro februari lutego luty",
        "march mar marz maerz mrz mars marzo marco maart mrt marca marzec",
        "april apr avril avr abril abr aprile abril kwietnia kwiecien",
        "may mai mayo maggio mag maio mei maja maj",
        "june jun juni juin junio giugno giu junho czerwca czerwiec",
        "july jul juli juillet juil julio luglio lug julho lipca lipiec",
        "august aug aout agosto ago agosto augustus sierpnia sierpien",
        "september sep sept septembre septiembre setiembre settembre sett set setembro wrzesnia wrzesien",
        "october oct oktober okt octobre octubre ottobre ott outubro out pazdziernika pazdziernik",
        "november nov novembre noviembre novembro listopada listopad",
        "december dec dezember dez decembre diciembre dic dicembre dezembro grudnia grudzien",
    ),
    start=1,
):
    _MONTHS |= dict.fromkeys(_names.split(), _number)

# Languages that write the month before the day in figures; in all others the day comes first.
_MONTH_FIRST = frozenset({"en", "und"})

_YEAR = r"((?:19|20)\d\d)"
_WORD = r"([^\W\d_]{3,12})"
_PATTERNS = (
    # 2026-04-08, 2026/04/08, 2026.4.8
    ("ymd", re.compile(rf"(?<![\d/.-]){_YEAR}([-/.])(\d{{1,2}})\2(\d{{1,2}})(?![\d/-])")),
    # 2026年4月8日
    ("cjk", re.compile(rf"{_YEAR}\s?[年년]\s?(\d{{1,2}})\s?[月월]\s?(\d{{1,2}})\s?[日號号일]")),
    # April 8, 2026; Apr. 8th 2026
    (
        "mdy",
        re.compile(rf"(?<![^\W\d_]){_WORD}\.?\s{{1,2}}(\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,2}}{_YEAR}(?!\d)"),
    ),
    # 8 April 2026; 8. April 2026; 1er mars 2026; 8 de abril de 2026; 8th of April, 2026; 8-Apr-2026
    (
        "dmy",
        re.compile(
            rf"(?<![\d.,/-])(\d{{1,2}})(?:st|nd|rd|th|er|º|°|\.)?(?:\s{{1,2}}(?:of\s|de\s|d['’]\s?)?|-){_WORD}\.?,?(?:\s{{1,2}}(?:de\s|del\s)?|-){_YEAR}(?!\d)"
        ),
    ),
    # 08/04/2026, 08.04.2026, 8-4-2026
    ("figures", re.compile(rf"(?<![\d/.-])(\d{{1,2}})\s?([-/.])\s?(\d{{1,2}})\s?\2\s?{_YEAR}(?![\d/-])")),
)
_MONTH_ALONE = re.compile(
    rf"(?<![^\W\d_]){_WORD}\.?,?\s{{1,2}}(?:de\s|del\s)?{_YEAR}(?!\d)|{_YEAR}\s?年\s?(\d{{1,2}})\s?月(?!\s?\d)"
)


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date at ``[start, end)`` of a text. ``value`` is None when day and month cannot be told apart."""

    start: int
    end: int
    words: str
    value: date | None


def find_dates(text: str, language: str) -> list[PrintedDate]:
    """The full dates in ``text``, in order; ``language`` decides between 8 April and 4 August where figures do not."""
    found: list[PrintedDate] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            values = _read(kind, match, language)
            if values:
                value = values[0] if len(values) == 1 else None
                found.append(PrintedDate(match.start(), match.end(), match[0], value))
    found.sort(key=lambda d: (d.start, -d.end))
    return list(_without_overlaps(found))


def find_months(text: str) -> list[str]:
    """``March 2026`` and the like: dates without a day."""
    return [m[0] for m in _MONTH_ALONE.finditer(text) if m[1] is None or _month(m[1])]


def _without_overlaps(found: list[PrintedDate]) -> Iterator[PrintedDate]:
    end = 0
    for printed in found:
        if printed.start >= end:
            yield printed
            end = printed.end


def _read(kind: str, match: re.Match[str], language: str) -> list[date]:
    """The dates that a match can mean: none, one, or two."""
    match kind:
        case "ymd":
            return _dates((int(match[1]), int(match[3]), int(match[4])))
        case "cjk":
            return _dates((int(match[1]), int(match[2]), int(match[3])))
        case "mdy":
            return _dates((int(match[3]), _month(match[1]), int(match[2])))
        case "dmy":
            return _dates((int(match[3]), _month(match[2]), int(match[1])))
    one, two, year = int(match[1]), int(match[3]), int(match[4])
    day_first, month_first = (year, two, one), (year, one, two)
    # Points stand in dates of countries where the day comes first.
    if match[2] == "." or language not in _MONTH_FIRST or one == two:
        return _dates(day_first)
    return _dates(day_first, month_first)


def _dates(*parts: tuple[int, int, int]) -> list[date]:
    made = []
    for year, month, day in parts:
        with contextlib.suppress(ValueError):
            made.append(date(year, month, day))
    return made


def _month(word: str) -> int:
    """The number of a month by its name; 0, which no date has, for any other word."""
    folded = unicodedata.normalize("NFKD", word.lower())
    return _MONTHS.get("".join(c for c in folded if not unicodedata.combining(c)), 0)
