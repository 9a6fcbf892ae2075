"""Scores of the risk assessment, each formula on an example worked out by hand."""

from typing import Any

import pytest

from eval.candidate import candidate_from_draft
from eval.cases import Case
from eval.scorers.provisions import dice, harmonic, match_provisions
from eval.scorers.risk import score_risk
from pipeline.registry.decisions import load_decisions
from schemas.gold import UncitableDecision
from schemas.risk import Action, Precedent, Provision, RiskAssessment
from schemas.score import Score
from schemas.summaries import StatuteCitation
from tests.gold_candidate import ScriptedJudge, perfect, tidewater_case
from tests.sample_draft import sample_draft

CASE = tidewater_case()


def assessment() -> RiskAssessment:
    """What the gold says, as a fresh copy; provisions stand in the gold's order."""
    return perfect(CASE).risk.model_copy(deep=True)


def scores_of(risk: RiskAssessment, case: Case = CASE) -> dict[str, Score]:
    draft = sample_draft().model_copy(update={"risk": risk})
    return {
        score.name.partition(".")[2]: score
        for score in score_risk(candidate_from_draft("d", draft), case, ScriptedJudge())
    }


def quoting(provision: Provision, *anchors: str) -> Provision:
    """The provision with the passages of these anchors as its only evidence."""
    changed = provision.model_copy(deep=True)
    evidence = changed.what_it_is.evidence[0]
    changed.what_it_is.evidence = [
        evidence.model_copy(update={"passage_id": passage}) for passage in CASE.passage_ids(anchors)
    ]
    changed.why_it_matters.evidence = []
    return changed


def matched(*provisions: Provision) -> list[str | None]:
    return [one.gold.id if one.gold else None for one in match_provisions(provisions, CASE)]


def test_dice_is_twice_what_is_shared_of_all() -> None:
    assert dice(frozenset("abc"), frozenset("bcde")) == pytest.approx(4 / 7)
    assert dice(frozenset(), frozenset()) == 0


def test_provisions_of_one_category_are_told_apart_by_their_passages() -> None:
    training, rated = assessment().provisions[:2]
    assert matched(rated, training) == ["PV-02", "PV-01"]


def test_the_whole_is_matched_best_and_not_each_provision_by_itself() -> None:
    training, rated = assessment().provisions[:2]
    # Both are nearest to PV-01; the first can do without it.
    both = quoting(training, "train", "opt-out", "rated")
    assert matched(both, quoting(training, "train", "opt-out")) == ["PV-02", "PV-01"]
    assert matched(both) == ["PV-01"]
    assert matched(rated, rated) == ["PV-02", None]


def test_the_category_alone_is_not_enough() -> None:
    retention = assessment().provisions[2]
    assert matched(quoting(retention, "host")) == [None]
    assert matched(quoting(retention, "days", "host")) == ["PV-03"]


def test_a_quarter_of_what_a_provision_quotes_must_be_the_gold_s() -> None:
    retention = assessment().provisions[2]
    assert matched(quoting(retention, "days", "host", "who", "officer")) == ["PV-03"]
    assert matched(quoting(retention, "days", "host", "who", "officer", "sale")) == [None]
    assert matched(quoting(retention, *CASE.gold.anchors)) == [None]


def test_the_same_passages_under_another_category_are_another_finding() -> None:
    sharing = assessment().provisions[3].model_copy(update={"category": "sale_and_advertising"})
    assert matched(sharing) == [None]


def test_an_entry_that_stands_in_no_passage_is_matched_by_its_category() -> None:
    absent = CASE.gold.provisions[3].model_copy(update={"anchors": (), "absent_terms": ("bank",)})
    gold = CASE.gold.model_copy(update={"provisions": (*CASE.gold.provisions[:3], absent)})
    case = Case("x", CASE.document, gold)
    sharing = quoting(assessment().provisions[3], "who")
    assert match_provisions([sharing], case)[0].gold == absent


def test_precision_recall_and_f1_of_provisions() -> None:
    risk = assessment()
    # PV-01, PV-02 and the may provision PV-06 are left; one invented provision is added. Four of five must and should in the gold: PV-01..05.
    invented = quoting(risk.provisions[2], "host")
    risk.provisions = [*risk.provisions[:2], risk.provisions[5], invented]
    scores = scores_of(risk)
    assert scores["provisions_precision"].value == 3 / 4
    assert scores["provisions_recall"].value == 2 / 5
    assert scores["provisions_f1"].value == pytest.approx(2 * 0.75 * 0.4 / 1.15)
    missing = [item.id for item in scores["provisions_recall"].items if item.verdict == "missing"]
    assert missing == ["PV-03", "PV-04", "PV-05"]


