"""What workers share on PostgreSQL: the pace of an endpoint, a run's budget, and who has an item."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from pipeline.errors import StoreError
from pipeline.settings import Server
from pipeline.store.fleet import FleetStore, Gift, Pace, Said
from pipeline.store.postgres import PostgresStore
from pipeline.store.records import Item, ItemOutcome, Spent

Two = tuple[FleetStore, FleetStore]


@pytest.fixture
async def two(database: str) -> AsyncIterator[Two]:
    """Two processes, as far as the server sees."""
    place = Server(url=SecretStr(database))
    async with FleetStore(place) as one, FleetStore(place) as other:
        for run_id in ("r", "s"):
            await one.order(run_id, "{}")
            await one.open_run(run_id, (), "{}", [Item("a", "a.md"), Item("b", "b.md")])
        yield one, other


def said(**told: object) -> Said:
    silence = {
        "answered": True,
        "corrected": 0.0,
        "told_requests": None,
        "told_tokens": None,
        "wait": None,
        "limited": False,
        "retry_after": None,
        "sent_at": 0.0,
    }
    return Said(**(silence | told))  # type: ignore[arg-type]


async def paced(two: Two, requests: int | None = None, tokens: int | None = None) -> Pace:
    pace = Pace("endpoint model", requests, tokens)
    for store in two:
        await store.open_pace(pace)
    return pace


async def turns(two: Two, pace: Pace, count: int, needs: float = 0.0) -> list[float]:
    """When the next requests may be sent, of each process by turns, by the server's clock from the first on."""
    taken = [await two[number % 2].take_turn(pace, "r", needs) for number in range(count)]
    at = [turn.at + turn.wait for turn in taken]
    return [round(one - at[0], 2) for one in at]


async def test_requests_of_all_are_spread_evenly_below_the_limit(two: Two) -> None:
    assert await turns(two, await paced(two, requests=60), 4) == [0.0, 1.02, 2.03, 3.05]


async def test_tokens_of_all_are_too_and_corrected_by_what_was_taken(two: Two) -> None:
    pace = await paced(two, tokens=6_000)
    assert await turns(two, pace, 3, needs=985) == [0.0, 10.0, 20.0]
    await two[1].hear(pace, said(corrected=-985.0))
    first, second = await turns(two, pace, 2, needs=985)
    assert second - first == 10.0
    turn = await two[0].take_turn(pace, "r", 985)
    # Five were taken and one was given back.
    assert 35 < turn.wait <= 40


async def test_without_limits_nobody_waits(two: Two) -> None:
    pace = await paced(two)
    assert [(await two[number % 2].take_turn(pace, "r", 1e6)).wait for number in range(4)] == [0.0] * 4


async def test_limits_that_the_endpoint_tells_one_lower_those_of_all_and_the_lowest_stays(two: Two) -> None:
    pace = await paced(two, requests=6_000)
    await two[0].hear(pace, said(told_requests=60))
    await two[0].hear(pace, said(told_requests=600))
    assert await turns(two, pace, 2) == [0.0, 1.02]


async def test_a_429_stops_all_for_as_long_as_it_asks_and_slows_all_after(two: Two) -> None:
    pace = await paced(two, requests=60)
    before = await two[1].take_turn(pace, "r", 0)
    assert (
        await two[0].hear(pace, said(answered=False, limited=True, retry_after=30.0, sent_at=before.at))
        == 30.0
    )
    assert await two[1].pauses(pace) == before.pauses + 1
    after = await two[1].take_turn(pace, "s", 0)
    assert 29 < after.wait <= 30
    assert await turns(two, pace, 2) == [0.0, round(60 / (60 * 0.985 * 0.85), 2)]
    # One that was sent before the stop tells of the same thing.
    assert (
        await two[1].hear(pace, said(answered=False, limited=True, retry_after=1.0, sent_at=before.at))
        is None
    )
    assert await turns(two, pace, 2) == [0.0, round(60 / (60 * 0.985 * 0.85), 2)]


async def test_a_429_without_retry_after_is_waited_out_twice_as_long_each_time(two: Two) -> None:
    pace = await paced(two, requests=60)
    limited = said(answered=False, limited=True, sent_at=1e12)
    assert [await store.hear(pace, limited) for store in (*two, *two)] == [1.0, 2.0, 4.0, 8.0]


