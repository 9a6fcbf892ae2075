"""Claim and the two summaries made of claims."""

from typing import Literal

from pydantic import Field

from schemas.base import Answer

Basis = Literal["stated", "inferred"]


class Evidence(Answer):
    """Words of the policy that carry a claim."""

    passage_id: str = Field(description="Id of the passage, exactly as it stands in square brackets.")
    quote: str = Field(
        description="Words copied from that one passage, character for character, without the id: the shortest run "
        "that carries the claim."
    )


class StatuteCitation(Answer):
    """A provision of law, by registry id and pinpoint."""

    ref: str = Field(
        description="Registry id, and a pinpoint where one is safe: GDPR:6(1)(f), CCPA:1798.121, or a bare id such as NE-NDPA."
    )
    basis: Basis = Field(
        description="stated: the policy itself names this law (and article, if one is given). inferred: our legal mapping."
    )


class Claim(Answer):
    """One sentence of output, with what carries it."""

    text: str = Field(description="One sentence.")
    basis: Basis = Field(
        description="stated: the policy says all of it. inferred: any part of it comes from law or context; the sentence "
        "then says so in words."
    )
    evidence: list[Evidence] = Field(description="Empty only for an absence or a purely legal inference.")
    absent_terms: list[str] = Field(
        description="For what the policy does NOT say: words or short phrases (each of one to six words), one of which would have to "
        "appear if it did say it. Code searches the whole policy for each and rejects the claim if one is found. Otherwise empty."
    )
    statutes: list[StatuteCitation] = Field(
        description="Provisions of law the sentence rests on or engages; may be empty."
    )


ConsumerRole = Literal["what_and_whom", "most_important", "what_you_can_do"]


class ConsumerSentence(Claim):
    """A sentence of the consumer summary."""

    role: ConsumerRole


class ConsumerSummary(Answer):
    """Three sentences for the people whose data it is, in order of role."""

    sentences: list[ConsumerSentence] = Field(
        description="Exactly three: what_and_whom, most_important, what_you_can_do.",
        min_length=3,
        max_length=3,
    )


LegalRole = Literal[
    "instrument",
    "lawful_bases",
    "rights_and_obligations",
    "notable_terms",
    "law_and_authority",
    "considerations",
]


class LegalSentence(Claim):
    """A sentence of the legal summary."""

    role: LegalRole


class LegalSummary(Answer):
    """Five to nine sentences for lawyers; each role at least once, in order."""

    sentences: list[LegalSentence] = Field(description="Five to nine sentences.", min_length=5, max_length=9)
