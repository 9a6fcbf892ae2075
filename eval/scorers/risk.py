"""The scores of a risk assessment."""

from eval.candidate import Candidate
from eval.cases import Case
from eval.scorers.exposure import score_decisions, score_due_diligence, score_material_risks, score_statutes
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
from schemas.score import Score

NAMES = (
    "provisions_precision",
    "provisions_recall",
    "provisions_f1",
    "severity",
    "evidence",
    "quotes",
    "statutes_f1",
    "material_risks",
    "due_diligence",
    "decisions",
)


def score_risk(candidate: Candidate, case: Case) -> tuple[Score, ...]:
    """Every score of the risk assessment, the schema first. Nothing but the schema is scored of one that is not there.

    All of them are counted by code; no judge is asked.
    """
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
        score_evidence(matched, case),
        score_quotes(part, case),
        score_statutes(part.artefact, case),
        score_material_risks(part.artefact, case),
        score_due_diligence(part.artefact, case),
        score_decisions(part.artefact, case),
    )
