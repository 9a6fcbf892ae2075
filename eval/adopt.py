"""Adopting a draft: what an editor let stand becomes the beginning of a gold file, to be finished by hand.

A draft knows what it says, where the document says it, which law it leans on and how severe it is. It does not know what a reader must
not miss, what would contradict it, by which words others would say it, or which exceptions it overlooked: these are left blank, and
``clausewise eval lint`` refuses the file until a person has filled them in. Gold that only repeats a draft would find every draft good.

What is adopted is a draft.json that somebody vouches for, or a review of the desk: then the draft as it was approved, what was edited and
added in it and what was rejected not. A folded draft may hold less than a model's must, so that it is taken as it is and never read anew.
"""

import asyncio
import hashlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from eval.blanks import blank, find_blanks
from eval.cases import gold_folder, policy_folders
from eval.gold_file import read_gold_file
from eval.gold_text import Entry, on_one_line, write_field, write_section
from pipeline.checks.claims import root_of, walk_claims
from pipeline.checks.named import Named, named_in
from pipeline.checks.names import PLAIN, WORD, begins, legal_spans, within
from pipeline.checks.places import find_places
from pipeline.document.reader import read_document
from pipeline.errors import UsageError
from pipeline.files import made_for_now
from pipeline.registry.authorities import load_authorities
from pipeline.registry.citations import cite_ref, join_ref
from pipeline.registry.taxonomy import load_taxonomy
from pipeline.review.standing import refuse_unapproved
from pipeline.review.taking_in import find_drafts, read_draft
from pipeline.source.reader import read_source
from schemas.document import Document
from schemas.draft import Draft
from schemas.review import Approval
from schemas.risk import Exposure, Provision
from schemas.summaries import Claim, Evidence, LegalSentence

if TYPE_CHECKING:
    from pipeline.review.desk import Desk

_SUFFIXES = {
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "application/pdf": ".pdf",
    "application/docx": ".docx",
}
_IMPORTANCE = blank("must, should or may, by what a reader would miss")
_KEYS = [[blank("words of which a text needs one to tell this; a list for each thing it needs")]]
_LAWFUL_BASES = "lawful_bases"


class Adopted(NamedTuple):
    """What was written, and how many places a person has to fill in. ``policy`` is where the document has to stand; ``has_policy`` says
    whether it does.
    """

    gold: Path
    policy: Path
    has_policy: bool
    blanks: int


def adopt_draft(
    path: Path,
    output: Path | None = None,
    policy: Path | None = None,
    *,
    replace: bool = False,
    despite_errors: bool = False,
) -> Adopted:
    """Write a gold file from a draft in a file (``draft.json`` or its folder); as ``adopt``. Raises UsageError also for what is no draft,
    for a folder that holds several, and for a draft with errors unless ``despite_errors``.
    """
    found = find_drafts([path])
    if len(found) > 1:
        raise UsageError(f"{path} holds {len(found)} drafts; name the draft.json of one.")
    draft = read_draft(found[0])
    errors = [finding for finding in draft.findings if finding.severity == "error"]
    if errors and not despite_errors:
        raise UsageError(
            f"{path} has {len(errors)} error(s), the first at {errors[0].path or 'the document'} ({errors[0].code}); "
            "adopt it when an editor has corrected it, or with --despite-errors."
        )
    return adopt(draft, output, policy, replace=replace)


def adopt_review(
    desk: "Desk",
    review_id: str,
    output: Path | None = None,
    policy: Path | None = None,
    *,
    replace: bool = False,
) -> Adopted:
    """Write a gold file from a draft as it was approved on the desk; as ``adopt``. ``review_id`` is a review's id or a start of it.

    Findings that the editor dismissed are not told; those that the draft was approved in spite of are, as comments. Raises UsageError when
    the review is not approved, and UnknownReviewError when there is none.
    """
    reviewed = desk.open(review_id)
    refuse_unapproved(reviewed.row)
    standing = tuple(f.finding for f in reviewed.folded.findings if f.dismissed is None)
    draft = reviewed.folded.draft.model_copy(update={"findings": standing})
    return adopt(draft, output, policy, desk.approval(reviewed), replace=replace)


