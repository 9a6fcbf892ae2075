"""Citations: what exists passes, what does not is refused, prose is read as lawyers write it, and a wrong topic is caught."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.registry.citations import (
    check_ref,
    describe_ref,
    find_authorities,
    find_citations,
    verification_of,
    wrong_statements,
    wrong_topic,
)
from pipeline.registry.pinpoints import MAX_REF, Ref, lies_within, parse_ref
from pipeline.registry.statutes import load_statutes

GOLD = Path(__file__).parents[2] / "shared" / "reference" / "mistral-gold.yaml"

# References


@pytest.mark.parametrize(
    "ref",
    [
        *("GDPR", "GDPR:6(1)(f)", "GDPR:4(7)", "GDPR:9(2)(j)", "GDPR:46(2)(c)", "GDPR:83(5)(e)", "GDPR:99"),
        *("GDPR:recital 47", "AIA:53(1)(d)", "AIA:Annex III", "AIA:113", "EPD:5(3)", "DSA:26(3)", "DMA:5(2)"),
        *("LIL:85", "LIL:82", "LCEN:6", "CPCE:L34-5", "FR-DECRET-2021-1362", "CCOM:L123-22", "CCIV:2224"),
        *("CCPA:1798.121", "CCPA:1798.100(a)(3)", "CCPA:1798.199.45", "CO-CPA:6-1-1306", "CT-CTDPA:42-518"),
        *("DE-DPDPA:12D-104", "IA-ICDPA:715D.3", "MT-MCDPA:30-14-2808", "NE-NDPA", "NH-NHPA", "NJ-NJDPA"),
        *("OR-OCPA:646A.574", "TX-TDPSA:541.051", "UT-UCPA:13-61-201", "VA-VCDPA:59.1-577", "CAL-CIV:3111"),
        *("FTCA:5", "FTCA:45", "COPPA:6502", "COPPA:312.5", "BIPA:14/20", "UKGDPR:22A", "DPA2018:164A"),
        *("QC-P391:12.1", "PIPEDA:5", "LGPD:55-J", "IN-INCDPA:24-15-3-1"),
    ],
)
def test_provision_that_exists_has_no_problem(ref: str) -> None:
    assert check_ref(ref) == ()


@pytest.mark.parametrize(
    ("ref", "code", "severity"),
    [
        ("GDPR:112", "ref.no_such_provision", "error"),
        ("GDPR:0", "ref.no_such_provision", "error"),
        ("GDPR:13-14", "ref.no_such_provision", "error"),
        ("GDPR:6(1)(g)", "ref.no_such_point", "error"),
        ("GDPR:6(5)", "ref.no_such_point", "error"),
        ("GDPR:6(f)", "ref.no_such_point", "error"),
        ("GDPR:6(1)(f)(i)", "ref.no_such_point", "error"),
        ("GDPR:46(2)(z)", "ref.no_such_point", "error"),
        ("GDPR:46(1)(c)", "ref.no_such_point", "error"),
        ("GDPR:16(1)", "ref.no_such_point", "error"),
        ("GDPR:47(9)", "ref.no_such_point", "warning"),
        ("AIA:114", "ref.no_such_provision", "error"),
        ("AIA:Annex XIV", "ref.no_such_provision", "error"),
        ("DSA:94", "ref.no_such_provision", "error"),
        ("DMA:55", "ref.no_such_provision", "error"),
        ("DATA-ACT:51", "ref.no_such_provision", "error"),
        ("CCPA:1798.122", "ref.no_such_provision", "error"),
        ("CCPA:1798.300", "ref.no_such_provision", "error"),
        ("CCPA:1798.199.12", "ref.no_such_provision", "error"),
        ("CCPA:6(1)(f)", "ref.no_such_provision", "error"),
        ("NE-NDPA:6(1)(f)", "ref.no_such_provision", "error"),
        ("BIPA:14/16", "ref.no_such_provision", "error"),
        ("CO-CPA:6-1-1399", "ref.unverified_number", "warning"),
        ("VA-VCDPA:59.1-599", "ref.no_such_provision", "error"),
        ("OR-OCPA:646A.999", "ref.unverified_number", "warning"),
        ("LIL:129", "ref.unverified_number", "warning"),
        ("PIPL:80", "ref.unverified_number", "warning"),
        ("APPI-JP:3", "ref.unknown_number", "warning"),
        ("LIL:40-1", "ref.superseded", "warning"),
        ("UKGDPR:22", "ref.superseded", "warning"),
        ("VA-VCDPA:59.1-585", "ref.superseded", "warning"),
        ("MN-MCDPA:325O.05", "ref.superseded", "warning"),
        ("MD-MODPA:14-4605", "ref.superseded", "warning"),
        ("TN-TIPA:47-18-3203", "ref.superseded", "warning"),
        ("ATLANTIS:1", "ref.unknown_instrument", "error"),
        ("US-PRIVACY-ACT-2025", "ref.unknown_instrument", "error"),
        ("", "ref.grammar", "error"),
        ("GDPR:", "ref.grammar", "error"),
        ("GDPR:6(1)(f", "ref.grammar", "error"),
        ("GDPR:6 and 7", "ref.grammar", "error"),
        ("Art. 6 GDPR", "ref.grammar", "error"),
        ("GDPR:6\n", "ref.grammar", "error"),
        ("GDPR:" + "6" * MAX_REF, "ref.grammar", "error"),
    ],
)
def test_provision_that_does_not_exist_or_is_in_doubt_is_told(ref: str, code: str, severity: str) -> None:
    problems = check_ref(ref)
    assert [(problem.code, problem.severity) for problem in problems] == [(code, severity)]
    assert problems[0].message.endswith(".")
    assert len(problems[0].message) < 500


def test_message_says_what_would_be_right() -> None:
    (problem,) = check_ref("GDPR:112")
    assert "1 to 99" in problem.message
    assert "GDPR:6(1)(f)" in problem.message


def test_every_point_of_a_known_structure_passes_and_the_next_one_fails() -> None:
    gdpr = load_statutes().get("GDPR")
    assert gdpr is not None
    for article in gdpr.articles:
        for paragraph, points in (article.paragraphs or {}).items():
            assert check_ref(f"GDPR:{article.number}({paragraph})") == ()
            assert all(check_ref(f"GDPR:{article.number}({paragraph})({point})") == () for point in points)
            after = chr(ord(points[-1]) + 1) if points else "a"
            assert check_ref(f"GDPR:{article.number}({paragraph})({after})")


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ("GDPR:6(1)(f)", "Art. 6(1)(f) GDPR, Lawfulness of processing"),
        ("GDPR:recital 47", "Recital 47 GDPR"),
        ("LIL:82", "art. 82 LIL, Trackers and access to terminal equipment"),
        ("CCPA:1798.121", "Cal. Civ. Code § 1798.121, Right to limit use of sensitive personal information"),
        ("FTCA:5", "Section 5 FTC Act, Unfair or deceptive acts or practices"),
        ("FTCA:45", "15 U.S.C. § 45, Unfair or deceptive acts or practices"),
        ("COPPA:312.5", "16 C.F.R. § 312.5"),
        ("AIA:Annex III", "Annex III AI Act"),
        ("NE-NDPA", "Nebraska Data Privacy Act"),
        ("ATLANTIS:1", "ATLANTIS:1"),
        ("no reference", "no reference"),
    ],
)
def test_reference_is_written_for_people(ref: str, words: str) -> None:
    assert describe_ref(ref) == words


@pytest.mark.parametrize(
    ("ref", "verification"),
    [
        ("GDPR:6(1)(f)", "text"),
        ("GDPR:48", "memory"),
        ("GDPR:recital 47", "memory"),
        ("LIL:85", "secondary"),
        ("LIL:82", "memory"),
        ("NJ-NJDPA", "conflict"),
        ("TX-TDPSA:541.101", "text"),
        ("TX-TDPSA:541.060", "memory"),
        ("ATLANTIS", None),
    ],
)
def test_verification_is_that_of_the_provision(ref: str, verification: str | None) -> None:
    assert verification_of(ref) == verification


@given(
    st.from_regex(r"[A-Z][A-Z0-9]{0,6}(-[A-Z0-9]{1,4}){0,2}", fullmatch=True),
    st.from_regex(r"[0-9]{1,4}([.-][0-9A-Z]{1,3}){0,2}", fullmatch=True),
    st.lists(st.from_regex(r"[0-9]{1,2}|[a-z]", fullmatch=True), max_size=3),
)
def test_reference_survives_parsing_and_writing(instrument: str, number: str, groups: list[str]) -> None:
    ref = str(Ref(instrument, number, tuple(groups)))
    assert parse_ref(ref) == Ref(instrument, number, tuple(groups))


@given(st.text(max_size=120))
def test_any_text_as_a_reference_is_judged_and_described(text: str) -> None:
    check_ref(text)
    assert isinstance(describe_ref(text), str)


def test_a_part_lies_within_the_whole_and_not_the_reverse() -> None:
    assert lies_within("GDPR:6(1)(f)", "GDPR:6(1)")
    assert lies_within("GDPR:6(1)(f)", "GDPR")
    assert not lies_within("GDPR:6(1)", "GDPR:6(1)(f)")
    assert not lies_within("GDPR:60", "GDPR:6")


# Prose


def _refs(text: str) -> list[str | None]:
    return [citation.ref for citation in find_citations(text)]


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("Art. 6(1)(f) GDPR", ["GDPR:6(1)(f)"]),
        ("Article 6(1)(f) of the GDPR", ["GDPR:6(1)(f)"]),
        ("Article 6(1)(f) (GDPR)", ["GDPR:6(1)(f)"]),
        ("ARTICLE 6 of the GENERAL DATA PROTECTION REGULATION", ["GDPR:6"]),
        ("Articles 13 and 14 GDPR", ["GDPR:13", "GDPR:14"]),
        ("Articles 13, 14 and 15 of Regulation (EU) 2016/679", ["GDPR:13", "GDPR:14", "GDPR:15"]),
        ("Article 5 and Article 6 GDPR", ["GDPR:5", "GDPR:6"]),
        ("Articles 13-14 GDPR", ["GDPR:13", "GDPR:14"]),
        ("Articles 15 to 18 GDPR", ["GDPR:15", "GDPR:16", "GDPR:17", "GDPR:18"]),
        ("Articles 15–17 GDPR", ["GDPR:15", "GDPR:16", "GDPR:17"]),
        ("Article 6(1)(a), (b) and (f) GDPR", ["GDPR:6(1)(a)", "GDPR:6(1)(b)", "GDPR:6(1)(f)"]),
        ("Article 21(1) and (2) GDPR", ["GDPR:21(1)", "GDPR:21(2)"]),
        ("GDPR Article 46", ["GDPR:46"]),
        ("GDPR, in particular Articles 13 and 14", ["GDPR:13", "GDPR:14"]),
        ("the GDPR's Article 17", ["GDPR:17"]),
        ("the GDPR (Articles 44 and 46), the CCPA", ["GDPR:44", "GDPR:46", None]),
        ("Art. 6 Abs. 1 lit. f DSGVO", ["GDPR:6(1)(f)"]),
        ("Art. 6 Abs. 1 Satz 1 lit. f DS-GVO", ["GDPR:6(1)(f)"]),
        ("article 6, paragraphe 1, point f) du RGPD", ["GDPR:6(1)(f)"]),
        ("Artikel 6 Absatz 1 Buchstabe f DSGVO", ["GDPR:6(1)(f)"]),
        ("point (f) of Article 6(1) GDPR", ["GDPR:6(1)(f)"]),
        ("point (a) of Articles 6(1) and 9(2) GDPR", ["GDPR:6(1)", "GDPR:9(2)"]),
        ("§ 26 Abs. 1 BDSG", ["BDSG:26(1)"]),
        ("artículo 6.1.f) del RGPD", ["GDPR:6(1)(f)"]),
        ("artikel 6 lid 1 AVG", ["GDPR:6(1)"]),
        ("articoli 13 e 14 del GDPR", ["GDPR:13", "GDPR:14"]),
        ("recitals 26 and 47 of the GDPR", ["GDPR:recital 26", "GDPR:recital 47"]),
        ("art. 82 LIL", ["LIL:82"]),
        ("article 85 of the French Data Protection Act", ["LIL:85"]),
        ("article 40-1 de la loi Informatique et Libertés", ["LIL:40-1"]),
        ("article L. 123-22 du Code de commerce", ["CCOM:L123-22"]),
        ("UK GDPR Article 22A and Article 6 GDPR", ["UKGDPR:22A", "GDPR:6"]),
        ("section 10 of the Data Protection Act 2018", ["DPA2018:10"]),
        ("Annex III to the AI Act", ["AIA:Annex III"]),
        ("Article 112 GDPR", ["GDPR:112"]),
        ("Section 5 of the FTC Act", ["FTCA:5"]),
        ("15 U.S.C. § 45", ["FTCA:45"]),
        ("15 USC 6502", ["COPPA:6502"]),
        ("15 U.S.C. §§ 6501-6503", ["COPPA:6501", "COPPA:6502", "COPPA:6503"]),
        ("18 U.S.C. § 2710; 18 U.S.C. § 2510 et seq.", ["VPPA:2710", "ECPA:2510"]),
        ("16 C.F.R. Part 312", [None]),
        ("16 C.F.R. § 312.5", ["COPPA:312.5"]),
        ("Cal. Civ. Code § 1798.121", ["CCPA:1798.121"]),
        ("Cal. Civ. Code §§ 1798.100–1798.105", ["CCPA:1798.100", "CCPA:1798.105"]),
        ("§§ 1798.120 and .121 of the California Civil Code", ["CCPA:1798.120", "CCPA:1798.121"]),
        ("Cal. Civ. Code § 3111", ["CAL-CIV:3111"]),
        ("CCPA § 1798.105", ["CCPA:1798.105"]),
        ("CPRA § 1798.106", ["CCPA:1798.106"]),
        ("section 1798.135(a) of the CCPA", ["CCPA:1798.135(a)"]),
        ("Cal. Civ. Code § 1798.300", ["CCPA:1798.300"]),
        ("C.R.S. § 6-1-1306", ["CO-CPA:6-1-1306"]),
        ("Conn. Gen. Stat. § 42-518", ["CT-CTDPA:42-518"]),
        ("Tenn. Code § 47-18-3201 to 3213", ["TN-TIPA:47-18-3201", "TN-TIPA:47-18-3213"]),
        ("740 ILCS 14/15, 20", ["BIPA:14/15", "BIPA:14/20"]),
        ("N.J.S.A. 56:8-166.4 et seq.", ["NJ-NJDPA:56:8-166.4"]),
        ("GDPR:6(1)(f) and CO-CPA:6-1-1306.", ["GDPR:6(1)(f)", "CO-CPA:6-1-1306"]),
        ("Under Article 46, the GDPR asks for safeguards.", ["GDPR:46", None]),
        ("By inference Article 56 GDPR applies, with Article 60.", ["GDPR:56", "GDPR:60"]),
    ],
)
def test_citation_in_prose_is_read(text: str, refs: list[str | None]) -> None:
    assert _refs(text) == refs


@pytest.mark.parametrize(
    ("text", "instruments"),
    [
        ("the EU AI Act and the French Data Protection Act", ["AIA", "LIL"]),
        ("la loi « Informatique et Libertés »", ["LIL"]),
        ("Loi n° 78-17 du 6 janvier 1978", ["LIL"]),
        ("CCPA, COPPA and HIPAA", ["CCPA", "COPPA", "HIPAA"]),
        ("Children’s Online Privacy Protection Act", ["COPPA"]),
        ("the UK GDPR and the GDPR", ["UKGDPR", "GDPR"]),
        ("Iowa Code ch. 715D", ["IA-ICDPA"]),
        ("the Data Act", ["DATA-ACT"]),
        ("Quebec's Law 25", ["QC-P391"]),
        ("die Datenschutz-Grundverordnung (DSGVO)", ["GDPR", "GDPR"]),
    ],
)
def test_instrument_named_alone_is_found(text: str, instruments: list[str]) -> None:
    found = find_citations(text)
    assert [citation.instrument_id for citation in found] == instruments
    assert {citation.ref for citation in found} == {None}


@pytest.mark.parametrize(
    "text",
    [
        "Section 5 of this policy covers cookies.",
        "See Article 5 of these Terms.",
        "Article 5 says so.",
        "Protect your data. Act now: the data act of the play begins.",
        "The Personal Data Act is not in the registry.",
        "The state of the art is 5 (five) years old.",
        "Call 1-800-555-0100 between 9 and 17, or write to 15 rue des Halles, 75001 Paris.",
        "We keep it for 30 days; 12 states are listed in part 9.",
        "",
    ],
)
def test_prose_without_a_law_cites_none(text: str) -> None:
    assert find_citations(text) == ()


def test_section_of_the_policy_is_not_the_laws_though_a_law_is_named() -> None:
    assert _refs("Section 5 of this policy is about the CCPA.") == [None]
    assert _refs("Article 5 of these Terms is about the GDPR.") == [None]


def test_article_without_a_name_counts_only_where_its_sentence_names_one_law() -> None:
    assert _refs("The GDPR is named. Article 46 is cited.") == [None]
    assert _refs("The GDPR is named, and so is its Article 46.") == [None, "GDPR:46"]
    assert _refs("The GDPR and the AI Act are named, and Article 46 is.") == [None, None]


def test_section_of_a_known_code_that_no_law_has_is_found_as_unknown() -> None:
    (citation,) = find_citations("15 U.S.C. § 9999")
    assert citation.ref is None
    assert citation.instrument_id is None
    assert citation.words == "15 U.S.C. § 9999"


def test_citation_tells_its_place_with_its_bracket() -> None:
    text = "So says the GDPR (Articles 13 and 14), and more."
    (first, second) = find_citations(text)
    assert first.words == second.words == text[first.start : first.end] == "GDPR (Articles 13 and 14)"


_PIECES = st.sampled_from(
    ["Article ", "Art. 6", "(1)", "(f)", " GDPR", ", ", " and ", " to ", "§ ", "Cal. Civ. Code ", "1798.121", "13",
     "-", "–", " of the ", "15 U.S.C. ", "\n", ". ", "Section 5", "CCPA", " du RGPD", "L. 34-5", ".121", "IX", "GDPR:6"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=40).map("".join)))
def test_any_text_is_searched_and_every_place_is_its_words(text: str) -> None:
    for citation in find_citations(text):
        assert text[citation.start : citation.end] == citation.words
        assert citation.start < citation.end
        assert citation.ref is None or parse_ref(citation.ref) is not None
    for authority in find_authorities(text):
        assert text[authority.start : authority.end] == authority.words


# Authorities


@pytest.mark.parametrize(
    ("text", "authorities"),
    [
        ("the French CNIL and the Garante", ["cnil", "garante"]),
        ("Commission Nationale de l’Informatique et des Libertés", ["cnil"]),
        ("the ICO, the AEPD and the Irish DPC", ["ico", "aepd", "dpc"]),
        ("California Privacy Protection Agency (CPPA)", ["cppa", "cppa"]),
        ("California's Attorney General, the Federal Trade Commission", ["ag-ca", "ftc"]),
        ("a supervisory authority or an attorney general", []),
        ("the garante of this promise", []),
    ],
)
def test_authority_is_found_by_any_of_its_names(text: str, authorities: list[str]) -> None:
    assert [found.authority_id for found in find_authorities(text)] == authorities


# Topics


@pytest.mark.parametrize(
    ("sentence", "ref", "right"),
    [
        ("A cross-border case triggers Article 56 GDPR cooperation mechanisms.", "GDPR:56", "GDPR:60"),
        ("The CNIL is lead authority, and cases trigger Article 56 GDPR cooperation.", "GDPR:56", "GDPR:60"),
        ("Authorities cooperate across borders.", "GDPR:56", "GDPR:60"),
        ("Its competence as lead authority would follow from the seat.", "GDPR:60", "GDPR:56"),
        ("The CNIL would be the lead supervisory authority under Article 60 GDPR.", "GDPR:60", "GDPR:56"),
        ("From its seat, the CNIL would be the lead authority in cross-border cases.", "GDPR:60", "GDPR:56"),
        ("Article 60 GDPR would give the CNIL lead competence.", "GDPR:60", "GDPR:56"),
        ("The urgency procedure under Article 60 GDPR is open to it.", "GDPR:60", "GDPR:66"),
        (
            "Transfers rely on Article 45 GDPR, namely standard contractual clauses.",
            "GDPR:45",
            "GDPR:46(2)(c)",
        ),
        ("Adequacy decisions under Article 46 GDPR cover some countries.", "GDPR:46", "GDPR:45"),
        ("People may lodge a complaint with an authority.", "GDPR:78", "GDPR:77"),
        ("People may complain to the CNIL.", "GDPR:79", "GDPR:77"),
        ("The right to object exists under Article 22 GDPR.", "GDPR:22", "GDPR:21"),
        ("Automated decisions are said not to be taken.", "GDPR:21", "GDPR:22"),
        ("Sensitive details rest on explicit consent.", "GDPR:6(1)(a)", "GDPR:9(2)(a)"),
        ("A right to portability is offered.", "GDPR:15", "GDPR:20"),
        ("People have a right to a copy of their data.", "GDPR:20", "GDPR:15"),
        ("People may leave directions for their data after their death.", "GDPR:17", "LIL:84"),
        ("People may leave directions for their data after their death.", "GDPR:12", "LIL:84"),
        ("People may leave directions for their data after their death.", "LIL:40-1", "LIL:84"),
        ("Training rests on legitimate interest.", "GDPR:6(1)(a)", "GDPR:6(1)(f)"),
        ("Support rests on performance of the contract.", "GDPR:6(1)(f)", "GDPR:6(1)(b)"),
        ("A data protection officer can be reached.", "GDPR:35", "GDPR:37"),
        ("An impact assessment may be needed.", "GDPR:37", "GDPR:35"),
        ("Fines reach EUR 20 million.", "GDPR:83(4)", "GDPR:83(5)"),
        ("Residents have a right to correct.", "CCPA:1798.105", "CCPA:1798.106"),
        ("Residents may opt out of sale.", "CCPA:1798.121", "CCPA:1798.120"),
        ("There is a right to limit the use of sensitive data.", "CCPA:1798.120", "CCPA:1798.121"),
        ("Residents have a right to know.", "CCPA:1798.105", "CCPA:1798.110"),
        (
            "Nobody is discriminated against: non-discrimination is promised.",
            "CCPA:1798.105",
            "CCPA:1798.125",
        ),
        ("It is a notice at collection.", "CCPA:1798.120", "CCPA:1798.100"),
        ("Cookies need a choice.", "LIL:83", "LIL:82"),
        ("A summary of the training content must be published.", "AIA:50", "AIA:53(1)(d)"),
    ],
)
def test_provision_cited_for_another_matter_is_caught(sentence: str, ref: str, right: str) -> None:
    message = wrong_topic(sentence, ref)
    assert message is not None
    assert message.startswith(f"{ref} is not about ")
    assert right in message


@pytest.mark.parametrize(
    ("sentence", "ref", "beside"),
    [
        ("Cooperation follows Article 60 GDPR, competence Article 56 GDPR.", "GDPR:56", ()),
        ("By inference the CNIL would be lead authority under Article 56 GDPR and cooperate under Article 60.", "GDPR:56", ()),
        ("By inference the CNIL would be lead authority under Article 56 GDPR and cooperate under Article 60.", "GDPR:60", ()),
        ("The CNIL would be the lead supervisory authority and cooperate with others under Articles 56 and 60 GDPR.", "GDPR:56", ()),
        ("The CNIL would be the lead supervisory authority and cooperate with others under Articles 56 and 60 GDPR.", "GDPR:60", ()),
        ("The CNIL would be lead supervisory authority under Article 56 GDPR and Article 60 GDPR.", "GDPR:60", ()),
        ("As lead supervisory authority (Article 60 GDPR) the CNIL would cooperate with the others.", "GDPR:60", ()),
        ("The CNIL would be the lead supervisory authority.", "GDPR:60", ("GDPR:56",)),
        ("The one-stop-shop with a lead supervisory authority rests on Article 60 GDPR.", "GDPR:60", ()),
        ("The lead supervisory authority would decide together with the authorities concerned.", "GDPR:60", ()),
        ("People may turn to the lead supervisory authority under Article 77 GDPR.", "GDPR:77", ()),
        ("The policy names no lead supervisory authority.", "GDPR:60", ()),
        ("Standard contractual clauses are not an Article 45 GDPR tool.", "GDPR:45", ()),
        ("Clauses are used, and no adequacy decision is named.", "GDPR:46", ("GDPR:45",)),
        ("Transfers rest on standard contractual clauses or adequacy decisions.", "GDPR:45", ()),
        ("Sensitive details rest on explicit consent.", "GDPR:6(1)(a)", ("GDPR:9(2)(a)",)),
        ("Support rests on performance of the contract, marketing on consent.", "GDPR:6(1)(a)", ()),
        ("Memory rests on legitimate interest, sensitive details on explicit consent.", "GDPR:6(1)(f)", ()),
        ("Access, correction, deletion, portability and directions after death are offered.", "GDPR:12", ()),
        ("Access, correction, deletion, portability and directions after death are offered.", "GDPR:17", ()),
        ("People may object to training, and complain to the CNIL.", "GDPR:21", ()),
        ("Erasure from a trained model may be limited.", "GDPR:21", ("GDPR:17",)),
        ("The weather was fine.", "GDPR:56", ()),
        ("Rights of access and portability exist under Articles 15 and 20 GDPR.", "GDPR:15", ()),
        ("Rights of access and portability exist under Articles 15 and 20 GDPR.", "GDPR:20", ()),
        ("Access and portability under Article 15 GDPR are offered.", "GDPR:15", ()),
        ("Complaints and remedies stand in Articles 77 and 78 GDPR: people may lodge a complaint.", "GDPR:78", ()),
        ("It names no third country and no adequacy decision.", "GDPR:46", ()),
        ("It is controller, not processor, and perhaps a joint controller.", "GDPR:26", ()),
        ("A contract is named as a basis without legitimate interest.", "GDPR:6(1)(b)", ()),
        ("Newsletters rest on consent.", "GDPR:6(1)(a)", ("EPD:13",)),
        ("Complaints go to the CNIL, which by inference would be the lead authority.", "GDPR:56(1)", ()),
        ("Storage limitation asks for a period.", "GDPR:13(2)(a)", ()),
        ("Feedback enters training and no objection to it is offered.", "GDPR:6(1)(f)", ()),
        ("Profiling is denied, and so are automated decisions.", "GDPR:13(2)(f)", ()),
    ],
)  # fmt: skip
def test_provision_that_serves_a_topic_of_its_sentence_is_not_accused(
    sentence: str, ref: str, beside: tuple[str, ...]
) -> None:
    assert wrong_topic(sentence, ref, beside) is None


def _gold_claims() -> list[tuple[str, str, list[str]]]:
    if not GOLD.is_file():
        return []
    gold: dict[str, Any] = yaml.safe_load(GOLD.read_text(encoding="utf-8"))
    facts = [
        (f["id"], f["statement"], f["statutes_stated"] + f["statutes_inferred"])
        for f in gold["legal_key_facts"]
    ]
    provisions = [(p["id"], p["finding"], p["statutes"]) for p in gold["provisions"]]
    exposure = [
        (x["id"], x["why"], [f"{x['statute']}:{article}" for article in x["articles"]])
        for x in gold["risk"]["regulatory_exposure"]
        if x["statute"] != "US-STATE"
    ]
    precedents = [(p["id"], p["outcome"], p["provisions"]) for p in gold["risk"]["enforcement_precedents"]]
    return facts + provisions + exposure + precedents


@pytest.mark.skipif(not GOLD.is_file(), reason="the gold annotations are not here")
def test_nothing_that_an_annotator_cited_is_refused_or_accused() -> None:
    claims = _gold_claims()
    assert len(claims) > 80
    for key, text, refs in claims:
        assert [problem for ref in refs for problem in check_ref(ref)] == [], key
        accused = [wrong_topic(text, ref, [r for r in refs if r != ref]) for ref in refs]
        assert [message for message in accused if message] == [], key
        assert wrong_statements(text) == (), key


# Statements


@pytest.mark.parametrize(
    ("sentence", "entry"),
    [
        ("The federal privacy act of 2025 applies.", "federal_privacy_act"),
        ("In France the age of digital consent is 16.", "french_age_16"),
        ("The GDPR sets an age of 13 for consent.", "gdpr_age_13"),
        ("Section 12.1 of Law 25 asks for a notice.", "law_25_as_a_code"),
        ("AB 2013 stands in the Business and Professions Code.", "ca_ab2013_in_bpc"),
        ("The AI Act's high-risk duties apply from 2 August 2026.", "ai_act_high_risk_date"),
        ("The AI Act applies since 2023.", "ai_act_in_force_early"),
        ("Post-mortem rights exist under the GDPR.", "gdpr_covers_the_dead"),
        ("The one-stop-shop applies to cookies.", "one_stop_shop_for_trackers"),
    ],
)
def test_statement_known_to_be_wrong_is_seen(sentence: str, entry: str) -> None:
    assert [found.id for found in wrong_statements(sentence)] == [entry]


@pytest.mark.parametrize(
    "sentence",
    [
        "No general federal privacy act exists.",
        "In France the age of digital consent is 15, not 16.",
        "The GDPR sets an age of 16, which member states may lower to 13.",
        "The Quebec act, as amended by Law 25, asks for a notice in section 12.1.",
        "AB 2013 stands in the Civil Code.",
        "The AI Act's high-risk duties, first due in August 2026, were moved to December 2027.",
        "The GDPR does not cover rights after death.",
        "The one-stop-shop does not apply to cookies.",
        "The service may be used from the age of 13.",
        "Articles 8 and 13 GDPR bear on the age of consent.",
        "Article 16 GDPR and the age of consent in France are two things.",
    ],
)
def test_true_statement_about_the_same_matter_passes(sentence: str) -> None:
    assert wrong_statements(sentence) == ()


@pytest.mark.parametrize("both", ["EU and UK GDPR", "EU/UK GDPR", "UK and EU GDPR"])
def test_one_name_for_two_instruments_names_both(both: str) -> None:
    assert {c.ref for c in find_citations(f"Transfers rest on Article 45(1) of the {both}.")} == {
        "GDPR:45(1)",
        "UKGDPR:45(1)",
    }
    assert {c.instrument_id for c in find_citations(f"The {both} apply.")} == {"GDPR", "UKGDPR"}
