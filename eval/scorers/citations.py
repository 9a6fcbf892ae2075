"""Citations of a summary: do they exist, are they those that the gold has for the matter, are they rightly marked stated or inferred;
and the authorities that it names.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from eval.candidate import Sentence
from eval.cases import Case
from eval.scorers.facts import SummaryPart, Told
from eval.scorers.tally import share, unscored
from pipeline.checks.named import named_in, prints
from pipeline.registry.authorities import load_authorities
from pipeline.registry.citations import check_ref, describe_ref, find_authorities, find_citations
from pipeline.registry.pinpoints import lies_within, parse_ref
from schemas.document import Document
from schemas.gold import Gold
from schemas.score import Score, ScoreItem

# What a citation earns that the gold has for another matter of the same document.
ELSEWHERE = 0.5


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation at its place. ``ref`` is None when the registry does not know the law; ``basis`` when it stands in prose alone."""

    sentence: Sentence
    words: str
    ref: str | None
    basis: str | None

    def item(self, verdict: str, value: float | None, reason: str = "") -> ScoreItem:
        """The citation as an item."""
        return ScoreItem(
            id=self.ref or self.words,
            verdict=verdict,
            value=value,
            path=self.sentence.path,
            sentence=self.sentence.text,
            reason=reason,
        )


def find_cited(part: SummaryPart, document: Document) -> tuple[Cited, ...]:
    """Each provision or law that a sentence cites, once a sentence: those in its list of statutes, then those in its prose alone ("the GDPR"
    beside a listed GDPR:6 is no citation of its own).

    A law that the registry does not know is left out when the document itself prints it.
    """
    found: list[Cited] = []
    for sentence in part.sentences:
        own: dict[str, Cited] = {}
        for statute in sentence.claim.statutes if sentence.claim else ():
            own.setdefault(statute.ref, Cited(sentence, statute.ref, statute.ref, statute.basis))
        listed = {wider for ref in own for wider in _with_wider(ref)}
        for citation in find_citations(sentence.text):
            ref = citation.ref or citation.instrument_id
            if ref in listed or (ref is None and prints(document, citation.words)):
                continue
            own.setdefault(ref or citation.words, Cited(sentence, citation.words, ref, None))
        found += own.values()
    return tuple(found)


def score_valid(part: SummaryPart, cited: Sequence[Cited]) -> Score:
    """The share of citations that exist in the registry of law, as far as it knows."""
    items = []
    for one in cited:
        errors = [problem.message for problem in check_ref(one.ref or "") if problem.severity == "error"]
        told = "The registry knows no such law." if one.ref is None else " ".join(errors)
        items.append(one.item("invalid" if told else "valid", float(not told), told))
    return share(
        part.name,
        "citations_valid",
        items,
        things="citations exist",
        nothing="No law is cited.",
    )


def score_right(part: SummaryPart, cited: Sequence[Cited], told: Sequence[Told], case: Case) -> Score:
    """How far the citations are those of the gold. One that the gold has for what its sentence tells earns 1: for a fact that the sentence
    states, or that stands in a passage it quotes. One that the gold has only for another matter of the document earns one half, as all do in a
    sentence that tells nothing of the gold. One that it does not have, or that does not exist, earns 0. A citation is the gold's when one of
    the two is the other or a part of it.
    """
    every = refs_of(case.gold)
    items = []
    for one in cited:
        near = _refs_near(one.sentence, told, case)
        if one.ref is not None and touches(one.ref, near):
            items.append(one.item("right", 1.0, describe_ref(one.ref)))
        elif one.ref is not None and touches(one.ref, every):
            items.append(one.item("elsewhere", ELSEWHERE, f"The gold has {one.ref} for another matter."))
        else:
            items.append(
                one.item("not in gold", 0.0, f"No entry of the gold rests on {one.ref or one.words}.")
            )
    return share(
        part.name,
        "citations_right",
        items,
        things="citations are those of the gold",
        nothing="No law is cited.",
    )


