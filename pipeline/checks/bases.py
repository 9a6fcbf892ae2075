"""Lawful bases: a basis that a claim says the policy states stands in what carries the claim.

Only claims marked stated are looked at, and only their clauses that speak of what processing rests on.
"""

import re

from pipeline.checks.folding import fold_text
from pipeline.checks.support import Support
from schemas.document import Document
from schemas.finding import Finding
from schemas.summaries import Claim

# Basis -> how a claim names it, and any word by which a policy may.
_BASES = {
    "consent": (
        r"consent",
        r"consent\w*|permission|agree to|agreed to|your agreement|opt(?:s|ed|ing)?[\s-]in",
    ),
    "contract": (
        r"(?:performance of )?(?:the |a |its |your |their )?contract(?:ual necessity)?|performance of the agreement",
        r"contract\w*|agreement\w*|terms",
    ),
    "legitimate interest": (r"legitimate interests?", r"legitimate\w*"),
    "legal obligation": (
        r"legal obligations?",
        r"obligat\w+|obliged|law|laws|legal\w*|statut\w+|regulat\w+|compl(?:y|iance)|dut(?:y|ies)",
    ),
    "vital interests": (r"vital interests?", r"vital"),
    "public interest": (r"public interest", r"public (?:interest|task)"),
}
_RESTS = r"(?:rests?|resting|based|bases? itself|relies|rely|relying|grounds?|grounded|founded|justified)\s+(?:\w+\s+){0,2}?(?:on|upon|in|by)\s+"
_CLAIMED = {
    basis: re.compile(rf"\b{_RESTS}(?:explicit |your |their |a |the |its )*(?:{named})\b", re.IGNORECASE)
    for basis, (named, _) in _BASES.items()
}
_SAID = {basis: re.compile(rf"\b(?:{said})\b", re.IGNORECASE) for basis, (_, said) in _BASES.items()}
_DENIED = re.compile(
    r"\b(?:not|never|no|nor|neither|without|instead of|rather than|whether|nothing)\b|n't\b", re.IGNORECASE
)


def check_bases(document: Document, path: str, claim: Claim, support: Support) -> list[Finding]:
    """A finding for each lawful basis that the claim states and none of its support names."""
    if claim.basis != "stated" or not support.passages or not document.language.startswith("en"):
        return []
    text = fold_text(claim.text)
    findings = []
    for basis, pattern in _CLAIMED.items():
        match = pattern.search(text)
        if not match or _DENIED.search(text[max(0, match.start() - 60) : match.end()]):
            continue
        if not any(_SAID[basis].search(words) for words in support.texts):
            findings.append(
                Finding(
                    code="facts.basis_unsupported",
                    severity="error",
                    path=f"{path}.text",
                    message=f'The claim says "{match[0]}", and no passage that it quotes names {basis} as a basis; quote the passage that does, '
                    "or give the basis that the evidence states.",
                )
            )
    return findings
