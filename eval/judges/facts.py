"""Facts in a text: stated, contradicted or omitted, once every sentence has been weighed."""

from collections.abc import Sequence
from functools import lru_cache

from eval.judges.relevance import Known
from eval.judges.verdict import Flag, Verdict
from eval.judges.words import content, normalise
from eval.keys import missing_groups
from schemas.gold import Fact, Gold, Keys

ENOUGH = 0.2  # share of the weight of a statement that a text which meets its keys must have
ENOUGH_OF_KEYS = 0.1  # the same, where it has two groups of keys or more
_SHORT = 4  # words of a question that the next sentence answers


def judge_fact(
    fact: Fact, sentences: Sequence[str], flags: Sequence[Sequence[Flag]], known: Known
) -> Verdict:
    """The verdict on a fact; ``flags`` are those of each sentence."""
    for n, found in enumerate(flags):
        for flag in found:
            if _goes_against(flag, fact, sentences[n], known.case.gold):
                return Verdict("contradicts", n, flag.message)
    missing = [_missing(text, fact.keys) for text in sentences]
    for runs, width in _runs(tuple(sentences)):
        for first in range(len(runs) - width + 1):
            run = [n for part in runs[first : first + width] for n in part]
            # A group that each of the sentences misses, the run misses.
            if frozenset.intersection(*(missing[n] for n in run)):
                continue
            if _has_enough(fact, " ".join(sentences[n] for n in run), known):
                told = "Every group of its keys is met" if fact.keys else "It has the words of the statement"
                return Verdict("states", run[0], f"{told}{' in two sentences' if width == 2 else ''}.")
    fewest = min(missing, key=len, default=frozenset(fact.keys))
    first_missing = next((group for group in fact.keys if group in fewest), None)
    return Verdict(
        "omits",
        None,
        f"No sentence has {_or(first_missing)}." if first_missing else "No sentence is about it.",
    )


# A text is judged against every fact of a list, and its sentences stand in many texts: a draft and its changed copies.
@lru_cache(maxsize=65536)
def _missing(sentence: str, keys: Keys) -> frozenset[tuple[str, ...]]:
    return frozenset(missing_groups(sentence, keys))


@lru_cache(maxsize=64)
def _runs(sentences: tuple[str, ...]) -> tuple[tuple[list[tuple[int, ...]], int], ...]:
    """Where a fact may stand: sentences alone, whole sentences, and two whole ones side by side, as runs and how many make one."""
    whole = _whole(sentences)
    return ([(n,) for n in range(len(sentences))], 1), (whole, 1), (whole, 2)


def _whole(sentences: Sequence[str]) -> list[tuple[int, ...]]:
    """The sentences by their numbers, parts between semicolons joined, and a short question joined with its answer."""
    runs: list[tuple[int, ...]] = []
    goes_on = False
    for n, sentence in enumerate(sentences):
        runs[-1:] = [(*runs[-1], n)] if goes_on else [*runs[-1:], (n,)]
        end = sentence.rstrip()
        goes_on = end.endswith(";") or (end.endswith("?") and len(end.split()) <= _SHORT)
    return runs


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
    return (
        not total
        or known.weigh(wanted & content(normalise(text)))
        >= (ENOUGH_OF_KEYS if len(fact.keys) > 1 else ENOUGH) * total
    )


def _or(group: Sequence[str]) -> str:
    return " or ".join(f'"{key}"' for key in group)
