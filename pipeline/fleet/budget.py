"""A run's budget, for the workers of all machines together: reserved in the store before a request is sent, settled after it."""

from dataclasses import dataclass

from pipeline.batch.halt import Halt
from pipeline.errors import BudgetSpentError
from pipeline.exchange import Asking, Heard, Permit
from pipeline.prices import price_usd
from pipeline.settings import Settings
from pipeline.store.fleet import BudgetLeft, FleetStore

_EVERY = 0.5  # seconds between two looks, while requests in flight may still give something back


@dataclass(frozen=True, slots=True)
class SharedBudget:
    """A gate of one run that reserves a request's worst case, as ``pipeline.batch.budget`` does in one process."""

    store: FleetStore
    settings: Settings
    run_id: str
    halt: Halt

    async def enter(self, asking: Asking) -> Permit:
        """Reserve what the request can take at the most. Raises BudgetSpentError when it does not fit."""
        tokens = asking.most_prompt_tokens + asking.most_completion_tokens
        usd = self.usd(asking.model, asking.most_prompt_tokens, asking.most_completion_tokens) or 0.0
        while (reservation := await self.store.reserve(self.run_id, tokens, usd)) is None:
            left = await self.store.budget_left(self.run_id)
            fits = _over(left, tokens, usd) is None
            if not fits and not left.open:
                raise BudgetSpentError(_told(left, tokens, usd))
            await self.halt.sleep(0 if fits else _EVERY)
        return _Reserved(self, reservation, asking)

    def usd(self, model: str, prompt: int, completion: int, cached: int = 0) -> float | None:
        """US dollars for so many tokens; None when that is not known."""
        if prompt == completion == 0:
            return 0.0
        return price_usd(
            model, self.settings.base_url, prompt=prompt, completion=completion, cached=min(cached, prompt)
        )


@dataclass(frozen=True, slots=True)
class _Reserved:
    budget: SharedBudget
    reservation: int
    asking: Asking

    async def heard(self, heard: Heard) -> None:
        prompt, completion = heard.usage.prompt_tokens, heard.usage.completion_tokens
        took = None
        if prompt is not None and completion is not None:
            usd = self.budget.usd(
                heard.model or self.asking.model, prompt, completion, heard.usage.cached_tokens or 0
            )
            took = (prompt + completion, usd)
        await self.budget.store.settle_reservation(self.reservation, took)


def _over(left: BudgetLeft, tokens: int, usd: float) -> str | None:
    """The option whose limit would be passed, or None."""
    if left.max_tokens is not None and left.tokens + tokens > left.max_tokens:
        return "--max-tokens"
    if left.max_usd is not None and left.usd + usd > left.max_usd:
        return "--max-cost"
    return None


def _told(left: BudgetLeft, tokens: int, usd: float) -> str:
    option = _over(left, tokens, usd)
    if option == "--max-tokens":
        limit, spent, next_one = f"{left.max_tokens:,} tokens", f"{left.tokens:,}", f"{tokens:,}"
    else:
        limit, spent, next_one = f"USD {left.max_usd:g}", f"{left.usd:.4f}", f"{usd:.4f}"
    return f"The budget of {limit} is spent: {spent} are used, and the next request can take {next_one}; raise {option} to go on."
