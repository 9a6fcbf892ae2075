"""What the draft's page shows: the policy, and every unit as it stands beside what the model wrote.

Every text in here went through ``shown``; the templates escape it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from pipeline.publish.dates import tell_date
from pipeline.publish.law import DecisionView, StatuteView, view_decision, view_ref
from pipeline.publish.places import FINDING_SHAPES, anchor_of, name_place
from pipeline.publish.provenance import write_time
from pipeline.publish.shown import shown
from pipeline.publish.view import ACTIONS, ROLES, category_words, rule_words
from pipeline.registry.citations import join_ref
from pipeline.review.finding_words import tell_finding
from pipeline.review.fold import Folded, OpenFinding, Unit, UnitStatus
from pipeline.review.units import LISTS
from pipeline.review.word_diff import Run, diff_words
from schemas.document import Document, Passage
from schemas.draft import Citation
from schemas.finding import FindingSeverity
from schemas.review import Decision
from schemas.risk import Level, Precedent
from schemas.summaries import Basis, Claim

# Before a code, in place of a finding's key: all findings of this code, which are set aside by one act.
ALL_OF = "all:"
SEVERITIES: tuple[FindingSeverity, ...] = ("error", "warning", "info")
FINDING_WORDS: dict[FindingSeverity, str] = {
    "error": "must be settled",
    "warning": "look at this",
    "info": "note",
}

# Each list of a draft: its heading, and what one more of it is called.
LIST_WORDS: dict[str, tuple[str, str]] = {
    "consumer.sentences": ("Consumer summary", "sentence for consumers"),
    "legal.sentences": ("Legal summary", "sentence for lawyers"),
    "risk.provisions": ("Provisions", "provision"),
    "risk.regulatory_exposure": ("Regulatory exposure", "exposure"),
    "risk.material_risks": ("Material risks", "material risk"),
    "risk.vendor_due_diligence": ("Due diligence", "due diligence step"),
    "risk.enforcement_precedents": ("Precedents and guidance", "precedent"),
    "risk.left_out": ("Looked at and left out", "category left out"),
}

FIELD_WORDS = {
    "text": "Sentence",
    "basis": "Basis",
    "evidence": "Evidence",
    "absent_terms": "Words the policy does not use",
    "quote": "Quote",
    "passage_id": "Passage, if known",
    "statutes": "Statutes",
    "ref": "Provision",
    "role": "Role",
    "kind": "Kind of action",
    "category": "Category",
    "title": "Title",
    "severity": "Severity",
    "severity_rule": "Severity rule",
    "confidence": "Confidence in the reading",
    "what_it_is": "What it is",
    "why_it_matters": "Why it matters",
    "what_you_can_do": "What you can do",
    "who_is_affected": "Who is affected",
    "statute": "Statute",
    "articles": "Articles",
    "rationale": "Rationale",
    "likelihood": "Likelihood",
    "enforcers": "Enforced by",
    "mitigations": "Mitigations",
    "priority": "Priority",
    "action": "Action",
    "evidence_to_request": "Papers to ask for",
    "owner": "Owner",
    "decision_id": "Decision",
    "relevance": "Why it matters here",
    "reason": "Reason",
}
_INNER_WORDS = {"what_it_is": "What it is", "why_it_matters": "Why it matters", "rationale": ""}
_STATUS_WORDS: dict[UnitStatus, str] = {
    "open": "undecided",
    "accepted": "accepted",
    "edited": "edited",
    "rejected": "rejected",
}
_DONE_WORDS = {
    "accept": "accepted it",
    "edit": "edited it",
    "reject": "rejected it",
    "add": "added it",
    "comment": "commented",
    "dismiss": "set a finding aside",
    "undo": "took a decision back",
}
# The fields that a card shows in places of their own; the rest stand as facts below.
_LEVELS = ("severity", "likelihood", "priority")
_HEADINGS = ("title", "action", "statute", "decision_id")
_TEXTS = ("text", "relevance", "reason")
_BETWEEN_CELLS = " | "
_LABEL = re.compile(r"[^:.;|]{1,40}: ")
_ALWAYS_ONE = re.compile(r"\.(?:what_it_is|why_it_matters|rationale)$")


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """Words quoted for a claim. ``start`` and ``end`` are offsets into the passage's text as a browser counts (UTF-16); -1 when the words
    have no place there, and then ``note`` says why.
    """

    number: int
    words: str
    passage_id: str
    known: bool
    start: int
    end: int
    note: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding for an editor: ``says`` is in an editor's words, ``message`` in the check's own."""

    key: str
    path: str
    anchor: str
    place: str
    severity: FindingSeverity
    shape: str
    word: str
    says: str
    message: str
    code: str
    dismissed_by: str
    dismissed_reason: str
    dismissed_number: int


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What became of one field: words for a text, before and after for anything else."""

    label: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class DoneView:
    """One decision in a unit's history. ``undone`` tells that it was taken back."""

    number: int
    by: str
    at: datetime
    when: str
    did: str
    reason: str
    carried: str
    undone: bool


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit as a card shows it.

    ``name`` tells it from all others, ``heading`` says what it is within its card. ``facts`` are the fields that have no place of their
    own. ``sole`` is the path of the entry that is rejected in its place where it cannot be rejected alone, and ``status_reason`` why it is
    rejected. ``last`` is what whoever decides about it must have seen.
    """

    path: str
    anchor: str
    name: str
    heading: str
    kind: Literal["claim", "entry"]
    status: UnitStatus
    status_word: str
    status_by: str
    status_reason: str
    added: bool
    carried: bool
    gone: bool
    sole: str
    last: int
    title: str
    text: str
    basis: Basis | Literal[""]
    absence: tuple[str, ...]
    levels: tuple[tuple[str, Level], ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    evidence: tuple[EvidenceView, ...]
    statutes: tuple[StatuteView, ...]
    decision: DecisionView | None
    findings: tuple[FindingView, ...]
    change: tuple[ChangeView, ...]
    comments: tuple[DoneView, ...]
    history: tuple[DoneView, ...]

    @property
    def open_findings(self) -> tuple[FindingView, ...]:
        """Those that nobody set aside and that ask for something."""
        return tuple(f for f in self.findings if not f.dismissed_by and f.severity != "info")

    @property
    def noted(self) -> bool:
        """Whether there is a note to read that nobody set aside."""
        return any(not f.dismissed_by and f.severity == "info" for f in self.findings)


@dataclass(frozen=True, slots=True)
class CardView:
    """An entry of a list with the claims inside it; the first unit is the entry's own. ``one`` is what such an entry is called."""

    path: str
    anchor: str
    list_path: str
    name: str
    one: str
    units: tuple[UnitView, ...]

    @property
    def level(self) -> str:
        """The level that gives the card its edge, empty when it has none."""
        return self.units[0].levels[0][1] if self.units[0].levels else ""

    @property
    def undecided(self) -> int:
        """How many units nobody has decided about."""
        return sum(unit.status == "open" for unit in self.units)

    @property
    def doubted(self) -> tuple[UnitView, ...]:
        """The undecided units that have an open finding."""
        return tuple(unit for unit in self.units if unit.status == "open" and unit.open_findings)


