"""What can be put into the door: gates that hear of every request, replies that are remembered, an exchange in the place of HTTP."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pipeline.errors import AnswerInvalidError, ModelError, RunStoppedError, StoreError
from pipeline.exchange import Asking, Gates, Heard, Permit, estimate_request, restored
from pipeline.llm import Door, Sample
from pipeline.settings import Settings
from tests.endpoint import Endpoint, answer, completion, drop, fault, hang
from tests.endpoint import Request as Sent

GOOD = {"word": "clausewise", "number": 7}


class Ear:
    """A gate that lets all through, and keeps what was asked and heard."""

    def __init__(self) -> None:
        self.asked: list[Asking] = []
        self.heard_of: list[Heard] = []

    async def enter(self, asking: Asking) -> Permit:
        self.asked.append(asking)
        return self

    async def heard(self, heard: Heard) -> None:
        self.heard_of.append(heard)


class Memory:
    """Replies in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def recall(self, request_sha256: str) -> str | None:
        return self.kept.get(request_sha256)

    async def remember(self, key: str, request_sha256: str, write: Callable[[], str]) -> None:
        self.kept[request_sha256] = write()


async def no_pause(seconds: float) -> None:
    pass


async def ask(door: Door, **more: Any) -> Any:
    asked = {
        "system": "s",
        "user": "u",
        "answer": Sample,
        "check": lambda sample: [],
        "key": "k",
        "kind": "sample.v1",
    }
    return await door.ask(**asked | more)


async def test_gate_hears_what_became_of_every_request(endpoint: Endpoint) -> None:
    ear = Ear()
    endpoint.script(fault(429, retry_after="0"), fault(500), drop(GOOD), answer("no json"), answer(GOOD))
    async with Door(endpoint.settings(), sleep=no_pause, gate=ear) as door:
        await ask(door)
    assert [heard.outcome for heard in ear.heard_of] == ["refused", "refused", "lost", "answered", "answered"]
    limited = ear.heard_of[0]
    assert (limited.limited, limited.retry_after, limited.headers["retry-after"]) == (True, 0.0, "0")
    assert ear.heard_of[0].usage.prompt_tokens == 0
    assert ear.heard_of[2].usage.prompt_tokens is None
    assert ear.heard_of[4].usage.completion_tokens == 20
    assert ear.heard_of[4].headers["content-type"] == "application/json"
    assert {asking.kind for asking in ear.asked} == {"sample.v1"}
    assert len({asking.request_sha256 for asking in ear.asked}) == 2


async def test_request_that_is_cut_off_is_heard_of_too(endpoint: Endpoint) -> None:
    entered = asyncio.Event()

    class Telling(Ear):
        async def enter(self, asking: Asking) -> Permit:
            entered.set()
            return await super().enter(asking)

    ear = Telling()
    endpoint.script_with(lambda request: hang())
    async with Door(endpoint.settings(), gate=ear) as door:
        task = asyncio.ensure_future(ask(door))
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [heard.outcome for heard in ear.heard_of] == ["cut off"]


async def test_gate_that_refuses_ends_the_call_and_nothing_is_sent(endpoint: Endpoint) -> None:
    class Closed(Ear):
        async def enter(self, asking: Asking) -> Permit:
            raise RunStoppedError("The run is stopping.")

    before = Ear()
    async with Door(endpoint.settings(), gate=Gates(before, Closed())) as door:
        with pytest.raises(RunStoppedError) as caught:
            await ask(door)
    assert caught.value.attempts == ()
    # What the gate before has counted is given back.
    assert [(heard.outcome, heard.usage.prompt_tokens) for heard in before.heard_of] == [("refused", 0)]
    assert endpoint.requests == []


async def test_all_gates_hear_what_came_of_a_request_also_when_one_fails_at_it(endpoint: Endpoint) -> None:
    class Failing(Ear):
        async def heard(self, heard: Heard) -> None:
            raise StoreError("The store is full.")

    first, last = Ear(), Ear()
    endpoint.script(answer(GOOD))
    async with Door(endpoint.settings(), gate=Gates(first, Failing(), last)) as door:
        with pytest.raises(StoreError, match="full"):
            await ask(door)
    assert [heard.outcome for ear in (first, last) for heard in ear.heard_of] == ["answered", "answered"]


