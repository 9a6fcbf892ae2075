"""The scores of a risk assessment.

Its lists are counted by code against the gold. Its prose (what provisions are and why they matter, advice, exposures, material risks,
questions to the vendor, decisions) is judged as that of the summaries is: against every fact and exception of the gold, and sentence by sentence.
"""

from eval.candidate import Candidate, Part
from eval.cases import Case
from eval.judges.verdict import Judge
from eval.scorers.carve_outs import judge_carve_outs
from eval.scorers.exposure import score_decisions, score_due_diligence, score_material_risks, score_statutes
from eval.scorers.facts import judge_facts, score_contradictions, score_supported
from eval.scorers.form import score_quotes
from eval.scorers.provisions import (
    match_provisions,
    score_evidence,
    score_f1,
    score_precision,
    score_recall,
    score_severity,
)
from eval.scorers.tally import score_schema, unscored
from schemas.risk import RiskAssessment
from schemas.score import Score

NAMES = (
    "provisions_precision",
    "provisions_recall",
    "provisions_f1",
    "severity",
    "contradictions",
    "supported",
    "evidence",
    "quotes",
    "statutes_f1",
    "material_risks",
    "due_diligence",
    "decisions",
)


def score_risk(candidate: Candidate, case: Case, judge: Judge) -> tuple[Score, ...]:
    """Every score of the risk assessment, the schema first. Nothing but the schema is scored of one that is not there."""
    part = candidate.risk
    if part.artefact is None:
        return (score_schema(part), *(unscored("risk", name, part.why_not) for name in NAMES))
    matched = match_provisions(part.artefact.provisions, case)
    precision = score_precision(matched)
    recall = score_recall(matched, case.gold.provisions)
    return (
        score_schema(part),
        precision,
        recall,
        score_f1(precision, recall),
        score_severity(matched),
        *score_prose(part, case, judge),
        score_evidence(matched, case),
        score_quotes(part, case),
        score_statutes(part.artefact, case),
        score_material_risks(part.artefact, case),
        score_due_diligence(part.artefact, case),
        score_decisions(part.artefact, case),
    )


def score_prose(part: Part[RiskAssessment], case: Case, judge: Judge) -> tuple[Score, Score]:
    """The scores of what the assessment says: contradictions of facts for people, facts for lawyers and exceptions, and supported sentences."""
    facts = (*case.gold.consumer_facts, *case.gold.legal_facts)
    told = (
        *judge_facts(part.sentences, facts, case, judge),
        *judge_carve_outs(part.sentences, case, judge),
    )
    return score_contradictions(part, told), score_supported(part, case, judge)
