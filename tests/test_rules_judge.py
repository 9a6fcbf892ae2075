"""The deterministic judge: what each rule sees, what it must leave alone, and how it does on sentences that others planted."""

import pytest

from eval.cases import Case, load_cases
from eval.judges.clauses import read_clauses
from eval.judges.denied import is_denied_as_whole, is_errand
from eval.judges.rules import RulesJudge
from eval.judges.words import content, normalise
from eval.selftest_bars import LOOKED_AT, load_part
from pipeline.checks.sentences import split_sentences

MISTRAL, FENNABY = "mistral-2026-04-08", "fennaby-2026-09-14"


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return {case.name: case for case in load_cases()}


@pytest.fixture(scope="module")
def judges(cases: dict[str, Case]) -> dict[str, RulesJudge]:
    """A judge for each case, so that none is worked out twice."""
    return {name: RulesJudge() for name in cases}


def faults(name: str, sentence: str, cases: dict[str, Case], judges: dict[str, RulesJudge]) -> set[str]:
    return {flag.fault for flag in judges[name].weigh(sentence, cases[name])}


# What a clause says.


@pytest.mark.parametrize(
    ("sentence", "choice"),
    [
        ("Your chats are used unless you opt out.", "out"),
        ("Your chats are used until you turn the switch off.", "out"),
        ("Your chats are used by default.", "out"),
        ("Your chats are used only if you agree.", "in"),
        ("Your chats are not used unless you consent.", "in"),
        ("The switch is off by default.", "in"),
        ("Consent is asked before chats are used.", "in"),
        ("There is no way to opt out of this.", "none"),
        ("The feature cannot be switched off.", "none"),
        ("Without consent chats are not used.", "in"),
        ("A switch stops the training.", "out"),
        ("Your chats are used.", None),
    ],
)
def test_a_clause_tells_what_a_practice_waits_for(sentence: str, choice: str | None) -> None:
    assert read_clauses(sentence)[0].choice == choice


@pytest.mark.parametrize(
    ("sentence", "denies"),
    [
        ("Chats are used for training.", False),
        ("Chats are not used for training.", True),
        ("Chats are left out of training.", True),
        ("Chats are not left out of training.", False),
        ("Paying does not keep chats from being used.", False),
        ("Data are not sold unless you agree.", False),
        ("No name and no address is kept.", True),
        ("Rules that cannot be waived remain.", False),
        ("A plan does not buy you out of the sale.", False),
        ("Chats are kept for good.", True),
        ("It ends when you delete the post.", False),
        ("A profile carries no advertising, no sale and no training.", True),
        ('We get the answer "no match".', False),
        ("The link puts an end to the sale.", True),
        ("Chats are deleted without any notice.", True),
    ],
)
def test_an_even_number_of_negations_denies_nothing(sentence: str, denies: bool) -> None:
    assert read_clauses(sentence)[0].denies is denies


def test_of_an_exception_the_opposite_holds() -> None:
    rule, exception = read_clauses("Data are deleted on request, except for invoices.")
    assert not rule.denies
    assert exception.denies
    assert content("invoices") <= exception.words


def test_what_is_done_without_something_is_denied_of_it() -> None:
    rule, exception = read_clauses("They may close an account without giving reasons.")
    assert (rule.denies, exception.denies) == (False, True)
    assert content("reasons") <= exception.words


def test_a_denied_list_denies_each_of_its_members() -> None:
    clause = read_clauses("We do not sell names, lease them or use them for advertising.")[0]
    assert content("sell lease advertising") <= clause.denied


def test_what_the_document_is_said_to_say_is_what_it_says() -> None:
    told, plain = (
        read_clauses("The policy states that chats are sold.")[0],
        read_clauses("Chats are sold.")[0],
    )
    assert (told.words, told.denies, told.says) == (plain.words, plain.denies, plain.says)


def test_contrasts_are_clauses_of_their_own() -> None:
    monthly, yearly = read_clauses("Monthly plans are reminded, whereas yearly plans are not reminded.")
    assert (monthly.denies, yearly.denies) == (False, True)


def test_ways_of_saying_one_thing_have_the_same_words() -> None:
    assert content(normalise("The company erases conversations")) >= content(normalise("deletes chats"))
    assert content(normalise("a telephone number")) == content(normalise("phone number"))


@pytest.mark.parametrize(
    "sentence",
    [
        "Ask whether chats are sold.",
        "Before signing, demand that chats are not sold.",
        "Identify the providers that sell chats.",
    ],
)
def test_what_an_adviser_sends_people_to_ask_is_an_errand(sentence: str) -> None:
    assert is_errand(sentence)


