"""Scope: a claim that says "always" of what its evidence says of some cases.

Only the plain case is caught: a word that leaves no exception in the claim, a word that hedges in the passages, and no word there that could
carry the claim. "All", "any" and "only" are too often right in other words to be judged here.
"""

import re

from pipeline.checks.folding import fold_text
from pipeline.checks.support import Support
from pipeline.registry.sieve import Sieved
from schemas.document import Document
from schemas.finding import Finding
from schemas.summaries import Claim

_WITHOUT_EXCEPTION = Sieved(
    r"\b(?:always|in (?:all|every) cases?|without (?:any )?exceptions?|under no circumstances|at all times)\b",
    re.IGNORECASE,
)
_HEDGE = Sieved(
    r"\b(?:sometimes|some|certain|generally|usually|typically|normally|mainly|mostly|in (?:general|principle|exceptional cases)|exceptional\w*|"
    r"where (?:possible|appropriate|necessary|feasible)|as far as possible|in (?:some|certain) cases|may|might|prefer\w*|from time to time)\b",
    re.IGNORECASE,
)
_CARRIES = Sieved(
    r"\b(?:always|all|any|anytime|anywhere|every\w*|each|whenever|whatever|whichever|never|no|not|cannot|without|systematically|"
    r"automatically|throughout|entire\w*|whole)\b",
    re.IGNORECASE,
)
_DENIED = Sieved(r"\b(?:not|never|no|nor|without|whether)\b|n't\b", re.IGNORECASE)


def check_scope(document: Document, path: str, claim: Claim, support: Support) -> list[Finding]:
    """A finding when the claim leaves no exception and its evidence hedges."""
    text = fold_text(claim.text)
    match = _WITHOUT_EXCEPTION.search(text)
    if not match or not support.passages or not document.language.startswith("en"):
        return []
    if _DENIED.search(text[max(0, match.start() - 40) : match.start()]):
        return []
    if any(_CARRIES.search(words) for words in support.passages):
        return []
    hedge = next((found[0] for words in support.passages if (found := _HEDGE.search(words))), None)
    if hedge is None:
        return []
    return [
        Finding(
            code="facts.scope_widened",
            severity="error",
            path=f"{path}.text",
            message=f'The claim says "{match[0]}", and its evidence says only "{hedge}"; keep the limits of the evidence.',
        )
    ]
