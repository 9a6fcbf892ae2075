"""The bill: every request is noted before it is sent, and what became of it as soon as that is known.

One that was noted and never heard of again was in flight when the process was killed; it may have been paid for.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.exchange import Asking, Heard, Permit
from pipeline.prices import price_usd
from pipeline.settings import Settings
from pipeline.store.records import CallBegun, CallEnded
from pipeline.store.store import Store

OnCall = Callable[[str, Asking, CallEnded], None]


@dataclass(frozen=True, slots=True)
class Bill:
    """A gate that notes the requests of one item of a run. ``on_call`` hears of each, with the item, when it has ended."""

    store: Store
    settings: Settings
    run_id: str
    item_id: str
    on_call: OnCall | None = None

    async def enter(self, asking: Asking) -> Permit:
        """Note the request; it may be sent when that is on disk."""
        most = price_usd(
            asking.model,
            self.settings.base_url,
            prompt=asking.most_prompt_tokens,
            completion=asking.most_completion_tokens,
        )
        number = await self.store.begin_call(
            CallBegun(
                run_id=self.run_id,
                item_id=self.item_id,
                key=asking.key,
                request_sha256=asking.request_sha256,
                kind=asking.kind,
                model=asking.model,
                most_tokens=asking.most_prompt_tokens + asking.most_completion_tokens,
                most_usd=most or 0.0,
            )
        )
        return _Entry(self, number, asking)


@dataclass(frozen=True, slots=True)
class _Entry:
    bill: Bill
    number: int
    asking: Asking

    async def heard(self, heard: Heard) -> None:
        usage = heard.usage
        cost: float | None = None
        if usage.prompt_tokens is not None and usage.completion_tokens is not None:
            cost = 0.0
            if usage.prompt_tokens or usage.completion_tokens:
                cost = price_usd(
                    heard.model or self.asking.model,
                    self.bill.settings.base_url,
                    prompt=usage.prompt_tokens,
                    completion=usage.completion_tokens,
                    cached=min(usage.cached_tokens or 0, usage.prompt_tokens),
                )
        ended = CallEnded(heard.outcome, heard.reason, heard.model, usage, cost)
        await self.bill.store.end_call(self.number, ended)
        if self.bill.on_call is not None:
            self.bill.on_call(self.bill.item_id, self.asking, ended)
