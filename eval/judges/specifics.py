"""Specifics: a figure, place, authority or product that the document has of something else.

Each specific is read with the words around it, up to the next one: a sentence gives several periods for several kinds of data. A specific is
wrong when what is known of its words has another one of its kind, and what is known of that very specific is about its words much less.
The same is done with every known clause, so that "30 days" of position points is no support for 30 days of Place Visits.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from eval.judges.clauses import Clause, begins_without_subject
from eval.judges.places import PLACE, PLACES
from eval.judges.relevance import Known
from eval.judges.unsupported import DECISION
from eval.judges.verdict import Fault, Flag
from eval.judges.words import REFUSE, content, normalise
from pipeline.checks.folding import fold_text
from pipeline.checks.quantities import (
    Quantity,
    date_quantity,
    find_periods_in_words,
    find_quantities,
    plain_value,
    same_quantity,
)
from pipeline.checks.stems import stem
from pipeline.registry.authorities import find_authorities
from pipeline.registry.citations import find_citations
from pipeline.registry.decisions import find_decisions, load_decisions

ABOUT = 3.2  # weight of shared words from which a known specific is about the same
LESS = 0.72  # of that weight, under which the specific's own is about something else
LESS_OF_NAMES = (
    1.6  # weight from which a place's or authority's own words show it to belong here, whatever else does
)
SHARE_OF_NAMES = (
    0.5  # share of the weight of the words around a place or authority that what has another one must have
)
SHARE_OF_FIGURES = 0.2  # the same, where a figure is of something else
MUCH_ABOUT = (
    8.0  # weight of shared words from which a count that is one of something else is counted otherwise here
)
MUCH_LESS = 0.4  # of that weight, under which its own is about something else
ABOUT_COUNTED = 2.5  # as ABOUT, where the same things are counted
_ONE_SUBJECT = 10  # words of weight of a sentence that is taken to be about one thing
_COORDINATED = 2  # words between two specifics that share their words
SOME = 1.5  # weight of shared words from which a number without a unit may be the figure
_NAMES_LAW = re.compile(
    r"\b(?:Art(?:icle)?s?|Acts?|Regulation|Directive|Code|§|GDPR|law\s+(?:sets|allows|says)\s+fines?)\b"
)
_AGE = re.compile(r"\b([a-z]+|\d+)[- ]years?[- ]olds?\b", re.IGNORECASE)
# "a month" tells no figure.
_LONG_NUMBER = re.compile(r"(?<![\w/.,-])(?:\d{2,4}(?:[ \u00a0-]\d{2,4}){2,}|\d-\d{3}-\d{3}-\d{4})(?![\w/-])")
_RANGE = re.compile(r"(?<![\d.,-])(\d{1,3})\s+(?:to|and|-|–)\s+(\d{1,3})(?![\d,]|\.\d)(?!\s+[ap]\.m)")
# "$5 a month", "$31 per member and year".
_BY = re.compile(
    r"\s*(?:USD\s+)?(?:(?:a|per|each|every|for|and|by)\s+(?:the\s+)?(?:\w+\s+){0,2}?)?(?:(?:a|per|each|every|and)\s+)?(?P<period>day|week|month|year|daily|weekly|monthly|yearly|annually)\b",
    re.IGNORECASE,
)
_PERIODS = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year", "annually": "year"} | {
    period: period for period in ("day", "week", "month", "year")
}
# "45 days and may take 45 more": such figures may be told together.
_ADDS = re.compile(r"\b(?:more|another|additional|further|extra)\b", re.IGNORECASE)
_MOST_FIGURES = 12  # of an entry, that are compared two by two
_COMPARED = re.compile(
    r"\b(?:longer|shorter|more|less|fewer|further|later|earlier|additional)\b", re.IGNORECASE
)
_WIDEST = 5  # a wider range ("0 to 100") has too much in it
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.\w{2,}", re.IGNORECASE)
# Coins and single units of money, which are told in words.
_COINS = re.compile(r"\b(?P<number>[a-z]+|\d+)\s+(?P<coin>dollar|cent|euro)s?\b", re.IGNORECASE)
# Periods that the reading of figures does not know.
_IN_OTHER_WORDS = tuple(
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), figure)
    for words, figure in (
        (r"half\s+a\s+year|half-year", "6 months"),
        (r"(?:a|one)\s+fortnight|two\s+weeks'\s+time", "14 days"),
        (r"(?:a|one)\s+quarter\s+of\s+a\s+year", "3 months"),
        (r"(?:a|one)\s+year\s+and\s+a\s+half|one\s+and\s+a\s+half\s+years", "18 months"),
        (r"a\s+decade", "10 years"),
        (r"a\s+dozen", "12"),
    )
)
_COUNTED = re.compile(r"[\s-]+(?:[A-Z][\w.]*\s+)?(?P<noun>[a-z]{3,})")
_COUNTED_BEFORE = re.compile(r"(?P<noun>[a-z]{3,})\s+of\s+$")
# A count at the end, or added to something, has the unit of the figure before it: "invoices for ten years, leads for three".
_ADDED = re.compile(r"\b(?:plus|for|of|after|within|to|than|by)\s+$", re.IGNORECASE)
_ENDS = re.compile(r"\s*(?:[,.;)]|$|\band\b)")
_A_PERIOD = re.compile(r"(?:an?|per|each|every|within|the)\s", re.IGNORECASE)
# "the Colorado act": a law of a place, which is not where something is.
_OF_LAW = re.compile(
    r"(?:'s)?\s+(?:[\w-]+\s+){0,2}?(?:acts?|laws?|rules?|codes?|statutes?|sections?|parts?|chapters?)\b",
    re.IGNORECASE,
)
_NO_NOUNS = frozenset(
    (
        "and",
        "the",
        "for",
        "per",
        "who",
        "which",
        "that",
        "with",
        "from",
        "are",
        "have",
        "has",
        "not",
        "may",
        "can",
        "will",
        "other",
        "more",
        "others",
        "them",
        "data",
        "information",
    )
)
# A figure that is asked about is told of nothing.
_OPEN = re.compile(r"\b(?:whether|questions?|would|could|might)\b", re.IGNORECASE)
_UNIT_OR_NONE = re.compile(
    r"(?<=[\w.] )(?P<unit>days|weeks|months|years)\b|\b(?:plus|for|after|within|to|by)\s+(?:another\s+)?(?P<number>[a-z]+(?:-[a-z]+)?|\d+)(?=\s*(?:[,.;)]|$|and\b|longer\b|more\b))",
    re.IGNORECASE,
)
# "the first day of every month": which of several it is.
_WHICH = re.compile(
    r"\b(?P<which>first|second|third|fourth|fifth|tenth|fifteenth|twentieth|last|final|\d{1,2}(?:st|nd|rd|th))\s+(?:(?:business|working|calendar)\s+)?(?P<what>day|week|month|quarter)\b(?=\s+(?:of|in|after)\b)",
    re.IGNORECASE,
)
_ORDER = {
    "1st": "first",
    "2nd": "second",
    "3rd": "third",
    "4th": "fourth",
    "5th": "fifth",
    "10th": "tenth",
    "15th": "fifteenth",
    "20th": "twentieth",
    "final": "last",
}
_DENIED_BEFORE = re.compile(
    r"(?:\b(?:not|never|no|neither|nor|without|instead\s+of|rather\s+than|unlike|do(?:es)?\s+not\s+apply)\b|n't\b)(?:\s+[\w'-]+){0,6}\s*$",
    re.IGNORECASE,
)
_NEXT = re.compile(r"[,;]|\s(?:and|but|while|whereas)\s")


@dataclass(frozen=True, slots=True)
class Specific:
    """A figure or name in a clause. ``kind`` tells which can stand for one another, ``words`` are those around it."""

    kind: str
    value: str
    quantity: Quantity | None
    told: str
    words: frozenset[str]
    about: frozenset[str]


class Specifics:
    """The specifics of all that is known to be right of a case."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._of_kind: dict[str, list[tuple[str, Specific]]] = defaultdict(list)
        for unit in known.units:
            if unit.side == "right" and not unit.advice:
                for specific in read_specifics(unit.clause):
                    self._of_kind[specific.kind].append((unit.entry, specific))
        self._rates = tuple(
            (unit.entry, quantity, period)
            for unit in known.units
            if unit.side == "right"
            for _, quantity, period in _rates(unit.clause.plain)
        )
        self._text = fold_text(known.case.document.text).casefold()
        self._ranges = tuple((float(low), float(high)) for low, high in _RANGE.findall(self._text))
        self._digits = frozenset(re.sub(r"\D", "", found[0]) for found in _LONG_NUMBER.finditer(self._text))
        self._worked_out = tuple(_worked_out(known))
        self._decisions = tuple(
            quantity
            for decision in load_decisions().decisions
            for quantity in find_quantities(
                fold_text(
                    f"{decision.outcome} {decision.fine or ''} {decision.status_note} {decision.date} {decision.reference}"
                )
            )
        )

    def find_wrong(self, clause: Clause) -> list[Flag]:
        """A flag for each specific of the clause that is of something else."""
        flags = self._find_unknown_contacts(clause.plain)
        flags += self._find_other_rates(clause)
        flags += self._find_other_states(clause)
        mine = read_specifics(clause)
        # "six years against five": a count without a unit may stand for what is told of something else.
        counts = [
            Specific(q.kind, str(q.value), q, q.words, frozenset(), frozenset())
            for q in find_quantities(clause.plain, small_counts=True)
        ]
        for specific in mine:
            flag = self._weigh(specific, clause, [*mine, *counts])
            if flag:
                flags.append(flag)
        return flags

    def _find_unknown_contacts(self, text: str) -> list[Flag]:
        """Flags for numbers of registers and telephones and for addresses of the net that the document does not have."""
        flags = [
            Flag("number", f'The document has no "{found[0]}".')
            for found in _LONG_NUMBER.finditer(text)
            if re.sub(r"\D", "", found[0]) not in self._digits and not find_decisions(text)
        ]
        flags += [
            Flag("name", f'The document has no address "{found[0]}".')
            for found in _ADDRESS.finditer(text)
            if found[0].casefold() not in self._text
        ]
        return flags

    def _find_other_rates(self, clause: Clause) -> list[Flag]:
        """Flags for sums of money by the month that the document has by the year, and their like."""
        flags = []
        for told, quantity, period in _rates(clause.plain):
            known = [
                (entry, its)
                for entry, said, its in self._rates
                if said.unit == quantity.unit and same_quantity(said, quantity)
            ]
            if known and period not in {its for _, its in known}:
                flags.append(
                    Flag(
                        "number",
                        f'"{told}" is by the {period}; {known[0][0]} has it by the {known[0][1]}.',
                        (known[0][0],),
                    )
                )
        return flags

    def _find_other_states(self, clause: Clause) -> list[Flag]:
        """Flags for places that the document does not have, told in one breath with such as it has."""
        if clause.denies or clause.partial or _OPEN.search(clause.plain) or DECISION.search(clause.plain):
            return []
        places = [
            match for match in PLACE.finditer(clause.plain) if not _OF_LAW.match(clause.plain, match.end())
        ]
        of_document = [match for match in places if PLACES[match[0]].casefold() in self._text]
        return [
            Flag("scope", f"The document does not have {match[0]} beside {other[0]}.")
            for match in places
            if match not in of_document
            for other in of_document[:1]
            if any(
                0 <= len(clause.plain[a.end() : b.start()].split()) <= _COORDINATED and a.end() <= b.start()
                for a, b in (
                    (match, near) if match.start() < near.start() else (near, match) for near in of_document
                )
            )
        ]

    def _weigh(self, specific: Specific, clause: Clause, beside: list[Specific]) -> Flag | None:
        has, other, told, entry = 0.0, 0.0, "", ""
        found = False
        in_words = bool(_A_PERIOD.match(specific.told))
        for kind in self._kinds(specific):
            for other_entry, known in self._of_kind[kind]:
                same = _same(specific, known)
                if not same and known.kind != specific.kind:
                    continue
                shared = self._shared(specific, known)
                if same and known.kind != specific.kind and shared < SOME:
                    # A bare "2" somewhere is no support for two years.
                    continue
                if same:
                    found, has = True, max(has, shared)
                elif in_words and not _A_PERIOD.match(known.told):
                    # "once a year" is held against "every month", not against what else has a period.
                    continue
                elif shared > other and not any(_same(told_too, known) for told_too in beside):
                    other, told, entry = shared, known.told, other_entry
        if (
            specific.quantity
            and specific.quantity.kind == "number"
            and self._within_range(float(specific.quantity.value))
        ):
            return None
        fault: Fault = "number" if specific.quantity or specific.kind.startswith("which ") else "name"
        if specific.kind.startswith("count of ") and any(
            other is not specific and other.kind.startswith("count of ") for other in beside
        ):
            # "one agency and three attorneys general": each counts a part.
            return None
        if specific.kind.startswith(("count of ", "which ")):
            # A count that nothing has of this is wrong where something has another; any other may count what nobody counted.
            if other < ABOUT_COUNTED or (found and (other < MUCH_ABOUT or has >= MUCH_LESS * other)):
                return None
            return Flag(
                fault, f'"{specific.told}" is not what is told of this; {entry} has "{told}".', (entry,)
            )
        if specific.quantity and not found:
            if self._elsewhere(specific.quantity, clause) or self._is_worked_out(specific.quantity, clause):
                return None
            near = f'; {entry} has "{told}"' if other >= ABOUT else ""
            if near or not in_words:
                return Flag(fault, f'The document has no "{specific.told}"{near}.', (entry,) if near else ())
            return None
        if specific.kind == "number":
            # Without a unit nothing tells what it is a number of: ages stand in one sentence with sums and days.
            return None
        less = LESS * other if specific.quantity else min(LESS_OF_NAMES, LESS * other)
        if specific.quantity and other < SHARE_OF_FIGURES * self._known.weigh(specific.words):
            return None
        if begins_without_subject(clause.plain) and not _subject_before(clause):
            return None
        if specific.kind == "place" and other < SHARE_OF_NAMES * self._known.weigh(specific.words):
            return None
        if (
            found
            and other >= ABOUT
            and has < less
            and not clause.says
            and not _is_denied(specific, clause)
            and not _OPEN.search(clause.plain[: clause.plain.find(specific.told)])
        ):
            return Flag(fault, f'"{specific.told}" is of something else; {entry} has "{told}".', (entry,))
        return None

    def _is_worked_out(self, figure: Quantity, clause: Clause) -> bool:
        """Whether a figure is the sum of two of one entry, or their difference, where it is told as one."""
        value, scale = plain_value(figure), _scale(figure)
        more = bool(_COMPARED.search(clause.plain))
        return any(
            (figure.kind == "number" or scale == its) and value in (sums | differences if more else sums)
            for its, sums, differences in self._worked_out
        )

    def _within_range(self, value: float) -> bool:
        """Whether a number lies within, and not at the end of, what the document gives from one number to another."""
        return any(low < value < high <= low + _WIDEST for low, high in self._ranges)

    def _kinds(self, specific: Specific) -> list[str]:
        """The kinds that a specific of this one may be written as: "24" may stand for 24 months."""
        if specific.quantity is None or specific.kind.startswith("count of "):
            return [specific.kind]
        return [
            kind
            for kind in self._of_kind
            if kind not in ("place", "authority") and not kind.startswith(("count of ", "which "))
        ]

    def _shared(self, one: Specific, known: Specific) -> float:
        inside = one.words & known.words
        if one.quantity is None:
            return self._known.weigh(inside)
        beside = (one.words & known.about) - inside
        return self._known.weigh(inside) + 0.3 * self._known.weigh(beside)

    def _elsewhere(self, figure: Quantity, clause: Clause) -> bool:
        """Whether it is the document's date, the length of a list, or of a decision or law."""
        days = [date_quantity(dated.value) for dated in self._known.case.document.dates]
        if any(same_quantity(figure, day) for day in days):
            return True
        value = plain_value(figure)
        if figure.kind == "number" and value is not None and value in self._known.counts:
            return True
        if find_citations(clause.plain) or _NAMES_LAW.search(clause.plain):
            return True
        return bool(DECISION.search(clause.plain)) and any(
            same_quantity(figure, said) for said in self._decisions
        )


