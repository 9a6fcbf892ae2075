"""The desk without a mouse: the whole review by keys, with the focus seen and where it should be, and no shortcut where somebody writes."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.desk_in_browser import RIGHT, WRONG, WRONG_AT, ServedDesk, Visitor, desk, visit
from tests.draft_in_browser import DraftPage

__all__ = ["desk", "visit"]

Visit = Callable[..., Visitor]
_FOCUSED = """() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const inView = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const seen = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  return { name: `${at.tagName.toLowerCase()}#${at.id}.${at.className} ${(at.textContent || "").trim().slice(0, 40)}`, seen, inView,
           top: at === document.body };
}"""


def test_every_stop_of_the_tab_key_is_seen_and_in_view(desk: ServedDesk, visit: Visit) -> None:
    visitor = visit()
    for path, stops in (("/", 25), (f"/reviews/{desk.new_draft()}", 70)):
        page = visitor.goto(path)
        names = []
        for _ in range(stops):
            page.keyboard.press("Tab")
            at = page.evaluate(_FOCUSED)
            if at["top"]:
                break
            assert at["seen"], f"the focus on {at['name']} of {path} is not seen"
            assert at["inView"], f"{at['name']} of {path} has the focus out of view"
            names.append(at["name"])
        assert len(names) > 15, "the focus does not go on"


def test_the_first_stop_leads_past_the_bar(desk: ServedDesk, visit: Visit) -> None:
    page = visit().goto(f"/reviews/{desk.new_draft()}")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#draft")).to_be_focused()


def test_a_draft_is_reviewed_and_approved_with_no_mouse(desk: ServedDesk, visit: Visit) -> None:
    review = desk.new_draft()
    visitor = visit()
    page = visitor.goto("/")
    page.keyboard.press("/")
    page.keyboard.type(desk.site.desk.open(review).row.title.rpartition(",")[2])
    expect(page.locator("#queue tbody tr")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("#queue [data-row]")).to_be_focused()
    page.keyboard.press("Enter")
    draft = DraftPage(visitor, review)

    # Down to the first claim, accept; the focus stays at the claim.
    expect(page.locator("#show-keys")).to_be_visible()
    page.keyboard.press("j")
    expect(draft.unit("consumer.sentences[0]")).to_be_focused()
    page.keyboard.press("a")
    draft.expect_status("consumer.sentences[0]", "accepted")
    expect(draft.unit("consumer.sentences[0]")).to_be_focused()
    page.keyboard.press("j")
    expect(draft.unit("consumer.sentences[1]")).to_be_focused()
    page.keyboard.press("k")
    expect(draft.unit("consumer.sentences[0]")).to_be_focused()

    # To the claim with a finding; edit, with the focus in the field, and back at the claim when it is saved.
    while not draft.unit(WRONG_AT).evaluate("unit => unit === document.activeElement"):
        page.keyboard.press("n")
    page.keyboard.press("e")
    field = draft.form(WRONG_AT).get_by_label("Sentence")
    expect(field).to_be_focused()
    text = field.input_value()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(text.replace(WRONG, RIGHT))
    _tab_to(page, "Save")
    page.keyboard.press("Enter")
    draft.expect_status(WRONG_AT, "edited")
    expect(draft.unit(WRONG_AT)).to_be_focused()

    # Reject with a reason, comment, undo, redo.
    page.keyboard.press("j")
    expect(draft.unit("legal.sentences[3]")).to_be_focused()
    page.keyboard.press("c")
    expect(draft.form("legal.sentences[3]").locator('[name="reason"]')).to_be_focused()
    page.keyboard.type("Are ratings meant?")
    _tab_to(page, "")
    page.keyboard.press("Enter")
    expect(draft.unit("legal.sentences[3]").locator(".comments")).to_contain_text("Are ratings meant?")
    expect(draft.unit("legal.sentences[3]")).to_be_focused()
    page.keyboard.press("r")
    expect(draft.form("legal.sentences[3]").locator('[name="reason"]')).to_be_focused()
    page.keyboard.type("Nobody needs it.")
    _tab_to(page, "")
    page.keyboard.press("Enter")
    draft.expect_status("legal.sentences[3]", "rejected")
    page.keyboard.press("u")
    draft.expect_status("legal.sentences[3]", "open")
    page.keyboard.press("U")
    draft.expect_status("legal.sentences[3]", "rejected")
    page.keyboard.press("u")
    draft.expect_status("legal.sentences[3]", "open")

    # Accept the rest and approve by the bar's menus.
    for menu in ("Accept the rest", "Approve"):
        summary = page.locator("#desk-bar summary", has_text=menu)
        summary.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        if menu == "Accept the rest":
            draft.expect_status("legal.sentences[5]", "accepted")
    expect(page.locator("#desk-bar .state")).to_have_text("approved")


def test_shortcuts_do_not_fire_where_somebody_writes(desk: ServedDesk, visit: Visit) -> None:
    draft = DraftPage(visit(), desk.new_draft()).open()
    page = draft.page
    page.keyboard.press("j")
    page.keyboard.press("e")
    field = draft.form("consumer.sentences[0]").get_by_label("Sentence")
    expect(field).to_be_focused()
    field.fill("")
    page.keyboard.type("jkarecuAUnp/?g d")
    expect(field).to_have_value("jkarecuAUnp/?g d")
    expect(page.locator("#keys")).not_to_be_visible()
    expect(page.locator("form.deed")).to_have_count(1)
    draft.form("consumer.sentences[0]").get_by_label("Basis", exact=True).first.focus()
    page.keyboard.press("a")
    assert desk.site.desk.open(draft.review).decisions == ()


def test_shortcuts_can_be_switched_off_and_stay_so(desk: ServedDesk, visit: Visit) -> None:
    draft = DraftPage(visit(), desk.new_draft()).open()
    page = draft.page
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.get_by_label("Single keys are shortcuts").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).not_to_be_visible()
    for _ in range(2):
        draft.sentence("consumer.sentences[0]").click()
        for key in ("a", "e", "j"):
            page.keyboard.press(key)
        expect(draft.unit("consumer.sentences[0]")).to_be_focused()
        expect(page.locator("form.deed")).to_have_count(0)
        draft.expect_status("consumer.sentences[0]", "open")
        page.reload()
    page.keyboard.press("?")
    page.get_by_label("Single keys are shortcuts").check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("a")
    draft.expect_status("consumer.sentences[0]", "accepted")


def test_keys_with_a_modifier_are_the_browsers(desk: ServedDesk, visit: Visit) -> None:
    draft = DraftPage(visit(), desk.new_draft()).open()
    draft.page.keyboard.press("j")
    for key in ("Control+a", "Alt+e", "Meta+r"):
        # A key on a claim out of view only brings it into view.
        draft.unit("consumer.sentences[0]").scroll_into_view_if_needed()
        draft.page.keyboard.press(key)
        draft.page.keyboard.press("c")
        # Were the first key a shortcut, its form or its decision would come before that of the second.
        expect(draft.form("consumer.sentences[0]")).to_have_count(1)
        expect(draft.form("consumer.sentences[0]")).to_have_class("deed comment")
        expect(draft.form("consumer.sentences[0]").locator('[name="reason"]')).to_be_focused()
        draft.page.keyboard.press("Escape")
        expect(draft.page.locator("form.deed")).to_have_count(0)
    assert desk.site.desk.open(draft.review).decisions == ()


def test_escape_closes_what_is_open_and_leaves_the_focus_at_the_claim(desk: ServedDesk, visit: Visit) -> None:
    draft = DraftPage(visit(), desk.new_draft()).open()
    page = draft.page
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(draft.form("consumer.sentences[0]").locator('[name="reason"]')).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("form.deed")).to_have_count(0)
    expect(draft.unit("consumer.sentences[0]")).to_be_focused()
    # What was written is not thrown away by it.
    page.keyboard.press("r")
    expect(draft.form("consumer.sentences[0]").locator('[name="reason"]')).to_be_focused()
    page.keyboard.type("It is wrong.")
    page.keyboard.press("Escape")
    expect(draft.form("consumer.sentences[0]").locator('[name="reason"]')).to_have_value("It is wrong.")


def _tab_to(page: Page, button: str) -> None:
    """Press Tab until the form's main button has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('form.deed button.main')"):
            expect(page.locator(":focus")).to_contain_text(button)
            return
    raise AssertionError("no Tab leads to the form's button")
