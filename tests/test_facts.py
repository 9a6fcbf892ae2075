"""What a claim says agrees with the passages it quotes; what is right in other words is left in peace."""

import pytest

from pipeline.checks.facts import LONGEST_CLAIM, check_facts
from pipeline.checks.names import Names
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

NEIGHBOURS = """\
# Harrowgate Privacy Policy

Effective May 4, 2026.

Harrowgate Inc. runs the Harrowgate planner.

## For people in Oregon

You may ask for a list of third parties.

## For people in Vermont

You may complain to the Vermont Attorney General.

## Law

Delaware law governs this agreement.
Pages are hosted by Corvale Thornbury GmbH.
The Harrowgate Studio plan has no advertising.

## What we train on

| Kind of data | Basic | Household |
| --- | --- | --- |
| Diary Pages | Used | Not used |
| Photos | Used | Used |

- Switching off the helper ends later training. It does not undo training that took place.

Diary Helper and Circles are not end-to-end encrypted.
We have not named a data protection officer.
We do not sell data of people aged 13 to 15 unless they opt in.

## Periods and prices

- Account Data (name and e-mail): 5 years after you leave
- Billing Data: 1 year after you leave
- Login Data: 5 years after you leave

We answer within 45 days and may take 45 more if we say why.
Pages go after 30 days, and copies after up to 90 more days.
An opt-out takes effect within 15 business days.
The planner costs $8 a month or $69 a year.
We owe no more than you paid us, or $100 if that is more.

## Bases

| Purpose | Basis |
| --- | --- |
| Writing to you | Consent, for offers; Performance of the contract, for service messages |
"""

HARROWGATE = td.tidewater(NEIGHBOURS)


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


AMISS = (
    (
        "Residents of Vermont may ask for a list of third parties.",
        ("ask for a list",),
        "facts.name_elsewhere",
    ),
    ("Vermont law governs the agreement.", ("Delaware law governs",), "facts.name_elsewhere"),
    ("Oregonians complain there.", ("You may complain",), "facts.name_elsewhere"),
    ("Texans may ask for a list of third parties.", ("ask for a list",), "facts.name_unknown"),
    (
        "You may ask the Vermont Attorney General for a list of third parties.",
        ("ask for a list",),
        "facts.name_elsewhere",
    ),
    ("Corvale Thornbury GmbH gets a list of third parties.", ("ask for a list",), "facts.name_elsewhere"),
    ("The planner costs $69 a month.", ("The planner costs",), "facts.figure_misread"),
    (
        "Account Data stay 1 year, Billing Data 5 years.",
        ("Account Data", "Billing Data"),
        "facts.figure_misread",
    ),
    ("An opt-out works within 15 calendar days.", ("15 business days",), "facts.figure_misread"),
    ("What it owes ends at the lower of $100 and the price.", ("We owe no more",), "facts.figure_misread"),
    ("It answers within 100 days in all.", ("We answer within",), "facts.period_unsupported"),
    ("Diary Pages under Household are used.", ("Diary Pages",), "facts.negation"),
    (
        "Switching off the helper undoes earlier training.",
        ("Switching off",),
        "facts.negation",
    ),
    ("The company has named a data protection officer.", ("have not named",), "facts.negation"),
    ("Diary Helper is end-to-end encrypted.", ("Diary Helper and Circles",), "facts.negation"),
    ("People aged 13 to 15 must opt out of the sale.", ("aged 13 to 15",), "facts.choice_reversed"),
    ("Offers rest on contract.", ("Consent, for offers",), "facts.basis_unsupported"),
)


@pytest.mark.parametrize(("text", "quotes", "code"), AMISS)
def test_what_the_evidence_has_of_another_case_is_an_error(
    text: str, quotes: tuple[str, ...], code: str
) -> None:
    assert _codes(text, *quotes, document=HARROWGATE) == [code]


