"""Lines of a PDF to running text: words that were broken over lines are made whole.

A hyphen at the end of a line was either part of the word or put there to break it. The rest of the document
tells which: the form that it uses elsewhere is the right one.
"""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from pipeline.document.pdf_text import Line

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LONGEST_WORD = 100
_HYPHEN = re.compile(r"[^\W\d_]-$")
# Prefixes whose hyphen belongs to the word, where the document does not tell.
_HYPHENATED = frozenset(
    (
        "case",
        "co",
        "cross",
        "e",
        "long",
        "multi",
        "non",
        "opt",
        "post",
        "pre",
        "self",
        "short",
        "third",
        "well",
    )
)


class Joiner:
    """Joins lines of one document."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._words = Counter(word.lower() for line in lines for word in _WORD.findall(line.text))

    def join(self, lines: list[Line]) -> str:
        text = lines[0].text
        for previous, line in pairwise(lines):
            if previous.broken or _HYPHEN.search(previous.text):
                text = self._mend(text.removesuffix("-"), line.text)
            elif _is_cjk(previous.text[-1]) and _is_cjk(line.text[0]):
                text += line.text
            else:
                text += " " + line.text
        return re.sub(r"\s+", " ", text).strip()

    def _mend(self, head: str, tail: str) -> str:
        first, second = _WORD.findall(head[-_LONGEST_WORD:])[-1:], _WORD.match(tail)
        if not first or not second or not tail[0].islower():
            return f"{head}-{tail}"
        whole, hyphenated = (first[0] + second[0]).lower(), f"{first[0]}-{second[0]}".lower()
        keeps = self._words[hyphenated] > self._words[whole] or (
            not self._words[whole] and first[0].split("-")[-1].lower() in _HYPHENATED
        )
        return f"{head}-{tail}" if keeps else head + tail


def _is_cjk(char: str) -> bool:
    return "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uffef"
