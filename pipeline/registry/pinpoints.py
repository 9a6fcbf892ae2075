"""References in the registry's own grammar, ``ID:number(paragraph)(point)``, and the numbers that a law has.

``GDPR:6(1)(f)``, ``CCPA:1798.121``, ``BIPA:14/15(b)``, ``GDPR:recital 47``, ``AIA:Annex III``, or a bare ``NE-NDPA``.
"""

import re
from functools import cached_property
from typing import Literal, NamedTuple

from pydantic import model_validator

from schemas.base import Value

Verification = Literal["text", "secondary", "memory", "conflict"]

_REF = re.compile(r"([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*)(?::(.+))?")
_PIN = re.compile(r"((?:recital |Annex |Schedule )?[0-9A-Za-z][0-9A-Za-z.:/-]*)((?:\([0-9A-Za-z.-]{1,6}\))*)")
_GROUP = re.compile(r"\(([^)]*)\)")
_TAIL = re.compile(r"(.*?)([0-9]+)")
MAX_REF = 80  # characters; the longest of the registry has under thirty


class Ref(NamedTuple):
    """A reference taken apart: ``GDPR:6(1)(f)`` is ``("GDPR", "6", ("1", "f"))``; a bare id has an empty number."""

    instrument_id: str
    number: str
    groups: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.instrument_id}:{self.pin}" if self.number else self.instrument_id

    @property
    def pin(self) -> str:
        """The pinpoint without the instrument: ``6(1)(f)``."""
        return self.number + "".join(f"({group})" for group in self.groups)


def parse_ref(text: str) -> Ref | None:
    """The parts of a reference, or None when it does not follow the grammar."""
    found = _REF.fullmatch(text) if len(text) <= MAX_REF else None
    if found is None:
        return None
    instrument_id, pin = found.groups()
    if pin is None:
        return Ref(instrument_id, "", ())
    inner = _PIN.fullmatch(pin)
    if inner is None:
        return None
    return Ref(instrument_id, inner[1], tuple(_GROUP.findall(inner[2])))


def lies_within(ref: str, wider: str) -> bool:
    """Whether ``ref`` is ``wider`` or a part of it: ``GDPR:6(1)(f)`` lies within ``GDPR:6(1)`` and ``GDPR``."""
    return ref == wider or ref.startswith((wider + "(", wider + ":"))


class Numbers(Value):
    """A run of provision numbers: ``first`` to ``last`` by ``step``, or ``only`` those listed.

    Numbers of a run differ in their last digits alone (``6-1-1301`` to ``6-1-1313``). ``inserted`` is a pattern of what an
    amendment may have put behind a number (``[A-Z]`` for 22A). ``form`` is how such a number is written for people,
    with ``{}`` for the pinpoint. ``codes`` are the names of the code in which it stands ("Cal. Civ. Code").
    ``warning`` tells what is doubtful about every number of this run.
    """

    first: str | None = None
    last: str | None = None
    step: int = 1
    only: tuple[str, ...] = ()
    inserted: str | None = None
    verification: Verification | None = None
    form: str | None = None
    codes: tuple[str, ...] = ()
    warning: str | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "Numbers":
        if (self.first is None) == (not self.only):
            raise ValueError("give either first (and last) or only")
        if self.last is not None and _split(self.first or "")[0] != _split(self.last)[0]:
            raise ValueError(f"{self.first} and {self.last} differ in more than their last digits")
        if self.inserted is not None:
            re.compile(self.inserted)
        return self

    @cached_property
    def _ends(self) -> tuple[str, int, int, int]:
        prefix, first, width = _split(self.first or "")
        return prefix, first, _split(self.last or self.first or "")[1], width

    @cached_property
    def _inserted(self) -> re.Pattern[str] | None:
        return None if self.inserted is None else re.compile(rf"(.*?[0-9])(?:{self.inserted})")

    def has(self, number: str) -> bool:
        """Whether the law has this number, as far as this run goes."""
        if self._lists(number):
            return True
        base = None if self._inserted is None else self._inserted.fullmatch(number)
        return base is not None and self._lists(base[1])

    def is_alike(self, number: str) -> bool:
        """Whether the number has the shape of this run's numbers, wherever the run ends."""
        base = None if self._inserted is None else self._inserted.fullmatch(number)
        shapes = {_split(n)[0] for n in self.only} if self.only else {self._ends[0]}
        return _split(number)[0] in shapes or (base is not None and _split(base[1])[0] in shapes)

    def told(self) -> str:
        """The run in words."""
        if self.only:
            return ", ".join(self.only) if len(self.only) <= 6 else f"{self.only[0]} … {self.only[-1]}"
        return f"{self.first} to {self.last}" if self.last else str(self.first)

    def _lists(self, number: str) -> bool:
        if self.only or number == self.first:
            return number in self.only or number == self.first
        prefix, value, width = _split(number)
        start, first, last, padded = self._ends
        fits = prefix == start and first <= value <= last and (value - first) % self.step == 0
        return fits and width == (
            max(padded, len(str(value))) if padded > len(str(first)) else len(str(value))
        )


def _split(number: str) -> tuple[str, int, int]:
    """The number before its last digits, those digits as a number, and how many they are; without any, (number, -1, 0)."""
    found = _TAIL.fullmatch(number) if len(number) <= MAX_REF else None
    return (number, -1, 0) if found is None else (found[1], int(found[2]), len(found[2]))