def write_units(sentence: str) -> str:
    """The sentence with the unit written behind each count that has that of the period before it: "invoices for ten years, leads for three"."""
    written, last, unit = [], 0, ""
    for found in _UNIT_OR_NONE.finditer(sentence):
        if found["unit"]:
            unit = found["unit"]
        elif unit and find_quantities(found["number"], small_counts=True):
            written.append(f"{sentence[last : found.end()]} {unit}")
            last = found.end()
    return "".join((*written, sentence[last:]))


def _is_denied(specific: Specific, clause: Clause) -> bool:
    """Whether the clause denies the specific itself ("not for 30 days"), or, of a name, anything at all."""
    if specific.quantity is None:
        return clause.denies
    return bool(_DENIED_BEFORE.search(clause.plain[: clause.plain.find(specific.told)]))


def read_specifics(clause: Clause) -> list[Specific]:
    """The specifics of a clause in order."""
    text = _AGE.sub(r"aged \1", clause.plain)
    for period, figure in _IN_OTHER_WORDS:
        text = period.sub(figure, text)
    # "are kept for three years": what is kept stands before.
    subject = _subject_before(clause)
    for citation in reversed(find_citations(text)):
        text = text[: citation.start] + "#" * (citation.end - citation.start) + text[citation.end :]
    places = [
        (m.start(), m.end(), "place", PLACES[m[0]], None, m[0])
        for m in PLACE.finditer(text)
        if not _OF_LAW.match(text, m.end())
    ]
    authorities = [
        (a.start, a.end, "authority", a.authority_id, None, a.words) for a in find_authorities(text)
    ]
    figures: list[_Found] = [
        (q.start, q.start + len(q.words), q.kind, str(q.value), q, q.words)
        for q in (*find_quantities(text), *find_periods_in_words(text))
        if q.kind != "identifier" and not _of_telephone(text, q)
    ]
    figures += _coins(text)
    figures += [
        (
            m.start(),
            m.end(),
            f"which {m['what'].lower()}",
            _ORDER.get(m["which"].lower(), m["which"]),
            None,
            m[0],
        )
        for m in _WHICH.finditer(text)
    ]
    figures += _counts(text, [start for start, *_ in figures])
    found: list[Specific] = []
    for group in (places, authorities, figures):
        group.sort(key=lambda item: item[0])
        last = 0
        while group:
            # "16 and 17": the words of the one are those of the other.
            run = [group.pop(0)]
            while group and len(text[run[-1][1] : group[0][0]].split()) <= _COORDINATED:
                run.append(group.pop(0))
            until = group[0][0] if group else len(text)
            stop = _NEXT.search(text, run[-1][1], until)
            around = normalise(
                text[last : run[0][0]] + " " + text[run[-1][1] : stop.start() if stop else until]
            )
            # A period of an opt-out is about the opt-out.
            words = content(around) | ({REFUSE} if REFUSE in around else set()) | subject
            found += [
                Specific(kind, value, quantity, told, words, clause.about)
                for _, _, kind, value, quantity, told in run
            ]
            # What stands behind a figure up to the next part is its own, and not also the next one's.
            last = stop.end() if stop else run[-1][1]
    return found


