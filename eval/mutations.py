"""Mutations: one change for the worse to a whole draft, and the score that has to tell it.

Each starts from the ideal draft of a case, so that whatever moves is moved by the change alone. A mutation holds when its score falls, nothing
rises, and nothing else falls but what is named beside it: scores that count the same thing for another reason (a wrong sentence is
unsupported too). Evidence is a share of the facts that are told, support one of the sentences: both may rise when there are fewer. Reading level and length of the summaries are
left out of this: they move with any word. A mutation that does not hold is a fault of the harness, not of a draft.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from eval.candidate import candidate_from_draft
from eval.cases import Case
from eval.ideal import ideal_draft
from eval.judges.verdict import Judge
from eval.scorers.carve_outs import as_fact
from eval.scorers.every import score_candidate
from pipeline.registry.authorities import load_authorities
from pipeline.registry.statutes import load_statutes
from pipeline.registry.taxonomy import load_taxonomy
from schemas.base import Value
from schemas.draft import Draft
from schemas.gold import Fact
from schemas.risk import Level, Precedent, Provision
from schemas.score import Score
from schemas.summaries import Claim, Evidence, StatuteCitation

TOLERANCE = 1e-9
WITH_ANY_WORD = frozenset({"consumer.readability", "consumer.length", "legal.length"})

_OF_WHAT_IS_TOLD = frozenset({"consumer.evidence", "legal.evidence", "risk.supported"})
_FARTHEST: dict[Level, Level] = {"low": "high", "medium": "low", "high": "low"}
# What a wrong sentence does to the judge's verdicts on the legal summary.
_JUDGED = (
    "legal.supported",
    "legal.contradictions",
    "legal.fact_recall",
    "legal.evidence",
)
_MATCHING = ("risk.provisions_precision", "risk.provisions_recall", "risk.provisions_f1")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is mutated: the ideal draft of a case, to be changed in place, and the judge who will weigh it."""

    case: Case
    draft: Draft
    judge: Judge


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change to a draft. ``lowers`` is the score that has to fall, ``besides`` are others that may fall with it."""

    name: str
    change: Callable[[Subject], None]
    lowers: str
    besides: frozenset[str] = frozenset()


class Moved(Value):
    """A score before and after; None where it has no value."""

    score: str
    before: float | None
    after: float | None


class Mutated(Value):
    """What became of the scores of one mutated draft. ``problems`` say why the mutation does not hold; none when it does."""

    case: str
    name: str
    lowers: Moved
    others: tuple[Moved, ...]
    problems: tuple[str, ...]


def mutate(case: Case, judge: Judge) -> Iterator[Mutated]:
    """Every mutation on the ideal draft of a case, one by one."""
    before = scores_of(case, ideal_draft(case), judge)
    for mutation in MUTATIONS:
        subject = Subject(case, ideal_draft(case), judge)
        mutation.change(subject)
        yield compare_scores(case.name, mutation, before, scores_of(case, subject.draft, judge))


def scores_of(case: Case, draft: Draft, judge: Judge) -> dict[str, Score]:
    """The scores of a draft by their names."""
    return {score.name: score for score in score_candidate(candidate_from_draft("draft", draft), case, judge)}


def compare_scores(
    case: str, mutation: Mutation, before: dict[str, Score], after: dict[str, Score]
) -> Mutated:
    """Whether the right score fell, and it alone."""
    moved = [
        Moved(score=name, before=before[name].value, after=after[name].value)
        for name in before
        if before[name].status != after[name].status or differs(before[name].value, after[name].value)
    ]
    target = next(
        (one for one in moved if one.score == mutation.lowers),
        Moved(
            score=mutation.lowers, before=before[mutation.lowers].value, after=after[mutation.lowers].value
        ),
    )
    others = tuple(one for one in moved if one is not target and one.score not in WITH_ANY_WORD)
    problems = []
    if not _fell(target):
        problems.append(f"{target.score} did not fall.")
    for other in others:
        if not _fell(other) and other.score not in mutation.besides & _OF_WHAT_IS_TOLD:
            problems.append(f"{other.score} rose or lost its value.")
        elif other.score not in mutation.besides:
            problems.append(f"{other.score} fell too.")
    return Mutated(case=case, name=mutation.name, lowers=target, others=others, problems=tuple(problems))


def differs(one: float | None, other: float | None) -> bool:
    """Whether two values are not the same, rounding aside."""
    return one is not other and (one is None or other is None or abs(one - other) > TOLERANCE)


def _fell(moved: Moved) -> bool:
    return moved.before is not None and moved.after is not None and moved.after < moved.before - TOLERANCE


def drop_a_fact(on: Subject) -> None:
    """A fact that one sentence alone tells is not told any more: that sentence says what its neighbour says."""
    _drop(on.draft.consumer.sentences, on.case.gold.consumer_facts, on)


def drop_a_legal_fact(on: Subject) -> None:
    """The same in the legal summary."""
    _drop(on.draft.legal.sentences, on.case.gold.legal_facts, on)


def contradict_a_fact(on: Subject) -> None:
    """The first fact's wrong sentence in place of the right one."""
    on.draft.consumer.sentences[0].text = on.case.gold.consumer_facts[0].contradictions[0]


