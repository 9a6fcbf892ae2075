"""An edition as tables, for workbooks and CSV: the same columns and rows in both."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.publish.edition_words import (
    EXPOSURE_NOTICE,
    NOT_IN_REGISTRY,
    by_severity,
    cut_passage,
    quote_note,
    told_absence,
    told_besides,
    told_facts,
    told_override,
    told_status,
    told_statute,
)
from pipeline.publish.places import name_place
from pipeline.publish.provenance import write_time
from pipeline.publish.view import BASES
from schemas.edition import (
    Edition,
    EditionClaim,
    EditionDecision,
    EditionPrecedent,
    EditionProvenance,
    EditionQuote,
    ProfessionalParts,
)

# A cell is one text, or a list of which each entry stands on a line of its own.
Cell = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """``width`` is in characters; ``choices`` are what a person may fill in, in a column that is left empty for them."""

    title: str
    width: int
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """``name`` is a file's name, ``title`` a sheet's (at most 31 characters)."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


_BASIS = Column("Basis", 10)
_LAW = Column("Law", 36)
_QUOTES = Column("Quotes", 60)
_PASSAGES = Column("Passages", 20)
_FINDINGS = Column("Overridden findings", 36)
_PLACE = Column("Place in the draft", 26)
_STATUS = Column("Status", 14, ("open", "asked", "answered", "accepted", "not applicable"))


def edition_tables(edition: Edition) -> tuple[Table, ...]:
    """The tables of an edition, those first that are worked in. Those of the public edition hold its parts only."""
    parts = edition.professional
    tables = [
        *([_due_diligence(edition, parts)] if parts else ()),
        _risks(edition),
        *([_exposure(edition, parts), _precedents(edition, parts)] if parts else ()),
        _actions(edition),
        _summaries(edition),
        *([_left_out(edition, parts)] if parts else ()),
        _passages(edition),
        _about(edition),
    ]
    return tuple(tables)


def _due_diligence(edition: Edition, parts: ProfessionalParts) -> Table:
    return Table(
        "due-diligence",
        "Due diligence",
        (
            Column("Priority", 10),
            Column("Action", 50),
            Column("Evidence to request", 44),
            Column("Owner", 22),
            Column("Category", 24),
            _STATUS,
            Column("Answer", 40),
            Column("Due", 12),
            _FINDINGS,
            _PLACE,
        ),
        tuple(
            (
                action.priority,
                action.action,
                action.evidence_to_request,
                action.owner,
                action.category_title,
                "",
                "",
                "",
                _findings(edition, action.path),
                action.path,
            )
            for action in parts.vendor_due_diligence
        ),
    )


def _risks(edition: Edition) -> Table:
    parts = edition.professional
    rows: list[tuple[Cell, ...]] = []
    for risk in parts.material_risks if parts else ():
        rows.append(
            (
                "material risk",
                risk.severity,
                risk.likelihood,
                risk.title,
                risk.category_title,
                risk.rationale.text,
                "",
                "",
                risk.mitigations,
                *_carried(edition, (risk.rationale,)),
                *_finding_cells(edition, risk.path, risk.rationale.path),
                risk.path,
            )
        )
    for provision in by_severity(edition):
        claims = (provision.what_it_is, provision.why_it_matters)
        rows.append(
            (
                "provision",
                provision.severity,
                "",
                provision.title,
                provision.category_title,
                provision.what_it_is.text,
                provision.why_it_matters.text,
                provision.who_is_affected,
                tuple(action.text for action in provision.what_you_can_do),
                *_carried(edition, claims),
                *_finding_cells(edition, provision.path, *(claim.path for claim in claims)),
                provision.path,
            )
        )
    columns = (
        Column("Kind", 14),
        Column("Severity", 10),
        Column("Likelihood", 11),
        Column("Title", 36),
        Column("Category", 24),
        Column("What it is, or rationale", 56),
        Column("Why it matters", 44),
        Column("Who is affected", 28),
        Column("Mitigations, or what you can do", 50),
        _BASIS,
        _LAW,
        _QUOTES,
        _PASSAGES,
        *_finding_columns(edition),
        _PLACE,
    )
    return Table("risks", "Risks", columns, tuple(rows))


