"""Editions: an approved draft as one audience gets it, and its files. Every file is written from an Edition alone.

The draft is the folded one: lists may be shorter than a model's may, and nothing here takes any number of entries for granted.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from pydantic import BaseModel

from pipeline.errors import UsageError
from pipeline.publish.edition_csv import edition_csv
from pipeline.publish.edition_html import edition_html
from pipeline.publish.edition_markdown import edition_markdown
from pipeline.publish.edition_words import LEVELS, file_stem, told_place
from pipeline.publish.law import DecisionView, StatuteView, view_ref
from pipeline.publish.places import claim_of, name_place
from pipeline.publish.provenance import view_provenance
from pipeline.publish.shown import shown
from pipeline.publish.view import ClaimView, DraftView, QuoteView, view_draft
from pipeline.registry.citations import join_ref
from schemas.document import Span
from schemas.draft import Citation, Draft, StageRecord
from schemas.edition import (
    Audience,
    Besides,
    Edition,
    EditionAction,
    EditionClaim,
    EditionDates,
    EditionDecision,
    EditionExposure,
    EditionFinding,
    EditionLeftOut,
    EditionPassage,
    EditionPrecedent,
    EditionProvenance,
    EditionProvision,
    EditionQuote,
    EditionRisk,
    EditionSetAside,
    EditionStage,
    EditionStatute,
    ProfessionalParts,
)
from schemas.finding import Finding
from schemas.review import Approval, Decision
from schemas.summaries import Basis, Claim, Evidence, StatuteCitation

NOTICE = (
    "This is not legal advice. A language model drafted it from the policy as it was captured, and a person approved it. "
    "Each claim says whether the policy states it or whether it is inferred, and shows the words it rests on."
)

FORMATS = ("json", "md", "html", "pdf", "xlsx", "csv")

_NOT_IN_XML = {0xFFFE: "\N{REPLACEMENT CHARACTER}", 0xFFFF: "\N{REPLACEMENT CHARACTER}"}
_PROVISION = re.compile(r"risk\.provisions\[(\d+)\]")
_PUBLIC_ROOTS = ("consumer.", "legal.", "risk.provisions")


def make_edition(
    draft: Draft,
    approval: Approval,
    audience: Audience,
    *,
    blocking: Sequence[Finding] | None = None,
    set_aside: Sequence[tuple[Finding, Decision]] = (),
    desk_names: Mapping[str, str] | None = None,
) -> Edition:
    """What is published of an approved draft. The same draft, approval and audience give the same edition; no clock is read.

    ``draft`` is as it stands after its decisions. ``blocking`` are the findings that stood against approval and were overridden; when
    they are not given, every error of the draft counts as one if the approval has an override, and none if it has not. ``set_aside`` are
    the findings that an editor set aside, each with that decision; ``desk_names`` what the desk calls the entries, by their paths in
    ``draft``. Raises UsageError when some findings block and the approval does not say why it was given all the same.
    """
    if blocking and not approval.override:
        raise UsageError(
            f"{len(blocking)} blocking finding{' is' if len(blocking) == 1 else 's are'} open and the approval gives no reason to "
            "override them; reopen the draft."
        )
    if blocking is None:
        blocking = [f for f in draft.findings if f.severity == "error"] if approval.override else []
    return _Maker(draft, approval, audience, blocking, set_aside, desk_names or {}).edition()


def write_edition(edition: Edition, formats: Sequence[str] = FORMATS) -> dict[str, bytes]:
    """The edition's files by name. The same edition gives the same bytes, on any machine with the same packages.

    ``formats`` are some of ``FORMATS``; csv gives one file for each table. Raises UsageError for a format that is not known, and when
    PDF or XLSX is wanted and the extra ``review`` is not installed.
    """
    if unknown := sorted(set(formats) - set(FORMATS)):
        raise UsageError(f"There is no format {unknown[0]!r}; choose of {', '.join(FORMATS)}.")
    stem = file_stem(edition)
    files: dict[str, bytes] = {}
    for name in FORMATS:
        if name in formats:
            files |= {f"{stem}{ending}": content for ending, content in _WRITERS[name](edition).items()}
    return files


def edition_json(edition: Edition) -> bytes:
    """The edition as JSON, its keys in the schema's order. A public edition has no key for what it does not hold."""
    exclude = {"professional"} if edition.professional is None else None
    return (edition.model_dump_json(indent=2, exclude=exclude) + "\n").encode()


