"""A draft that says what the gold says scores 1, and each change for the worse lowers its own score and leaves the others where they were."""

from functools import cache

import pytest

from eval.candidate import candidate_from_sentences
from eval.cases import Case, load_cases
from eval.judges.rules import RulesJudge
from eval.mutations import MUTATIONS, Mutated, mutate, scores_of
from eval.scorers.every import score_candidate
from schemas.score import Score
from tests.gold_candidate import ScriptedJudge, perfect, tidewater_case

CASES = {case.name: case for case in (tidewater_case(), *load_cases())}
# A draft that says everything is longer than a summary may be, and so harder to read.
LONG = {"consumer.length", "consumer.readability", "legal.length"}


@cache
def perfect_scores(name: str) -> dict[str, Score]:
    return scores_of(CASES[name], perfect(CASES[name]), ScriptedJudge())


@pytest.mark.parametrize("name", CASES)
def test_a_draft_that_says_what_the_gold_says_scores_one(name: str) -> None:
    short = {
        score.name: score.reason
        for score in perfect_scores(name).values()
        if score.name not in LONG and score.value != pytest.approx(1)
    }
    # "Use Privacy Requests", "ask for a copy": of some forty actions one or two may be read in too small pieces.
    actions = perfect_scores(name)["consumer.actions"].value
    assert short.keys() <= {"consumer.actions"}
    assert actions is not None
    assert actions > 0.95


@cache
def mutated(name: str) -> dict[str, Mutated]:
    return {one.name: one for one in mutate(CASES[name], ScriptedJudge())}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("mutation", [mutation.name for mutation in MUTATIONS])
def test_a_mutation_lowers_its_own_score_and_leaves_the_others(mutation: str, name: str) -> None:
    found = mutated(name)[mutation]
    assert found.problems == ()
    assert found.lowers.before is not None
    assert found.lowers.after is not None
    assert found.lowers.after < found.lowers.before


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.name)
def test_with_the_judge_of_rules_what_the_gold_says_comes_out_above_what_it_calls_wrong(case: Case) -> None:
    right, wrong = (
        {
            score.name: score.value or 0.0
            for score in score_candidate(candidate_from_sentences("c", consumer, legal), case, RulesJudge())
        }
        for consumer, legal in (
            (
                [fact.statement for fact in case.gold.consumer_facts],
                [entry.statement for entry in (*case.gold.legal_facts, *case.gold.carve_outs)],
            ),
            (
                [fact.contradictions[0] for fact in case.gold.consumer_facts if fact.contradictions],
                [
                    entry.contradictions[0]
                    for entry in (*case.gold.legal_facts, *case.gold.carve_outs)
                    if entry.contradictions
                ],
            ),
        )
    )
    for name in ("consumer.fact_recall", "legal.fact_recall", "legal.carve_outs"):
        assert right[name] - wrong[name] > 0.5, name
    for name in ("consumer.contradictions", "legal.contradictions", "consumer.supported", "legal.supported"):
        assert right[name] > wrong[name], name
