"""The door to the model, over real HTTP against a scripted endpoint."""

import asyncio
import json
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import vcr

from pipeline.answers import judged, write_problems
from pipeline.completions import LONGEST_ANSWER
from pipeline.errors import (
    AnswerInvalidError,
    AskedToWaitError,
    ContextOverflowError,
    ModelError,
    ModelRefusedError,
    ModelTruncatedError,
    ModelUnreachableError,
    QuotaExhaustedError,
    ReplayMissError,
    UnknownModelError,
    WrongKeyError,
)
from pipeline.llm import Door, Reply
from pipeline.settings import Settings
from pipeline.strict_schema import strict_schema
from schemas.base import Answer
from schemas.draft import Attempt, Usage
from schemas.risk import RiskAssessment
from schemas.summaries import ConsumerSummary, LegalSummary
from tests.endpoint import (
    KEY,
    MODEL,
    Endpoint,
    Request,
    answer,
    completion,
    drip,
    drop,
    fault,
    hang,
    message,
    raw,
    tool_calls,
)
from tests.endpoint import (
    Reply as Scripted,
)

MODES = ("json_schema", "tools", "md_json")
SECRET_PROMPT = "We keep the minutes of the harbour committee for nine winters and then burn them."


class Word(Answer):
    """One word and its length."""

    word: str
    length: int


GOOD: dict[str, Any] = {"word": "harbour", "length": 7}
WRONG: dict[str, Any] = {"word": "harbour", "length": 8}
UNFIT = {"word": "harbour"}


def length_is_right(given: Word) -> list[str]:
    return (
        []
        if given.length == len(given.word)
        else [f"length: {given.length} is not the length of «{given.word}»."]
    )


async def ask(settings: Settings, **changes: Any) -> Reply[Word]:
    given: dict[str, Any] = {"system": "Answer.", "user": SECRET_PROMPT, "check": length_is_right}
    async with Door(settings, sleep=_no_pause) as door:
        reply: Reply[Word] = await door.ask(answer=Word, **given | changes)
        return reply


async def _no_pause(seconds: float) -> None:
    return None


def outcomes(attempts: tuple[Attempt, ...]) -> list[str]:
    return [attempt.outcome for attempt in attempts]


async def failure(endpoint: Endpoint, kind: type[ModelError], **changes: Any) -> ModelError:
    """The error that asking raises: exactly of this kind, one sentence, without key, prompt or answer."""
    with pytest.raises(ModelError) as caught:
        await ask(endpoint.settings(**changes))
    error = caught.value
    assert type(error) is kind
    assert str(error).endswith(".")
    assert "\n" not in str(error)
    for secret in (KEY, SECRET_PROMPT, SECRET_PROMPT[:30], "harbour"):
        assert secret not in str(error)
    assert all(isinstance(attempt, Attempt) for attempt in _attempts(error))
    return error


def _attempts(error: ModelError) -> tuple[Attempt, ...]:
    attempts: tuple[Attempt, ...] = vars(error)["attempts"]
    return attempts


# An answer


@pytest.mark.parametrize("mode", MODES)
async def test_answer_that_fits_comes_back_as_an_instance_of_the_model_asked_for(
    endpoint: Endpoint, mode: str
) -> None:
    endpoint.script(answer(GOOD))
    reply = await ask(endpoint.settings(mode=mode))
    assert type(reply.answer) is Word
    assert vars(reply.answer) == GOOD
    assert reply.problems == ()
    assert reply.models == (MODEL,)
    assert outcomes(reply.attempts) == ["accepted"]
    assert reply.attempts[0].usage == Usage(prompt_tokens=100, cached_tokens=60, completion_tokens=20)


@pytest.mark.parametrize("mode", MODES)
async def test_answer_that_does_not_fit_the_schema_is_asked_again_with_what_is_wrong(
    endpoint: Endpoint, mode: str
) -> None:
    endpoint.script(answer(UNFIT), answer(GOOD))
    reply = await ask(endpoint.settings(mode=mode))
    assert outcomes(reply.attempts) == ["asked_again", "accepted"]
    assert reply.attempts[0].reason == "length: Field required"
    assert "- length: Field required" in endpoint.requests[1].last


@pytest.mark.parametrize("mode", MODES)
async def test_answer_that_fails_the_check_is_asked_again_with_the_problems(
    endpoint: Endpoint, mode: str
) -> None:
    endpoint.script(answer(WRONG), answer(GOOD))
    reply = await ask(endpoint.settings(mode=mode))
    assert reply.answer == Word(**GOOD)
    assert "- length: 8 is not the length of «harbour»." in endpoint.requests[1].last
    assert [m["role"] for m in endpoint.requests[1].messages[:2]] == ["system", "user"]
    assert json.dumps(WRONG["length"]) in json.dumps(endpoint.requests[1].messages[2])


