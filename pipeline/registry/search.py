"""Looking things up in the registries by words, as a person at the command line does."""

import re
import unicodedata

from pipeline.registry.decisions import Decision, load_decisions
from pipeline.registry.pinpoints import MAX_REF, Ref, parse_ref
from pipeline.registry.statutes import Instrument, load_statutes

_PINPOINT = re.compile(r"([A-Za-z][A-Za-z0-9-]*)(\s*:\s*|\s+)(\S.*)")


def find_instrument(query: str) -> Instrument | None:
    """The instrument whose id the query is, in any case, or None."""
    wanted = fold_words(query).strip()
    return next((i for i in load_statutes().instruments if i.id.casefold() == wanted), None)


def find_provision(query: str) -> Ref | None:
    """The reference that the query is: ``GDPR:6(1)(f)``, or an id and a number ("gdpr 17"); None for any other words.

    Ids in any case, and letters of a number too where the instrument has it so ("ukgdpr 22a"). A reference with a colon need not exist;
    an id and a number are a reference only where the instrument has the number, for else they may be words to look for.
    """
    found = _PINPOINT.fullmatch(query.strip()) if len(query) <= MAX_REF else None
    instrument = find_instrument(found[1]) if found else None
    if found is None or instrument is None:
        return None
    pin = found[3]
    number, bracket, rest = pin.partition("(")
    spelled = (
        pin,
        *(form(number) + bracket + rest for form in (str.upper, str.lower, str.capitalize, _titled)),
    )
    refs = [ref for words in spelled if (ref := parse_ref(f"{instrument.id}:{words}"))]
    known = next((ref for ref in refs if instrument.has(ref.number)), None)
    if known is None and ":" in found[2] and refs:
        return refs[0]
    return known


def _titled(number: str) -> str:
    """An annex as the registry writes it: ``Annex III``."""
    kind, space, count = number.partition(" ")
    return kind.capitalize() + space + count.upper()


def search_statutes(query: str) -> tuple[Instrument, ...]:
    """The instruments in which every word of the query occurs, those whose id is a word of it first; all for an empty query."""
    words = fold_words(query).split()
    found = [i for i in load_statutes().instruments if _has_all(words, _words_of_instrument(i))]
    return tuple(sorted(found, key=lambda i: i.id.casefold() not in words))


def search_decisions(query: str) -> tuple[Decision, ...]:
    """The decisions in which every word of the query occurs; all for an empty query."""
    words = fold_words(query).split()
    return tuple(d for d in load_decisions().decisions if _has_all(words, _words_of_decision(d)))


def _words_of_instrument(instrument: Instrument) -> str:
    titles = " ".join(f"{article.number} {article.title or ''}" for article in instrument.articles)
    parts = (instrument.id, instrument.name, instrument.short, instrument.jurisdiction, *instrument.names)
    return fold_words(" ".join((*parts, *instrument.enforcers, instrument.verification, titles)))


def _words_of_decision(decision: Decision) -> str:
    parts = (decision.id, decision.authority, decision.respondent, decision.reference, decision.outcome)
    return fold_words(
        " ".join((*parts, decision.date, decision.status, *decision.names, *decision.provisions))
    )


def _has_all(words: list[str], text: str) -> bool:
    return all(word in text for word in words)


def fold_words(text: str) -> str:
    """A text without case and accents, as a search compares it."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