@pytest.mark.parametrize("sentence", ["You may ask for a copy.", "Chats are sold on request."])
def test_a_right_to_ask_is_no_errand(sentence: str) -> None:
    assert not is_errand(sentence)


def test_denial_of_a_whole_statement_is_seen() -> None:
    assert is_denied_as_whole("It is not true that chats are never used.")
    assert not is_denied_as_whole("Chats are never used.")


# What is wrong with a sentence: one or two of each kind, on both policies.


@pytest.mark.parametrize(
    ("name", "sentence", "fault"),
    [
        (MISTRAL, "Mistral AI uses your conversations for training only if you opt in.", "polarity"),
        (MISTRAL, "Le Chat Team is left out of training.", "scope"),
        (MISTRAL, "If you pay for Le Chat, your chats are not used for training.", "polarity"),
        (MISTRAL, "Prompts sent to the API are kept for 90 days against abuse.", "number"),
        (MISTRAL, "Invoices are kept for 5 years.", "number"),
        (MISTRAL, "Debugging rests on legitimate interest.", "basis"),
        (MISTRAL, "Training on Input and Output is based on Article 6(1)(a) GDPR.", "basis"),
        (MISTRAL, "People may complain to the CNIL under Article 112 GDPR.", "article"),
        (MISTRAL, "In SAN-2025-017 the CNIL fined Mistral AI EUR 12 million.", "precedent"),
        (MISTRAL, "The controller is registered in Dublin.", "name"),
        (MISTRAL, "Voice recordings are auctioned to hedge funds every night.", "unsupported"),
        (MISTRAL, "The policy fully complies with the GDPR.", "conclusion"),
        (FENNABY, "Wellness Signals are kept for 18 months.", "number"),
        (FENNABY, "Fennaby Plus costs $19.99 a month.", "number"),
        (FENNABY, "Training of models rests on legitimate interest.", "basis"),
        (FENNABY, "Court cases belong to the state or federal courts in Delaware.", "name"),
        (FENNABY, "In 2024 the Federal Trade Commission fined Fennaby $1.5 million.", "precedent"),
        (FENNABY, "The data of Sprout Profiles are sold.", "scope"),
        (FENNABY, "Selling the data of teens violates Colorado's rules on minors.", "conclusion"),
        # What is listed as wrong, by its own word.
        (FENNABY, "The list of specific third parties may be had in every state.", "scope"),
        # A denial of several things denies each of them.
        (FENNABY, "Voiceprints may be leased to others.", "polarity"),
        # A rule for everybody is kept for some.
        (MISTRAL, "The switch to object to training is only for users in France.", "scope"),
        # Counts by what is counted, coins, numbers of registers and telephones.
        (MISTRAL, "Section 9 is for residents of fifteen states.", "number"),
        (FENNABY, "A family plan holds up to eight profiles.", "number"),
        (FENNABY, "The card charge for parental consent is two dollars.", "number"),
        (MISTRAL, "The company is registered under number 952 418 999.", "number"),
        (FENNABY, "Call 1-800-555-0199 to opt out.", "number"),
        (FENNABY, "Write to help@fennaby.example about a score.", "name"),
        (FENNABY, "Complaints of Texans go to the Federal Trade Commission.", "name"),
        # Law by the titles of its provisions, decisions by whom they fined.
        (
            FENNABY,
            "The right to limit the use of sensitive personal information is that of Cal. Civ. Code § 1798.105.",
            "article",
        ),
        (MISTRAL, "LinkedIn was fined EUR 99 million.", "precedent"),
        # A place beside such as the document has, a place that is left out, sums by another period.
        (MISTRAL, "Texas, Vermont and Oregon are among the states listed.", "scope"),
        (FENNABY, "Steady Rewards can be joined by adults in every state.", "scope"),
        (FENNABY, "The program is worth $31 per member and month.", "number"),
        (FENNABY, "The number of an invited friend is kept for half a year.", "number"),
        # Bases told by what is asked for or claimed, conclusions told as something that goes on.
        (MISTRAL, "Newsletters are sent because your contract requires them.", "basis"),
        (FENNABY, "You are asked for your consent before Shop Data is used for advertising.", "basis"),
        (FENNABY, "The making of Wellness Signals rests on legitimate interests, as Part 4 claims.", "basis"),
        (MISTRAL, "Mistral AI is infringing the GDPR by training on chats.", "conclusion"),
        (FENNABY, "Only Fennaby may go to court over intellectual property.", "scope"),
        (FENNABY, "Place Visits are drawn from precise location without asking anybody first.", "basis"),
        (MISTRAL, "Data can be exported from the account only if you have a subscription.", "scope"),
        (FENNABY, "If you do not refuse, an arbitrator of JAMS decides.", "name"),
        (FENNABY, "The opt-outs together satisfy Cal. Civ. Code § 1798.135.", "conclusion"),
        (
            MISTRAL,
            "No provision is cited, but the right to have data rectified is that of Article 18 GDPR.",
            "article",
        ),
        (FENNABY, "In X.AI v. Bonta a federal court struck down an act on documentation.", "precedent"),
        # A figure has the unit of the one before it, is no less told where something else is denied, and may be a measure or which day.
        (MISTRAL, "Invoices stay for ten years and contracts for their term plus ten.", "number"),
        (FENNABY, "An opt-out stops the sale within 45 business days.", "number"),
        (FENNABY, "No advertising is sent within 1,750 feet of a shelter or a place of worship.", "number"),
        (FENNABY, "The Insurance Partner gets the Steady Score on the last day of every month.", "number"),
        # What a reader is advised to ask for, the document does not promise.
        (MISTRAL, "Requests are answered within one month.", "number"),
        # An account that is open leaves no question open, and a "sign" in a signal asks nobody.
        (FENNABY, "Wellness Signals are kept for 18 months if the account is open.", "number"),
        (FENNABY, "If a browser sends a Do Not Track signal, Fennaby reacts to it.", "polarity"),
        # A list that has one more, of places or of what is left out.
        (FENNABY, "Fennaby is registered as a data broker in California, Oregon and Colorado.", "name"),
        (
            MISTRAL,
            "Chats are used for training, except with Le Chat Enterprise, Memory or the paid APIs.",
            "scope",
        ),
        # What can be done is told to be impossible; the same is said of something for which it does not hold.
        (MISTRAL, "There is no way to withdraw your consent.", "polarity"),
        (FENNABY, "Teens are kept out of all training, and that goes for posts in Circles too.", "scope"),
        # A question behind a conclusion leaves it settled, and so does "no exposure".
        (MISTRAL, "Mistral AI breaks the law when it trains on what you type.", "conclusion"),
        (FENNABY, "The charge of 50 cents leaves no exposure under COPPA.", "conclusion"),
        # What is promised not to be done is promised.
        (FENNABY, "Data are held under a public commitment not to identify anybody.", "unsupported"),
    ],
)
def test_a_wrong_sentence_is_flagged_for_what_is_wrong_with_it(
    name: str, sentence: str, fault: str, cases: dict[str, Case], judges: dict[str, RulesJudge]
) -> None:
    assert fault in faults(name, sentence, cases, judges)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            MISTRAL,
            "Paying for an individual Le Chat plan does not by itself keep your chats out of training.",
        ),
        (MISTRAL, "No plan named Team stands in the policy."),
        (MISTRAL, "Not every paid plan is left out of training."),
        (MISTRAL, "It would be a mistake to think that every paid plan is left out of training."),
        (MISTRAL, "The OpenAI fine of EUR 15 million was annulled in March 2026 on competence grounds."),
        (MISTRAL, "Thirteen states are listed; Maryland, Minnesota and Tennessee are not among them."),
        (MISTRAL, "Whether the lawful bases comply with the GDPR has not been decided."),
        (MISTRAL, "Security rests not on legitimate interest alone but also on legal obligations."),
        (MISTRAL, "The 30 days do not apply to the Agents API."),
        (FENNABY, "Place Visits stay for 18 months, position points for 30 days."),
        (FENNABY, "A Sprout Profile is never used for training."),
        (FENNABY, "Turning off Help Improve Fenna does not stop training on Rated Answers."),
        (FENNABY, "The sale of Wellness Signals is not ruled out by the promise on Health Data."),
        (FENNABY, "The document does not name the Federal Trade Commission."),
        (MISTRAL, "Which basis covers Feedback; does the exception cover Feedback; and why is no age named?"),
        (MISTRAL, "Improving the products, training excluded, rests on legitimate interest."),
        (
            MISTRAL,
            "Contract is stated for debugging; legitimate interest for improving products, model training excluded, and for training on Input.",
        ),
        (MISTRAL, "The California rules on training data may be engaged, and the Colorado act too."),
        (FENNABY, "A teen of 14 is sold nothing without opting in."),
        (FENNABY, "Residents of Texas have an attorney general to turn to once an appeal fails."),
        (FENNABY, "People under 18 and residents of Washington are shut out of Steady Rewards."),
        (MISTRAL, "It was settled: Ended by an undertaking, without a finding of breach and without a fine."),
        # Errands tell nothing of the document, nor does what nobody should think.
        (FENNABY, "Demand a clause that Wellness Signals and Place Visits are neither sold nor shared."),
        (MISTRAL, "Ask on which basis Memory stores sensitive details without explicit consent."),
        (MISTRAL, "Do not assume that paying for Le Chat takes your chats out of training."),
        # A denial ends where another thing begins, and one of a list is one denial.
        (
            FENNABY,
            "Clinic data is never used for training, and that of teens only through Circles posts at 16 and 17.",
        ),
        (FENNABY, "A Sprout Profile carries no advertising, no sale and no training."),
        (
            FENNABY,
            "A refusal of arbitration does not fail for want of reasons, but it fails if it comes by e-mail.",
        ),
        (FENNABY, "Paying for Fennaby Plus does not keep the chats of an adult out of training."),
        # A figure whose subject stands before it, a period told in other words, a place whose law is meant.
        (FENNABY, "The app draws Place Visits from it, which it keeps for 18 months."),
        (FENNABY, "De-identified data may be kept indefinitely."),
        (FENNABY, "The sale is by default, subject to the Washington section."),
        (FENNABY, "The score may be reviewed by a person within 30 days."),
        (FENNABY, "The average worth is $31 per member and year."),
        (MISTRAL, "Before a provider handles customer data, the security team audits it."),
        # What a "no" stands before is not always what is known: a way to say no, a wish, a browser.
        (FENNABY, "No opt-out keeps Fennaby from buying household and income data."),
        (FENNABY, "Fennaby does not react when a browser asks by Do Not Track not to be followed."),
        (
            MISTRAL,
            "If you would rather not have answers fitted to your region, change that in the preferences.",
        ),
        (FENNABY, "It would be hasty to conclude that paying users are never sold."),
        # A part with a subject of its own rests on a basis of its own.
        (MISTRAL, "Newsletters depend on consent, notices of changed terms on performance of the agreement."),
        # The title of a provision tells what it is about; an age is no sum of money.
        (MISTRAL, "The freeze on processing corresponds to restriction under Article 18 GDPR."),
        (
            FENNABY,
            "A profile for a child under 13 is made after a card charge of 50 cents, which is refunded.",
        ),
        (MISTRAL, "Data in legal retention is erased for good at the end."),
        # Figures that are worked out of those of one row, and counts that are added.
        (FENNABY, "Backups included, a Journal Entry may be there for 120 days after you delete it."),
        (MISTRAL, "Identity data stays for four years longer than account data."),
        (FENNABY, "One state agency and three attorneys general are named for complaints."),
        # A condition is no basis, another case no opposite, an owner not what is owned, and two denials none.
        (
            MISTRAL,
            "Training may be objected to by a switch, and other processing except where the law obliges it.",
        ),
        (FENNABY, "No reminder is sent before a monthly plan renews, only before a yearly one."),
        (FENNABY, "An employee's private account is covered like any other."),
        (MISTRAL, "No provider is engaged to handle customer data without an audit by the security team."),
        # A conclusion that is left open before or behind it.
        (MISTRAL, "Whether training breaks the law when nobody is asked, no authority has decided."),
    ],
)
def test_a_right_sentence_full_of_traps_is_left_alone(
    name: str, sentence: str, cases: dict[str, Case], judges: dict[str, RulesJudge]
) -> None:
    assert faults(name, sentence, cases, judges) == set()


