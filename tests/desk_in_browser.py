"""The desk in a real browser: served on loopback, with visitors who look at it and note whatever a page does wrong.

A visitor notes errors in the console, scripts that fail, dialogs, what a page's policy refused, requests that leave the desk, and answers
that are a fault of the server. A test that provokes one of them says so with ``excuse``; every other fails it at its end.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pipeline.checks.whole import check_all
from pipeline.registry.decisions import load_decisions
from pipeline.registry.taxonomy import load_taxonomy
from pipeline.settings import Server
from schemas.draft import Draft
from schemas.review import Role
from schemas.risk import LeftOut
from tests.browser import serious_faults
from tests.postgres_server import make_database
from tests.review_site import PASSWORD, ReviewSite, open_site, served, server_at, sign_in
from tests.sample_draft import sample_draft

WIDE = {"width": 1280, "height": 800}
TABLET = {"width": 834, "height": 1112}

# No id or date of a row holds such a number by chance.
_NUMBERS = count(70_001)
# Told to the page before any script of its own runs.
_WATCH = """document.addEventListener("securitypolicyviolation",
  (e) => window.toldByPage(`${e.violatedDirective} refused ${e.blockedURI || e.sample} on ${location.pathname}`));"""


@dataclass
class Visitor:
    """Somebody at a browser, with cookies of their own. ``faults`` is what the pages did wrong and nobody expected."""

    address: str
    context: BrowserContext
    faults: list[str] = field(default_factory=list)
    _excused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(5_000)
        self.context.expose_binding("toldByPage", lambda _, told: self._note(str(told)))
        self.context.add_init_script(_WATCH)
        self.context.on("page", self._watch)
        self.context.on("weberror", lambda error: self._note(f"script: {error.error}"))
        self.context.on("request", self._look_at_request)
        self.context.on("response", self._look_at_response)

    @cached_property
    def page(self) -> Page:
        """The one page that most visitors have open."""
        return self.context.new_page()

    def goto(self, path: str) -> Page:
        """Ask for a page of the desk."""
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, name: str, password: str = PASSWORD, *, then: str = "/") -> Page:
        """Sign in by the form, as everybody does."""
        self.page.goto(self.address + then)
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page).to_have_url(self.address + then)
        return self.page

    def excuse(self, pattern: str) -> None:
        """Expect faults whose text the regular expression finds; the others still count."""
        self._excused.append(pattern)

    def unexpected(self) -> list[str]:
        """What went wrong and was not excused."""
        for page in self.context.pages:
            for frame in page.frames:
                if frame.evaluate("'pwned' in window"):
                    self._note(f"a script of a text ran on {frame.url}")
        return [told for told in self.faults if not any(re.search(p, told) for p in self._excused)]

    def _note(self, told: str) -> None:
        self.faults.append(told)

    def _watch(self, page: Page) -> None:
        page.on("console", self._look_at_console)
        page.on("dialog", self._look_at_dialog)

    def _look_at_console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self._note(f"console: {message.text} ({message.location.get('url', '')})")

    def _look_at_dialog(self, dialog: Any) -> None:
        # Leaving a page with unsent words may ask; nothing else may.
        if dialog.type == "beforeunload":
            dialog.accept()
        else:
            self._note(f"dialog: {dialog.message}")
            dialog.dismiss()

    def _look_at_request(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "file:", "blob:")):
            self._note(f"the page asked for {request.url}")

    def _look_at_response(self, response: Any) -> None:
        if response.status >= 500:
            self._note(f"{response.status} for {response.url}")


@dataclass
class ServedDesk:
    """A desk behind two doors: ``address`` takes everyone for Ada, a publisher; ``login_address`` asks who comes."""

    site: ReviewSite
    address: str
    login_address: str

    def new_draft(
        self, *, of_policy: int | None = None, change: Callable[[Draft], Draft] | None = None
    ) -> str:
        """Put another draft into the queue, of a policy of its own; gives its review's id."""
        draft = draft_of(next(_NUMBERS) if of_policy is None else of_policy)
        return self.site.desk.enter_draft(change(draft) if change else draft, "tests").id

    def add_user(self, name: str, role: Role) -> str:
        """Somebody who can sign in; gives the name."""
        if self.site.desk.store.user(name) is None:
            self.site.add_user(name, role)
        return name

    def session_of(self, name: str, role: Role) -> dict[str, Any]:
        """What a browser keeps of somebody who has signed in, for the ``storage_state`` of a visitor."""
        client = self.site.client(self.site.app_with(access="login"))
        assert sign_in(client, self.add_user(name, role)).status_code == 303
        kept = {"domain": "127.0.0.1", "path": "/", "expires": -1, "httpOnly": True, "secure": False}
        return {
            "cookies": [
                kept | {"name": c.name, "value": c.value, "sameSite": "Strict"} for c in client.cookies.jar
            ]
        }


