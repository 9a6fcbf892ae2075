"""Places at the endpoint: never more requests in flight than there are, and none that stands empty while a request waits."""

import asyncio
from pathlib import Path

import pytest

from pipeline.batch.events import Event
from pipeline.batch.halt import Halt
from pipeline.batch.places import Places, documents_in_work
from pipeline.batch.runner import run_batch
from pipeline.errors import RunStoppedError
from pipeline.exchange import NOT_SENT, Asking, Heard, OpenGate, Permit
from pipeline.store.sqlite import SqliteStore
from tests.endpoint import Endpoint
from tests.fleet import write_fleet
from tests.test_batch import batch_of, script

ASKING = Asking("k", "r", "legal.v1", "m", prompt_tokens=1, most_prompt_tokens=1, most_completion_tokens=1)


async def a_while() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_place_that_is_left_goes_to_whoever_has_waited_longest() -> None:
    places = Places(1, Halt())
    taken = await places.enter(ASKING)
    waiting = [asyncio.ensure_future(places.enter(ASKING)) for _ in range(3)]
    await a_while()
    for count in range(3):
        assert [one.done() for one in waiting] == [n < count for n in range(3)]
        await taken.heard(NOT_SENT)
        await a_while()
        taken = await waiting[count]
    await taken.heard(NOT_SENT)
    assert await places.enter(ASKING)


async def test_who_waits_for_a_place_is_told_when_the_run_stops() -> None:
    halt = Halt()
    places = Places(1, halt)
    await places.enter(ASKING)
    waiting = asyncio.ensure_future(places.enter(ASKING))
    await a_while()
    halt.stop("enough.")
    with pytest.raises(RunStoppedError, match="enough"):
        await waiting


@pytest.mark.parametrize("handed_over", [False, True])
async def test_place_is_not_lost_with_a_request_that_is_given_up(handed_over: bool) -> None:
    places = Places(1, Halt())
    taken = await places.enter(ASKING)
    given_up, other = (asyncio.ensure_future(places.enter(ASKING)) for _ in range(2))
    await a_while()
    if handed_over:
        # Its turn has come, and it does not know yet.
        await taken.heard(NOT_SENT)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    if not handed_over:
        await taken.heard(NOT_SENT)
    async with asyncio.timeout(1):
        assert await other


def test_few_places_have_a_document_each_and_many_some_more() -> None:
    assert [documents_in_work(places) for places in (1, 7, 16, 128)] == [1, 7, 18, 144]


async def test_more_documents_are_in_work_than_requests_in_flight(endpoint: Endpoint, tmp_path: Path) -> None:
    begun: set[str | None] = set()
    ended: set[str | None] = set()
    in_work: list[int] = []
    in_flight: list[int] = []

    class Watch:
        def on(self, event: Event) -> None:
            {"item_started": begun, "item": ended}.get(event.name, set()).add(event.item)
            in_work.append(len(begun - ended))

    class Counted(OpenGate):
        """A gate that counts those that are behind it."""

        now = 0

        async def enter(self, asking: Asking) -> Permit:
            self.now += 1
            in_flight.append(self.now)
            return self

        async def heard(self, heard: Heard) -> None:
            self.now -= 1

    script(endpoint)
    batch = batch_of(endpoint, write_fleet(tmp_path / "policies", 20), concurrency=8)
    with SqliteStore(batch.settings.store) as store:
        end = await run_batch(batch, store, Watch(), gate=Counted())
    assert end.state == "finished"
    assert max(in_work) == 9
    assert max(in_flight) <= 8