def adopt(
    draft: Draft,
    output: Path | None = None,
    policy: Path | None = None,
    approval: Approval | None = None,
    *,
    replace: bool = False,
) -> Adopted:
    """Write a gold file from a draft, and its policy where lint finds it: both or neither.

    ``policy`` is the file that was drafted; without it, a bundled policy with the same bytes is taken, or the file stays to be put there.
    ``approval`` is that of a draft from the desk. Raises UsageError for another document, for one without a title, and for a file that is
    there already unless ``replace``. Not to be called within a running event loop.
    """
    if draft.document.title is None:
        raise UsageError("The document has no title, which gold names; give it one and draft it anew.")
    found = _policy_of(draft.document, policy)
    suffix = found.suffix if found else _SUFFIXES[draft.document.source.media_type]
    gold = output or Path("out/gold") / f"{_name(draft.document, found)}.yaml"
    if gold.suffix != ".yaml":
        raise UsageError(f"{gold} is no name of a gold file; let it end in .yaml.")
    if gold.exists() and not replace:
        raise UsageError(
            f"{gold} is there already, and may hold somebody's work; name another with --output, or replace it with --force."
        )
    name = f"{gold.stem}{suffix}"
    text = write_gold(draft, name, approval)
    try:
        place, is_there = _place_of_policy(gold, name, found)
        if found is None or is_there:
            _write_whole(gold, text.encode())
        else:
            _write_both(gold, text.encode(), place, found.read_bytes())
    except OSError as error:
        raise UsageError(
            f"{error.filename} cannot be written ({error.strerror}); name the gold otherwise with --output."
        ) from None
    return Adopted(gold, place, found is not None, len(list(find_blanks(read_gold_file(gold).data))))


def write_gold(draft: Draft, policy: str, approval: Approval | None = None) -> str:
    """The text of a gold file made from a draft, blanks and comments included. ``policy`` is the file's name in ``eval/policies``."""
    return _Writer(draft, approval).write(policy)


def _policy_of(document: Document, given: Path | None) -> Path | None:
    """The file that was drafted: the one given, or a bundled one with the same bytes. Raises UsageError when the one given is another."""
    if given is None:
        bundled = sorted((gold_folder().parent / "policies").iterdir())
        return next((path for path in bundled if _sha256(path) == document.source.sha256), None)
    if not given.is_file():
        raise UsageError(f"{given} does not exist; give the file that was drafted.")
    if _sha256(given) != document.source.sha256:
        raise UsageError(
            f"{given} is not the file that was drafted; give {document.source.name} as it was then."
        )
    read = read_document(asyncio.run(read_source(str(given))))
    if (read.text, read.passages) != (document.text, document.passages):
        raise UsageError(f"{given} reads otherwise today than when it was drafted; draft it anew.")
    return given


def _place_of_policy(gold: Path, name: str, found: Path | None) -> tuple[Path, bool]:
    """Where lint looks for the policy, and whether it stands there. Raises UsageError when another document does."""
    folders = policy_folders(gold)
    if found is not None:
        for folder in folders:
            if (folder / name).is_file() and _sha256(folder / name) == _sha256(found):
                return folder / name, True
    place = (folders[0] if gold.parent.name == "gold" else folders[1]) / name
    if found is not None and place.exists():
        raise UsageError(
            f"{place} is there already and is another document; name the gold otherwise with --output."
        )
    return place, False


