"""What a call costs in processor time: the bare openai client, a bare instructor call, and a stage of ours that is checked and kept."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from benchmarks.endpoint import (
    STAGES,
    Stage,
    ask_bare,
    ask_instructor,
    fleet_document,
    in_turn,
    scripted_stages,
)
from pipeline.batch.bill import Bill
from pipeline.checks import whole
from pipeline.checks.claims import Artefact, root_of
from pipeline.checks.evidence import check_evidence
from pipeline.draft import write_draft
from pipeline.llm import Door
from pipeline.settings import Settings
from pipeline.store.sqlite import SqliteStore
from schemas.document import Document
from schemas.draft import Citation
from schemas.finding import Finding
from tests.fleet import Fleet

_IN_FLIGHT = 16
_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class CallCosts:
    """Milliseconds of processor time a call, each the least of some rounds.

    ``door`` is our door alone, which asks and reads the answer; ``unchecked`` a stage with its bill and its commit, whose answer no check
    looks at; ``stage`` a stage as it is, its prompt and its key included, with all checks and those over the finished draft, where no
    document is answered in the words of another; ``evidence`` the same with the checks of evidence alone, by which each quote gets its
    place; ``repeated`` a stage as it is where all are answered in the same words, of which the checks remember much.
    """

    openai: float
    instructor: float
    door: float
    unchecked: float
    evidence: float
    stage: float
    repeated: float


def measure_calls(folder: Path, documents: int) -> CallCosts:
    """All in turn, against endpoints that answer at once."""
    return asyncio.run(_measure(folder, documents))


async def _measure(folder: Path, documents: int) -> CallCosts:
    stages = await scripted_stages()
    for name in ("own", "same"):
        (folder / name).mkdir(parents=True)
    with (
        Fleet(folder / "same") as endpoint,
        Fleet(folder / "own", own_words=1) as own,
        SqliteStore(folder / "store.db") as store,
    ):
        settings = endpoint.settings()
        many = {"documents": documents, "in_flight": _IN_FLIGHT}
        rounds = []
        for number in range(_ROUNDS + 1):
            first = number * documents
            # Others each time, for of the same documents the first stage would be found in the store.
            fresh, quoted, again = (
                [fleet_document(number) for number in range(begin, begin + documents)]
                for begin in (first, first + 100_000, first + 200_000)
            )
            rounds.append(
                (
                    await _cost(lambda n=first: ask_bare(endpoint, stages, **many, first=n), documents),
                    await _cost(lambda n=first: ask_instructor(endpoint, stages, **many, first=n), documents),
                    await _cost(lambda n=first: _ask_door(settings, stages, n, documents), documents),
                    await _cost(
                        lambda n=first: _keep_unchecked(settings, stages, store, n, documents), documents
                    ),
                    await _cost(
                        lambda them=quoted: _draft_by_evidence(own.settings(), store, them), documents
                    ),
                    await _cost(lambda them=fresh: _draft(own.settings(), store, them), documents),
                    await _cost(lambda them=again: _draft(settings, store, them), documents),
                )
            )
    # The first round warms up.
    return CallCosts(*(min(costs) for costs in zip(*rounds[1:], strict=True)))


async def _cost(work: Callable[[], Awaitable[None]], documents: int) -> float:
    began = time.process_time()
    await work()
    return (time.process_time() - began) / documents / STAGES * 1000


async def _ask_door(settings: Settings, stages: Sequence[Stage], first: int, documents: int) -> None:
    async with Door(settings) as door:

        async def ask(number: int) -> None:
            for stage in stages:
                system, user = _words(stage, first + number)
                await door.ask(system=system, user=user, answer=type(stage.answer), check=lambda _: [])

        await in_turn(ask, range(documents), _IN_FLIGHT)


async def _keep_unchecked(
    settings: Settings, stages: Sequence[Stage], store: SqliteStore, first: int, documents: int
) -> None:
    async with Door(settings, replies=store) as door:

        async def ask(number: int) -> None:
            name = f"unchecked-{first + number}"
            billed = door.behind(Bill(store, settings, "run", name))
            for count, stage in enumerate(stages):
                system, user = _words(stage, first + number)
                reply = await billed.ask(
                    system=system,
                    user=user,
                    answer=type(stage.answer),
                    check=lambda _: [],
                    key=f"{name}-{count}",
                    kind="benchmark",
                )
                await store.save(f"{name}-{count}", "consumer", reply.answer.model_dump_json(), "{}")

        await in_turn(ask, range(documents), _IN_FLIGHT)


async def _draft(settings: Settings, store: SqliteStore, documents: Sequence[Document]) -> None:
    async with Door(settings, replies=store) as door:

        async def draft(number: int) -> None:
            billed = door.behind(Bill(store, settings, "run", str(number)))
            await write_draft(documents[number], settings, store=store, door=billed)

        await in_turn(draft, range(len(documents)), _IN_FLIGHT)


async def _draft_by_evidence(settings: Settings, store: SqliteStore, documents: Sequence[Document]) -> None:
    with evidence_alone():
        await _draft(settings, store, documents)


@contextmanager
def evidence_alone() -> Iterator[None]:
    """Within it, artefacts are checked for their evidence and for nothing else."""

    def check(document: Document, artefact: Artefact) -> tuple[list[Citation], list[Finding]]:
        return check_evidence(document, artefact, root_of(artefact))

    with ExitStack() as stack:
        stack.enter_context(patch.object(whole, "check_artefact", check))
        for name in ("check_document", "check_consistency"):
            stack.enter_context(patch.object(whole, name, lambda *_: []))
        yield


def _words(stage: Stage, number: int) -> tuple[str, str]:
    system, user = (message["content"] for message in stage.body_for(number)["messages"])
    return system, user
