"""Planted sentences: enough of every kind in each round, in their own words; and slips in the files are told.

What fails is told by ids: whoever runs this may not have read every round.
"""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from rapidfuzz import fuzz

from eval.cases import Case, load_cases
from eval.plants import lint_plants, list_rounds, load_plants, load_rounds, planted_folder
from eval.selftest_bars import load_selftest_bars
from pipeline.errors import UsageError
from pipeline.registry.citations import check_ref, find_citations
from schemas.gold import ErrorType
from schemas.planted import Difficulty, Planted, PlantedArtefact, Trap

SHARED = Path(__file__).parents[2] / "shared"
REAL_POLICIES = SHARED / "policies"
REFERENCE = SHARED / "reference" / "mistral-gold.yaml"
ERROR_TYPES = set(get_args(ErrorType)) - {"wording"}
ROW = re.compile(r"^\| (\d+) \| (PS-\d{3,4}) to (PS-\d{3,4}) \| (.+?) \| (.+?) \|$", re.MULTILINE)

SENTENCE: dict[str, Any] = {
    "id": "PS-001",
    "policy": "fennaby-2026-09-14",
    "artefact": "consumer",
    "wrong": True,
    "error_type": "polarity_flip",
    "difficulty": "easy",
    "facts": ["CF-01"],
    "text": "Nothing is sold.",
    "why": "Data are sold.",
}
RIGHT = SENTENCE | {
    "id": "PS-002",
    "wrong": False,
    "trap": "negation",
    "text": "Health Data are not sold.",
    "why": "So Part 6.",
}
del RIGHT["error_type"]


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    return load_cases()


@pytest.fixture(scope="module")
def plants(cases: tuple[Case, ...]) -> tuple[Planted, ...]:
    return load_plants(cases=cases)


def _runs(text: str) -> set[str]:
    words = re.findall(r"[a-z0-9']+", text.lower())
    return {" ".join(words[i : i + 12]) for i in range(len(words) - 11)}


# What is planted


def test_planted_sentences_have_no_problem(cases: tuple[Case, ...]) -> None:
    assert lint_plants(cases=cases) == []


def test_at_least_a_hundred_wrong_and_eighty_right_sentences_are_planted(plants: tuple[Planted, ...]) -> None:
    wrong = sum(plant.wrong for plant in plants)
    assert wrong >= 100
    assert len(plants) - wrong >= 80


def test_each_policy_has_every_error_type_trap_artefact_and_difficulty(
    plants: tuple[Planted, ...], cases: tuple[Case, ...]
) -> None:
    for case in cases:
        mine = [plant for plant in plants if plant.policy == case.name]
        assert {plant.error_type for plant in mine if plant.wrong} == ERROR_TYPES
        assert {plant.trap for plant in mine if not plant.wrong} == set(get_args(Trap))
        for wrong in (True, False):
            kinds = {(p.artefact, p.difficulty) for p in mine if p.wrong is wrong}
            assert {artefact for artefact, _ in kinds} == set(get_args(PlantedArtefact))
            assert {difficulty for _, difficulty in kinds} == set(get_args(Difficulty))


def test_every_error_type_is_planted_at_three_difficulties(plants: tuple[Planted, ...]) -> None:
    planted = {(plant.error_type, plant.difficulty) for plant in plants if plant.wrong}
    assert planted == {(kind, difficulty) for kind in ERROR_TYPES for difficulty in get_args(Difficulty)}


def test_no_planted_sentence_is_a_near_copy_of_the_gold(
    plants: tuple[Planted, ...], cases: tuple[Case, ...]
) -> None:
    for case in cases:
        entries = (*case.gold.consumer_facts, *case.gold.legal_facts, *case.gold.carve_outs)
        golden = [text.lower() for entry in entries for text in (entry.statement, *entry.contradictions)]
        for plant in plants:
            if plant.policy == case.name and plant.wrong:
                near = sum(fuzz.token_sort_ratio(plant.text.lower(), text) > 84 for text in golden)
                assert not near, plant.id


def test_no_two_planted_sentences_are_made_by_one_template(plants: tuple[Planted, ...]) -> None:
    sentences = [plant for plant in plants if not plant.is_whole_text]
    alike = [
        (plant.id, other.id)
        for index, plant in enumerate(sentences)
        for other in sentences[:index]
        if fuzz.token_sort_ratio(plant.text, other.text) >= 82
    ]
    assert alike == []


