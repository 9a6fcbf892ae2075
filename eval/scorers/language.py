"""Language: some scores read English words alone, and say so of a draft in another language instead of finding nothing in it."""

from functools import lru_cache
from typing import Any

from eval.candidate import Part
from eval.cases import Case
from pipeline.document.language import find_language


def why_not_english(part: Part[Any], case: Case) -> str | None:
    """Why a score that reads English words alone cannot be given for this part; None when the part is in English.

    Drafts are asked for in English whatever the document's language, so the draft's own text decides; where it is too short for that, the
    document's language does.
    """
    language = _language_of(part.texts, case.document.language)
    if language.startswith("en"):
        return None
    return f"The {part.name} artefact is in the language {language}; this score reads English words alone."


@lru_cache(maxsize=64)
def _language_of(texts: tuple[str, ...], expected: str) -> str:
    return find_language(texts, expected)
