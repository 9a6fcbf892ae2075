"""What keys and buttons do is about what their reader sees: shown at once, done in order, and nobody is led away from where they are."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Route, expect

from tests.desk_in_browser import WRONG_AT, ServedDesk, Visitor, desk, visit
from tests.draft_in_browser import DraftPage
from tests.test_review_browser_decisions import select_words

__all__ = ["desk", "visit"]

Visit = Callable[..., Visitor]
_ON_ITS_WAY = re.compile(r"\baccepted\b.*\bsending\b")
_BOX = "e => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; }"


def test_a_key_decides_nothing_about_a_claim_that_is_out_of_view(desk: ServedDesk, visit: Visit) -> None:
    draft = DraftPage(visit(), desk.new_draft()).open()
    page = draft.page
    first = draft.unit("consumer.sentences[0]")
    page.keyboard.press("j")
    expect(first).to_be_focused()
    for key in "aArec":
        page.evaluate("document.getElementById('draft').scrollTop = 1e6")
        expect(first).not_to_be_in_viewport()
        page.keyboard.press(key)
        expect(first).to_be_in_viewport()
        expect(page.locator("#told")).to_contain_text("Consumer 1 was out of view; press again")
    expect(page.locator("form.deed")).to_have_count(0)
    assert desk.site.desk.open(draft.review).decisions == ()
    page.keyboard.press("a")
    draft.expect_status("consumer.sentences[0]", "accepted")

    # Keys go on from where the reader has gone: by a link to a part, or by scrolling.
    page.locator(".contents a[href='#list-risk-provisions']").click()
    page.keyboard.press("n")
    expect(draft.unit("risk.provisions[0]")).to_be_focused()
    seen = draft.unit("consumer.sentences[1]")
    seen.evaluate("unit => unit.scrollIntoView({ block: 'start' })")
    page.keyboard.press("j")
    expect(seen).to_be_focused()
    for keys in ("gd", "gf"):
        for key in keys:
            page.keyboard.press(key)
    page.keyboard.press("n")
    expect(seen).to_be_focused()


def test_quick_keys_are_done_in_order_each_about_the_claim_it_was_pressed_at(
    desk: ServedDesk, visit: Visit
) -> None:
    draft = DraftPage(visit(), desk.new_draft()).open()
    page = draft.page
    page.keyboard.press("?")
    page.locator("#keys-go-on").check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    with answers_held(draft) as held:
        for key in "aaaaA":
            page.keyboard.press(key)
        # All of it is shown, and the reader is further on, before the first is answered.
        for path in (
            "consumer.sentences[0]",
            "consumer.sentences[2]",
            "legal.sentences[0]",
            "legal.sentences[1]",
        ):
            expect(draft.unit(path)).to_have_class(_ON_ITS_WAY)
        expect(draft.unit(WRONG_AT)).to_be_focused()
        expect(draft.unit(WRONG_AT)).to_be_in_viewport()
        for key in "ju":
            page.keyboard.press(key)
        held[0].continue_()
    told = page.locator("#told")
    expect(told).to_have_text("Taken back: the acceptance of Legal 2.")
    # Who went on meanwhile stays where they are.
    expect(draft.unit("legal.sentences[3]")).not_to_be_focused()
    page.keyboard.press("U")
    expect(told).to_have_text("Brought back: the acceptance of Legal 2.")
    expect(page.locator("#redo")).to_be_disabled()
    # From within a card A goes on behind it.
    draft.sentence("risk.provisions[0].what_it_is").click()
    page.keyboard.press("A")
    expect(draft.unit("risk.provisions[1]")).to_be_focused()
    draft.expect_status("risk.provisions[0].why_it_matters", "accepted")
    decided = [(d.kind, d.path) for d in desk.site.desk.open(draft.review).decisions]
    assert decided[:5] == [
        ("accept", path)
        for path in (
            *(f"consumer.sentences[{n}]" for n in range(3)),
            *(f"legal.sentences[{n}]" for n in range(2)),
        )
    ]
    assert [kind for kind, _ in decided[5:7]] == ["undo", "undo"]


def test_what_was_shown_at_once_and_refused_is_taken_back(desk: ServedDesk, visit: Visit) -> None:
    visitor = visit()
    visitor.excuse("ERR_INTERNET_DISCONNECTED|Failed to fetch|status of 409")
    draft = DraftPage(visitor, desk.new_draft()).open()
    page = draft.page
    with answers_held(draft) as held:
        draft.unit("legal.sentences[0]").locator("button.accept").click()
        menu = draft.menu("Approve")
        menu.get_by_role("textbox").fill("An annex says it.")
        menu.get_by_role("button").click()
        expect(page.locator("#told")).to_contain_text("still on its way")
        held[0].continue_()
    draft.expect_status("legal.sentences[0]", "accepted")
    # The menu that was open over the answer is open still, with its words.
    expect(menu.get_by_role("textbox")).to_have_value("An annex says it.")

    visitor.context.set_offline(True)
    for n in range(3):
        draft.unit(f"consumer.sentences[{n}]").locator("button.accept").click()
    problem = page.locator("#problem")
    expect(problem).to_contain_text("The last 3 things that you did")
    for n in range(3):
        draft.expect_status(f"consumer.sentences[{n}]", "open")
    visitor.context.set_offline(False)
    problem.get_by_role("button", name="Send again").click()
    draft.expect_status("consumer.sentences[2]", "accepted")
    assert [d.path for d in desk.site.desk.open(draft.review).decisions] == [
        "legal.sentences[0]",
        *(f"consumer.sentences[{n}]" for n in range(3)),
    ]


def test_a_form_is_saved_by_keys_counted_and_found_again(desk: ServedDesk, visit: Visit) -> None:
    draft = DraftPage(visit(), desk.new_draft()).open()
    page = draft.page
    path = "consumer.sentences[1]"
    form = draft.ask_for("edit", path)
    field = form.get_by_label("Sentence")
    field.fill("Words — of ___ all kinds: 3.5, it’s, e-mail " + " ".join(["word"] * 38))
    counter = form.locator(".words-count")
    expect(counter).to_have_text("45 / 45 words")
    field.press("End")
    field.press_sequentially(" Two.")
    expect(counter).to_have_text("46 / 45 words")
    expect(field).to_have_attribute("aria-invalid", "true")
    draft.ask_for("comment", "legal.sentences[4]").locator('[name="reason"]').fill("Which?")
    marker = page.locator("#unsaved")
    expect(marker).to_have_text("2 unsaved forms")
    marker.click()
    expect(field).to_be_focused()
    expect(form.locator(".deed-title")).to_be_in_viewport()
    page.keyboard.press("Control+Enter")
    expect(form).to_have_count(0)
    # The checks count the same words, and what they find is told at once.
    expect(draft.unit(path).locator(".finding.error", has_text="46 words")).to_be_visible()
    expect(page.locator("#told")).to_contain_text("New at Consumer 2")
    expect(marker).to_have_text("1 unsaved form")

    page.reload()
    expect(draft.form("legal.sentences[4]").locator('[name="reason"]')).to_be_focused()
    expect(draft.form("legal.sentences[4]").locator(".deed-title")).to_be_in_viewport()
    expect(page.locator("#told")).to_contain_text("Legal 5")
    page.keyboard.press("Meta+Enter")
    expect(draft.unit("legal.sentences[4]")).to_be_focused()
    expect(marker).to_have_count(0)

    # Another page and back: the draft stands where it stood.
    legal = draft.unit("legal.sentences[2]")
    legal.evaluate("unit => unit.scrollIntoView({ block: 'start' })")
    top = legal.evaluate(_BOX)[1]
    page.get_by_role("link", name="Versions").click()
    page.wait_for_url("**/compare")
    draft.open()
    expect(legal).to_be_in_viewport()
    assert abs(legal.evaluate(_BOX)[1] - top) < 3

    # Nor does it jump when a finding is set aside.
    legal.get_by_role("button", name="Set aside").click()
    draft.form("legal.sentences[2]").locator('[name="reason"]').fill("An annex says it.")
    top = legal.evaluate(_BOX)[1]
    page.keyboard.press("Control+Enter")
    expect(legal.locator(".finding.aside")).to_be_visible()
    expect(legal).to_be_focused()
    assert abs(legal.evaluate(_BOX)[1] - top) < 3


def test_selected_words_go_to_the_form_that_is_open_by_a_bar_beside_them(
    desk: ServedDesk, visit: Visit
) -> None:
    draft = DraftPage(visit(), desk.new_draft()).open()
    page = draft.page
    form = draft.ask_for("edit", "legal.sentences[3]")
    form.get_by_label("Sentence").focus()
    page.locator("#draft").evaluate("pane => { pane.scrollTop = 0; }")
    draft.sentence("consumer.sentences[0]").click()
    words = "We do not sell your personal data for money."
    select_words(draft, "sharing.3", words)
    expect(page.locator("#select-evidence")).to_have_text("Add as evidence to Legal 4")
    bar = page.locator("#selection-bar").evaluate(_BOX)
    passage = page.locator('[id="sharing.3"]').evaluate(_BOX)
    assert abs(bar[1] - passage[3]) < 40 or abs(bar[3] - passage[1]) < 40
    page.locator("#select-evidence").click()
    assert words in form.locator('[name$=".quote"]').evaluate_all("all => all.map(f => f.value)")
    # What is told has a place of its own.
    panes, told = page.locator(".panes").evaluate(_BOX), page.locator("#told").evaluate(_BOX)
    assert told[1] >= panes[3] - 1
    assert told[3] <= page.viewport_size["height"] + 1


@contextmanager
def answers_held(draft: DraftPage) -> Iterator[list[Route]]:
    """Hold the next request to decide: it is in the list, and goes on when it is told to."""
    held: list[Route] = []
    draft.page.route("**/decide", lambda route: held.append(route), times=1)
    yield held
