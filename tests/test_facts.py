"""What a claim says agrees with the passages it quotes; what is right in other words is left in peace."""

import pytest

from pipeline.checks.facts import LONGEST_CLAIM, check_facts
from schemas.document import Document
from schemas.finding import Finding
from schemas.summaries import ConsumerSummary
from tests import tidewater as td

POLICY = """\
# Brightwell Privacy Policy

Effective May 4, 2026.

Brightwell Labs SAS of Lyon, France, registered under number 731 204 556, runs the Brightwell diary, its Helper and the Orchard plan.

## 1. Learning

We use diary pages to train the Helper, subject to your opt-out.
With the Orchard plan, diary pages are not used to train the Helper.
We do not sell your diary pages to advertisers.
We have neither sold nor rented your contact list.
We share your contact list with our mail provider.
Voice notes are used only after you opt in.
Our support team reads pages that you send to it.
As a rule, we prefer hosts in the European Union.

| Purpose | Basis |
| --- | --- |
| To run the diary | Performance of the contract |
| To train the Helper | Legitimate interest |
| To send offers | Consent |

## 2. How long we keep data

We keep:

- invoices: 10 years
- connection logs: twelve months
- support requests: six (6) months
- deleted pages: 30 days

Members pay €4.50 a month or 15 percent less for a year.
You must be 16 to open a diary.
Residents of Utah, Texas, Ohio, Iowa and Nevada have more rights.
We answer within a month.
"""

DOCUMENT = td.tidewater(POLICY)


def _findings(text: str, *quotes: str, document: Document = DOCUMENT, **more: object) -> list[Finding]:
    """What is said about the second sentence of a summary when it is this one; the other two are without facts."""
    rest = td.claim(document, "It says so.", "Brightwell Labs SAS" if document is DOCUMENT else quotes[0])
    sentences = [
        {**rest, "role": "what_and_whom"},
        {**td.claim(document, text, *quotes, **more), "role": "most_important"},
        {**rest, "role": "what_you_can_do"},
    ]
    summary = ConsumerSummary.model_validate({"sentences": sentences})
    found = check_facts(document, summary, "consumer")
    assert all(f.path == "consumer.sentences[1].text" and f.severity == "error" for f in found)
    return found


def _codes(text: str, *quotes: str, **more: object) -> list[str]:
    return [finding.code for finding in _findings(text, *quotes, **more)]


WRONG = (
    ("Invoices stay for 12 years.", ("invoices: 10 years",), "facts.period_unsupported"),
    ("Invoices stay for six years.", ("invoices: 10 years",), "facts.period_unsupported"),
    ("Connection logs stay for 30 days.", ("connection logs: twelve months",), "facts.period_unsupported"),
    ("Deleted pages stay for 30 hours.", ("deleted pages: 30 days",), "facts.period_unsupported"),
    ("The policy took effect on May 14, 2026.", ("Effective May 4, 2026.",), "facts.date_unsupported"),
    ("A month costs €5.40.", ("Members pay",), "facts.money_unsupported"),
    ("A year costs 50 % less.", ("Members pay",), "facts.percent_unsupported"),
    ("You must be 18.", ("You must be 16",), "facts.number_unsupported"),
    ("The company has the number 731 204 565.", ("Brightwell Labs SAS",), "facts.number_unsupported"),
    ("Residents of 14 states have more rights.", ("Residents of Utah",), "facts.number_unsupported"),
    (
        "The company sells your diary pages to advertisers.",
        ("We do not sell your diary pages to advertisers.",),
        "facts.negation",
    ),
    ("It rented out and sold your contact list.", ("neither sold nor rented",), "facts.negation"),
    (
        "It does not share your contact list with its mail provider.",
        ("We share your contact list",),
        "facts.negation",
    ),
    ("The contact list is never shared.", ("We share your contact list",), "facts.negation"),
    (
        "The company sells diary pages to advertisers.",
        ("sell your diary pages to advertisers",),
        "facts.negation",
    ),
    (
        "Diary pages train the Helper only if you opt in.",
        ("We use diary pages to train the Helper",),
        "facts.choice_reversed",
    ),
    ("Voice notes are used unless you use an opt-out.", ("Voice notes are used",), "facts.choice_reversed"),
    ("Training the Helper rests on consent.", ("To train the Helper",), "facts.basis_unsupported"),
    ("Offers are based on legitimate interest.", ("To send offers",), "facts.basis_unsupported"),
    ("The diary relies on a legal obligation.", ("To run the diary",), "facts.basis_unsupported"),
    ("Data is always hosted in the European Union.", ("we prefer hosts",), "facts.scope_widened"),
    ("Pages of Team and Orchard plans are left out.", ("With the Orchard plan",), "facts.name_unknown"),
    ("Pages of paying Student users are left out.", ("With the Orchard plan",), "facts.name_unknown"),
    ("Pages on Orchard Pro are left out.", ("With the Orchard plan",), "facts.name_unknown"),
    ("The diary is run by Acmeworks.", ("Brightwell Labs SAS",), "facts.name_unknown"),
    ("The company sits in Dublin.", ("Brightwell Labs SAS",), "facts.name_unknown"),
)


