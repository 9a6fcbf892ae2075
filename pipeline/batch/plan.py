"""What a run would take, before it is run: documents, calls, tokens and cost, each with the band in which it should end.

Every document is read and its prompts are made as for the run. A stage that the store holds costs nothing, and a document goes as far as
the store carries it; from the first stage that is missing on, prompts are counted and answers are estimated: by what answers to this
model's calls took before, where the store knows some, and by stated defaults elsewhere.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from pipeline.aside import aside
from pipeline.batch.keys import document_key, settings_sha256, source_key, with_same_settings
from pipeline.batch.runner import Batch
from pipeline.batch.sources import Listed
from pipeline.document.reader import read_document
from pipeline.draft import write_draft
from pipeline.errors import ModelError, RunStoppedError, SourceError
from pipeline.llm import Reply
from pipeline.prices import estimate_tokens, price_usd
from pipeline.prompts import load_prompt
from pipeline.source.reader import read_source
from pipeline.stages.parts import Sizes, room_for_passages, split_parts
from pipeline.stages.stage import Silence
from pipeline.store.records import ItemOutcome, Measured
from pipeline.store.store import Store
from schemas.document import Document
from schemas.draft import Attempt, StageRecord

T = TypeVar("T", bound=BaseModel)

_STAGES = ("consumer", "legal", "risk")
# Tokens of an answer where nothing was measured: those of the recorded drafts, and from a third of that to twice as many.
_DEFAULTS = {"read": 1_500, "consumer": 900, "legal": 3_000, "risk": 24_000}
_LEAST, _MOST = 1 / 3, 2.0
# Tokens that an earlier summary takes in the prompt of a later stage.
_TOLD = {"read": 0, "consumer": 0, "legal": 200, "risk": 900}
# A prompt's tokens are estimated upwards: by up to a quarter for English, and more for other languages (see estimate_tokens).
_LEAST_OF_PROMPT = 0.75
_FEWEST_MEASURED = 10  # calls of a kind, below which the default's band stays


@dataclass(frozen=True, slots=True)
class Band:
    """A number with the least and the most that it should be."""

    least: float = 0.0
    likely: float = 0.0
    most: float = 0.0

    def __add__(self, other: "Band") -> "Band":
        return Band(self.least + other.least, self.likely + other.likely, self.most + other.most)

    def times(self, factor: "Band") -> "Band":
        """This many times, each bound with its own."""
        return Band(self.least * factor.least, self.likely * factor.likely, self.most * factor.most)


@dataclass(slots=True)
class Plan:
    """What a run would take. ``documents`` counts them by what is to be done; ``refused`` says which cannot be drafted, and why.

    ``measured`` names the kinds of answers whose length the store knows. ``cost_usd`` is None when the price is not known.
    """

    documents: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)
    stages: Counter[str] = field(default_factory=Counter)
    calls: Band = Band()
    prompt_tokens: Band = Band()
    completion_tokens: Band = Band()
    cost_usd: Band | None = Band()
    measured: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The plan as JSON."""
        told: dict[str, Any] = {
            "documents": dict(self.documents),
            "stages_to_ask": dict(self.stages),
            "refused": self.refused,
            "measured": list(self.measured),
        }
        for name in ("calls", "prompt_tokens", "completion_tokens"):
            band: Band = getattr(self, name)
            told[name] = {bound: round(getattr(band, bound)) for bound in ("least", "likely", "most")}
        cost = self.cost_usd
        told["cost_usd"] = cost and {
            bound: round(getattr(cost, bound), 4) for bound in ("least", "likely", "most")
        }
        return told


async def plan_batch(batch: Batch, store: Store) -> Plan:
    """What the batch would take, by the documents as they are now and what the store holds; no model is asked, nothing is changed."""
    measured = await store.measured(batch.settings.model)
    planning = _Planning(batch, store, measured)
    planning.plan.measured = tuple(
        sorted(kind for kind, one in measured.items() if one.calls >= _FEWEST_MEASURED)
    )
    before = {row.item.id: row.outcome for row in await store.items(batch.run_id)}
    for listed in batch.listed:
        await planning.add(listed, before.get(listed.item.id, ItemOutcome("waiting")))
    return planning.plan


