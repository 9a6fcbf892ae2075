"""Two editors in one draft, each in a browser of their own: a conflict is shown and nothing that either wrote is lost. On both stores."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.desk_in_browser import WRONG_AT, ServedDesk, Visitor, desk_on_each_store, store, visit
from tests.draft_in_browser import DraftPage

__all__ = ["desk_on_each_store", "store", "visit"]

HERS = "It grants access and deletion, and keeps deleted pages for 45 days."
HIS = "It promises an answer within one month, and keeps deleted pages for 45 days."


@pytest.fixture
def two(desk: ServedDesk, visit: Callable[..., Visitor]) -> tuple[DraftPage, DraftPage]:
    """A draft on the screens of Edda and of Fritz, who has seen what Edda has."""
    review = desk.new_draft()
    pages = []
    for name in ("Edda", "Fritz"):
        visitor = visit(desk.login_address, storage_state=desk.session_of(name, "editor"))
        # A browser notes by itself when a form was answered with the other's version.
        visitor.excuse("status of 409")
        pages.append(DraftPage(visitor, review).open())
    return pages[0], pages[1]


def test_the_second_to_edit_a_claim_sees_both_versions_and_loses_nothing(
    desk: ServedDesk, two: tuple[DraftPage, DraftPage]
) -> None:
    hers, his = two
    form = hers.ask_for("edit", WRONG_AT)
    form.get_by_label("Sentence").fill(HERS)
    his.edit(WRONG_AT, HIS, reason="Shorter.")

    form.locator("button.main").click()
    conflict = hers.form(WRONG_AT).locator(".conflict")
    expect(conflict).to_contain_text("Fritz edited it")
    expect(conflict).to_contain_text("Shorter.")
    expect(conflict).to_contain_text(HIS)
    # Hers is in the form as she wrote it, his stands in the draft, also after a reload.
    expect(hers.form(WRONG_AT).get_by_label("Sentence")).to_have_value(HERS)
    expect(hers.sentence(WRONG_AT)).to_have_text(HIS)
    hers.open()
    expect(hers.sentence(WRONG_AT)).to_have_text(HIS)
    expect(hers.form(WRONG_AT).get_by_label("Sentence")).to_have_value(HERS)

    hers.send(hers.form(WRONG_AT))
    expect(hers.sentence(WRONG_AT)).to_have_text(HERS)
    kept = [(d.by, d.after["text"]) for d in desk.site.desk.open(hers.review).decisions]
    assert kept == [("Fritz", HIS), ("Edda", HERS)]


def test_who_takes_the_others_version_leaves_it_as_it_is(
    desk: ServedDesk, two: tuple[DraftPage, DraftPage]
) -> None:
    hers, his = two
    form = hers.ask_for("edit", WRONG_AT)
    form.get_by_label("Sentence").fill(HERS)
    his.edit(WRONG_AT, HIS)
    form.locator("button.main").click()
    hers.form(WRONG_AT).get_by_text("Take theirs").click()
    expect(hers.form(WRONG_AT)).to_have_count(0)
    expect(hers.sentence(WRONG_AT)).to_have_text(HIS)
    hers.open()
    expect(hers.form(WRONG_AT)).to_have_count(0)
    assert [d.by for d in desk.site.desk.open(hers.review).decisions] == ["Fritz"]


def test_different_claims_are_no_conflict_and_each_sees_the_other(two: tuple[DraftPage, DraftPage]) -> None:
    hers, his = two
    his.edit("legal.sentences[0]", "Fritz wrote this.")
    hers.edit("legal.sentences[1]", "Edda wrote this.")
    # Her answer brought his change with it; his page learns of hers with his next decision.
    expect(hers.sentence("legal.sentences[0]")).to_have_text("Fritz wrote this.")
    his.accept("legal.sentences[4]")
    expect(his.sentence("legal.sentences[1]")).to_have_text("Edda wrote this.")


def test_accepting_what_somebody_rejected_meanwhile_is_asked_again(
    desk: ServedDesk, two: tuple[DraftPage, DraftPage]
) -> None:
    hers, his = two
    path = "risk.vendor_due_diligence[0]"
    his.reject(path, "Not for this vendor.")
    hers.unit(path).locator("button.accept").click()
    hers.expect_status(path, "rejected")
    expect(hers.page.locator("#told")).to_contain_text("decide again")
    # It stays to be read while other acts go on.
    expect(hers.page.locator("#problem")).to_contain_text("decide again")
    assert [d.kind for d in desk.site.desk.open(hers.review).decisions] == ["reject"]


def test_a_draft_that_changed_since_is_not_approved_unseen(
    desk: ServedDesk, two: tuple[DraftPage, DraftPage]
) -> None:
    hers, his = two
    menu = hers.menu("Approve")
    his.comment("legal.sentences[0]", "Wait for the annex.")
    menu.locator("textarea").fill("It is right.")
    menu.get_by_role("button").click()
    expect(hers.page.locator("body")).to_contain_text("Fritz has decided about this draft since you read it")
    assert desk.site.desk.open(hers.review).row.state == "in_review"