IN_PLACE = (
    ("Oregonians may ask for a list of third parties.", ("ask for a list",)),
    ("People in the U.S. may ask for a list of third parties.", ("ask for a list",)),
    ("The Vermont Attorney General takes complaints.", ("You may complain",)),
    ("Harrowgate shows its list of third parties on request.", ("ask for a list",)),
    ("Corvale Thornbury GmbH hosts pages.", ("Corvale Thornbury",)),
    ("The planner costs $8 monthly and $69 yearly.", ("The planner costs",)),
    ("The planner costs $69.", ("The planner costs",)),
    ("Account Data stay 5 years, Billing Data 1 year.", ("Account Data", "Billing Data")),
    (
        "It keeps for 5 years Account Data, for 1 year Billing Data and for 5 years Login Data.",
        ("Account Data", "Billing Data", "Login Data"),
    ),
    ("Account Data and Billing Data stay 5 years and 1 year.", ("Account Data", "Billing Data")),
    ("An opt-out works within 15 working days.", ("15 business days",)),
    ("What it owes ends at the greater of $100 and the price.", ("We owe no more",)),
    ("It answers within 45 days, which can become 90.", ("We answer within",)),
    ("Copies go after 120 days in all.", ("Pages go after",)),
    ("Diary Pages under Basic are used.", ("Diary Pages",)),
    ("Photos under Household are used.", ("Photos", "Diary Pages")),
    ("Switching off the helper does not undo earlier training.", ("Switching off",)),
    ("Switching off the helper ends later training.", ("Switching off",)),
    ("It says that it has named nobody as data protection officer.", ("have not named",)),
    ("People aged 13 to 15 must opt in to the sale.", ("aged 13 to 15",)),
    ("Offers rest on consent, service messages on contract.", ("Consent, for offers",)),
    ("Service messages rest on the contract.", ("Consent, for offers",)),
)


@pytest.mark.parametrize(("text", "quotes"), IN_PLACE)
def test_what_the_evidence_has_of_this_case_is_left_in_peace(text: str, quotes: tuple[str, ...]) -> None:
    assert _codes(text, *quotes, document=HARROWGATE) == []


def test_a_name_that_stands_elsewhere_is_told_with_the_passage_that_has_it() -> None:
    (finding,) = _findings("Vermont law governs the agreement.", "Delaware law governs", document=HARROWGATE)
    (holder,) = (p.id for p in HARROWGATE.passages if "Vermont" in HARROWGATE.text_of(p))
    assert finding.message.startswith('"Vermont" stands in none of the passages')
    assert holder in finding.message


def test_a_place_that_runs_through_the_policy_is_not_asked_for_in_each_passage() -> None:
    sections = "".join(f"## Part {n}\n\nWe store part {n} in Norway.\n\n" for n in range(1, 5))
    document = td.tidewater(NEIGHBOURS + "\n" + sections)
    assert _codes("In Norway, you may ask for a list.", "ask for a list", document=document) == []


def test_an_inferred_claim_may_name_a_place_that_its_evidence_does_not() -> None:
    text = "In our reading, people in Vermont may ask for the list of third parties as well."
    assert _codes(text, "ask for a list", document=HARROWGATE, basis="inferred") == []


@pytest.mark.parametrize(
    "text",
    [
        "Under Article 83(5) GDPR, fines could reach EUR 20 million or 4 % of turnover.",
        "Under the GDPR, a reply would be due within one month, extendable by two further months.",
    ],
)
def test_law_named_anywhere_in_an_inferred_sentence_may_bring_its_figures(text: str) -> None:
    assert _codes(text, "We use diary pages", basis="inferred") == []


def test_law_brings_no_figure_that_an_inferred_sentence_gives_as_the_policys_own() -> None:
    text = "The policy keeps invoices for 12 years, which would raise a question under Article 5 GDPR."
    assert _codes(text, "invoices: 10 years", basis="inferred") == ["facts.period_unsupported"]


