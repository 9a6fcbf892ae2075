"""Relevance: which clauses that are known of a document a clause is about.

What is known is the gold (statements are right, listed contradictions wrong) and the document's passages. Words weigh by how few known
clauses have them, as in search: "Memory" tells more than "data". How much two clauses are about the same is the share of each one's
weight that the other has. An index from words to clauses keeps the work for a sentence to what shares a word with it.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Literal

from eval.cases import Case
from eval.judges.clauses import Clause, Names, begins_without_subject, read_clauses, rename
from eval.judges.words import content, normalise
from pipeline.checks.folding import fold_text
from pipeline.checks.quantities import Quantity, list_lengths, same_quantity
from schemas.gold import Fact

_TERM = re.compile(r"(?<=[a-z,;] )[A-Z][\w-]+(?: [A-Z][\w-]+)*")
Side = Literal["right", "wrong"]

_CLAIM = 0.65  # weight of what the clause says against what the known one says
_UNKNOWN = 1.8  # weight of a word that nothing known has
_CONTEXT = 0.35  # what a word counts that stands in the sentence, outside the clause


@dataclass(frozen=True, slots=True)
class Unit:
    """A clause known to be right or wrong of the document, with the entry or passage that it comes from.

    ``own`` are the words of a wrong one that the right statement of its entry does not have: what makes it wrong, unless a "not" does.
    ``own_figures`` is whether it has a figure that the right statement does not have. ``alone`` is whether it is the only clause of its sentence.
    ``advice`` is whether it tells what a reader could ask for, which the document need not have.
    """

    entry: str
    side: Side
    clause: Clause
    own: frozenset[str] = frozenset()
    alone: bool = True
    own_figures: bool = False
    advice: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """A known clause near another: the share of the other's weight that it has, and the share of its own that the other has, in both of
    which the sentence around counts a little; ``inside`` and ``repeated`` are the same two without it, ``shared`` is the weight of the
    words that both have.
    """

    unit: Unit
    covers: float
    covered: float
    repeated: float
    inside: float
    shared: float

    @property
    def likeness(self) -> float:
        """How much the two are about the same, from 0 to 1."""
        return _CLAIM * self.covers + (1 - _CLAIM) * self.covered


class Known:
    """What is known of a case's document, as clauses, and how much each word tells."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.names = _names(case)
        self.units = tuple(_units(case, self.names))
        self.actions = frozenset(action.id for action in case.gold.actions)
        self.counts = _list_lengths(case)
        self._terms = _terms(case, self.names)
        self.groups = frozenset(
            word for name in case.gold.names for word in content(normalise(rename(name, self.names)))
        )
        right = [unit for unit in self.units if unit.side == "right"]
        self._total = len(right)
        self._having = Counter(word for unit in right for word in unit.clause.words)
        self._with_word: dict[str, list[int]] = defaultdict(list)
        for n, unit in enumerate(self.units):
            for word in unit.clause.words | unit.clause.about:
                self._with_word[word].append(n)
        self._weights = [self.weigh(unit.clause.words) for unit in self.units]

    @property
    def words(self) -> Set[str]:
        """The words of weight of all that is known to be right."""
        return self._having.keys()

    def weight(self, word: str) -> float:
        """How much a word tells: under 1 for one that every known clause has, about 6 for one that one has; little for one that none has,
        which is another way of saying something more often than another matter.
        """
        if not self._having[word]:
            return _UNKNOWN
        return 0.5 + math.log((self._total + 1) / (self._having[word] + 0.5))

    def weigh(self, words: Iterable[str]) -> float:
        """The weight of all words together."""
        return sum(self.weight(word) for word in words)

    def terms(self, clause: Clause) -> frozenset[str]:
        """The words of weight of a clause that the document writes with a capital within its sentences: what it has defined or named."""
        return clause.words & self._terms

    def near(self, clause: Clause) -> list[Near]:
        """Every known clause that shares a word with the clause."""
        of_mine = self.weigh(clause.words) or 1.0
        covers: dict[int, float] = defaultdict(float)
        covered: dict[int, float] = defaultdict(float)
        shared: dict[int, float] = defaultdict(float)
        for word in clause.words | clause.about:
            weight = self.weight(word)
            inside = word in clause.words
            for n in self._with_word.get(word, ()):
                there = word in self.units[n].clause.words
                if inside:
                    covers[n] += weight if there else _CONTEXT * weight
                if there and inside:
                    shared[n] += weight
                if there:
                    covered[n] += weight if inside else _CONTEXT * weight
        return [
            Near(
                self.units[n],
                covers[n] / of_mine,
                covered[n] / of_its,
                shared[n] / of_its,
                shared[n] / of_mine,
                shared[n],
            )
            for n in covers.keys() | covered.keys()
            if (of_its := self._weights[n] or 1.0)
        ]


