"""Sentences that deny a whole statement, leave it open or send somebody to ask: what they hold is said by nobody."""

import re

_WHOLE = re.compile(
    r"\b(?:it\s+is\s+(?:not\s+(?:true|the\s+case|right|correct|so)|untrue|false|wrong)|(?:would|will)\s+be\s+(?:a\s+mistake|an?\s+error|wrong|mistaken|incorrect|misleading|hasty|rash|premature|naive)|(?:a\s+mistake|wrong)\s+to\s+(?:think|believe|say|read)|"
    r"do(?:es)?\s+not\s+(?:by\s+itself\s+|thereby\s+)?(?:mean|imply|follow|show|prove|establish)|do(?:es)?\s+not\s+(?:say|claim|promise|state)\s+that|nowhere\s+do(?:es)?|contrary\s+to|(?:nothing|no\s+(?:word|passage|part|sentence|section))\s+(?:here\s+|in\s+it\s+)?(?:says|suggests|states|shows|implies|means)\s+that|"
    r"(?:nobody|no\s+(?:one|reader|user))\s+should\s+(?:think|believe|conclude|assume|suppose|infer)|(?:do\s+not|don't|never)\s+(?:assume|think|believe|suppose|conclude|imagine|infer)|one\s+(?:might|may|could)\s+think|no\s+(?:reader|one)\s+should|has\s+not\s+been\s+decided|is\s+undecided|is\s+an?\s+open\s+(?:question|matter|point|issue)|(?:question|matter|point|issue|whether)\b[^.;]{1,200}\b(?:is|remains|stays)\s+open)\b"
    r"|^\s*(?:whether|that)\b",
    re.IGNORECASE,
)

# An adviser's errands: what stands behind them is asked of somebody, and told of nobody.
_ERRAND = re.compile(
    r"^\W*(?:(?:please|also|then|always|before\s+[^,;]{1,80},|for\s+[^,;]{1,80},)\s+)?(?:ask|demand|examine|identify|obtain|request|verify|insist|seek|find\s+out|establish|clarify|determine|negotiate|enquire|inquire|"
    r"require\s+(?:that|of|from|a)|confirm\s+(?:with|in|whether|that)|check\s+(?:whether|with|that|if|how)|have\s+(?:it|them|the\s+\w+)\s+\w+ed)\b",
    re.IGNORECASE,
)


def is_errand(sentence: str) -> bool:
    """Whether the sentence tells its reader what to ask for, check or obtain."""
    return bool(_ERRAND.match(sentence))


def is_denied_as_whole(sentence: str) -> bool:
    """Whether the sentence affirms nothing of the document: it denies a statement as a whole, or asks whether it holds."""
    return bool(_WHOLE.search(sentence))
