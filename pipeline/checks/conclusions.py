"""Legal conclusions: a draft describes and asks; it never says that something is lawful, a breach or compliant.

A sentence is a conclusion when it asserts one in its own voice. It is none when it asks ("whether"), reports somebody's words or
decision ("says it complies", "the court held"), puts a condition, or stands behind a modal verb ("could be unlawful"); nor when
the law is not what is breached ("violates the terms of service").
"""

import re

from pipeline.checks.sentences import split_sentences

# What must follow for "violates" or "complies with" to be about law.
_LAW = (
    r"(?:(?:the|its|their|this|that|any|all|several|some|these|of|with|both|an?|applicable|relevant|mandatory|national|local|federal|state|"
    r"European|EU|UK|US|U\.S\.|French|German|Irish|Italian|Californian?|core|basic|principles?|requirements?|provisions?|rules|obligations|duty|"
    r"duties|conditions|standards?|transparency|consent|information|under|in|and|or|GDPR's)\s+){0,6}"
    r"(?:GDPR|CCPA|CPRA|LGPD|PIPL|PIPEDA|ePrivacy|AI\s+Act|Digital\s+\w+\s+Act|DSA|DMA|Art(?:icle)?s?\.?\s*\d|sections?\s+\d|§|laws?\b(?!\s+enforcement)|statutes?\b|regulations?\b|directives?\b|"
    r"legislation\b|legal\s+(?:requirements?|obligations?|standards?|rules)|(?:data\s+protection|privacy|consumer(?:\s+protection)?|children's)\s+(?:laws?|rules|rights?|acts?|regulations?|requirements?)|"
    r"fundamental\s+rights|(?:users'|people's|individuals'|data\s+subjects?')\s+rights|data\s+minimi[sz]ation|purpose\s+limitation|storage\s+limitation)"
)
_ADVERB = r"(?:(?:not|n't|clearly|fully|plainly|likely|probably|thus|therefore|also|directly|openly|largely|entirely|presumably|arguably|seriously|flagrantly|never|currently)\s+)"

_PATTERNS = (
    re.compile(
        rf"\b(?P<verb>violat(?:es?|ed)|infring(?:es?|ed)|contraven(?:es?|ed)|flout(?:s|ed)?|breach(?:es|ed)?|compl(?:y|ies|ied)(?:\s+(?:fully|entirely|largely))?\s+with)\s+(?!under\b|in\b){_LAW}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\bin\s+(?:clear\s+|direct\s+|open\s+|plain\s+|full\s+|serious\s+)?(?P<verb>breach\s+of|violation\s+of|contravention\s+of|infringement\s+of|compliance\s+with)\s+{_LAW}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:is|are|was|were|constitutes?|amounts?\s+to|represents?)\s+{_ADVERB}{{0,3}}an?\s+(?:clear|plain|serious|obvious|likely|direct)?\s*(?P<verb>violation|infringement|contravention|breach\s+of\s+{_LAW})\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:is|are|was|were|remains?|seems?|appears?(?:\s+to\s+be)?|isn't|aren't)\s+{_ADVERB}{{0,3}}"
        r"(?P<verb>illegal|unlawful(?!\s+to\s+\w+\s+(?:the\s+)?(?:service|product|account))|lawful(?!\s+(?:bas[ei]s|grounds?|interests?))|legal(?=\s*(?:[.,;:]|under|and\s+compliant|in\s+(?:the\s+)?(?:EU|Europe|France|law)|$))|"
        rf"(?:non-?)?compliant|(?:(?:{_LAW})[- ])(?:non-?)?compliant|invalid\s+under|in\s+compliance)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?P<verb>(?:GDPR|CCPA|CPRA|law|privacy|legally|fully|AI[- ]Act|LGPD)[- ](?:non-?)?compliant)\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<verb>(?:fails?|failed)\s+to\s+(?:comply|meet|satisfy|respect)(?:\s+with)?)\s+{_LAW}",
        re.IGNORECASE,
    ),
)
# Anywhere in the sentence: it asks, or tells what is alleged or open.
_ASKS = re.compile(
    r"\bwhether\b|\?|\bquestions?\b|\balleg\w+|\bopen\b|\bundecided\b|\bnot\s+(?:been\s+)?(?:decided|settled|examined)\b|\bcomplaint\s+that\b|\bhow\s+far\b|\bmerits\b",
    re.IGNORECASE,
)
# Before it in the sentence: somebody else's words or decision, or a condition.
_REPORTS = re.compile(
    r"\b(?:says?|said|saying|states?|stated(?!\s+bas[ei]s)|stating|claims?|claimed|claiming|declares?|declared|asserts?|represents?|promises?|promised|undertakes?|commits?|assures?|"
    r"describes?|calls?|according\s+to|argues?|found|finds|held|holds\s+that|ruled|decided|concluded|annulled|fined|confirmed|considered|unless|if|"
    r"in\s+case|where|when|such\s+as|risks?\s+(?:of|that)|require[sd]?|requiring|must|has\s+to|have\s+to|shall|should|ask(?:s|ed)?|examine|ensure|verify|check|prove|show|demonstrate|confirm|proof|evidence|that\s+any)\b",
    re.IGNORECASE,
)
_MODAL = re.compile(
    r"\b(?:may|might|could|would|can|cannot|to|will|did|does|do|potentially|possibly|who|that|(?<!, )which|not)\s+(?:(?:\w+ly|not|be|also|even|still|have)\s+){0,3}$",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:does|do|did)\s*(?:not|n't)\s+(?:\w+ly\s+)?$", re.IGNORECASE)
# Stem of a word of judgement -> the words by which a policy says the same of itself.
_OWN_WORDS = {
    stem: (stem,) for stem in ("violat", "infring", "contraven", "breach", "lawful", "legal", "valid")
} | {"compl": ("compl", "adher", "conform", "in accordance with", "in line with")}


def find_conclusion(text: str, said: str = "") -> str | None:
    """The words by which the text draws a legal conclusion in its own voice, or None.

    ``said`` is what the policy's quoted passages say: a word of judgement that stands there is the policy's, not the draft's.
    """
    own = said.casefold()
    for sentence in split_sentences(text):
        if _ASKS.search(sentence):
            continue
        report = _REPORTS.search(sentence)
        reported = report.start() if report else len(sentence)
        for pattern in _PATTERNS:
            for match in pattern.finditer(sentence):
                before = sentence[max(0, match.start() - 80) : match.start()]
                verb = match["verb"].casefold()
                if reported < match.start() or (_MODAL.search(before) and not _NEGATED.search(before)):
                    continue
                if any(stem in verb and any(w in own for w in words) for stem, words in _OWN_WORDS.items()):
                    continue
                return match[0]
    return None
