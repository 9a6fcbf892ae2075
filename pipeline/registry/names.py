"""Names in prose: the longest known name at each word, in one pass over the words.

A name is compared word by word, so that quotation marks, apostrophes and hyphens of any shape do not matter. Capitals do, except in
names of three words or more: "Data Act" is a law and "data act" is not, "general data protection regulation" is one either way.
"""

import re
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

_WORD = re.compile(r"\w+")
# What may stand between two words of one name, besides what the name itself has there: a full stop, a comma, a bracket.
_GAP = "\n\t \u00a0\u202f'’ʼ‐‑–/°º&-\"“”«»„"
_MAX_GAP = 4
_INSENSITIVE_FROM = 3
# Words with a capital that may stand before a short name without being a part of it.
_NO_PART_OF_NAME = frozenset(
    {"The", "Under", "In", "By", "Of", "And", "Both", "While", "Although", "If", "Since"}
)


def words_in_small(text: str) -> frozenset[str]:
    """The words of a text in small letters, each once."""
    return _words_of(text)[1]


def find_words(text: str, wanted: Set[str]) -> Iterator[re.Match[str]]:
    """Where the text has one of these words, in small letters as they are given or in others."""
    folded, each_once = _words_of(text)
    if not wanted.isdisjoint(each_once):
        for word, match in zip(folded, _WORD.finditer(text), strict=True):
            if word in wanted:
                yield match


# Several indexes of names, and that of places, are asked about the same text one after another.
@lru_cache(maxsize=1024)
def _words_of(text: str) -> tuple[list[str], frozenset[str]]:
    """The words of a text in small letters, in order and each once."""
    words = _WORD.findall(text.lower()) if text.isascii() else [*map(str.casefold, _WORD.findall(text))]
    return words, frozenset(words)


class FoundName(NamedTuple):
    """A name in a text, at ``[start, end)``, and whose it is."""

    key: str
    start: int
    end: int


class _Name(NamedTuple):
    words: tuple[str, ...]
    folded: tuple[str, ...]
    gaps: tuple[str, ...]
    key: str

    @property
    def is_common(self) -> bool:
        """Two ordinary words with capitals ("Data Act"), which may also be the end of a longer, other name."""
        return len(self.words) == 2 and all(not word.isupper() for word in self.words)


class NameIndex:
    """Finds names, each of which belongs to a key. Where two keys share a name, the first given has it."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        # By the first two words, and those of one word by that: most words of a text begin no name, and few of those that do go on as one.
        self._by_start: dict[str, dict[str, list[_Name]]] = {}
        seen: set[tuple[str, ...]] = set()
        for name, key in names:
            words = list(_WORD.finditer(name))
            exact = tuple(word[0] for word in words)
            if exact in seen:
                continue
            seen.add(exact)
            gaps = [name[a.end() : b.start()] for a, b in pairwise(words)]
            entry = _Name(exact, tuple(w.casefold() for w in exact), tuple(gaps), key)
            second = entry.folded[1] if len(exact) > 1 else ""
            self._by_start.setdefault(entry.folded[0], {}).setdefault(second, []).append(entry)
        for by_second in self._by_start.values():
            for entries in by_second.values():
                entries.sort(key=lambda entry: -len(entry.words))

    def find(self, text: str) -> list[FoundName]:
        """Every name in the text, in order, none within another. Linear in the text's length."""
        folded, each_once = _words_of(text)
        starts = {word for word in self._by_start.keys() & each_once if self._goes_on(word, each_once)}
        if not starts:
            return []
        words: list[re.Match[str]] = []
        found: list[FoundName] = []
        free = 0
        for position, word in enumerate(folded):
            if word not in starts or position < free:
                continue
            by_second = self._by_start[word]
            second = folded[position + 1] if position + 1 < len(folded) else ""
            entries = (*by_second.get(second, ()), *by_second.get("", ()))
            if not entries:
                continue
            words = words or list(_WORD.finditer(text))
            entry = _longest(entries, text, words, position)
            if entry is not None:
                free = position + len(entry.words)
                found.append(FoundName(entry.key, words[position].start(), words[free - 1].end()))
        return found

    def _goes_on(self, first: str, words: frozenset[str]) -> bool:
        """Whether a name that begins so is one word long, or has its second among these."""
        by_second = self._by_start[first].keys()
        return "" in by_second or not by_second.isdisjoint(words)


def _longest(entries: Iterable[_Name], text: str, words: list[re.Match[str]], position: int) -> _Name | None:
    """The first of the entries, of which longer ones stand before shorter, that the text has at this word."""
    for entry in entries:
        run = words[position : position + len(entry.words)]
        if len(run) == len(entry.words) and _agrees(entry, run) and _joined(entry, text, run):
            before = words[position - 1] if position else None
            if not (entry.is_common and before is not None and _is_part(text, before, run[0])):
                return entry
    return None


def _agrees(entry: _Name, run: list[re.Match[str]]) -> bool:
    seen = tuple(word[0] for word in run)
    if seen == entry.words:
        return True
    if len(entry.words) >= _INSENSITIVE_FROM:
        return tuple(word.casefold() for word in seen) == entry.folded
    return len(entry.words) > 1 and seen == tuple(word.upper() for word in entry.words)


def _joined(entry: _Name, text: str, run: list[re.Match[str]]) -> bool:
    for (before, after), own in zip(pairwise(run), entry.gaps, strict=True):
        gap = text[before.end() : after.start()]
        if len(gap) > _MAX_GAP or not set(gap) <= {*_GAP, *own}:
            return False
    return True


def _is_part(text: str, before: re.Match[str], first: re.Match[str]) -> bool:
    """Whether a short name is but the end of a longer one: a word with a capital stands right before it."""
    word = before[0]
    return word[0].isupper() and word not in _NO_PART_OF_NAME and text[before.end() : first.start()] == " "
