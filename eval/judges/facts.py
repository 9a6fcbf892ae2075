"""Facts in a text: stated, contradicted or omitted, once every sentence has been weighed."""

from collections.abc import Sequence

from eval.judges.relevance import Known
from eval.judges.verdict import Flag, Verdict
from eval.judges.words import content, normalise
from eval.keys import missing_groups
from schemas.gold import Fact, Gold

ENOUGH = 0.25  # share of the weight of a statement that a text which meets its keys must have


def judge_fact(
    fact: Fact, sentences: Sequence[str], flags: Sequence[Sequence[Flag]], known: Known
) -> Verdict:
    """The verdict on a fact; ``flags`` are those of each sentence."""
    for n, found in enumerate(flags):
        for flag in found:
            if _goes_against(flag, fact, sentences[n], known.case.gold):
                return Verdict("contradicts", n, flag.message)
    for width in (1, 2):
        for n in range(len(sentences) - width + 1):
            text = " ".join(sentences[n : n + width])
            if not missing_groups(text, fact.keys) and _has_enough(fact, text, known):
                told = "Every group of its keys is met" if fact.keys else "It has the words of the statement"
                return Verdict("states", n, f"{told}{' in two sentences' if width == 2 else ''}.")
    missing = min((missing_groups(text, fact.keys) for text in sentences), key=len, default=fact.keys)
    return Verdict(
        "omits", None, f"No sentence has {_or(missing[0])}." if missing else "No sentence is about it."
    )


def _goes_against(flag: Flag, fact: Fact, sentence: str, gold: Gold) -> bool:
    if fact.id in flag.entries:
        return True
    if not flag.entries or len(missing_groups(sentence, fact.keys)) > len(fact.keys) // 2:
        return False
    return bool(_places(fact.anchors, gold) & _places_of(flag.entries, gold))


def _places_of(entries: Sequence[str], gold: Gold) -> set[str]:
    """The passages that entries stand on, a passage standing on itself."""
    places = set(entries)
    for entry in (
        *gold.purposes,
        *gold.carve_outs,
        *gold.provisions,
        *gold.reference_errors,
        *gold.consumer_facts,
        *gold.legal_facts,
    ):
        if entry.id in entries:
            places |= _places(entry.anchors, gold)
    return places


def _places(anchors: Sequence[str], gold: Gold) -> set[str]:
    return {passage for name in anchors for passage in gold.anchors.get(name, ())}


def _has_enough(fact: Fact, text: str, known: Known) -> bool:
    wanted = content(normalise(fact.statement))
    total = known.weigh(wanted)
    return not total or known.weigh(wanted & content(normalise(text))) >= ENOUGH * total


def _or(group: Sequence[str]) -> str:
    return " or ".join(f'"{key}"' for key in group)
