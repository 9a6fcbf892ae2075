"""A batch over real HTTP: one outcome for each document, whatever happens to one of them or to the endpoint."""

import asyncio
import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import pipeline.batch.item
from pipeline.batch.command import prepare
from pipeline.batch.events import Event
from pipeline.batch.halt import Halt
from pipeline.batch.limits import Limiter
from pipeline.batch.plan import plan_batch, write_plan
from pipeline.batch.report import exit_code, go_on, write_report
from pipeline.batch.runner import Batch, RunEnd, run_batch
from pipeline.errors import BudgetSpentError, QuotaExhaustedError, UnknownModelError, WrongKeyError
from pipeline.store.packing import unpack_draft
from pipeline.store.sqlite import SqliteStore
from schemas.draft import Draft
from tests.endpoint import Endpoint, Reply, Request, answer, fault
from tests.fleet import write_fleet
from tests.tidewater import answers_for, consumer, legal, misquoted, risk, schema_asked, tidewater


class Watch:
    """An observer that keeps what it is told, and may do something about it."""

    def __init__(self, then: Callable[[Event], None] | None = None) -> None:
        self.events: list[Event] = []
        self._then = then

    def on(self, event: Event) -> None:
        self.events.append(event)
        if self._then is not None:
            self._then(event)

    def names(self) -> Counter[str]:
        return Counter(event.name for event in self.events)


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    return write_fleet(tmp_path / "policies", 4)


def batch_of(endpoint: Endpoint, *sources: Path, out: Path | None = None, **changes: Any) -> Batch:
    own = {name: changes.pop(name) for name in list(changes) if name in Batch.__slots__}
    folder = sources[0].parent
    settings = endpoint.settings(**({"concurrency": 3, "store": folder / "store.db"} | changes))
    made = prepare(
        tuple(map(str, sources)),
        settings,
        out=out or folder / "out",
        stdin=io.BytesIO(),
        command=("clausewise", "batch"),
    )
    return replace(made, **own)


async def run(batch: Batch, watch: Watch | None = None, halt: Halt | None = None) -> RunEnd:
    # Without limits, for nothing here waits.
    with SqliteStore(batch.settings.store) as store:
        return await run_batch(batch, store, watch or Watch(), halt=halt)


def states(end: RunEnd) -> dict[str, str]:
    return {Path(row.item.id).stem: row.outcome.state for row in end.rows}


def script(endpoint: Endpoint, special: Callable[[Request], Reply | None] = lambda request: None) -> None:
    """The right answers, but for requests to which something special is the answer."""
    right = answers_for(tidewater())
    endpoint.script_with(lambda request: special(request) or right(request))


def about(number: int, reply: Reply) -> Callable[[Request], Reply | None]:
    return lambda request: reply if f"We keep note {number} for" in request.user else None


async def test_each_document_is_drafted_and_written(endpoint: Endpoint, policies: Path) -> None:
    script(endpoint)
    watch = Watch()
    end = await run(batch_of(endpoint, policies), watch)
    assert set(states(end).values()) == {"drafted"}
    assert (end.state, end.error, exit_code(end)) == ("finished", None, 0)
    assert len(endpoint.requests) == 12 == end.spent.calls
    assert end.spent.tokens == 12 * 120
    drafts = list((policies.parent / "out").glob("*/draft.json"))
    assert len(drafts) == 4
    read = [Draft.model_validate_json(path.read_bytes()) for path in drafts]
    assert len({draft.provenance.source_sha256 for draft in read}) == 4
    assert watch.names()["item"] == 4
    assert watch.names()["call"] == 12


