"""The registries hold together: every file parses strictly, every cross reference leads somewhere, every doubt is told."""

import importlib.resources
import subprocess
import sys
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.registry import data_files, digest
from pipeline.registry.authorities import load_authorities
from pipeline.registry.citations import check_ref
from pipeline.registry.data_files import DATA_FILES, STATUTE_FILES, read_bytes, read_data
from pipeline.registry.decisions import (
    Decision,
    find_decisions,
    forbidden_statements,
    load_decisions,
)
from pipeline.registry.digest import registry_sha256
from pipeline.registry.pinpoints import Numbers, parse_ref
from pipeline.registry.search import find_instrument, find_provision, search_decisions, search_statutes
from pipeline.registry.statutes import Article, Instrument, load_statutes
from pipeline.registry.topics import load_misstatements, load_topics

INSTRUMENTS = load_statutes().instruments
DECISIONS = load_decisions().decisions
NAMED_STATES = (
    *("CCPA", "CO-CPA", "CT-CTDPA", "DE-DPDPA", "IA-ICDPA", "MT-MCDPA", "NE-NDPA"),
    *("NH-NHPA", "NJ-NJDPA", "OR-OCPA", "TX-TDPSA", "UT-UCPA", "VA-VCDPA"),
)
OTHER_STATES = ("TN-TIPA", "MN-MCDPA", "MD-MODPA", "IN-INCDPA", "KY-KCDPA", "RI-RIDTPPA", "FL-FDBR")
ELSEWHERE = (
    "QC-P391",
    "PIPEDA",
    "LGPD",
    "PIPL",
    "DPDPA",
    "CN-GENAI",
    "FADP-CH",
    "APPI-JP",
    "PIPA-KR",
    "POPIA-ZA",
)
EUROPE = (
    "GDPR",
    "EPD",
    "AIA",
    "DSA",
    "DMA",
    "DATA-ACT",
    "CFR",
    "LIL",
    "LCEN",
    "CPCE",
    "UKGDPR",
    "DPA2018",
    "PECR",
)
FEDERAL = ("FTCA", "COPPA", "HIPAA", "GLBA", "VPPA", "ECPA", "CAN-SPAM")


class _NoDuplicates(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping, which YAML readers take in silence."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    assert len(keys) == len(set(keys)), f"{node.start_mark}: a key stands twice in {keys}"
    return loader.construct_mapping(node, deep=True)


_NoDuplicates.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@pytest.mark.parametrize("name", DATA_FILES)
def test_no_key_stands_twice_in_a_data_file(name: str) -> None:
    assert yaml.load(read_bytes(name), Loader=_NoDuplicates)


@pytest.mark.parametrize("name", DATA_FILES)
def test_data_file_says_where_it_comes_from_and_when(name: str) -> None:
    head = read_bytes(name).decode("utf-8").split("\n\n")[0]
    assert head.startswith("#")
    assert "2026-11-24" in read_bytes(name).decode("utf-8").split("\nall:")[0]


def test_every_data_file_of_the_folder_is_listed() -> None:
    folder = importlib.resources.files("pipeline.registry") / "data"
    assert {entry.name for entry in folder.iterdir()} == set(DATA_FILES)


def test_loading_needs_neither_a_model_client_nor_a_database() -> None:
    code = (
        "import sys; from pipeline.registry import citations, decisions, search, taxonomy, digest;"
        "citations.check_ref('GDPR:6'); decisions.load_decisions(); taxonomy.load_taxonomy();"
        "print(sorted({'openai', 'instructor', 'sqlite3', 'jinja2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Statutes


def test_ids_are_unique_and_lead_back() -> None:
    ids = [instrument.id for instrument in INSTRUMENTS]
    assert len(set(ids)) == len(ids)
    assert all(load_statutes().get(instrument.id) is instrument for instrument in INSTRUMENTS)
    assert load_statutes().get("ATLANTIS") is None


@pytest.mark.parametrize("wanted", [*NAMED_STATES, *OTHER_STATES, *ELSEWHERE, *EUROPE, *FEDERAL])
def test_registry_has_the_laws_a_policy_engages(wanted: str) -> None:
    assert load_statutes().get(wanted) is not None


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda i: i.id)
def test_instrument_is_sound(instrument: Instrument) -> None:
    parsed = parse_ref(instrument.cite_as)
    assert parsed is not None
    assert parsed.instrument_id == instrument.id
    assert check_ref(instrument.cite_as) == ()
    assert len(instrument.cite_as) <= 25
    assert "{}" in instrument.form
    assert instrument.enforcers
    assert instrument.source
    assert instrument.checked_at.isoformat() == "2026-11-24"
    numbers = [article.number for article in instrument.articles]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda i: i.id)
