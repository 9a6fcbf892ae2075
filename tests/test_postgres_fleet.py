"""A batch on a fleet: a real PostgreSQL, two workers as processes, and one of them killed."""

import asyncio
import io
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from pipeline.batch.command import prepare
from pipeline.batch.events import Event
from pipeline.batch.halt import Halt
from pipeline.batch.report import exit_code
from pipeline.batch.runner import Batch, RunEnd, run_batch
from pipeline.cli import app
from pipeline.errors import BudgetSpentError, UsageError, WrongKeyError
from pipeline.fleet.run import order_from_fleet, run_fleet, stop_on_fleet, work_for_fleet
from pipeline.settings import Server, Settings
from pipeline.store.fleet import FleetStore
from pipeline.store.opening import open_store
from schemas.draft import Draft
from tests.batch_process import Batches
from tests.endpoint import KEY, Endpoint, fault
from tests.fleet import Fleet, Logged, write_fleet
from tests.postgres_server import make_database
from tests.test_batch import Watch, script
from tests.tidewater import answers_for, tidewater

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

STALLED = 2  # seconds without a sign of life


def batch_of(settings: Settings, policies: Path, **own: Any) -> Batch:
    out = own.pop("out", policies.parent / f"{policies.name}-out")
    made = prepare((str(policies),), settings, out=out, stdin=io.BytesIO(), command=("clausewise", "batch"))
    return replace(made, **own)


async def run(batch: Batch, watch: Watch | None = None) -> RunEnd:
    async with asyncio.timeout(60):
        return await run_fleet(batch, watch or Watch(), halt=Halt())


def states(end: RunEnd) -> Counter[str]:
    return Counter(row.outcome.state for row in end.rows)


class Site:
    """A database, an endpoint, and two workers on them, which the tests that follow share."""

    def __init__(self, database: str, endpoint: Fleet, batches: Batches, folder: Path) -> None:
        self.endpoint = endpoint
        self.folder = folder
        self._place = Server(url=SecretStr(database))
        words = ["worker", "--store", database, "--concurrency", "4", "--stalled-after", str(STALLED)]
        self.workers = [batches.start(words, endpoint.environment()) for _ in range(2)]

    def settings(self, **changes: Any) -> Settings:
        return self.endpoint.settings(store=self._place, **changes)

    def since(self, before: int) -> list[Logged]:
        return self.endpoint.log()[before:]

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not happened():  # noqa: ASYNC110  (another process writes the log)
                await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def site(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with Fleet(folder, latency=0.05) as endpoint, Batches() as batches:
        made = Site(make_database(server), endpoint, batches, folder)
        try:
            yield made
        finally:
            for worker in made.workers:
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)


def answered(log: list[Logged]) -> Counter[str]:
    return Counter(line.digest for line in log if line.completion_tokens)


async def test_the_pace_is_one_for_two_workers(site: Site) -> None:
    policies = write_fleet(site.folder / "paced", 16, first=100)
    before = len(site.endpoint.log())
    end = await run(batch_of(site.settings(requests_per_minute=720), policies))
    assert states(end) == {"drafted": 16}
    log = site.since(before)
    assert len(log) == 48
    # By the endpoint's clock: at the least what the pace takes, less what the first may come late; two paces would take half.
    took = max(line.at for line in log) - min(line.at for line in log)
    assert took > 0.75 * 47 / 720 * 60


async def test_the_budget_is_one_for_two_workers_and_a_higher_one_goes_on(site: Site) -> None:
    policies = write_fleet(site.folder / "budgeted", 12, first=200)
    before = len(site.endpoint.log())
    settings = site.settings(max_output_tokens=1_500)
    end = await run(batch_of(settings, policies, max_tokens=60_000))
    spent = sum(line.prompt_tokens + line.completion_tokens for line in site.since(before))
    assert isinstance(end.error, BudgetSpentError)
    assert (end.state, exit_code(end)) == ("stopped", 4)
    assert 30_000 < spent <= 60_000
    assert end.spent.tokens == spent
    assert states(end)["waiting"] > 0
    end = await run(batch_of(settings, policies, max_tokens=10_000_000))
    assert (states(end), end.state) == ({"drafted": 12}, "finished")
    paid = answered(site.since(before))
    assert len(paid) == paid.total() == 36


