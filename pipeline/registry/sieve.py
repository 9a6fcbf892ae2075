"""Patterns that are tried only where they can match: a text without any of the pieces of which each match has one is left alone.

Checks and registries look for some hundreds of patterns in each sentence, and nearly all of them in vain. To see that ``unlawful`` does not
stand in a text takes a fiftieth of the time in which an expression without regard to case is tried at each of its characters. Which
pieces a pattern needs is read from the expression itself, so that the two cannot part; where none are certain it is tried everywhere.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

_MOST_PIECES = 96
_MOST_JOINED = 24  # pieces that come of alternatives in a row ("opt-in", "opt in", "opted in"); of more the longest part counts
_SHORTEST = 2  # letters; what is shorter stands in nearly every text
_LONG_ENOUGH = 6  # letters; a piece of so many is as rare as a longer one
# Words that most policies have in most sentences, and signs.
_COMMON = frozenset(
    ["you", "your", "our", "data", "not", "only", "with", "from", "this", "that", "and", "for", "the", "any", "all", "may", "will", "have"]
)  # fmt: skip
_COMMON_SIGNS = " .,-"
_RARE_SIGN = 3  # letters that a sign outweighs which few texts have ("<", "?")
# Letters beyond ASCII that an expression without regard to case takes for a letter of ASCII.
_ALSO = {"\u0130": "i", "\u0131": "i", "\u017f": "s", "\u212a": "k"}

Pieces = frozenset[str]


class Sieved:
    """An expression with the methods of ``re.Pattern`` that are used here, and with the pieces of which each of its matches has one.

    ``pieces`` is empty when none are known. They are in small letters.
    """

    __slots__ = ("pattern", "pieces", "regex")

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern = pattern
        self.regex = re.compile(pattern, flags)
        self.pieces = tuple(sorted(pieces_of(pattern, flags), key=lambda piece: (len(piece), piece)))

    def may_match(self, text: str) -> bool:
        """Whether the text has one of the pieces; True when none are known."""
        if not self.pieces:
            return True
        small = text.lower() if text.isascii() else in_small(text)
        for piece in self.pieces:  # noqa: SIM110 - a generator takes twice as long, and this is done some thousand times a draft
            if piece in small:
                return True
        return False

    def search(self, text: str, pos: int = 0, endpos: int = sys.maxsize) -> re.Match[str] | None:
        """As ``re.Pattern.search``."""
        return self.regex.search(text, pos, endpos) if self.may_match(text) else None

    def finditer(self, text: str, pos: int = 0, endpos: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """As ``re.Pattern.finditer``."""
        return self.regex.finditer(text, pos, endpos) if self.may_match(text) else iter(())

    def sub(self, instead: str | Callable[[re.Match[str]], str], text: str) -> str:
        """As ``re.Pattern.sub``."""
        return self.regex.sub(instead, text) if self.may_match(text) else text


def pieces_of_any(rows: Iterable[Iterable[Sieved]]) -> tuple[str, ...]:
    """Pieces of which a text has one where all patterns of any one row match it; none when that cannot be told."""
    found: Pieces = frozenset()
    for row in rows:
        best: Pieces | None = None
        for pattern in row:
            best = _better(best, frozenset(pattern.pieces))
        if best is None:
            return ()
        found |= best
    return tuple(sorted(_without_longer(found)))


def in_small(text: str) -> str:
    """The text in small letters, with plain ones for those that an expression without regard to case takes for plain ones."""
    for letter, plain in _ALSO.items():
        if letter in text:
            text = text.replace(letter, plain)
    return text.lower()


def pieces_of(pattern: str, flags: int = 0) -> Pieces:
    """Pieces in small letters of which every match has at least one; none when that cannot be told."""
    try:
        parser: Any = import_module("re._parser")
        found = _Reader(parser).needed(parser.parse(pattern, flags))
    except (ImportError, AttributeError, LookupError, TypeError, ValueError):
        # The parser of ``re`` is its own affair: when it is another one day, nothing is left out and all takes longer.
        return frozenset()
    return found or frozenset()


class _Reader:
    """Reads what an expression needs from its parsed form: a list of (operation, argument)."""

    def __init__(self, parser: Any) -> None:
        self._repeats = {parser.MAX_REPEAT, parser.MIN_REPEAT, parser.POSSESSIVE_REPEAT}
        self._nothing_taken = {parser.AT, parser.ASSERT, parser.ASSERT_NOT}
        self._p = parser

    def needed(self, parts: Iterable[tuple[Any, Any]]) -> Pieces | None:
        """The best pieces of which a match of these parts in a row has one."""
        best: Pieces | None = None
        run: Pieces = frozenset({""})
        for operation, argument in parts:
            exact = self._exact(operation, argument)
            if exact is not None and len(run) * len(exact) <= _MOST_JOINED:
                run = frozenset(a + b for a in run for b in exact)
                continue
            best = _better(best, run)
            if exact is None:
                best = _better(best, self._within(operation, argument))
                run = frozenset({""})
            else:
                run = exact
        return _better(best, run)

    def _within(self, operation: Any, argument: Any) -> Pieces | None:
        if operation is self._p.SUBPATTERN:
            return self.needed(argument[3])
        if operation in self._repeats and argument[0] > 0:
            return self.needed(argument[2])
        if operation is self._p.BRANCH:
            either: set[str] = set()
            for branch in argument[1]:
                needed = self.needed(branch)
                if needed is None:
                    return None
                either |= needed
            return frozenset(either) if len(either) <= _MOST_PIECES else None
        return None

    def _exact(self, operation: Any, argument: Any) -> Pieces | None:
        """Everything that an operation can match, in small letters, where that is little."""
        if operation in self._nothing_taken:
            return frozenset({""})
        if operation is self._p.LITERAL:
            return self._one_of([(operation, argument)])
        if operation is self._p.IN:
            return self._one_of(argument)
        if operation is self._p.SUBPATTERN:
            return self._row(argument[3])
        if operation in self._repeats and argument[1] == 1:
            once = self._row(argument[2])
            return None if once is None else once | {""} if argument[0] == 0 else once
        if operation is self._p.BRANCH:
            rows = [self._row(branch) for branch in argument[1]]
            found = frozenset().union(*(row for row in rows if row is not None))
            return None if None in rows or len(found) > _MOST_PIECES else found
        return None

    def _row(self, parts: Iterable[tuple[Any, Any]]) -> Pieces | None:
        """Everything that these parts in a row can match, where that is little."""
        run: Pieces = frozenset({""})
        for operation, argument in parts:
            exact = self._exact(operation, argument)
            if exact is None or len(run) * len(exact) > _MOST_PIECES:
                return None
            run = frozenset(a + b for a in run for b in exact)
        return run

    def _one_of(self, characters: Iterable[tuple[Any, Any]]) -> Pieces | None:
        found: set[str] = set()
        for operation, argument in characters:
            if operation is not self._p.LITERAL:
                return None
            character = chr(argument)
            if not character.isascii() and (character.lower() != character or character.upper() != character):
                return None  # which letters it is taken for without regard to case is known of ASCII alone
            found.add(character.lower())
        return frozenset(found)


def _better(one: Pieces | None, other: Pieces | None) -> Pieces | None:
    """Of two sets the one whose shortest piece is longer; of equal ones the smaller. None for one that would sift nothing out."""
    if not other or len(other) > _MOST_PIECES or min(map(_weight, other)) < _SHORTEST:
        return one
    if one is None or _rank(other) > _rank(one):
        return _without_longer(other)
    return one


def _rank(pieces: Pieces) -> tuple[int, int]:
    return min(_LONG_ENOUGH, *map(_weight, pieces)), -len(pieces)


def _weight(piece: str) -> int:
    if piece in _COMMON:
        return _SHORTEST
    return sum(1 if character.isalnum() or character in _COMMON_SIGNS else _RARE_SIGN for character in piece)


def _without_longer(pieces: Pieces) -> Pieces:
    """The pieces of which none holds another: where "policies" stands, "polic" does."""
    return frozenset(
        piece for piece in pieces if not any(other != piece and other in piece for other in pieces)
    )
