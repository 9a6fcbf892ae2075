"""Scores of the legal summary, each formula on an example worked out by hand."""

from collections.abc import Sequence
from typing import Any

import pytest

from eval.candidate import Candidate, candidate_from_draft, candidate_from_sentences
from eval.cases import Case
from eval.judges.verdict import Fault, Flag
from eval.scorers.legal import NAMES, score_legal
from eval.scorers.purposes import read_bases
from schemas.gold import LawfulBasis
from schemas.score import Score
from schemas.summaries import LegalSentence, LegalSummary
from tests.gold_candidate import ScriptedJudge, tidewater_case
from tests.sample_draft import sample_draft
from tests.tidewater import claim, legal

CASE = tidewater_case()


def scores_of(candidate: Candidate, case: Case = CASE) -> dict[str, Score]:
    return {score.name.partition(".")[2]: score for score in score_legal(candidate, case, ScriptedJudge())}


def plain(*sentences: str) -> dict[str, Score]:
    return scores_of(candidate_from_sentences("plain", legal=sentences))


def draft_of(*claims: dict[str, Any]) -> dict[str, Score]:
    sentences = [LegalSentence.model_validate({"role": "instrument"} | one) for one in claims]
    summary = LegalSummary.model_construct(sentences=sentences)
    return scores_of(candidate_from_draft("draft", sample_draft().model_copy(update={"legal": summary})))


def cites(text: str, *refs: str, basis: str = "inferred", quotes: Sequence[str] = ()) -> dict[str, Any]:
    statutes = [{"ref": ref, "basis": basis} for ref in refs]
    return claim(CASE.document, text, *quotes, basis="inferred", statutes=statutes)


def verdicts(score: Score) -> dict[str, str]:
    return {item.id: item.verdict for item in score.items}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The account rests on contract.", [("account", {"contract"})]),
        (
            "It rests the account and billing on contract, and training on legitimate interest.",
            [("account", {"contract"}), ("training", {"legitimate_interest"})],
        ),
        (
            "Security rests on legal obligation and legitimate interest; storms on consent.",
            [("Security", {"legal_obligation", "legitimate_interest"}), ("storms", {"consent"})],
        ),
        (
            "Contract for the account, legitimate interest for training, consent for storms.",
            [("account", {"contract"}), ("training", {"legitimate_interest"}), ("storms", {"consent"})],
        ),
        (
            "Memory rests on legitimate interest and, for sensitive data, on explicit consent.",
            [("Memory", {"legitimate_interest", "explicit_consent"})],
        ),
        (
            "Legitimate interest for the app, for Memory (plus explicit consent for sensitive data), and contract for sales.",
            [("Memory", {"explicit_consent"}), ("app", {"legitimate_interest"}), ("sales", {"contract"})],
        ),
        (
            "Two bases for Memory (legitimate interest; explicit consent for sensitive data) and security (legal obligations; legitimate interest).",
            [
                ("Memory", {"legitimate_interest", "explicit_consent"}),
                ("security", {"legal_obligation", "legitimate_interest"}),
            ],
        ),
        (
            "Two bases for messages (consent for marketing; contract otherwise) and sales (contract; legal obligation).",
            [
                ("marketing", {"consent"}),
                ("messages", {"contract"}),
                ("sales", {"contract", "legal_obligation"}),
            ],
        ),
        ("Training rests on legitimate interest, not on consent.", [("Training", {"legitimate_interest"})]),
        ("Billing rests on the agreement with you.", [("Billing", {"contract"})]),
        ("The rights are objection to training and withdrawal of consent.", []),
        ("A review would examine whether training rests on consent.", []),
        (
            "By inference a review asks: does consent for running it cover training; is billing based on contract?",
            [],
        ),
        ("Standard contractual clauses cover transfers.", []),
        ("Data are shared on consent.", []),
    ],
)
def test_bases_are_read_with_what_rests_on_them(text: str, told: list[tuple[str, set[LawfulBasis]]]) -> None:
    found = read_bases(text)
    assert [set(resting.bases) for resting in found] == [bases for _, bases in told]
    assert all(word in resting.words for resting, (word, _) in zip(found, told, strict=True))


def test_bases_count_as_right_only_when_they_are_exactly_those_of_the_purpose() -> None:
    scores = plain("The account rests on contract and consent, and training on legitimate interest.")
    assert verdicts(scores["bases_right"]) == {"PU-01": "wrong", "PU-02": "right"}
    assert scores["bases_right"].value == 0.5
    assert verdicts(scores["bases_told"]) == {"PU-01": "wrong", "PU-02": "right", "PU-03": "omitted"}
    assert scores["bases_told"].value == pytest.approx(1 / 3)


