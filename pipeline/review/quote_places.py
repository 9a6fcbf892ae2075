"""Where a quote stands: an editor who gives the words need not know what the desk calls the passage that holds them."""

from pipeline.checks.folding import fold_text
from pipeline.errors import UsageError
from pipeline.publish.shown import shown
from schemas.document import Document

_MOST_NAMED = 6
_LONGEST_NAMED = 60  # characters of a quote or passage in a sentence of the desk
_FIRST_WORDS = 4


def passages_with(document: Document, quote: str) -> tuple[str, ...]:
    """The ids of all passages that hold a quote, as the checks find it: spaces, quotation marks and dashes may differ."""
    wanted = fold_text(quote)
    return tuple(p.id for p in document.passages if wanted and wanted in fold_text(document.text_of(p)))


def find_passage(document: Document, quote: str) -> str:
    """The id of the one passage that holds a quote. Raises UsageError in one sentence when none or several do, with those that may be meant."""
    found = passages_with(document, quote)
    if len(found) == 1:
        return found[0]
    told = f"“{_clip(shown(quote))}”"
    if found:
        raise UsageError(
            f"{len(found)} passages hold {told}: {_named(found)}. Give one of them, or quote more words of the one that is meant."
        )
    near = passages_with(document, " ".join(quote.split()[:_FIRST_WORDS]))
    if near:
        raise UsageError(
            f"No passage of the policy holds {told}; it begins like {_named(near)}. Copy the words as they stand there."
        )
    raise UsageError(
        f"No passage of the policy holds {told}. Select the words in the policy, or copy them as they stand there."
    )


def _named(ids: tuple[str, ...]) -> str:
    more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
    return ", ".join(map(shown, ids[:_MOST_NAMED])) + more


def _clip(words: str) -> str:
    return words if len(words) <= _LONGEST_NAMED else f"{words[:_LONGEST_NAMED].rstrip()}…"
