"""What every format of an edition says in the same words: its parts' titles, its facts, how it was reviewed, what stands against it.

The public edition speaks plainly: no codes of the draft, of rules or of passages, and no term that only the desk knows.
"""

import re
import unicodedata
from typing import Literal
from urllib.parse import urlsplit

from pipeline.publish.dates import date_fact, tell_date
from pipeline.publish.law import join_cites
from pipeline.publish.places import name_place
from pipeline.publish.provenance import write_date, write_time
from pipeline.publish.view import BASES, write_terms
from schemas.edition import (
    Audience,
    Edition,
    EditionClaim,
    EditionDecision,
    EditionExposure,
    EditionPassage,
    EditionProvision,
    EditionQuote,
    EditionSetAside,
    EditionStatute,
)
from schemas.risk import Level
from schemas.summaries import Basis

Part = Literal["consumer", "provisions", "legal"]

LEVELS: tuple[Level, ...] = ("high", "medium", "low")

AUDIENCES: dict[Audience, str] = {"public": "Public edition", "professional": "Professional edition"}

IN_SHORT = "In short"
# The titles of the two parts that both editions have besides, and the order of the three: people read on what concerns them, lawyers the law.
LEGAL: dict[Audience, str] = {"public": "For lawyers", "professional": "Legal summary"}
PROVISIONS: dict[Audience, str] = {"public": "What you should know", "professional": "Provisions"}
ORDER: dict[Audience, tuple[Part, ...]] = {
    "public": ("consumer", "provisions", "legal"),
    "professional": ("consumer", "legal", "provisions"),
}

NOT_IN_REGISTRY = "The registry does not know this decision. Do not rely on it."
ABOUT = "About this edition"
SET_ASIDE = "Set aside by the editor, about the draft as a whole"
EXPOSURE_NOTICE = "Questions of law that the text raises. None of them is a finding of breach."

_BASES: dict[Audience, dict[Basis, str]] = {
    "public": {"stated": "the policy says so", "inferred": "our inference"},
    "professional": {"stated": "stated", "inferred": "inferred"},
}
_LAW_BASES: dict[Basis, str] = {"stated": "named in the policy", "inferred": "our inference"}
# What is doubtful about a citation of law, for people to whom a registry means nothing.
_DOUBTS = {
    "secondary sources only": "we saw it in secondary sources only",
    "unverified": "we could not confirm it",
    "unverified, sources disagree": "our sources disagree on it",
    "not in the registry": "we do not know this law",
    "no such provision": "we know no such provision",
    "superseded": "replaced by newer law",
}
_PLACES: dict[Audience, dict[str, str]] = {
    "public": {"Consumer": IN_SHORT, "Legal": LEGAL["public"], "Provision": "Point"},
    "professional": {"Consumer": IN_SHORT},
}


def told_dateline(edition: Edition) -> str:
    """The line below the title: for whom, by whom and when, and which version of the policy."""
    dates = edition.dates
    parts = (
        AUDIENCES[edition.audience],
        f"approved by {edition.approval.by}, {write_date(dates.published)}",
        f"policy {tell_date(dates.policy)}" if dates.policy else "",
    )
    return " · ".join(filter(None, parts))


def told_facts(edition: Edition) -> tuple[tuple[str, str], ...]:
    """Source, dates and people, as pairs of name and value; a date that is not known is said not to be."""
    dates, source = edition.dates, edition.source
    captured = write_time(dates.captured) or "on a date that was not recorded"
    read_from = source.name if source.url and source.name != source.url else ""
    pairs = (
        ("Company", edition.company),
        ("Edition", AUDIENCES[edition.audience]),
        ("Language of the policy", edition.language),
        date_fact(dates.policy),
        ("Source", source.url or f"{source.name} (file as captured; its address was not recorded)"),
        ("Read from", read_from),
        ("Captured", captured),
        ("Drafted", " by ".join(filter(None, (write_time(dates.drafted), edition.drafted_by)))),
        ("Approved", f"{write_time(dates.approved)} by {edition.approval.by}"),
        ("Published", write_time(dates.published)),
        ("Reviewed", told_review(edition)),
        ("Source sha256", source.sha256),
    )
    return tuple((name, value) for name, value in pairs if value)


