"""Names: a product, plan, company or place that a draft names stands in the document.

A name is a word with a capital that does not begin its sentence, and in a stated claim also a first word that can be nothing else: one written
like "LinkedIn", or the name of a company in the registry of decisions. Known are the words of the document in any case, the law, the
authorities and the decisions of the registry (other checks ask whether the policy names them), words that lawyers write with capitals, and common
abbreviations. A plan is known only as the document writes it: "the Team plan" is not known from "our team".
"""

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from itertools import pairwise

from pipeline.checks.folding import fold_text
from pipeline.checks.lawwords import names_law
from pipeline.checks.places import carries_place, find_places, places_meant
from pipeline.checks.sentences import clause_at
from pipeline.registry.citations import find_authorities, find_citations
from pipeline.registry.decisions import find_decisions, load_decisions
from pipeline.registry.sieve import Sieved
from schemas.document import Document
from schemas.finding import Finding
from schemas.summaries import Basis

WORD = re.compile(r"[^\W\d_][^\W_]*(?:'[^\W_]+)?")
_CLAUSE_END = re.compile(r"[;:.]")
_BEGINS = re.compile(r"(?:^|[.!?:;]|[\"(\[])\s*[\"'(\[]*$")
_INNER_CAPITAL = re.compile(r"[A-Z][a-z]+[A-Z]")
_PARTY = r"[A-Z][\w&'.-]*"
_PARTIES_BEFORE = re.compile(rf"(?:{_PARTY}[\s,]+(?:(?:v\.?|and|of)\s+)?)+[(\s]*$")
_PARTIES_AFTER = re.compile(rf"(?:[,(\s]+(?:(?:v\.?|and|of)\s+)?{_PARTY})+")
_LONGEST_PARTIES = 80  # characters
_PLAN_NOUN = (
    r"(?:plans?|tiers?|subscriptions?|subscribers?|users?|accounts?|customers?|editions?|members?|packages?)"
)
_JOINED = r"(?:,\s(?:and\s|or\s)?|\s(?:and|or)\s|\s|/)"
PLANS = Sieved(rf"\b[A-Z]\w+(?:{_JOINED}[A-Z]\w+){{0,6}}\s{_PLAN_NOUN}\b")
# What vendors call plans. Words that name much else besides (business, standard, basic, family) are left out.
PLAN_NAMES = frozenset(
    re.findall(
        r"\S+",
        "team teams pro plus premium student students education enterprise max ultra starter unlimited",
    )
)
PLAIN = frozenset(
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


class Names:
    """Which names a document has."""

    def __init__(self, document: Document) -> None:
        text = fold_text(
            "\n".join(
                (document.text, document.title or "", document.company or "", document.source.url or "")
            )
        )
        words = WORD.findall(text)
        self._english = document.language.startswith("en")
        self._cased = frozenset(bare(word) for word in words)
        self._any_case = frozenset(word.casefold() for word in self._cased)
        plain = [bare(word).casefold() for word in words]
        self._plans = frozenset(
            bare(word)
            for word, small, before in zip(words, plain, ["", *plain], strict=False)
            if small in PLAN_NAMES and before not in _STAFF
        )
        self._pairs = frozenset(pair for pair in pairwise(plain) if not PLAN_NAMES.isdisjoint(pair))
        self._initials = "".join(word[0] for word in plain if len(word) > 2)
        self._text = text

    @cached_property
    def _places(self) -> frozenset[str]:
        return places_meant(self._text)

    def unknown_in(self, text: str, basis: Basis, *, headline: bool = False) -> tuple[str, ...]:
        """The names in a text of a draft that the document does not have, each once, in order; none in a headline with capitals throughout."""
        folded = fold_text(text)
        if headline and _has_capitals_throughout(folded):
            return ()
        found: dict[str, None] = {}
        apart = legal_spans(folded)
        places = [place for place in find_places(folded) if not within(place.start, apart)]
        if self._english and basis == "stated":
            found.update((p.words, None) for p in places if not carries_place(self._places, p.place))
        apart += tuple((place.start, place.end) for place in places)
        plans = [match.span() for match in PLANS.finditer(folded)]
        words = list(WORD.finditer(folded))
        for n, match in enumerate(words):
            if not match[0][0].isupper():
                continue
            word = bare(match[0])
            if len(word) < 2 or within(match.start(), apart):
                continue
            is_plan = word.casefold() in PLAN_NAMES
            before = bare(words[n - 1][0]).casefold() if n else ""
            after = bare(words[n + 1][0]).casefold() if n + 1 < len(words) else ""
            is_name = is_plan and within(match.start(), plans)
            is_name = is_name or (basis == "stated" and _is_always_a_name(word))
            if begins(folded, match.start()) and not is_name:
                continue
            if is_plan:
                if word not in self._plans and not (
                    {(before, word.casefold()), (word.casefold(), after)} & self._pairs
                ):
                    found[word] = None
            elif self._english and not self._knows(word):
                if basis == "inferred" and names_law(
                    clause_at(folded, match.start(), match.start(), _CLAUSE_END)
                ):
                    continue
                found[word] = None
        return tuple(found)

    def _knows(self, word: str) -> bool:
        plain = word.casefold()
        if plain in PLAIN or plain in self._any_case:
            return True
        # "Memories" from "Memory", "Inputs" from "Input", and the other way round.
        if {
            plain.removesuffix("s"),
            plain.removesuffix("es"),
            re.sub(r"ies$", "y", plain),
            plain + "s",
            re.sub(r"y$", "ies", plain),
        } & self._any_case:
            return True
        initials = word.removesuffix("s")
        return initials.isupper() and 3 <= len(initials) <= 6 and initials.casefold() in self._initials


def check_names(
    names: Names, path: str, text: str, basis: Basis, absent: Iterable[str] = (), *, headline: bool = False
) -> list[Finding]:
    """A finding for each name in ``text`` (at ``path``) that the document does not have.

    A name in one of the ``absent`` terms is told as missing from the document, which another check searches for.
    """
    unknown = names.unknown_in(text, basis, headline=headline)
    if not unknown:
        return []
    terms = [fold_text(term) for term in absent]
    missing = {word.casefold() for term in terms for word in WORD.findall(term)}
    # What is searched for as "European Union" may be told as "Europe".
    places = {place.place for term in terms for place in find_places(term)}
    return [
        Finding(
            code="facts.name_unknown",
            severity="error",
            path=path,
            message=f'The name "{name}" stands nowhere in the policy; use the names that the policy uses, or, if the claim says that the policy '
            "does not have it, give it in absent_terms.",
        )
        for name in unknown
        if name.casefold() not in missing and not places & {place.place for place in find_places(name)}
    ]


def bare(word: str) -> str:
    """The word without a possessive ending."""
    return word.removesuffix("'s") if word.endswith("'s") else word.removesuffix("'")


def begins(text: str, position: int) -> bool:
    """Whether what stands here begins a sentence, a clause after a colon or a quotation."""
    return bool(_BEGINS.search(text[max(0, position - 4) : position]))


def _is_always_a_name(word: str) -> bool:
    """Whether a capital says that this is a name even where a sentence begins."""
    return bool(_INNER_CAPITAL.match(word)) or word in _companies_decided_on()


@lru_cache(maxsize=1)
def _companies_decided_on() -> frozenset[str]:
    """The first words of the names of respondents, by which prose calls them."""
    words = (WORD.search(decision.respondent) for decision in load_decisions().decisions)
    return frozenset(word[0] for word in words if word and word[0][0].isupper())


def _has_capitals_throughout(text: str) -> bool:
    """Whether most words have capitals, where a capital says nothing."""
    words = [word for word in WORD.findall(text) if len(word) > 3]
    return len(words) > 3 and sum(word[0].isupper() for word in words) > 0.7 * len(words)


@lru_cache(maxsize=4096)
def legal_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where a text names law, authorities and decisions, a decision with the names of its parties beside the reference."""
    citations = tuple((found.start, found.end) for found in find_citations(text))
    authorities = tuple((found.start, found.end) for found in find_authorities(text))
    decisions = tuple(_with_parties(text, found.start, found.end) for found in find_decisions(text))
    return tuple(dict.fromkeys(citations + authorities + decisions))


def _with_parties(text: str, start: int, end: int) -> tuple[int, int]:
    before = _PARTIES_BEFORE.search(text[max(0, start - _LONGEST_PARTIES) : start])
    after = _PARTIES_AFTER.match(text[end : end + _LONGEST_PARTIES])
    return start - (len(before[0]) if before else 0), end + (len(after[0]) if after else 0)


def within(position: int, spans: Iterable[tuple[int, int]]) -> bool:
    """Whether a place in a text lies in one of the spans."""
    return any(start <= position < end for start, end in spans)
