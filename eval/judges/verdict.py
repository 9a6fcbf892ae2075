"""Verdicts on facts, flags on sentences, and what a judge is.

Two questions are asked of a judge. ``judge``: does this text state, contradict or omit that fact? ``weigh``: what is wrong with this one
sentence, measured against all that is known of its document? The first scores drafts; the second tells whether a planted error is seen.
A judge answers both from the sentences and the case alone, and the same way each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from eval.cases import Case
from schemas.gold import Fact

Answer = Literal["states", "contradicts", "omits"]
Fault = Literal[
    "polarity",  # the opposite of what the document says
    "scope",  # right rule, wrong people, product, data or condition
    "number",
    "basis",
    "article",
    "precedent",
    "name",
    "unsupported",
    "conclusion",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a text does with one fact. ``sentence`` is the index of the sentence relied on; none for a fact that is omitted."""

    verdict: Answer
    sentence: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Something wrong with a sentence: the kind of fault, one sentence that says what, and ids of the gold's entries it goes against."""

    fault: Fault
    message: str
    entries: tuple[str, ...] = ()


class Judge(Protocol):
    """Weighs texts against the gold of a case."""

    name: str

    def judge(self, fact: Fact, sentences: Sequence[str], case: Case) -> Verdict:
        """Whether the sentences, read as one text, state, contradict or omit the fact. One sentence that contradicts it outweighs others."""
        ...

    def weigh(self, sentence: str, case: Case) -> tuple[Flag, ...]:
        """What is wrong with one sentence; nothing when it can stand."""
        ...
