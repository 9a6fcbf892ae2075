"""Reports as text: Markdown for a terminal and for a step summary, JUnit XML for what reads test reports.

What a model wrote is text here too: it cannot begin a table, a heading, a link or an element.
"""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from eval.compare import FACT_SCORES, Comparison, Difference, FactChange, Side, total
from eval.gated import Verdict
from eval.judges.measured import write_judge_report
from eval.results import EntryRecord, Results
from eval.tables import plain_text, write_rows
from schemas.score import Mean, ScoreItem

# What XML 1.0 cannot hold.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_LISTED = 40
_LONGEST = 160


def write_table(results: Results) -> str:
    """Every score of every system as an aligned Markdown table, and what there is to say of the figures in it.

    A mean is of all runs unless their counts (scored, unscored, failed) stand beside it, or below the table when they are the same for all
    means of a system.
    """
    names = results.score_names()
    columns = {
        s.name: align_means([results.mean(s.name, name) for name in names], FAILED if s.drafts else BEATEN)
        for s in results.systems
    }
    rows = [list(row) for row in zip(names, *(column.cells for column in columns.values()), strict=True)]
    told = [
        f"- {name}, runs behind each mean: {_runs_told(column.counts)}."
        for name, column in columns.items()
        if column.counts
    ]
    beaten = [name for name, column in columns.items() if BEATEN in map(str.strip, column.cells)]
    if beaten:
        told.append(f"- {' and '.join(beaten)}: {BEATEN} as it should, being there to be beaten.")
    return "\n".join([write_rows(["score", *columns], rows), *([""] if told else []), *told])


# What stands in place of a mean when all there is failed: of a system that drafts, and of one that is there to be beaten.
FAILED, BEATEN = "FAILED", "fails"


class MeansColumn(NamedTuple):
    """Means as the cells of a column. ``counts`` are those of every mean in it, when they are the same and not all runs were scored."""

    cells: list[str]
    counts: tuple[int, int, int] | None


def align_means(means: Sequence[Mean], failed: str = FAILED) -> MeansColumn:
    """Means below one another, with the counts of runs where not all were scored: ``0.83 2/1/0``."""
    told = {(m.scored, m.unscored, m.failed) for m in means if m.value is not None}
    if len(told) == 1:
        [counts] = told
        return MeansColumn([tell_value(m, failed) for m in means], counts if counts[1] or counts[2] else None)
    cells = [(tell_value(m, failed), tell_counts(m)) for m in means]
    width = max((len(counts) for _, counts in cells), default=0)
    return MeansColumn(
        [f"{value} {counts.ljust(width)}" if width else value for value, counts in cells], None
    )


def tell_value(mean: Mean, failed: str = FAILED) -> str:
    """A mean, in which nothing but what was scored has a part; a dash for none, and another word where it failed."""
    if mean.value is None:
        return failed if mean.failed else "–"
    return f"{mean.value:.2f}"


def tell_counts(mean: Mean) -> str:
    """How many runs were scored, unscored and failed (``2/1/0``) when a mean is not of all of them, else nothing."""
    whole = mean.value is None or not (mean.unscored or mean.failed)
    return "" if whole else f"{mean.scored}/{mean.unscored}/{mean.failed}"


def _runs_told(counts: tuple[int, int, int]) -> str:
    words = zip(counts, ("scored", "unscored", "failed"), strict=True)
    return ", ".join(f"{count} {word}" for count, word in words if count)


def write_markdown(results: Results) -> str:
    """The report for a step summary."""
    parts = ["# Eval", ""]
    if results.gate is not None:
        parts += [write_verdict(results.gate), ""]
    parts += [_about(results), "", "## Scores", ""]
    if results.score_names():
        parts += [
            "Means over cases; with runs scored/unscored/failed where not all were scored. Only what was scored is in a mean.",
            "",
            write_table(results),
            "",
        ]
    else:
        parts += ["Nothing was scored.", ""]
    parts += _section("Not measured", _not_measured(results))
    parts += _section("Facts that drafts contradict, and those they must tell and omit", _facts(results))
    for report in results.judge_reports:
        title = f"The model judge on {report.case} ({report.model}, {report.judge_version[:8]})"
        parts += [f"## {plain_text(title)}", "", write_judge_report(report), ""]
    parts += ["## Cost", "", _costs(results), ""]
    return "\n".join(parts).rstrip() + "\n"


