"""A body that a page carries twice is kept once, and a table that stands again after the end likewise.

Pages carry copies for wide and narrow screens. A policy also repeats itself with good reason, though: the same rights
under two countries, the same contact under two products. So only three kinds of repetition are left out, each word for
word, and each with a finding: a copy that follows its original at once, a copy of a good part of the document with its
headings, and a table at the very end whose headings stand elsewhere.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.document.blocks import Block, Heading, Row
from schemas.finding import Finding

# A copy of the body: at least this share of the characters, and of the stretch it stands in.
_BODY_SHARE = 0.2
_SAME_SHARE = 0.95
_FEWEST_HEADINGS = 2
# A copy at once after its original: below this many characters it may be two cells that say "yes".
_LEAST_AT_ONCE = 20
_LEAST_TABLE = 80
# Blocks compared at a time; runs of copies this near to one another are one stretch.
_WINDOW = 2
_GAP = 3


@dataclass(frozen=True, slots=True)
class _Run:
    """``length`` blocks from ``start`` say what those from ``source`` said."""

    start: int
    source: int
    length: int

    @property
    def end(self) -> int:
        return self.start + self.length


def drop_repeats(blocks: Sequence[Block]) -> tuple[list[Block], list[Finding]]:
    """The blocks without repetitions, and what was left out. Linear in the number of blocks."""
    keys = [_key(block) for block in blocks]
    sizes = [_size(block) for block in blocks]
    left_out: set[int] = set()
    findings: list[Finding] = []
    at_once: list[int] = []
    stretches = _stretches(_runs(keys))
    total = sum(sizes)
    for stretch in stretches:
        dropped = [i for run in stretch for i in range(run.start, run.end)]
        size = sum(sizes[i] for i in dropped)
        if _is_body(blocks, sizes, stretch, size, total):
            findings.append(_finding("document.repeated_body", "The body", blocks, dropped, size))
        elif _is_table_at_end(blocks, stretch, size):
            findings.append(_finding("document.repeated_table", "A table", blocks, dropped, size))
        elif _follows_at_once(blocks, stretch, size):
            at_once += dropped
        else:
            continue
        left_out.update(dropped)
    if at_once:
        size = sum(sizes[i] for i in at_once)
        findings.append(_finding("document.repeated_text", "Text right after itself", blocks, at_once, size))
    # A block of a copy that its original lacks is kept, and so is the heading it stands below.
    for stretch in stretches:
        if stretch[0].start in left_out:
            _keep_headings(blocks, stretch, left_out)
    return [block for i, block in enumerate(blocks) if i not in left_out], findings


def _finding(code: str, what: str, blocks: Sequence[Block], dropped: Sequence[int], size: int) -> Finding:
    return Finding(
        code=code,
        severity="info",
        path="",
        message=f"{what} stands in the source again, word for word, from “{_name(blocks[dropped[0]])}” on: "
        f"{len(dropped)} blocks with {size} characters were left out the second time.",
    )


def _runs(keys: Sequence[bytes]) -> list[_Run]:
    """Stretches of blocks that stood before, longest first come, without overlap."""
    first: dict[tuple[bytes, ...], int] = {}
    last: dict[tuple[bytes, ...], int] = {}
    runs: list[_Run] = []
    i = 0
    while i < len(keys):
        window = tuple(keys[i : i + _WINDOW])
        run = None
        for source in (first.get(window), last.get(window)):
            if source is not None and len(window) == _WINDOW and source + _WINDOW <= i:
                length = _length(keys, source, i)
                if run is None or length > run.length:
                    run = _Run(i, source, length)
        if run is None and i and keys[i] == keys[i - 1]:
            run = _Run(i, i - 1, 1)
        for j in range(i, run.end if run else i + 1):
            seen = tuple(keys[j : j + _WINDOW])
            first.setdefault(seen, j)
            last[seen] = j
        if run:
            runs.append(run)
        i = run.end if run else i + 1
    return runs


def _length(keys: Sequence[bytes], source: int, start: int) -> int:
    length = _WINDOW
    while (
        start + length < len(keys)
        and source + length < start
        and keys[source + length] == keys[start + length]
    ):
        length += 1
    return length


def _stretches(runs: Sequence[_Run]) -> list[list[_Run]]:
    """Runs that go on where the one before broke off, in the copy and in the original, belong together."""
    stretches: list[list[_Run]] = []
    for run in runs:
        before = stretches[-1][-1] if stretches else None
        if (
            before
            and run.start - before.end <= _GAP
            and 0 <= run.source - before.source - before.length <= _GAP
            and stretches[-1][0].start >= run.source + run.length
        ):
            stretches[-1].append(run)
        else:
            stretches.append([run])
    return stretches


def _is_body(
    blocks: Sequence[Block], sizes: Sequence[int], stretch: Sequence[_Run], size: int, total: int
) -> bool:
    whole = sum(sizes[stretch[0].start : stretch[-1].end])
    headings = sum(isinstance(blocks[i], Heading) for run in stretch for i in range(run.start, run.end))
    return size >= total * _BODY_SHARE and size >= whole * _SAME_SHARE and headings >= _FEWEST_HEADINGS


def _is_table_at_end(blocks: Sequence[Block], stretch: Sequence[_Run], size: int) -> bool:
    rows = all(isinstance(blocks[i], Row) for run in stretch for i in range(run.start, run.end))
    return rows and len(stretch) == 1 and stretch[-1].end == len(blocks) and size >= _LEAST_TABLE


def _follows_at_once(blocks: Sequence[Block], stretch: Sequence[_Run], size: int) -> bool:
    run = stretch[0]
    if len(stretch) > 1 or run.source + run.length != run.start:
        return False
    if all(isinstance(blocks[i], Row) for i in range(run.start, run.end)):
        # Rows of one table may well be equal; a whole table after itself is a copy.
        return run.length > 1 and size >= _LEAST_TABLE
    return size >= _LEAST_AT_ONCE or isinstance(blocks[run.start], Heading)


def _keep_headings(blocks: Sequence[Block], stretch: Sequence[_Run], left_out: set[int]) -> None:
    heading = None
    for i in range(stretch[0].start, stretch[-1].end):
        if i in left_out:
            heading = i if isinstance(blocks[i], Heading) else heading
        elif isinstance(blocks[i], Heading):
            heading = None
        elif heading is not None:
            left_out.discard(heading)
            heading = None


def _words(block: Block) -> str:
    if isinstance(block, Row):
        return " | ".join(f"{header}: {cell}" for header, cell in block.cells)
    return block.text


def _key(block: Block) -> bytes:
    """What two blocks have in common when they say the same: their kind and words, whatever the spaces between."""
    words = type(block).__name__ + "".join(_words(block).split())
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _size(block: Block) -> int:
    return len(_words(block))


def _name(block: Block) -> str:
    words = " ".join(_words(block).split())
    return words if len(words) <= 60 else f"{words[:59]}…"
