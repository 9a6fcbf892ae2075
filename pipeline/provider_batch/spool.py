"""The files of a wave: one request a line, no file with more requests or bytes than the provider takes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.provider import MOST_BYTES, MOST_REQUESTS
from pipeline.store.records import AskedLater


@dataclass(slots=True)
class Part:
    """A file, and the requests in it in order."""

    path: Path
    requests: list[AskedLater] = field(default_factory=list)
    size: int = 0


class Spool:
    """Writes requests to files in a folder as they come, so that none of them is held in memory."""

    def __init__(
        self, folder: Path, *, most_requests: int = MOST_REQUESTS, most_bytes: int = MOST_BYTES
    ) -> None:
        self._folder = folder
        self._most_requests = most_requests
        self._most_bytes = most_bytes
        self._known: set[str] = set()
        self.parts: list[Part] = []

    def __contains__(self, request_sha256: str) -> bool:
        return request_sha256 in self._known

    def add(self, asked: AskedLater, body: Mapping[str, Any]) -> None:
        """Write a request with its body, exactly as it would be sent. Raises OSError."""
        whole = {
            "custom_id": asked.request_sha256,
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": body,
        }
        # ASCII alone: some that read lines end them at other characters too.
        line = json.dumps(whole, separators=(",", ":")).encode("ascii") + b"\n"
        part = self._part_for(len(line))
        with part.path.open("ab") as file:
            file.write(line)
        part.requests.append(asked)
        part.size += len(line)
        self._known.add(asked.request_sha256)

    def clear(self) -> None:
        """Take all files away."""
        for part in self.parts:
            part.path.unlink(missing_ok=True)
        self.parts = []
        self._known = set()

    def _part_for(self, size: int) -> Part:
        last = self.parts[-1] if self.parts else None
        if last is None or len(last.requests) >= self._most_requests or last.size + size > self._most_bytes:
            last = Part(self._folder / f"clausewise-{len(self.parts) + 1}.jsonl")
            self.parts.append(last)
        return last