@dataclass(frozen=True, slots=True)
class ListView:
    """One list of the draft. ``findings`` are about the list as a whole."""

    path: str
    anchor: str
    title: str
    one: str
    cards: tuple[CardView, ...]
    findings: tuple[FindingView, ...]

    @property
    def undecided(self) -> int:
        """How many of its units nobody has decided about."""
        return sum(card.undecided for card in self.cards)


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage as it reads, with the findings about it.

    ``cells`` are those of a table's row, each a label and the rest, which together are the text to the character; none for anything else.
    """

    id: str
    kind: str
    text: str
    cells: tuple[tuple[str, str], ...]
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with the passages right below its heading."""

    title: str
    level: int
    passages: tuple[PassageView, ...]


@dataclass(frozen=True, slots=True)
class PolicyView:
    """The policy's pane."""

    title: str
    company: str
    language: str
    dated: str
    source: str
    sections: tuple[SectionView, ...]
    hidden: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NotedView:
    """A unit that could be accepted with the rest and carries notes."""

    anchor: str
    name: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingKind:
    """Findings of one code and severity, one below the other. ``together`` opens the form that sets all of them aside, empty where they are
    too few or must be settled.
    """

    findings: tuple[FindingView, ...]
    together: str


@dataclass(frozen=True, slots=True)
class DraftPage:
    """All that the page shows of a draft as it stands, but for who looks at it."""

    policy: PolicyView
    lists: tuple[ListView, ...]
    findings: tuple[tuple[FindingSeverity, tuple[FindingKind, ...]], ...]
    dismissed: tuple[FindingView, ...]
    counts: Mapping[FindingSeverity, int]
    blocking: int
    units: int
    decided: int
    clear: tuple[str, ...]
    noted: tuple[NotedView, ...]

    @property
    def plain(self) -> int:
        """How many of the clear units carry no note."""
        return len(self.clear) - len(self.noted)

    def card(self, path: str) -> CardView | None:
        """The card that shows a unit."""
        return next(
            (c for shown in self.lists for c in shown.cards if any(u.path == path for u in c.units)), None
        )


