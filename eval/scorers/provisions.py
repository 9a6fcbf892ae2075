"""Provisions: matched one to one with those of the gold, and what follows from the match.

Two provisions are one finding when they have the same category and at least a quarter of the passages that the candidate's rests on are the
gold's (or the gold's entry stands in no passage, being about what the document leaves out). So a provision that quotes the whole document is no
finding. How much they are alike is 1/2 and half of the Dice overlap of their passages: of several entries of one category each goes to the
provision that rests on the same words. The same category with other evidence is another finding, and so is the same evidence under another
category: which of the two a provision is about, is what it says of itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.agreement import weighted_kappa
from eval.cases import Case
from eval.matching import match
from eval.scorers.tally import IMPORTANCE, name_short, scored, share, unscored
from schemas.gold import GoldProvision
from schemas.risk import Provision
from schemas.score import Score, ScoreItem

# Fewer pairs than this say nothing about agreement beyond chance.
FEWEST_PAIRS = 5
# Of a candidate's passages, how many must be the gold's for the two to be one finding.
LEAST_SHARE = 0.25
_SCALE = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Matched:
    """A provision of the candidate, its gold where it has one, and how far the passages of the two are the same (0 to 1)."""

    path: str
    provision: Provision
    gold: GoldProvision | None
    overlap: float


def match_provisions(provisions: Sequence[Provision], case: Case) -> tuple[Matched, ...]:
    """Every provision of the candidate in its order, each with the entry of the gold that the best assignment gives it."""
    golds = case.gold.provisions
    wanted = [frozenset(case.passage_ids(gold.anchors)) for gold in golds]
    quoted = [passages_of(provision) for provision in provisions]
    pairs = match(
        [
            [_likeness(provision, gold, own, theirs) for gold, theirs in zip(golds, wanted, strict=True)]
            for provision, own in zip(provisions, quoted, strict=True)
        ]
    )
    gold_of = {pair.row: pair.column for pair in pairs}
    return tuple(
        Matched(
            f"risk.provisions[{n}]",
            provision,
            golds[gold_of[n]] if n in gold_of else None,
            dice(quoted[n], wanted[gold_of[n]]) if n in gold_of else 0.0,
        )
        for n, provision in enumerate(provisions)
    )


def passages_of(provision: Provision) -> frozenset[str]:
    """The passages that say what a provision is and why it matters; those of the advice beside it are not its evidence."""
    claims = (provision.what_it_is, provision.why_it_matters)
    return frozenset(evidence.passage_id for claim in claims for evidence in claim.evidence)


def dice(first: frozenset[str], second: frozenset[str]) -> float:
    """Twice what two sets share, of all their members (L. Dice, 1945); 0 for two empty sets."""
    size = len(first) + len(second)
    return 2 * len(first & second) / size if size else 0.0


def score_precision(matched: Sequence[Matched]) -> Score:
    """The share of the candidate's provisions that the gold has, its ``may`` provisions among them."""
    items = [
        ScoreItem(
            id=one.path,
            verdict="matched" if one.gold else "not in gold",
            value=float(one.gold is not None),
            path=one.path,
            sentence=one.provision.title,
            reason=f"{one.gold.id}: {one.gold.title}" if one.gold else one.provision.category,
        )
        for one in matched
    ]
    return share(
        "risk",
        "provisions_precision",
        items,
        things="provisions are in the gold",
        nothing="The assessment has no provisions.",
    )


def score_recall(matched: Sequence[Matched], golds: Sequence[GoldProvision]) -> Score:
    """The share of the gold's provisions, ``may`` ones left out, that the candidate has; each counts as one. 0 without provisions."""
    found = {one.gold.id: one for one in matched if one.gold}
    items = [
        ScoreItem(
            id=gold.id,
            verdict="matched" if gold.id in found else "missing",
            value=None if gold.importance == "may" else float(gold.id in found),
            path=found[gold.id].path if gold.id in found else None,
            sentence=found[gold.id].provision.title if gold.id in found else None,
            reason=f"{gold.title} ({gold.importance})",
        )
        for gold in golds
    ]
    return share(
        "risk",
        "provisions_recall",
        items,
        things="provisions of the gold are found",
        nothing="The gold has no provision that must or should be told.",
    )


