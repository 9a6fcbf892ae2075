"""Choices: a practice that goes on unless a person says no, told as one that waits for a yes, or the other way round."""

import re

from pipeline.checks.folding import fold_text
from pipeline.checks.support import Support
from pipeline.registry.sieve import Sieved
from schemas.document import Document
from schemas.finding import Finding
from schemas.summaries import Claim

_OPT_IN = Sieved(r"\bopt(?:s|ed|ing)?[\s-]in\b|\bopt-ins\b", re.IGNORECASE)
_OPT_OUT = Sieved(r"\bopt(?:s|ed|ing)?[\s-]out\b|\bopt-outs\b", re.IGNORECASE)
_YES = Sieved(
    r"\b(?:opt(?:s|ed|ing)?[\s-]in|consent\w*|agree\w*|permission|choose to|switch\w*\s+(?:\w+\s+){0,3}on|turn\w*\s+(?:\w+\s+){0,3}on|enabl\w+)\b",
    re.IGNORECASE,
)
# "Unless you opt in" waits for a yes; any other "unless" may be a no.
_AGREES = r"(?:opt(?:s|ed|ing)?[\s-]in|consent|agree|permit|allow|say\w*\syes|ask|turn\w*\son|switch\w*\son)"
_NO = Sieved(
    rf"\b(?:opt(?:s|ed|ing)?[\s-]out|unless\b(?!\s(?:[^\W_]+[\s,]+){{0,8}}?{_AGREES})|object\w*|switch\w*\s+(?:\w+\s+){0, 3}off|turn\w*\s+(?:\w+\s+){0, 3}off|disabl\w+|withdraw\w*|"
    r"unsubscrib\w*|decline\w*|refus\w+)\b",
    re.IGNORECASE,
)


def check_choices(document: Document, path: str, claim: Claim, support: Support) -> list[Finding]:
    """A finding when the claim says opt-in and all its evidence opt-out alone, or the reverse."""
    text = fold_text(claim.text)
    says_in, says_out = bool(_OPT_IN.search(text)), bool(_OPT_OUT.search(text))
    if says_in == says_out or not support.passages or not document.language.startswith("en"):
        return []
    evidence = " ".join((*support.passages, *support.above))
    if says_in and _OPT_OUT.search(evidence) and not _YES.search(evidence):
        claimed, said = "an opt-in (nothing happens before a person agrees)", "an opt-out"
    elif says_out and _OPT_IN.search(evidence) and not _NO.search(evidence):
        claimed, said = "an opt-out (it happens until a person says no)", "an opt-in"
    else:
        return []
    return [
        Finding(
            code="facts.choice_reversed",
            severity="error",
            path=f"{path}.text",
            message=f"The claim tells of {claimed}, and its evidence of {said}; say which of the two the evidence states.",
        )
    ]