def test_an_unknown_decision_is_left_with_its_parties_to_the_check_of_decisions() -> None:
    text = (
        "In our reading, the case C-999/98 Orwell Platforms and Case C-999/98 (Orwell v Ministry) bear on it."
    )
    assert _codes(text, "We use diary pages", basis="inferred") == []


def test_a_place_searched_for_in_other_words_may_be_told_as_absent() -> None:
    text = "It has no part for people in Switzerland."
    assert _codes(text, "With the Orchard plan", absent_terms=["Swiss"]) == []


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


OTHERS = """\
# Larkmoor Privacy Policy

Effective May 4, 2026. This version replaces the one of March 2, 2025.

Larkmoor Inc. runs the Larkmoor post box. Its Insurance Partner is Tollgrave Mutual.

## Post

We analyze letters to sort them. We do not use the text of letters to create, train or improve AI models.
We do not sell Voice Marks, lease them or lend them.
For children, we do not sell Stamps, lease them or lend them.
We recognize privacy signals of browsers. We do not recognize the "Do Not Track" signal.
Closing the box ends new Visits but does not erase old ones.
We have not named a data protection officer.
An opt-out takes effect within 15 business days.

| Purpose | Basis |
| --- | --- |
| To train on letters | Legitimate interests |
| To send offers | Consent |

## Write to us

- Larkmoor Inc.
- 12 Quay Street
- Portland
- Oregon 97201

## Where we are licensed

- Vermont
- Utah
"""

LARKMOOR = td.tidewater(OTHERS)

OF_OTHERS = (
    ("OpenAI analyzes letters.", ("We analyze letters",), "facts.name_unknown"),
    ("Meta analyzes letters.", ("We analyze letters",), "facts.name_unknown"),
    ("The Insurance Partner is Allgrave Mutual.", ("Its Insurance Partner",), "facts.name_unknown"),
    (
        "Larkmoor uses the text of letters to create, train or improve AI models.",
        ("We analyze letters", "We do not use the text"),
        "facts.negation",
    ),
    ("Larkmoor sells Voice Marks.", ("We do not sell Voice Marks",), "facts.negation"),
    (
        "Larkmoor recognizes the Do Not Track signal.",
        ("We recognize privacy signals", "We do not recognize"),
        "facts.negation",
    ),
    ("Closing the box erases old Visits.", ("Closing the box",), "facts.negation"),
    ("The policy names a data protection officer.", ("We have not named",), "facts.negation"),
    (
        "The table gives consent for training on letters.",
        ("To train on letters",),
        "facts.basis_unsupported",
    ),
    (
        "Consent as the legal basis for training on letters stands in the table.",
        ("To train on letters",),
        "facts.basis_unsupported",
    ),
    ("The policy is effective on March 2, 2025.", ("This version replaces",), "facts.date_unsupported"),
    ("It is licensed in Utah.", ("Vermont",), "facts.name_elsewhere"),
)


@pytest.mark.parametrize(("text", "quotes", "code"), OF_OTHERS)
def test_what_names_and_empty_words_hid_is_seen(text: str, quotes: tuple[str, ...], code: str) -> None:
    assert _codes(text, *quotes, document=LARKMOOR) == [code]


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("Letters are analyzed to be sorted.", ("We analyze letters",)),
        ("Larkmoor does not recognize the Do Not Track signal.", ("We do not recognize",)),
        (
            "Larkmoor recognizes privacy signals.",
            ("We recognize privacy signals", "We do not recognize"),
        ),
        ("Larkmoor sells Stamps.", ("For children, we do not sell",)),
        ("The policy names no data protection officer.", ("We have not named",)),
        ("The policy says that it has not named a data protection officer.", ("We have not named",)),
        ("The table gives legitimate interests for training on letters.", ("To train on letters",)),
        ("The table gives consent for offers.", ("To send offers",)),
        (
            "The policy is effective on May 4, 2026 and replaces that of March 2, 2025.",
            ("Effective May 4", "This version replaces"),
        ),
        ("The earlier policy was effective on March 2, 2025.", ("This version replaces",)),
        ("Letters to Larkmoor go to Portland, Oregon.", ("12 Quay Street",)),
        ("An opt-out takes effect within 15 business days.", ("An opt-out takes",)),
    ],
)
def test_what_is_right_beside_them_is_left_in_peace(text: str, quotes: tuple[str, ...]) -> None:
    assert _codes(text, *quotes, document=LARKMOOR) == []


