"""Repeats: a clause that says again, in whatever words, what an annotator listed as wrong.

A wrong sentence is repeated when the clause has most of its words and what makes it wrong: the words that the right statement does not have
(``own``), or where it has all of them the "not", the condition, the "only" or the "all". It is not when something known to be right, which
denies or affirms as the clause does, has the same words too: then what they share is no news. Figures and lawful bases are other rules'.
"""

from collections.abc import Sequence, Set

from eval.judges.bases import gives_basis
from eval.judges.clauses import Clause
from eval.judges.opposites import MIGHT, agreement, agrees, same_choice
from eval.judges.places import find_places
from eval.judges.relevance import Known, Near, Unit
from eval.judges.verdict import Flag
from eval.judges.words import content, stems_of
from pipeline.checks.quantities import same_quantity
from pipeline.registry.citations import find_citations

ALIKE = 0.6  # agreement with a wrong sentence from which a clause repeats it
ALIKE_OF_TOPIC = 0.55  # the same, where the sentence meets the keys of its fact
MARGIN = 0.1  # by which it must exceed the agreement with what is right
WEIGHT = 5.0  # the weight of what they share
OWN = 0.65  # share of a wrong sentence's weight that the clause itself must have
OWN_OF_NOT = 0.62  # the same, where a "not" or its like is all that makes the sentence wrong
ALL_OF = 0.55  # share of the clause's weight that a wrong sentence with a "not" or an "all" must have, which may be right of a case of it
WHOLE = 0.9  # share of a wrong sentence, where the words of the right statement are put together wrongly
SPREAD = (
    2.0  # words of weight of a clause for each of a wrong one, among which those that both have must stand
)
# A clause that says much more besides repeats what is wrong where it has nearly all of it, and nothing right has as much of that.
NEARLY_ALL = 0.66
NEARLY_ALL_OF_TOPIC = 0.6
WEIGHT_OF_MUCH = 9.0
INSIDE = 0.4  # the least share of the clause's weight
OWN_OF_MUCH = 0.8  # share of the weight of what makes it wrong
SAME = 0.95  # share of a wrong sentence from which it does not matter what its "not" stands before
SAME_INSIDE = 0.7  # and the share of the clause
HELD = 0.8  # share of what a clause shares with a wrong sentence from which a right one holds it too
_ASKING = content("ask request")  # told by the condition already
FEWEST_WORDS = 3
FEWEST_SHARED = 3  # words that a clause has in common with the wrong sentence that it repeats


def find_repeated(clause: Clause, near: Sequence[Near], topics: Set[str], known: Known) -> list[Flag]:
    """At most one flag: the wrong sentence of the gold that the clause repeats. ``topics`` are facts whose keys the sentence meets."""
    if clause.partial or MIGHT.search(clause.plain):
        return []
    if same := _find_same(clause, near):
        return same
    held = max((agreement(clause, other) for other in near if _proves(other)), default=0.0)
    best: tuple[float, Unit] | None = None
    for other in near:
        if other.unit.side == "right" or not _may_repeat(clause, other, known):
            continue
        score = agreement(clause, other)
        of_topic = other.unit.entry in topics
        alike = (
            score >= (ALIKE_OF_TOPIC if of_topic else ALIKE)
            and held <= score - MARGIN
            and _is_alike(clause, other, known)
        )
        if (alike or _has_nearly_all(clause, other, of_topic, near, known)) and (
            best is None or score > best[0]
        ):
            best = score, other.unit
    if best is None:
        return []
    unit = best[1]
    return [
        Flag(
            "scope" if unit.own else "polarity",
            f'It repeats what is known to be wrong: "{unit.clause.plain}".',
            (unit.entry,),
        )
    ]


def _find_same(clause: Clause, near: Sequence[Near]) -> list[Flag]:
    """A flag where the clause is a wrong sentence in all that is read of it, and nothing right is."""
    same = [other.unit for other in near if _reads_the_same(clause, other.unit.clause)]
    wrong = next((unit for unit in same if unit.side == "wrong"), None)
    if wrong is None or not wrong.alone or len(same) > sum(unit.side == "wrong" for unit in same):
        return []
    return [
        Flag(
            "scope" if wrong.own else "polarity",
            f'It says what is known to be wrong: "{wrong.clause.plain}".',
            (wrong.entry,),
        )
    ]


