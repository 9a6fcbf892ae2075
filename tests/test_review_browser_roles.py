"""Who may do what in the browser, and a browser without scripts, which can do all that one with them can."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.desk_in_browser import RIGHT, WRONG, WRONG_AT, ServedDesk, Visitor, desk, visit
from tests.draft_in_browser import DraftPage

__all__ = ["desk", "visit"]

Visit = Callable[..., Visitor]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_reader_sees_the_draft_and_nothing_to_decide_with(
    desk: ServedDesk, visit: Visit, scripts: bool
) -> None:
    review = desk.new_draft()
    visitor = visit(desk.login_address, java_script_enabled=scripts)
    page = visitor.sign_in(desk.add_user("Rhea", "reader"), then=f"/reviews/{review}")
    expect(page.locator(".unit").first).to_be_visible()
    for label in ("Accept", "Edit", "Reject", "Comment", "Add", "Set aside", "Undo", "Redo", "Approve"):
        expect(page.locator("#main").get_by_role("button", name=label)).to_have_count(0)
    assert page.locator("#main form[method=post]").count() == 0


def test_an_editor_decides_and_does_not_publish(desk: ServedDesk, visit: Visit) -> None:
    review = desk.new_draft()
    visitor = visit(desk.login_address)
    visitor.sign_in(desk.add_user("Edda", "editor"))
    draft = DraftPage(visitor, review).open()
    draft.accept("legal.sentences[0]")
    visitor.goto(f"/reviews/{review}/publication")
    expect(visitor.page.get_by_role("button", name="Publish")).to_have_count(0)


def test_a_draft_is_reviewed_and_approved_without_a_script(desk: ServedDesk, visit: Visit) -> None:
    review = desk.new_draft()
    draft = DraftPage(visit(java_script_enabled=False), review).open()
    page = draft.page
    draft.accept("consumer.sentences[0]")
    draft.reject("risk.provisions[0].what_you_can_do[1]", "The policy offers this to nobody on a free plan.")
    draft.comment("legal.sentences[1]", "Look at the table again.")
    form = draft.ask_for("edit", WRONG_AT)
    text = form.get_by_label("Sentence").input_value().replace(WRONG, RIGHT)
    form.get_by_label("Sentence").fill(text)
    draft.send(form)
    draft.expect_status(WRONG_AT, "edited")
    expect(draft.unit(WRONG_AT).locator("ins")).to_contain_text("45")

    page.get_by_role("button", name="Undo").click()
    draft.expect_status(WRONG_AT, "open")
    page.get_by_role("button", name="Redo").click()
    draft.expect_status(WRONG_AT, "edited")

    draft.menu("Accept the rest").get_by_role("button").click()
    expect(page.locator("#desk-bar")).to_contain_text(
        f"{_units(desk, review)} of {_units(desk, review)} decided"
    )
    draft.menu("Approve").get_by_role("button", name="Approve").click()
    expect(page.locator("#desk-bar .state")).to_have_text("approved")
    assert desk.site.desk.open(review).row.approved_by == "Ada"


def _units(desk: ServedDesk, review: str) -> int:
    return len(desk.site.desk.open(review).folded.units)
