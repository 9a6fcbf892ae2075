"""Reach: what leaves out some place is told of all places, where what is known is about a thing that the document has a name for."""

import re
from collections.abc import Sequence

from eval.judges.clauses import Clause
from eval.judges.places import find_places
from eval.judges.relevance import Known, Near
from eval.judges.verdict import Flag
from eval.judges.words import content, normalise

WEIGHT_OF_TERM = 3.0  # weight of shared words, a term of the document among them, from which two clauses are about the same
SHARE_OF_TERM = 0.4  # share of the words of one of both that they share

_EVERYWHERE = re.compile(
    r"\b(?:wherever|nationwide|everywhere|anywhere|(?:in|of|from)\s+(?:any|every|each|all)\s+(?:of\s+the\s+)?(?:(?:fifty|50)\s+)?states?|whatever\s+(?:the|your|their)\s+state|no\s+matter\s+where|throughout\s+the|across\s+the)\b",
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
