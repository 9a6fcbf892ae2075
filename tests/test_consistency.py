"""What two artefacts say about the same passage does not contradict itself; what may differ for a reason is not told."""

import pytest

from pipeline.checks.consistency import check_consistency
from schemas.draft import Draft
from schemas.finding import Finding
from schemas.summaries import Evidence
from tests.sample_draft import sample_document, sample_draft


def _check(consumer: tuple[str, str], legal: tuple[str, str]) -> list[Finding]:
    """The findings when the third consumer sentence and the fourth legal one are (text, passage id)."""
    draft = sample_draft()

    def put(sentences: list, n: int, text: str, passage_id: str) -> list:
        passage = draft.document.find(passage_id)
        assert passage is not None
        quote = Evidence(passage_id=passage_id, quote=draft.document.text_of(passage))
        changed = sentences[n].model_copy(update={"text": text, "evidence": [quote]})
        return [*sentences[:n], changed, *sentences[n + 1 :]]

    return check_consistency(
        draft.document,
        draft.consumer.model_copy(update={"sentences": put(draft.consumer.sentences, 2, *consumer)}),
        draft.legal.model_copy(update={"sentences": put(draft.legal.sentences, 3, *legal)}),
        draft.risk.model_copy(update={"provisions": [], "regulatory_exposure": [], "material_risks": []}),
    )


def _codes(consumer: tuple[str, str], legal: tuple[str, str]) -> list[str]:
    return [finding.code for finding in _check(consumer, legal)]


def test_two_periods_for_the_one_of_a_passage_are_told() -> None:
    [finding] = _check(
        ("Pages you delete are gone after 45 days.", "keeping.1"),
        ("Deleted pages leave the servers after 90 days.", "keeping.1"),
    )
    assert (finding.code, finding.severity) == ("consistency.period", "warning")
    assert finding.path == "legal.sentences[3]"
    assert '"45 days" and "90 days"' in finding.message
    assert "keeping.1" in finding.message


def test_one_period_in_other_words_is_no_contradiction() -> None:
    assert (
        _codes(
            ("Account details stay for three years.", "keeping.2"),
            ("Account details are kept for 3 years.", "keeping.2"),
        )
        == []
    )


def test_the_same_words_with_and_without_a_negation_are_told() -> None:
    assert _codes(
        ("Larkspur does not share page titles with advertising partners.", "sharing.2"),
        ("Larkspur shares page titles with advertising partners.", "sharing.2"),
    ) == ["consistency.polarity"]


def test_a_negation_about_something_else_is_not_told() -> None:
    assert (
        _codes(
            ("Pages on a paid plan do not train Wren.", "training.4"),
            ("Rated pages on a paid plan train Wren.", "training.4"),
        )
        == []
    )


def test_opposite_words_about_different_passages_are_not_told() -> None:
    assert (
        _codes(
            ("Larkspur does not share page titles with advertising partners.", "sharing.1"),
            ("Larkspur shares page titles with advertising partners.", "sharing.2"),
        )
        == []
    )


def test_control_offered_in_one_and_denied_in_another_is_told() -> None:
    assert _codes(
        ("You can turn off learning from pages.", "training.2"),
        ("There is no way to turn off learning.", "training.2"),
    ) == ["consistency.control"]


@pytest.mark.parametrize(
    ("offered", "denied"),
    [
        ("You can turn learning off in settings.", "Learning cannot be turned off."),
        ("Learning can be switched off.", "People cannot turn off learning."),
        ("You can switch off memories.", "Memory cannot be disabled."),
        ("You can opt out of learning.", "There is no way to opt out."),
    ],
)
def test_control_is_known_in_other_words(offered: str, denied: str) -> None:
    assert _codes((offered, "training.2"), (denied, "training.2")) == ["consistency.control"]


def test_control_denied_for_another_thing_is_not_told() -> None:
    assert (
        _codes(
            ("You can opt out of learning from pages.", "training.2"),
            ("No opt-out is stated for ratings of pages on paid plans.", "training.2"),
        )
        == []
    )


def test_control_that_is_told_without_a_thing_is_not_offered_for_it() -> None:
    assert (
        _codes(
            ("You may object to training, without naming ratings either way.", "training.2"),
            ("No opt-out is named for ratings.", "training.2"),
        )
        == []
    )


def test_sound_draft_does_not_contradict_itself() -> None:
    draft: Draft = sample_draft()
    assert check_consistency(sample_document(), draft.consumer, draft.legal, draft.risk) == []