async def test_rerun_of_a_finished_batch_asks_nothing_and_opens_no_door(
    endpoint: Endpoint, policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(endpoint)
    batch = batch_of(endpoint, policies)
    first = await run(batch)
    asked = len(endpoint.requests)
    monkeypatch.setattr(pipeline.batch.item, "read_document", None)
    monkeypatch.setattr(pipeline.batch.runner.Door, "__aenter__", None)
    watch = Watch()
    again = await run(batch_of(endpoint, policies), watch)
    assert len(endpoint.requests) == asked
    assert again.rows == first.rows
    assert again.spent.calls == 0
    assert all(event.told["unchanged"] for event in watch.events if event.name == "item")


async def test_files_that_were_taken_away_are_written_again_without_asking(
    endpoint: Endpoint, policies: Path
) -> None:
    script(endpoint)
    await run(batch_of(endpoint, policies))
    asked = len(endpoint.requests)
    path = next((policies.parent / "out").glob("*/draft.html"))
    before = path.read_text(encoding="utf-8")
    path.unlink()
    await run(batch_of(endpoint, policies))
    assert path.read_text(encoding="utf-8") == before
    assert len(endpoint.requests) == asked


async def test_changed_document_is_drafted_again_and_no_other(endpoint: Endpoint, policies: Path) -> None:
    script(endpoint)
    await run(batch_of(endpoint, policies))
    asked = len(endpoint.requests)
    path = policies / "policy-0002.md"
    path.write_text(path.read_text(encoding="utf-8").replace("note 2", "note 22"), encoding="utf-8")
    end = await run(batch_of(endpoint, policies))
    assert len(endpoint.requests) == asked + 3
    assert set(states(end).values()) == {"drafted"}
    key = next(row.outcome.draft_key for row in end.rows if row.item.id.endswith("0002.md"))
    with SqliteStore(policies.parent / "store.db") as store:
        packed = await store.draft(str(key))
    assert packed is not None
    assert "note 22" in Draft.model_validate_json(unpack_draft(packed)).document.text


async def test_other_bytes_with_the_same_words_cost_nothing(endpoint: Endpoint, policies: Path) -> None:
    script(endpoint)
    await run(batch_of(endpoint, policies))
    asked = len(endpoint.requests)
    path = policies / "policy-0002.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n\n", encoding="utf-8")
    end = await run(batch_of(endpoint, policies))
    assert len(endpoint.requests) == asked
    assert set(states(end).values()) == {"drafted"}


async def test_equal_documents_are_drafted_once_and_linked(endpoint: Endpoint, policies: Path) -> None:
    script(endpoint)
    (policies / "twin.md").write_text(
        (policies / "policy-0001.md").read_text(encoding="utf-8") + "\n", encoding="utf-8"
    )
    watch = Watch()
    end = await run(batch_of(endpoint, policies), watch)
    counts = Counter(states(end).values())
    assert counts == {"drafted": 4, "linked": 1}
    assert len(endpoint.requests) == 12
    linked = next(row for row in end.rows if row.outcome.state == "linked")
    assert {Path(linked.item.id).stem, Path(str(linked.outcome.linked_to)).stem} == {"twin", "policy-0001"}
    told = [event for event in watch.events if event.name == "item" and event.told["state"] == "linked"]
    assert [event.item for event in told] == [linked.item.id]


async def test_title_and_company_of_a_manifest_are_the_documents_and_make_it_another(
    endpoint: Endpoint, policies: Path
) -> None:
    script(endpoint)
    manifest = policies / "list.csv"
    manifest.write_text(
        "id,source,title,company\none,policy-0000.md,The title,Acme Ltd\ntwo,policy-0000.md,,\n",
        encoding="utf-8",
    )
    end = await run(batch_of(endpoint, manifest))
    assert states(end) == {"one": "drafted", "two": "drafted"}
    draft = Draft.model_validate_json((policies / "out" / "one" / "draft.json").read_bytes())
    assert (draft.document.title, draft.document.company) == ("The title", "Acme Ltd")
    assert sum("(title: The title; company: Acme Ltd;" in request.user for request in endpoint.requests) == 3


async def test_one_bad_document_never_stops_the_others(endpoint: Endpoint, policies: Path) -> None:
    script(endpoint, about(1, answer("no json at all")))
    (policies / "recipe.md").write_text("# Soup\n\nBoil water.\n", encoding="utf-8")
    end = await run(batch_of(endpoint, policies))
    assert Counter(states(end).values()) == {"drafted": 3, "failed": 2}
    assert exit_code(end) == 3
    failed = {Path(row.item.id).stem: row.outcome for row in end.rows if row.outcome.state == "failed"}
    assert failed["policy-0001"].kind == "AnswerInvalidError"
    assert "(stage: consumer, requests: 3, tokens: 360)" in str(failed["policy-0001"].reason)
    assert failed["recipe"].kind == "SourceError"
    assert str(go_on(end, ("clausewise", "batch", "a b"))) == "clausewise batch 'a b' --retry-failed"