def _write_both(gold: Path, text: bytes, place: Path, policy: bytes) -> None:
    """The policy and the gold, or neither of them when one cannot be written."""
    with made_for_now(place.parent):
        _write_whole(place, policy)
        try:
            _write_whole(gold, text)
        except BaseException:
            place.unlink(missing_ok=True)
            raise


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file, of which nothing is to be seen before all of it is there. Raises OSError that names it."""
    try:
        with made_for_now(path.parent):
            with tempfile.NamedTemporaryFile(prefix=".", dir=path.parent, delete=False) as file:
                written = Path(file.name)
            try:
                written.write_bytes(content)
                written.chmod(0o644)
                written.replace(path)
            finally:
                written.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _name(document: Document, found: Path | None) -> str:
    """A name for the case: that of the bundled policy, or company and date, as the cases here are named."""
    if found is not None and found.parent == gold_folder().parent / "policies":
        return found.stem
    words = re.sub(r"[^a-z0-9]+", "-", (document.company or document.title or "").casefold()).strip("-")[:60]
    captured = document.captured_at.date() if document.captured_at else None
    day = document.dated.value if document.dated else captured
    return "-".join(filter(None, (words or "policy", day.isoformat() if day else "")))


class _Writer:
    """The entries of one draft. Anchors come into being as entries cite passages."""

    def __init__(self, draft: Draft, approval: Approval | None) -> None:
        self._draft = draft
        self._approval = approval
        self._document = draft.document
        self._named: Named = named_in(draft.document)
        self._anchors: dict[str, str] = {}
        self._authorities = {a.name: a for a in load_authorities().authorities}
        self._actions: dict[tuple[str, tuple[str, ...]], str] = {}
        self._action_entries: list[Entry] = []

    def write(self, policy: str) -> str:
        """The whole file."""
        consumer = [self._consumer_fact(n) for n in range(len(self._draft.consumer.sentences))]
        legal = [self._legal_fact(n, sentence) for n, sentence in enumerate(self._draft.legal.sentences)]
        provisions = [self._provision(n, p) for n, p in enumerate(self._draft.risk.provisions)]
        risk = self._risk()
        parts = [
            *self._head(policy),
            self._anchor_section(),
            _needed(
                "consumer_facts",
                consumer,
                (
                    "One thing a reader should learn each; the draft's sentences say several: split them, and add what they leave out.",
                ),
            ),
            _needed("legal_facts", legal),
            self._purposes(),
            write_section(
                "actions",
                self._action_entries,
                (
                    "What the document lets people do; advice of the draft that rests on nothing in the document is left out.",
                ),
            ),
            self._authority_section(),
            write_field(
                "names",
                self._names(),
                ("Keep products, plans and companies as the document writes them; add those missing.",),
            ),
            write_field(
                "names_absent",
                [blank("names that summaries tend to add and the document does not use, or []")],
            ),
            write_field(
                "carve_outs",
                [
                    blank(
                        "an entry for each exception of the document, with who is left out and who is not, or []"
                    )
                ],
                (
                    "What escapes a rule of the document, as in gold that is finished; drafts get these wrong most often.",
                ),
            ),
            _needed("provisions", provisions),
            risk,
        ]
        return "\n\n".join(parts) + "\n"

    def _head(self, policy: str) -> Iterator[str]:
        draft, document = self._draft, self._document
        models = ", ".join(
            dict.fromkeys(m for stage in draft.provenance.stages for m in stage.models_answered)
        )
        day = max(
            (stage.finished_at.date().isoformat() for stage in draft.provenance.stages),
            default="an unknown day",
        )
        vouched = f", approved by {self._approval.by} on {self._approval.at.date()}" if self._approval else ""
        told = [
            "yaml-language-server: $schema=../../schemas/json/gold.schema.json",
            "Begun from a draft by clausewise eval adopt. It is no gold yet: fill in what is marked, correct what the draft got wrong, add "
            "what it left out, and run clausewise eval lint on this file until it has nothing to say. eval/gold/README.md says how.",
            "Above each entry stand its place in the draft and the words of the document that it rests on. Take these comments out at the end.",
            *(
                line
                for f in draft.findings
                if f.severity != "info" and not _is_in_artefact(f.path)
                for line in (_finding(f.severity, f.code, f.message),)
            ),
        ]
        yield write_field("schema_version", "1.0", told)
        yield write_field(
            "policy",
            {
                "file": policy,
                "title": document.title,
                "company": document.company,
                "effective_date": document.effective_date,
                "language": document.language,
                "worked_from": on_one_line(
                    f"a draft by {models or 'an unnamed model'} of {day}{vouched}, finished by hand beside the document"
                ),
            },
        )

    def _anchor_section(self) -> str:
        order = {passage.id: n for n, passage in enumerate(self._document.passages)}
        cited = sorted(self._anchors, key=lambda passage_id: order.get(passage_id, len(order)))
        lines = [write_field(self._anchors[passage_id], [passage_id], indent=2) for passage_id in cited]
        return "\n".join(
            ["# A short name for each passage that is cited.", "anchors:" if lines else "anchors: {}", *lines]
        )

    def _consumer_fact(self, n: int) -> Entry:
        sentence = self._draft.consumer.sentences[n]
        place = f"consumer.sentences[{n}]"
        importance = "must" if sentence.role == "most_important" else _IMPORTANCE
        return Entry(
            {
                "id": f"CF-{n + 1:02}",
                "importance": importance,
                "statement": _text(sentence.text),
                **self._standing(sentence),
                "keys": _KEYS,
                "contradictions": [_CONTRADICTIONS],
            },
            self._comments(place, sentence, f"role {sentence.role}"),
        )

    def _legal_fact(self, n: int, sentence: LegalSentence) -> Entry:
        refs = _refs(sentence)
        stated = [ref for ref in refs if self._named.has(ref)]
        inferred = [ref for ref in refs if ref not in stated]
        return Entry(
            {
                "id": f"LF-{n + 1:02}",
                "importance": _IMPORTANCE,
                "statement": _text(sentence.text),
                **self._standing(sentence),
                "keys": _KEYS,
                "basis": _basis(sentence, inferred),
                **({"statutes_stated": stated} if stated else {}),
                **({"statutes_inferred": inferred} if inferred else {}),
                "contradictions": [_CONTRADICTIONS],
            },
            self._comments(f"legal.sentences[{n}]", sentence, f"role {sentence.role}, {sentence.basis}"),
        )

    def _purposes(self) -> str:
        told = [
            f"The draft on lawful bases: {sentence.text}"
            for sentence in self._draft.legal.sentences
            if sentence.role == _LAWFUL_BASES
        ]
        wanted = (
            "an entry for each purpose with exactly the lawful bases that the document states for it, or []"
        )
        return write_field("purposes", [blank(wanted)], told)

    def _action(self, claim: Claim, kind: str) -> str:
        """The id of an action: two that rest on the same passages are one."""
        key = (kind, tuple(sorted({e.passage_id for e in claim.evidence})) or (claim.text,))
        if key not in self._actions:
            self._actions[key] = f"AC-{len(self._actions) + 1:02}"
            self._action_entries.append(
                Entry(
                    {
                        "id": self._actions[key],
                        "kind": kind,
                        "statement": _text(claim.text),
                        **self._standing(claim),
                        "keys": _KEYS,
                    },
                    _quotes(claim.evidence),
                )
            )
        return self._actions[key]

    def _provision(self, n: int, provision: Provision) -> Entry:
        actions = {
            self._action(action, "control" if action.kind == "control" else "route")
            for action in provision.what_you_can_do
            if action.kind != "precaution"
        }
        refs = list(dict.fromkeys((*_refs(provision.what_it_is), *_refs(provision.why_it_matters))))
        rule = load_taxonomy().severity_rule(provision.severity_rule)
        lowered = rule is not None and rule.level != provision.severity
        place = f"risk.provisions[{n}]"
        return Entry(
            {
                "id": f"PR-{n + 1:02}",
                "importance": _IMPORTANCE,
                "category": _text(provision.category),
                "title": _text(provision.title),
                "severity": provision.severity,
                "severity_rule": _text(provision.severity_rule),
                **(
                    {
                        "lowered_because": blank(
                            "the product's own control that lowers it at once, wholly and reversibly"
                        )
                    }
                    if lowered
                    else {}
                ),
                **self._standing(provision.what_it_is),
                "finding": _text(provision.what_it_is.text),
                "affected": _text(provision.who_is_affected),
                "what_you_can_do": _text(
                    " ".join(a.text for a in provision.what_you_can_do) or "Nothing that the document offers."
                ),
                **({"actions": sorted(actions)} if actions else {}),
                **({"statutes": refs} if refs else {}),
            },
            (
                *self._comments(place, provision.what_it_is, f"confidence {provision.confidence}"),
                *((f"severity rule {rule.id} gives {rule.level}: {rule.rule}",) if rule else ()),
            ),
        )

    def _risk(self) -> str:
        risk = self._draft.risk
        exposures = [self._exposure(n, exposure) for n, exposure in enumerate(risk.regulatory_exposure)]
        risks = [
            Entry(
                {
                    "id": f"MR-{n + 1:02}",
                    "title": _text(one.title),
                    "category": _text(one.category),
                    "severity": one.severity,
                    "likelihood": one.likelihood,
                    **self._standing(one.rationale),
                    "rationale": _text(one.rationale.text),
                    "mitigations": [_text(mitigation) for mitigation in one.mitigations],
                    "keys": _KEYS,
                },
                self._comments(f"risk.material_risks[{n}]", one.rationale),
            )
            for n, one in enumerate(risk.material_risks)
        ]
        asked = [
            Entry(
                {
                    "id": f"DD-{n + 1:02}",
                    "priority": one.priority,
                    "category": _text(one.category),
                    "action": _text(one.action),
                    "evidence_to_request": [_text(paper) for paper in one.evidence_to_request],
                    "owner": _text(one.owner),
                    "links": self._links(one.category),
                    "keys": _KEYS,
                },
                self._comments(f"risk.vendor_due_diligence[{n}]"),
            )
            for n, one in enumerate(risk.vendor_due_diligence)
        ]
        cited = [
            Entry(
                {
                    "id": f"DC-{n + 1:02}",
                    "decision": _text(one.decision_id),
                    "importance": _IMPORTANCE,
                    **self._anchored(one.evidence),
                    "relevance": _text(one.relevance),
                },
                (*self._comments(f"risk.enforcement_precedents[{n}]"), *_quotes(one.evidence)),
            )
            for n, one in enumerate(risk.enforcement_precedents)
        ]
        not_citable = blank("what must not be said of decisions, with the reason, or []")
        return "\n\n".join(
            (
                "risk:\n" + write_section("regulatory_exposure", exposures, indent=2),
                write_section("material_risks", risks, indent=2),
                write_section("due_diligence", asked, indent=2),
                write_section("decisions_citable", cited, indent=2),
                write_field("decisions_not_citable", [not_citable], indent=2),
            )
        )

    def _exposure(self, n: int, exposure: Exposure) -> Entry:
        refs = [join_ref(exposure.statute, article) for article in exposure.articles] or [exposure.statute]
        inferred = [ref for ref in refs if not self._named.has(ref)]
        return Entry(
            {
                "id": f"RX-{n + 1:02}",
                "statutes": refs,
                **self._standing(exposure.rationale),
                "why": _text(exposure.rationale.text),
                "likelihood": exposure.likelihood,
                "severity": exposure.severity,
                "basis": _basis(exposure.rationale, inferred),
                "enforcers": [self._authority_id(name) for name in exposure.enforcers]
                or [blank("ids of the authorities that enforce it")],
            },
            self._comments(f"risk.regulatory_exposure[{n}]", exposure.rationale),
        )

    def _links(self, category: str) -> list[str]:
        risk = self._draft.risk
        found = [f"PR-{n + 1:02}" for n, one in enumerate(risk.provisions) if one.category == category]
        found += [f"MR-{n + 1:02}" for n, one in enumerate(risk.material_risks) if one.category == category]
        return found or [blank("ids of the entries that give rise to it")]

    def _authority_id(self, name: str) -> str:
        known = self._authorities.get(name)
        return known.id if known else _text(name)

    def _authority_section(self) -> str:
        """Those that the document names; and as inferable those that the draft has enforce what it sees engaged."""
        why: dict[str, list[str]] = {}
        for exposure in self._draft.risk.regulatory_exposure:
            for name in exposure.enforcers:
                authority = self._authorities.get(name)
                # A kind of authority, such as national ones, has no name of its own.
                if authority and authority.names and authority.id not in self._named.authorities:
                    why.setdefault(authority.id, []).append(cite_ref(exposure.statute))
        inferable = [
            {
                "authority": one,
                "why": f"It enforces {', '.join(dict.fromkeys(laws))}, on which the draft sees questions.",
            }
            for one, laws in why.items()
        ]
        return write_field("authorities", {"named": sorted(self._named.authorities), "inferable": inferable})

    def _names(self) -> list[str]:
        """The names in the draft's claims that the document writes the same way; places, law and authorities are none."""
        found = dict.fromkeys([self._document.company] if self._document.company else [])
        for artefact in (self._draft.consumer, self._draft.legal, self._draft.risk):
            for _, claim in walk_claims(artefact, root_of(artefact)):
                for readings in _capital_runs(claim.text):
                    found |= dict.fromkeys([name for name in readings if self._is_name(name)][:1])
        return [
            name
            for name in found
            if " " in name or not any(name in other.split() for other in found if other != name)
        ]

    def _is_name(self, name: str) -> bool:
        plain = all(word.casefold() in PLAIN for word in WORD.findall(name))
        return not plain and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", self._document.text) is not None

    def _standing(self, claim: Claim) -> dict[str, Any]:
        """Where a claim stands in the document, or what it says is not there."""
        terms = [" ".join(term.replace("*", " ").split()) for term in claim.absent_terms]
        absent = {"absent_terms": [term for term in terms if term]} if any(terms) else {}
        return {**(self._anchored(claim.evidence) if claim.evidence or not absent else {}), **absent}

    def _anchored(self, evidence: Sequence[Evidence]) -> dict[str, Any]:
        names = [self._anchor(e.passage_id) for e in evidence]
        return {"anchors": list(dict.fromkeys(names)) or [blank("names of the passages that carry it")]}

    def _anchor(self, passage_id: str) -> str:
        if passage_id not in self._anchors:
            plain = re.sub(r"[^a-z0-9._-]+", "-", passage_id.casefold()).lstrip("._-") or "passage"
            taken, name, number = set(self._anchors.values()), plain, 2
            while name in taken:
                name, number = f"{plain}-{number}", number + 1
            self._anchors[passage_id] = name
        return self._anchors[passage_id]

    def _comments(self, place: str, claim: Claim | None = None, told: str = "") -> tuple[str, ...]:
        """Where the entry was in the draft, what checks say of it, and the words of the document that it rests on."""
        findings = (
            _finding(f.severity, f.code, f.message)
            for f in self._draft.findings
            if f.severity != "info" and re.match(rf"{re.escape(place)}(?![\w])", f.path)
        )
        return (
            f"{place}{f', {told}' if told else ''}",
            *findings,
            *(_quotes(claim.evidence) if claim else ()),
        )