# The one claim of ``draft_of`` that does not hold, and the words that mend it.
WRONG_AT = "legal.sentences[2]"
WRONG, RIGHT = "60 days", "45 days"


def draft_of(number: int) -> Draft:
    """A draft of another policy for each number: the sample, complete, with one finding that blocks its approval."""
    final = next(d.id for d in load_decisions().decisions if d.status == "final")
    draft = sample_draft((final,))
    source = draft.document.source.model_copy(update={"url": f"https://larkspur.example/{number}/privacy"})
    document = draft.document.model_copy(
        update={"title": f"{draft.document.title}, edition {number}", "source": source}
    )
    covered = {entry.category for entry in (*draft.risk.provisions, *draft.risk.left_out)}
    left_out = [
        LeftOut(category=category.id, reason="The policy says nothing of it.")
        for category in load_taxonomy().categories
        if category.id not in covered
    ]
    risk = draft.risk.model_copy(update={"left_out": [*draft.risk.left_out, *left_out]})
    sentences = [
        sentence.model_copy(update={"text": sentence.text.replace(RIGHT, WRONG)})
        for sentence in draft.legal.sentences
    ]
    legal = draft.legal.model_copy(update={"sentences": sentences})
    citations, findings = check_all(document, draft.consumer, legal, risk)
    return draft.model_copy(
        update={
            "document": document,
            "legal": legal,
            "risk": risk,
            "citations": citations,
            "findings": (*(f for f in draft.findings if f.code.startswith("document.")), *findings),
        }
    )


@contextmanager
def served_desk(place: Path | Server, folder: Path) -> Iterator[ServedDesk]:
    """A desk over the store at ``place``, served."""
    with (
        open_site(place, folder) as site,
        served(site.app) as address,
        served(site.app_with(access="login")) as login_address,
    ):
        yield ServedDesk(site, address, login_address)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedDesk]:
    """One desk for a module, over a file; each test makes drafts of its own in it."""
    folder = tmp_path_factory.mktemp("desk")
    with served_desk(folder / "store.db", folder) as opened:
        yield opened


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where a store of each kind is to be: a path, or the URL of a database."""
    if request.param == "SQLite":
        return str(tmp_path_factory.mktemp("store") / "store.db")
    return make_database(request.getfixturevalue("server"))


@pytest.fixture(scope="module", name="desk")
def desk_on_each_store(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedDesk]:
    """``desk`` for tests that run on SQLite and on PostgreSQL."""
    place = server_at(store) if "://" in store else Path(store)
    with served_desk(place, tmp_path_factory.mktemp("desk")) as opened:
        yield opened


@pytest.fixture
def visit(browser: Browser, desk: ServedDesk) -> Iterator[Callable[..., Visitor]]:
    """Open a browser of a visitor. What their pages did wrong fails the test at its end."""
    visitors: list[Visitor] = []

    def open_visitor(address: str | None = None, **options: Any) -> Visitor:
        context = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce"} | options)
        visitors.append(Visitor(address or desk.address, context))
        return visitors[-1]

    yield open_visitor
    unexpected = [told for visitor in visitors for told in visitor.unexpected()]
    for visitor in visitors:
        visitor.context.close()
    if unexpected:
        pytest.fail("\n".join(unexpected))


def assert_fit(page: Page) -> None:
    """Hold a page as it stands against what all pages must keep, light and dark, wide and on a tablet: nothing serious for axe, and no
    scrolling sideways.
    """
    # A scheme changes colours and a width the layout: in each look that differs by colours alone only their contrast is measured again.
    for size, scheme, rules in (
        (WIDE, "light", ()),
        (WIDE, "dark", ("color-contrast",)),
        (TABLET, "dark", ()),
        (TABLET, "light", ("color-contrast",)),
    ):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        faults = serious_faults(page, *rules)
        assert not faults, f"{page.url}, {scheme}, {size['width']} px: {faults}"
        sideways = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert sideways <= 0, f"{page.url} is {sideways} px wider than its window of {size['width']} px"
    page.set_viewport_size(WIDE)
