"""A document longer than the model's window: read in parts, so that every passage is read and none is lost.

Each part is a run of whole passages; together the parts are the document. Each reading names the passages that matter, and the
three stages then see those passages, verbatim and under their own ids. Checks still run against the whole document.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import AnswerInvalidError, ContextOverflowError
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

# Tokens kept free for a stage's own prompt, the summaries told to later stages, the answer's schema where a server puts it
# into the prompt, and a first round of asking again.
_ROOM = 12_000


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
    share = room // len(parts)
    chosen: set[str] = set()
    records: list[StageRecord] = []
    findings: list[Finding] = []
    for number, part in enumerate(parts, start=1):
        reading, record = await _read(bench, sizes, part, number, len(parts), share)
        records.append(record)
        kept, dropped, unknown = _within(sizes, part, reading, share)
        chosen |= kept
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
        raise AnswerInvalidError(
            f"{bench.settings.model} named no passage that matters in any of {len(parts)} parts; use another model, or one with a "
            "window that holds the whole document (--context-window)."
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
    bench: Bench, sizes: Sizes, part: Sequence[Passage], number: int, parts: int, share: int
) -> tuple[Reading, StageRecord]:
    document = bench.document
    taxonomy = load_taxonomy()
    average = max(1, sizes.total(part) // len(part))

    def check(answer: Reading) -> list[str]:
        _, dropped, unknown = _within(sizes, part, answer, share)
        found = [f"{name}: no such passage in this part; use the ids in square brackets." for name in unknown]
        strange = {c.category for c in answer.passages if taxonomy.get(c.category) is None}
        found += [f"{name}: no such category; use the ids of the list." for name in sorted(strange)]
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
    sizes: Sizes, part: Sequence[Passage], reading: Reading, share: int
) -> tuple[set[str], list[str], list[str]]:
    """The chosen passages that fit ``share`` tokens, weightiest first; the ids of those that do not; ids that are not in the part."""
    by_id = {p.id: p for p in part}
    kept: set[str] = set()
    dropped: list[str] = []
    used = 0
    named = dict.fromkeys(choice.passage_id for choice in reading.passages)
    for passage in (by_id[name] for name in named if name in by_id):
        size = sizes.of(passage)
        if used + size > share:
            dropped.append(passage.id)
            continue
        kept.add(passage.id)
        used += size
    return kept, dropped, [name for name in named if name not in by_id]
