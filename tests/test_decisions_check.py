"""Decisions are cited by an id of the registry, told with their status and their own figures, and never otherwise."""

import re

import pytest

from pipeline.checks.decisions import check_decisions
from pipeline.registry.decisions import Decision, load_decisions
from schemas.finding import Finding
from schemas.risk import Precedent, RiskAssessment
from schemas.summaries import Evidence
from tests.sample_draft import sample_document, sample_draft

ALL = load_decisions().decisions
# What a reader may take as it stands; every other status must be told beside the outcome.
SETTLED = {"in_force", "final"}
UNSETTLED = [d for d in ALL if d.status not in SETTLED]
QUOTE = Evidence(passage_id="training.1", quote="Wren learns from the pages you write")


def _precedent(decision_id: str, relevance: str) -> Precedent:
    return Precedent(decision_id=decision_id, relevance=relevance, evidence=[QUOTE])


def _risk(*precedents: Precedent, why: str | None = None) -> RiskAssessment:
    """The sample's assessment with these precedents, and with this as the first reason why something matters."""
    risk = sample_draft().risk
    provision = risk.provisions[0]
    claim = provision.why_it_matters.model_copy(update={"text": why or provision.why_it_matters.text})
    return risk.model_copy(
        update={
            "enforcement_precedents": list(precedents),
            "provisions": [provision.model_copy(update={"why_it_matters": claim}), *risk.provisions[1:]],
        }
    )


def _check(risk: RiskAssessment) -> list[Finding]:
    return check_decisions(sample_document(), risk, "risk")


def _errors(risk: RiskAssessment) -> list[str]:
    return [f.code for f in _check(risk) if f.severity == "error"]


def _by_status(status: str) -> Decision:
    return next(d for d in ALL if d.status == status)


def _true_to(decision: Decision) -> str:
    """What may be said of an entry: its own words."""
    return f"Bears on training: {decision.outcome} {decision.status_note or ''}"


@pytest.mark.parametrize("decision", ALL, ids=lambda d: d.id)
def test_entry_told_in_its_own_words_is_sound(decision: Decision) -> None:
    assert _errors(_risk(_precedent(decision.id, _true_to(decision)))) == []


@pytest.mark.parametrize("decision", UNSETTLED, ids=lambda d: d.id)
def test_entry_told_without_its_status_is_refused(decision: Decision) -> None:
    [finding] = [
        f
        for f in _check(_risk(_precedent(decision.id, "Bears on training with what people write.")))
        if f.severity == "error"
    ]
    assert finding.code == "decisions.status_untold"
    assert finding.path == "risk.enforcement_precedents[0].relevance"
    assert decision.id in finding.message


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("annulled", "It was not annulled."),
        ("under_appeal", "It is no longer under appeal."),
        ("settled", "The company refused to settle."),
        ("pending", "It is not pending."),
    ],
)
def test_status_that_is_denied_is_not_told(status: str, told: str) -> None:
    assert _errors(_risk(_precedent(_by_status(status).id, f"Bears on training. {told}"))) == [
        "decisions.status_untold"
    ]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("annulled", "The fine stands; a request to annul it was refused."),
        ("annulled", "The fine is still in force, whatever court annulled it."),
        ("under_appeal", "The fine is final after the appeal."),
        ("under_appeal", "The appeal was dismissed."),
        ("under_appeal", "It was upheld on appeal."),
        ("pending", "The authority closed its inquiry."),
        ("pending", "The inquiry, which is still open to the public, found a breach."),
        ("soft_law", "The guidance binds companies."),
        ("complaint_only", "The complaint was upheld."),
        ("in_force", "The fine was annulled."),
        ("in_force", "The order was later suspended."),
        ("final", "Overturned on appeal."),
    ],
)
def test_status_that_is_contrary_to_the_entry_is_refused(status: str, told: str) -> None:
    [finding] = [
        f
        for f in _check(_risk(_precedent(_by_status(status).id, f"Bears on training. {told}")))
        if f.severity == "error"
    ]
    assert finding.code == "decisions.status_contrary"
    assert finding.path == "risk.enforcement_precedents[0].relevance"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("annulled", "It was annulled, so the fine no longer stands."),
        ("annulled", "The fine was annulled and does not stand."),
        ("under_appeal", "Under appeal, and not final."),
        ("under_appeal", "Not final but appealed; whether it will be upheld is open."),
        ("pending", "Pending; the inquiry has not been closed."),
        ("soft_law", "Guidance that does not bind companies, unlike the contract that binds users."),
        ("soft_law", "It is not merely guidance; nothing in it is legally binding."),
        ("complaint_only", "A complaint; whether it was upheld is not known."),
        ("in_force", "In force; whether it was annulled was not verified."),
        ("in_force", "Unlike another decision, which was annulled, it is in force."),
        ("final", "Final; an interest can be overridden."),
    ],
)
def test_status_told_truly_in_other_words_is_sound(status: str, told: str) -> None:
    assert _errors(_risk(_precedent(_by_status(status).id, f"Bears on training. {told}"))) == []


