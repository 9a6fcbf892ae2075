"""A document longer than the model's window: read in parts, so that every passage is read and none is lost.

Each part is a run of whole passages; together the parts are the document. Each reading names the passages that matter, and the
three stages then see those passages, verbatim and under their own ids. Checks still run against the whole document.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import ContextOverflowError
from pipeline.prices import estimate_tokens
from pipeline.prompts import load_prompt
from pipeline.settings import Settings
from pipeline.stages.opening import write_opening, write_passages
from pipeline.stages.stage import Bench, run_stage
from schemas.document import Document, Passage
from schemas.draft import StageRecord
from schemas.finding import Finding
from schemas.reading import Reading

# Tokens kept free for a stage's own prompt, the summaries told to later stages, and the rounds of asking again.
_ROOM = 6_000


@dataclass(frozen=True, slots=True)
class Selection:
    """What the stages are shown: the passages, in how many parts the document was read, and what is to be told about it."""

    shown: tuple[Passage, ...]
    parts: int
    records: tuple[StageRecord, ...]
    findings: tuple[Finding, ...]


def room_for_passages(document: Document, settings: Settings) -> int:
    """Tokens that passages may take in one prompt. Raises ContextOverflowError when the window is too small for any."""
    fixed = (
        estimate_tokens(load_prompt("system").text + write_opening(document, ())) + settings.max_output_tokens
    )
    room = settings.context_window - fixed - min(_ROOM, settings.context_window // 8)
    if room < 500:
        raise ContextOverflowError(
            f"A window of {settings.context_window} tokens leaves no room for the document beside the prompt and an answer of "
            f"{settings.max_output_tokens} tokens; raise --context-window or lower --max-output-tokens."
        )
    return room


def split_parts(document: Document, room: int) -> tuple[tuple[Passage, ...], ...]:
    """The passages in runs of at most ``room`` tokens, in order, each passage in exactly one run.

    Raises ContextOverflowError when one passage alone is longer than that.
    """
    parts: list[tuple[Passage, ...]] = []
    run: list[Passage] = []
    used = 0
    for passage in document.passages:
        size = _size(document, (passage,))
        if size > room:
            raise ContextOverflowError(
                f"The passage {passage.id} alone takes about {size} tokens and the window has room for {room}; "
                "use a model with a longer window."
            )
        if run and used + size > room:
            parts.append(tuple(run))
            run, used = [], 0
        run.append(passage)
        used += size
    parts.append(tuple(run))
    return tuple(parts)


async def select_passages(bench: Bench) -> Selection:
    """All passages when they fit the window; otherwise those that the readings of the parts chose, in document order."""
    document = bench.document
    room = room_for_passages(document, bench.settings)
    if _size(document, document.passages) <= room:
        return Selection(document.passages, 1, (), ())
    parts = split_parts(document, room)
    share = room // len(parts)
    chosen: set[str] = set()
    records: list[StageRecord] = []
    findings: list[Finding] = []
    for number, part in enumerate(parts, start=1):
        reading, record = await _read(bench, part, number, len(parts), share)
        records.append(record)
        kept, dropped = _within(document, part, reading, share)
        chosen |= kept
        if dropped:
            findings.append(
                Finding(
                    code="document.selection_cut",
                    severity="warning",
                    path=dropped[0],
                    message=f"Part {number} named more passages than fit the window; not shown to the stages: {', '.join(dropped)}.",
                )
            )
    shown = tuple(p for p in document.passages if p.id in chosen)
    if not shown:
        raise ContextOverflowError(
            "No part of the document held a passage that matters; try a model with a longer window."
        )
    findings.append(
        Finding(
            code="document.read_in_parts",
            severity="info",
            path="",
            message=f"The document is longer than the model's window: all {len(document.passages)} passages were read in "
            f"{len(parts)} parts, and the {len(shown)} that matter were shown to the stages.",
        )
    )
    return Selection(shown, len(parts), tuple(records), tuple(findings))


async def _read(
    bench: Bench, part: Sequence[Passage], number: int, parts: int, share: int
) -> tuple[Reading, StageRecord]:
    document = bench.document
    ids = {p.id for p in part}
    average = max(1, _size(document, part) // len(part))

    def check(answer: Reading) -> list[str]:
        wrong = [c.passage_id for c in answer.passages if c.passage_id not in ids]
        found = (
            [f"{', '.join(wrong)}: no such passage in this part; use the ids in square brackets."]
            if wrong
            else []
        )
        _, dropped = _within(document, part, answer, share)
        if dropped:
            found.append(f"Too many passages: name fewer, so that {len(dropped)} of the last ones go.")
        return found

    opened = Bench(
        document,
        write_opening(document, part),
        bench.door,
        bench.settings,
        bench.store,
        bench.watcher,
        bench.fresh,
    )
    return await run_stage(
        opened,
        "read",
        Reading,
        check,
        label=f"part {number} of {parts}",
        part=number,
        parts=parts,
        budget=max(1, share // average),
    )


def _within(
    document: Document, part: Sequence[Passage], reading: Reading, share: int
) -> tuple[set[str], list[str]]:
    """The chosen passages that fit ``share`` tokens, weightiest first, and the ids of those that do not."""
    by_id = {p.id: p for p in part}
    kept: set[str] = set()
    dropped: list[str] = []
    used = 0
    for choice in reading.passages:
        passage = by_id.get(choice.passage_id)
        if passage is None or passage.id in kept:
            continue
        size = _size(document, (passage,))
        if used + size > share:
            dropped.append(passage.id)
            continue
        kept.add(passage.id)
        used += size
    return kept, dropped


def _size(document: Document, passages: Sequence[Passage]) -> int:
    return estimate_tokens(write_passages(document, passages))