@pytest.mark.parametrize(("text", "quotes", "code"), WRONG)
def test_what_the_evidence_does_not_have_is_an_error(text: str, quotes: tuple[str, ...], code: str) -> None:
    assert _codes(text, *quotes) == [code]


RIGHT = (
    ("Invoices stay for ten years.", ("invoices: 10 years",)),
    (
        "Connection logs stay for one year and deleted pages for 30 days.",
        ("connection logs", "deleted pages"),
    ),
    ("Connection logs stay for 12 months.", ("connection logs",)),
    ("Support requests stay for 6 months.", ("support requests",)),
    ("Support requests stay for half a year.", ("support requests",)),
    ("The policy of 4 May 2026 comes from Brightwell Labs SAS, number 731204556.", ("Brightwell Labs SAS",)),
    ("The policy took effect in May 2026.", ("Brightwell Labs SAS",)),
    ("A month costs 4.50 euros; a year costs 15% less.", ("Members pay",)),
    ("People under sixteen are kept out.", ("You must be 16",)),
    ("Residents of five states have more rights.", ("Residents of Utah",)),
    ("Residents of 5 U.S. states have more rights.", ("Residents of Utah",)),
    ("It keeps 4 kinds of data for set periods.", ("invoices: 10 years",)),
    ("It answers within one month.", ("We answer within a month.",)),
    ("Under Section 2 and Art. 13(2)(a) GDPR it names periods.", ("invoices: 10 years",)),
    ("It sells no diary pages to advertisers.", ("We do not sell your diary pages to advertisers.",)),
    ("It says that it refuses to sell diary pages to advertisers.", ("We do not sell your diary pages",)),
    ("Diary pages train the Helper unless you opt out.", ("We use diary pages to train the Helper",)),
    (
        "Diary pages train the Helper, but those under the Orchard plan do not.",
        ("We use diary pages to train the Helper", "With the Orchard plan"),
    ),
    (
        "Diary pages train the Helper by default.",
        ("We use diary pages to train the Helper", "With the Orchard plan"),
    ),
    ("The switch is an opt-out and not an opt-in.", ("We use diary pages to train the Helper",)),
    ("Voice notes wait for an opt-in.", ("Voice notes are used",)),
    (
        "It shares your contact list, and it has not sold it.",
        ("We share your contact list", "neither sold nor rented"),
    ),
    (
        "Training the Helper rests on legitimate interest, offers on consent.",
        ("To train the Helper", "To send offers"),
    ),
    ("Training the Helper rests on legitimate interest and not on consent.", ("To train the Helper",)),
    ("Hosts in the EU are preferred.", ("we prefer hosts",)),
    ("The Helper learns from French and European pages.", ("We use diary pages", "Brightwell Labs SAS")),
    (
        "Brightwell's Helper, the DPO and the Standard Contractual Clauses are dealt with.",
        ("We use diary pages",),
    ),
    ("Complaints go to the CNIL under the GDPR.", ("We use diary pages",)),
)


@pytest.mark.parametrize(("text", "quotes"), RIGHT)
def test_what_the_evidence_has_in_other_words_is_left_in_peace(text: str, quotes: tuple[str, ...]) -> None:
    assert _codes(text, *quotes) == []


