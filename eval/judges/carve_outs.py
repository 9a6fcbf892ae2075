"""Carve-outs: somebody who is left out is told to be touched, or somebody who is not left out to be spared."""

import re
from collections.abc import Sequence

from eval.judges.clauses import INSTEAD, LONGEST, NEGATIONS, VERB, Clause, Names, rename
from eval.judges.places import find_places
from eval.judges.relevance import Known
from eval.judges.verdict import Flag
from eval.judges.words import SPARED, content, content_in_order, has_only_weight, normalise
from eval.keys import has_key, meets, plain_key, plain_words
from pipeline.checks.folding import fold_text
from schemas.gold import CarveOut, Keys, Member

_HOLDS_OFF = re.compile(
    r"\b(?:exceptions?|whether|if|inference|speaks?|there\s+(?:is|are)\s+no|no\s+period)\b", re.IGNORECASE
)
# By what somebody is touched: a clause without such a word tells of something else about them.
_TOUCHES = re.compile(
    r"\b(?:us(?:e|es|ed|ing)|train(?:s|ed|ing)?|feeds?|cover(?:s|ed|ing)?|appl(?:y|ies|ied)|extends?|governs?|governed|includ\w+|sells?|sold|shar(?:e|es|ed)|reach(?:es)?|open|join\w*|may|can|goes?|comes?|falls?|stands?|takes?|"
    r"includes?|belongs?|also|too|equally|well|subject|delet\w+|remov\w+|eras\w+|sees?)\b",
    re.IGNORECASE,
)

# "research partners, some paying, ...": told of some of another group.
_QUANTIFIED = re.compile(r",\s+(?:some|many|most|few|each|both|all|none)\s+[^,;]{1,40},")
_OWNER = re.compile(r"\b\w+(?:'s|s')(?=\s+\w)")
# Where a list of exceptions begins, what parts its members, and where it ends.
_EXCEPTS = re.compile(
    r"\b(?:except(?:\s+(?:for|with|where|when|if|in))?|excepting|save(?:\s+(?:for|where|when|if|in))?|apart\s+from|aside\s+from|other\s+than|with\s+the\s+exceptions?\s+of|exceptions?:|only\s+(?:for|to|in|with|where|if|when)|unless\s+\w+\s+\w+(?:\s+(?:with|for|on))?)\s+",
    re.IGNORECASE,
)
_ITEM = re.compile(r",\s+(?:and\s+|or\s+)?|\s+(?:and|or)\s+", re.IGNORECASE)
_END_OF_LIST = re.compile(
    r"[;:.]\s|\s(?:but|while|whereas|although)\s|,\s(?=(?:which|who|so|the\s+\w+\s+(?:is|are)|it|they|you|we)\b)",
    re.IGNORECASE,
)
_UNTIL = re.compile(r"\W*(?:until|unless|if|when|while|after|before|as\s+long)\b", re.IGNORECASE)
_LONGEST_ITEM = 5  # words
_IN_LIST = 2  # members of a list that the gold has, from which it is the list of one exception
_ENDS_DENIAL = re.compile(r"\b(?:only|except|save|but)\b", re.IGNORECASE)
_LISTED = re.compile(r",|\band\b|\bor\b")
# "training data": no training is told of; and "the provider's notice" is not the document.
_COMPOUND = re.compile(
    r"\b[\w-]+'s\s+(?:own\s+)?notices?\b|\b[\w-]+ing\s+(?:data\w*|sets?|rows?|clauses?|information|material|agreements?|exceptions?|obligations?)\b",
    re.IGNORECASE,
)


def find_carve_out_errors(clause: Clause, known: Known) -> list[Flag]:
    """A flag for each exception that the clause gets wrong."""
    flags: list[Flag] = []
    if (
        clause.partial
        or (clause.elliptic and clause.whole)
        or (clause.says and clause.denies)
        or not (clause.whole or clause.elliptic)
        or _HOLDS_OFF.search(clause.plain)
        or _denies_and_affirms(clause)
    ):
        return flags
    told = _COMPOUND.sub(" ", INSTEAD.sub(" ", clause.plain))
    aside = " ".join(match[0] for match in INSTEAD.finditer(clause.plain))
    for carve_out in known.case.gold.carve_outs:
        members = [*carve_out.left_out, *carve_out.not_left_out]
        words = [word for member in members for word in member.words]
        # What holds in one place only is another matter than the exception of all.
        if not all(place in " ".join(words) for place in find_places(clause.plain)):
            continue
        # Who is told apart in passing ("training excluded") is told rightly or not by what stands there.
        if any(has_key(aside, word) for word in words) or meets(aside, carve_out.about):
            continue
        if meets(
            _without(
                _COMPOUND.sub(" ", INSTEAD.sub(" ", clause.matter)), [word for word in words if " " in word]
            ),
            carve_out.about,
        ):
            flags += _weigh(clause, told, carve_out, known.names)
    return flags


def _without(text: str, keys: list[str]) -> str:
    """The text without what names a member: "other states" does not tell of states."""
    words = plain_words(text)
    for key in keys:
        words = re.sub(
            rf"(?<!\S){re.escape(plain_key(key)).replace(chr(92) + '*', chr(92) + 'w*')}(?!\S)", " ", words
        )
    return words


