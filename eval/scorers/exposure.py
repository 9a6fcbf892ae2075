"""What a risk assessment says beside its provisions: law, material risks, questions to the vendor, decisions."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from eval.cases import Case
from eval.keys import meets
from eval.matching import match
from eval.scorers.citations import refs_of, touches
from eval.scorers.provisions import harmonic
from eval.scorers.tally import LEVELS, name_short, scored, share, unscored
from pipeline.checks.claims import walk_claims
from pipeline.checks.decisions import check_decisions
from pipeline.registry.citations import check_ref
from pipeline.registry.decisions import load_decisions
from pipeline.registry.pinpoints import parse_ref
from schemas.gold import GoldDueDiligence, GoldRisk
from schemas.risk import DueDiligenceAction, MaterialRisk, RiskAssessment
from schemas.score import Score, ScoreItem

# What a decision earns that the registry has, is told truly, and does not bear on this document according to the gold.
BESIDE_THE_POINT = 0.5


def score_statutes(risk: RiskAssessment, case: Case) -> Score:
    """F1 of the provisions of law: those of the exposures and of the claims, against those of the gold's provisions and exposures.

    A cited provision is right when it is one of the gold's, of its legal facts too, a part of one, or what one is a part of (a bare law is
    right when the gold has any of its provisions). One of the gold's provisions and exposures is found when such a citation names its article at
    least: a bare law finds only a bare law. 0 when nothing is cited.
    """
    wanted = {ref for provision in case.gold.provisions for ref in provision.statutes}
    wanted |= {ref for exposure in case.gold.risk.regulatory_exposure for ref in exposure.statutes}
    if not wanted:
        return unscored("risk", "statutes_f1", "The gold rests no entry on law.")
    every = refs_of(case.gold)
    cited: dict[str, str] = {}
    for path, ref in _cited(risk):
        cited.setdefault(ref, path)
    items = []
    for ref, path in cited.items():
        broken = [problem.message for problem in check_ref(ref) if problem.severity == "error"]
        right = not broken and touches(ref, every)
        verdict = "invalid" if broken else "right" if right else "not in gold"
        items.append(
            ScoreItem(id=ref, verdict=verdict, value=float(right), path=path, reason=" ".join(broken))
        )
    precision = sum(item.value or 0 for item in items) / len(items) if items else 0.0
    found = {own for own in wanted if any(touches(own, {ref}) and _is_as_exact(ref, own) for ref in cited)}
    recall = len(found) / len(wanted)
    items += [ScoreItem(id=own, verdict="missing", value=0.0) for own in sorted(wanted - found)]
    return scored(
        "risk",
        "statutes_f1",
        harmonic(precision, recall),
        f"{len(found)} of {len(wanted)} provisions of law of the gold are cited (recall {recall:.2f}); precision is {precision:.2f}{name_short(items)}.",
        items,
        {"precision": precision, "recall": recall},
    )


def score_material_risks(risk: RiskAssessment, case: Case) -> Score:
    """How much of the gold's material risks is covered, by their severity (``LEVELS``), one entry of the gold by one risk of the candidate.

    A risk can cover an entry when its words meet the entry's keys, or, where the entry has none, when it has its category and quotes one of
    its passages. Of all pairs that can be, those are taken that cover the most.
    """
    golds, found = case.gold.risk.material_risks, risk.material_risks
    return _coverage(
        "material_risks",
        [_Wanted(gold.id, gold.title, LEVELS[gold.severity]) for gold in golds],
        [(f"risk.material_risks[{n}]", mine.title) for n, mine in enumerate(found)],
        [[_covers(mine, gold, case) for mine in found] for gold in golds],
        things="material risks are covered",
        nothing="The gold has no material risks.",
    )


def score_due_diligence(risk: RiskAssessment, case: Case) -> Score:
    """How much of what the gold would ask of the vendor is asked, by its priority (``LEVELS``), one entry by one action.

    An action can ask an entry when its words, with the evidence it requests, meet the entry's keys, or, where the entry has none, when it has
    its category. Of all pairs that can be, those are taken that ask the most.
    """
    golds, found = case.gold.risk.due_diligence, risk.vendor_due_diligence
    return _coverage(
        "due_diligence",
        [_Wanted(gold.id, gold.action, LEVELS[gold.priority]) for gold in golds],
        [(f"risk.vendor_due_diligence[{n}]", mine.action) for n, mine in enumerate(found)],
        [[_asks(mine, gold) for mine in found] for gold in golds],
        things="questions to the vendor are asked",
        nothing="The gold has nothing to ask of the vendor.",
    )


def score_decisions(risk: RiskAssessment, case: Case) -> Score:
    """The precision of the decisions cited. 1 for one that the gold says bears on this document; one half for another of the registry; 0 for
    one that the registry does not have or that the gold says does not bear on it, that is cited twice, told without its status or with a figure
    that is not its own, or told as the do-not-cite list forbids. A decision named in prose that must not be adds a 0 as well.
    """
    errors: dict[str, list[str]] = {}
    for finding in check_decisions(case.document, risk, "risk"):
        if finding.severity == "error":
            place = (
                finding.path.rpartition(".")[0]
                if ".enforcement_precedents[" in finding.path
                else finding.path
            )
            errors.setdefault(place, []).append(finding.message)
    citable = {entry.decision: entry for entry in case.gold.risk.decisions_citable}
    # One that may be cited for what it says may still stand there for what must not be said of it.
    uncitable = {entry.decision: entry for entry in case.gold.risk.decisions_not_citable if entry.decision}
    items = []
    for n, precedent in enumerate(risk.enforcement_precedents):
        path = f"risk.enforcement_precedents[{n}]"
        told = errors.pop(path, [])
        known = load_decisions().get(precedent.decision_id) is not None
        if told:
            verdict, value, reason = "told untruly" if known else "invented", 0.0, " ".join(told)
        elif precedent.decision_id in citable:
            verdict, value, reason = "right", 1.0, citable[precedent.decision_id].relevance
        elif precedent.decision_id in uncitable:
            verdict, value, reason = "must not be cited", 0.0, uncitable[precedent.decision_id].reason
        else:
            verdict, value = "beside the point", BESIDE_THE_POINT
            reason = "The gold does not say that it bears on this document."
        items.append(
            ScoreItem(
                id=precedent.decision_id or path,
                verdict=verdict,
                value=value,
                path=path,
                sentence=precedent.relevance,
                reason=reason,
            )
        )
    items += [
        ScoreItem(id=path, verdict="forbidden in prose", value=0.0, path=path, reason=" ".join(told))
        for path, told in errors.items()
    ]
    return share(
        "risk",
        "decisions",
        items,
        things="decisions are right",
        nothing="No decision is cited.",
    )


def _cited(risk: RiskAssessment) -> Iterator[tuple[str, str]]:
    for path, claim in walk_claims(risk, "risk"):
        for n, statute in enumerate(claim.statutes):
            yield f"{path}.statutes[{n}]", statute.ref
    for n, exposure in enumerate(risk.regulatory_exposure):
        path = f"risk.regulatory_exposure[{n}]"
        if not exposure.articles:
            yield f"{path}.statute", exposure.statute
        for m, article in enumerate(exposure.articles):
            whole = article if article.startswith(f"{exposure.statute}:") else f"{exposure.statute}:{article}"
            yield f"{path}.articles[{m}]", whole


def _is_as_exact(ref: str, own: str) -> bool:
    """Whether the citation names an article, or the gold does not either."""
    mine, theirs = parse_ref(ref), parse_ref(own)
    return mine is not None and theirs is not None and (bool(mine.number) or not theirs.number)


def _covers(mine: MaterialRisk, gold: GoldRisk, case: Case) -> bool:
    if gold.keys:
        return meets(" ".join((mine.title, mine.rationale.text, *mine.mitigations)), gold.keys)
    quoted = {evidence.passage_id for evidence in mine.rationale.evidence}
    return mine.category == gold.category and bool(quoted & set(case.passage_ids(gold.anchors)))


def _asks(mine: DueDiligenceAction, gold: GoldDueDiligence) -> bool:
    if gold.keys:
        return meets(" ".join((mine.action, *mine.evidence_to_request)), gold.keys)
    return mine.category == gold.category


class _Wanted(NamedTuple):
    """An entry of the gold that is to be covered: its id, its words, and its weight."""

    id: str
    words: str
    weight: float


def _coverage(
    name: str,
    wanted: Sequence[_Wanted],
    found: Sequence[tuple[str, str]],
    can: Sequence[Sequence[bool]],
    *,
    things: str,
    nothing: str,
) -> Score:
    """``found`` are paths and words of the candidate's entries; ``can[i][j]`` says whether the j-th can cover the i-th wanted."""
    pairs = match([[one.weight * may for may in row] for one, row in zip(wanted, can, strict=True)])
    cover = {pair.row: found[pair.column] for pair in pairs}
    items = []
    for n, one in enumerate(wanted):
        path, sentence = cover.get(n, (None, None))
        items.append(
            ScoreItem(
                id=one.id,
                verdict="covered" if n in cover else "missing",
                value=float(n in cover),
                weight=one.weight,
                path=path,
                sentence=sentence,
                reason=one.words,
            )
        )
    return share("risk", name, items, things=things, nothing=nothing)
