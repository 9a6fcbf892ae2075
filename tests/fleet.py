"""An endpoint for batches: its own process, many clients at once, limits, faults and latency, and a log of every request.

    with Fleet(tmp_path, faults=0.2, seed=7) as endpoint:    # python -m tests.fleet, started and stopped
        settings = endpoint.settings()
        ...
        endpoint.log()                                       # one Logged for each request, in order of arrival

It answers for documents made by ``fleet_policy``: the Tidewater policy with a number in it that nothing quotes. What it does is drawn from
a seed, the request and how often that was sent, so that the same requests meet the same faults.
"""

import argparse
import asyncio
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr

from pipeline.settings import Settings
from tests.endpoint import KEY, MODEL
from tests.tidewater import POLICY, consumer, legal, misquoted, risk, tidewater

ROOT = Path(__file__).parents[1]
# Faults that pass when the request is sent again, or the question asked again.
FAULTS = (
    *("429", "429_date", "500", "503", "page", "drop", "bad_body", "no_json", "misquoted", "wrong_schema"),
    *("no_usage", "empty"),
)
# Faults that stay, however often the question is asked.
LASTING = ("refusal", "filter", "truncated", "overflow")
# Status and code of the faults that are told by them; ``limited`` is a limit that was really passed.
_STATUS = {
    "429": (429, None),
    "429_date": (429, None),
    "limited": (429, None),
    "500": (500, None),
    "503": (503, None),
    "overflow": (400, "context_length_exceeded"),
}
_LOST = ("drop", "bad_body")
_NOTE = re.compile(r"We keep note (\d+) for")
# The fields of the answers that are prose of the model's own.
_TEXTS = frozenset(
    ("text", "who_is_affected", "mitigations", "action", "evidence_to_request", "relevance", "reason")
)
_TRIES = 4  # a request that came so often before is answered


def fleet_policy(number: int, chars: int = 0) -> str:
    """The policy of one document of a fleet; with ``chars`` it is made about so long."""
    lines = [f"We keep note {number} for our own records."]
    while chars and len(POLICY) + 110 * len(lines) < chars:
        lines.append(
            f"Under note {number}.{len(lines)} we keep your personal data with our provider, and you have the right to access it."
        )
    return POLICY + "\n## Notes\n\n" + "\n".join(lines) + "\n"


