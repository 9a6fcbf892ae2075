"""What attempts cost, and how long a text is."""

from pathlib import Path

import pytest

from pipeline.prices import cost_usd, estimate_tokens, price_known
from schemas.draft import Attempt, Usage

POLICIES = Path(__file__).parents[2] / "shared" / "policies"


def attempt(
    prompt: int | None, completion: int | None, cached: int | None = None, model: str | None = "gpt-4o-mini"
) -> Attempt:
    usage = Usage(prompt_tokens=prompt, cached_tokens=cached, completion_tokens=completion)
    return Attempt(outcome="accepted", reason=None, model=model, usage=usage, seconds=1)


def test_cost_is_the_sum_over_all_attempts() -> None:
    one = cost_usd("gpt-4o-mini", [attempt(1000, 100)])
    assert one is not None
    assert one > 0
    assert cost_usd("gpt-4o-mini", [attempt(1000, 100)] * 3) == pytest.approx(3 * one)


def test_cached_tokens_cost_less() -> None:
    plain, cached = (cost_usd("gpt-4o-mini", [attempt(100_000, 10, c)]) for c in (0, 90_000))
    assert plain is not None
    assert cached is not None
    assert cached < plain


def test_untold_cached_tokens_are_priced_as_uncached() -> None:
    assert cost_usd("gpt-4o-mini", [attempt(1000, 10, None)]) == cost_usd(
        "gpt-4o-mini", [attempt(1000, 10, 0)]
    )


def test_more_cached_than_prompt_tokens_are_no_negative_price() -> None:
    assert cost_usd("gpt-4o-mini", [attempt(1000, 0, 5000)]) == cost_usd(
        "gpt-4o-mini", [attempt(1000, 0, 1000)]
    )


def test_unknown_model_is_unpriced() -> None:
    assert cost_usd("answer-desk", [attempt(1000, 100, model="answer-desk")]) is None


def test_unknown_usage_is_unpriced() -> None:
    assert cost_usd("gpt-4o-mini", [attempt(1000, 100), attempt(None, None)]) is None
    assert cost_usd("gpt-4o-mini", [attempt(1000, None)]) is None


def test_request_that_used_no_token_costs_nothing_whatever_the_model() -> None:
    assert cost_usd("answer-desk", [attempt(0, 0, 0, model=None)]) == 0
    assert cost_usd("gpt-4o-mini", []) == 0


def test_attempt_is_priced_as_the_model_that_answered() -> None:
    assert cost_usd("answer-desk", [attempt(1000, 100, model="gpt-4o-mini")]) is not None
    assert cost_usd("gpt-4o-mini", [attempt(1000, 100, model=None)]) is not None


def test_local_server_is_unpriced_though_its_model_has_a_hosted_namesake() -> None:
    assert price_known("gpt-4o-mini")
    assert price_known("gpt-4o-mini", "https://api.openai.com/v1")
    assert not price_known("gpt-4o-mini", "http://127.0.0.1:11434/v1")
    assert cost_usd("gpt-4o-mini", [attempt(1000, 100)], "http://127.0.0.1:11434/v1") is None


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("abcd", 1), ("abcde", 2), ("é", 2), ("政策", 3), ("We “may”", 4)]
)
def test_tokens_are_estimated_from_characters(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


# Counted once with o200k_base and cl100k_base, the whole files; the larger count stands here.
COUNTED = {"chatgpt-privacy.md": 8486, "mistral-privacy-2026-04-08.md": 11844, "mistral-terms.md": 20702}


@pytest.mark.parametrize("name", COUNTED)
def test_estimate_for_a_real_policy_is_within_the_stated_band(name: str) -> None:
    path = POLICIES / name
    if not path.exists():
        pytest.skip("the real policies are not here")
    estimate = estimate_tokens(path.read_text(encoding="utf-8"))
    assert COUNTED[name] <= estimate <= 1.30 * COUNTED[name]
