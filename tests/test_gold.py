"""The gold of the bundled policy, its schema, its keys, and the page on how to annotate."""

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from eval.cases import Case, gold_folder, load_case
from eval.keys import has_key, meets, missing_groups, plain_key
from eval.references import check_references, list_entries
from pipeline.registry.decisions import load_decisions
from pipeline.registry.taxonomy import load_taxonomy
from schemas.gold import Anchored, Gold
from tests.tidewater import POLICY, tidewater
from tests.tidewater_gold import GOLD

SHARED = Path(__file__).parents[2] / "shared"
REFERENCE = SHARED / "reference" / "mistral-gold.yaml"


@cache
def mistral() -> Case:
    return load_case(gold_folder() / "mistral-2026-04-08.yaml")


@cache
def reference() -> dict:
    if not REFERENCE.exists():
        pytest.skip("the reference annotations are not at hand")
    return yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))


def test_gold_is_a_frozen_value() -> None:
    gold = Gold.model_validate(yaml.safe_load(GOLD))
    with pytest.raises(ValidationError, match="frozen"):
        gold.consumer_facts[0].importance = "may"  # type: ignore[misc]


def test_what_gold_holds_survives_json() -> None:
    gold = mistral().gold
    assert Gold.model_validate_json(gold.model_dump_json()) == gold


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("We are training models.", "train*"),
        ("You can OPT-OUT.", "opt out"),
        ("Opting\u00a0 out is easy", "opt* out"),
        ("kept for 30 days", "30"),
        ("U.S. states", "u.s."),
        ("the users\u2019 data", "users' data"),
        ("under Article 6(1)(f)", "article 6"),
        ("L'École", "école"),
    ],
)
def test_a_key_is_found_whatever_its_case_and_punctuation(text: str, key: str) -> None:
    assert has_key(text, key)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("a strain of yeast", "train*"),
        ("kept for 300 days", "30"),
        ("trained", "train"),
        ("opt for out", "opt out"),
        ("anything at all", "!!"),
        ("a.*b", ".*"),
    ],
)
def test_a_key_is_whole_words_and_no_pattern(text: str, key: str) -> None:
    assert not has_key(text, key)


def test_keys_are_met_when_every_group_has_one() -> None:
    keys = (("train*",), ("opt* out", "object*"))
    assert meets("You may object to training.", keys)
    assert not meets("Training is on.", keys)
    assert missing_groups("Training is on.", keys) == (("opt* out", "object*"),)
    assert plain_key("Opt* OUT!") == "opt* out"


# One way or two in which somebody else might put each must fact.
OTHER_WORDS = {
    "CF-01": [
        "What you type and what comes back are used to train Mistral's models unless you switch this off.",
        "Your chats feed model training by default.",
        "Unless you opt out, your prompts may end up in training data.",
    ],
    "CF-02": ["Only Enterprise and paid API use are kept out of training; a paid Le Chat plan is not."],
    "CF-03": [
        "A toggle in your account stops your chats from being used to train models.",
        "Turn training off in your settings, or send the privacy form to object to training.",
    ],
    "CF-04": ["A thumbs up hands the rated exchange over for training, and the opt-out is not said to cover it."],
    "CF-05": ["Memories can hold health details from your chats; review or delete them in settings."],
    "CF-06": ["It gathers your email, billing details, IP address and everything you put into a chat as input."],
    "CF-07": ["Chats stay until you erase them or close the account."],
    "CF-09": ["Using the tools on personal data for your company falls outside this policy."],
    "CF-10": ["You can get a copy of your data, have it erased, and complain to the CNIL."],
    "LF-01": ["Mistral AI (Paris, no. 952 418 325) acts as controller."],
    "LF-02": ["Processing in the course of a user's business activities is excluded, Mistral AI being a processor there."],
    "LF-04": ["Service provision, debugging and support are based on the contract (Article 6(1)(b) GDPR)."],
    "LF-05": ["For Memories the policy relies on legitimate interests plus explicit consent for sensitive data."],
    "LF-06": ["Model training is based on legitimate interests (Article 6(1)(f) GDPR)."],
    "LF-07": ["Inputs and Outputs under Le Chat Enterprise and the paid APIs are not used to train models."],
    "LF-08": ["Feedback is a training source without an opt-out of its own."],
    "LF-09": ["Users may opt out of training by an account setting."],
    "LF-18": ["Chats are retained until deletion; API data for thirty rolling days."],
    "LF-22": ["Non-EU transfers are covered by SCCs as safeguards under Art. 46 GDPR."],
    "LF-24": ["Access, rectification, erasure, portability, restriction and objection are granted."],
    "LF-29": ["Section 9 addresses residents of 13 U.S. states and is the California notice at collection."],
}  # fmt: skip


# The keys of each, met by some words and not by others that are near.
NAMED = {
    "PU-04": (["accounts", "creating your account"], ["your account settings", "an account of the purposes"]),
    "AC-04": (["move your data elsewhere", "port your data", "download a copy"], ["delete your data"]),
    "AC-01": (["use the controls to stop training"], ["ask the controller about training"]),
}


@pytest.mark.parametrize("entry_id", NAMED)
def test_purposes_and_actions_are_named_by_other_words_and_not_by_any(entry_id: str) -> None:
    entry = next(e for e in (*mistral().gold.purposes, *mistral().gold.actions) if e.id == entry_id)
    right, wrong = NAMED[entry_id]
    assert [text for text in right if not meets(text, entry.keys)] == []
    assert [text for text in wrong if meets(text, entry.keys)] == []