async def test_a_killed_worker_loses_nothing_and_only_what_it_had_in_flight_is_paid_again(site: Site) -> None:
    policies = write_fleet(site.folder / "policies", 30, first=300)
    (policies / "twin.md").write_bytes((policies / "policy-0303.md").read_bytes())
    before = len(site.endpoint.log())
    batch = batch_of(site.settings(), policies)
    watch = Watch()
    running = asyncio.ensure_future(run(batch, watch))
    await site.until(lambda: len(site.since(before)) > 20)
    os.kill(site.workers[0], signal.SIGKILL)
    end = await running
    assert states(end) == {"drafted": 30, "linked": 1}
    assert (end.state, end.error) == ("finished", None)
    paid = answered(site.since(before))
    assert len(paid) == 90
    # What the killed worker had in flight: sent and not heard of, or heard of and not kept yet.
    assert paid.total() - 90 <= 4
    assert max(paid.values()) <= 2
    # The bill is the endpoint's own, up to what nobody heard of any more.
    heard = end.spent.calls - end.spent.in_flight
    assert end.spent.in_flight <= 4
    assert heard <= paid.total() <= end.spent.calls
    told = sum(line.prompt_tokens + line.completion_tokens for line in site.since(before))
    assert end.spent.tokens <= told <= end.spent.tokens + end.spent.unknown_tokens
    assert watch.names()["item"] == 31
    assert watch.names()["call"] == heard
    found = list((policies.parent / "policies-out").glob("*/draft.json"))
    drafts = [Draft.model_validate_json(path.read_bytes()) for path in found]
    assert len({draft.provenance.source_sha256 for draft in drafts}) == len(drafts) == 30
    # Once more: nothing is asked, and what was taken away is written again.
    asked = len(site.endpoint.log())
    found[0].unlink()
    again = await run(batch)
    assert len(site.endpoint.log()) == asked
    assert (again.rows, again.spent.calls) == (end.rows, 0)
    assert found[0].exists()


class Unobserved:
    """Nobody watches."""

    def on(self, event: Event) -> None:
        """Nothing to tell."""


@asynccontextmanager
async def worker(settings: Settings) -> AsyncIterator["asyncio.Task[None]"]:
    working = asyncio.ensure_future(
        work_for_fleet(settings, Unobserved(), lambda words: None, concurrency=3, stalled_after=60)
    )
    try:
        yield working
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError, UsageError):
            await working


@pytest.fixture
def settings(endpoint: Endpoint, database: str) -> Settings:
    return endpoint.settings(store=Server(url=SecretStr(database)))


async def test_a_wrong_key_stops_the_run_for_all(
    endpoint: Endpoint, settings: Settings, tmp_path: Path
) -> None:
    endpoint.script_with(lambda request: fault(401))
    batch = batch_of(settings, write_fleet(tmp_path / "policies", 12))
    async with worker(settings), worker(settings):
        end = await run(batch)
        assert isinstance(end.error, WrongKeyError)
        assert (end.state, exit_code(end), states(end)) == ("stopped", 3, {"waiting": 12})
        assert len(endpoint.requests) <= 6
        script(endpoint)
        end = await run(batch)
    assert (end.state, states(end)) == ("finished", {"drafted": 12})


async def test_one_bad_document_fails_alone_and_is_tried_again_when_asked(
    endpoint: Endpoint, settings: Settings, tmp_path: Path
) -> None:
    right = answers_for(tidewater())
    endpoint.script_with(
        lambda request: fault(400, "content_filter") if "note 1 for" in request.user else right(request)
    )
    policies = write_fleet(tmp_path / "policies", 3)
    async with worker(settings):
        end = await run(batch_of(settings, policies))
        assert (end.state, states(end), exit_code(end)) == ("finished", {"drafted": 2, "failed": 1}, 3)
        script(endpoint)
        asked = len(endpoint.requests)
        assert states(await run(batch_of(settings, policies)))["failed"] == 1
        assert len(endpoint.requests) == asked
        end = await run(batch_of(settings, policies, retry_failed=True))
        assert states(end) == {"drafted": 3}
        # A changed document is drafted anew, and the others are not.
        asked = len(endpoint.requests)
        changed = policies / "policy-0002.md"
        changed.write_text(changed.read_text(encoding="utf-8").replace("note 2", "note 7"), encoding="utf-8")
        assert states(await run(batch_of(settings, policies))) == {"drafted": 3}
        assert len(endpoint.requests) == asked + 3


