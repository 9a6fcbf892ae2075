"""Every category is assessed or left out, once; severities are those of their rules."""

from typing import Any

import pytest

from pipeline.checks.coverage import STRONGLY_TOUCHED, check_coverage, touched_passages
from pipeline.registry.taxonomy import load_taxonomy
from schemas.document import Document, Passage, Section, Span
from schemas.finding import Finding
from schemas.risk import LeftOut, RiskAssessment
from tests.sample_draft import sample_document, sample_draft

TAXONOMY = load_taxonomy()
FIRST, SECOND = TAXONOMY.categories[0].id, TAXONOMY.categories[1].id
RULE = {rule.level: rule.id for rule in reversed(TAXONOMY.severity_rules)}


def _risk(assessed: str = FIRST, **changes: Any) -> RiskAssessment:
    """One provision in the first category, everything else left out; ``changes`` are of the provision."""
    risk = sample_draft().risk
    provision = risk.provisions[2].model_copy(
        update={"category": assessed, "severity": "low", "severity_rule": RULE["low"], **changes}
    )
    left_out = [
        LeftOut(category=c.id, reason="What it says needs no provision.")
        for c in TAXONOMY.categories
        if c.id != assessed
    ]
    rest = {
        "material_risks": [r.model_copy(update={"category": FIRST}) for r in risk.material_risks],
        "vendor_due_diligence": [d.model_copy(update={"category": FIRST}) for d in risk.vendor_due_diligence],
    }
    return risk.model_copy(update={"provisions": [provision], "left_out": left_out, **rest})


def _check(risk: RiskAssessment, document: Document | None = None) -> list[Finding]:
    return check_coverage(document or sample_document(), risk, "risk")


def _document(*lines: str) -> Document:
    """An invented document of these lines."""
    text, passages = "", []
    for n, line in enumerate(lines, start=1):
        span = Span(start=len(text), end=len(text) + len(line))
        passages.append(Passage(id=f"intro.{n}", section_id="intro", kind="sentence", span=span))
        text += line + "\n"
    section = Section(id="intro", title="", level=0, span=Span(start=0, end=len(text)))
    return sample_document().model_copy(
        update={"text": text, "sections": (section,), "passages": tuple(passages)}
    )


def test_assessment_with_every_category_once_is_sound() -> None:
    assert _check(_risk()) == []


def test_category_that_stands_nowhere_is_an_error_that_names_it() -> None:
    risk = _risk()
    [finding] = _check(
        risk.model_copy(update={"left_out": [e for e in risk.left_out if e.category != SECOND]})
    )
    assert (finding.code, finding.severity, finding.path) == (
        "coverage.category_missing",
        "error",
        "risk.left_out",
    )
    assert SECOND in finding.message


def test_message_names_the_passages_that_touch_the_missing_category() -> None:
    document = _document(
        "We share your data with advertisers.", *["We keep data for as long as the law allows."] * 3
    )
    risk = _risk()
    touched = next(c for c in TAXONOMY.categories[1:] if len(touched_passages(document, c)) >= 2)
    left_out = [e for e in risk.left_out if e.category != touched.id]
    [finding] = _check(risk.model_copy(update={"left_out": left_out}), document)
    assert touched_passages(document, touched)[0] in finding.message


def test_category_assessed_and_left_out_is_refused() -> None:
    risk = _risk()
    twice = [*risk.left_out, LeftOut(category=FIRST, reason="What it says needs no provision.")]
    [finding] = _check(risk.model_copy(update={"left_out": twice}))
    assert (finding.code, finding.path) == (
        "coverage.category_twice",
        f"risk.left_out[{len(twice) - 1}].category",
    )


def test_category_left_out_twice_is_refused() -> None:
    risk = _risk()
    [finding] = _check(risk.model_copy(update={"left_out": [*risk.left_out, risk.left_out[0]]}))
    assert finding.code == "coverage.category_twice"


def test_two_provisions_in_one_category_are_sound() -> None:
    risk = _risk()
    assert _check(risk.model_copy(update={"provisions": risk.provisions * 2})) == []