def _pdf(edition: Edition) -> dict[str, bytes]:
    from pipeline.publish.edition_pdf import edition_pdf

    return {".pdf": edition_pdf(edition)}


def _xlsx(edition: Edition) -> dict[str, bytes]:
    from pipeline.publish.edition_workbook import edition_workbook

    return {".xlsx": edition_workbook(edition)}


_WRITERS: dict[str, Callable[[Edition], dict[str, bytes]]] = {
    "json": lambda edition: {".json": edition_json(edition)},
    "md": lambda edition: {".md": edition_markdown(edition).encode()},
    "html": lambda edition: {".html": edition_html(edition).encode()},
    "pdf": _pdf,
    "xlsx": _xlsx,
    "csv": lambda edition: {f"-{name}.csv": content for name, content in edition_csv(edition).items()},
}


class _Maker:
    """Joins the draft's ids with the words of its view."""

    def __init__(
        self,
        draft: Draft,
        approval: Approval,
        audience: Audience,
        blocking: Sequence[Finding],
        set_aside: Sequence[tuple[Finding, Decision]],
        desk_names: Mapping[str, str],
    ) -> None:
        self.draft = draft
        self.view: DraftView = view_draft(draft)
        self.approval = approval
        self.audience = audience
        self.blocking = blocking
        self.set_aside = set_aside
        self.desk_names = desk_names
        # Provisions in the order of print, and where each stands in it.
        risk = draft.risk
        self.sorted = sorted(
            range(len(risk.provisions)), key=lambda n: LEVELS.index(risk.provisions[n].severity)
        )
        self.printed_at = {n: rank for rank, n in enumerate(self.sorted)}
        self.refs = dict(_refs(draft))
        self.settled = self._settled() if audience == "professional" else {}
        self.match: dict[str, Literal["exact", "normalised"]] = {c.path: c.match for c in draft.citations}
        # Where a page has a place of its own: claims and entries; a finding about a quote stands at what the quote carries.
        self.paths = frozenset(
            path for path, part in _parts(draft) if not isinstance(part, Evidence | StatuteCitation)
        )

    def edition(self) -> Edition:
        draft, view, document = self.draft, self.view, self.draft.document
        professional = self._professional()
        public = self.audience == "public"
        source = document.source
        finished = [stage.finished_at for stage in draft.provenance.stages]
        return Edition(
            audience=self.audience,
            title=_text(view.title),
            company=_text(view.company),
            language=document.language,
            source=source.model_copy(
                update={"name": _text(source.name), "url": _text(source.url) if source.url else None}
            ),
            dates=EditionDates(
                policy=document.dated,
                captured=document.captured_at,
                drafted=max(finished, default=None),
                approved=self.approval.at,
                published=self.approval.at,
            ),
            drafted_by=_text(view_provenance(draft).model),
            approval=self.approval.model_copy(
                update={
                    "by": _text(self.approval.by),
                    "override": _text(self.approval.override) if self.approval.override else None,
                }
            ),
            overridden=len(self.blocking),
            notice=NOTICE,
            consumer=tuple(
                self._claim(claim, f"consumer.sentences[{n}]", view.consumer[n], claim.role)
                for n, claim in enumerate(draft.consumer.sentences)
            ),
            legal=tuple(
                self._claim(claim, f"legal.sentences[{n}]", view.legal[n], claim.role)
                for n, claim in enumerate(draft.legal.sentences)
            ),
            provisions=tuple(self._provision(n) for n in self.sorted),
            professional=None if public else professional,
            besides=_besides(professional) if public else (),
            passages=self._passages(_quoted(draft, self.audience)),
        )

    def _claim(self, claim: Claim, path: str, view: ClaimView, role: str | None = None) -> EditionClaim:
        return EditionClaim(
            path=self._place(path),
            role=role,
            heading=view.heading,
            text=_text(view.text),
            basis=claim.basis,
            absent_terms=_texts(claim.absent_terms),
            quotes=self._quotes(view.quotes, path),
            statutes=tuple(
                _statute(words, statute.ref, self.settled)
                for words, statute in zip(view.statutes, claim.statutes, strict=True)
            ),
        )

    def _quotes(self, quotes: Iterable[QuoteView], path: str) -> tuple[EditionQuote, ...]:
        return tuple(
            EditionQuote(
                passage_id=_text(quote.passage_id),
                words=_text(quote.words),
                match=self.match.get(f"{path}.evidence[{n}]"),
            )
            for n, quote in enumerate(quotes)
        )

    def _provision(self, n: int) -> EditionProvision:
        path, provision, view = (
            f"risk.provisions[{n}]",
            self.draft.risk.provisions[n],
            self.view.provisions[n],
        )
        return EditionProvision(
            path=self._place(path),
            category=_text(provision.category),
            category_title=_text(view.category),
            title=_text(view.title),
            severity=provision.severity,
            severity_rule=_text(provision.severity_rule),
            severity_reason=_text(view.severity_rule),
            confidence=provision.confidence,
            what_it_is=self._claim(provision.what_it_is, f"{path}.what_it_is", view.what_it_is),
            why_it_matters=self._claim(
                provision.why_it_matters, f"{path}.why_it_matters", view.why_it_matters
            ),
            who_is_affected=_text(view.who_is_affected),
            what_you_can_do=tuple(
                self._claim(action, f"{path}.what_you_can_do[{k}]", view.actions[k], action.kind)
                for k, action in enumerate(provision.what_you_can_do)
            ),
        )

    def _professional(self) -> ProfessionalParts:
        risk, made = self.draft.risk, self.draft.provenance
        return ProfessionalParts(
            regulatory_exposure=tuple(self._exposure(n) for n in range(len(risk.regulatory_exposure))),
            material_risks=tuple(self._risk(n) for n in range(len(risk.material_risks))),
            vendor_due_diligence=tuple(self._action(n) for n in range(len(risk.vendor_due_diligence))),
            enforcement_precedents=tuple(self._precedent(n) for n in range(len(risk.enforcement_precedents))),
            left_out=tuple(
                EditionLeftOut(
                    path=f"risk.left_out[{n}]",
                    category=_text(left_out.category),
                    category_title=_text(self.view.left_out[n].category),
                    reason=_text(left_out.reason),
                )
                for n, left_out in enumerate(risk.left_out)
            ),
            overridden=tuple(self._finding(finding) for finding in self.blocking),
            set_aside=tuple(self._set_aside(finding, decision) for finding, decision in self.set_aside),
            desk_names={
                place: _text(name)
                for path, name in self.desk_names.items()
                if path.endswith("]")
                and path in self.paths
                and name_place(place := self._place(path)) != name
            },
            provenance=EditionProvenance(
                passages_sha256=made.passages_sha256,
                registry_sha256=made.registry_sha256,
                stages=tuple(_stage(stage) for stage in made.stages),
                versions={_text(name): _text(number) for name, number in sorted(made.versions.items())},
            ),
        )

    def _exposure(self, n: int) -> EditionExposure:
        path, exposure = f"risk.regulatory_exposure[{n}]", self.draft.risk.regulatory_exposure[n]
        view = self.view.exposures[n]
        refs = [join_ref(exposure.statute, article) for article in exposure.articles] or [exposure.statute]
        return EditionExposure(
            path=path,
            statutes=tuple(
                _statute(words, ref, self.settled) for words, ref in zip(view.statutes, refs, strict=True)
            ),
            rationale=self._claim(exposure.rationale, f"{path}.rationale", view.rationale),
            severity=exposure.severity,
            likelihood=exposure.likelihood,
            enforcers=_texts(exposure.enforcers),
        )

    def _risk(self, n: int) -> EditionRisk:
        path, risk, view = (
            f"risk.material_risks[{n}]",
            self.draft.risk.material_risks[n],
            self.view.material_risks[n],
        )
        return EditionRisk(
            path=path,
            title=_text(risk.title),
            category=_text(risk.category),
            category_title=_text(view.category),
            severity=risk.severity,
            likelihood=risk.likelihood,
            rationale=self._claim(risk.rationale, f"{path}.rationale", view.rationale),
            mitigations=_texts(risk.mitigations),
        )

    def _action(self, n: int) -> EditionAction:
        action, view = self.draft.risk.vendor_due_diligence[n], self.view.due_diligence[n]
        return EditionAction(
            path=f"risk.vendor_due_diligence[{n}]",
            priority=action.priority,
            action=_text(action.action),
            evidence_to_request=_texts(action.evidence_to_request),
            owner=_text(action.owner),
            category=_text(action.category),
            category_title=_text(view.category),
        )

    def _precedent(self, n: int) -> EditionPrecedent:
        path, view = f"risk.enforcement_precedents[{n}]", self.view.precedents[n]
        return EditionPrecedent(
            path=path,
            decision_id=_text(view.decision_id),
            decision=None if view.decision is None else _decision(view.decision),
            relevance=_text(view.relevance),
            quotes=self._quotes(view.quotes, path),
        )

    def _place(self, path: str) -> str:
        """A path of the draft as a path of the edition."""
        provision = _PROVISION.match(path)
        if provision is None or int(provision[1]) not in self.printed_at:
            return path
        return f"risk.provisions[{self.printed_at[int(provision[1])]}]{path[provision.end() :]}"

    def _finding(self, finding: Finding) -> EditionFinding:
        return EditionFinding(
            path=self._shown_at(finding.path),
            place=self._name(finding.path),
            code=_text(finding.code),
            message=_text(finding.message),
        )

    def _set_aside(self, finding: Finding, decision: Decision) -> EditionSetAside:
        # What is said of a citation of law stands with the citation, where that tells a doubt.
        about_law = finding.code.startswith("law.") and self.refs.get(finding.path) in self.settled
        return EditionSetAside(
            path=self._place(finding.path) if about_law else self._shown_at(finding.path),
            place=self._name(finding.path),
            code=_text(finding.code),
            message=_text(finding.message),
            by=_text(decision.by),
            at=decision.at,
            reason=_text(decision.reason),
        )

    def _name(self, path: str) -> str:
        return _text(told_place(self.audience, self._place(path))) or "The draft as a whole"

    def _shown_at(self, path: str) -> str:
        """The deepest place around a path of the draft that the edition shows, as a path of the edition."""
        while path and path not in self.paths:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self._place(path)

    def _settled(self) -> dict[str, str]:
        """References to law whose doubt was set aside, each with by whom and why; one may be doubted in several artefacts."""
        told: dict[str, dict[str, None]] = {}
        for finding, decision in self.set_aside:
            ref = self.refs.get(finding.path) if finding.code.startswith("law.") else None
            if ref and view_ref(ref, "").doubt:
                told.setdefault(ref, {})[f"set aside by {decision.by}: {decision.reason}"] = None
        return {ref: _text("; ".join(reasons)) for ref, reasons in told.items()}

    def _passages(self, quoted: dict[str, dict[str, None]]) -> tuple[EditionPassage, ...]:
        """The passages that these paths quote from, in the policy's order, with the quoted runs marked."""
        document = self.draft.document
        titles = {section.id: section.title for section in document.sections}
        spans: dict[str, list[Citation]] = {}
        for citation in self.draft.citations:
            if claim_of(citation.path) in quoted.get(citation.passage_id, ()):
                spans.setdefault(citation.passage_id, []).append(citation)
        return tuple(
            EditionPassage(
                id=_text(passage.id),
                section=_text(titles.get(passage.section_id, "")),
                kind=passage.kind,
                text=_text(document.text_of(passage)),
                marks=_marks(passage.span, (c.span for c in spans.get(passage.id, ()))),
                carries=tuple(map(self._place, quoted[passage.id])),
            )
            for passage in document.passages
            if passage.id in quoted
        )


