"""Consistency of the three artefacts."""

from eval.candidate import Candidate, candidate_from_draft, candidate_from_sentences
from eval.scorers.whole import score_whole
from schemas.score import Score
from tests.gold_candidate import ScriptedJudge, perfect, tidewater_case

CASE = tidewater_case()
COVERED, NOT_COVERED = "The policy covers harbour boards.", "The policy does not cover harbour boards."
TRAIN, NEVER = "Catch reports train the model unless you opt out.", "Catch reports never train a model."


def consistency(candidate: Candidate) -> Score:
    (score,) = score_whole(candidate, CASE, ScriptedJudge())
    return score


def two(consumer: list[str], legal: list[str]) -> Score:
    return consistency(candidate_from_sentences("two", consumer, legal))


def test_a_carve_out_told_in_one_and_contradicted_in_another_is_inconsistent() -> None:
    score = two([NOT_COVERED], [COVERED])
    assert score.value == 0
    assert score.items[0].verdict == "inconsistent"
    assert score.items[0].path == "legal.sentences[0]"
    assert score.items[0].reason == "Consumer.sentences[0] states it, legal.sentences[0] contradicts it."


def test_what_is_told_alike_is_consistent_right_or_wrong() -> None:
    assert two([NOT_COVERED], [NOT_COVERED]).value == 1
    assert two([COVERED], [COVERED]).value == 1


def test_matters_weigh_by_their_importance_and_only_those_that_two_tell_of_count() -> None:
    # CO-01 (must) is told alike, CF-01 (must) is not; CF-02 is told by one alone.
    rated = "The opt-out does not reach reports that you rated."
    score = two([NOT_COVERED, TRAIN, rated], [NOT_COVERED, NEVER])
    assert score.value == 0.5
    assert [item.id for item in score.items] == ["CO-01", "CF-01"]


def test_unscored_when_no_two_artefacts_speak_of_the_same() -> None:
    assert two([NOT_COVERED], [TRAIN]).status == "unscored"
    assert consistency(candidate_from_sentences("one", [NOT_COVERED])).status == "unscored"


def test_what_the_check_finds_in_the_words_of_two_artefacts_counts_too() -> None:
    draft = perfect(CASE)
    before = consistency(candidate_from_draft("d", draft))
    assert before.value == 1
    legal = draft.legal.model_copy(deep=True)
    kept = next(s for s in legal.sentences if "90 days" in s.text)
    risk = draft.risk.model_copy(deep=True)
    what = risk.provisions[2].what_it_is
    what.text = kept.text.replace("90 days", "30 days")
    what.evidence = kept.evidence
    after = consistency(candidate_from_draft("d", draft.model_copy(update={"legal": legal, "risk": risk})))
    assert after.value is not None
    assert after.value < 1
    assert after.items[-1].verdict == "consistency.period"