def contradict_a_legal_fact(on: Subject) -> None:
    """The same in the legal summary."""
    facts = on.case.gold.legal_facts
    n = next(n for n, fact in enumerate(facts) if fact.contradictions)
    on.draft.legal.sentences[n].text = facts[n].contradictions[0]


def contradict_another_artefact(on: Subject) -> None:
    """The legal summary says of the first consumer fact what the consumer summary denies."""
    on.draft.legal.sentences[0].text += f" {on.case.gold.consumer_facts[0].contradictions[0]}"


def contradict_a_fact_in_a_provision(on: Subject) -> None:
    """The first fact's wrong sentence is what the first provision says."""
    on.draft.risk.provisions[0].what_it_is.text = on.case.gold.consumer_facts[0].contradictions[0]


def ask_on_a_wrong_premise(on: Subject) -> None:
    """The first question to the vendor begins with a legal fact's wrong sentence."""
    step = on.draft.risk.vendor_due_diligence[0]
    wrong = next(fact.contradictions[0] for fact in on.case.gold.legal_facts if fact.contradictions)
    step.action = f"{wrong} {step.action}"


def swap_a_basis(on: Subject) -> None:
    """A purpose rests on a basis that the document gives to nothing."""
    purpose = next(p for p in on.case.gold.purposes if p.bases)
    told = next(s for s in on.draft.legal.sentences if s.text.startswith(f"{purpose.purpose} rests on"))
    told.text = f"{purpose.purpose} rests on vital interests."


def change_an_article(on: Subject) -> None:
    """A provision that exists and that nothing in the gold rests on."""
    next(s for s in on.draft.legal.sentences if s.statutes).statutes[0].ref = "GDPR:89"


def invent_an_article(on: Subject) -> None:
    """A provision that does not exist."""
    next(s for s in on.draft.legal.sentences if s.statutes).statutes[0].ref = "GDPR:299"


def relabel_a_citation(on: Subject) -> None:
    """Stated becomes inferred, or the other way."""
    cited = next(s for s in on.draft.legal.sentences if s.statutes).statutes[0]
    cited.basis = "stated" if cited.basis == "inferred" else "inferred"


def name_another_authority(on: Subject) -> None:
    """An authority that the document neither names nor suggests."""
    gold = on.case.gold.authorities
    known = {*gold.named, *(entry.authority for entry in gold.inferable)}
    other = next(a for a in load_authorities().authorities if a.names and a.id not in known)
    on.draft.legal.sentences[-1].text += f" The document names the {other.names[0]} too."


def widen_an_exemption(on: Subject) -> None:
    """An exception that is told right leaves out somebody more: the Team plan, the harbour's paying people."""
    texts = [sentence.text for sentence in on.draft.legal.sentences]
    for carve_out in on.case.gold.carve_outs:
        told = on.judge.judge(as_fact(carve_out), texts, on.case).verdict
        if told == "states" and len(carve_out.contradictions) > 1:
            on.draft.legal.sentences[texts.index(carve_out.statement)].text = carve_out.contradictions[1]
            return


