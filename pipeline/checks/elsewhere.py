"""Names that stand elsewhere: a place, authority, plan or proper name of a stated claim stands in what the claim quotes.

That the policy has a name says nothing about this claim: "Residents of Vermont" is wrong where the passage quoted speaks of Oregon. Asked for
are places, authorities, plans and names of others: names of several words that the policy never writes in small letters and has in one
or two passages. An address is often cut into short lines, and any of them carries the places of the others. Not asked for are names that
run through the policy (the company, its products, defined terms), for a passage may mean them without naming them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache

from pipeline.checks.folding import fold_text
from pipeline.checks.messages import error
from pipeline.checks.names import PLAIN, PLAN_NAMES, PLANS, WORD, bare, begins, legal_spans, within
from pipeline.checks.once import passages_of
from pipeline.checks.places import carries_place, find_places, places_meant
from pipeline.checks.support import Support
from pipeline.registry.citations import find_authorities
from schemas.document import Document, Passage
from schemas.finding import Finding
from schemas.summaries import Claim

FEWEST_SECTIONS = 3  # in which a name stands that runs through a policy
SHARE_OF_SECTIONS = 0.25  # the same, of all that have a passage
FEWEST_OWN_WORDS = 2  # that a name of another has and nothing else in the policy
MOST_PASSAGES = 2  # that have the name of another; what more of them have is a term of the policy
LONGEST_LINE = 60  # characters of a line of an address
MOST_LINES = 12  # of an address
_SENTENCE_ENDS = re.compile(r"(?<!\bInc)(?<!\bLtd)(?<!\bLLC)(?<!\b[A-Z])[.:;!?]$")
_RUN = re.compile(r"[A-Z][\w&'-]*(?:\s(?:of\s(?:the\s)?|&\s)?[A-Z][\w&'-]*)+")


# Passages, each with what it and the heading of its section have of one kind.
_Held = tuple[tuple[Passage, frozenset[str]], ...]


class Elsewhere:
    """Which names stand where in a document."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def check(self, path: str, claim: Claim, support: Support) -> list[Finding]:
        """A finding for each name of a stated claim that its support lacks and another passage has."""
        text = fold_text(claim.text)
        if claim.basis != "stated" or not support.passages or not self._document.language.startswith("en"):
            return []
        absent = {word.casefold() for term in claim.absent_terms for word in WORD.findall(fold_text(term))}
        return [
            error(
                "facts.name_elsewhere",
                f"{path}.text",
                f'"{words}" stands in none of the passages that this claim quotes, nor above them; {holder} has it: cite that passage too if '
                "it carries the claim, or correct the name.",
            )
            for words, holder in self._missing(text, support, claim)
            if not {word.casefold() for word in WORD.findall(words)} <= absent
        ]

    def _missing(self, text: str, support: Support, claim: Claim) -> Iterator[tuple[str, str]]:
        """The names that the support does not have, each with the first passage that does."""
        told: set[str] = set()
        apart = legal_spans(text)
        places = [place for place in find_places(text) if not within(place.start, apart)]
        said: frozenset[str] = frozenset()
        if places:
            said = said.union(*(places_meant(w) for w in (*support.texts, *self._lines_beside(claim))))
        for place in places:
            holders = _holders(self._places, place.place)
            if place.place not in told and not carries_place(said, place.place) and self._are_few(holders):
                told.add(place.place)
                yield place.words, holders[0].id
        authorities = find_authorities(text)
        texts = support.texts if authorities else ()
        named = {found.authority_id for words in texts for found in find_authorities(words)}
        for authority in authorities:
            holders = _holders(self._authorities, authority.authority_id)
            if not {authority.authority_id} & (named | told) and self._are_few(holders):
                told.add(authority.authority_id)
                yield authority.words, holders[0].id
        apart += tuple((place.start, place.end) for place in places)
        others, plans = [*self._names_of_others(text, apart)], [*_plans(text)]
        carried = _words_of(support.texts if others or plans else ())
        for words, own in others:
            holders = [passage for passage, had in self._words if own <= had]
            short = "".join(word[0] for word in words.split())
            if words in told or own <= carried or short.casefold() in carried:
                continue
            if 0 < len(holders) <= MOST_PASSAGES and self._are_few(holders):
                told.add(words)
                yield words, holders[0].id
        for word in plans:
            plain = word.casefold()
            holders = _holders(self._words, plain)
            # A word that the policy also writes in small letters is not surely a plan.
            if word not in told and plain not in carried | self._common and self._are_few(holders):
                told.add(word)
                yield word, holders[0].id

    def _lines_beside(self, claim: Claim) -> tuple[str, ...]:
        """The other lines of the addresses that the claim quotes from."""
        quoted = {evidence.passage_id for evidence in claim.evidence}
        return tuple(
            words for address in self._addresses if quoted & address.keys() for words in address.values()
        )

    @cached_property
    def _addresses(self) -> tuple[dict[str, str], ...]:
        """Runs of short lines of one section that are no sentences and have a number among them, with the id of each."""
        runs: list[dict[str, str]] = []
        section = None
        for passage, text in passages_of(self._document):
            if len(text) > LONGEST_LINE or _SENTENCE_ENDS.search(text) or passage.kind == "row":
                section = None
                continue
            if section != passage.section_id:
                runs.append({})
                section = passage.section_id
            runs[-1][passage.id] = text
        return tuple(
            run for run in runs if 1 < len(run) <= MOST_LINES and re.search(r"\d", " ".join(run.values()))
        )

    def _names_of_others(
        self, text: str, apart: tuple[tuple[int, int], ...]
    ) -> Iterator[tuple[str, frozenset[str]]]:
        """Names of several words, each with those words of it, in small letters, that the document writes in no other way."""
        for match in _RUN.finditer(text):
            words = match[0].split()
            at = match.start()
            if begins(text, at) and self._is_common(words[0]):
                at += len(words[0]) + 1
                words = words[1:]
            if len(words) < 2 or within(at, apart) or within(match.end() - 1, apart):
                continue
            own = frozenset(bare(word).casefold() for word in words if not self._is_common(word))
            if len(own) >= FEWEST_OWN_WORDS:
                yield " ".join(words), own

    def _is_common(self, word: str) -> bool:
        plain = bare(word).casefold()
        return bool(
            plain in PLAIN or {plain, plain.removesuffix("s"), plain + "s"} & self._common or len(plain) < 2
        )

    def _are_few(self, holders: list[Passage]) -> bool:
        """Whether there are passages that have a name, and too few for it to run through the document."""
        sections = {passage.section_id for passage in holders}
        return bool(holders) and len(sections) < max(FEWEST_SECTIONS, SHARE_OF_SECTIONS * self._sections)

    @cached_property
    def _below_heading(self) -> tuple[tuple[Passage, str], ...]:
        """The passages, each with its text below the heading of its section."""
        headings = {section.id: section.title for section in self._document.sections}
        return tuple(
            (p, fold_text(f"{headings.get(p.section_id, '')}\n{self._document.text_of(p)}"))
            for p in self._document.passages
        )

    @cached_property
    def _words(self) -> _Held:
        return tuple((passage, _words_of((text,))) for passage, text in self._below_heading)

    @cached_property
    def _places(self) -> _Held:
        return tuple((passage, places_meant(text)) for passage, text in self._below_heading)

    @cached_property
    def _authorities(self) -> _Held:
        return tuple(
            (passage, frozenset(found.authority_id for found in find_authorities(text)))
            for passage, text in self._below_heading
        )

    @cached_property
    def _sections(self) -> int:
        return len({passage.section_id for passage in self._document.passages})

    @cached_property
    def _common(self) -> frozenset[str]:
        """Words that the document writes in small letters, and those of its title and company."""
        written = Counter(WORD.findall(fold_text(self._document.text)))
        own = fold_text(f"{self._document.title or ''} {self._document.company or ''}")
        return frozenset(bare(word) for word in written if word[0].islower()) | _words_of((own,))


def _holders(held: _Held, name: str) -> list[Passage]:
    return [passage for passage, names in held if name in names]


def _plans(text: str) -> Iterator[str]:
    """The plans that a text names."""
    for match in PLANS.finditer(text):
        yield from (w for w in WORD.findall(match[0]) if w[0].isupper() and w.casefold() in PLAN_NAMES)


def _words_of(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(_plain(word) for text in texts for word in WORD.findall(text))


@lru_cache(maxsize=16384)
def _plain(word: str) -> str:
    """A word in small letters; one string for all the passages that have it."""
    return bare(word).casefold()