def test_the_document_and_the_gold_are_right_as_they_stand(
    cases: dict[str, Case], judges: dict[str, RulesJudge]
) -> None:
    """Every passage, rows of tables among them, and every statement of the gold."""
    for name, case in cases.items():
        texts = [case.document.text_of(passage) for passage in case.document.passages]
        texts += [fact.statement for fact in (*case.gold.consumer_facts, *case.gold.legal_facts)]
        assert [text for text in texts if judges[name].weigh(text, case)] == []


# Facts in a text.


def test_each_statement_of_the_gold_states_its_own_fact(cases: dict[str, Case]) -> None:
    for case in cases.values():
        judge = RulesJudge()
        facts = (*case.gold.consumer_facts, *case.gold.legal_facts)
        for fact in facts:
            verdict = judge.judge(fact, [fact.statement], case)
            assert (verdict.verdict, verdict.sentence) == ("states", 0), (fact.id, verdict)


def test_nine_of_ten_listed_contradictions_contradict_their_fact_and_few_state_it(
    cases: dict[str, Case],
) -> None:
    verdicts = []
    for case in cases.values():
        judge = RulesJudge()
        for fact in (*case.gold.consumer_facts, *case.gold.legal_facts):
            verdicts += [judge.judge(fact, [text], case).verdict for text in fact.contradictions]
    assert verdicts.count("contradicts") >= 0.85 * len(verdicts)
    assert verdicts.count("states") <= 0.05 * len(verdicts)