def _reads_the_same(clause: Clause, other: Clause) -> bool:
    if clause.order != other.order:
        return False
    read = [
        (one.denies, one.choice, one.all, one.only, one.says, find_places(one.plain))
        for one in (clause, other)
    ]
    if read[0] != read[1] or len(clause.quantities) != len(other.quantities):
        return False
    return all(map(same_quantity, clause.quantities, other.quantities))


def _proves(other: Near) -> bool:
    """Whether agreement with it proves something: a scrap of a clause is like much."""
    known = other.unit.clause
    return other.unit.side == "right" and (known.whole or len(known.words) > FEWEST_WORDS)


def _may_repeat(clause: Clause, other: Near, known: Known) -> bool:
    wrong = other.unit.clause
    if _provisions(wrong.plain) - _provisions(clause.plain):
        return False
    if clause.says != wrong.says or clause.elliptic:
        # What the document states of several things is no claim of one about another.
        return False
    if len(clause.words & wrong.words) < FEWEST_SHARED or (wrong.quantities and not clause.quantities):
        return False
    if clause.denies != wrong.denies or other.unit.own_figures or gives_basis(wrong.plain, known.case.gold):
        return False
    same = other.repeated >= SAME and other.inside >= SAME_INSIDE
    if (
        wrong.denies
        and not same
        and clause.denied
        and not clause.denied & (wrong.words | stems_of(wrong.text))
    ):
        return False
    if (wrong.all and not clause.all) or (wrong.only and not clause.only):
        return False
    return not set(find_places(wrong.plain)) - set(find_places(clause.plain)) and _stand_together(
        clause, wrong
    )


def _provisions(text: str) -> set[str]:
    return {found.ref or found.words for found in find_citations(text)}


def _is_alike(clause: Clause, other: Near, known: Known) -> bool:
    wrong, own = other.unit.clause, other.unit.own
    if (
        other.repeated < OWN
        or (other.shared < WEIGHT and other.repeated < 0.99)
        or (wrong.quantities and clause.quantities)
    ):
        return False
    if (wrong.denies or wrong.all or wrong.only) and other.inside < ALL_OF:
        # What is wrong of all may be right of the case that the clause is about.
        return False
    if own and wrong.choice == "in":
        own -= _ASKING
    if own:
        if clause.choice and wrong.choice and clause.choice != wrong.choice:
            return False
        return known.weigh(own & clause.words) >= 0.5 * known.weigh(own)
    if not (wrong.denies or wrong.choice or wrong.only or wrong.all):
        # Of the words of the right statement, put together wrongly; or a part of a sentence whose wrong stands in another part.
        return other.repeated >= WHOLE and other.inside >= ALL_OF and other.unit.alone
    return clause.choice == wrong.choice and other.repeated >= OWN_OF_NOT


def _has_nearly_all(clause: Clause, other: Near, of_topic: bool, near: Sequence[Near], known: Known) -> bool:
    wrong, own = other.unit.clause, other.unit.own
    if (
        other.repeated < (NEARLY_ALL_OF_TOPIC if of_topic else NEARLY_ALL)
        or other.shared < WEIGHT_OF_MUCH
        or other.inside < INSIDE
    ):
        return False
    if not same_choice(clause, wrong) or len(wrong.words) < FEWEST_WORDS or not other.unit.alone:
        return False
    if (
        (wrong.denies or wrong.all or wrong.only)
        and other.inside < ALL_OF
        and known.terms(clause) - known.terms(wrong)
    ):
        return False
    if clause.quantities and any(
        not any(same_quantity(mine, said) for mine in clause.quantities) for said in wrong.quantities
    ):
        return False
    if own and known.weigh(own & clause.words) < OWN_OF_MUCH * known.weigh(own):
        return False
    if not own and (
        clause.choice != wrong.choice or not (wrong.denies or wrong.choice or wrong.only or wrong.all)
    ):
        return False
    both = clause.words & wrong.words
    least = HELD * known.weigh(both)
    # Something right that denies or affirms as the clause does has the same words: what they share is no news.
    return not any(
        right.unit.side == "right"
        and agrees(clause, right.unit.clause)
        and known.weigh(both & right.unit.clause.words) >= least
        and (own & clause.words <= right.unit.clause.words or not own)
        for right in near
    )


def _stand_together(clause: Clause, wrong: Clause) -> bool:
    """Whether the words that a clause shares with a wrong one stand near each other in it, and are not picked from a long enumeration."""
    at = [n for n, word in enumerate(clause.order) if word in wrong.words]
    return not at or at[-1] - at[0] < SPREAD * (len(wrong.words) + 1)
