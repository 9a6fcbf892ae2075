"""A line of a batch's files: the completion to one request, or why there is none.

What cannot be read is no line, and its request one of which none came. Faults are kept as the provider told them, and read again when the
request is at hand, so that none of its words are repeated.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.completions import error_of, model_of, usage_of
from pipeline.errors import ModelError, QuotaExhaustedError, UnknownModelError, WrongKeyError
from pipeline.exchange import restored, write_completion
from pipeline.faults import read_line_fault
from pipeline.prices import price_usd
from pipeline.retries import ExchangeError
from pipeline.settings import Settings
from pipeline.store.records import CallEnded, LineHeard
from schemas.draft import Usage

_NOTHING = Usage(prompt_tokens=0, cached_tokens=0, completion_tokens=0)
_FAULT = 500  # the status of an error that has none of its own: tried again

# None of the request's own: with these nothing else is answered either. A line has no headers, and so never asks for a wait of its own.
CONCERNS_ALL = (WrongKeyError, QuotaExhaustedError, UnknownModelError)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no completion: the status of the request, and the provider's error object."""

    status: int
    error: dict[str, Any]

    def read(self, settings: Settings, prompt: str = "") -> ExchangeError:
        """The fault as the door to the model tells it."""
        return read_line_fault(self.status, self.error, settings, prompt)

    def write(self) -> str:
        """As JSON."""
        return json.dumps({"status": self.status, "error": self.error})


def restored_fault(text: str) -> Fault:
    """A fault read from its JSON."""
    told = json.loads(text)
    return Fault(told["status"], told["error"])


def read_lines(path: Path, settings: Settings) -> Iterator[LineHeard | None]:
    """The lines of a downloaded file; None for one that cannot be read."""
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                yield _read_line(line, settings)


def write_missing(settings: Settings, status: str, fault: Fault | None, *, counts: bool = True) -> LineHeard:
    """What is said of a request of which no line came: by what made its batch fail, or that it is lost.

    ``counts`` is whether it was a try.
    """
    if fault is not None:
        heard = _write_fault("", fault, settings)
        return replace(heard, counts=heard.counts and counts)
    if status != "completed":
        # The provider bills what it completed, and that has a line.
        return _write_fault("", Fault(_FAULT, {"code": f"batch_{status}"}), settings)
    lost = Fault(_FAULT, {"code": "no_line_in_the_output"})
    ended = CallEnded("lost", "no line in the batch's output", None, Usage(), None)
    return LineHeard("", None, lost.write(), final=False, counts=True, ended=ended)


def _read_line(line: bytes, settings: Settings) -> LineHeard | None:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    digest = told.get("custom_id") if isinstance(told, dict) else None
    if not isinstance(digest, str) or not digest.isascii():
        return None
    response = told.get("response")
    response = response if isinstance(response, dict) else {}
    body, status = response.get("body"), response.get("status_code")
    if status == 200 and isinstance(body, dict):
        heard = _write_answer(digest, body, settings)
        if heard is not None:
            return heard
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else told.get("error")
    known = {name: error.get(name) for name in ("code", "type", "message")} if isinstance(error, dict) else {}
    if not isinstance(status, int) or not 400 <= status < 600:
        status = _FAULT
    return _write_fault(digest, Fault(status, known), settings)


def _write_answer(digest: str, body: dict[str, Any], settings: Settings) -> LineHeard | None:
    """A completion, or None when the body is none: an error object that came with the status 200."""
    if not isinstance(body.get("choices"), list):
        return None
    completion = restored(json.dumps(body))
    if error_of(completion) is not None:
        return None
    usage, model = usage_of(completion), model_of(completion)
    cost: float | None = None
    if usage.prompt_tokens is not None and usage.completion_tokens is not None:
        cost = price_usd(
            model or settings.model,
            settings.base_url,
            prompt=usage.prompt_tokens,
            completion=usage.completion_tokens,
            cached=min(usage.cached_tokens or 0, usage.prompt_tokens),
        )
    paid = None if cost is None else cost * settings.price_share
    ended = CallEnded("answered", None, model, usage, paid)
    text = write_completion(completion, usage)
    return LineHeard(digest, text, None, final=False, counts=True, ended=ended)


def _write_fault(digest: str, fault: Fault, settings: Settings) -> LineHeard:
    told = fault.read(settings)
    counts = not isinstance(told.error, CONCERNS_ALL)
    ended = CallEnded("refused", told.reason, None, _NOTHING, 0.0)
    return LineHeard(
        digest, None, fault.write(), final=counts and not told.transient, counts=counts, ended=ended
    )


def concern_of(line: LineHeard, settings: Settings) -> ModelError | None:
    """The error that a line tells of when it concerns all requests, or None."""
    if line.fault is None:
        return None
    error = restored_fault(line.fault).read(settings).error
    return error if isinstance(error, CONCERNS_ALL) else None