def _worked_out(known: Known) -> Iterator[tuple[tuple[str, float], set[float], set[float]]]:
    """For each entry and each unit that its figures are written in, their sums and their differences, two by two."""
    figures: dict[tuple[str, tuple[str, float]], list[float]] = defaultdict(list)
    adding = {unit.entry for unit in known.units if unit.side == "right" and _ADDS.search(unit.clause.plain)}
    for unit in known.units:
        if unit.side == "right" and not unit.advice:
            for figure in find_quantities(unit.clause.plain):
                if scale := _scale(figure):
                    figures[unit.entry, scale].append(plain_value(figure) or 0.0)
    for (entry, scale), values in figures.items():
        pairs = list(combinations(values[:_MOST_FIGURES], 2))
        if pairs:
            sums = {a + b for a, b in pairs} if entry in adding else set()
            yield scale, sums, {abs(a - b) for a, b in pairs}


def _scale(figure: Quantity) -> tuple[str, float] | None:
    """What a figure is written in: its unit, and how much of that one of it is; none for dates and the like."""
    value = plain_value(figure)
    if not value or not isinstance(figure.value, int | float):
        return None
    return figure.unit, figure.value / value


def _rates(text: str) -> list[tuple[str, Quantity, str]]:
    """Sums of money with the period by which they are told: the words, the sum and "day", "week", "month" or "year"."""
    found = []
    for quantity in find_quantities(text):
        if quantity.kind == "money":
            end = quantity.start + len(quantity.words)
            if match := _BY.match(text, end):
                found.append(
                    (text[quantity.start : match.end()], quantity, _PERIODS[match["period"].casefold()])
                )
    return found


