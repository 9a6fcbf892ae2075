"""The scores of a legal summary."""

from typing import get_args

from eval.candidate import Candidate
from eval.cases import Case
from eval.judges.verdict import Judge
from eval.scorers.carve_outs import judge_carve_outs, score_carve_outs
from eval.scorers.citations import find_cited, score_authorities, score_labelled, score_right, score_valid
from eval.scorers.facts import (
    judge_facts,
    score_contradictions,
    score_evidence,
    score_recall,
    score_supported,
)
from eval.scorers.form import score_conclusions, score_length, score_quotes, score_roles
from eval.scorers.purposes import score_bases
from eval.scorers.tally import score_schema, unscored
from pipeline.checks.shape import LONGEST_LEGAL_SENTENCE
from schemas.score import Score
from schemas.summaries import LegalRole

FEWEST_SENTENCES, MOST_SENTENCES = 5, 9
NAMES = (
    "fact_recall",
    "contradictions",
    "supported",
    "evidence",
    "quotes",
    "bases_right",
    "bases_told",
    "citations_valid",
    "citations_right",
    "citations_labelled",
    "authorities",
    "conclusions",
    "carve_outs",
    "roles",
    "length",
)


def score_legal(candidate: Candidate, case: Case, judge: Judge) -> tuple[Score, ...]:
    """Every score of the legal summary, the schema first. Nothing but the schema is scored of one that is not there."""
    part = candidate.legal
    if not part.is_read:
        return (score_schema(part), *(unscored("legal", name, part.why_not) for name in NAMES))
    told = judge_facts(part.sentences, case.gold.legal_facts, case, judge)
    cited = find_cited(part, case.document)
    return (
        score_schema(part),
        score_recall(part, told),
        score_contradictions(part, told),
        score_supported(part, case, judge),
        score_evidence(part, told, case),
        score_quotes(part, case),
        *score_bases(part, case),
        score_valid(part, cited),
        score_right(part, cited, told, case),
        score_labelled(part, cited, case.document),
        score_authorities(part, case),
        score_conclusions(part, case),
        score_carve_outs(part, judge_carve_outs(part.sentences, case, judge)),
        score_roles(part, get_args(LegalRole)),
        score_length(part, fewest=FEWEST_SENTENCES, most=MOST_SENTENCES, longest=LONGEST_LEGAL_SENTENCE),
    )
