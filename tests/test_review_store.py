"""The store of reviews keeps what it was given, in SQLite and in PostgreSQL alike."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql

from pipeline.errors import StaleError, StoreError, UsageError
from pipeline.store import review_audit
from pipeline.store import review_tables as tables
from pipeline.store.opening import open_store
from pipeline.store.records import Item, ItemOutcome
from pipeline.store.review_records import (
    PublicationRow,
    QueueQuery,
    ReviewRow,
    SessionRow,
    SortKey,
    Standing,
    Tally,
    UserRow,
)
from pipeline.store.reviews import ReviewStore
from pipeline.store.sqlite import IN_MEMORY
from schemas.review import Decision
from tests.audit_harm import harm_audit
from tests.review_drafts import MORNING, Place, place, row

__all__ = ["place"]


@pytest.fixture
def store(place: Place) -> Iterator[ReviewStore]:
    with ReviewStore.open(place) as opened:
        yield opened


def standing(**values: Any) -> Standing:
    plain: dict[str, Any] = {
        "state": "in_review",
        "risk": "high",
        "high": 2,
        "errors": 1,
        "warnings": 3,
        "notes": 4,
        "codes": {"law.unknown": 1},
        "units": 10,
        "decided": 1,
        "approved_by": None,
        "approved_at": None,
        "tally": Tally({"legal": {"accepted": 1}}, {"legal": {"accepted": 1}}, {"law.unknown": 1}),
    }
    return Standing(**(plain | values))


def decision(number: int, **values: Any) -> Decision:
    plain: dict[str, Any] = {
        "kind": "accept",
        "path": "legal.sentences[0]",
        "by": "anna",
        "at": MORNING + timedelta(minutes=number, microseconds=1),
    }
    return Decision(number=number, **(plain | values))


def enter(store: ReviewStore, id_: str, **values: Any) -> ReviewRow:
    entered = row(id_, **values)
    assert store.enter(entered, by="anna")
    found = store.review(id_)
    assert found is not None
    return found


def ids(store: ReviewStore, **query: Any) -> list[str]:
    return [found.id for found in store.queue(QueueQuery(**query)).rows]


# Drafts and the queue


def test_a_row_is_read_as_it_was_entered(store: ReviewStore) -> None:
    entered = row(
        "aaaa1111",
        tags=("b2c", "eu"),
        codes={"law.unknown": 2},
        errors=2,
        risk="high",
        models={"legal": "heron"},
        prompts={"legal": "legal.v1"},
        tally=Tally({"risk": {"undecided": 3}}),
        effective="2026-03-01",
        drafted_at=MORNING + timedelta(microseconds=5),
    )
    assert store.enter(entered, packed=b"packed", by="anna")
    assert store.review("aaaa1111") == entered
    assert store.packed_draft(entered.draft_key) == b"packed"
    assert store.packed_draft("none") is None


def test_a_review_is_found_by_the_start_of_its_id_when_no_other_begins_like_it(store: ReviewStore) -> None:
    enter(store, "aaaa1111")
    enter(store, "aaaa2222")
    assert store.review("aaaa") is None
    assert getattr(store.review("aaaa2"), "id", None) == "aaaa2222"
    assert store.review("aaa") is None
    assert store.review("aaaa%") is None
    assert store.review("%%%%") is None
    assert store.review("____2222") is None


def test_a_draft_is_entered_once_under_whatever_key_it_comes(store: ReviewStore) -> None:
    first = enter(store, "aaaa1111")
    assert not store.enter(replace(first, draft_key="other", title="Other"), packed=b"p", by="bo")
    found = store.review("aaaa1111")
    assert found is not None
    assert (found.draft_key, found.title) == ("key-aaaa1111", "Privacy Policy")
    assert store.draft_keys_not_entered() == []
    assert [line.by for line in store.audit_log()] == ["anna"]


async def test_drafts_of_runs_are_told_until_they_are_entered(place: Place) -> None:
    async with open_store(place) as drafting:
        for run, tags in (("early", ()), ("late", ("eu", "b2c"))):
            await drafting.open_run(run, (), "{}", [Item("shop", "shop.html", tags=tags)])
            await drafting.settle(
                run, "shop", ItemOutcome("drafted", draft_key="k"), draft=b"d" if run == "early" else None
            )
            await drafting.close_run(run, "finished", None)
    with ReviewStore.open(place) as store:
        assert store.draft_keys_not_entered() == [("k", "late", "shop", ("eu", "b2c"))]
        enter(store, "aaaa1111", draft_key="k", run_id="late")
        assert store.draft_keys_not_entered() == []
        assert store.queue(QueueQuery()).runs == {"late": 1}


async def test_a_draft_under_review_is_kept_when_another_comes_under_its_key(place: Place) -> None:
    async with open_store(place) as drafting:
        await drafting.open_run("r", (), "{}", [Item("shop", "shop.html")])
        await drafting.settle("r", "shop", ItemOutcome("drafted", draft_key="k"), draft=b"one")
        with ReviewStore.open(place) as store:
            enter(store, "aaaa1111", draft_key="k")
            # The same once more is nothing new.
            await drafting.settle("r", "shop", ItemOutcome("drafted", draft_key="k"), draft=b"one")
            assert store.draft_keys_not_entered() == []
            await drafting.settle("r", "shop", ItemOutcome("drafted", draft_key="k"), draft=b"two")
            kept = store.review("aaaa1111")
            assert kept is not None
            assert store.packed_draft(kept.draft_key) == b"one"
            assert store.packed_draft("k") == b"two"
            assert [key for key, *_ in store.draft_keys_not_entered()] == ["k"]


def test_a_newer_draft_supersedes_older_ones_that_nobody_has_begun(store: ReviewStore) -> None:
    old, begun, new = (MORNING + timedelta(days=n) for n in (0, 1, 2))
    enter(store, "old", policy="p", drafted_at=old)
    read = enter(store, "begun", policy="p", drafted_at=begun)
    store.append(read, [decision(1)], standing())
    enter(store, "else", policy="q", drafted_at=old)
    enter(store, "new", policy="p", drafted_at=new)
    found = {id_: store.review(id_) for id_ in ("old", "begun", "else", "new")}
    assert {id_: getattr(r, "state", None) for id_, r in found.items()} == {
        "old": "superseded",
        "begun": "in_review",
        "else": "drafted",
        "new": "drafted",
    }
    assert getattr(found["old"], "superseded_by", None) == "begun"
    (line,) = [line for line in store.audit_log() if line.subject == "begun" and line.action == "enter"]
    assert line.detail["superseded"] == "old"


def test_an_older_draft_that_comes_later_is_superseded_as_it_comes(store: ReviewStore) -> None:
    enter(store, "new", policy="p", drafted_at=MORNING)
    late = enter(store, "old", policy="p", drafted_at=MORNING - timedelta(days=1))
    assert (late.state, late.superseded_by) == ("superseded", "new")


def test_the_date_that_a_policy_prints_says_which_version_is_newer_and_only_then_when_it_was_drafted(
    store: ReviewStore,
) -> None:
    july = enter(store, "july", policy="p", effective="2026-07-27", drafted_at=MORNING)
    april = enter(store, "april", policy="p", effective="2026-04-08", drafted_at=MORNING + timedelta(hours=1))
    assert (april.state, april.superseded_by) == ("superseded", "july")
    assert getattr(store.review("july"), "state", None) == "drafted"
    again = enter(store, "again", policy="p", effective="2026-07-27", drafted_at=MORNING + timedelta(hours=2))
    assert again.state == "drafted"
    assert getattr(store.review("july"), "superseded_by", None) == "again"
    undated = enter(store, "undated", policy="p", drafted_at=MORNING - timedelta(hours=1))
    assert (undated.state, undated.superseded_by) == ("superseded", "again")
    assert july.state == "drafted"


def test_approving_an_older_version_leaves_the_newer_ones_as_they_are(store: ReviewStore) -> None:
    later = MORNING + timedelta(hours=1)
    enter(store, "july", policy="p", effective="2026-07-27", state="published", approved_at=MORNING)
    april = enter(store, "april", policy="p", effective="2026-04-08", drafted_at=later)
    store.append(april, [decision(1, kind="approve", path="")], standing(state="approved"), supersede=True)
    assert getattr(store.review("july"), "state", None) == "published"
    assert store.approved_of("p", besides=april) is None
    july = store.review("july")
    assert july is not None
    store.append(july, [decision(1, kind="reopen", path="")], standing(state="in_review"))
    assert getattr(store.approved_of("p", besides=july), "id", None) is None


def publish(store: ReviewStore, id_: str, hours: int, number: int = 1) -> None:
    read = store.review(id_)
    assert read is not None
    at = MORNING + timedelta(hours=hours)
    made = decision(number, kind="publish", path="").model_copy(update={"at": at})
    row_ = PublicationRow(id_, "public", "anna", at, number - 1, {"a.md": "0" * 64})
    store.publish(row_, read, made, standing(state="published"))


def test_what_is_published_of_a_newer_version_replaces_the_older_and_never_the_other_way(
    store: ReviewStore,
) -> None:
    enter(store, "april", policy="p", effective="2026-04-08", state="approved")
    enter(store, "other", policy="q", effective="2026-04-08", state="approved")
    publish(store, "april", 1)
    publish(store, "other", 1)
    enter(store, "july", policy="p", effective="2026-07-27", state="approved")
    publish(store, "july", 2)
    (old,) = store.publications("april")
    (new,) = store.publications("july")
    (other,) = store.publications("other")
    assert (old.replaced_by, old.stands) == ("july", False)
    assert (new.replaced_by, new.stands, other.stands) == (None, True, True)
    with pytest.raises(UsageError, match="newer version of this policy is published"):
        publish(store, "april", 3, number=2)
    assert len(store.publications("april")) == 1
    read = store.review("july")
    assert read is not None
    withdrawal = decision(2, kind="withdraw", path="", reason="wrong")
    store.withdraw(read, [new.number], withdrawal, standing(state="approved"))
    publish(store, "april", 4, number=2)
    assert [p.stands for p in store.publications("april")] == [True, False]


def test_the_order_of_need_is_state_then_errors_then_risk_then_warnings_then_age(store: ReviewStore) -> None:
    wanted: list[tuple[str, dict[str, Any]]] = [
        ("errors-high", {"errors": 1, "high": 1}),
        ("errors-many", {"errors": 9}),
        ("high-warns", {"high": 1, "warnings": 1}),
        ("high-calm", {"high": 5}),
        ("warns-old", {"warnings": 1, "drafted_at": MORNING - timedelta(days=1)}),
        ("warns-begun", {"warnings": 7, "state": "in_review"}),
        ("calm", {}),
        ("approved", {"errors": 9, "high": 9, "warnings": 9, "state": "approved"}),
        ("published", {"errors": 9, "state": "published"}),
        ("superseded", {"errors": 9, "state": "superseded"}),
    ]
    for id_, values in reversed(wanted):
        enter(store, id_, **values)
    assert ids(store) == [id_ for id_, _ in wanted]
    assert ids(store, descending=True) == [id_ for id_, _ in reversed(wanted)]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("title", "cab"),
        ("company", "bca"),
        ("age", "bac"),
        ("risk", "bca"),
        ("findings", "abc"),
        ("state", "abc"),
        ("progress", "acb"),
    ],
)
def test_the_queue_can_be_sorted(store: ReviewStore, sort: SortKey, order: str) -> None:
    day = timedelta(days=1)
    values: dict[str, dict[str, Any]] = {
        "a": {"title": "éclair", "company": "Zeta", "drafted_at": MORNING, "risk": "high", "decided": 1},
        "b": {"title": "Über", "company": "alpha", "drafted_at": MORNING - day, "risk": None, "decided": 9},
        "c": {"title": "eclair", "company": "Beta", "drafted_at": MORNING + day, "risk": "low", "decided": 5},
    }
    values["b"] |= {"state": "in_review", "warnings": 1}
    values["c"] |= {"state": "approved", "errors": 1}
    for id_, told in values.items():
        enter(store, id_, **told)
    found = ids(store, sort=sort)
    if sort == "title":
        # Where accents go is the engine's; capitals go with the others.
        assert set(found) == set(order)
        assert found.index("c") < found.index("b")
        return
    assert "".join(found) == order
    assert "".join(ids(store, sort=sort, descending=True)) == order[::-1]


def test_the_queue_is_searched_by_words_without_regard_to_case_and_wildcards_are_letters(
    store: ReviewStore,
) -> None:
    enter(store, "aaaa", title="Datenschutz ÜBERALL", company="Straße AG")
    enter(store, "bbbb", title="100% privacy_policy", source="https://x.example/a\\b")
    enter(store, "cccc", title="100 privacy policies")
    assert ids(store, text="überall") == ["aaaa"]
    assert ids(store, text="STRASSE datenschutz") == ["aaaa"]
    assert ids(store, text="100%") == ["bbbb"]
    assert ids(store, text="y_p") == ["bbbb"]
    assert ids(store, text="a\\b") == ["bbbb"]
    assert ids(store, text="/") == ["bbbb"]
    assert ids(store, text="cccc") == ["cccc"]
    assert ids(store, text="100 missing") == []
    assert ids(store, text="'; DROP TABLE reviews; --") == []
    assert len(ids(store, text="  ")) == 3


def test_the_queue_is_filtered_counted_and_paged(store: ReviewStore) -> None:
    for n in range(7):
        enter(
            store,
            f"r{n}xx",
            language="de" if n % 2 else "en",
            run_id="run" if n < 3 else None,
            risk="high" if n == 0 else "low",
            codes={"law.unknown": 2, **({"facts.number": 1} if n < 2 else {})},
            drafted_at=MORNING + timedelta(days=n),
        )
    page = store.queue(QueueQuery(language="en", offset=1, limit=2))
    assert [found.id for found in page.rows] == ["r2xx", "r4xx"]
    assert page.total == 4
    assert page.states == {"drafted": 7}
    assert page.languages == {"de": 3, "en": 4}
    assert page.runs == {"run": 3}
    assert page.codes == {"facts.number": 2, "law.unknown": 7}
    assert ids(store, code="facts.number", language="de") == ["r1xx"]
    assert ids(store, run_id="run", risk=("high",)) == ["r0xx"]
    assert ids(store, states=("approved", "published")) == []
    assert ids(store, policy="policy-r3xx") == ["r3xx"]


@pytest.mark.parametrize("descending", [False, True])
def test_the_order_of_need_is_read_from_its_index_and_not_sorted(tmp_path: Path, descending: bool) -> None:
    asked: list[tuple[str, Any]] = []
    with ReviewStore.open(tmp_path / "store.db") as store, store.reading() as connection:
        sql.event.listen(
            connection.engine,
            "before_cursor_execute",
            lambda _, __, statement, parameters, *rest: asked.append((statement, parameters)),
        )
        store.queue(QueueQuery(descending=descending))
        ((statement, parameters),) = [(s, p) for s, p in asked if "ORDER BY reviews.need" in s]
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
    assert "reviews_by_need" in plan
    assert "TEMP B-TREE" not in plan


def test_what_postgresql_cannot_keep_is_replaced_in_what_a_policy_says(store: ReviewStore) -> None:
    found = enter(store, "aaaa1111", title="no\0thing \ud800 here", tags=("a\0b",))
    assert found.title == "no\N{REPLACEMENT CHARACTER}thing ? here"
    assert found.tags == ("a\0b",)
    assert ids(store, text="no\0thing") == ["aaaa1111"]
    assert store.user("a\0b") is None
    assert store.session("\ud800", MORNING) is None


# Decisions


def test_decisions_are_read_as_they_were_made(store: ReviewStore) -> None:
    read = enter(store, "aaaa1111")
    made = [
        decision(
            1,
            act=1,
            kind="edit",
            before={"text": "a\0\ud800", "evidence": []},
            after={"text": "ä"},
            reason="why",
        ),
        decision(2, act=1, kind="dismiss", path="", after={"finding": "x"}, carried_from="bbbb:3"),
    ]
    store.append(read, made, standing())
    undo = decision(3, kind="undo", undoes=2, by="bo")
    found = store.review("aaaa1111")
    assert found is not None
    store.append(found, [undo], standing(codes={}, errors=0))
    assert store.decisions("aaaa1111") == [*made, undo]
    after = store.review("aaaa1111")
    assert after is not None
    assert (after.last_number, after.changed_at, after.state, after.errors) == (
        3,
        undo.at,
        "in_review",
        0,
    )
    assert after.tally == standing().tally
    assert store.queue(QueueQuery()).codes == {}


def test_who_read_an_older_state_keeps_nothing(store: ReviewStore) -> None:
    read = enter(store, "aaaa1111")
    store.append(read, [decision(1)], standing())
    with pytest.raises(StaleError):
        store.append(read, [decision(1, by="bo")], standing())
    assert [d.by for d in store.decisions("aaaa1111")] == ["anna"]
    assert [line.by for line in store.audit_log(subject="aaaa1111")] == ["anna", "anna"]
    with pytest.raises(StaleError):
        store.append(row("gone", last_number=0), [decision(1)], standing())


def test_who_read_a_draft_before_it_was_superseded_does_not_bring_it_back(store: ReviewStore) -> None:
    read = enter(store, "old", policy="p")
    enter(store, "new", policy="p", drafted_at=MORNING + timedelta(days=1))
    with pytest.raises(StaleError):
        store.append(read, [decision(1)], standing())
    with pytest.raises(StaleError):
        store.note_standing(read, standing())
    assert getattr(store.review("old"), "state", None) == "superseded"


def test_of_many_that_decide_at_once_each_number_is_given_once(store: ReviewStore) -> None:
    enter(store, "aaaa1111")

    def decide(who: str) -> int:
        kept = 0
        while kept < 5:
            read = store.review("aaaa1111")
            assert read is not None
            try:
                store.append(read, [decision(read.last_number + 1, by=who)], standing())
            except StaleError:
                continue
            kept += 1
        return kept

    with ThreadPoolExecutor(6) as people:
        assert list(people.map(decide, "abcdef")) == [5] * 6
    made = store.decisions("aaaa1111")
    assert [d.number for d in made] == list(range(1, 31))
    assert sorted(d.by for d in made) == sorted("abcdef" * 5)
    assert store.check_audit(anew=True).broken is None
    assert len(store.audit_log()) == 31


def test_an_approval_supersedes_older_reviews_of_the_policy_in_any_state(store: ReviewStore) -> None:
    day = timedelta(days=1)
    for n, state in enumerate(("published", "in_review", "approved", "drafted")):
        at = MORNING + n * day
        enter(store, f"p{n}", policy="p", state=state, drafted_at=at, approved_at=at if n == 0 else None)
    read = store.review("p2")
    assert read is not None
    store.append(read, [decision(1, kind="approve", path="")], standing(state="approved"), supersede=True)
    states = [getattr(store.review(f"p{n}"), "state", None) for n in range(4)]
    assert states == ["superseded", "superseded", "approved", "drafted"]
    (line,) = store.audit_log(limit=1)
    assert line.detail["superseded"] == "p0 p1"


def test_the_newest_approval_of_a_policy_is_found(store: ReviewStore) -> None:
    day = timedelta(days=1)
    for n, state in enumerate(("superseded", "approved", "drafted", "in_review")):
        at = MORNING + n * day
        enter(store, f"p{n}", policy="p", state=state, drafted_at=at, approved_at=at if n < 2 else None)
    rows = {n: store.review(f"p{n}") for n in range(4)}

    def found(besides: int | None = None) -> str | None:
        return getattr(store.approved_of("p", besides=None if besides is None else rows[besides]), "id", None)

    assert (found(), found(3), found(1), found(0)) == ("p1", "p1", "p0", None)
    assert store.approved_of("q") is None


@pytest.mark.parametrize("table", ["decisions", "audit"])
@pytest.mark.parametrize("change", ["UPDATE {} SET number = number + 100", "DELETE FROM {}"])
def test_decisions_and_the_audit_log_only_grow(store: ReviewStore, table: str, change: str) -> None:
    store.append(enter(store, "aaaa1111"), [decision(1)], standing())
    before = (store.decisions("aaaa1111"), store.audit_log())
    with (
        pytest.raises(StoreError, match="only grow"),
        store.writing() as connection,
    ):
        connection.execute(sql.text(change.format(table)))
    assert (store.decisions("aaaa1111"), store.audit_log()) == before


@pytest.mark.parametrize("table", ["decisions", "audit"])
def test_sqlite_does_not_replace_a_decision_or_a_line_either(tmp_path: Path, table: str) -> None:
    with ReviewStore.open(tmp_path / "store.db") as store:
        store.append(enter(store, "aaaa1111"), [decision(1)], standing())
        with pytest.raises(StoreError, match="only grow"), store.writing() as connection:
            connection.execute(sql.text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))


# Publications


def test_publications_are_kept_and_withdrawn_with_their_decisions(store: ReviewStore) -> None:
    read = enter(store, "aaaa1111", state="approved")
    row_ = PublicationRow("aaaa1111", "public", "bo", MORNING, 0, {"a.md": "00ff"})
    store.publish(row_, read, decision(1, kind="publish", path=""), standing(state="published"))
    (kept,) = store.publications()
    assert kept == replace(row_, number=1)
    read = store.review("aaaa1111")
    assert read is not None
    gone = decision(2, kind="withdraw", path="", reason="wrong")
    store.withdraw(read, [1], gone, standing(state="approved"))
    (kept,) = store.publications("aaaa1111")
    assert kept.withdrawn_at == gone.at
    assert store.publications("other") == []
    assert [line.action for line in store.audit_log()] == ["withdraw", "publish", "enter"]
    with pytest.raises(StaleError):
        store.publish(row_, read, decision(2, kind="publish", path=""), standing())
    assert len(store.publications()) == 1


# People


ANNA = UserRow("anna", "$argon2id$one", "editor", MORNING)


def session(token: str, user: str = "anna", hours: int = 8) -> SessionRow:
    return SessionRow(token, user, "editor", "csrf", MORNING, MORNING, MORNING + timedelta(hours=hours))


def test_people_are_added_changed_and_disabled(store: ReviewStore) -> None:
    store.put_user(ANNA, "root")
    store.put_user(UserRow("bo", "h", "reader", MORNING), "root")
    store.put_user(replace(ANNA, role="publisher"), "root")
    assert [(u.name, u.role) for u in store.users()] == [("anna", "publisher"), ("bo", "reader")]
    assert store.disable_user("anna", "root")
    assert not store.disable_user("anna", "root")
    assert not store.disable_user("nobody", "root")
    assert getattr(store.user("anna"), "disabled_at", None) is not None
    assert store.user("nobody") is None
    assert [(a.action, a.subject) for a in store.audit_log()] == [
        ("disable user", "anna"),
        ("change user", "anna"),
        ("add user", "bo"),
        ("add user", "anna"),
    ]


def test_a_session_holds_until_its_end_with_the_role_of_now(store: ReviewStore) -> None:
    store.put_user(ANNA, "root")
    store.open_session(session("t1"))
    hour = timedelta(hours=1)
    assert store.session("t1", MORNING) == session("t1")
    assert store.session("t2", MORNING) is None
    store.put_user(replace(ANNA, role="publisher"), "root")
    assert getattr(store.session("t1", MORNING), "role", None) == "publisher"
    assert store.session("t1", MORNING + 8 * hour) is None
    store.touch_session("t1", MORNING + 7 * hour, MORNING + 15 * hour)
    assert store.session("t1", MORNING + 8 * hour) is not None


def test_sessions_end_with_a_new_password_with_the_account_and_when_they_are_closed(
    store: ReviewStore,
) -> None:
    store.put_user(ANNA, "root")

    def left(*tokens: str) -> list[str]:
        return [token for token in tokens if store.session(token, MORNING)]

    for token in ("t1", "t2", "t3"):
        store.open_session(session(token))
    store.close_session("t1")
    assert left("t1", "t2", "t3") == ["t2", "t3"]
    store.put_user(replace(ANNA, password_hash="$argon2id$two"), "root")
    assert left("t2", "t3") == []
    store.open_session(session("t4"))
    store.close_sessions_of("anna")
    assert left("t4") == []
    store.open_session(session("t5"))
    store.disable_user("anna", "root")
    assert left("t5") == []
    store.put_user(replace(ANNA, password_hash="$argon2id$two"), "root")
    assert left("t5") == []


def test_a_session_of_nobody_is_refused(store: ReviewStore) -> None:
    with pytest.raises(StoreError):
        store.open_session(session("t1", user="nobody"))


def test_failures_of_a_name_are_cleared_by_success_and_those_of_an_address_are_not(
    store: ReviewStore,
) -> None:
    minute = timedelta(minutes=1)
    for n in range(3):
        store.note_login("anna", "10.0.0.1", MORNING + n * minute, ok=False)
    store.note_login("bo\0", "10.0.0.1", MORNING + 3 * minute, ok=False)
    assert store.failures_since("anna", "10.0.0.1", MORNING) == (3, 4)
    assert store.failures_since("anna", "10.0.0.2", MORNING + 2 * minute) == (1, 0)
    assert store.failures_since("bo\0", "", MORNING) == (1, 0)
    store.note_login("anna", "10.0.0.1", MORNING + 4 * minute, ok=True)
    assert store.failures_since("anna", "10.0.0.1", MORNING) == (0, 4)
    store.note_login("anna", "10.0.0.1", MORNING + timedelta(days=3), ok=False)
    assert store.failures_since("anna", "10.0.0.1", MORNING) == (1, 1)


# The audit log


def test_the_audit_log_is_read_in_parts_and_by_subject(store: ReviewStore) -> None:
    for n in range(5):
        store.audit("anna", "look", f"s{n % 2}", {"n": str(n), "a": "ü\0"})
    assert [line.number for line in store.audit_log(limit=2)] == [5, 4]
    assert [line.number for line in store.audit_log(before=3)] == [2, 1]
    assert [line.detail["n"] for line in store.audit_log(subject="s1")] == ["3", "1"]
    assert store.check_audit(anew=True).broken is None


HARM = [
    ("UPDATE audit SET noted_by = 'mallory' WHERE number = 3", 3),
    ("UPDATE audit SET detail = '{}' WHERE number = 2", 2),
    ("DELETE FROM audit WHERE number = 2", 3),
    ("DELETE FROM audit WHERE number = 1", 2),
    ("UPDATE audit SET noted_at = '2020-01-01T00:00:00.000000+00:00' WHERE number = 5", 5),
]


@pytest.mark.parametrize(("harm", "shown"), HARM)
def test_a_line_that_was_changed_or_taken_out_shows(store: ReviewStore, harm: str, shown: int) -> None:
    for n in range(5):
        store.audit("anna", "look", "s", {"n": str(n)})
    harm_audit(store, harm)
    assert store.check_audit(anew=True).broken == shown
    # Also to whoever reads these lines alone.
    assert store.broken_among(store.audit_log()) == shown


@pytest.mark.parametrize(("harm", "shown"), HARM)
def test_what_was_changed_since_a_check_shows_when_all_lines_are_read_again_or_it_is_looked_at(
    store: ReviewStore, harm: str, shown: int
) -> None:
    for n in range(5):
        store.audit("anna", "look", "s", {"n": str(n)})
    assert store.check_audit().broken is None
    harm_audit(store, harm)
    store.audit("anna", "look", "s", {})
    looked_at = [line for line in store.audit_log() if line.number == shown]
    assert store.broken_among(looked_at) == shown
    found = store.check_audit(anew=True)
    assert (found.broken, found.number) == (shown, shown - 1 if "DELETE" not in harm else shown - 2)
    # It is not forgotten until it is mended.
    assert store.check_audit().broken == shown


def test_a_check_reads_only_what_was_added_since_the_one_before(
    store: ReviewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        store.audit("anna", "look", "s", {"n": str(n)})
    first = store.check_audit()
    assert (first.broken, first.number, first.sha256) == (None, 5, store.audit_log()[0].sha256)
    read: list[int] = []
    chained = review_audit._chained
    monkeypatch.setattr(
        review_audit, "_chained", lambda before, row: read.append(row.number) or chained(before, row)
    )
    assert store.check_audit() == first
    assert read == []
    store.audit("anna", "look", "s", {})
    read.clear()
    second = store.check_audit()
    assert (second.number, second.whole_at, read) == (6, first.whole_at, [6])
    read.clear()
    third = store.check_audit(anew=True)
    assert (third.number, read) == (6, [1, 2, 3, 4, 5, 6])
    assert third.whole_at > first.whole_at


def test_a_log_that_was_cut_off_or_written_anew_after_a_check_shows_against_it(store: ReviewStore) -> None:
    for n in range(5):
        store.audit("anna", "look", "s", {"n": str(n)})
    noted = store.check_audit()
    harm_audit(store, "DELETE FROM audit WHERE number > 3")
    assert store.check_audit().broken == 5
    # By itself what is left is whole; only who noted the end of it knows better.
    for n in range(3):
        store.audit("mallory", "look", "s", {"n": str(n)})
    assert store.check_audit(anew=True).broken is None
    assert not store.has_audit_line(noted.number, noted.sha256)
    assert store.has_audit_line(3, store.audit_log(before=4, limit=1)[0].sha256)


def test_an_empty_log_is_whole(store: ReviewStore) -> None:
    for _ in range(2):
        assert (store.check_audit().broken, store.check_audit().number) == (None, 0)
    assert store.broken_among([]) is None
    store.audit("anna", "look", "s", {})
    assert store.check_audit().number == 1


# Time at work


def test_minutes_at_work_are_counted_once_each(store: ReviewStore) -> None:
    enter(store, "aaaa1111")
    enter(store, "bbbb1111")
    for seconds in (0, 20, 40, 70):
        store.note_presence("aaaa1111", "anna", MORNING + timedelta(seconds=seconds))
    store.note_presence("aaaa1111", "bo", MORNING)
    store.note_presence("bbbb1111", "bo", MORNING)
    assert store.minutes() == {"aaaa1111": {"anna": 2, "bo": 1}, "bbbb1111": {"bo": 1}}
    assert store.minutes("bbbb1111") == {"bbbb1111": {"bo": 1}}
    assert store.working("aaaa1111", MORNING) == ["anna", "bo"]
    assert store.working("aaaa1111", MORNING + timedelta(minutes=1)) == ["anna"]


# Opening


def test_reviews_need_a_store_that_stays() -> None:
    with pytest.raises(UsageError, match="name a file"):
        ReviewStore.open(IN_MEMORY)


def test_a_file_that_is_no_store_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_text("not a database, and long enough to be read as one" * 30)
    with pytest.raises(StoreError, match="cannot be opened"):
        ReviewStore.open(path)


async def test_reviews_can_be_opened_while_an_event_loop_runs(place: Place) -> None:
    with ReviewStore.open(place) as store:
        assert store.queue(QueueQuery()).total == 0


def test_what_is_wrong_with_the_store_is_told_without_its_values(place: Place) -> None:
    with ReviewStore.open(place) as store:
        with store.writing() as connection:
            connection.execute(sql.text("DROP TABLE presence"))
        with pytest.raises(StoreError, match="cannot be written") as caught:
            store.note_presence("secret-review", "anna", MORNING)
    assert "secret-review" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_secret_of_the_server_is_not_in_the_name(place: Place) -> None:
    with ReviewStore.open(place) as store:
        assert store.name == (place.name if not isinstance(place, Path) else str(place))


def test_json_is_kept_as_ascii_so_that_any_text_can_be_kept() -> None:
    kept = tables.Json().process_bind_param({"a": "\0\ud800ü"}, sql.dialects.sqlite.dialect())
    assert kept is not None
    assert kept.isascii()
    assert json.loads(kept) == {"a": "\0\ud800ü"}
