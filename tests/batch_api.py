"""A scripted provider of batches on loopback: real HTTP, ``/v1/files`` and ``/v1/batches`` as the OpenAI Batch API has them.

    provider.answer_with(answers_for(tidewater()))       # what each line of a batch is answered with
    provider.held = True                                 # batches stay in progress …
    provider.finish()                                    # … until they are finished
    provider.special = lambda line: "expired" if … else None

It refuses what the real one refuses: keys it does not know, files with an id that stands twice or with more lines than it takes.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from pipeline.settings import Settings
from tests.endpoint import KEY, Reply, Request, Wire

Special = Wire | Literal["missing", "expired", "garbage"] | None


@dataclass(frozen=True)
class Line:
    """A line of an input file: its id, its request, and how often the same id had been in a finished batch before."""

    custom_id: str
    request: Request
    seen: int


@dataclass
class Made:
    """A batch that was made."""

    id: str
    input_file_id: str
    metadata: dict[str, str]
    created_at: int
    lines: list[dict[str, Any]]
    status: str = "in_progress"
    output_file_id: str | None = None
    error_file_id: str | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    completed: int = 0
    failed: int = 0

    def json(self) -> dict[str, Any]:
        """As the API tells of it."""
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "input_file_id": self.input_file_id,
            "metadata": self.metadata,
            "created_at": self.created_at,
            "status": self.status,
            "output_file_id": self.output_file_id,
            "error_file_id": self.error_file_id,
            "errors": {"object": "list", "data": self.errors} if self.errors else None,
            "request_counts": {
                "total": len(self.lines),
                "completed": self.completed,
                "failed": self.failed,
            },
        }


class BatchApi:
    """The server. ``requests`` are method and path of all that came; ``answered`` counts the completions for each id: what is paid for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.made: list[Made] = []
        self.requests: list[str] = []
        self.answered: Counter[str] = Counter()
        self.tokens = Counter[str]()
        self.held = False
        self.lose_answers_to_create = 0
        self.refused_as_full: Callable[[Made], bool] = lambda batch: False
        self.special: Callable[[Line], Special] = lambda line: None
        self.page = 100
        self._seen: Counter[str] = Counter()
        self._lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def answer_with(self, function: Callable[[Request], Reply]) -> None:
        """Answer the requests in batches with what ``function`` makes of them."""
        self._function = function

    def settings(self, **changes: Any) -> Settings:
        """Settings that point here, without pauses."""
        own = {"base_url": self.url, "api_key": SecretStr(KEY), "model": "scripted", "max_wait": 0}
        return Settings.model_validate(own | {"provider_batch": True} | changes)

    def environment(self) -> dict[str, str]:
        """The environment of a process that is to use it."""
        return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": self.url, "CLAUSEWISE_MODEL": "scripted"}

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def finish(self) -> None:
        """Work on all batches that are in progress, to their end."""
        with self._lock:
            for batch in self.made:
                if batch.status == "in_progress":
                    self._work_on(batch)

    def bodies(self) -> list[dict[str, Any]]:
        """The bodies of all requests that were put into batches, in order."""
        return [line["body"] for batch in self.made for line in batch.lines]

    def _work_on(self, batch: Made) -> None:
        if self.refused_as_full(batch):
            batch.status = "failed"
            batch.errors = [{"code": "token_limit_exceeded", "message": "Enqueued token limit reached."}]
            return
        ids = [line["custom_id"] for line in batch.lines]
        if len(set(ids)) < len(ids) or any(len(one) > 64 for one in ids):
            batch.status = "failed"
            batch.errors = [{"code": "duplicate_custom_id", "message": "The custom_id is not unique."}]
            return
        outputs, errors, expired = [], [], False
        for told in batch.lines:
            custom_id = told["custom_id"]
            request = Request(told["url"], {}, json.dumps(told["body"]).encode())
            special = self.special(Line(custom_id, request, self._seen[custom_id]))
            self._seen[custom_id] += 1
            whole: dict[str, Any] = {"id": f"batch_req_{custom_id[:8]}", "custom_id": custom_id}
            if special == "missing":
                continue
            if special == "garbage":
                outputs.append(b'{"custom_id": "' + custom_id.encode() + b'", "resp')
                continue
            if special == "expired":
                expired = True
                message = "This request could not be executed before the completion window expired."
                whole |= {"response": None, "error": {"code": "batch_expired", "message": message}}
                errors.append(json.dumps(whole).encode())
                continue
            wire = special or self._function(request)(request)
            body = json.loads(wire.body)
            whole |= {"response": {"status_code": wire.status, "body": body}, "error": None}
            (outputs if wire.status == 200 else errors).append(json.dumps(whole).encode())
            if wire.status == 200:
                self.answered[custom_id] += 1
                for name in ("prompt_tokens", "completion_tokens"):
                    self.tokens[name] += body["usage"][name]
        # The order of lines is not that of the requests.
        batch.output_file_id = self._keep(b"\n".join(reversed(outputs))) if outputs else None
        batch.error_file_id = self._keep(b"\n".join(errors)) if errors else None
        batch.completed, batch.failed = len(outputs), len(errors)
        batch.status = "expired" if expired else "completed"

    def _keep(self, content: bytes) -> str:
        file_id = f"file-{len(self.files) + 1}"
        self.files[file_id] = content
        return file_id

    def _create(self, told: dict[str, Any]) -> Made:
        assert told["completion_window"] == "24h"
        assert told["endpoint"] == "/v1/chat/completions"
        lines = [json.loads(line) for line in self.files[told["input_file_id"]].splitlines()]
        for line in lines:
            assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
        made = Made(
            f"batch_{len(self.made) + 1}",
            told["input_file_id"],
            told["metadata"],
            _now() + len(self.made),
            lines,
        )
        self.made.append(made)
        return made

    def _list(self, after: str | None) -> dict[str, Any]:
        newest = list(reversed(self.made))
        start = 0 if after is None else 1 + [one.id for one in newest].index(after)
        page = newest[start : start + self.page]
        return {
            "object": "list",
            "data": [one.json() for one in page],
            "has_more": start + self.page < len(newest),
            "last_id": page[-1].id if page else None,
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with outer._lock:
                    if self._refused():
                        return
                    if self.path == "/v1/files":
                        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
                        parts = BytesParser().parsebytes(head + body).get_payload()
                        fields = {
                            part.get_param("name", header="content-disposition"): part.get_payload(
                                decode=True
                            )
                            for part in parts
                        }
                        assert fields["purpose"] == b"batch"
                        file_id = outer._keep(fields["file"])
                        self._send({"id": file_id, "object": "file", "purpose": "batch"})
                    elif self.path == "/v1/batches":
                        made = outer._create(json.loads(body))
                        if outer.lose_answers_to_create:
                            outer.lose_answers_to_create -= 1
                            self.close_connection = True
                            return
                        self._send(made.json())
                    else:
                        self._send({"error": {"message": "no such address"}}, 404)

            def do_GET(self) -> None:
                with outer._lock:
                    if self._refused():
                        return
                    parts = urlsplit(self.path)
                    names = parts.path.split("/")[2:]
                    if names == ["batches"]:
                        self._send(outer._list(parse_qs(parts.query).get("after", [None])[0]))
                    elif names[0] == "batches":
                        made = next((one for one in outer.made if one.id == names[1]), None)
                        if made is None:
                            self._send({"error": {"message": "no such batch"}}, 404)
                            return
                        if made.status == "in_progress" and not outer.held:
                            outer._work_on(made)
                        self._send(made.json())
                    elif names[0] == "files" and names[1] in outer.files:
                        self._write(200, outer.files[names[1]])
                    else:
                        self._send({"error": {"message": "no such address"}}, 404)

            def _refused(self) -> bool:
                outer.requests.append(f"{self.command} {urlsplit(self.path).path}")
                if self.headers["Authorization"] == f"Bearer {KEY}":
                    return False
                self._send({"error": {"message": "no such key", "code": "invalid_api_key"}}, 401)
                return True

            def _send(self, value: dict[str, Any], status: int = 200) -> None:
                self._write(status, json.dumps(value).encode())

            def _write(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        return Handler


def _now() -> int:
    import time

    return int(time.time())


@pytest.fixture
def provider() -> Iterator[BatchApi]:
    """A scripted provider of batches."""
    api = BatchApi()
    try:
        yield api
    finally:
        api.close()
