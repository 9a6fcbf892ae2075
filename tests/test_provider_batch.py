"""Runs through batches of the provider, over real HTTP: waves, restarts, and what comes back without an answer."""

import asyncio
import io
import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import pipeline.provider_batch.waves
from pipeline.batch.budget import Budget
from pipeline.batch.command import prepare
from pipeline.batch.events import Event
from pipeline.batch.halt import Halt
from pipeline.batch.report import exit_code, write_report
from pipeline.batch.runner import Batch, RunEnd, run_batch
from pipeline.errors import (
    BudgetSpentError,
    ModelError,
    ModelUnreachableError,
    QuotaExhaustedError,
    WrongKeyError,
)
from pipeline.exchange import Asking
from pipeline.provider import Provider
from pipeline.provider_batch.run import run_in_waves
from pipeline.provider_batch.spool import Spool
from pipeline.settings import DEFAULT_BASE_URL
from pipeline.store.packing import unpack_draft
from pipeline.store.records import AskedLater, Spent
from pipeline.store.sqlite import SqliteStore
from tests.batch_api import BatchApi, Line, Special, provider
from tests.endpoint import Endpoint, Reply, Request, answer, fault
from tests.fleet import write_fleet
from tests.test_batch import Watch
from tests.test_parts import CATEGORY, budget_in, ids_in
from tests.tidewater import answers_for, misquoted, schema_asked, tidewater

__all__ = ["provider"]

DOCUMENTS = 3


@pytest.fixture
def policies(tmp_path: Path, provider: BatchApi) -> Path:
    provider.answer_with(answers_for(tidewater()))
    return write_fleet(tmp_path / "policies", DOCUMENTS)


def batch_of(api: BatchApi | Endpoint, policies: Path, **changes: Any) -> Batch:
    own = {name: changes.pop(name) for name in list(changes) if name in Batch.__slots__}
    settings = api.settings(**({"concurrency": 3, "store": policies.parent / "store.db"} | changes))
    made = prepare(
        (str(policies),),
        settings,
        out=policies.parent / "out",
        stdin=io.BytesIO(),
        command=("clausewise", "batch"),
    )
    # Files are written as in any other run, and take longer than all the rest.
    return replace(made, out=None, **own)


async def go_on(batch: Batch, watch: Watch | None = None, **changes: Any) -> RunEnd:
    """One more command, as a process of its own would run it."""
    with SqliteStore(batch.settings.store) as store:
        return await run_in_waves(batch, store, watch or Watch(), halt=Halt(), every=0, **changes)


def states(end: RunEnd) -> Counter[str]:
    return Counter(row.outcome.state for row in end.rows)


async def drafts(batch: Batch) -> dict[str, Any]:
    """The drafts of a run by their item, without the story of how they were made and where."""
    found = {}
    with SqliteStore(batch.settings.store) as store:
        for row in await store.items(batch.run_id):
            packed = await store.draft(row.outcome.draft_key or "")
            assert packed is not None
            draft = json.loads(unpack_draft(packed))
            assert len(draft["provenance"].pop("stages")) == 3
            del draft["provenance"]["endpoint"]
            found[Path(row.item.id).name] = draft
    return found


def about(number: int, what: Callable[[Line], Special] | Special) -> Callable[[Line], Special]:
    """What happens to the consumer summary of one policy alone."""

    def special(line: Line) -> Special:
        mine = f"We keep note {number} for" in line.request.user
        if not mine or schema_asked(line.request) != "ConsumerSummary":
            return None
        return what(line) if callable(what) else what

    return special


def sizes(api: BatchApi) -> list[int]:
    return [len(made.lines) for made in api.made]


