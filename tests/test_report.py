"""Reports: every mean with its counts, every failure told, and nothing that a model wrote becomes markup."""

import base64
import hashlib
import re
import xml.etree.ElementTree as ET
from urllib.parse import unquote

import pytest
import selectolax.lexbor

from eval.candidate import candidate_from_raw, candidate_from_sentences
from eval.cases import Case
from eval.gated import Check, Verdict
from eval.page import write_page
from eval.plots import plot_scores
from eval.report import align_means, write_junit, write_markdown, write_table
from eval.results import Results
from eval.scorers.every import NAMES
from eval.systems import Made, NotMade
from eval.uncertainty import mean_interval
from pipeline.errors import ReplayMissError
from schemas.score import Mean
from tests.eval_case import good, poor, results_of, with_score

RECALL = "consumer.fact_recall"
HOSTILE = (
    '</style><script>alert(1)</script> | [a](javascript:alert(1)) # x \x0b\x1b[31m <img src="x"> {{ 7*7 }}'
)


def nothing(case: Case) -> NotMade:
    return NotMade("Nobody wrote one.")


def away(case: Case) -> Made:
    raise ReplayMissError("The recording holds no such request.")


def broken(case: Case) -> Made:
    raise ZeroDivisionError(HOSTILE)


def hostile(case: Case) -> Made:
    sentences = [f"{case.gold.consumer_facts[0].contradictions[0]} {HOSTILE}", HOSTILE]
    return Made(candidate_from_sentences("live", sentences, sentences))


@pytest.fixture(scope="module")
def all_kinds() -> Results:
    """A good draft, a poor one, and one run of every other status."""
    return results_of(recorded=good, poor=poor, nothing=nothing, away=away, broken=broken, live=hostile)


def red() -> Verdict:
    return Verdict(
        checks=(
            Check(name="recorded: x has its floor", status="failed", message=f"0.1 {HOSTILE}"),
            Check(name="recorded: y has its floor", status="passed", message="1.0"),
            Check(name="recorded: z", status="skipped", message="no value"),
            Check(name="away/tidewater: is measured", status="unavailable", message="Nobody there."),
        ),
        notes=("The judge is not the one of the baseline.",),
    )


@pytest.fixture
def gated(all_kinds: Results) -> Results:
    """The same, after the gate."""
    return all_kinds.model_copy(update={"gate": red()})


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def mean(value: float | None, scored: int, unscored: int = 0, failed: int = 0) -> Mean:
    return Mean(value=value, scored=scored, unscored=unscored, failed=failed)


def test_a_mean_is_told_with_its_counts_unless_all_were_scored_and_none_is_no_number() -> None:
    column = align_means([mean(0.825, 2, 0, 1), mean(1.0, 3), mean(None, 0, 3), mean(None, 0, 0, 3)])
    assert [cell.split() for cell in column.cells] == [["0.82", "2/0/1"], ["1.00"], ["–"], ["FAILED"]]
    assert column.counts is None
    # The figures of a column that is set to the right stand below one another.
    assert column.cells[0].index("0.82") == column.cells[1].index("1.00")


def test_counts_that_are_those_of_every_mean_are_told_once() -> None:
    column = align_means([mean(0.5, 1, 1), mean(None, 0, 2), mean(1.0, 1, 1)])
    assert column == (["0.50", "–", "1.00"], (1, 1, 0))
    assert align_means([mean(0.5, 2), mean(1.0, 2)]) == (["0.50", "1.00"], None)


def test_the_table_has_every_score_of_every_system_in_equal_columns(all_kinds: Results) -> None:
    lines = [line for line in write_table(all_kinds).splitlines() if line.startswith("|")]
    assert cells(lines[0]) == ["score", "recorded", "poor", "nothing", "away", "broken", "live"]
    assert [cells(line)[0] for line in lines[2:]] == list(NAMES)
    assert len({len(line) for line in lines}) == 1
    recall = cells(next(line for line in lines if RECALL in line))
    assert (recall[1], recall[3], recall[5]) == ("1.00", "–", "fails")