def test_a_may_provision_left_out_costs_nothing() -> None:
    risk = assessment()
    del risk.provisions[5]
    assert scores_of(risk)["provisions_f1"].value == 1


def test_harmonic_mean_of_nothing_is_zero() -> None:
    assert harmonic(0, 0) == 0
    assert harmonic(1, 0.5) == pytest.approx(2 / 3)


def test_severity_is_kappa_with_quadratic_weights() -> None:
    risk = assessment()
    # Gold: high, medium, low, low, low, low. One low told as medium: squared distance seen 1; expected from the margins
    # (mine: 3 low, 2 medium, 1 high... as counts of 6): the sum over pairs of counts, by 6.
    risk.provisions[2].severity = "medium"
    gold, mine = {0: 4, 1: 1, 2: 1}, {0: 3, 1: 2, 2: 1}
    expected = sum(n * m * (a - b) ** 2 for a, n in gold.items() for b, m in mine.items()) / 6
    score = scores_of(risk)["severity"]
    assert score.value == pytest.approx(1 - 1 / expected)
    assert score.figures == {"same": pytest.approx(5 / 6), "pairs": 6}
    assert score.reason.startswith("5 of 6 severities are those of the gold; not: PV-03 (higher);")
    assert [item.verdict for item in score.items] == ["same", "same", "higher", "same", "same", "same"]


def test_severity_is_unscored_with_too_few_pairs_or_one_level_alone() -> None:
    risk = assessment()
    del risk.provisions[4:]
    few = scores_of(risk)["severity"]
    assert (few.status, len(few.items)) == ("unscored", 4)
    risk = assessment()
    flat = CASE.gold.model_copy(
        update={"provisions": tuple(p.model_copy(update={"severity": "low"}) for p in CASE.gold.provisions)}
    )
    for provision in risk.provisions:
        provision.severity = "low"
    assert scores_of(risk, Case("x", CASE.document, flat))["severity"].status == "unscored"


def test_evidence_is_the_overlap_with_the_passages_of_the_gold() -> None:
    risk = assessment()
    risk.provisions = risk.provisions[:3]
    # Weights 4, 4, 2; PV-03 quotes one of its two passages and one more: Dice 1/2.
    risk.provisions[2] = quoting(risk.provisions[2], "days", "host")
    assert scores_of(risk)["evidence"].value == pytest.approx((4 + 4 + 2 * 0.5) / 10)


def test_evidence_moved_elsewhere_counts_as_no_overlap_and_not_as_nothing() -> None:
    risk = assessment()
    risk.provisions = risk.provisions[:3]
    risk.provisions[2] = quoting(risk.provisions[2], "host")
    score = scores_of(risk)["evidence"]
    # Unmatched, it weighs 1.
    assert score.value == pytest.approx(8 / 9)
    assert score.items[2].verdict == "elsewhere"


NEVER = "Catch reports never train a model."  # against CF-01, must
SOLD = "Tidewater sells your data."  # against CF-03, should
FOR_EVER = "Catch reports are kept for ever."  # against LF-03, should
COVERED = "The policy covers harbour boards."  # against CO-01, must
STATED = "The opt-out does not reach reports that you rated."  # CF-02, must


def prose(*texts: str) -> dict[str, Score]:
    """The scores of an assessment with one provision, which says these texts: what, why, and the advice on it."""
    risk = assessment()
    first, why, *advice = texts
    provision = risk.provisions[0]
    provision.what_it_is.text, provision.why_it_matters.text = first, why
    action = {"kind": "precaution", **provision.why_it_matters.model_dump()}
    provision.what_you_can_do = [Action.model_validate(action | {"text": text}) for text in advice]
    bare = RiskAssessment.model_construct(
        provisions=[provision],
        regulatory_exposure=[],
        material_risks=[],
        vendor_due_diligence=[],
        enforcement_precedents=[],
        left_out=[],
    )
    return scores_of(bare)


def test_prose_loses_the_weight_of_the_facts_that_it_contradicts() -> None:
    # CF-02 (4) stated; CF-03 (2) and LF-03 (2) contradicted.
    score = prose(STATED, SOLD, FOR_EVER)["contradictions"]
    assert score.value == pytest.approx(4 / 8)
    assert {item.id: item.path for item in score.items if item.value == 0} == {
        "CF-03": "risk.provisions[0].why_it_matters",
        "LF-03": "risk.provisions[0].what_you_can_do[0]",
    }


