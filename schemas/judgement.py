"""Judgement: what the model judge answers.

What a sentence is held against stands before the reason, and the reason before the verdict, so that each follows from what is before it. That a fact, a sentence or an entry exists, a schema cannot
know: ``eval.judges.sheets`` checks it.
"""

from typing import Literal

from pydantic import Field

from schemas.base import Answer

FactVerdict = Literal["states", "contradicts", "omits"]
SentenceFault = Literal[
    "none",
    "polarity",
    "scope",
    "number",
    "basis",
    "article",
    "precedent",
    "name",
    "unsupported",
    "conclusion",
]

_REASON = (
    "One short sentence, at most 25 words: the part that decides and, where it is wrong, what is so instead."
)


class FactJudgement(Answer):
    """What the text does with one fact."""

    fact: str = Field(description="Id of the fact, as it stands before it.")
    reason: str = Field(description=_REASON)
    verdict: FactVerdict
    sentence: int | None = Field(
        description="Number of the sentence relied on: the one that contradicts the fact, or that carries most of it. Null for omits."
    )


class FactJudgements(Answer):
    """One judgement for each fact, in the order of the facts."""

    judgements: list[FactJudgement]


class SentenceJudgement(Answer):
    """Whether one sentence can stand."""

    number: int = Field(description="Number of the sentence, as it stands before it.")
    relies_on: list[str] = Field(
        description="One to four ids, of entries of the findings, passages or decisions: what a wrong sentence goes against, what bears "
        "out a right one. Empty only when nothing is about it."
    )
    reason: str = Field(description=_REASON)
    fault: SentenceFault = Field(description="The gravest fault; none when the sentence can stand.")


class SentenceJudgements(Answer):
    """One judgement for each sentence, in the order of the sentences."""

    judgements: list[SentenceJudgement]