def test_one_wrong_sentence_outweighs_a_right_one_and_is_the_one_relied_on(cases: dict[str, Case]) -> None:
    case = cases[MISTRAL]
    fact = next(fact for fact in case.gold.consumer_facts if fact.id == "CF-07")
    text = [
        "Mistral AI is a French company.",
        fact.statement,
        "Le Chat conversations are kept for two years.",
    ]
    verdict = RulesJudge().judge(fact, text, case)
    assert (verdict.verdict, verdict.sentence) == ("contradicts", 2)


def test_two_neighbouring_sentences_state_a_fact_and_two_far_apart_do_not(cases: dict[str, Case]) -> None:
    case = cases[FENNABY]
    fact = next(fact for fact in case.gold.consumer_facts if fact.id == "CF-16")
    halves = [
        "Disputes go to individual arbitration without a judge.",
        "You can refuse this by a letter postmarked within 30 days.",
    ]
    between = "Fennaby Family holds up to six profiles."
    assert RulesJudge().judge(fact, halves, case).verdict == "states"
    first, second = "Disputes go to arbitration.", "There are 30 days for a letter about class actions."
    assert RulesJudge().judge(fact, [first, between, second], case).verdict == "omits"


def test_parts_between_semicolons_are_one_sentence_and_a_short_question_goes_with_its_answer(
    cases: dict[str, Case],
) -> None:
    case = cases[MISTRAL]
    fact = next(fact for fact in case.gold.consumer_facts if fact.id == "CF-01")
    for text in (
        ["Training uses what you type;", "on by default;", "the answers too."],
        ["Training?", "Your chats are used unless you object."],
    ):
        assert RulesJudge().judge(fact, text, case).verdict == "states"


