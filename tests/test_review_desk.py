"""The desk: editors decide, disagree, take back, approve, publish and begin again with the next version."""

import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta
from json import dumps, loads
from typing import Any

import pytest
import sqlalchemy as sql

from pipeline.errors import ConflictError, StoreError, UnknownReviewError, UsageError
from pipeline.review.desk import Desk, Reviewed
from pipeline.review.draft_view import view_page
from pipeline.review.history import history_of
from pipeline.review.policies import policy_of
from pipeline.store.opening import open_store
from pipeline.store.packing import content_sha256, pack_draft
from pipeline.store.records import Item, ItemOutcome
from pipeline.store.review_records import QueueQuery
from pipeline.store.reviews import ReviewStore
from schemas.draft import Draft
from schemas.review import NewDecision
from tests.review_drafts import MORNING, Clock, Place, place, reword, version
from tests.sample_draft import hostile_draft, sample_draft

__all__ = ["place"]

ONE, TWO = "legal.sentences[1]", "legal.sentences[2]"
PROVISION = "risk.provisions[0]"


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    with ReviewStore.open(place) as store:
        yield Desk(store, clock=Clock())


@pytest.fixture
def id_(desk: Desk) -> str:
    return desk.enter_draft(sample_draft(), "anna").id


def new(kind: str, path: str, reason: str = "because", /, **after: Any) -> NewDecision:
    return NewDecision.model_validate({"kind": kind, "path": path, "after": after or None, "reason": reason})


def edit(reviewed: Reviewed, path: str, text: str) -> NewDecision:
    return new("edit", path, **{**reviewed.folded.units[path].value, "text": text})


def status(reviewed: Reviewed, *paths: str) -> list[str]:
    return [reviewed.folded.units[path].status for path in paths]


# Entering


def test_a_draft_of_a_file_is_entered_once_and_opened_as_it_was(desk: Desk) -> None:
    row = desk.enter_draft(sample_draft(), "anna")
    assert desk.enter_draft(sample_draft(), "bo") == row
    opened = desk.open(row.id[:4])
    assert opened.draft == sample_draft()
    assert (opened.decisions, opened.row.state, opened.row.decided) == ((), "drafted", 0)
    assert (
        row.models == {"consumer": "heron-large-2026-02", "legal": "heron-large-2026-02", "risk": ""}
        or row.models
    )
    assert (row.risk, row.units) == ("high", len(opened.folded.units))


def test_what_the_queue_shows_is_what_the_checks_say_now(desk: Desk, id_: str) -> None:
    opened = desk.open(id_)
    counts = [
        sum(f.finding.severity == severity for f in opened.folded.findings)
        for severity in ("error", "warning")
    ]
    (row,) = desk.queue(QueueQuery()).rows
    assert [row.errors, row.warnings] == counts
    assert row.last_number == 0


async def test_drafts_of_a_store_are_entered_and_what_cannot_be_read_is_told(place: Place) -> None:
    async with open_store(place) as drafting:
        await drafting.open_run("r", (), "{}", [Item("a", "a", tags=("eu",)), Item("b", "b"), Item("c", "c")])
        packed = {
            "a": pack_draft(version(1).model_dump_json()),
            "b": b"no draft",
            "c": zlib.compress(b'{"schema_version": "9.0"}'),
        }
        for name, draft in packed.items():
            await drafting.settle("r", name, ItemOutcome("drafted", draft_key=f"k{name}"), draft=draft)
    heard: list[tuple[int, int]] = []
    with ReviewStore.open(place) as store:
        desk = Desk(store)
        entered = desk.enter_all(lambda done, of: heard.append((done, of)))
        assert entered.count == 1
        assert [("of b in r" in told, "of c in r" in told) for told in entered.unreadable] == [
            (True, False),
            (False, True),
        ]
        assert all("cannot read" in told and "\n" not in told for told in entered.unreadable)
        assert heard == [(1, 3), (2, 3), (3, 3)]
        (row,) = desk.queue(QueueQuery()).rows
        assert (row.run_id, row.item_id, row.tags) == ("r", "a", ("eu",))
        # What is in already is not read again; what was not is tried again.
        store.packed_draft = lambda key: {"kb": b"no draft", "kc": packed["c"]}[key]  # type: ignore[method-assign]
        again = desk.enter_all()
        assert (again.count, again.unreadable) == (0, entered.unreadable)


def _again(draft: Draft) -> Draft:
    """The same draft with other JSON: written another time, its answers from the store, and checked by another version."""
    stages = tuple(
        stage.model_copy(update={"reused": True, "finished_at": MORNING}) for stage in draft.provenance.stages
    )
    return draft.model_copy(
        update={
            "provenance": draft.provenance.model_copy(update={"stages": stages}),
            "findings": draft.findings[:1],
        }
    )


@pytest.mark.parametrize("first", ["file", "content", "run"])
async def test_a_draft_that_came_by_a_file_and_by_the_store_is_in_the_queue_once(
    place: Place, first: str
) -> None:
    draft = version(1)
    with ReviewStore.open(place) as store:
        desk = Desk(store)

        async def come(way: str, draft: Draft) -> None:
            if way == "file":
                desk.enter_draft(draft, "anna")
                return
            packed = pack_draft(draft.model_dump_json())
            async with open_store(place) as drafting:
                if way == "content":
                    await drafting.keep_draft(f"content:{content_sha256(draft)}", packed)
                else:
                    await drafting.open_run("r", (), "{}", [Item("a", "a")])
                    await drafting.settle("r", "a", ItemOutcome("drafted", draft_key="a"), draft=packed)
            desk.enter_all()

        await come(first, draft)
        (row,) = store.all_reviews()
        decided = desk.decide(row.id, "anna", [new("accept", ONE)], {})
        for way in ("file", "content", "run"):
            if way != first:
                await come(way, _again(draft))
        assert [one.id for one in store.all_reviews()] == [row.id]
        assert store.draft_keys_not_entered() == []
        # What is under review is what was entered.
        opened = Desk(store).open(row.id)
        assert (opened.draft, opened.decisions) == (draft, decided.decisions)


