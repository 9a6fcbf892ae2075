"""Every page of the desk in a real browser: axe finds nothing serious, light and dark, wide and on a tablet, and nothing goes wrong on it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.desk_in_browser import TABLET, WIDE, ServedDesk, Visitor, assert_fit, desk, visit

__all__ = ["desk", "visit"]

Visit = Callable[..., Visitor]
LOOKS = [
    pytest.param({"viewport": size, "color_scheme": scheme}, id=f"{size['width']} px, {scheme}")
    for size in (WIDE, TABLET)
    for scheme in ("light", "dark")
]


@pytest.mark.parametrize("look", LOOKS)
def test_pages_that_stand_beside_the_draft_are_fit_for_everybody(
    desk: ServedDesk, visit: Visit, look: dict
) -> None:
    visitor = visit(**look)
    for path in ("/", "/?text=nothing+is+like+this", "/audit", "/users", f"/reviews/{desk.site.id}"):
        assert_fit(visitor.goto(path))


@pytest.mark.parametrize("look", LOOKS)
def test_the_doors_pages_are_fit_for_everybody(desk: ServedDesk, visit: Visit, look: dict) -> None:
    visitor = visit(desk.login_address, **look)
    visitor.excuse("status of 40[14]")
    page = visitor.goto("/")
    expect(page).to_have_title("Sign in · Clausewise")
    assert_fit(page)
    page.get_by_label("Name").fill("nobody")
    page.get_by_label("Password").fill("not a password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").filter(has_text="wrong")).to_be_visible()
    assert_fit(page)
    reader = desk.add_user("Rhea", "reader")
    assert_fit(visitor.sign_in(reader))
    assert_fit(visitor.goto("/there-is-no-such-page"))
