"""Reach and order: what leaves out some place is told of all places, and what comes first is told as coming later.

Both want that what is known is about the same, so they hold a clause against what shares its weightiest words.
"""

import re
from collections.abc import Sequence

from eval.judges.clauses import Clause
from eval.judges.places import find_places
from eval.judges.relevance import Known, Near
from eval.judges.verdict import Flag
from eval.judges.words import content, normalise

WEIGHT = 6.0  # weight of shared words from which two clauses are about the same
SHARE = 0.5  # share of the words of one of both that they share
# The same two where one of these words is a term of the document, so that the matter has a name.
WEIGHT_OF_TERM = 3.0
SHARE_OF_TERM = 0.4

_EVERYWHERE = re.compile(
    r"\b(?:wherever|nationwide|everywhere|anywhere|(?:in|of|from)\s+(?:any|every|each|all)\s+(?:of\s+the\s+)?(?:(?:fifty|50)\s+)?states?|whatever\s+(?:the|your|their)\s+state|no\s+matter\s+where|throughout\s+the|across\s+the)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"\b(?:before(?:hand)?|in\s+advance|ahead\s+of|prior\s+to)\b", re.IGNORECASE)
_AFTER = re.compile(
    r"\b(?:only\s+(?:after(?:wards)?|once|later)|not\s+(?:before|until)|afterwards|after\s+the\s+(?:fact|event)|subsequently)\b",
    re.IGNORECASE,
)


def find_wrong_reach(clause: Clause, near: Sequence[Near], known: Known) -> list[Flag]:
    """At most one flag: something is told of all places, of which what is known leaves one out."""
    if (
        clause.denies
        or clause.partial
        or clause.limited
        or clause.says
        or clause.choice
        or not _EVERYWHERE.search(clause.plain)
    ):
        return []
    matter = known.terms(clause)
    for other in near:
        said = other.unit.clause
        places = find_places(said.plain)
        if other.unit.side == "wrong" or not places or not said.denies or said.says or said.partial:
            continue
        its = said.words - content(normalise(" ".join(places)))
        shared = clause.words & its
        if matter & shared and known.weigh(shared) >= max(WEIGHT_OF_TERM, SHARE_OF_TERM * known.weigh(its)):
            return [
                Flag(
                    "scope",
                    f'{other.unit.entry} has "{said.plain}": {places[0]} is left out.',
                    (other.unit.entry,),
                )
            ]
    return []


def find_wrong_order(clause: Clause, near: Sequence[Near], known: Known) -> list[Flag]:
    """At most one flag: what is known to come first is told to come later, or the other way round."""
    order = _order(clause)
    if order is None or clause.denies or clause.partial:
        return []
    best: Near | None = None
    for other in near:
        its = _order(other.unit.clause)
        if other.unit.side == "wrong" or its is None or other.unit.clause.denies or other.shared < WEIGHT:
            continue
        if max(other.inside, other.repeated) < SHARE:
            continue
        if its == order:
            return []
        if best is None or other.likeness > best.likeness:
            best = other
    if best is None:
        return []
    return [
        Flag(
            "polarity",
            f'{best.unit.entry} has the other order: "{best.unit.clause.plain}".',
            (best.unit.entry,),
        )
    ]


def _order(clause: Clause) -> str | None:
    """Whether something is told to happen before something else or only after it; none where a figure tells when, or both are told."""
    before, after = bool(_BEFORE.search(clause.plain)), bool(_AFTER.search(clause.plain))
    if before == after or clause.quantities:
        return None
    return "before" if before else "after"