async def test_a_new_draft_of_a_policy_is_a_new_version_whichever_way_it_comes(place: Place) -> None:
    def other(raw: dict[str, Any]) -> None:
        raw["consumer"]["sentences"][0]["text"] += " Really."

    first, second = version(1), version(1, other)
    with ReviewStore.open(place) as store:
        desk = Desk(store)
        desk.enter_draft(first, "anna")
        async with open_store(place) as drafting:
            await drafting.keep_draft(
                f"content:{content_sha256(second)}", pack_draft(second.model_dump_json())
            )
        desk.enter_all()
        rows = store.all_reviews()
        assert len(rows) == 2
        assert len({row.policy for row in rows}) == 1


def test_two_policies_with_the_same_words_have_a_review_each(desk: Desk) -> None:
    draft = sample_draft()
    for name in ("one", "two"):
        source = draft.document.source.model_copy(update={"url": f"https://{name}.example/privacy"})
        document = draft.document.model_copy(update={"source": source})
        row = desk.enter_draft(draft.model_copy(update={"document": document}), "anna")
        assert desk.open(row.id).draft.document.source.url == source.url
    assert len(desk.store.all_reviews()) == 2


def test_hostile_drafts_are_entered_and_opened(desk: Desk) -> None:
    row = desk.enter_draft(hostile_draft(), "anna")
    assert desk.open(row.id).draft == hostile_draft()
    assert desk.queue(QueueQuery(text="<script>")).total == 1


@pytest.mark.parametrize("asked", ["nothing", "", "x" * 5000, "\0", "%"])
def test_a_review_that_is_not_there_is_one_clear_error(desk: Desk, id_: str, asked: str) -> None:
    with pytest.raises(UnknownReviewError) as caught:
        desk.open(asked)
    assert len(str(caught.value)) < 200


def test_a_draft_that_was_changed_in_the_store_is_not_reviewed(desk: Desk, id_: str) -> None:
    with desk.store.writing() as connection:
        for trigger in connection.execute(
            sql.text("SELECT name FROM sqlite_master WHERE name = 'drafts_under_review_stay'")
            if connection.dialect.name == "sqlite"
            else sql.text("SELECT 'drafts_under_review_stay ON drafts'")
        ).scalars():
            connection.execute(sql.text(f"DROP TRIGGER {trigger}"))
        connection.execute(
            sql.text("UPDATE drafts SET draft = :draft"),
            {"draft": pack_draft(version(9).model_dump_json())},
        )
    with pytest.raises(StoreError, match="not the one that was entered"):
        desk.open(id_)


# Deciding


def test_a_first_decision_begins_the_review(desk: Desk, id_: str) -> None:
    reviewed = desk.decide(id_, "anna", [new("accept", ONE)], {})
    assert reviewed.row.state == "in_review"
    (made,) = reviewed.decisions
    assert (made.number, made.act, made.kind, made.by, made.path) == (1, None, "accept", "anna", ONE)
    assert made.before == reviewed.folded.units[ONE].written
    assert desk.open(id_).row.decided == 1


def test_what_is_edited_keeps_what_it_was_and_what_the_model_wrote(desk: Desk, id_: str) -> None:
    first = desk.decide(id_, "anna", [edit(desk.open(id_), ONE, "One.")], {})
    second = desk.decide(id_, "bo", [edit(first, ONE, "Two.")], {ONE: 1})
    one, two = second.decisions
    unit = second.folded.units[ONE]
    assert unit.written is not None
    assert (one.before, one.after) == (unit.written, two.before)
    assert (two.after or {})["text"] == "Two."
    assert second.draft == sample_draft()


def test_accepting_what_is_accepted_and_editing_nothing_decide_nothing(desk: Desk, id_: str) -> None:
    first = desk.decide(id_, "anna", [new("accept", ONE)], {})
    value = first.folded.units[ONE].value
    again = desk.decide(id_, "anna", [new("accept", ONE), new("edit", ONE, **value)], {ONE: 1})
    assert len(again.decisions) == 1
    # An edit that changes nothing of what is open says that it is right.
    other = desk.decide(id_, "anna", [new("edit", TWO, **first.folded.units[TWO].value)], {})
    assert (other.decisions[-1].kind, other.decisions[-1].after) == ("accept", None)


def test_all_of_an_act_is_made_or_nothing(desk: Desk, id_: str) -> None:
    with pytest.raises(UsageError):
        desk.decide(id_, "anna", [new("accept", ONE), new("accept", "legal.sentences[99]")], {})
    assert desk.open(id_).decisions == ()
    reviewed = desk.decide(id_, "anna", [new("accept", ONE), edit(desk.open(id_), ONE, "After.")], {})
    assert [d.act for d in reviewed.decisions] == [1, 1]
    assert status(reviewed, ONE) == ["edited"]


@pytest.mark.parametrize(
    "path", [f"{PROVISION}.what_it_is", f"{PROVISION}.why_it_matters", "risk.material_risks[0].rationale"]
)
def test_what_an_entry_needs_is_not_rejected_by_itself(desk: Desk, id_: str, path: str) -> None:
    with pytest.raises(UsageError, match="its entry needs it; edit it, or reject"):
        desk.decide(id_, "anna", [new("reject", path)], {})


