"""The language of a document: by its script, by what its page declares, by detection; as a BCP 47 primary tag."""

import re
from collections.abc import Sequence

_SAMPLE = 4_000
_FEWEST_LETTERS = 20
# Below this many letters a declaration is better evidence than detection.
_DOUBTFUL = 200
# Of the words of English policies 15 to 22 in a hundred are these; in no other language are they more than a few.
_ENGLISH = frozenset({
    "the", "and", "your", "you", "our", "with", "that", "this", "which", "when", "may", "will", "from", "have", "are", "these", "their",
    "such", "other", "about",
})  # fmt: skip
_ENGLISH_SHARE, _ENGLISH_KINDS, _ENGLISH_WORDS = 0.13, 5, 50
_WORD = re.compile(r"[^\W\d_]+")
_TAG = re.compile(r"([a-z]{2,3})(?:[-_]|$)", re.IGNORECASE)
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)


def find_language(lines: Sequence[str], declared: str | None) -> str:
    """The primary tag of the language of ``lines``, or ``und``. ``declared`` is the page's own, a hint that is often wrong."""
    sample = _take_sample(lines)
    letters = sum(1 for char in sample if char.isalpha())
    tag = _TAG.match((declared or "").strip())
    hint = tag[1].lower() if tag else None
    if letters < _FEWEST_LETTERS:
        return hint or "und"
    for language, script in _SCRIPTS:
        # Chinese and Japanese policies name products in Latin letters, and kana are a third of Japanese.
        if len(script.findall(sample)) > letters * 0.15:
            return language
    if hint and letters < _DOUBTFUL:
        return hint
    if _is_english(sample):
        return "en"
    # Loads a model of languages, which takes half a second and keeps 70 MB.
    import py3langid

    return str(py3langid.classify(sample)[0])


def _is_english(sample: str) -> bool:
    """Whether a sample is English beyond doubt: it has enough words, and enough of them are those that English cannot do without."""
    words = _WORD.findall(sample.casefold())
    own = [word for word in words if word in _ENGLISH]
    return (
        len(words) >= _ENGLISH_WORDS
        and len(own) >= _ENGLISH_SHARE * len(words)
        and len(set(own)) >= _ENGLISH_KINDS
    )


def _take_sample(lines: Sequence[str]) -> str:
    """Running text from the beginning on; a top of names, dates and links in another language is soon outweighed."""
    taken: list[str] = []
    size = 0
    for line in sorted(lines[:200], key=len, reverse=True):
        part = line[:1_000]
        taken.append(part)
        size += len(part)
        if size >= _SAMPLE:
            break
    return " ".join(taken)
