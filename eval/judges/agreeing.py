"""Agreement of judges with one another and with people, as Cohen's kappa with its bootstrap interval.

People's labels are those of the planted sentences (wrong or right), and for whole texts which facts they lack or hold.
"""

from collections.abc import Hashable, Iterator, Sequence
from itertools import combinations

from eval.agreement import bootstrap_interval, cohen_kappa
from eval.candidate import Candidate
from eval.cases import Case
from eval.judges.measured import Agreement
from eval.judges.questions import consumer_group, legal_group, sentences_of
from eval.judges.verdict import Judge
from eval.scorers.carve_outs import as_fact
from schemas.gold import CarveOut, Fact
from schemas.planted import Planted

PEOPLE = "people"

Labels = dict[str, Hashable]


def agreement(about: str, first: str, second: str, pairs: Sequence[tuple[Hashable, Hashable]]) -> Agreement:
    """The agreement of two raters over pairs of labels, the first rater's first."""
    return Agreement(
        about=about,
        first=first,
        second=second,
        pairs=len(pairs),
        agreed=sum(a == b for a, b in pairs),
        kappa=cohen_kappa(pairs),
        interval=bootstrap_interval(pairs, cohen_kappa),
    )


def agreement_on_plants(
    judges: Sequence[Judge], plants: Sequence[Planted], case: Case, part: str
) -> tuple[Agreement, ...]:
    """Each two of the judges and the people who wrote the planted sentences of a part: on sentences, whether it is wrong; on the facts that
    people looked for in whole texts, whether the text states it.
    """
    mine = [plant for plant in plants if plant.policy == case.name]
    sentences = [plant for plant in mine if not plant.is_whole_text]
    wrong: dict[str, Labels] = {
        judge.name: {plant.id: bool(judge.weigh(plant.text, case)) for plant in sentences} for judge in judges
    }
    wrong[PEOPLE] = {plant.id: plant.wrong for plant in sentences}
    facts = {fact.id: fact for fact in (*case.gold.consumer_facts, *case.gold.legal_facts)}
    looked_for = [
        (plant, facts[known])
        for plant in mine
        if plant.is_whole_text
        for known in plant.facts
        if known in facts
    ]
    stated: dict[str, Labels] = {
        judge.name: {
            f"{plant.id} {fact.id}": judge.judge(fact, sentences_of(plant), case).verdict == "states"
            for plant, fact in looked_for
        }
        for judge in judges
    }
    stated[PEOPLE] = {f"{plant.id} {fact.id}": not plant.wrong for plant, fact in looked_for}
    return (
        *_each_two(f"planted sentences, {part}: wrong or right", wrong),
        *_each_two(f"whole texts, {part}: fact stated or not", stated),
    )


def agreement_on_candidate(
    judges: Sequence[Judge], candidate: Candidate, case: Case
) -> tuple[Agreement, ...]:
    """Each two of the judges on a candidate: every fact of the two summaries (states, contradicts, omits), and every sentence (flagged or not)."""
    texts = (
        (candidate.consumer.texts, consumer_group(case.gold)),
        (candidate.legal.texts, (*legal_group(case.gold), *consumer_group(case.gold))),
    )
    verdicts: dict[str, Labels] = {
        judge.name: {
            f"{n} {entry.id}": judge.judge(_fact(entry), text, case).verdict
            for n, (text, group) in enumerate(texts)
            for entry in group
        }
        for judge in judges
    }
    flags: dict[str, Labels] = {
        judge.name: {
            sentence.path: bool(judge.weigh(sentence.text, case))
            for part in (candidate.consumer, candidate.legal, candidate.risk)
            for sentence in part.sentences
        }
        for judge in judges
    }
    return (
        *_each_two(f"facts in the {candidate.system} summaries: states, contradicts or omits", verdicts),
        *_each_two(f"sentences of the {candidate.system} draft: flagged or not", flags),
    )


def _fact(entry: Fact | CarveOut) -> Fact:
    return as_fact(entry) if isinstance(entry, CarveOut) else entry


def _each_two(about: str, labels: dict[str, Labels]) -> Iterator[Agreement]:
    for (first, mine), (second, yours) in combinations(labels.items(), 2):
        pairs = [(mine[item], yours[item]) for item in mine]
        yield agreement(about, first, second, pairs)
