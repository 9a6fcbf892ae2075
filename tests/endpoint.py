"""A scripted OpenAI-compatible endpoint on loopback: real HTTP, so that the real client runs unpatched.

    endpoint.script(fault(429, retry_after="7"), answer(summary))    # in order of arrival
    endpoint.script_with(lambda request: answer(BY_NAME[request.schema_name]))    # for all further requests
    settings = endpoint.settings(mode="tools")                       # points at it; no pauses
    ...
    endpoint.requests[0].messages                                    # what came; to the byte in .body

A reply is a function from the request to what goes over the wire; the functions below make the usual ones.
``answer`` fits itself to the request's mode: a tool call when tools were sent, a fenced block when Markdown
was asked for, plain JSON otherwise.

At the end the endpoint complains about requests for which the script had no reply, and about replies that
nobody asked for. ``GET /models`` is not scripted: it lists ``endpoint.models``, or is not there (404) when
that is None.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from pipeline.settings import Settings

KEY = "sk-scripted-0123456789abcdef"
MODEL = "scripted-1"
USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 60},
}


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def json(self) -> dict[str, Any]:
        """The body, parsed."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages."""
        messages: list[dict[str, Any]] = self.json["messages"]
        return messages

    @property
    def system(self) -> str:
        """The text of the system message."""
        return "".join(m["content"] for m in self.messages if m["role"] == "system")

    @property
    def user(self) -> str:
        """The text of the first user message."""
        return next(str(m["content"]) for m in self.messages if m["role"] == "user")

    @property
    def last(self) -> str:
        """The text of the last message: what was wrong, when the model is asked again."""
        return str(self.messages[-1]["content"])

    @property
    def schema_name(self) -> str | None:
        """The name of the answer's schema, in the modes that send one."""
        if "tools" in self.json:
            return str(self.json["tools"][0]["function"]["name"])
        if "response_format" in self.json:
            return str(self.json["response_format"]["json_schema"]["name"])
        return None


@dataclass(frozen=True)
class Wire:
    """What goes over the wire.

    ``end`` says how: whole, never begun, dripping byte by byte for ever, or cut off half-way.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    end: str = "whole"


Reply = Callable[[Request], Wire]


def completion(message: Mapping[str, Any], finish_reason: str = "stop", **changes: Any) -> Wire:
    """A chat completion with this message; ``changes`` replace its fields, and None leaves one out."""
    whole = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_760_000_000,
        "model": MODEL,
        "choices": [
            {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", **message}}
        ],
        "usage": USAGE,
    } | changes
    return Wire(body=_json({key: value for key, value in whole.items() if value is not None}))


def answer(value: BaseModel | Mapping[str, Any] | str, finish_reason: str = "stop", **changes: Any) -> Reply:
    """An answer in the form that the request asks for.

    ``changes`` are those of ``completion``: ``usage=None``, ``choices=[]``.
    """
    text = value if isinstance(value, str) else _text(value)

    def reply(request: Request) -> Wire:
        if "tools" in request.json:
            return completion(
                {"content": None, "tool_calls": [tool_call(text, request)]}, finish_reason, **changes
            )
        fenced = "```json codeblock" in str(request.messages)
        return completion({"content": f"```json\n{text}\n```" if fenced else text}, finish_reason, **changes)

    return reply


def message(finish_reason: str = "stop", **fields: Any) -> Reply:
    """A completion whose message has exactly these fields beside its role."""
    return lambda request: completion(fields, finish_reason)


def tool_calls(*texts: str, name: str | None = None) -> Reply:
    """A completion that calls the tool once for each text of arguments; ``name`` is another tool's."""
    return lambda request: completion(
        {"content": None, "tool_calls": [tool_call(text, request, name, n) for n, text in enumerate(texts)]},
        "tool_calls",
    )


def tool_call(text: str, request: Request, name: str | None = None, number: int = 0) -> dict[str, Any]:
    """A tool call as it stands in a message."""
    function = {"name": name or request.schema_name, "arguments": text}
    return {"id": f"call_{number}", "type": "function", "function": function}