async def test_waiting_at_the_gate_does_not_count_against_the_deadline(endpoint: Endpoint) -> None:
    class Slow(Ear):
        async def enter(self, asking: Asking) -> Permit:
            await asyncio.sleep(0.3)
            return self

    endpoint.script(fault(503, retry_after="0"), answer(GOOD))
    async with Door(endpoint.settings(deadline=0.25, call_timeout=5), sleep=no_pause, gate=Slow()) as door:
        assert (await ask(door)).answer.number == 7


async def test_conversation_that_was_broken_off_goes_on_after_its_last_answer(endpoint: Endpoint) -> None:
    memory = Memory()
    endpoint.script(answer("no json"), answer({"word": "clausewise"}), fault(401), answer(GOOD))
    told: list[str] = []
    async with Door(endpoint.settings(), replies=memory) as door:
        with pytest.raises(ModelError):
            await ask(door, on_attempt=lambda attempt: told.append(attempt.outcome))
        reply = await ask(door, on_attempt=lambda attempt: told.append(attempt.outcome))
    assert [len(request.messages) for request in endpoint.requests] == [2, 4, 6, 6]
    assert endpoint.requests[2].body == endpoint.requests[3].body
    assert [attempt.outcome for attempt in reply.attempts] == ["asked_again", "asked_again", "accepted"]
    assert [attempt.usage.prompt_tokens for attempt in reply.attempts] == [100, 100, 100]
    # What is remembered was told when it came.
    assert told == ["asked_again", "asked_again", "failed", "accepted"]


async def test_without_a_key_nothing_is_remembered(endpoint: Endpoint) -> None:
    memory = Memory()
    endpoint.script(answer("no json"), answer(GOOD))
    async with Door(endpoint.settings(), replies=memory) as door:
        await ask(door, key="")
    assert memory.kept == {}


async def test_exchange_stands_in_the_place_of_http_and_needs_no_key(endpoint: Endpoint) -> None:
    bodies: dict[str, Mapping[str, Any]] = {}

    async def exchange(request_sha256: str, request: Mapping[str, Any]) -> Any:
        bodies[request_sha256] = request
        wire = completion({"content": json.dumps(GOOD)})
        return restored(wire.body.decode())

    async with Door(Settings(model="scripted"), exchange=exchange) as door:
        reply = await ask(door)
    assert reply.answer.number == 7
    endpoint.script(answer(GOOD))
    async with Door(endpoint.settings()) as door:
        await ask(door)
    (body,) = bodies.values()
    assert body == endpoint.requests[0].json


async def test_exchange_may_say_that_there_is_no_answer_yet() -> None:
    async def exchange(request_sha256: str, request: Mapping[str, Any]) -> Any:
        raise RunStoppedError("Wanted.")

    async with Door(Settings(model="scripted"), exchange=exchange) as door:
        with pytest.raises(RunStoppedError, match="Wanted"):
            await ask(door)


async def test_doors_of_one_client_learn_the_servers_token_limit_together(endpoint: Endpoint) -> None:
    def reply(request: Sent) -> Any:
        if "max_completion_tokens" in request.json:
            return fault(400, "unsupported_parameter", "max_completion_tokens is not known")
        return answer(GOOD)

    endpoint.script_with(reply)
    async with Door(endpoint.settings(), sleep=no_pause) as door:
        await ask(door.behind(Ear()))
        await ask(door.behind(Ear()))
    assert len(endpoint.requests) == 3


async def test_unfitting_answers_are_remembered_and_the_last_one_is_asked_anew(endpoint: Endpoint) -> None:
    memory = Memory()
    endpoint.script(*[answer("no json")] * 4)
    async with Door(endpoint.settings(answer_tries=3), replies=memory) as door:
        for _ in range(2):
            with pytest.raises(AnswerInvalidError):
                await ask(door)
    assert [len(request.messages) for request in endpoint.requests] == [2, 4, 6, 6]


def test_estimate_of_a_request_has_an_upper_bound_that_no_text_passes() -> None:
    for text in ("word " * 100, "条款" * 100, '{"a":1}' * 100):
        about, most = estimate_request({"messages": [{"role": "user", "content": text}]})
        assert 0 < about <= most
        assert most <= len(text.encode()) + 16