def view_page(folded: Folded) -> DraftPage:
    """The page of a draft as it stands."""
    joiner = _Joiner(folded)
    lists = joiner.lists()
    findings = [joiner.finding(f) for f in folded.findings]
    standing = [f for f in findings if not f.dismissed_by]
    groups = ((s, _kinds([f for f in standing if f.severity == s])) for s in SEVERITIES)
    return DraftPage(
        policy=joiner.policy(),
        lists=lists,
        findings=tuple(group for group in groups if group[1]),
        dismissed=tuple(f for f in findings if f.dismissed_by),
        counts={s: sum(f.severity == s for f in standing) for s in SEVERITIES},
        blocking=len(folded.blocking),
        units=len(folded.units),
        decided=folded.decided,
        clear=clear_units(folded),
        noted=joiner.noted(),
    )


def _kinds(findings: Sequence[FindingView]) -> tuple[FindingKind, ...]:
    """Findings of one severity by their code, in the order in which each code comes first."""
    kinds: dict[str, list[FindingView]] = {}
    for finding in findings:
        kinds.setdefault(finding.code, []).append(finding)
    return tuple(
        FindingKind(
            tuple(alike),
            f"dismiss  {ALL_OF}{code}" if len(alike) > 1 and alike[0].severity != "error" else "",
        )
        for code, alike in kinds.items()
    )


def noted_units(folded: Folded) -> frozenset[str]:
    """Those of ``clear_units`` that carry a note: nothing asks for a decision, and yet there is something to read."""
    noted = {f.path for f in folded.findings if not f.dismissed and f.finding.severity == "info"}
    return frozenset(noted.intersection(clear_units(folded)))


def clear_units(folded: Folded) -> tuple[str, ...]:
    """The units that nobody has decided about and that no finding asks anything of."""
    doubted = {f.path for f in folded.findings if not f.dismissed and f.finding.severity != "info"}
    return tuple(
        path
        for path, unit in folded.units.items()
        if unit.status == "open" and unit.now and path not in doubted
    )


@lru_cache(maxsize=4096)
def unit_anchor(path: str) -> str:
    """The HTML id of a unit. It holds no full stop, so no passage id equals it."""
    return anchor_of(path.replace("+", "plus"))


def list_anchor(path: str) -> str:
    """The HTML id of a list."""
    return "list-" + path.replace(".", "-")


def card_path(path: str) -> str:
    """The path of the entry around a unit: its card."""
    return path[: path.index("]") + 1]


def name_units(folded: Folded) -> dict[str, str]:
    """What each unit is called: ``Provision 3, why it matters``. Entries are counted as the page shows them, rejected ones too."""
    names: dict[str, str] = {}
    counted: dict[str, int] = {}
    for path, unit in folded.units.items():
        root = unit.place.parent or path[: path.index("[")]
        if unit.place.parent is None:
            number = counted[root] = counted.get(root, -1) + 1
            names[path] = name_place(f"{root}[{number}]")
            continue
        step = path[len(root) + 1 :]
        if "[" in step:
            number = counted[root] = counted.get(root, -1) + 1
            names[path] = f"{names[root]}, action {number + 1}"
        elif _INNER_WORDS[step]:
            names[path] = f"{names[root]}, {_INNER_WORDS[step].lower()}"
        else:
            names[path] = f"{names[root]}, rationale"
    return names


