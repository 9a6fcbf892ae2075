"""Lists: several places told together, of which what is known has all but one in a list of its own.

"Registered in three states" is held against the known list about the same. It is wrong when that has two or more of its places and not the
odd one, and nothing known about the matter names the odd one.
"""

from collections.abc import Sequence

from eval.judges.clauses import Clause
from eval.judges.places import find_places
from eval.judges.relevance import Known, Near
from eval.judges.verdict import Flag
from eval.judges.words import content, normalise

SHARED = 2  # places that two lists have in common, from which they may be the same list
BESIDE = 4.0  # weight of the words beside the places that both have


def find_wrong_members(clause: Clause, near: Sequence[Near], known: Known) -> list[Flag]:
    """At most one flag: the place in a list of the clause that the known list about the same does not have."""
    places = set(find_places(clause.plain))
    if clause.partial or clause.denies or len(places) <= SHARED:
        return []
    words = clause.words - content(normalise(" ".join(places)))
    about = [
        (other.unit, set(find_places(other.unit.clause.plain)))
        for other in near
        if other.unit.side == "right" and known.weigh(words & other.unit.clause.words) >= BESIDE
    ]
    if not any(len(places & its) >= SHARED for _, its in about):
        return []
    odd = places - {place for _, its in about for place in its}
    return [
        Flag("name", f'{unit.entry} has "{unit.clause.plain}", without {min(odd)}.', (unit.entry,))
        for unit, its in about
        if odd and len(places & its) >= SHARED and not unit.clause.denies
    ][:1]
