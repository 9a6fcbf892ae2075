"""Opposites: a clause that says no where what is known says yes, or another condition, or what is known to be wrong.

A "no" (a denial, "only if you agree", "no way to refuse") is said of all that its words name, a "yes" of some of it. So a "no" goes against a
"yes" that is about a case of it, not against one that is about more: "sells no data" goes against "sells the places you visit", and "sells
data" not against "sells no health data". And it goes against nothing when another known clause that is about as near agrees with it.
"""

import re
from collections.abc import Sequence, Set

from eval.judges.clauses import NEGATIONS, Clause
from eval.judges.places import find_places
from eval.judges.relevance import Known, Near, Unit
from eval.judges.restrictions import restricted_to
from eval.judges.verdict import Flag
from eval.judges.words import content, stems_of
from pipeline.checks.quantities import same_quantity

CASE = 0.7  # share of the weight of the "no" found in the "yes" that makes it a case of it
CASE_OF_TOPIC = 0.5  # the same, where the sentence meets the keys of the fact that says the other
CASE_KNOWN = 0.72  # the same, where what is known says the "no", in which nothing stands that tells nothing
PART_OF_LIST = 0.4  # as CASE_KNOWN, where what is known denies each of several things
WITHIN = 0.85  # and the share of the clause's weight that the denial must have
SOME = 0.3  # the least share the other way
BOTH_WAYS = 0.5  # share of each one's weight that a plain yes and a plain no must have of the other's
BOTH_WAYS_OF_NO = 0.75  # the same, where the clause denies: right sentences deny in many ways what is not quite what is known
ONE_WAY = 0.75  # and the share of one of both
AS_NEAR = 0.65  # of the likeness of the opposite, at which a clause that agrees outweighs it
ALIKE = 0.75  # agreement from which a wrong sentence is the same, once the clause is flagged
AS_LIKE = 0.5  # of the likeness of the opposite, the same
OF_ITSELF = 0.5  # share of the words of an elliptic clause that the clause must have, which it lives on the words of another for
FEWEST_WORDS = 2
FEWEST_OF_A_PART = (
    4  # words of weight of a clause without a verb that is known here, from which it says something
)
TELLS_MUCH = 4.0  # weight of a single word that may be a matter of its own

ASIDE = re.compile(
    r"\b(?:is\s+an\s+inference|by\s+inference|inferred|infer|our\s+reading|no\s+finding|mapping|fined|annulled|injunction|found\s+wanting|under\s+appeal|undertaking|ruled|judg(?:e)?ment|held\s+that)\b",
    re.IGNORECASE,
)
# What could happen is no matter of what does.
MIGHT = re.compile(r"\b(?:could|might|would\s+(?:apply|need|ask|have|do\s+well|be\s+\w+ed))\b", re.IGNORECASE)
_WITHDRAW = content("withdraw")
# Cases of one kind, of which a rule often goes for one and not for another.
_CASES = tuple(
    re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for words in (
        "daily|weekly|monthly|yearly|annual",
        "adult|teen|child|minor",
        "new|old|earlier|later",
        "first|second|last",
        "inside|outside|within",
    )
)
_RIGHT = re.compile(r"\W*rights?\s+to\b", re.IGNORECASE)
_LIST = re.compile(r"\b(?:neither|never|not|no)\s+(?:[\w-]+[\s,]+){1,8}?(?:or|nor)\b", re.IGNORECASE)
ONE_CASE, EVERY_CASE = "holds in one case only", "holds in every case"
DENIED, AFFIRMED = "is denied", "is affirmed"
_TOLD = {"in": "waits for a yes", "out": "goes on until a no", "none": "cannot be refused"}


def find_opposites(clause: Clause, near: Sequence[Near], topics: Set[str], weights: Known) -> list[Flag]:
    """At most one flag: the known clause that this one goes against. ``topics`` are the facts whose keys the sentence meets."""
    # Of one thing that tells much, it may be told that it can or cannot be refused.
    fewest = FEWEST_WORDS if clause.choice is None or weights.weigh(clause.words) < TELLS_MUCH else 1
    if len(clause.words) < fewest or clause.elliptic or clause.partial or MIGHT.search(clause.plain):
        return []
    best: tuple[Near, str] | None = None
    agreed: list[Near] = []
    for other in near:
        known = other.unit.clause
        if other.unit.side == "wrong" or len(known.words) < fewest:
            continue
        if _of_other_places(clause, known) or _of_other_case(clause, known):
            continue
        how = None if known.partial else differs(clause, known)
        if how is None:
            if _vouches(clause, other):
                agreed.append(other)
            continue
        told, clause_says_no = how
        if not (known.whole or _is_offer(other.unit, weights)) or known.elliptic:
            continue
        if told in (DENIED, AFFIRMED) and not _answers(clause, other):
            continue
        no, yes = (other.covers, other.covered) if clause_says_no else (other.repeated, other.covers)
        if told == ONE_CASE:
            # Whom the rule is for is no part of what it says.
            no = _share(clause.words, known.words - restricted_to(known), weights)
        elif told == EVERY_CASE:
            no = _share(known.words, clause.words - restricted_to(clause), weights)
        least = CASE_KNOWN if not clause_says_no else CASE_OF_TOPIC if other.unit.entry in topics else CASE
        if not clause_says_no and no >= PART_OF_LIST and other.inside >= WITHIN and _LIST.search(known.plain):
            # "We neither sell nor lease them" denies each: whoever says one of these says nothing that is not denied.
            least, yes = no, SOME
        if no >= least and yes >= SOME and (best is None or _rank(other) > _rank(best[0])):
            best = other, told
    if best is None:
        return []
    other, told = best
    by_choice = bool(clause.choice) and told.startswith(tuple(_TOLD.values()))
    if any(
        one.inside >= AS_NEAR * other.inside
        and one.likeness >= AS_LIKE * other.likeness
        and (not by_choice or one.unit.clause.choice == clause.choice)
        for one in agreed
    ):
        return []
    return [
        Flag(
            "scope" if told in (ONE_CASE, EVERY_CASE) else "polarity",
            f'{other.unit.entry} has "{other.unit.clause.plain}", which {told}.',
            (other.unit.entry,),
        )
    ]


