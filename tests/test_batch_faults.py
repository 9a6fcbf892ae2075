"""What a batch does about each fault of transport and of the model's answer, over real HTTP: the table of docs/faults.md."""

import asyncio
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

import tests.fleet
from pipeline.batch.halt import Halt
from pipeline.batch.limits import Limiter
from pipeline.batch.report import exit_code, go_on
from pipeline.batch.runner import Batch, RunEnd, run_batch
from pipeline.errors import (
    AnswerInvalidError,
    AskedToWaitError,
    ContextOverflowError,
    ModelError,
    ModelRefusedError,
    ModelTruncatedError,
    ModelUnreachableError,
    QuotaExhaustedError,
    UnknownModelError,
    WrongKeyError,
)
from pipeline.exchange import Gate
from pipeline.store.records import ItemRow
from pipeline.store.sqlite import SqliteStore
from tests.endpoint import Endpoint, Reply, answer, drip, drop, fault, hang, message, raw, tool_calls
from tests.fleet import write_fleet
from tests.test_batch import Watch, about, batch_of, script, states
from tests.tidewater import consumer, misquoted, tidewater

DOCUMENTS = 3
STAGES = 3
TOKENS = 120  # of each answer
FAULTY = "policy-0001"
PAGE = b"<!doctype html><title>Down for maintenance</title>"
SHORT = 1.0  # seconds, for exchanges that do not end

REFUSED = "refused"  # with an error status: nothing is billed
LOST = "lost"  # nobody told the tokens: billed is unknown
ANSWERED = "answered"  # billed like any other

# Times that the fault comes, and what the bill says of each.
PASSES: dict[str, tuple[Reply, int, str]] = {
    "429": (fault(429, retry_after="7"), 1, REFUSED),
    "429_date": (
        lambda request: fault(429, retry_after=formatdate(time.time() + 20, usegmt=True))(request),
        1,
        REFUSED,
    ),
    "429_bare": (fault(429, "rate_limit_exceeded"), 2, REFUSED),
    "429_in_a_200": (
        raw(b'{"error": {"code": 429, "message": "slow down"}, "choices": null}'),
        1,
        LOST,
    ),
    "408": (fault(408), 1, REFUSED),
    "500": (fault(500), 3, REFUSED),
    "503": (fault(503), 1, REFUSED),
    "page": (raw(PAGE, "text/html", 502), 1, REFUSED),
    "hang": (hang(), 1, LOST),
    "drip": (drip(), 1, LOST),
    "drop": (drop(consumer(tidewater())), 1, LOST),
    "bad_body": (raw(b'{"id": "chatcmpl-1", "choices": ['), 1, LOST),
}
ASKED_AGAIN: dict[str, Reply] = {
    "no_json": answer("I would rather not say."),
    "cut_json": answer('{"sentences": [{"text": "The'),
    "empty": answer(consumer(tidewater()), choices=[]),
    "no_text": answer(""),
    "wrong_schema": answer({"sentences": "three"}),
    "wrong_tool": tool_calls("{}", name="Weather"),
    "over_long": answer("x" * 600_000),
}
FAILS: dict[str, tuple[Reply, type[ModelError], str]] = {
    "refusal": (message(refusal="No."), ModelRefusedError, ANSWERED),
    "filter": (answer(consumer(tidewater()), "content_filter"), ModelRefusedError, ANSWERED),
    "filter_400": (
        fault(400, "content_filter", "triggering the content management policy"),
        ModelRefusedError,
        REFUSED,
    ),
    "filter_403": (
        fault(403, 403, "The model requires moderation. Your input was flagged for violence."),
        ModelRefusedError,
        REFUSED,
    ),
    "truncated": (answer(consumer(tidewater()), "length"), ModelTruncatedError, ANSWERED),
    "overflow": (fault(400, "context_length_exceeded"), ContextOverflowError, REFUSED),
    "overflow_413": (raw(PAGE, "text/html", 413), ContextOverflowError, REFUSED),
    "page_200": (raw(PAGE, "text/html"), ModelUnreachableError, LOST),
    "page_403": (raw(PAGE, "text/html", 403), ModelUnreachableError, REFUSED),
    "rejected": (fault(400, "invalid_schema", "minItems is not permitted"), ModelError, REFUSED),
}
STOPS: dict[str, tuple[Reply, type[ModelError]]] = {
    "wrong_key": (fault(401, "invalid_api_key"), WrongKeyError),
    "forbidden": (fault(403, None, "Forbidden"), WrongKeyError),
    "quota": (fault(429, "insufficient_quota", "You exceeded your current quota"), QuotaExhaustedError),
    "quota_402": (fault(402, None, "Insufficient Balance"), QuotaExhaustedError),
    "unknown_model": (fault(404, "model_not_found", "The model does not exist"), UnknownModelError),
    "no_such_address": (raw(b"404 page not found", "text/plain", 404), UnknownModelError),
    "429_tomorrow": (fault(429, retry_after="86400"), AskedToWaitError),
    "503_tomorrow": (fault(503, retry_after="86400"), AskedToWaitError),
}
GONE: dict[str, Reply] = {
    "503_for_all": fault(503),
    "page_for_all": raw(PAGE, "text/html"),
    "error_in_a_200_for_all": raw(b'{"error": {"code": 500, "message": "down"}, "choices": null}'),
}


