"""Places in a draft: what a path such as ``risk.provisions[2].what_it_is`` is called, and which findings are about it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pipeline.publish.shown import shown
from schemas.document import Document
from schemas.finding import Finding, FindingSeverity

FINDING_SHAPES: dict[FindingSeverity, str] = {"error": "✖", "warning": "▲", "info": "●"}

_WORDS: dict[FindingSeverity, str] = {"error": "error", "warning": "warning", "info": "note"}

_PARTS = {"consumer": "Consumer summary", "legal": "Legal summary", "risk": "Risk assessment"}
_ENTRIES = {
    "consumer.sentences": "Consumer",
    "legal.sentences": "Legal",
    "risk.provisions": "Provision",
    "risk.regulatory_exposure": "Exposure",
    "risk.material_risks": "Material risk",
    "risk.vendor_due_diligence": "Due diligence",
    "risk.enforcement_precedents": "Precedent",
    "risk.left_out": "Left out",
}
_ENTRY = re.compile(r"((?:consumer|legal|risk)\.[a-z_]+)\[(\d+)\](.*)", re.DOTALL)
_WHOLE_LIST = re.compile(r"[a-z_]+")
_STEP = re.compile(r"([a-z_]+)(?:\[(\d+)\])?")
# Steps that a reader does not need to hear: the entry has only this one claim.
_SILENT = {"rationale"}
_ONE_OF = {
    "what_you_can_do": "action",
    "evidence": "quote",
    "statutes": "citation",
    "mitigations": "mitigation",
}


# The same few hundred places are named in every draft.
@lru_cache(maxsize=4096)
def name_place(path: str) -> str:
    """A place in words: ``Provision 3, why it matters, quote 1``. A path that is not known is returned as it is."""
    if path in _PARTS:
        return _PARTS[path]
    part, _, entries = path.partition(".")
    if part in _PARTS and _WHOLE_LIST.fullmatch(entries):
        return f"{_PARTS[part]}, {entries.replace('_', ' ')}"
    match = _ENTRY.fullmatch(path)
    if match is None or match[1] not in _ENTRIES:
        return path
    words = [f"{_ENTRIES[match[1]]} {int(match[2]) + 1}"]
    for step in _STEP.finditer(match[3]):
        if step[1] not in _SILENT:
            name = _ONE_OF.get(step[1], step[1]) if step[2] else step[1]
            words.append(name.replace("_", " ") + (f" {int(step[2]) + 1}" if step[2] else ""))
    return ", ".join(words)


def claim_of(path: str) -> str:
    """The path of what a piece of evidence carries: the path without its last ``.evidence[n]``."""
    return re.sub(r"\.evidence\[\d+\]$", "", path)


@lru_cache(maxsize=4096)
def anchor_of(path: str) -> str:
    """The HTML id of a place. It never holds a full stop, so no passage id can equal it."""
    return "at-" + re.sub(r"[^a-z0-9_]+", "-", path.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding and where it is about: a name, and an HTML id that is empty when it is about the whole."""

    severity: FindingSeverity
    word: str
    shape: str
    code: str
    message: str
    place: str
    anchor: str


class Places:
    """Findings, each at the deepest place that is shown.

    ``shown_paths`` are the paths that have a place of their own. A finding about a passage stands at the passage; one that
    stands nowhere is about the document or the draft as a whole.
    """

    def __init__(self, document: Document, findings: Iterable[Finding], shown_paths: Iterable[str]) -> None:
        self._paths = frozenset(shown_paths)
        self._document = document
        self._at: dict[str, list[FindingView]] = {}
        self.findings: list[FindingView] = []
        for finding in findings:
            place, anchor = self._place_of(finding.path)
            view = FindingView(
                severity=finding.severity,
                word=_WORDS[finding.severity],
                shape=FINDING_SHAPES[finding.severity],
                code=shown(finding.code),
                message=shown(finding.message),
                place=shown(name_place(finding.path)) or "The document",
                anchor=anchor,
            )
            self.findings.append(view)
            self._at.setdefault(place, []).append(view)

    def at(self, place: str) -> tuple[FindingView, ...]:
        """The findings whose deepest place this is, a path or a passage id, in the draft's order."""
        return tuple(self._at.get(place, ()))

    def _place_of(self, path: str) -> tuple[str, str]:
        """A passage id or a shown path, with its HTML id; empty strings when there is neither."""
        # Passage ids come first: a section called "Risk" has passages named risk.1, risk.2.
        if self._document.find(path) is not None:
            return path, path
        while path and path not in self._paths:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return path, anchor_of(path) if path else ""