def _of_other_case(one: Clause, known: Clause) -> bool:
    """Whether both tell of a case of one kind, and of none in common: what goes for yearly plans is no matter of monthly ones."""
    for kind in _CASES:
        mine, its = (set(map(str.lower, kind.findall(clause.plain))) for clause in (one, known))
        if mine and its and not mine & its:
            return True
    return False


def _is_offer(unit: Unit, known: Known) -> bool:
    """Whether a known clause without a verb of its own tells what people can do: an action, or a right by its name."""
    return unit.entry in known.actions or bool(_RIGHT.match(unit.clause.plain))


def _answers(clause: Clause, other: Near) -> bool:
    """Whether a plain yes and a plain no are about the same, and not each about a part of what the other is about.

    A "no" that waits for something ("no opt-out stops it") and a known way to say no deny and affirm more than their words tell.
    """
    known = other.unit.clause
    if (clause if clause.denies else known).choice or (clause.denies and known.choice):
        return False
    if len(NEGATIONS.findall(clause.text)) > 1:
        # "It does not react when a browser asks not to be followed": each "not" is of something else.
        return False
    least = BOTH_WAYS_OF_NO if clause.denies else BOTH_WAYS
    return min(other.inside, other.repeated) >= least and max(other.inside, other.repeated) >= ONE_WAY


def _rank(other: Near) -> tuple[bool, float]:
    """How much a known clause is the one that another goes against: one that only mentions a way to say no comes last."""
    return not other.unit.clause.offered, other.likeness


def _of_other_places(one: Clause, known: Clause) -> bool:
    """Whether both tell of places, and of none in common: what goes for Oregon is no matter of Texas."""
    mine, its = find_places(one.plain), find_places(known.plain)
    return bool(mine and its and not set(mine) & set(its))


def _vouches(clause: Clause, other: Near) -> bool:
    """Whether something known says the same as the clause, of the same places, and by words of its own."""
    known = other.unit.clause
    if not (known.whole or known.elliptic or len(known.words) >= FEWEST_OF_A_PART):
        # A heading, "Rights about automated decisions", says nothing of what it names.
        return False
    if not agrees(clause, known) or not set(find_places(known.plain)) <= set(find_places(clause.plain)):
        return False
    return not known.elliptic or len(set(known.order) & clause.words) >= OF_ITSELF * len(set(known.order))


def _share(words: Set[str], of: Set[str], weights: Known) -> float:
    total = weights.weigh(of)
    return weights.weigh(of & words) / total if total else 0.0


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
    if "in" in (one.choice, known.choice) and {one.choice, known.choice} != {"in", "out"}:
        return None
    if one.all and known.only and not one.only and not one.limited and not one.denies and not known.denies:
        return ONE_CASE, False
    if (
        one.only
        and known.all
        and not known.limited
        and not known.only
        and not one.denies
        and not known.denies
    ):
        return EVERY_CASE, True
    if "none" in (one.choice, known.choice) and (one.denies or known.denies):
        # "The opt-out does not stop this": whether it can be refused is told by both words together.
        return None
    if one.choice and known.choice and one.choice != known.choice:
        return f"{_TOLD[known.choice]}, not: {_TOLD[one.choice]}", one.choice != "out"
    if one.choice == "none" and known.choice is None and _WITHDRAW & one.words & known.words:
        return "can be done", True
    if one.choice == known.choice == "none":
        return None
    if one.denies != known.denies:
        no, yes = (one, known) if one.denies else (known, one)
        if no.denied and not no.denied & (yes.words | stems_of(yes.text)):
            return None
        return DENIED if known.denies else AFFIRMED, one.denies
    return None


def agrees(one: Clause, known: Clause) -> bool:
    """Whether a known clause says the same of its matter, and does not merely leave it open."""
    if known.partial or one.denies != known.denies or (one.says != known.says and one.denies):
        return False
    return one.choice == known.choice or (one.choice != "in" and known.choice is None)


def same_choice(one: Clause, known: Clause) -> bool:
    """Whether two clauses wait for the same, a mere mention of a way to say no being no condition."""
    return one.choice == known.choice or (
        {one.choice, known.choice} == {None, "out"} and (one.offered or known.offered)
    )


def agreement(one: Clause, near: Near) -> float:
    """The likeness of two clauses, less where they differ in what they deny, wait for, limit or count."""
    other = near.unit.clause
    score = near.likeness
    if one.denies != other.denies:
        score *= 0.5
    if one.says and one.denies and not other.says:
        score *= 0.5
    if one.choice != other.choice and not same_choice(one, other):
        score *= 0.55 if one.choice and other.choice else 0.75
    if one.only != other.only:
        score *= 0.8
    if one.all != other.all:
        score *= 0.9
    if other.quantities and (one.quantities or near.unit.own_figures):
        same = [q for q in other.quantities if any(same_quantity(mine, q) for mine in one.quantities)]
        score *= 0.55 + 0.45 * len(same) / len(other.quantities)
    return score