def score_f1(precision: Score, recall: Score) -> Score:
    """The harmonic mean of precision and recall; 0 when nothing is found, a candidate without provisions among such."""
    if recall.value is None:
        return unscored("risk", "provisions_f1", recall.reason)
    value = harmonic(precision.value or 0.0, recall.value)
    return scored(
        "risk",
        "provisions_f1",
        value,
        f"Precision {_told(precision)}, recall {_told(recall)}.",
        figures={"precision": precision.value or 0.0, "recall": recall.value},
    )


def harmonic(first: float, second: float) -> float:
    """The harmonic mean of two shares; 0 when both are 0."""
    return 2 * first * second / (first + second) if first + second else 0.0


def score_severity(matched: Sequence[Matched]) -> Score:
    """Agreement of the severities with those of the gold over the matched pairs: kappa with quadratic weights, from -1 to 1.

    Unscored with fewer than ``FEWEST_PAIRS`` pairs, and when all severities on both sides are one and the same, where kappa has no meaning.
    """
    pairs = [(one, one.gold) for one in matched if one.gold]
    levels = [(_SCALE.index(one.provision.severity), _SCALE.index(gold.severity)) for one, gold in pairs]
    items = [
        ScoreItem(
            id=gold.id,
            verdict="same" if mine == theirs else "higher" if mine > theirs else "lower",
            value=1 - (mine - theirs) ** 2 / (len(_SCALE) - 1) ** 2,
            path=f"{one.path}.severity",
            sentence=one.provision.title,
            reason=f"{one.provision.severity} by rule {one.provision.severity_rule}; the gold has {gold.severity} by {gold.severity_rule}.",
        )
        for (one, gold), (mine, theirs) in zip(pairs, levels, strict=True)
    ]
    if len(pairs) < FEWEST_PAIRS:
        return unscored(
            "risk",
            "severity",
            f"{len(pairs)} matched provisions are too few for kappa; it takes {FEWEST_PAIRS}.",
            items,
        )
    kappa = weighted_kappa(levels)
    if kappa is None:
        return unscored(
            "risk", "severity", "All severities are the same, so that kappa has no meaning.", items
        )
    same = sum(mine == theirs for mine, theirs in levels)
    return scored(
        "risk",
        "severity",
        kappa,
        f"{same} of {len(pairs)} severities are those of the gold{name_short(items)}; kappa with quadratic weights is {kappa:.2f}.",
        items,
        {"same": same / len(pairs), "pairs": len(pairs)},
    )


def score_evidence(matched: Sequence[Matched], case: Case) -> Score:
    """How far the provisions rest on the passages of the gold: the mean Dice overlap over those that have an entry in the gold.

    One that matches no entry although the gold has its category counts as 0, so that evidence moved to other passages is seen here and
    not only in the match. Entries that stand in no passage are left out.
    """
    categories = {gold.category for gold in case.gold.provisions if gold.anchors}
    items = []
    for one in matched:
        if one.gold is not None and not one.gold.anchors:
            continue
        if one.gold is None and one.provision.category not in categories:
            continue
        wanted = case.passage_ids(one.gold.anchors) if one.gold else ()
        items.append(
            ScoreItem(
                id=one.gold.id if one.gold else one.path,
                verdict="same" if one.overlap == 1 else "partly" if one.overlap else "elsewhere",
                value=one.overlap,
                weight=IMPORTANCE[one.gold.importance] if one.gold else 1,
                path=one.path,
                sentence=one.provision.title,
                reason=f"It quotes {', '.join(sorted(passages_of(one.provision))) or 'nothing'}; "
                + (
                    f"the gold has {', '.join(wanted)}." if wanted else "no entry of its category is matched."
                ),
            )
        )
    return share(
        "risk",
        "evidence",
        items,
        things="provisions rest on exactly the passages of the gold",
        nothing="No provision has an entry in the gold.",
    )


def _likeness(
    provision: Provision, gold: GoldProvision, own: frozenset[str], wanted: frozenset[str]
) -> float:
    if provision.category != gold.category:
        return 0.0
    if wanted and len(own & wanted) < max(1, LEAST_SHARE * len(own)):
        return 0.0
    return 0.5 + dice(own, wanted) / 2


def _told(score: Score) -> str:
    return "has nothing to count" if score.value is None else f"{score.value:.2f}"
