"""Clauses: a sentence cut into parts that say one thing each, and what each says yes, no or "unless" to.

``choice`` is what a practice waits for: ``in`` (it waits for a yes), ``out`` (it goes on until a no), ``none`` (no way to say no).
``denies`` is whether the clause denies what its words are about, an even number of negations being none: to be "not left out of training"
is to be trained on. The condition that carries the choice ("unless you opt out") is not counted: its "not" is not the clause's.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from eval.judges.words import ALLOW, REFUSE, SPARED, content, content_in_order, normalise
from pipeline.checks.folding import fold_text
from pipeline.checks.quantities import Quantity, find_periods_in_words, find_quantities
from pipeline.checks.stems import stem
from pipeline.registry.citations import find_citations

Names = tuple[tuple[str, str], ...]
Choice = Literal["in", "out", "none"]

_W = r"(?:[^\s;]+\s+){0,9}?"
_V = r"(?:[^\s;,]+\s+){0,6}?"
LONGEST = 2_000  # characters of a sentence that are read

_CUT = re.compile(
    r"[;!?]\s+|(?<!\bv)(?<!\bvs)\.\s+(?=[A-Z(])|\s[-–—]\s|\s\|\s|"
    r",\s+(?:and(?!,)|but|where(?!\s+(?:it|they|that|this)\s+(?:is|are|does|do|has|have)\s+not)|while(?!\s+(?:you|they|a|the)\s)|whereas|although|yet|so|which|who|though|since|as|because)\s+|\sand\s+so\s+|\s(?:but|while|whereas|although|though|because)\s|(?<!\bto)(?<!\bof)(?<!\bin)(?<!\bby)(?<!\bfor)(?<!\bon)(?<!\bwith)(?<!\bfrom)\swhich\s|"
    r"(?<!\bor)\sand\s+(?=(?:it|they|you|we|he|she|does|do|is|are|can|cannot|may|will|has|have|never|not|those|must|keeps?|sells?|shares?|sends?|stays?|uses?|stops?|no\s+\w+\s+(?:is|are|can|may|will|stops?|applies))\b)|"
    r"\sand\s(?=(?:[\w-]+\s){1,5}(?:is|are|do|does|can|may|will|has|have)(?:\s+not|n't|\s+(?:left|kept|excluded|exempt|spared))\b)|:\s(?=(?:[\w'-]+\s){1,9}(?:is|are|do|does|can|cannot|may|will|has|have)\b)|"
    r"\sand\s+(?=(?:no|never|neither)\s)|,\s+(?=without\s+(?:an?\s+|any\s+)?(?:promise|notice|warning|mention)\b)|,\s+(?=(?:kept|stored|held|retained|used|sold|shared|deleted|processed)\s+(?:until|for|as|by|on|with|under|only|while)\b)|,\s+(?!(?:19|20)\d\d\b)(?=(?:(?:\w+\s+){0,6}?(?:is|are|was|were|can|cannot|may|must|will|do|does|has|have|had|rests?|go|goes|applies|apply|for(?=\s+(?:\d|one\b|two\b|three\b|four\b|five\b|six\b|seven\b|ten\b)))\s)|(?=for\s))"
)
# A comma behind such a beginning does not end the clause: it is the condition of what follows.
_OPENS = re.compile(
    r"^\s*(?:if|when|whenever|once|unless|until|for|with|without|under|on|in|by|at|after|before|to|"
    r"whether|whatever|wherever|whichever|whoever|regardless|irrespective|no\s+matter|outside|within|during|from|through|only|save|except|as\s+long\s+as|so\s+long\s+as|provided|given|since|as\s+soon\s+as)\b",
    re.IGNORECASE,
)
_NOT = r"(?:not|never|no|none|nothing|nobody|neither|cannot|nowhere|hardly)"
NEGATIONS = re.compile(
    rf"\b(?:{_NOT})\b|n't\b|\b(?:stops?|stopped|stopping|prevents?|prevented|blocks?|blocked|avoids?|ceases?|ceased|lacks?|lacking|fails?\s+to|den(?:y|ies|ied)|unable|disclaim(?:s|ed)?|invalid|ineffective|fails?(?=\s+(?:if|when|where|for|because|once|as)\b|\s*[.,;]|$)|"
    rf"forbids?|forbidden|prohibit\w*|bans?|banned|bars?|barred|absent|missing|silent|impossible|ends?\s+where|ends?(?=\s+(?:the|this|that|all|any|every)\s+\w+ing\b)|ends?(?=\s+\w+ing\s)|puts?\s+an?\s+(?:end|stop)\s+to|halts?|ignor(?:es|ed)|without\s+(?:an?\s+|any\s+|prior\s+){{0,2}}(?:promise[ds]?|notice|warning|mention|word|reminder)|without\s+(?:any(?:body|one)|a\s+person|people|a\s+human)|rul(?:e|es|ed)\s+out|unavailable|{SPARED})\b",
    re.IGNORECASE,
)
# "no X and no Y" denies once; "rules that cannot be waived remain" denies nothing.
_NO_AND_NO = re.compile(r"\bno\b([^;,.]{1,60}?)(?:,|\b(?:and|or))\s+no\b", re.IGNORECASE)
_NO_BEFORE = re.compile(r"\bno\s+(?:[\w-]+\s*){1,4}$", re.IGNORECASE)
_OF_THOSE = re.compile(
    r"\b(?:that|who|which|whom)\s+(?:(?:is|are|was|were|do|does|did|can|could|may|has|have)\s+)?(?:not|never|cannot|xspared)\b",
    re.IGNORECASE,
)
_NOT_WITHOUT = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|cannot)\b[^;,]{1,120}\bwithout\s+(?:an?|the|any|its|prior|first)\b(?!\s+(?:\w+\s+){0,2}(?:promise|notice|warning|mention|word|reminder|person|human|release|xallow|signature)\b)",
    re.IGNORECASE,
)
_ALSO = re.compile(
    r"\bnot\s+(?:only|just|merely|solely|all|every\w*|always|necessarily)\b|\bno\s+(?:later|more|less|fewer)\s+than\b|\bnot\s+yet\b",
    re.IGNORECASE,
)
INSTEAD = re.compile(
    r"\bwithout\s+(?:[\w-]+\s+){1,2}?[\w-]+ing\b|(?<=\w),\s+(?:but\s+)?only\s+(?:before|after|for|in|on|to|by|with)\b[^,;]*|(?:\b(?:instead of|in place of|despite|notwithstanding|in spite of|rather than|as opposed to|unlike|and\s+(?:therefore\s+|so\s+|thus\s+|hence\s+)?not(?!\s+(?:only|be|used|sold|kept|shared))|no\s+longer\s+than)|,\s*not(?!\s+only))\b[^,;]*|,\s*(?:[\w-]+\s+){1,3}?(?:excluded|excepted|xspared)(?=\s*(?:[,;.]|$|and\b|on\b|rests?\b)),?",
    re.IGNORECASE,
)

_YES = rf"(?:{ALLOW}|allow(?:s|ed)?|permits?|asks?\s+(?:\w+\s+){{0,2}}first|asked\s+first|signs?|signed|enrol\w*|written\s+release|explicit(?:ly)?\s+{ALLOW})\b"
_NO = rf"(?:{REFUSE}|withdraw\w*)"
_IN = (
    re.compile(rf"\b(?:only|solely)\s+{_W}(?:if|when|where|once|after|with|on|upon|by|from|of|through)\s+{_W}{_YES}", re.IGNORECASE),
    re.compile(rf"\b(?:unless|until|before)\s+(?!{_V}{REFUSE}){_W}{_YES}", re.IGNORECASE),
    re.compile(rf"\b(?:if|when|once|after|provided|where)\s+(?:\w+\s+){{1,4}}(?:ha(?:s|ve)\s+)?(?:\w+\s+)?{_YES}", re.IGNORECASE),
    re.compile(rf"\b(?:needs?|requires?|asks?\s+for|asks?|obtains?|seeks?|wants?|depends?\s+on|calls?\s+for|subject\s+to|rests?\s+on|with|on|by|upon)\s+(?:\w+\s+){{0,3}}(?:{ALLOW})", re.IGNORECASE),
    re.compile(rf"\b(?:{ALLOW})\s+(?:\w+\s+){{0,3}}(?:required|needed|first|asked|obtained|sought|before)\b", re.IGNORECASE),
    re.compile(rf"\b(?:must|has\s+to|have\s+to|needs?\s+to)\s+(?:\w+\s+){{0,3}}{_YES}", re.IGNORECASE),
    re.compile(r"\b(?:off|out|not\s+\w+|never)\s+(?:\w+\s+)?by\s+default\b|\boff\s+(?:until|unless|at\s+first|from\s+the\s+start)\b|\boff\s+when\s+(?:\w+\s+){1,4}(?:new|opened|created|starts?|joins?|begins?)\b", re.IGNORECASE),
)  # fmt: skip
_UNASKED = re.compile(
    rf"\b(?:without|no|not\s+(?:need|require|ask|ask\s+for|wait\s+for|seek)|never\s+(?:asks?|needs?|seeks?))\s+(?:\w+\s+){{0,3}}{ALLOW}|\bwithout\s+(?:\w+\s+){{0,3}}asking\b|\bnobody\s+is\s+asked\b",
    re.IGNORECASE,
)
_OUT = (
    re.compile(rf"\b(?:unless|until|except\s+(?:if|where|when)|save\s+(?:if|where|when))\s+(?!{_V}{ALLOW}){_W}{_NO}", re.IGNORECASE),
    re.compile(rf"\b(?:if|as\s+long\s+as|while|when)\s+(?:\w+\s+){{1,3}}(?:do|does|did|have|has)\s?(?:not|n't)\s+{_W}{_NO}", re.IGNORECASE),
    re.compile(r"\b(?:(?<!not )by\s+default|as\s+a\s+default|automatically|on\s+when\s+(?:\w+\s+){1,4}(?:new|starts?|joins?|begins?)|on\s+at\s+first|presumed|on\s+from\s+the\s+(?:start|beginning)|from\s+the\s+start)\b", re.IGNORECASE),
    re.compile(r"\bunless\s+(?:\w+\s+){0,4}(?:stop|stops|cancel|cancels|withdraw|withdraws)\b", re.IGNORECASE),
)  # fmt: skip
_NO_WAY = (
    re.compile(rf"\b(?:no|cannot|can't|without|never|unable|impossible|neither|nor|not)\s+(?!only\b|necessarily\b)(?:[^\s;,]+\s+){{0,5}}?{_NO}", re.IGNORECASE),
    re.compile(r"\b(?:no|without\s+an?y?)\s+(?:\w+\s+)?(?:switch|way\s+(?:to|of)\s+(?:stop|say)\w*|setting|choice|control)\b|\bwhatever\s+the\s+(?:switch|setting)|\bregardless\s+of\s+(?:\w+\s+){0,3}(?:switch|setting|choice)|\bno\s+switch\b", re.IGNORECASE),
    re.compile(r"\bha(?:s|ve)\s+no\s+(?:say|bearing|influence|effect|hold)\s+(?:over|on)\b", re.IGNORECASE),
    re.compile(rf"\b(?:{_NO})\s+(?:\w+\s+){{0,4}}(?:not\s+(?:possible|offered|available|stated)|impossible|unavailable|has\s+no\s+effect)\b", re.IGNORECASE),
)  # fmt: skip
_OFFERED = re.compile(rf"\b(?:{REFUSE})\b", re.IGNORECASE)

_ALL = re.compile(
    r"\b(?:all(?!\s+(?:that|it|they|you|we)\b)|any|every|each|either\s+(?:side|party)|both\s+(?:sides|parties)|everything|everybody|everyone|anybody|anyone|anything|always|never|nothing|nobody|whole|entire(?:ly)?|wherever|whoever|equally|whatever|whichever|no\s+matter|in\s+full|"
    r"in\s+(?:all|every)\s+cases?|without\s+(?:any\s+)?exceptions?|nationwide|worldwide|anywhere|everywhere)\b",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"\b(?:only|solely|exclusively|just(?!\s+(?:as|like)\b)|merely|alone|nothing\s+but|no\s+one\s+but|nobody\s+but|reserved\s+(?:for|to)|limited\s+to|confined\s+to|restricted\s+to)\b",
    re.IGNORECASE,
)
_BUT = re.compile(
    r"\b(?:except(?:ing|ed)?|exceptions?(?!:)|save\s+(?:for|where|if|that)|other\s+than|apart\s+from|aside\s+from|but\s+not|unless|outside|some|certain|most|several|partly|in\s+part)\b",
    re.IGNORECASE,
)
SAYS = re.compile(
    r"\b(?:polic(?:y|ies)|document|text|notice|section|sections|row|nowhere|nothing)\b[^.;]{0,40}?\b(?:mentions?|mentioned|names?|named|says?|said|states?|stated|lists?|listed|cites?|cited|gives?|"
    r"given|describes?|described|refers?|speaks?|tells?|told|silent|calls?|called|promises?|promised|explains?|specif\w+|addresses|appears?|stands?|sets?\s+out|discloses?)\b|"
    r"\b(?:missing|absent)\s+(?:from|in)\s+the\s+(?:text|document|policy)\b|\b(?:is|are)\s+(?:not\s+|nowhere\s+|never\s+)?(?:mentioned|named|stated|listed|cited|promised|said|described|defined|told|explained)\b|\b(?:is|are)\s+silent\b|\b(?:appears?|occurs?)\s+(?:anywhere\s+)?in\s+the\s+(?:policy|document|text)\b",
    re.IGNORECASE,
)

_PARTIAL = re.compile(
    r"\bnot\s+(?:all|every\w*|each|any\w*|always|necessarily|the\s+only)\b|\b(?:not|never|n't)\b[^,;]{0,40}\b(?:forever|always|alone|in\s+every\s+case|as\s+such|by\s+itself|altogether)\b",
    re.IGNORECASE,
)
_EACH_OF_A_LIST = re.compile(r"\b(?:or|nor)\b", re.IGNORECASE)
_AUXILIARY = re.compile(
    r"^\s*(?:(?:used|processed|made|taken|put|subject|have|has|had|be|been|being|is|are|was|were|do|does|did|can|may|must|need|to|also|yet|even|ever|in|on|of|for|from|by|with|at|the|an?|any|your|their|its|our|his|her|"
    r"this|that|these|such|other|further|more)\s+)*",
    re.IGNORECASE,
)
_FIRST_WORD = re.compile(r"[\w'-]+")
# What is only quoted denies nothing: the answer "no match".
_QUOTED = re.compile(r'"[^"]{1,40}"')
_LONGEST_LIST = 4  # denials of one list that are read as one
_SUBJECT = 3  # words of a clause without a verb that is known here, in which its subject stands
_LONGEST_OPENING = 25  # words of a condition that a sentence begins with
_GOES_ON = re.compile(
    r"\s*(?:unless|until|even|without(?!\s+(?:an?\s+|any\s+)?(?:promise|notice|warning|mention))|only\s+if|whether|whatever|no\s+matter)\b",
    re.IGNORECASE,
)
# What follows is an exception: of it the opposite holds.
_EXCEPT = re.compile(
    rf"(?:,?\s+(?:and\s+)?|^(?!\s*unless\b))(?:without(?=\s+(?:first\s+|ever\s+)?(?!(?:asking|opting|agreeing|consenting)\b|any)[\w-]+ing\b)|except(?:ing)?(?:\s+(?:for|with|where|when|if|that|in|as))?|save\s+(?:for|where|when|if|that|in)|apart\s+from|aside\s+from|other\s+than|with\s+the\s+exceptions?\s+of|excluding|"
    rf"unless(?!\s+{_W}(?:opt|object|say|agree|consent|switch|turn|refus|allow|permi|sign|withdraw|declin|disabl|enabl|send|cancel|stop|letter|letters|write|ask|tell|choose)))\s+",
    re.IGNORECASE,
)
# "and that goes for Circles as well": what was said before is said of it too.
_SAME_OF = re.compile(
    r"^\s*(?:and\s+|but\s+)?(?:so\s+(?:is|are|does|do)|(?:(?:that|this|it|which|the\s+same)\s+(?:also\s+|equally\s+)?(?:goes\s+for|holds\s+(?:for|of)|holds\s+good\s+for|applies\s+to|is\s+true\s+(?:of|for)|cover))|(?:as|like)\s+(?:do|does|is|are))\b",
    re.IGNORECASE,
)
_ELLIPTIC = re.compile(r"^\s*(?:but\s+|and\s+)?(?:not|nor)\b", re.IGNORECASE)
# "residents of Washington are": what they are stands in another clause.
_CUT_SHORT = re.compile(
    r"\b(?:is|are|was|were|do|does|did|can|may|will|has|have)(?:\s+not|n't)?\W*$", re.IGNORECASE
)
VERB = re.compile(
    r"\b(?:is|are|was|were|be|can|cannot|may|might|must|will|would|do|does|did|has|have|had|rests?|goes|go|uses?|sells?|shares?|keeps?|trains?|covers?|applies|apply|takes?|gets?|gives?|"
    r"stops?|sends?|stays?|makes?|says?|names?|lists?|needs?|requires?|counts?|stands?|lets?|reach(?:es)?|stores?|kept|used|sold|means?|happens?|lasts?|becomes?|turns?|begins?|works?|runs?|"
    r"receives?|reacts?|responds?|carr(?:y|ies)|holds?|comes?|falls?|feeds?|collects?|costs?|renews?)\b|n't\b",
    re.IGNORECASE,
)
# "you can switch this off": off goes what the clause before tells of.
_STOPS_IT = re.compile(
    r"\b(?:switch|turn)\w*\s+(?:this|it|that|them)\s+off\b|\b(?:stops?|refuse|disable|prevent|undo|object\s+to)\s+(?:this|it|that|them)\b",
    re.IGNORECASE,
)
_NO_SUBJECT = re.compile(
    r"^\s*(?:and\s+|but\s+)?(?:also\s+|then\s+|still\s+)?(?:expressly\s+|always\s+)?(?:is|are|was|were|can|cannot|may|must|will|do|does|has|have|never|not|keeps?|sells?|shares?|sends?|stays?|uses?|stops?|rests?|takes?|goes|covers?|includes?|appl(?:y|ies)|lets?|makes?|gives?|gets?|trains?|reach(?:es)?|stands?|"
    r"it|they|that|this|these|those|he|she)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence that says one thing.

    ``plain`` is folded alone, ``text`` normalised; ``words`` are its content, ``about`` the sentence's. ``all``, ``only`` and ``limited``
    are whether it has a word that leaves no exception, leaves only one case, or makes an exception; ``says`` whether it is about what the
    document says instead of what happens, ``elliptic`` whether it lives on the words of the clause before it, ``whole`` whether it has a
    verb, ``partial`` whether it denies a part or leaves open what it denies ("not every plan"). ``denied`` is what the "not" stands before.
    ``matter`` is ``plain``, behind the clause that it takes its subject or its meaning from; ``order`` are the words of weight that stand in it,
    in order; ``offered`` whether a way to say no is only mentioned ("the opt-out switch covers chats").
    """

    plain: str
    text: str
    words: frozenset[str]
    about: frozenset[str]
    denies: bool
    choice: Choice | None
    all: bool
    only: bool
    limited: bool
    says: bool
    elliptic: bool
    whole: bool
    partial: bool
    denied: frozenset[str]
    quantities: tuple[Quantity, ...]
    matter: str
    order: tuple[str, ...]
    offered: bool