def test_laws_cited_in_right_sentences_stand_in_the_registry(plants: tuple[Planted, ...]) -> None:
    cited = [
        (plant.id, found.ref)
        for plant in plants
        if not plant.wrong
        for found in find_citations(plant.text)
        if found.ref
    ]
    assert len(cited) >= 8
    for plant_id, ref in cited:
        assert not [problem for problem in check_ref(ref) if problem.severity == "error"], plant_id


@pytest.mark.skipif(not REAL_POLICIES.is_dir(), reason="real policies are not at hand")
def test_no_run_of_twelve_words_is_a_real_policys(plants: tuple[Planted, ...]) -> None:
    texts = [path.read_text(encoding="utf-8", errors="ignore") for path in sorted(REAL_POLICIES.glob("*.md"))]
    assert texts
    real = set().union(*(_runs(text) for text in texts))
    for plant in plants:
        assert not _runs(f"{plant.text}\n{plant.why}") & real, plant.id


@pytest.mark.skipif(not REFERENCE.is_file(), reason="the reference annotations are not at hand")
def test_sentences_of_the_reference_annotations_are_among_them(plants: tuple[Planted, ...]) -> None:
    reference = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    planted = {plant.text: plant for plant in plants}
    for entry in reference["wrong_outputs"]:
        plant = planted[entry["output"]]
        assert (plant.wrong, plant.error_type) == (True, entry["error_type"])
    for entry in reference["correct_outputs"]:
        assert not planted[entry["output"]].wrong


# Rounds


def test_sentences_of_one_run_of_ids_stand_in_one_round_as_the_readme_says(cases: tuple[Case, ...]) -> None:
    rows = ROW.findall((planted_folder() / "README.md").read_text(encoding="utf-8"))
    rounds = load_rounds(cases=cases)
    assert [int(number) for number, *_ in rows] == list(rounds)
    for (_, first, last, *_), plants in zip(rows, rounds.values(), strict=True):
        numbers = sorted(_number(plant.id) for plant in plants)
        assert (_number(first), _number(last)) == (numbers[0], numbers[-1])
    ends = [(_number(first), _number(last)) for _, first, last, *_ in rows]
    assert all(last < first for (_, last), (first, _) in pairwise(ends))


def _number(id_: str) -> int:
    return int(id_.removeprefix("PS-"))


def test_the_readme_says_of_each_round_what_it_is_for_either_judge() -> None:
    rows = ROW.findall((planted_folder() / "README.md").read_text(encoding="utf-8"))
    assert rows
    held = load_selftest_bars()
    for number, *_, rules, model in rows:
        parts = [held.of(judge).part_of(int(number)) or "not tried" for judge in ("rules", "model")]
        assert [rules, model] == parts, number


# A round is written by other people than the ones before it, so that rounds are not equal shares: each has enough of its own.
LEAST = {True: 20, False: 25}


@pytest.mark.parametrize("number", list_rounds())
def test_each_round_has_enough_sentences_of_every_kind_about_each_policy(
    number: int, cases: tuple[Case, ...]
) -> None:
    plants = load_plants([number], cases=cases)
    for case in cases:
        mine = [plant for plant in plants if plant.policy == case.name]
        for wrong, least in LEAST.items():
            of_label = [plant for plant in mine if plant.wrong is wrong]
            assert len(of_label) >= least
            by_level = Counter(plant.difficulty for plant in of_label)
            assert min(by_level[level] for level in get_args(Difficulty)) >= 3
    assert {plant.error_type for plant in plants if plant.wrong} == ERROR_TYPES
    assert {plant.trap for plant in plants if not plant.wrong} == set(get_args(Trap))


