"""The taxonomy asks one question a category, and its cues tell what a document touches."""

import re
from pathlib import Path

import pytest

from pipeline.registry.taxonomy import Category, load_taxonomy

TAXONOMY = load_taxonomy()
SHARED = Path(__file__).parents[2] / "shared" / "policies"
BUNDLED = Path(__file__).parents[1] / "eval" / "policies" / "mistral-2026-04-08.md"

TOUCHING = {
    "ai_training": "We may use your chats to train our models.",
    "ai_training_other": "Our training datasets hold pages from the web.",
    "sensitive_data": "We do not ask for health information.",
    "data_collected": "We collect your name and e-mail address.",
    "indirect_sources": "We receive data about you from third parties.",
    "purposes_and_bases": "Our lawful basis is your order.",
    "sharing": "We share personal data with a bank.",
    "sale_and_advertising": "We never sell your personal information.",
    "retention": "We keep your data for as long as your account exists.",
    "transfers": "We rely on Standard Contractual Clauses.",
    "rights": "You have a right to object.",
    "children": "The service is not for children under 13.",
    "automated_decisions": "We take no automated decisions.",
    "security": "We use technical and organisational measures.",
    "cookies": "We use cookies and similar tools.",
    "location": "We see your approximate location.",
    "monitoring": "We may suspend your account.",
    "content_rights": "You retain ownership of your content, and own all rights to your outputs.",
    "regional_parts": "If you reside in California, this part is for you.",
    "scope_and_roles": "This policy does not apply to business use.",
    "changes": "We may update this Privacy Policy.",
    "disputes": "Claims go to binding arbitration.",
    "contact": "Write to our Data Protection Officer.",
}


def test_ids_are_unique_and_lead_back() -> None:
    ids = [category.id for category in TAXONOMY.categories]
    assert len(set(ids)) == len(ids)
    assert all(TAXONOMY.get(category.id) is category for category in TAXONOMY.categories)
    assert TAXONOMY.get("weather") is None
    assert re.fullmatch(r"\d+\.\d+", TAXONOMY.version)


@pytest.mark.parametrize("category", TAXONOMY.categories, ids=lambda c: c.id)
def test_category_asks_one_question_and_is_touched_by_a_plain_sentence(category: Category) -> None:
    assert category.question.count("?") == 1
    assert category.question.endswith("?")
    assert category.cue_in(TOUCHING[category.id])


@pytest.mark.parametrize("category", TAXONOMY.categories, ids=lambda c: c.id)
def test_no_cue_is_in_a_sentence_about_nothing(category: Category) -> None:
    for sentence in (
        "The weather was fine and the ship sailed at noon.",
        "Welcome to our shop.",
        "This sentence has thirteen words and it says nothing about anything in particular.",
        "",
    ):
        assert category.cue_in(sentence) is None


def test_cue_is_a_whole_word_in_any_case_and_quoted_as_it_stands() -> None:
    contact = TAXONOMY.get("contact")
    assert contact is not None
    assert contact.cue_in("Ask the DATA PROTECTION OFFICER.") == "DATA PROTECTION OFFICER"
    assert contact.cue_in("XDPOX") is None


def _touched(path: Path) -> dict[str, str]:
    """Category id -> the first words of the document that show it."""
    lines = path.read_text(encoding="utf-8").split("\n")
    found = {c.id: next(filter(None, map(c.cue_in, lines)), None) for c in TAXONOMY.categories}
    return {category: words for category, words in found.items() if words is not None}


def test_bundled_policy_touches_what_it_is_about() -> None:
    touched = _touched(BUNDLED)
    assert {
        *("ai_training", "ai_training_other", "sensitive_data", "data_collected", "purposes_and_bases"),
        *("sharing", "retention", "transfers", "rights", "automated_decisions", "cookies", "regional_parts"),
        *("scope_and_roles", "changes", "contact", "sale_and_advertising"),
    } <= set(touched)
    assert "disputes" not in touched
    assert "children" not in touched or "18" in touched["children"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real policies are not here")
@pytest.mark.parametrize(
    ("name", "untouched"),
    [
        ("mistral-terms.md", {"cookies", "location", "transfers", "security", "sensitive_data"}),
        ("qwen-privacy.md", {"disputes", "content_rights", "regional_parts", "monitoring"}),
        ("mistral-privacy-2026-04-08.md", {"disputes", "content_rights", "security", "location"}),
    ],
)
def test_real_policy_touches_nothing_that_it_leaves_out(name: str, untouched: set[str]) -> None:
    assert {key: words for key, words in _touched(SHARED / name).items() if key in untouched} == {}


def test_severity_rules_cover_the_levels_and_are_named_in_the_way_to_combine_them() -> None:
    ids = [rule.id for rule in TAXONOMY.severity_rules]
    assert len(set(ids)) == len(ids)
    assert {rule.level for rule in TAXONOMY.severity_rules} == {"low", "medium", "high"}
    assert all(rule.id[0] == rule.level[0].upper() for rule in TAXONOMY.severity_rules)
    assert set(re.findall(r"\b[HML]\d\b", TAXONOMY.severity_how)) <= set(ids)
    assert TAXONOMY.severity_rule("H1") is not None
    assert TAXONOMY.severity_rule("Z9") is None