def write_verdict(verdict: Verdict) -> str:
    """What the gate says, each check that did not pass, and the notes."""
    lines = [f"**{verdict.summary}**", ""]
    lines += [
        f"- {check.status}: {plain_text(check.name)}: {plain_text(check.message)}"
        for check in verdict.checks
        if check.status in ("failed", "unavailable")
    ]
    skipped = Counter(check.message for check in verdict.checks if check.status == "skipped")
    lines += [f"- skipped {count}: {plain_text(message)}" for message, count in skipped.items()]
    return "\n".join([*lines, *(f"- note: {plain_text(note)}" for note in verdict.notes)]).rstrip()


def write_comparisons(comparisons: Sequence[Comparison]) -> str:
    """Comparisons as Markdown, one after the other."""
    return "\n".join(_comparison(comparison) for comparison in comparisons)


def write_junit(results: Results) -> str:
    """JUnit XML: a suite for each run with a test for each score, and one for the gate with a test for each check, where it was asked."""
    root = ET.Element("testsuites", name="clausewise eval")
    for run in results.runs:
        suite = _suite(
            root, f"{run.system}/{run.case}" + (f" #{run.repetition}" if run.repetition > 1 else "")
        )
        if run.status != "scored":
            _test(suite, "run", _OUTCOMES[run.status], run.reason or "")
        for score in run.scores:
            # A score that fails for a system that is there to be beaten is no failure of this run.
            expected = score.status == "failed" and not results.drafts(run)
            test = _test(suite, score.name, "skipped" if expected else _OUTCOMES[score.status], score.reason)
            if score.value is not None:
                ET.SubElement(test, "system-out").text = _xml(f"{score.value:.4f} {score.reason}")
        _count(suite)
    if results.gate is not None:
        suite = _suite(root, "gate")
        for check in results.gate.checks:
            _test(suite, check.name, _OUTCOMES[check.status], check.message)
        _count(suite)
    _count(root)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


_OUTCOMES = {
    "scored": None,
    "passed": None,
    "unscored": "skipped",
    "skipped": "skipped",
    "failed": "failure",
    "unavailable": "error",
}


