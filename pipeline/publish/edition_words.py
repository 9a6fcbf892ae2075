"""What every format of an edition says in the same words: its facts, how it was reviewed, what stands against it."""

import re
import unicodedata
from urllib.parse import urlsplit

from pipeline.publish.provenance import write_date, write_time
from schemas.edition import (
    Edition,
    EditionClaim,
    EditionDecision,
    EditionPassage,
    EditionProvision,
    EditionQuote,
    EditionStatute,
)
from schemas.risk import Level

LEVELS: tuple[Level, ...] = ("high", "medium", "low")

AUDIENCES = {"public": "Public edition", "professional": "Professional edition"}

NOT_IN_REGISTRY = "The registry does not know this decision. Do not rely on it."
EXPOSURE_NOTICE = "Questions of law that the text raises. None of them is a finding of breach."

_NOT_FOUND = "not found in the text"


def told_facts(edition: Edition) -> tuple[tuple[str, str], ...]:
    """Source, dates and people, as pairs of name and value; a date that is not known is said not to be."""
    dates, source = edition.dates, edition.source
    pairs = (
        ("Company", edition.company),
        ("Edition", AUDIENCES[edition.audience]),
        ("Language of the policy", edition.language),
        ("Effective", write_date(dates.effective) or _NOT_FOUND),
        ("Captured", write_time(dates.captured) or "not known"),
        ("Drafted", " by ".join(filter(None, (write_time(dates.drafted), edition.drafted_by)))),
        ("Approved", f"{write_time(dates.approved)} by {edition.approval.by}"),
        ("Published", write_time(dates.published)),
        ("Reviewed", told_review(edition)),
        ("Source", source.name),
        ("Address", source.url or ""),
        ("Source sha256", source.sha256),
    )
    return tuple((name, value) for name, value in pairs if value)


def told_review(edition: Edition) -> str:
    """What the editors did with the parts of the draft."""
    approval = edition.approval
    parts = (
        (approval.accepted, "accepted"),
        (approval.edited, "edited"),
        (approval.rejected, "rejected and left out"),
        (approval.added, "added"),
        (approval.undecided, "approved with the whole and not one by one"),
    )
    return ", ".join(f"{number} {what}" for number, what in parts) + "."


def told_override(edition: Edition) -> str:
    """That blocking findings were open, how many, and the reason given; empty when there was no override."""
    if not edition.approval.override:
        return ""
    number = edition.overridden
    findings = f"{number} blocking finding{'' if number == 1 else 's'}"
    where = "stand at their places below" if edition.professional else "are told in the professional edition"
    if not number:
        return f"Approved by an override. Reason given: {edition.approval.override}"
    if number == 1:
        where = where.replace("stand at their places", "stands at its place").replace("are told", "is told")
    return (
        f"Approved although {findings} of the checks stood open; {'it' if number == 1 else 'they'} {where}. "
        f"Reason given: {edition.approval.override}"
    )


def told_besides(edition: Edition) -> str:
    """One line of what the professional edition holds; empty in that edition itself."""
    parts = [f"{besides.part} ({besides.count})" for besides in edition.besides if besides.count]
    if edition.professional is not None:
        return ""
    return "The professional edition holds besides: " + ", ".join([*parts, "provenance"]) + "."


def told_absence(claim: EditionClaim) -> str:
    """What was searched for, where the claim is that the policy is silent; otherwise empty."""
    terms = ", ".join(f"“{term}”" for term in claim.absent_terms)
    return f"absence: searched the policy for {terms}" if terms else ""


def quote_note(edition: Edition, quote: EditionQuote) -> str:
    """How the words stand in their passage; empty where they do to the character."""
    if quote.match is None:
        return (
            "not found in this passage"
            if edition.passage(quote.passage_id)
            else "the policy has no such passage"
        )
    return "" if quote.match == "exact" else "spaces, quotation marks or dashes differ"


def told_statute(statute: EditionStatute) -> str:
    """A citation with its title, basis and doubt on one line."""
    notes = "; ".join(filter(None, (statute.basis or "", statute.doubt)))
    return ", ".join(filter(None, (statute.cite, statute.title))) + (f" ({notes})" if notes else "")


def told_status(decision: EditionDecision) -> str:
    """The status of a decision, and how far its entry was confirmed."""
    return ", ".join(filter(None, (decision.status, decision.unverified)))


def decision_facts(decision: EditionDecision) -> tuple[tuple[str, str], ...]:
    """What the registry says of a decision, as pairs; the status comes first."""
    pairs = (
        ("Status", " ".join(filter(None, (f"{told_status(decision)}.", decision.status_note)))),
        ("Decided", ", ".join(filter(None, (decision.date, decision.reference)))),
        ("Outcome", decision.outcome),
        ("Fine", decision.fine),
        ("Provisions", "; ".join(decision.provisions)),
        ("Use", decision.use),
        ("Not verified", decision.not_verified),
        ("Limits", decision.limits),
        ("Sources", f"{', '.join(decision.sources)}; checked {decision.checked}"),
    )
    return tuple((name, value) for name, value in pairs if value)


def by_severity(edition: Edition) -> tuple[EditionProvision, ...]:
    """The provisions, the most severe first, else in the draft's order."""
    return tuple(sorted(edition.provisions, key=lambda p: LEVELS.index(p.severity)))


def cut_passage(passage: EditionPassage) -> list[tuple[str, bool]]:
    """A passage in runs of text, each with whether it is quoted; together they are the whole passage."""
    runs: list[tuple[str, bool]] = []
    end = 0
    for mark in passage.marks:
        runs += [(passage.text[end : mark.start], False), (mark.of(passage.text), True)]
        end = mark.end
    runs.append((passage.text[end:], False))
    return [(text, quoted) for text, quoted in runs if text]


def web_address(url: str | None) -> str:
    """The address when a page may link to it: http or https, with a host and without a name or password. Otherwise empty."""
    if not url or not url.isprintable() or " " in url or "\\" in url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc else ""


def file_stem(edition: Edition) -> str:
    """A file name for an edition without its ending, of letters, digits and hyphens: company, title, effective date, audience."""
    effective = edition.dates.effective
    words = _slug(f"{edition.company} {edition.title}")[:60].strip("-") or "policy"
    return "-".join(filter(None, (words, effective.isoformat() if effective else "", edition.audience)))


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)
