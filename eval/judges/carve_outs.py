"""Carve-outs: somebody who is left out is told to be touched, or somebody who is not left out to be spared."""

import re

from eval.judges.clauses import INSTEAD, Clause
from eval.judges.places import find_places
from eval.judges.verdict import Flag
from eval.judges.words import content, normalise
from eval.keys import has_key, meets
from schemas.gold import CarveOut, Gold, Member

_HOLDS_OFF = re.compile(
    r"\b(?:exceptions?|whether|if|inference|speaks?|there\s+(?:is|are)\s+no|no\s+period)\b", re.IGNORECASE
)
# By what somebody is touched: a clause without such a word tells of something else about them.
_TOUCHES = re.compile(
    r"\b(?:us(?:e|es|ed|ing)|train(?:s|ed|ing)?|feeds?|cover(?:s|ed|ing)?|appl(?:y|ies|ied)|extends?|governs?|governed|includ\w+|sells?|sold|shar(?:e|es|ed)|reach(?:es)?|open|join\w*|may|can|goes?|comes?|falls?|stands?|takes?|"
    r"includes?|belongs?|also|too|equally|well|subject|delet\w+|remov\w+|eras\w+|sees?)\b",
    re.IGNORECASE,
)

# "training data": no training is told of.
_COMPOUND = re.compile(
    r"\b[\w-]+ing\s+(?:data\w*|sets?|rows?|clauses?|information|material|agreements?|exceptions?|obligations?)\b",
    re.IGNORECASE,
)


def find_carve_out_errors(clause: Clause, gold: Gold) -> list[Flag]:
    """A flag for each exception that the clause gets wrong."""
    flags: list[Flag] = []
    if clause.partial or (clause.says and clause.denies) or _HOLDS_OFF.search(clause.plain):
        return flags
    told = _COMPOUND.sub(" ", INSTEAD.sub(" ", clause.plain))
    for carve_out in gold.carve_outs:
        # What holds in one place only is another matter than the exception of all.
        members = " ".join(word for m in (*carve_out.left_out, *carve_out.not_left_out) for word in m.words)
        if meets(told, carve_out.about) and all(place in members for place in find_places(clause.plain)):
            flags += _weigh(clause, carve_out)
    return flags


def _weigh(clause: Clause, carve_out: CarveOut) -> list[Flag]:
    out = [member for member in carve_out.left_out if _named(clause, member)]
    touched = [member for member in carve_out.not_left_out if _named(clause, member)]
    if out and touched and not clause.denies:
        return []
    if clause.denies and touched:
        plainly = [m for m in touched if _names_plainly(clause, m)]
        if (plainly or not out) and clause.choice is None:
            return [
                Flag("scope", f"{touched[0].who} is not left out: {carve_out.statement}", (carve_out.id,))
            ]
    if not clause.denies and out and clause.choice is None and _TOUCHES.search(clause.plain):
        return [Flag("scope", f"{out[0].who} is left out: {carve_out.statement}", (carve_out.id,))]
    return []


def _named(clause: Clause, member: Member) -> bool:
    if _names_plainly(clause, member):
        return True
    for word in member.words:
        wanted = content(normalise(word.replace("*", "")))
        if wanted and wanted <= clause.words:
            return True
    return False


def _names_plainly(clause: Clause, member: Member) -> bool:
    return any(has_key(clause.plain, word) for word in member.words)
