"""The scores of a consumer summary."""

from typing import get_args

from eval.candidate import Candidate
from eval.cases import Case
from eval.judges.verdict import Judge
from eval.scorers.actions import score_actions
from eval.scorers.facts import (
    judge_facts,
    score_contradictions,
    score_evidence,
    score_recall,
    score_supported,
)
from eval.scorers.form import score_length, score_quotes, score_readability, score_roles
from eval.scorers.tally import score_schema, unscored
from pipeline.checks.shape import LONGEST_CONSUMER_SENTENCE
from schemas.score import Score
from schemas.summaries import ConsumerRole

SENTENCES = 3
NAMES = (
    "fact_recall",
    "contradictions",
    "supported",
    "evidence",
    "quotes",
    "actions",
    "roles",
    "readability",
    "length",
)


def score_consumer(candidate: Candidate, case: Case, judge: Judge) -> tuple[Score, ...]:
    """Every score of the consumer summary, the schema first. Nothing but the schema is scored of one that is not there."""
    part = candidate.consumer
    if not part.is_read:
        return (score_schema(part), *(unscored("consumer", name, part.why_not) for name in NAMES))
    told = judge_facts(part.sentences, case.gold.consumer_facts, case, judge)
    return (
        score_schema(part),
        score_recall(part, told),
        score_contradictions(part, told),
        score_supported(part, case, judge),
        score_evidence(part, told, case),
        score_quotes(part, case),
        score_actions(part, case),
        score_roles(part, get_args(ConsumerRole)),
        score_readability(part, case),
        score_length(part, fewest=SENTENCES, most=SENTENCES, longest=LONGEST_CONSUMER_SENTENCE),
    )