def test_below_the_table_stands_what_its_figures_leave_out() -> None:
    results = results_of(recorded=good, broken=broken)
    first, *rest = results.cases
    again = results.model_copy(
        update={
            "cases": (first, first.model_copy(update={"name": "second"}), *rest),
            "runs": (
                *results.runs,
                results.runs[0].model_copy(
                    update={
                        "case": "second",
                        "status": "unscored",
                        "scores": (),
                        "reason": "Nobody wrote one.",
                    }
                ),
            ),
        }
    )
    told = write_table(again)
    assert "recorded, runs behind each mean: 1 scored, 1 unscored." in told
    assert "broken: fails as it should, being there to be beaten." in told
    assert "1/1/0" not in told


def test_what_is_printed_for_people_fits_the_terminal(all_kinds: Results) -> None:
    table = write_table(results_of(recorded=good, lead=poor, published=poor, empty=nothing, everything=poor))
    assert max(map(len, table.splitlines())) <= 80


def test_markdown_says_what_was_not_measured_and_why(all_kinds: Results) -> None:
    text = write_markdown(all_kinds)
    assert "nothing on tidewater is **unscored**: Nobody wrote one." in text
    assert "away on tidewater is **unavailable**: The recording holds no such request." in text
    assert "broken on tidewater is **failed**: ZeroDivisionError in" in text


def test_markdown_lists_what_drafts_contradict_with_the_sentence(all_kinds: Results) -> None:
    line = next(line for line in write_markdown(all_kinds).splitlines() if "**contradicts** CF-01" in line)
    assert "(must)" in line
    assert "consumer.sentences" in line
    assert "Catch reports never train a model." in line


def test_markdown_begins_with_the_gate_and_what_did_not_pass(gated: Results) -> None:
    lines = write_markdown(gated).splitlines()
    assert lines[2] == "**The gate could not decide: 1 passed, 1 failed, 1 skipped, 1 unavailable.**"
    assert lines[4].startswith("- failed: recorded: x has its floor: 0.1 ")
    assert "- unavailable: away/tidewater: is measured: Nobody there." in lines
    assert "- skipped 1: no value" in lines
    assert "- note: The judge is not the one of the baseline." in lines
    assert not any("y has its floor" in line for line in lines)


def test_no_text_becomes_markdown(gated: Results) -> None:
    text = write_markdown(gated)
    assert not re.search(r"(?<!\\)<(?:script|img|/style)", text)
    assert not re.search(r"(?<!\\)\]\(javascript", text)
    # A line break in a text would begin a line of its own.
    assert all(line[:1] in ("", "#", "-", "|", "*", "M") or line[:4].isdigit() for line in text.splitlines())


def test_junit_has_a_test_for_each_score_and_check(gated: Results) -> None:
    root = ET.fromstring(write_junit(gated))
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == [
        *("recorded/tidewater", "poor/tidewater", "nothing/tidewater", "away/tidewater", "broken/tidewater"),
        *("live/tidewater", "gate"),
    ]  # fmt: skip
    assert [test.get("name") for test in suites["recorded/tidewater"]] == list(NAMES)
    counts = {
        name: tuple(suite.get(kind) for kind in ("tests", "failures", "errors", "skipped"))
        for name, suite in suites.items()
    }
    assert counts["nothing/tidewater"] == ("1", "0", "0", "1")
    assert counts["away/tidewater"] == ("1", "0", "1", "0")
    assert counts["broken/tidewater"] == ("1", "1", "0", "0")
    assert counts["gate"] == ("4", "1", "1", "1")
    assert root.get("failures") == str(sum(int(suite.get("failures") or 0) for suite in root))


def test_a_score_that_fails_is_a_failure_of_drafts_alone() -> None:
    def empty(case: Case) -> Made:
        return Made(candidate_from_raw("empty", {"consumer": {"sentences": []}}))

    def failures(name: str) -> str | None:
        suite = ET.fromstring(write_junit(results_of(**{name: empty})))[0]
        return suite.get("failures")

    assert (failures("recorded"), failures("empty")) == ("3", "0")
    assert "empty, which is there to be beaten: consumer.schema, legal.schema, risk.schema **failed**" in write_markdown(results_of(empty=empty))  # fmt: skip