def _exposure(edition: Edition, parts: ProfessionalParts) -> Table:
    return Table(
        "exposure",
        "Exposure",
        (
            Column("Severity", 10),
            Column("Likelihood", 11),
            Column("Provisions of law", 44),
            Column("Question to examine", 60),
            Column("Enforcers", 28),
            _BASIS,
            _LAW,
            _QUOTES,
            _PASSAGES,
            _FINDINGS,
            _PLACE,
        ),
        tuple(
            (
                exposure.severity,
                exposure.likelihood,
                tuple(told_statute(statute) for statute in exposure.statutes),
                exposure.rationale.text,
                exposure.enforcers,
                *_carried(edition, (exposure.rationale,)),
                _findings(edition, exposure.path, exposure.rationale.path),
                exposure.path,
            )
            for exposure in parts.regulatory_exposure
        ),
    )


def _precedents(edition: Edition, parts: ProfessionalParts) -> Table:
    # The status stands before the name: no row can be read, cut or sorted into a decision without it.
    return Table(
        "precedents",
        "Precedents",
        (
            Column("Status", 22),
            Column("Status note", 44),
            Column("Decision", 36),
            Column("Why it matters here", 56),
            Column("Decided", 12),
            Column("Reference", 24),
            Column("Outcome", 50),
            Column("Fine", 16),
            Column("Provisions of law", 36),
            Column("Use", 20),
            Column("Not verified", 36),
            Column("Limits", 36),
            Column("Sources", 28),
            Column("Checked", 12),
            _QUOTES,
            _PASSAGES,
            _FINDINGS,
            Column("Registry id", 28),
            _PLACE,
        ),
        tuple(_precedent(edition, precedent) for precedent in parts.enforcement_precedents),
    )


def _precedent(edition: Edition, precedent: EditionPrecedent) -> tuple[Cell, ...]:
    return (
        *_decision(precedent),
        *_quotes(edition, precedent.quotes),
        _findings(edition, precedent.path),
        precedent.decision_id,
        precedent.path,
    )


def _decision(precedent: EditionPrecedent) -> tuple[Cell, ...]:
    decision: EditionDecision | None = precedent.decision
    if decision is None:
        unknown = ("not in the registry", NOT_IN_REGISTRY, precedent.decision_id, precedent.relevance)
        return (*unknown, *[""] * 10)
    return (
        told_status(decision),
        decision.status_note,
        decision.name,
        precedent.relevance,
        decision.date,
        decision.reference,
        decision.outcome,
        decision.fine,
        decision.provisions,
        decision.use,
        decision.not_verified,
        decision.limits,
        decision.sources,
        decision.checked,
    )


def _actions(edition: Edition) -> Table:
    return Table(
        "actions",
        "What people can do",
        (
            Column("Provision", 36),
            Column("Severity", 10),
            Column("Action", 60),
            Column("Kind", 28),
            _BASIS,
            _LAW,
            _QUOTES,
            _PASSAGES,
            *_finding_columns(edition),
            _PLACE,
        ),
        tuple(
            (
                provision.title,
                provision.severity,
                action.text,
                action.heading,
                *_carried(edition, (action,)),
                *_finding_cells(edition, action.path),
                action.path,
            )
            for provision in by_severity(edition)
            for action in provision.what_you_can_do
        ),
    )


def _summaries(edition: Edition) -> Table:
    claims = [
        *(("consumer summary", claim) for claim in edition.consumer),
        *(("legal summary", claim) for claim in edition.legal),
    ]
    return Table(
        "summaries",
        "Summaries",
        (
            Column("Summary", 18),
            Column("About", 28),
            Column("Sentence", 80),
            _BASIS,
            _LAW,
            _QUOTES,
            _PASSAGES,
            *_finding_columns(edition),
            _PLACE,
        ),
        tuple(
            (
                summary,
                claim.heading,
                claim.text,
                *_carried(edition, (claim,)),
                *_finding_cells(edition, claim.path),
                claim.path,
            )
            for summary, claim in claims
        ),
    )