@pytest.mark.parametrize(
    ("cell", "names_it"),
    [("Consent", True), ("Your written release", True), ("You opted in", True), ("Habit", False)],
)
def test_lint_looks_for_a_basis_in_the_words_by_which_documents_name_it(cell: str, names_it: bool) -> None:
    document = tidewater(POLICY.replace("| Consent |", f"| {cell} |"))
    problems = check_references(Gold.model_validate(yaml.safe_load(GOLD)), document)
    found = [problem.message for problem in problems if "names consent as a basis" in problem.message]
    assert bool(found) != names_it


def test_must_facts_are_recognised_in_other_words() -> None:
    facts = {fact.id: fact for fact in (*mistral().gold.consumer_facts, *mistral().gold.legal_facts)}
    assert {fact.id for fact in facts.values() if fact.importance == "must"} == OTHER_WORDS.keys()
    for fact_id, sentences in OTHER_WORDS.items():
        for sentence in sentences:
            assert missing_groups(sentence, facts[fact_id].keys) == (), (fact_id, sentence)


def test_no_must_fact_is_recognised_in_a_sentence_about_something_else() -> None:
    gold = mistral().gold
    for fact in (*gold.consumer_facts, *gold.legal_facts):
        for sentence in (
            "This document describes how the company handles personal data.",
            "Cookies are small files.",
        ):
            assert fact.keys, fact.id
            assert not meets(sentence, fact.keys), fact.id


def test_the_bundled_gold_has_what_the_reference_annotations_have() -> None:
    gold, known = mistral().gold, reference()
    ids = {entry.id for _, entry in list_entries(gold)}
    risk = known["risk"]
    wanted = [
        *known["consumer_key_facts"],
        *known["legal_key_facts"],
        *known["provisions"],
        *risk["regulatory_exposure"],
        *risk["material_risks"],
        *risk["vendor_due_diligence"],
        *known["reference_errors"],
    ]
    assert {entry["id"] for entry in wanted} <= ids
    for entry in wanted:
        mine = next(e for _, e in list_entries(gold) if e.id == entry["id"])
        for name in ("importance", "severity", "likelihood", "gravity", "priority"):
            if name in entry:
                assert getattr(mine, name) == entry[name], entry["id"]
    assert len(gold.risk.decisions_citable) >= len(risk["enforcement_precedents"])
    assert len(gold.risk.decisions_not_citable) >= len(risk["do_not_cite"])


def test_the_law_of_the_bundled_gold_is_that_of_the_reference_annotations() -> None:
    mine = {fact.id: fact for fact in mistral().gold.legal_facts}
    for fact in reference()["legal_key_facts"]:
        assert list(mine[fact["id"]].statutes_stated) == fact["statutes_stated"], fact["id"]
        assert list(mine[fact["id"]].statutes_inferred) == fact["statutes_inferred"], fact["id"]


def test_the_bundled_gold_covers_every_category_that_the_policy_touches() -> None:
    case = mistral()
    texts = [case.document.text_of(passage) for passage in case.document.passages]
    touched = {c.id for c in load_taxonomy().categories if any(map(c.cue_in, texts))}
    assert touched
    assert not touched - {provision.category for provision in case.gold.provisions}


def test_every_row_of_section_3_is_a_purpose() -> None:
    case = mistral()
    rows = {p.id for p in case.document.passages if p.id.startswith("use-data-lawful-basis.")}
    assert rows == {p for purpose in case.gold.purposes for p in case.passage_ids(purpose.anchors)}


def test_every_decision_of_the_registry_is_weighed_for_the_bundled_policy() -> None:
    cited = {entry.decision for entry in mistral().gold.risk.decisions_citable}
    assert cited == {decision.id for decision in load_decisions().decisions}


def test_the_bundled_gold_says_nothing_of_other_versions_or_documents() -> None:
    gold = mistral().gold
    told = [
        entry.model_dump(exclude={"contradictions", "absent_terms", "keys", "not_left_out"})
        for _, entry in list_entries(gold)
        if isinstance(entry, Anchored)
    ]
    for words in (
        "Vibe",
        "La Plateforme",
        "de-identif",
        "Team plan",
        "2 April",
        "November 2025",
        "eighteen months",
    ):
        assert words not in str(told), words


def test_no_entry_of_the_gold_shares_a_sentence_with_a_real_policy() -> None:
    folder = SHARED / "policies"
    if not folder.exists():
        pytest.skip("real policies are not at hand")
    ours = {
        run for path in sorted(gold_folder().glob("*.*")) for run in _runs(path.read_text(encoding="utf-8"))
    }
    for path in sorted(folder.glob("*.md")):
        assert not ours & _runs(path.read_text(encoding="utf-8", errors="ignore")), path.name


def _runs(text: str, length: int = 12) -> set[str]:
    words = re.findall(r"[a-z0-9']+", text.lower())
    return {" ".join(words[i : i + length]) for i in range(len(words) - length + 1)}


def test_ids_of_a_list_count_up() -> None:
    places = [(place[:-1], entry.id) for place, entry in list_entries(mistral().gold)]
    for (list_a, a), (list_b, b) in pairwise(places):
        if list_a == list_b:
            assert a < b


def test_the_page_on_annotating_names_what_the_schema_asks_for() -> None:
    page = (gold_folder() / "README.md").read_text(encoding="utf-8")
    for name in ("consumer_facts", "legal_facts", "absent_terms", "contradictions", "keys", "severity_rule", "lowered_because",
                 "left_out", "not_left_out", "names_absent", "decisions_citable", "decisions_not_citable", "reference_errors",
                 "`must`", "`should`", "`may`", "`stated`", "`mixed`", "`inferred`", "`control`", "`route`", "clausewise eval lint"):  # fmt: skip
        assert name in page, name
    assert load_taxonomy().severity_rule("H2") is not None
    assert len(page.split("\n")) <= 100, "it is one page"
