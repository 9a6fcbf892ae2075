"""Members: somebody or something that a rule leaves out is told to be touched by it, or the other way round.

What is known has rules with a second half of the opposite kind: "counts for the browser, but not for the app", "all of it is deleted, except
for invoices". The second half lives on the words of the first, and what stands in it (its members) is what matters: a clause that is about the
same and says of a member what holds of the rest is wrong. So is a list of exceptions with one more than the document's.
"""

from collections.abc import Sequence

from eval.judges.clauses import Clause
from eval.judges.relevance import Known, Near
from eval.judges.verdict import Flag

MATTER = 5.0  # weight of the words besides the members from which two clauses are about the same
SHARE = 0.4  # and the share of them
TELLS_MUCH = 3.5  # weight of words that are no terms, from which they may be members
FEWEST_ALIKE = 2  # members that two lists of exceptions have in common


def find_moved_members(clause: Clause, near: Sequence[Near], known: Known) -> list[Flag]:
    """At most one flag: a member that is put on the wrong side of a rule."""
    if clause.partial or clause.says or clause.choice is not None:
        return []
    if clause.elliptic:
        return _find_intruder(clause, near, known)
    best: Near | None = None
    for other in near:
        said = other.unit.clause
        if (
            other.unit.side == "wrong"
            or not said.elliptic
            or said.partial
            or said.denies == clause.denies
            or said.choice
        ):
            continue
        members = known.terms(said) & set(said.order)
        if not members and set(said.order) <= set(clause.order) and known.weigh(said.order) >= TELLS_MUCH:
            members = frozenset(said.order)
        moved = members & set(clause.order)
        if not moved or not _same_matter(clause.words - moved, said.words - members, known):
            continue
        if best is None or other.likeness > best.likeness:
            best = other
    if best is None or _is_said(clause, best, near, known):
        return []
    said = best.unit.clause
    how = "is left out" if said.denies else "is not left out"
    return [
        Flag("scope", f'{best.unit.entry} has "{said.plain}": what stands there {how}.', (best.unit.entry,))
    ]


def _same_matter(mine: frozenset[str], its: frozenset[str], known: Known) -> bool:
    shared = known.weigh(mine & its)
    return shared >= MATTER and shared >= SHARE * known.weigh(mine)


def _is_said(clause: Clause, best: Near, near: Sequence[Near], known: Known) -> bool:
    """Whether something known says the same of the very members."""
    moved = known.terms(best.unit.clause) & set(best.unit.clause.order) & set(clause.order)
    return any(
        other.unit.side == "right"
        and other.unit.clause.denies == clause.denies
        and moved <= other.unit.clause.words
        and other.likeness >= best.likeness * SHARE
        for other in near
    )


def _find_intruder(clause: Clause, near: Sequence[Near], known: Known) -> list[Flag]:
    mine = known.terms(clause) & set(clause.order)
    best: Near | None = None
    alike: dict[str, frozenset[str]] = {}
    for other in near:
        said = other.unit.clause
        if other.unit.side == "wrong" or said.denies != clause.denies:
            continue
        alike[other.unit.entry] = alike.get(other.unit.entry, frozenset()) | said.words
        if (
            said.elliptic
            and len(mine & set(said.order)) >= FEWEST_ALIKE
            and (best is None or other.likeness > best.likeness)
        ):
            best = other
    if best is None or any(mine <= words for words in alike.values()):
        return []
    return [
        Flag(
            "scope",
            f'{best.unit.entry} has other exceptions: "{best.unit.clause.plain}".',
            (best.unit.entry,),
        )
    ]
