"""Looking things up in the registries by words, as a person at the command line does."""

import unicodedata

from pipeline.registry.decisions import Decision, load_decisions
from pipeline.registry.statutes import Instrument, load_statutes


def search_statutes(query: str) -> tuple[Instrument, ...]:
    """The instruments in which every word of the query occurs, those whose id is a word of it first; all for an empty query."""
    words = _fold(query).split()
    found = [i for i in load_statutes().instruments if _has_all(words, _words_of_instrument(i))]
    return tuple(sorted(found, key=lambda i: i.id.casefold() not in words))


def search_decisions(query: str) -> tuple[Decision, ...]:
    """The decisions in which every word of the query occurs; all for an empty query."""
    words = _fold(query).split()
    return tuple(d for d in load_decisions().decisions if _has_all(words, _words_of_decision(d)))


def _words_of_instrument(instrument: Instrument) -> str:
    titles = " ".join(f"{article.number} {article.title or ''}" for article in instrument.articles)
    parts = (instrument.id, instrument.name, instrument.short, instrument.jurisdiction, *instrument.names)
    return _fold(" ".join((*parts, *instrument.enforcers, instrument.verification, titles)))


def _words_of_decision(decision: Decision) -> str:
    parts = (decision.id, decision.authority, decision.respondent, decision.reference, decision.outcome)
    return _fold(" ".join((*parts, decision.date, decision.status, *decision.names, *decision.provisions)))


def _has_all(words: list[str], text: str) -> bool:
    return all(word in text for word in words)


def _fold(text: str) -> str:
    """Without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