def test_a_figure_that_another_passage_has_is_told_with_that_passage() -> None:
    (finding,) = _findings("Invoices stay for 30 days.", "invoices: 10 years")
    (holder,) = (p.id for p in DOCUMENT.passages if "30 days" in DOCUMENT.text_of(p))
    assert f"{holder} has it" in finding.message


def test_an_inferred_claim_may_take_a_figure_from_law_or_from_anywhere_in_the_policy() -> None:
    law = "By inference, Article 12(3) GDPR expects an answer within three months at most."
    assert _codes(law, "We answer within a month.", basis="inferred") == []
    assert (
        _codes("In our reading, invoices stay longest, 10 years.", "connection logs", basis="inferred") == []
    )
    assert _codes("In our reading, pages may stay 8 years.", "connection logs", basis="inferred") == [
        "facts.period_unsupported"
    ]


def test_an_inferred_claim_may_name_places_and_law_but_no_plan_of_its_own() -> None:
    law = "By inference, the Irish Data Protection Commission may ask about it under the ePrivacy Directive."
    assert _codes(law, "We use diary pages", basis="inferred") == []
    plan = "In our reading, people on a Premium plan may expect otherwise."
    assert _codes(plan, "We use diary pages", basis="inferred") == ["facts.name_unknown"]


def test_a_name_or_figure_that_is_told_as_absent_is_left_to_the_search_for_it() -> None:
    text = "It names no Student plan and no limit of 90 days."
    assert _codes(text, "With the Orchard plan", absent_terms=["Student", "90 days"]) == []


def test_the_word_team_for_staff_does_not_make_a_plan_of_that_name() -> None:
    assert _codes("The support Team reads pages.", "Our support team reads pages") == []
    assert _codes("Pages on the Team plan are read.", "Our support team reads pages") == [
        "facts.name_unknown"
    ]


def test_the_number_of_a_heading_carries_no_figure() -> None:
    assert _codes("Data stays for 2 years.", "deleted pages: 30 days") == ["facts.period_unsupported"]


def test_who_is_affected_and_titles_name_no_plan_that_the_policy_does_not() -> None:
    document = td.tidewater()
    risk = td.risk(document)
    risk.provisions[0].who_is_affected = "People on the free plan, also Pro users."
    (finding,) = check_facts(document, risk, "risk")
    assert (finding.code, finding.path) == ("facts.name_unknown", "risk.provisions[0].who_is_affected")
    risk.provisions[0].who_is_affected, risk.provisions[0].title = (
        "All.",
        "Reports Train The Model For Everyone",
    )
    assert check_facts(document, risk, "risk") == []


@pytest.mark.parametrize("artefact", [td.consumer, td.legal, td.risk])
def test_a_right_draft_has_no_finding(artefact: object) -> None:
    document = td.tidewater()
    made = artefact(document)  # type: ignore[operator]
    assert check_facts(document, made, "x") == []


def test_a_policy_in_another_language_is_not_judged_by_english_words() -> None:
    policy = """\
# Politique de confidentialité

En vigueur le 4 mai 2026.

Nous conservons vos données personnelles pendant trois ans.
Nous ne vendons pas vos données personnelles et nous ne les partageons pas avec des tiers.
Les factures sont conservées pendant dix ans par la société Clairval, et le montant maximal est de 400 euros.
"""
    document = td.tidewater(policy)
    assert document.language == "fr"
    quote = "Nous conservons vos données personnelles pendant trois ans."
    assert _codes("Data stays for three years, under the Privacy Notice.", quote, document=document) == []
    assert _codes("It sells nothing, as of May 4, 2026.", quote, document=document) == []
    assert _codes("The highest amount is 700 euros.", quote, document=document) == ["facts.money_unsupported"]
    assert _codes("People on the Student plan pay less.", quote, document=document) == ["facts.name_unknown"]


def test_a_claim_too_long_to_be_checked_is_told_and_not_passed_over() -> None:
    assert _codes("word " * LONGEST_CLAIM, "We use diary pages") == ["facts.claim_too_long"]
