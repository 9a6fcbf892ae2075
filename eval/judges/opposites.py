"""Opposites: a clause that says no where what is known says yes, or another condition, or what is known to be wrong.

A "no" (a denial, "only if you agree", "no way to refuse") is said of all that its words name, a "yes" of some of it. So a "no" goes against a
"yes" that is about a case of it, not against one that is about more: "sells no data" goes against "sells the places you visit", and "sells
data" not against "sells no health data". And it goes against nothing when another known clause that is about as near agrees with it.

Beside this a clause that agrees with a sentence that an annotator listed as wrong, and more than with anything right, is that sentence.
"""

import re
from collections.abc import Sequence, Set

from eval.judges.clauses import Clause
from eval.judges.relevance import Known, Near
from eval.judges.verdict import Flag
from eval.judges.words import stems_of
from pipeline.checks.quantities import same_quantity

CASE = 0.7  # share of the weight of the "no" found in the "yes" that makes it a case of it
CASE_OF_TOPIC = 0.5  # the same, where the sentence meets the keys of the fact that says the other
CASE_KNOWN = 0.72  # the same, where what is known says the "no", in which nothing stands that tells nothing
SOME = 0.3  # the least share the other way
AS_NEAR = 0.65  # of the likeness of the opposite, at which a clause that agrees outweighs it
REPEATS = 0.6  # agreement with a wrong sentence from which a clause repeats it
REPEATS_OF_TOPIC = 0.55  # the same, where the sentence meets the keys of its fact
WEIGHT = 5.0  # and the weight of what it shares with it
ALIKE = 0.75  # agreement from which a wrong sentence is the same, once the clause is flagged
ALL_OF = 0.55  # share of the clause's weight that a wrong sentence about all of something must have
WHOLE = 0.9  # as OWN, where the words of the right statement are put together wrongly
OWN_OF_NOT = 0.7  # as OWN, where a "not" or its like is all that makes the sentence wrong
OWN = 0.45  # share of a wrong sentence's weight that the clause itself must have
MARGIN = 0.1  # by which it must exceed the agreement with what is right
FEWEST_WORDS = 2

ASIDE = re.compile(
    r"\b(?:is\s+an\s+inference|inferred|infer|our\s+reading|no\s+finding|mapping|fined|annulled|injunction|found\s+wanting|under\s+appeal|undertaking|ruled|judg(?:e)?ment|held\s+that)\b",
    re.IGNORECASE,
)
_TOLD = {"in": "waits for a yes", "out": "goes on until a no", "none": "cannot be refused"}


def find_opposites(clause: Clause, near: Sequence[Near], topics: Set[str]) -> list[Flag]:
    """At most one flag: the known clause that this one goes against. ``topics`` are the facts whose keys the sentence meets."""
    if len(clause.words) < FEWEST_WORDS or clause.elliptic or clause.partial:
        return []
    best: tuple[Near, str] | None = None
    agreed = 0.0
    for other in near:
        known = other.unit.clause
        if other.unit.side == "wrong" or len(known.words) < FEWEST_WORDS:
            continue
        how = None if known.partial else differs(clause, known)
        if how is None:
            if _agrees(clause, known):
                agreed = max(agreed, other.inside)
            continue
        told, clause_says_no = how
        if not known.whole and not known.elliptic:
            continue
        no, yes = (other.covers, other.covered) if clause_says_no else (other.repeated, other.covers)
        least = CASE_KNOWN if not clause_says_no else CASE_OF_TOPIC if other.unit.entry in topics else CASE
        if no >= least and yes >= SOME and (best is None or other.likeness > best[0].likeness):
            best = other, told
    if best is None or agreed >= AS_NEAR * best[0].inside:
        return []
    other, told = best
    return [
        Flag(
            "polarity",
            f'{other.unit.entry} has "{other.unit.clause.plain}", which {told}.',
            (other.unit.entry,),
        )
    ]


