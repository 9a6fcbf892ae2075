"""Keys: the words a text must have to state a fact.

A key is a word or a run of words; case, punctuation, and the shapes of quotes and dashes do not count, so that ``opt-out`` and ``opt
out`` are one key. ``*`` at the end of a word stands for any ending. A group is met by one of its keys, ``Keys`` by all of their groups.
"""

import re
from functools import lru_cache

from pipeline.checks.folding import fold_text
from schemas.gold import Keys

_WORD = re.compile(r"\w+")
_KEY_WORD = re.compile(r"\w+\*?")


@lru_cache(maxsize=4096)
def plain_words(text: str) -> str:
    """The text's words in small letters, one space between them. Linear in the text's length."""
    return " ".join(_WORD.findall(fold_text(text).casefold()))


def has_key(text: str, key: str) -> bool:
    """Whether a text has a key."""
    return meets_group(text, (key,))


def meets_group(text: str, group: tuple[str, ...]) -> bool:
    """Whether a text has one key of a group."""
    return _pattern(group).search(plain_words(text)) is not None


def meets(text: str, keys: Keys) -> bool:
    """Whether a text has one key of every group; a text meets no groups at all in any case."""
    return not missing_groups(text, keys)


def missing_groups(text: str, keys: Keys) -> tuple[tuple[str, ...], ...]:
    """The groups of which a text has no key."""
    return tuple(group for group in keys if not meets_group(text, group))


def plain_key(key: str) -> str:
    """A key in the form in which it is looked for; empty when it has neither letter nor digit."""
    return " ".join(_KEY_WORD.findall(fold_text(key).casefold()))


@lru_cache(maxsize=4096)
def _pattern(group: tuple[str, ...]) -> re.Pattern[str]:
    keys = "|".join(re.escape(plain_key(key)).replace(r"\*", r"\w*") for key in group if plain_key(key))
    # An empty alternative would be found everywhere.
    return re.compile(rf"(?<!\S)(?:{keys})(?!\S)" if keys else r"(?!)")