async def test_failed_documents_stay_failed_until_they_are_to_be_retried(
    endpoint: Endpoint, policies: Path
) -> None:
    script(endpoint, about(1, fault(400, "content_filter")))
    await run(batch_of(endpoint, policies))
    asked = len(endpoint.requests)
    assert states(await run(batch_of(endpoint, policies)))["policy-0001"] == "failed"
    assert len(endpoint.requests) == asked
    script(endpoint)
    end = await run(batch_of(endpoint, policies, retry_failed=True))
    assert set(states(end).values()) == {"drafted"}
    assert len(endpoint.requests) == asked + 3


async def test_fault_of_our_own_fails_its_document_alone_and_tells_nothing_of_it(
    endpoint: Endpoint, policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(endpoint)
    reading = pipeline.batch.item.read_document

    def failing(fetched: Any, **more: Any) -> Any:
        if b"note 3" in fetched.data:
            raise RuntimeError("secret words of a document")
        return reading(fetched, **more)

    monkeypatch.setattr(pipeline.batch.item, "read_document", failing)
    end = await run(batch_of(endpoint, policies))
    assert Counter(states(end).values()) == {"drafted": 3, "failed": 1}
    assert "secret" not in json.dumps(write_report(end, ()))


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (fault(401, "invalid_api_key"), WrongKeyError),
        (fault(429, "insufficient_quota"), QuotaExhaustedError),
        (fault(404, "model_not_found"), UnknownModelError),
    ],
)
async def test_what_concerns_every_document_stops_all_at_once(
    endpoint: Endpoint, policies: Path, reply: Reply, error: type[Exception]
) -> None:
    script(endpoint, lambda request: reply)
    batch = batch_of(endpoint, policies, concurrency=2)
    end = await run(batch)
    assert set(states(end).values()) == {"waiting"}
    assert isinstance(end.error, error)
    assert (end.state, exit_code(end)) == ("stopped", 3)
    assert len(endpoint.requests) <= 2
    script(endpoint)
    assert set(states(await run(batch)).values()) == {"drafted"}


