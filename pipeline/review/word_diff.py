"""What an editor changed of a text, word by word."""

import re
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel

RunKind = Literal["same", "removed", "inserted"]

# Words and what stands between them. Comparing is quadratic, 64 at a time; a claim has far fewer, and so has the longest comment.
MOST_WORDS = 4000

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
    codes = [(o.tag, o.src_start, o.src_end, o.dest_start, o.dest_end) for o in Indel.opcodes(one, other)]
    for i, j, k, m in _joined(codes, one):
        if one[i:j] == other[k:m]:
            runs.append(Run("same", "".join(one[i:j])))
            continue
        if i < j:
            runs.append(Run("removed", "".join(one[i:j])))
        if k < m:
            runs.append(Run("inserted", "".join(other[k:m])))
    return tuple(runs)


def _joined(codes: list[tuple[str, int, int, int, int]], one: list[str]) -> list[tuple[int, int, int, int]]:
    """Changes with nothing but a space between them are one change: a phrase that was rewritten reads better whole."""
    joined: list[tuple[int, int, int, int]] = []
    changed = False
    for number, (tag, i, j, k, m) in enumerate(codes):
        blank = tag == "equal" and not "".join(one[i:j]).strip() and 0 < number < len(codes) - 1
        changes = blank or tag != "equal"
        if changed and changes:
            first, _, second, _ = joined[-1]
            joined[-1] = (first, j, second, m)
        else:
            joined.append((i, j, k, m))
        changed = changes
    return joined
