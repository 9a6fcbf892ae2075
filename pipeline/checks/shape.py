"""Shape: what the schema cannot say about a summary: its roles in order, and how long a sentence may be.

How many sentences there are (three; five to nine) is the schema's own to hold.
"""

from itertools import pairwise
from typing import get_args

from pipeline.checks.claims import Artefact
from pipeline.checks.messages import error
from pipeline.checks.readability import count_tokens
from schemas.finding import Finding
from schemas.risk import RiskAssessment
from schemas.summaries import ConsumerRole, ConsumerSummary, LegalRole, LegalSummary

LONGEST_CONSUMER_SENTENCE = 45  # words
LONGEST_LEGAL_SENTENCE = 90  # words


def check_shape(artefact: Artefact, root: str) -> list[Finding]:
    """A finding for each sentence that is too long, and for roles that are missing, doubled or out of order."""
    if isinstance(artefact, RiskAssessment):
        return []
    consumer = isinstance(artefact, ConsumerSummary)
    longest = LONGEST_CONSUMER_SENTENCE if consumer else LONGEST_LEGAL_SENTENCE
    findings = _check_roles(artefact, root)
    for n, sentence in enumerate(artefact.sentences):
        words = count_tokens(sentence.text)
        if words > longest:
            findings.append(
                error(
                    "shape.sentence_too_long",
                    f"{root}.sentences[{n}].text",
                    f"The sentence has {words} words and may have at most {longest}; keep its weightiest facts and cut {words - longest} words.",
                )
            )
    return findings


def _check_roles(summary: ConsumerSummary | LegalSummary, root: str) -> list[Finding]:
    wanted: tuple[str, ...] = get_args(ConsumerRole if isinstance(summary, ConsumerSummary) else LegalRole)
    roles = [sentence.role for sentence in summary.sentences]
    order = f"the roles stand in the order {', '.join(wanted)}"
    path = f"{root}.sentences"
    findings = [
        error("shape.role_missing", path, f"No sentence has the role {role}; {order}, each at least once.")
        for role in wanted
        if role not in roles
    ]
    places = [wanted.index(role) for role in roles]
    for n, (before, after) in enumerate(pairwise(places), start=1):
        if after < before:
            findings.append(
                error(
                    "shape.role_out_of_order",
                    f"{path}[{n}].role",
                    f"The role {roles[n]} stands after {roles[n - 1]}; {order}: move the sentence or give it the role it serves.",
                )
            )
    return findings