def _names(case: Case) -> Names:
    """The gold's names as one word each, without a first part that is a name itself ("Acme Plus" is "Plus"), the company's as none."""
    gold = case.gold
    names = sorted({*gold.names, *gold.names_absent}, key=len, reverse=True)
    company = gold.policy.company
    short: dict[str, str] = {}
    for name in names:
        within = [other for other in gold.names if name.startswith(f"{other} ")]
        rest = name.removeprefix(max(within, key=len)).strip() if within else name
        if " " in name:
            short[name] = rest.replace(" ", "-")
            # "place visits": a name of several words is known without its capitals too.
            short.setdefault(name.lower(), short[name])
    if company:
        short[f"{company}'s"] = short[company] = "it"
    return tuple(sorted(short.items(), key=lambda pair: -len(pair[0])))


def _units(case: Case, names: Names) -> Iterable[Unit]:
    gold = case.gold
    facts: list[Fact] = [*gold.consumer_facts, *gold.legal_facts]
    texts: list[tuple[str, Side, str]] = []
    right: dict[str, frozenset[str]] = {}
    figures: dict[str, list[Quantity]] = defaultdict(list)
    told = [(fact.id, fact.statement, fact.contradictions) for fact in facts]
    told += [(entry.id, entry.statement, entry.contradictions) for entry in gold.carve_outs]
    for entry_id, statement, contradictions in told:
        texts.append((entry_id, "right", statement))
        texts += [(entry_id, "wrong", text) for text in contradictions]
    advice = {(provision.id, provision.what_you_can_do) for provision in gold.provisions}
    for provision in gold.provisions:
        texts += [
            (provision.id, "right", provision.finding),
            (provision.id, "right", provision.what_you_can_do),
        ]
    texts += [(action.id, "right", action.statement) for action in gold.actions]
    texts += [(exposure.id, "right", exposure.why) for exposure in gold.risk.regulatory_exposure]
    texts += [(risk.id, "right", risk.rationale) for risk in gold.risk.material_risks]
    for error in gold.reference_errors:
        texts.append((error.id, "right", error.right_statement))
        if error.type not in ("omitted_must_fact", "wording"):
            texts.append((error.id, "wrong", error.statement))
    passages = {passage.id for passage in case.document.passages}
    texts += [
        (passage.id, "right", text)
        for passage in case.document.passages
        for text in _texts(case.document.text_of(passage), passage.kind)
    ]
    before = ""
    for entry_id, side, text in texts:
        clauses = read_clauses(text, names)
        if entry_id in passages and begins_without_subject(text):
            # "It has no advertising": what "it" is stands in the passage before.
            clauses = (
                read_clauses(f"{before}; {text}", names)[len(read_clauses(before, names)) :]
                if before
                else clauses
            )
        else:
            before = text
        for clause in clauses:
            if side == "right":
                right[entry_id] = right.get(entry_id, frozenset()) | clause.words
                figures[entry_id] += clause.quantities
                yield Unit(entry_id, side, clause, advice=(entry_id, text) in advice)
            else:
                mine = figures[entry_id]
                own = any(not any(same_quantity(one, said) for said in mine) for one in clause.quantities)
                yield Unit(entry_id, side, clause, clause.words - right[entry_id], len(clauses) == 1, own)


def _texts(passage: str, kind: str) -> list[str]:
    """The passage, or for a row each thing that its cells say, with what the row is about."""
    if kind != "row":
        return [passage]
    subject, *cells = passage.split(" | ")
    about = subject.partition(": ")[2] or subject
    return [f"{about}: {part}" for cell in cells for part in cell.split("; ")] or [passage]


def _terms(case: Case, names: Names) -> frozenset[str]:
    found = _TERM.findall(rename(fold_text(case.document.text), names))
    return frozenset(word for words in found for word in content(normalise(words)))


def _list_lengths(case: Case) -> frozenset[int]:
    """How many items the lists of the document have, which a sentence may count."""
    passages = case.document.passages
    inside = (list_lengths(fold_text(case.document.text_of(passage))) for passage in passages)
    return frozenset(Counter(passage.section_id for passage in passages).values()).union(*inside)
