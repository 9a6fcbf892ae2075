"""Names: a product, plan, company or place that a draft names stands in the document.

A name is a word with a capital that does not begin its sentence. Known are the words of the document in any case, the law, the
authorities and the decisions of the registry (other checks ask whether the policy names them), words that lawyers write with capitals, and common
abbreviations. A plan is known only as the document writes it: "the Team plan" is not known from "our team".
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from pipeline.checks.folding import fold_text
from pipeline.checks.lawwords import names_law
from pipeline.registry.citations import find_authorities, find_citations
from pipeline.registry.decisions import find_decisions
from schemas.document import Document
from schemas.finding import Finding
from schemas.summaries import Basis

_WORD = re.compile(r"[^\W\d_][^\W_]*(?:'[^\W_]+)?")
_BEGINS = re.compile(r"(?:^|[.!?:;]|[\"(\[])\s*[\"'(\[]*$")
_PLAN_NOUN = (
    r"(?:plans?|tiers?|subscriptions?|subscribers?|users?|accounts?|customers?|editions?|members?|packages?)"
)
_JOINED = r"(?:,\s(?:and\s|or\s)?|\s(?:and|or)\s|\s|/)"
_PLANS = re.compile(rf"\b[A-Z]\w+(?:{_JOINED}[A-Z]\w+){{0,6}}\s{_PLAN_NOUN}\b")
# What vendors call plans. Words that name much else besides (business, standard, basic, family) are left out.
_PLAN_NAMES = frozenset(
    re.findall(
        r"\S+",
        "team teams pro plus premium student students education enterprise max ultra starter unlimited",
    )
)
_PLAIN = frozenset(
    re.findall(
        r"\S+",
        # Documents, parties, bodies and notions of law, which lawyers write with capitals.
        "privacy policy policies terms service services use conditions agreement notice statement cookie cookies data protection officer officers "
        "controller controllers processor processors standard contractual clauses clause commission union member state states board authority "
        "authorities act acts article articles section sections annex part chapter recital regulation directive law laws code court courts council "
        "parliament input inputs output outputs account accounts settings website app personal information sensitive right rights model models "
        "contract legitimate interest interests customer customers user users company internet civil attorney attorneys general office agency consumer "
        "consumers supervisory addendum processing impact assessment large language artificial intelligence web english page center centre party "
        "parties third paragraph schedule title guideline guidelines opinion working group committee chamber federal national trade minister ministry "
        # Calendar.
        "january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday "
        # Abbreviations in general use.
        "ai llm llms api apis ip id ids url pdf dpo dpa dpas dpia dpias scc sccs bcr bcrs pia tia lia faq faqs sms pii kyc vat csv json siren rcs utc it "
        "hr sdk gps tv art arts eur usd gbp chf",
    )
)
# Before "Team", these make it a group of staff and no plan.
_STAFF = frozenset(
    re.findall(
        r"\S+",
        "our the a your privacy support legal security safety data protection customer product sales trust compliance help service dedicated",
    )
)
# One place, several words for it.
_SAME_PLACE = tuple(
    frozenset(group.split())
    for group in (
        "us usa united states america american americans", "eu eea european europe europeans union economic area", "uk united kingdom british britain england",
        "france french", "germany german", "ireland irish", "spain spanish", "italy italian", "netherlands dutch", "switzerland swiss", "canada canadian",
        "california californian californians", "china chinese", "japan japanese", "korea korean", "india indian", "brazil brazilian", "australia australian",
        "singapore singaporean", "belgium belgian", "austria austrian", "poland polish", "sweden swedish", "denmark danish", "finland finnish",
        "norway norwegian", "portugal portuguese", "greece greek", "czechia czech", "israel israeli", "mexico mexican", "luxembourg luxembourgish",
        "paris parisian", "russia russian", "turkey turkish", "hungary hungarian", "romania romanian", "ukraine ukrainian",
    )
)  # fmt: skip
_PLACES = frozenset().union(*_SAME_PLACE)


class Names:
    """Which names a document has."""

    def __init__(self, document: Document) -> None:
        text = fold_text(
            "\n".join(
                (document.text, document.title or "", document.company or "", document.source.url or "")
            )
        )
        words = _WORD.findall(text)
        self._english = document.language.startswith("en")
        self._cased = frozenset(_bare(word) for word in words)
        self._any_case = frozenset(word.casefold() for word in self._cased)
        plain = [_bare(word).casefold() for word in words]
        self._plans = frozenset(
            _bare(word)
            for before, word in pairwise(["", *words])
            if _bare(word).casefold() in _PLAN_NAMES and _bare(before).casefold() not in _STAFF
        )
        self._pairs = frozenset(pairwise(plain))
        self._initials = "".join(word[0] for word in plain if len(word) > 2)
        self._dotted_us = "U.S." in text or "US" in self._cased

    def unknown_in(self, text: str, basis: Basis) -> tuple[str, ...]:
        """The names in a text of a draft that the document does not have, each once, in order."""
        folded = fold_text(text)
        if _is_title(folded):
            return ()
        found: dict[str, None] = {}
        legal = _legal_spans(folded)
        plans = [match.span() for match in _PLANS.finditer(folded)]
        words = list(_WORD.finditer(folded))
        for n, match in enumerate(words):
            word = _bare(match[0])
            if len(word) < 2 or not word[0].isupper() or _within(match.start(), legal):
                continue
            begins = bool(_BEGINS.search(folded[max(0, match.start() - 4) : match.start()]))
            is_plan = word.casefold() in _PLAN_NAMES
            before = _bare(words[n - 1][0]).casefold() if n else ""
            after = _bare(words[n + 1][0]).casefold() if n + 1 < len(words) else ""
            if begins and not (is_plan and _within(match.start(), plans)):
                continue
            if is_plan:
                if word not in self._plans and not (
                    {(before, word.casefold()), (word.casefold(), after)} & self._pairs
                ):
                    found[word] = None
            elif self._english and not self._knows(word):
                if basis == "inferred" and (
                    word.casefold() in _PLACES or names_law(_clause_of(folded, match.start()))
                ):
                    continue
                found[word] = None
        return tuple(found)

    def _knows(self, word: str) -> bool:
        plain = word.casefold()
        if plain in _PLAIN or plain in self._any_case:
            return True
        # "Memories" from "Memory", "Inputs" from "Input".
        if {
            plain.removesuffix("s"),
            plain.removesuffix("es"),
            re.sub(r"ies$", "y", plain),
            plain + "s",
        } & self._any_case:
            return True
        if any(plain in group and group & self._any_case for group in _SAME_PLACE) or (
            plain in _SAME_PLACE[0] and self._dotted_us
        ):
            return True
        initials = word.removesuffix("s")
        return initials.isupper() and 3 <= len(initials) <= 6 and initials.casefold() in self._initials


def check_names(
    names: Names, path: str, text: str, basis: Basis, absent: Iterable[str] = ()
) -> list[Finding]:
    """A finding for each name in ``text`` (at ``path``) that the document does not have.

    A name in one of the ``absent`` terms is told as missing from the document, which another check searches for.
    """
    missing = {word.casefold() for term in absent for word in _WORD.findall(fold_text(term))}
    return [
        Finding(
            code="facts.name_unknown",
            severity="error",
            path=path,
            message=f'The name "{name}" stands nowhere in the policy; use the names that the policy uses, or, if the claim says that the policy '
            "does not have it, give it in absent_terms.",
        )
        for name in names.unknown_in(text, basis)
        if name.casefold() not in missing
    ]


def _bare(word: str) -> str:
    """The word without a possessive ending."""
    return re.sub(r"'s?$", "", word)


def _is_title(text: str) -> bool:
    """Whether most words have capitals, as in a headline, where a capital says nothing."""
    words = [word for word in _WORD.findall(text) if len(word) > 3]
    return len(words) > 3 and sum(word[0].isupper() for word in words) > 0.7 * len(words)


@lru_cache(maxsize=4096)
def _legal_spans(text: str) -> tuple[tuple[int, int], ...]:
    citations = tuple((found.start, found.end) for found in find_citations(text))
    authorities = tuple((found.start, found.end) for found in find_authorities(text))
    return citations + authorities + tuple((found.start, found.end) for found in find_decisions(text))


def _within(position: int, spans: tuple[tuple[int, int], ...] | list[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in spans)


def _clause_of(text: str, position: int) -> str:
    start = max((text.rfind(mark, 0, position) for mark in ";:."), default=-1) + 1
    ends = [end for mark in ";:." if (end := text.find(mark, position)) >= 0]
    return text[start : min(ends, default=len(text))]
