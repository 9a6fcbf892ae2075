"""What an editor changed of a text, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

RunKind = Literal["same", "removed", "inserted"]

# Comparing is quadratic in the words at worst; a claim has far fewer.
MOST_WORDS = 600

_WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stand in both texts, in the first alone or in the second alone."""

    kind: RunKind
    text: str


def diff_words(before: str, after: str) -> tuple[Run, ...]:
    """The second text as a change of the first. Runs of ``same`` and ``removed`` make the first, ``same`` and ``inserted`` the second.

    Texts too long to compare are told as removed and inserted whole.
    """
    if before == after:
        return (Run("same", before),) if before else ()
    one, other = _WORD.findall(before), _WORD.findall(after)
    if max(len(one), len(other)) > MOST_WORDS:
        return tuple(run for run in (Run("removed", before), Run("inserted", after)) if run.text)
    runs: list[Run] = []
    for _, i, j, k, m in _joined(SequenceMatcher(None, one, other, autojunk=False).get_opcodes(), one):
        if one[i:j] == other[k:m]:
            runs.append(Run("same", "".join(one[i:j])))
            continue
        if i < j:
            runs.append(Run("removed", "".join(one[i:j])))
        if k < m:
            runs.append(Run("inserted", "".join(other[k:m])))
    return tuple(runs)


def _joined(
    codes: list[tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]], one: list[str]
) -> list[tuple[str, int, int, int, int]]:
    """Changes with nothing but a space between them are one change: a phrase that was rewritten reads better whole."""
    joined: list[tuple[str, int, int, int, int]] = []
    for number, (tag, i, j, k, m) in enumerate(codes):
        blank = tag == "equal" and not "".join(one[i:j]).strip() and 0 < number < len(codes) - 1
        kind = "change" if blank or tag != "equal" else "equal"
        if joined and kind == "change" and joined[-1][0] == "change":
            _, first, _, second, _ = joined[-1]
            joined[-1] = (kind, first, j, second, m)
        else:
            joined.append((kind, i, j, k, m))
    return joined
