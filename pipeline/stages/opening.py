"""The opening that every stage of a document shares: the policy inside its fence, then the reference lists.

The same document gives the same bytes in each stage, so that a provider's prompt cache serves all stages after the first.
"""

import hashlib
from collections.abc import Iterable, Sequence

from pipeline.prompts import load_prompt
from pipeline.registry.decisions import Decision, load_decisions
from pipeline.registry.statutes import Instrument, load_statutes
from pipeline.registry.taxonomy import load_taxonomy
from schemas.document import Document, Passage

_UNVERIFIED = {
    "memory": "unverified",
    "conflict": "sources disagree",
    "secondary": "seen in secondary sources",
}


def write_passages(document: Document, shown: Iterable[Passage]) -> str:
    """The passages as the model sees them: ``[id] text``, below their headings.

    A passage has no line break, so no line of it can begin as a fence line or a heading does.
    """
    titles = {section.id: section for section in document.sections}
    lines: list[str] = []
    current: str | None = None
    for passage in shown:
        if passage.section_id != current:
            current = passage.section_id
            title = titles[current].title
            if title:
                lines.append(f"## {title}")
        lines.append(f"[{passage.id}] {document.text_of(passage)}")
    return "\n".join(lines)


def fence_of(passages: str) -> str:
    """A word that stands nowhere in the passages, made from them: the same passages give the same word."""
    digest = hashlib.sha256(passages.encode("utf-8")).hexdigest()
    while digest[:16] in passages:
        digest = hashlib.sha256(digest.encode("ascii")).hexdigest()
    return digest[:16]


def passages_sha256(document: Document) -> str:
    """Digest of all passages with their ids."""
    return hashlib.sha256(write_passages(document, document.passages).encode("utf-8")).hexdigest()


def write_opening(document: Document, shown: Sequence[Passage], *, parts: int = 1) -> str:
    """The shared opening with the passages shown; ``parts`` above 1 says that the rest was read before."""
    passages = write_passages(document, shown)
    taxonomy = load_taxonomy()
    selected = {"parts": parts, "shown": len(shown), "total": len(document.passages)} if parts > 1 else None
    return load_prompt("document").render(
        selected=selected,
        fence=fence_of(passages),
        passages=passages,
        title=document.title or "not found",
        company=document.company or "not found",
        language=document.language,
        effective_date=document.effective_date.isoformat() if document.effective_date else "not found",
        categories=taxonomy.categories,
        severity_rules=taxonomy.severity_rules,
        severity_how=taxonomy.severity_how,
        statutes=[{"id": i.id, "line": _statute_line(i)} for i in load_statutes().instruments],
        decisions=[{"id": d.id, "line": _decision_line(d)} for d in load_decisions().decisions],
    )


def _statute_line(instrument: Instrument) -> str:
    unverified = _UNVERIFIED.get(instrument.verification)
    parts = [
        instrument.name,
        f"cited as {instrument.cite_as}",
        "enforced by " + "; ".join(instrument.enforcers),
    ]
    return ". ".join(part for part in parts if part) + (f" ({unverified})" if unverified else "")


def _decision_line(decision: Decision) -> str:
    provisions = ", ".join(decision.provisions)
    return (
        f"{decision.authority}, {decision.respondent}, {decision.date}; {decision.reference}; on {provisions}. "
        f"{decision.outcome} Fine: {decision.fine or 'none'}. Status: {decision.status.replace('_', ' ')}; "
        f"{decision.status_note}"
    )
