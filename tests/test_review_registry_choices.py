"""What the registries offer for the words that an editor types."""

import pytest

from pipeline.review.registry_choices import MOST_CHOICES, find_choices, tell_choice


def ids(kind: str, query: str) -> list[str]:
    """The ids offered, in their order."""
    return [value for value, _ in find_choices(kind, query)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("12(6)", "GDPR:12(6)"),
        ("Art. 12(6)", "GDPR:12(6)"),
        ("gdpr 17", "GDPR:17"),
        ("gdpr:17(1)", "GDPR:17(1)"),
        ("dsgvo 17", "GDPR:17"),
        ("recital 47", "GDPR:recital 47"),
        ("California sensitive", "CCPA:1798.121"),
        ("sensitive california", "CCPA:1798.121"),
        ("§ 1798.121", "CCPA:1798.121"),
        ("right to erasure", "GDPR:17"),
        ("Informatique et Libertes", "LIL"),
        ("Colorado", "CO-CPA"),
        ("health washington", "WA-MHMDA"),
        ("GPC", "CCPA:1798.135"),
        ("voice", "BIPA"),
    ],
)
def test_a_provision_is_found_by_its_number_its_law_or_what_it_is_about(query: str, first: str) -> None:
    assert ids("statutes", query)[0] == first


def test_a_number_alone_is_offered_for_every_law_that_has_it() -> None:
    assert {"ECPA:2511", "CCIV:2511"} <= set(ids("statutes", "2511"))
    assert "UKGDPR:22A" in ids("statutes", "22a")
    assert "ECPA" in ids("instruments", "2511")


def test_what_is_offered_by_number_is_no_provision_that_the_law_does_not_have() -> None:
    found = ids("statutes", "12(99)")
    assert "GDPR:12(99)" not in found
    assert ids("statutes", "gdpr 999") == [""]
    assert ids("statutes", "GDPR:999") == [""]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("C-97/23", "DPC-WHATSAPP-2021"),
        ("c‑97/23 p", "DPC-WHATSAPP-2021"),  # a hyphen as word processors write it
        ("97/23", "DPC-WHATSAPP-2021"),
        ("replika", "GARANTE-REPLIKA-2025"),
        ("Italian authority replika", "GARANTE-REPLIKA-2025"),
        ("Commission nationale kaspr", "CNIL-KASPR-2024"),
        ("openai annulled", "GARANTE-OPENAI-2024"),
        ("oberlandesgericht koln", "OLG-KOELN-META-2025"),
    ],
)
def test_a_decision_is_found_by_number_authority_or_company_in_any_language(query: str, found: str) -> None:
    assert ids("decisions", query)[0] == found


@pytest.mark.parametrize(
    ("kind", "query", "then"),
    [
        ("statutes", "zebra", "cite the act alone"),
        ("instruments", "zebra", "leave the exposure out"),
        ("decisions", "C-252/21", "leave the decision out"),
    ],
)
def test_what_the_registry_does_not_have_is_said_with_what_to_do(kind: str, query: str, then: str) -> None:
    ((value, told),) = find_choices(kind, query)
    assert value == ""
    assert told.startswith(f"Nothing in the registry for “{query}”")
    assert then in told


def test_each_choice_tells_name_title_and_how_far_it_was_verified() -> None:
    told = dict(find_choices("statutes", "gdpr 17"))["GDPR:17"]
    assert "Right to erasure" in told
    assert "General Data Protection Regulation" in told
    assert "checked against the law's text" in told
    assert tell_choice("statutes", "ECPA").endswith("unverified")
    assert tell_choice("statutes", "NJ-NJDPA").endswith("unverified, sources disagree")
    assert "the paragraph is not" in tell_choice("statutes", "EPD:12(6)")
    assert "General Data" not in tell_choice("statutes", "GDPR:17", brief=True)
    assert "annulled" in tell_choice("decisions", "GARANTE-OPENAI-2024")
    assert tell_choice("decisions", "EDPB-META-2022").endswith("partly verified")
    assert tell_choice("statutes", "GDPR:(") == tell_choice("decisions", "NO-SUCH-1") == ""


def test_a_query_of_any_kind_has_an_answer_of_bounded_length() -> None:
    for query in ("a", "17", "the", "law of the", "((((", "§", "1" * 500, "a b c d e f g h", '"><script>'):
        for kind in ("statutes", "instruments", "decisions"):
            assert 1 <= len(find_choices(kind, query)) <= MOST_CHOICES
    assert find_choices("statutes", "  ") == find_choices("nothing", "gdpr") == []