def test_rounds_can_be_loaded_alone_and_none_is_not_all(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    folder = _write(tmp_path)

    def ids(rounds: list[int] | None) -> list[str]:
        return [plant.id for plant in load_plants(rounds, folder=folder, cases=cases)]

    assert (ids([2]), ids([2, 1]), ids(None)) == (["PS-002"], ["PS-001", "PS-002"], ["PS-001", "PS-002"])
    assert ids([]) == []
    with pytest.raises(UsageError, match=r"no round-3\.yaml .* rounds 1, 2"):
        ids([3])


def test_any_number_of_rounds_may_be_there_in_the_order_of_their_numbers(
    tmp_path: Path, cases: tuple[Case, ...]
) -> None:
    for number in (10, 9, 2):
        _write_round(tmp_path, number, RIGHT | {"id": f"PS-{number:03}", "text": f"It is right, {number}."})
    assert list_rounds(tmp_path) == (2, 9, 10)
    assert [plant.id for plant in load_plants(folder=tmp_path, cases=cases)] == ["PS-002", "PS-009", "PS-010"]


# What is refused


def _write(folder: Path, first: Any = SENTENCE, second: Any = RIGHT) -> Path:
    _write_round(folder, 1, first)
    _write_round(folder, 2, second)
    return folder


def _write_round(folder: Path, number: int, sentence: Any, **changes: Any) -> None:
    data = {"schema_version": "1.0", "round": number, "sentences": [sentence]} | changes
    text = yaml.safe_dump(data, sort_keys=False)
    (folder / f"round-{number}.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"dificulty": "easy"}, "dificulty"),
        ({"id": "PS-1"}, "sentences[0].id"),
        ({"trap": "negation"}, "a wrong sentence has an error_type and no trap"),
        ({"wrong": False}, "a right sentence has a trap and no error_type"),
        ({"error_type": "wording"}, "wording alone makes no sentence wrong"),
        ({"error_type": "typo"}, "sentences[0].error_type"),
        ({"policy": "tidewater-2026"}, "there is no case 'tidewater-2026'"),
        ({"facts": ["CF-01", "CF-99"]}, "sentences[0].facts[1]: the gold of fennaby-2026-09-14 has no entry CF-99"),
        ({"text": "Nothing is sold. Nothing is shared."}, "this is 2 sentence(s)"),
        ({"error_type": "omitted_must_fact"}, "this is 1 sentence(s)"),
        ({"error_type": "omitted_must_fact", "facts": []}, "names the facts that it lacks"),
        (
            {"error_type": "omitted_must_fact", "artefact": "risk", "text": "It is new. It is good."},
            "consumer or legal",
        ),
    ],
)  # fmt: skip
def test_slips_in_a_sentence_are_told_with_their_place(
    change: dict[str, Any], told: str, tmp_path: Path, cases: tuple[Case, ...]
) -> None:
    (problem,) = lint_plants(_write(tmp_path, SENTENCE | change), cases)
    assert problem.startswith("round-1.yaml:")
    assert told in problem


def test_an_id_or_a_sentence_that_stands_in_two_rounds_is_a_problem(
    tmp_path: Path, cases: tuple[Case, ...]
) -> None:
    problems = lint_plants(_write(tmp_path, second=SENTENCE | {"text": "nothing, is sold"}), cases)
    assert len(problems) == 2
    assert all("PS-001 in round 1 has the same" in problem for problem in problems)


def test_a_round_under_another_rounds_name_is_a_problem(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    folder = _write(tmp_path)
    (folder / "round-2.yaml").rename(folder / "round-3.yaml")
    (problem,) = lint_plants(folder, cases)
    assert problem == "round-3.yaml:2: round: this file is named round-3.yaml; correct the round or the name."


@pytest.mark.parametrize("number", ["2", True, 0, 2.0])
def test_a_round_is_a_whole_number(number: Any, tmp_path: Path, cases: tuple[Case, ...]) -> None:
    _write_round(tmp_path, 2, SENTENCE, round=number)
    (problem,) = lint_plants(tmp_path, cases)
    assert problem.startswith("round-2.yaml:2: round: input should be ")


@pytest.mark.parametrize("name", ["looked-at.yaml", "round-03.yaml", "round-2.yml", "round-0.yaml"])
def test_a_file_that_is_no_round_is_a_problem_and_is_not_passed_over(
    name: str, tmp_path: Path, cases: tuple[Case, ...]
) -> None:
    (_write(tmp_path) / name).write_text("sentences: []", encoding="utf-8")
    (problem,) = lint_plants(tmp_path, cases)
    assert problem.startswith(f"{name}:1: this is no round; name it round-1.yaml")


def test_a_folder_without_a_round_is_a_problem(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    with pytest.raises(UsageError, match=r"there are no planted sentences; write some to round-1\.yaml"):
        load_plants(folder=tmp_path, cases=cases)


def test_plants_with_a_problem_are_not_loaded_whatever_round_is_asked_for(
    tmp_path: Path, cases: tuple[Case, ...]
) -> None:
    folder = _write(tmp_path)
    (folder / "round-2.yaml").write_text("sentences: *all\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"1 problem\(s\).*round-2\.yaml:1: an alias"):
        load_plants([1], folder=folder, cases=cases)
