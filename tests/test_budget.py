"""The budget: reserved before, settled after, never passed."""

import asyncio
from typing import Any

import pytest

from pipeline.batch.budget import Budget
from pipeline.batch.halt import Halt
from pipeline.errors import BudgetSpentError, RunStoppedError, UsageError
from pipeline.exchange import Asking, Heard
from pipeline.settings import Settings
from pipeline.store.records import Spent
from schemas.draft import Usage

ASKING = Asking(
    "k", "r", "legal.v1", "gpt-5.1", prompt_tokens=60, most_prompt_tokens=100, most_completion_tokens=200
)


def price(model: str, endpoint: str | None, *, prompt: int, completion: int, cached: int = 0) -> float:
    """A dollar a token, cached ones for nothing."""
    return float(prompt - cached + completion)


def budget(halt: Halt | None = None, spent: Spent | None = None, **limits: Any) -> Budget:
    limits = {"max_usd": None, "max_tokens": None} | limits
    return Budget(Settings(), spent=spent or Spent(), halt=halt or Halt(), price=price, **limits)


def used(prompt: int, completion: int, cached: int = 0) -> Heard:
    return Heard(
        "answered", {}, Usage(prompt_tokens=prompt, cached_tokens=cached, completion_tokens=completion)
    )


async def test_request_passes_only_when_all_that_it_can_take_fits() -> None:
    limit = budget(max_tokens=650)
    await limit.enter(ASKING)
    await limit.enter(ASKING)
    assert limit.most(ASKING).tokens == 300


async def test_what_was_not_used_is_there_for_the_next() -> None:
    limit = budget(max_tokens=650)
    for _ in range(4):
        await (await limit.enter(ASKING)).heard(used(50, 50))
    with pytest.raises(
        BudgetSpentError, match=r"650 tokens is spent: 400 are used.*can take 300; raise --max-tokens"
    ):
        await limit.enter(ASKING)


async def test_request_waits_until_those_in_flight_are_settled() -> None:
    limit = budget(max_tokens=500)
    first = await limit.enter(ASKING)
    second = asyncio.ensure_future(limit.enter(ASKING))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not second.done()
    await first.heard(used(50, 50))
    assert await second


async def test_who_waits_is_told_when_the_run_stops() -> None:
    halt = Halt()
    limit = budget(halt, max_tokens=500)
    await limit.enter(ASKING)
    second = asyncio.ensure_future(limit.enter(ASKING))
    await asyncio.sleep(0)
    halt.stop("enough.")
    with pytest.raises(RunStoppedError, match="enough"):
        await second


async def test_request_of_which_nothing_was_told_counts_in_full() -> None:
    limit = budget(max_tokens=650)
    await (await limit.enter(ASKING)).heard(Heard("lost", {}, Usage()))
    await (await limit.enter(ASKING)).heard(Heard("cut off", {}, Usage()))
    with pytest.raises(BudgetSpentError, match="600 are used"):
        await limit.enter(ASKING)


async def test_request_that_was_refused_counts_for_nothing() -> None:
    limit = budget(max_tokens=300)
    for _ in range(5):
        none = Usage(prompt_tokens=0, cached_tokens=0, completion_tokens=0)
        await (await limit.enter(ASKING)).heard(Heard("refused", {}, none))
    await limit.enter(ASKING)


async def test_cost_is_kept_as_tokens_are_and_cached_ones_cost_less() -> None:
    limit = budget(max_usd=400.0)
    for _ in range(2):
        await (await limit.enter(ASKING)).heard(used(100, 20, cached=70))
    await limit.enter(ASKING)
    spent = budget(max_usd=299.0)
    with pytest.raises(
        BudgetSpentError, match=r"USD 299 is spent: 0.0000 are used.*300.0000; raise --max-cost"
    ):
        await spent.enter(ASKING)


async def test_what_was_spent_before_a_break_counts_and_what_was_in_flight_counts_in_full() -> None:
    before = Spent(prompt_tokens=100, completion_tokens=100, unknown=1, unknown_tokens=300)
    limit = budget(spent=before, max_tokens=799)
    with pytest.raises(BudgetSpentError, match="500 are used"):
        await limit.enter(ASKING)


def test_cost_cannot_be_kept_where_the_price_is_not_known() -> None:
    settings = Settings(model="no-such-model", base_url="http://127.0.0.1:9/v1")
    with pytest.raises(UsageError, match="--max-cost cannot be kept; use --max-tokens"):
        Budget(settings, max_usd=1.0, max_tokens=None, spent=Spent(), halt=Halt())
