"""An edition as tables, for workbooks and CSV: the same columns and rows in both."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.publish.edition_words import (
    EXPOSURE_NOTICE,
    IN_SHORT,
    LEGAL,
    NOT_IN_REGISTRY,
    PROVISIONS,
    basis_words,
    cut_passage,
    passage_name,
    quote_note,
    told_absence,
    told_bases,
    told_besides,
    told_facts,
    told_override,
    told_place,
    told_status,
    told_statute,
)
from pipeline.publish.provenance import write_time
from pipeline.publish.quotation import in_quotes
from schemas.edition import (
    Edition,
    EditionClaim,
    EditionDecision,
    EditionPrecedent,
    EditionProvenance,
    EditionProvision,
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
_PLACE = Column("Place in this edition", 26)
_DESK = Column("Place at the desk", 26)
_STATUS = Column("Status", 14, ("open", "asked", "answered", "accepted", "not applicable"))


def edition_tables(edition: Edition) -> tuple[Table, ...]:
    """The tables of an edition, those first that are worked in. Those of the public edition hold its parts only, in its order."""
    parts = edition.professional
    in_short = _summary(edition, "in-short", IN_SHORT, edition.consumer)
    legal = _summary(edition, "legal", LEGAL[edition.audience], edition.legal)
    if parts is None:
        return (in_short, _provisions(edition), _actions(edition), legal, _passages(edition), _about(edition))
    return (
        _due_diligence(edition, parts),
        _risks(edition, parts),
        _exposure(edition, parts),
        _precedents(edition, parts),
        _actions(edition),
        in_short,
        legal,
        _left_out(edition, parts),
        _set_aside(parts),
        _passages(edition),
        _about(edition),
    )


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
            _DESK,
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
                *_places(edition, action.path),
            )
            for action in parts.vendor_due_diligence
        ),
    )


def _risks(edition: Edition, parts: ProfessionalParts) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for risk in parts.material_risks:
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
                _findings(edition, risk.path, risk.rationale.path),
                *_places(edition, risk.path),
            )
        )
    for provision in edition.provisions:
        claims = (provision.what_it_is, provision.why_it_matters)
        rows.append(
            (
                "provision",
                provision.severity,
                "",
                *_provision(edition, provision),
                _findings(edition, provision.path, *(claim.path for claim in claims)),
                *_places(edition, provision.path),
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
        _FINDINGS,
        _PLACE,
        _DESK,
    )
    return Table("risks", "Risks", columns, tuple(rows))


def _provisions(edition: Edition) -> Table:
    return Table(
        "provisions",
        PROVISIONS[edition.audience],
        (
            _PLACE,
            Column("Severity", 10),
            Column("Title", 36),
            Column("Category", 24),
            Column("What it is", 56),
            Column("Why it matters", 44),
            Column("Who is affected", 28),
            Column("What you can do", 50),
            _BASIS,
            _LAW,
            _QUOTES,
            _PASSAGES,
        ),
        tuple(
            (
                told_place(edition.audience, provision.path),
                provision.severity,
                *_provision(edition, provision),
            )
            for provision in edition.provisions
        ),
    )


def _provision(edition: Edition, provision: EditionProvision) -> tuple[Cell, ...]:
    return (
        provision.title,
        provision.category_title,
        provision.what_it_is.text,
        provision.why_it_matters.text,
        provision.who_is_affected,
        tuple(action.text for action in provision.what_you_can_do),
        *_carried(edition, (provision.what_it_is, provision.why_it_matters)),
    )


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
            _DESK,
        ),
        tuple(
            (
                exposure.severity,
                exposure.likelihood,
                tuple(told_statute(edition, statute) for statute in exposure.statutes),
                exposure.rationale.text,
                exposure.enforcers,
                *_carried(edition, (exposure.rationale,)),
                _findings(edition, exposure.path, exposure.rationale.path),
                *_places(edition, exposure.path),
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
            _DESK,
        ),
        tuple(_precedent(edition, precedent) for precedent in parts.enforcement_precedents),
    )


def _precedent(edition: Edition, precedent: EditionPrecedent) -> tuple[Cell, ...]:
    return (
        *_decision(precedent),
        *_quotes(edition, precedent.quotes),
        _findings(edition, precedent.path),
        precedent.decision_id,
        *_places(edition, precedent.path),
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
            *_place_columns(edition),
        ),
        tuple(
            (
                provision.title,
                provision.severity,
                action.text,
                action.heading,
                *_carried(edition, (action,)),
                *_finding_cells(edition, action.path),
                *_places(edition, action.path),
            )
            for provision in edition.provisions
            for action in provision.what_you_can_do
        ),
    )


def _summary(edition: Edition, name: str, title: str, claims: tuple[EditionClaim, ...]) -> Table:
    return Table(
        name,
        title,
        (
            Column("About", 28),
            Column("Sentence", 80),
            _BASIS,
            _LAW,
            _QUOTES,
            _PASSAGES,
            *_finding_columns(edition),
            *_place_columns(edition),
        ),
        tuple(
            (
                claim.heading,
                claim.text,
                *_carried(edition, (claim,)),
                *_finding_cells(edition, claim.path),
                *_places(edition, claim.path),
            )
            for claim in claims
        ),
    )


def _left_out(edition: Edition, parts: ProfessionalParts) -> Table:
    return Table(
        "left-out",
        "Left out",
        (Column("Category", 32), Column("Reason", 80), _FINDINGS, _PLACE, _DESK),
        tuple(
            (
                left_out.category_title,
                left_out.reason,
                _findings(edition, left_out.path),
                *_places(edition, left_out.path),
            )
            for left_out in parts.left_out
        ),
    )


def _set_aside(parts: ProfessionalParts) -> Table:
    return Table(
        "set-aside",
        "Set aside",
        (
            _PLACE,
            Column("What the check said", 80),
            Column("Code", 24),
            Column("Why the editor set it aside", 60),
            Column("By", 20),
            Column("At", 22),
        ),
        tuple((s.place, s.message, s.code, s.reason, s.by, write_time(s.at)) for s in parts.set_aside),
    )


def _passages(edition: Edition) -> Table:
    return Table(
        "passages",
        "Passages",
        (
            *((Column("Passage", 22),) if edition.professional else ()),
            Column("Section", 32),
            Column("Text", 90),
            Column("Quoted words", 60),
            Column("Carries", 40),
        ),
        tuple(
            (
                *((passage.id,) if edition.professional else ()),
                passage.section,
                passage.text,
                tuple(text for text, quoted in cut_passage(passage) if quoted),
                tuple(told_place(edition.audience, path) for path in passage.carries),
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
        *told_bases(edition),
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
    absences = tuple(filter(None, (told_absence(edition, claim) for claim in claims)))
    bases = dict.fromkeys(basis_words(edition, claim.basis) for claim in claims)
    law = dict.fromkeys(told_statute(edition, statute) for claim in claims for statute in claim.statutes)
    return ", ".join(bases), tuple(law), (*words, *absences), passages


def _quotes(edition: Edition, quotes: tuple[EditionQuote, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    words = []
    for quote in quotes:
        note = quote_note(edition, quote)
        name = passage_name(edition, quote.passage_id)
        told = (in_quotes(quote.words), f"[{name}]" if name else "", f"({note})" if note else "")
        words.append(" ".join(filter(None, told)))
    return tuple(words), tuple(
        filter(None, dict.fromkeys(passage_name(edition, q.passage_id) for q in quotes))
    )


def _findings(edition: Edition, *paths: str) -> tuple[str, ...]:
    return tuple(f"{f.message} ({f.place}, {f.code})" for path in paths for f in edition.findings_at(path))


def _finding_columns(edition: Edition) -> tuple[Column, ...]:
    return (_FINDINGS,) if edition.professional else ()


def _finding_cells(edition: Edition, *paths: str) -> tuple[Cell, ...]:
    return (_findings(edition, *paths),) if edition.professional else ()


def _place_columns(edition: Edition) -> tuple[Column, ...]:
    return (_PLACE, _DESK) if edition.professional else (_PLACE,)


def _places(edition: Edition, path: str) -> tuple[Cell, ...]:
    """What a place is called in the edition, and in the professional one what the editors' desk calls it."""
    place = told_place(edition.audience, path)
    return (place, edition.desk_name(path) or place) if edition.professional else (place,)
