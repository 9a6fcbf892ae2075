"""An edition as PDF, set by Typst: tagged (PDF/UA-1), with the approval's time in its metadata and no other.

The template is the package's own file. All text reaches it as JSON, so that what a policy, a model or an editor wrote is text and never
Typst. Fonts are those inside Typst alone, so that every machine gives the same bytes; they have no Chinese, Japanese or Korean. What
they cannot show stands as U+FFFD, and the first page says so.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC
from importlib.resources import files
from typing import Any

from pipeline.errors import UsageError
from pipeline.publish.edition_words import (
    AUDIENCES,
    EXPOSURE_NOTICE,
    NOT_IN_REGISTRY,
    by_severity,
    cut_passage,
    decision_facts,
    quote_note,
    told_absence,
    told_besides,
    told_facts,
    told_override,
    told_status,
    told_statute,
)
from pipeline.publish.law import STANDING_SHAPES
from pipeline.publish.places import name_place
from pipeline.publish.provenance import write_date, write_time
from pipeline.publish.view import BASES, SHAPES
from schemas.edition import (
    Edition,
    EditionClaim,
    EditionPrecedent,
    EditionProvenance,
    EditionQuote,
    ProfessionalParts,
)
from schemas.risk import Level

# As the compiler says that its fonts lack a character, quoted as Rust quotes strings.
_LACKING = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
# Typst breaks no line within a word, and a word longer than the line would run off the page. 64 characters of a digest fit on one.
_LONG_WORD = re.compile(r"\S{70,}")
_LONG_IN_TITLE = re.compile(r"\S{30,}")
_ZERO_WIDTH_SPACE = "\N{ZERO WIDTH SPACE}"
_CODE_POINT = re.compile(r"\\u\{([0-9a-f]+)\}")


def edition_pdf(edition: Edition) -> bytes:
    """The PDF. The same edition gives the same bytes. Raises UsageError when Typst is not installed."""
    try:
        import typst
    except ImportError:
        raise UsageError("PDF needs the extra review; install clausewise[review].") from None
    source = (files("pipeline.publish") / "templates" / "edition.typ").read_bytes()
    # A PDF tells times to the second, and Typst refuses any other.
    approved = edition.dates.approved.replace(microsecond=0)
    content = _breakable(_Setter(edition).content())
    lacking: set[str] = set()
    while True:
        told = {**content, "lacking": _told_lacking(lacking)}
        text = json.dumps(told, ensure_ascii=False)
        shown = text.translate(dict.fromkeys(map(ord, lacking), f"\ufffd{_ZERO_WIDTH_SPACE}"))
        try:
            return typst.compile(
                source,
                format="pdf",
                sys_inputs={"edition": shown},
                ignore_system_fonts=True,
                pdf_standards=["ua-1"],
                timestamp=approved if approved.tzinfo else approved.replace(tzinfo=UTC),
            )
        except typst.TypstError as error:
            # All characters that are lacking are named at once; those of the template's own are never among them.
            reason, more = error.message, _characters(error.diagnostic)
        except BaseException as error:
            # Typst can fail on long words of right-to-left scripts, with an exception that is no Exception and has no name to import.
            if type(error).__name__ != "PanicException":
                raise
            reason, more = "it failed within", {c for c in text if not _is_plain(c)}
        if not more - lacking:
            raise UsageError(
                f"Typst cannot set this edition as PDF ({reason}); publish it in the other formats."
            )
        lacking |= more


def _is_plain(character: str) -> bool:
    """Whether it is of Latin, Greek or Cyrillic script or punctuation, and combines with no other."""
    return (
        ord(character) < 0x0530 or 0x1E00 <= ord(character) < 0x2800 or character == "\ufffd"
    ) and not unicodedata.category(character).startswith("M")


def _characters(diagnostic: str) -> set[str]:
    """The characters outside ASCII that the compiler could not show."""
    texts = (
        _CODE_POINT.sub(lambda match: chr(int(match[1], 16)), text) for text in _LACKING.findall(diagnostic)
    )
    # A place to break a line can be told with the character before it.
    return {c for text in texts for c in text if not c.isascii() and c != _ZERO_WIDTH_SPACE}


def _told_lacking(lacking: set[str]) -> str:
    if not lacking:
        return ""
    number = len(lacking)
    return (
        f"The fonts of this PDF lack {number} character{'' if number == 1 else 's'} of this edition; where "
        f"{'it stands' if number == 1 else 'they stand'}, it shows \ufffd. The edition as HTML, Markdown or JSON shows all of it."
    )


def _breakable(value: Any, long: re.Pattern[str] = _LONG_WORD) -> Any:
    """The same content with places to break a line in words that are longer than one."""
    if isinstance(value, str):
        return long.sub(lambda word: _ZERO_WIDTH_SPACE.join(re.findall(".{1,15}", word[0])), value)
    if isinstance(value, dict):
        return {
            name: _breakable(part, _LONG_IN_TITLE if name == "title" else long)
            for name, part in value.items()
        }
    return [_breakable(part, long) for part in value] if isinstance(value, list | tuple) else value


class _Setter:
    """One edition's parts as the template takes them: sections of entries, entries of claims, claims of quotes."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        # Labels of Typst by number: a passage's id may hold anything.
        self.labels = {passage.id: f"passage-{n}" for n, passage in enumerate(edition.passages)}

    def content(self) -> dict[str, Any]:
        edition, parts = self.edition, self.edition.professional
        dates = edition.dates
        effective = f" · policy effective {write_date(dates.effective)}" if dates.effective else ""
        return {
            "title": edition.title,
            "company": edition.company,
            "language": edition.language if re.fullmatch("[a-z]{2,3}", edition.language) else "en",
            "edition": AUDIENCES[edition.audience],
            "dateline": f"{AUDIENCES[edition.audience]} · published {write_date(dates.published)} · "
            f"approved by {edition.approval.by}{effective}",
            "notice": edition.notice,
            "override": told_override(edition),
            "findings": self._findings(""),
            "facts": told_facts(edition),
            "bases": [[name, words] for name, words in BASES.items()],
            "besides": told_besides(edition),
            "summaries": [
                {"title": "In short", "large": True, "claims": self._sentences(edition.consumer)},
                {"title": "For lawyers", "large": False, "claims": self._sentences(edition.legal)},
            ],
            "sections": [self._provisions(), *(self._professional(parts) if parts else ())],
            "passages": [
                {
                    "label": self.labels[passage.id],
                    "id": passage.id,
                    "section": passage.section,
                    "runs": cut_passage(passage),
                    "carries": "; ".join(name_place(path) for path in passage.carries),
                }
                for passage in edition.passages
            ],
            "made": list(_made(parts.provenance)) if parts else [],
        }

    def _sentences(self, claims: Iterable[EditionClaim]) -> list[dict[str, Any]]:
        return [self._claim(claim, f"{claim.heading} · {name_place(claim.path)}") for claim in claims]

    def _claim(self, claim: EditionClaim, heading: str | None = None) -> dict[str, Any]:
        return {
            "heading": claim.heading if heading is None else heading,
            "text": claim.text,
            "basis": claim.basis,
            "absence": told_absence(claim),
            "law": [told_statute(statute) for statute in claim.statutes],
            "quotes": self._quotes(claim.quotes),
            "findings": self._findings(claim.path),
        }

    def _quotes(self, quotes: Iterable[EditionQuote]) -> list[dict[str, str]]:
        return [
            {
                "words": quote.words,
                "passage": quote.passage_id,
                "label": self.labels.get(quote.passage_id, ""),
                "note": quote_note(self.edition, quote),
            }
            for quote in quotes
        ]

    def _findings(self, path: str) -> list[str]:
        return [f"{f.place}: {f.message} ({f.code})" for f in self.edition.findings_at(path)]

    def _provisions(self) -> dict[str, Any]:
        entries = [
            _entry(
                provision.title,
                levels=[_level(provision.severity, "severity")],
                about=f"{name_place(provision.path)} · {provision.category_title} · {provision.confidence} confidence",
                findings=self._findings(provision.path),
                claims=[
                    self._claim(provision.what_it_is),
                    self._claim(provision.why_it_matters),
                    _plain("Who is affected", provision.who_is_affected),
                    *(
                        self._claim(action, f"What you can do: {action.heading}")
                        for action in provision.what_you_can_do
                    ),
                ],
                foot=f"Severity by rule {provision.severity_reason}",
            )
            for provision in by_severity(self.edition)
        ]
        return _section("Provisions", entries)

    def _professional(self, parts: ProfessionalParts) -> list[dict[str, Any]]:
        exposures = [
            _entry(
                "; ".join(told_statute(statute) for statute in exposure.statutes),
                levels=[_level(exposure.severity, "severity"), _level(exposure.likelihood, "likelihood")],
                about=name_place(exposure.path),
                findings=self._findings(exposure.path),
                claims=[self._claim(exposure.rationale)],
                foot=f"Enforced by {', '.join(exposure.enforcers)}" if exposure.enforcers else "",
            )
            for exposure in parts.regulatory_exposure
        ]
        risks = [
            _entry(
                risk.title,
                levels=[_level(risk.severity, "severity"), _level(risk.likelihood, "likelihood")],
                about=f"{name_place(risk.path)} · {risk.category_title}",
                findings=self._findings(risk.path),
                claims=[self._claim(risk.rationale)],
                items=("Mitigations", risk.mitigations),
            )
            for risk in parts.material_risks
        ]
        actions = [
            _entry(
                action.action,
                levels=[_level(action.priority, "priority")],
                about=f"{action.category_title} · owner: {action.owner}",
                findings=self._findings(action.path),
                items=("Evidence to request", action.evidence_to_request),
            )
            for action in parts.vendor_due_diligence
        ]
        left_out = [
            _entry(
                entry.category_title, findings=self._findings(entry.path), claims=[_plain("", entry.reason)]
            )
            for entry in parts.left_out
        ]
        return [
            _section("Regulatory exposure", exposures, EXPOSURE_NOTICE),
            _section("Material risks", risks),
            _section("Due diligence", actions),
            _section("Precedents and guidance", [self._precedent(p) for p in parts.enforcement_precedents]),
            _section("Looked at and left out", left_out),
        ]

    def _precedent(self, precedent: EditionPrecedent) -> dict[str, Any]:
        decision = precedent.decision
        claim = {**_plain("", precedent.relevance), "quotes": self._quotes(precedent.quotes)}
        findings = self._findings(precedent.path)
        if decision is None:
            level = {"kind": "fallen", "shape": "✖", "words": "not in the registry"}
            return _entry(
                precedent.decision_id,
                levels=[level],
                about=name_place(precedent.path),
                claims=[_plain("", NOT_IN_REGISTRY), claim],
                findings=findings,
            )
        level = {
            "kind": decision.standing,
            "shape": STANDING_SHAPES[decision.standing],
            "words": told_status(decision),
        }
        return _entry(
            decision.name,
            levels=[level],
            about=f"{name_place(precedent.path)} · {decision.id}",
            claims=[claim],
            pairs=decision_facts(decision),
            findings=findings,
        )


