"""The whole way from a draft in the queue to a published page, in a real browser, on SQLite and on PostgreSQL."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from schemas.edition import Edition
from tests.desk_in_browser import (
    RIGHT,
    WRONG,
    WRONG_AT,
    ServedDesk,
    Visitor,
    desk_on_each_store,
    store,
    visit,
)
from tests.draft_in_browser import DraftPage

__all__ = ["desk_on_each_store", "store", "visit"]

Visit = Callable[..., Visitor]


def test_a_draft_goes_from_the_queue_to_a_published_page(
    desk: ServedDesk, visit: Visit, tmp_path: Path
) -> None:
    review = desk.new_draft()
    title = desk.site.desk.open(review).row.title
    visitor = visit()
    page = visitor.goto("/")
    page.get_by_label("Search").fill(title.rpartition(",")[2])
    expect(page.locator("#queue tbody tr")).to_have_count(1)
    page.get_by_role("link", name=title).click()
    draft = DraftPage(visitor, review)

    # A finding stands against it: it is not approved just like this.
    menu = draft.menu("Approve")
    expect(menu).to_contain_text("1 finding stands against it")
    menu.get_by_role("button").click()
    expect(menu.get_by_label("Why it is approved all the same")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#desk-bar .state")).to_have_text("drafted")

    mended = draft.sentence(WRONG_AT).inner_text().replace(WRONG, RIGHT)
    draft.edit(WRONG_AT, mended, reason="As the policy says.")
    draft.accept("consumer.sentences[1]")
    draft.reject("risk.provisions[0].what_you_can_do[1]", "It is not offered on a free plan.")
    draft.comment("risk.provisions[1]", "Compare with the annex.")
    draft.menu("Accept the rest").get_by_role("button").click()
    draft.expect_status("legal.sentences[0]", "accepted")
    draft.menu("Approve").get_by_role("button").click()
    expect(page.locator("#desk-bar .state")).to_have_text("approved")
    expect(page.locator("#desk-bar")).to_contain_text("Approved by Ada")
    expect(page.locator("#main .acts")).to_have_count(0)

    page.get_by_role("link", name="Publication").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("region", name="Public edition")).to_contain_text("Published by Ada")
    files = {
        audience: _download(visitor, review, audience, tmp_path) for audience in ("public", "professional")
    }

    for audience, folder in files.items():
        edition = Edition.model_validate_json(next(folder.glob("*.json")).read_text("utf-8"))
        assert (edition.audience, edition.approval.by) == (audience, "Ada")
        published = visitor.context.new_page()
        published.goto(next(folder.glob("*.html")).as_uri())
        for told in (
            "Ada",
            mended,
            "Unless you switch it off, Wren learns from the pages you write on a free plan.",
        ):
            expect(published.locator("body")).to_contain_text(told)
        expect(published.locator("body")).not_to_contain_text(WRONG)
        expect(published.locator("body")).not_to_contain_text("Compare with the annex.")
    visitor.goto("/?state=published")
    expect(page.get_by_role("link", name=title)).to_be_visible()


def test_a_draft_is_approved_against_a_finding_with_a_reason_that_is_published(
    desk: ServedDesk, visit: Visit, tmp_path: Path
) -> None:
    visitor, review = visit(), desk.new_draft()
    draft = DraftPage(visitor, review).open()
    menu = draft.menu("Approve")
    menu.get_by_label("Why it is approved all the same").fill("The annex has the sixty days.")
    menu.get_by_role("button", name="Approve all the same").click()
    expect(draft.page.locator("#desk-bar .state")).to_have_text("approved")
    visitor.goto(f"/reviews/{review}/publication")
    expect(draft.page.locator("#main")).to_contain_text("The annex has the sixty days.")
    draft.page.get_by_role("button", name="Publish").click()
    folder = _download(visitor, review, "public", tmp_path)
    approval = json.loads(next(folder.glob("*.json")).read_text("utf-8"))["approval"]
    assert approval["override"] == "The annex has the sixty days."

    # And is taken back: the page says so, and the files are gone.
    region = draft.page.get_by_role("region", name="Public edition")
    region.locator("summary").click()
    region.get_by_label("Why it is withdrawn").fill("The annex was another one.")
    region.get_by_role("button", name="Withdraw").click()
    expect(draft.page.get_by_role("region", name="Public edition")).to_contain_text("Not published")
    draft.open()
    reopen = draft.menu("Reopen")
    reopen.get_by_label("Why it is reopened").fill("It must be mended.")
    reopen.get_by_role("button").click()
    expect(draft.page.locator("#desk-bar .state")).to_have_text("in review")
    expect(draft.unit(WRONG_AT).locator(".acts .edit")).to_be_visible()


def test_a_newer_draft_is_compared_with_the_approved_one_and_takes_over_its_decisions(
    desk: ServedDesk, visit: Visit
) -> None:
    visitor = visit()
    old = desk.new_draft(of_policy=1_000)
    draft = DraftPage(visitor, old).open()
    draft.accept("consumer.sentences[0]")
    draft.accept("consumer.sentences[1]")
    draft.edit(WRONG_AT, draft.sentence(WRONG_AT).inner_text().replace(WRONG, RIGHT))
    draft.menu("Approve").get_by_role("button").click()
    expect(draft.page.locator("#desk-bar .state")).to_have_text("approved")

    new = desk.new_draft(of_policy=1_000, change=_with_another_sentence)
    newer = DraftPage(visitor, new).open()
    visitor.page.get_by_role("link", name="Versions").click()
    changed = visitor.page.get_by_role("region", name="Claims that say something else")
    expect(changed.locator("ins").first).to_have_text("Only on")
    visitor.page.get_by_role("button", name=re.compile("Carry .* over")).click()
    expect(visitor.page).to_have_url(re.compile(f"/reviews/{new}"))
    newer.expect_status("consumer.sentences[0]", "accepted")
    expect(newer.unit("consumer.sentences[0]")).to_contain_text("carried over")
    newer.expect_status("consumer.sentences[1]", "open")
    newer.expect_status(WRONG_AT, "edited")
    expect(newer.sentence(WRONG_AT)).to_contain_text(RIGHT)


def _with_another_sentence(draft):
    first, second, *others = draft.consumer.sentences
    second = second.model_copy(update={"text": second.text.replace("On a free plan", "Only on a free plan")})
    consumer = draft.consumer.model_copy(update={"sentences": [first, second, *others]})
    return draft.model_copy(update={"consumer": consumer})


def _download(visitor: Visitor, review: str, audience: str, folder: Path) -> Path:
    """Every file of an edition by its link, into a folder of the edition's own: the first as a person does, for Chromium lets a script click
    for ten downloads of a page and no more.
    """
    region = visitor.page.get_by_role("region", name=f"{audience.capitalize()} edition")
    links = region.locator("ul.files a")
    expect(links.first).to_be_visible()
    expect(links.nth(5)).to_be_visible()
    with visitor.page.expect_download() as download:
        links.first.click()
    download.value.save_as(folder / audience / download.value.suggested_filename)
    for link in links.all()[1:]:
        response = visitor.context.request.get(visitor.address + str(link.get_attribute("href")))
        assert response.ok
        assert response.headers["content-disposition"].startswith("attachment")
        (folder / audience / str(link.get_attribute("title"))).write_bytes(response.body())
    return folder / audience
