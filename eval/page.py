"""A run as one HTML page to look at: self-contained, without scripts, in the look of the drafts.

Texts of models, policies and gold are text: Jinja escapes all of it, links lead to places in the page alone, and the page's own content
security policy allows nothing but its one style sheet, by hash.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from jinja2 import Template

from eval.compare import total
from eval.gated import Verdict
from eval.judges.measured import tell_agreement, tell_moved, tell_order
from eval.plots import Plot, plot_scores
from eval.report import tell_cost, tell_tokens
from eval.results import CaseRecord, EntryRecord, Quote, Results, RunRecord, SystemRecord
from pipeline.publish.page import make_environment, page_style
from schemas.score import Mean, Score, ScoreItem

TITLES = {
    "consumer": "Consumer summary",
    "legal": "Legal summary",
    "risk": "Risk assessment",
    "whole": "All three together",
}
# States of a fact: a sign beside the word, since colour alone tells nothing to many.
SIGNS = {"states": "●", "contradicts": "✖", "omits": "○"}
_FACTS = {"consumer": "consumer_facts", "legal": "legal_facts"}
# Summaries of more sentences than this (of a system that hands in the whole policy) are not laid beside the gold.
_MOST_SENTENCES = 60


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a passage, quoted by the draft or not."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage of the gold, cut where the draft quotes it."""

    id: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry of the gold beside what a draft does with it."""

    entry: EntryRecord
    verdict: str
    reason: str
    passages: tuple[PassageView, ...]


@dataclass(frozen=True, slots=True)
class PairView:
    """A sentence or provision of a draft, and the entries of the gold that it was judged by. ``title`` is a sentence's role or a
    provision's title; ``faults`` are what the judge found wrong.
    """

    title: str
    path: str
    text: str
    quotes: tuple[Quote, ...]
    faults: tuple[str, ...]
    entries: tuple[EntryView, ...]


@dataclass(frozen=True, slots=True)
class ArtefactView:
    """One artefact of a draft beside the gold; ``missed`` are the entries that nothing in it tells."""

    title: str
    pairs: tuple[PairView, ...]
    missed: tuple[EntryView, ...]


@dataclass(frozen=True, slots=True)
class RunView:
    """One run: its artefacts beside the gold, and every score with what fell short. ``beside`` is None when it is not laid beside the gold."""

    anchor: str
    title: str
    run: RunRecord
    is_draft: bool
    cost: str
    beside: tuple[ArtefactView, ...] | None
    scores: tuple[tuple[Score, tuple[ScoreItem, ...]], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a system does with a fact: for each verdict in how many of its ``runs``, and the sentence that the first of them relied on.
    Without runs, nobody was asked.
    """

    system: str
    runs: int
    verdicts: tuple[tuple[str, int], ...]
    relied_on: tuple[ScoreItem, ...]


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact with what each system does with it, in the systems' order.

    ``drafted`` are the sentences of drafts that were relied on, ``others`` those of systems that are there to be beaten.
    """

    entry: EntryRecord
    standings: tuple[Standing, ...]
    drafted: tuple[tuple[str, ScoreItem], ...]
    others: tuple[tuple[str, ScoreItem], ...]


@dataclass(frozen=True, slots=True)
class FactTable:
    """The facts of an artefact, and for each system that drafts how many it states, contradicts and omits, all its drafts together."""

    title: str
    rows: tuple[FactRow, ...]
    tallies: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case: its facts by artefact, and its runs."""

    case: CaseRecord
    facts: tuple[FactTable, ...]
    systems: tuple[str, ...]
    runs: tuple[RunView, ...]
    missing: tuple[RunRecord, ...]


def write_page(results: Results) -> str:
    """The page. The same results give the same characters."""
    systems = [system.name for system in results.systems]
    groups = _groups(results)
    return _template().render(
        results=results,
        verdict=results.gate,
        troubles=_troubles(results.gate),
        systems=systems,
        groups=[(TITLES[artefact], names, _means(results, names)) for artefact, names in groups],
        plots=[(TITLES[artefact], _plot(results, names, systems)) for artefact, names in groups],
        cases=[_view_case(results, case) for case in results.cases],
        signs=SIGNS,
        **page_style(("pipeline.publish", "draft.css"), ("eval", "report.css")),
    )


