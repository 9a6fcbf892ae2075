"""Consistency: what two of the three artefacts say about the same words of the policy does not contradict itself.

Only what code can know for sure is told, as a warning: two claims on one passage that differ in nothing but a negation; one period
read from one passage in two ways; a control told in one artefact and denied in another. Which of the two is right, an editor decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from pipeline.checks.claims import walk_claims
from pipeline.checks.folding import fold_text
from pipeline.checks.quantities import Quantity, find_quantities, same_quantity
from pipeline.registry.sieve import Sieved
from schemas.document import Document
from schemas.finding import Finding
from schemas.risk import RiskAssessment
from schemas.summaries import Claim, ConsumerSummary, LegalSummary

# Words that a clause needs before its likeness to another can mean anything.
SHORTEST_CLAUSE = 4

_CLAUSE = re.compile(
    r"[;:.]\s+|\s[-–—]\s|,\s+(?:but|while|whereas|although|and|yet)\s+|\s(?:but|while|whereas|although)\s"
)
_NEGATION = Sieved(r"\b(?:not|never|no|none|nor|neither|without|cannot)\b|n't\b", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Words that carry no fact when two clauses are compared.
_EMPTY = frozenset(
    _WORD.findall(
        "a an the this that these those it its their your you they he she of to in on for by with from as at into and or also any all both each every "
        "is are was were be been being does do did has have had can may will would could must should not no never none nor neither without cannot "
        "say says said state states stated document policy company which who whom whose when where such so than then there here"
    )
)
_THING = r"[^;:.,]{3,80}"
_CONTROL = Sieved(
    r"\b(?:opt\s+out\s+of|opt-out\s+(?:of|from|for)|(?:turn|switch)\s+off|disable|object\s+to|(?:setting|switch|control|toggle)\s+(?:for|to\s+(?:stop|turn\s+off)))\s+"
    rf"(?P<what>{_THING})|\b(?:turn|switch)\s+(?P<between>[^;:.,]{{3,60}}?)\s+off\b|(?P<before>[^;:.,]{{3,60}}?)\s+can\s+be\s+(?:(?:turned|switched)\s+off|disabled)\b",
    re.IGNORECASE,
)
# A denial without a thing ("there is no way to opt out") denies every control.
_NO_CONTROL = Sieved(
    r"\b(?:no|without\s+an?y?)\s+(?:\w+\s+)?(?:setting|switch|control|toggle|opt-out|way|option)\s+"
    rf"(?:(?:is\s+\w+\s+|exists\s+)?(?:for|of)\s+(?P<what>{_THING})|to\s+(?:opt\s+out|turn|switch|stop|object)(?:\s+(?:of|off|to))?(?:\s+(?P<object>{_THING})|\s*(?=[;:.,]|$)))|"
    rf"\bcan(?:not|'t|\s+not)\s+(?:opt\s+out\s+of|turn\s+off|switch\s+off|disable|object\s+to|stop)\s+(?P<stopped>{_THING})|"
    r"\b(?P<before>\w[^;:.,]{2,59}?)\s+can(?:not|'t|\s+not)\s+be\s+(?:(?:turned|switched)\s+off|disabled)\b",
    re.IGNORECASE,
)


_NOT_FOR = re.compile(
    r"\b(?:without|except|but|unless|only|although|not|nor|beyond|other\s+than)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Told:
    """A claim with its path, its artefact's root and the passages it rests on."""

    root: str
    path: str
    claim: Claim
    passages: frozenset[str]


def check_consistency(
    document: Document, consumer: ConsumerSummary, legal: LegalSummary, risk: RiskAssessment
) -> list[Finding]:
    """A warning at the later of two claims, from two artefacts, that contradict one another on the same passage."""
    told = [
        _Told(root, path, claim, frozenset(e.passage_id for e in claim.evidence))
        for root, artefact in (("consumer", consumer), ("legal", legal), ("risk", risk))
        for path, claim in walk_claims(artefact, root)
    ]
    findings: list[Finding] = []
    for first, second in _on_one_passage(told):
        contradiction = (
            _periods(document, first, second)
            or _polarity(first.claim, second.claim)
            or _control(first.claim, second.claim)
            or _control(second.claim, first.claim)
        )
        if contradiction:
            code, message = contradiction
            findings.append(
                Finding(
                    code=code,
                    severity="warning",
                    path=second.path,
                    message=f"{message} ({first.path} against {second.path}); read {_shared(first, second)} and correct the one that is wrong.",
                )
            )
    return findings


