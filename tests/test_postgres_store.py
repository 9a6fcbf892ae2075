"""The store on PostgreSQL keeps what the Protocol promises, between processes too."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from pipeline.errors import StoreError
from pipeline.settings import Server
from pipeline.store.postgres import PostgresStore
from pipeline.store.postgres_schema import STEPS
from pipeline.store.records import CallBegun, CallEnded, Item, ItemOutcome
from schemas.draft import Usage


def at(url: str) -> Server:
    return Server(url=SecretStr(url))


@pytest.fixture
async def store(database: str) -> AsyncIterator[PostgresStore]:
    async with PostgresStore(at(database)) as opened:
        yield opened


def items(*names: str) -> list[Item]:
    return [Item(name, f"{name}.md") for name in names]


def call(run_id: str, tokens: int = 100) -> CallBegun:
    return CallBegun(run_id, "a", "key", "digest", "legal.v1", "scripted", tokens, 0.5)


ANSWERED = CallEnded(
    "answered", None, "told", Usage(prompt_tokens=70, cached_tokens=10, completion_tokens=20), 0.25
)


async def test_a_saved_stage_is_found_by_another_connection(database: str) -> None:
    async with PostgresStore(at(database)) as store:
        await store.save("k1", "legal", "old", "{}")
        await store.save("k1", "legal", '{"a": 1}', '{"b": 2}')
    async with PostgresStore(at(database)) as store:
        found = await store.load("k1")
        assert found is not None
        assert (found.answer, found.record) == ('{"a": 1}', '{"b": 2}')
        assert await store.load("k2") is None


async def test_replies_are_forgotten_when_their_stage_is_saved(store: PostgresStore) -> None:
    await store.remember("k1", "d1", lambda: "first")
    await store.remember("k1", "d1", lambda: "second")
    await store.remember("k2", "d2", lambda: "other")
    assert await store.recall("d1") == "second"
    await store.save("k1", "risk", "a", "{}")
    assert (await store.recall("d1"), await store.recall("d2")) == (None, "other")


async def test_what_calls_cost_is_counted_and_what_is_unknown_said(store: PostgresStore) -> None:
    await store.open_run("r", ("clausewise",), "{}", items("a"))
    first = await store.begin_call(call("r"))
    await store.begin_call(call("r", tokens=1000))
    await store.end_call(first, ANSWERED)
    spent = await store.spent("r")
    assert (spent.calls, spent.tokens, spent.cached_tokens, spent.cost_usd) == (2, 90, 10, 0.25)
    assert (spent.in_flight, spent.unknown, spent.unknown_tokens, spent.unknown_usd) == (1, 1, 1000, 0.5)
    (told, other) = await store.costs("r")
    assert {told.model, other.model} == {"told", "scripted"}
    assert (told.stage, told.prompt) == ("legal", "legal.v1")
    measured = (await store.measured("told"))["legal.v1"]
    assert (measured.calls, measured.mean_completion, measured.deviation) == (1, 20.0, 0.0)
    await store.close_run("r", "finished", None)
    await store.open_run("r", ("clausewise",), "{}", items("a"))
    assert (await store.spent("r")).calls == 0
    assert (await store.spent("r", whole=True)).calls == 2


async def test_a_run_keeps_what_is_known_of_items_that_stay(store: PostgresStore) -> None:
    before = await store.open_run("r", ("clausewise", "batch"), "{}", items("a", "b", "c"))
    assert before.state == "running"
    await store.settle("r", "a", ItemOutcome("drafted", draft_key="d", errors=2), draft=b"packed")
    await store.settle("r", "b", ItemOutcome("failed", reason="no\0thing"))
    await store.close_run("r", "stopped", "because")
    before = await store.open_run("r", ("clausewise", "again"), "{}", items("d", "b", "a"))
    assert (before.state, before.reason, before.command) == ("stopped", "because", ("clausewise", "batch"))
    rows = await store.items("r")
    assert [(row.item.id, row.outcome.state) for row in rows] == [
        ("d", "waiting"),
        ("b", "failed"),
        ("a", "drafted"),
    ]
    assert rows[1].outcome.reason == "no\N{REPLACEMENT CHARACTER}thing"
    assert await store.draft("d") == b"packed"
    assert await store.has_draft("d")
    await store.retry_failed("r")
    (run,) = await store.runs()
    assert (run.items, run.state) == ({"waiting": 2, "drafted": 1}, "running")


async def test_of_many_that_claim_a_document_at_once_one_gets_it_and_the_others_end_as_it_ends(
    database: str,
) -> None:
    names = [f"i{number}" for number in range(12)]
    async with (
        PostgresStore(at(database), shared=True) as one,
        PostgresStore(at(database), shared=True) as two,
    ):
        await one.open_run("r", (), "{}", items(*names))
        claims = await asyncio.gather(
            *((one, two)[number % 2].claim("r", name, "s", "same") for number, name in enumerate(names))
        )
        own = [name for name, claimed in zip(names, claims, strict=True) if claimed.linked_to is None]
        assert len(own) == 1
        followers = await two.settle("r", own[0], ItemOutcome("drafted", document_key="same"))
        assert sorted([*followers, *own]) == sorted(names)
        assert {row.outcome.state for row in await one.items("r")} == {"drafted", "linked"}


async def test_no_claim_slips_between_an_outcome_and_those_who_wait_for_it(database: str) -> None:
    async with (
        PostgresStore(at(database), shared=True) as one,
        PostgresStore(at(database), shared=True) as two,
    ):
        for number in range(20):
            await one.open_run(f"r{number}", (), "{}", items("a", "b"))
            assert (await one.claim(f"r{number}", "a", "s", "same")).linked_to is None
            await asyncio.gather(
                one.settle(f"r{number}", "a", ItemOutcome("drafted", document_key="same")),
                two.claim(f"r{number}", "b", "s", "same"),
            )
            assert [row.outcome.state for row in await one.items(f"r{number}")] == ["drafted", "linked"]


async def test_items_that_waited_for_another_document_are_let_go(store: PostgresStore) -> None:
    await store.open_run("r", (), "{}", items("a", "b"))
    await store.claim("r", "a", "s", "same")
    assert (await store.claim("r", "b", "s", "same")).linked_to == "a"
    await store.claim("r", "a", "s", "changed")
    assert (await store.claim("r", "b", "s", "same")).linked_to is None


async def test_a_run_is_one_process_s_or_shared_by_those_that_share(database: str) -> None:
    async with PostgresStore(at(database)) as alone:
        await alone.open_run("r", (), "{}", items("a"))
        async with PostgresStore(at(database)) as other:
            with pytest.raises(StoreError, match="Another process works on the run r"):
                await other.open_run("r", (), "{}", items("a"))
        async with PostgresStore(at(database), shared=True) as sharing:
            with pytest.raises(StoreError, match="Another process"):
                await sharing.hold("r")
            await alone.close_run("r", "stopped", None)
            await sharing.hold("r")
            async with PostgresStore(at(database), shared=True) as too:
                await too.hold("r")
            with pytest.raises(StoreError, match="Another process"):
                await alone.open_run("r", (), "{}", items("a"))


async def test_what_was_begun_is_written_when_whoever_waits_is_cancelled(database: str) -> None:
    async with PostgresStore(at(database)) as store:
        task = asyncio.ensure_future(store.save("k", "risk", "a", "{}"))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with PostgresStore(at(database)) as store:
        assert await store.load("k") is not None


async def test_many_that_open_a_new_database_at_once_find_one_schema(database: str) -> None:
    async def opened() -> None:
        async with PostgresStore(at(database)) as store:
            await store.load("k")

    await asyncio.gather(*(opened() for _ in range(6)))


async def test_a_store_of_a_newer_clausewise_is_refused(database: str) -> None:
    import psycopg

    async with PostgresStore(at(database)):
        pass
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE clausewise.version SET taken = %s", (len(STEPS) + 1,))
    with pytest.raises(StoreError, match="made by a newer Clausewise"):
        async with PostgresStore(at(database)):
            pass


async def test_a_server_that_is_not_there_is_one_sentence_without_the_password() -> None:
    with pytest.raises(StoreError, match=r"postgresql://127\.0\.0\.1:1/x cannot be opened") as told:
        async with PostgresStore(at("postgresql://me:s3cret@127.0.0.1:1/x")):
            pass
    assert "s3cret" not in str(told.value)