def conclude(on: Subject) -> None:
    """A conclusion of law in the summary's own voice."""
    on.draft.legal.sentences[-1].text += " It violates the GDPR."


def advise_what_is_not_offered(on: Subject) -> None:
    """An action that the document does not let people take."""
    on.draft.consumer.sentences[-1].text = "You can sue the harbour master."


def lose_a_role(on: Subject) -> None:
    """The sentence that says what is collected and from whom stands under another role."""
    on.draft.consumer.sentences[0].role = "most_important"


def lose_a_legal_role(on: Subject) -> None:
    """The sentence on the instrument stands under another role."""
    on.draft.legal.sentences[0].role = "lawful_bases"


def replace_a_quote(on: Subject) -> None:
    """Words that stand nowhere in the document."""
    _misquote(on.draft.consumer.sentences[0])


def replace_a_legal_quote(on: Subject) -> None:
    """The same in the legal summary."""
    _misquote(next(sentence for sentence in on.draft.legal.sentences if sentence.evidence))


def replace_a_quote_of_the_risk(on: Subject) -> None:
    """The same in the risk assessment."""
    _misquote(on.draft.risk.provisions[0].what_it_is)


def quote_another_passage(on: Subject) -> None:
    """A provision with the evidence of a passage that has nothing to do with it."""
    on.draft.risk.provisions[0].what_it_is.evidence = [_evidence_of_nothing(on.case)]


def quote_another_passage_for_a_fact(on: Subject) -> None:
    """A fact with such evidence."""
    _misplace(on.draft.consumer.sentences, on.case.gold.consumer_facts, on)


def quote_another_passage_for_a_legal_fact(on: Subject) -> None:
    """The same in the legal summary."""
    _misplace(on.draft.legal.sentences, on.case.gold.legal_facts, on)


def move_a_severity(on: Subject) -> None:
    """A level as far as can be from the right one."""
    provision = on.draft.risk.provisions[0]
    provision.severity = _FARTHEST[provision.severity]


def leave_out_a_provision(on: Subject) -> None:
    """The first provision is missing."""
    del on.draft.risk.provisions[0]


def invent_a_provision(on: Subject) -> None:
    """A provision of a category in which the document has none."""
    has = {entry.category for entry in on.case.gold.provisions}
    category = next(c for c in load_taxonomy().categories if c.id not in has)
    copy = Provision.model_validate(on.draft.risk.provisions[0].model_dump())
    copy.category = category.id
    copy.what_it_is.evidence = [_evidence_of_nothing(on.case)]
    on.draft.risk.provisions.append(copy)


def cite_another_law(on: Subject) -> None:
    """A provision rests on a law that bears on nothing in the document."""
    gold = on.case.gold
    used = {
        ref.partition(":")[0]
        for refs in (
            *(entry.statutes for entry in gold.provisions),
            *(entry.statutes for entry in gold.risk.regulatory_exposure),
        )
        for ref in refs
    }
    other = next(i.id for i in load_statutes().instruments if i.id not in used)
    on.draft.risk.provisions[0].why_it_matters.statutes.append(StatuteCitation(ref=other, basis="inferred"))


def forget_a_risk(on: Subject) -> None:
    """The first material risk is missing."""
    del on.draft.risk.material_risks[0]


def ask_nothing_of_the_vendor(on: Subject) -> None:
    """No due diligence."""
    on.draft.risk.vendor_due_diligence.clear()


def invent_a_decision(on: Subject) -> None:
    """A decision that the registry does not have."""
    evidence = on.draft.risk.provisions[0].what_it_is.evidence[:1]
    on.draft.risk.enforcement_precedents.append(
        Precedent(decision_id="CNIL-NOBODY-2026", relevance="It bears on training.", evidence=evidence)
    )


def _drop(sentences: Sequence[Claim], facts: Sequence[Fact], on: Subject) -> None:
    for n, fact in enumerate(facts):
        neighbour = sentences[n - 1 if n else 1].text
        texts = [neighbour if m == n else sentence.text for m, sentence in enumerate(sentences)]
        if on.judge.judge(fact, texts, on.case).verdict == "omits":
            sentences[n].text = neighbour
            return


