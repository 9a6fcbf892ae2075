"""What a call costs in processor time: the bare openai client, a bare instructor call, and a stage of ours that is checked and kept."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import instructor

from benchmarks.endpoint import STAGES, Stage, ask_bare, bare_client, fleet_document, scripted_stages
from pipeline.batch.bill import Bill
from pipeline.draft import write_draft
from pipeline.llm import Door
from pipeline.settings import Settings
from pipeline.store.sqlite import SqliteStore
from schemas.document import Document
from tests.fleet import Fleet

_IN_FLIGHT = 16
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class CallCosts:
    """Milliseconds of processor time a call, each the least of some rounds.

    ``door`` is our door alone, which asks and reads the answer; ``unchecked`` a stage with its bill and its commit, whose answer no check
    looks at; ``stage`` the same with all checks, those over the finished draft included.
    """

    openai: float
    instructor: float
    door: float
    unchecked: float
    stage: float


def measure_calls(folder: Path, documents: int) -> CallCosts:
    """All five in turn, against one endpoint that answers at once."""
    folder.mkdir()
    return asyncio.run(_measure(folder, documents))


async def _measure(folder: Path, documents: int) -> CallCosts:
    stages = await scripted_stages()
    with Fleet(folder) as endpoint, SqliteStore(folder / "store.db") as store:
        settings = endpoint.settings()
        rounds = []
        for number in range(_ROUNDS + 1):
            first = number * documents
            fresh = [fleet_document(n) for n in range(first, first + documents)]
            rounds.append(
                (
                    await _cost(lambda n=first: _ask_openai(endpoint, stages, n, documents), documents),
                    await _cost(lambda: _ask_instructor(endpoint, stages, documents), documents),
                    await _cost(lambda n=first: _ask_door(settings, stages, n, documents), documents),
                    await _cost(
                        lambda n=first: _keep_unchecked(settings, stages, store, n, documents), documents
                    ),
                    await _cost(lambda them=fresh: _draft(settings, store, them), documents),
                )
            )
    # The first round warms up.
    return CallCosts(*(min(costs) for costs in zip(*rounds[1:], strict=True)))


async def _cost(work: Callable[[], Awaitable[None]], documents: int) -> float:
    began = time.process_time()
    await work()
    return (time.process_time() - began) / documents / STAGES * 1000


async def _ask_openai(endpoint: Fleet, stages: Sequence[Stage], first: int, documents: int) -> None:
    await ask_bare(endpoint, stages, documents=documents, in_flight=_IN_FLIGHT, first=first)


async def _ask_instructor(endpoint: Fleet, stages: Sequence[Stage], documents: int) -> None:
    async with bare_client(endpoint) as client:
        patched = instructor.from_openai(client, mode=instructor.Mode.JSON_SCHEMA)

        async def ask(_: int) -> None:
            for stage in stages:
                model: Any = type(stage.answer)
                await patched.chat.completions.create(
                    model="scripted", messages=list(stage.messages), response_model=model, max_retries=2
                )

        await _many(ask, documents)


async def _ask_door(settings: Settings, stages: Sequence[Stage], first: int, documents: int) -> None:
    async with Door(settings) as door:

        async def ask(number: int) -> None:
            for stage in stages:
                system, user = _words(stage, first + number)
                await door.ask(system=system, user=user, answer=type(stage.answer), check=lambda _: [])

        await _many(ask, documents)


async def _keep_unchecked(
    settings: Settings, stages: Sequence[Stage], store: SqliteStore, first: int, documents: int
) -> None:
    async with Door(settings, replies=store) as door:

        async def ask(number: int) -> None:
            name = f"unchecked-{first + number}"
            billed = door.behind(Bill(store, settings, "run", name))
            for count, stage in enumerate(stages):
                system, user = _words(stage, first + number)
                reply = await billed.ask(
                    system=system,
                    user=user,
                    answer=type(stage.answer),
                    check=lambda _: [],
                    key=f"{name}-{count}",
                    kind="benchmark",
                )
                await store.save(f"{name}-{count}", "consumer", reply.answer.model_dump_json(), "{}")

        await _many(ask, documents)


async def _draft(settings: Settings, store: SqliteStore, documents: Sequence[Document]) -> None:
    async with Door(settings, replies=store) as door:

        async def draft(number: int) -> None:
            billed = door.behind(Bill(store, settings, "run", str(number)))
            await write_draft(documents[number], settings, store=store, door=billed)

        await _many(draft, len(documents))


async def _many(work: Callable[[int], Awaitable[None]], count: int) -> None:
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            await work(number)

    async with asyncio.TaskGroup() as group:
        for _ in range(_IN_FLIGHT):
            group.create_task(worker())


def _words(stage: Stage, number: int) -> tuple[str, str]:
    system, user = (message["content"] for message in stage.body_for(number)["messages"])
    return system, user
