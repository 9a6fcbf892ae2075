"""The one normalisation of text before a quote is looked for, with the way back to source offsets.

Folded, in this order, so that what a reader sees as the same text becomes the same characters:

- compatibility forms by Unicode NFKC, a base character together with the marks that follow it, at most thirty at a time as in the
  stream-safe text format of Unicode's annex 15 (putting marks in order takes quadratic time);
- single and double quotation marks of every shape become ``'`` and ``"``;
- hyphens, dashes and the minus sign become ``-``;
- characters without width (soft hyphen, zero-width space and joiners, byte order mark) vanish;
- a run of white space, no-break and thin spaces and line breaks among it, becomes one space; none is left at the ends.

Case, letters, digits and all other punctuation stay: a changed word must not match.
"""

import unicodedata
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from schemas.document import Span

_SINGLE = "‘’‚‛′‵`´ʼ＇‹›"
_DOUBLE = "“”„‟″‶«»＂"
_DASHES = "‐‑‒–—―−﹘﹣－⁃"
_MOST_MARKS = 30
_NO_WIDTH = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u180e"
_SAME = (
    {ord(c): "'" for c in _SINGLE}
    | {ord(c): '"' for c in _DOUBLE}
    | {ord(c): "-" for c in _DASHES}
    | {ord(c): "" for c in _NO_WIDTH}
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text. ``starts[i]`` and ``ends[i]`` bound the source characters behind ``text[i]``."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> Span:
        """The span in the source of the folded characters ``[start, end)``; not empty."""
        return Span(start=self.starts[start], end=self.ends[end - 1])


@lru_cache(maxsize=1024)
def fold(text: str) -> Folded:
    """The folded form of ``text``, with its map back. Linear in the text's length."""
    out: list[str] = []
    # A whole document may be folded, and a list takes ten times as much.
    starts, ends = array("I"), array("I")
    position = 0
    while position < len(text):
        end = position + 1
        while end < len(text) and end - position <= _MOST_MARKS and _joins(text[end]):
            end += 1
        for character in _fold_cluster(text[position:end]):
            if character == " " and (not out or out[-1] == " "):
                if out:
                    ends[-1] = end
                continue
            out.append(character)
            starts.append(position)
            ends.append(end)
        position = end
    if out and out[-1] == " ":
        out.pop(), starts.pop(), ends.pop()
    return Folded("".join(out), starts, ends)


@lru_cache(maxsize=8192)
def fold_text(text: str) -> str:
    """The folded form alone, which is quicker to make than the map: character by character, unless marks are to be put together."""
    if text.isascii():
        return " ".join(text.translate(_SAME).split())
    characters = set(text)
    if any(map(_joins, characters)):
        return fold(text).text
    return " ".join(text.translate({ord(c): _fold_cluster(c) for c in characters}).split())


@lru_cache(maxsize=8)
def fold_lines(text: str) -> tuple[str, ...]:
    """Each line of a whole document folded, without a map, for searching."""
    return tuple(fold_text(line) for line in text.split("\n"))


def _joins(character: str) -> bool:
    """Whether NFKC may compose the character with what stands before it: marks, and the later letters of a Hangul syllable."""
    return not character.isascii() and (
        unicodedata.category(character)[0] == "M" or "\u1160" <= character <= "\u11ff"
    )


def _fold_cluster(cluster: str) -> str:
    if len(cluster) == 1 and " " < cluster < "\x7f" and cluster != "`":
        return cluster
    # The table comes first as well: NFKC turns an acute accent that stands for an apostrophe into space and mark.
    folded = unicodedata.normalize("NFKC", cluster.translate(_SAME)).translate(_SAME)
    return "".join(" " if c.isspace() else c for c in folded)
