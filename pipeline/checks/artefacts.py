"""The front of all checks: everything that is asked of one artefact, and of the document it is made from.

A stage asks it about each answer of the model and sends back the errors; over the finished draft it is asked again.
"""

from collections.abc import Iterable

from pipeline.checks.claims import Artefact, root_of
from pipeline.checks.coverage import check_coverage
from pipeline.checks.decisions import check_decisions
from pipeline.checks.evidence import check_evidence
from pipeline.checks.facts import check_facts
from pipeline.checks.instructions import check_instructions
from pipeline.checks.law import check_law
from pipeline.checks.readability import check_reading_level
from pipeline.checks.shape import check_shape
from pipeline.checks.wording import check_wording
from schemas.document import Document
from schemas.draft import Citation
from schemas.finding import Finding
from schemas.risk import RiskAssessment
from schemas.summaries import ConsumerSummary

# What checks that read the document's own words look for, and leave out where these are not English.
_ENGLISH_ONLY = (
    "negations, opt-in and opt-out, lawful bases, scope (whom and what a rule covers), neighbouring rows, words that stand elsewhere, "
    "names spelled as common words, number words, controls and routes in advice, and passages that touch a category"
)


def check_artefact(document: Document, artefact: Artefact) -> tuple[list[Citation], list[Finding]]:
    """Where each quote of the artefact stands in the document, and everything that is wrong with it."""
    root = root_of(artefact)
    citations, findings = check_evidence(document, artefact, root)
    findings += check_shape(artefact, root)
    findings += check_facts(document, artefact, root)
    findings += check_law(document, artefact, root)
    findings += check_wording(document, artefact, root)
    findings += check_decisions(document, artefact, root)
    if isinstance(artefact, RiskAssessment):
        findings += check_coverage(document, artefact, root)
    if isinstance(artefact, ConsumerSummary):
        findings += check_reading_level(artefact)
    return citations, findings


def check_document(document: Document) -> list[Finding]:
    """What is to be told about the document's own text before a model sees it, and which checks its language rules out."""
    return check_instructions(document) + _tell_language(document)


def _tell_language(document: Document) -> list[Finding]:
    if document.language.startswith("en"):
        return []
    return [
        Finding(
            code="document.language",
            severity="info",
            path="",
            message=f"The document's language is {document.language}, and these checks know English words alone: {_ENGLISH_ONLY}; they are "
            "not made, so read the draft for these by hand.",
        )
    ]


def problems(findings: Iterable[Finding]) -> list[str]:
    """The errors as a model is told them, ``path: message``, each once."""
    return list(dict.fromkeys(f"{f.path}: {f.message}" for f in findings if f.severity == "error"))
