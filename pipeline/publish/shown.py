"""Text that is safe to show: one line, without characters that steer a terminal or reorder a line."""

import unicodedata

_REPLACED = "\N{REPLACEMENT CHARACTER}"
# Bidirectional embeddings, overrides and isolates let a line read differently from its characters; marks
# (U+200E, U+200F) only settle neutral characters and stay.
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TAGS = range(0xE0000, 0xE0080)


def shown(text: str) -> str:
    """The text with every line break, tab and unusual space as one space, and every control character as U+FFFD.

    One character in, one character out: spans into the text stay right.
    """
    # Printable characters are none of those, and most texts hold no others.
    return text if text.isprintable() else "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character.isspace():
        return character if character == "\N{NO-BREAK SPACE}" else " "
    if character in _REORDERING or ord(character) in _TAGS:
        return _REPLACED
    return _REPLACED if unicodedata.category(character) in ("Cc", "Cs") else character