def told_review(edition: Edition) -> str:
    """What the editors did with the parts of the draft."""
    approval = edition.approval
    parts = (
        (approval.accepted, "accepted one by one"),
        (approval.together, "accepted together with others"),
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


def told_basis(edition: Edition, claim: EditionClaim) -> tuple[str, str]:
    """What a claim rests on, in the audience's words: who says it, and what was searched for where the policy is silent.

    One of the two can be empty. That the policy says what it is silent about would puzzle whoever does not know the term.
    """
    absence = told_absence(edition, claim)
    silent = absence and not claim.quotes and edition.audience == "public"
    return "" if silent else basis_words(edition, claim.basis), absence


def basis_words(edition: Edition, basis: Basis) -> str:
    """The word for a basis."""
    return _BASES[edition.audience][basis]


def told_bases(edition: Edition) -> tuple[tuple[str, str], ...]:
    """Each basis and what its word means, as pairs; none in the public edition, whose words need no explaining."""
    return tuple((basis, words) for basis, words in BASES.items()) if edition.professional else ()


def told_absence(edition: Edition, claim: EditionClaim) -> str:
    """What was searched for and not found, where the claim is that the policy is silent; otherwise empty."""
    if not claim.absent_terms:
        return ""
    terms = write_terms(claim.absent_terms)
    if edition.audience == "public":
        return f"searched for {terms} and not found"
    return f"absence: searched the policy for {terms} and found none"


def told_place(audience: Audience, path: str) -> str:
    """A place in the edition in words: ``Provision 3, why it matters``. Its parts are called as their titles call them."""
    name = name_place(path)
    words, _, rest = name.partition(" ")
    return f"{_PLACES[audience].get(words, words)} {rest}" if rest else name


def told_desk(edition: Edition, path: str) -> str:
    """What the desk calls an entry, where that is another name; else empty."""
    name = edition.desk_name(path)
    return f"at the desk: {name}" if name else ""


def law_besides(exposure: EditionExposure) -> tuple[EditionStatute, ...]:
    """The provisions of law of an exposure that its rationale does not cite itself."""
    cited = {statute.ref for statute in exposure.rationale.statutes}
    return tuple(statute for statute in exposure.statutes if statute.ref not in cited)


def passage_name(edition: Edition, passage_id: str) -> str:
    """What a quoted passage is called: its id, in the public edition its section. Empty there when the section has no title."""
    passage = edition.passage(passage_id)
    return passage_id if edition.professional or passage is None else passage.section


def told_severity(edition: Edition, provision: EditionProvision) -> str:
    """Why a provision has its severity; the rule's id is for professional readers."""
    if edition.professional:
        return f"Severity by rule {provision.severity_reason}"
    reason = provision.severity_reason.removeprefix(f"{provision.severity_rule}: ")
    return f"Why this is rated {provision.severity}: {reason}"


def quote_note(edition: Edition, quote: EditionQuote) -> str:
    """How the words stand in their passage; empty where they do to the character."""
    if quote.match is None:
        return (
            "not found in this passage"
            if edition.passage(quote.passage_id)
            else "the policy has no such passage"
        )
    return "" if quote.match == "exact" else "spaces, quotation marks or dashes differ"


def told_statute(edition: Edition, statute: EditionStatute) -> str:
    """A citation with its title, basis and doubt on one line."""
    notes = "; ".join(filter(None, (law_basis(edition, statute), law_doubt(edition, statute))))
    return ", ".join(filter(None, (statute.cite, statute.title))) + (f" ({notes})" if notes else "")


def law_basis(edition: Edition, statute: EditionStatute) -> str:
    """Who brings a citation of law into it, in the audience's words; empty where nothing is said of that."""
    if statute.basis is None:
        return ""
    return statute.basis if edition.professional else _LAW_BASES[statute.basis]


def law_doubt(edition: Edition, statute: EditionStatute) -> str:
    """What is doubtful about a citation of law; in the professional edition also who set that aside and why."""
    if edition.professional is None:
        return _DOUBTS.get(statute.doubt, statute.doubt)
    return "; ".join(filter(None, (statute.doubt, statute.settled)))


def told_exposure(exposure: EditionExposure) -> str:
    """The title of an exposure: its provisions of law on one line, without their own titles."""
    return join_cites(statute.cite for statute in exposure.statutes)


def told_set_aside(set_aside: EditionSetAside) -> str:
    """What an editor set aside, and why."""
    return f"{set_aside.message} Set aside by {set_aside.by}: {set_aside.reason}"


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
    """A file name for an edition without its ending, of letters, digits and hyphens: company, title, date, audience."""
    dated = edition.dates.policy
    words = _slug(f"{edition.company} {edition.title}")[:60].strip("-") or "policy"
    return "-".join(filter(None, (words, dated.value.isoformat() if dated else "", edition.audience)))


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)