@pytest.mark.parametrize("mode", MODES)
async def test_what_is_still_wrong_after_the_last_try_comes_back_with_the_answer(
    endpoint: Endpoint, mode: str
) -> None:
    endpoint.script(answer(WRONG), answer(WRONG), answer(WRONG))
    reply = await ask(endpoint.settings(mode=mode, answer_tries=3))
    assert reply.answer == Word(**WRONG)
    assert type(reply.answer) is Word
    assert reply.problems == ("length: 8 is not the length of «harbour».",)
    assert outcomes(reply.attempts) == ["asked_again", "asked_again", "kept"]


async def test_earlier_answer_that_fits_the_schema_is_kept_when_the_last_does_not(endpoint: Endpoint) -> None:
    endpoint.script(answer(WRONG), answer(UNFIT))
    reply = await ask(endpoint.settings(answer_tries=2))
    assert reply.answer == Word(**WRONG)
    assert outcomes(reply.attempts) == ["asked_again", "failed"]


@pytest.mark.parametrize(
    ("lengths", "kept", "last"),
    [
        ([5, 8, 4], 8, "failed"),
        ([5, 4, 8], 8, "kept"),
        ([8, 6, 4], 6, "failed"),
        ([8, 4, 6], 6, "kept"),
    ],
)
async def test_answer_with_the_fewest_problems_is_kept_and_of_equals_the_later(
    endpoint: Endpoint, lengths: list[int], kept: int, last: str
) -> None:
    def check(given: Word) -> list[str]:
        return [f"length: off by {n}." for n in range(abs(given.length - 7))]

    endpoint.script(*(answer(WRONG | {"length": length}) for length in lengths))
    reply = await ask(endpoint.settings(answer_tries=3), check=check)
    assert reply.answer.length == kept
    assert list(reply.problems) == check(reply.answer)
    assert outcomes(reply.attempts) == ["asked_again", "asked_again", last]
    assert reply.attempts[-1].reason == " ".join(check(Word(word="harbour", length=lengths[-1])))


@pytest.mark.parametrize(
    "second", [message(refusal="no"), answer(GOOD, "length"), fault(400, "context_length_exceeded")]
)
async def test_earlier_answer_is_kept_when_asking_again_is_not_possible(
    endpoint: Endpoint, second: Scripted
) -> None:
    endpoint.script(answer(WRONG), second)
    reply = await ask(endpoint.settings())
    assert reply.problems
    assert outcomes(reply.attempts) == ["asked_again", "failed"]


@pytest.mark.parametrize("mode", MODES)
async def test_no_answer_that_fits_the_schema_is_an_invalid_answer(endpoint: Endpoint, mode: str) -> None:
    endpoint.script(answer(UNFIT), answer(UNFIT))
    error = await failure(endpoint, AnswerInvalidError, mode=mode, answer_tries=2)
    assert outcomes(_attempts(error)) == ["asked_again", "failed"]
    assert error.__cause__ is None
    assert error.__context__ is None


async def test_one_try_asks_once(endpoint: Endpoint) -> None:
    endpoint.script(answer(WRONG))
    assert (await ask(endpoint.settings(answer_tries=1))).problems


async def test_each_attempt_is_told_as_its_outcome_is_known(endpoint: Endpoint) -> None:
    endpoint.script(fault(503), answer(WRONG), answer(GOOD))
    heard: list[Attempt] = []
    reply = await ask(endpoint.settings(), on_attempt=heard.append)
    assert tuple(heard) == reply.attempts
    assert outcomes(reply.attempts) == ["transport", "asked_again", "accepted"]


async def test_tokens_of_every_attempt_are_its_own_and_no_running_sum(endpoint: Endpoint) -> None:
    endpoint.script(answer(WRONG), answer(WRONG), answer(GOOD))
    reply = await ask(endpoint.settings())
    assert [attempt.usage.prompt_tokens for attempt in reply.attempts] == [100, 100, 100]
    assert [attempt.usage.cached_tokens for attempt in reply.attempts] == [60, 60, 60]


async def test_missing_usage_is_unknown_and_not_zero(endpoint: Endpoint) -> None:
    endpoint.script(answer(GOOD, usage=None))
    assert (await ask(endpoint.settings())).attempts[0].usage == Usage()


async def test_nonsense_usage_is_unknown(endpoint: Endpoint) -> None:
    endpoint.script(
        answer(GOOD, usage={"prompt_tokens": "many", "completion_tokens": -3, "total_tokens": None})
    )
    assert (await ask(endpoint.settings())).attempts[0].usage == Usage()


async def test_models_that_answered_are_named_in_order(endpoint: Endpoint) -> None:
    endpoint.script(answer(WRONG, model="a"), answer(WRONG, model="b"), answer(GOOD, model="a"))
    assert (await ask(endpoint.settings())).models == ("a", "b")


# What is sent


HOSTILE = (
    "{{ 7*7 }} {% if %} {# x #} {% raw %} {{ source }}\n  indented\n"
    "```json\n{}\n```\n<<<policy>>> \\u0041 \u2028 é 🦊\n"
)