async def test_bytes_are_handed_over_and_let_go_when_the_run_is_finished(
    endpoint: Endpoint, settings: Settings, tmp_path: Path
) -> None:
    script(endpoint)
    policies = write_fleet(tmp_path / "policies", 2)
    batch = batch_of(settings, policies)
    assert await order_from_fleet(batch) == 2
    assert await order_from_fleet(batch) == 0
    for path in policies.iterdir():
        path.unlink()
    assert isinstance(settings.store, Server)
    async with FleetStore(settings.store) as store:
        first = batch.listed[0]
        given = await store.given(batch.run_id, first.item.id)
        assert given is not None
        assert given.data is not None
        async with worker(settings), asyncio.timeout(30):
            while (await store.run_state(batch.run_id))[0] != "finished":  # noqa: ASYNC110  (in the database)
                await asyncio.sleep(0.05)
        given = await store.given(batch.run_id, first.item.id)
        assert given is not None
        assert (given.data, given.row.outcome.state) == (None, "drafted")
    assert len(endpoint.requests) == 6


async def test_a_worker_that_would_draft_otherwise_refuses(
    endpoint: Endpoint, settings: Settings, tmp_path: Path
) -> None:
    batch = batch_of(settings, write_fleet(tmp_path / "policies", 1))
    await order_from_fleet(batch)
    other = settings.model_copy(update={"base_url": "http://127.0.0.1:1/v1"})
    async with worker(other) as working, asyncio.timeout(30):
        with pytest.raises(UsageError, match=r"would ask http://127\.0\.0\.1:1/v1; set OPENAI_BASE_URL"):
            await working
    # The document waits for one that does not.
    script(endpoint)
    async with worker(settings):
        assert states(await run(batch)) == {"drafted": 1}


async def test_a_run_that_was_stopped_begins_nothing_new(
    endpoint: Endpoint, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(endpoint)
    batch = batch_of(settings, write_fleet(tmp_path / "policies", 3))
    await order_from_fleet(batch)
    assert isinstance(settings.store, Server)
    place = settings.store.url.get_secret_value()
    assert "is stopping" in await stop_on_fleet("last", place)
    assert "not in work" in await stop_on_fleet(batch.run_id, place)
    async with worker(settings):
        other = await run(batch_of(settings, write_fleet(tmp_path / "others", 1, first=9)))
        assert states(other) == {"drafted": 1}
        assert len(endpoint.requests) == 3
        assert states(await run(batch)) == {"drafted": 3}


async def test_the_batch_of_one_process_runs_on_the_same_store(
    endpoint: Endpoint, settings: Settings, tmp_path: Path
) -> None:
    script(endpoint)
    batch = batch_of(settings, write_fleet(tmp_path / "policies", 3))
    async with open_store(settings.store) as store:
        end = await run_batch(batch, store, Watch())
        assert (end.state, states(end), end.spent.calls) == ("finished", {"drafted": 3}, 9)
    asked = len(endpoint.requests)
    async with open_store(settings.store) as store:
        assert (await run_batch(batch, store, Watch())).rows == end.rows
    assert len(endpoint.requests) == asked


def test_commands_name_the_store_by_its_address(
    endpoint: Endpoint, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
    monkeypatch.setenv("CLAUSEWISE_MODEL", "scripted")
    monkeypatch.chdir(tmp_path)
    write_fleet(Path("policies"), 2)
    invoke = CliRunner().invoke
    refused = invoke(app, ["batch", "policies", "--engine", "postgres"])
    assert refused.exit_code == 2
    assert "give --store postgresql://" in refused.stderr
    refused = invoke(app, ["worker", "--store", "mysql://somewhere"])
    assert refused.exit_code == 2
    assert "begins with postgresql://" in refused.stderr
    words = ["batch", "policies", "--engine", "postgres", "--store", database]
    ordered = invoke(app, [*words, "--detach"])
    assert ordered.exit_code == 0, ordered.stderr
    assert "2 documents are in the queue" in ordered.stderr
    listed = invoke(app, ["runs", "list", "--store", database, "--json"])
    (told,) = json.loads(listed.stdout)
    assert (told["state"], told["items"]) == ("running", {"waiting": 2})
    # What is kept of the command tells no password.
    secret = database.replace("clausewise@", "clausewise:s3cret@") + "?password=s3cret"
    monkeypatch.setattr("sys.argv", ["clausewise", "batch", "policies", f"--store={secret}"])
    assert invoke(app, [*words[:-1], secret, "--detach"]).exit_code == 0
    listed = invoke(app, ["runs", "list", "--store", database, "--json"])
    assert "s3cret" not in listed.stdout
    assert json.loads(listed.stdout)[0]["command"][-1] == f"--store={database.replace('clausewise@', '')}"
    endpoint.script_with(lambda request: fault(401))
    examined = invoke(app, ["doctor", "--store", secret])
    assert f"{database.replace('clausewise@', '')} is writable" in examined.stdout
    planned = invoke(app, [*words, "--dry-run"])
    assert "2 to draft" in planned.stdout
