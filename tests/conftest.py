"""What all tests share: stages forgotten, no key, no configured endpoint; the scripted endpoint as a fixture."""

from pathlib import Path

import pytest

from tests.echo import echo
from tests.endpoint import endpoint

__all__ = ["echo", "endpoint"]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "CLAUSEWISE_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLAUSEWISE_STORE", str(tmp_path / "store.db"))