def test_settled_entry_needs_no_status() -> None:
    decision = next(d for d in ALL if d.status in SETTLED)
    assert _errors(_risk(_precedent(decision.id, "Bears on the use of what people write."))) == []


def test_unknown_id_is_refused() -> None:
    [finding] = _check(_risk(_precedent("cnil-larkspur-2031", "Bears on training.")))
    assert (finding.code, finding.path) == ("decisions.unknown", "risk.enforcement_precedents[0].decision_id")
    assert '"cnil-larkspur-2031"' in finding.message


def test_one_decision_twice_is_refused() -> None:
    once = _precedent(ALL[0].id, _true_to(ALL[0]))
    assert _errors(_risk(once, once)) == ["decisions.twice"]


def test_amount_date_or_year_of_its_own_is_refused() -> None:
    decision = next(d for d in ALL if d.fine)
    for wrong in ("a fine of EUR 7,777,777", "of 3 March 2019", "given in 2019"):
        risk = _risk(_precedent(decision.id, f"{_true_to(decision)} It was {wrong}."))
        [finding] = [f for f in _check(risk) if f.severity == "error"]
        assert finding.code == "decisions.figure_wrong"
        assert decision.date in finding.message


def test_amount_written_another_way_is_the_same_amount() -> None:
    decision = next(d for d in ALL if d.fine and re.fullmatch(r"EUR \d+,000,000", d.fine))
    millions = decision.fine.removeprefix("EUR ").removesuffix(",000,000") if decision.fine else ""
    assert (
        _errors(_risk(_precedent(decision.id, f"{_true_to(decision)} The fine was €{millions} million.")))
        == []
    )


def test_entry_that_is_not_wholly_verified_is_told() -> None:
    decision = next(d for d in ALL if d.verification != "confirmed")
    [finding] = [
        f for f in _check(_risk(_precedent(decision.id, _true_to(decision)))) if f.severity == "info"
    ]
    assert finding.code == "decisions.unverified"


@pytest.mark.parametrize(
    "reference", ["SAN-2031-999", "C-999/31", "EDPB Opinion 99/2031", "EDPB Guidelines 99/2031"]
)
def test_reference_that_the_registry_does_not_have_is_refused(reference: str) -> None:
    [finding] = _check(_risk(why=f"By inference, {reference} asks for a balance here."))
    assert finding.code == "decisions.unknown_reference"
    assert finding.path == "risk.provisions[0].why_it_matters.text"


def test_decision_named_in_prose_must_stand_among_the_precedents() -> None:
    decision = next(d for d in ALL if d.names)
    text = f"By inference, {decision.names[0]} bears on this."
    assert "decisions.named_without_id" in _errors(_risk(why=text))
    assert _errors(_risk(_precedent(decision.id, _true_to(decision)), why=text)) == []


def test_sanction_told_without_a_decision_is_refused() -> None:
    assert _errors(_risk(why="The CNIL fined Larkspur for training on notes.")) == [
        "decisions.sanction_without_id"
    ]
    assert _errors(_risk(why="Larkspur was sanctioned by the CNIL for training on notes.")) == [
        "decisions.sanction_without_id"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The CNIL could impose a fine, by inference.",
        "People can complain to the CNIL, which may order changes.",
        "By inference, the company could be fined by the CNIL.",
        "It is not known whether the CNIL ordered anything, by inference.",
        "Fines under Article 83 GDPR can be high, by inference.",
    ],
)
def test_power_of_an_authority_is_no_sanction(text: str) -> None:
    assert _errors(_risk(why=text)) == []


def test_legal_summary_names_no_decision() -> None:
    legal = sample_draft().legal
    last = legal.sentences[-1].model_copy(
        update={"text": "By inference, EDPB Opinion 99/2031 asks for a balance."}
    )
    changed = legal.model_copy(update={"sentences": [*legal.sentences[:-1], last]})
    assert [f.code for f in check_decisions(sample_document(), changed, "legal")] == [
        "decisions.unknown_reference"
    ]


def test_statement_that_must_not_be_made_is_refused() -> None:
    annulled = _by_status("annulled")
    risk = _risk(_precedent(annulled.id, _true_to(annulled)))
    assert _errors(risk) == []
    mistral = _risk(why="The CNIL imposed a fine on Mistral AI, by inference.")
    assert "decisions.forbidden" in _errors(mistral)
