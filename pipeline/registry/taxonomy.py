"""The taxonomy: kinds of provisions, each with the question it answers, and the rules that give a severity."""

import re
from functools import cached_property, lru_cache
from typing import Literal

from pydantic import field_validator

from pipeline.registry.data_files import read_data
from pipeline.registry.sieve import Sieved
from schemas.base import Value

SeverityLevel = Literal["low", "medium", "high"]


class Category(Value):
    """A kind of provision.

    ``cues`` are patterns of words by which a document shows that it touches the category: whole words, in any case. They are
    chosen to be right when they are found, not to find everything.
    """

    id: str
    title: str
    question: str
    cues: tuple[str, ...]

    @field_validator("cues")
    @classmethod
    def _compiles(cls, cues: tuple[str, ...]) -> tuple[str, ...]:
        for cue in cues:
            re.compile(cue)
        return cues

    @cached_property
    def _pattern(self) -> Sieved:
        # One look behind for all cues: tried at every character for each cue, it would cost more than the cues.
        return Sieved(rf"(?<!\w)(?:{'|'.join(f'(?:{cue})' for cue in self.cues)})(?!\w)", re.IGNORECASE)

    def cue_in(self, passage: str) -> str | None:
        """The words of one passage that show that it touches the category, or None."""
        found = self._pattern.search(passage)
        return None if found is None else found[0]


class SeverityRule(Value):
    """What makes a provision's severity low, medium or high.

    ``control_lowers`` says whether an immediate, complete and reversible control in the product takes one level off.
    """

    id: str
    level: SeverityLevel
    rule: str
    control_lowers: bool


class Taxonomy(Value):
    """Categories and severity rules of one version. ``severity_how`` says how the rules combine."""

    version: str
    categories: tuple[Category, ...]
    severity_rules: tuple[SeverityRule, ...]
    severity_how: str

    @cached_property
    def _by_id(self) -> dict[str, Category]:
        return {category.id: category for category in self.categories}

    def get(self, category_id: str) -> Category | None:
        """The category with this id, or None."""
        return self._by_id.get(category_id)

    def severity_rule(self, rule_id: str) -> SeverityRule | None:
        """The severity rule with this id, or None."""
        return next((rule for rule in self.severity_rules if rule.id == rule_id), None)


@lru_cache(maxsize=1)
def load_taxonomy() -> Taxonomy:
    """The taxonomy in use."""
    return Taxonomy.model_validate(read_data("taxonomy.yaml"))