def _misplace(sentences: Sequence[Claim], facts: Sequence[Fact], on: Subject) -> None:
    """Of the sentence that the judge takes for the first fact that stands in a passage and is told."""
    texts = [sentence.text for sentence in sentences]
    for fact in facts:
        told = on.judge.judge(fact, texts, on.case)
        wanted = set(on.case.passage_ids(fact.anchors))
        if told.verdict == "states" and told.sentence is not None:
            claim = sentences[told.sentence]
            if wanted & {evidence.passage_id for evidence in claim.evidence}:
                claim.evidence = [_evidence_of_nothing(on.case)]
                return


def _misquote(claim: Claim) -> None:
    claim.evidence[0].quote = "words that this policy does not have"


def _evidence_of_nothing(case: Case) -> Evidence:
    anchored = {passage for ids in case.gold.anchors.values() for passage in ids}
    passage = next(p for p in case.document.passages if p.id not in anchored)
    return Evidence(passage_id=passage.id, quote=case.document.text_of(passage))


def _mutation(change: Callable[[Subject], None], lowers: str, *besides: str) -> Mutation:
    return Mutation(change.__name__.replace("_", " "), change, lowers, frozenset(besides))


MUTATIONS: tuple[Mutation, ...] = (
    _mutation(drop_a_fact, "consumer.fact_recall", "consumer.evidence"),
    _mutation(
        contradict_a_fact,
        "consumer.contradictions",
        "consumer.fact_recall",
        "consumer.supported",
        "consumer.evidence",
        "whole.consistency",
    ),
    _mutation(advise_what_is_not_offered, "consumer.actions", "consumer.supported"),
    _mutation(lose_a_role, "consumer.roles"),
    _mutation(replace_a_quote, "consumer.quotes"),
    _mutation(quote_another_passage_for_a_fact, "consumer.evidence"),
    _mutation(drop_a_legal_fact, "legal.fact_recall", "legal.evidence"),
    _mutation(contradict_a_legal_fact, "legal.contradictions", *_JUDGED, "whole.consistency"),
    _mutation(swap_a_basis, "legal.bases_right", "legal.bases_told", *_JUDGED),
    _mutation(change_an_article, "legal.citations_right", "legal.citations_labelled"),
    _mutation(
        invent_an_article, "legal.citations_valid", "legal.citations_right", "legal.citations_labelled"
    ),
    _mutation(relabel_a_citation, "legal.citations_labelled"),
    _mutation(name_another_authority, "legal.authorities", "legal.supported"),
    _mutation(
        widen_an_exemption,
        "legal.carve_outs",
        "whole.consistency",
        *_JUDGED,
    ),
    _mutation(conclude, "legal.conclusions", "legal.supported", "legal.authorities", "legal.citations_right"),
    _mutation(replace_a_legal_quote, "legal.quotes"),
    _mutation(lose_a_legal_role, "legal.roles"),
    _mutation(quote_another_passage_for_a_legal_fact, "legal.evidence"),
    _mutation(
        leave_out_a_provision,
        "risk.provisions_recall",
        "risk.provisions_f1",
        "risk.statutes_f1",
        "risk.supported",
    ),
    _mutation(invent_a_provision, "risk.provisions_precision", "risk.provisions_f1", "risk.supported"),
    _mutation(move_a_severity, "risk.severity"),
    _mutation(contradict_a_fact_in_a_provision, "risk.contradictions", "risk.supported", "whole.consistency"),
    _mutation(ask_on_a_wrong_premise, "risk.supported", "risk.contradictions", "whole.consistency"),
    _mutation(quote_another_passage, "risk.evidence", *_MATCHING),
    _mutation(replace_a_quote_of_the_risk, "risk.quotes"),
    _mutation(cite_another_law, "risk.statutes_f1"),
    _mutation(forget_a_risk, "risk.material_risks", "risk.supported"),
    _mutation(ask_nothing_of_the_vendor, "risk.due_diligence", "risk.supported"),
    _mutation(invent_a_decision, "risk.decisions", "risk.supported"),
    _mutation(contradict_another_artefact, "whole.consistency", *_JUDGED),
)