class _Joiner:
    """One folded draft, joined for showing."""

    def __init__(self, folded: Folded) -> None:
        self.folded = folded
        self.document: Document = folded.draft.document
        self.citations: dict[str, Citation] = {c.path: c for c in folded.draft.citations}
        self.names = name_units(folded)
        self.at: dict[str, list[OpenFinding]] = {}
        for finding in folded.findings:
            self.at.setdefault(finding.path or finding.finding.path, []).append(finding)

    def policy(self) -> PolicyView:
        document = self.document
        below: dict[str, list[PassageView]] = {section.id: [] for section in document.sections}
        for passage in document.passages:
            below[passage.section_id].append(
                PassageView(
                    passage.id,
                    passage.kind,
                    text := shown(document.text_of(passage)),
                    _cells(text) if passage.kind == "row" else (),
                    self.findings(passage.id),
                )
            )
        return PolicyView(
            title=shown(document.title or "Untitled document"),
            company=shown(document.company or ""),
            language=document.language,
            dated=tell_date(document.dated),
            source=shown(document.source.name),
            sections=tuple(
                SectionView(shown(section.title), section.level, tuple(below[section.id]))
                for section in document.sections
            ),
            hidden=tuple((shown(h.reason), shown(h.text)) for h in document.hidden),
        )

    def noted(self) -> tuple[NotedView, ...]:
        wanted = noted_units(self.folded)
        return tuple(
            NotedView(
                unit_anchor(path),
                self.names[path],
                tuple(
                    shown(tell_finding(f.finding))
                    for f in self.at.get(path, ())
                    if not f.dismissed and f.finding.severity == "info"
                ),
            )
            for path in self.folded.units
            if path in wanted
        )

    def lists(self) -> tuple[ListView, ...]:
        cards: dict[str, list[list[Unit]]] = {path: [] for path in LISTS}
        by_entry: dict[str, list[Unit]] = {}
        for path, unit in self.folded.units.items():
            if unit.place.parent is None:
                by_entry[path] = [unit]
                cards[path[: path.index("[")]].append(by_entry[path])
            else:
                by_entry[unit.place.parent].append(unit)
        return tuple(
            ListView(
                path=path,
                anchor=list_anchor(path),
                title=LIST_WORDS[path][0],
                one=LIST_WORDS[path][1],
                cards=tuple(self.card(path, units) for units in cards[path]),
                findings=self.findings(path),
            )
            for path in LISTS
        )

    def card(self, list_path: str, units: Sequence[Unit]) -> CardView:
        entry = units[0]
        gone = entry.status == "rejected"
        return CardView(
            path=entry.path,
            anchor=f"card-{unit_anchor(entry.path)}",
            list_path=list_path,
            name=self.names[entry.path],
            one=LIST_WORDS[list_path][1],
            units=tuple(self.unit(unit, gone=gone) for unit in units),
        )

    def unit(self, unit: Unit, *, gone: bool) -> UnitView:
        value, answer, status = unit.value, unit.place.answer, self.folded.status_of(unit)
        done = tuple(done_view(d, self.folded) for d in unit.decisions)
        standing = [
            d
            for d in done
            if not d.undone and d.did in ("accepted it", "edited it", "rejected it", "added it")
        ]
        return UnitView(
            path=unit.path,
            anchor=unit_anchor(unit.path),
            name=self.names[unit.path],
            heading=_heading(unit),
            kind=unit.place.kind,
            status=status,
            status_word="added" if unit.added and status != "rejected" else _STATUS_WORDS[status],
            status_by=standing[-1].by if standing and unit.status != "open" else "",
            status_reason=standing[-1].reason if standing and unit.status == "rejected" else "",
            added=unit.added,
            carried=bool(standing and standing[-1].carried),
            gone=gone,
            sole=(unit.place.parent or "") if _ALWAYS_ONE.search(unit.path) else "",
            last=unit.last,
            title=_title(value),
            text=next((shown(value[name]) for name in _TEXTS if name in value), ""),
            basis=value.get("basis", ""),
            absence=tuple(shown(term) for term in value.get("absent_terms", ())),
            levels=tuple((name, value[name]) for name in _LEVELS if name in value),
            facts=_facts(value),
            evidence=tuple(
                self.evidence(n, e, f"{unit.now}.evidence[{n}]")
                for n, e in enumerate(value.get("evidence", ()))
            ),
            statutes=_statutes(value),
            decision=view_decision(value["decision_id"]) if answer is Precedent else None,
            findings=self.findings(unit.path),
            change=_change(unit.written, value) if unit.written is not None and unit.changed else (),
            comments=tuple(d for d in done if d.did == "commented" and not d.undone),
            history=done,
        )

    def evidence(self, number: int, evidence: Mapping[str, str], path: str) -> EvidenceView:
        passage = self.document.find(evidence["passage_id"])
        citation = self.citations.get(path)
        start = end = -1
        note = ""
        if passage is None:
            note = "the policy has no such passage"
        elif citation is not None:
            start, end = _in_passage(self.document, passage, citation.span.start, citation.span.end)
            note = "" if citation.match == "exact" else "spaces, quotation marks or dashes differ"
        else:
            # What is rejected is not checked, and yet an editor wants to see what it rested on.
            begin = self.document.text_of(passage).find(evidence["quote"]) if evidence["quote"] else -1
            if begin < 0:
                note = "not found in this passage"
            else:
                begin += passage.span.start
                start, end = _in_passage(self.document, passage, begin, begin + len(evidence["quote"]))
        return EvidenceView(
            number=number + 1,
            words=shown(evidence["quote"]),
            passage_id=shown(evidence["passage_id"]),
            known=passage is not None,
            start=start,
            end=end,
            note=note,
        )

    def findings(self, place: str) -> tuple[FindingView, ...]:
        return tuple(self.finding(f) for f in self.at.get(place, ()))

    def finding(self, finding: OpenFinding) -> FindingView:
        path = finding.path
        about = finding.finding.path
        if path:
            place, anchor = self.names[path], unit_anchor(path)
        elif self.document.find(about) is not None:
            place, anchor = f"Passage {about}", about
        elif about in LISTS:
            place, anchor = LIST_WORDS[about][0], list_anchor(about)
        else:
            place, anchor = name_place(about) or "The policy", ""
        severity, dismissed = finding.finding.severity, finding.dismissed
        return FindingView(
            key=finding.key,
            path=path,
            anchor=anchor,
            place=shown(place),
            severity=severity,
            shape=FINDING_SHAPES[severity],
            word=FINDING_WORDS[severity],
            says=shown(tell_finding(finding.finding)),
            message=shown(finding.finding.message),
            code=shown(finding.finding.code),
            dismissed_by=shown(dismissed.by) if dismissed else "",
            dismissed_reason=shown(dismissed.reason) if dismissed else "",
            dismissed_number=dismissed.number if dismissed else 0,
        )