def test_prose_that_contradicts_what_must_be_told_is_capped_exceptions_included() -> None:
    right = [fact.statement for fact in (*CASE.gold.consumer_facts[1:], *CASE.gold.legal_facts)]
    # Stated: 4 + 2 + 1 and 4 + 4 + 2; contradicted: 4. Without the cap 17 of 21.
    assert prose(NEVER, "Hello.", *right)["contradictions"].value == 0.5
    assert prose(NEVER, COVERED, *right)["contradictions"].value == 0.25
    assert prose("Hello.", "Hello.", *right)["contradictions"].value == 1


def test_prose_that_tells_no_fact_has_no_score_for_contradictions() -> None:
    assert prose("Hello.", "Hello.")["contradictions"].status == "unscored"


def test_supported_is_the_share_of_the_prose_without_a_fault() -> None:
    score = prose(STATED, SOLD, "Hello.", NEVER)["supported"]
    assert score.value == pytest.approx(2 / 4)
    assert score.reason == (
        "2 of 4 sentences are supported; not: risk.provisions[0].why_it_matters (polarity), risk.provisions[0].what_you_can_do[1] (polarity)."
    )


def test_prose_is_what_is_said_of_provisions_exposures_risks_questions_and_decisions() -> None:
    def places(risk: RiskAssessment) -> list[str]:
        return [item.id for item in scores_of(risk)["supported"].items if item.value == 0]

    changes: dict[str, Any] = {
        "provisions[0].what_it_is": lambda risk: risk.provisions[0].what_it_is,
        "regulatory_exposure[0].rationale": lambda risk: risk.regulatory_exposure[0].rationale,
        "material_risks[0].rationale": lambda risk: risk.material_risks[0].rationale,
    }
    for path, claim_of in changes.items():
        risk = assessment()
        claim_of(risk).text = SOLD
        assert places(risk) == [f"risk.{path}"]
    risk = assessment()
    risk.vendor_due_diligence[0].action = SOLD
    assert places(risk) == ["risk.vendor_due_diligence[0].action"]
    risk = assessment()
    risk.enforcement_precedents[0].relevance = SOLD
    assert places(risk) == ["risk.enforcement_precedents[0].relevance"]


def test_a_judge_hears_of_which_decision_something_is_said() -> None:
    risk = assessment()
    risk.enforcement_precedents = [
        precedent("EDPB-OPINION-28-2024", "It binds."),
        precedent("NO-1", "It binds."),
    ]
    told = [item.sentence for item in scores_of(risk)["supported"].items[-2:]]
    assert told == ["In the case Opinion 28/2024: It binds.", "In the case NO-1: It binds."]


def test_statutes_f1_needs_the_article_to_find_and_takes_the_law_as_right() -> None:
    risk = assessment()
    risk.regulatory_exposure = []
    for provision in risk.provisions:
        provision.why_it_matters.statutes = []
    # Gold: 6(1)(f), 21(1), 5(1)(e), 13(1)(e), 15. Cited: the bare law (right, finds nothing), 6 (right, finds one), 22 (wrong), 999 (invalid).
    risk.provisions[0].why_it_matters.statutes = [
        StatuteCitation(ref=ref, basis="inferred") for ref in ("GDPR", "GDPR:6", "GDPR:22", "GDPR:999")
    ]
    score = scores_of(risk)["statutes_f1"]
    assert score.figures == {"precision": 0.5, "recall": 0.2}
    assert score.value == pytest.approx(2 * 0.5 * 0.2 / 0.7)
    assert "GDPR:22 (not in gold), GDPR:999 (invalid), GDPR:13(1)(e) (missing)" in score.reason


def test_law_that_the_gold_has_for_a_legal_fact_alone_is_right_and_is_not_asked_for() -> None:
    risk = assessment()
    risk.regulatory_exposure = []
    for provision in risk.provisions:
        provision.why_it_matters.statutes = []
    # LF-01 rests on 4(7), which no provision and no exposure does; 89 is nobody's.
    risk.provisions[0].why_it_matters.statutes = [
        StatuteCitation(ref=ref, basis="inferred") for ref in ("GDPR:4(7)", "GDPR:15", "GDPR:89")
    ]
    assert scores_of(risk)["statutes_f1"].figures == {"precision": pytest.approx(2 / 3), "recall": 0.2}


def test_statutes_of_exposures_count_by_instrument_and_article() -> None:
    risk = assessment()
    for provision in risk.provisions:
        provision.why_it_matters.statutes = []
    risk.regulatory_exposure[0].articles = ["6(1)(f)", "GDPR:15"]
    score = scores_of(risk)["statutes_f1"]
    assert score.figures == {"precision": 1.0, "recall": 2 / 5}


