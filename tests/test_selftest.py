"""The self-test counts what a judge sees and what it sees wrongly, holds its bars, and says by its exit code whether they hold."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import eval.judges.model
import eval.selftest
from eval.agreement import wilson_interval
from eval.candidate import Sentence
from eval.cases import Case, load_cases
from eval.graded import FEWEST_MUSTS, grade_summaries, ladder
from eval.judges.model import model_judge
from eval.judges.verdict import Flag, Verdict
from eval.planting import GoodDraft, Planter, Planting, good_draft
from eval.plants import list_rounds, load_rounds
from eval.selftest import SelfTest, run_selftest, selftest_package
from eval.selftest_bars import (
    ONLY_MEASURED,
    PARTS,
    Part,
    SelfTestBars,
    load_part,
    load_selftest_bars,
    tell_rounds,
)
from eval.selftest_report import write_selftest, write_selftest_files, write_selftest_markdown
from pipeline.cli import app
from pipeline.errors import UsageError
from schemas.gold import Fact
from schemas.planted import Planted
from tests.endpoint import Endpoint, Reply, Request, answer
from tests.gold_candidate import ScriptedJudge, tidewater_case

CASE = tidewater_case()
FLIP = "Catch reports never train a model."
RIGHT = "Changes are told by e-mail."
SECRET = "Nobody is told of changes."  # stands for a sentence that nobody may look at


def plant(text: str, **changes: Any) -> Planted:
    """A wrong sentence about Tidewater, or what the changes make of it."""
    given = {
        "id": "PS-001",
        "policy": "tidewater",
        "artefact": "consumer",
        "wrong": True,
        "error_type": "polarity_flip",
        "difficulty": "easy",
        "facts": ["CF-01"],
        "text": text,
        "why": "It is so.",
    }
    return Planted.model_validate(given | changes)


def right(text: str, **changes: Any) -> Planted:
    return plant(text, **{"wrong": False, "error_type": None, "trap": "negation"} | changes)


def planted(
    one: Planted, part: Part = "looked-at", judge: Any = None, good: GoodDraft | None = None
) -> Planting:
    return Planter(CASE, judge or ScriptedJudge(), good or draft_of_gold()).plant(one, part)


def draft_of_gold() -> GoodDraft:
    return good_draft(CASE, Path("no recordings here"))


# One sentence


def test_a_wrong_sentence_is_flagged_and_lowers_the_scores_that_it_should() -> None:
    found = planted(plant(FLIP))
    assert (found.flagged, found.faults, found.kind) == (True, ("polarity",), "polarity_flip")
    assert found.lowered == ("consumer.contradictions", "consumer.supported")


def test_a_right_sentence_is_not_flagged_and_lowers_nothing() -> None:
    found = planted(right(RIGHT))
    assert (found.flagged, found.faults, found.lowered, found.kind) == (False, (), (), "negation")


def test_a_flag_that_the_good_draft_has_anyway_does_not_count() -> None:
    good = draft_of_gold()
    part = good.candidate.consumer
    sentences = (*part.sentences, Sentence("consumer.sentences[9]", FLIP))
    flagged = replace(good, candidate=replace(good.candidate, consumer=replace(part, sentences=sentences)))
    assert not planted(plant(FLIP), good=flagged).flagged
    # A flag that it has elsewhere is none that this artefact has.
    assert planted(plant(FLIP, artefact="legal"), good=flagged).flagged


@pytest.mark.parametrize("artefact", ["consumer", "legal", "risk"])
def test_a_sentence_is_put_into_its_own_artefact(artefact: str) -> None:
    lowered = planted(plant(FLIP, artefact=artefact)).lowered
    assert lowered
    assert {name.partition(".")[0] for name in lowered} == (
        {"risk", "whole"} if artefact == "risk" else {artefact}
    )


def test_without_a_good_draft_the_flags_alone_are_told() -> None:
    found = Planter(CASE, ScriptedJudge(), None).plant(plant(FLIP), "looked-at")
    assert (found.flagged, found.lowered) == (True, None)


def test_of_a_sentence_that_is_only_measured_no_words_are_kept() -> None:
    shown, kept = planted(plant(FLIP)), planted(plant(FLIP), "only-measured")
    assert (shown.text, bool(shown.said)) == (FLIP, True)
    assert (kept.text, kept.said, kept.flagged) == (None, (), True)
    assert FLIP not in kept.model_dump_json()


# A whole text

MUSTS = "Catch reports train the model unless you opt out. The opt-out does not reach reports that you rated."


def test_a_text_that_omits_is_detected_by_the_facts_that_it_lacks() -> None:
    text = "Tidewater does not sell your data. The opt-out does not reach reports that you rated."
    omits = {"error_type": "omitted_must_fact", "facts": ["CF-01"]}
    found = planted(plant(text, **omits))
    assert (found.flagged, found.faults, found.lowered) == (True, ("omission",), ("consumer.fact_recall",))
    # What it lacks beside that is not what it was planted for.
    assert not planted(plant(text, **omits | {"facts": ["CF-02"]})).flagged


def test_a_text_that_tells_every_must_fact_is_flagged_for_any_that_is_not_found_and_for_any_flag() -> None:
    def whole(text: str) -> Planting:
        return planted(right(text, trap="whole_text", facts=["CF-01", "CF-02"]))

    assert not whole(MUSTS).flagged
    assert whole("Catch reports train the model unless you opt out. Changes are told by e-mail.").faults == (
        "omission",
    )
    assert whole(f"{MUSTS} Tidewater sells your data.").faults == ("polarity",)


# The figures


class Silent(ScriptedJudge):
    """Flags nothing and contradicts nothing."""

    def judge(self, fact: Fact, sentences: Sequence[str], case: Case) -> Verdict:
        told = super().judge(fact, sentences, case)
        return told if told.verdict == "states" else Verdict("omits", None, "")

    def weigh(self, sentence: str, case: Case) -> tuple[Flag, ...]:
        return ()


class Shrill(ScriptedJudge):
    """Flags whatever is put before it, each sentence for itself."""

    def weigh(self, sentence: str, case: Case) -> tuple[Flag, ...]:
        return (Flag("unsupported", sentence),)


PLANTS: dict[Part, tuple[Planted, ...]] = {
    "looked-at": (
        plant(FLIP),
        plant("Tidewater keeps bees.", id="PS-002", error_type="unsupported_claim", difficulty="hard"),
        right("You are told of changes.", id="PS-003"),
    ),
    "only-measured": (plant(SECRET, id="PS-004", artefact="legal"), right("It is so.", id="PS-005")),
}


def bars(name: str = "scripted", **parts: dict[str, float]) -> SelfTestBars:
    aims = {"aim_detected": 0.75, "aim_flagged": 0.03}
    judge = aims | {"looked_at": [1, 3], "only_measured": [2], "parts": parts}
    return SelfTestBars.model_validate({"schema_version": "1.0", "judges": {name: judge}})


HELD = bars(**{"looked-at": {"detected": 0.5, "flagged": 0.0}})


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> SelfTest:
    return selftest(tmp_path_factory.mktemp("none"), ScriptedJudge())


def selftest(recordings: Path, judge: ScriptedJudge, held: SelfTestBars = HELD) -> SelfTest:
    return run_selftest([CASE], PLANTS, judge, held, recordings=recordings)


def test_shares_are_counted_by_part_with_wilsons_interval(found: SelfTest) -> None:
    share = found.share("looked-at", wrong=True)
    assert share is not None
    assert (share.flagged, share.total, share.lowered, share.value) == (1, 2, 1, 0.5)
    assert (share.low, share.high) == wilson_interval(1, 2)
    counted = {(s.part, s.wrong, s.by, s.name): (s.flagged, s.total) for s in found.shares}
    assert counted["looked-at", True, "kind", "unsupported_claim"] == (0, 1)
    assert counted["looked-at", True, "difficulty", "hard"] == (0, 1)
    assert counted["looked-at", False, "kind", "negation"] == (0, 1)
    assert counted["only-measured", True, "artefact", "legal"] == (1, 1)
    assert ("looked-at", True, "difficulty", "medium") not in {key[:4] for key in counted}


def test_aims_are_told_as_met_or_not_and_nothing_fails_by_them(found: SelfTest) -> None:
    assert [(aim.part, aim.wrong, aim.met) for aim in found.aims] == [
        ("looked-at", True, False),
        ("looked-at", False, True),
        ("only-measured", True, True),
        ("only-measured", False, True),
    ]
    assert found.exit_code == 0
    assert "- looked-at (rounds 1 and 3), detected: 50.0%" in write_selftest(found)
    assert "**not met**" in write_selftest(found)


def test_a_judge_without_bars_is_not_tried_and_it_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no \[judges\.scripted\]; write .* in looked_at and only_measured"):
        selftest(tmp_path, ScriptedJudge(), bars("rules"))


def test_a_figure_below_its_bar_fails(tmp_path: Path) -> None:
    fallen = selftest(tmp_path, ScriptedJudge(), bars(**{"looked-at": {"detected": 0.6, "flagged": 0.0}}))
    assert [check.name for check in fallen.checks if check.status == "failed"] == [
        "looked-at: wrong sentences detected"
    ]
    assert fallen.exit_code == 1
    assert "failed: looked-at: wrong sentences detected: 0.500, the floor is 0.600." in write_selftest(fallen)


def test_a_judge_that_flags_everything_detects_all_and_fails_by_the_right_sentences(tmp_path: Path) -> None:
    shrill = selftest(tmp_path, Shrill())
    assert [(share.flagged, share.total) for share in shrill.shares if share.by == "all"] == [
        (2, 2),
        (1, 1),
        (1, 1),
        (1, 1),
    ]
    failed = {check.name for check in shrill.checks if check.status == "failed"}
    assert "looked-at: right sentences flagged" in failed


def test_a_judge_that_hears_nothing_fails_by_the_mutations_too(tmp_path: Path) -> None:
    failed = {check.name for check in selftest(tmp_path, Silent()).checks if check.status == "failed"}
    assert "looked-at: wrong sentences detected" in failed
    assert (
        "tidewater: contradict a fact lowers consumer.contradictions and nothing that it should not" in failed
    )


def test_the_good_drafts_own_flags_are_told(tmp_path: Path, found: SelfTest) -> None:
    (draft,) = found.drafts
    assert (draft.case, draft.origin, draft.flagged) == ("tidewater", "made from the gold", {})
    (draft,) = selftest(tmp_path, Shrill()).drafts
    assert len(draft.flagged) == draft.sentences > 0


def test_progress_is_told_for_each_part() -> None:
    lines: list[str] = []
    run_selftest([CASE], PLANTS, ScriptedJudge(), HELD, recordings=Path("none"), told=lines.append)
    assert lines == [
        "tidewater: 3 of 3 planted sentences, looked-at",
        "tidewater: 2 of 2 planted sentences, only-measured",
        "tidewater: mutations and graded summaries",
    ]


# Graded summaries


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.name)
def test_graded_summaries_come_out_in_their_order(case: Case) -> None:
    graded = list(grade_summaries(case, ScriptedJudge()))
    assert len(graded) == 10
    assert [one for one in graded if one.problems] == []
    for artefact in ("consumer", "legal"):
        told = [one.scores["fact_recall"] for one in graded if one.artefact == artefact]
        assert told == sorted(told, key=lambda value: -(value or 0))
        assert len(set(told)) == 5


def test_a_judge_that_hears_nothing_wrong_does_not_keep_their_order() -> None:
    case = load_cases()[0]
    problems = {(one.grade, problem) for one in grade_summaries(case, Silent()) for problem in one.problems}
    assert ("few musts and one wrong", "supported did not fall.") in problems
    assert ("nearly all wrong", "contradictions did not fall.") in problems


def test_a_gold_with_few_musts_has_no_clearly_different_summaries() -> None:
    assert ladder(CASE.gold.consumer_facts) == ()
    musts = [fact for fact in load_cases()[0].gold.consumer_facts if fact.importance == "must"]
    for count in (FEWEST_MUSTS, FEWEST_MUSTS + 1, FEWEST_MUSTS + 2):
        lengths = [
            len(set(summary.sentences) & {f.statement for f in musts}) for summary in ladder(musts[:count])
        ]
        assert lengths[1:] == sorted(set(lengths[1:]), reverse=True)
    assert ladder(musts[: FEWEST_MUSTS - 1]) == ()


# Files and the command


def test_the_files_hold_everything_but_the_words_that_are_only_measured(
    tmp_path: Path, found: SelfTest
) -> None:
    paths = write_selftest_files(found, tmp_path)
    assert [path.name for path in paths] == ["selftest.json", "selftest.md"]
    assert SelfTest.model_validate_json(paths[0].read_text(encoding="utf-8")) == found
    assert json.loads(paths[0].read_text(encoding="utf-8"))["schema_version"] == "1.0"
    for path in paths:
        assert SECRET not in path.read_text(encoding="utf-8")
    markdown = write_selftest_markdown(found)
    assert "PS-002 (consumer, unsupported_claim, hard) **not detected**: “Tidewater keeps bees.”" in markdown
    assert "| kind: unsupported_claim" in markdown
    assert "tidewater: contradict a fact" in markdown


def test_text_of_a_sentence_is_nothing_but_text_in_the_report(tmp_path: Path) -> None:
    hostile = {"looked-at": (plant("# Bees | <b>keep</b> [us](x)"),)}
    found = run_selftest([CASE], hostile, ScriptedJudge(), HELD, recordings=tmp_path)  # type: ignore[arg-type]
    assert r"“\# Bees \| \<b\>keep\</b\> \[us\](x)”" in write_selftest_markdown(found)


# The bars, and the rounds of either part


def test_the_bars_of_the_package_know_the_aims_and_rounds_that_are_there() -> None:
    held = load_selftest_bars().judges
    assert set(held) == {"rules", "model"}
    assert (held["rules"].aim_detected, held["rules"].aim_flagged) == (0.75, 0.03)
    assert (held["model"].aim_detected, held["model"].aim_flagged) == (0.95, 0.02)
    # The rules cost nothing: they are tried on every round.
    rules = held["rules"]
    assert sorted((*rules.looked_at, *rules.only_measured)) == list(list_rounds())
    # What is measured of a judge is held.
    for judge in held.values():
        assert set(judge.parts) == {part for part in PARTS if judge.rounds(part)}


def test_a_part_is_the_sentences_of_the_rounds_that_the_judge_names() -> None:
    for name, held in load_selftest_bars().judges.items():
        for part in PARTS:
            by_id = {plant.id: n for n, plants in load_rounds().items() for plant in plants}
            assert {by_id[plant.id] for plant in load_part(name, part)} == set(held.rounds(part))


RULES = 'schema_version = "1.0"\n[judges.rules]\naim_detected = 0.75\naim_flagged = 0.03\n'
ROUNDS = "looked_at = [1]\nonly_measured = [2]\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('schema_version = "1.0"\n[judge.rules]', "judges: Field required"),
        (RULES.replace("0.75", "75") + ROUNDS, "less than or equal to 1"),
        ("schema_version = ", "is not TOML"),
        (None, "cannot be read"),
        (RULES, r"judges\.rules\.looked_at: this key is missing; list there rounds"),
        (RULES + "looked_at = [1]", r"judges\.rules\.only_measured: this key is missing"),
        (RULES + "looked_at = [1, 2]\nonly_measured = [2]", "judges.rules: round 2 is named twice; a round is either"),
        (RULES + "looked_at = []\nonly_measured = []", "are both empty; name a round"),
        (RULES + 'looked_at = ["1"]\nonly_measured = []', r"looked_at\.0: Input should be a valid integer"),
        (RULES + "looked_at = [1]\nonly_measured = [7]", r"judges\.rules names round 7, and there is no round-7\.yaml .*; there are rounds 1 and 2"),
        (
            RULES + "looked_at = [1]\nonly_measured = []\n[judges.rules.parts.only-measured]\ndetected = 0.5\nflagged = 0.1",
            "there are bars for only-measured and no round of it",
        ),
    ],
)  # fmt: skip
def test_bars_that_cannot_hold_are_refused(tmp_path: Path, text: str | None, told: str) -> None:
    for number in (1, 2):
        (tmp_path / f"round-{number}.yaml").touch()
    path = tmp_path / "selftest.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=told):
        load_selftest_bars(path, planted=tmp_path)
    path.write_text(RULES + ROUNDS, encoding="utf-8")
    held = load_selftest_bars(path, planted=tmp_path).of("rules")
    assert [held.part_of(number) for number in (1, 2, 3)] == ["looked-at", "only-measured", None]


def test_rounds_are_told_in_words() -> None:
    assert [tell_rounds(rounds) for rounds in ((2,), (1, 2), (1, 2, 4))] == [
        "round 2",
        "rounds 1 and 2",
        "rounds 1, 2 and 4",
    ]


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["eval", "selftest", *arguments])
    return result.exit_code, result.output


def test_the_command_writes_the_files_and_ends_with_what_was_found(
    tmp_path: Path, found: SelfTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Part, ...]] = []

    def instead(judge: object, parts: Sequence[Part], **more: object) -> SelfTest:
        asked.append(tuple(parts))
        return found

    monkeypatch.setattr(eval.selftest, "selftest_package", instead)
    code, told = run("--out", str(tmp_path))
    assert (code, "# Self-test of the harness" in told) == (0, True)
    assert {path.name for path in tmp_path.iterdir()} == {"selftest.json", "selftest.md"}
    code, told = run("--out", str(tmp_path), "--part", "only-measured", "--json")
    assert (code, '"schema_version": "1.0"' in told) == (0, True)
    assert asked == [PARTS, ("only-measured",)]

    broken = found.checks[0].model_copy(update={"status": "failed"})
    found = found.model_copy(update={"checks": (broken,)})
    assert run("--out", str(tmp_path))[0] == 1


def test_a_judge_or_a_part_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    assert run("--judge", "oracle", "--out", str(tmp_path))[0] == 2
    assert run("--part", "both", "--out", str(tmp_path))[0] == 2


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[dict[Part, list[str]]]:
    """The ids of planted sentences that each self-test of this package would try, by part; none is run."""
    seen: list[dict[Part, list[str]]] = []

    def instead(cases: object, plants: dict[Part, tuple[Planted, ...]], *rest: object, **more: Any) -> Any:
        seen.append({part: [plant.id for plant in sentences] for part, sentences in plants.items()})
        return more["left_out"]

    monkeypatch.setattr(eval.selftest, "run_selftest", instead)
    return seen


def hold(monkeypatch: pytest.MonkeyPatch, looked_at: list[int], only_measured: list[int]) -> None:
    """The bars of this package, as if both judges had these rounds."""
    judge = {
        "aim_detected": 0.75,
        "aim_flagged": 0.03,
        "looked_at": looked_at,
        "only_measured": only_measured,
    }
    held = SelfTestBars.model_validate(
        {"schema_version": "1.0", "judges": {"scripted": judge, "model": judge}}
    )
    monkeypatch.setattr(eval.selftest, "load_selftest_bars", lambda: held)


def test_a_judge_is_tried_on_its_rounds_and_hears_of_those_in_neither_part(
    tried: list[dict[Part, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = {number: [plant.id for plant in plants] for number, plants in load_rounds().items()}
    others = [number for number in rounds if number != 2]
    hold(monkeypatch, [2], [])
    left_out: Any = selftest_package(ScriptedJudge())
    assert tried.pop() == {"looked-at": rounds[2]}
    assert [line.split(", which")[0] for line in left_out] == [
        f"the {len(rounds[number])} planted sentences of round {number}" for number in others
    ]
    hold(monkeypatch, others, [2])
    left_out = selftest_package(ScriptedJudge())
    assert tried.pop() == {"looked-at": [i for n in others for i in rounds[n]], "only-measured": rounds[2]}
    assert left_out == []
    selftest_package(ScriptedJudge(), ["looked-at"])
    assert list(tried.pop()) == ["looked-at"]
    hold(monkeypatch, [2], [])
    with pytest.raises(UsageError, match="no round for the judge scripted that is only-measured; name one"):
        selftest_package(ScriptedJudge(), ["only-measured"])
    # The model judge is not asked about what it was written for, so that this leaves nothing to ask.
    with pytest.raises(UsageError, match="no round for the judge model that is only-measured; name one"):
        selftest_package(model_judge())
    hold(monkeypatch, others, [2])
    selftest_package(model_judge())
    assert tried.pop()["only-measured"] == rounds[2]


def test_a_recording_that_is_not_there_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eval.judges.model, "recordings_folder", lambda: tmp_path)
    code, told = run("--judge", "model", "--out", str(tmp_path / "out"))
    assert code == 3
    assert "There is no recording" in told
    assert "make record-judge CASE=" in told
    assert not (tmp_path / "out").exists()


def test_the_model_judge_is_not_asked_about_the_part_that_may_be_looked_at(
    tmp_path: Path, endpoint: Endpoint
) -> None:
    assert run("--judge", "model", "--part", "looked-at", "--out", str(tmp_path))[0] == 2
    endpoint.script_with(finds_nothing)
    held = bars("model", **{"only-measured": {"detected": 0.5, "flagged": 0.0}})
    found = run_selftest([CASE], PLANTS, model_judge(endpoint.settings()), held, recordings=tmp_path)
    asked = "\n".join(request.user for request in endpoint.requests)
    assert SECRET in asked
    assert FLIP not in asked.split("<<<SENTENCES", 1)[1]
    assert {planting.part for planting in found.plantings} == {ONLY_MEASURED}
    assert found.rounds == {ONLY_MEASURED: (2,)}
    assert found.left_out[0].startswith("the 3 planted sentences of looked-at")
    # What was not tried is no check that passed.
    assert (found.mutations, found.graded) == ((), ())
    assert [check.name for check in found.checks] == [
        "only-measured: wrong sentences detected",
        "only-measured: right sentences flagged",
    ]
    # Its aims are told like those of any judge.
    told = " ".join(write_selftest(found).split())
    assert "- only-measured (round 2), detected: 0.0% (95 % 0.0% to 79.3%); aim ≥ 75%: **not met**" in told
    assert "- only-measured (round 2), wrongly flagged: 0.0% (95 % 0.0% to 79.3%); aim ≤ 3%: **met**" in told


def finds_nothing(request: Request) -> Reply:
    """Every sentence can stand."""
    count = len(re.findall(r"^\[\d+\] ", request.user.split("<<<SENTENCES", 1)[1], re.MULTILINE))
    judgement = {"relies_on": [], "reason": "So it reads.", "fault": "none"}
    return answer({"judgements": [{"number": n, **judgement} for n in range(1, count + 1)]})


def test_the_model_judge_holds_its_bars_and_the_readme_tells_its_figures() -> None:
    found = selftest_package(model_judge())
    assert (found.exit_code, len(found.checks)) == (0, 2)
    assert all(aim.met for aim in found.aims)
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    row = re.search(r"^\| model \|.*$", readme, re.MULTILINE)
    assert row
    for wrong in (True, False):
        share = found.share("only-measured", wrong)
        assert share
        assert f"{share.value * 100:.0f} % ({share.flagged} of {share.total};" in row[0]
        assert f"{share.low * 100:.0f} to {share.high * 100:.0f} %)" in row[0]
