"""The scripted endpoint of the tests as benchmarks use it: its questions and answers, what its log says, and the floor that asks it.

The floor is the bare ``openai`` client, which sends the same bodies in the same order and looks at nothing. Beside it stands ``instructor``,
which reads the answers into our models and checks nothing.
"""

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import instructor
import openai

from pipeline.document.reader import read_document
from pipeline.draft import write_draft
from pipeline.exchange import restored
from pipeline.llm import Door
from pipeline.settings import Settings
from pipeline.source.fetched import Fetched
from pipeline.store.sqlite import IN_MEMORY, SqliteStore
from schemas.base import Answer
from schemas.document import Document, Source
from tests.endpoint import KEY
from tests.fleet import Fleet, Logged, fleet_policy
from tests.tidewater import consumer, legal, risk, tidewater

Body = dict[str, Any]
STAGES = 3
_NOTE = "note 0 "


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the scripted document: the body that Clausewise sends and the answer that comes."""

    body: Body
    answer: Answer

    @property
    def messages(self) -> list[dict[str, str]]:
        """What is asked."""
        messages: list[dict[str, str]] = self.body["messages"]
        return messages

    def body_for(self, number: int) -> Body:
        """The body of the same stage for another document of the fleet, which differs in its number alone."""
        # Made by hand, for to copy the whole by JSON takes a tenth of the call that is measured.
        messages = [
            {**message, "content": message["content"].replace(_NOTE, f"note {number} ")}
            for message in self.messages
        ]
        return {**self.body, "messages": messages}


def fleet_document(number: int, chars: int = 0) -> Document:
    """A document of the fleet as it is read."""
    data = fleet_policy(number, chars).encode()
    source = Source(
        name=f"policy-{number}.md",
        media_type="text/markdown",
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
    )
    return read_document(Fetched(source, data))


async def scripted_stages() -> tuple[Stage, ...]:
    """The three stages of the fleet's first document, as they go over the wire."""
    known = tidewater()
    answers = {type(one).__name__: one for one in (consumer(known), legal(known), risk(known))}
    stages: list[Stage] = []

    async def exchange(_: str, body: Mapping[str, Any]) -> Any:
        answer = answers[body["response_format"]["json_schema"]["name"]]
        stages.append(Stage(dict(body), answer))
        return restored(json.dumps(_completion(answer)))

    settings = Settings(model="scripted")
    with SqliteStore(IN_MEMORY) as store:
        async with Door(settings, exchange=exchange) as door:
            await write_draft(fleet_document(0), settings, store=store, door=door)
    if len(stages) != STAGES:
        raise RuntimeError(f"the scripted document took {len(stages)} questions instead of {STAGES}")
    return tuple(stages)


@asynccontextmanager
async def bare_client(endpoint: Fleet) -> AsyncIterator[openai.AsyncOpenAI]:
    """The openai client alone, without retries."""
    async with openai.AsyncOpenAI(api_key=KEY, base_url=endpoint.url, max_retries=0) as client:
        yield client


async def ask_bare(
    endpoint: Fleet, stages: Sequence[Stage], *, documents: int, in_flight: int, first: int = 0
) -> None:
    """The floor: for each document its three calls, one after another; so many documents at a time."""
    async with bare_client(endpoint) as client:

        async def ask(number: int) -> None:
            for stage in stages:
                await client.chat.completions.create(**stage.body_for(number))

        await in_turn(ask, range(first, first + documents), in_flight)


async def ask_instructor(
    endpoint: Fleet, stages: Sequence[Stage], *, documents: int, in_flight: int, first: int = 0
) -> None:
    """The same by a bare instructor call with our response models, which is what a stage is built on."""
    async with bare_client(endpoint) as client:
        patched = instructor.from_openai(client, mode=instructor.Mode.JSON_SCHEMA)

        async def ask(number: int) -> None:
            for stage in stages:
                model: Any = type(stage.answer)
                await patched.chat.completions.create(
                    model="scripted",
                    messages=stage.body_for(number)["messages"],
                    response_model=model,
                    max_retries=2,
                )

        await in_turn(ask, range(first, first + documents), in_flight)


async def in_turn(work: Callable[[int], Awaitable[None]], numbers: Iterable[int], in_flight: int) -> None:
    """The work for each number, so many at a time."""
    left = iter(numbers)

    async def worker() -> None:
        for number in left:
            await work(number)

    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(worker())


def busy_share(
    log: Sequence[Logged], *, latency: float, spread: float, in_flight: int, from_answer: int = 0
) -> float:
    """How many of ``in_flight`` places were taken by a request, on average, while there was work for all of them.

    That is the share of the ideal rate that was reached, whatever latencies were drawn. It is counted from the first request to the
    moment at which the last document's first stage began; with ``from_answer`` from the moment at which so many answers had come. ``latency`` and ``spread`` are the endpoint's own, whose seed is 0.
    """
    spans = []
    for line in log:
        chance = random.Random(f"0 {line.digest} {line.seen}")
        chance.random()  # whether the endpoint makes a fault of it
        drawn = latency * (chance.lognormvariate(0, spread) if spread else 1.0)
        spans.append((line.at - drawn, line.at, line.schema))
    begin = min(start for start, _, _ in spans)
    if from_answer:
        begin = sorted(stop for _, stop, _ in spans)[from_answer - 1]
    end = max(start for start, _, schema in spans if schema == "ConsumerSummary")
    taken = sum(max(0.0, min(stop, end) - max(start, begin)) for start, stop, _ in spans)
    return taken / (in_flight * (end - begin))


def _completion(answer: Answer) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer.model_dump_json()}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