def score_labelled(part: SummaryPart, cited: Sequence[Cited], document: Document) -> Score:
    """The share of listed citations marked ``stated`` where the document names them, and ``inferred`` where it does not."""
    named = named_in(document)
    items = []
    for one in cited:
        if one.basis is None or one.ref is None:
            continue
        wanted = "stated" if named.has(one.ref) else "inferred"
        told = "The document names it." if wanted == "stated" else "The document does not name it."
        right = one.basis == wanted
        items.append(one.item("right" if right else f"wrongly {one.basis}", float(right), told))
    if part.state == "plain":
        return unscored(part.name, "citations_labelled", "Plain sentences mark no citation.")
    return share(
        part.name,
        "citations_labelled",
        items,
        things="citations are rightly marked stated or inferred",
        nothing="No citation is listed.",
    )


def score_authorities(part: SummaryPart, case: Case) -> Score:
    """The authorities told rightly, of all that are told or that the document names.

    One that the document names is right anywhere. One that may be inferred is right in a sentence that is not marked stated. Any other
    is extra; one that the document names and the summary does not is missing. One that is told several times counts as where it is told worst.
    """
    gold = case.gold.authorities
    named = set(gold.named) | named_in(case.document).authorities
    inferable = {entry.authority for entry in gold.inferable}
    items: dict[str, ScoreItem] = {}
    for sentence in part.sentences:
        for found in find_authorities(sentence.text):
            stated = sentence.claim is not None and sentence.claim.basis == "stated"
            if found.authority_id in named:
                verdict, value = "named", 1.0
            elif found.authority_id in inferable:
                verdict, value = ("wrongly stated", 0.0) if stated else ("inferred", 1.0)
            else:
                verdict, value = "extra", 0.0
            before = items.get(found.authority_id)
            if before is None or value < (before.value or 0):
                items[found.authority_id] = ScoreItem(
                    id=found.authority_id,
                    verdict=verdict,
                    value=value,
                    path=sentence.path,
                    sentence=sentence.text,
                    reason=f'"{found.words}"',
                )
    for authority in gold.named:
        items.setdefault(
            authority,
            ScoreItem(id=authority, verdict="missing", value=0.0, reason=_name(authority)),
        )
    return share(
        part.name,
        "authorities",
        list(items.values()),
        things="authorities are told rightly",
        nothing="Neither the document nor the summary names an authority.",
    )


def refs_of(gold: Gold) -> frozenset[str]:
    """Every provision that the gold rests an entry on, penalties apart."""
    refs: set[str] = set()
    for fact in gold.legal_facts:
        refs.update(fact.statutes_stated, fact.statutes_inferred)
    for provision in gold.provisions:
        refs.update(provision.statutes)
    for exposure in gold.risk.regulatory_exposure:
        refs.update(exposure.statutes)
    return frozenset(refs)


def touches(ref: str, others: AbstractSet[str]) -> bool:
    """Whether one of the others is this provision, a part of it, or what it is a part of."""
    return any(lies_within(ref, other) or lies_within(other, ref) for other in others)


def _with_wider(ref: str) -> Iterator[str]:
    """The provision and all that it is a part of: GDPR:6(1)(f), GDPR:6(1), GDPR:6, GDPR."""
    parsed = parse_ref(ref)
    if parsed is None:
        return
    yield parsed.instrument_id
    for end in range(len(parsed.groups) + 1):
        yield str(parsed._replace(groups=parsed.groups[:end]))


def _refs_near(sentence: Sentence, told: Sequence[Told], case: Case) -> frozenset[str]:
    quoted = {evidence.passage_id for evidence in sentence.claim.evidence} if sentence.claim else set()
    states = {one.fact.id for one in told if one.sentence is sentence and one.verdict.verdict == "states"}
    refs: set[str] = set()
    for fact in case.gold.legal_facts:
        if fact.id in states or quoted & set(case.passage_ids(fact.anchors)):
            refs.update(fact.statutes_stated, fact.statutes_inferred)
    return frozenset(refs)


def _name(authority_id: str) -> str:
    authority = load_authorities().get(authority_id)
    return authority.name if authority else authority_id
