"""The date that a policy prints of itself, in words that say what it is: an update is never called the effective date."""

from pipeline.publish.provenance import write_date
from schemas.document import DateKind, DocumentDate

_TOLD: dict[DateKind, str] = {"effective": "effective", "updated": "last updated", "bare": "dated"}
_LABELS: dict[DateKind, str] = {"effective": "Effective", "updated": "Last updated", "bare": "Dated"}
_LIMITS: dict[DateKind, str] = {
    "effective": "",
    "updated": "as printed; no effective date was found in the text",
    "bare": "as printed; the text does not say what the date is",
}


def tell_date(dated: DocumentDate | None) -> str:
    """``effective 1 March 2026``, ``last updated 1 March 2026`` or ``dated 1 March 2026``; empty where there is none."""
    return f"{_TOLD[dated.kind]} {write_date(dated.value)}" if dated else ""


def date_fact(dated: DocumentDate | None) -> tuple[str, str]:
    """The same as a pair of name and value, for a list of facts: it says what is not known, and where there is no date."""
    if dated is None:
        return "Effective", "not found in the text"
    limit = _LIMITS[dated.kind]
    return _LABELS[dated.kind], write_date(dated.value) + (f" ({limit})" if limit else "")