def _on_one_passage(told: list[_Told]) -> Iterator[tuple[_Told, _Told]]:
    for first, second in combinations(told, 2):
        if first.root != second.root and first.passages & second.passages:
            yield first, second


def _shared(first: _Told, second: _Told) -> str:
    return ", ".join(sorted(first.passages & second.passages))


def _periods(document: Document, first: _Told, second: _Told) -> tuple[str, str] | None:
    """Two periods for the one period that a shared passage has, where neither claim has it from another passage."""
    for passage_id in sorted(first.passages & second.passages):
        passage = document.find(passage_id)
        said = _periods_of(document.text_of(passage)) if passage else ()
        if len(said) != 1:
            continue
        one, other = _periods_of(first.claim.text), _periods_of(second.claim.text)
        if len(one) != 1 or len(other) != 1 or same_quantity(one[0], other[0]):
            continue
        rest = [
            document.text_of(p)
            for key in (first.passages | second.passages) - {passage_id}
            if (p := document.find(key))
        ]
        if not any(_periods_of(text) for text in rest):
            return (
                "consistency.period",
                f'One passage is told with two periods, "{one[0].words}" and "{other[0].words}"',
            )
    return None


def _periods_of(text: str) -> tuple[Quantity, ...]:
    return tuple(q for q in find_quantities(fold_text(text)) if q.kind == "period")


def _polarity(first: Claim, second: Claim) -> tuple[str, str] | None:
    """Two clauses with the same words of weight, one of them negated."""
    for one in _clauses(first.text):
        for other in _clauses(second.text):
            if one.words == other.words and one.negated != other.negated:
                return "consistency.polarity", f'"{one.text}" and "{other.text}" say opposite things'
    return None


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    words: frozenset[str]
    negated: bool


@lru_cache(maxsize=1024)
def _clauses(text: str) -> tuple[_Clause, ...]:
    parts = [part.strip() for part in _CLAUSE.split(fold_text(text)) if part]
    clauses = [_Clause(part, _words(part), bool(_NEGATION.search(part))) for part in parts]
    return tuple(clause for clause in clauses if len(clause.words) >= SHORTEST_CLAUSE)


def _words(clause: str) -> frozenset[str]:
    return frozenset(_root(word) for word in _WORD.findall(clause.casefold()) if word not in _EMPTY)


@lru_cache(maxsize=8192)
def _root(word: str) -> str:
    return re.sub(r"(?:ies|y)$", "i", re.sub(r"(?:ing|ed|es(?<!ies)|s(?<!es)|e)$", "", word))


def _control(offered: Claim, denied: Claim) -> tuple[str, str] | None:
    """A control that one claim tells of, for the very thing, or more, for which the other says there is none."""
    for denial in _denials(denied.text):
        thing = _thing(denial)
        for offer in _offers(offered.text):
            if thing is None or (_words(thing) and _words(thing) <= _words(_thing(offer) or "")):
                return (
                    "consistency.control",
                    f'One artefact offers a control ("{offer[0].strip()}") that another denies ("{denial[0].strip()}")',
                )
    return None


@lru_cache(maxsize=1024)
def _offers(text: str) -> tuple[re.Match[str], ...]:
    return tuple(match for match in _CONTROL.finditer(fold_text(text)) if not _is_negated(match))


@lru_cache(maxsize=1024)
def _denials(text: str) -> tuple[re.Match[str], ...]:
    return tuple(_NO_CONTROL.finditer(fold_text(text)))


def _thing(match: re.Match[str]) -> str | None:
    """What a control is for, without what it is said not to be for; None when the words do not say."""
    thing = next((group for group in match.groups() if group), None)
    return _NOT_FOR.split(thing)[0] if thing else None


def _is_negated(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 40) : match.start()]
    parts = _CLAUSE.split(before)
    return bool(_NEGATION.search(parts[-1] if parts else before))
