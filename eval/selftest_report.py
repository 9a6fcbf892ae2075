"""What a self-test found, as Markdown that reads in a terminal too, and its files."""

from collections.abc import Iterator
from pathlib import Path

from eval.graded import Graded
from eval.mutations import Moved, Mutated
from eval.planting import Planting
from eval.selftest import By, SelfTest, Share
from eval.selftest_bars import Part, tell_rounds
from eval.tables import fold_line, plain_text, write_rows
from pipeline.files import write_files

_MOST_LISTED = 60
_LONGEST = 200
_WIDTH = 100


def write_selftest_files(found: SelfTest, folder: Path) -> tuple[Path, ...]:
    """Write ``selftest.json`` and ``selftest.md``; returns their paths."""
    texts = {
        "selftest.json": found.model_dump_json(indent=1) + "\n",
        "selftest.md": write_selftest_markdown(found),
    }
    return write_files(folder, texts)


def write_selftest(found: SelfTest) -> str:
    """What a terminal shows: the aims, the totals of each error type, and what failed, in lines of at most a hundred characters."""
    lines = [
        f"# Self-test of the harness, judge {found.judge.name} ({found.judge.version[:8]})",
        "",
        *(f"- Not tried: {plain_text(line)}" for line in found.left_out),
        *_aims(found),
        "",
        _by_error_type(found),
        "",
        *_held(found),
    ]
    text = "\n".join(lines)
    return "\n".join(part for line in text.split("\n") for part in fold_line(line, _WIDTH)).rstrip()


def write_selftest_tables(found: SelfTest) -> str:
    """All tables, and what failed."""
    return "\n".join(_tables(found)).rstrip()


def write_selftest_markdown(found: SelfTest) -> str:
    """The tables, what failed, and each sentence that was judged wrongly and may be looked at."""
    return "\n".join([*_tables(found), *_misjudged(found), *_own_flags(found)]).rstrip() + "\n"


def _tables(found: SelfTest) -> Iterator[str]:
    yield "# Self-test of the harness"
    yield ""
    yield f"{found.made_at:%Y-%m-%d %H:%M} UTC, {found.seconds:.1f} s. Judge {found.judge.name} ({found.judge.version[:8]})."
    yield ""
    for draft in found.drafts:
        yield (
            f"- Sentences about {draft.case} are planted in the draft {draft.origin}, "
            f"of whose own {draft.sentences} sentences the judge flags {len(draft.flagged)}."
        )
    yield from (f"- Not tried: {plain_text(line)}" for line in found.left_out)
    yield "- Detected and flagged: by the judge. In a score: a score of faults is lower with the sentence than without it."
    yield ""
    for part in dict.fromkeys(share.part for share in found.shares):
        mine = [share for share in found.shares if share.part == part]
        yield from _part(part, mine, found)
    if found.mutations:
        yield from ("## Mutations of a whole draft", "", _mutations(found.mutations), "")
    if found.graded:
        yield from ("## Graded summaries, from good to bad", "", _graded(found.graded), "")
    yield from _held(found)


def _held(found: SelfTest) -> Iterator[str]:
    """How much holds, and each check that does not."""
    failed = [check for check in found.checks if check.status == "failed"]
    unmet = sum(not aim.met for aim in found.aims)
    yield f"**{len(found.checks) - len(failed)} of {len(found.checks)} checks passed; {unmet} of {len(found.aims)} aims are not met.**"
    yield ""
    yield from (f"- failed: {plain_text(check.name)}: {plain_text(check.message)}" for check in failed)


def _aims(found: SelfTest, part: Part | None = None) -> Iterator[str]:
    """Each aim of a part, or of all, with what was reached."""
    for aim in found.aims:
        if part in (None, aim.part):
            what, sign = ("detected", "≥") if aim.wrong else ("wrongly flagged", "≤")
            share = found.share(aim.part, aim.wrong)
            interval = f" (95 % {_interval(share)})" if share else ""
            told = f"{what}: {aim.value:.1%}{interval}; aim {sign} {aim.aim:.0%}: **{'met' if aim.met else 'not met'}**"
            yield f"- {told}" if part else f"- {_named(aim.part, found)}, {told}"