@lru_cache
def _template() -> Template:
    environment = make_environment("eval")
    environment.filters |= {"agreement": tell_agreement, "order": tell_order, "moved": tell_moved}
    return environment.get_template("report.html.j2")


def _groups(results: Results) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for name in results.score_names():
        found.setdefault(name.partition(".")[0], []).append(name)
    return list(found.items())


def _means(results: Results, names: Iterable[str]) -> list[tuple[str, list[Mean]]]:
    return [
        (name.partition(".")[2], [results.mean(system.name, name) for system in results.systems])
        for name in names
    ]


def _plot(results: Results, names: list[str], systems: list[str]) -> Plot:
    """A plot of what measures quality; validity by a schema is 1 or nothing."""
    return plot_scores(results, [name for name in names if not name.endswith(".schema")], systems)


def _troubles(verdict: Verdict | None) -> list[tuple[str, str]]:
    """Checks that did not pass: their status and one line."""
    if verdict is None:
        return []
    return [
        (check.status, f"{check.name}: {check.message}")
        for check in verdict.checks
        if check.status in ("failed", "unavailable")
    ]


def _view_case(results: Results, case: CaseRecord) -> CaseView:
    runs = [run for run in results.runs if run.case == case.name and run.status == "scored"]
    scored = {run.system for run in runs}
    systems = [system for system in results.systems if system.name in scored]
    return CaseView(
        case=case,
        facts=tuple(_fact_table(results, case, systems, artefact, kind) for artefact, kind in _FACTS.items()),
        systems=tuple(system.name for system in systems),
        runs=tuple(_view_run(results, case, run) for run in runs),
        missing=tuple(run for run in results.runs if run.case == case.name and run.status != "scored"),
    )


def _fact_table(
    results: Results, case: CaseRecord, systems: Sequence[SystemRecord], artefact: str, kind: str
) -> FactTable:
    name = f"{artefact}.fact_recall"
    judged = {system.name: results.items(system.name, name, case.name) for system in systems}
    drafting = {system.name for system in systems if system.drafts}
    rows = []
    for entry in case.entries:
        if entry.kind == kind:
            standings = tuple(_standing(system, items.get(entry.id, [])) for system, items in judged.items())
            relied = [(one.system, item) for one in standings for item in one.relied_on]
            drafted = tuple(one for one in relied if one[0] in drafting)
            rows.append(
                FactRow(entry, standings, drafted, tuple(one for one in relied if one[0] not in drafting))
            )
    tallies = [
        Standing(system, max(map(len, items.values()), default=0), _counted(chain(*items.values())), ())
        for system, items in judged.items()
        if system in drafting
    ]
    return FactTable(TITLES[artefact], tuple(rows), tuple(tallies))


def _standing(system: str, items: Sequence[ScoreItem]) -> Standing:
    verdicts = _counted(items)
    firsts = (next(item for item in items if item.verdict == word) for word, _ in verdicts)
    return Standing(system, len(items), verdicts, tuple(item for item in firsts if item.sentence))


def _counted(items: Iterable[ScoreItem]) -> tuple[tuple[str, int], ...]:
    counts = Counter(item.verdict for item in items)
    return tuple((word, counts[word]) for word in SIGNS if counts[word])


def _items(run: RunRecord, name: str) -> dict[str, ScoreItem]:
    score = run.score(name)
    return {item.id: item for item in score.items} if score else {}


def _view_run(results: Results, case: CaseRecord, run: RunRecord) -> RunView:
    repeated = f", draft {run.repetition}" if run.repetition > 1 else ""
    told = sum(sentence.path.startswith(("consumer.", "legal.")) for sentence in run.sentences)
    tokens = total((run.usage.prompt_tokens, run.usage.completion_tokens))
    return RunView(
        anchor=f"{run.case}/{run.system}/{run.repetition}",
        title=f"{run.system}{repeated}",
        run=run,
        is_draft=results.drafts(run),
        cost=f"{tell_tokens(tokens)} tokens, US$ {tell_cost(run.cost_usd)}"
        if run.made_by
        else "no model asked",
        beside=_beside(case, run) if 0 < told <= _MOST_SENTENCES else None,
        scores=tuple((score, tuple(i for i in score.items if i.value != 1)) for score in run.scores),
    )


