"""Quotation marks around words that may bring their own: a quote inside a quote stands in single ones."""

_DOUBLE = '"“”„«»'


def marks_around(words: str) -> tuple[str, str]:
    """The marks to open and close with: single ones where the words begin or end with double ones, so that no mark is doubled."""
    return ("‘", "’") if words and (words[0] in _DOUBLE or words[-1] in _DOUBLE) else ("“", "”")


def in_quotes(words: str) -> str:
    """The words between quotation marks."""
    opening, closing = marks_around(words)
    return f"{opening}{words}{closing}"