def done_view(decision: Decision, folded: Folded) -> DoneView:
    """One decision in words."""
    return DoneView(
        number=decision.number,
        by=shown(decision.by),
        at=decision.at,
        when=write_time(decision.at),
        did=_DONE_WORDS.get(decision.kind, decision.kind),
        reason=shown(decision.reason),
        carried=shown(decision.carried_from or ""),
        undone=decision.number in folded.undone,
    )


def _in_passage(document: Document, passage: Passage, start: int, end: int) -> tuple[int, int]:
    """A span of the document as offsets into one passage, counted in UTF-16 units."""
    start, end = max(start, passage.span.start), min(end, passage.span.end)
    return _utf16(document.text[passage.span.start : start]), _utf16(document.text[passage.span.start : end])


def _cells(row: str) -> tuple[tuple[str, str], ...]:
    """The cells of a table's row as it was read ("Purpose: … | Lawful basis: …"), the sign between two at the end of the first."""
    *first, last = row.split(_BETWEEN_CELLS)
    cells = [*(cell + _BETWEEN_CELLS for cell in first), last]
    return tuple(
        (label[0], cell[label.end() :]) if (label := _LABEL.match(cell)) else ("", cell) for cell in cells
    )


def _utf16(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _heading(unit: Unit) -> str:
    """What a unit is within its card: its role, its kind, or which of the entry's claims."""
    value = unit.value
    if "role" in value:
        return ROLES[value["role"]]
    if "kind" in value:
        return ACTIONS[value["kind"]]
    return _INNER_WORDS.get(unit.path.rsplit(".", 1)[-1], "")


def _title(value: Mapping[str, Any]) -> str:
    name = next((name for name in _HEADINGS if name in value), None)
    if name == "statute":
        refs = [join_ref(value["statute"], article) for article in value["articles"]] or [value["statute"]]
        return "; ".join(view_ref(ref, "").words for ref in refs)
    if name is not None:
        return shown(value[name])
    return category_words(value["category"]) if "category" in value else ""


def _facts(value: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The fields of an entry that are told below its text."""
    told = {*_LEVELS, *_HEADINGS, *_TEXTS, *Claim.model_fields, "role", "kind", "articles"}
    facts: list[tuple[str, tuple[str, ...]]] = []
    for name, given in value.items():
        if name in told or (name == "category" and _title(value) == category_words(given)):
            continue
        words = tuple(shown(entry) for entry in given) if isinstance(given, list) else (_told(name, given),)
        if words:
            facts.append((FIELD_WORDS[name], words))
    return tuple(facts)


def _told(name: str, given: str) -> str:
    if name == "category":
        return category_words(given)
    if name == "severity_rule":
        return rule_words(given)
    return shown(given)


def _statutes(value: Mapping[str, Any]) -> tuple[StatuteView, ...]:
    if "articles" in value:
        refs = [join_ref(value["statute"], article) for article in value["articles"]] or [value["statute"]]
        return tuple(view for ref in refs if (view := view_ref(ref, "")).doubt)
    return tuple(view_ref(s["ref"], s["basis"]) for s in value.get("statutes", ()))


def _change(written: Mapping[str, Any], value: Mapping[str, Any]) -> tuple[ChangeView, ...]:
    """Each field that an editor changed."""
    return tuple(
        ChangeView(FIELD_WORDS[name], diff_words(words_of(name, written[name]), words_of(name, value[name])))
        for name in value
        if written[name] != value[name]
    )


def words_of(name: str, given: Any) -> str:
    """A field's value as text that can be compared word by word."""
    if name == "evidence":
        return " ".join(f"“{shown(e['quote'])}” ({shown(e['passage_id'])})" for e in given)
    if name == "statutes":
        return ", ".join(f"{shown(s['ref'])} ({s['basis']})" for s in given)
    if isinstance(given, list):
        return "; ".join(shown(entry) for entry in given)
    if name == "role":
        return ROLES[given]
    if name == "kind":
        return ACTIONS[given]
    return _told(name, given)


def changed_cards(before: Folded, after: Folded) -> tuple[set[str], set[str]]:
    """The cards that show something else after than before, and the lists that have other cards or the same in another order."""
    cards = {
        card_path(path)
        for path in before.units.keys() | after.units.keys()
        if _face(before, path) != _face(after, path)
    }
    order_before, order_after = _order(before), _order(after)
    lists = {path for path in LISTS if order_before[path] != order_after[path]}
    told_before, told_after = _told_findings(before), _told_findings(after)
    for path in told_before.keys() | told_after.keys():
        if told_before.get(path) != told_after.get(path):
            if path in after.units:
                cards.add(card_path(path))
            elif path in LISTS:
                lists.add(path)
    return cards, lists


def _face(folded: Folded, path: str) -> tuple[Any, ...] | None:
    unit = folded.units.get(path)
    return None if unit is None else (unit.value, unit.status, unit.last, len(unit.decisions))


def _order(folded: Folded) -> dict[str, list[str]]:
    order: dict[str, list[str]] = {path: [] for path in LISTS}
    for path, unit in folded.units.items():
        if unit.place.parent is None:
            order[path[: path.index("[")]].append(path)
    return order


def _told_findings(folded: Folded) -> dict[str, list[tuple[str, int]]]:
    told: dict[str, list[tuple[str, int]]] = {}
    for finding in folded.findings:
        place = finding.path or finding.finding.path
        told.setdefault(place, []).append((finding.key, finding.dismissed.number if finding.dismissed else 0))
    return told