async def test_endpoint_that_is_gone_stops_the_run_after_ten_documents(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    script(endpoint, lambda request: fault(503))
    folder = write_fleet(tmp_path / "many", 20)
    end = await run(batch_of(endpoint, folder, concurrency=1, transport_tries=1))
    assert Counter(states(end).values()) == {"failed": 10, "waiting": 10}
    assert end.state == "stopped"
    assert len(endpoint.requests) == 10


async def test_stop_finishes_what_is_in_flight_and_the_same_command_goes_on(
    endpoint: Endpoint, policies: Path
) -> None:
    script(endpoint)
    halt = Halt()
    watch = Watch(lambda event: halt.stop("it was told to.") if event.name == "stage_finished" else None)
    batch = batch_of(endpoint, policies, concurrency=1)
    end = await run(batch, watch, halt)
    assert set(states(end).values()) == {"waiting"}
    assert (end.state, end.error) == ("stopped", None)
    assert go_on(end, ("clausewise", "batch")) == "clausewise batch"
    assert len(endpoint.requests) == 1
    assert set(states(await run(batch)).values()) == {"drafted"}
    assert len(endpoint.requests) == 12


async def test_run_that_is_cancelled_keeps_what_was_finished(endpoint: Endpoint, policies: Path) -> None:
    script(endpoint)
    batch = batch_of(endpoint, policies, concurrency=1)
    tasks: list[asyncio.Task[RunEnd]] = []
    watch = Watch(lambda event: tasks[0].cancel() if event.name == "stage_finished" else None)
    tasks.append(asyncio.ensure_future(run(batch, watch)))
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    assert set(states(await run(batch)).values()) == {"drafted"}
    assert len(endpoint.requests) == 12


async def test_budget_stops_before_it_is_passed_and_the_run_goes_on_with_a_higher_one(
    endpoint: Endpoint, policies: Path
) -> None:
    usage = {"prompt_tokens": 9_000, "completion_tokens": 400, "total_tokens": 9_400}
    artefacts = {
        type(one).__name__: one for one in (consumer(tidewater()), legal(tidewater()), risk(tidewater()))
    }
    endpoint.script_with(lambda request: answer(artefacts[schema_asked(request)], usage=usage))
    few = {"max_output_tokens": 500, "concurrency": 2}
    batch = batch_of(endpoint, policies, max_tokens=50_000, **few)
    end = await run(batch)
    assert isinstance(end.error, BudgetSpentError)
    assert (end.state, exit_code(end)) == ("stopped", 4)
    assert 2 <= len(endpoint.requests) <= 5
    assert end.spent.tokens == 9_400 * len(endpoint.requests) <= 50_000
    assert "higher --max-cost or --max-tokens" in str(go_on(end, ("clausewise",)))
    asked = len(endpoint.requests)
    assert isinstance((await run(batch)).error, BudgetSpentError)
    assert len(endpoint.requests) == asked
    done = await run(batch_of(endpoint, policies, max_tokens=10_000_000, **few))
    assert set(states(done).values()) == {"drafted"}
    assert len(endpoint.requests) == 12


async def test_answers_that_were_asked_again_are_not_paid_for_twice_after_a_stop(
    endpoint: Endpoint, policies: Path
) -> None:
    wrong = answer(misquoted(tidewater()))
    halt = Halt()
    first = [True]

    def special(request: Request) -> Reply | None:
        if len(request.messages) > 2 and first[0]:
            first[0] = False
            halt.stop("it was told to.")
            return fault(503)
        return wrong if len(request.messages) == 2 and request.schema_name == "ConsumerSummary" else None

    script(endpoint, special)
    batch = batch_of(endpoint, policies / "policy-0000.md", out=policies.parent / "out")
    assert set(states(await run(batch, halt=halt)).values()) == {"waiting"}
    assert len(endpoint.requests) == 2
    end = await run(batch)
    assert set(states(end).values()) == {"drafted"}
    # The first answer is remembered: the conversation goes on where it was broken off.
    assert [len(request.messages) for request in endpoint.requests] == [2, 4, 4, 2, 2]
    draft = Draft.model_validate_json(next((policies.parent / "out").glob("*/draft.json")).read_bytes())
    assert [a.outcome for a in draft.provenance.stages[0].attempts] == ["asked_again", "accepted"]
    assert end.spent.tokens == 4 * 120


async def test_limits_of_the_endpoint_hold_for_all_workers(endpoint: Endpoint, policies: Path) -> None:
    seen: list[float] = []

    class Slow(Limiter):
        async def enter(self, asking: Any) -> Any:
            seen.append(asking.prompt_tokens)
            return await super().enter(asking)

    script(endpoint)
    batch = batch_of(endpoint, policies)
    with SqliteStore(batch.settings.store) as store:
        end = await run_batch(batch, store, Watch(), gate=Slow(60_000, 10**9))
    assert end.state == "finished"
    assert len(seen) == 12
    assert all(tokens > 5_000 for tokens in seen)


async def test_dry_run_asks_nothing_and_counts_what_is_missing(endpoint: Endpoint, policies: Path) -> None:
    halt = Halt()
    watch = Watch(lambda event: halt.stop("it was told to.") if event.name == "stage_finished" else None)
    script(endpoint)
    (policies / "recipe.md").write_text("# Soup\n\nBoil water.\n", encoding="utf-8")
    (policies / "twin.md").write_text(
        (policies / "policy-0003.md").read_text(encoding="utf-8") + "\n", encoding="utf-8"
    )
    batch = batch_of(endpoint, policies, concurrency=1)
    await run(batch, watch, halt)
    asked = len(endpoint.requests)
    with SqliteStore(batch.settings.store) as store:
        plan = await plan_batch(batch, store)
        assert len(endpoint.requests) == asked == 1
        assert plan.documents == {"to draft": 4, "refused": 1, "the same as another": 1}
        assert plan.stages == {"consumer": 3, "legal": 4, "risk": 4}
        assert plan.calls.least == 11 <= plan.calls.likely <= plan.calls.most
        assert 0 < plan.prompt_tokens.least <= plan.prompt_tokens.likely <= plan.prompt_tokens.most
        assert plan.cost_usd is None
        assert "unpriced" in write_plan(plan)
        assert json.loads(json.dumps(plan.as_json()))["stages_to_ask"]["legal"] == 4
    await run(batch)
    with SqliteStore(batch.settings.store) as store:
        assert (await plan_batch(batch, store)).calls.most == 0


async def test_prompts_of_a_plan_are_those_that_are_sent(endpoint: Endpoint, policies: Path) -> None:
    script(endpoint)
    batch = batch_of(endpoint, policies)
    with SqliteStore(batch.settings.store) as store:
        plan = await plan_batch(batch, store)
    await run(batch)
    sent = sum(len(request.system + request.user) for request in endpoint.requests) / 4
    assert plan.prompt_tokens.least <= sent * plan.calls.likely / 12 <= plan.prompt_tokens.most * 1.05
    assert plan.stages.total() == len(endpoint.requests)