def _quoted(draft: Draft, audience: Audience) -> dict[str, dict[str, None]]:
    """Passage id -> the paths of the claims and entries that quote from it, each once, as far as this audience gets them."""
    quoted: dict[str, dict[str, None]] = {}
    for path, part in _parts(draft):
        if isinstance(part, Evidence) and (audience == "professional" or path.startswith(_PUBLIC_ROOTS)):
            quoted.setdefault(part.passage_id, {})[claim_of(path)] = None
    return quoted


def _parts(draft: Draft) -> Iterator[tuple[str, BaseModel]]:
    """Every entry, claim, quote and citation of law of the three artefacts, with its path."""
    for root, artefact in (("consumer", draft.consumer), ("legal", draft.legal), ("risk", draft.risk)):
        yield from _inner(artefact, root)


def _inner(value: BaseModel, path: str) -> Iterator[tuple[str, BaseModel]]:
    for name in type(value).model_fields:
        part = getattr(value, name)
        listed = isinstance(part, list)
        for n, entry in enumerate(part if listed else [part]):
            if isinstance(entry, BaseModel):
                where = f"{path}.{name}[{n}]" if listed else f"{path}.{name}"
                yield where, entry
                yield from _inner(entry, where)


def _marks(passage: Span, spans: Iterable[Span]) -> tuple[Span, ...]:
    """The runs of a passage that any of the spans covers, as offsets into the passage; runs that touch are one."""
    marks: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        start, end = (
            max(span.start, passage.start) - passage.start,
            min(span.end, passage.end) - passage.start,
        )
        if start >= end:
            continue
        if marks and start <= marks[-1].end:
            marks[-1] = Span(start=marks[-1].start, end=max(end, marks[-1].end))
        else:
            marks.append(Span(start=start, end=end))
    return tuple(marks)