def _subject_before(clause: Clause) -> frozenset[str]:
    """The sentence's words, where a clause has its subject in one before it and the sentence is short enough to have one subject."""
    short = len(clause.about) <= _ONE_SUBJECT
    if not short or not begins_without_subject(clause.plain):
        return frozenset()
    # Names of several words stand there as one.
    return clause.about | content(normalise(" ".join(clause.about).replace("-", " ")))


_Found = tuple[int, int, str, str, Quantity | None, str]


def _coins(text: str) -> list[_Found]:
    found: list[_Found] = []
    for match in _COINS.finditer(text):
        number = next(iter(find_quantities(match["number"], small_counts=True)), None)
        if number is not None and number.kind == "number":
            value = float(number.value) * (0.01 if match["coin"].lower() == "cent" else 1)
            unit = "eur" if match["coin"].lower() == "euro" else "usd"
            quantity = Quantity("money", value, unit, match[0], match.start())
            found.append((match.start(), match.end(), "money", str(value), quantity, match[0]))
    return found


def _counts(text: str, taken: list[int]) -> list[_Found]:
    """Counts in words: of things by what is counted, and such as have the unit of a figure before them."""
    found: list[_Found] = []
    for q in find_quantities(text, small_counts=True):
        end = q.start + len(q.words)
        if q.kind != "number" or _of_telephone(text, q):
            continue
        if (
            q.start not in taken
            and taken
            and min(taken) < q.start
            and _ADDED.search(text[: q.start])
            and _ENDS.match(text[end:])
        ):
            found.append((q.start, end, "number", str(q.value), q, q.words))
            continue
        before, behind = _COUNTED_BEFORE.search(text[: q.start]), _COUNTED.match(text, end)
        noun = next((m["noun"] for m in (behind, before) if m and m["noun"] not in _NO_NOUNS), "")
        if noun:
            found.append((q.start, end, f"count of {stem(noun)}", str(q.value), q, q.words))
    return found


def _of_telephone(text: str, quantity: Quantity) -> bool:
    end = quantity.start + len(quantity.words)
    return bool(
        re.match(r"-\d", text[end : end + 2])
        or re.search(r"\d-$", text[max(0, quantity.start - 2) : quantity.start])
    )


def _same(one: Specific, known: Specific) -> bool:
    if one.quantity and known.quantity:
        if "business" in one.told and "business" not in known.told:
            return False
        return same_quantity(one.quantity, known.quantity)
    return one.kind == known.kind and one.value == known.value
