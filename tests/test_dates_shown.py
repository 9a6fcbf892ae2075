"""Every page calls a date what the policy says that it is: nothing calls that of the last update the effective date."""

import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from rich.console import Console
from selectolax.lexbor import LexborHTMLParser

from pipeline.publish.dates import date_fact, tell_date
from pipeline.publish.html import write_html
from pipeline.publish.listing import write_document
from pipeline.publish.markdown import write_markdown
from pipeline.publish.terminal import print_draft
from pipeline.publish.view import view_draft
from pipeline.review.desk import Desk
from pipeline.review.draft_view import view_page
from pipeline.review.queueing import row_of
from pipeline.store.reviews import ReviewStore
from schemas.document import DateKind, DocumentDate
from schemas.draft import Draft
from tests.review_drafts import Clock
from tests.sample_draft import sample_draft

DAY = date(2026, 7, 8)
FIELDS: dict[DateKind, str] = {"effective": "effective_date", "updated": "updated_date", "bare": "bare_date"}
TOLD: dict[DateKind, tuple[str, str]] = {
    "effective": ("Effective", "8 July 2026"),
    "updated": ("Last updated", "8 July 2026 (as printed; no effective date was found in the text)"),
    "bare": ("Dated", "8 July 2026 (as printed; the text does not say what the date is)"),
}


def _draft(kind: DateKind) -> Draft:
    draft = sample_draft()
    document = draft.document.model_copy(update={"effective_date": None, FIELDS[kind]: DAY})
    return draft.model_copy(update={"document": document})


@pytest.mark.parametrize("kind", FIELDS)
def test_a_draft_is_shown_with_its_date_as_what_it_is(kind: DateKind) -> None:
    draft = _draft(kind)
    assert view_draft(draft).dated == TOLD[kind] == date_fact(DocumentDate(kind=kind, value=DAY))
    name, value = TOLD[kind]
    file = io.StringIO()
    print_draft(draft, Console(file=file, width=200))
    head = file.getvalue().partition("1 error")[0]
    assert f"{name.lower()} {value}" in head
    assert f"- {name.lower()}: {value}" in write_markdown(draft)
    facts = LexborHTMLParser(write_html(draft)).css("dl.facts div")
    assert (name, value) in [tuple(part.text() for part in fact.css("dt, dd")) for fact in facts]
    lines = [line for line in write_document(draft.document).splitlines() if line.endswith("2026-07-08")]
    assert [line.split("  ")[0] for line in lines] == [
        {"effective": "effective date", "updated": "last updated", "bare": "dated"}[kind]
    ]


def test_a_draft_without_a_date_says_so() -> None:
    draft = sample_draft()
    draft = draft.model_copy(update={"document": draft.document.model_copy(update={"effective_date": None})})
    assert view_draft(draft).dated == ("Effective", "not found in the text")
    assert "effective date  not found" in write_document(draft.document)
    assert tell_date(None) == ""


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("effective", "effective 8 July 2026"),
        ("updated", "last updated 8 July 2026"),
        ("bare", "dated 8 July 2026"),
    ],
)
def test_the_desk_says_what_the_date_is_and_orders_versions_by_it(
    kind: DateKind, told: str, tmp_path: Path
) -> None:
    draft = _draft(kind)
    assert row_of(draft, "key", datetime(2026, 11, 25, tzinfo=UTC)).effective == "2026-07-08"
    with ReviewStore.open(tmp_path / "store.db") as store:
        desk = Desk(store, clock=Clock())
        folded = desk.open(desk.enter_draft(draft, "anna").id).folded
    assert view_page(folded).policy.dated == told


def test_versions_are_ordered_by_the_effective_date_where_a_policy_prints_both() -> None:
    draft = _draft("effective")
    document = draft.document.model_copy(update={"updated_date": date(2026, 7, 1)})
    row = row_of(draft.model_copy(update={"document": document}), "key", datetime(2026, 11, 25, tzinfo=UTC))
    assert row.effective == "2026-07-08"