def _besides(parts: ProfessionalParts) -> tuple[Besides, ...]:
    return (
        Besides(part="regulatory exposure by statute", count=len(parts.regulatory_exposure)),
        Besides(part="material risks", count=len(parts.material_risks)),
        Besides(part="vendor due diligence", count=len(parts.vendor_due_diligence)),
        Besides(part="precedents and guidance", count=len(parts.enforcement_precedents)),
        Besides(part="categories looked at and left out", count=len(parts.left_out)),
    )


def _refs(draft: Draft) -> Iterator[tuple[str, str]]:
    """Every reference to law of a draft, by the path at which a check speaks of it."""
    yield from ((path, part.ref) for path, part in _parts(draft) if isinstance(part, StatuteCitation))
    for n, exposure in enumerate(draft.risk.regulatory_exposure):
        yield f"risk.regulatory_exposure[{n}].statute", exposure.statute
        for k, article in enumerate(exposure.articles):
            yield f"risk.regulatory_exposure[{n}].articles[{k}]", join_ref(exposure.statute, article)


def _statute(view: StatuteView, ref: str, settled: Mapping[str, str]) -> EditionStatute:
    basis: Basis | None = (
        "stated" if view.basis == "stated" else "inferred" if view.basis == "inferred" else None
    )
    return EditionStatute(
        ref=_text(ref),
        cite=_text(view.cite),
        title=_text(view.title),
        basis=basis,
        doubt=view.doubt,
        settled=settled.get(ref, "") if view.doubt else "",
    )