def test_every_enforcer_is_an_authority_of_the_registry(instrument: Instrument) -> None:
    assert set(instrument.enforcers) <= {a.name for a in load_authorities().authorities}


def test_known_articles_lie_within_the_numbers_unless_they_were_replaced() -> None:
    outside = {
        f"{instrument.id}:{article.number}"
        for instrument in INSTRUMENTS
        for article in instrument.articles
        if instrument.numbers_with(article.number) is None
    }
    assert outside == {"VA-VCDPA:59.1-585", "LGPD:57"}
    assert all(
        "ref.superseded" in {problem.code for problem in check_ref(ref)} for ref in (*outside, "LIL:40-1")
    )


def test_gdpr_has_its_99_articles_each_with_a_title() -> None:
    gdpr = load_statutes().get("GDPR")
    assert gdpr is not None
    assert [article.number for article in gdpr.articles] == [str(n) for n in range(1, 100)]
    assert all(article.title and article.verification in ("text", "memory") for article in gdpr.articles)


@pytest.mark.parametrize(
    ("number", "title"),
    [
        ("5", "Principles relating to processing"),
        ("9", "special categories"),
        ("13", "collected from the data subject"),
        ("15", "access"),
        ("17", "erasure"),
        ("20", "portability"),
        ("21", "object"),
        ("22", "Automated"),
        ("28", "Processor"),
        ("33", "breach to the supervisory authority"),
        ("35", "impact assessment"),
        ("45", "adequacy"),
        ("46", "appropriate safeguards"),
        ("56", "lead supervisory authority"),
        ("60", "Cooperation between the lead"),
        ("65", "Dispute resolution"),
        ("77", "complaint"),
        ("82", "compensation"),
        ("83", "administrative fines"),
        ("99", "Entry into force"),
    ],
)
def test_gdpr_title_stands_at_its_number(number: str, title: str) -> None:
    gdpr = load_statutes().get("GDPR")
    assert gdpr is not None
    article = gdpr.article(number)
    assert article is not None
    assert title in (article.title or "")


def test_an_article_from_memory_does_not_pass_for_checked() -> None:
    gdpr = load_statutes().get("GDPR")
    assert gdpr is not None
    assert {gdpr.article(n).verification for n in ("6", "46", "60", "77")} == {"text"}  # type: ignore[union-attr]
    assert {gdpr.article(n).verification for n in ("1", "48", "70", "98")} == {"memory"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("structure", "paragraphs"),
    [
        ("1(a-c); 2", {"1": "abc", "2": ""}),
        ("1-3; 4(a-b)", {"1": "", "2": "", "3": "", "4": "ab"}),
        ("single", {}),
    ],
)
def test_structure_is_read(structure: str, paragraphs: dict[str, str]) -> None:
    assert Article(number="1", structure=structure).paragraphs == paragraphs


@pytest.mark.parametrize("structure", ["1(a-)", "one", "1, 2", "1(c)", ""])
def test_structure_that_cannot_be_read_is_refused(structure: str) -> None:
    with pytest.raises(ValidationError, match="cannot read"):
        Article(number="1", structure=structure)


def test_unknown_key_is_refused() -> None:
    entry = {**INSTRUMENTS[0].model_dump(), "colour": "blue"}
    with pytest.raises(ValidationError, match="colour"):
        Instrument.model_validate(entry)
    with pytest.raises(ValidationError, match="colour"):
        Decision.model_validate({**DECISIONS[0].model_dump(), "colour": "blue"})


# Numbers


