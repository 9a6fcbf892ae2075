"""What a self-test found, as Markdown that reads in a terminal too, and its files."""

from collections.abc import Iterator
from pathlib import Path

from eval.graded import Graded
from eval.mutations import Moved, Mutated
from eval.planting import Planting
from eval.selftest import SelfTest, Share
from eval.tables import plain_text, write_rows
from pipeline.files import write_files

_MOST_LISTED = 60
_LONGEST = 200


def write_selftest_files(found: SelfTest, folder: Path) -> tuple[Path, ...]:
    """Write ``selftest.json`` and ``selftest.md``; returns their paths."""
    texts = {
        "selftest.json": found.model_dump_json(indent=1) + "\n",
        "selftest.md": write_selftest_markdown(found),
    }
    return write_files(folder, texts)


def write_selftest(found: SelfTest) -> str:
    """The tables, and what failed."""
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
    failed = [check for check in found.checks if check.status == "failed"]
    unmet = sum(not aim.met for aim in found.aims)
    yield (
        f"**{len(found.checks) - len(failed)} of {len(found.checks)} checks passed; {unmet} of {len(found.aims)} aims are not met.**"
    )
    yield ""
    yield from (f"- failed: {plain_text(check.name)}: {plain_text(check.message)}" for check in failed)


def _part(part: str, shares: list[Share], found: SelfTest) -> Iterator[str]:
    yield f"## Planted sentences: {part}"
    yield ""
    for aim in found.aims:
        if aim.part == part:
            what, sign = ("detected", "≥") if aim.wrong else ("wrongly flagged", "≤")
            verdict = "met" if aim.met else "not met"
            share = found.share(aim.part, aim.wrong)
            interval = f" (95 % {_interval(share)})" if share else ""
            yield f"- {what}: {aim.value:.1%}{interval}; aim {sign} {aim.aim:.0%}: **{verdict}**"
    yield ""
    for wrong in (True, False):
        rows = [_row(share) for share in shares if share.wrong == wrong]
        if rows:
            head = ["wrong sentences" if wrong else "right sentences", "n"]
            yield write_rows([*head, "detected" if wrong else "flagged", "share", "95 %", "in a score"], rows)
            yield ""


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