def test_in_an_entry_that_is_rejected_nothing_is_decided_but_comments(desk: Desk, id_: str) -> None:
    inner = f"{PROVISION}.what_it_is"
    action = desk.open(id_).folded.units[f"{PROVISION}.what_you_can_do[0]"].value
    reviewed = desk.decide(id_, "anna", [new("reject", PROVISION)], {})
    for refused in (
        new("accept", inner),
        edit(reviewed, inner, "x"),
        new("add", f"{PROVISION}.what_you_can_do", **action),
    ):
        with pytest.raises(UsageError, match="is rejected"):
            desk.decide(id_, "anna", [refused], {})
    desk.decide(id_, "anna", [new("comment", inner)], {})
    both = desk.decide(id_, "anna", [new("accept", PROVISION), new("accept", inner)], {PROVISION: 1})
    assert status(both, PROVISION, inner) == ["accepted", "accepted"]


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        (new("accept", "legal.sentences[1].text"), "no legal.sentences"),
        (new("accept", ""), "no  to decide"),
        (new("comment", "nowhere"), "no nowhere"),
        (new("add", "nowhere", text="x"), "is no list"),
        (new("add", "risk.provisions[77].what_you_can_do", text="x"), "cannot be changed like this"),
        (new("edit", ONE, text="x"), "cannot be changed like this"),
        (new("dismiss", ONE, finding="x"), "not there any more"),
        (new("comment", ONE, "a\0b"), "cannot be kept"),
        (new("reject", ONE, "x" * 10_000).model_copy(update={"reason": "x" * 10_001}), "too long"),
        (new("edit", ONE, text="\ud800"), "cannot be kept"),
        (new("edit", ONE, text="x" * 10_001), "too long"),
        (new("edit", ONE, text=["x" * 9_999] * 11), "too long"),
        (new("edit", ONE, **{"\0": 1}), "cannot be kept"),
    ],
)
def test_what_cannot_be_decided_is_refused_in_one_sentence(
    desk: Desk, id_: str, refused: NewDecision, told: str
) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        desk.decide(id_, "anna", [refused], {})
    assert "\n" not in str(caught.value)
    assert desk.open(id_).decisions == ()


def test_too_much_at_once_is_refused(desk: Desk, id_: str) -> None:
    with pytest.raises(UsageError, match="At most 1000"):
        desk.decide(id_, "anna", [new("comment", ONE)] * 1001, {})


def test_a_statute_that_does_not_exist_can_be_written_and_the_checks_tell(desk: Desk, id_: str) -> None:
    value = desk.open(id_).folded.units[ONE].value
    value = {**value, "statutes": [{"ref": "GDPR:999", "basis": "inferred"}]}
    reviewed = desk.decide(id_, "anna", [new("edit", ONE, **value)], {})
    assert any(f.finding.code.startswith("law.") and f.blocking for f in reviewed.folded.findings_at(ONE))
    assert reviewed.row.errors == len(reviewed.folded.blocking)


# Two editors


def test_two_editors_of_different_claims_do_not_disturb_each_other(desk: Desk, id_: str) -> None:
    opened = desk.open(id_)
    seen = {path: unit.last for path, unit in opened.folded.units.items()}
    desk.decide(id_, "anna", [edit(opened, ONE, "One.")], seen)
    reviewed = desk.decide(id_, "bo", [edit(opened, TWO, "Two.")], seen)
    assert status(reviewed, ONE, TWO) == ["edited", "edited"]


def test_of_two_editors_of_one_claim_the_second_hears_what_the_first_did(desk: Desk, id_: str) -> None:
    opened = desk.open(id_)
    desk.decide(id_, "anna", [edit(opened, ONE, "Hers.")], {ONE: 0})
    with pytest.raises(ConflictError) as caught:
        desk.decide(id_, "bo", [new("accept", TWO), edit(opened, ONE, "His.")], {})
    conflict = caught.value
    assert conflict.path == ONE
    assert conflict.theirs is not None
    assert (conflict.theirs.by, conflict.theirs.kind) == ("anna", "edit")
    assert (conflict.value or {})["text"] == "Hers."
    assert "anna edited" in str(conflict)
    assert status(desk.open(id_), ONE, TWO) == ["edited", "open"]
    again = desk.decide(id_, "bo", [edit(opened, ONE, "His.")], {ONE: conflict.theirs.number})
    assert again.folded.units[ONE].value["text"] == "His."


def test_two_editors_who_accept_one_claim_agree(desk: Desk, id_: str) -> None:
    desk.decide(id_, "anna", [new("accept", ONE)], {})
    assert len(desk.decide(id_, "bo", [new("accept", ONE)], {}).decisions) == 1
    desk.decide(id_, "anna", [edit(desk.open(id_), ONE, "Hers.")], {ONE: 1})
    # To accept words that one has not seen is no agreement.
    with pytest.raises(ConflictError, match="anna edited"):
        desk.decide(id_, "bo", [new("accept", ONE)], {ONE: 1})


def test_an_undoing_has_to_be_seen_and_a_comment_has_not(desk: Desk, id_: str) -> None:
    desk.decide(id_, "anna", [new("accept", ONE)], {})
    desk.decide(id_, "anna", [new("comment", TWO)], {})
    desk.undo(id_, "anna", number=1)
    with pytest.raises(ConflictError, match="took back"):
        desk.decide(id_, "bo", [new("accept", ONE)], {ONE: 1})
    assert status(desk.decide(id_, "bo", [new("accept", TWO)], {}), TWO) == ["accepted"]


def test_who_rejects_an_entry_must_have_seen_what_was_decided_in_it(desk: Desk, id_: str) -> None:
    inner = f"{PROVISION}.what_it_is"
    opened = desk.open(id_)
    desk.decide(id_, "anna", [edit(opened, inner, "Hers.")], {})
    with pytest.raises(ConflictError) as caught:
        desk.decide(id_, "bo", [new("reject", PROVISION)], {PROVISION: 0, inner: 0})
    assert caught.value.path == inner
    desk.decide(id_, "bo", [new("reject", PROVISION)], {PROVISION: 0, inner: 1})


def test_many_editors_at_once_lose_nothing(desk: Desk, id_: str) -> None:
    paths = [p for p in desk.open(id_).folded.units if p.startswith(("legal", "consumer"))][:8]

    def decide(path: str) -> int:
        desk.decide(id_, f"by {path}", [new("accept", path)], {})
        return desk.decide(id_, f"by {path}", [new("comment", path)], {}).row.last_number

    with ThreadPoolExecutor(4) as people:
        list(people.map(decide, paths))
    reviewed = desk.open(id_)
    assert [d.number for d in reviewed.decisions] == list(range(1, 17))
    assert status(reviewed, *paths) == ["accepted"] * 8
    assert desk.store.check_audit(anew=True).broken is None