@pytest.mark.parametrize("mode", MODES)
async def test_prompt_arrives_as_the_same_bytes(endpoint: Endpoint, mode: str) -> None:
    endpoint.script(answer(WRONG), answer(GOOD))
    await ask(endpoint.settings(mode=mode), system="S " + HOSTILE, user="U " + HOSTILE)
    for request in endpoint.requests:
        assert json.dumps("U " + HOSTILE, ensure_ascii=False)[1:-1].encode() in request.body
        assert json.dumps("S " + HOSTILE, ensure_ascii=False)[1:-1].encode() in request.body
        if mode != "md_json":
            assert request.system == "S " + HOSTILE
            assert request.user == "U " + HOSTILE


async def test_problems_with_braces_are_sent_back_as_they_are(endpoint: Endpoint) -> None:
    endpoint.script(answer(WRONG), answer(GOOD))
    await ask(
        endpoint.settings(),
        check=lambda w: [] if w.length == 7 else ["quote «{{ 7*7 }} {% if %}» is not there"],
    )
    assert "quote «{{ 7*7 }} {% if %}» is not there" in endpoint.requests[1].last


async def test_what_is_sent_back_holds_no_address_and_no_version(endpoint: Endpoint) -> None:
    endpoint.script(answer({"word": 3, "length": "x", "more": 1}), answer(GOOD))
    await ask(endpoint.settings())
    assert "https:" not in endpoint.requests[1].last
    assert "input_value" not in endpoint.requests[1].last
    assert endpoint.requests[1].last.count("\n- ") == 3


async def test_strict_schema_is_on_the_wire_in_json_schema_mode(endpoint: Endpoint) -> None:
    endpoint.script(answer(GOOD))
    await ask(endpoint.settings())
    assert endpoint.requests[0].json["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "Word", "strict": True, "schema": strict_schema(Word)},
    }


async def test_strict_schema_is_on_the_wire_in_tools_mode(endpoint: Endpoint) -> None:
    endpoint.script(answer(GOOD))
    await ask(endpoint.settings(mode="tools"))
    function = endpoint.requests[0].json["tools"][0]["function"]
    assert function["name"] == "Word"
    assert function["strict"] is True
    assert function["parameters"] == strict_schema(Word)


async def test_parameters_are_sent_only_when_set(endpoint: Endpoint) -> None:
    endpoint.script(answer(GOOD), answer(GOOD))
    await ask(endpoint.settings())
    await ask(endpoint.settings(temperature=0, seed=7, max_output_tokens=999))
    assert not {"temperature", "seed"} & endpoint.requests[0].json.keys()
    sent = endpoint.requests[1].json
    assert (sent["temperature"], sent["seed"], sent["max_completion_tokens"], sent["model"]) == (
        0,
        7,
        999,
        "scripted",
    )


async def test_older_name_of_the_token_limit_is_used_where_the_newer_is_unknown(endpoint: Endpoint) -> None:
    endpoint.script(
        fault(422, None, "extra fields not permitted: max_completion_tokens"), answer(WRONG), answer(GOOD)
    )
    reply = await ask(endpoint.settings())
    assert outcomes(reply.attempts) == ["transport", "asked_again", "accepted"]
    assert [("max_tokens" in r.json, "max_completion_tokens" in r.json) for r in endpoint.requests[1:]] == [
        (True, False),
        (True, False),
    ]


# Answers that a bare client lets pass