def test_bases_of_several_sentences_add_up() -> None:
    scores = plain("Training rests on legitimate interest.", "Training is based on consent.")
    assert verdicts(scores["bases_right"]) == {"PU-02": "wrong"}


def test_a_basis_for_a_purpose_that_has_none_is_wrong_and_is_not_asked_for() -> None:
    purposes = (*CASE.gold.purposes[:2], CASE.gold.purposes[2].model_copy(update={"bases": ()}))
    case = Case("x", CASE.document, CASE.gold.model_copy(update={"purposes": purposes}))
    scores = scores_of(
        candidate_from_sentences("plain", legal=["The account rests on contract, and storms on consent."]),
        case,
    )
    assert verdicts(scores["bases_right"]) == {"PU-01": "right", "PU-03": "wrong"}
    assert verdicts(scores["bases_told"]) == {"PU-01": "right", "PU-02": "omitted"}


def test_a_name_inside_a_longer_name_of_another_purpose_does_not_count() -> None:
    marketing, other = CASE.gold.purposes[0], CASE.gold.purposes[1]
    purposes = (
        marketing.model_copy(update={"keys": (("marketing",),), "bases": ("consent",)}),
        other.model_copy(update={"keys": (("non-marketing messages",),), "bases": ("contract",)}),
    )
    case = Case("x", CASE.document, CASE.gold.model_copy(update={"purposes": purposes}))
    scores = scores_of(
        candidate_from_sentences(
            "p", legal=["Non-marketing messages rest on contract, marketing on consent."]
        ),
        case,
    )
    assert scores["bases_right"].value == 1
    assert scores["bases_told"].value == 1


def test_a_purpose_that_is_named_like_a_basis_is_none() -> None:
    fraud, storms = (
        CASE.gold.purposes[0].model_copy(
            update={"keys": (("security", "fraud", "legal dut*"),), "bases": ()}
        ),
        CASE.gold.purposes[2],
    )
    case = Case("x", CASE.document, CASE.gold.model_copy(update={"purposes": (fraud, storms)}))

    def given(sentence: str) -> dict[str, str]:
        return verdicts(scores_of(candidate_from_sentences("p", legal=[sentence]), case)["bases_right"])

    assert given("Storms rest on consent; unasked are security, fraud and legal duties.") == {
        "PU-03": "right"
    }
    # A basis it stays where it carries the purpose.
    assert given("Security and fraud rest on legal duties.") == {fraud.id: "wrong"}
    assert given("Security, fraud: legal duties are the basis.") == {fraud.id: "wrong"}


def test_bases_are_unscored_without_any_and_in_another_language() -> None:
    assert plain("Hello.")["bases_right"].status == "unscored"
    assert plain("Hello.")["bases_told"].value == 0
    german = Case("x", CASE.document.model_copy(update={"language": "de"}), CASE.gold)
    scores = scores_of(candidate_from_sentences("p", legal=["Hallo."]), german)
    assert {scores[name].status for name in ("bases_right", "bases_told", "conclusions")} == {"unscored"}


def test_citations_are_valid_when_the_registry_has_them() -> None:
    scores = draft_of(
        cites("By inference this engages Article 99 GDPR.", "GDPR:6(1)(f)", "GDPR:999", "XYZ:1")
    )
    assert verdicts(scores["citations_valid"]) == {
        "GDPR:6(1)(f)": "valid",
        "GDPR:999": "invalid",
        "XYZ:1": "invalid",
        "GDPR:99": "valid",
    }
    assert scores["citations_valid"].value == 0.5


def test_a_law_in_prose_beside_its_listed_provision_is_no_citation_of_its_own() -> None:
    scores = draft_of(cites("The GDPR, and Article 6 GDPR of it, may be engaged.", "GDPR:6(1)(f)"))
    assert verdicts(scores["citations_valid"]) == {"GDPR:6(1)(f)": "valid"}


def test_citations_are_right_for_what_their_sentence_tells_and_half_right_elsewhere() -> None:
    scores = draft_of(
        # States LF-02 (6(1)(f)); 13(2)(a) is LF-03's, 22 nobody's, 6 takes in what is LF-02's.
        cites("Training rests on legitimate interest.", "GDPR:6(1)(f)", "GDPR:6", "GDPR:13(2)(a)", "GDPR:22"),
        # Quotes LF-03's passage without stating it.
        cites("Reports stay a while.", "GDPR:13(2)(a)", quotes=["We keep catch reports for 90 days"]),
        # Tells nothing of the gold.
        cites("Hello.", "GDPR:4(7)"),
    )
    score = scores["citations_right"]
    assert [(item.id, item.value) for item in score.items] == [
        ("GDPR:6(1)(f)", 1.0),
        ("GDPR:6", 1.0),
        ("GDPR:13(2)(a)", 0.5),
        ("GDPR:22", 0.0),
        ("GDPR:13(2)(a)", 1.0),
        ("GDPR:4(7)", 0.5),
    ]
    assert score.value == pytest.approx(4 / 6)