def test_two_desks_of_one_store_see_each_others_decisions(desk: Desk, id_: str, place: Place) -> None:
    desk.open(id_)
    with ReviewStore.open(place) as store:
        other = Desk(store)
        other.decide(id_, "bo", [new("accept", ONE)], {})
        assert status(desk.open(id_), ONE) == ["accepted"]
        desk.decide(id_, "anna", [new("accept", TWO)], {})
        assert len(other.open(id_).decisions) == 2


def test_a_decision_that_comes_between_reading_and_writing_is_taken_in(
    desk: Desk, id_: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = desk.store.append
    with ReviewStore.open(place) as store:
        other = Desk(store)

        def late(*args: Any, **named: Any) -> None:
            monkeypatch.setattr(desk.store, "append", append)
            other.decide(id_, "bo", [new("accept", TWO)], {})
            append(*args, **named)

        monkeypatch.setattr(desk.store, "append", late)
        reviewed = desk.decide(id_, "anna", [new("accept", ONE)], {})
        assert [(d.number, d.by) for d in reviewed.decisions] == [(1, "bo"), (2, "anna")]

        def late_on_the_same(*args: Any, **named: Any) -> None:
            monkeypatch.setattr(desk.store, "append", append)
            other.decide(id_, "bo", [new("reject", ONE)], {ONE: 2})
            append(*args, **named)

        monkeypatch.setattr(desk.store, "append", late_on_the_same)
        with pytest.raises(ConflictError, match="bo rejected"):
            desk.decide(id_, "anna", [edit(reviewed, ONE, "Hers.")], {ONE: 2})


# Taking back


def test_everyone_takes_back_what_they_did_themselves(desk: Desk, id_: str) -> None:
    desk.decide(id_, "anna", [new("accept", ONE)], {})
    desk.decide(id_, "bo", [new("accept", TWO)], {})
    assert status(desk.undo(id_, "anna"), ONE, TWO) == ["open", "accepted"]
    with pytest.raises(UsageError, match="nothing of yours to take back"):
        desk.undo(id_, "anna")
    with pytest.raises(UsageError, match="bo's to take back"):
        desk.undo(id_, "anna", number=2)
    with pytest.raises(UsageError, match="cannot be taken back"):
        desk.undo(id_, "bo", number=1)
    with pytest.raises(UsageError, match="cannot be taken back"):
        desk.undo(id_, "bo", number=99)


def test_decisions_are_taken_back_one_after_another_and_brought_back_so(desk: Desk, id_: str) -> None:
    desk.decide(id_, "anna", [new("accept", ONE)], {})
    desk.decide(id_, "anna", [edit(desk.open(id_), TWO, "Two.")], {})
    assert status(desk.undo(id_, "anna"), ONE, TWO) == ["accepted", "open"]
    assert status(desk.undo(id_, "anna"), ONE, TWO) == ["open", "open"]
    assert status(desk.redo(id_, "anna"), ONE, TWO) == ["accepted", "open"]
    assert status(desk.redo(id_, "anna"), ONE, TWO) == ["accepted", "edited"]
    with pytest.raises(UsageError, match="nothing of yours to bring back"):
        desk.redo(id_, "anna")
    assert status(desk.undo(id_, "anna"), ONE, TWO) == ["accepted", "open"]
    assert status(desk.redo(id_, "anna"), ONE, TWO) == ["accepted", "edited"]


def test_after_something_new_there_is_nothing_to_bring_back(desk: Desk, id_: str) -> None:
    desk.decide(id_, "anna", [new("accept", ONE)], {})
    desk.undo(id_, "anna")
    desk.decide(id_, "anna", [new("accept", TWO)], {})
    with pytest.raises(UsageError, match="nothing of yours to bring back"):
        desk.redo(id_, "anna")


def test_one_act_is_taken_back_and_brought_back_as_one(desk: Desk, id_: str) -> None:
    paths = [p for p in desk.open(id_).folded.units if p.startswith(PROVISION)]
    desk.decide(id_, "anna", [new("accept", p) for p in paths], {})
    desk.decide(id_, "bo", [new("comment", ONE)], {})
    undone = desk.undo(id_, "anna", number=2)
    assert set(status(undone, *paths)) == {"open"}
    assert {d.act for d in undone.decisions if d.kind == "undo"} == {len(paths) + 2}
    assert set(status(desk.redo(id_, "anna"), *paths)) == {"accepted"}


def test_what_somebody_has_built_upon_cannot_be_taken_back(desk: Desk, id_: str) -> None:
    desk.decide(id_, "anna", [edit(desk.open(id_), ONE, "Hers.")], {})
    desk.decide(id_, "bo", [new("accept", TWO)], {})
    desk.decide(id_, "bo", [new("reject", ONE)], {ONE: 1})
    with pytest.raises(ConflictError, match="bo rejected") as caught:
        desk.undo(id_, "anna")
    assert caught.value.theirs is not None
    desk.undo(id_, "bo")
    # What was taken back stands in nobody's way.
    assert status(desk.undo(id_, "anna"), ONE) == ["open"]


def test_what_somebody_decided_since_cannot_be_brought_back_over_it(desk: Desk, id_: str) -> None:
    desk.decide(id_, "anna", [edit(desk.open(id_), ONE, "Hers.")], {})
    desk.undo(id_, "anna")
    desk.decide(id_, "bo", [new("reject", ONE)], {ONE: 2})
    with pytest.raises(ConflictError, match="bo rejected"):
        desk.redo(id_, "anna")


def test_an_addition_is_taken_back_unless_somebody_decided_about_it(desk: Desk, id_: str) -> None:
    whole = sample_draft().risk.provisions[0].model_dump(mode="json")
    added = desk.decide(id_, "anna", [new("add", "risk.provisions", **whole)], {})
    path = "risk.provisions[+1]"
    assert path in added.folded.units
    inner = edit(added, f"{path}.what_it_is", "His.")
    desk.decide(id_, "bo", [inner], {f"{path}.what_it_is": added.folded.units[f"{path}.what_it_is"].last})
    with pytest.raises(ConflictError):
        desk.undo(id_, "anna")
    desk.undo(id_, "bo")
    gone = desk.undo(id_, "anna")
    assert path not in gone.folded.units
    with pytest.raises(UsageError, match="taken back"):
        desk.decide(id_, "bo", [new("accept", path)], {})
    assert path in desk.redo(id_, "anna").folded.units


def test_a_dismissal_can_be_taken_back_by_anybody(desk: Desk, id_: str) -> None:
    finding = desk.open(id_).folded.blocking[0]
    desk.decide(id_, "anna", [new("dismiss", finding.path, finding=finding.key)], {})
    with pytest.raises(ConflictError, match="anna has dismissed"):
        desk.decide(id_, "bo", [new("dismiss", finding.path, finding=finding.key)], {})
    assert finding.key not in {f.key for f in desk.open(id_).folded.blocking}
    assert finding.key in {f.key for f in desk.undo(id_, "bo", number=1).folded.blocking}


# Approving


def test_what_blocks_an_approval_needs_a_reason(desk: Desk, id_: str) -> None:
    blocking = desk.open(id_).folded.blocking
    assert len(blocking) > 1
    with pytest.raises(UsageError, match=f"^{len(blocking)} findings stand against"):
        desk.approve(id_, "bo", " ")
    dismissals = [new("dismiss", f.path, finding=f.key) for f in blocking[1:]]
    desk.decide(id_, "anna", dismissals, {})
    with pytest.raises(UsageError, match=r"^A finding stands against"):
        desk.approve(id_, "bo")
    approved = desk.approve(id_, "bo", "It is as the policy has it.")
    approval = desk.approval(approved)
    assert approval is not None
    assert (approval.by, approval.override) == ("bo", "It is as the policy has it.")
    assert approved.row.approved_by == "bo"
    assert approved.row.approved_at == approval.at
    (line,) = desk.store.audit_log(limit=1)
    assert (line.action, line.by) == ("approve", "bo")


def test_with_nothing_open_no_reason_is_kept_and_the_counts_are_told(desk: Desk, id_: str) -> None:
    opened = desk.open(id_)
    entry = sample_draft().legal.sentences[0].model_dump(mode="json")
    desk.decide(
        id_,
        "anna",
        [
            new("accept", "consumer.sentences[0]"),
            edit(opened, "consumer.sentences[1]", "Other words."),
            new("reject", PROVISION),
            new("add", "legal.sentences", **entry),
        ],
        {},
    )
    desk.decide(id_, "anna", [new("reject", "legal.sentences[+4]")], {"legal.sentences[+4]": 4})
    desk.decide(id_, "anna", [new("add", "legal.sentences", **entry)], {})
    blocking = desk.open(id_).folded.blocking
    desk.decide(id_, "anna", [new("dismiss", f.path, finding=f.key) for f in blocking], {})
    approved = desk.approve(id_, "bo", "not needed")
    approval = desk.approval(approved)
    assert approval is not None
    inside = sum(path.startswith(PROVISION) for path in opened.folded.units)
    assert (approval.override, approval.accepted, approval.edited) == (None, 1, 1)
    assert (approval.rejected, approval.added) == (inside, 1)
    assert approval.undecided == len(opened.folded.units) - 2 - inside
    assert approved.row.decided == approved.row.units - approval.undecided


def test_what_was_accepted_in_one_act_is_not_told_as_accepted_one_by_one(desk: Desk, id_: str) -> None:
    opened = desk.open(id_)
    one, *others = (path for path, unit in opened.folded.units.items() if unit.place.parent is None)
    desk.decide(id_, "anna", [new("accept", path) for path in others[:3]], {})
    desk.decide(id_, "anna", [new("accept", one)], {})
    seen = {others[0]: desk.open(id_).folded.units[others[0]].last}
    desk.decide(id_, "anna", [edit(opened, others[0], "Other words.")], seen)
    approval = desk.approval(desk.approve(id_, "bo", "as it is"))
    assert approval is not None
    assert (approval.accepted, approval.together, approval.edited) == (1, 2, 1)
    assert approval.undecided == len(opened.folded.units) - 4


def test_rejecting_an_entry_decides_about_all_that_is_in_it(desk: Desk, id_: str) -> None:
    opened = desk.open(id_)
    inside = [path for path, unit in opened.folded.units.items() if unit.place.parent == PROVISION]
    assert inside
    rejected = desk.decide(id_, "anna", [new("reject", PROVISION)], {})
    page = view_page(rejected.folded)
    assert (page.decided, rejected.row.decided) == (1 + len(inside), 1 + len(inside))
    card = page.card(PROVISION)
    assert card is not None
    assert {unit.status for unit in card.units} == {"rejected"}


def test_the_history_tells_an_act_that_says_nothing_of_the_single_claim_in_one_line(
    desk: Desk, id_: str
) -> None:
    opened = desk.open(id_)
    paths = [path for path, unit in opened.folded.units.items() if unit.place.parent is None][:4]
    desk.decide(id_, "anna", [new("accept", path) for path in paths[:3]], {})
    desk.decide(id_, "anna", [new("accept", paths[3])], {})
    desk.undo(id_, "anna", 1)
    undone, single, together = history_of(desk.open(id_))
    assert (together.number, together.last, together.about) == (1, 3, "3 claims together")
    assert together.taken_back
    assert (single.number, single.last) == (4, 4)
    assert undone.about == "what anna accepted: 3 claims together"


def test_who_approves_must_have_seen_the_last_decision(desk: Desk, id_: str) -> None:
    desk.decide(id_, "anna", [new("accept", ONE)], {})
    with pytest.raises(ConflictError, match="anna has decided"):
        desk.approve(id_, "bo", "r", expected=0)
    assert desk.approve(id_, "bo", "r", expected=1).row.state == "approved"


def test_an_approved_draft_is_changed_only_after_it_was_reopened(desk: Desk, id_: str) -> None:
    desk.decide(id_, "anna", [new("accept", ONE)], {})
    desk.approve(id_, "bo", "r")
    for refused in (
        lambda: desk.decide(id_, "anna", [new("accept", TWO)], {}),
        lambda: desk.undo(id_, "anna"),
        lambda: desk.undo(id_, "bo", number=2),
        lambda: desk.redo(id_, "anna"),
        lambda: desk.approve(id_, "bo", "r"),
    ):
        with pytest.raises(UsageError, match="is approved; reopen it"):
            refused()
    with pytest.raises(UsageError, match="Say why"):
        desk.reopen(id_, "bo", " ")
    reopened = desk.reopen(id_, "bo", "A sentence is wrong.")
    assert (reopened.row.state, reopened.row.approved_by, desk.approval(reopened)) == (
        "in_review",
        None,
        None,
    )
    with pytest.raises(UsageError, match="needs no reopening"):
        desk.reopen(id_, "bo", "again")
    with pytest.raises(UsageError, match="nothing of yours"):
        desk.undo(id_, "bo")
    assert status(desk.undo(id_, "anna"), ONE) == ["open"]


# Publishing


def test_only_what_is_approved_is_published_and_withdrawn_again(desk: Desk, id_: str) -> None:
    files = {"a.md": "0" * 64}
    with pytest.raises(UsageError, match="approve it first"):
        desk.publish(id_, "bo", "public", files)
    approved = desk.approve(id_, "bo", "r")
    with pytest.raises(UsageError, match="nothing published"):
        desk.withdraw(id_, "bo", "r")
    with pytest.raises(ConflictError):
        desk.publish(id_, "bo", "public", files, expected=0)
    published = desk.publish(id_, "bo", "public", files, expected=1)
    assert published.row.state == "published"
    assert desk.approval(published) == desk.approval(approved)
    desk.publish(id_, "bo", "professional", files)
    rows = desk.store.publications(id_)
    assert [(row.audience, row.last_number, row.number) for row in rows] == [
        ("professional", 2, 3),
        ("public", 1, 2),
    ]
    assert desk.withdraw(id_, "bo", "r", "public").row.state == "published"
    with pytest.raises(UsageError, match="nothing published"):
        desk.withdraw(id_, "bo", "r", "public")
    withdrawn = desk.withdraw(id_, "bo", "r")
    assert withdrawn.row.state == "approved"
    assert desk.approval(withdrawn) == desk.approval(approved)
    assert all(row.withdrawn_at for row in desk.store.publications())


def test_what_is_published_stays_so_while_its_draft_is_reopened(desk: Desk, id_: str) -> None:
    desk.approve(id_, "bo", "r")
    desk.publish(id_, "bo", "public", {})
    assert desk.reopen(id_, "bo", "A sentence is wrong.").row.state == "in_review"
    (row,) = desk.store.publications(id_)
    assert row.withdrawn_at is None
    assert desk.withdraw(id_, "bo", "It is wrong.").row.state == "in_review"


# Versions


def approve_all(desk: Desk, id_: str, *news: NewDecision) -> Reviewed:
    if news:
        desk.decide(id_, "anna", news, {})
    left = [u for u in desk.open(id_).folded.units.values() if u.status == "open" and u.now]
    if left:
        desk.decide(id_, "anna", [new("accept", u.path) for u in left], {u.path: u.last for u in left})
    return desk.approve(id_, "bo", "r")


def test_an_approval_supersedes_the_draft_before_and_it_can_be_reopened(desk: Desk) -> None:
    first = desk.enter_draft(version(1))
    approve_all(desk, first.id)
    second = desk.enter_draft(version(2))
    assert desk.open(first.id).row.state == "approved"
    desk.approve(second.id, "bo", "r")
    row = desk.open(first.id).row
    assert (row.state, row.superseded_by) == ("superseded", second.id)
    with pytest.raises(UsageError, match=f"superseded by {second.id}; reopen it"):
        desk.decide(first.id, "anna", [new("comment", ONE)], {})
    reopened = desk.reopen(first.id, "bo", "The new one is worse.").row
    assert (reopened.state, reopened.superseded_by) == ("in_review", None)


def test_the_first_draft_of_a_policy_is_compared_with_nothing(desk: Desk, id_: str) -> None:
    assert desk.compare(id_) is None
    with pytest.raises(UsageError, match="No earlier draft"):
        desk.carry(id_, "anna")
    desk.approve(id_, "bo", "r")
    assert desk.compare(id_) is None


def test_a_new_draft_is_compared_with_the_one_that_was_approved(desk: Desk) -> None:
    first = desk.enter_draft(version(1))
    entry = sample_draft().legal.sentences[0].model_dump(mode="json") | {"text": "Added by an editor."}
    approve_all(
        desk,
        first.id,
        edit(desk.open(first.id), "consumer.sentences[1]", "The editor's words."),
        new("reject", "risk.left_out[0]"),
        new("add", "legal.sentences", **entry),
    )

    def change(raw: dict[str, Any]) -> None:
        reword(raw, "keeping.1", "45 days", "90 days")
        raw["legal"]["sentences"][3]["text"] = "Paid plans are left out of training."
        del raw["risk"]["provisions"][1]
        raw["risk"]["left_out"].append({"category": "security", "reason": "It says nothing of it."})
        # What only stands elsewhere is the same.
        raw["risk"]["left_out"].reverse()

    second = desk.enter_draft(version(2, change))
    comparison = desk.compare(second.id)
    assert comparison is not None
    assert comparison.approved.id == first.id
    (passage,) = comparison.passages
    assert (passage.kind, passage.id) == ("changed", "keeping.1")
    assert [(r.kind, r.text) for r in passage.words if r.kind != "same"] == [
        ("removed", "45"),
        ("inserted", "90"),
    ]
    changed = {u.path: u for u in comparison.of_kind("changed")}
    quoting = {"legal.sentences[2]", "risk.provisions[1].what_it_is", "risk.provisions[1].why_it_matters"}
    assert set(changed) == {"legal.sentences[3]", *quoting}
    # It rests on words that changed, and says the same.
    assert all(changed[path].rests_on_other_words for path in quoting)
    assert changed["risk.provisions[1].what_it_is"].path_before == "risk.provisions[2].what_it_is"
    assert not changed["legal.sentences[3]"].rests_on_other_words
    assert (changed["legal.sentences[3]"].before or {})["text"].startswith("Paid plans are left out of")
    assert [u.path for u in comparison.of_kind("new")] == ["risk.left_out[0]"]
    gone = {u.path_before: u.decided for u in comparison.of_kind("gone")}
    assert gone["legal.sentences[+3]"] == "added"
    assert gone["risk.provisions[1]"] == "accepted"
    same = {u.path: u for u in comparison.of_kind("same")}
    assert same["consumer.sentences[1]"].decided == "edited"
    assert same["risk.left_out[2]"].decided == "rejected"
    assert same["risk.left_out[1]"].path_before == "risk.left_out[1]"


def test_decisions_on_what_is_unchanged_are_carried_over_and_others_are_not(desk: Desk) -> None:
    first = desk.enter_draft(version(1))
    opened = desk.open(first.id)
    blocking = opened.folded.findings_at("legal.sentences[4]")
    approved = approve_all(
        desk,
        first.id,
        edit(opened, "consumer.sentences[1]", "The editor's words."),
        new("reject", "risk.left_out[0]", "It does address it."),
        new("comment", "consumer.sentences[0]", "Well said."),
        edit(opened, "legal.sentences[2]", "It answers within one month."),
        *(new("dismiss", f.path, finding=f.key) for f in blocking),
    )

    def change(raw: dict[str, Any]) -> None:
        reword(raw, "keeping.1", "45 days", "90 days")
        raw["legal"]["sentences"][3]["text"] += " And more."
        raw["risk"]["provisions"][0]["what_you_can_do"][0]["text"] = "You can switch it off."

    second = desk.enter_draft(version(2, change))
    comparison = desk.compare(second.id)
    assert comparison is not None
    carried = desk.carry(second.id, "carla")
    units = carried.folded.units
    assert comparison.carried == sum(d.kind != "dismiss" for d in carried.decisions)
    still_open = {path for path, unit in units.items() if unit.status == "open"}
    assert still_open == {
        "legal.sentences[2]",  # quotes the passage that changed
        "legal.sentences[3]",  # says something else
        PROVISION,  # an action in it is another
        f"{PROVISION}.what_you_can_do[0]",
        "risk.provisions[2]",  # and so do the claims in this one
        "risk.provisions[2].what_it_is",
        "risk.provisions[2].why_it_matters",
    }
    assert units["consumer.sentences[1]"].value["text"] == "The editor's words."
    assert status(carried, "risk.left_out[0]", "consumer.sentences[0]") == ["rejected", "accepted"]
    by_path = {(d.path, d.kind): d for d in carried.decisions}
    assert by_path["consumer.sentences[0]", "comment"].reason == "Well said."
    rejected = by_path["risk.left_out[0]", "reject"]
    assert rejected.reason == "It does address it."
    assert rejected.by == "carla"
    source = next(d for d in approved.decisions if (d.path, d.kind) == ("risk.left_out[0]", "reject"))
    assert rejected.carried_from == f"{first.id}:{source.number}"
    assert {d.act for d in carried.decisions} == {1}
    assert {f.key for f in carried.folded.findings_at("legal.sentences[4]") if f.dismissed} == {
        f.key for f in blocking
    }
    # Once more there is nothing left; taken back it is not pressed on anybody again.
    assert desk.carry(second.id, "carla").decisions == carried.decisions
    undone = desk.undo(second.id, "carla")
    assert {u.status for u in undone.folded.units.values()} == {"open"}
    assert desk.carry(second.id, "bo").decisions == undone.decisions
    assert {u.status for u in desk.redo(second.id, "carla").folded.units.values()} != {"open"}


def test_what_was_decided_already_is_not_carried_over(desk: Desk) -> None:
    approve_all(desk, desk.enter_draft(version(1)).id)
    second = desk.enter_draft(version(2))
    desk.decide(second.id, "bo", [new("reject", ONE)], {})
    assert status(desk.carry(second.id, "anna"), ONE, TWO) == ["rejected", "accepted"]


def test_what_stands_twice_is_not_carried_over(desk: Desk) -> None:
    def twice(raw: dict[str, Any]) -> None:
        raw["risk"]["left_out"].append(raw["risk"]["left_out"][0])

    approve_all(desk, desk.enter_draft(version(1, twice)).id)
    second = desk.enter_draft(version(2))
    assert status(desk.carry(second.id, "anna"), "risk.left_out[0]", "risk.left_out[1]") == [
        "open",
        "accepted",
    ]
    third = desk.enter_draft(version(3, twice))
    carried = desk.carry(third.id, "anna")
    assert status(carried, *(f"risk.left_out[{n}]" for n in range(3))) == ["open", "accepted", "open"]


def test_a_claim_is_unchanged_when_only_the_ids_of_its_passages_are_others(desk: Desk) -> None:
    approve_all(
        desk,
        (first := desk.enter_draft(version(1))).id,
        edit(desk.open(first.id), "legal.sentences[3]", "The editor's words."),
    )

    def renumber(raw: dict[str, Any]) -> None:
        text = (
            dumps(raw).replace('"training.', '"how-wren-learns.').replace('"training"', '"how-wren-learns"')
        )
        raw.clear()
        raw.update(loads(text))

    second = desk.enter_draft(version(2, renumber))
    comparison = desk.compare(second.id)
    assert comparison is not None
    assert (comparison.passages, comparison.of_kind("changed"), comparison.of_kind("gone")) == ((), (), ())
    carried = desk.carry(second.id, "anna")
    assert {u.status for u in carried.folded.units.values()} == {"accepted", "edited"}
    value = carried.folded.units["legal.sentences[3]"].value
    assert value["text"] == "The editor's words."
    assert {e["passage_id"] for e in value["evidence"]} == {"how-wren-learns.3", "how-wren-learns.4"}


def test_an_edit_that_rests_on_a_passage_that_changed_is_not_carried_over(desk: Desk) -> None:
    first = desk.enter_draft(version(1))
    value = desk.open(first.id).folded.units["legal.sentences[3]"].value
    other = {"passage_id": "keeping.1", "quote": "leave our servers"}
    approve_all(desk, first.id, new("edit", "legal.sentences[3]", **{**value, "evidence": [other]}))
    second = desk.enter_draft(version(2, lambda raw: reword(raw, "keeping.1", "45 days", "90 days")))
    assert status(desk.carry(second.id, "anna"), "legal.sentences[3]") == ["open"]


def test_a_claim_with_a_quote_from_nowhere_is_not_carried_over(desk: Desk) -> None:
    def nowhere(raw: dict[str, Any]) -> None:
        raw["legal"]["sentences"][3]["evidence"][0]["passage_id"] = "nowhere.1"

    approve_all(desk, desk.enter_draft(version(1, nowhere)).id)
    second = desk.enter_draft(version(2, nowhere))
    assert status(desk.carry(second.id, "anna"), "legal.sentences[3]", ONE) == ["open", "accepted"]


# Which policy


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            {"url": "https://www.Shop.example/privacy?lang=en#top"},
            {"url": "http://shop.example/privacy/"},
            True,
        ),
        ({"url": "https://shop.example/privacy"}, {"url": "https://shop.example/terms"}, False),
        ({"url": "https://shop.example/privacy"}, {"url": "https://stop.example/privacy"}, False),
        (
            {"title": "Privacy Policy (effective April 8, 2026)", "company": "Shop GmbH"},
            {"title": "PRIVACY POLICY – version 3", "company": "shop gmbh", "name": "other.html"},
            True,
        ),
        ({"title": "Privacy Policy", "company": "Shop"}, {"title": "Terms of Use", "company": "Shop"}, False),
        ({"title": "Privacy Policy", "company": "A"}, {"title": "Privacy Policy", "company": "B"}, False),
        ({"title": "Privacy Policy", "name": "a.html"}, {"title": "Privacy Policy", "name": "b.html"}, False),
        (
            {"title": "Privacy Policy 2025", "name": "a.html"},
            {"title": "Privacy Policy 2026", "name": "a.html"},
            True,
        ),
        ({"title": "Privacy Policy", "name": "a.html"}, {"title": "Terms", "name": "a.html"}, False),
        ({"name": "a.html"}, {"name": "a.html"}, True),
        ({"name": "a.html", "item": "one/a.html"}, {"name": "a.html", "item": "two/a.html"}, False),
        ({"title": "What you may do", "company": "A"}, {"title": "What you do", "company": "A"}, False),
    ],
)
def test_which_drafts_are_of_one_policy(one: dict[str, str], other: dict[str, str], same: bool) -> None:
    def key(told: dict[str, str]) -> str:
        document = sample_draft().document
        source = document.source.model_copy(
            update={"url": told.get("url"), "name": told.get("name", "policy.html")}
        )
        named = {name: told.get(name) for name in ("title", "company")}
        return policy_of(document.model_copy(update={"source": source, **named}), told.get("item"))

    assert (key(one) == key(other)) is same


