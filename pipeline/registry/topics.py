"""Which provision is about what, so that one cited for another matter is caught, and statements about the law that are known to be wrong.

High precision comes first: a citation is called wrong only when the sentence names a topic for which the provision is a known mistake,
no topic that the sentence names is the provision's own, and the right provision is not cited beside it. Where the citation stands in
the sentence right next to a topic's words, that topic alone decides.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

from pydantic import field_validator

from pipeline.registry.data_files import read_data
from pipeline.registry.pinpoints import lies_within
from pipeline.registry.prose import find_citations
from pipeline.registry.sieve import Sieved, in_small, pieces_of_any
from schemas.base import Value

# What may stand between a topic's words and a citation: words before it ("cooperation under"), words behind it ("Article 56 GDPR on").
_BEFORE = re.compile(
    r"\W{0,3}(?:(?:mechanisms?|procedures?|rules?|rights?|provisions?|duties|duty|exists|arises|applies|is available|is granted|is governed)\W)?"
    r"\s*(?:\(|,\s)?(?:under|pursuant to|in accordance with|according to|within the meaning of|based on|by|per|in|of|see)?\s*(?:the\s)?\W{0,2}",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"[\s)\]'’s]{1,4}(?:(?:on|for|governs?|covers|triggers|sets out|grants|gives)\s)?(?:the\s|a\s)?",
    re.IGNORECASE,
)
_NEAR = 160  # characters around a citation in which words that belong to it are looked for
# "names no adequacy decision": the sentence is about something else.
_NO_SUCH = re.compile(
    r"\b(?:no|not|never|neither|nor|without|rather than|instead of|unlike)\b[^,;:.]{0,30}$", re.IGNORECASE
)
_DENIED = re.compile(
    r"\b(?:not|never|neither|nor|rather than|instead of|unlike|wrong(?:ly)?|no)\b", re.IGNORECASE
)


class Topic(Value):
    """What a provision can be about.

    ``words`` are patterns that name the topic in prose; ``weak`` are patterns that may mean it and therefore excuse a citation
    without accusing another. ``right`` are the provisions for it, ``also`` others that fit it, ``mistaken`` those that are known to be
    cited for it in error.
    A whole instrument among ``mistaken`` counts only in a sentence that names no other topic. ``decides`` says whether a citation right
    next to the words is judged by this topic alone; without it another topic of the sentence can always excuse the citation.
    """

    id: str
    name: str
    words: tuple[str, ...]
    weak: tuple[str, ...] = ()
    right: tuple[str, ...]
    also: tuple[str, ...] = ()
    mistaken: tuple[str, ...] = ()
    decides: bool = True

    @field_validator("words", "weak")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            re.compile(pattern)
        return patterns

    @cached_property
    def strong(self) -> Sieved:
        """What names the topic."""
        return Sieved("|".join(f"(?:{p})" for p in self.words), re.IGNORECASE)

    @cached_property
    def either(self) -> Sieved:
        """What names it or may mean it."""
        return Sieved("|".join(f"(?:{p})" for p in (*self.words, *self.weak)), re.IGNORECASE)

    def serves(self, ref: str) -> bool:
        """Whether a provision is right for the topic: one of its own, a part of one, or the article around one."""
        return any(lies_within(ref, own) or lies_within(own, ref) for own in (*self.right, *self.also))

    def mistakes(self, ref: str, *, alone: bool) -> bool:
        """Whether a provision is a known mistake for the topic; ``alone`` when the sentence names no other topic."""
        return any(lies_within(ref, wrong) and (alone or ":" in wrong) for wrong in self.mistaken)


class Misstatement(Value):
    """A wrong statement about law, met where every pattern of ``words`` and none of ``unless`` is in one sentence."""

    id: str
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()
    message: str

    @field_validator("words", "unless")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            re.compile(pattern)
        return patterns

    @cached_property
    def patterns(self) -> tuple[tuple[Sieved, ...], tuple[Sieved, ...]]:
        """``words`` and ``unless``."""
        words, unless = ([Sieved(p, re.IGNORECASE) for p in some] for some in (self.words, self.unless))
        return tuple(words), tuple(unless)

    def is_made_by(self, sentence: str) -> bool:
        """Whether the sentence makes it."""
        words, unless = self.patterns
        return all(p.search(sentence) for p in words) and not any(p.search(sentence) for p in unless)


@lru_cache(maxsize=1)
def load_topics() -> tuple[Topic, ...]:
    """All topics."""
    return tuple(Topic.model_validate(entry) for entry in read_data("topics.yaml")["topics"])


@lru_cache(maxsize=1)
def load_misstatements() -> tuple[Misstatement, ...]:
    """All known wrong statements."""
    return tuple(Misstatement.model_validate(e) for e in read_data("misstatements.yaml")["misstatements"])


def wrong_statements(sentence: str) -> tuple[Misstatement, ...]:
    """What a sentence says about the law that is known to be wrong."""
    pieces, small = _pieces(), in_small(sentence)
    if pieces and not any(piece in small for piece in pieces):
        return ()
    return tuple(entry for entry in load_misstatements() if entry.is_made_by(sentence))


@lru_cache(maxsize=1)
def _pieces() -> tuple[str, ...]:
    """What a sentence has one of that makes any of the wrong statements."""
    return pieces_of_any(entry.patterns[0] for entry in load_misstatements())


def wrong_topic(sentence: str, ref: str, beside: Iterable[str] = ()) -> str | None:
    """Why ``ref`` is the wrong provision for what the sentence is about, or None.

    ``beside`` are the other references that the claim cites; those in the sentence itself are found here.
    """
    citations = [c for c in find_citations(sentence) if c.ref is not None]
    places = [(c.start, c.end) for c in citations if c.ref == ref]
    named = _named(sentence)
    for start, end in places:
        if _DENIED.search(sentence, max(0, start - 40), start):
            return None
        listed = [c.ref for c in citations if c.start == start and c.ref is not None]
        decisive = _next_to(named, sentence, start, end, ref)
        if decisive and not any(topic.serves(other) for topic in decisive for other in listed):
            wrong = [topic for topic in decisive if topic.mistakes(ref, alone=True)]
            if wrong:
                return _message(wrong[0], ref)
    if any(topic.serves(ref) for topic in named):
        return None
    cited = [*beside, *(c.ref for c in citations if c.ref is not None and c.ref != ref)]
    for topic in named:
        if (
            topic.mistakes(ref, alone=len(named) == 1)
            and _is_about(topic, sentence)
            and not any(topic.serves(other) for other in cited)
        ):
            return _message(topic, ref)
    return None


# A sentence is asked about once for each provision that it cites.
@lru_cache(maxsize=512)
def _named(sentence: str) -> tuple[Topic, ...]:
    """The topics that a sentence names or may mean."""
    return tuple(topic for topic in load_topics() if topic.either.search(sentence))


def _next_to(named: Sequence[Topic], sentence: str, start: int, end: int, ref: str) -> list[Topic]:
    """The topics whose words stand right behind a citation ("Article 56 cooperation"), else right before it.

    Of several topics before it ("access and portability under Article 15") the nearest does not decide when another is the
    provision's own.
    """
    deciding = [topic for topic in named if topic.decides]
    behind = [t for t in deciding if _stands(t, sentence, start, end, behind=True)]
    if behind:
        return behind
    window = (max(0, start - _NEAR), start)
    if any(topic.serves(ref) and topic.either.search(sentence, *window) for topic in named):
        return []
    return [t for t in deciding if _stands(t, sentence, start, end, behind=False)]


def _is_about(topic: Topic, sentence: str) -> bool:
    """Whether the sentence names the topic other than to say that it is missing."""
    return any(
        not _NO_SUCH.search(sentence, max(0, match.start() - 40), match.start())
        for match in topic.strong.finditer(sentence)
    )


def _stands(topic: Topic, sentence: str, start: int, end: int, *, behind: bool) -> bool:
    if behind:
        matches = topic.strong.finditer(sentence, end, end + _NEAR)
        return any(_BEHIND.fullmatch(sentence, end, match.start()) for match in matches)
    matches = topic.strong.finditer(sentence, max(0, start - _NEAR), start)
    return any(_BEFORE.fullmatch(sentence, match.end(), start) for match in matches)


def _message(topic: Topic, ref: str) -> str:
    same = [own for own in topic.right if own.partition(":")[0] == ref.partition(":")[0]]
    return f"{ref} is not about {topic.name}; that is {or_list(same or topic.right)}."


def or_list(things: Sequence[str]) -> str:
    """Things as a choice in prose: ``a``, ``a or b``, ``a, b or c``."""
    return things[0] if len(things) == 1 else ", ".join(things[:-1]) + " or " + things[-1]