def _weigh(clause: Clause, told: str, carve_out: CarveOut, names: Names) -> list[Flag]:
    # "an employee's private account": whose it is, is not who is touched.
    told = _OWNER.sub(" ", _QUANTIFIED.sub(",", told))
    out = [member for member in carve_out.left_out if _named(clause, told, member, names)]
    # "never used for training, teens' only through posts": behind the "only" the denial has ended.
    denied = _ENDS_DENIAL.split(told)[0] if clause.denies else told
    touched = [member for member in carve_out.not_left_out if _named(clause, denied, member, names)]
    if out and touched and not clause.denies:
        return []
    if clause.denies and touched and _denies_what(clause, carve_out):
        plainly = [m for m in touched if _names_plainly(denied, m)]
        if (plainly or not out) and clause.choice is None:
            return [
                Flag("scope", f"{touched[0].who} is not left out: {carve_out.statement}", (carve_out.id,))
            ]
    # "for training and product improvement" lists two things, of which neither is said to be in the other.
    out = [member for member in out if not _are_listed(told, member.words, carve_out.about)]
    if not clause.denies and out and clause.choice is None and _TOUCHES.search(clause.plain):
        return [Flag("scope", f"{out[0].who} is left out: {carve_out.statement}", (carve_out.id,))]
    return []


def _denies_and_affirms(clause: Clause) -> bool:
    """Whether the clause has several denials, each of something of its own: "no account, only a profile without training"."""
    return (
        not clause.denies
        and not clause.elliptic
        and len(NEGATIONS.findall(clause.text)) > 1
        and SPARED not in clause.text
    )


def _denies_what(clause: Clause, carve_out: CarveOut) -> bool:
    """Whether it is what the exception is made from that the clause denies, and not something else that stands in it."""
    if clause.elliptic or re.search(rf"\b{SPARED}\b", clause.text):
        return True
    return any(
        has_key(" ".join(clause.denied), key) or content(normalise(key.replace("*", ""))) & clause.denied
        for group in carve_out.about
        for key in group
    )


def _are_listed(told: str, words: Sequence[str], about: Keys) -> bool:
    """Whether a member and what the exception is made from stand side by side in a list, without a verb between them."""
    one, other = _find(told, words), _find(told, [key for group in about for key in group])
    if one is None or other is None:
        return False
    between = told[min(one.end(), other.end()) : max(one.start(), other.start())]
    return bool(_LISTED.search(between)) and not _TOUCHES.search(between) and not VERB.search(between)


def _find(told: str, keys: Sequence[str]) -> re.Match[str] | None:
    parts = "|".join(re.escape(key).replace(chr(92) + "*", r"\w*") for key in keys)
    return re.search(rf"\b(?:{parts})\b", told, re.IGNORECASE)


def _named(clause: Clause, told: str, member: Member, names: Names) -> bool:
    if _names_plainly(told, member):
        return True
    # What an elliptic clause takes over from the one before it was weighed there.
    told = rename(told, names)
    order = content_in_order(normalise(told))
    for word in member.words:
        name = rename(word.replace("*", ""), names)
        if name[0].isupper():
            more = r"\w*" if word.endswith("*") else ""
            if re.search(rf"\b{re.escape(name)}{more}\b", told):
                return True
            if " " not in name:
                continue
        wanted = content(normalise(name)) - content(normalise(" ".join(_OWNER.findall(clause.plain))))
        by_place = clause.elliptic or len(wanted) > 1 or bool(_QUANTIFIED.search(clause.plain))
        if wanted and has_only_weight(name) and wanted <= (set(order) if by_place else clause.words):
            at = [n for n, other in enumerate(order) if other in wanted]
            if not at or at[-1] - at[0] < len(wanted):
                return True
    return False


def _names_plainly(told: str, member: Member) -> bool:
    return any(has_key(told, word) for word in member.words)


def find_intruders(sentence: str, known: Known) -> list[Flag]:
    """At most one flag: a sentence lists what is left out, and among two things that the gold has is one more."""
    text = INSTEAD.sub(" ", fold_text(sentence[:LONGEST]))
    for begins in _EXCEPTS.finditer(text):
        items = _items(text[begins.end() :])
        for carve_out in known.case.gold.carve_outs if len(items) > _IN_LIST else ():
            words = [word for member in carve_out.left_out for word in member.words]
            right = [item for item in items if any(has_key(item, word) for word in words)]
            if len(right) < _IN_LIST or not meets(sentence, carve_out.about):
                continue
            whole = " ".join((*words, *(member.who for member in carve_out.left_out)))
            said = content(normalise(rename(whole.replace("*", ""), known.names)))
            for n, item in enumerate(items):
                # Behind the last that the gold has, the sentence may have gone on.
                in_list = n < items.index(right[-1]) or item.endswith(".")
                if item in right or not in_list or len(item.split()) > _LONGEST_ITEM:
                    continue
                if not content(normalise(rename(item, known.names))) & said:
                    message = f'"{item.strip(" .")}" is not among what is left out: {carve_out.statement}'
                    return [Flag("scope", message, (carve_out.id,))]
    return []


def _items(text: str) -> list[str]:
    """The members of the list that a text begins with, up to the first that has a verb."""
    items: list[str] = []
    for item in _ITEM.split(_END_OF_LIST.split(text, maxsplit=1)[0]):
        if VERB.search(item) or _UNTIL.match(item):
            break
        if content(normalise(item)):
            items.append(item.strip(" ,"))
    return items