@pytest.mark.parametrize("mode", MODES)
async def test_duplicate_keys_are_asked_again(endpoint: Endpoint, mode: str) -> None:
    endpoint.script(answer('{"word": "harbour", "length": 9, "length": 7}'), answer(GOOD))
    reply = await ask(endpoint.settings(mode=mode))
    assert reply.attempts[0].reason == "The key length stands twice in one object; each key may stand once."
    assert outcomes(reply.attempts) == ["asked_again", "accepted"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("length", [LONGEST_ANSWER + 1, 8_000_000])
async def test_over_long_answer_is_asked_again_and_not_sent_back(
    endpoint: Endpoint, mode: str, length: int
) -> None:
    endpoint.script(answer({"word": "x" * length, "length": 1}), answer(GOOD))
    reply = await ask(endpoint.settings(mode=mode))
    assert outcomes(reply.attempts) == ["asked_again", "accepted"]
    assert "answer much more briefly" in endpoint.requests[1].last
    assert len(endpoint.requests[1].body) < 10_000


async def test_two_contradicting_tool_calls_are_asked_again(endpoint: Endpoint) -> None:
    endpoint.script(tool_calls(json.dumps(GOOD), json.dumps(WRONG)), answer(GOOD))
    reply = await ask(endpoint.settings(mode="tools"))
    assert outcomes(reply.attempts) == ["asked_again", "accepted"]
    assert "2 times with different arguments" in endpoint.requests[1].last
    called = {call["id"] for call in endpoint.requests[1].messages[2]["tool_calls"]}
    answered = {m["tool_call_id"] for m in endpoint.requests[1].messages if m["role"] == "tool"}
    assert called == answered == {"call_0", "call_1"}


async def test_two_equal_tool_calls_count_as_one(endpoint: Endpoint) -> None:
    endpoint.script(tool_calls(json.dumps(GOOD), json.dumps(GOOD)))
    assert (await ask(endpoint.settings(mode="tools"))).answer == Word(**GOOD)


async def test_call_of_another_tool_is_asked_again(endpoint: Endpoint) -> None:
    endpoint.script(tool_calls(json.dumps(GOOD), name="send_mail"), answer(GOOD))
    reply = await ask(endpoint.settings(mode="tools"))
    assert outcomes(reply.attempts) == ["asked_again", "accepted"]
    assert "another tool than Word" in (reply.attempts[0].reason or "")


@pytest.mark.parametrize(
    "call",
    [
        {"id": "call_0", "type": "custom", "custom": {"name": "Word", "input": json.dumps(GOOD)}},
        {"id": "call_0", "type": "function", "function": {"name": "Word", "arguments": None}},
        {"id": "call_0", "type": "function", "function": None},
        {"id": "call_0", "type": "function"},
    ],
)
async def test_call_that_is_no_function_call_is_asked_again_and_not_sent_back(
    endpoint: Endpoint, call: dict[str, Any]
) -> None:
    endpoint.script(message(content=None, tool_calls=[call]), answer(GOOD))
    reply = await ask(endpoint.settings(mode="tools"))
    assert outcomes(reply.attempts) == ["asked_again", "accepted"]
    assert not any(m.get("tool_calls") for m in endpoint.requests[1].messages)


async def test_prose_where_a_tool_call_belongs_is_asked_again(endpoint: Endpoint) -> None:
    endpoint.script(message(content="Gladly!"), answer(GOOD))
    reply = await ask(endpoint.settings(mode="tools"))
    assert outcomes(reply.attempts) == ["asked_again", "accepted"]
    assert "did not call the tool" in (reply.attempts[0].reason or "")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "nothing", [answer(GOOD, choices=[]), message(content=None), message(content=""), message(content="  \n")]
)
async def test_no_choices_and_empty_answers_are_asked_again_and_then_invalid(
    endpoint: Endpoint, mode: str, nothing: Scripted
) -> None:
    endpoint.script(nothing, nothing)
    error = await failure(endpoint, AnswerInvalidError, mode=mode, answer_tries=2)
    assert outcomes(_attempts(error)) == ["asked_again", "failed"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "text",
    [
        "not JSON at all",
        '{"word": "a", "length": 1',
        '{"word": "a", "length": 1} trailing [',
        "[" * 5000,
        '{"word": "\\ud800", "length": 1}',
        '{"word": "a\x00b", "length": NaN}',
        "[]",
        "null",
    ],
)
async def test_broken_json_is_asked_again(endpoint: Endpoint, mode: str, text: str) -> None:
    if mode == "md_json" and text.endswith("trailing ["):
        pytest.skip("this mode reads the object out of what surrounds it")
    if mode == "md_json" and text.startswith("[["):
        pytest.skip("instructor gives up on such a text in this mode: the next test")
    endpoint.script(answer(text), answer(text))
    await failure(endpoint, AnswerInvalidError, mode=mode, answer_tries=2)


async def test_text_that_instructor_gives_up_on_is_an_invalid_answer(endpoint: Endpoint) -> None:
    endpoint.script(answer("[" * 5000))
    error = await failure(endpoint, AnswerInvalidError, mode="md_json")
    assert outcomes(_attempts(error)) == ["failed"]


