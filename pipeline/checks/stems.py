"""Words of weight, brought to a common form, so that "shares your data" and "sharing of data" can be laid side by side."""

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_EMPTY = frozenset(
    re.findall(
        r"\S+",
        "a an the this that these those it its itself your yours you yourself their they them he she his her of to in on for by with from as at into "
        "onto upon about and or also both each so then there here than such is are was were be been being am does do did doing done has have had "
        "having can may might will would could shall should must we our us ours i my me who whom whose which what when where while how if any all "
        "some other others own certain not no never none nor neither cannot n't policy document says said say states stated state notice company "
        "person persons people user users customer customers just still yet already again too very one ones",
    )
)
_IRREGULAR = {
    "sold": "sell", "sale": "sell", "sales": "sell", "kept": "keep", "given": "giv", "gave": "giv", "made": "mak", "taken": "tak", "took": "tak",
    "sent": "send", "held": "hold", "built": "build", "known": "know", "shown": "show", "told": "tell", "put": "put", "chosen": "choos",
    "chose": "choos", "lent": "lend", "left": "leav", "got": "get", "went": "go", "gone": "go", "children": "child", "rent": "rent",
    "children's": "child", "retention": "retain", "disclosure": "disclos", "disclosures": "disclos", "deletion": "delet", "collection": "collect",
}  # fmt: skip
_ENDING = re.compile(r"(?:'s|s'|')$")
_SUFFIX = re.compile(r"(?:ing|ied|ies|ed|es|s|e|y)$")
_SHORTEST = 3


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """The common form of a word: small letters, without the endings of number, tense and possession."""
    plain = _ENDING.sub("", word.casefold())
    if plain in _IRREGULAR:
        return _IRREGULAR[plain]
    cut = _SUFFIX.sub("", plain)
    if len(cut) < _SHORTEST:
        return plain
    # "stopped", "planning": the consonant doubled before an ending.
    if len(cut) > _SHORTEST and cut != plain and cut[-1] == cut[-2] and cut[-1] not in "aeiousl":
        cut = cut[:-1]
    return cut


@lru_cache(maxsize=8192)
def stems(text: str) -> tuple[str, ...]:
    """The stems of the words of weight, in order; "third-party" is one."""
    return tuple(stem(word) for word in _WORD.findall(text) if word.casefold() not in _EMPTY)
