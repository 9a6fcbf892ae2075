"""Legal conclusions: a draft describes and asks; it never says that something is lawful, a breach or compliant.

A sentence is a conclusion when it asserts one in its own voice. It is none when it asks ("whether"), reports somebody's words or
decision ("says it complies", "the court held"), puts a condition, or stands behind a modal verb ("could be unlawful"); nor when
the law is not what is breached ("violates the terms of service").
"""

import re

from pipeline.checks.sentences import split_sentences
from pipeline.registry.sieve import Sieved

# What must follow for "violates" or "complies with" to be about law.
_LAW = (
    r"(?:(?:the|its|their|this|that|any|all|several|some|these|of|with|both|an?|applicable|relevant|mandatory|national|local|federal|state|"
    r"European|EU|UK|US|U\.S\.|French|German|Irish|Italian|Californian?|core|basic|principles?|requirements?|provisions?|rules|obligations|duty|"
    r"duties|conditions|standards?|transparency|consent|information|under|in|and|or|GDPR's)\s+){0,6}"
    r"(?:GDPR|CCPA|CPRA|LGPD|PIPL|PIPEDA|ePrivacy|AI\s+Act|Digital\s+\w+\s+Act|DSA|DMA|Art(?:icle)?s?\.?\s*\d+[a-z]?(?:\(\w{1,3}\))*|sections?\s+\d+(?:[.:-]\d+)*(?:\(\w{1,3}\))*|§+(?:\s*\d+(?:[.:-]\d+)*(?:\(\w{1,3}\))*)?|laws?\b(?!\s+enforcement)|statutes?\b|regulations?\b|directives?\b|"
    r"legislation\b|legal\s+(?:requirements?|obligations?|standards?|rules)|(?:data\s+protection|privacy|consumer(?:\s+protection)?|children's)\s+(?:laws?|rules|rights?|acts?|regulations?|requirements?)|"
    r"fundamental\s+rights|(?:users'|people's|individuals'|data\s+subjects?')\s+rights|data\s+minimi[sz]ation|purpose\s+limitation|storage\s+limitation)"
)
_ADVERB = r"(?:(?:not|n't|clearly|fully|plainly|likely|probably|thus|therefore|also|directly|openly|largely|entirely|presumably|arguably|seriously|flagrantly|never|currently)\s+)"

