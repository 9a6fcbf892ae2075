"""Blanks: what only a person can write into a gold file, marked so plainly that lint refuses the file until it is done.

A blank is a text that begins with ``FILL IN`` and says what is wanted. It stands where the answer will stand, so that no place can be
forgotten: a file with blanks is not gold.
"""

from collections.abc import Iterator
from typing import Any

from eval.gold_file import Place, Problem

_MARK = "FILL IN"


def blank(wanted: str) -> str:
    """The text of a blank that asks for ``wanted``."""
    return f"{_MARK}: {wanted}"


def find_blanks(data: Any, place: Place = ()) -> Iterator[Problem]:
    """Every blank that is left in the data of a gold file, with what it asks for."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from find_blanks(value, (*place, str(key)))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from find_blanks(value, (*place, index))
    elif isinstance(data, str) and data.startswith(_MARK):
        wanted = data.removeprefix(_MARK).lstrip(": ").rstrip(".") or "what belongs here"
        yield Problem(place, f"fill this in: {wanted}.")


def without_echoes(problems: list[Problem], blanks: list[Problem]) -> list[Problem]:
    """The problems that are not the schema's or the references' words for a blank, which tells better what is wanted."""
    told: set[Place] = set()
    for place, _ in blanks:
        told.add(place)
        # What is said of a list as a whole, or of a group of keys, is said of the blank in it.
        told |= {place[:end] for end in range(1, len(place)) if isinstance(place[end - 1], str)}
        if isinstance(place[-1], int):
            told.add(place[:-1])
    return [problem for problem in problems if problem.place not in told]
