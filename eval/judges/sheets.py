"""Sheets: the questions to the model judge, many in one request, and what is read from its answers.

A request costs time and money, so one sheet holds all facts for one text, or many sentences for one case. What is asked stands in an order
made by chance, the same for the same content, so that the order of a gold or of a file of planted sentences tells nothing. ``turn``
shuffles anew, to see whether the order matters.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from eval.cases import Case
from eval.judges.material import (
    Judged,
    ids_of,
    on_one_line,
    write_decisions,
    write_fact,
    write_findings,
    write_laws,
)
from eval.judges.verdict import Flag, Verdict
from pipeline.prompts import load_prompt
from pipeline.stages.opening import fence_of, write_metadata, write_passages
from schemas.base import Answer
from schemas.judgement import FactJudgements, SentenceJudgement, SentenceJudgements

A = TypeVar("A", bound=Answer)
T = TypeVar("T")

# Sentences on one sheet: each wants a judgement of its own, and an answer must stay short enough to be written with care.
MOST_SENTENCES = 30
# Sentences of one text, of which only the facts want judgements; and characters of what is judged.
MOST_OF_A_TEXT = 160
MOST_CHARACTERS = 40_000
_LONGEST_REASON = 400  # characters

# A text and the id of a fact.
Pair = tuple[tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class Read:
    """What was read from answers: a verdict for each text and fact, flags for each sentence."""

    verdicts: Mapping[Pair, Verdict] = field(default_factory=dict)
    flags: Mapping[str, tuple[Flag, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet(Generic[A]):
    """One request: the text for the model, the schema of the answer, its problems as sentences for the model, and how it is read.

    ``items`` are what is judged, in the sheet's order: the ids of facts, or the sentences.
    """

    label: str
    user: str
    items: tuple[str, ...]
    answer: type[A]
    check: Callable[[A], list[str]]
    read: Callable[[A], Read]

    @property
    def characters(self) -> int:
        """The length of the request's messages."""
        return len(self.user) + len(rules())


AnySheet = Sheet[Any]


def rules() -> str:
    """The system message of every sheet."""
    return load_prompt("judge").render(part="rules", **_NOTHING)


def write_fact_sheets(
    facts: Sequence[Judged], sentences: Sequence[str], *, turn: int = 0
) -> tuple[Sheet[FactJudgements], ...]:
    """All facts against one text: one sheet, or several for a text that is too long for one. None without facts or sentences."""
    text = tuple(sentences)
    return tuple(
        _fact_sheet(facts, text, start, end, turn)
        for start, end in (_spans(text, MOST_OF_A_TEXT) if facts else ())
    )


def write_sentence_sheets(
    sentences: Iterable[str], case: Case, *, turn: int = 0
) -> tuple[Sheet[SentenceJudgements], ...]:
    """Sentences against all that is known of a case, each sentence once, on as few sheets of about the same length as hold them."""
    shuffled = _shuffle(sorted(set(sentences)), str, turn)
    return tuple(
        _sentence_sheet(shuffled[start:end], case) for start, end in _spans(shuffled, MOST_SENTENCES)
    )


def merge(read: Iterable[Read]) -> Read:
    """One out of many; of several verdicts on a long text and one fact, a contradiction outweighs a statement, and that an omission."""
    verdicts: dict[Pair, Verdict] = {}
    flags: dict[str, tuple[Flag, ...]] = {}
    for one in read:
        for pair, verdict in one.verdicts.items():
            known = verdicts.get(pair)
            if known is None or _WEIGHTS[verdict.verdict] > _WEIGHTS[known.verdict]:
                verdicts[pair] = verdict
        for sentence, found in one.flags.items():
            flags.setdefault(sentence, found)
    return Read(verdicts, flags)


_WEIGHTS = {"omits": 0, "states": 1, "contradicts": 2}
_NOTHING = dict.fromkeys(("fence", "sentences", "facts", "passages", "findings", "decisions", "laws"))


def _fact_sheet(
    facts: Sequence[Judged], text: tuple[str, ...], start: int, end: int, turn: int
) -> Sheet[FactJudgements]:
    shown = [on_one_line(sentence) for sentence in text[start:end]]
    shuffled = _shuffle(facts, lambda fact: fact.id, turn, *shown)
    lines = [write_fact(fact) for fact in shuffled]
    user = load_prompt("judge").render(
        **_NOTHING
        | {"part": "facts", "fence": fence_of("\n".join(shown)), "sentences": shown, "facts": lines}
    )
    ids = tuple(fact.id for fact in shuffled)
    return Sheet(
        f"{len(ids)} facts, {len(shown)} sentences",
        user,
        ids,
        FactJudgements,
        partial(_fact_problems, ids, len(shown)),
        partial(_read_facts, text, start),
    )


