"""The registry of decisions and guidance: what was decided, on what, and whether it still stands.

A decision that was annulled, suspended, appealed, settled, is pending, or is guidance or a mere complaint must never be told without
saying so: every entry has a ``status_note`` for that, of one sentence. What must not be said at all stands in ``do_not_cite``.
"""

import datetime
import re
from functools import cached_property, lru_cache
from typing import Literal

from pydantic import Field, field_validator

from pipeline.registry.data_files import read_data
from pipeline.registry.names import NameIndex
from pipeline.registry.sieve import Sieved, in_small, pieces_of_any
from schemas.base import Value

Status = Literal[
    "in_force",
    "final",
    "under_appeal",
    "suspended",
    "annulled",
    "settled",
    "pending",
    "soft_law",
    "complaint_only",
    "superseded",
]


class Decision(Value):
    """A decision, judgment, guidance or complaint.

    ``date`` is a day, a month or a year, as far as it is known. ``provisions`` are references of the registry of law. ``outcome`` and
    ``status_note`` are whole sentences. ``fine`` is the amount with its currency. ``verification`` is ``confirmed`` (the main terms
    were found in an official page or several independent sources), ``partly`` or ``memory``; ``not_verified`` says what was not
    found. ``do_not_cite`` lists what must not be made of the entry. ``names`` are what prose calls it.
    """

    id: str
    authority: str
    respondent: str
    date: str = Field(pattern=r"^\d{4}(-\d{2}){0,2}$")
    reference: str
    provisions: tuple[str, ...]
    outcome: str
    fine: str | None = None
    status: Status
    status_note: str
    citable_as: Literal["precedent", "guidance", "context", "allegation"]
    verification: Literal["confirmed", "partly", "memory"]
    not_verified: str | None = None
    do_not_cite: tuple[str, ...] = ()
    names: tuple[str, ...]
    sources: tuple[str, ...]
    checked_at: datetime.date


class Forbidden(Value):
    """A statement about decisions that must not be made. It is met where every pattern of ``words`` and none of ``unless`` is."""

    id: str
    statement: str
    reason: str
    words: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    @field_validator("words", "unless")
    @classmethod
    def _compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            re.compile(pattern)
        return patterns

    @cached_property
    def patterns(self) -> tuple[tuple[Sieved, ...], tuple[Sieved, ...]]:
        """``words`` and ``unless``."""
        return tuple(map(Sieved, self.words)), tuple(map(Sieved, self.unless))

    def is_made_by(self, sentence: str) -> bool:
        """Whether a sentence makes the statement. Entries without words are for people to mind."""
        words, unless = self.patterns
        return (
            bool(words)
            and all(pattern.search(sentence) for pattern in words)
            and not any(pattern.search(sentence) for pattern in unless)
        )


class FoundDecision(Value):
    """A decision named in a text at ``[start, end)``; ``decision_id`` is None when the registry has no such reference."""

    decision_id: str | None
    start: int
    end: int
    words: str


class Decisions(Value):
    """All decisions; what must not be said; and the formats of references that authorities and courts use."""

    decisions: tuple[Decision, ...]
    do_not_cite: tuple[Forbidden, ...]
    reference_formats: tuple[str, ...]

    @cached_property
    def _by_id(self) -> dict[str, Decision]:
        return {decision.id: decision for decision in self.decisions}

    def get(self, decision_id: str) -> Decision | None:
        """The decision with this id, or None."""
        return self._by_id.get(decision_id)

    @cached_property
    def index(self) -> NameIndex:
        """Finds the decisions' names."""
        return NameIndex((name, decision.id) for decision in self.decisions for name in decision.names)

    @cached_property
    def formats(self) -> Sieved:
        """Any reference of a known format."""
        return Sieved("|".join(f"(?:{pattern})" for pattern in self.reference_formats))


@lru_cache(maxsize=1)
def load_decisions() -> Decisions:
    """The registry of decisions."""
    data = read_data("decisions.yaml")
    head = data.pop("all")
    data["decisions"] = [{**head, **entry} for entry in data["decisions"]]
    return Decisions.model_validate(data)


@lru_cache(maxsize=2048)
def find_decisions(text: str) -> tuple[FoundDecision, ...]:
    """Decisions that a text names, by a name of the registry or by a reference of a known format, in order of place."""
    registry = load_decisions()
    named = [(f.start, f.end, f.key) for f in registry.index.find(text)]
    found: list[tuple[int, int, str | None]] = [*named]
    for match in registry.formats.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end, _ in named):
            found.append((match.start(), match.end(), None))
    found.sort(key=lambda place: place[:2])
    return tuple(
        FoundDecision(decision_id=key, start=start, end=end, words=text[start:end])
        for start, end, key in found
    )


def forbidden_statements(sentence: str) -> tuple[Forbidden, ...]:
    """What a sentence says of decisions that must not be said."""
    pieces, small = _pieces(), in_small(sentence)
    if pieces and not any(piece in small for piece in pieces):
        return ()
    return tuple(entry for entry in load_decisions().do_not_cite if entry.is_made_by(sentence))


@lru_cache(maxsize=1)
def _pieces() -> tuple[str, ...]:
    """What a sentence has one of that makes any of the forbidden statements."""
    return pieces_of_any(entry.patterns[0] for entry in load_decisions().do_not_cite if entry.words)