def test_unknown_category_is_refused_wherever_it_stands() -> None:
    risk = _risk()
    changed = risk.model_copy(
        update={
            "material_risks": [risk.material_risks[0].model_copy(update={"category": "weather"})],
            "vendor_due_diligence": [risk.vendor_due_diligence[0].model_copy(update={"category": "weather"})],
            "left_out": [*risk.left_out, LeftOut(category="weather", reason="None.")],
        }
    )
    findings = _check(changed)
    assert {f.code for f in findings} == {"coverage.unknown_category"}
    assert [f.path for f in findings] == [
        "risk.material_risks[0].category",
        "risk.vendor_due_diligence[0].category",
        f"risk.left_out[{len(risk.left_out)}].category",
    ]


def test_unknown_severity_rule_is_refused() -> None:
    [finding] = _check(_risk(severity_rule="R-X9"))
    assert (finding.code, finding.path) == (
        "coverage.unknown_severity_rule",
        "risk.provisions[0].severity_rule",
    )


@pytest.mark.parametrize(
    ("rule", "severity"), [("low", "high"), ("medium", "high"), ("high", "low"), ("low", "medium")]
)
def test_level_that_the_rule_does_not_give_is_refused(rule: str, severity: str) -> None:
    [finding] = _check(_risk(severity_rule=RULE[rule], severity=severity))
    assert (finding.code, finding.path) == ("coverage.severity_mismatch", "risk.provisions[0].severity")
    assert rule in finding.message


def test_level_one_below_its_rule_needs_a_control() -> None:
    control = sample_draft().risk.provisions[0].what_you_can_do[0]
    assert _check(_risk(severity_rule=RULE["medium"], severity="low", what_you_can_do=[control])) == []
    assert [f.code for f in _check(_risk(severity_rule=RULE["medium"], severity="low"))] == [
        "coverage.severity_mismatch"
    ]


def test_left_out_as_not_addressed_although_many_passages_touch_it_is_a_warning() -> None:
    document = _document(*["The retention period for account data is one year."] * STRONGLY_TOUCHED)
    touched = next(c for c in TAXONOMY.categories[1:] if touched_passages(document, c))
    risk = _risk()

    def reason(text: str) -> RiskAssessment:
        entries = [
            e.model_copy(update={"reason": text}) if e.category == touched.id else e for e in risk.left_out
        ]
        return risk.model_copy(update={"left_out": entries})

    [finding] = _check(reason("The document does not address it."), document)
    assert (finding.code, finding.severity) == ("coverage.left_out_doubtful", "warning")
    assert _check(reason("It is an ordinary clause that needs no provision."), document) == []
    short = _document("The retention period for account data is one year.")
    assert _check(reason("The document does not address it."), short) == []


@pytest.mark.parametrize("said", ["Not relevant.", "Out of scope.", "None."])
def test_left_out_without_a_reason_although_many_passages_touch_it_is_a_warning(said: str) -> None:
    document = _document(*["The retention period for account data is one year."] * STRONGLY_TOUCHED)
    touched = next(c for c in TAXONOMY.categories[1:] if touched_passages(document, c))
    risk = _risk()
    entries = [
        e.model_copy(update={"reason": said}) if e.category == touched.id else e for e in risk.left_out
    ]
    changed = risk.model_copy(update={"left_out": entries})
    [finding] = _check(changed, document)
    assert (finding.code, finding.severity) == ("coverage.left_out_unreasoned", "warning")
    assert touched.id in finding.message
    assert _check(changed, _document("The retention period for account data is one year.")) == []


@pytest.mark.parametrize("name", ["regulatory_exposure", "material_risks", "vendor_due_diligence"])
def test_assessment_with_an_empty_list_is_a_warning(name: str) -> None:
    [finding] = _check(_risk().model_copy(update={name: []}))
    assert (finding.code, finding.severity) == ("coverage.list_empty", "warning")
    assert finding.path == f"risk.{name}"


def test_policy_in_another_language_is_not_searched_for_english_cues() -> None:
    document = _document(*["The retention period for account data is one year."] * 5).model_copy(
        update={"language": "fr"}
    )
    assert all(touched_passages(document, c) == () for c in TAXONOMY.categories)