def _beside(case: CaseRecord, run: RunRecord) -> tuple[ArtefactView, ...]:
    passages = _Passages(case)
    views = [
        _summary_beside(artefact, kind, case, run, passages)
        for artefact, kind in _FACTS.items()
        if any(s.path.startswith(f"{artefact}.") for s in run.sentences)
    ]
    if any(s.path.startswith("risk.provisions") for s in run.sentences):
        views.append(_provisions_beside(case, run, passages))
    return tuple(views)


class _Passages:
    """The passages of a case, cut where they are quoted."""

    def __init__(self, case: CaseRecord) -> None:
        self._texts = {passage.id: passage.text for passage in case.passages}

    def of(self, entry: EntryRecord, quotes: Iterable[Quote]) -> tuple[PassageView, ...]:
        """The passages that the gold gives for an entry, cut by those of the quotes that are from them."""
        found: dict[str, set[str]] = {}
        for quoted in quotes:
            found.setdefault(quoted.passage_id, set()).add(quoted.words)
        return tuple(PassageView(p, tuple(self._cut(p, found.get(p, ())))) for p in entry.passages)

    def _cut(self, passage_id: str, quoted: Iterable[str]) -> Iterator[Segment]:
        text = self._texts.get(passage_id, "")
        spans = []
        for words in quoted:
            start = text.find(words) if words else -1
            if start >= 0:
                spans.append((start, start + len(words)))
        place = 0
        for start, end in _merged(spans):
            yield from (Segment(text[place:start], False), Segment(text[start:end], True))
            place = end
        yield Segment(text[place:], False)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _summary_beside(
    artefact: str, kind: str, case: CaseRecord, run: RunRecord, passages: _Passages
) -> ArtefactView:
    judged = _items(run, f"{artefact}.fact_recall")
    faults = _items(run, f"{artefact}.supported")
    sentences = {s.path: s for s in run.sentences if s.path.startswith(f"{artefact}.")}
    all_quotes = [quoted for sentence in sentences.values() for quoted in sentence.quotes]
    by_path: dict[str, list[EntryView]] = {}
    missed = []
    for entry in case.entries:
        item = judged.get(entry.id)
        if entry.kind != kind or item is None:
            continue
        quotes = sentences[item.path].quotes if item.path in sentences else all_quotes
        view = EntryView(entry, item.verdict, item.reason, passages.of(entry, quotes))
        if item.path is None:
            missed.append(view)
        else:
            by_path.setdefault(item.path, []).append(view)
    pairs = []
    for sentence in sentences.values():
        fault = faults.get(sentence.path)
        wrong = (fault.reason,) if fault is not None and fault.value == 0 else ()
        pairs.append(
            PairView(
                title=(sentence.role or "").replace("_", " ").capitalize(),
                path=sentence.path,
                text=sentence.text,
                quotes=sentence.quotes,
                faults=wrong,
                entries=tuple(by_path.get(sentence.path, ())),
            )
        )
    return ArtefactView(TITLES[artefact], tuple(pairs), tuple(missed))


def _provisions_beside(case: CaseRecord, run: RunRecord, passages: _Passages) -> ArtefactView:
    entries = {entry.id: entry for entry in case.entries if entry.kind == "provisions"}
    told = {s.path.removesuffix(".what_it_is"): s for s in run.sentences if s.path.endswith(".what_it_is")}
    all_quotes = [quoted for sentence in told.values() for quoted in sentence.quotes]
    severities = _items(run, "risk.severity")
    matched: dict[str, EntryView] = {}
    missed = []
    for entry_id, item in _items(run, "risk.provisions_recall").items():
        entry = entries.get(entry_id)
        if entry is None:
            continue
        level = severities.get(entry_id)
        quotes = told[item.path].quotes if item.path in told else all_quotes
        view = EntryView(
            entry, item.verdict, level.reason if level else item.reason, passages.of(entry, quotes)
        )
        if item.path is None:
            missed.append(view)
        else:
            matched[item.path] = view
    pairs = []
    for path, item in _items(run, "risk.provisions_precision").items():
        sentence = told.get(path)
        pairs.append(
            PairView(
                title=item.sentence or "",
                path=path,
                text=sentence.text if sentence else "",
                quotes=sentence.quotes if sentence else (),
                faults=() if path in matched else ("The gold has no such provision.",),
                entries=(matched[path],) if path in matched else (),
            )
        )
    return ArtefactView("Provisions", tuple(pairs), tuple(missed))