def _sentence_sheet(sentences: Sequence[str], case: Case) -> Sheet[SentenceJudgements]:
    shown = [on_one_line(sentence) for sentence in sentences]
    passages = write_metadata(case.document) + "\n" + write_passages(case.document, case.document.passages)
    user = load_prompt("judge").render(
        **_NOTHING
        | {
            "part": "sentences",
            "fence": fence_of("\n".join((passages, *shown))),
            "passages": passages,
            "findings": list(write_findings(case)),
            "decisions": write_decisions(),
            "sentences": shown,
            "laws": write_laws(shown),
        }
    )
    return Sheet(
        f"{len(shown)} sentences",
        user,
        tuple(sentences),
        SentenceJudgements,
        partial(_sentence_problems, len(shown), ids_of(case)),
        partial(_read_sentences, tuple(sentences)),
    )


def _fact_problems(ids: Sequence[str], sentences: int, answer: FactJudgements) -> list[str]:
    problems = _once("fact", ids, [judgement.fact for judgement in answer.judgements])
    for n, judgement in enumerate(answer.judgements):
        place = f"judgements.{n} ({judgement.fact[:40]})"
        problems += _reason_problems(place, judgement.reason)
        number = judgement.sentence
        if judgement.verdict == "omits" and number is not None:
            problems.append(f"{place}: a fact that is omitted relies on no sentence; give null.")
        elif judgement.verdict != "omits" and (number is None or not 1 <= number <= sentences):
            problems.append(
                f"{place}: there is no sentence {number}; give the number of one, from 1 to {sentences}."
            )
    return problems


def _sentence_problems(count: int, known: frozenset[str], answer: SentenceJudgements) -> list[str]:
    wanted = [str(number) for number in range(1, count + 1)]
    problems = _once("sentence", wanted, [str(judgement.number) for judgement in answer.judgements])
    for n, judgement in enumerate(answer.judgements):
        place = f"judgements.{n} (sentence {judgement.number})"
        problems += _reason_problems(place, judgement.reason)
        problems += [
            f"{place}: there is no entry, passage or decision {entry[:60]!r}; give an id from square brackets."
            for entry in judgement.relies_on
            if entry not in known
        ]
    return problems


def _once(thing: str, wanted: Sequence[str], given: Sequence[str]) -> list[str]:
    counts, expected = Counter(given), set(wanted)
    return [
        *(f"the {thing} {item} has no judgement; judge it." for item in wanted if not counts[item]),
        *(f"the {thing} {item[:40]} is judged more than once." for item, n in counts.items() if n > 1),
        *(f"there is no {thing} {item[:40]!r}." for item in counts if item not in expected),
    ]


def _reason_problems(place: str, reason: str) -> list[str]:
    if not reason.strip():
        return [f"{place}: the reason is empty."]
    return [f"{place}: the reason is too long; one short sentence."] if len(reason) > _LONGEST_REASON else []


def _read_facts(text: tuple[str, ...], start: int, answer: FactJudgements) -> Read:
    return Read(
        verdicts={
            (text, judgement.fact): Verdict(
                judgement.verdict,
                None if judgement.sentence is None else start + judgement.sentence - 1,
                on_one_line(judgement.reason),
            )
            for judgement in answer.judgements
        }
    )


def _read_sentences(sentences: tuple[str, ...], answer: SentenceJudgements) -> Read:
    return Read(flags={sentences[j.number - 1]: _flags(j) for j in answer.judgements})


def _flags(judgement: SentenceJudgement) -> tuple[Flag, ...]:
    if judgement.fault == "none":
        return ()
    entries = tuple(dict.fromkeys(judgement.relies_on))
    return (Flag(judgement.fault, on_one_line(judgement.reason), entries),)


def _shuffle(things: Sequence[T], key: Callable[[T], str], turn: int, *with_them: str) -> list[T]:
    """The things in an order that looks random and follows from their content and the turn alone, whatever order they came in."""
    seed = _digest(str(turn), *sorted(map(key, things)), *with_them)
    return sorted(things, key=lambda thing: (_digest(seed, key(thing)), key(thing)))


def _digest(*words: str) -> str:
    digest = hashlib.sha256()
    for word in words:
        digest.update(hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest())
    return digest.hexdigest()


def _spans(sentences: Sequence[str], most: int) -> list[tuple[int, int]]:
    """Where to part the sentences, so that no part has more than ``most`` of them, or more characters than are allowed unless it is one
    sentence; parts of about the same number.
    """
    parts = -(-len(sentences) // most)
    spans, start, characters = [], 0, 0
    for n, sentence in enumerate(sentences):
        # The numbers at which equal parts would end.
        full = n * parts // len(sentences) > start * parts // len(sentences)
        if n > start and (n - start >= most or full or characters + len(sentence) > MOST_CHARACTERS):
            spans.append((start, n))
            start, characters = n, 0
        characters += len(sentence)
    return [*spans, (start, len(sentences))] if sentences else []
