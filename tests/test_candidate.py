"""Candidates from drafts, from raw answers that may be broken, and from plain sentences."""

import json
from typing import Any

import pytest

from eval.candidate import candidate_from_draft, candidate_from_raw, candidate_from_sentences
from schemas.draft import Draft
from tests.sample_draft import sample_draft
from tests.tidewater import consumer, legal, risk, tidewater


def raw() -> dict[str, Any]:
    """Three valid artefacts as data."""
    document = tidewater()
    return {
        "consumer": consumer(document).model_dump(),
        "legal": legal(document).model_dump(),
        "risk": risk(document).model_dump(),
    }


def test_a_draft_is_valid_in_all_its_parts_and_has_its_sentences_with_path_role_and_claim() -> None:
    draft = sample_draft()
    candidate = candidate_from_draft("ours", draft)
    assert [part.state for part in (candidate.consumer, candidate.legal, candidate.risk)] == ["valid"] * 3
    sentence = candidate.legal.sentences[1]
    assert (sentence.path, sentence.role) == ("legal.sentences[1]", "lawful_bases")
    assert sentence.claim is draft.legal.sentences[1]
    assert candidate.risk.sentences[0].path == "risk.provisions[0].what_it_is"
    assert candidate.findings == draft.findings


def test_usage_of_a_draft_is_the_sum_of_all_attempts_and_not_known_when_one_is_not() -> None:
    draft = sample_draft()
    # The sample's risk stage has an attempt without usage, and no price.
    assert candidate_from_draft("ours", draft).usage.prompt_tokens is None
    assert candidate_from_draft("ours", draft).cost_usd is None
    known = draft.provenance.model_copy(update={"stages": draft.provenance.stages[:2]})
    candidate = candidate_from_draft("ours", draft.model_copy(update={"provenance": known}))
    assert candidate.usage.prompt_tokens == 9_100 + 9_300 + 11_400
    assert candidate.cost_usd == pytest.approx(0.0123 + 0.0345)


@pytest.mark.parametrize("write", [json.dumps, lambda value: json.dumps(value).encode(), lambda value: value])
def test_raw_artefacts_are_read_from_text_bytes_or_data(write: Any) -> None:
    candidate = candidate_from_raw("raw", {name: write(value) for name, value in raw().items()})
    assert [part.state for part in (candidate.consumer, candidate.legal, candidate.risk)] == ["valid"] * 3
    assert candidate.consumer.artefact == consumer(tidewater())


def test_a_broken_sentence_is_told_and_the_others_are_kept() -> None:
    artefacts = raw()
    del artefacts["legal"]["sentences"][2]["text"]
    part = candidate_from_raw("raw", artefacts).legal
    assert part.state == "invalid"
    assert part.problems == ("sentences.2.text: Field required",)
    assert [sentence.role for sentence in part.sentences] == [
        "instrument",
        "lawful_bases",
        "notable_terms",
        "law_and_authority",
        "considerations",
    ]


def test_one_broken_artefact_leaves_the_others_valid() -> None:
    artefacts = raw()
    artefacts["risk"]["provisions"][0]["severity"] = "enormous"
    candidate = candidate_from_raw("raw", artefacts)
    assert (candidate.consumer.state, candidate.legal.state, candidate.risk.state) == (
        "valid",
        "valid",
        "invalid",
    )
    assert candidate.risk.artefact is not None
    assert candidate.risk.artefact.provisions == []
    assert len(candidate.risk.artefact.material_risks) == 1


def test_too_many_sentences_are_all_kept_although_the_schema_refuses_them() -> None:
    artefacts = raw()
    artefacts["consumer"]["sentences"] *= 2
    part = candidate_from_raw("raw", artefacts).consumer
    assert part.state == "invalid"
    assert len(part.sentences) == 6


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (None, "nothing was handed in."),
        ("I cannot help with that.", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ('{"sentences": NaN}', "NaN is no JSON number"),
        (b"\xff\xfe\x00", "it is not JSON"),
        ("[1, 2]", "it is no JSON object."),
        (17, "it is no JSON object."),
    ],
)
def test_what_cannot_be_read_is_missing_with_the_reason(broken: object, told: str) -> None:
    part = candidate_from_raw("raw", raw() | {"consumer": broken}).consumer
    assert part.state == "missing"
    assert not part.is_read
    assert told in part.why_not


@pytest.mark.parametrize("sentences", [None, "text", {"0": {}}, [None, 3, "text"]])
def test_lists_that_are_none_are_read_as_empty(sentences: object) -> None:
    part = candidate_from_raw("raw", raw() | {"consumer": {"sentences": sentences}}).consumer
    assert (part.state, part.sentences, part.is_read) == ("invalid", (), True)


def test_a_key_given_twice_makes_an_artefact_invalid_although_its_last_value_fits() -> None:
    text = json.dumps(raw()["consumer"])
    part = candidate_from_raw("raw", raw() | {"consumer": f'{{"sentences": [], {text[1:]}'}).consumer
    assert part.state == "invalid"
    assert part.problems == ("the key 'sentences' stands twice in one object.",)
    assert len(part.sentences) == 3


def test_an_absent_artefact_is_missing() -> None:
    assert candidate_from_raw("raw", {}).risk.state == "missing"


def test_plain_sentences_have_neither_claims_nor_roles_and_no_risk_assessment() -> None:
    candidate = candidate_from_sentences("first sentences", ["We use data.", "We share data."])
    assert candidate.consumer.state == "plain"
    assert candidate.consumer.texts == ("We use data.", "We share data.")
    assert candidate.consumer.sentences[1].path == "consumer.sentences[1]"
    assert candidate.consumer.sentences[1].claim is None
    assert (candidate.legal.state, candidate.risk.state) == ("not_offered", "not_offered")
    assert not candidate.legal.is_read


def test_no_sentences_are_an_empty_summary_and_not_a_missing_one() -> None:
    part = candidate_from_sentences("empty", []).consumer
    assert (part.state, part.sentences, part.is_read) == ("plain", (), True)


def test_a_draft_read_from_its_json_is_the_same_candidate() -> None:
    draft = sample_draft()
    again = Draft.model_validate_json(draft.model_dump_json())
    assert candidate_from_draft("ours", again) == candidate_from_draft("ours", draft)