@lru_cache(maxsize=8192)
def read_clauses(sentence: str, names: Names = ()) -> tuple[Clause, ...]:
    """The clauses of a sentence, in order. Linear in its length, of which the first ``LONGEST`` characters are read.

    ``names`` are pairs of a name and the one word that stands for it among the words of weight, the longest names first.
    """
    text = fold_text(sentence[:LONGEST])
    about = content(normalise(rename(text, names)))
    clauses: list[Clause] = []
    for part in _split(text):
        main, *exceptions = _EXCEPT.split(part)
        if len(main.split()) > 1:
            clauses.append(_read(main, names, about, clauses[-1] if clauses else None))
        of = clauses[-1] if clauses else None
        for exception in exceptions:
            clauses.append(_read(exception, names, about, of, excepted=True))
    return tuple(clauses)


def begins_without_subject(sentence: str) -> bool:
    """Whether a sentence begins with a verb or a pronoun, so that what it is about stands before it."""
    return bool(_NO_SUBJECT.match(sentence))


def rename(text: str, names: Names) -> str:
    """The text with each name written as the one word that stands for it."""
    for name, word in names:
        text = text.replace(name, word)
    return text


def _split(text: str) -> list[str]:
    parts: list[str] = []
    start = 0
    for match in _CUT.finditer(text):
        before = text[start : match.start()]
        if match[0].strip() == "," and _OPENS.match(before) and len(before.split()) < _LONGEST_OPENING:
            continue
        if (match[0].strip() == "," and _GOES_ON.match(text, match.end())) or len(before.split()) < 2:
            continue
        bare = match[0].strip() == "and"
        # Behind the condition that a sentence begins with, "your prompts and answers" is no clause and another.
        main = before.rpartition(",")[2] if bare and _OPENS.match(before) else before
        if bare and (not VERB.search(main) or _NO_BEFORE.search(before)):
            continue
        parts.append(before)
        start = match.end()
    parts.append(text[start:])
    return [part.strip(" ,") for part in parts if re.search(r"\w", part)]