def _suite(root: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(root, "testsuite", name=_xml(name))


def _test(suite: ET.Element, name: str, outcome: str | None, message: str) -> ET.Element:
    test = ET.SubElement(suite, "testcase", classname=suite.get("name", ""), name=_xml(name))
    if outcome:
        ET.SubElement(test, outcome, message=_xml(message))
    return test


def _count(element: ET.Element) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    for outcome, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        element.set(name, str(len(list(element.iter(outcome)))))


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _about(results: Results) -> str:
    cases = ", ".join(f"{case.name} (gold {case.gold_sha256[:8]})" for case in results.cases)
    return (
        f"{results.made_at:%Y-%m-%d %H:%M} UTC, {results.seconds:.1f} s. Judge {plain_text(results.judge.title)}, "
        f"scorers {results.scorers_sha256[:8]}, registry {results.registry_sha256[:8]}. Cases: {cases}."
    )


def _section(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    if not found:
        return []
    more = [f"- and {len(found) - _MOST_LISTED} more"] if len(found) > _MOST_LISTED else []
    return [f"## {title}", "", *found[:_MOST_LISTED], *more, ""]


def _not_measured(results: Results) -> Iterator[str]:
    for run in results.runs:
        if run.status != "scored":
            yield f"- {run.system} on {run.case} is **{run.status}**: {plain_text(run.reason or '')}"
        for score in run.scores:
            if score.status == "failed" and results.drafts(run):
                yield f"- {run.system} on {run.case}: {score.name} **failed**: {plain_text(score.reason)}"
    for system in results.systems:
        names = {s.name: s for r in results.runs_of(system.name) for s in r.scores if s.status == "failed"}
        if names and not system.drafts:
            yield f"- {system.name}, which is there to be beaten: {', '.join(names)} **failed**"


def _facts(results: Results) -> Iterator[str]:
    drafting = [system.name for system in results.systems if system.drafts]
    for verdict in ("contradicts", "omits"):
        for case in results.cases:
            entries = {entry.id: entry for entry in case.entries}
            for system, score in product(drafting, FACT_SCORES):
                for fact, items in results.items(system, score, case.name).items():
                    these = [item for item in items if item.verdict == verdict]
                    if these and (verdict == "contradicts" or entries[fact].importance == "must"):
                        often = f" in {len(these)} of {len(items)} drafts" if len(items) > 1 else ""
                        artefact = score.partition(".")[0]
                        yield f"- {system}, {case.name}: {artefact} **{verdict}**{often} {_fact(entries[fact], these[0])}"


def _fact(entry: EntryRecord, item: ScoreItem) -> str:
    relied_on = f" {item.path}: “{plain_text(_cut(item.sentence))}”" if item.sentence else ""
    return f"{entry.id} ({entry.importance}) {plain_text(entry.statement)}{relied_on}"


def _costs(results: Results) -> str:
    rows = []
    for system in results.systems:
        runs = [run for run in results.runs_of(system.name) if run.status == "scored"]
        rows.append(
            [
                system.name,
                str(len(runs)),
                tell_tokens(total(run.usage.prompt_tokens for run in runs)),
                tell_tokens(total(run.usage.cached_tokens for run in runs)),
                tell_tokens(total(run.usage.completion_tokens for run in runs)),
                tell_cost(total(run.cost_usd for run in runs)),
                f"{sum(run.seconds for run in runs):.1f}",
            ]
        )
    return write_rows(["system", "drafts", "tokens in", "of them cached", "tokens out", "US$", "s"], rows)


def tell_tokens(count: int | None) -> str:
    """A count of tokens; not known is not zero."""
    return "not known" if count is None else f"{count:,}"


def tell_cost(cost: float | None) -> str:
    """US dollars."""
    return "not known" if cost is None else f"{cost:.4f}"


def _comparison(comparison: Comparison) -> str:
    a, b = comparison.a, comparison.b
    parts = [f"# {plain_text(_named(b))} beside {plain_text(_named(a))}", ""]
    parts += [f"- note: {plain_text(note)}" for note in comparison.notes]
    if comparison.notes:
        parts.append("")
    parts += [*_differences(comparison.differences), ""]
    parts += _section("Facts won", map(_change, comparison.won))
    parts += _section("Facts lost", map(_change, comparison.lost))
    parts += ["## Cost", "", _sides(a, b), ""]
    return "\n".join(parts)


def _named(side: Side) -> str:
    return f"{side.name}:{side.system}"


def _differences(differences: Sequence[Difference]) -> Iterator[str]:
    """The scores that both sides have as a table; the names of the others, of which there is nothing to compare, on a line."""
    paired = [d for d in differences if d.by_case]
    if paired:
        a, b = align_means([d.a for d in paired]), align_means([d.b for d in paired])
        unpaired = {d.unpaired for d in paired}
        rows = [
            [d.name, *means, *_difference(d, tell_unpaired=len(unpaired) > 1)]
            for d, *means in zip(paired, a.cells, b.cells, strict=True)
        ]
        yield "B minus A over the documents that both have scored; the 95 % interval is drawn over the pairs named."
        yield ""
        yield write_rows(["score", "A", "B", "B − A", "95 %", "pairs", "B is"], rows)
        yield ""
        if len(unpaired) == 1 and unpaired != {0}:
            yield f"- Documents in which only one side has the score: {unpaired.pop()} for each of these."
        for side, column in (("A", a), ("B", b)):
            if column.counts:
                yield f"- {side}, runs behind each mean: {_runs_told(column.counts)}."
    for told, which in (
        ("Only A has", (True, False)),
        ("Only B has", (False, True)),
        ("Each has, but of no document that the other has", (True, True)),
        ("Neither has", (False, False)),
    ):
        names = [
            d.name
            for d in differences
            if not d.by_case and (d.a.value is not None, d.b.value is not None) == which
        ]
        if names:
            yield f"- {told}: {', '.join(names)}."


def _difference(d: Difference, *, tell_unpaired: bool) -> list[str]:
    unit = f"{d.pairs} {_PLURAL[d.unit]}" if d.unit else "too few"
    return [
        "–" if d.difference is None else f"{d.difference:+.3f}",
        "–" if d.low is None or d.high is None else f"{d.low:+.2f} to {d.high:+.2f}",
        unit + (f", {d.unpaired} unpaired" if d.unpaired and tell_unpaired else ""),
        d.verdict,
    ]


_PLURAL = {"entry": "entries", "document": "documents"}


def _change(change: FactChange) -> str:
    sentence = f"\n  “{plain_text(_cut(change.sentence))}”" if change.sentence else ""
    return f"- {change.case} {change.id} ({change.importance}): {change.before} → **{change.after}**. {plain_text(change.statement)}{sentence}"


def _sides(*sides: Side) -> str:
    rows = [
        [
            letter,
            plain_text(_named(side)),
            str(side.drafts),
            tell_tokens(side.usage.prompt_tokens),
            tell_tokens(side.usage.cached_tokens),
            tell_tokens(side.usage.completion_tokens),
            tell_cost(side.cost_usd),
            f"{side.seconds:.1f}",
        ]
        for letter, side in zip("AB", sides, strict=False)
    ]
    return write_rows(["", "system", "drafts", "tokens in", "of them cached", "tokens out", "US$", "s"], rows)


def _cut(text: str) -> str:
    """The beginning of a long sentence; the page and the results have all of it."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} …"
