"""Planted sentences: enough of every kind, drawn into two parts by chance, in their own words; and slips in the files are told."""

import re
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from rapidfuzz import fuzz

from eval.cases import Case, load_cases
from eval.plants import PARTS, draw_parts, lint_plants, load_plants, planted_folder
from pipeline.errors import UsageError
from pipeline.registry.citations import check_ref, find_citations
from schemas.gold import ErrorType
from schemas.planted import Difficulty, Planted, PlantedArtefact, Trap

SHARED = Path(__file__).parents[2] / "shared"
REAL_POLICIES = SHARED / "policies"
REFERENCE = SHARED / "reference" / "mistral-gold.yaml"
ERROR_TYPES = set(get_args(ErrorType)) - {"wording"}
DRAW = re.compile(r"^\| (PS-\d{3}) to (PS-\d{3}) \| `([^`]+)` \|$", re.MULTILINE)

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


def _group(plant: Planted) -> tuple[str, str, str]:
    return plant.policy, plant.error_type or f"right: {plant.trap}", plant.difficulty


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
                near = [text for text in golden if fuzz.token_sort_ratio(plant.text.lower(), text) > 84]
                assert not near, (plant.id, near)


def test_no_two_planted_sentences_are_made_by_one_template(plants: tuple[Planted, ...]) -> None:
    sentences = [plant for plant in plants if not plant.is_whole_text]
    for index, plant in enumerate(sentences):
        for other in sentences[:index]:
            assert fuzz.token_sort_ratio(plant.text, other.text) < 82, (plant.id, other.id)


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


# The two parts


def test_parts_are_what_the_seeds_in_the_readme_draw(plants: tuple[Planted, ...]) -> None:
    draws = DRAW.findall((planted_folder() / "README.md").read_text(encoding="utf-8"))
    drawn: dict[str, set[str]] = {part: set() for part in PARTS}
    for first, last, seed in draws:
        for part, chosen in draw_parts((p for p in plants if first <= p.id <= last), seed).items():
            drawn[part] |= {plant.id for plant in chosen}
    assert set().union(*drawn.values()) == {plant.id for plant in plants}
    for part in PARTS:
        assert drawn[part] == {plant.id for plant in load_plants(part)}


def test_parts_differ_by_one_sentence_at_most_in_every_group(plants: tuple[Planted, ...]) -> None:
    first, second = (Counter(_group(plant) for plant in part) for part in draw_parts(plants, "any").values())
    assert abs(first.total() - second.total()) <= 1
    assert all(abs(first[group] - second[group]) <= 1 for group in first | second)


def test_a_draw_depends_on_the_seed_and_not_on_the_order(plants: tuple[Planted, ...]) -> None:
    drawn = draw_parts(plants, "one")
    assert draw_parts(reversed(plants), "one") == drawn
    assert draw_parts(plants, "two") != drawn
    assert sorted(plant.id for part in drawn.values() for plant in part) == sorted(p.id for p in plants)


def test_one_part_can_be_loaded_alone(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    folder = _write(tmp_path)
    assert [plant.id for plant in load_plants("only-measured", folder=folder, cases=cases)] == ["PS-002"]
    assert [plant.id for plant in load_plants(folder=folder, cases=cases)] == ["PS-001", "PS-002"]


# What is refused


def _write(folder: Path, looked_at: Any = SENTENCE, only_measured: Any = RIGHT) -> Path:
    for part, sentence in zip(PARTS, (looked_at, only_measured), strict=True):
        data = {"schema_version": "1.0", "part": part, "sentences": [sentence]}
        (folder / f"{part}.yaml").write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return folder


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
    assert problem.startswith("looked-at.yaml:")
    assert told in problem


def test_an_id_or_a_sentence_that_stands_in_both_parts_is_a_problem(
    tmp_path: Path, cases: tuple[Case, ...]
) -> None:
    problems = lint_plants(_write(tmp_path, only_measured=SENTENCE | {"text": "nothing, is sold"}), cases)
    assert len(problems) == 2
    assert all("PS-001 in looked-at has the same" in problem for problem in problems)


def test_a_part_under_the_other_parts_name_is_a_problem(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    folder = _write(tmp_path)
    (folder / "looked-at.yaml").rename(folder / "aside.yaml")
    (folder / "only-measured.yaml").rename(folder / "looked-at.yaml")
    (folder / "aside.yaml").rename(folder / "only-measured.yaml")
    assert sum("correct the part" in problem for problem in lint_plants(folder, cases)) == 2


def test_plants_with_a_problem_are_not_loaded(tmp_path: Path, cases: tuple[Case, ...]) -> None:
    folder = _write(tmp_path)
    (folder / "only-measured.yaml").unlink()
    with pytest.raises(UsageError, match=r"1 problem\(s\).*only-measured\.yaml.*cannot be read"):
        load_plants("looked-at", folder=folder, cases=cases)
