"""A run's budget: what it may cost, in US dollars and in tokens.

A request is let through only when the limit would hold even if it took all that it can: its prompt by an upper estimate, its answer to
the token limit, nothing cached. Where that does not fit beside what is in flight, it waits until that is settled. A request of which
nobody told what it used counts in full. So the limit is never passed, and the last bit of it is not used.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.batch.halt import Halt
from pipeline.errors import BudgetSpentError, UsageError
from pipeline.exchange import Asking, Heard, Permit
from pipeline.prices import price_known, price_usd
from pipeline.settings import Settings
from pipeline.store.records import Spent


@dataclass(frozen=True, slots=True)
class Amount:
    """So many tokens, and so many US dollars."""

    tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.tokens + other.tokens, self.usd + other.usd)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.tokens - other.tokens, self.usd - other.usd)


class Budget:
    """A gate that keeps a run within its limits; None is no limit. ``spent`` is what was spent before, after a break for one.

    Raises UsageError when a limit of cost cannot be kept because the model's price is not known.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        max_usd: float | None,
        max_tokens: int | None,
        spent: Spent,
        halt: Halt,
        price: Callable[..., float | None] = price_usd,
    ) -> None:
        if max_usd is not None and not price_known(settings.model, settings.base_url):
            raise UsageError(
                f"The price of {settings.model} at this endpoint is not known, so that --max-cost cannot be kept; use --max-tokens."
            )
        self._settings = settings
        self._max_usd = max_usd
        self._max_tokens = max_tokens
        self._halt = halt
        self._price = price
        self._spent = Amount(spent.tokens + spent.unknown_tokens, spent.cost_usd + spent.unknown_usd)
        self._reserved = Amount()
        self._open = 0
        self._settled = asyncio.Event()

    async def enter(self, asking: Asking) -> Permit:
        """Reserve what the request can take at the most. Raises BudgetSpentError when it does not fit."""
        most = self.most(asking)
        while not self._fits(self._spent + self._reserved + most):
            if not self._open:
                raise BudgetSpentError(self._told(most))
            self._settled.clear()
            await self._halt.until(self._settled)
        self._reserved += most
        self._open += 1
        return _Reserved(self, most)

    def most(self, asking: Asking) -> Amount:
        """What a request can take at the most."""
        prompt, completion = asking.most_prompt_tokens, asking.most_completion_tokens
        usd = self._usd(asking.model, prompt, completion)
        return Amount(prompt + completion, usd or 0.0)

    def settle(self, most: Amount, heard: Heard) -> None:
        """Put what a request took in the place of what it could have taken."""
        self._open -= 1
        self._reserved = self._reserved - most if self._open else Amount()
        usage = heard.usage
        took = most
        if usage.prompt_tokens is not None and usage.completion_tokens is not None:
            model = heard.model or self._settings.model
            usd = self._usd(model, usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens or 0)
            took = Amount(usage.prompt_tokens + usage.completion_tokens, most.usd if usd is None else usd)
        self._spent += took
        self._settled.set()

    def _usd(self, model: str, prompt: int, completion: int, cached: int = 0) -> float | None:
        if self._max_usd is None or prompt == completion == 0:
            return 0.0
        usd = self._price(
            model, self._settings.base_url, prompt=prompt, completion=completion, cached=min(cached, prompt)
        )
        return None if usd is None else usd * self._settings.price_share

    def _fits(self, amount: Amount) -> bool:
        return (self._max_tokens is None or amount.tokens <= self._max_tokens) and (
            self._max_usd is None or amount.usd <= self._max_usd
        )

    def _told(self, most: Amount) -> str:
        if self._max_tokens is not None and (self._spent + most).tokens > self._max_tokens:
            limit, spent, next_one = (
                f"{self._max_tokens:,} tokens",
                f"{self._spent.tokens:,}",
                f"{most.tokens:,}",
            )
            option = "--max-tokens"
        else:
            limit, spent, next_one = f"USD {self._max_usd:g}", f"{self._spent.usd:.4f}", f"{most.usd:.4f}"
            option = "--max-cost"
        return f"The budget of {limit} is spent: {spent} are used, and the next request can take {next_one}; raise {option} to go on."


@dataclass(slots=True)
class _Reserved:
    budget: Budget
    most: Amount

    async def heard(self, heard: Heard) -> None:
        self.budget.settle(self.most, heard)
