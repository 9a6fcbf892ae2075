"""Forms of the draft's page in a real browser: the registry's list below a field, and words that stand across the cells of a table."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.desk_in_browser import WRONG_AT, ServedDesk, Visitor, assert_fit, desk, visit
from tests.draft_in_browser import DraftPage

__all__ = ["desk", "visit"]

Visit = Callable[..., Visitor]
ROWS_AT = "legal.sentences[1]"  # its quotes stand in rows, each across two cells


@pytest.fixture
def draft(desk: ServedDesk, visit: Visit) -> DraftPage:
    """The page of a new draft."""
    return DraftPage(visit(), desk.new_draft()).open()


def test_a_statute_is_searched_and_chosen_by_keys_and_escape_closes_no_form(draft: DraftPage) -> None:
    form = draft.ask_for("edit", WRONG_AT)
    field = form.locator('[name^="f.statutes."][name$=".ref"]').last
    found = draft.page.locator("#registry-found")
    field.press_sequentially("California sensitive")
    expect(found.get_by_role("option")).to_have_count(1)
    expect(found).to_contain_text("California Consumer Privacy Act")
    field.press("Escape")
    expect(found).to_be_hidden()
    expect(form).to_be_visible()
    field.press("Space")
    expect(found).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("CCPA:1798.121")
    expect(form).to_be_visible()
    expect(form.locator(".registry-name").last).to_contain_text("Right to limit use")
    draft.send(form)
    expect(draft.unit(WRONG_AT).locator(".chips")).to_contain_text("1798.121")


def test_what_the_registry_does_not_have_is_said_below_the_field(draft: DraftPage) -> None:
    form = draft.ask_for("edit", "risk.enforcement_precedents[0]")
    form.locator('[name="f.decision_id"]').fill("C-252/21")
    expect(form.locator(".registry-name")).to_contain_text("Nothing in the registry for “C-252/21”")
    expect(draft.page.locator("#registry-found")).to_be_hidden()


def test_a_quote_across_the_cells_of_a_row_is_marked_to_the_character(draft: DraftPage) -> None:
    draft.sentence(ROWS_AT).click()
    expect(draft.page.locator('[id="what-we-collect.3"].in-focus')).to_be_visible()
    marked = draft.page.evaluate("[...CSS.highlights.get('evidence')].map(String)")
    assert "Purpose: to improve Wren | Basis: legitimate interest" in marked


def test_words_selected_across_the_cells_of_a_row_are_taken_as_the_policy_has_them(draft: DraftPage) -> None:
    form = draft.ask_for("edit", WRONG_AT)
    draft.page.evaluate("""() => {
        const cells = document.getElementById("what-we-collect.3").querySelectorAll(".cell");
        const range = new Range();
        range.setStart(cells[1].lastChild, 0);
        range.setEnd(cells[2].lastChild, "legitimate".length);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
    }""")
    form.get_by_role("button", name="Take the words selected").click()
    expect(form.locator('[name$=".quote"]').last).to_have_value("to improve Wren | Basis: legitimate")
    expect(form.locator('[name$=".passage_id"]').last).to_have_value("what-we-collect.3")


def test_a_finding_is_set_aside_from_the_list_of_all_findings(draft: DraftPage) -> None:
    draft.page.locator("#findings .finding.error").get_by_role("button", name="Set aside").click()
    form = draft.form(WRONG_AT)
    expect(form).to_be_in_viewport()
    form.locator('[name="reason"]').fill("An annex of the policy says it.")
    draft.send(form)
    expect(draft.unit(WRONG_AT).locator(".finding.aside")).to_contain_text("An annex of the policy says it.")


def test_axe_finds_nothing_serious_in_the_forms_and_the_list_below_a_field(draft: DraftPage) -> None:
    draft.page.locator('button[value="add risk.provisions"]').click()
    form = draft.page.locator("form.deed.add")
    for entry in form.locator("details.many").all():
        entry.evaluate("details => { details.open = true }")
    form.locator('[name="f.what_it_is.statutes.0.ref"]').fill("erasure")
    expect(draft.page.locator("#registry-found")).to_be_visible()
    assert_fit(draft.page)
