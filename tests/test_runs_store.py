"""What the store keeps of runs: calls, items, drafts, and who waits for whom."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.store.records import CallBegun, CallEnded, Item, ItemOutcome
from pipeline.store.sqlite import IN_MEMORY, SqliteStore
from schemas.draft import Usage

ITEMS = [Item("a", "a.md"), Item("b", "b.md", title="B", tags=("x",)), Item("c", "c.md")]
CALL = CallBegun("run", "a", "key", "request", "legal.v1", "m", most_tokens=900, most_usd=0.5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "store.db") as opened:
        yield opened


async def opened(store: SqliteStore) -> None:
    await store.open_run("run", ["clausewise", "batch"], "{}", ITEMS)


def usage(prompt: int | None, completion: int | None) -> Usage:
    return Usage(prompt_tokens=prompt, cached_tokens=None, completion_tokens=completion)


async def states(store: SqliteStore) -> dict[str, tuple[str, str | None]]:
    return {row.item.id: (row.outcome.state, row.outcome.linked_to) for row in await store.items("run")}


async def test_items_keep_their_order_and_what_is_told_of_them(store: SqliteStore) -> None:
    await opened(store)
    assert [row.item for row in await store.items("run")] == ITEMS
    assert await states(store) == dict.fromkeys("abc", ("waiting", None))


async def test_run_that_goes_on_keeps_what_it_knows_and_forgets_what_is_gone(store: SqliteStore) -> None:
    await opened(store)
    await store.settle("run", "b", ItemOutcome("failed", reason="no.", source_key="s"))
    await store.settle("run", "c", ItemOutcome("failed", reason="no."))
    await store.open_run("run", ["again"], "{}", [Item("d", "d.md"), replace(ITEMS[1], title="New")])
    rows = await store.items("run")
    assert [(row.item.id, row.outcome.state) for row in rows] == [("d", "waiting"), ("b", "failed")]
    assert rows[1].item.title == "New"
    assert rows[1].outcome.source_key == "s"


async def test_draft_and_outcome_are_kept_together(store: SqliteStore) -> None:
    await opened(store)
    outcome = ItemOutcome("drafted", source_key="s", document_key="d", draft_key="s", errors=1, notes=2)
    await store.settle("run", "a", outcome, draft=b"packed")
    assert await store.has_draft("s")
    assert await store.draft("s") == b"packed"
    assert (await store.items("run"))[0].outcome == outcome
    assert not await store.has_draft("t")


async def test_equal_documents_are_drafted_once_and_linked(store: SqliteStore) -> None:
    await opened(store)
    first = await store.claim("run", "a", "sa", "same")
    second = await store.claim("run", "b", "sb", "same")
    assert (first.state, first.linked_to) == ("waiting", None)
    assert (second.state, second.linked_to) == ("waiting", "a")
    drafted = ItemOutcome("drafted", source_key="sa", document_key="same", draft_key="sa", warnings=3)
    assert await store.settle("run", "a", drafted, draft=b"x") == ["b"]
    third = await store.claim("run", "c", "sc", "same")
    assert await states(store) == {"a": ("drafted", None), "b": ("linked", "a"), "c": ("linked", "a")}
    assert (third.draft_key, third.warnings, third.source_key) == ("sa", 3, "sc")


async def test_of_many_that_claim_a_document_at_once_one_gets_it(store: SqliteStore) -> None:
    await opened(store)
    claimed = await asyncio.gather(*(store.claim("run", id_, id_, "same") for id_ in "abc"))
    assert [outcome.linked_to for outcome in claimed].count(None) == 1


async def test_who_claims_a_document_again_keeps_it(store: SqliteStore) -> None:
    await opened(store)
    await store.claim("run", "a", "sa", "same")
    await store.claim("run", "b", "sb", "same")
    assert (await store.claim("run", "a", "sa", "same")).linked_to is None


async def test_followers_fail_with_the_one_they_follow_and_say_so(store: SqliteStore) -> None:
    await opened(store)
    await store.claim("run", "a", "sa", "same")
    await store.claim("run", "b", "sb", "same")
    assert await store.settle("run", "a", ItemOutcome("failed", reason="No answer.", kind="ModelError")) == [
        "b"
    ]
    row = (await store.items("run"))[1]
    assert row.outcome.state == "failed"
    assert row.outcome.reason == "The same document as a, which failed: No answer."


async def test_failed_items_that_are_retried_find_out_anew_who_has_their_document(store: SqliteStore) -> None:
    await opened(store)
    await store.claim("run", "a", "sa", "same")
    await store.claim("run", "b", "sb", "same")
    await store.settle("run", "a", ItemOutcome("failed", reason="No.", document_key="same"))
    await store.retry_failed("run")
    assert await states(store) == dict.fromkeys("abc", ("waiting", None))
    assert (await store.claim("run", "b", "sb", "same")).linked_to is None
    assert (await store.claim("run", "a", "sa", "same")).linked_to == "b"


async def test_followers_of_a_document_that_became_another_are_let_go(store: SqliteStore) -> None:
    await opened(store)
    await store.claim("run", "a", "sa", "old")
    await store.claim("run", "b", "sb", "old")
    await store.claim("run", "a", "sa2", "new")
    assert (await states(store))["b"] == ("waiting", None)
    assert (await store.claim("run", "b", "sb", "old")).linked_to is None


async def test_call_without_an_outcome_counts_as_in_flight_and_at_its_most(store: SqliteStore) -> None:
    await opened(store)
    number = await store.begin_call(CALL)
    spent = await store.spent("run")
    assert (spent.calls, spent.unknown, spent.in_flight) == (1, 1, 1)
    assert (spent.tokens, spent.unknown_tokens, spent.unknown_usd) == (0, 900, 0.5)
    await store.end_call(number, CallEnded("answered", None, "m-1", usage(100, 20), 0.25))
    await store.begin_call(replace(CALL, run_id="other"))
    spent = await store.spent("run")
    assert (spent.calls, spent.tokens, spent.cost_usd, spent.unknown, spent.unpriced) == (1, 120, 0.25, 0, 0)


async def test_costs_are_told_by_model_stage_prompt_and_day(store: SqliteStore) -> None:
    await opened(store)
    for kind, tokens, cost in (("legal.v1", 10, 0.5), ("legal.v1", 20, None), ("risk.v2", 5, 1.0)):
        number = await store.begin_call(replace(CALL, kind=kind))
        await store.end_call(number, CallEnded("answered", None, None, usage(tokens, 1), cost))
    legal, risk = await store.costs("run")
    assert (legal.stage, legal.prompt, legal.model) == ("legal", "legal.v1", "m")
    assert (legal.spent.calls, legal.spent.prompt_tokens, legal.spent.cost_usd) == (2, 30, 0.5)
    assert legal.spent.unpriced == 1
    assert (risk.stage, risk.spent.cost_usd) == ("risk", 1.0)
    assert await store.costs("nothing") == []
    assert await store.costs() == [legal, risk]


async def test_bill_of_a_run_that_is_finished_begins_anew_and_that_of_one_that_was_stopped_goes_on(
    store: SqliteStore,
) -> None:
    await opened(store)
    await store.begin_call(CALL)
    await store.close_run("run", "stopped", "enough")
    assert (await store.open_run("run", [], "{}", ITEMS)).reason == "enough"
    assert (await store.spent("run")).calls == 1
    await store.close_run("run", "finished", None)
    assert (await store.open_run("run", [], "{}", ITEMS)).state == "finished"
    assert (await store.spent("run")).calls == 0
    assert (await store.spent("run", whole=True)).calls == 1


async def test_answers_are_measured_by_kind(store: SqliteStore) -> None:
    for tokens in (10, 30):
        number = await store.begin_call(replace(CALL, key=str(tokens)))
        await store.end_call(number, CallEnded("answered", None, None, usage(5, tokens), None))
    measured = (await store.measured("m"))["legal.v1"]
    assert (measured.calls, measured.stages, measured.mean_completion, measured.deviation) == (
        2,
        2,
        20.0,
        10.0,
    )


async def test_replies_are_remembered_until_their_stage_is_saved(store: SqliteStore) -> None:
    await store.remember("key", "r1", lambda: "{}")
    assert await store.recall("r1") == "{}"
    await store.save("key", "legal", "a", "r")
    assert await store.recall("r1") is None


async def test_second_process_cannot_work_on_the_same_run(store: SqliteStore) -> None:
    await opened(store)
    with SqliteStore(store.path) as other:
        with pytest.raises(StoreError, match="Another process works on the run"):
            await other.open_run("run", [], "{}", ITEMS)
        await other.open_run("another", [], "{}", ITEMS)
    await store.close_run("run", "finished", None)
    with SqliteStore(store.path) as other:
        await other.open_run("run", [], "{}", ITEMS)


async def test_runs_are_listed_the_newest_first_with_their_counts(store: SqliteStore) -> None:
    await opened(store)
    await store.settle("run", "a", ItemOutcome("drafted"))
    await store.open_run("later", ["x"], '{"model": "m"}', ITEMS[:1])
    later, run = await store.runs()
    assert (later.id, later.command, later.items) == ("later", ("x",), {"waiting": 1})
    assert run.items == {"drafted": 1, "waiting": 2}


async def test_many_writes_at_once_all_are_on_disk_when_they_return(store: SqliteStore) -> None:
    await asyncio.gather(*(store.save(f"k{n}", "legal", str(n), "r") for n in range(300)))
    with closing(sqlite3.connect(store.path)) as connection:
        assert connection.execute("SELECT count(*) FROM stages").fetchone() == (300,)


async def test_write_that_nobody_waits_for_any_more_is_made_all_the_same(store: SqliteStore) -> None:
    task = asyncio.ensure_future(store.save("k", "legal", "a", "r"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await store.save("other", "legal", "a", "r")
    assert await store.load("k") is not None


async def test_failed_write_is_told_to_whoever_waits_and_to_all_after_it(store: SqliteStore) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("DROP TABLE replies")
    with pytest.raises(StoreError, match="cannot be written"):
        await store.remember("k", "r", lambda: "{}")
    with pytest.raises(StoreError, match="cannot be written"):
        await store.begin_call(CALL)


async def test_store_in_memory_can_do_the_same() -> None:
    with SqliteStore(IN_MEMORY) as store:
        await opened(store)
        await store.claim("run", "a", "sa", "d")
        await store.settle("run", "a", ItemOutcome("drafted", draft_key="k"), draft=b"x")
        assert await store.draft("k") == b"x"