def test_material_risks_are_covered_by_their_words_or_by_category_and_passage() -> None:
    risk = assessment()
    assert scores_of(risk)["material_risks"].value == 1
    # MR-01 (high, 3) has keys; MR-02 (low, 1) has none, so that its passage counts.
    risk.material_risks[0].title = risk.material_risks[0].rationale.text = "Something."
    risk.material_risks[0].mitigations = ["nothing"]
    assert scores_of(risk)["material_risks"].value == pytest.approx(1 / 4)
    risk.material_risks[1].rationale.evidence = []
    assert scores_of(risk)["material_risks"].value == 0


def test_due_diligence_is_covered_by_the_action_or_the_papers_asked_for() -> None:
    risk = assessment()
    risk.vendor_due_diligence[0].action = "Ask for papers."
    assert scores_of(risk)["due_diligence"].value == 1
    risk.vendor_due_diligence[0].evidence_to_request = ["a letter"]
    assert scores_of(risk)["due_diligence"].value == 0


def test_one_entry_of_the_candidate_covers_one_of_the_gold_and_the_weightiest_at_that() -> None:
    # The same words meet the keys of two entries, of which one (high) weighs three times the other (low).
    second = CASE.gold.risk.material_risks[0].model_copy(update={"id": "MR-03", "severity": "low"})
    risks = (second, CASE.gold.risk.material_risks[0])
    gold = CASE.gold.model_copy(update={"risk": CASE.gold.risk.model_copy(update={"material_risks": risks})})
    risk = assessment()
    del risk.material_risks[1]
    score = scores_of(risk, Case("x", CASE.document, gold))["material_risks"]
    assert verdicts_of(score) == {"MR-03": "missing", "MR-01": "covered"}
    assert score.value == 3 / 4


def verdicts_of(score: Score) -> dict[str, str]:
    return {item.id: item.verdict for item in score.items}


def precedent(decision_id: str, relevance: str | None = None) -> Precedent:
    decision = load_decisions().get(decision_id)
    told = relevance or (decision.status_note if decision else "It matters.")
    evidence: list[Any] = [{"passage_id": CASE.document.passages[0].id, "quote": "Effective"}]
    return Precedent.model_validate({"decision_id": decision_id, "relevance": told, "evidence": evidence})


def test_decisions_are_right_beside_the_point_told_untruly_or_invented() -> None:
    risk = assessment()
    annulled = load_decisions().get("GARANTE-OPENAI-2024")
    assert annulled is not None
    risk.enforcement_precedents = [
        precedent("EDPB-OPINION-28-2024"),
        precedent("DPC-TIKTOK-2025"),
        precedent("GARANTE-OPENAI-2024", "It shows what training without a basis costs."),
        precedent("CNIL-TIDEWATER-2026"),
    ]
    score = scores_of(risk)["decisions"]
    assert [(item.verdict, item.value) for item in score.items] == [
        ("right", 1.0),
        ("beside the point", 0.5),
        ("told untruly", 0.0),
        ("invented", 0.0),
    ]
    assert score.value == pytest.approx(1.5 / 4)


def test_a_statement_of_the_do_not_cite_list_in_prose_adds_a_zero() -> None:
    risk = assessment()
    assert scores_of(risk)["decisions"].value == 1
    risk.provisions[0].why_it_matters.text = "The fine of EUR 15 million on OpenAI stands."
    score = scores_of(risk)["decisions"]
    assert score.value == 0.5
    assert score.items[1].path == "risk.provisions[0].why_it_matters.text"


def test_a_decision_that_the_gold_bars_earns_nothing_unless_the_gold_also_cites_it() -> None:
    barred = UncitableDecision(
        id="ND-01", decision="DPC-TIKTOK-2025", statement="It binds here.", reason="It does not bear on this."
    )
    also = barred.model_copy(update={"id": "ND-02", "decision": "EDPB-OPINION-28-2024"})
    gold = CASE.gold.model_copy(
        update={"risk": CASE.gold.risk.model_copy(update={"decisions_not_citable": (barred, also)})}
    )
    risk = assessment()
    risk.enforcement_precedents = [precedent("EDPB-OPINION-28-2024"), precedent("DPC-TIKTOK-2025")]
    score = scores_of(risk, Case("x", CASE.document, gold))["decisions"]
    assert [(item.verdict, item.reason) for item in score.items][1] == (
        "must not be cited",
        "It does not bear on this.",
    )
    assert score.value == 0.5


def test_no_decision_cited_is_unscored() -> None:
    risk = assessment()
    risk.enforcement_precedents = []
    assert scores_of(risk)["decisions"].status == "unscored"
