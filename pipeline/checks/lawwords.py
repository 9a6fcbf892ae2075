"""Words of law: whether a stretch of a claim speaks of law instead of the policy."""

import re
from functools import lru_cache

from pipeline.registry.citations import find_authorities, find_citations

_LAW = re.compile(
    r"\b(?:Art(?:icle)?s?|Recitals?|§+|laws?|legal(?:ly)?|statut\w+|Acts?|Regulations?|Directives?|Codes?|provisions?|"
    r"authorit(?:y|ies)|regulators?|courts?|Commission|jurisdiction\w*|[A-Z]{2,6}-[A-Z]{2,6})\b"
)


@lru_cache(maxsize=4096)
def names_law(text: str) -> bool:
    """Whether the text has a general word of law, or names an instrument, a provision or an authority of the registry."""
    return bool(_LAW.search(text) or find_citations(text) or find_authorities(text))
