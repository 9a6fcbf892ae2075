"""Gold files are held to their document and to the registry, and every problem is told with its place."""

import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from eval.cases import gold_folder, lint, list_gold, load_case, load_cases
from pipeline.cli import app
from pipeline.errors import UsageError
from tests.tidewater import POLICY
from tests.tidewater_gold import GOLD

Change = Callable[[Any], object]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A gold file beside its policy."""
    (tmp_path / "tidewater.md").write_text(POLICY, encoding="utf-8")
    path = tmp_path / "tidewater.yaml"
    path.write_text(GOLD, encoding="utf-8")
    return path


def problems_of(file: Path, change: Change) -> list[str]:
    """What lint says after a change, without file and line."""
    gold = yaml.safe_load(GOLD)
    change(gold)
    file.write_text(yaml.safe_dump(gold, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return [problem.split(": ", 1)[1] for problem in lint(file)]


def put(place: str, value: Any) -> Change:
    """Set what stands at a place written as lint writes it: ``consumer_facts[0].anchors[0]``; ``del`` takes it away."""

    def change(gold: Any) -> None:
        *way, last = [
            int(p) if p.isdigit() else p for p in place.replace("[", ".").replace("]", "").split(".")
        ]
        for part in way:
            gold = gold[part]
        if value is del_:
            del gold[last]
        elif isinstance(gold, list) and last == len(gold):
            gold.append(value)
        else:
            gold[last] = value

    return change


del_ = object()


def test_a_gold_that_holds_has_no_problem(file: Path) -> None:
    assert lint(file) == []
    case = load_case(file)
    assert case.name == "tidewater"
    assert case.passage_ids(("training", "catch", "training")) == ("training.1", "training.3", "use.2")


def test_the_gold_of_this_package_has_no_problem() -> None:
    assert lint(gold_folder()) == []
    assert "mistral-2026-04-08" in {case.name for case in load_cases()}


FACT, LAW, CARVE, PV, RX = (
    "consumer_facts[0]",
    "legal_facts[0]",
    "carve_outs[0]",
    "provisions[0]",
    "risk.regulatory_exposure[0]",
)
TRAINING = "Your catch reports train the forecast model unless you opt out."

# What is put where, where the problem is told, and words of its sentence.
SLIPS: list[tuple[str, Any, str, str]] = [
    # the schema
    (f"{FACT}.importence", "must", f"{FACT}.importence", "no such key"),
    ("extra", 1, "extra", "no such key"),
    (f"{FACT}.statement", del_, f"{FACT}.statement", "is missing"),
    (f"{FACT}.importance", "vital", f"{FACT}.importance", "'must', 'should' or 'may'"),
    (f"{FACT}.statement", 30, f"{FACT}.statement", "in quotes"),
    (f"{FACT}.statement", " padded", f"{FACT}.statement", "one line"),
    (f"{FACT}.statement", "", f"{FACT}.statement", "one line"),
    (f"{FACT}.statement", "two\nlines", f"{FACT}.statement", "one line"),
    (f"{FACT}.keys[0][0]", False, f"{FACT}.keys[0][0]", "in quotes"),
    (f"{FACT}.keys[0][0]", "tr*in", f"{FACT}.keys[0][0]", "only at the end of a word"),
    (f"{FACT}.keys[0]", [], f"{FACT}.keys[0]", "needs an entry"),
    (f"{FACT}.keys", "train*", f"{FACT}.keys", "a list is wanted"),
    (f"{FACT}.id", "cf-1", f"{FACT}.id", "such as CF-01"),
    (f"{FACT}.anchors", [], FACT, "absent_terms for an absence"),
    ("anchors.Scope", ["use.1"], "anchors.Scope.[key]", "small letters"),
    ("anchors.none", [], "anchors.none", "needs an entry"),
    ("schema_version", "2.0", "schema_version", "'1.0'"),
    ("policy.effective_date", "soon", "policy.effective_date", "2026-04-08"),
    ("provisions", [], "provisions", "needs an entry"),
    ("risk", [], "risk", "keys with values"),
    # the document
    ("policy.file", "other.md", "policy.file", "other.yaml"),
    ("policy.file", "../tidewater.md", "policy.file", "no policy"),
    ("policy.title", "Terms", "policy.title", "reads as Tidewater Privacy Policy"),
    ("policy.company", None, "policy.company", "reads as Tidewater"),
    ("policy.language", "fr", "policy.language", "reads as en"),
    ("anchors.sale[0]", "sharing.9", "anchors.sale[0]", "no passage 'sharing.9'"),
    ("anchors.sale[1]", "sharing.2", "anchors.sale[1]", "twice"),
    ("anchors.spare", ["use.1"], "anchors.spare", "no entry uses"),
    (f"{FACT}.anchors[0]", "trainings", f"{FACT}.anchors[0]", "no anchor 'trainings'"),
    (f"{FACT}.anchors[1]", "training", f"{FACT}.anchors[1]", "twice"),
    ("legal_facts[1].absent_terms[0]", "harbour", "legal_facts[1].absent_terms[0]", "does say 'harbour'"),
    ("legal_facts[1].absent_terms[0]", "(", "legal_facts[1].absent_terms[0]", "neither letter nor digit"),
    ("names[1]", "Tidewater Inc", "names[1]", "does not use the name"),
    ("names[1]", "Tidewater", "names[1]", "twice"),
    ("names_absent[0]", "Tidewater app", "names_absent[0]", "does use the name"),
    ("purposes[0].bases[0]", "legal_obligation", "purposes[0].bases[0]", "names legal obligation as a basis"),
    ("purposes[0].bases[1]", "contract", "purposes[0].bases[1]", "twice"),
    # one another
    ("consumer_facts[1].id", "CF-01", "consumer_facts[1].id", "already the id of consumer_facts[0]"),
    ("actions[0].id", "PV-01", "provisions[0].id", "already the id of actions[0]"),
    (f"{FACT}.contradictions[0]", "your catch reports TRAIN the forecast model, unless you opt out", f"{FACT}.contradictions[0]", "CF-01 states"),
    (f"{CARVE}.contradictions[0]", "Your data is not sold", f"{CARVE}.contradictions[0]", "CF-02 states"),
    (f"{FACT}.contradictions[1]", "Your catch reports train nothing without your consent!", f"{FACT}.contradictions[1]", "twice"),
    ("consumer_facts[1].statement", TRAINING, "consumer_facts[1].statement", "CF-01 states the same"),
    (f"{FACT}.keys", del_, f"{FACT}.keys", "a must fact needs keys"),
    (f"{LAW}.contradictions", [], f"{LAW}.contradictions", "a must fact needs contradictions"),
    (f"{FACT}.keys[1]", ["refuse*"], f"{FACT}.keys[1]", "none of refuse*"),
    (f"{FACT}.keys[1][1]", "OPT* out!", f"{FACT}.keys[1][1]", "twice"),
    (f"{FACT}.keys[1][1]", "!!", f"{FACT}.keys[1][1]", "neither letter nor digit"),
    (f"{CARVE}.left_out[0].words", ["marina*"], f"{CARVE}.statement", "none of marina*"),
    (f"{CARVE}.not_left_out[0].words", ["Harbour board*"], f"{CARVE}.not_left_out[0].words", "harbour boards too"),
    ("risk.due_diligence[0].links[0]", "MR-09", "risk.due_diligence[0].links[0]", "no other entry MR-09"),
    ("risk.due_diligence[0].links[0]", "DD-01", "risk.due_diligence[0].links[0]", "no other entry DD-01"),
    ("reference_errors[0].facts[0]", "PV-01", "reference_errors[0].facts[0]", "no fact PV-01"),
    (f"{PV}.actions[0]", "CF-01", f"{PV}.actions[0]", "no action CF-01"),
    ("reference_errors[0].right_statement", "Data is kept for ever; and nobody can complain", "reference_errors[0].right_statement", "is the wrong one"),
    # the registry
    (f"{LAW}.statutes_inferred[0]", "GDPR:112", f"{LAW}.statutes_inferred[0]", "has no article 112"),
    (f"{LAW}.statutes_inferred[0]", "GDPR:6(1)(k)", f"{LAW}.statutes_inferred[0]", "no point (k)"),
    (f"{LAW}.statutes_inferred[0]", "DPDR:6", f"{LAW}.statutes_inferred[0]", "not in the registry"),
    (f"{LAW}.statutes_inferred[0]", "Article 6 GDPR", f"{LAW}.statutes_inferred[0]", "not a reference"),
    (f"{LAW}.statutes_inferred[1]", "GDPR:6(1)(f)", f"{LAW}.statutes_inferred[1]", "twice"),
    (f"{LAW}.statutes_stated", ["GDPR:6"], f"{LAW}.statutes_stated[0]", "does not name GDPR:6"),
    (f"{LAW}.basis", "stated", f"{LAW}.basis", "mixed or inferred"),
    (f"{LAW}.statutes_inferred", [], f"{LAW}.basis", "stated or inferred"),
    (f"{PV}.category", "ai_trainings", f"{PV}.category", "perhaps ai_training"),
    (f"{PV}.severity_rule", "H9", f"{PV}.severity_rule", "it has H1, H2"),
    (f"{PV}.severity", "medium", f"{PV}.severity", "say in lowered_because"),
    (f"{PV}.severity", "low", f"{PV}.severity", "by one step"),
    ("provisions[1].severity", "medium", "provisions[1].severity", "never raised"),
    (f"{PV}.lowered_because", "There is a switch.", f"{PV}.severity", "is the level of rule H1"),
    (f"{PV}.statutes[0]", "GDPR:0", f"{PV}.statutes[0]", "has no article 0"),
    (f"{RX}.enforcers[0]", "dpa", f"{RX}.enforcers[0]", "no authority 'dpa'"),
    (f"{RX}.penalty.ref", "GDPR:183", f"{RX}.penalty.ref", "has no article 183"),
    (f"{RX}.statutes[1]", "GDPR:121", f"{RX}.statutes[1]", "has no article 121"),
    ("risk.material_risks[0].category", "x", "risk.material_risks[0].category", "no category 'x'"),
    ("risk.due_diligence[0].category", "keeping", "risk.due_diligence[0].category", "no category 'keeping'"),
    ("risk.decisions_citable[0].decision", "CNIL-MISTRAL-FINE", "risk.decisions_citable[0].decision", "no decision"),
    ("risk.decisions_not_citable[0].decision", "X", "risk.decisions_not_citable[0].decision", "no decision 'X'"),
    ("risk.decisions_not_citable[0].registry_statement", "x", "risk.decisions_not_citable[0].registry_statement", "do-not-cite"),
    ("authorities.named[1]", "nobody", "authorities.named[1]", "no authority 'nobody'"),
    ("authorities.named[1]", "cnil", "authorities.named[1]", "does not name cnil"),
    ("authorities.named", [], "authorities.named", "names dpc too"),
    ("authorities.inferable[0].authority", "dpc", "authorities.inferable[0].authority", "names dpc itself"),
]  # fmt: skip


@pytest.mark.parametrize(("where", "value", "place", "words"), SLIPS, ids=[f"{s[0]}-{s[3]}" for s in SLIPS])
def test_a_slip_is_told_at_its_place(file: Path, where: str, value: Any, place: str, words: str) -> None:
    problems = problems_of(file, put(where, value))
    assert [p for p in problems if p.startswith(f"{place}: ") and words in p], problems
    assert all(p.endswith(".") and "\n" not in p for p in problems)


def test_a_decision_is_weighed_once(file: Path) -> None:
    def change(gold: Any) -> None:
        citable = gold["risk"]["decisions_citable"]
        citable.append(copy.deepcopy(citable[0]) | {"id": "DC-02"})

    assert problems_of(file, change) == [
        "risk.decisions_citable[1].decision: DC-01 is about this decision already; keep one."
    ]


def test_a_carve_out_names_each_of_those_it_leaves_out(file: Path) -> None:
    def change(gold: Any) -> None:
        gold["carve_outs"][0]["left_out"].append({"who": "marinas", "words": ["marina*"]})

    assert "none of marina*" in " ".join(problems_of(file, change))


def test_rule_h2_is_never_lowered(file: Path) -> None:
    def change(gold: Any) -> None:
        gold["provisions"][0] |= {
            "severity_rule": "H2",
            "severity": "medium",
            "lowered_because": "There is a switch.",
        }

    assert problems_of(file, change) == ["provisions[0].severity: rule H2 gives high and is never lowered."]


def test_a_severity_lowered_by_one_step_with_a_reason_is_in_order(file: Path) -> None:
    def change(gold: Any) -> None:
        gold["provisions"][0] |= {"severity": "medium", "lowered_because": "There is a switch."}

    assert problems_of(file, change) == []


def test_law_that_the_document_names_is_stated_and_not_inferred(file: Path) -> None:
    (file.parent / "tidewater.md").write_text(
        POLICY.replace("Legitimate interest", "Legitimate interest (Article 6(1)(f) GDPR)"), encoding="utf-8"
    )
    told = [p for p in lint(file) if "GDPR" in p]
    assert len(told) == 1
    assert "the document names GDPR:6(1)(f) itself; move it to statutes_stated." in told[0]


def test_one_slip_hides_no_other_and_indices_are_those_of_the_file(file: Path) -> None:
    def change(gold: Any) -> None:
        gold["consumer_facts"][0]["importance"] = "vital"
        gold["consumer_facts"][1]["anchors"] = ["sales"]
        gold["legal_facts"][0]["color"] = "blue"
        gold["legal_facts"][1]["statutes_inferred"] = ["GDPR:200"]
        gold["purposes"][0]["bases"] = ["whim"]
        gold["purposes"][2]["keys"] = [["wind*"]]

    places = [problem.split(": ")[0] for problem in problems_of(file, change)]
    assert places == [
        "consumer_facts[0].importance",
        "consumer_facts[1].anchors[0]",
        "legal_facts[0].color",
        "legal_facts[1].statutes_inferred[0]",
        "purposes[0].bases[0]",
        "purposes[2].keys[0]",
    ]


def test_a_link_to_an_entry_that_the_schema_refused_is_no_second_problem(file: Path) -> None:
    problems = problems_of(file, put("risk.material_risks[0].severity", "huge"))
    assert [p.split(": ")[0] for p in problems] == ["risk.material_risks[0].severity"]


def test_a_key_given_twice_is_told_with_both_lines(file: Path) -> None:
    line = "    importance: must\n"
    file.write_text(GOLD.replace(line, f"{line}    importance: may\n", 1), encoding="utf-8")
    first = GOLD[: GOLD.index(line)].count("\n") + 1
    assert lint(file) == [
        f"tidewater.yaml:{first}: consumer_facts[0].importance: the key 'importance' is given twice; keep one (line {first + 1})."
    ]


def test_a_part_given_twice_is_one_problem(file: Path) -> None:
    file.write_text(f"{GOLD}names: [Tidewater]\n", encoding="utf-8")
    assert [p.split(": ", 1)[1] for p in lint(file) if "twice" in p] == [
        f"names: the key 'names' is given twice; keep one (line {GOLD.count(chr(10)) + 1})."
    ]


def test_a_problem_is_told_with_its_line(file: Path) -> None:
    text = GOLD.replace("anchors: [sale]", "anchors: [sales]")
    file.write_text(text, encoding="utf-8")
    line = text.split("\n").index("    anchors: [sales]") + 1
    assert (
        f"tidewater.yaml:{line}: consumer_facts[1].anchors[0]: there is no anchor 'sales'" in lint(file)[-1]
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("a: [1\nb: 2", "is not YAML"),
        ("a: &x [1]\nb: *x\n", "an alias"),
        ("a: !!python/object:os.system {}\n", "is not YAML"),
        ("a: 2026-99-99\n", "put it in quotes"),
        ("- 1\n", "keys with values"),
        ("text\n", "keys with values"),
        ("? [a]\n: 1\n", "is not YAML"),
        ("[" * 300_000 + "]" * 300_000, "nests too deeply"),
        ("a: 1\n---\nb: 2\n", "is not YAML"),
        ("a: \x00\n", "cannot be printed"),
    ],
)
def test_a_file_that_is_no_gold_is_a_problem_and_no_crash(file: Path, text: str, words: str) -> None:
    file.write_text(text, encoding="utf-8")
    assert words in " ".join(lint(file))


def test_a_file_in_another_encoding_is_told(file: Path) -> None:
    file.write_bytes(GOLD.encode("utf-16"))
    assert "not UTF-8" in lint(file)[0]


def test_aliases_that_grow_without_bound_are_refused_at_once(file: Path) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    file.write_text("\n".join(rows), encoding="utf-8")
    assert all("an alias" in problem for problem in lint(file))


def test_a_policy_is_found_in_the_folder_beside_that_of_the_gold(file: Path, tmp_path: Path) -> None:
    (tmp_path / "gold").mkdir()
    (tmp_path / "policies").mkdir()
    moved = file.rename(tmp_path / "gold" / "tidewater.yaml")
    (tmp_path / "tidewater.md").rename(tmp_path / "policies" / "tidewater.md")
    assert lint(moved) == []


def test_a_policy_that_cannot_be_read_is_a_problem(file: Path) -> None:
    (file.parent / "tidewater.md").write_text("")
    assert "policy.file: tidewater.md is empty" in lint(file)[0]


def test_a_case_with_a_problem_is_not_loaded(file: Path) -> None:
    file.write_text(GOLD.replace("[sharing.2]", "[sharing.9]"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"tidewater\.yaml has 1 problem.*sharing\.9.*eval lint"):
        load_case(file)


def test_a_path_without_gold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        list_gold(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="is neither a file nor a folder"):
        list_gold(Path(os.devnull))
    with pytest.raises(UsageError, match="holds no gold file"):
        list_gold(tmp_path)


def test_lint_on_the_command_line_prints_problems_and_exits_with_2(file: Path) -> None:
    clean = CliRunner().invoke(app, ["eval", "lint", str(file)])
    assert (clean.exit_code, clean.output) == (0, "tidewater.yaml: no problem\n")
    file.write_text(GOLD.replace("[sharing.2]", "[sharing.9]"), encoding="utf-8")
    found = CliRunner().invoke(app, ["eval", "lint", str(file)])
    assert found.exit_code == 2
    assert found.output.startswith(
        "tidewater.yaml:17: anchors.sale[0]: the document has no passage 'sharing.9'"
    )
    absent = CliRunner().invoke(app, ["eval", "lint", str(file.parent / "none.yaml")])
    assert absent.exit_code == 2
    assert "does not exist" in absent.output


def test_lint_without_a_path_takes_the_gold_of_this_package() -> None:
    result = CliRunner().invoke(app, ["eval", "lint"])
    assert result.exit_code == 0
    assert "mistral-2026-04-08.yaml" in result.output
