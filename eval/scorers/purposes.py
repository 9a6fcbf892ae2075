"""Purposes and their lawful bases: exactly which bases a summary gives for each purpose of the gold.

Only sentences that say what something rests on, or that list several bases, are read, and in them each run of bases ("legal obligation and legitimate
interest") belongs to the purposes that stand before it, or behind it where the words say so ("contract for billing"). What is asked or
denied ("whether consent is needed", "not on consent") gives no basis, nor does a purpose that is named like one ("security, fraud and legal
duties"). English only, as the words of the bases are.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from eval.cases import Case
from eval.keys import plain_key, plain_words
from eval.scorers.facts import SummaryPart
from eval.scorers.language import why_not_english
from eval.scorers.tally import share, unscored
from pipeline.checks.folding import fold_text
from pipeline.checks.sentences import split_sentences
from schemas.gold import Keys, LawfulBasis, Purpose
from schemas.score import Score, ScoreItem

_BASES: dict[str, LawfulBasis] = {
    r"(?:explicit|express)\s+consent": "explicit_consent",
    r"(?<!explicit )(?<!express )consent": "consent",
    r"(?:performance\s+of\s+)?(?:(?:the|a|its|your|their)\s+)?contract(?:ual\s+(?:necessity|performance))?(?!ual)|(?:performance\s+of\s+)?(?:the|its|your|their)\s+agreement": "contract",
    r"legal\s+(?:obligations?|dut(?:y|ies))|compliance\s+with\s+(?:a\s+|the\s+)?law": "legal_obligation",
    r"legitimate\s+interests?": "legitimate_interest",
    r"vital\s+interests?": "vital_interests",
    r"public\s+interest": "public_interest",
}
_BASIS = re.compile(
    "|".join(rf"(?P<{basis}>\b(?:{words})\b)" for words, basis in _BASES.items()), re.IGNORECASE
)
_RESTS = re.compile(
    r"\b(?:rests?|resting|based|bas[ei]s|grounds?|grounded|founded|rel(?:y|ies|ying)|justified|legitimi[sz]\w+|covers?|carries)\b",
    re.IGNORECASE,
)
# A clause that begins with its verb asks, also in the middle of a list of questions, where no mark ends it.
_ASKED = re.compile(
    r"\b(?:whether|would|could|might|if)\b|\?|(?:^\W*|:\s*)(?:(?:and|or)\s+)?(?:do|does|did|is|are|was|were|has|have|can|may|must|should|will)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|never|no|nor|neither|without|rather\s+than|instead\s+of|withdraw\w*(?:\s+of)?|withdrawal\s+of|revok\w+|refus\w+)\s+(?:(?:on|upon|any|your|their|its|the|a)\s+){0,3}$",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\([^()]*\)")
_LESS = re.compile(r"\b(?:excluding|except(?:\s+for)?|other\s+than|apart\s+from)\s+[^,;:()]+", re.IGNORECASE)
# Behind a basis: the purposes follow it.
_FOLLOWS = re.compile(
    r"\s*(?:(?:is|as|being)\s+(?:the\s+)?(?:\w+\s+)?basis\s+(?:for|of)|for(?!\s+(?:sensitive|special))|covers?|carries|supports?|underlies|governs|:)\s",
    re.IGNORECASE,
)
# Between two bases of one run: words that add one to the other, and a limit such as "for sensitive data".
_ADDS = re.compile(
    r"[\s,(]{0,3}(?:(?:and|plus|with)[\s,]{1,3})?(?:for|where|when)\s+(?:sensitive|special)\b[^;:.]{0,160}|[\s,(]*(?:(?:and|or|plus|with|also|both|partly|in|part|addition|addition\s+to|as|well|together|on|upon|its|the|a|your|their|additionally|where|when|for\s+(?:\w+\s+){0,3}(?:data|memories|details|information))[\s,)]+){1,8}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Resting:
    """A part of a sentence that says that something rests on these bases. ``words`` are those that name the purposes."""

    words: str
    bases: frozenset[LawfulBasis]


def score_bases(part: SummaryPart, case: Case) -> tuple[Score, Score]:
    """How far the bases given are exactly right (of the purposes for which the summary gives any), and how many of the gold's purposes have
    exactly their bases in the summary.
    """
    names = ("bases_right", "bases_told")
    if told := why_not_english(part, case):
        return unscored(part.name, names[0], told), unscored(part.name, names[1], told)
    given = _given(part, case)
    items = [_item(purpose, *given[purpose.id]) for purpose in case.gold.purposes]
    right = [item for item in items if given[item.id][0]]
    wanted = [item for item, purpose in zip(items, case.gold.purposes, strict=True) if purpose.bases]
    return (
        share(
            part.name,
            names[0],
            right,
            things="purposes have exactly their lawful bases, of those that are given any",
            nothing="No lawful basis is given for a purpose of the gold.",
        ),
        share(
            part.name,
            names[1],
            wanted,
            things="purposes of the document have exactly their lawful bases",
            nothing="The document states no lawful basis for any purpose.",
        ),
    )


def read_bases(text: str) -> tuple[Resting, ...]:
    """What a sentence says of lawful bases, in its order."""
    # "security (legal obligations; legitimate interest)" is one clause.
    folded = _ASIDE.sub(lambda aside: aside[0].replace(";", ","), fold_text(text))
    named = {_basis_of(match) for match in _BASIS.finditer(folded)}
    # Words such as "on consent" alone may be about anything; a list of several bases is about what rests on them.
    if not _RESTS.search(folded) and len(named) < 2:
        return ()
    return tuple(resting for clause in split_sentences(folded) for resting in _read(clause))


def _given(part: SummaryPart, case: Case) -> dict[str, tuple[frozenset[LawfulBasis], str | None]]:
    """For each purpose's id all bases that the summary gives it, and the path of the first sentence that does."""
    given: dict[str, tuple[frozenset[LawfulBasis], str | None]] = {
        purpose.id: (frozenset(), None) for purpose in case.gold.purposes
    }
    for sentence in part.sentences:
        for resting in read_bases(_without_names(sentence.text, case.gold.purposes)):
            for purpose in _purposes_in(resting.words, case.gold.purposes):
                bases, path = given[purpose.id]
                given[purpose.id] = (bases | resting.bases, path or sentence.path)
    return given


