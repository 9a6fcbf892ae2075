"""A draft that says what the gold says scores 1, and each change for the worse lowers its own score and leaves the others where they were."""

from collections.abc import Callable
from functools import cache

import pytest

from eval.candidate import candidate_from_draft, candidate_from_sentences
from eval.cases import Case, load_cases
from eval.judges.rules import RulesJudge
from eval.scorers.every import score_candidate
from schemas.draft import Draft
from schemas.risk import Precedent
from schemas.score import Score
from schemas.summaries import Evidence
from tests.gold_candidate import ScriptedJudge, perfect, tidewater_case

CASES = {case.name: case for case in (tidewater_case(), *load_cases())}
# A draft that says everything is longer than a summary may be, and so harder to read.
LONG = {"consumer.length", "consumer.readability", "legal.length"}
OTHER_LEVEL = {"low": "high", "medium": "low", "high": "low"}


@cache
def perfect_scores(name: str) -> dict[str, Score]:
    return scores_of(CASES[name], perfect(CASES[name]))


def scores_of(case: Case, draft: Draft) -> dict[str, Score]:
    candidate = candidate_from_draft("draft", draft)
    return {score.name: score for score in score_candidate(candidate, case, ScriptedJudge())}


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


def drop_a_fact(case: Case, draft: Draft) -> None:
    draft.consumer.sentences[0].text = "This sentence tells nothing."


def contradict_a_fact(case: Case, draft: Draft) -> None:
    draft.consumer.sentences[0].text = case.gold.consumer_facts[0].contradictions[0]


def swap_a_basis(case: Case, draft: Draft) -> None:
    purpose = next(p for p in case.gold.purposes if p.bases)
    told = next(s for s in draft.legal.sentences if s.text.startswith(f"{purpose.purpose} rests on"))
    told.text = f"{purpose.purpose} rests on vital interests."


def change_an_article(case: Case, draft: Draft) -> None:
    next(s for s in draft.legal.sentences if s.statutes).statutes[0].ref = "GDPR:89"


def invent_an_article(case: Case, draft: Draft) -> None:
    next(s for s in draft.legal.sentences if s.statutes).statutes[0].ref = "GDPR:299"


def relabel_a_citation(case: Case, draft: Draft) -> None:
    cited = next(s for s in draft.legal.sentences if s.statutes).statutes[0]
    cited.basis = "stated" if cited.basis == "inferred" else "inferred"


def move_a_severity(case: Case, draft: Draft) -> None:
    provision = draft.risk.provisions[0]
    provision.severity = OTHER_LEVEL[provision.severity]  # type: ignore[assignment]


def replace_a_quote(case: Case, draft: Draft) -> None:
    draft.legal.sentences[0].evidence[0].quote = "words that this policy does not have"


def quote_another_passage(case: Case, draft: Draft) -> None:
    anchored = {passage for ids in case.gold.anchors.values() for passage in ids}
    passage = next(p for p in case.document.passages if p.id not in anchored)
    draft.risk.provisions[0].what_it_is.evidence = [
        Evidence(passage_id=passage.id, quote=case.document.text_of(passage))
    ]


def quote_another_passage_for_a_fact(case: Case, draft: Draft) -> None:
    quote_another_passage(case, draft)
    draft.consumer.sentences[0].evidence = draft.risk.provisions[0].what_it_is.evidence
    draft.risk.provisions[0] = perfect(case).risk.provisions[0]


def invent_a_decision(case: Case, draft: Draft) -> None:
    evidence = draft.risk.provisions[0].what_it_is.evidence[:1]
    draft.risk.enforcement_precedents.append(
        Precedent(decision_id="CNIL-NOBODY-2026", relevance="It bears on training.", evidence=evidence)
    )


def widen_an_exemption(case: Case, draft: Draft) -> None:
    carve_out = case.gold.carve_outs[0]
    told = next(s for s in draft.legal.sentences if s.text == carve_out.statement)
    told.text = carve_out.contradictions[1]


def advise_what_is_not_offered(case: Case, draft: Draft) -> None:
    advice = draft.consumer.sentences[-1]
    advice.text = "You can sue the harbour master."


def leave_out_a_provision(case: Case, draft: Draft) -> None:
    del draft.risk.provisions[0]


def forget_a_risk(case: Case, draft: Draft) -> None:
    del draft.risk.material_risks[0]


def ask_nothing_of_the_vendor(case: Case, draft: Draft) -> None:
    draft.risk.vendor_due_diligence.clear()


def conclude(case: Case, draft: Draft) -> None:
    draft.legal.sentences[-1].text += " It violates the GDPR."


READ = {"consumer.readability", "consumer.length", "legal.length"}
MATCH = {"risk.provisions_precision", "risk.provisions_recall", "risk.provisions_f1"}
# Mutation -> the score that must fall, and others that may fall with it.
MUTATIONS: dict[Callable[[Case, Draft], None], tuple[str, set[str]]] = {
    drop_a_fact: ("consumer.fact_recall", {"consumer.evidence"}),
    contradict_a_fact: (
        "consumer.contradictions",
        {"consumer.fact_recall", "consumer.supported", "consumer.evidence", "whole.consistency"},
    ),
    swap_a_basis: ("legal.bases_right", {"legal.bases_told"}),
    change_an_article: ("legal.citations_right", {"legal.citations_labelled"}),
    invent_an_article: ("legal.citations_valid", {"legal.citations_right", "legal.citations_labelled"}),
    relabel_a_citation: ("legal.citations_labelled", set()),
    move_a_severity: ("risk.severity", set()),
    replace_a_quote: ("legal.quotes", set()),
    quote_another_passage: ("risk.evidence", MATCH),
    quote_another_passage_for_a_fact: ("consumer.evidence", set()),
    invent_a_decision: ("risk.decisions", set()),
    widen_an_exemption: (
        "legal.carve_outs",
        {"legal.supported", "whole.consistency", "legal.fact_recall", "legal.contradictions"},
    ),
    advise_what_is_not_offered: ("consumer.actions", set()),
    leave_out_a_provision: ("risk.provisions_recall", {"risk.provisions_f1", "risk.statutes_f1"}),
    forget_a_risk: ("risk.material_risks", set()),
    ask_nothing_of_the_vendor: ("risk.due_diligence", set()),
    conclude: ("legal.conclusions", {"legal.authorities", "legal.citations_right"}),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__)
def test_a_mutation_lowers_its_own_score_and_leaves_the_others(
    mutate: Callable[[Case, Draft], None], name: str
) -> None:
    case, before = CASES[name], perfect_scores(name)
    draft = perfect(case)
    mutate(case, draft)
    after = scores_of(case, draft)
    target, besides = MUTATIONS[mutate]
    old, new = before[target].value, after[target].value
    assert old is not None
    assert new is not None
    assert new < old
    moved = {key for key in before if before[key].value != pytest.approx(after[key].value)}
    assert moved - {target} - READ <= besides
    assert all((after[key].value or 0) < (before[key].value or 0) for key in moved - READ)


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
