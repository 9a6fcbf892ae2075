"""What the opening says of a document: a date is told to the model as what the document says that it is, and as nothing else."""

from datetime import date

import pytest

from pipeline.stages.opening import write_metadata
from schemas.document import Document, DocumentDate
from tests import tidewater as td

TEXT = """\
# Larkmoor Privacy Policy

{date}

Larkmoor Inc. runs the Larkmoor post box and processes personal data as this policy says.

## Post

We analyze letters to sort them. We do not use the text of letters to create, train or improve AI models.
"""


def _document(line: str) -> Document:
    return td.tidewater(TEXT.format(date=line))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Effective: July 8, 2026", "effective date printed in it: 2026-07-08"),
        ("Last updated: July 8, 2026", "date of the last update printed in it: 2026-07-08"),
        ("July 8, 2026", "date printed in it without saying what it is: 2026-07-08"),
        ("Last updated: July 1, 2026\n\nEffective: July 8, 2026", "effective date printed in it: 2026-07-08"),
        ("We sort post.", "effective date printed in it: not found"),
    ],
)
def test_the_date_is_told_as_what_it_is(line: str, told: str) -> None:
    metadata = write_metadata(_document(line))
    assert metadata.endswith(f"; language: en; {told})")
    assert metadata.count("2026") <= 1


def test_a_document_tells_its_dates_apart_and_the_effective_one_first() -> None:
    document = _document("Last updated: July 1, 2026\n\nEffective: July 8, 2026")
    assert document.dates == (
        DocumentDate(kind="effective", value=date(2026, 7, 8)),
        DocumentDate(kind="updated", value=date(2026, 7, 1)),
    )
    assert document.dated == document.dates[0]
    assert _document("We sort post.").dated is None
