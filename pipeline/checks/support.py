"""Support: what a claim may draw its facts from.

The passages it quotes count whole, for a quote is the shortest run that carries the claim and the rest of its sentence often carries a
figure. With them come the words they stand under: the headings above them and the sentence that leads into their list. Of the document
as a whole, its title, company and dates support any claim.
"""

import re
from dataclasses import dataclass
from datetime import date

from pipeline.checks.folding import fold_text
from schemas.document import Document, DocumentDate, Passage
from schemas.summaries import Claim

_NUMBERING = re.compile(r"^\s*(?:section\s+)?[\d.]*\d[.):]*\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Support:
    """Folded texts that carry one claim. ``counts`` are the lengths of the lists that its passages are items of."""

    passages: tuple[str, ...]
    above: tuple[str, ...]
    document: tuple[str, ...]
    counts: frozenset[int]
    dates: tuple[DocumentDate, ...]

    @property
    def effective_date(self) -> date | None:
        """The day from which the document says that it applies."""
        return next((dated.value for dated in self.dates if dated.kind == "effective"), None)

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that carries the claim."""
        return (*self.passages, *self.above, *self.document)


class Supports:
    """Finds the support of any claim on one document; what stands above each passage is worked out once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._of_document = tuple(fold_text(text) for text in (document.title, document.company) if text)
        self._headings = _headings_by_section(document)
        self._lead_ins: dict[str, tuple[str, ...]] = {}
        self._counts: dict[str, int] = {}
        self._read_lists()

    def of(self, claim: Claim) -> Support:
        """The support of ``claim``; passages that do not exist are left to the check of evidence."""
        ids = dict.fromkeys(evidence.passage_id for evidence in claim.evidence)
        passages = [passage for key in ids if (passage := self._document.find(key))]
        above = [
            words
            for passage in passages
            for words in (*self._headings.get(passage.section_id, ()), *self._lead_ins.get(passage.id, ()))
        ]
        return Support(
            passages=tuple(fold_text(self._document.text_of(passage)) for passage in passages),
            above=tuple(dict.fromkeys(above)),
            document=self._of_document,
            counts=frozenset(
                {len(passages)} | {self._counts[p.id] for p in passages if p.id in self._counts}
            ),
            dates=self._document.dates,
        )

    def _read_lists(self) -> None:
        """The lead-in and the length of each run of items or rows."""
        run: list[Passage] = []
        lead_in: Passage | None = None
        for passage in self._document.passages:
            if passage.kind == "sentence":
                self._close_list(run, lead_in)
                run, lead_in = [], passage
            elif run and (run[-1].kind, run[-1].section_id) == (passage.kind, passage.section_id):
                run.append(passage)
            else:
                self._close_list(run, lead_in)
                run = [passage]
        self._close_list(run, lead_in)

    def _close_list(self, run: list[Passage], before: Passage | None) -> None:
        lead_in: tuple[str, ...] = ()
        if run and before and before.section_id == run[0].section_id:
            lead_in = (fold_text(self._document.text_of(before)),)
        # In a flattened list an item that ends with a colon leads into those below it.
        nested: tuple[str, ...] = ()
        for passage in run:
            self._counts[passage.id] = len(run)
            self._lead_ins[passage.id] = (*lead_in, *nested)
            text = self._document.text_of(passage)
            if text.rstrip().endswith(":"):
                nested = (fold_text(text),)


def _headings_by_section(document: Document) -> dict[str, tuple[str, ...]]:
    """For each section its own heading and those it stands below, without their numbers."""
    found: dict[str, tuple[str, ...]] = {}
    open_headings: list[tuple[int, str]] = []
    for section in document.sections:
        while open_headings and open_headings[-1][0] >= section.level:
            open_headings.pop()
        open_headings.append((section.level, _NUMBERING.sub("", fold_text(section.title))))
        found[section.id] = tuple(title for _, title in open_headings if title)
    return found
