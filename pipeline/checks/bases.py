"""Lawful bases: a basis that a claim says the policy states stands in what carries the claim.

Only claims marked stated are looked at, and only their clauses that speak of what processing rests on. Where a passage gives one basis for one
purpose and another for another ("Consent, for offers; contract, for receipts"), the claim keeps them apart.
"""

import re

from pipeline.checks.folding import fold_text
from pipeline.checks.stems import stems
from pipeline.checks.support import Support
from pipeline.registry.sieve import Sieved
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
_OWN = r"(?:explicit |your |their |a |the |its )*"
_GIVES = r"(?:policy|notice|document|table|section|row)\s(?:gives|names|states|lists)\s"
_AS_BASIS = r"as (?:the|a|its|their) (?:legal |lawful )?(?:basis|ground) (?:for|of)"
_CLAIMED = {
    basis: Sieved(
        rf"\b(?:{_RESTS}{_OWN}(?:{named})|{_GIVES}{_OWN}(?:{named})\s(?:for|{_AS_BASIS})|(?:{named})\s{_AS_BASIS})\b",
        re.IGNORECASE,
    )
    for basis, (named, _) in _BASES.items()
}
_SAID = {basis: Sieved(rf"\b(?:{said})\b", re.IGNORECASE) for basis, (_, said) in _BASES.items()}
_DENIED = Sieved(
    r"\b(?:not|never|no|nor|neither|without|instead of|rather than|whether|nothing)\b|n't\b", re.IGNORECASE
)
_PART = re.compile(r";\s+|\s\|\s")
_CLAUSE = re.compile(r"[;:,]\s|\s(?:and|but|while|whereas)\s")


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
        message = ""
        if not any(_SAID[basis].search(words) for words in support.texts):
            message = f"no passage that it quotes names {basis} as a basis; quote the passage that does, or give the basis that the evidence states."
        elif other := _other_basis(_subject(text, match.start()), basis, support):
            message = f'its evidence says "{other}" of that; give each purpose the basis that the evidence states for it.'
        if message:
            findings.append(
                Finding(
                    code="facts.basis_unsupported",
                    severity="error",
                    path=f"{path}.text",
                    message=f'The claim says "{match[0]}", and {message}',
                )
            )
    return findings


def _subject(text: str, end: int) -> frozenset[str]:
    """The words of weight between the beginning of the clause and what says that it rests on something."""
    return frozenset(stems(_CLAUSE.split(text[:end])[-1]))


def _other_basis(subject: frozenset[str], basis: str, support: Support) -> str | None:
    """The part of a passage that gives the subject another basis, when no part gives it this one."""
    same: list[set[str]] = []
    others: list[tuple[set[str], str]] = []
    for part in (part for passage in support.passages for part in _PART.split(passage)):
        ground, _, purpose = part.partition(" for ")
        words = set(stems(purpose))
        bases = {name for name, said in _SAID.items() if said.search(ground)}
        if _SAID[basis].search(part):
            same.append(words)
        elif len(bases) == 1 and words and words <= subject:
            others.append((words, part.strip()))
    if any(words <= subject for words in same):
        return None
    return next((part for own, part in others if not any(own & words for words in same)), None)