# Why a row stands where it does, and what came of it all


def test_a_row_tells_why_it_stands_where_it_does(desk: Desk, id_: str) -> None:
    opened = desk.open(id_)
    (row,) = desk.queue(QueueQuery()).rows
    errors, warnings = len(opened.folded.blocking), opened.row.warnings
    waited = (MORNING - row.drafted_at).days
    told = [f"{errors} errors", "high risk" if row.high == 1 else f"{row.high} high risks"]
    told += [f"{warnings} warning{'s' * (warnings != 1)}"] * (warnings > 0) + [f"waiting {waited} days"]
    assert list(row.why) == told
    desk.approve(id_, "bo", "r")
    (row,) = desk.queue(QueueQuery()).rows
    assert row.why[0] == "approved, not published"
    assert not any("waiting" in part for part in row.why)


def test_what_editors_changed_is_measured(desk: Desk) -> None:
    first = desk.enter_draft(version(1))
    opened = desk.open(first.id)
    consumer = [f"consumer.sentences[{n}]" for n in range(3)]
    desk.decide(first.id, "anna", [new("reject", "risk.left_out[1]", "taken back")], {})
    desk.undo(first.id, "anna")
    approve_all(
        desk,
        first.id,
        edit(opened, consumer[0], "Other words."),
        new("reject", consumer[1], "Not  in the policy."),
        new("reject", "risk.left_out[0]", "not in the policy"),
        edit(opened, "legal.sentences[2]", "Other words."),
        new("add", "consumer.sentences", **opened.folded.units[consumer[0]].value),
    )
    for minute in range(5):
        desk.store.note_presence(first.id, "anna", MORNING + timedelta(minutes=minute))
        desk.store.note_presence(first.id, "bo", MORNING + timedelta(minutes=minute))

    def other(raw: dict[str, Any]) -> None:
        raw["document"]["title"] = "Terms"

    second = desk.enter_draft(version(2, other))
    desk.decide(second.id, "anna", [new("reject", ONE, "not finished")], {})
    stats = desk.stats()
    (found,) = [s for s in stats.approved if s.stage == "consumer"]
    assert (found.drafts, found.claims) == (1, 3)
    assert [s.count for s in (found.accepted, found.edited, found.rejected, found.undecided)] == [1, 1, 1, 0]
    assert (found.added.count, found.added.of) == (1, 3)
    assert found.prompt.startswith("consumer")
    assert stats.reasons == (("Not in the policy.", 2),)
    assert dict(stats.codes)["facts.number_missing"] == 1
    assert stats.minutes is not None
    assert (stats.minutes.drafts, stats.minutes.median) == (1, 10)
    (legal,) = [s for s in stats.in_review if s.stage == "legal"]
    assert (legal.rejected.count, legal.undecided.count) == (1, legal.claims - 1)
    assert stats.drafts == {"approved": 1, "in_review": 1}
    assert dumps(asdict(stats))
