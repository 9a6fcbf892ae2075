"""One small case, results of it, and bars to hold them to, for the tests of what is done with results.

results = results_of(good(), lead=..., ...)        # scored by a scripted judge: no rule of the judge moves these tests
with_value(results, "recorded", "consumer.length", 0.2)
"""

from collections.abc import Callable
from pathlib import Path

from eval.candidate import candidate_from_draft, candidate_from_sentences
from eval.cases import Case
from eval.gate import Bar
from eval.replay import record
from eval.results import Results, RunRecord
from eval.run import run_eval
from eval.systems import Made, NotMade, System
from pipeline.draft import write_draft
from pipeline.settings import Settings
from pipeline.store.sqlite import IN_MEMORY, SqliteStore
from schemas.score import Score
from tests.gold_candidate import ScriptedJudge, perfect, tidewater_case
from tests.tidewater import tidewater

Make = Callable[[Case], Made | NotMade]


def good(case: Case) -> Made:
    """A draft that says what the gold says."""
    draft = perfect(case)
    return Made(candidate_from_draft("recorded", draft), draft)


def poor(case: Case) -> Made:
    """Two sentences, one of which contradicts a fact that must be told."""
    facts = case.gold.consumer_facts
    return Made(candidate_from_sentences("poor", [facts[0].contradictions[0], facts[2].statement], []))


def results_of(**systems: Make) -> Results:
    """The results of these systems on the Tidewater case."""
    return run_eval(
        [tidewater_case()],
        [
            System(name, f"the {name} one", make, drafts=name in ("recorded", "live"))
            for name, make in systems.items()
        ],
        ScriptedJudge(),
    )


def with_runs(results: Results, change: Callable[[RunRecord], RunRecord]) -> Results:
    """The results with every run changed."""
    return results.model_copy(update={"runs": tuple(change(run) for run in results.runs)})


def with_score(results: Results, system: str, name: str, **changes: object) -> Results:
    """The results with one score of a system changed."""

    def change(run: RunRecord) -> RunRecord:
        if run.system != system:
            return run
        scores = tuple(
            Score.model_validate(s.model_dump() | changes) if s.name == name else s for s in run.scores
        )
        assert any(s.name == name for s in scores)
        return run.model_copy(update={"scores": scores})

    return with_runs(results, change)


def bar(**changes: object) -> Bar:
    """Bars for the system ``recorded``: one floor, and a fall of 0.05 allowed."""
    return Bar.model_validate(
        {
            "schema_version": "1.0",
            "falls": {"default": 0.05},
            "systems": {"recorded": {"floors": {"consumer.fact_recall": 0.8}}},
            "orders": [],
        }
        | changes
    )


async def record_tidewater(folder: Path, settings: Settings) -> None:
    """A recording of the Tidewater case from a scripted endpoint."""
    with record(folder / "tidewater.yaml"), SqliteStore(IN_MEMORY) as store:
        await write_draft(tidewater(), settings, store=store)
