"""Citations exist, serve the matter at hand, and are marked inferred where the document does not name them."""

from typing import Any

import pytest

from pipeline.checks.law import check_law
from pipeline.registry.citations import verification_of
from pipeline.registry.statutes import load_statutes
from schemas.document import Document, Passage, Span
from schemas.finding import Finding
from schemas.summaries import LegalSummary, StatuteCitation
from tests.sample_draft import sample_document, sample_draft

NAMES_ARTICLE_46 = "Our contracts have safeguards in line with Article 46 GDPR."


def _naming(line: str) -> Document:
    """The sample document with one more passage."""
    document = sample_document()
    start = len(document.text)
    passage = Passage(
        id="changes.9", section_id="changes", kind="sentence", span=Span(start=start, end=start + len(line))
    )
    return document.model_copy(
        update={"text": document.text + line + "\n", "passages": (*document.passages, passage)}
    )


def _legal(
    text: str,
    *refs: str,
    basis: str = "inferred",
    absent: tuple[str, ...] = (),
    document: Document | None = None,
) -> list[Finding]:
    """What is said about the legal summary when its last sentence is this one; ``!`` marks a stated citation."""
    legal = sample_draft().legal
    statutes = [
        StatuteCitation(ref=ref.removeprefix("!"), basis="stated" if ref.startswith("!") else "inferred")
        for ref in refs
    ]
    last = legal.sentences[-1].model_copy(
        update={"text": text, "statutes": statutes, "basis": basis, "absent_terms": list(absent)}
    )
    rest = [
        s.model_copy(update={"statutes": [], "text": "It says nothing of law.", "basis": "inferred"})
        for s in legal.sentences[:-1]
    ]
    return check_law(document or sample_document(), LegalSummary(sentences=[*rest, last]), "legal")


def _exposure(**changes: Any) -> list[Finding]:
    """What is said about the assessment when its first exposure is changed so."""
    risk = sample_draft().risk
    changed = risk.regulatory_exposure[0].model_copy(update=changes)
    bare = risk.model_copy(
        update={
            "regulatory_exposure": [changed],
            "provisions": [],
            "material_risks": [],
            "vendor_due_diligence": [],
        }
    )
    return [f for f in check_law(sample_document(), bare, "risk") if f.severity != "info"]


def _codes(findings: list[Finding]) -> list[str]:
    return [f.code for f in findings if f.severity != "info"]


def test_sound_draft_has_no_fault_of_law() -> None:
    draft = sample_draft()
    for root, artefact in (("consumer", draft.consumer), ("legal", draft.legal), ("risk", draft.risk)):
        assert _codes(check_law(draft.document, artefact, root)) == []


@pytest.mark.parametrize("ref", ["GDPR:140", "GDPR:6(9)", "CCPA:1798.122", "AIA:114", "XYZ:1", "Article 6"])
def test_citation_of_what_does_not_exist_is_an_error(ref: str) -> None:
    [finding] = _legal("A review would look at this, by inference.", ref)
    assert (finding.severity, finding.path) == ("error", "legal.sentences[5].statutes[0]")
    assert finding.message[0].isupper() or finding.message[0] in "'\""
    assert finding.message.endswith(".")


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        (
            "Authorities would work together in the cooperation procedure, by inference.",
            "GDPR:56(1)",
            "GDPR:60",
        ),
        ("The transfers rest on standard contractual clauses, by inference.", "GDPR:45", "GDPR:46(2)(c)"),
        ("People have a right to lodge a complaint with an authority, by inference.", "GDPR:78", "GDPR:77"),
    ],
)
def test_citation_for_another_matter_is_an_error_that_names_the_right_one(
    text: str, wrong: str, right: str
) -> None:
    [finding] = _legal(text, wrong)
    assert finding.code == "law.wrong_topic"
    assert right.partition("(")[0] in finding.message
    assert _codes(_legal(text, right)) == []


@pytest.mark.parametrize(
    "text",
    [
        "By inference, agreeing to transfers would be judged as consent, beside standard contractual clauses.",
        "By inference, transfers by agreement raise the derogations, since standard contractual clauses are only mentioned.",
        "By inference, transfers rest on use of the service, and the text mentions standard contractual clauses only on request.",
    ],
)
def test_transfer_on_consent_beside_standard_clauses_may_cite_the_derogations(text: str) -> None:
    assert _codes(_legal(text, "GDPR:49(1)(a)")) == []


def test_transfer_on_standard_clauses_alone_may_not_cite_the_derogations() -> None:
    text = "The transfers rest on standard contractual clauses, by inference."
    assert _codes(_legal(text, "GDPR:49(1)(a)")) == ["law.wrong_topic"]


def test_stated_citation_needs_the_document_to_name_it() -> None:
    text = "A review would look at the safeguards, by inference."
    named = _naming(NAMES_ARTICLE_46)
    assert _codes(_legal(text, "!GDPR:46", document=named)) == []
    assert _codes(_legal(text, "!GDPR", document=named)) == []
    assert _codes(_legal(text, "!GDPR:46(2)(c)", document=named)) == ["law.not_stated"]
    assert _codes(_legal(text, "GDPR:46(2)(c)", document=named)) == []
    assert _codes(_legal(text, "!GDPR:46")) == ["law.not_stated"]


