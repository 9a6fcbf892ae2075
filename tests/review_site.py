"""A desk for the tests: a store of its own with drafts in it, the application over it, and clients that behave as a browser does.

The store is a file or, with a server's URL, PostgreSQL: a test that takes ``place`` runs on SQLite; the suite of PostgreSQL gives another.
"""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import pytest
import uvicorn
from argon2 import PasswordHasher
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pipeline.review import passwords
from pipeline.review.app import make_app
from pipeline.review.desk import Desk
from pipeline.review.passwords import hash_password
from pipeline.review.site import SiteSettings
from pipeline.settings import Server
from pipeline.store.review_records import ReviewRow, UserRow
from pipeline.store.reviews import ReviewStore
from schemas.draft import Draft
from schemas.review import Role
from tests.sample_draft import sample_draft

PASSWORD = "a password for tests"
SECRET = bytes(range(32))
BASE = "http://127.0.0.1:8000"


@dataclass
class Clock:
    """A time that stands still until it is moved."""

    now: datetime = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time."""
        return self.now

    def go_on(self, **span: float) -> None:
        """Move it."""
        self.now += timedelta(**span)


@dataclass
class ReviewSite:
    """A desk with its application. ``client()`` is the browser of the person on this machine."""

    desk: Desk
    app: Starlette
    settings: SiteSettings
    clock: Clock
    drafts: tuple[ReviewRow, ...] = ()
    clients: list[TestClient] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The first draft's review."""
        return self.drafts[0].id

    def client(self, app: Starlette | None = None, **options: Any) -> TestClient:
        """A browser on this machine, which sends what a browser sends with a form of the desk's own pages."""
        made = TestClient(
            app or self.app,
            **{"base_url": BASE, "client": ("127.0.0.1", 50_000), "follow_redirects": False} | options,
        )
        made.headers |= {"origin": str(made.base_url).rstrip("/"), "sec-fetch-site": "same-origin"}
        self.clients.append(made)
        return made

    def token(self, client: TestClient, page: str = "/") -> str:
        """The token that a page's forms carry."""
        return client.get(page).text.partition('"X-CSRF-Token": "')[2].partition('"')[0]

    def post(self, client: TestClient, address: str, **fields: Any) -> Any:
        """Send a form of the desk's own."""
        return client.post(address, data={"csrf": self.token(client), **fields})

    def app_with(self, **changed: Any) -> Starlette:
        """Another application over the same desk, with other settings."""
        return make_app(self.desk, replace(self.settings, **changed), clock=self.clock)

    def add_user(self, name: str, role: Role) -> UserRow:
        """Somebody who can sign in with ``PASSWORD``."""
        row = UserRow(name, hash_password(PASSWORD), role, self.clock())
        self.desk.store.put_user(row, by="tests")
        return row

    def signed_in(self, role: Role, app: Starlette | None = None) -> TestClient:
        """The browser of somebody with a role, who has signed in."""
        if self.desk.store.user(role) is None:
            self.add_user(role, role)
        client = self.client(app or self.app_with(access="login"))
        assert sign_in(client, role).status_code == 303
        return client


def sign_in(client: TestClient, name: str, password: str = PASSWORD, **fields: str) -> Any:
    """Ask for the login form and send it."""
    token = client.get("/login").text.partition('name="csrf" value="')[2].partition('"')[0]
    return client.post("/login", data={"csrf": token, "name": name, "password": password, **fields})


@contextmanager
def open_site(
    place: Path | Server, folder: Path, drafts: Sequence[Draft] | None = None, **settings: Any
) -> Iterator[ReviewSite]:
    """A site over the store at ``place`` with drafts in it, the sample when none are given; what is published goes below ``folder``."""
    clock = Clock()
    with _quick_hashes(), ReviewStore.open(place) as store:
        desk = Desk(store, clock=clock)
        site = SiteSettings(
            **{"secret": SECRET, "as_name": "Ada", "out": folder / "published"} | settings  # type: ignore[arg-type]
        )
        rows = tuple(desk.enter_draft(draft, "tests") for draft in (drafts or (sample_draft(),)))
        made = ReviewSite(desk, make_app(desk, site, clock=clock), site, clock, rows)
        try:
            yield made
        finally:
            for client in made.clients:
                client.close()


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """The application behind a real server on loopback, for browsers; gives its address."""
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", proxy_headers=False)
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                sleep(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def other_draft(number: int) -> Draft:
    """A draft of another policy than the sample's, and another for each number."""
    draft = sample_draft()
    document = draft.document.model_copy(
        update={
            "title": f"Terms number {number}",
            "company": f"Company {number:03}",
            "source": draft.document.source.model_copy(update={"url": f"https://policies.example/{number}"}),
        }
    )
    return draft.model_copy(update={"document": document})


@contextmanager
def _quick_hashes() -> Iterator[None]:
    """Hashing passwords is slow on purpose, and these are nobody's."""
    before = passwords._HASHER
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobodys.cache_clear()
    try:
        yield
    finally:
        passwords._HASHER = before
        passwords._nobodys.cache_clear()


def server_at(url: str) -> Server:
    """The store on a PostgreSQL server."""
    return Server(url=SecretStr(url))


@pytest.fixture
def place(tmp_path: Path) -> Path | Server:
    """Where the store is: a file. A module that tests PostgreSQL has a fixture of this name of its own."""
    return tmp_path / "store.db"


@pytest.fixture
def site(place: Path | Server, tmp_path: Path) -> Iterator[ReviewSite]:
    """A site with the sample's draft in its queue."""
    with open_site(place, tmp_path) as opened:
        yield opened