class Clock(Halt):
    """A clock on which pauses take no time, and what was slept on it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.refuse()
        self.now += seconds
        await asyncio.sleep(0)
        self.refuse()

    def limiter(self) -> Limiter:
        return Limiter(halt=self, clock=lambda: self.now, sleep=self.sleep)


async def run(batch: Batch, clock: Clock | None = None, gate: Gate | None = None) -> RunEnd:
    clock = clock or Clock()
    with SqliteStore(batch.settings.store) as store:
        return await run_batch(batch, store, Watch(), halt=clock, gate=gate or clock.limiter())


def rows(end: RunEnd) -> dict[str, ItemRow]:
    return {Path(row.item.id).stem: row for row in end.rows}


def asked_about_the_faulty(endpoint: Endpoint) -> int:
    return sum("We keep note 1 for" in request.user for request in endpoint.requests)


def times(count: int, reply: Reply) -> Callable[[Any], Reply | None]:
    """The first so many requests about one of the documents meet the fault."""
    left = iter(range(count))
    faulty = about(1, reply)
    return lambda request: faulty(request) and (reply if next(left, None) is not None else None)


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    return write_fleet(tmp_path / "policies", DOCUMENTS)


def timing(kind: str) -> dict[str, float]:
    # One after another, so that no other exchange is as slow as that.
    return {"call_timeout": SHORT, "concurrency": 1} if kind in ("hang", "drip") else {}


@pytest.mark.parametrize("kind", PASSES)
async def test_fault_that_passes_is_tried_again_and_every_document_is_drafted(
    endpoint: Endpoint, policies: Path, kind: str
) -> None:
    reply, count, billed = PASSES[kind]
    script(endpoint, times(count, reply))
    end = await run(batch_of(endpoint, policies, **timing(kind)))
    assert set(states(end).values()) == {"drafted"}
    assert (end.state, exit_code(end)) == ("finished", 0)
    assert len(endpoint.requests) == DOCUMENTS * STAGES + count == end.spent.calls
    assert end.spent.tokens == DOCUMENTS * STAGES * TOKENS
    assert end.spent.unknown == (count if billed == LOST else 0)
    assert len({request.body for request in endpoint.requests}) == DOCUMENTS * STAGES


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [("429", 7, 7), ("429_date", 15, 20), ("429_bare", 1 + 2, 1 + 2), ("429_in_a_200", 1, 1)],
)
async def test_rate_limit_holds_all_documents_for_as_long_as_it_asks(
    endpoint: Endpoint, policies: Path, kind: str, least: float, most: float
) -> None:
    reply, count, _ = PASSES[kind]
    script(endpoint, times(count, reply))
    clock = Clock()
    limiter = clock.limiter()
    # One after another, so that the clock moves for one pause at a time.
    end = await run(batch_of(endpoint, policies, concurrency=1), clock, limiter)
    assert set(states(end).values()) == {"drafted"}
    assert limiter.pauses == count
    assert least <= clock.now <= most + 0.01


@pytest.mark.parametrize("kind", PASSES)
async def test_fault_that_does_not_pass_fails_its_document_alone_after_the_last_try(
    endpoint: Endpoint, policies: Path, kind: str
) -> None:
    reply, _, billed = PASSES[kind]
    script(endpoint, about(1, reply))
    end = await run(batch_of(endpoint, policies, transport_tries=2, **timing(kind)))
    assert Counter(states(end).values()) == {"drafted": DOCUMENTS - 1, "failed": 1}
    assert rows(end)[FAULTY].outcome.kind == "ModelUnreachableError"
    assert asked_about_the_faulty(endpoint) == 2
    assert end.spent.unknown == (2 if billed == LOST else 0)
    assert end.spent.tokens == (DOCUMENTS - 1) * STAGES * TOKENS


def mode(kind: str) -> dict[str, str]:
    return {"mode": "tools"} if kind == "wrong_tool" else {}


@pytest.mark.parametrize("kind", ASKED_AGAIN)
async def test_answer_that_does_not_fit_is_asked_again_and_paid_for(
    endpoint: Endpoint, policies: Path, kind: str
) -> None:
    script(endpoint, times(1, ASKED_AGAIN[kind]))
    end = await run(batch_of(endpoint, policies, **mode(kind)))
    assert set(states(end).values()) == {"drafted"}
    assert len(endpoint.requests) == DOCUMENTS * STAGES + 1
    assert end.spent.tokens == (DOCUMENTS * STAGES + 1) * TOKENS
    assert max(len(request.body) for request in endpoint.requests) < 200_000


@pytest.mark.parametrize("kind", ASKED_AGAIN)
async def test_answer_that_never_fits_fails_its_document_alone(
    endpoint: Endpoint, policies: Path, kind: str
) -> None:
    script(endpoint, about(1, ASKED_AGAIN[kind]))
    end = await run(batch_of(endpoint, policies, **mode(kind)))
    assert Counter(states(end).values()) == {"drafted": DOCUMENTS - 1, "failed": 1}
    assert rows(end)[FAULTY].outcome.kind == AnswerInvalidError.__name__
    assert asked_about_the_faulty(endpoint) == 3
    assert end.spent.tokens == ((DOCUMENTS - 1) * STAGES + 3) * TOKENS


MISQUOTED = ("misquoted",)
UNTOLD = ("no_usage",)


@pytest.mark.parametrize("kind", MISQUOTED)
async def test_quote_that_stays_wrong_is_a_finding_in_its_draft(
    endpoint: Endpoint, policies: Path, kind: str
) -> None:
    wrong = about(1, answer(misquoted(tidewater())))
    script(endpoint, lambda request: wrong(request) if request.schema_name == "ConsumerSummary" else None)
    end = await run(batch_of(endpoint, policies))
    assert set(states(end).values()) == {"drafted"}
    assert [id_ for id_, row in rows(end).items() if row.outcome.errors] == [FAULTY]
    assert len(endpoint.requests) == DOCUMENTS * STAGES + 2
    assert end.spent.tokens == len(endpoint.requests) * TOKENS
    assert exit_code(end) == 1


@pytest.mark.parametrize("kind", UNTOLD)
async def test_answer_that_tells_no_tokens_counts_and_its_tokens_are_unknown(
    endpoint: Endpoint, policies: Path, kind: str
) -> None:
    untold = about(1, answer(consumer(tidewater()), usage=None))
    script(endpoint, lambda request: untold(request) if request.schema_name == "ConsumerSummary" else None)
    end = await run(batch_of(endpoint, policies))
    assert set(states(end).values()) == {"drafted"}
    assert len(endpoint.requests) == DOCUMENTS * STAGES
    assert end.spent.tokens == (DOCUMENTS * STAGES - 1) * TOKENS
    assert end.spent.unknown == 1
    assert end.spent.unknown_tokens > 5_000


@pytest.mark.parametrize("kind", FAILS)
async def test_fault_of_one_document_fails_it_at_once_and_no_other(
    endpoint: Endpoint, policies: Path, kind: str
) -> None:
    reply, error, billed = FAILS[kind]
    script(endpoint, about(1, reply))
    end = await run(batch_of(endpoint, policies))
    assert Counter(states(end).values()) == {"drafted": DOCUMENTS - 1, "failed": 1}
    assert (end.state, end.error, exit_code(end)) == ("finished", None, 3)
    assert rows(end)[FAULTY].outcome.kind == error.__name__
    assert "(stage: consumer" in str(rows(end)[FAULTY].outcome.reason)
    assert asked_about_the_faulty(endpoint) == 1
    paid = (DOCUMENTS - 1) * STAGES + (1 if billed == ANSWERED else 0)
    assert end.spent.tokens == paid * TOKENS
    assert end.spent.unknown == (1 if billed == LOST else 0)
    assert go_on(end, ("clausewise", "batch", "x")) == "clausewise batch x --retry-failed"


@pytest.mark.parametrize("kind", STOPS)
async def test_fault_of_all_stops_the_run_and_the_same_command_goes_on(
    endpoint: Endpoint, policies: Path, kind: str
) -> None:
    reply, error = STOPS[kind]
    script(endpoint, lambda request: reply)
    batch = batch_of(endpoint, policies, concurrency=2)
    end = await run(batch)
    assert set(states(end).values()) == {"waiting"}
    assert type(end.error) is error
    assert (end.state, exit_code(end)) == ("stopped", 3)
    assert len(endpoint.requests) <= 2
    assert (end.spent.tokens, end.spent.unknown) == (0, 0)
    assert go_on(end, ("clausewise", "batch", "x")) == "clausewise batch x"
    script(endpoint)
    assert set(states(await run(batch)).values()) == {"drafted"}


@pytest.mark.parametrize("kind", ["wrong_key", "429_tomorrow"])
async def test_fault_of_all_that_comes_late_keeps_what_was_done(
    endpoint: Endpoint, policies: Path, kind: str
) -> None:
    script(endpoint, times(1, STOPS[kind][0]))
    batch = batch_of(endpoint, policies, concurrency=1)
    end = await run(batch)
    assert states(end) == {"policy-0000": "drafted", "policy-0001": "waiting", "policy-0002": "waiting"}
    assert set(states(await run(batch)).values()) == {"drafted"}
    assert len(endpoint.requests) == DOCUMENTS * STAGES + 1


@pytest.mark.parametrize("kind", [*GONE, "connection_refused"])
async def test_endpoint_that_is_gone_stops_the_run_after_ten_documents(
    endpoint: Endpoint, tmp_path: Path, kind: str
) -> None:
    folder = write_fleet(tmp_path / "many", 12)
    changes: dict[str, Any] = {"concurrency": 1, "transport_tries": 1}
    if kind == "connection_refused":
        with socket.socket() as taken:
            # Bound and not listening: nobody else has the port, and nobody answers.
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            end = await run(batch_of(endpoint, folder, base_url=f"http://127.0.0.1:{port}/v1", **changes))
    else:
        script(endpoint, lambda request: GONE[kind])
        end = await run(batch_of(endpoint, folder, **changes))
        assert len(endpoint.requests) == 10
    assert Counter(states(end).values()) == {"failed": 10, "waiting": 2}
    assert (end.state, type(end.error), exit_code(end)) == ("stopped", ModelUnreachableError, 3)
    assert end.spent.tokens == 0
    assert go_on(end, ("clausewise", "batch", "x")) == "clausewise batch x --retry-failed"
    if kind == "503_for_all":
        script(endpoint)
        assert set(states(await run(batch_of(endpoint, folder, retry_failed=True, **changes))).values()) == {
            "drafted"
        }


# The table


def shown() -> dict[str, set[str]]:
    """The tests of this file that are done for each fault, with the faults."""
    found: dict[str, set[str]] = {}
    for name, function in globals().items():
        if isinstance(function, FunctionType) and name.startswith("test_"):
            for mark in getattr(function, "pytestmark", []):
                cases = [case if isinstance(case, str) else case[0] for case in mark.args[1]]
                found[name] = set(cases)
    return found


def table() -> Iterator[tuple[str, str]]:
    """Each fault of the table in the docs, with each test that is named over it."""
    text = (Path(__file__).parents[1] / "docs" / "faults.md").read_text(encoding="utf-8")
    for section in text.split("\n## ")[1:]:
        tests = re.findall(r"`(test_\w+)`", section)
        for fault_ in re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE):
            assert tests, f"no test is named over {fault_}"
            yield from ((fault_, name) for name in tests)


def test_every_row_of_the_table_names_a_test_that_is_done_for_its_fault() -> None:
    named = list(table())
    assert named
    assert [(fault_, name) for fault_, name in named if fault_ not in shown().get(name, set())] == []


def test_every_fault_that_is_tested_has_a_row_and_so_has_each_of_the_endpoint_for_batches() -> None:
    rows_of_table = {fault_ for fault_, _ in table()}
    assert set().union(*shown().values()) == rows_of_table
    assert {*tests.fleet.FAULTS, *tests.fleet.LASTING} <= rows_of_table
