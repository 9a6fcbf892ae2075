"""Restrictions: a rule that the document has for everybody is told as one for some alone.

"Only", "reserved for", "alone" and their like shut out everybody who is not named. Such a clause is read as two things: the group that it
names (a place, a plan, people of an age, those who pay), and the matter without it. It is wrong when something known is about that matter
and nothing that is about it names the group: nobody made that restriction.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from eval.judges.clauses import Clause
from eval.judges.places import find_places
from eval.judges.relevance import Known, Near
from eval.judges.verdict import Flag
from eval.judges.words import content, normalise

MATTER = 0.6  # share of the weight of the matter that something known must have to be about it
WEIGHT = 6.0  # and the weight of that share
FEWEST_WORDS = 2

_STOP = r"(?=\s+(?:can|cannot|may|must|will|is|are|has|have|does|do|get|gets|gives?|lets?|where|when|if|who|which|and|but)\b|[,;.]|$)"
_RESTRICTED = (
    re.compile(rf"\b(?:only|solely|exclusively)\s+(?:if|when|where|for\s+(?:those|people|users)\s+who|to\s+(?:those|people|users)\s+who)\s+(?:(?:you|they|somebody|one|users?)\s+)?(?:have|has|hold|holds|pay|pays|use|uses|are|is|own)\s+(?:for\s+|on\s+)?(?P<group>(?:[\w'-]+\s+){{0,6}}?[\w'-]+){_STOP}", re.IGNORECASE),
    re.compile(rf"\b(?:only|solely|exclusively|nobody\s+but|no\s+one\s+but|none\s+but)\s+(?P<group>(?:[\w'-]+\s+){{0,6}}?[\w'-]+){_STOP}", re.IGNORECASE),
    re.compile(r"\b(?:reserved|limited|restricted|confined)\s+(?:for|to)\s+(?P<group>(?:[\w'.-]+\s+){0,9}?[\w'.-]+)(?=[,;.]|$)", re.IGNORECASE),
    re.compile(r"\b(?P<group>(?:[\w'-]+\s+){1,4})(?:alone|only)(?=\s*(?:[,;.]|$|and\b|may\b|can\b))", re.IGNORECASE),
)  # fmt: skip
# Words by which people, beside those of a place or a plan, are told apart.
_GROUPS = frozenset(
    content(
        normalise(
            "paying subscribers free adults children teens minors parents business companies residents enterprise Europe United States Americans "
            "students employees organizers"
        )
    )
)


@lru_cache(maxsize=8192)
def restricted_to(clause: Clause) -> frozenset[str]:
    """The words of weight of the group that a clause restricts its rule to; none where it restricts nothing."""
    found = next((match for pattern in _RESTRICTED if (match := pattern.search(clause.text))), None)
    return content(found["group"]) if found else frozenset()


def find_wrong_restrictions(clause: Clause, near: Sequence[Near], known: Known) -> list[Flag]:
    """At most one flag: a restriction to a group that nothing known makes."""
    if not clause.only or clause.partial or clause.elliptic or clause.says or clause.denies:
        return []
    found = next((match for pattern in _RESTRICTED if (match := pattern.search(clause.text))), None)
    if found is None:
        return []
    inside = content(found["group"])
    group = inside & (_GROUPS | known.groups)
    matter = (clause.words - inside) & known.words
    places = set(find_places(found["group"]))
    if not (group or places) or len(matter) < FEWEST_WORDS:
        return []
    weight = known.weigh(clause.words - inside)
    about = [
        other.unit
        for other in near
        if other.unit.side == "right"
        and (shared := known.weigh(matter & other.unit.clause.words)) >= WEIGHT
        and shared >= MATTER * weight
    ]
    if not about or any(
        group & unit.clause.about or places & set(find_places(unit.clause.plain)) for unit in about
    ):
        return []
    return [
        Flag(
            "scope",
            f'Nothing restricts this to "{found["group"].strip()}"; {about[0].entry} has no such limit.',
            (about[0].entry,),
        )
    ]