async def test_three_waves_give_the_drafts_of_a_live_run(
    provider: BatchApi, endpoint: Endpoint, policies: Path, tmp_path: Path
) -> None:
    count = len(list(write_fleet(policies, 6).iterdir()))
    batch = batch_of(provider, policies)
    provider.held = True
    for wave in range(1, 4):
        end = await go_on(batch)
        assert states(end) == {"waiting": count}
        assert (end.state, end.error, exit_code(end)) == ("stopped", None, 4)
        assert end.waits_for == "6 answers of 1 batch at the provider"
        assert sizes(provider) == [count] * wave
        # Nothing has come, and nothing is asked for twice.
        assert states(await go_on(batch)) == {"waiting": count}
        assert sizes(provider) == [count] * wave
        provider.finish()
    end = await go_on(batch)
    assert (states(end), end.state, exit_code(end)) == ({"drafted": count}, "finished", 0)
    assert sizes(provider) == [count] * 3

    endpoint.script_with(answers_for(tidewater()))
    live = batch_of(endpoint, policies, store=tmp_path / "live.db")
    with SqliteStore(live.settings.store) as store:
        assert states(await run_batch(live, store, Watch())) == {"drafted": count}
    assert await drafts(batch) == await drafts(live)
    # To the letter what would have been sent.
    sent = sorted(json.dumps(request.json, sort_keys=True) for request in endpoint.requests)
    assert sorted(json.dumps(body, sort_keys=True) for body in provider.bodies()) == sent
    assert set(provider.answered.values()) == {1}
    assert end.spent.calls == 3 * count
    assert end.spent.prompt_tokens == provider.tokens["prompt_tokens"]
    assert end.spent.completion_tokens == provider.tokens["completion_tokens"]


async def test_waiting_for_all_waves_takes_one_command(provider: BatchApi, policies: Path) -> None:
    watch = Watch()
    end = await go_on(batch_of(provider, policies), watch, wait=True)
    assert states(end) == {"drafted": DOCUMENTS}
    assert watch.names()["call"] == 3 * DOCUMENTS
    told = [event.told["status"] for event in watch.events if event.name == "provider_batch"]
    assert Counter(told)["completed"] == 3
    asked = len(provider.requests)
    again = await go_on(batch_of(provider, policies), wait=True)
    assert (states(again), again.spent.calls) == ({"drafted": DOCUMENTS}, 0)
    assert len(provider.requests) == asked


async def test_answer_that_is_asked_again_goes_into_the_next_wave(provider: BatchApi, policies: Path) -> None:
    wrong = misquoted(tidewater())
    provider.special = about(
        2, lambda line: None if line.request.last != line.request.user else answer(wrong)(line.request)
    )
    end = await go_on(batch_of(provider, policies), wait=True)
    assert states(end) == {"drafted": DOCUMENTS}
    assert sizes(provider) == [3, 3, 3, 1]
    assert provider.bodies()[3]["messages"][-1]["role"] == "user"
    assert sorted(len(body["messages"]) for body in provider.bodies()[3:6]) == [2, 2, 4]
    assert set(provider.answered.values()) == {1}
    assert end.spent.calls == 10