_PATTERNS = (
    Sieved(
        rf"\b(?P<verb>violat(?:es?|ed)|infring(?:es?|ed)|contraven(?:es?|ed)|flout(?:s|ed)?|breach(?:es|ed)?|compl(?:y|ies|ied)(?:\s+(?:fully|entirely|largely))?\s+with)\s+(?!under\b|in\b){_LAW}",
        re.IGNORECASE,
    ),
    Sieved(
        rf"\bin\s+(?:clear\s+|direct\s+|open\s+|plain\s+|full\s+|serious\s+)?(?P<verb>breach\s+of|violation\s+of|contravention\s+of|infringement\s+of|compliance\s+with)\s+{_LAW}",
        re.IGNORECASE,
    ),
    Sieved(
        rf"\b(?:is|are|was|were|constitutes?|amounts?\s+to|represents?)\s+{_ADVERB}{{0,3}}an?\s+(?:clear|plain|serious|obvious|likely|direct)?\s*(?P<verb>violation|infringement|contravention|breach\s+of\s+{_LAW})\b",
        re.IGNORECASE,
    ),
    Sieved(
        rf"\b(?:is|are|was|were|remains?|seems?|appears?(?:\s+to\s+be)?|isn't|aren't)\s+{_ADVERB}{{0,3}}"
        r"(?P<verb>illegal|unlawful(?!\s+to\s+\w+\s+(?:the\s+)?(?:service|product|account))|lawful(?!\s+(?:bas[ei]s|grounds?|interests?))|legal(?=\s*(?:[.,;:]|under|and\s+compliant|in\s+(?:the\s+)?(?:EU|Europe|France|law)|$))|"
        rf"(?:non-?)?compliant|(?:(?:{_LAW})[- ])(?:non-?)?compliant|invalid\s+under|in\s+compliance)\b",
        re.IGNORECASE,
    ),
    Sieved(
        r"\b(?P<verb>(?:GDPR|CCPA|CPRA|law|privacy|legally|fully|AI[- ]Act|LGPD)[- ](?:non-?)?compliant)\b",
        re.IGNORECASE,
    ),
    Sieved(
        rf"\b(?P<verb>(?:fails?|failed)\s+to\s+(?:comply|meet|satisfy|respect)(?:\s+with)?)\s+{_LAW}",
        re.IGNORECASE,
    ),
)
# Anywhere in the sentence: it asks, or tells what is alleged or open.
_ASKS = Sieved(
    r"\bwhether\b|\?|\bquestions?\b|\balleg\w+|\bopen\b|\bundecided\b|\bnot\s+(?:been\s+)?(?:decided|settled|examined)\b|\bcomplaint\s+that\b|\bhow\s+far\b|\bmerits\b",
    re.IGNORECASE,
)
# Before it in the sentence: somebody else's words or decision, or a condition.
_REPORTS = Sieved(
    r"\b(?:says?|said|saying|states?|stated(?!\s+bas[ei]s)|stating|claims?|claimed|claiming|declares?|declared|asserts?|represents?|promises?|promised|undertakes?|commits?|assures?|"
    r"describes?|calls?|according\s+to|argues?|found|finds|held|holds\s+that|ruled|decided|concluded|annulled|fined|confirmed|considered|unless|if|"
    r"in\s+case|where|when|such\s+as|risks?\s+(?:of|that)|require[sd]?|requiring|must|has\s+to|have\s+to|shall|should|ask(?:s|ed)?|examine|ensure|verify|check|prove|show|demonstrate|confirm|proof|evidence|that\s+any)\b",
    re.IGNORECASE,
)
_MODAL = re.compile(
    r"\b(?:(?:may|might|could|would|can|must),?|cannot|to|will|did|does|do|potentially|possibly|who|that|(?<!, )which|not)\s+(?:(?:\w+ly|not|be|also|even|still|have)\s+){0,3}$",
    re.IGNORECASE,
)
_NEGATED = Sieved(r"\b(?:does|do|did)\s*(?:not|n't)\s+(?:\w+ly\s+)?$", re.IGNORECASE)
# Anywhere in the sentence: the words are ascribed to the policy or the company. Alone it excuses nothing; the passage must say the same.
_ASCRIBED = Sieved(
    r"\b(?i:according\s+to|(?:in|by)\s+(?:(?:the\s+)?(?:policy|notice|document|company|text)['’]s|its|their)\s+(?:own\s+)?(?:words?|account|description|wording))\b|"
    r"(?<![\w-])(?:[Ii]t|[Tt]hey|policy|notice|document|company|text|passage|section|page|[A-Z][\w-]{0,40})\s+"
    r"(?:says?|states?|writes?|claims?|declares?|asserts?|adds?|explains?|notes?|puts?\s+it)\b"
)
# Right before it: one more thing that is said of whatever a clause with "that" singles out ("content that harms people or is unlawful").
_SINGLED_OUT = Sieved(r"(?<!,)\s(?:that|who|which)\s[^.;:]*(?:\bor|,)\s+$")
# The words of judgement, each with all its forms and with no other: "lawful" never speaks for "unlawful".
_JUDGEMENTS = tuple(
    Sieved(rf"(?<!\w){forms}(?!\w)", re.IGNORECASE)
    for forms in (
        r"fail(?:s|ed)",
        r"non-?compliant",
        r"compl(?:y|ies|ied|iance|iant)",
        r"violat(?:es?|ed|ion)",
        r"infring(?:es?|ed|ement)",
        r"contraven(?:es?|ed|tion)",
        r"flout(?:s|ed)?",
        r"breach(?:es|ed)?",
        r"unlawful",
        r"illegal",
        r"lawful",
        r"legal",
        r"invalid",
    )
)
_NOT = Sieved(r"\b(?:not|never)\b|n['’]t\b", re.IGNORECASE)


def find_conclusion(text: str, said: str = "") -> str | None:
    """The words by which the text draws a legal conclusion in its own voice, or None.

    ``said`` is what the policy's quoted passages say: an assertion that stands there, in the same words of judgement, is the policy's
    and not the draft's where the sentence ascribes it, or says it of things that the policy singles out.
    """
    own: frozenset[int] | None = None
    for sentence in split_sentences(text):
        likely = [pattern for pattern in _PATTERNS if pattern.may_match(sentence)]
        if not likely or _ASKS.search(sentence):
            continue
        report = _REPORTS.search(sentence)
        reported = report.start() if report else len(sentence)
        for pattern in likely:
            for match in pattern.finditer(sentence):
                before = sentence[max(0, match.start() - 80) : match.start()]
                negated = _NEGATED.search(before)
                if reported < match.start() or (_MODAL.search(before) and not negated):
                    continue
                if not (negated or _NOT.search(match[0])) and (
                    _ASCRIBED.search(sentence) or _SINGLED_OUT.search(before)
                ):
                    own = _judged(said) if own is None else own
                    if _judgement(match) in own:
                        continue
                return match[0]
    return None


def _judged(said: str) -> frozenset[int]:
    """Which words of judgement the policy's own assertions use; a heading or a column that has the word asserts nothing."""
    return frozenset(
        _judgement(match)
        for line in said.split("\n")
        for sentence in split_sentences(line)
        for pattern in _PATTERNS
        for match in pattern.finditer(sentence)
        if not (_NOT.search(match[0]) or _NEGATED.search(sentence, max(0, match.start() - 80), match.start()))
    )


def _judgement(match: re.Match[str]) -> int:
    return next(n for n, forms in enumerate(_JUDGEMENTS) if forms.search(match["verb"]))
