"""One stage: render its prompt, ask the model, keep what was answered under the hash of all that determined it."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.checks.whole import Checked
from pipeline.errors import ModelError, StoreError
from pipeline.llm import Asker
from pipeline.prices import cost_usd
from pipeline.prompts import load_prompt
from pipeline.settings import Settings
from pipeline.store.store import StageStore
from schemas.document import Document
from schemas.draft import Attempt, StageName, StageRecord
from schemas.summaries import ConsumerSentence, ConsumerSummary, LegalSentence, LegalSummary

A = TypeVar("A", bound=BaseModel)


class Watcher(Protocol):
    """Whoever wants to know how the work goes."""

    def started(self, stage: StageName, label: str) -> None:
        """A stage begins; ``label`` tells parts apart."""

    def attempted(self, stage: StageName, attempt: Attempt) -> None:
        """The endpoint answered, or failed to."""

    def finished(self, record: StageRecord) -> None:
        """A stage is done, or was found in the store."""


class Silence:
    """A watcher that does not care."""

    def started(self, stage: StageName, label: str) -> None:
        """Nothing to tell."""

    def attempted(self, stage: StageName, attempt: Attempt) -> None:
        """Nothing to tell."""

    def finished(self, record: StageRecord) -> None:
        """Nothing to tell."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What every stage of one document works with. ``opening`` is the shared first part of the prompt."""

    document: Document
    opening: str
    door: Asker
    settings: Settings
    store: StageStore
    watcher: Watcher = field(default_factory=Silence)
    fresh: bool = False
    checked: Checked = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "checked", Checked(self.document))


async def run_stage(
    bench: Bench,
    stage: StageName,
    answer: type[A],
    check: Callable[[A], list[str]],
    *,
    label: str = "",
    **values: Any,
) -> tuple[A, StageRecord]:
    """Ask for one stage's answer, or take it from the store when exactly this was asked before.

    ``values`` fill the stage's own prompt. Returns the answer and the record of how it came about; when all answers fail
    ``check``, the one with the fewest problems is returned all the same, for the checks over the finished draft to report, and kept in
    the store like any other.
    Raises ModelError, naming the stage, when no answer fitted the schema, and StoreError when what is stored cannot be read.
    """
    system = load_prompt("system").render()
    user = bench.opening + "\n" + load_prompt(stage).render(**values)
    schema_sha256 = _schema_sha256(answer)
    parameters = _parameters(bench.settings)
    key = _digest(
        {
            "stage": stage,
            "system": system,
            "user": user,
            "schema": schema_sha256,
            "model": bench.settings.model,
            "endpoint": bench.settings.endpoint,
            "mode": bench.settings.mode,
            "parameters": parameters,
        }
    )
    kept = None if bench.fresh else await _find(bench.store, key, answer)
    if kept is not None:
        bench.watcher.finished(kept[1])
        return kept

    bench.watcher.started(stage, label)
    began = time.monotonic()
    try:
        reply = await bench.door.ask(
            system=system,
            user=user,
            answer=answer,
            check=check,
            on_attempt=lambda attempt: bench.watcher.attempted(stage, attempt),
            key="" if bench.fresh else key,
            kind=load_prompt(stage).name,
        )
    except ModelError as error:
        error.add_note(", ".join(filter(None, (f"stage: {stage}", label, _spent(error.attempts)))))
        raise
    model = reply.models[-1] if reply.models else bench.settings.model
    cost = cost_usd(model, reply.attempts, bench.settings.base_url)
    record = StageRecord(
        stage=stage,
        key_sha256=key,
        prompts={p.name: p.sha256 for p in map(load_prompt, ("system", "document", stage))},
        schema_sha256=schema_sha256,
        model_asked=bench.settings.model,
        models_answered=reply.models,
        mode=bench.settings.mode,
        parameters=parameters,
        attempts=reply.attempts,
        cost_usd=None if cost is None else cost * bench.settings.price_share,
        seconds=round(time.monotonic() - began, 3),
        reused=False,
        finished_at=datetime.now(UTC),
    )
    await bench.store.save(key, stage, reply.answer.model_dump_json(), record.model_dump_json())
    bench.watcher.finished(record)
    return reply.answer, record


async def _find(store: StageStore, key: str, answer: type[A]) -> tuple[A, StageRecord] | None:
    stored = await store.load(key)
    if stored is None:
        return None
    try:
        record = StageRecord.model_validate_json(stored.record)
        return answer.model_validate_json(stored.answer), record.model_copy(update={"reused": True})
    except ValidationError as error:
        raise StoreError(
            f"The store {store.name} holds a stage that this Clausewise cannot read; name another with --store, or ask "
            "again with --fresh."
        ) from error


def _spent(attempts: Sequence[Attempt]) -> str:
    """What a stage that failed has cost, for whoever pays it all the same."""
    counts = [count for a in attempts for count in (a.usage.prompt_tokens, a.usage.completion_tokens)]
    known = sum(count for count in counts if count is not None)
    least = "at least " if None in counts else ""
    return f"requests: {len(attempts)}, tokens: {least}{known:,}"


def tell(summary: ConsumerSummary | LegalSummary) -> str:
    """A summary as the next stage sees it: sentences with role, basis and the ids of the passages behind them."""
    sentences: Sequence[ConsumerSentence | LegalSentence] = summary.sentences
    return "\n".join(_tell(number, sentence) for number, sentence in enumerate(sentences, start=1))


def _tell(number: int, sentence: ConsumerSentence | LegalSentence) -> str:
    behind = ", ".join(dict.fromkeys(e.passage_id for e in sentence.evidence))
    return f"{number}. ({sentence.role}, {sentence.basis}) {' '.join(sentence.text.split())} [{behind}]"


def _parameters(settings: Settings) -> dict[str, str | int | float | bool | None]:
    return {
        "temperature": settings.temperature,
        "seed": settings.seed,
        "max_output_tokens": settings.max_output_tokens,
        "answer_tries": settings.answer_tries,
    }


@lru_cache(maxsize=16)
def _schema_sha256(answer: type[BaseModel]) -> str:
    return _digest(answer.model_json_schema())


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
