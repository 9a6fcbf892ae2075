"""Recordings replay to the byte or say what differs."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from eval.replay import ReadableJson, StaleRecordingError, record, replay
from pipeline.errors import ModelUnreachableError, ReplayMissError
from tests.echo import Echo

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
        answer: dict[str, Any] = response.json()
        return answer


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
    with pytest.raises(StaleRecordingError, match="1 recorded exchanges"), replay(path):
        await _post(echo.url, BODY)


async def test_a_failure_while_recording_keeps_the_older_recording(tmp_path: Path, echo: Echo) -> None:
    path = tmp_path / "case.yaml"
    with record(path):
        await _post(echo.url, BODY)
    before = path.read_text(encoding="utf-8")
    with pytest.raises(ModelUnreachableError), record(path):
        await _post(echo.url, BODY | {"model": "second"})
        raise ModelUnreachableError("the endpoint went away")
    assert path.read_text(encoding="utf-8") == before
    assert [p.name for p in tmp_path.iterdir()] == ["case.yaml"]


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