# "The policy says that chats are kept" says that chats are kept.
_SAYS_THAT = re.compile(
    r"^\s*(?:(?:and|but)\s+)?(?:(?:the|this|its)\s+)?(?:policy|document|notice|text|terms|(?:section|part)\s+[\w.]+|company|it|row)\s+(?:\w+ly\s+|itself\s+|also\s+)?"
    r"(?:says|states|discloses|announces|declares|promises|confirms|claims|explains|provides|warns|admits|tells\s+\w+)\s+that\s+",
    re.IGNORECASE,
)


def _read(
    plain: str, names: Names, about: frozenset[str], before: Clause | None, *, excepted: bool = False
) -> Clause:
    text = normalise(_SAYS_THAT.sub("", rename(plain, names)))
    quantities = _quantities(text)
    words = content(INSTEAD.sub(" ", _without(quantities, text)))
    choice, rest = _read_choice(INSTEAD.sub(" ", text))
    denies = _denies(rest)
    elliptic, whole_by_itself = True, False
    if before is not None and excepted:
        words, denies, choice = words | before.words, not before.denies, None
    elif before is not None and (_CUT_SHORT.search(text)):
        words |= before.words - _subject(before)
        denies, choice = bool(NEGATIONS.search(text)) or not before.denies, None
    elif before is not None and _ELLIPTIC.match(text) and not VERB.search(text):
        # "are left out, but not X": of X the opposite holds of what was said before.
        words, denies, choice = words | before.words, not before.denies, None
    elif before is not None and _SAME_OF.match(text):
        words, denies, choice = words | before.words, denies != before.denies, before.choice
    else:
        elliptic = False
        if before is not None and _NO_SUBJECT.match(text):
            words |= _subject(before)
        elif before is not None and _STOPS_IT.search(plain):
            words |= before.words
        else:
            whole_by_itself = True
    return Clause(
        plain,
        text,
        words,
        about,
        denies,
        choice,
        bool(_ALL.search(text)),
        bool(_ONLY.search(_ALSO.sub(" ", text))),
        bool(_BUT.search(text)),
        bool(SAYS.search(text)),
        elliptic,
        bool(VERB.search(text)) and not (elliptic and _SAME_OF.match(text)),
        bool(_PARTIAL.search(text))
        or (denies and bool(_OF_THOSE.search(text)))
        or (excepted and before is not None and not before.whole),
        _denied(rest),
        quantities,
        plain
        if before is None or whole_by_itself
        else f"{before.plain if elliptic else _before_verb(before.plain)} {plain}",
        content_in_order(INSTEAD.sub(" ", text)),
        choice == "out" and not any(pattern.search(text) for pattern in _OUT),
    )


