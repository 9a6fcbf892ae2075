"""Scores of the consumer summary, each formula on an example worked out by hand."""

from collections.abc import Sequence
from typing import Any

import pytest

from eval.candidate import Candidate, candidate_from_draft, candidate_from_sentences
from eval.cases import Case
from eval.scorers.actions import read_actions
from eval.scorers.consumer import NAMES, score_consumer
from schemas.score import Score
from schemas.summaries import ConsumerSummary
from tests.gold_candidate import ScriptedJudge, perfect, tidewater_case
from tests.sample_draft import sample_draft
from tests.tidewater import consumer

CASE = tidewater_case()
TRAIN = "Catch reports train the model unless you opt out."  # must
RATED = "The opt-out does not reach reports that you rated."  # must
SALE = "Tidewater does not sell your data."  # should
CHANGE = "Changes are told by e-mail."  # may


def scores_of(candidate: Candidate, case: Case = CASE) -> dict[str, Score]:
    return {score.name.partition(".")[2]: score for score in score_consumer(candidate, case, ScriptedJudge())}


def plain(*sentences: str) -> dict[str, Score]:
    return scores_of(candidate_from_sentences("plain", sentences))


def draft_of(sentences: Sequence[Any]) -> Candidate:
    summary = ConsumerSummary.model_construct(sentences=list(sentences))
    return candidate_from_draft("draft", sample_draft().model_copy(update={"consumer": summary}))


def test_recall_weighs_must_four_should_two_and_may_one() -> None:
    # All facts: 4 + 4 + 2 + 1 = 11.
    assert plain(TRAIN, SALE)["fact_recall"].value == pytest.approx(6 / 11)
    assert plain(CHANGE)["fact_recall"].value == pytest.approx(1 / 11)
    assert plain(TRAIN, RATED, SALE, CHANGE)["fact_recall"].value == 1


def test_recall_tells_for_each_fact_the_sentence_relied_on() -> None:
    items = {item.id: item for item in plain("Hello.", TRAIN)["fact_recall"].items}
    assert (items["CF-01"].verdict, items["CF-01"].path, items["CF-01"].sentence) == (
        "states",
        "consumer.sentences[1]",
        TRAIN,
    )
    assert (items["CF-02"].verdict, items["CF-02"].path) == ("omits", None)


def test_contradicted_facts_take_off_their_weight_of_what_is_told() -> None:
    # CF-01 (4) stated, CF-03 (2) contradicted.
    assert plain(TRAIN, "Tidewater sells your data.")["contradictions"].value == pytest.approx(4 / 6)


def test_a_contradicted_must_fact_caps_the_score_at_half_and_each_further_one_halves_it() -> None:
    never, reaches = "Catch reports never train a model.", "The opt-out reaches rated reports too."
    # Without the cap 7 of 11.
    one = plain(never, RATED, SALE, CHANGE)["contradictions"]
    assert one.value == 0.5
    assert one.figures == {"contradicted": 1, "contradicted_must": 1}
    assert one.reason == (
        "3 of 4 facts that are told stand uncontradicted; not: CF-01 (contradicts). At most 0.5 with 1 contradicted that must be told."
    )
    # Without the cap 3 of 11, which is more than a quarter.
    assert plain(never, reaches, SALE, CHANGE)["contradictions"].value == 0.25
    # The cap raises nothing: 2 of 6.
    assert plain(never, SALE)["contradictions"].value == pytest.approx(2 / 6)


def test_a_contradicted_fact_is_not_recalled() -> None:
    assert plain(TRAIN, "Catch reports never train a model.")["fact_recall"].value == 0


def test_contradictions_are_unscored_when_no_fact_is_told() -> None:
    assert plain("Hello.")["contradictions"].status == "unscored"


def test_supported_is_the_share_of_sentences_without_a_fault() -> None:
    score = plain(TRAIN, SALE, "Tidewater sells your data.")["supported"]
    assert score.value == pytest.approx(2 / 3)
    assert [item.verdict for item in score.items] == ["supported", "supported", "polarity"]


def test_evidence_is_right_when_the_sentence_relied_on_quotes_a_passage_of_the_gold() -> None:
    claims = [sentence.model_copy(deep=True) for sentence in perfect(CASE).consumer.sentences]
    assert scores_of(draft_of(claims))["evidence"].value == 1
    # CF-03 (2 of 11) now quotes what is another fact's.
    claims[2].evidence = claims[0].evidence
    score = scores_of(draft_of(claims))["evidence"]
    assert score.value == pytest.approx(9 / 11)
    assert [item.verdict for item in score.items] == ["quoted", "quoted", "elsewhere", "quoted"]


def test_quotes_are_looked_for_in_the_passage_that_they_name() -> None:
    summary = consumer(CASE.document)
    assert scores_of(draft_of(summary.sentences))["quotes"].value == 1
    summary.sentences[0].evidence[0].quote = "words that nobody wrote"
    summary.sentences[0].evidence[1].passage_id = "nowhere.1"
    count = sum(len(sentence.evidence) for sentence in summary.sentences)
    assert scores_of(draft_of(summary.sentences))["quotes"].value == pytest.approx((count - 2) / count)


