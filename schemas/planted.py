"""Planted sentences: wrong and right ones, written to find out how well judges tell them apart.

Written by people in YAML (``eval/planted/README.md`` says how), so that a mistyped key must not pass: everything is strict. What a
schema cannot know (whether the policy and its gold entries exist) ``eval.plants`` checks.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.base import Value
from schemas.gold import EntryId, ErrorType, Text

PLANT_ID = r"^PS-[0-9]{3,4}$"

PlantId = Annotated[str, StringConstraints(pattern=PLANT_ID)]
# A round of writing: the sentences that were written together, by people who had seen no judge tried on them.
Round = Annotated[int, Field(strict=True, ge=1)]
PlantedArtefact = Literal["consumer", "legal", "risk"]
Difficulty = Literal["easy", "medium", "hard"]
Trap = Literal[
    "negation",
    "double_negation",
    "labelled_inference",
    "true_absolute",
    "absence",
    "other_row",
    "famous_fine",
    "not_excluded",
    "opt_out_phrasing",
    "nested_exception",
    "legal_words",
    "denied_error",
    "whole_text",
]


class Planted(Value):
    """A sentence as a writer of summaries or risk texts would write it, and whether it is wrong about its policy.

    ``policy`` is the stem of the policy and of its gold. ``facts`` are ids of gold entries: for a wrong sentence those that it violates
    (for a text that omits, those that it lacks), for a right one those that support it; empty where the gold has no entry on the matter.
    A wrong sentence has an ``error_type``, a right one a ``trap``: what makes it look wrong. ``difficulty``: ``easy`` is a direct
    flip (or a plainly right sentence), ``medium`` is paraphrased, ``hard`` turns on one detail of a fluent sentence. ``why`` says, from
    the policy, why the sentence is wrong or right.
    """

    id: PlantId
    policy: Text
    artefact: PlantedArtefact
    wrong: bool
    error_type: ErrorType | None = None
    trap: Trap | None = None
    difficulty: Difficulty
    facts: tuple[EntryId, ...]
    text: Text
    why: Text

    @property
    def is_whole_text(self) -> bool:
        """Whether the text is a whole summary, to be judged alone, and not a sentence to be put among others."""
        return self.error_type == "omitted_must_fact" or self.trap == "whole_text"

    @model_validator(mode="after")
    def _told_by_what_it_is(self) -> Self:
        if self.wrong and (self.error_type is None or self.trap is not None):
            raise ValueError("a wrong sentence has an error_type and no trap")
        if not self.wrong and (self.trap is None or self.error_type is not None):
            raise ValueError("a right sentence has a trap and no error_type")
        if self.error_type == "wording":
            raise ValueError("wording alone makes no sentence wrong; choose another error_type")
        if self.is_whole_text and self.artefact == "risk":
            raise ValueError("whole texts are consumer or legal summaries")
        if self.is_whole_text and not self.facts:
            raise ValueError("a whole text names the facts that it lacks or holds")
        return self


class PlantedFile(Value):
    """The planted sentences of one round, in ``round-N.yaml``. Who may read them is no property of the round: ``eval.selftest_bars``."""

    schema_version: Literal["1.0"]
    round: Round
    sentences: Annotated[tuple[Planted, ...], Field(min_length=1)]