async def test_where_nobody_tells_a_limit_a_429_has_one_guessed_by_what_was_sent(two: Two) -> None:
    pace = await paced(two)
    await turns(two, pace, 20)
    await two[0].hear(pace, said(answered=False, limited=True, retry_after=0.0, sent_at=1e12))
    (first, second) = await turns(two, pace, 2)
    # Twenty in ten seconds at the least, slowed twice: in what is guessed, and in the pace of it.
    assert 0.3 < second - first <= round(60 / (20 * 6 * 0.85 * 0.985 * 0.85), 2) * 2


async def test_what_the_endpoint_says_to_be_used_up_is_waited_for_by_all(two: Two) -> None:
    pace = await paced(two, requests=6_000)
    await two[0].hear(pace, said(wait=20.0))
    assert 19 < (await two[1].take_turn(pace, "r", 0)).wait <= 20


async def test_a_stopped_run_is_told_to_whoever_takes_a_turn(two: Two) -> None:
    pace = await paced(two)
    assert await two[0].stop_run("r", "because", "WrongKeyError")
    assert not await two[1].stop_run("r", "later", None)
    assert (await two[1].take_turn(pace, "r", 0)).state == "stopped"
    assert (await two[1].take_turn(pace, "s", 0)).state == "running"
    assert await two[1].run_state("r") == ("stopped", "because", "WrongKeyError")


async def test_the_budget_is_reserved_by_all_and_settled_by_what_was_taken(two: Two) -> None:
    one, other = two
    await one.open_budget("r", 1_000, None, Spent(prompt_tokens=100), anew=True)
    first = await one.reserve("r", 600, 5.0)
    assert first is not None
    assert await other.reserve("r", 400, 0.0) is None
    left = await other.budget_left("r")
    assert (left.tokens, left.usd, left.open) == (700, 5.0, True)
    await one.settle_reservation(first, (100, 1.0))
    second = await other.reserve("r", 800, 0.0)
    assert second is not None
    # Nobody told what it took: it counts in full.
    await other.settle_reservation(second, None)
    left = await one.budget_left("r")
    assert (left.tokens, left.usd, left.open) == (1_000, 1.0, False)
    await one.open_budget("r", 2_000, None, Spent(), anew=False)
    assert (await one.budget_left("r")).tokens == 1_000
    await one.open_budget("r", 2_000, 0.5, Spent(cost_usd=0.25), anew=True)
    assert await one.reserve("r", 1, 0.3) is None
    assert await one.reserve("r", 1, 0.25) is not None


async def test_what_a_dead_worker_had_reserved_is_spent_and_nobody_waits_for_it(
    two: Two, database: str
) -> None:
    await two[0].open_budget("r", 1_000, None, Spent(), anew=True)
    async with FleetStore(Server(url=SecretStr(database))) as dead:
        assert await dead.reserve("r", 600, 0.0) is not None
        assert (await two[0].budget_left("r")).open
    left = await two[0].budget_left("r")
    assert (left.tokens, left.open) == (600, False)


async def test_an_item_is_one_worker_s_while_it_lives(two: Two, database: str) -> None:
    one, other = two
    async with FleetStore(Server(url=SecretStr(database))) as dead:
        assert await dead.hold_item("r", "a")
        assert not await one.hold_item("r", "a")
        assert await one.hold_item("r", "b")
    assert await one.hold_item("r", "a")
    await one.release_item("r", "a")
    assert await other.hold_item("r", "a")


async def test_a_run_is_finished_when_nothing_waits_and_once(two: Two) -> None:
    one, other = two
    await one.settle("r", "a", ItemOutcome("drafted"))
    assert not await one.finish_run("r")
    await one.settle("r", "b", ItemOutcome("failed", reason="no"))
    assert [await one.finish_run("r"), await other.finish_run("r")] == [True, False]


async def test_bytes_that_another_run_needs_are_kept(two: Two) -> None:
    one, other = two
    for run_id in ("r", "s"):
        await one.give(
            run_id, [Gift("a", "a.md", "d1", b"the same"), Gift("b", "http://b.example", None, None)]
        )
    assert await other.has_source("s", "a", "a.md", "d1")
    for run_id, kept in (("r", b"the same"), ("s", None)):
        for item in ("a", "b"):
            await one.settle(run_id, item, ItemOutcome("drafted"))
        assert await one.finish_run(run_id)
        given = await other.given("s", "a")
        assert given is not None
        assert given.data == kept


async def test_a_process_that_has_a_run_for_itself_keeps_the_others_out(database: str) -> None:
    place = Server(url=SecretStr(database))
    async with PostgresStore(place) as alone, FleetStore(place) as sharing:
        await sharing.hold("r")
        with pytest.raises(StoreError, match="Another process works on the run r"):
            await alone.open_run("r", (), "{}", [])
