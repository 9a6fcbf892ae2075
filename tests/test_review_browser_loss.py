"""Nothing is lost: not by a reload in the midst of writing, not when the connection drops, not when the server dies. Real browser, real server."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from pipeline.review.desk import Desk
from pipeline.store.reviews import ReviewStore
from tests.desk_in_browser import WIDE, WRONG_AT, ServedDesk, Visitor, desk, draft_of, visit
from tests.draft_in_browser import DraftPage

__all__ = ["desk", "visit"]

Visit = Callable[..., Visitor]
WORDS = "It keeps deleted pages for 45 days and answers within one month."


def test_a_reload_in_the_midst_of_writing_loses_no_word(desk: ServedDesk, visit: Visit) -> None:
    draft = DraftPage(visit(), desk.new_draft()).open()
    form = draft.ask_for("edit", WRONG_AT)
    form.get_by_label("Sentence").fill(WORDS)
    form.locator('[name="reason"]').fill("Shorter.")
    form.locator("fieldset.rows", has=draft.page.locator('[data-of$=".evidence"]')).get_by_text(
        "Add a row"
    ).click()
    form.locator('[name$=".quote"]').last.fill("We answer within one month.")
    other = draft.ask_for("comment", "legal.sentences[0]")
    other.locator('[name="reason"]').fill("Which annex?")

    draft.page.reload()
    expect(draft.form(WRONG_AT).get_by_label("Sentence")).to_have_value(WORDS)
    expect(draft.form(WRONG_AT).locator('[name="reason"]')).to_have_value("Shorter.")
    expect(draft.form(WRONG_AT).locator('[name$=".quote"]').last).to_have_value("We answer within one month.")
    expect(draft.form("legal.sentences[0]").locator('[name="reason"]')).to_have_value("Which annex?")
    expect(draft.page.locator("#told")).to_contain_text("2 forms are open again")

    # Saved or thrown away, it does not come back.
    draft.send(draft.form("legal.sentences[0]"))
    draft.form(WRONG_AT).locator("[data-close]").click()
    draft.page.reload()
    expect(draft.unit(WRONG_AT)).to_be_visible()
    expect(draft.page.locator("form.deed")).to_have_count(0)


def test_unsaved_words_of_a_new_claim_survive_a_reload(desk: ServedDesk, visit: Visit) -> None:
    draft = DraftPage(visit(), desk.new_draft()).open()
    lists = draft.page.locator("#list-legal-sentences")
    lists.get_by_role("button", name="Add").first.click()
    form = draft.page.locator("form.deed.add")
    form.get_by_label("Sentence").fill(WORDS)
    draft.page.reload()
    expect(form.get_by_label("Sentence")).to_have_value(WORDS)


def test_a_dropped_connection_keeps_the_words_and_sends_them_again(desk: ServedDesk, visit: Visit) -> None:
    visitor = visit()
    visitor.excuse("ERR_INTERNET_DISCONNECTED|Failed to fetch")
    draft = DraftPage(visitor, desk.new_draft()).open()
    form = draft.ask_for("edit", WRONG_AT)
    form.get_by_label("Sentence").fill(WORDS)
    visitor.context.set_offline(True)
    form.locator("button.main").click()
    again = form.get_by_role("button", name="Send again")
    expect(again).to_be_focused()
    expect(form.get_by_label("Sentence")).to_have_value(WORDS)

    # A button's decision is not lost either.
    draft.unit("legal.sentences[0]").locator("button.accept").click()
    expect(draft.page.locator("#problem")).to_contain_text("connection dropped")
    visitor.context.set_offline(False)
    draft.page.locator("#problem").get_by_role("button", name="Send again").click()
    draft.expect_status("legal.sentences[0]", "accepted")
    again.click()
    expect(draft.sentence(WRONG_AT)).to_have_text(WORDS)
    assert [d.kind for d in desk.site.desk.open(draft.review).decisions] == ["accept", "edit"]


def test_an_answer_that_is_lost_on_its_way_is_done_once_when_sent_again(
    desk: ServedDesk, visit: Visit
) -> None:
    visitor = visit()
    visitor.excuse("ERR_FAILED|Failed to fetch")
    draft = DraftPage(visitor, desk.new_draft()).open()
    lost = []

    def lose_answer(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort()

    form = draft.ask_for("comment", "legal.sentences[0]")
    form.locator('[name="reason"]').fill("Which annex?")
    visitor.page.route("**/decide", lose_answer, times=1)
    form.locator("button.main").click()
    form.get_by_role("button", name="Send again").click()
    expect(draft.unit("legal.sentences[0]").locator(".comments")).to_contain_text("Which annex?")
    expect(form).to_have_count(0)
    assert lost == [200]
    assert [d.kind for d in desk.site.desk.open(draft.review).decisions] == ["comment"]


def test_a_session_that_ends_in_the_midst_of_writing_loses_no_word(desk: ServedDesk, visit: Visit) -> None:
    visitor = visit(desk.login_address)
    visitor.excuse("status of 40[13]")
    visitor.sign_in(desk.add_user("Edda", "editor"))
    draft = DraftPage(visitor, desk.new_draft()).open()
    form = draft.ask_for("edit", WRONG_AT)
    form.get_by_label("Sentence").fill(WORDS)
    desk.site.desk.store.close_sessions_of("Edda")
    form.locator("button.main").click()
    expect(draft.page.locator("#problem")).to_contain_text("Sign in")
    expect(form.get_by_label("Sentence")).to_have_value(WORDS)
    visitor.context.clear_cookies()
    visitor.sign_in("Edda", then=f"/reviews/{draft.review}")
    expect(draft.form(WRONG_AT).get_by_label("Sentence")).to_have_value(WORDS)
    draft.send(draft.form(WRONG_AT))
    expect(draft.sentence(WRONG_AT)).to_have_text(WORDS)


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen]]:
    """Processes that are ended with the test."""
    started: list[subprocess.Popen] = []
    yield started
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_a_server_that_is_killed_and_started_again_in_the_midst_of_writing_loses_nothing(
    browser: Browser, tmp_path: Path, processes: list[subprocess.Popen]
) -> None:
    with ReviewStore.open(tmp_path / "store.db") as store:
        review = Desk(store).enter_draft(draft_of(1), "tests").id
    options = ["--store", str(tmp_path / "store.db"), "--as", "Ada"]
    server, address = _serve(processes, 0, options)
    visitor = Visitor(address, browser.new_context(viewport=WIDE, reduced_motion="reduce"))
    visitor.excuse("Failed to fetch|ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|ERR_SOCKET")
    draft = DraftPage(visitor, review).open()
    draft.accept("legal.sentences[0]")
    form = draft.ask_for("edit", WRONG_AT)
    form.get_by_label("Sentence").fill(WORDS)

    server.send_signal(signal.SIGKILL)
    server.wait()
    form.locator("button.main").click()
    again = form.get_by_role("button", name="Send again")
    expect(again).to_be_visible()
    _serve(processes, int(address.rpartition(":")[2]), options)
    again.click()
    expect(draft.sentence(WRONG_AT)).to_have_text(WORDS)
    draft.open()
    draft.expect_status("legal.sentences[0]", "accepted")
    draft.expect_status(WRONG_AT, "edited")
    expect(draft.page.locator("form.deed")).to_have_count(0)
    faults = visitor.unexpected()
    visitor.context.close()
    assert faults == []


def _serve(processes: list[subprocess.Popen], port: int, options: list[str]) -> tuple[subprocess.Popen, str]:
    """The desk as a process of its own; gives its address when it answers."""
    command = [sys.executable, "-m", "pipeline.cli", "review", "--port", str(port), *options]
    server = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"COVERAGE_PROCESS_START": ""},
    )
    processes.append(server)
    for line in server.stderr:
        if found := re.search(r"http://[\d.]+:\d+", line):
            return server, found[0]
    raise AssertionError("the desk did not start")
