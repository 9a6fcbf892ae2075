"""Negations: a claim that denies what its evidence affirms, or affirms what its evidence denies.

A fuzzy match is no support: "we do not share" is almost "we do share". But sentences say no in many ways, and a false alarm sends a right
answer back. So a clause counts as plainly negative only with exactly one of the words not, never, no, none, nor, neither, cannot, as plainly
positive only without any, and as neither as soon as it holds a word that bends or limits ("unless", "only", "without", "opt out",
"refuses", "except" and their like). Two clauses contradict one another when one is plainly negative, the other plainly positive, and the
words of weight of the one are those of the other. A "not" in a name ("Do Not Track") says nothing. So do a row's cell "Not used" and a claim that names its row and column and says "used".
What is said in other words is not seen here.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from pipeline.checks.evidence import locate
from pipeline.checks.folding import fold_text
from pipeline.checks.messages import clip
from pipeline.checks.stems import stem, stems
from pipeline.checks.support import Support
from pipeline.registry.sieve import Sieved
from schemas.document import Document
from schemas.finding import Finding
from schemas.summaries import Claim, Evidence

FEWEST_WORDS = 2  # words of weight in a clause that can contradict another
FEWEST_WORDS_OF_PART = 3  # the same, where the other clause says more
LONGEST_CLAUSE = 40  # words of weight; a longer run of text is no clause
SPREAD = 4  # further words of weight that may stand between those of the other clause
_LONGEST_SHOWN = 160  # characters of a clause in a message
SHARE_OF_DENIAL = 0.7  # of the denied clause's words of weight, found in what is affirmed

_NOT = Sieved(r"\b(?:not|never|no|none|nor|neither|cannot|nobody|nowhere|nothing)\b|n't\b", re.IGNORECASE)
_BENDS = re.compile(
    r"\b(?:unless|except\w*|other than|apart from|aside from|only|solely|until|if|whether|without|outside|beyond|but|however|although|though|"
    r"opt\w*|object\w*|consent\w*|permission|prior|limit\w*|restrict\w*|exclu\w+|exempt\w*|left out|leav\w+ out|omit\w*|lack\w*|absen\w+|"
    r"missing|silent|den(?:y|ies|ied)|refus\w+|declin\w+|reject\w*|prevent\w*|avoid\w*|stop\w*|prohibit\w*|forbid\w*|ban\w*|block\w*|"
    r"cease\w*|disabl\w+|(?<!^)(?:switch|turn)\w*|withdraw\w*|remov\w+|hardly|rarely|barely|no longer|not yet|instead of|rather than|even|"
    r"promis\w+|guarantee\w*|necessar\w+|always|every|else|far from|little|few|than|where|when|once|unable|fail\w*|"
    r"against|free of|free from|say\w*|said|mention\w*|nam(?:es|ing)|(?<!has )(?<!have )(?<!had )(?<!not )(?<!never )named|stat(?:es|ed|ing)|describ\w+|specif\w+|list(?:s|ed|ing)|explain\w*|disclos\w+ (?:whether|how)|"
    r"set out|unclear|un[a-z]{4,}ed|question\w*|may not be|would|could|should)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[;:.!?|]\s+|\s[-–—]\s|,\s+(?:and|but|while|whereas|although|yet|so|which|who)\s+|\s(?:but|while|whereas|although|which|because)\s|"
    r"\sand\s+(?=(?:it|they|you|we|he|she|does|do|is|are|can|cannot|may|will|has|have|never|not|no)\b)"
)
# Names with a "not" in them: capitals throughout, after "Do Not" or in quotation marks.
_NAME_WITH_NOT = Sieved(
    r"(?<!We )(?<!You )(?<!They )\bDo Not [A-Z][\w'-]*|\"(?:[A-Z][\w'-]*\s){1,6}[A-Z][\w'-]*\""
)
_NOT_NAMED = Sieved(
    r"\b(?:has|have|had|do|does|did)(?:\s(?:not|never)|n't)\s(?:yet\s)?(?:name|appoint|designate)d?\s(?P<what>an?\s[\w' -]{3,80}?)(?=[.,;:|]|$)",
    re.IGNORECASE,
)
_NAMES_IT = r"\b(?:names|named|appoints|appointed|designates|designated)\s"
_OF_IT = re.compile(
    r"(?:it|this|that|they|these)\s(?:does|do|did|will|can|is|are|has|have)(?:\s?not|n't)\b", re.IGNORECASE
)
_RELATIVE = re.compile(r"\s(?:that|which|who|whose)\s")
_JOIN = re.compile(r",\s(?:and\s|or\s)?|\s(?:and|or)\s")
_NAME = r"[A-Z][\w'-]*(?:\s[A-Z][\w'-]*){0,5}"
_NAMES_JOINED = re.compile(rf"{_NAME}(?:(?:{_JOIN.pattern}){_NAME}){{1,10}}")


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    words: tuple[str, ...]
    polarity: int  # 1 plainly positive, -1 plainly negative, 0 neither

    @property
    def can_be_compared(self) -> bool:
        return self.polarity != 0 and FEWEST_WORDS <= len(set(self.words)) <= LONGEST_CLAUSE


def check_negations(document: Document, path: str, claim: Claim, support: Support) -> list[Finding]:
    """At most one finding: the clause of the claim and the clause of its evidence that say opposite things."""
    if not document.language.startswith("en") or not support.passages:
        return []
    found = (
        _cut_off(document, claim)
        or _denies_what_is_affirmed(claim, support)
        or _affirms_what_is_denied(claim, support)
        or _affirms_what_is_denied_of_it(claim, support)
        or _affirms_what_a_cell_denies(claim, support)
        or _names_what_is_not_named(claim, support)
    )
    if found is None:
        return []
    claimed, said = found
    return [
        Finding(
            code="facts.negation",
            severity="error",
            path=f"{path}.text",
            message=f'The claim says "{clip(claimed, _LONGEST_SHOWN)}", and its evidence says the opposite: "{clip(said, _LONGEST_SHOWN)}"; correct the claim to what the '
            "evidence says.",
        )
    ]


def _denies_what_is_affirmed(claim: Claim, support: Support) -> tuple[str, str] | None:
    # An absence is proved by searching for its terms; and a negation anywhere in the evidence may be the one that is told.
    if claim.absent_terms or any(_NOT.search(text) for text in support.passages):
        return None
    denials = [c for c in _clauses(fold_text(claim.text)) if c.polarity < 0 and c.can_be_compared]
    if not denials:
        return None
    said = [c for text in support.passages for c in _clauses(text) if c.polarity > 0 and c.can_be_compared]
    company = _company(support)
    for denied in denials:
        words = set(denied.words) - company
        if len(words) < FEWEST_WORDS:
            continue
        for affirmed in said:
            if _stand_close(words, affirmed.words):
                return denied.text, affirmed.text
    return None


def _affirms_what_is_denied(claim: Claim, support: Support) -> tuple[str, str] | None:
    text = fold_text(claim.text)
    if not _is_plain(text):
        return None
    if not any(map(_NOT.may_match, support.passages)):
        return None
    said = [clause for passage in support.passages for clause in _clauses(passage)]
    company = _company(support)
    for denied in said:
        if denied.polarity >= 0 or not denied.can_be_compared:
            continue
        for affirmed in _clauses(text):
            claimed = set(affirmed.words) - company
            words = set(denied.words) - company - _joined(denied, claimed)
            shared = words & claimed
            same = len(shared) >= SHARE_OF_DENIAL * len(words) and _stand_close(shared, affirmed.words)
            part = len(shared) >= FEWEST_WORDS_OF_PART and claimed == shared
            whole = bool(claimed) and claimed == _verb_and_object(denied, company)
            if len(shared) < FEWEST_WORDS or not (same or part or whole):
                continue
            if not whole and _narrows(denied, words - shared):
                continue
            # Another passage may affirm it, of another case.
            if not any(c.polarity >= 0 and _tells_the_same(c, denied, shared, whole=whole) for c in said):
                return affirmed.text, denied.text
    return None


def _affirms_what_is_denied_of_it(claim: Claim, support: Support) -> tuple[str, str] | None:
    """The same where the denial says "it" of what the clause before it is about: "Switching off ends new use. It does not undo old use"."""
    text = fold_text(claim.text)
    if not _is_plain(text):
        return None
    claimed = set(stems(text))
    for passage in filter(_NOT.may_match, support.passages):
        clauses = _clauses(passage)
        for before, denied in pairwise(clauses):
            core = set(stems(_RELATIVE.split(denied.text)[0]))
            if denied.polarity >= 0 or not _OF_IT.match(denied.text) or len(core) < FEWEST_WORDS:
                continue
            subject = (claimed - core) & set(before.words)
            affirmed = any(c.polarity >= 0 and core <= set(c.words) for c in clauses)
            if core <= claimed and subject and len(claimed - core - subject) <= 1 and not affirmed:
                return claim.text, denied.text
    return None


def _affirms_what_a_cell_denies(claim: Claim, support: Support) -> tuple[str, str] | None:
    """A row whose cell says "Not used", under a claim that names row and column and says "used"."""
    text = fold_text(claim.text)
    if not _is_plain(text):
        return None
    claimed = set(stems(text))
    for passage in filter(_NOT.may_match, support.passages):
        cells = [cell.partition(": ") for cell in passage.split(" | ")]
        if len(cells) < 2 or not _stands_in(cells[0][2], text):
            continue
        named = [(header, value) for header, _, value in cells[1:] if _stands_in(header, text)]
        # A claim on several columns may have to be cut in pieces; and a row of the same name may say the other thing.
        if len(named) != 1 or sum(f": {cells[0][2]} | " in other for other in support.passages) > 1:
            continue
        header, value = named[0]
        denied = re.fullmatch(r"(?:is |are )?(?:not|never) (\w+)", value.strip(" ."), re.IGNORECASE)
        if denied and stem(denied[1]) in claimed:
            return claim.text, f"{cells[0][2]} | {header}: {value}"
    return None


def _names_what_is_not_named(claim: Claim, support: Support) -> tuple[str, str] | None:
    """ "The policy names an officer" under "we have not named an officer"; the word "names" keeps the other comparisons silent."""
    text = fold_text(claim.text)
    passages = [*filter(_NOT_NAMED.search, support.passages)]
    if not passages or _denies(text) or _BENDS.search(re.sub(_NAMES_IT, "", text)):
        return None
    for passage in passages:
        for denied in _NOT_NAMED.finditer(passage):
            if not _BENDS.search(denied["what"]) and re.search(
                rf"{_NAMES_IT}{re.escape(denied['what'])}(?!\w)", text, re.IGNORECASE
            ):
                return claim.text, denied[0]
    return None


def _tells_the_same(affirmed: _Clause, denied: _Clause, shared: set[str], *, whole: bool) -> bool:
    """Whether a clause of the evidence affirms, perhaps of another case, what the denial and the claim share.

    It does with the verb of the denial or with most of the words shared, but not without a name that the denial has in quotation marks or
    after "Do Not". Of a denial that is bare (``whole``) the verb is enough.
    """
    common = shared & set(affirmed.words)
    names = {word for name in _NAME_WITH_NOT.regex.findall(denied.text) for word in stems(name)} & shared
    if not names <= common:
        return False
    has_verb = bool(common & set(stems(_after_not(denied))[:1]))
    if whole and has_verb:
        return True
    return len(common) >= FEWEST_WORDS and (has_verb or 2 * len(common) > len(shared))


def _stands_in(name: str, text: str) -> bool:
    return bool(name) and bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))


def _cut_off(document: Document, claim: Claim) -> tuple[str, str] | None:
    """A quote that leaves out the "not" before it, under a claim that has none either."""
    text = fold_text(claim.text)
    if not _is_plain(text):
        return None
    claimed = set(stems(text))
    for evidence in claim.evidence:
        before = _before_in_clause(document, evidence)
        quoted = set(stems(fold_text(evidence.quote)))
        if (
            before is not None
            and len(_NOT.regex.findall(before)) == 1
            and not _BENDS.search(before + " " + evidence.quote)
            and not _NOT.search(fold_text(evidence.quote))
            and len(quoted) >= FEWEST_WORDS
            and quoted <= claimed
        ):
            return claim.text, f"{before.strip()} {evidence.quote}"
    return None


def _before_in_clause(document: Document, evidence: Evidence) -> str | None:
    """What stands between the beginning of the clause and the quote; None also where the passage surely denies nothing."""
    passage = document.find(evidence.passage_id)
    if passage is None:
        return None
    words = document.text_of(passage)
    if words.isascii() and not _NOT.may_match(words):
        return None
    located = locate(document, evidence)
    if located is None:
        return None
    before = fold_text(document.text[passage.span.start : located.span.start]) + " "
    return _CLAUSE.split(before)[-1]


@lru_cache(maxsize=4096)
def _clauses(text: str) -> tuple[_Clause, ...]:
    return tuple(
        _Clause(part.strip(), stems(part), _polarity(part)) for part in _CLAUSE.split(text) if part.strip()
    )


def _polarity(clause: str) -> int:
    if _BENDS.search(clause):
        return 0
    if not _NOT.may_match(clause):
        return 1
    found = [word.casefold() for word in _NOT.regex.findall(_NAME_WITH_NOT.sub("", clause))]
    if not found and _NOT.search(clause):
        return 0
    # "neither sold nor shared" denies once.
    count = len(found) - (found.count("nor") if found != ["nor"] else 0)
    return 1 if count == 0 else -1 if count == 1 else 0


@lru_cache(maxsize=1024)
def _is_plain(text: str) -> bool:
    """Whether a text neither denies nor bends nor limits what it says."""
    return not (_denies(text) or _BENDS.search(text))


@lru_cache(maxsize=1024)
def _denies(text: str) -> bool:
    """Whether a text has a word of denial that is not part of a name."""
    return _NOT.may_match(text) and bool(_NOT.search(_NAME_WITH_NOT.sub("", text)))


def _after_not(denied: _Clause) -> str:
    """What a denial denies: the text behind its word of denial."""
    text = _NAME_WITH_NOT.sub(lambda name: "#" * len(name[0]), denied.text)
    found = _NOT.search(text)
    return denied.text[found.end() :] if found else ""


def _verb_and_object(denied: _Clause, company: set[str]) -> set[str]:
    """The words of weight between "not" and the first comma, where a list begins: "We do not sell Voiceprints, lease them or ...".

    None where words of weight other than the company's stand before "not", which may pick out a case.
    """
    text = _after_not(denied)
    before = set(stems(denied.text[: len(denied.text) - len(text)])) - company
    first, comma, _ = text.partition(", ")
    return set(stems(first)) - company if comma and not before else set()


def _stand_close(words: set[str], run: tuple[str, ...]) -> bool:
    """Whether all of ``words`` stand in some stretch of ``run`` that has few words more."""
    if not words <= set(run):
        return False
    width = len(words) + SPREAD
    return any(words <= set(run[start : start + width]) for start in range(max(1, len(run) - width + 1)))


def _narrows(denied: _Clause, missing: set[str]) -> bool:
    """Whether a word of the denial that the claim does not have is a name or a number, and so picks out another case."""
    return any(
        stem(word) in missing and (word[0].isupper() or word[0].isdigit() or "-" in word)
        for word in re.findall(r"[^\W_]+(?:['-][^\W_]+)*", denied.text)[1:]
    )


def _joined(denied: _Clause, claimed: set[str]) -> set[str]:
    """Words of names that the denial joins by "and" to one of which the claim speaks: what is denied of both is denied of each."""
    joined: set[str] = set()
    for run in _NAMES_JOINED.finditer(denied.text):
        names = [set(stems(name)) for name in _JOIN.split(run[0])]
        if any(name and name <= claimed for name in names):
            joined.update(*(name for name in names if not name & claimed))
    return joined


def _company(support: Support) -> set[str]:
    return {word for text in support.document for word in stems(text)}