class _Planning:
    def __init__(self, batch: Batch, store: Store, measured: dict[str, Measured]) -> None:
        self.plan = Plan()
        self._batch = batch
        self._store = store
        self._measured = measured
        self._settings_key = settings_sha256(batch.settings, force=batch.force)
        self._documents: set[str] = set()

    async def add(self, listed: Listed, before: ItemOutcome) -> None:
        """Count one item."""
        if await self._is_done(listed, before):
            self.plan.documents["unchanged"] += 1
            return
        try:
            fetched = await read_source(listed.place, allow_private=self._batch.allow_private)
            document = await aside(lambda: read_document(fetched, force=self._batch.force))
        except SourceError as error:
            self.plan.documents["refused"] += 1
            self.plan.refused[listed.item.id] = str(error)
            return
        given = {"title": listed.item.title, "company": listed.item.company}
        document = document.model_copy(update={name: value for name, value in given.items() if value})
        key = document_key(self._settings_key, listed.item, document)
        if key in self._documents:
            self.plan.documents["the same as another"] += 1
            return
        self._documents.add(key)
        wanted, seen = _Wanted(), _Seen()
        try:
            await write_draft(document, self._batch.settings, store=self._store, door=wanted, watcher=seen)
        except _WantedError:
            self.plan.documents["to draft"] += 1
            self._count(document, wanted, seen.stages["read"])
        except ModelError as error:
            self.plan.documents["refused"] += 1
            self.plan.refused[listed.item.id] = str(error)
        else:
            self.plan.documents["in the store, nothing to ask"] += 1

    async def _is_done(self, listed: Listed, before: ItemOutcome) -> bool:
        if before.state == "failed" and not self._batch.retry_failed:
            return before.source_key is not None and with_same_settings(self._settings_key, before.source_key)
        if listed.sha256 is None:
            known = before.state in ("drafted", "linked")
            return (
                known
                and with_same_settings(self._settings_key, before.source_key)
                and not self._batch.refetch
            )
        key = source_key(self._settings_key, listed.item, listed.sha256, listed.place)
        if before.state in ("drafted", "linked") and before.source_key == key:
            return True
        return await self._store.has_draft(key)

    def _count(self, document: Document, wanted: "_Wanted", read: int) -> None:
        """Count the stage that is wanted, and those after it; so many parts of the document have been read."""
        first = wanted.kind.partition(".")[0]
        prompt = estimate_tokens(wanted.system + wanted.user)
        opening = prompt - estimate_tokens(load_prompt(first).text) - _TOLD[first]
        if first == "read":
            room, sizes = room_for_passages(document, self._batch.settings), Sizes(document)
            parts = [sizes.total(part) for part in split_parts(document, room)][read:]
            for part in parts:
                self._count_call("read", prompt - parts[0] + part)
            # The stages are shown what the readings choose: as much as there is room for.
            first, opening = "consumer", opening - parts[0] + room
        for stage in _STAGES[_STAGES.index(first) :]:
            self._count_call(stage, opening + estimate_tokens(load_prompt(stage).text) + _TOLD[stage])

    def _count_call(self, stage: str, prompt: int) -> None:
        plan = self.plan
        kind = load_prompt(stage).name
        answers, calls = self._answer(kind, stage), self._calls(kind)
        prompts = Band(_LEAST_OF_PROMPT * prompt, prompt, prompt)
        plan.stages[stage] += 1
        plan.calls += calls
        plan.prompt_tokens += prompts.times(calls)
        plan.completion_tokens += answers.times(calls)
        share = self._batch.settings.price_share
        listed = [
            price_usd(
                self._batch.settings.model,
                self._batch.settings.base_url,
                prompt=round(getattr(prompts, bound)),
                completion=round(getattr(answers, bound)),
            )
            for bound in ("least", "likely", "most")
        ]
        cost = [None if price is None else price * share for price in listed]
        if plan.cost_usd is not None:
            least, likely, most = cost
            known = None if least is None or likely is None or most is None else Band(least, likely, most)
            plan.cost_usd = None if known is None else plan.cost_usd + known.times(calls)

    def _answer(self, kind: str, stage: str) -> Band:
        """Tokens of an answer: the mean of those before and twice their spread about it, or the default."""
        found = self._measured.get(kind)
        if found is None or found.calls < _FEWEST_MEASURED:
            likely = min(_DEFAULTS[stage], self._batch.settings.max_output_tokens)
            return Band(_LEAST * likely, likely, min(_MOST * likely, self._batch.settings.max_output_tokens))
        # Of many documents it is the mean that counts; its own error shrinks with their number, but they may be other documents.
        spread = found.deviation
        return Band(
            max(1.0, found.mean_completion - spread), found.mean_completion, found.mean_completion + spread
        )

    def _calls(self, kind: str) -> Band:
        """Calls of a stage: at least one; as many as before, or half as many again; at the most as many as may be asked."""
        found = self._measured.get(kind)
        tries = self._batch.settings.answer_tries
        if found is None or found.calls < _FEWEST_MEASURED:
            return Band(1.0, min(1.25, tries), min(1.5, tries))
        mean = max(1.0, found.calls / max(1, found.stages))
        return Band(1.0, mean, min(float(tries), mean + 0.25))