def test_plain_sentences_have_no_score_for_what_only_artefacts_have() -> None:
    scores = plain(TRAIN)
    assert {name for name in NAMES if scores[name].status == "unscored"} == {
        "evidence",
        "quotes",
        "actions",
        "roles",
    }


def test_roles_are_the_share_of_those_present() -> None:
    sentences = consumer(CASE.document).sentences
    assert scores_of(draft_of(sentences))["roles"].value == 1
    sentences[1].role = "what_you_can_do"
    score = scores_of(draft_of(sentences))["roles"]
    assert score.value == pytest.approx(2 / 3)
    assert "most_important (missing)" in score.reason


def test_length_pays_for_missing_sentences_for_too_many_and_for_long_ones() -> None:
    short = "Four words are here."
    assert plain(short, short, short)["length"].value == 1
    assert plain(short, short)["length"].value == pytest.approx(2 / 3)
    assert plain(*[short] * 5)["length"].value == pytest.approx(3 / 5)
    # 90 words of 45 allowed earn a half.
    assert plain(short, short, "word " * 90)["length"].value == pytest.approx(2.5 / 3)
    assert plain(short, short, "")["length"].value == pytest.approx(2 / 3)


def test_readability_falls_from_grade_nine_to_grade_sixteen() -> None:
    easy = plain("You can turn it off. We keep it for a year.")["readability"]
    assert easy.value == 1
    hard = "Organisational pseudonymisation considerations notwithstanding, controllers unilaterally determine retention."
    assert plain(hard)["readability"].value == 0
    middle = plain(
        "The company may keep the personal information that people write in order to answer questions."
    )
    grade = middle["readability"].figures["grade"]
    assert 9 < grade < 16
    assert middle["readability"].value == pytest.approx((16 - round(grade, 1)) / 7, abs=0.01)


FRENCH = [
    "La politique explique quelles données personnelles sont collectées et pourquoi elles sont utilisées par la société.",
    "Vos rapports de pêche servent à entraîner le modèle de prévision, sauf si vous vous y opposez dans les paramètres.",
    "Vous pouvez demander une copie de vos données ou déposer une plainte auprès de l'autorité de protection des données.",
]


def test_what_is_read_in_english_alone_is_unscored_for_a_draft_in_another_language() -> None:
    scores = plain(*FRENCH)
    for name in ("actions", "readability"):
        assert scores[name].status == "unscored", name
        assert "language fr" in scores[name].reason, name
    assert scores["length"].status == "scored"


def test_an_english_draft_of_a_document_in_another_language_is_read() -> None:
    french = Case("tidewater", CASE.document.model_copy(update={"language": "fr"}), CASE.gold)
    told = ["You can ask for a copy of your data, opt out under Settings, or complain to the regulator."] * 4
    scores = scores_of(candidate_from_sentences("plain", told), french)
    assert {scores[name].status for name in ("actions", "readability")} == {"scored"}


def test_readability_is_unscored_in_another_language_and_without_words() -> None:
    assert plain("")["readability"].status == "unscored"
    french = Case("tidewater", CASE.document.model_copy(update={"language": "fr"}), CASE.gold)
    score = scores_of(candidate_from_sentences("plain", ["Bonjour."]), french)["readability"]
    assert (score.status, "fr" in score.reason) == ("unscored", True)


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        (
            "You can opt out under Settings, delete your reports, or ask for a copy.",
            ("opt out under Settings", "delete your reports", "ask for a copy"),
        ),
        ("You can opt out; you can complain to the regulator.", ("opt out", "complain to the regulator")),
        ("Settings can stop training; use the form to object.", ("stop training", "use the form to object")),
        ("You can, in California, limit its use.", ("in California, limit its use",)),
        ("Turn it off in the app, but this undoes nothing.", ("Turn it off in the app",)),
        ("The policy covers you when you use the app.", ()),
        ("You cannot opt out of this.", ()),
        ("The policy can change at any time.", ()),
    ],
)
def test_actions_are_read_one_by_one(text: str, actions: tuple[str, ...]) -> None:
    assert read_actions(text) == actions


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("You can opt out of training under Settings, then Privacy.", ["offered"]),
        ("You can ask for a copy or complain to the regulator.", ["offered", "offered"]),
        ("You can ask for a copy or sue the harbour.", ["offered", "not offered"]),
        ("To stop training, you can call the hotline to opt out.", ["another way"]),
        ("To stop training, you can opt out by phone.", ["another way"]),
    ],
)
def test_actions_are_offered_by_the_gold_in_the_way_that_its_passages_name(
    text: str, verdicts: list[str]
) -> None:
    score = plain(text)["actions"]
    assert [item.verdict for item in score.items] == verdicts
    assert score.value == pytest.approx(verdicts.count("offered") / len(verdicts))


def test_actions_are_unscored_when_none_is_told() -> None:
    assert plain(TRAIN.replace("opt out", "object"))["actions"].status == "unscored"
