"""Questions: what is asked about a candidate and about planted sentences.

Recording and judging write their sheets here, so that what is recorded is what will be asked.
"""

from collections.abc import Iterable, Iterator, Sequence

from eval.candidate import Candidate
from eval.cases import Case
from eval.judges.material import Judged
from eval.judges.sheets import AnySheet, write_fact_sheets, write_sentence_sheets
from pipeline.checks.sentences import split_sentences
from schemas.gold import Fact, Gold
from schemas.planted import Planted


def group_of(fact: Fact, gold: Gold) -> tuple[Judged, ...]:
    """The entries that are asked about together with a fact: those of its list, the exceptions with the consumer facts.

    An entry that the gold does not have is asked about alone.
    """
    for group in (consumer_group(gold), legal_group(gold)):
        if any(entry.id == fact.id for entry in group):
            return group
    return (fact,)


def consumer_group(gold: Gold) -> tuple[Judged, ...]:
    """What every text is asked about: the facts for people, and the exceptions."""
    return (*gold.consumer_facts, *gold.carve_outs)


def legal_group(gold: Gold) -> tuple[Judged, ...]:
    """What legal texts are asked about beside it."""
    return gold.legal_facts


def sheets_for_candidate(candidate: Candidate, case: Case) -> tuple[AnySheet, ...]:
    """Everything that the scores of a candidate ask: facts against each text, then its sentences."""
    consumer, legal, risk = (part.texts for part in (candidate.consumer, candidate.legal, candidate.risk))
    return (
        *write_fact_sheets(consumer_group(case.gold), consumer),
        *write_fact_sheets(legal_group(case.gold), legal),
        *write_fact_sheets(consumer_group(case.gold), legal),
        *write_fact_sheets(consumer_group(case.gold), risk),
        *write_fact_sheets(legal_group(case.gold), risk),
        *write_sentence_sheets((*consumer, *legal, *risk), case),
    )


def sheets_for_plants(plants: Iterable[Planted], case: Case) -> tuple[AnySheet, ...]:
    """The planted sentences of one part that are about the case: single sentences together, then each whole text against its facts.

    Among the single ones stand the sentences of whole texts that are right, none of which may be flagged.
    """
    mine = [plant for plant in plants if plant.policy == case.name]
    single = [
        text
        for plant in mine
        if not (plant.is_whole_text and plant.wrong)
        for text in (sentences_of(plant) if plant.is_whole_text else (plant.text,))
    ]
    return (*write_sentence_sheets(single, case), *_whole_texts(mine, case))


def sentences_of(plant: Planted) -> tuple[str, ...]:
    """A whole text as the sentences that a judge is shown."""
    return tuple(sentence.strip() for sentence in split_sentences(plant.text))


def _whole_texts(plants: Sequence[Planted], case: Case) -> Iterator[AnySheet]:
    for plant in plants:
        if plant.is_whole_text:
            group = consumer_group if plant.artefact == "consumer" else legal_group
            yield from write_fact_sheets(group(case.gold), sentences_of(plant))
