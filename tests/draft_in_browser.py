"""The draft's page as its editor uses it: what stands at a claim, and what is done there."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.desk_in_browser import Visitor


@dataclass(frozen=True)
class DraftPage:
    """The page of one review in one browser. Paths are those of units: ``legal.sentences[2]``."""

    visitor: Visitor
    review: str

    @property
    def page(self) -> Page:
        """The browser's page."""
        return self.visitor.page

    def open(self) -> "DraftPage":
        """Ask for it."""
        self.visitor.goto(f"/reviews/{self.review}")
        return self

    def unit(self, path: str) -> Locator:
        """A claim or an entry."""
        return self.page.locator(f'.unit[data-path="{path}"]')

    def sentence(self, path: str) -> Locator:
        """What it says."""
        return self.unit(path).locator(".sentence, .title").first

    def form(self, path: str) -> Locator:
        """The form that is open at it."""
        return self.unit(path).locator("form.deed")

    def accept(self, path: str) -> None:
        """Accept it by its button."""
        self.unit(path).locator("button.accept").click()
        self.expect_status(path, "accepted")

    def ask_for(self, deed: str, path: str) -> Locator:
        """Open its form to ``edit``, ``reject`` or ``comment``."""
        self.unit(path).locator(f"button.{deed}").click()
        expect(self.form(path)).to_be_visible()
        return self.form(path)

    def send(self, form: Locator) -> None:
        """Send a form, which closes it."""
        form.locator("button.main").click()
        expect(form).to_have_count(0)

    def edit(self, path: str, text: str, reason: str = "") -> None:
        """Write another sentence."""
        form = self.ask_for("edit", path)
        form.get_by_label("Sentence").fill(text)
        if reason:
            form.locator('[name="reason"]').fill(reason)
        self.send(form)
        expect(self.sentence(path)).to_have_text(text)

    def reject(self, path: str, reason: str) -> None:
        """Reject it."""
        form = self.ask_for("reject", path)
        form.locator('[name="reason"]').fill(reason)
        self.send(form)
        self.expect_status(path, "rejected")

    def comment(self, path: str, words: str) -> None:
        """Say something about it."""
        form = self.ask_for("comment", path)
        form.locator('[name="reason"]').fill(words)
        self.send(form)
        expect(self.unit(path).locator(".comments")).to_contain_text(words)

    def expect_status(self, path: str, status: str) -> None:
        """Wait until the desk has answered that it stands like this: ``accepted``, ``edited``, ``rejected`` or ``open``."""
        expect(self.unit(path)).to_have_class(re.compile(rf"^(?!.*\bsending\b).*\b{status}\b"))

    def menu(self, name: str) -> Locator:
        """Open a menu of the bar: ``Approve``, ``Accept the rest``, ``Reopen``."""
        menu = self.page.locator("#desk-bar details.menu", has=self.page.locator("summary", has_text=name))
        if not menu.evaluate("menu => menu.open"):
            menu.locator("summary").click()
        return menu
