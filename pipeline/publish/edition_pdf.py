"""An edition as PDF, set by Typst: tagged (PDF/UA-1), with the approval's time in its metadata and no other.

The template is the package's own file. All text reaches it as JSON, so that what a policy, a model or an editor wrote is text and never
Typst. Fonts are those inside Typst alone, so that every machine gives the same bytes; they have no Chinese, Japanese or Korean. What
they cannot show stands as U+FFFD, and the first page says so; so do letters with more marks than any script has.
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
    ABOUT,
    AUDIENCES,
    EXPOSURE_NOTICE,
    IN_SHORT,
    LEGAL,
    NOT_IN_REGISTRY,
    ORDER,
    PROVISIONS,
    SET_ASIDE,
    Part,
    cut_passage,
    decision_facts,
    law_besides,
    passage_name,
    quote_note,
    told_bases,
    told_basis,
    told_besides,
    told_dateline,
    told_desk,
    told_exposure,
    told_facts,
    told_override,
    told_place,
    told_set_aside,
    told_severity,
    told_status,
    told_statute,
)
from pipeline.publish.law import STANDING_SHAPES
from pipeline.publish.provenance import write_time
from pipeline.publish.quotation import marks_around
from pipeline.publish.view import SHAPES
from schemas.edition import (
    Edition,
    EditionClaim,
    EditionPrecedent,
    EditionProvenance,
    EditionQuote,
    EditionSetAside,
    ProfessionalParts,
)
from schemas.risk import Level

# As the compiler says that its fonts lack a character, quoted as Rust quotes strings.
_LACKING = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
# Typst breaks no line within a word, and a word longer than the line would run off the page. 64 characters of a digest fit on one.
_LONG_WORD = re.compile(r"\S{70,}")
_LONG_IN_TITLE = re.compile(r"\S{30,}")
_ZERO_WIDTH_SPACE = "\N{ZERO WIDTH SPACE}"
_UNBROKEN = 15  # characters of a long word between two places to break it
# No script puts more marks on one letter; Typst needs minutes for a few thousand.
_MOST_MARKS = 8
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
    written = _Setter(edition).content()
    few = _with_few_marks(written)
    # As JSON, in which a tuple is a list.
    cut = json.dumps(few) != json.dumps(written)
    content = _breakable(few)
    lacking: set[str] = set()
    while True:
        told = {**content, "lacking": " ".join(_told_missing(lacking, cut=cut))}
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
    ) and not _is_mark(character)


def _characters(diagnostic: str) -> set[str]:
    """The characters outside ASCII that the compiler could not show."""
    texts = (
        _CODE_POINT.sub(lambda match: chr(int(match[1], 16)), text) for text in _LACKING.findall(diagnostic)
    )
    # A place to break a line can be told with the character before it.
    return {c for text in texts for c in text if not c.isascii() and c != _ZERO_WIDTH_SPACE}


def _told_missing(lacking: set[str], *, cut: bool) -> Iterable[str]:
    if lacking:
        number = len(lacking)
        yield (
            f"The fonts of this PDF lack {number} character{'' if number == 1 else 's'} of this edition; where "
            f"{'it stands' if number == 1 else 'they stand'}, it shows \ufffd."
        )
    if cut:
        yield f"Where a letter has more than {_MOST_MARKS} marks, it shows \ufffd for the rest of them."
    if lacking or cut:
        yield "The edition as HTML, Markdown or JSON shows all of it."


def _with_few_marks(value: Any) -> Any:
    """The same content with U+FFFD for what a letter has of marks beyond the most."""
    if isinstance(value, str):
        return value if value.isascii() else _cut_marks(value)
    if isinstance(value, dict):
        return {name: _with_few_marks(part) for name, part in value.items()}
    return [_with_few_marks(part) for part in value] if isinstance(value, list | tuple) else value


def _cut_marks(text: str) -> str:
    kept = []
    marks = 0
    for character in text:
        marks = marks + 1 if _is_mark(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
        elif marks == _MOST_MARKS + 1:
            kept.append("\ufffd")
    return "".join(kept)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _breakable(value: Any, long: re.Pattern[str] = _LONG_WORD) -> Any:
    """The same content with places to break a line in words that are longer than one."""
    if isinstance(value, str):
        return long.sub(lambda word: _broken(word[0]), value)
    if isinstance(value, dict):
        return {
            name: _breakable(part, _LONG_IN_TITLE if name == "title" else long)
            for name, part in value.items()
        }
    return [_breakable(part, long) for part in value] if isinstance(value, list | tuple) else value


def _broken(word: str) -> str:
    """The word with places to break it, none between a letter and its marks, which Typst takes ten times as long for."""
    parts = [""]
    for character in word:
        if len(parts[-1]) >= _UNBROKEN and not _is_mark(character):
            parts.append("")
        parts[-1] += character
    return _ZERO_WIDTH_SPACE.join(parts)


class _Setter:
    """One edition's parts as the template takes them: sections of entries, entries of claims, claims of quotes."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        # Labels of Typst by number: a passage's id may hold anything.
        self.labels = {passage.id: f"passage-{n}" for n, passage in enumerate(edition.passages)}

    def content(self) -> dict[str, Any]:
        edition, parts = self.edition, self.edition.professional
        named: dict[Part, dict[str, Any]] = {
            "consumer": {"title": IN_SHORT, "large": True, "claims": self._sentences(edition.consumer)},
            "legal": {
                "title": LEGAL[edition.audience],
                "large": False,
                "claims": self._sentences(edition.legal),
            },
            "provisions": self._provisions(),
        }
        return {
            "title": edition.title,
            "company": edition.company,
            "language": edition.language if re.fullmatch("[a-z]{2,3}", edition.language) else "en",
            "edition": AUDIENCES[edition.audience],
            "dateline": told_dateline(edition),
            "notice": edition.notice,
            "override": told_override(edition),
            "findings": self._findings(""),
            "about": ABOUT,
            "facts": told_facts(edition),
            "bases": told_bases(edition),
            "besides": told_besides(edition),
            "sections": [
                *(named[part] for part in ORDER[edition.audience]),
                *(self._professional(parts) if parts else ()),
            ],
            "passages": [
                {
                    "label": self.labels[passage.id],
                    "id": passage.id if parts else "",
                    "section": passage.section,
                    "runs": cut_passage(passage),
                    "carries": "; ".join(told_place(edition.audience, path) for path in passage.carries),
                }
                for passage in edition.passages
            ],
            "set_aside": [_told_set_aside(s) for s in edition.set_aside_at("")],
            "set_aside_title": SET_ASIDE,
            "made": list(_made(parts.provenance)) if parts else [],
        }

    def _sentences(self, claims: Iterable[EditionClaim]) -> list[dict[str, Any]]:
        return [
            self._claim(
                claim,
                " · ".join(filter(None, (f"{n}. {claim.heading}", told_desk(self.edition, claim.path)))),
            )
            for n, claim in enumerate(claims, start=1)
        ]

    def _claim(self, claim: EditionClaim, heading: str | None = None) -> dict[str, Any]:
        basis, absence = told_basis(self.edition, claim)
        return {
            "heading": claim.heading if heading is None else heading,
            "text": claim.text,
            "basis": basis,
            "absence": absence,
            "law": [told_statute(self.edition, statute) for statute in claim.statutes],
            "quotes": self._quotes(claim.quotes),
            "findings": self._findings(claim.path),
            "set_aside": self._set_aside(claim.path),
        }

    def _quotes(self, quotes: Iterable[EditionQuote]) -> list[dict[str, Any]]:
        return [
            {
                "words": quote.words,
                "marks": marks_around(quote.words),
                "passage": passage_name(self.edition, quote.passage_id) or "the passage",
                "label": self.labels.get(quote.passage_id, ""),
                "note": quote_note(self.edition, quote),
            }
            for quote in quotes
        ]

    def _findings(self, path: str) -> list[str]:
        return [f"{f.place}: {f.message} ({f.code})" for f in self.edition.findings_at(path)]

    def _set_aside(self, path: str) -> list[str]:
        return [_told_set_aside(s) for s in self.edition.set_aside_at(path)]

    def _about(self, path: str, *more: str) -> str:
        """The small line above an entry's title: what is said of it, and what the desk calls it where that is another name."""
        return " · ".join(filter(None, (*more, told_desk(self.edition, path))))

    def _provisions(self) -> dict[str, Any]:
        entries = [
            _entry(
                f"{number}. {provision.title}",
                levels=[_level(provision.severity, "severity")],
                about=self._about(
                    provision.path, provision.category_title, f"{provision.confidence} confidence"
                ),
                findings=self._findings(provision.path),
                set_aside=self._set_aside(provision.path),
                claims=[
                    self._claim(provision.what_it_is),
                    self._claim(provision.why_it_matters),
                    _plain("Who is affected", provision.who_is_affected),
                    *(
                        self._claim(action, f"What you can do: {action.heading}")
                        for action in provision.what_you_can_do
                    ),
                ],
                foot=told_severity(self.edition, provision),
            )
            for number, provision in enumerate(self.edition.provisions, start=1)
        ]
        return _section(PROVISIONS[self.edition.audience], entries)

    def _professional(self, parts: ProfessionalParts) -> list[dict[str, Any]]:
        exposures = [
            _entry(
                f"{number}. {told_exposure(exposure)}",
                levels=[_level(exposure.severity, "severity"), _level(exposure.likelihood, "likelihood")],
                about=self._about(exposure.path),
                law=[told_statute(self.edition, statute) for statute in law_besides(exposure)],
                findings=self._findings(exposure.path),
                set_aside=self._set_aside(exposure.path),
                claims=[self._claim(exposure.rationale)],
                foot=f"Enforced by {', '.join(exposure.enforcers)}" if exposure.enforcers else "",
            )
            for number, exposure in enumerate(parts.regulatory_exposure, start=1)
        ]
        risks = [
            _entry(
                f"{number}. {risk.title}",
                levels=[_level(risk.severity, "severity"), _level(risk.likelihood, "likelihood")],
                about=self._about(risk.path, risk.category_title),
                findings=self._findings(risk.path),
                set_aside=self._set_aside(risk.path),
                claims=[self._claim(risk.rationale)],
                items=("Mitigations", risk.mitigations),
            )
            for number, risk in enumerate(parts.material_risks, start=1)
        ]
        actions = [
            _entry(
                f"{number}. {action.action}",
                levels=[_level(action.priority, "priority")],
                about=self._about(action.path, action.category_title, f"owner: {action.owner}"),
                findings=self._findings(action.path),
                set_aside=self._set_aside(action.path),
                items=("Evidence to request", action.evidence_to_request),
            )
            for number, action in enumerate(parts.vendor_due_diligence, start=1)
        ]
        left_out = [
            _entry(
                entry.category_title,
                findings=self._findings(entry.path),
                set_aside=self._set_aside(entry.path),
                claims=[_plain("", entry.reason)],
            )
            for entry in parts.left_out
        ]
        precedents = [
            self._precedent(number, precedent)
            for number, precedent in enumerate(parts.enforcement_precedents, start=1)
        ]
        return [
            _section("Regulatory exposure", exposures, EXPOSURE_NOTICE),
            _section("Material risks", risks),
            _section("Due diligence", actions),
            _section("Precedents and guidance", precedents),
            _section("Looked at and left out", left_out),
        ]

    def _precedent(self, number: int, precedent: EditionPrecedent) -> dict[str, Any]:
        decision = precedent.decision
        claim = {**_plain("", precedent.relevance), "quotes": self._quotes(precedent.quotes)}
        findings, set_aside = self._findings(precedent.path), self._set_aside(precedent.path)
        if decision is None:
            level = {"kind": "fallen", "shape": "✖", "words": "not in the registry"}
            return _entry(
                f"{number}. {precedent.decision_id}",
                levels=[level],
                about=self._about(precedent.path),
                claims=[_plain("", NOT_IN_REGISTRY), claim],
                findings=findings,
                set_aside=set_aside,
            )
        level = {
            "kind": decision.standing,
            "shape": STANDING_SHAPES[decision.standing],
            "words": told_status(decision),
        }
        return _entry(
            f"{number}. {decision.name}",
            levels=[level],
            about=self._about(precedent.path, decision.id),
            claims=[claim],
            pairs=decision_facts(decision),
            findings=findings,
            set_aside=set_aside,
        )


def _section(title: str, entries: list[dict[str, Any]], note: str = "") -> dict[str, Any]:
    return {"title": f"{title} ({len(entries)})", "note": note, "entries": entries}


def _entry(
    title: str,
    *,
    levels: Iterable[dict[str, str]] = (),
    about: str = "",
    law: Iterable[str] = (),
    claims: Iterable[dict[str, Any]] = (),
    items: tuple[str, Iterable[str]] = ("", ()),
    pairs: Iterable[tuple[str, str]] = (),
    findings: Iterable[str] = (),
    set_aside: Iterable[str] = (),
    foot: str = "",
) -> dict[str, Any]:
    return {
        "title": title,
        "levels": list(levels),
        "about": about,
        "law": list(law),
        "claims": list(claims),
        "items_title": items[0],
        "items": list(items[1]),
        "pairs": list(pairs),
        "findings": list(findings),
        "set_aside": list(set_aside),
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
        "set_aside": [],
    }


def _told_set_aside(set_aside: EditionSetAside) -> str:
    return f"{told_set_aside(set_aside)} ({set_aside.code})"


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
