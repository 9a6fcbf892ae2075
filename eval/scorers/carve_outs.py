"""Carve-outs: exceptions told with exactly those who are left out, and nobody else."""

from collections.abc import Sequence

from eval.candidate import Sentence
from eval.cases import Case
from eval.judges.verdict import Judge, Verdict
from eval.keys import has_key
from eval.scorers.facts import SummaryPart, Told
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
    texts = [sentence.text for sentence in sentences]
    flags = [judge.weigh(text, case) for text in texts]
    found = []
    for carve_out in case.gold.carve_outs:
        fact = as_fact(carve_out)
        verdict = judge.judge(fact, texts, case)
        wrong = next(
            (
                Verdict("contradicts", n, flag.message)
                for n, seen in enumerate(flags)
                for flag in seen
                if carve_out.id in flag.entries
            ),
            None,
        )
        verdict = wrong or verdict
        found.append(Told(fact, verdict, None if verdict.sentence is None else sentences[verdict.sentence]))
    return tuple(found)


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
