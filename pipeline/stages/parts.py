"""A document longer than the model's window: read in parts, so that every passage is read and none is lost.

Each part is a run of whole passages; together the parts are the document. Each reading names the passages that matter, the
weightiest first. When all parts are read, the window is filled from all of them, and the three stages then see those passages,
verbatim and under their own ids. Checks still run against the whole document.

Nothing is kept free for asking again: an answer may be as long as the document, and who is asked again is shown it too. A
conversation that is then longer than the window is refused by the endpoint, and the best answer so far stays with its findings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from pipeline.errors import AnswerInvalidError, AnswerPendingError, ContextOverflowError
from pipeline.prices import estimate_tokens
from pipeline.prompts import load_prompt
from pipeline.registry.taxonomy import load_taxonomy
from pipeline.settings import Settings
from pipeline.stages.opening import headings_above, write_heading, write_opening, write_passage
from pipeline.stages.stage import Bench, run_stage
from schemas.document import Document, Passage
from schemas.draft import StageRecord
from schemas.finding import Finding
from schemas.reading import Reading

# Tokens kept free for a stage's own prompt, the summaries told to later stages, and the answer's schema where a server puts it
# into the prompt.
_ROOM = 12_000
# A reading may name this many times its part's even share of the window, so that one part has what another leaves.
_SHARES = 2


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
    room = settings.context_window - fixed - min(_ROOM, settings.context_window // 5)
    if room < 500:
        raise ContextOverflowError(
            f"A window of {settings.context_window} tokens leaves no room for the document beside the prompt and an answer of "
            f"{settings.max_output_tokens} tokens; raise --context-window or lower --max-output-tokens."
        )
    return room


class Sizes:
    """What passages take in a prompt, in tokens: each its own line, and the headings above where its section begins."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._headings = {
            section_id: sum(estimate_tokens(write_heading(s) + "\n") for s in above if s.title)
            for section_id, above in headings_above(document).items()
        }

    def of(self, passage: Passage, before: Passage | None = None) -> int:
        """Tokens of a passage that is shown right after ``before``."""
        same_section = before is not None and before.section_id == passage.section_id
        headings = 0 if same_section else self._headings[passage.section_id]
        return headings + estimate_tokens(write_passage(self._document, passage) + "\n")

    def total(self, passages: Sequence[Passage]) -> int:
        """Tokens of a run of passages."""
        return sum(self.of(p, before) for p, before in zip(passages, (None, *passages), strict=False))


def split_parts(document: Document, room: int) -> tuple[tuple[Passage, ...], ...]:
    """The passages in runs of at most ``room`` tokens, in order, each passage in exactly one run.

    Raises ContextOverflowError when one passage alone is
    longer than ``room``.
    """
    sizes = Sizes(document)
    for passage in document.passages:
        if sizes.of(passage) > room:
            raise ContextOverflowError(
                f"The passage {passage.id} alone takes about {sizes.of(passage)} tokens and the window has room for {room}; "
                "raise --context-window or use a model with a longer one."
            )
    parts: list[tuple[Passage, ...]] = []
    run: list[Passage] = []
    used = 0
    for passage in document.passages:
        size = sizes.of(passage, run[-1] if run else None)
        if run and used + size > room:
            parts.append(tuple(run))
            run, size, used = [], sizes.of(passage), 0
        run.append(passage)
        used += size
    return (*parts, tuple(run)) if run else tuple(parts)


