"""Comparisons: in pairs, by fact and by document, with what they cost."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.compare import Comparison, Difference, Operand, compare, read_operand, total
from eval.report import write_comparisons
from eval.results import Results, RunRecord, write_results
from eval.uncertainty import mean_interval
from pipeline.cli import app
from pipeline.errors import UsageError
from schemas.draft import Usage
from schemas.score import Score, ScoreItem
from tests.eval_case import good, poor, results_of, with_runs, with_score

RECALL = "consumer.fact_recall"


def both() -> Results:
    return results_of(poor=poor, recorded=good)


def compared(a: str = "poor", b: str = "recorded", results: Results | None = None) -> Comparison:
    found = results or both()
    (comparison,) = compare(Operand("a", found, a), Operand("b", found, b))
    return comparison


def difference(comparison: Comparison, name: str) -> Difference:
    return next(d for d in comparison.differences if d.name == name)


def recall_of(results: Results, system: str, earned: dict[str, float]) -> Results:
    """The results with a recall that has these facts, each weighing 1."""
    items = [
        ScoreItem(id=fact, verdict="states" if value else "omits", value=value).model_dump()
        for fact, value in earned.items()
    ]
    return with_score(
        results, system, RECALL, status="scored", value=sum(earned.values()) / len(earned), items=items
    )


def many_facts(results: Results, count: int) -> Results:
    """The results with that many consumer facts in the case's record."""
    (case,) = results.cases
    first = case.entries[0]
    entries = tuple(first.model_copy(update={"id": f"CF-{n:02}"}) for n in range(count))
    return results.model_copy(update={"cases": (case.model_copy(update={"entries": entries}),)})


def test_facts_are_won_and_lost_by_what_became_of_them() -> None:
    forth, back = compared(), compared("recorded", "poor")
    won = {change.id: (change.before, change.after) for change in forth.won}
    assert won["CF-01"] == ("contradicts", "states")
    assert won["CF-02"] == ("omits", "states")
    assert "CF-03" not in won  # both state it
    assert forth.lost == ()
    assert [change.id for change in back.lost] == [change.id for change in forth.won]
    (first, *_) = forth.won
    assert first.importance == "must"
    assert first.sentence == first.statement


def test_the_difference_is_that_of_the_means_and_turns_with_the_sides() -> None:
    there, back = difference(compared(), RECALL), difference(compared("recorded", "poor"), RECALL)
    # Facts weigh 4, 4, 2 and 1; the poor one states the third alone.
    assert there.a.value == pytest.approx(2 / 11)
    assert there.b.value == 1
    assert there.difference == pytest.approx(9 / 11)
    assert back.difference == pytest.approx(-9 / 11)
    assert there.by_case == {"tidewater": pytest.approx(9 / 11)}


def test_the_interval_of_pairs_that_all_differ_alike_is_a_point() -> None:
    results = many_facts(both(), 10)
    results = recall_of(results, "poor", {f"CF-{n:02}": 0.0 for n in range(10)})
    results = recall_of(results, "recorded", {f"CF-{n:02}": 1.0 for n in range(10)})
    found = difference(compared(results=results), RECALL)
    assert (found.low, found.high, found.pairs, found.unit) == (1.0, 1.0, 10, "entry")
    assert found.verdict == "better"


def test_the_interval_is_that_of_a_known_case() -> None:
    """Of 100 facts B wins 50 and loses none: the difference is 0.5, its standard error sqrt(0.5 * 0.5 / 100) = 0.05."""
    results = many_facts(both(), 100)
    results = recall_of(results, "poor", {f"CF-{n:02}": 0.0 for n in range(100)})
    results = recall_of(results, "recorded", {f"CF-{n:02}": float(n % 2) for n in range(100)})
    found = difference(compared(results=results), RECALL)
    assert found.low == pytest.approx(0.5 - 1.96 * 0.05, abs=0.02)
    assert found.high == pytest.approx(0.5 + 1.96 * 0.05, abs=0.02)


def test_pairs_see_what_means_alone_would_not() -> None:
    """One fact won among 40 that are as they were: the means' own intervals overlap widely, the pairs' interval holds no fall."""
    results = many_facts(both(), 40)
    before = {f"CF-{n:02}": float(n % 2) for n in range(40)}
    results = recall_of(results, "poor", before)
    results = recall_of(results, "recorded", before | {"CF-00": 1.0, "CF-02": 1.0, "CF-04": 1.0, "CF-06": 1.0, "CF-08": 1.0, "CF-10": 1.0})  # fmt: skip
    found = difference(compared(results=results), RECALL)
    alone = [mean_interval(results, system, RECALL) for system in ("poor", "recorded")]
    assert alone[0] is not None
    assert alone[1] is not None
    assert alone[1].low < alone[0].high
    assert found.verdict == "better"


def test_nothing_is_paired_across_different_facts_or_across_sentences() -> None:
    results = many_facts(both(), 10)
    results = recall_of(results, "poor", {f"CF-{n:02}": 0.0 for n in range(9)})
    results = recall_of(results, "recorded", {f"CF-{n:02}": 1.0 for n in range(10)})
    assert difference(compared(results=results), RECALL).unit is None
    # The first sentence of one side is no pair to the first sentence of the other.
    assert difference(compared(), "consumer.length").unit is None