def _needed(key: str, entries: Sequence[Entry], comments: Sequence[str] = ()) -> str:
    """A section that gold cannot be without: where an editor let nothing of it stand, it asks for something."""
    if not entries:
        return write_field(key, [blank("entries; the draft has none, and gold needs at least one")], comments)
    return write_section(key, entries, comments)


_CONTRADICTIONS = blank("whole sentences that cannot be true beside this, or []")


def _text(text: str) -> str:
    return on_one_line(text) or blank("the draft has nothing here")


def _refs(claim: Claim) -> list[str]:
    return list(dict.fromkeys(_text(citation.ref) for citation in claim.statutes))


def _basis(claim: Claim, inferred: Sequence[str]) -> Literal["stated", "mixed", "inferred"]:
    """Whose the fact is: the document's, the document's with law of our mapping, or law's and silence's."""
    if not claim.evidence:
        return "inferred"
    if inferred:
        return "mixed"
    return "stated" if claim.basis == "stated" else "inferred"


def _quotes(evidence: Sequence[Evidence]) -> tuple[str, ...]:
    return tuple(f"“{e.quote}” {e.passage_id}" for e in evidence)


def _finding(severity: str, code: str, message: str) -> str:
    return f"{severity} {code}: {message}"


def _is_in_artefact(path: str) -> bool:
    return path.startswith(("consumer.", "legal.", "risk."))


def _capital_runs(text: str) -> Iterator[tuple[str, ...]]:
    """Words with capitals that stand side by side, each time as they stand and without the first, whose capital may be its sentence's."""
    aside = (*legal_spans(text), *((place.start, place.end) for place in find_places(text)))
    run: list[re.Match[str]] = []

    def readings() -> tuple[str, ...]:
        at_start = begins(text, run[0].start())
        firsts = (run[:2] if len(run) > 1 else []) if at_start else run[:1]
        return tuple(text[first.start() : run[-1].end()] for first in firsts)

    for word in WORD.finditer(text):
        has_capital = word[0][0].isupper() and not within(word.start(), aside)
        if run and not (has_capital and text[run[-1].end() : word.start()] in (" ", "-")):
            yield readings()
            run = []
        if has_capital:
            run.append(word)
    if run:
        yield readings()