def test_an_empty_text_omits_everything(cases: dict[str, Case]) -> None:
    case = cases[MISTRAL]
    assert {RulesJudge().judge(fact, [], case).verdict for fact in case.gold.legal_facts} == {"omits"}


def test_a_judge_may_be_asked_about_several_cases_in_turn(cases: dict[str, Case]) -> None:
    judge = RulesJudge()
    sentence = "Wellness Signals are kept for 18 months."
    before = judge.weigh(sentence, cases[FENNABY])
    judge.weigh(sentence, cases[MISTRAL])
    assert judge.weigh(sentence, cases[FENNABY]) == before != ()


# Sentences that others planted, of which those that the rules' writer has looked at are looked at.


def test_looked_at_sentences_are_told_apart(cases: dict[str, Case], judges: dict[str, RulesJudge]) -> None:
    plants = [
        p
        for p in load_part(RulesJudge.name, LOOKED_AT, cases=list(cases.values()))
        if p.error_type != "omitted_must_fact"
    ]
    flagged = {p.id: bool(judges[p.policy].weigh(p.text, cases[p.policy])) for p in plants}
    wrong = [flagged[p.id] for p in plants if p.wrong]
    right = [flagged[p.id] for p in plants if not p.wrong]
    assert sum(wrong) >= 0.65 * len(wrong)
    assert sum(right) <= 0.05 * len(right)


def test_whole_texts_that_leave_out_a_must_fact_are_told_by_it(cases: dict[str, Case]) -> None:
    seen = []
    judges = {name: RulesJudge() for name in cases}
    for plant in load_part(RulesJudge.name, LOOKED_AT, cases=list(cases.values())):
        if plant.error_type != "omitted_must_fact":
            continue
        case, judge = cases[plant.policy], judges[plant.policy]
        sentences = [sentence.strip() for sentence in split_sentences(plant.text)]
        facts = [f for f in (*case.gold.consumer_facts, *case.gold.legal_facts) if f.id in plant.facts]
        seen.append(any(judge.judge(fact, sentences, case).verdict == "omits" for fact in facts))
    assert sum(seen) >= 0.95 * len(seen)