class _Seen(Silence):
    """Counts the stages that the store holds."""

    def __init__(self) -> None:
        self.stages: Counter[str] = Counter()

    def finished(self, record: StageRecord) -> None:
        """Count one."""
        self.stages[record.stage] += 1


class _WantedError(RunStoppedError):
    """What would be asked is known, and nothing is asked."""


class _Wanted:
    """A door behind which nobody is: it keeps what is asked first."""

    def __init__(self) -> None:
        self.system = self.user = self.kind = ""

    async def ask(
        self,
        *,
        system: str,
        user: str,
        answer: type[T],
        check: Callable[[T], list[str]],
        on_attempt: Callable[[Attempt], None] | None = None,
        key: str = "",
        kind: str = "",
    ) -> Reply[T]:
        """Keep the question and end the stage."""
        self.system, self.user, self.kind = system, user, kind
        raise _WantedError("Nothing is asked in a dry run.")


def write_plan(plan: Plan) -> str:
    """The plan for a person."""
    lines = [
        f"{sum(plan.documents.values()):,} documents: "
        + ", ".join(f"{n:,} {what}" for what, n in plan.documents.items())
    ]
    lines += [f"  {item}: {reason}" for item, reason in plan.refused.items()]
    stages = ", ".join(f"{n:,} {stage}" for stage, n in plan.stages.items()) or "none"
    lines.append(f"stages to ask: {stages}")
    lines.append(f"calls: {_write(plan.calls)}")
    lines.append(f"tokens in: {_write(plan.prompt_tokens)}")
    lines.append(f"tokens out: {_write(plan.completion_tokens)}")
    if plan.cost_usd is None:
        lines.append("cost: unpriced, for the price of this model at this endpoint is not known")
    else:
        cost = plan.cost_usd
        lines.append(
            f"cost: about USD {cost.likely:.2f} ({cost.least:.2f} to {cost.most:.2f}), with nothing cached"
        )
    measured = ", ".join(plan.measured)
    lines.append(
        f"Answers are estimated by what earlier ones took ({measured})."
        if measured
        else "Answers are estimated by defaults, for the store knows too few of this model; the band is wide for that."
    )
    return "\n".join(lines)


def _write(band: Band) -> str:
    return f"about {math.ceil(band.likely):,} ({math.floor(band.least):,} to {math.ceil(band.most):,})"