def test_message_on_a_stated_citation_says_what_the_document_does_name() -> None:
    [finding] = _legal("Safeguards, by inference.", "!GDPR:44", document=_naming(NAMES_ARTICLE_46))
    assert "names GDPR but not" in finding.message
    assert "mark GDPR:44 inferred" in finding.message


@pytest.mark.parametrize(
    "text",
    [
        "The training rests on Article 6(1)(f) GDPR.",
        "The document follows the EU AI Act.",
        "People can turn to the Federal Trade Commission.",
    ],
)
def test_stated_claim_naming_law_or_authority_that_the_document_does_not_is_an_error(text: str) -> None:
    [finding] = _legal(text, basis="stated")
    assert (finding.code, finding.path) == ("law.unnamed_in_stated", "legal.sentences[5].text")
    assert _codes(_legal(text)) == []


def test_stated_claim_may_name_what_the_document_names() -> None:
    assert _codes(_legal("People can complain to the CNIL.", basis="stated")) == []
    named = _naming(NAMES_ARTICLE_46)
    assert _codes(_legal("The only article cited is Article 46 GDPR.", basis="stated", document=named)) == []


def test_stated_claim_may_say_that_a_law_is_not_named() -> None:
    assert _codes(_legal("The EU AI Act is not mentioned.", basis="stated", absent=("AI Act",))) == []


@pytest.mark.parametrize(
    "text",
    [
        "People may complain under Article 112 GDPR, by inference.",
        "By inference, Article 56 GDPR cooperation would follow.",
        "Transfers would rest on Article 45 GDPR, namely standard contractual clauses.",
    ],
)
def test_wrong_citation_in_prose_is_an_error(text: str) -> None:
    findings = _legal(text)
    assert findings
    assert {(f.severity, f.path) for f in findings} == {("error", "legal.sentences[5].text")}


@pytest.mark.parametrize(
    "text",
    [
        "The lead authority would be competent under Article 56 GDPR, by inference.",
        "The cooperation procedure of Article 60 GDPR would follow, by inference.",
        "Section 9 applies to residents of thirteen states.",
        "By inference, Articles 13 and 14 GDPR ask for periods.",
    ],
)
def test_right_citation_in_prose_is_sound(text: str) -> None:
    assert _codes(_legal(text)) == []


def test_exposure_cites_one_instrument_and_its_own_articles() -> None:
    assert _exposure() == []
    [finding] = _exposure(statute="GDPR:6")
    assert (finding.code, finding.path) == (
        "law.statute_with_article",
        "risk.regulatory_exposure[0].statute",
    )
    [finding] = _exposure(articles=["6(1)(f)", "140"])
    assert finding.path == "risk.regulatory_exposure[0].articles[1]"
    [finding] = _exposure(statute="US-PRIVACY-ACT", articles=[])
    assert (finding.severity, finding.path) == ("error", "risk.regulatory_exposure[0].statute")


def test_enforcer_is_one_of_the_registry_or_of_the_document() -> None:
    own = load_statutes().get("GDPR")
    assert own is not None
    assert _exposure(enforcers=[own.enforcers[0], "CNIL (lead), other authorities concerned"]) == []
    [finding] = _exposure(enforcers=["Federal Trade Commission"])
    assert (finding.code, finding.path) == (
        "law.not_the_enforcer",
        "risk.regulatory_exposure[0].enforcers[0]",
    )
    assert own.enforcers[0] in finding.message


def test_authority_of_the_kind_that_enforces_is_accepted() -> None:
    assert (
        _exposure(enforcers=["Irish Data Protection Commission", "national data protection authorities"])
        == []
    )
    assert _exposure(statute="COPPA", articles=[], enforcers=["Texas Attorney General"]) == []
    assert _codes(_exposure(statute="CCPA", articles=[], enforcers=["Irish Data Protection Commission"])) == [
        "law.not_the_enforcer"
    ]


def test_stated_claim_may_call_an_authority_leading_only_as_the_document_does() -> None:
    text = "The primary enforcement authority is the CNIL."
    [finding] = _legal(text, basis="stated")
    assert (finding.code, finding.severity) == ("law.role_not_stated", "error")
    assert _codes(_legal(text)) == []
    says_so = _naming("Our lead supervisory authority is the CNIL.")
    assert _codes(_legal(text, basis="stated", document=says_so)) == []


def test_section_of_a_code_that_no_registered_law_owns_is_for_an_editor() -> None:
    text = "By inference, Cal. Civ. Code § 1542 would be waived."
    [finding] = _legal(text)
    assert (finding.code, finding.severity) == ("law.unknown_citation", "warning")
    assert _codes(_legal(text, document=_naming("You waive Cal. Civ. Code § 1542."))) == []


def test_unverified_entry_is_told_once_for_each_reference() -> None:
    ref = next(i.id for i in load_statutes().instruments if verification_of(i.id) in ("memory", "conflict"))
    legal = sample_draft().legal
    twice = [
        s.model_copy(
            update={"statutes": [StatuteCitation(ref=ref, basis="inferred")], "text": "By inference."}
        )
        for s in legal.sentences
    ]
    findings = check_law(sample_document(), LegalSummary(sentences=twice), "legal")
    [finding] = [f for f in findings if f.code == "law.unverified"]
    assert (finding.severity, finding.path) == ("info", "legal.sentences[0].statutes[0]")
    assert ref in finding.message