@pytest.mark.parametrize(
    ("run", "inside", "outside"),
    [
        (Numbers(first="1", last="99"), ("1", "50", "99"), ("0", "100", "01", "5A", "L5", "")),
        (Numbers(first="6-1-1301", last="6-1-1313"), ("6-1-1306",), ("6-1-1314", "6-2-1306", "1306")),
        (Numbers(first="541.001", last="541.205"), ("541.001", "541.051", "541.205"), ("541.51", "541.206", "541.0051")),
        (Numbers(first="1798.199.10", last="1798.199.100", step=5), ("1798.199.15",), ("1798.199.16", "1798.199.105")),
        (Numbers(first="507-H:1", last="507-H:12"), ("507-H:7",), ("507-H:13", "507-A:1")),
        (Numbers(first="1", last="215", inserted="[A-Z]{1,2}"), ("164A", "20AB"), ("216A", "A", "164a")),
        (Numbers(first="1", last="115", inserted=r"\.[0-9]{1,2}"), ("12.1", "90.17"), ("116.1", "12.123")),
        (Numbers(only=("14/1", "14/5")), ("14/5",), ("14/2", "14")),
        (Numbers(first="recital 1", last="recital 173"), ("recital 47",), ("recital 174", "47")),
    ],
)  # fmt: skip
def test_run_of_numbers_has_its_own(run: Numbers, inside: tuple[str, ...], outside: tuple[str, ...]) -> None:
    assert [number for number in inside if not run.has(number)] == []
    assert [number for number in outside if run.has(number)] == []


def test_run_of_numbers_with_two_kinds_of_ends_is_refused() -> None:
    with pytest.raises(ValidationError, match="last digits"):
        Numbers(first="1798.100", last="1799.5")
    with pytest.raises(ValidationError, match="either"):
        Numbers()


# Decisions


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda d: d.id)
def test_decision_is_sound(decision: Decision) -> None:
    assert load_decisions().get(decision.id) is decision
    assert decision.names
    assert decision.sources
    assert decision.outcome.endswith(".")
    assert decision.status_note.endswith(".")
    assert decision.checked_at.isoformat() == "2026-11-24"
    assert [ref for ref in decision.provisions if check_ref(ref)] == []


def test_decision_ids_are_unique() -> None:
    assert len({decision.id for decision in DECISIONS}) == len(DECISIONS)
    assert load_decisions().get("NOWHERE") is None


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("annulled", "annulled"),
        ("under_appeal", "appeal|challenge"),
        ("settled", "settlement|undertaking"),
        ("pending", "no decision|continues"),
        ("soft_law", "not bind|not a decision|not a clearance"),
        ("complaint_only", "complaint only"),
    ],
)
def test_note_of_a_status_that_must_be_told_tells_it(status: str, words: str) -> None:
    notes = [decision.status_note.lower() for decision in DECISIONS if decision.status == status]
    assert notes
    assert all(any(word in note for word in words.split("|")) for note in notes), notes


def test_what_nobody_decided_is_no_precedent() -> None:
    wrong = [
        d.id
        for d in DECISIONS
        if d.citable_as == "precedent" and d.status in ("annulled", "pending", "soft_law", "complaint_only")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("In SAN-2024-020 the CNIL ruled.", "CNIL-KASPR-2024"),
        ("See EDPB Opinion 28/2024.", "EDPB-OPINION-28-2024"),
        ("The judgment C-621/22 is final.", "CJEU-KNLTB-2024"),
        ("It refused (15 UKl 2/25).", "OLG-KOELN-META-2025"),
        ("In SAN-2025-017 the CNIL fined it.", None),
        ("Délibération n° 2031-001 says so.", None),
        ("See C-999/31.", None),
    ],
)
def test_decision_named_in_prose_is_found(text: str, found: str | None) -> None:
    assert [decision.decision_id for decision in find_decisions(text)] == [found]
    place = find_decisions(text)[0]
    assert text[place.start : place.end] == place.words


def test_ordinary_prose_names_no_decision() -> None:
    assert (
        find_decisions("You may complain to the CNIL. We keep data for 30 days, see section 5.2/2024.") == ()
    )


@pytest.mark.parametrize(
    ("sentence", "entry"),
    [
        ("The CNIL fined Mistral AI EUR 12 million.", "no-cnil-decision-on-mistral"),
        ("The Garante imposed a fine of EUR 15 million on OpenAI.", "openai-fine-annulled"),
        ("The Court of Justice held that LLM training is covered.", "no-cjeu-judgment-on-training"),
        ("OLG Köln banned training by Meta.", "olg-koeln-no-ban"),
        ("The Irish DPC fined X Internet over Grok.", "x-grok-no-finding"),
    ],
)
def test_statement_that_must_not_be_made_is_seen(sentence: str, entry: str) -> None:
    assert [found.id for found in forbidden_statements(sentence)] == [entry]


