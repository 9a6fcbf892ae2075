"""Lawful bases: what a sentence says a purpose rests on, against exactly the bases that the gold has for that purpose.

Only words by which something rests on a basis count, or a basis that a citation stands for; "you can withdraw your consent" names none.
A basis belongs to the purposes named in its own part of the sentence, to those before it where the part has no subject of its own, and to
those of the sentence where no other part has a basis.
"""

import re

from eval.judges.clauses import begins_without_subject
from eval.judges.places import find_places
from eval.judges.verdict import Flag
from eval.judges.words import normalise
from eval.keys import meets
from pipeline.checks.folding import fold_text
from pipeline.registry.citations import find_citations
from schemas.gold import Gold, LawfulBasis, Purpose

# Of the GDPR and its kin, where Article 6(1) lists the bases and Article 9(2)(a) is explicit consent.
_ARTICLES: dict[str, LawfulBasis] = {
    "6(1)(a)": "consent", "6(1)(b)": "contract", "6(1)(c)": "legal_obligation", "6(1)(d)": "vital_interests", "6(1)(e)": "public_interest",
    "6(1)(f)": "legitimate_interest", "9(2)(a)": "explicit_consent",
}  # fmt: skip
_WORDS: tuple[tuple[LawfulBasis, str], ...] = (
    ("explicit_consent", r"(?:explicit|express)(?:ly)?\s+(?:\w+\s+)?(?:consent\w*|agreement)"),
    ("consent", r"(?<!explicit )(?<!express )(?:consent|permission|opt-in)"),
    ("contract", r"contract(?:s|ual\s+necessity)?|performance\s+of\s+(?:the|an?|its|your|their)\s+(?:contract|agreement)|(?:the|an|its|your|their)\s+agreement"),
    ("legal_obligation", r"(?:the\s+)?law\s+(?:obliges|requires|demands)|obliged\s+by\s+law|required\s+by\s+law|(?:legal|statutory)\s+(?:obligations?|dut(?:y|ies)|requirements?)|compliance\s+with\s+(?:the\s+)?law"),
    ("legitimate_interest", r"legitimate\s+(?:business\s+)?interests?"),
    ("vital_interests", r"vital\s+interests?"),
    ("public_interest", r"public\s+(?:interest|task)"),
)  # fmt: skip
_CONSENTS: tuple[LawfulBasis, ...] = ("consent", "explicit_consent")
_NAMED = tuple((basis, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for basis, words in _WORDS)
_RESTS = re.compile(
    r"\b(?:rest(?:s|ed|ing)?|bas(?:is|es|ed|ing)|relie[sd]|rely(?:ing)?|ground(?:s|ed|ing)?|founded|justif\w+|invok\w+|lawful(?:ly)?|legal\s+(?:basis|bases|grounds?)|"
    r"because|by\s+virtue\s+of|on\s+account\s+of|owing\s+to|claim(?:s|ed|ing)?|performance\s+of|covers?|strength\s+of|put\s+on|placed\s+on|oblig(?:es|ed|ing)|reason\s+of|support\w*\s+by|stands?\s+on|legitimi[sz]\w+|carried\s+(?:out\s+)?on|processed\s+(?:under|on)|runs?\s+on)\b",
    re.IGNORECASE,
)
# By these words consent alone is told as what something rests on.
_ASKS = re.compile(
    r"\b(?:needs?|requires?|asks?\s+for|(?:is|are|be|being|been)\s+(?:\w+\s+)?asked|(?:is|are|must\s+be)\s+(?:obtained|sought|collected)|only\s+(?:with|on|after|upon)|prior)\b",
    re.IGNORECASE,
)
_UNASKED = re.compile(
    r"\bwithout\s+(?:first\s+|ever\s+)?(?:asking|being\s+asked|seeking|obtaining)(?!\s+(?:for\s+)?(?:reasons?|evidence|proof))\b|\bunasked\b|\b(?:nobody|no\s+one|no\s+user)\s+is\s+asked\b",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"[;:.]\s|\s(?:but|while|whereas|although)\s|,\s(?:and|but|while|whereas|with)\s|,\s(?=[^,;]{3,80}\b(?:on|to|rests?)\s)"
)
# "with explicit consent in addition", "on legal obligations": what rests on it stands before.
_JOINED = re.compile(
    r"^\W*(?:(?:and|or|but|also)\s+)*(?:on|by|with|under|plus|partly|in\s+addition|as\s+well|not|never)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|never|no|nor|neither|without|instead\s+of|rather\s+than)\b|n't\b", re.IGNORECASE
)
_LEFT_OPEN = re.compile(
    r"\b(?:whether|how|not\s+(?:say|state|tell|describe|explain|disclose)|(?:is|are|remains?|stays?|leaves?\s+(?:it|this|that)?)\s*open|question\w*|unclear|ask(?:s|ed)?\s+(?:if|which|what|why|on\s+(?:which|what)))\b|\?",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:except|unless|save|if|where|when|as\s+far\s+as|in\s+so\s+far\s+as|insofar\s+as|to\s+the\s+extent|until)\b[^,;]{0,25}$",
    re.IGNORECASE,
)
_DENIED_BEHIND = re.compile(r"\s+(?:is|are)\s+(?:not|no)\b", re.IGNORECASE)
_ALONE_ON = re.compile(
    r"\b(?:only|solely|exclusively|nothing\s+but)\s+(?:up)?(?:on|by|with|under)\b|\b(?:on|by)\s+(?:nothing\s+but|only)\b|\b(?:sole|single|only)\s+(?:lawful\s+|legal\s+)?(?:bas[ie]s|ground)\b|\balone\b",
    re.IGNORECASE,
)
_ALONE = re.compile(r"\b(?:alone|only|solely|exclusively|nothing\s+but|sole|single)\b", re.IGNORECASE)


