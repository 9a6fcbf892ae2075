"""A real browser for the tests: Debian's Chromium, driven by Playwright, without a window.

Where it is not installed, ``tests/browser.sh`` installs it, and where that cannot be, the tests that need it are skipped with the reason.
"""

import shutil
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.debian import install

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


# One a module: while Playwright's loop is open in this thread, no asynchronous test can run in it.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser. Each test opens contexts of its own in it."""
    program = _program()
    if program is None:
        reason = install("browser.sh")
        program = _program()
        if program is None:
            pytest.skip(f"no Chromium: {reason or 'it was installed and is not in the path'}")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, headless=True, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield started
        finally:
            started.close()


def serious_faults(page: Page, *rules: str) -> list[dict[str, Any]]:
    """What axe-core finds on a page that is serious or critical, by these rules or by all: rule, help and the elements."""
    # Evaluated, because the page's own policy refuses a script that is put into it.
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    only: dict[str, Any] = {"runOnly": list(rules)} if rules else {}
    found = page.evaluate("options => axe.run(document, options)", {"resultTypes": ["violations"]} | only)
    return [
        {"rule": v["id"], "help": v["help"], "at": [node["target"] for node in v["nodes"]][:5]}
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]


@lru_cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def _program() -> str | None:
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