def test_few_documents_have_no_interval_and_the_verdict_is_unclear() -> None:
    found = difference(compared(), "consumer.contradictions")
    assert found.difference is not None
    assert found.low is None
    assert found.verdict == "unclear"


def test_what_only_one_side_has_is_unpaired_and_no_zero() -> None:
    found = difference(compared(), "consumer.roles")
    assert found.difference is None
    assert found.unpaired == 1


def test_repetitions_are_averaged_and_make_no_new_pairs() -> None:
    results = many_facts(both(), 10)
    results = recall_of(results, "poor", {f"CF-{n:02}": 0.0 for n in range(10)})
    results = recall_of(results, "recorded", {f"CF-{n:02}": 1.0 for n in range(10)})
    again = recall_of(results, "recorded", {f"CF-{n:02}": 0.0 for n in range(10)}).runs_of("recorded")[0]
    results = results.model_copy(update={"runs": (*results.runs, again.model_copy(update={"repetition": 2}))})
    comparison = compared(results=results)
    found = difference(comparison, RECALL)
    assert (found.difference, found.pairs) == (0.5, 10)
    assert {change.after for change in comparison.won if change.id == "CF-01"} == {
        "omits 1 of 2, states 1 of 2"
    }


def test_tokens_and_cost_are_sums_and_unknown_as_soon_as_one_part_is() -> None:
    def priced(run: RunRecord) -> RunRecord:
        return run.model_copy(update={"usage": Usage(prompt_tokens=10, completion_tokens=3), "cost_usd": 0.5})

    results = with_runs(both(), priced)
    side = compared(results=results).b
    assert (side.usage.prompt_tokens, side.usage.completion_tokens, side.usage.cached_tokens) == (10, 3, None)
    assert side.cost_usd == 0.5
    assert (total([1, 2]), total([1, None]), total([]), total([0.0])) == (3, None, None, 0.0)


def test_what_makes_two_results_hard_to_compare_is_told() -> None:
    one = both()
    (case,) = one.cases
    other = one.model_copy(
        update={
            "judge": one.judge.model_copy(update={"version": "2"}),
            "scorers_sha256": "0" * 64,
            "cases": (case.model_copy(update={"gold_sha256": "0" * 64, "passages_sha256": "0" * 64}),),
        }
    )
    (comparison,) = compare(Operand("a", one, "recorded"), Operand("b", other, "recorded"))
    assert [note.split(" ")[:2] for note in comparison.notes] == [
        ["The", "judge"], ["The", "scorers"], ["The", "gold"], ["The", "document"],
    ]  # fmt: skip
    assert compared().notes == ()


def test_without_a_system_each_that_both_have_is_compared() -> None:
    results = both()
    pairs = [
        (c.a.system, c.b.system) for c in compare(Operand("a", results, None), Operand("b", results, None))
    ]
    assert pairs == [("poor", "poor"), ("recorded", "recorded")]
    only = results_of(recorded=good)
    assert [c.b.system for c in compare(Operand("a", results, None), Operand("b", only, None))] == [
        "recorded"
    ]
    with pytest.raises(UsageError, match="no system in common"):
        compare(Operand("a", results_of(poor=poor), None), Operand("b", only, None))


def test_an_operand_is_a_file_a_folder_or_one_system_of_it(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(write_results(both()), encoding="utf-8")
    assert read_operand(str(tmp_path)).system is None
    assert read_operand(f"{tmp_path}:poor").system == "poor"
    with pytest.raises(UsageError, match=r"has no system 'none'; name one of poor, recorded"):
        read_operand(f"{tmp_path}:none")


def test_the_command_prints_differences_facts_and_cost(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(write_results(both()), encoding="utf-8")
    result = CliRunner().invoke(app, ["eval", "compare", f"{tmp_path}:poor", f"{tmp_path}:recorded"])
    assert result.exit_code == 0
    for part in ("| consumer.fact_recall", "## Facts won", "contradicts → **states**", "## Cost"):
        assert part in result.stdout
    assert "## Facts lost" not in result.stdout
    assert CliRunner().invoke(app, ["eval", "compare", "none.json", "none.json"]).exit_code == 2


def test_a_score_without_items_is_no_share() -> None:
    results = with_score(both(), "recorded", "consumer.readability", value=0.5, items=[])
    assert isinstance(results.runs[0].scores[0], Score)
    assert mean_interval(results, "recorded", "consumer.readability") is None
    assert "too few" in write_comparisons([compared(results=results)])


def test_scores_that_are_not_in_pairs_are_named_on_one_line() -> None:
    told = write_comparisons([compared()])
    table = [
        line.split()[1] for line in told.splitlines() if line.startswith("| ") and "." in line.split()[1]
    ]
    comparison = compared()
    assert table == [d.name for d in comparison.differences if d.by_case]
    (line,) = (line for line in told.splitlines() if line.startswith("- Only B has: "))
    alone = [d.name for d in comparison.differences if d.a.value is None and d.b.value is not None]
    assert alone
    assert line.removeprefix("- Only B has: ").rstrip(".").split(", ") == alone


def test_what_is_printed_of_a_comparison_fits_a_terminal_of_a_hundred() -> None:
    table = [line for line in write_comparisons([compared()]).splitlines() if line.startswith("| consumer")]
    assert table
    assert max(map(len, table)) <= 100