def gives_basis(text: str, gold: Gold) -> bool:
    """Whether a text says what a purpose of the gold rests on."""
    rests = _RESTS.search(text) and any(pattern.search(text) for _, pattern in _NAMED)
    return bool(rests) and bool(_purposes(text, gold))


def find_wrong_bases(sentence: str, gold: Gold) -> list[Flag]:
    """A flag for each basis that a part of the sentence gives and no purpose named there has."""
    text = fold_text(sentence)
    if not any(pattern.search(text) for pattern in (_RESTS, _ASKS, _UNASKED)) and not _article_bases(text):
        return []
    flags: list[Flag] = []
    whole = _purposes(text, gold)
    carried: list[Purpose] = []
    parts = _parts(text)
    giving = [part for part in parts if _names_basis(part)]
    for part in parts:
        purposes = _purposes(part, gold)
        if not purposes and (len(giving) <= 1 or _goes_on(part)):
            purposes = carried or (whole if len(whole) == 1 else [])
        carried = purposes
        flags += _weigh(part, purposes, bool(find_places(text)))
    return flags


def _names_basis(part: str) -> bool:
    return any(pattern.search(part) for _, pattern in _NAMED) or bool(_article_bases(part))


def _goes_on(part: str) -> bool:
    """Whether a part is about what the part before it is about, and has no subject of its own."""
    return begins_without_subject(part) or bool(_JOINED.match(part))


def _weigh(part: str, purposes: list[Purpose], of_a_place: bool) -> list[Flag]:
    if _LEFT_OPEN.search(part) or len(_DENIED.findall(_UNASKED.sub(" ", part))) > 1 + part.count(
        " nor "
    ) + part.count(" neither "):
        return []
    rests = bool(_RESTS.search(part)) or bool(_article_bases(part))
    if not purposes or not (rests or _ASKS.search(part) or _UNASKED.search(part)):
        return []
    claimed: dict[LawfulBasis, bool] = {}
    for basis, pattern in _NAMED if rests else _NAMED[:2]:
        for match in pattern.finditer(part):
            before, behind = part[max(0, match.start() - 45) : match.start()], part[match.end() :]
            if basis == "legal_obligation" and _CONDITION.search(before):
                continue  # "except where the law obliges": a condition, and no basis
            if _DENIED.search(before) and _ALONE.match(behind.lstrip()):
                continue  # "not on consent alone": it is one of several
            claimed[basis] = not (_denied(before) or _DENIED_BEHIND.match(behind))
    for basis in _article_bases(part):
        claimed.setdefault(basis, True)
    if _UNASKED.search(part):
        claimed.setdefault("consent", False)
    affirmed = {basis for basis, yes in claimed.items() if yes}
    flags = []
    # Where no basis is stated at all, one may still be for a place: "in Colorado we ask for consent".
    local = of_a_place and not any(purpose.bases for purpose in purposes)
    for basis in affirmed:
        if not (local and basis in _CONSENTS) and not any(_has(purpose, basis) for purpose in purposes):
            flags.append(_flag(purposes, f"does not rest on {basis.replace('_', ' ')}"))
    for basis in claimed.keys() - affirmed:
        if all(_has(purpose, basis) for purpose in purposes):
            flags.append(_flag(purposes, f"does rest on {basis.replace('_', ' ')}"))
    if not flags and len(affirmed) == 1 and _ALONE_ON.search(part):
        for purpose in purposes:
            if len(purpose.bases) > 1 and len(purposes) == 1:
                flags.append(_flag(purposes, "rests on more than one basis"))
    return flags


def _denied(before: str) -> bool:
    """Whether the words before a basis deny it; "without training rests on" denies the training and not the basis."""
    rests = [match.start() for match in _RESTS.finditer(before)]
    near = before[max(0, rests[-1] - 12) :] if rests else before
    return bool(_DENIED.search(near))


def _has(purpose: Purpose, basis: LawfulBasis) -> bool:
    return basis in purpose.bases or (basis == "consent" and "explicit_consent" in purpose.bases)


def _purposes(text: str, gold: Gold) -> list[Purpose]:
    return [purpose for purpose in gold.purposes if meets(f"{text} {normalise(text)}", purpose.keys)]


def _article_bases(text: str) -> list[LawfulBasis]:
    refs = [
        found.ref.partition(":")[2] for found in find_citations(text) if found.ref and "GDPR" in found.ref
    ]
    return [_ARTICLES[ref] for ref in refs if ref in _ARTICLES]


def _parts(text: str) -> list[str]:
    """Parts of the sentence that name a basis each, a part without one being joined to the next."""
    parts: list[str] = []
    pending = ""
    start = 0
    for match in [*_CUT.finditer(text), None]:
        piece = text[start : match.end() if match else len(text)]
        start = match.end() if match else len(text)
        pending += piece
        if match is None or _names_basis(pending):
            parts.append(pending)
            pending = ""
    return [part for part in parts if part.strip()]


def _flag(purposes: list[Purpose], how: str) -> Flag:
    return Flag("basis", f"{purposes[0].purpose}: it {how}.", tuple(purpose.id for purpose in purposes))
