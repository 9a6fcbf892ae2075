"""Recordings replay to the byte or say what differs."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

import pipeline.stages.stage
from eval.bundled import for_recording, recorded_settings
from eval.replay import ReadableJson, StaleRecordingError, record, replay
from pipeline.draft import write_draft
from pipeline.errors import ModelUnreachableError, ReplayMissError
from pipeline.prompts import Prompt, load_prompt
from pipeline.settings import Settings
from pipeline.store.sqlite import IN_MEMORY, SqliteStore
from schemas.draft import Draft
from tests.echo import Echo
from tests.endpoint import KEY, Endpoint, answer, fault
from tests.tidewater import answers_for, misquoted, tidewater

BODY = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "be exact"},
        {"role": "user", "content": "line one\nline two"},
    ],
}


async def _post(url: str, body: dict[str, Any]) -> dict[str, Any]:
    async with httpx2.AsyncClient(trust_env=False) as client:
        response = await client.post(
            url + "/v1/chat/completions",
            json=body,
            headers={"authorization": "Bearer secret-key", "cookie": "c=1"},
        )
        response.raise_for_status()
        answered: dict[str, Any] = response.json()
        return answered


async def _post_as_the_door_does(url: str, body: dict[str, Any]) -> dict[str, Any]:
    try:
        return await _post(url, body)
    except Exception as error:
        raise ReplayMissError("not recorded") from error


async def test_a_recording_is_replayed_without_the_server_and_holds_no_secret(
    tmp_path: Path, echo: Echo
) -> None:
    path = tmp_path / "case.yaml"
    with record(path):
        first = await _post(echo.url, BODY)
    echo.stop()
    text = path.read_text(encoding="utf-8")
    assert "secret-key" not in text
    assert "c=1" not in text
    assert "set-cookie" not in text.lower()
    assert "line one" in text
    with replay(path):
        assert await _post(echo.url, BODY) == first


async def test_a_changed_message_is_a_miss_that_names_it(tmp_path: Path, echo: Echo) -> None:
    path = tmp_path / "case.yaml"
    with record(path):
        await _post(echo.url, BODY)
    changed = json.loads(json.dumps(BODY))
    changed["messages"][1]["content"] = "line one\nline 2"
    with (
        pytest.raises(ReplayMissError, match=r"message 2 \(user\) differs at line 2: «line 2»"),
        replay(path),
    ):
        await _post_as_the_door_does(echo.url, changed)


async def test_a_changed_parameter_is_a_miss_that_names_it(tmp_path: Path, echo: Echo) -> None:
    path = tmp_path / "case.yaml"
    with record(path):
        await _post(echo.url, BODY)
    with pytest.raises(ReplayMissError, match="its model differs"), replay(path):
        await _post_as_the_door_does(echo.url, BODY | {"model": "other"})


async def test_a_recording_that_is_not_played_to_its_end_is_an_error(tmp_path: Path, echo: Echo) -> None:
    path = tmp_path / "case.yaml"
    with record(path):
        await _post(echo.url, BODY)
        await _post(echo.url, BODY | {"model": "second"})
    with (
        pytest.raises(StaleRecordingError, match=r"1 recorded exchanges.*make record POLICY=case"),
        replay(path),
    ):
        await _post(echo.url, BODY)


async def test_a_part_of_a_recording_will_do_where_it_is_said_and_a_miss_names_the_command(
    tmp_path: Path, echo: Echo
) -> None:
    path = tmp_path / "case.yaml"
    with record(path):
        await _post(echo.url, BODY)
        await _post(echo.url, BODY | {"model": "second"})
    with replay(path, partly=True):
        await _post(echo.url, BODY)
    told = r"no such request: its model differs.*record it anew \(make it so\)"
    with pytest.raises(ReplayMissError, match=told), replay(path, partly=True, anew="make it so"):
        await _post_as_the_door_does(echo.url, BODY | {"model": "third"})


async def test_a_failure_while_recording_keeps_the_older_recording(tmp_path: Path, echo: Echo) -> None:
    path = tmp_path / "case.yaml"
    with record(path):
        await _post(echo.url, BODY)
    before = path.read_text(encoding="utf-8")
    with pytest.raises(ModelUnreachableError), record(path):
        await _post(echo.url, BODY | {"model": "second"})
        raise ModelUnreachableError("the endpoint went away")
    assert path.read_text(encoding="utf-8") == before


async def test_a_recording_that_was_broken_off_goes_on_without_asking_twice(
    tmp_path: Path, echo: Echo
) -> None:
    path = tmp_path / "case.yaml"
    with pytest.raises(KeyboardInterrupt), record(path):
        await _post(echo.url, BODY)
        await _post(echo.url, BODY | {"model": "asked by a prompt that was changed since"})
        raise KeyboardInterrupt
    with record(path):
        first = await _post(echo.url, BODY)
        second = await _post(echo.url, BODY | {"model": "second"})
    assert (first["n"], second["n"]) == (1, 3)
    assert [p.name for p in tmp_path.iterdir()] == ["case.yaml"]
    echo.stop()
    with replay(path):
        assert await _post(echo.url, BODY) == first
        assert await _post(echo.url, BODY | {"model": "second"}) == second


async def test_a_fault_of_the_endpoint_is_not_recorded(tmp_path: Path, endpoint: Endpoint) -> None:
    path = tmp_path / "case.yaml"
    endpoint.script(fault(503), answer({"a": 1}))
    with record(path):
        with pytest.raises(httpx2.HTTPStatusError):
            await _post(endpoint.url, BODY)
        await _post(endpoint.url, BODY)
    with replay(path):
        await _post(endpoint.url, BODY)


async def _draft(settings: Settings) -> Draft:
    with SqliteStore(IN_MEMORY) as store:
        return await write_draft(tidewater(), settings, store=store)


async def test_a_draft_is_replayed_without_its_endpoint(tmp_path: Path, endpoint: Endpoint) -> None:
    path = tmp_path / "case.yaml"
    endpoint.script(fault(503), answer(misquoted(tidewater())))
    endpoint.script_with(answers_for(tidewater()))
    with record(path):
        recorded = await _draft(endpoint.settings())
    endpoint.close()
    text = path.read_text(encoding="utf-8")
    assert KEY not in text
    assert text.count("- request:") == 4
    with replay(path):
        replayed = await _draft(endpoint.settings(base_url="http://127.0.0.1:9/v1", api_key="another"))
    assert replayed.model_copy(update={"provenance": recorded.provenance}) == recorded
    outcomes = [[a.outcome for a in stage.attempts] for stage in replayed.provenance.stages]
    assert outcomes == [["asked_again", "accepted"], ["accepted"], ["accepted"]]


async def test_a_changed_prompt_is_a_miss_that_names_the_line(
    tmp_path: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "case.yaml"
    endpoint.script_with(answers_for(tidewater()))
    with record(path):
        await _draft(endpoint.settings())

    def changed(role: str) -> Prompt:
        prompt = load_prompt(role)
        return Prompt("legal.v2", prompt.text + "\nBe brief.", "0" * 64) if role == "legal" else prompt

    monkeypatch.setattr(pipeline.stages.stage, "load_prompt", changed)
    with (
        pytest.raises(ReplayMissError, match=r"message 2 \(user\) differs at line \d+: «Be brief\.»"),
        replay(path),
    ):
        await _draft(endpoint.settings())


@pytest.mark.parametrize(
    "body",
    [
        '{"a": 1, "b": ["é", "«x»"]}',
        '{"a":1,"b":[1.0,2e3]}',
        "not json",
        '{ "odd":  "spaces" }',
        '{"a":1,"a":2}',
        "",
        '"\\u00e9"',
    ],
)
def test_a_body_comes_back_as_the_same_bytes(body: str) -> None:
    cassette = {
        "interactions": [
            {"request": {"method": "POST", "uri": "http://x/", "body": body, "headers": {}},
             "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": body}}}
        ],
        "version": 1,
    }  # fmt: skip
    back = ReadableJson.deserialize(ReadableJson.serialize(cassette))["interactions"][0]
    assert back["request"]["body"] == body
    assert back["response"]["body"]["string"] == body


def test_the_endpoint_key_and_model_to_record_with_are_those_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "CLAUSEWISE_MODEL"):
        monkeypatch.delenv(name, raising=False)
    assert for_recording(recorded_settings()) == recorded_settings()
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("CLAUSEWISE_MODEL", "another")
    settings = for_recording(recorded_settings())
    assert (settings.base_url, settings.model) == ("http://127.0.0.1:9/v1", "another")
    assert settings.api_key == recorded_settings().api_key