async def select_passages(bench: Bench) -> Selection:
    """All passages when they fit the window; otherwise those that the readings of the parts chose, in document order."""
    document = bench.document
    room = room_for_passages(document, bench.settings)
    sizes = Sizes(document)
    if sizes.total(document.passages) <= room:
        return Selection(document.passages, 1, (), ())
    parts = split_parts(document, room)
    named: list[list[Passage]] = []
    records: list[StageRecord] = []
    findings: list[Finding] = []
    pending: AnswerPendingError | None = None
    for number, part in enumerate(parts, start=1):
        try:
            reading, record = await _read(
                bench, part, number, len(parts), _budget(sizes, part, room // len(parts))
            )
        except AnswerPendingError as error:
            # No reading depends on another: all of them go into the same batch.
            pending = error
            continue
        records.append(record)
        known, unknown = _named(part, reading)
        named.append(known)
        if not known:
            findings.append(
                Finding(
                    code="document.part_without_passages",
                    severity="warning",
                    path=part[0].id,
                    message=f"The reading of part {number} of {len(parts)} named no passage that matters, so that nothing from {part[0].id} "
                    f"to {part[-1].id} was shown to the stages; look through that part.",
                )
            )
        if unknown:
            findings.append(
                Finding(
                    code="document.selection_unknown",
                    severity="warning",
                    path="",
                    message=f"The reading of part {number} named {len(unknown)} passages that are not in it, such as "
                    f"«{unknown[0][:60]}».",
                )
            )
    if pending is not None:
        raise pending
    chosen = fill_room(sizes, named, room)
    shown = tuple(p for p in document.passages if p.id in chosen)
    if not shown:
        raise AnswerInvalidError(
            f"{bench.settings.model} named no passage that matters in any of {len(parts)} parts; use another model, or one with a "
            "window that holds the whole document (--context-window)."
        )
    dropped = [p.id for known in named for p in known if p.id not in chosen]
    if dropped:
        findings.append(
            Finding(
                code="document.selection_cut",
                # Parts are asked for more than their share, so that a rich one can use what a thin one leaves.
                severity="info",
                path=dropped[0],
                message=f"The readings named more passages than fit the window, the weightiest first; the last {len(dropped)} were "
                f"not shown to the stages: {', '.join(dropped)}.",
            )
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


def fill_room(sizes: Sizes, named: Sequence[Sequence[Passage]], room: int) -> set[str]:
    """Ids of the passages that ``room`` tokens hold, of those ``named`` for each part in order of weight.

    Round by round: the weightiest of each part, then the next of each. One that does not fit makes way for those after it.
    """
    chosen: set[str] = set()
    in_section: dict[str, Passage] = {}
    for passage in _by_weight(named):
        size = sizes.of(passage, in_section.get(passage.section_id))
        if size <= room:
            room -= size
            chosen.add(passage.id)
            in_section[passage.section_id] = passage
    return chosen


def _by_weight(named: Sequence[Sequence[Passage]]) -> Iterator[Passage]:
    for one_of_each in zip_longest(*named):
        yield from filter(None, one_of_each)


def _budget(sizes: Sizes, part: Sequence[Passage], share: int) -> int:
    """How many passages the reading of a part may name, when ``share`` is its even share of the window in tokens."""
    average = max(1, sizes.total(part) // len(part))
    return min(len(part), max(1, _SHARES * share // average))


async def _read(
    bench: Bench, part: Sequence[Passage], number: int, parts: int, budget: int
) -> tuple[Reading, StageRecord]:
    document = bench.document
    taxonomy = load_taxonomy()

    def check(answer: Reading) -> list[str]:
        known, unknown = _named(part, answer)
        found = [f"{name}: no such passage in this part; use the ids in square brackets." for name in unknown]
        strange = {c.category for c in answer.passages if taxonomy.get(c.category) is None}
        found += [f"{name}: no such category; use the ids of the list." for name in sorted(strange)]
        if len(known) > budget:
            found.append(
                f"passages: {len(known)} passages are named; name at most {budget}, the weightiest first, and leave out the others."
            )
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
        budget=budget,
    )


def _named(part: Sequence[Passage], reading: Reading) -> tuple[list[Passage], list[str]]:
    """The passages that a reading names, each once and in its order; and the ids that are not in the part."""
    by_id = {p.id: p for p in part}
    named = dict.fromkeys(choice.passage_id for choice in reading.passages)
    return [by_id[name] for name in named if name in by_id], [name for name in named if name not in by_id]
