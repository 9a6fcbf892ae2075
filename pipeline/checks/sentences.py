"""Sentences of a draft's own prose: most texts are one sentence, and a check that looks at one must not mix two."""

import re
from functools import lru_cache

_END = re.compile(r"(?<!\bArt\.)(?<!\bNo\.)(?<!\bv\.)(?<!\bInc\.)(?<!\bs\.)[.!?](?=[\"”')]?\s+[A-Z\"“(])|;\s")


@lru_cache(maxsize=1024)
def split_sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, a semicolon ending one; nothing of the text is lost."""
    parts: list[str] = []
    start = 0
    for end in _END.finditer(text):
        parts.append(text[start : end.end()])
        start = end.end()
    return (*parts, text[start:])


def clause_at(text: str, start: int, end: int, ends: re.Pattern[str]) -> str:
    """The clause in which ``text[start:end]`` stands, ``ends`` being what parts one clause from the next."""
    begins = 0
    for match in ends.finditer(text):
        if match.start() >= end:
            return text[begins : match.start()]
        if match.end() <= start:
            begins = match.end()
    return text[begins:]