def test_the_page_lays_nothing_beside_the_gold_that_is_the_whole_policy() -> None:
    def whole(case: Case) -> Made:
        return Made(candidate_from_sentences("whole", ["One sentence."] * 61, []))

    assert "too long to be laid beside the gold" in write_page(results_of(whole=whole))
    assert "too long to be laid beside the gold" not in write_page(results_of(recorded=good))


def test_the_page_runs_nothing_fetches_nothing_and_holds_texts_as_texts(gated: Results) -> None:
    html = write_page(gated)
    tree = selectolax.lexbor.LexborHTMLParser(html)
    assert not tree.css("script, img, iframe, object, embed, link, form, base")
    assert not [
        node
        for node in tree.css("*")
        if any(name.startswith("on") or name == "style" for name in node.attributes)
    ]
    policy = tree.css_first('meta[http-equiv="Content-Security-Policy"]').attributes["content"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    links = {node.attributes["href"] for node in tree.css("a")}
    assert links
    assert all(link and link.startswith("#") for link in links)
    assert "{{ 7*7 }}" in html


def test_the_links_of_the_page_lead_to_places_in_it(all_kinds: Results) -> None:
    tree = selectolax.lexbor.LexborHTMLParser(write_page(all_kinds))
    places = {node.attributes["id"] for node in tree.css("[id]")}
    assert {unquote((node.attributes["href"] or "")[1:]) for node in tree.css("a")} <= places
    assert len(places) == len(tree.css("[id]"))


def test_the_style_sheet_is_the_one_whose_hash_the_policy_allows(all_kinds: Results) -> None:
    html = write_page(all_kinds)
    style = html.split("<style>", 1)[1].split("</style>", 1)[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"sha256-{digest}" in html.replace("&#39;", "'")


def test_the_page_shows_for_each_fact_which_sentence_carries_or_contradicts_it(all_kinds: Results) -> None:
    tree = selectolax.lexbor.LexborHTMLParser(write_page(all_kinds))
    rows = {row.css_first("b").text(): row for row in tree.css(".fact-table tbody tr")}
    verdicts = [node.text().split()[-1] for node in rows["CF-01"].css("td:not(.fact) .verdict")]
    assert verdicts == ["states", "contradicts", "contradicts"]
    relied = [node.text() for node in rows["CF-01"].css(".relied")]
    assert any(
        "Catch reports never train a model." in text and "consumer.sentences[0]" in text for text in relied
    )


def test_the_page_lays_the_draft_beside_the_gold_with_its_quotes_marked(all_kinds: Results) -> None:
    tree = selectolax.lexbor.LexborHTMLParser(write_page(all_kinds))
    pair = next(
        p
        for p in tree.css(".pair")
        if "Catch reports train the model unless" in p.css_first(".sentence").text()
    )
    assert pair.css_first(".gold-entry b").text() == "CF-01"
    assert pair.css_first(".gold-passage mark").text().startswith("We use your catch reports to train")


def test_the_page_tells_a_failed_score_from_one_without_a_value_and_from_one_that_is_meant_to_fail(
    all_kinds: Results,
) -> None:
    results = with_score(all_kinds, "recorded", "risk.schema", status="failed", value=None)
    tree = selectolax.lexbor.LexborHTMLParser(write_page(results))
    row = next(r for r in tree.css(".board tr") if r.css_first("th").text() == "quotes")
    assert row.css_first(".none").text() == "–"
    assert [node.text() for node in tree.css(".board .broken")] == ["failed"]
    assert {node.text() for node in tree.css(".board .as-it-should")} == {"fails, as it should"}


def test_the_page_shows_the_sentence_that_a_draft_tells_a_fact_with_and_how_many_it_tells(
    all_kinds: Results,
) -> None:
    tree = selectolax.lexbor.LexborHTMLParser(write_page(all_kinds))
    facts = tree.css_first('section[id="facts/tidewater"]')
    shown = [
        node for node in facts.css(".fact > .relied") if "recorded" in node.css_first(".passage-id").text()
    ]
    assert shown
    assert all("states" in (node.attributes["class"] or "") for node in shown)
    tallies = [node.text().split() for node in facts.css(".tally")]
    recall = next(run for run in all_kinds.runs if run.system == "recorded").score(RECALL)
    assert recall is not None
    assert ["recorded", "●", "states", str(len(recall.items))] in tallies


def three_drafts(all_kinds: Results) -> Results:
    """Three drafts of one system, of which the second contradicts CF-01 and the third leaves it out."""
    first = all_kinds.runs_of("recorded")[0]
    runs = [first]
    for repetition, verdict in ((2, "contradicts"), (3, "omits")):
        told = {"verdict": verdict, "value": 0.0, "path": None, "sentence": None}
        if verdict == "contradicts":
            told |= {"path": "consumer.sentences[0]", "sentence": "No report trains anything."}
        scores = tuple(
            score.model_copy(
                update={
                    "items": tuple(i.model_copy(update=told) if i.id == "CF-01" else i for i in score.items)
                }
            )
            if score.name == RECALL
            else score
            for score in first.scores
        )
        runs.append(first.model_copy(update={"repetition": repetition, "scores": scores}))
    return all_kinds.model_copy(update={"runs": tuple(runs)})


def test_of_several_drafts_each_fact_tells_how_many_state_contradict_and_omit_it(all_kinds: Results) -> None:
    results = three_drafts(all_kinds)
    tree = selectolax.lexbor.LexborHTMLParser(write_page(results))
    rows = {row.css_first("b").text(): row for row in tree.css(".fact-table tbody tr")}
    told = " ".join(rows["CF-01"].css_first("td:not(.fact)").text(separator=" ").split())
    assert told == "● states 1 of 3 ✖ contradicts 1 of 3 ○ omits 1 of 3"
    relied = [node.text() for node in rows["CF-01"].css(".fact > .relied")]
    assert len(relied) == 2
    assert any("No report trains anything." in text for text in relied)
    assert any("3 drafts together" in node.text() for node in tree.css(".tally"))
    lines = [line for line in write_markdown(results).splitlines() if " CF-01 " in line]
    assert [line.split(" CF-01 ")[0] for line in lines] == [
        "- recorded, tidewater: consumer **contradicts** in 1 of 3 drafts",
        "- recorded, tidewater: consumer **omits** in 1 of 3 drafts",
    ]


def test_the_page_of_results_is_the_same_each_time(gated: Results) -> None:
    assert write_page(gated) == write_page(gated)


def test_marks_stand_where_their_values_are(all_kinds: Results) -> None:
    plot = plot_scores(all_kinds, [RECALL, "risk.severity"], ["recorded", "poor"])
    (left, first), *_, (right, last) = plot.ticks
    assert (first, last) == ("0", "1")
    recall = plot.rows[0]
    assert [mark.told.split(":")[0] for mark in recall.marks] == ["recorded", "poor"]
    assert recall.marks[0].x == right
    assert left < recall.marks[1].x < right
    assert recall.marks[1].x == pytest.approx(left + (right - left) * 2 / 11, abs=0.1)


def test_a_plot_with_a_negative_value_begins_at_minus_one(all_kinds: Results) -> None:
    results = with_score(all_kinds, "recorded", "risk.severity", status="scored", value=-0.5)
    plot = plot_scores(results, ["risk.severity"], ["recorded"])
    assert plot.ticks[0][1] == "-1"
    assert plot.rows[0].marks[0].x == pytest.approx(plot.ticks[1][0], abs=0.1)


def test_intervals_are_of_means_alone() -> None:
    results = results_of(recorded=good, poor=poor)
    interval = mean_interval(results, "poor", "legal.fact_recall")
    assert interval is None  # three facts are too few
    assert mean_interval(results, "recorded", "risk.provisions_f1") is None
    found = mean_interval(results, "recorded", "risk.provisions_precision")
    assert found is not None
    assert (found.low, found.high) == (1.0, 1.0)
