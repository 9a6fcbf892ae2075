"""Every page of the desk, and what it publishes, in a real browser: axe finds nothing serious, light and dark, wide and on a tablet."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pipeline.publish.edition import make_edition
from pipeline.publish.html import write_html
from pipeline.publish.site import write_site
from pipeline.review.publishing import publish
from schemas.review import NewDecision
from tests.desk_in_browser import WRONG_AT, ServedDesk, Visitor, assert_fit, desk, draft_of, visit
from tests.draft_in_browser import DraftPage

__all__ = ["desk", "visit"]

Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def published(desk: ServedDesk) -> str:
    """A review with every kind of decision, approved against a finding, published for both audiences and withdrawn for one."""
    ours, out = desk.site.desk, desk.site.settings.out
    review = desk.new_draft(of_policy=1)
    units = ours.open(review).folded.units
    edited = units["legal.sentences[1]"].value
    news = [
        NewDecision(kind="accept", path="consumer.sentences[0]"),
        NewDecision(kind="edit", path="legal.sentences[1]", after=edited | {"text": "It rests on contract."}),
        NewDecision(kind="reject", path="risk.vendor_due_diligence[0]", reason="Not for this vendor."),
        NewDecision(kind="comment", path=WRONG_AT, reason="Look at the annex."),
        NewDecision(kind="add", path="legal.sentences", after=edited | {"text": "It has an annex."}),
    ]
    ours.decide(review, "Ada", news, dict.fromkeys(units, 0))
    ours.decide(review, "Ada", [NewDecision(kind="accept", path="consumer.sentences[1]")], {})
    ours.undo(review, "Ada")
    ours.approve(review, "Edda", "The annex has the sixty days.")
    for audience in ("public", "professional"):
        publish(ours, review, "Ada", audience, out, formats=("json",))
    ours.withdraw(review, "Ada", "The annex was another one.", "professional")
    ours.store.note_presence(review, "Ada", desk.site.clock())
    return review


def test_pages_that_stand_beside_the_draft_are_fit_for_everybody(
    desk: ServedDesk, visit: Visit, published: str
) -> None:
    visitor = visit()
    newer = desk.new_draft(of_policy=1)
    for path in (
        "/",
        "/?text=nothing+is+like+this",
        "/stats",
        "/audit",
        "/users",
        f"/reviews/{published}/history",
        f"/reviews/{published}/publication",
        f"/reviews/{newer}/compare",
        f"/reviews/{newer}/history",
    ):
        page = visitor.goto(path)
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        assert_fit(page)


def test_a_drafts_page_is_fit_for_everybody_whatever_is_open_on_it(
    desk: ServedDesk, visit: Visit, published: str
) -> None:
    visitor = visit()
    visitor.excuse("status of 409")
    assert_fit(visitor.goto(f"/reviews/{published}"))
    draft = DraftPage(visitor, desk.new_draft()).open()
    page = draft.page
    draft.reject("consumer.sentences[0]", "It is said below.")
    page.locator("#show-unused").click()
    page.locator('[id="training.1"] .rests').click()
    menu = draft.menu("Approve")
    assert_fit(page)
    menu.locator("summary").click()

    # A form of each kind, and one in which somebody else was faster.
    draft.ask_for("reject", "legal.sentences[0]")
    draft.ask_for("edit", "risk.regulatory_exposure[0]")
    form = draft.ask_for("edit", WRONG_AT)
    form.get_by_label("Sentence").fill("It keeps deleted pages for 45 days.")
    value = desk.site.desk.open(draft.review).folded.units[WRONG_AT].value
    news = [NewDecision(kind="edit", path=WRONG_AT, after=value | {"text": "Fritz wrote this."})]
    desk.site.desk.decide(draft.review, "Fritz", news, {})
    form.locator("button.main").click()
    expect(draft.form(WRONG_AT).locator(".conflict")).to_contain_text("Fritz edited it")
    assert_fit(page)
    page.locator("#show-keys").click()
    expect(page.locator("#keys")).to_be_visible()
    assert_fit(page)


def test_what_is_published_is_fit_for_everybody(
    desk: ServedDesk, visit: Visit, published: str, tmp_path: Path
) -> None:
    reviewed = desk.site.desk.open(published)
    approval = desk.site.desk.approval(reviewed)
    editions = [
        (audience, make_edition(reviewed.folded.draft, approval, audience))
        for audience in ("public", "professional")
    ]
    write_site(editions, tmp_path, ("html",))
    (tmp_path / "draft.html").write_text(write_html(draft_of(1)), "utf-8")
    page = visit().page
    for name in ("index.html", "public/index.html", "professional/index.html", "draft.html"):
        page.goto((tmp_path / name).as_uri())
        assert_fit(page)


def test_the_doors_pages_are_fit_for_everybody(desk: ServedDesk, visit: Visit) -> None:
    visitor = visit(desk.login_address)
    visitor.excuse("status of 40[14]")
    page = visitor.goto("/")
    expect(page).to_have_title("Sign in · Clausewise")
    page.get_by_label("Name").fill("nobody")
    page.get_by_label("Password").fill("not a password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").filter(has_text="wrong")).to_be_visible()
    assert_fit(page)
    reader = desk.add_user("Rhea", "reader")
    assert_fit(visitor.sign_in(reader))
    assert_fit(visitor.goto("/there-is-no-such-page"))
