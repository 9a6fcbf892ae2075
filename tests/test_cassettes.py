"""Recordings hold nothing that must not be published: no key, cookie, organisation or path, and headers by the allow-list alone."""

import re
from pathlib import Path

import pytest
import yaml

CASSETTES = Path(__file__).parents[1] / "cassettes"
RECORDINGS = sorted(CASSETTES.rglob("*.yaml"))

SECRETS = re.compile(
    r"sk-[A-Za-z0-9_-]{16,}|Bearer\s|(?i:set-cookie|authorization|openai-organization|x-api-key|api[_-]?key)[\"']?\s*:|/(?:home|root|tmp|Users)/"
)


def test_there_is_a_recording() -> None:
    assert RECORDINGS


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_recording_holds_no_secret_and_no_path(path: Path) -> None:
    assert not SECRETS.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_recording_keeps_only_the_headers_it_needs(path: Path) -> None:
    for exchange in yaml.load(
        path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )["interactions"]:
        headers = {*exchange["request"]["headers"], *exchange["response"]["headers"]}
        assert {name.lower() for name in headers} <= {"content-type", "retry-after"}


@pytest.mark.parametrize(
    "secret", ["sk-" + "x" * 20, "Authorization: Bearer x", "Set-Cookie: a=b", "/home/me/x"]
)
def test_scan_sees_what_it_is_for(secret: str) -> None:
    assert SECRETS.search(secret)
