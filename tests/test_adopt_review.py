"""Adopting a review: what the editor let stand becomes the beginning of gold, and what is not approved is refused."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from eval.adopt import adopt_draft, adopt_review, write_gold
from eval.cases import lint
from pipeline.cli import app
from pipeline.errors import UnknownReviewError, UsageError
from pipeline.review.desk import Desk, Reviewed
from pipeline.review.taking_in import DRAFT
from pipeline.store.reviews import ReviewStore
from schemas.draft import Draft
from schemas.review import NewDecision
from tests.review_drafts import Clock
from tests.sample_draft import make_draft, sample_draft
from tests.tidewater import POLICY, claim, consumer, legal, risk, tidewater

EDITED = "Tidewater keeps your catch reports for 90 days after you delete them, and no longer."
ADDED = "You can write to the data protection officer of Tidewater."
OUTPUT = Path("mine/gold/tide.yaml")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tidewater.md").write_text(POLICY, encoding="utf-8")


@pytest.fixture
def desk() -> Iterator[Desk]:
    with ReviewStore.open(Path("store.db")) as store:
        yield Desk(store, clock=Clock())


def tide(*findings: Any) -> Draft:
    document = tidewater()
    return make_draft(
        document, *(one(document).model_dump() for one in (consumer, legal, risk)), findings=findings
    )


def decide(desk: Desk, id_: str, *made: tuple[str, str, dict[str, Any] | None]) -> Reviewed:
    """Decide each: a kind, a path, and what is to be changed of the unit's value, or the whole value of one that is added."""
    reviewed = desk.open(id_)
    for kind, path, change in made:
        units = reviewed.folded.units
        after = {**units[path].value, **(change or {})} if kind == "edit" else change
        decision = NewDecision.model_validate(
            {"kind": kind, "path": path, "after": after, "reason": "because"}
        )
        reviewed = desk.decide(id_, "anna", [decision], {path: units[path].last if path in units else 0})
    return reviewed


def approved(desk: Desk, *made: tuple[str, str, dict[str, Any] | None], draft: Draft | None = None) -> str:
    id_ = desk.enter_draft(draft or tide(), "anna").id
    decide(desk, id_, *made)
    desk.approve(id_, "anna", override="Looked at, and right.")
    return id_


def run(*args: object) -> Result:
    return CliRunner().invoke(app, ["eval", "adopt", *map(str, args)])


def refused(result: Result, told: str) -> None:
    assert result.exit_code == 2, result.output
    assert re.search(told, result.stderr), result.stderr
    assert result.stderr.count("\n") == 1


def only_blanks(gold: Path) -> bool:
    return all(re.search(r": fill this in: .+\.$", problem) for problem in lint(gold))


def test_what_the_editor_let_stand_is_the_gold_and_lint_asks_only_for_what_is_blank(desk: Desk) -> None:
    document = tidewater()
    draft = tide()
    n = 1
    rejected = draft.legal.sentences[1].text
    quote = "You can reach our data protection officer at privacy@tidewater.example."
    id_ = approved(
        desk,
        ("accept", "consumer.sentences[0]", None),
        ("edit", f"consumer.sentences[{n}]", {"text": EDITED}),
        ("reject", "legal.sentences[1]", None),
        ("add", "consumer.sentences", {**claim(document, ADDED, quote), "role": "most_important"}),
        ("edit", "risk.provisions[0]", {"severity": "low"}),
        (
            "edit",
            "legal.sentences[0]",
            {"statutes": [{"ref": "GDPR:13(1)", "basis": "inferred"}]},
        ),
    )
    result = run("--review", id_[:6], "--store", "store.db", "--output", OUTPUT, "--policy", "tidewater.md")
    assert result.exit_code == 0, result.output
    data = yaml.safe_load(OUTPUT.read_text(encoding="utf-8"))
    facts = {fact["statement"]: fact for fact in data["consumer_facts"]}
    stood = desk.open(id_).folded.draft
    assert list(facts) == [s.text for s in stood.consumer.sentences]
    assert {EDITED, ADDED, draft.consumer.sentences[0].text} <= set(facts)
    assert draft.consumer.sentences[n].text not in facts
    (added,) = [s for s in stood.consumer.sentences if s.text == ADDED]
    anchors = [data["anchors"][name] for name in facts[ADDED]["anchors"]]
    assert anchors == [[e.passage_id] for e in added.evidence]
    assert f"“{quote}”" in " ".join(OUTPUT.read_text(encoding="utf-8").replace("\n    # ", " ").split())
    assert rejected not in OUTPUT.read_text(encoding="utf-8")
    assert len(data["legal_facts"]) == len(draft.legal.sentences) - 1
    law = data["legal_facts"][0]
    assert [*law.get("statutes_stated", ()), *law.get("statutes_inferred", ())] == ["GDPR:13(1)"]
    assert data["provisions"][0]["severity"] == "low"
    assert "approved by anna on 2026-04-01" in " ".join(data["policy"]["worked_from"].split())
    assert lint(OUTPUT)
    assert only_blanks(OUTPUT)


