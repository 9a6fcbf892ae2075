"""Adopting a draft: what it knows is taken over with its evidence, what only a person can say is asked for, and nothing passes before."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from eval.adopt import adopt_draft, write_gold
from eval.blanks import blank, find_blanks
from eval.bundled import policy_path, recorded_settings, recording_path
from eval.cases import lint, load_case
from eval.replay import replay
from pipeline.cli import app
from pipeline.errors import UsageError
from pipeline.summarize import summarize_source
from schemas.draft import Draft
from schemas.finding import Finding
from tests.sample_draft import hostile_draft, make_draft, sample_draft
from tests.tidewater import POLICY, consumer, legal, risk, tidewater


@pytest.fixture(scope="module")
def demo() -> Draft:
    async def work() -> Draft:
        with replay(recording_path()):
            return await summarize_source(str(policy_path()), recorded_settings())

    return asyncio.run(work())


@pytest.fixture
def small() -> Draft:
    document = tidewater()
    return make_draft(document, *(one(document).model_dump() for one in (consumer, legal, risk)), findings=())


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(draft: Draft, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "draft.json"
    path.write_text(draft.model_dump_json(), encoding="utf-8")
    return path


def policy_file(tmp_path: Path) -> Path:
    path = tmp_path / "tidewater.md"
    path.write_text(POLICY, encoding="utf-8")
    return path


def run(*args: object) -> Result:
    return CliRunner().invoke(app, ["eval", *map(str, args)])


def finish(gold: Path) -> dict[str, Any]:
    """Fill every blank as a hurried person would, with what lint accepts."""
    data = yaml.safe_load(gold.read_text(encoding="utf-8"))
    entries = [e for key in ("consumer_facts", "legal_facts", "actions", "provisions") for e in data[key]]
    entries += [e for part in data["risk"].values() for e in part if isinstance(e, dict)]
    for entry in entries:
        said = next(
            entry[key]
            for key in ("statement", "rationale", "action", "relevance", "why", "finding")
            if key in entry
        )
        answers = {
            "importance": "should",
            "keys": [[max(re.findall(r"[^\W\d_]+", said), key=len)]],
            "contradictions": ["The document says nothing of the kind."],
            "links": ["CF-01"],
            "enforcers": ["cnil"],
            "lowered_because": "A switch in the product does it at once.",
        }
        for key in [place[0] for place, _ in find_blanks(entry)]:
            entry[key] = answers[str(key)]
    for holder, key in (
        (data, "purposes"),
        (data, "names_absent"),
        (data, "carve_outs"),
        (data["risk"], "decisions_not_citable"),
    ):
        assert list(find_blanks(holder[key]))
        holder[key] = []
    gold.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return data


# The way of a draft into gold


def test_adopted_demo_is_refused_until_each_blank_is_filled_and_passes_then(
    demo: Draft, tmp_path: Path
) -> None:
    done = adopt_draft(written(demo, tmp_path / "demo"))
    assert (done.gold, done.policy, done.has_policy) == (
        Path("out/gold/mistral-2026-04-08.yaml"),
        policy_path(),
        True,
    )
    problems = lint(done.gold)
    assert len(problems) == done.blanks > 50
    assert all(re.search(r": fill this in: .+\.$", problem) for problem in problems)
    with pytest.raises(UsageError, match=r"has \d+ problem"):
        load_case(done.gold)
    finish(done.gold)
    assert lint(done.gold) == []


def test_adopted_demo_holds_what_the_draft_says_and_where_the_document_says_it(
    demo: Draft, tmp_path: Path
) -> None:
    done = adopt_draft(written(demo, tmp_path / "demo"))
    finish(done.gold)
    case = load_case(done.gold)
    gold, risk = case.gold, demo.risk
    for facts, sentences in (
        (gold.consumer_facts, demo.consumer.sentences),
        (gold.legal_facts, demo.legal.sentences),
    ):
        assert [fact.statement for fact in facts] == [sentence.text for sentence in sentences]
        for fact, sentence in zip(facts, sentences, strict=True):
            assert case.passage_ids(fact.anchors) == tuple(
                dict.fromkeys(e.passage_id for e in sentence.evidence)
            )
    assert [(p.category, p.severity, p.severity_rule) for p in gold.provisions] == [
        (p.category, p.severity, p.severity_rule) for p in risk.provisions
    ]
    assert [r.title for r in gold.risk.material_risks] == [r.title for r in risk.material_risks]
    assert [d.action for d in gold.risk.due_diligence] == [d.action for d in risk.vendor_due_diligence]
    assert [d.decision for d in gold.risk.decisions_citable] == [
        p.decision_id for p in risk.enforcement_precedents
    ]
    assert len(gold.risk.regulatory_exposure) == len(risk.regulatory_exposure)
    assert {"Mistral AI", "Le Chat Enterprise"} <= set(gold.names)


def test_law_is_filed_by_what_the_document_names(demo: Draft, tmp_path: Path) -> None:
    done = adopt_draft(written(demo, tmp_path / "demo"))
    facts = finish(done.gold)["legal_facts"]
    refs = [
        ref
        for fact in facts
        for kind in ("statutes_stated", "statutes_inferred")
        for ref in fact.get(kind, ())
    ]
    assert set(refs) == {c.ref for sentence in demo.legal.sentences for c in sentence.statutes}
    assert {fact["basis"] for fact in facts if fact.get("statutes_inferred")} <= {"mixed", "inferred"}
    assert (
        lint(done.gold) == []
    )  # which would say where the document names law that is filed as inferred, or the reverse


def test_quotes_and_roles_stand_above_their_entries(small: Draft) -> None:
    text = write_gold(small, "tidewater.md")
    first = small.consumer.sentences[0]
    entry = text.split("- id: CF-01")[1].split("- id: CF-02")[0]
    assert f"# consumer.sentences[0], role {first.role}" in entry
    assert " ".join(re.sub(r"\s*\n\s*# ", " ", entry).split()).count("“") == len(first.evidence)


def test_actions_on_the_same_passages_are_one(demo: Draft) -> None:
    actions = yaml.safe_load(write_gold(demo, "x.html"))["actions"]
    offered = [a for p in demo.risk.provisions for a in p.what_you_can_do if a.kind != "precaution"]
    assert 0 < len(actions) < len(offered)
    assert len({(a["kind"], tuple(sorted(a["anchors"]))) for a in actions}) == len(actions)


def test_severity_below_its_rule_asks_for_the_control_that_lowers_it(small: Draft) -> None:
    provision = small.risk.provisions[0].model_copy(update={"severity": "medium", "severity_rule": "H1"})
    risk = small.risk.model_copy(update={"provisions": [provision]})
    [entry] = yaml.safe_load(write_gold(small.model_copy(update={"risk": risk}), "x.md"))["provisions"]
    assert entry["lowered_because"].startswith("FILL IN: the product's own control")


def test_what_checks_warn_of_stands_above_the_entry(small: Draft) -> None:
    warned = (
        Finding(code="wording.odd", severity="warning", path="legal.sentences[0].text", message="Odd."),
        Finding(code="document.odd", severity="warning", path="", message="Odd too."),
    )
    text = write_gold(small.model_copy(update={"findings": warned}), "x.md")
    assert "# warning wording.odd: Odd." in text.split("- id: LF-01")[1].split("- id: LF-02")[0]
    assert "# warning document.odd: Odd too." in text.split("schema_version")[0]


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    draft = hostile_draft()
    text = write_gold(draft, "x.md")
    data = yaml.safe_load(text)
    assert set(data) == set(yaml.safe_load(write_gold(sample_draft(), "x.md")))
    plain = [
        " ".join("".join(c if c.isprintable() else " " for c in s.text).split())
        for s in draft.consumer.sentences
    ]
    assert [fact["statement"] for fact in data["consumer_facts"]] == plain
    assert "\x1b" not in text


# Where the files go


def test_policy_is_copied_to_where_lint_finds_it(small: Draft, tmp_path: Path) -> None:
    gold = tmp_path / "mine" / "gold" / "tide-2026.yaml"
    done = adopt_draft(written(small, tmp_path / "d"), gold, policy_file(tmp_path))
    assert done.policy == tmp_path / "mine" / "policies" / "tide-2026.md"
    assert done.policy.read_text(encoding="utf-8") == POLICY
    assert finish(gold)["policy"]["file"] == "tide-2026.md"
    assert lint(gold) == []


def test_without_the_policy_its_place_is_told_and_lint_asks_for_it(small: Draft, tmp_path: Path) -> None:
    path = written(small, tmp_path / "d")
    result = run("adopt", path)
    assert result.exit_code == 0, result.output
    assert "out/gold/tidewater-2026-03-03.yaml" in result.stdout
    assert "Put the document that was drafted at out/policies/tidewater-2026-03-03.md" in result.stdout
    finish(Path("out/gold/tidewater-2026-03-03.yaml"))
    assert [
        "there is no policy 'tidewater-2026-03-03.md'" in problem for problem in lint(Path("out/gold"))
    ] == [True]


def test_other_document_is_refused(small: Draft, tmp_path: Path) -> None:
    other = policy_file(tmp_path)
    other.write_text(POLICY + "\nOne more sentence.\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is not the file that was drafted"):
        adopt_draft(written(small, tmp_path / "d"), None, other)
    assert not Path("out").exists()


def test_policy_of_that_name_that_is_another_document_is_left_alone(small: Draft, tmp_path: Path) -> None:
    there = Path("out/policies/tidewater-2026-03-03.md")
    there.parent.mkdir(parents=True)
    there.write_text("Somebody's.", encoding="utf-8")
    with pytest.raises(UsageError, match="is another document"):
        adopt_draft(written(small, tmp_path / "d"), None, policy_file(tmp_path))
    assert there.read_text(encoding="utf-8") == "Somebody's."
    assert not Path("out/gold").exists()


def test_when_the_gold_cannot_be_written_its_policy_is_not_left_behind(small: Draft, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    (mine / "gold" / "tide.yaml").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"tide\.yaml cannot be written"):
        adopt_draft(
            written(small, tmp_path / "d"), mine / "gold" / "tide.yaml", policy_file(tmp_path), replace=True
        )
    assert [path.name for path in sorted(mine.rglob("*"))] == ["gold", "tide.yaml"]


def test_when_the_policy_cannot_be_written_no_gold_is_begun(small: Draft, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "policies").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(UsageError, match="policies cannot be written"):
        adopt_draft(written(small, tmp_path / "d"), mine / "gold" / "tide.yaml", policy_file(tmp_path))
    assert [path.name for path in mine.rglob("*")] == ["policies"]


# What is refused, as a user meets it


def test_gold_that_is_there_is_replaced_by_force_alone(small: Draft, tmp_path: Path) -> None:
    path, gold = written(small, tmp_path / "d"), tmp_path / "mine.yaml"
    gold.write_text("work of two days", encoding="utf-8")
    result = run("adopt", path, "--output", gold)
    assert result.exit_code == 2
    assert "is there already" in result.stderr
    assert gold.read_text(encoding="utf-8") == "work of two days"
    assert run("adopt", path, "--output", gold, "--force").exit_code == 0
    assert "consumer_facts" in gold.read_text(encoding="utf-8")


def test_draft_with_errors_is_refused_in_one_sentence_and_adopted_despite_them(
    small: Draft, tmp_path: Path
) -> None:
    wrong = Finding(
        code="evidence.quote_missing",
        severity="error",
        path="legal.sentences[1].evidence[0]",
        message="Not there.",
    )
    path = written(small.model_copy(update={"findings": (wrong,)}), tmp_path / "d")
    refused = run("adopt", path)
    assert refused.exit_code == 2
    assert (
        "1 error(s), the first at legal.sentences[1].evidence[0] (evidence.quote_missing)" in refused.stderr
    )
    assert refused.stderr.count("\n") == 1
    assert run("adopt", path, "--despite-errors").exit_code == 0
    text = Path("out/gold/tidewater-2026-03-03.yaml").read_text(encoding="utf-8")
    assert "# error evidence.quote_missing: Not there." in text.split("- id: LF-02")[1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{}", "is no draft of this version (document: Field required)"),
        ("x", "is no draft"),
        (None, "no file or folder"),
    ],
)
def test_what_is_no_draft_is_refused(content: str | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "draft.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    result = run("adopt", path)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_gold_without_its_ending_and_document_without_a_title_are_refused(
    small: Draft, tmp_path: Path
) -> None:
    path = written(small, tmp_path / "d")
    with pytest.raises(UsageError, match=r"let it end in \.yaml"):
        adopt_draft(path, tmp_path / "gold.json")
    nameless = small.model_copy(update={"document": small.document.model_copy(update={"title": None})})
    with pytest.raises(UsageError, match="has no title"):
        adopt_draft(written(nameless, tmp_path / "n"))


# Blanks


def test_blanks_are_found_wherever_they_stand() -> None:
    data = {"a": blank("one"), "b": [{"c": [[blank("two")], "FILL IN"]}], "d": "not to FILL IN"}
    assert [(p.place, p.message) for p in find_blanks(data)] == [
        (("a",), "fill this in: one."),
        (("b", 0, "c", 0, 0), "fill this in: two."),
        (("b", 0, "c", 1), "fill this in: what belongs here."),
    ]


def test_other_problems_are_told_beside_blanks(small: Draft, tmp_path: Path) -> None:
    done = adopt_draft(written(small, tmp_path / "d"), None, policy_file(tmp_path))
    finish(done.gold)
    data = yaml.safe_load(done.gold.read_text(encoding="utf-8"))
    data["consumer_facts"][0]["contradictions"] = [blank("one")]
    data["consumer_facts"][1]["anchors"] = ["nowhere"]
    done.gold.write_text(yaml.safe_dump(data), encoding="utf-8")
    told = "\n".join(lint(done.gold))
    assert "consumer_facts[0].contradictions[0]: fill this in: one." in told
    assert "there is no anchor 'nowhere'" in told
