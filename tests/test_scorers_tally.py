"""Scores, their statuses and their means: wrong, failed and unscored stay three things."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from eval.candidate import candidate_from_draft, candidate_from_raw, candidate_from_sentences
from eval.scorers.every import NAMES, score_candidate
from eval.scorers.tally import score_schema, share
from schemas.score import Score, ScoreItem
from tests.gold_candidate import ScriptedJudge, perfect, tidewater_case
from tests.tidewater import consumer, legal, risk


def item(value: float | None, weight: float = 1, verdict: str = "right") -> ScoreItem:
    return ScoreItem(id="CF-01", verdict=verdict, value=value, weight=weight)


def test_share_is_what_was_earned_of_the_weight_and_leaves_out_what_has_no_value() -> None:
    score = share(
        "consumer", "x", [item(1, 4), item(0, 2), item(0.5, 2), item(None, 8)], things="t", nothing="n"
    )
    assert score.value == (4 + 0 + 1) / 8


def test_share_of_nothing_is_unscored_with_its_reason() -> None:
    score = share("legal", "x", [item(None)], things="t", nothing="There was nothing.")
    assert (score.status, score.value, score.reason) == ("unscored", None, "There was nothing.")


def test_reason_names_what_fell_short() -> None:
    score = share("legal", "x", [item(1), item(0, verdict="wrong")], things="citations exist", nothing="n")
    assert score.reason == "1 of 2 citations exist; not: CF-01 (wrong)."


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "scored", "value": None},
        {"status": "failed", "value": 0.0},
        {"status": "unscored", "value": 1.0},
        {"status": "scored", "value": float("nan")},
        {"status": "scored", "value": 1.5},
    ],
)
def test_a_score_has_a_number_when_it_is_scored_and_only_then(broken: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Score.model_validate({"name": "legal.x", "artefact": "legal", "reason": "r"} | broken)


def test_schema_fails_for_a_broken_or_missing_artefact_and_is_unscored_for_plain_sentences() -> None:
    case = tidewater_case()
    good = {
        "consumer": consumer(case.document).model_dump(),
        "legal": legal(case.document).model_dump(),
        "risk": risk(case.document).model_dump(),
    }
    broken = candidate_from_raw("raw", good | {"risk": good["risk"] | {"provisions": []}, "legal": "Sorry."})
    assert score_schema(broken.consumer).value == 1
    assert score_schema(broken.legal).status == "failed"
    assert score_schema(broken.risk).status == "failed"
    assert "provisions" in score_schema(broken.risk).reason
    plain = candidate_from_sentences("plain", ["We use data."])
    assert {score_schema(part).status for part in (plain.consumer, plain.legal, plain.risk)} == {"unscored"}


CANDIDATES = {
    "perfect": lambda case: candidate_from_draft("perfect", perfect(case)),
    "plain": lambda case: candidate_from_sentences("plain", ["We use data."], ["We use data."]),
    "empty plain": lambda case: candidate_from_sentences("empty", [], []),
    "consumer alone": lambda case: candidate_from_sentences("one", ["We use data."]),
    "missing": lambda case: candidate_from_raw("missing", {}),
    "empty": lambda case: candidate_from_raw(
        "empty",
        {
            "consumer": {"sentences": []},
            "legal": {"sentences": []},
            "risk": {"provisions": []},
        },
    ),
}


@pytest.mark.parametrize("make", CANDIDATES.values(), ids=CANDIDATES)
def test_every_candidate_has_every_score_once_and_in_order_whatever_its_state(make: Any) -> None:
    case = tidewater_case()
    scores = score_candidate(make(case), case, ScriptedJudge())
    assert tuple(score.name for score in scores) == NAMES
    assert all(score.reason for score in scores)
    assert "NaN" not in json.dumps([score.model_dump() for score in scores])


def test_an_empty_draft_states_nothing_and_a_missing_one_is_not_scored_as_if_it_were_empty() -> None:
    case = tidewater_case()

    def values(name: str) -> dict[str, Score]:
        return {s.name: s for s in score_candidate(CANDIDATES[name](case), case, ScriptedJudge())}

    empty, missing = values("empty"), values("missing")
    for name in (
        "consumer.fact_recall",
        "legal.fact_recall",
        "legal.bases_told",
        "legal.carve_outs",
        "risk.provisions_recall",
        "risk.provisions_f1",
        "risk.statutes_f1",
        "risk.material_risks",
        "risk.due_diligence",
        "consumer.roles",
        "consumer.length",
    ):
        assert (empty[name].status, empty[name].value) == ("scored", 0.0), name
        assert missing[name].status == "unscored", name
    for name in (
        "consumer.contradictions",
        "consumer.supported",
        "consumer.readability",
        "legal.citations_valid",
        "risk.provisions_precision",
        "risk.decisions",
        "whole.consistency",
    ):
        assert empty[name].status == "unscored", name
    assert {missing[f"{part}.schema"].status for part in ("consumer", "legal", "risk")} == {"failed"}


def test_the_judge_is_asked_nothing_twice_about_one_candidate() -> None:
    case, judge = tidewater_case(), ScriptedJudge()
    score_candidate(CANDIDATES["perfect"](case), case, judge)
    assert len(judge.asked) == len(set(judge.asked))