def _item(purpose: Purpose, bases: frozenset[LawfulBasis], path: str | None) -> ScoreItem:
    wanted = frozenset(purpose.bases)
    verdict = "omitted" if not bases else "right" if bases == wanted else "wrong"
    return ScoreItem(
        id=purpose.id,
        verdict=verdict,
        value=float(verdict == "right"),
        path=path,
        reason=f"{purpose.purpose}: {_told(bases)} is given, the document has {_told(wanted)}.",
    )


def _told(bases: frozenset[LawfulBasis]) -> str:
    return " and ".join(sorted(basis.replace("_", " ") for basis in bases)) or "no basis"


def _read(clause: str) -> Iterator[Resting]:
    if _ASKED.search(clause):
        return
    for aside in _ASIDE.finditer(clause):
        inner = aside[0][1:-1]
        runs = _runs(inner)
        follows = _follow(inner, runs)
        starts = [run[0].start() for run in runs] + [len(inner)]
        added: set[LawfulBasis] = set()
        for n, run in enumerate(runs):
            bases = frozenset(_basis_of(match) for match in run)
            if follows[n]:
                # "communications (consent for marketing; contract otherwise)" names what rests on consent itself.
                yield Resting(inner[run[-1].end() : starts[n + 1]], bases)
            else:
                added |= bases
        if added:
            # "for Memory (plus explicit consent for sensitive data)" adds to what stands last before it.
            yield Resting(clause[: aside.start()].rpartition(",")[2], frozenset(added))
    clause = _LESS.sub(" ", _ASIDE.sub(" ", clause))
    runs = _runs(clause)
    ends = [run[-1].end() for run in runs]
    starts = [run[0].start() for run in runs]
    follows = _follow(clause, runs)
    for n, run in enumerate(runs):
        if follows[n]:
            words = clause[ends[n] : starts[n + 1] if n + 1 < len(runs) else len(clause)]
        elif n and follows[n - 1]:
            continue  # the words before it belong to the basis that they follow
        else:
            words = clause[ends[n - 1] if n else 0 : starts[n]]
        yield Resting(words, frozenset(_basis_of(match) for match in run))