def _decision(view: DecisionView) -> EditionDecision:
    return EditionDecision(
        id=view.id,
        name=view.name,
        reference=view.reference,
        date=view.date,
        outcome=view.outcome,
        fine=view.fine,
        provisions=view.provisions,
        status=view.status,
        standing=view.standing,
        status_note=view.status_note,
        use=view.use,
        unverified=view.unverified,
        not_verified=view.not_verified,
        limits=view.limits,
        sources=view.sources,
        checked=view.checked,
    )


def _stage(stage: StageRecord) -> EditionStage:
    return EditionStage(
        stage=stage.stage,
        model_asked=_text(stage.model_asked),
        models_answered=_texts(stage.models_answered),
        mode=_text(stage.mode),
        parameters={
            _text(name): _text(value) if isinstance(value, str) else value
            for name, value in sorted(stage.parameters.items())
        },
        prompts={_text(name): digest for name, digest in sorted(stage.prompts.items())},
        schema_sha256=stage.schema_sha256,
        requests=len(stage.attempts),
        finished_at=stage.finished_at,
    )


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(_text(text) for text in texts)


def _text(text: str) -> str:
    """Text that every format can hold: as it is shown, without the two characters that XML and so a workbook cannot."""
    return shown(text).translate(_NOT_IN_XML)