def write_fleet(folder: Path, count: int, *, chars: int = 0, first: int = 0) -> Path:
    """Write so many policies to a folder; gives it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        (folder / f"policy-{number:04}.md").write_text(fleet_policy(number, chars), encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Logged:
    """A request as the endpoint saw it.

    ``caller`` is what it was signed with, ``seen`` is how often the same request had come before, ``document`` the number of its policy (-1 where it has none), the tokens are those of the answer, whether
    it told them or not; 0 of one that has none.
    """

    caller: str
    digest: str
    document: int
    schema: str
    seen: int
    outcome: str
    prompt_tokens: int
    completion_tokens: int
    at: float


class Fleet:
    """The endpoint's process, and its log. ``options`` are those of the command line."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self._path = folder / "endpoint.jsonl"
        self._options = options
        self.url = ""

    def __enter__(self) -> Self:
        words = [
            word
            for name, value in self._options.items()
            for word in (f"--{name.replace('_', '-')}", str(value))
        ]
        command = [sys.executable, "-m", "tests.fleet", "--log", str(self._path), *words]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{self._process.stdout.readline().strip()}/v1"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def log(self) -> list[Logged]:
        """Every request so far whose answer was begun."""
        if not self._path.exists():
            return []
        return [Logged(**json.loads(line)) for line in self._path.read_text().splitlines()]

    def wait_for(self, requests: int) -> None:
        """Return when so many requests have come, in all. Raises TimeoutError when they do not."""
        until = time.monotonic() + 300
        while self._path.read_bytes().count(b"\n") < requests:
            if time.monotonic() > until:
                raise TimeoutError(f"There were no {requests} requests.")
            time.sleep(0.002)

    def settings(self, **changes: Any) -> Settings:
        """Settings that point here, without pauses of our own."""
        return Settings.model_validate(
            {
                "base_url": self.url,
                "api_key": SecretStr(KEY),
                "model": "scripted",
                "max_wait": 0,
                "call_timeout": 20,
                "deadline": 60,
            }
            | changes
        )

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a process that is to use it."""
        return {
            **os.environ,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": self.url,
            "CLAUSEWISE_MODEL": "scripted",
        } | more


class _Server:
    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._log = Path(options.log).open("a", buffering=1, encoding="utf-8")  # noqa: SIM115
        self._seen: Counter[str] = Counter()
        document = tidewater()
        made = (consumer(document), legal(document), risk(document))
        self._answers = {type(one).__name__: one.model_dump_json() for one in made}
        self._wrong = misquoted(document).model_dump_json()
        now = time.monotonic()
        self._level = {"requests": float(options.rpm), "tokens": float(options.tpm)}
        self._filled_at = now

    async def serve(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=1 << 20, backlog=1024)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = [line.partition(":") for line in head.split("\r\n")]
        headers = {name.lower(): value.strip() for name, _, value in lines}
        length = int(headers.get("content-length", 0))
        body = await reader.readexactly(length)
        digest = hashlib.sha256(body).hexdigest()
        seen = self._seen[digest]
        self._seen[digest] += 1
        request = json.loads(body)
        schema = request["response_format"]["json_schema"]["name"]
        chance = random.Random(f"{self._options.seed} {digest} {seen}")
        # Whoever has been asked three times gives a good answer.
        faults = self._options.faults if len(request["messages"]) <= 4 and seen < _TRIES else 0.0
        fault = chance.choice(self._options.kinds.split(",")) if chance.random() < faults else None
        lasting = random.Random(f"{self._options.seed} {digest}")
        if len(request["messages"]) == 2 and lasting.random() < self._options.lasting:
            fault = lasting.choice(LASTING)
        prompt = len(body) // 4
        text = self._wrong if fault == "misquoted" and schema == "ConsumerSummary" else self._answers[schema]
        if self._options.own_words:
            text = in_own_words(text, _document_of(request))
        completion = len(text) // 4
        limited = self._limited(prompt + completion)
        if limited is not None:
            fault = "limited"
        if self._options.latency and fault != "limited":
            spread = chance.lognormvariate(0, self._options.spread) if self._options.spread else 1.0
            await asyncio.sleep(self._options.latency * spread)
        status, answer = self._answer(fault, text, prompt, completion)
        used = status == 200 and fault not in _LOST
        line = {
            "caller": headers.get("authorization", ""),
            "digest": digest,
            "document": _document_of(request),
            "schema": schema,
            "seen": seen,
            "outcome": fault or "answered",
            "prompt_tokens": prompt if used else 0,
            "completion_tokens": completion if used else 0,
            "at": time.monotonic(),
        }
        self._log.write(json.dumps(line) + "\n")
        extra = self._headers()
        if fault == "429":
            extra += "retry-after: 0\r\n"
        if fault == "429_date":
            extra += "retry-after: Wed, 21 Oct 2015 07:28:00 GMT\r\n"
        if limited is not None:
            extra += f"retry-after-ms: {limited * 1000:.0f}\r\n"
        length = len(answer) * 2 if fault == "drop" else len(answer)
        writer.write(
            f"HTTP/1.1 {status} X\r\ncontent-type: {'text/html' if fault == 'page' else 'application/json'}\r\ncontent-length: {length}\r\n{extra}\r\n".encode()
            + answer
        )
        await writer.drain()
        return fault != "drop"

    def _answer(self, fault: str | None, text: str, prompt: int, completion: int) -> tuple[int, bytes]:
        if fault in _STATUS:
            status, code = _STATUS[fault]
            return status, json.dumps({"error": {"message": "scripted", "code": code}}).encode()
        if fault == "page":
            return 502, b"<!doctype html><title>Bad gateway</title>"
        if fault == "bad_body":
            return 200, b'{"id": "c", "choices": ['
        whole: dict[str, Any] = {
            "id": "c",
            "object": "chat.completion",
            "created": 1_760_000_000,
            "model": self._options.model,
            "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
            ],
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": completion,
                "total_tokens": prompt + completion,
            },
        }
        if fault == "no_json":
            whole["choices"][0]["message"]["content"] = "I would rather not say."
        if fault == "wrong_schema":
            whole["choices"][0]["message"]["content"] = '{"sentences": "three"}'
        if fault == "refusal":
            whole["choices"][0]["message"] = {"role": "assistant", "content": None, "refusal": "No."}
        if fault in ("truncated", "filter"):
            whole["choices"][0]["finish_reason"] = "length" if fault == "truncated" else "content_filter"
        if fault == "empty":
            whole["choices"] = []
        if fault == "no_usage":
            del whole["usage"]
        return 200, json.dumps(whole).encode()

    def _limited(self, tokens: int) -> float | None:
        """Seconds to wait, when the limits do not allow a request of so many tokens; else it is counted."""
        options = self._options
        limits = {"requests": options.rpm, "tokens": options.tpm}
        now = time.monotonic()
        for name, limit in limits.items():
            filled = self._level[name] + limit / 60 * (now - self._filled_at)
            self._level[name] = min(float(limit), filled)
        self._filled_at = now
        need = {"requests": 1, "tokens": tokens}
        short = [
            (need[name] - self._level[name]) / limit * 60
            for name, limit in limits.items()
            if limit and self._level[name] < need[name]
        ]
        if short:
            return max(short)
        for name in limits:
            self._level[name] -= need[name]
        return None

    def _headers(self) -> str:
        lines = ""
        for name, limit in (("requests", self._options.rpm), ("tokens", self._options.tpm)):
            if limit:
                left = max(0, int(self._level[name]))
                lines += f"x-ratelimit-limit-{name}: {limit}\r\nx-ratelimit-remaining-{name}: {left}\r\n"
                lines += f"x-ratelimit-reset-{name}: {(limit - left) / limit * 60:.3f}s\r\n"
        return lines


def in_own_words(answer: str, number: int) -> str:
    """The JSON of an answer with a word of its own at the end of each text, another for each document; its quotes and ids stay."""
    word = "".join(chr(ord("a") + int(digit)) for digit in str(number))

    def reworded(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: reworded(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [reworded(one, key) for one in value]
        stop = "." if isinstance(value, str) and value.endswith(".") else ""
        return f"{value.removesuffix('.')}, noted {word}{stop}" if key in _TEXTS else value

    return json.dumps(reworded(json.loads(answer)), ensure_ascii=False)


def _document_of(request: dict[str, Any]) -> int:
    noted = _NOTE.search(request["messages"][1]["content"])
    return int(noted[1]) if noted else -1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds, the median")
    parser.add_argument("--spread", type=float, default=0.0, help="sigma of the lognormal")
    parser.add_argument("--faults", type=float, default=0.0, help="share of requests that meet one")
    parser.add_argument("--kinds", default=",".join(FAULTS), help="which faults, by name")
    parser.add_argument(
        "--lasting", type=float, default=0.0, help="share of questions that meet one that stays"
    )
    parser.add_argument("--model", default=MODEL, help="how it calls itself")
    parser.add_argument(
        "--own-words", type=int, default=0, help="1: each document's answers are in words of their own"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rpm", type=int, default=0)
    parser.add_argument("--tpm", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(_Server(_options()).serve())
