"""What all tests share: stages forgotten, no key, no endpoint, no proxy, no colours; the scripted endpoint, PostgreSQL and a browser as fixtures."""

import signal
from pathlib import Path

import pytest

from tests.browser import browser
from tests.echo import echo
from tests.endpoint import endpoint
from tests.postgres_server import _shared_database, database, server

# A shell starts what it puts into the background with Ctrl-C ignored, and so would be the programs that tests start and stop.
signal.signal(signal.SIGINT, signal.default_int_handler)

__all__ = ["_shared_database", "browser", "database", "echo", "endpoint", "server"]

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_SET_BY_PEOPLE = (
    *("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_LOG"),
    *("CLAUSEWISE_MODEL", "FORCE_COLOR", "NO_COLOR"),
    *_PROXIES,
    *map(str.lower, _PROXIES),
)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in _SET_BY_PEOPLE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("CLAUSEWISE_STORE", str(tmp_path / "store.db"))