def test_citations_are_labelled_by_what_the_document_names() -> None:
    # The policy names no law at all.
    scores = draft_of(cites("A.", "GDPR:6(1)(f)"), cites("B.", "GDPR:21", basis="stated"))
    assert verdicts(scores["citations_labelled"]) == {"GDPR:6(1)(f)": "right", "GDPR:21": "wrongly stated"}
    assert scores["citations_labelled"].value == 0.5


def test_citations_are_unscored_when_there_are_none() -> None:
    scores = draft_of(cites("No law here."))
    assert {scores[f"citations_{name}"].status for name in ("valid", "right", "labelled")} == {"unscored"}


def test_authorities_are_right_when_named_or_marked_as_inferred() -> None:
    named = claim(CASE.document, "Complaints go to the Data Protection Commission.")
    inferred = claim(CASE.document, "By inference the EDPB may speak.", basis="inferred")
    stated = claim(CASE.document, "The EDPB may speak.")
    assert draft_of(named)["authorities"].value == 1
    assert draft_of(named, inferred)["authorities"].value == 1
    assert verdicts(draft_of(named, stated)["authorities"]) == {"dpc": "named", "edpb": "wrongly stated"}
    assert verdicts(draft_of(inferred)["authorities"]) == {"edpb": "inferred", "dpc": "missing"}
    assert draft_of(named, claim(CASE.document, "The CNIL leads."))["authorities"].value == 0.5


def test_an_authority_counts_as_where_it_is_told_worst() -> None:
    named = claim(CASE.document, "Complaints go to the Data Protection Commission.")
    inferred = claim(CASE.document, "By inference the EDPB may speak.", basis="inferred")
    stated = claim(CASE.document, "The EDPB speaks.")
    for order in ((named, inferred, stated), (named, stated, inferred)):
        score = draft_of(*order)["authorities"]
        assert verdicts(score) == {"dpc": "named", "edpb": "wrongly stated"}
        assert score.value == 0.5


@pytest.mark.parametrize("fault", ["article", "precedent", "conclusion"])
def test_a_sentence_with_any_fault_is_not_supported(fault: Fault) -> None:
    class Severe(ScriptedJudge):
        def weigh(self, sentence: str, case: Case) -> tuple[Flag, ...]:
            return (Flag(fault, "It is wrong."),) if "wrong" in sentence else ()

    candidate = candidate_from_sentences("plain", legal=["This is wrong.", "This is right."])
    (score,) = (s for s in score_legal(candidate, CASE, Severe()) if s.name == "legal.supported")
    assert (score.value, score.items[0].verdict) == (0.5, fault)


def test_conclusions_are_the_share_of_sentences_that_draw_none() -> None:
    scores = plain("Tidewater violates the GDPR.", "A review would ask whether it violates the GDPR.")
    assert scores["conclusions"].value == 0.5
    assert [item.verdict for item in scores["conclusions"].items] == ["concludes", "describes"]


def test_carve_outs_are_told_right_or_not_at_all() -> None:
    right = plain("The policy does not cover harbour boards.")["carve_outs"]
    assert (right.value, right.items[0].verdict) == (1, "states")
    wrong = plain("The policy does not cover harbour boards and paying people.")["carve_outs"]
    assert (wrong.value, wrong.items[0].verdict) == (0, "contradicts")
    assert plain("Hello.")["carve_outs"].value == 0


def test_a_fault_seen_against_a_carve_out_counts_although_its_fact_is_stated() -> None:
    scores = plain("The policy does not cover harbour boards.", "The policy covers harbour boards.")
    item = scores["carve_outs"].items[0]
    assert (item.verdict, item.path) == ("contradicts", "legal.sentences[1]")


def test_length_allows_five_to_nine_sentences() -> None:
    short = "Four words are here."
    assert plain(*[short] * 5)["length"].value == 1
    assert plain(*[short] * 9)["length"].value == 1
    assert plain(*[short] * 4)["length"].value == pytest.approx(4 / 5)
    assert plain(*[short] * 12)["length"].value == pytest.approx(9 / 12)


def test_the_invented_policy_s_own_draft_has_every_score() -> None:
    draft = sample_draft().model_copy(update={"legal": legal(CASE.document)})
    scores = scores_of(candidate_from_draft("draft", draft))
    assert {name for name in NAMES if scores[name].status != "scored"} == {"contradictions", "evidence"}
    assert scores["bases_told"].value == 1
    assert scores["roles"].value == 1