def _left_out(edition: Edition, parts: ProfessionalParts) -> Table:
    return Table(
        "left-out",
        "Left out",
        (Column("Category", 32), Column("Reason", 80), _FINDINGS, _PLACE),
        tuple(
            (left_out.category_title, left_out.reason, _findings(edition, left_out.path), left_out.path)
            for left_out in parts.left_out
        ),
    )


def _passages(edition: Edition) -> Table:
    return Table(
        "passages",
        "Passages",
        (
            Column("Passage", 22),
            Column("Section", 32),
            Column("Text", 90),
            Column("Quoted words", 60),
            Column("Carries", 40),
        ),
        tuple(
            (
                passage.id,
                passage.section,
                passage.text,
                tuple(text for text, quoted in cut_passage(passage) if quoted),
                tuple(name_place(path) for path in passage.carries),
            )
            for passage in edition.passages
        ),
    )


def _about(edition: Edition) -> Table:
    parts = edition.professional
    pairs = [
        ("Policy", edition.title),
        *told_facts(edition),
        ("Notice", edition.notice),
        ("Override", told_override(edition)),
        *(("Overridden finding", f"{f.message} ({f.place}, {f.code})") for f in edition.findings_at("")),
        ("stated", BASES["stated"]),
        ("inferred", BASES["inferred"]),
        ("Exposure", EXPOSURE_NOTICE if parts else ""),
        ("Besides", told_besides(edition)),
        *(_made(parts.provenance) if parts else ()),
    ]
    return Table(
        "about",
        "About",
        (Column("", 26), Column("What", 110)),
        tuple((name, value) for name, value in pairs if value),
    )


def _made(made: EditionProvenance) -> Iterable[tuple[str, str]]:
    for stage in made.stages:
        yield (
            f"Stage {stage.stage}",
            f"{', '.join(stage.models_answered) or 'model not told'} (asked for {stage.model_asked}), mode {stage.mode}, "
            f"requests {stage.requests}, finished {write_time(stage.finished_at)}",
        )
        yield from ((f"Prompt {name}", digest) for name, digest in stage.prompts.items())
        yield f"Schema of {stage.stage}", stage.schema_sha256
    yield "Passages sha256", made.passages_sha256
    yield "Registry sha256", made.registry_sha256
    yield from ((f"Version of {name}", number) for name, number in made.versions.items())


def _carried(edition: Edition, claims: tuple[EditionClaim, ...]) -> tuple[Cell, Cell, Cell, Cell]:
    """Basis, law, quotes and passages of one claim or of several that share a row."""
    quotes = tuple(quote for claim in claims for quote in claim.quotes)
    words, passages = _quotes(edition, quotes)
    absences = tuple(filter(None, (told_absence(claim) for claim in claims)))
    bases = tuple(dict.fromkeys(claim.basis for claim in claims))
    law = dict.fromkeys(told_statute(statute) for claim in claims for statute in claim.statutes)
    return ", ".join(bases), tuple(law), (*words, *absences), passages


def _quotes(edition: Edition, quotes: tuple[EditionQuote, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    words = []
    for quote in quotes:
        note = quote_note(edition, quote)
        words.append(f"“{quote.words}” [{quote.passage_id}]" + (f" ({note})" if note else ""))
    return tuple(words), tuple(dict.fromkeys(quote.passage_id for quote in quotes))


def _findings(edition: Edition, *paths: str) -> tuple[str, ...]:
    return tuple(f"{f.message} ({f.place}, {f.code})" for path in paths for f in edition.findings_at(path))


def _finding_columns(edition: Edition) -> tuple[Column, ...]:
    return (_FINDINGS,) if edition.professional else ()


def _finding_cells(edition: Edition, *paths: str) -> tuple[Cell, ...]:
    return (_findings(edition, *paths),) if edition.professional else ()
