"""Sentences that deny a whole statement or leave it open: what they hold is said by nobody."""

import re

_WHOLE = re.compile(
    r"\b(?:it\s+is\s+(?:not\s+(?:true|the\s+case|right|correct|so)|untrue|false|wrong)|(?:would|will)\s+be\s+(?:a\s+mistake|wrong|an\s+error)|(?:a\s+mistake|wrong)\s+to\s+(?:think|believe|say|read)|"
    r"do(?:es)?\s+not\s+(?:by\s+itself\s+|thereby\s+)?(?:mean|imply|follow|show|prove|establish)|do(?:es)?\s+not\s+(?:say|claim|promise|state)\s+that|nowhere\s+do(?:es)?|contrary\s+to|(?:nothing|no\s+(?:word|passage|part|sentence|section))\s+(?:here\s+|in\s+it\s+)?(?:says|suggests|states|shows|implies|means)\s+that|"
    r"nobody\s+should\s+(?:think|believe|conclude)|one\s+(?:might|may|could)\s+think|no\s+(?:reader|one)\s+should|has\s+not\s+been\s+decided|is\s+(?:an?\s+)?(?:open(?!\s+(?:to|for|every|all|until)\b)|undecided))\b"
    r"|^\s*(?:whether|that)\b",
    re.IGNORECASE,
)


def is_denied_as_whole(sentence: str) -> bool:
    """Whether the sentence affirms nothing of the document: it denies a statement as a whole, or asks whether it holds."""
    return bool(_WHOLE.search(sentence))