def _follow(clause: str, runs: Sequence[Sequence[re.Match[str]]]) -> list[bool]:
    """For each run whether the purposes stand behind it."""
    return [bool(_FOLLOWS.match(clause, run[-1].end())) for run in runs]


def _runs(clause: str) -> list[list[re.Match[str]]]:
    """The bases that a clause names and does not deny, those that are added to one another together."""
    named = [
        match
        for match in _BASIS.finditer(clause)
        if not _DENIED.search(clause[max(0, match.start() - 40) : match.start()])
    ]
    runs: list[list[re.Match[str]]] = [[match] for match in named[:1]]
    for before, match in pairwise(named):
        if _ADDS.fullmatch(clause[before.end() : match.start()]):
            runs[-1].append(match)
        else:
            runs.append([match])
    return runs


def _basis_of(match: re.Match[str]) -> LawfulBasis:
    return next(basis for basis in _BASES.values() if match[basis])


def _purposes_in(words: str, purposes: Sequence[Purpose]) -> list[Purpose]:
    """The purposes that the words name. A word inside a longer name of another purpose ("marketing" in "non-marketing messages") names
    that other one alone.
    """
    text = plain_words(words)
    spans = {purpose.id: [_spans(text, group) for group in purpose.keys] for purpose in purposes}
    found = []
    for purpose in purposes:
        longer = _Covering(
            span for other in purposes if other is not purpose for group in spans[other.id] for span in group
        )
        if all(any(not longer.covers(span) for span in group) for group in spans[purpose.id]):
            found.append(purpose)
    return found


def _spans(text: str, group: tuple[str, ...]) -> list[tuple[int, int]]:
    patterns = (re.escape(key).replace(r"\*", r"\w*") for key in map(plain_key, group) if key)
    return [match.span() for pattern in patterns for match in re.finditer(rf"(?<!\S){pattern}(?!\S)", text)]


def _without_names(text: str, purposes: Sequence[Purpose]) -> str:
    """The text without words of bases that stand in a list of words of one purpose, whose name they are a part of."""
    for purpose in purposes:
        text = _list_of(purpose.keys).sub(lambda names: _BASIS.sub(" ", names[0]), text)
    return text


@lru_cache(maxsize=256)
def _list_of(keys: Keys) -> re.Pattern[str]:
    """Two or more keys of a purpose side by side, as in "security, fraud and legal duties"."""
    words = sorted({key for group in keys for key in map(plain_key, group) if key}, key=len, reverse=True)
    name = "|".join(re.escape(key).replace(r"\*", r"\w*") for key in words) or r"(?!)"
    return re.compile(
        rf"\b(?:{name})(?:(?:,\s+(?:(?:and|or)\s+)?|\s+(?:and|or)\s+)(?:{name}))+\b", re.IGNORECASE
    )


class _Covering:
    """Tells whether a span lies inside a longer one of these, without looking at each of them."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(set(spans))
        self._starts = [start for start, _ in ordered]
        # The furthest end of all spans up to this one.
        self._ends = list(accumulate((end for _, end in ordered), max))

    def covers(self, span: tuple[int, int]) -> bool:
        start, end = span
        before = bisect_left(self._starts, start)
        if before and self._ends[before - 1] >= end:
            return True
        upto = bisect_right(self._starts, start)
        return upto > 0 and self._ends[upto - 1] > end