def find_repeated(clause: Clause, near: Sequence[Near], topics: Set[str], known: Known) -> list[Flag]:
    """At most one flag: the wrong sentence of the gold that the clause repeats. ``topics`` as above.

    What makes a sentence wrong must be repeated: the words that the right statement does not have, or where it has all of them, the "not",
    the condition, the "only" or the "all". Figures are another rule's.
    """
    best, repeated, held = 0.0, None, 0.0
    if clause.elliptic or clause.partial:
        return []
    for other in near:
        score = agreement(clause, other)
        if other.unit.side == "right":
            # A scrap of a clause is like much and proves nothing.
            held = (
                max(held, score)
                if other.unit.clause.whole or len(other.unit.clause.words) > FEWEST_WORDS
                else held
            )
        elif (
            score > best
            and _repeats(clause, other, known)
            and score >= (REPEATS_OF_TOPIC if other.unit.entry in topics else REPEATS)
        ):
            best, repeated = score, other.unit
    if repeated is None or held > best - MARGIN:
        return []
    return [
        Flag(
            "scope" if repeated.own else "polarity",
            f'It repeats what is known to be wrong: "{repeated.clause.plain}".',
            (repeated.entry,),
        )
    ]


def _repeats(clause: Clause, other: Near, known: Known) -> bool:
    wrong = other.unit.clause
    if (
        other.repeated < OWN
        or (other.shared < WEIGHT and other.repeated < 0.99)
        or wrong.quantities
        or clause.denies != wrong.denies
    ):
        return False
    if (wrong.all and not clause.all) or (wrong.only and not clause.only):
        return False
    if (wrong.denies or wrong.all or wrong.only) and other.inside < ALL_OF:
        # What is wrong of all may be right of the case that the clause is about.
        return False
    own = other.unit.own
    if own:
        return known.weigh(own & clause.words) >= 0.5 * known.weigh(own)
    if not (wrong.denies or wrong.choice or wrong.only or wrong.all):
        # Of the words of the right statement, put together wrongly; or a part of a sentence whose wrong stands in another part.
        return other.repeated >= WHOLE and other.inside >= ALL_OF and other.unit.alone
    return clause.choice == wrong.choice and other.repeated >= OWN_OF_NOT


def blamed(near: Sequence[Near], clause: Clause) -> tuple[str, ...]:
    """The entries of which a clause that is flagged repeats a wrong sentence, figures and all."""
    alike = (other for other in near if other.unit.side == "wrong" and agreement(clause, other) >= ALIKE)
    return tuple(dict.fromkeys(other.unit.entry for other in alike))


def differs(one: Clause, known: Clause) -> tuple[str, bool] | None:
    """How two clauses about the same go against each other, and whether the first says the "no" of the two; None when both can stand."""
    if known.says and known.denies and not one.says and not one.denies:
        return "the document does not say", False
    if one.says != known.says and (one.denies or known.denies):
        return None
    if "in" in (one.choice, known.choice):
        return None
    if one.all and known.only and not one.only and not one.limited and not one.denies and not known.denies:
        return "holds in one case only", False
    if (
        one.only
        and known.all
        and not known.limited
        and not known.only
        and not one.denies
        and not known.denies
    ):
        return "holds in every case", True
    if one.choice and known.choice and one.choice != known.choice:
        return f"{_TOLD[known.choice]}, not: {_TOLD[one.choice]}", one.choice != "out"
    if one.choice == known.choice == "none":
        return None
    if one.denies != known.denies:
        no, yes = (one, known) if one.denies else (known, one)
        if not no.denied & (yes.words | stems_of(yes.text)):
            return None
        return "is denied" if known.denies else "is affirmed", one.denies
    return None


def _agrees(one: Clause, known: Clause) -> bool:
    """Whether a known clause says the same of its matter, and does not merely leave it open."""
    if known.partial or one.denies != known.denies or (one.says != known.says and one.denies):
        return False
    return one.choice == known.choice or (one.choice != "in" and known.choice is None)


def agreement(one: Clause, near: Near) -> float:
    """The likeness of two clauses, less where they differ in what they deny, wait for, limit or count."""
    other = near.unit.clause
    score = near.likeness
    if one.denies != other.denies:
        score *= 0.5
    if one.says and one.denies and not other.says:
        score *= 0.5
    if one.choice != other.choice:
        score *= 0.55 if one.choice and other.choice else 0.75
    if one.only != other.only:
        score *= 0.8
    if one.all != other.all:
        score *= 0.9
    if other.quantities and (one.quantities or near.unit.side == "wrong"):
        same = [q for q in other.quantities if any(same_quantity(mine, q) for mine in one.quantities)]
        score *= 0.55 + 0.45 * len(same) / len(other.quantities)
    return score