def _denied(text: str) -> frozenset[str]:
    """The stems of the first word that each negation of the clause stands before, be it empty of weight or not."""
    found: set[str] = set()
    for match in NEGATIONS.finditer(text):
        behind = _AUXILIARY.sub("", text[match.end() : match.end() + 80])
        if word := _FIRST_WORD.match(behind):
            found |= content(word[0]) or {stem(word[0])}
        if _EACH_OF_A_LIST.search(text, match.end()):
            found |= content(text[match.end() :])
    return frozenset(found)


def _without(quantities: tuple[Quantity, ...], text: str) -> str:
    """The text without its figures, which are no words of weight."""
    for quantity in reversed(quantities):
        text = text[: quantity.start] + " " + text[quantity.start + len(quantity.words) :]
    return text


def _subject(clause: Clause) -> frozenset[str]:
    """The words of weight before the verb."""
    return content(_before_verb(clause.text))


def _before_verb(text: str) -> str:
    verb = VERB.search(text)
    return text[: verb.start()] if verb else " ".join(text.split()[:_SUBJECT])


def _read_choice(text: str) -> tuple[Choice | None, str]:
    """The choice, and the text without the words that carry it; none where the text has a yes and a no to wait for."""
    out = next((match for pattern in _OUT[:2] if (match := pattern.search(text))), None)
    unasked = _UNASKED.search(text)
    waits = None if unasked else next((match for pattern in _IN if (match := pattern.search(text))), None)
    if (
        out
        and waits
        and not (out.start() <= waits.start() < out.end() or waits.start() <= out.start() < waits.end())
    ):
        return None, text
    if out:
        return "out", text[: out.start()] + text[out.end() :]
    if waits:
        rest = text[: waits.start()] + text[waits.end() :]
        if re.match(r"(?:unless|until|before)\b", waits[0], re.IGNORECASE):
            # "not sold unless you agree" is sold once you agree.
            rest = NEGATIONS.sub(" ", rest, count=1)
        return "in", rest
    if unasked:
        before = text[: unasked.start()]
        if unasked[0].lower().startswith("without") and NEGATIONS.search(before):
            return "in", NEGATIONS.sub(" ", before, count=1) + text[unasked.end() :]
        if (
            unasked[0].lower().startswith("without")
            and not before.strip()
            and NEGATIONS.search(text, unasked.end())
        ):
            return "in", NEGATIONS.sub(" ", text[unasked.end() :], count=1)
        return "out", before + text[unasked.end() :]
    for pattern in _NO_WAY:
        if match := pattern.search(text):
            return "none", text[: match.start()] + text[match.end() :]
    for pattern in (*_OUT[2:], _OFFERED):
        if match := pattern.search(text):
            return "out", text if pattern is _OFFERED else text[: match.start()] + text[match.end() :]
    return None, text


def _denies(text: str) -> bool:
    text = INSTEAD.sub(" ", _ALSO.sub(" ", _QUOTED.sub(" ", text)))
    text = _OF_THOSE.sub(" that ", text)
    for _ in range(_LONGEST_LIST):
        text = _NO_AND_NO.sub(r"no \1", text)
    found = NEGATIONS.findall(text)
    # "no provider is engaged without an audit": the audit is always made.
    return (len(found) + bool(_NOT_WITHOUT.search(text))) % 2 == 1


def _quantities(text: str) -> tuple[Quantity, ...]:
    for found in reversed(find_citations(text)):
        text = text[: found.start] + "#" * (found.end - found.start) + text[found.end :]
    return tuple(sorted((*find_quantities(text), *find_periods_in_words(text)), key=lambda q: q.start))