def test_review_and_draft_file_that_say_the_same_give_the_same_gold_but_for_who_approved_it(
    desk: Desk,
) -> None:
    id_ = approved(desk)
    of_review = adopt_review(desk, id_, Path("a/gold/tide.yaml"), Path("tidewater.md"))
    Path(DRAFT).write_text(desk.open(id_).folded.draft.model_dump_json(), encoding="utf-8")
    of_file = adopt_draft(Path(DRAFT), Path("b/gold/tide.yaml"), Path("tidewater.md"), despite_errors=True)
    one, other = (yaml.safe_load(done.gold.read_text(encoding="utf-8")) for done in (of_review, of_file))
    assert one["policy"].pop("worked_from") != other["policy"].pop("worked_from")
    assert one == other


def test_draft_with_less_than_a_model_must_write_is_adopted_and_what_gold_needs_is_asked_for(
    desk: Desk,
) -> None:
    draft = tide()
    lists: tuple[tuple[str, list[Any]], ...] = (
        ("consumer.sentences", draft.consumer.sentences),
        ("legal.sentences", draft.legal.sentences),
        ("risk.provisions", draft.risk.provisions),
        ("risk.material_risks", draft.risk.material_risks),
        ("risk.regulatory_exposure", draft.risk.regulatory_exposure),
        ("risk.vendor_due_diligence", draft.risk.vendor_due_diligence),
    )
    everything = [("reject", f"{path}[{n}]", None) for path, entries in lists for n in range(len(entries))]
    id_ = approved(desk, *everything)
    done = adopt_review(desk, id_, OUTPUT, Path("tidewater.md"))
    problems = "\n".join(lint(done.gold))
    for section in ("consumer_facts", "legal_facts", "provisions"):
        assert f"{section}[0]: fill this in: entries; the draft has none" in problems
    assert only_blanks(done.gold)


def test_findings_that_were_dismissed_are_not_told_and_those_that_stand_are(desk: Desk) -> None:
    # A quote that the policy does not have.
    wrong = {"evidence": [{"passage_id": "training.p1", "quote": "These words stand nowhere in the policy."}]}
    draft = tide()
    id_ = desk.enter_draft(draft, "anna").id
    reviewed = decide(
        desk, id_, ("edit", "consumer.sentences[0]", wrong), ("edit", "consumer.sentences[1]", wrong)
    )
    first = reviewed.folded.findings_at("consumer.sentences[0]")
    assert first
    for finding in first:
        dismissal = NewDecision(
            kind="dismiss", path=finding.path, after={"finding": finding.key}, reason="Known."
        )
        desk.decide(id_, "anna", [dismissal], {})
    desk.approve(id_, "anna", override="The quote is shortened.")
    text = adopt_review(desk, id_, OUTPUT, Path("tidewater.md")).gold.read_text(encoding="utf-8")
    one, two = (text.split(f"- id: CF-0{n}")[1].split("- id:")[0] for n in (1, 2))
    assert not re.search(r"# (error|warning) ", one)
    assert "# error evidence." in two


def _reopen(desk: Desk, id_: str) -> None:
    desk.approve(id_, "anna", override="Yes.")
    desk.reopen(id_, "anna", "Not yet.")


@pytest.mark.parametrize(
    ("come", "state"),
    [
        (lambda desk, id_: None, "drafted"),
        (lambda desk, id_: decide(desk, id_, ("accept", "consumer.sentences[0]", None)), "in review"),
        (_reopen, "in review"),
    ],
)
def test_review_that_is_not_approved_is_refused_in_one_sentence(
    desk: Desk, come: Callable[[Desk, str], object], state: str
) -> None:
    id_ = desk.enter_draft(tide(), "anna").id
    come(desk, id_)
    refused(
        run("--review", id_, "--store", "store.db"),
        f"The draft {id_} is {state} and not approved; approve it on the desk first",
    )
    assert not Path("out").exists()


def test_published_review_is_adopted_and_one_that_is_superseded_is_not(desk: Desk) -> None:
    id_ = approved(desk)
    desk.publish(id_, "anna", "public", {})
    assert adopt_review(desk, id_, OUTPUT, Path("tidewater.md")).has_policy
    raw = tide().model_dump(mode="json")
    for stage in raw["provenance"]["stages"]:
        stage["finished_at"] = "2030-03-01T09:00:00Z"
    raw["consumer"]["sentences"][0]["text"] += " Really."
    approved(desk, draft=Draft.model_validate(raw))
    with pytest.raises(UsageError, match="is superseded and not approved"):
        adopt_review(desk, id_, Path("other.yaml"))


def test_review_that_there_is_not_and_options_that_do_not_go_together_are_refused(desk: Desk) -> None:
    with pytest.raises(UnknownReviewError):
        adopt_review(desk, "0000")
    refused(run(), "Name one draft to adopt")
    refused(run(DRAFT, "--review", "0000"), "Name one draft to adopt")
    refused(run("--review", "0000", "--despite-errors"), "leave out --despite-errors")
    refused(run(DRAFT, "--store", "store.db"), "name one with --review")


def test_folder_with_several_drafts_is_refused() -> None:
    for name in ("a", "b"):
        Path("drafts", name).mkdir(parents=True)
        Path("drafts", name, DRAFT).write_text(sample_draft().model_dump_json(), encoding="utf-8")
    refused(run("drafts"), "drafts holds 2 drafts; name the draft.json of one")


def test_gold_of_a_draft_that_nobody_approved_names_nobody() -> None:
    assert "approved by" not in write_gold(tide(), "x.md")