@pytest.mark.parametrize(
    "sentence",
    [
        "No CNIL fine against Mistral AI is known.",
        "The OpenAI fine of EUR 15 million was annulled in March 2026 on competence grounds.",
        "The Court of Justice has not ruled on model training.",
        "OLG Köln refused to grant an injunction.",
        "The DPC's inquiry into Grok is pending, without a finding of breach.",
        "Mistral AI names the CNIL as an authority for complaints.",
    ],
)
def test_true_statement_about_the_same_matter_passes(sentence: str) -> None:
    assert forbidden_statements(sentence) == ()


# Topics and misstatements


@pytest.mark.parametrize("topic", load_topics(), ids=lambda t: t.id)
def test_topic_names_provisions_that_exist(topic: Any) -> None:
    refs = (*topic.right, *topic.also, *topic.mistaken)
    errors = [p.message for ref in refs for p in check_ref(ref) if p.severity == "error"]
    assert errors == []
    assert not set(topic.mistaken) & {*topic.right, *topic.also}


def test_topics_and_misstatements_are_unique() -> None:
    for ids in ([t.id for t in load_topics()], [m.id for m in load_misstatements()]):
        assert len(set(ids)) == len(ids)


# Search and digest


def test_search_finds_by_every_word_in_any_case_and_without_accents() -> None:
    assert next(i.id for i in search_statutes("gdpr")) == "GDPR"
    assert [i.id for i in search_statutes("gdpr 60 cooperation")] == ["GDPR"]
    assert [i.id for i in search_statutes("quebec loi 25")] == ["QC-P391"]
    assert "LIL" in [i.id for i in search_statutes("informatique libertes")]
    assert search_statutes("gdpr atlantis") == ()
    assert set(search_statutes("")) == set(INSTRUMENTS)
    assert [d.id for d in search_decisions("openai annulled")] == ["GARANTE-OPENAI-2024"]
    assert search_decisions("") == DECISIONS


@pytest.mark.parametrize(
    ("query", "ref"),
    [
        ("GDPR:17", "GDPR:17"),
        ("gdpr:17", "GDPR:17"),
        ("gdpr 17", "GDPR:17"),
        (" GDPR  6(1)(f) ", "GDPR:6(1)(f)"),
        ("ukgdpr 22a", "UKGDPR:22A"),
        ("gdpr recital 47", "GDPR:recital 47"),
        ("aia annex iii", "AIA:Annex III"),
        ("cpce l34-5", "CPCE:L34-5"),
        ("tx-tdpsa 541.051", "TX-TDPSA:541.051"),
        ("GDPR:112", "GDPR:112"),
    ],
)
def test_reference_or_id_and_number_is_one_provision(query: str, ref: str) -> None:
    assert str(find_provision(query)) == ref


@pytest.mark.parametrize(
    "query", ["", "gdpr", "gdpr 112", "gdpr cooperation", "gdpr 60 cooperation", "quebec loi 25", "zz:4", "GDPR:", "GDPR:6(", "x" * 9000]
)  # fmt: skip
def test_other_words_are_no_provision(query: str) -> None:
    assert find_provision(query) is None


def test_instrument_is_found_by_its_whole_id_alone() -> None:
    assert find_instrument(" gdpr ") is load_statutes().get("GDPR")
    assert find_instrument("gdp") is find_instrument("") is find_instrument("gdpr 17") is None


@given(st.one_of(st.text(max_size=90), st.text("GDPRgdpr: 16()fIVx.-", max_size=30)))
def test_any_query_is_looked_up(query: str) -> None:
    ref = find_provision(query)
    assert ref is None or parse_ref(str(ref)) == ref
    search_statutes(query)


def test_digest_changes_with_any_byte_of_any_file(monkeypatch: pytest.MonkeyPatch) -> None:
    before = registry_sha256()
    registry_sha256.cache_clear()
    try:
        monkeypatch.setattr(
            digest,
            "read_bytes",
            lambda name: data_files.read_bytes(name) + (b"#" if name == "topics.yaml" else b""),
        )
        assert registry_sha256() != before
    finally:
        registry_sha256.cache_clear()
    monkeypatch.undo()
    assert registry_sha256() == before


def test_statute_files_say_what_is_true_of_all() -> None:
    for name in STATUTE_FILES:
        head = read_data(name)["all"]
        assert {"source", "checked_at"} <= set(head), name
