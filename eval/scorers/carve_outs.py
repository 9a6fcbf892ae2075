"""Carve-outs: exceptions told with exactly those who are left out, and nobody else."""

from collections.abc import Sequence
from dataclasses import replace

from eval.candidate import Sentence
from eval.cases import Case
from eval.judges.verdict import Judge, Verdict
from eval.keys import has_key
from eval.scorers.facts import SummaryPart, Told, judge_facts
from eval.scorers.tally import share
from schemas.gold import CarveOut, Fact
from schemas.score import Score


def score_carve_outs(part: SummaryPart, told: Sequence[Told]) -> Score:
    """The weight of the exceptions that are told right, of all. One that is omitted or contradicted earns nothing."""
    items = [one.item(float(one.verdict.verdict == "states")) for one in told]
    return share(
        part.name,
        "carve_outs",
        items,
        things="exceptions are told right",
        nothing="The gold has no exceptions.",
    )


def judge_carve_outs(sentences: Sequence[Sentence], case: Case, judge: Judge) -> tuple[Told, ...]:
    """The verdict on each exception of the gold, in its order.

    An exception is judged as a fact whose keys are what it is made from and everyone it leaves out. A sentence in which the judge sees a fault
    against the exception contradicts it too, whatever else the text says.
    """
    wrong: dict[str, Verdict] = {}
    for n, sentence in enumerate(sentences):
        for flag in judge.weigh(sentence.text, case):
            for entry in flag.entries:
                wrong.setdefault(entry, Verdict("contradicts", n, flag.message))
    told = judge_facts(sentences, [as_fact(one) for one in case.gold.carve_outs], case, judge)
    return tuple(_contradicted(one, wrong.get(one.fact.id), sentences) for one in told)


def _contradicted(told: Told, wrong: Verdict | None, sentences: Sequence[Sentence]) -> Told:
    if wrong is None or wrong.sentence is None:
        return told
    return replace(told, verdict=wrong, sentence=sentences[wrong.sentence])


def as_fact(carve_out: CarveOut) -> Fact:
    """The exception as a fact: its keys are what it is made from and, a group each, the words of those whom its statement names as left out."""
    members = [
        member.words
        for member in carve_out.left_out
        if any(has_key(carve_out.statement, word) for word in member.words)
    ]
    return Fact(
        id=carve_out.id,
        importance=carve_out.importance,
        statement=carve_out.statement,
        anchors=carve_out.anchors,
        absent_terms=carve_out.absent_terms,
        keys=(*carve_out.about, *members),
        contradictions=carve_out.contradictions,
    )
