"""Roles stand in their order, and a sentence has a limit of words."""

import pytest
from pydantic import ValidationError

from pipeline.checks.shape import LONGEST_CONSUMER_SENTENCE, LONGEST_LEGAL_SENTENCE, check_shape
from schemas.summaries import ConsumerSummary, LegalSummary
from tests import tidewater as td

DOCUMENT = td.tidewater()


@pytest.mark.parametrize("artefact", [td.consumer(DOCUMENT), td.legal(DOCUMENT), td.risk(DOCUMENT)])
def test_a_draft_in_shape_has_no_finding(artefact: ConsumerSummary) -> None:
    assert check_shape(artefact, "x") == []


@pytest.mark.parametrize(
    ("make", "root", "longest"),
    [(td.consumer, "consumer", LONGEST_CONSUMER_SENTENCE), (td.legal, "legal", LONGEST_LEGAL_SENTENCE)],
)
def test_a_sentence_may_have_its_number_of_words_and_no_more(make: object, root: str, longest: int) -> None:
    summary = make(DOCUMENT)  # type: ignore[operator]
    summary.sentences[1].text = "word " * longest
    assert check_shape(summary, root) == []
    summary.sentences[1].text = "word " * (longest + 2)
    (finding,) = check_shape(summary, root)
    assert (finding.code, finding.path, finding.severity) == (
        "shape.sentence_too_long",
        f"{root}.sentences[1].text",
        "error",
    )
    assert f"{longest + 2} words" in finding.message
    assert "cut 2 words" in finding.message


def test_a_missing_role_is_named() -> None:
    summary = td.consumer(DOCUMENT)
    summary.sentences[2].role = "most_important"
    (finding,) = check_shape(summary, "consumer")
    assert (finding.code, finding.path) == ("shape.role_missing", "consumer.sentences")
    assert "what_you_can_do" in finding.message


def test_roles_out_of_order_are_told_at_the_sentence_that_comes_too_late() -> None:
    summary = td.consumer(DOCUMENT)
    summary.sentences.reverse()
    findings = check_shape(summary, "consumer")
    assert [(f.code, f.path) for f in findings] == [
        ("shape.role_out_of_order", "consumer.sentences[1].role"),
        ("shape.role_out_of_order", "consumer.sentences[2].role"),
    ]


def test_a_legal_role_may_take_two_sentences() -> None:
    summary = td.legal(DOCUMENT)
    summary.sentences.insert(1, summary.sentences[1].model_copy())
    assert check_shape(summary, "legal") == []


@pytest.mark.parametrize(("make", "counts"), [(td.consumer, (2, 4)), (td.legal, (4, 10))])
def test_the_schema_holds_the_number_of_sentences(make: object, counts: tuple[int, int]) -> None:
    summary = make(DOCUMENT)  # type: ignore[operator]
    model: type[ConsumerSummary] | type[LegalSummary] = type(summary)
    sentences = (summary.model_dump()["sentences"] * 3)[: max(counts)]
    for count in counts:
        with pytest.raises(ValidationError):
            model.model_validate({"sentences": sentences[:count]})
