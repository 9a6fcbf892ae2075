"""Facts: what a claim says agrees with the passages that it quotes: figures, negations, choices, lawful bases, scope and names.

An error sends an answer back to the model, so each of these checks keeps silent where it cannot be sure. Together they do not prove that
a claim is right; they catch what is plainly not in its evidence.
"""

from typing import NamedTuple

from pipeline.checks.bases import check_bases
from pipeline.checks.choices import check_choices
from pipeline.checks.claims import Artefact, walk_claims
from pipeline.checks.elsewhere import Elsewhere
from pipeline.checks.figures import check_figures
from pipeline.checks.names import Names, check_names
from pipeline.checks.negations import check_negations
from pipeline.checks.neighbours import check_neighbours
from pipeline.checks.once import Once
from pipeline.checks.scope import check_scope
from pipeline.checks.support import Supports
from schemas.document import Document
from schemas.finding import Finding
from schemas.risk import RiskAssessment
from schemas.summaries import Claim

LONGEST_CLAIM = 2_000  # characters


class _Known(NamedTuple):
    """What is worked out once for a document, however many artefacts of it are checked."""

    supports: Supports
    names: Names
    elsewhere: Elsewhere


@Once
def _known(document: Document) -> _Known:
    return _Known(Supports(document), Names(document), Elsewhere(document))


def check_facts(document: Document, artefact: Artefact, root: str) -> list[Finding]:
    """A finding for each fact or name of a claim that its evidence does not have, and for each name that the document does not."""
    supports, names, elsewhere = _known(document)
    findings: list[Finding] = []
    for path, claim in walk_claims(artefact, root):
        if len(claim.text) > LONGEST_CLAIM:
            findings.append(_too_long(path, claim))
            continue
        support = supports.of(claim)
        for check in (
            check_figures,
            check_neighbours,
            check_negations,
            check_choices,
            check_bases,
            check_scope,
        ):
            findings += check(document, path, claim, support)
        findings += check_names(names, f"{path}.text", claim.text, claim.basis, claim.absent_terms)
        findings += elsewhere.check(path, claim, support)
    if isinstance(artefact, RiskAssessment):
        for n, provision in enumerate(artefact.provisions):
            for field in ("title", "who_is_affected"):
                findings += check_names(
                    names,
                    f"{root}.provisions[{n}].{field}",
                    getattr(provision, field),
                    "stated",
                    headline=field == "title",
                )
    return findings


def _too_long(path: str, claim: Claim) -> Finding:
    return Finding(
        code="facts.claim_too_long",
        severity="error",
        path=f"{path}.text",
        message=f"The claim has {len(claim.text)} characters, too many for its facts to be checked; say it in one sentence of at most "
        f"{LONGEST_CLAIM} characters.",
    )