async def test_equal_requests_are_asked_once(provider: BatchApi, policies: Path) -> None:
    # Other bytes and another company by the manifest make other items, and the passages of twins the same prompt.
    source = policies / "policy-0000.md"
    (policies / "twin.md").write_text(source.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    end = await go_on(batch_of(provider, policies), wait=True)
    assert states(end) == {"drafted": DOCUMENTS, "linked": 1}
    assert sizes(provider) == [3, 3, 3]


async def test_request_that_the_provider_rejects_fails_its_document_with_the_reason(
    provider: BatchApi, policies: Path
) -> None:
    provider.special = about(1, fault(400, "context_length_exceeded")(Request("", {}, b"{}")))
    end = await go_on(batch_of(provider, policies), wait=True)
    assert states(end) == {"drafted": 2, "failed": 1}
    (failed,) = [row.outcome for row in end.rows if row.outcome.state == "failed"]
    assert failed.kind == "ContextOverflowError"
    assert "set --context-window" in (failed.reason or "")
    assert exit_code(end) == 3


@pytest.mark.parametrize("special", ["expired", "missing", "garbage"])
async def test_request_without_an_answer_goes_into_the_next_wave(
    provider: BatchApi, policies: Path, special: Special
) -> None:
    provider.special = about(2, lambda line: None if line.seen else special)
    end = await go_on(batch_of(provider, policies), wait=True)
    assert states(end) == {"drafted": DOCUMENTS}
    assert sizes(provider) == [3, 3, 3, 1]
    assert provider.made[0].status == ("expired" if special == "expired" else "completed")
    assert set(provider.answered.values()) == {1}
    # Nobody told what a request took that has no line in a finished batch.
    assert end.spent.unknown == (0 if special == "expired" else 1)
    assert end.spent.calls == 10


async def test_request_that_never_gets_an_answer_fails_after_so_many_waves(
    provider: BatchApi, policies: Path
) -> None:
    provider.special = about(2, "expired")
    batch = batch_of(provider, policies, transport_tries=3)
    end = await go_on(batch, wait=True)
    assert states(end) == {"drafted": 2, "failed": 1}
    (failed,) = [row.outcome.reason or "" for row in end.rows if row.outcome.state == "failed"]
    assert "went into 3 batches" in failed
    assert "batch_expired" in failed
    # The same command leaves it at that, and --retry-failed begins anew.
    assert states(await go_on(batch, wait=True)) == {"drafted": 2, "failed": 1}
    provider.special = lambda line: None
    assert states(await go_on(replace(batch, retry_failed=True), wait=True)) == {"drafted": DOCUMENTS}


async def test_batch_for_which_the_account_has_no_room_is_submitted_again_when_others_are_through(
    provider: BatchApi, policies: Path
) -> None:
    provider.refused_as_full = lambda made: made.id == "batch_2"
    end = await go_on(batch_of(provider, policies, transport_tries=1), wait=True, most_requests=2)
    assert states(end) == {"drafted": DOCUMENTS}
    assert provider.made[1].status == "failed"
    assert set(provider.answered.values()) == {1}


async def test_batch_that_never_has_room_fails_its_documents(provider: BatchApi, policies: Path) -> None:
    provider.refused_as_full = lambda made: True
    end = await go_on(batch_of(provider, policies, transport_tries=2), wait=True)
    assert states(end) == {"failed": DOCUMENTS}
    assert "token_limit_exceeded" in (end.rows[0].outcome.reason or "")


async def test_files_are_split_by_requests_and_by_bytes(provider: BatchApi, policies: Path) -> None:
    batch = batch_of(provider, policies)
    await go_on(batch, most_requests=2)
    assert sizes(provider) == [2, 1]
    longest = max(len(line) for line in provider.files["file-1"].splitlines(keepends=True))
    end = await go_on(batch, wait=True, most_bytes=2 * longest)
    assert states(end) == {"drafted": DOCUMENTS}
    inputs = [provider.files[made.input_file_id] for made in provider.made]
    assert all(len(content) <= 2 * longest for content in inputs[2:] if content.count(b"\n") > 1)
    assert len(inputs) > 4


def test_spool_fills_a_file_to_the_last_byte_and_no_further(tmp_path: Path) -> None:
    def asked(name: str) -> AskedLater:
        return AskedLater(name, "key", "item", "legal.v1", "m", 1, 0.0)

    spool = Spool(tmp_path, most_bytes=10_000)
    spool.add(asked("a"), {"text": "é\u2028"})
    size = spool.parts[0].size
    exact = Spool(tmp_path / "b", most_bytes=2 * size)
    (tmp_path / "b").mkdir()
    for name in "abc":
        exact.add(asked(name), {"text": "é\u2028"})
    assert [len(part.requests) for part in exact.parts] == [2, 1]
    assert exact.parts[0].path.stat().st_size == 2 * size
    assert len(exact.parts[0].path.read_text().splitlines()) == 2
    assert "c" in exact
    exact.clear()
    assert "c" not in exact
    assert list((tmp_path / "b").iterdir()) == []


async def test_wrong_key_stops_at_once_and_the_right_one_goes_on(provider: BatchApi, policies: Path) -> None:
    end = await go_on(batch_of(provider, policies, api_key=SecretStr("sk-wrong-0123456789")), wait=True)
    assert isinstance(end.error, WrongKeyError)
    assert (states(end), exit_code(end)) == ({"waiting": DOCUMENTS}, 3)
    assert provider.requests == ["POST /v1/files"]
    assert states(await go_on(batch_of(provider, policies), wait=True)) == {"drafted": DOCUMENTS}


async def test_account_without_credit_stops_the_run_and_fails_no_document(
    provider: BatchApi, policies: Path
) -> None:
    provider.special = lambda line: fault(429, "insufficient_quota")(line.request)
    end = await go_on(batch_of(provider, policies, transport_tries=1), wait=True)
    assert isinstance(end.error, QuotaExhaustedError)
    assert states(end) == {"waiting": DOCUMENTS}
    provider.special = lambda line: None
    assert states(await go_on(batch_of(provider, policies, transport_tries=1), wait=True)) == {
        "drafted": DOCUMENTS
    }


async def test_lost_answer_to_a_submission_makes_no_second_batch(provider: BatchApi, policies: Path) -> None:
    provider.lose_answers_to_create = 1
    end = await go_on(batch_of(provider, policies), wait=True)
    assert states(end) == {"drafted": DOCUMENTS}
    assert sizes(provider) == [3, 3, 3]


class Killed(BaseException):
    """The process ends here."""


async def test_restart_between_any_two_steps_loses_nothing_and_pays_for_nothing_twice(
    provider: BatchApi, policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = batch_of(provider, policies)
    monkeypatch.setattr(pipeline.provider_batch.waves, "_LINES", 4)
    steps = [
        *((Provider, name) for name in ("upload", "submit", "retrieve", "download")),
        *((SqliteStore, name) for name in ("hand_over", "note_handed", "hear_lines", "end_handed")),
    ]
    killed: set[tuple[str, bool]] = set()
    while True:
        for owner, name in steps:
            for after in (False, True):
                with monkeypatch.context() as patch:
                    _kill_at(patch, owner, name, after)
                    with suppress(Killed):
                        await go_on(batch)
                        continue
                    killed.add((name, after))
        end = await go_on(batch)
        if not states(end)["waiting"]:
            break
    assert killed == {(name, after) for _, name in steps for after in (False, True)}
    assert states(end) == {"drafted": DOCUMENTS}
    assert len(provider.answered) == 3 * DOCUMENTS
    assert set(provider.answered.values()) == {1}
    with SqliteStore(batch.settings.store) as store:
        spent = await store.spent(batch.run_id, whole=True)
    assert spent.calls == 3 * DOCUMENTS
    assert spent.tokens == provider.tokens.total()
    assert (spent.unknown, spent.in_flight) == (0, 0)


def _kill_at(patch: pytest.MonkeyPatch, owner: type, name: str, after: bool) -> None:
    real = getattr(owner, name)

    async def dying(*args: Any, **kwargs: Any) -> Any:
        if after:
            await real(*args, **kwargs)
        raise Killed

    patch.setattr(owner, name, dying)


async def test_batches_are_found_again_behind_pages_of_others(
    provider: BatchApi, policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.page = 1
    batch = batch_of(provider, policies)
    with monkeypatch.context() as patch:
        _kill_at(patch, Provider, "submit", after=True)
        with pytest.raises(Killed):
            await go_on(batch, most_requests=3)
    for number in range(3):
        other = replace(provider.made[0], id=f"other_{number}", metadata={}, status="completed")
        provider.made.append(other)
    end = await go_on(batch, wait=True)
    assert states(end) == {"drafted": DOCUMENTS}
    assert set(provider.answered.values()) == {1}


async def test_answers_are_billed_at_half_of_the_list_price(
    provider: BatchApi, policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices: list[dict[str, int]] = []

    def listed(model: str, endpoint: str | None, **tokens: int) -> float:
        prices.append(tokens)
        return 0.25

    monkeypatch.setattr("pipeline.provider_batch.lines.price_usd", listed)
    end = await go_on(batch_of(provider, policies), wait=True)
    assert end.spent.cost_usd == pytest.approx(3 * DOCUMENTS * 0.125)
    assert prices == [{"prompt": 100, "completion": 20, "cached": 60}] * 9
    with SqliteStore(policies.parent / "store.db") as store:
        costs = await store.costs()
    assert {(row.stage, row.spent.calls, row.spent.cost_usd) for row in costs} == {
        (stage, 3, 0.375) for stage in ("consumer", "legal", "risk")
    }


async def test_cost_of_a_model_without_a_price_stays_unknown(provider: BatchApi, policies: Path) -> None:
    end = await go_on(batch_of(provider, policies), wait=True)
    assert (end.spent.unpriced, end.spent.cost_usd) == (9, 0.0)
    assert write_report(end, ())["spent"]["cost_usd"] is None


async def test_budget_counts_what_is_in_flight_at_its_most(provider: BatchApi, policies: Path) -> None:
    batch = batch_of(provider, policies, max_output_tokens=1_000)
    provider.held = True
    with SqliteStore(batch.settings.store) as store:
        await run_in_waves(batch, store, Watch(), halt=Halt())
        tokens, _ = await store.most_in_flight(batch.run_id)
    each = tokens // DOCUMENTS
    other = replace(batch, run_id="other", max_tokens=2 * each + each // 2)
    end = await go_on(other)
    assert isinstance(end.error, BudgetSpentError)
    assert sizes(provider)[-1] == 2
    # And again: what is out counts, so that no more is let out.
    end = await go_on(other)
    assert isinstance(end.error, BudgetSpentError)
    assert len(provider.made) == 2


async def test_endpoint_without_batches_says_so(endpoint: Endpoint, policies: Path) -> None:
    endpoint.script_with(lambda request: fault(404, None))
    settings = {"provider_batch": True}
    end = await go_on(batch_of(endpoint, policies, **settings))
    assert type(end.error) is ModelError
    assert "leave out --provider-batch" in str(end.error)


@pytest.mark.parametrize("outage", [3, 1_000])
async def test_outage_while_it_is_watched_is_waited_for_and_not_for_ever(
    provider: BatchApi, policies: Path, monkeypatch: pytest.MonkeyPatch, outage: int
) -> None:
    batch = batch_of(provider, policies)
    retrieve = Provider.retrieve
    looks = 0

    async def gone(self: Provider, batch_id: str) -> Any:
        nonlocal looks
        looks += 1
        if looks <= outage:
            raise ModelUnreachableError("No connection.")
        return await retrieve(self, batch_id)

    watch = Watch()
    with monkeypatch.context() as patch:
        patch.setattr(Provider, "retrieve", gone)
        end = await go_on(batch, watch, wait=True)
    if outage == 3:
        assert watch.names()["paused"] == 3
    else:
        assert isinstance(end.error, ModelUnreachableError)
        assert states(end) == {"waiting": DOCUMENTS}
        end = await go_on(batch, wait=True)
    assert states(end) == {"drafted": DOCUMENTS}


async def test_stop_while_waiting_leaves_the_batches_where_they_are(
    provider: BatchApi, policies: Path
) -> None:
    provider.held = True
    halt = Halt()
    batch = batch_of(provider, policies)

    def stop(event: Event) -> None:
        if event.name == "provider_batch" and len(provider.requests) >= 3:
            halt.stop("Ctrl-C")

    with SqliteStore(batch.settings.store) as store:
        end = await asyncio.wait_for(
            run_in_waves(batch, store, Watch(stop), halt=halt, wait=True, every=0), 20
        )
    assert states(end) == {"waiting": DOCUMENTS}
    provider.held = False
    assert states(await go_on(batch, wait=True)) == {"drafted": DOCUMENTS}
    assert sizes(provider) == [3, 3, 3]


async def test_answer_that_was_cut_off_is_asked_for_anew_with_retry_failed(
    provider: BatchApi, policies: Path
) -> None:
    provider.special = about(1, lambda line: answer("{", finish_reason="length")(line.request))
    batch = batch_of(provider, policies)
    end = await go_on(batch, wait=True)
    assert [row.outcome.kind for row in end.rows] == [None, "ModelTruncatedError", None]
    provider.special = lambda line: None
    assert states(await go_on(batch, wait=True)) == {"drafted": 2, "failed": 1}
    assert states(await go_on(replace(batch, retry_failed=True), wait=True)) == {"drafted": DOCUMENTS}


async def test_answer_with_half_a_character_is_kept_and_asked_again(
    provider: BatchApi, policies: Path
) -> None:
    provider.special = about(
        1,
        lambda line: None if line.request.last != line.request.user else answer("\ud83d")(line.request),
    )
    assert states(await go_on(batch_of(provider, policies), wait=True)) == {"drafted": DOCUMENTS}
    assert sizes(provider) == [3, 3, 3, 1]


async def test_parts_of_a_long_document_are_read_in_one_wave(provider: BatchApi, tmp_path: Path) -> None:
    long = write_fleet(tmp_path / "long", 1, chars=40_000)
    right = answers_for(tidewater())

    def reply(request: Request) -> Reply:
        if schema_asked(request) != "Reading":
            return right(request)
        named = ids_in(request)[: budget_in(request)]
        chosen = [{"passage_id": name, "category": CATEGORY} for name in named]
        return answer({"passages": chosen})

    provider.answer_with(reply)
    batch = batch_of(provider, long, context_window=16_000, max_output_tokens=4_000)
    await go_on(batch)
    schemas = {body["response_format"]["json_schema"]["name"] for body in provider.bodies()}
    assert schemas == {"Reading"}
    assert len(provider.bodies()) > 1
    parts = len(provider.bodies())
    await go_on(batch)
    assert sizes(provider) == [parts, 1]


async def test_cost_in_a_draft_is_what_its_answers_cost_in_batches(
    provider: BatchApi, policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.stages.stage.cost_usd", lambda *args: 0.25)
    batch = batch_of(provider, policies)
    await go_on(batch, wait=True)
    with SqliteStore(batch.settings.store) as store:
        (row, *_) = await store.items(batch.run_id)
        draft = json.loads(unpack_draft(await store.draft(row.outcome.draft_key or "") or b""))
    assert [stage["cost_usd"] for stage in draft["provenance"]["stages"]] == [0.125] * 3


@pytest.mark.parametrize(("batches", "usd"), [(False, 1.0), (True, 0.5)])
def test_budget_reserves_what_a_request_costs_in_a_batch(
    provider: BatchApi, batches: bool, usd: float
) -> None:
    budget = Budget(
        provider.settings(provider_batch=batches, model="gpt-5.1", base_url=DEFAULT_BASE_URL),
        max_usd=9.0,
        max_tokens=None,
        spent=Spent(),
        halt=Halt(),
        price=lambda *args, **tokens: 1.0,
    )
    assert budget.most(Asking("key", "digest", "legal.v1", "gpt-5.1", 1, 1, 1)).usd == usd


async def test_finished_output_that_the_provider_has_no_more_is_asked_for_anew(
    provider: BatchApi, policies: Path
) -> None:
    batch = batch_of(provider, policies)
    await go_on(batch)
    provider.finish()
    del provider.files[provider.made[0].output_file_id or ""]
    watch = Watch()
    assert states(await go_on(batch, watch, wait=True)) == {"drafted": DOCUMENTS}
    with SqliteStore(batch.settings.store) as store:
        (first, *_) = await store.handed(batch.run_id)
    assert "has the file" in (first.reason or "")


async def test_batch_that_another_key_submitted_is_told_so(provider: BatchApi, policies: Path) -> None:
    batch = batch_of(provider, policies)
    await go_on(batch)
    provider.made.clear()
    end = await go_on(batch)
    assert "use a key of the project" in str(end.error)
    assert states(end) == {"waiting": DOCUMENTS}


async def test_file_that_cannot_be_uploaded_leaves_those_before_it_in_work(
    provider: BatchApi, policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = Provider.upload

    async def second_fails(self: Provider, path: Path) -> str:
        if path.name.endswith("-2.jsonl"):
            raise ModelUnreachableError("No connection.")
        return await upload(self, path)

    batch = batch_of(provider, policies)
    with monkeypatch.context() as patch:
        patch.setattr(Provider, "upload", second_fails)
        end = await go_on(batch, most_requests=2)
    assert isinstance(end.error, ModelUnreachableError)
    assert end.waits_for == "2 answers of 1 batch at the provider"
    assert states(await go_on(batch, wait=True)) == {"drafted": DOCUMENTS}
    assert set(provider.answered.values()) == {1}