def test_days_told_for_business_days_are_an_editors_to_judge() -> None:
    rest = td.claim(LARKMOOR, "It says so.", "Larkmoor Inc. runs")
    told = td.claim(LARKMOOR, "An opt-out takes effect within 15 days.", "An opt-out takes")
    roles = ("what_and_whom", "most_important", "what_you_can_do")
    sentences = [{**claim, "role": role} for claim, role in zip((rest, told, rest), roles, strict=True)]
    found = check_facts(LARKMOOR, ConsumerSummary.model_validate({"sentences": sentences}), "consumer")
    assert [(f.code, f.severity) for f in found] == [("facts.figure_misread", "warning")]


def test_capitals_throughout_hide_a_name_in_a_headline_alone() -> None:
    names = Names(LARKMOOR)
    text = "Letters And Stamps Of Allgrave Mutual"
    assert names.unknown_in(text, "stated", headline=True) == ()
    assert "Allgrave" in names.unknown_in(text, "stated")


def test_a_name_in_the_singular_is_known_from_its_plural() -> None:
    document = DOCUMENT.model_copy(update={"text": DOCUMENT.text.replace("Orchard", "Diaries", 1)})
    assert "Diary" not in Names(document).unknown_in("What stands in the Diary stays.", "stated")
    assert "Ledger" in Names(document).unknown_in("What stands in the Ledger stays.", "stated")


def test_the_date_of_the_last_update_is_not_told_as_the_effective_date() -> None:
    text = OTHERS.replace("Effective May 4, 2026. This", "Last updated: May 4, 2026. This")
    updated = td.tidewater(text)
    assert [dated.kind for dated in updated.dates] == ["updated"]
    quote = "Last updated: May 4, 2026"
    for words in (
        "The policy, effective May 4, 2026, covers the post box of Larkmoor.",
        "Effective date: 4 May 2026.",
        "The policy has been in effect since May 4, 2026.",
        "The policy applies from May 4, 2026.",
    ):
        (finding,) = _findings(words, quote, document=updated)
        assert finding.code == "facts.date_unsupported", words
        assert "prints it as that of its last update" in finding.message
    for words in (
        "The policy was last updated on May 4, 2026 and covers the post box of Larkmoor.",
        "The policy of May 4, 2026 gives no effective date.",
        "The effective date is not given; May 4, 2026 is the date of the last update.",
        "It prints no separate effective date, May 4, 2026 being that of the last update.",
    ):
        assert _codes(words, quote, document=updated) == [], words


def test_a_bare_date_is_told_for_no_more_than_it_is() -> None:
    bare = td.tidewater(OTHERS.replace("Effective May 4, 2026. This", "May 4, 2026\n\nThis"))
    assert [dated.kind for dated in bare.dates] == ["bare"]
    (finding,) = _findings("The policy is effective May 4, 2026.", "Larkmoor Inc. runs", document=bare)
    assert "does not say what the date is" in finding.message
    assert _codes("The policy is dated May 4, 2026.", "Larkmoor Inc. runs", document=bare) == []


def test_a_date_of_the_last_update_that_a_quoted_passage_calls_effective_may_be_told_so() -> None:
    text = OTHERS.replace("Effective May 4, 2026. This", "Last updated: May 4, 2026. This")
    both = td.tidewater(text + "\nChanges of this kind apply from May 4, 2026.\n").model_copy(
        update={"effective_date": None}
    )
    words = "The changes are effective from May 4, 2026."
    assert _codes(words, "Changes of this kind", document=both) == []
    assert _codes(words, "Last updated: May 4, 2026", document=both) == ["facts.date_unsupported"]
