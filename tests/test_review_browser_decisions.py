"""A draft decided about claim by claim in a real browser: what is done is shown at once, beside what the model wrote."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.desk_in_browser import RIGHT, WRONG, WRONG_AT, ServedDesk, Visitor, desk, visit
from tests.draft_in_browser import DraftPage

__all__ = ["desk", "visit"]

Visit = Callable[..., Visitor]


@pytest.fixture
def draft(desk: ServedDesk, visit: Visit) -> DraftPage:
    """The page of a new draft."""
    return DraftPage(visit(), desk.new_draft()).open()


def test_editing_runs_the_checks_again_at_once(draft: DraftPage) -> None:
    wrong = draft.unit(WRONG_AT)
    expect(wrong.locator(".finding.error")).to_contain_text(WRONG)
    expect(draft.page.locator("#desk-bar .tally.error")).to_contain_text("1 ")
    text = draft.sentence(WRONG_AT).inner_text()

    draft.edit(WRONG_AT, text.replace(WRONG, RIGHT), reason="The policy says so.")
    expect(wrong.locator(".finding.error")).to_have_count(0)
    expect(draft.page.locator("#desk-bar .tally.error")).to_contain_text("0 ")
    expect(draft.page.locator("#findings")).not_to_contain_text(WRONG)

    # And a mend that is none brings a finding.
    draft.edit(WRONG_AT, text.replace(WRONG, "90 days"))
    expect(wrong.locator(".finding.error")).to_contain_text("90 days")


def test_what_the_model_wrote_stands_beside_the_edit(draft: DraftPage) -> None:
    draft.edit(WRONG_AT, draft.sentence(WRONG_AT).inner_text().replace(WRONG, RIGHT))
    change = draft.unit(WRONG_AT).locator(".change")
    expect(change.locator("del")).to_contain_text("60")
    expect(change.locator("ins")).to_contain_text("45")
    draft.open()
    expect(draft.unit(WRONG_AT).locator(".change del")).to_contain_text("60")


def test_a_claim_is_accepted_rejected_and_commented_and_its_history_says_by_whom(draft: DraftPage) -> None:
    path = "risk.provisions[0].what_you_can_do[1]"
    draft.accept(path)
    draft.comment(path, "Is this offered on every plan?")
    draft.reject(path, "It is not offered on a free plan.")
    history = draft.unit(path).locator(".history")
    history.locator("summary").click()
    for told in ("Ada accepted it", "Ada commented", "Ada rejected it", "It is not offered on a free plan."):
        expect(history).to_contain_text(told)


def test_a_rejection_without_a_reason_is_not_sent(draft: DraftPage, desk: ServedDesk) -> None:
    path = "risk.vendor_due_diligence[0]"
    form = draft.ask_for("reject", path)
    form.locator("button.main").click()
    # The browser points at the field that is missing.
    expect(form.locator('[name="reason"]')).to_be_focused()
    assert desk.site.desk.open(draft.review).decisions == ()


def test_a_card_is_accepted_with_all_inside(draft: DraftPage) -> None:
    draft.unit("risk.provisions[1]").locator("button.whole").click()
    for inner in ("", ".what_it_is", ".why_it_matters", ".what_you_can_do[0]"):
        draft.expect_status(f"risk.provisions[1]{inner}", "accepted")
    draft.expect_status("risk.provisions[0]", "open")


def test_severity_likelihood_basis_statute_and_decision_are_changed(draft: DraftPage) -> None:
    form = draft.ask_for("edit", "risk.regulatory_exposure[0]")
    form.get_by_label("Severity").select_option("low")
    form.get_by_label("Likelihood").select_option("high")
    draft.send(form)
    unit = draft.unit("risk.regulatory_exposure[0]")
    expect(unit.locator(".level.low")).to_contain_text("severity")
    expect(unit.locator(".level.high")).to_contain_text("likelihood")

    rationale = "risk.regulatory_exposure[0].rationale"
    form = draft.ask_for("edit", rationale)
    form.get_by_label("Basis", exact=True).first.select_option("stated")
    statute = form.locator('[name="f.statutes.0.ref"]')
    statute.fill("right to be forgotten")
    found = draft.page.locator("#registry-found")
    expect(found.locator("[data-value='GDPR:17']")).to_contain_text("Right to erasure")
    statute.press("ArrowDown")
    statute.press("Enter")
    expect(statute).to_have_value("GDPR:17")
    expect(form.locator(".registry-name").first).to_contain_text("Art. 17 GDPR, Right to erasure")
    draft.send(form)
    expect(draft.unit(rationale).locator(".basis")).to_have_text("stated")
    expect(draft.unit(rationale).locator(".chip").first).to_contain_text("17")

    precedent = "risk.enforcement_precedents[0]"
    form = draft.ask_for("edit", precedent)
    chosen = form.locator('[name="f.decision_id"]')
    chosen.fill("replika")
    found.locator("[data-value='GARANTE-REPLIKA-2025']").click()
    expect(chosen).to_have_value("GARANTE-REPLIKA-2025")
    draft.send(form)
    expect(draft.unit(precedent)).to_contain_text("GARANTE-REPLIKA-2025")


def test_a_statute_that_the_registry_does_not_have_is_told_at_the_claim(draft: DraftPage) -> None:
    form = draft.ask_for("edit", "legal.sentences[0]")
    form.locator('[name="f.statutes.0.ref"]').fill("GDPR:999")
    draft.send(form)
    expect(draft.unit("legal.sentences[0]").locator(".finding.error")).to_contain_text("999")


def test_a_finding_is_set_aside_with_a_reason_and_brought_back(draft: DraftPage) -> None:
    unit = draft.unit(WRONG_AT)
    unit.get_by_role("button", name="Set aside").click()
    form = draft.form(WRONG_AT)
    form.locator('[name="reason"]').fill("An annex of the policy says it.")
    draft.send(form)
    expect(unit.locator(".finding.aside")).to_contain_text(
        "Set aside by Ada: An annex of the policy says it."
    )
    expect(draft.page.locator("#desk-bar .tally.error")).to_contain_text("0 ")
    unit.get_by_role("button", name="Bring back").click()
    expect(unit.locator(".finding.aside")).to_have_count(0)
    expect(draft.page.locator("#desk-bar .tally.error")).to_contain_text("1 ")


def test_acts_are_undone_one_by_one_and_redone(draft: DraftPage) -> None:
    draft.accept("legal.sentences[0]")
    draft.unit("risk.provisions[1]").locator("button.whole").click()
    draft.expect_status("risk.provisions[1].what_it_is", "accepted")
    undo = draft.page.locator("#undo")
    undo.click()
    # What one press did is undone by one.
    draft.expect_status("risk.provisions[1].what_it_is", "open")
    draft.expect_status("risk.provisions[1]", "open")
    draft.expect_status("legal.sentences[0]", "accepted")
    undo.click()
    draft.expect_status("legal.sentences[0]", "open")
    expect(undo).to_be_disabled()
    draft.page.locator("#redo").click()
    draft.expect_status("legal.sentences[0]", "accepted")
    draft.page.locator("#redo").click()
    draft.expect_status("risk.provisions[1].what_it_is", "accepted")


def test_a_claim_is_added_from_words_selected_in_the_policy(draft: DraftPage, desk: ServedDesk) -> None:
    page = draft.page
    words = "Unless you switch it off"
    select_words(draft, "training.1", words)
    page.get_by_role("button", name="Add claim from selection").click()
    form = page.locator("form.deed.add")
    form.locator("[data-where]").select_option("legal.sentences")
    expect(form.locator('[name="f.role"]')).to_be_visible()
    expect(form.locator('[name="f.evidence.0.quote"]')).to_have_value(words)
    form.locator('[name="f.role"]').select_option("notable_terms")
    form.get_by_label("Sentence").fill("Learning is on unless it is switched off.")
    form.get_by_label("Basis", exact=True).first.select_option("stated")
    form.locator("button.main").click()
    added = page.locator(".unit[data-path^='legal.sentences[+']")
    expect(added).to_contain_text("Learning is on unless it is switched off.")
    expect(added.locator(".evidence")).to_contain_text(words)
    assert desk.site.desk.open(draft.review).decisions[0].after["evidence"] == [
        {"passage_id": "training.1", "quote": words}
    ]


def test_selected_words_become_evidence_of_the_claim_in_focus(draft: DraftPage) -> None:
    path = "legal.sentences[3]"
    draft.sentence(path).click()
    select_words(draft, "sharing.3", "We do not sell your personal data for money.")
    draft.page.locator("#select-evidence").click()
    form = draft.form(path)
    expect(form.locator('[name$=".quote"]').locator("visible=true").nth(2)).to_have_value(
        "We do not sell your personal data for money."
    )
    draft.send(form)
    expect(draft.unit(path).locator(".evidence")).to_contain_text(
        "We do not sell your personal data for money."
    )


def test_a_claim_in_focus_shows_its_evidence_and_a_passage_its_claims(draft: DraftPage) -> None:
    page = draft.page
    draft.sentence("legal.sentences[4]").click()
    for passage in ("transfers.2", "your-rights.4"):
        expect(page.locator(f'[id="{passage}"].in-focus')).to_be_visible()
    expect(page.locator('[id="transfers.2"]')).to_be_in_viewport()

    page.locator('[id="training.1"] .rests').click()
    resting = page.locator('[id="training.1"] .resting button')
    assert resting.count() > 1
    resting.filter(has_text="Consumer 2").click()
    expect(draft.unit("consumer.sentences[1]")).to_be_focused()

    # A list that is open says what its badge counts, also when a claim goes.
    before = resting.count()
    draft.reject("consumer.sentences[1]", "It is told elsewhere.")
    expect(resting).to_have_count(before - 1)
    expect(page.locator('[id="training.1"] .rests')).to_have_text(str(before - 1))


def test_passages_that_no_claim_uses_can_be_seen_and_walked(draft: DraftPage) -> None:
    page = draft.page
    used = page.locator(".passage:has(.rests)").count()
    unused = page.locator(".passage").count() - used
    assert unused > 1
    expect(page.locator("#show-unused")).to_have_text(f"Unused passages ({unused})")
    page.locator("#show-unused").click()
    first = page.locator(".passage:not(:has(.rests))").first
    expect(first).to_be_focused()
    page.locator("#unused-after").click()
    expect(page.locator(".passage:not(:has(.rests))").nth(1)).to_be_focused()
    expect(page.locator(".passage.unused-now")).to_have_count(1)
    expect(page.locator("#unused-at")).to_have_text(f"2 of {unused}")
    # What nothing rests on any more is unused from then on.
    expect(page.locator('[id="who-we-are.1"] .rests')).to_have_text("1")
    draft.reject("legal.sentences[0]", "Another sentence says it.")
    expect(page.locator('[id="who-we-are.1"] .rests')).to_have_count(0)


def test_the_rest_is_accepted_but_nothing_that_has_a_finding(draft: DraftPage, desk: ServedDesk) -> None:
    draft.menu("Accept the rest").get_by_role("button").click()
    draft.expect_status("legal.sentences[0]", "accepted")
    draft.expect_status(WRONG_AT, "open")
    folded = desk.site.desk.open(draft.review).folded
    assert {u.path for u in folded.units.values() if u.status == "open"} == {
        f.path for f in folded.findings if f.path and f.finding.severity != "info"
    }


def select_words(draft: DraftPage, passage: str, words: str) -> None:
    """Select words of a passage as a mouse does, and wait until the page offers what can be done with them."""
    draft.page.evaluate(
        """([id, words]) => {
            const text = document.getElementById(id).querySelector("p").firstChild;
            const start = text.data.indexOf(words);
            document.getElementById(id).scrollIntoView({ block: "center" });
            getSelection().setBaseAndExtent(text, start, text, start + words.length);
        }""",
        [passage, words],
    )
    expect(draft.page.locator("#selection-bar")).to_be_visible()