def _by_error_type(found: SelfTest) -> str:
    """A row for each error type with what was detected of it, and one for all right sentences with what was flagged; a pair of columns for
    each part.
    """
    parts = list(dict.fromkeys(share.part for share in found.shares))
    kinds = dict.fromkeys(share.name for share in found.shares if share.wrong and share.by == "kind")
    wanted: list[tuple[str, bool, By, str]] = [(name, True, "kind", name) for name in kinds]
    wanted += [("all wrong", True, "all", "all"), ("all right", False, "all", "all")]
    shares = {(share.part, share.wrong, share.by, share.name): share for share in found.shares}
    rows = []
    for label, wrong, by, name in wanted:
        of_parts = [shares.get((part, wrong, by, name)) for part in parts]
        cells = [
            (f"{s.flagged} of {s.total}", f"{s.low:.0%} to {s.high:.0%}") if s else ("–", "–")
            for s in of_parts
        ]
        rows.append([label, *(cell for pair in cells for cell in pair)])
    return write_rows(["flagged", *(head for part in parts for head in (part, "95 %"))], rows)


def _part(part: Part, shares: list[Share], found: SelfTest) -> Iterator[str]:
    yield f"## Planted sentences: {_named(part, found)}"
    yield ""
    yield from _aims(found, part)
    yield ""
    for wrong in (True, False):
        rows = [_row(share) for share in shares if share.wrong == wrong]
        if rows:
            head = ["wrong sentences" if wrong else "right sentences", "n"]
            yield write_rows([*head, "detected" if wrong else "flagged", "share", "95 %", "in a score"], rows)
            yield ""


def _named(part: Part, found: SelfTest) -> str:
    """A part with its rounds."""
    return f"{part} ({tell_rounds(found.rounds[part])})"


def _row(share: Share) -> list[str]:
    return [
        share.name if share.by == "all" else f"{share.by}: {share.name}",
        str(share.total),
        str(share.flagged),
        f"{share.value:.1%}",
        _interval(share),
        "–" if share.lowered is None else str(share.lowered),
    ]


def _interval(share: Share) -> str:
    return f"{share.low:.1%} to {share.high:.1%}"


def _mutations(mutations: tuple[Mutated, ...]) -> str:
    rows = []
    for one in mutations:
        besides = ", ".join(moved.score for moved in one.others)
        verdict = "ok" if not one.problems else "FAILS"
        rows.append(
            [f"{one.case}: {one.name}", one.lowers.score, _moved(one.lowers), besides or "–", verdict]
        )
    return write_rows(["mutation", "lowers", "from → to", "besides", ""], rows)


def _moved(moved: Moved) -> str:
    return f"{_value(moved.before)} → {_value(moved.after)}"


def _graded(graded: tuple[Graded, ...]) -> str:
    names = list(graded[0].scores)
    rows = [
        [
            f"{one.case}, {one.artefact}: {one.grade}",
            *(_value(one.scores.get(name)) for name in names),
            "FAILS" if one.problems else "ok",
        ]
        for one in graded
    ]
    return write_rows(["summary", *names, ""], rows)


def _value(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _misjudged(found: SelfTest) -> Iterator[str]:
    """The sentences that may be looked at; of the others nothing is told but the figures."""
    mine = [p for p in found.plantings if p.text is not None and p.flagged != p.wrong]
    if mine:
        yield from ("", "## Looked-at sentences judged wrongly", "")
        yield from map(_misjudgement, mine[:_MOST_LISTED])
        if len(mine) > _MOST_LISTED:
            yield f"- and {len(mine) - _MOST_LISTED} more"


def _misjudgement(planting: Planting) -> str:
    what = "not detected" if planting.wrong else "flagged"
    said = f" {plain_text(_cut(' '.join(planting.said)))}" if planting.said else ""
    told = f"{planting.id} ({planting.artefact}, {planting.kind}, {planting.difficulty})"
    return f"- {told} **{what}**: “{plain_text(_cut(planting.text or ''))}”{said}"


def _own_flags(found: SelfTest) -> Iterator[str]:
    """What the judge flags in the good drafts themselves."""
    flagged = [
        f"- {draft.case} {path}: {plain_text(_cut(' '.join(said)))}"
        for draft in found.drafts
        for path, said in draft.flagged.items()
    ]
    if flagged:
        yield from ("", "## Flags on the good drafts' own sentences", "", *flagged[:_MOST_LISTED])
        if len(flagged) > _MOST_LISTED:
            yield f"- and {len(flagged) - _MOST_LISTED} more"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} …"