def fault(
    status: int,
    code: str | int | None = None,
    words: str = "scripted fault",
    *,
    kind: str | None = None,
    retry_after: str | None = None,
    retry_after_ms: str | None = None,
) -> Reply:
    """An error status with OpenAI's error body, and the headers that ask to wait."""
    asked = {"retry-after": retry_after, "retry-after-ms": retry_after_ms}
    body = _json({"error": {"message": words, "type": kind, "param": None, "code": code}})
    return lambda request: Wire(status, body, {k: v for k, v in asked.items() if v is not None})


def raw(body: bytes, content_type: str = "application/json", status: int = 200) -> Reply:
    """Any bytes at all."""
    return lambda request: Wire(status, body, content_type=content_type)


def hang() -> Reply:
    """Take the request and say nothing."""
    return lambda request: Wire(end="hang")


def drip() -> Reply:
    """A body that comes a byte at a time and never ends: each read succeeds, the whole does not."""
    return lambda request: Wire(end="drip")


def drop(value: BaseModel | Mapping[str, Any] | str) -> Reply:
    """An answer cut off half-way by the end of the connection."""
    return lambda request: Wire(body=answer(value)(request).body, end="drop")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class Endpoint:
    """The server.

    ``url`` is its base URL, ``requests`` what came to it in order of arrival, ``models`` what it lists.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.models: list[str] | None = [MODEL]
        self._replies: list[Reply] = []
        self._function: Callable[[Request], Reply] | None = None
        self._unforeseen = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def script(self, *replies: Reply) -> None:
        """Add replies, given in order of arrival."""
        self._replies += replies

    def script_with(self, function: Callable[[Request], Reply]) -> None:
        """Answer every request that the script has no reply for with what ``function`` makes of it."""
        self._function = function

    def settings(self, **changes: Any) -> Settings:
        """Settings that point here: a key, a small model name, no pauses. ``changes`` replace them."""
        return Settings.model_validate(
            {
                "base_url": self.url,
                "api_key": SecretStr(KEY),
                "model": "scripted",
                "max_wait": 0,
                "call_timeout": 20,
                "deadline": 30,
                "store": Path("unused.db"),
            }
            | changes
        )

    def close(self) -> None:
        """Stop, and complain (AssertionError) of requests without a reply and replies without a request."""
        if self._over.is_set():
            return
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        complaints = []
        if self._unforeseen:
            complaints.append(f"{self._unforeseen} requests for which the script had no reply")
        if self._replies:
            complaints.append(f"{len(self._replies)} replies that nobody asked for")
        assert not complaints, "the scripted endpoint saw " + " and ".join(complaints)

    def _take(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            if self._replies:
                return self._replies.pop(0)
            if self._function is None:
                self._unforeseen += 1
                # 501, for nothing tries again after it.
                return fault(501, "out_of_replies", "the script has no reply left")
        return self._function(request)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.path, headers, body)
                self._send(outer._take(request)(request))

            def do_GET(self) -> None:
                if self.path != "/v1/models" or outer.models is None:
                    self._send(Wire(404, _json({"error": {"message": "no such address", "code": None}})))
                else:
                    listed = [
                        {"id": m, "object": "model", "created": 0, "owned_by": "test"} for m in outer.models
                    ]
                    self._send(Wire(body=_json({"object": "list", "data": listed})))

            def _send(self, wire: Wire) -> None:
                if wire.end == "hang":
                    outer._over.wait()
                    self.close_connection = True
                    return
                self.send_response(wire.status)
                self.send_header("Content-Type", wire.content_type)
                for name, value in wire.headers.items():
                    self.send_header(name, value)
                length = 1_000_000 if wire.end == "drip" else len(wire.body)
                self.send_header("Content-Length", str(length))
                self.close_connection = wire.end != "whole"
                try:
                    self.end_headers()
                    self.wfile.write(wire.body[: len(wire.body) // 2] if wire.end == "drop" else wire.body)
                    while wire.end == "drip" and not outer._over.wait(0.02):
                        self.wfile.write(b" ")
                        self.wfile.flush()
                except OSError:
                    # Whoever asked has gone away.
                    self.close_connection = True

            def log_message(self, *args: object) -> None:
                pass

        return Handler


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A scripted endpoint, which complains at the end of the test."""
    server = Endpoint()
    try:
        yield server
    finally:
        server.close()


def _text(value: BaseModel | Mapping[str, Any] | Sequence[Any]) -> str:
    return value.model_dump_json() if isinstance(value, BaseModel) else json.dumps(value, ensure_ascii=False)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
