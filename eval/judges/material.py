"""Material: what is known of a case, one line an entry, as the model judge is shown it.

The judge is shown what readers found right and the wrong sentences that they listed, never the errors of published summaries or planted
sentences: it is measured on those.
"""

from collections.abc import Iterable, Iterator, Sequence

from eval.cases import Case
from eval.references import list_entries
from eval.scorers.carve_outs import as_fact
from pipeline.registry.authorities import load_authorities
from pipeline.registry.citations import check_ref, describe_ref, find_citations
from pipeline.registry.decisions import Decision, load_decisions
from pipeline.registry.statutes import load_statutes
from schemas.gold import CarveOut, Fact, Gold, LegalFact, Member

# An entry whose verdict can be asked for.
Judged = Fact | CarveOut


def on_one_line(text: str) -> str:
    """The text without line breaks, so that no part of it can begin a line."""
    return " ".join(text.split())


def write_fact(entry: Judged) -> str:
    """A fact or an exception as a text is held against it: what it has to tell, and what would be wrong."""
    told = [f"[{entry.id}] {entry.statement}"]
    if isinstance(entry, CarveOut):
        told += _members(entry)
    groups = as_fact(entry).keys if isinstance(entry, CarveOut) else entry.keys
    if groups:
        told.append(f"Has to tell: {' + '.join('(' + ' / '.join(group) + ')' for group in groups)}.")
    return " ".join((*told, *_wrong(entry.contradictions)))


def write_findings(case: Case) -> Iterator[str]:
    """What the gold says of the document, without the keys that only serve to find words."""
    gold = case.gold
    facts: Sequence[Fact] = (*gold.consumer_facts, *gold.legal_facts)
    for fact in facts:
        yield " ".join((f"[{fact.id}] {fact.statement}", *_law(fact), *_wrong(fact.contradictions)))
    for carve_out in gold.carve_outs:
        wrong = _wrong(carve_out.contradictions)
        yield " ".join((f"[{carve_out.id}] Exception: {carve_out.statement}", *_members(carve_out), *wrong))
    for purpose in gold.purposes:
        bases = " and ".join(basis.replace("_", " ") for basis in purpose.bases)
        yield f"[{purpose.id}] Purpose: {purpose.purpose}. Its lawful bases, no others: {bases or 'none is given'}."
    for action in gold.actions:
        yield f"[{action.id}] People can: {action.statement}"
    for exposure in gold.risk.regulatory_exposure:
        yield f"[{exposure.id}] A question of law that may be raised ({', '.join(exposure.statutes)}): {exposure.why}"
    for citable in gold.risk.decisions_citable:
        yield f"[{citable.id}] {citable.decision} bears on it: {citable.relevance}"
    for uncitable in gold.risk.decisions_not_citable:
        yield f"[{uncitable.id}] Not to be said: {uncitable.statement} {uncitable.reason}"
    yield from _names(gold)


def write_decisions() -> tuple[str, ...]:
    """Every decision of the registry with its outcome and status."""
    return tuple(map(_decision, load_decisions().decisions))


def write_laws(sentences: Iterable[str]) -> tuple[str, ...]:
    """What the registry knows of the provisions that sentences cite, and what is wrong with the citations."""
    refs = {found.ref or found.instrument_id for text in sentences for found in find_citations(text)}
    return tuple(_law_line(ref) for ref in sorted(filter(None, refs)))


def ids_of(case: Case) -> frozenset[str]:
    """Every id that a judgement may rely on: entries of the gold, passages, decisions."""
    return frozenset(
        (
            *(entry.id for _, entry in list_entries(case.gold)),
            *(passage.id for passage in case.document.passages),
            *(decision.id for decision in load_decisions().decisions),
        )
    )


def _wrong(contradictions: Sequence[str]) -> list[str]:
    return [f"Wrong would be: {' | '.join(contradictions)}"] if contradictions else []


def _members(carve_out: CarveOut) -> list[str]:
    sides: tuple[tuple[str, tuple[Member, ...]], ...] = (
        ("Left out", carve_out.left_out),
        ("Not left out", carve_out.not_left_out),
    )
    return [f"{side}: {'; '.join(m.who for m in members)}." for side, members in sides if members]


def _law(fact: Fact) -> list[str]:
    if not isinstance(fact, LegalFact):
        return []
    sides = (
        ("named in the document", fact.statutes_stated),
        ("not named in it, our mapping", fact.statutes_inferred),
    )
    return [f"Law {side}: {', '.join(refs)}." for side, refs in sides if refs]


def _names(gold: Gold) -> Iterator[str]:
    authorities = {authority.id: authority.name for authority in load_authorities().authorities}
    named = [authorities.get(known, known) for known in gold.authorities.named]
    inferable = [authorities.get(i.authority, i.authority) for i in gold.authorities.inferable]
    yield f"Names that the document uses: {', '.join(gold.names) or 'none'}."
    yield f"Names that it does not use: {', '.join(gold.names_absent) or 'none listed'}."
    yield f"Authorities that it names: {', '.join(named) or 'none'}."
    if inferable:
        yield f"Authorities that it does not name and that may be told as an inference: {', '.join(inferable)}."


def _decision(decision: Decision) -> str:
    told = (
        f"[{decision.id}] {decision.authority}, {decision.respondent}, {decision.date}; {decision.reference}.",
        decision.outcome,
        f"Fine: {decision.fine or 'none'}.",
        f"Status: {decision.status.replace('_', ' ')}.",
        decision.status_note,
    )
    return " ".join(filter(None, told))


def _law_line(ref: str) -> str:
    instrument = load_statutes().get(ref)
    told = instrument.name if instrument else describe_ref(ref)
    wrong = [problem.message for problem in check_ref(ref) if problem.severity == "error"]
    return " ".join((f"{ref}: {told}.", *wrong))