MALFORMED: dict[str, dict[str, Any]] = {
    "choices that are a word": {"choices": "none"},
    "choices that are an object": {"choices": {"0": {}}},
    "a choice that is null": {"choices": [None]},
    "a choice that is a word": {"choices": ["none"]},
    "a choice without a message": {"choices": [{"index": 0, "finish_reason": "stop"}]},
    "a message that is a word": {"choices": [{"index": 0, "finish_reason": "stop", "message": "none"}]},
    "a message without content": {"choices": [{"index": 0, "finish_reason": 5, "message": {}}]},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("changes", MALFORMED.values(), ids=MALFORMED)
async def test_completion_of_another_form_is_asked_again(
    endpoint: Endpoint, mode: str, changes: dict[str, Any]
) -> None:
    endpoint.script(answer(GOOD, **changes), answer(GOOD))
    reply = await ask(endpoint.settings(mode=mode))
    assert outcomes(reply.attempts) == ["asked_again", "accepted"]
    assert reply.attempts[0].usage.prompt_tokens == 100


async def test_model_that_has_no_name_is_unknown(endpoint: Endpoint) -> None:
    endpoint.script(answer(WRONG, model=5), answer(GOOD, model=["a"]))
    reply = await ask(endpoint.settings())
    assert [attempt.model for attempt in reply.attempts] == [None, None]
    assert reply.models == ()


async def test_error_with_the_status_of_an_answer_is_read_as_an_error(endpoint: Endpoint) -> None:
    told = {"error": {"code": 429, "message": "Rate limited"}}
    endpoint.script(raw(json.dumps(told).encode()), answer(GOOD))
    reply = await ask(endpoint.settings())
    assert [(a.outcome, a.reason) for a in reply.attempts] == [("transport", "HTTP 429"), ("accepted", None)]
    assert reply.attempts[0].usage == Usage()
    endpoint.script(raw(json.dumps({"error": {"code": 402, "message": "Insufficient credits"}}).encode()))
    await failure(endpoint, QuotaExhaustedError)
    endpoint.script(raw(json.dumps({"error": {"message": f"{SECRET_PROMPT} {KEY}"}}).encode()))
    await failure(endpoint, ModelUnreachableError, transport_tries=1)


async def test_lone_surrogates_are_asked_again_and_not_sent_back(endpoint: Endpoint) -> None:
    body = completion({"content": "SURROGATE"}).body.replace(
        b"SURROGATE", rb"{\"word\": \"\ud800\", \"length\": 1}"
    )
    endpoint.script(raw(body), answer(GOOD))
    reply = await ask(endpoint.settings())
    assert reply.attempts[0].reason == "The answer was not text in valid Unicode."


async def test_content_that_is_a_list_is_asked_again(endpoint: Endpoint) -> None:
    endpoint.script(message(content=[{"type": "text", "text": json.dumps(GOOD)}]), answer(GOOD))
    assert outcomes((await ask(endpoint.settings())).attempts) == ["asked_again", "accepted"]


# Answers that end the matter


@pytest.mark.parametrize("mode", MODES)
async def test_truncated_answer_is_not_repeated(endpoint: Endpoint, mode: str) -> None:
    endpoint.script(answer('{"word": "harb', "length"))
    error = await failure(endpoint, ModelTruncatedError, mode=mode)
    assert outcomes(_attempts(error)) == ["failed"]
    assert _attempts(error)[0].usage.completion_tokens == 20


@pytest.mark.parametrize("mode", MODES)
async def test_refusal_is_not_repeated(endpoint: Endpoint, mode: str) -> None:
    endpoint.script(message(content=None, refusal="I cannot help with the harbour."))
    error = await failure(endpoint, ModelRefusedError, mode=mode)
    assert [a.reason for a in _attempts(error)] == ["refused by the model"]


@pytest.mark.parametrize("mode", MODES)
async def test_content_filter_is_a_refusal(endpoint: Endpoint, mode: str) -> None:
    endpoint.script(message("content_filter", content=None))
    await failure(endpoint, ModelRefusedError, mode=mode)


FINAL_FAULTS: dict[str, tuple[Scripted, type[ModelError]]] = {
    "401": (fault(401, "invalid_api_key", f"Incorrect API key provided: {KEY}"), WrongKeyError),
    "403": (fault(403, None, "Forbidden"), WrongKeyError),
    "404 of the model": (
        fault(404, "model_not_found", "The model `scripted` does not exist"),
        UnknownModelError,
    ),
    "404 of the address": (raw(b"404 page not found", "text/plain", 404), UnknownModelError),
    "404 of Ollama": (
        fault(404, None, 'model "scripted" not found, try pulling it first'),
        UnknownModelError,
    ),
    "400 of Mistral": (fault(400, "1500", "Invalid model: scripted"), UnknownModelError),
    "400 of OpenRouter": (fault(400, 400, "scripted is not a valid model ID"), UnknownModelError),
    "quota": (
        fault(429, "insufficient_quota", "You exceeded your current quota", kind="insufficient_quota"),
        QuotaExhaustedError,
    ),
    "402": (fault(402, None, "Insufficient Balance"), QuotaExhaustedError),
    "filter of Azure": (
        fault(400, "content_filter", "triggering the content management policy"),
        ModelRefusedError,
    ),
    "overflow of OpenAI": (fault(400, "context_length_exceeded", "too long"), ContextOverflowError),
    "overflow of vLLM": (
        fault(
            400,
            400,
            "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens.",
        ),
        ContextOverflowError,
    ),
    "overflow of llama.cpp": (
        fault(400, 400, "the request exceeds the available context size", kind="exceed_context_size_error"),
        ContextOverflowError,
    ),
    "overflow of an older llama.cpp": (
        fault(500, 500, "the request exceeds the available context size"),
        ContextOverflowError,
    ),
    "overflow of Ollama": (
        fault(400, None, "the input length exceeds the context length"),
        ContextOverflowError,
    ),
    "413": (raw(b"<h1>Payload Too Large</h1>", "text/html", 413), ContextOverflowError),
    "a web page": (raw(b"<!doctype html><title>Log in</title>", "text/html"), ModelUnreachableError),
    "a word": (raw(b'"hello"'), ModelUnreachableError),
    "an unsupported schema": (fault(400, "invalid_schema", "Invalid schema for response_format"), ModelError),
    "501": (fault(501), ModelError),
}


@pytest.mark.parametrize(("reply", "kind"), FINAL_FAULTS.values(), ids=FINAL_FAULTS)
async def test_fault_that_trying_again_cannot_mend_has_its_own_error_and_is_asked_once(
    endpoint: Endpoint, reply: Scripted, kind: type[ModelError]
) -> None:
    endpoint.script(reply)
    error = await failure(endpoint, kind)
    assert outcomes(_attempts(error)) == ["failed"]
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("mode", ["tools", "md_json"])
@pytest.mark.parametrize("name", ["401", "quota", "overflow of vLLM", "404 of the model"])
async def test_final_faults_are_the_same_in_every_mode(endpoint: Endpoint, mode: str, name: str) -> None:
    reply, kind = FINAL_FAULTS[name]
    endpoint.script(reply)
    await failure(endpoint, kind, mode=mode)


async def test_key_that_the_server_repeats_is_nowhere_in_the_traceback(endpoint: Endpoint) -> None:
    endpoint.script(FINAL_FAULTS["401"][0])
    error = await failure(endpoint, WrongKeyError)
    assert error.__cause__ is not None
    assert KEY not in "".join(traceback.format_exception(error))


async def test_missing_key_is_told_apart_from_a_wrong_one(endpoint: Endpoint) -> None:
    endpoint.script(fault(401))
    error = await failure(endpoint, WrongKeyError, api_key="")
    assert "set OPENAI_API_KEY" in str(error)


@pytest.mark.parametrize("key", ["sk-ключ-0123456789", "sk-two\nlines-0123"])
async def test_key_that_no_header_can_carry_is_a_wrong_key(endpoint: Endpoint, key: str) -> None:
    with pytest.raises(WrongKeyError) as caught:
        await ask(endpoint.settings(api_key=key))
    assert key not in str(caught.value)


async def test_servers_own_words_are_passed_on_but_not_when_they_repeat_the_prompt(
    endpoint: Endpoint,
) -> None:
    endpoint.script(fault(400, None, "Invalid schema: minItems is not permitted."))
    assert "minItems is not permitted" in str(await failure(endpoint, ModelError))
    endpoint.script(fault(400, None, f"Cannot parse: {SECRET_PROMPT}"))
    await failure(endpoint, ModelError)
    endpoint.script(fault(400, None, "Bad \x1b]0;title\x07 schema."))
    assert "Bad ]0;title schema" in str(await failure(endpoint, ModelError))


# Faults that pass


TRANSIENT_FAULTS: dict[str, Scripted] = {
    "408": fault(408),
    "409": fault(409),
    "429": fault(429, "rate_limit_exceeded"),
    "429 with seconds": fault(429, retry_after="7"),
    "429 with milliseconds": fault(429, retry_after_ms="900"),
    "429 with a date": fault(429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"),
    "500": fault(500),
    "502 of a proxy": raw(b"<html>Bad Gateway</html>", "text/html", 502),
    "503": fault(503),
    "a dropped connection": drop(GOOD),
    "a body that is not JSON": raw(b'{"id": "chatcmpl-1", "choices": ['),
}


@pytest.mark.parametrize("reply", TRANSIENT_FAULTS.values(), ids=TRANSIENT_FAULTS)
async def test_fault_that_may_pass_is_tried_again_with_the_same_request(
    endpoint: Endpoint, reply: Scripted
) -> None:
    endpoint.script(reply, reply, answer(GOOD))
    result = await ask(endpoint.settings())
    assert outcomes(result.attempts) == ["transport", "transport", "accepted"]
    assert len({request.body for request in endpoint.requests}) == 1


@pytest.mark.parametrize("mode", ["tools", "md_json"])
@pytest.mark.parametrize("name", ["429 with seconds", "500", "a dropped connection"])
async def test_transient_faults_are_tried_again_in_every_mode(
    endpoint: Endpoint, mode: str, name: str
) -> None:
    endpoint.script(TRANSIENT_FAULTS[name], answer(GOOD))
    assert (await ask(endpoint.settings(mode=mode))).answer == Word(**GOOD)


@pytest.mark.parametrize("name", ["429", "500", "a dropped connection"])
async def test_fault_that_lasts_to_the_last_try_is_an_unreachable_model(
    endpoint: Endpoint, name: str
) -> None:
    endpoint.script(*[TRANSIENT_FAULTS[name]] * 4)
    error = await failure(endpoint, ModelUnreachableError, transport_tries=4)
    assert outcomes(_attempts(error)) == ["transport"] * 4


async def test_transport_tries_and_answer_tries_do_not_multiply(endpoint: Endpoint) -> None:
    endpoint.script(fault(500), answer(WRONG), fault(500), fault(500), answer(WRONG), answer(GOOD))
    reply = await ask(endpoint.settings(transport_tries=3, answer_tries=3))
    assert outcomes(reply.attempts) == [
        "transport",
        "asked_again",
        "transport",
        "transport",
        "asked_again",
        "accepted",
    ]


async def test_refused_requests_used_no_tokens_and_lost_ones_an_unknown_number(endpoint: Endpoint) -> None:
    endpoint.script(fault(429), drop(GOOD), answer(GOOD))
    reply = await ask(endpoint.settings())
    assert reply.attempts[0].usage == Usage(prompt_tokens=0, cached_tokens=0, completion_tokens=0)
    assert reply.attempts[1].usage == Usage()


@pytest.mark.parametrize("reply", [hang(), drip()], ids=["silence", "a dripping body"])
async def test_exchange_is_cut_off_as_a_whole_and_tried_again(endpoint: Endpoint, reply: Scripted) -> None:
    endpoint.script(reply, answer(GOOD))
    result = await ask(endpoint.settings(call_timeout=0.3))
    assert outcomes(result.attempts) == ["transport", "accepted"]
    assert result.attempts[0].reason == "no whole answer within 0.3 s"


async def test_deadline_ends_all_tries_together(endpoint: Endpoint) -> None:
    endpoint.script(drip())
    error = await failure(endpoint, ModelUnreachableError, deadline=0.3)
    assert "within the deadline of 0.3 s" in str(error)
    assert [(a.outcome, a.reason) for a in _attempts(error)] == [("failed", "cut off")]


async def test_pause_that_was_asked_for_is_kept_in_full(endpoint: Endpoint) -> None:
    endpoint.script(
        fault(429, retry_after="2"),
        fault(503, retry_after_ms="1500"),
        fault(429, retry_after="90"),
        answer(GOOD),
    )
    pauses: list[float] = []

    async def note(seconds: float) -> None:
        pauses.append(seconds)

    async with Door(endpoint.settings(max_wait=5, deadline=100), sleep=note) as door:
        await door.ask(system="s", user="u", answer=Word, check=length_is_right)
    assert pauses == [2.0, 1.5, 90.0]


async def test_pause_beyond_the_deadline_is_not_waited_for(endpoint: Endpoint) -> None:
    endpoint.script(fault(429, retry_after="3600"))
    error = await failure(endpoint, AskedToWaitError, deadline=30)
    assert "asks to wait 3600 s" in str(error)
    assert "deadline of 30 s" in str(error)


async def test_server_on_this_machine_is_not_looked_for_behind_a_proxy(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.script(answer(GOOD))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert (await ask(endpoint.settings(transport_tries=1))).answer == Word(**GOOD)


async def test_nobody_at_the_address_is_an_unreachable_model(endpoint: Endpoint) -> None:
    settings = endpoint.settings(transport_tries=2)
    endpoint.close()
    with pytest.raises(ModelUnreachableError, match=r"no connection; check --base-url") as caught:
        await ask(settings)
    assert outcomes(_attempts(caught.value)) == ["transport", "transport"]


async def test_cancelling_is_passed_on_and_the_request_is_counted(endpoint: Endpoint) -> None:
    loop, arrived = asyncio.get_running_loop(), asyncio.Event()

    def hang_and_tell(request: Request) -> Scripted:
        loop.call_soon_threadsafe(arrived.set)
        return hang()

    endpoint.script_with(hang_and_tell)
    heard: list[Attempt] = []
    task = asyncio.create_task(ask(endpoint.settings(), on_attempt=heard.append))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [attempt.reason for attempt in heard] == ["cut off"]


# Many at once, and what is ours


async def test_twenty_calls_at_once_each_asked_again_all_succeed(endpoint: Endpoint) -> None:
    def reply(request: Request) -> Scripted:
        number = int(request.user.split()[-1])
        asked_again = len(request.messages) > 2
        if asked_again:
            assert f"number {number} " in request.last
        return answer({"word": "x" * number, "length": number if asked_again else -1})

    endpoint.script_with(reply)

    def check_for(number: int) -> Callable[[Word], list[str]]:
        return lambda w: [] if w.length == number else [f"number {number} was asked for."]

    async with Door(endpoint.settings(), sleep=_no_pause) as door:
        replies = await asyncio.gather(
            *(door.ask(system="s", user=f"number {n}", answer=Word, check=check_for(n)) for n in range(1, 21))
        )
    assert [reply.answer.length for reply in replies] == list(range(1, 21))
    assert {tuple(outcomes(reply.attempts)) for reply in replies} == {("asked_again", "accepted")}


async def test_error_in_a_check_is_raised_as_it_is(endpoint: Endpoint) -> None:
    endpoint.script(answer(GOOD))

    def broken(given: Word) -> list[str]:
        raise ValueError("a mistake of ours")

    with pytest.raises(ValueError, match=r"^a mistake of ours$"):
        await ask(endpoint.settings(), check=broken)


async def test_nothing_of_an_answer_or_a_prompt_is_logged(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.script(answer(UNFIT), answer(WRONG), fault(401, None, f"wrong key {KEY}"))
    caplog.set_level("INFO")
    await failure(endpoint, WrongKeyError)
    for secret in ("harbour", KEY):
        assert secret not in caplog.text


async def test_request_that_is_not_in_the_recording_is_a_replay_miss_and_not_tried_again(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    def same_body(one: Any, other: Any) -> bool:
        return bool(one.body == other.body)

    tape = vcr.VCR(match_on=("method", "path", "same_body"))
    tape.register_matcher("same_body", same_body)
    endpoint.script(answer(GOOD))
    with tape.use_cassette(str(tmp_path / "a.yaml"), record_mode="all"):
        await ask(endpoint.settings())
    with tape.use_cassette(str(tmp_path / "a.yaml"), record_mode="none"):
        assert (await ask(endpoint.settings())).answer == Word(**GOOD)
    with (
        tape.use_cassette(str(tmp_path / "a.yaml"), record_mode="none"),
        pytest.raises(ReplayMissError, match="recording holds no such exchange") as caught,
    ):
        await ask(endpoint.settings(), user="another prompt")
    assert outcomes(_attempts(caught.value)) == ["failed"]
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("model", [ConsumerSummary, LegalSummary, RiskAssessment])
def test_model_handed_to_instructor_has_the_name_and_schema_of_the_answer(model: type[Answer]) -> None:
    assert judged(model).__name__ == model.__name__
    assert judged(model).model_json_schema() == model.model_json_schema()
    assert judged(model) is judged(model)


@pytest.mark.parametrize("model", [ConsumerSummary, LegalSummary, RiskAssessment])
def test_schemas_are_made_strict_as_openai_does_it(model: type[Answer]) -> None:
    from openai.lib._pydantic import to_strict_json_schema

    assert strict_schema(model) == to_strict_json_schema(model)


def test_problems_are_told_in_short() -> None:
    told = write_problems([f"problem {n}\nof many" for n in range(100)] + ["x" * 10_000])
    assert told.count("\n") == 41
    assert "- problem 0 of many\n" in told
    assert "- And 61 more of these kinds.\n" in told


def test_the_door_is_cheap_to_import() -> None:
    heavy = "{'openai', 'instructor', 'genai_prices'}"
    program = f"import sys, pipeline.llm, pipeline.prices; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# The probe


async def test_probe_tells_which_modes_work_and_why_the_others_do_not(endpoint: Endpoint) -> None:
    sample = {"word": "clausewise", "number": 7}
    endpoint.models = ["scripted", "other"]
    endpoint.script_with(
        lambda request: (
            fault(400, None, "tools are not supported") if "tools" in request.json else answer(sample)
        )
    )
    async with Door(endpoint.settings(), sleep=_no_pause) as door:
        probe = await door.probe()
    assert probe.models == ("scripted", "other")
    assert probe.modes["json_schema"] is None
    assert probe.modes["md_json"] is None
    assert "tools are not supported" in (probe.modes["tools"] or "")


async def test_probe_of_a_server_that_knows_the_older_name_of_the_limit_alone(endpoint: Endpoint) -> None:
    older = fault(422, None, "extra fields not permitted: max_completion_tokens")
    sample = answer({"word": "clausewise", "number": 7})
    endpoint.script_with(lambda request: older if "max_completion_tokens" in request.json else sample)
    async with Door(endpoint.settings(), sleep=_no_pause) as door:
        probe = await door.probe()
    assert probe.modes == dict.fromkeys(MODES)


async def test_probe_goes_on_without_a_list_of_models(endpoint: Endpoint) -> None:
    endpoint.models = None
    endpoint.script_with(lambda request: answer({"word": "clausewise", "number": 8}))
    async with Door(endpoint.settings(), sleep=_no_pause) as door:
        probe = await door.probe()
    assert probe.models is None
    assert set(probe.modes) == set(MODES)
    assert all(
        told == "the answer has the right form, but not what was asked for" for told in probe.modes.values()
    )


async def test_probe_with_a_wrong_key_raises(endpoint: Endpoint) -> None:
    endpoint.script(fault(401))
    async with Door(endpoint.settings(), sleep=_no_pause) as door:
        with pytest.raises(WrongKeyError):
            await door.probe()


# The scripted endpoint itself


async def test_scripted_endpoint_complains_about_a_request_without_a_reply() -> None:
    server = Endpoint()
    with pytest.raises(ModelError):
        await ask(server.settings())
    with pytest.raises(AssertionError, match="1 requests for which the script had no reply"):
        server.close()


def test_scripted_endpoint_complains_about_replies_that_nobody_asked_for() -> None:
    server = Endpoint()
    server.script(answer(GOOD), answer(GOOD))
    with pytest.raises(AssertionError, match="2 replies that nobody asked for"):
        server.close()