def _section(title: str, entries: list[dict[str, Any]], note: str = "") -> dict[str, Any]:
    return {"title": f"{title} ({len(entries)})", "note": note, "entries": entries}


def _entry(
    title: str,
    *,
    levels: Iterable[dict[str, str]] = (),
    about: str = "",
    claims: Iterable[dict[str, Any]] = (),
    items: tuple[str, Iterable[str]] = ("", ()),
    pairs: Iterable[tuple[str, str]] = (),
    findings: Iterable[str] = (),
    foot: str = "",
) -> dict[str, Any]:
    return {
        "title": title,
        "levels": list(levels),
        "about": about,
        "claims": list(claims),
        "items_title": items[0],
        "items": list(items[1]),
        "pairs": list(pairs),
        "findings": list(findings),
        "foot": foot,
    }


def _plain(heading: str, text: str) -> dict[str, Any]:
    """A text that no evidence is asked for."""
    return {
        "heading": heading,
        "text": text,
        "basis": "",
        "absence": "",
        "law": [],
        "quotes": [],
        "findings": [],
    }


def _level(level: Level, what: str) -> dict[str, str]:
    return {"kind": level, "shape": SHAPES[level], "words": f"{level} {what}"}


def _made(made: EditionProvenance) -> Iterable[tuple[str, str]]:
    for stage in made.stages:
        yield (
            f"Stage {stage.stage}",
            f"{', '.join(stage.models_answered) or 'model not told'}, asked for {stage.model_asked}, mode {stage.mode}, "
            f"requests {stage.requests}, finished {write_time(stage.finished_at)}",
        )
        yield from ((f"Prompt {name}", digest) for name, digest in stage.prompts.items())
        yield "Schema", stage.schema_sha256
    yield "Passages sha256", made.passages_sha256
    yield "Registry sha256", made.registry_sha256
    yield from ((f"Version of {name}", number) for name, number in made.versions.items())
