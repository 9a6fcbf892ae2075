"""Every check over a document and its three artefacts, for whoever has a whole draft: the pipeline at its end, an editor after each change."""

from pipeline.checks.artefacts import check_artefact, check_document
from pipeline.checks.claims import Artefact
from pipeline.checks.consistency import check_consistency
from schemas.document import Document
from schemas.draft import Citation
from schemas.finding import Finding
from schemas.risk import RiskAssessment
from schemas.summaries import ConsumerSummary, LegalSummary


class Checked:
    """What the checks say of an artefact, kept for the one that came last of its kind: it is asked again once the draft is whole."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._last: dict[type[Artefact], tuple[Artefact, tuple[list[Citation], list[Finding]]]] = {}

    def of(self, artefact: Artefact) -> tuple[list[Citation], list[Finding]]:
        """The places of its quotes, and what is wrong with it. It must not be changed in between."""
        last = self._last.get(type(artefact))
        if last is None or last[0] is not artefact:
            last = self._last[type(artefact)] = (artefact, check_artefact(self._document, artefact))
        return last[1]


def check_all(
    document: Document,
    consumer: ConsumerSummary,
    legal: LegalSummary,
    risk: RiskAssessment,
    checked: Checked | None = None,
) -> tuple[tuple[Citation, ...], tuple[Finding, ...]]:
    """Where each quote stands, and what is wrong with the document and with the three artefacts.

    ``checked`` is of the same document, and spares what it holds from being checked again.
    """
    checked = checked or Checked(document)
    citations: list[Citation] = []
    findings: list[Finding] = list(check_document(document))
    for artefact in (consumer, legal, risk):
        located, seen = checked.of(artefact)
        citations += located
        findings += seen
    findings += check_consistency(document, consumer, legal, risk)
    return tuple(citations), tuple(findings)
