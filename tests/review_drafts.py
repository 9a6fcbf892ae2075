"""Drafts for tests of reviews: versions of the invented one, and a place of either engine to keep them in."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from pipeline.settings import Server
from pipeline.store.review_records import ReviewRow
from schemas.draft import Draft
from tests.sample_draft import sample_draft

MORNING = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)

Place = Path | Server


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where a store is, empty at the start of the test: a file, then a database."""
    if request.param == "sqlite":
        return tmp_path / "store.db"
    return Server(url=SecretStr(request.getfixturevalue("database")))


@dataclass
class Clock:
    """A time that goes on by a second whenever it is read."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        """The next second."""
        self.now += timedelta(seconds=1)
        return self.now


def version(
    day: int, change: Callable[[dict[str, Any]], None] = lambda raw: None, draft: Draft | None = None
) -> Draft:
    """The invented draft as it was made on a day of March 2026, of the page's bytes of that day, changed in its JSON."""
    raw = (draft or sample_draft()).model_dump(mode="json")
    digest = hashlib.sha256(f"{raw['provenance']['source_sha256']} {day}".encode()).hexdigest()
    raw["provenance"]["source_sha256"] = raw["document"]["source"]["sha256"] = digest
    for stage in raw["provenance"]["stages"]:
        stage["finished_at"] = f"2026-03-{day:02}T09:00:00Z"
    change(raw)
    return Draft.model_validate(raw)


def reword(raw: dict[str, Any], passage_id: str, old: str, new: str) -> None:
    """Change words of one passage for as many characters, so that no other passage moves."""
    assert len(old) == len(new)
    span = next(p["span"] for p in raw["document"]["passages"] if p["id"] == passage_id)
    text = raw["document"]["text"]
    passage = text[span["start"] : span["end"]]
    assert old in passage
    raw["document"]["text"] = text[: span["start"]] + passage.replace(old, new) + text[span["end"] :]


def row(id_: str, **values: Any) -> ReviewRow:
    """A row of the queue that needs nothing, with these values."""
    plain: dict[str, Any] = {
        "id": id_,
        "draft_key": f"key-{id_}",
        "policy": f"policy-{id_}",
        "title": "Privacy Policy",
        "company": "Larkspur",
        "language": "en",
        "source": "policy.html",
        "effective": None,
        "words": 100,
        "drafted_at": MORNING,
        "entered_at": MORNING,
        "changed_at": MORNING,
        "state": "drafted",
        "risk": "low",
        "high": 0,
        "errors": 0,
        "warnings": 0,
        "notes": 0,
        "codes": {},
        "units": 10,
        "decided": 0,
        "last_number": 0,
        "run_id": None,
        "item_id": None,
        "tags": (),
        "models": {},
        "prompts": {},
    }
    return ReviewRow(**(plain | values))
