"""What the registries offer for a field of a form while somebody types into it: every word is looked for anywhere, the best hit stands first.

An editor types what comes to mind: an article's number alone, a state and a matter, a court's file number, an authority's name in her own
language. What the registry does not have is said, with what to do then; a list that stays empty says nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pipeline.publish.law import view_entry, view_ref
from pipeline.publish.shown import shown
from pipeline.registry.authorities import find_authorities, load_authorities
from pipeline.registry.citations import check_ref, verification_of
from pipeline.registry.decisions import load_decisions
from pipeline.registry.pinpoints import parse_ref
from pipeline.registry.search import find_provision, fold_words
from pipeline.registry.statutes import load_statutes
from pipeline.registry.topics import load_topics

MOST_CHOICES = 30
_LONGEST_QUERY = 100
_SHORTEST_PIECE = (
    4  # characters: a shorter word must begin a word of the entry, a longer one may stand within one
)
# Of one word: it is a word of the entry, begins one, stands within one; it is found in what stands around the entry.
_WHOLE, _BEGINS, _WITHIN, _AROUND = 6, 4, 2, 1
_TOPIC = 3  # the entry is the provision for a matter that the words name
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"(?:§+ ?)?((?=[^(]*\d)[0-9a-z.:/-]+(?:\([0-9a-z.-]{1,6}\))*)")
# Words that say nothing of what is looked for.
_FILLERS = re.compile(
    r"an?|and|art|articles?|by|for|from|in|its|law|of|on|or|paragraph|sec|section|the|to|under|§+"
)
# What editors call by another word than the titles of the law do.
_ALSO: dict[str, tuple[str, ...]] = {
    "gpc": ("opting",),
    "signal": ("opting",),
    "voice": ("biometric",),
    "face": ("biometric",),
    "faces": ("biometric",),
    "kids": ("children",),
    "minors": ("children", "child"),
    "teens": ("children", "child"),
    "cookies": ("trackers", "terminal"),
    "deletion": ("erasure", "delete"),
    "profiling": ("automated",),
    "transfers": ("transfer",),
}
_STATUTES = "cite the act alone by its id, or leave the statute out"
_NOTHING = {
    "statutes": _STATUTES,
    "instruments": "leave the exposure out, or name the act in the rationale",
    "decisions": "leave the decision out; a draft cites those of the registry alone",
}
_VERIFIED = {
    "text": "checked against the law's text",
    "secondary": "secondary sources only",
    "memory": "unverified",
    "conflict": "unverified, sources disagree",
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """What can be chosen. ``own`` are its words, ``around`` those of what it belongs to."""

    id: str
    own: str
    around: str

    def rank(self, words: Iterable[str]) -> int:
        """How well it fits all of the words; 0 when one of them is nowhere, or none of them is its own."""
        total, owned = 0, False
        for word in words:
            best = max(self._rank(form) - (form != word) for form in (word, *_ALSO.get(word, ())))
            if best <= 0:
                return 0
            owned = owned or best > _AROUND
            total += best
        return total if owned else 0

    def _rank(self, word: str) -> int:
        if f" {word} " in self.own:
            return _WHOLE
        if f" {word}" in self.own:
            return _BEGINS
        if len(word) >= _SHORTEST_PIECE and word in self.own:
            return _WITHIN
        return _AROUND if f" {word}" in self.around else 0


def find_choices(kind: str, query: str) -> list[tuple[str, str]]:
    """Ids of the registry that fit the words typed, each with its name, its title and how far it was verified, the best first.

    ``kind`` is ``statutes`` (provisions too), ``instruments`` or ``decisions``; for any other, and for nothing typed, there is none. When
    the registry has nothing that fits, the only choice has no id and says so.
    """
    query = query.strip()[:_LONGEST_QUERY]
    if not query or kind not in _NOTHING:
        return []
    match kind:
        case "decisions":
            found = _ranked(_decisions(), query)
        case "instruments":
            found = [*_ranked(_instruments(), query), *(ref.partition(":")[0] for ref in _numbered(query))]
        case _:
            found = _provisions(query)
    told = [(ref, tell_choice(kind, ref)) for ref in dict.fromkeys(found)]
    return told[:MOST_CHOICES] or [("", f"Nothing in the registry for “{shown(query)}”: {_NOTHING[kind]}.")]


def tell_choice(kind: str, value: str, *, brief: bool = False) -> str:
    """An id of the registry in words: its name, its title, how far it was verified; empty for what the registry does not have.

    When ``brief``, the law of a provision is told by its short name alone, which its citation has.
    """
    if kind == "decisions":
        decision = load_decisions().get(value)
        if decision is None:
            return ""
        entry = view_entry(decision)
        words = ", ".join(filter(None, (entry.name, entry.reference, entry.date, entry.status)))
        return f"{words} · {entry.unverified or 'verified'}"
    parsed, verification = parse_ref(value), verification_of(value)
    instrument = load_statutes().get(parsed.instrument_id) if parsed else None
    if parsed is None or instrument is None or verification is None:
        return ""
    view = view_ref(value, "")
    name = shown(instrument.name) if not parsed.number else view.words
    if parsed.number and not brief:
        name = f"{name} · {shown(instrument.name)}"
    if parsed.groups and _paragraphs(value) is None and verification == "text":
        return f"{name} · {view.doubt or 'the number is checked, the paragraph is not'}"
    return f"{name} · {view.doubt or _VERIFIED[verification]}"


def _paragraphs(ref: str) -> Mapping[str, str] | None:
    """The paragraphs of the provision that a reference cites, None where the registry does not know them."""
    parsed = parse_ref(ref)
    instrument = load_statutes().get(parsed.instrument_id) if parsed else None
    article = instrument.article(parsed.number) if parsed and instrument else None
    return article.paragraphs if article else None


def _provisions(query: str) -> list[str]:
    """The provision that the query names, those that have its number, then all whose words it has."""
    named = find_provision(query)
    found = [str(named)] if named and not _is_wrong(str(named)) else []
    found += _numbered(query)
    found += _ranked((*_instruments(), *_articles()), query)
    return found


def _is_wrong(ref: str) -> bool:
    return any(problem.severity == "error" for problem in check_ref(ref))


def _numbered(query: str) -> list[str]:
    """The provisions that a number names ("12(6)", "California 1798.121") in every law that has it; what is known by its title first."""
    words = fold_words(_DASHES.sub("-", query)).replace("art.", "art ").replace("sec.", "sec ").split()
    numbers = [(n, match[1]) for n, word in enumerate(words) if (match := _NUMBER.fullmatch(word))]
    if not numbers:
        return []
    at, number = numbers[-1]
    rest = [w for n, w in enumerate(words) if n != at and not _FILLERS.fullmatch(w)]
    if "recital" in rest:
        rest.remove("recital")
        number = f"recital {number}"
    found: list[tuple[bool, int, str]] = []
    for entry in _instruments():
        instrument = load_statutes().get(entry.id)
        rank = entry.rank(rest) if rest else 1
        if instrument is None or not rank:
            continue
        base, bracket, points = number.partition("(")
        for spelled in dict.fromkeys((base, base.upper())):
            ref = f"{entry.id}:{spelled}{bracket}{points}"
            if instrument.has(spelled) and parse_ref(ref) and not _is_wrong(ref):
                known = _paragraphs(ref) is not None if points else instrument.article(spelled) is not None
                found.append((not known, -rank, ref))
                break
    return [ref for _, _, ref in sorted(found, key=lambda hit: hit[:2])]


def _ranked(entries: Iterable[_Entry], query: str) -> list[str]:
    words = _words(query)
    wanted = [word for word in words if not _FILLERS.fullmatch(word)] or words
    topics = _topics(wanted, query)
    hits = [(max(entry.rank(wanted), topics.get(entry.id, 0)), entry.id) for entry in entries]
    return [ref for rank, ref in sorted(hits, key=lambda hit: -hit[0]) if rank][:MOST_CHOICES]


def _topics(words: list[str], query: str) -> dict[str, int]:
    """The provisions for the matters that a query names, in the words of the topics of the registry of law."""
    found: dict[str, int] = {}
    for topic in load_topics():
        name = _haystack(topic.name)
        if all(f" {word}" in name for word in words) or topic.strong.search(query):
            for ref in topic.right:
                found[ref] = found[ref.partition("(")[0]] = _TOPIC
    return found


@lru_cache(maxsize=1)
def _instruments() -> tuple[_Entry, ...]:
    return tuple(
        _Entry(
            i.id,
            _haystack(i.id, i.name, i.short, i.jurisdiction, *i.names),
            _haystack(*i.enforcers, i.notes or ""),
        )
        for i in load_statutes().instruments
    )


@lru_cache(maxsize=1)
def _articles() -> tuple[_Entry, ...]:
    return tuple(
        _Entry(f"{i.id}:{article.number}", _haystack(article.number, article.title or ""), entry.own)
        for entry in _instruments()
        if (i := load_statutes().get(entry.id))
        for article in i.articles
    )


@lru_cache(maxsize=1)
def _decisions() -> tuple[_Entry, ...]:
    return tuple(
        _Entry(
            d.id,
            _haystack(d.id, d.authority, d.respondent, d.reference, *d.names, *_names_of(d.authority)),
            _haystack(d.outcome, d.date, d.status, d.status_note, *d.provisions),
        )
        for d in load_decisions().decisions
    )


def _names_of(authority: str) -> tuple[str, ...]:
    """What an authority is called in any language."""
    known = (load_authorities().get(found.authority_id) for found in find_authorities(authority))
    return tuple(name for one in known if one for name in one.names)


def _haystack(*texts: str) -> str:
    return f" {' '.join(_words(' '.join(texts)))} "


def _words(text: str) -> list[str]:
    """The words of a text and the numbers that punctuation joins ("c-252/21"), whole and in their parts."""
    words: list[str] = []
    for word in fold_words(_DASHES.sub("-", text)).split():
        bare = word.strip(".,;:()[]'\"“”‘’")
        if bare:
            words.append(bare)
        parts = _WORD.findall(bare)
        if len(parts) > 1:
            words += parts
    return words
