"""Requests and tokens a minute, for all workers together.

What is sent is spread evenly over the minute, a little below the limit: that suits an endpoint that refills a bucket as well as one that
counts within a window, while a bucket of our own that may be emptied at once does not suit the second. Tokens are counted by what
earlier answers took and corrected as each answer comes. The endpoint has the last word: limits that its headers tell lower ours, what
it says to be used up is waited for, and a 429 stops all workers for as long as it asks and slows them after that: in their pace where a
limit is known, and else in how many requests may be in flight, which then grows again answer by answer.
"""

import asyncio
import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from pipeline.batch.halt import Halt
from pipeline.exchange import Asking, Heard, Permit

_MINUTE = 60.0
_SHARE = 0.985  # of a limit that is used: what is between us and the endpoint comes in bunches
_BURST = 1.0  # seconds of the rate that may be sent at once
_UNTIL_KNOWN = 8  # requests in flight while no answer has told the limits yet
_FIRST_GUESS = 1_000  # tokens of a completion of a kind that was not seen yet
_LEARNING = 0.1  # weight of the newest answer in what is expected of the next
_SLOWER = 0.85  # of the rate, after a 429
_FASTER = 0.005  # of the rate, each second without one
_SLOWEST = 0.05
_LONGEST_PAUSE = 60.0  # without Retry-After, in seconds
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Limiter:
    """A gate that keeps the limits. ``pauses`` counts the 429s that stopped everybody.

    ``clock`` gives seconds and ``sleep`` pauses: time as it passes, but for tests.
    """

    def __init__(
        self,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        *,
        halt: Halt | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] | None = None,
        on_pause: Callable[[float, str], None] | None = None,
    ) -> None:
        self._halt = halt or Halt()
        self._clock = clock
        self._sleep = sleep or self._halt.sleep
        self._on_pause = on_pause
        self.pauses = 0
        self._requests = _Rate(requests_per_minute, clock())
        self._tokens = _Rate(tokens_per_minute, clock())
        self._expected = Expected()
        self._turn = asyncio.Lock()
        self._answered = asyncio.Event()
        self._known = requests_per_minute is not None and tokens_per_minute is not None
        self._in_flight = 0
        self._pace = 1.0
        self._paced_at = clock()
        self._resume_at = 0.0
        self._paused_at = -math.inf
        self._pause = 0.0
        self._window = math.inf

    async def enter(self, asking: Asking) -> Permit:
        """Wait for this request's turn: in the order of arrival, one after another."""
        async with self._turn:
            await self._wait_for_room()
            while True:
                now = self._clock()
                self._recover(now)
                wait = max(
                    self._resume_at - now,
                    self._requests.wait(now, self._pace),
                    self._tokens.wait(now, self._pace),
                )
                if wait <= 0:
                    break
                await self._sleep(wait)
            tokens = self._expected.tokens(asking)
            self._requests.take(1)
            self._tokens.take(tokens)
            self._in_flight += 1
            return _Ticket(self, asking, tokens, self._clock())

    async def _wait_for_room(self) -> None:
        while self._in_flight >= (self._window if self._known else min(self._window, _UNTIL_KNOWN)):
            self._answered.clear()
            await self._halt.until(self._answered)

    def hear(self, ticket: "_Ticket", heard: Heard) -> None:
        """What an endpoint said: correct what was counted, learn its limits, and pause all when it asks for that."""
        now = self._clock()
        self._in_flight -= 1
        used = self._expected.learn(ticket.asking, heard)
        if heard.outcome == "answered":
            self._known = True
            self._pause = 0.0
            self._window += 1 / self._window
        if heard.outcome == "refused" and not heard.limited:
            used = 0.0
        if used is not None:
            # A request that was refused for its rate counts as a request with most endpoints, and its tokens with none.
            self._tokens.take((0.0 if heard.limited else used) - ticket.tokens)
        self._obey(heard.headers, now)
        if heard.limited:
            self._hold(ticket, heard, now)
        self._answered.set()

    def _obey(self, headers: Mapping[str, str], now: float) -> None:
        for rate, what in ((self._requests, "requests"), (self._tokens, "tokens")):
            limit = read_count(headers.get(f"x-ratelimit-limit-{what}"))
            if limit:
                rate.lower(limit)
            remaining = read_count(headers.get(f"x-ratelimit-remaining-{what}"))
            reset = read_duration(headers.get(f"x-ratelimit-reset-{what}"))
            if remaining == 0 and limit and reset is not None:
                # Told in the time until all is there again, when it comes back bit by bit; else in the time until it is back at once.
                bit_by_bit = abs(reset - _MINUTE) <= 0.1 * _MINUTE
                wait = _MINUTE / limit if bit_by_bit else min(reset, _MINUTE)
                self._resume_at = max(self._resume_at, now + wait)

    def _hold(self, ticket: "_Ticket", heard: Heard, now: float) -> None:
        """Stop everybody after a 429. Those that were sent before the stop are told of the same thing and slow nothing further."""
        first = ticket.sent_at > self._paused_at
        if first:
            self._paused_at = now
            self.pauses += 1
            self._pace = max(_SLOWEST, self._pace * _SLOWER)
            self._paced_at = now
            self._pause = min(_LONGEST_PAUSE, 2 * self._pause or 1.0)
            if not self._requests.is_known:
                self._window = max(1.0, self._in_flight * _SLOWER)
        pause = heard.retry_after if heard.retry_after is not None else self._pause
        if now + pause > self._resume_at:
            self._resume_at = now + pause
            # What was saved up belongs to the time before.
            self._requests.empty()
            self._tokens.empty()
            if first and self._on_pause is not None:
                self._on_pause(pause, heard.reason or "HTTP 429")

    def _recover(self, now: float) -> None:
        self._pace = min(1.0, self._pace + _FASTER * max(0.0, now - max(self._paced_at, self._resume_at)))
        self._paced_at = now


@dataclass(slots=True)
class _Ticket:
    limiter: Limiter
    asking: Asking
    tokens: float
    sent_at: float

    async def heard(self, heard: Heard) -> None:
        self.limiter.hear(self, heard)


class _Rate:
    """What may be sent of one kind: a level that fills evenly and may go below nothing, which is then waited for."""

    def __init__(self, limit: float | None, now: float) -> None:
        self._limit = limit
        self._level = 0.0 if limit is None else limit / _MINUTE * _BURST
        self._at = now

    def wait(self, now: float, pace: float) -> float:
        """Seconds until something may be sent."""
        if self._limit is None:
            self._at = now
            return 0.0
        rate = self._limit / _MINUTE * _SHARE * pace
        self._level = min(self._level + rate * (now - self._at), max(1.0, rate * _BURST))
        self._at = now
        return 0.0 if self._level > 0 else -self._level / rate + 0.001

    def take(self, count: float) -> None:
        """Count what is sent, or give back what was counted too much."""
        if self._limit is not None:
            self._level -= count

    def lower(self, limit: float) -> None:
        """Hear of the endpoint's limit; ours stays when it is lower."""
        if self._limit is None or limit < self._limit:
            self._limit = limit

    @property
    def is_known(self) -> bool:
        """Whether there is a limit."""
        return self._limit is not None

    def empty(self) -> None:
        """Forget what was saved up."""
        self._level = min(self._level, 0.0)


class Expected:
    """What a request takes, by what those before it took."""

    def __init__(self) -> None:
        self._completion: dict[str, float] = {}
        self._prompt = 1.0  # tokens of a prompt for each that was estimated

    def tokens(self, asking: Asking) -> float:
        """Tokens that this request is expected to take."""
        guess = min(_FIRST_GUESS, asking.most_completion_tokens)
        return asking.prompt_tokens * self._prompt + self._completion.get(asking.kind, guess)

    def learn(self, asking: Asking, heard: Heard) -> float | None:
        """Tokens that a request took, or None when that is unknown."""
        prompt, completion = heard.usage.prompt_tokens, heard.usage.completion_tokens
        if prompt is None or completion is None:
            return None
        if heard.outcome == "answered":
            self._prompt += _LEARNING * (prompt / max(1, asking.prompt_tokens) - self._prompt)
            before = self._completion.get(asking.kind, float(completion))
            self._completion[asking.kind] = before + _LEARNING * (completion - before)
        return float(prompt + completion)


def read_duration(value: str | None) -> float | None:
    """Seconds of ``1s``, ``6m0s``, ``120ms`` or a plain number, as ``x-ratelimit-reset-…`` tell them; None when it is none of these."""
    text = (value or "").strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    found = _DURATION.findall(text)
    if not found or "".join(number + unit for number, unit in found) != text:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in found)


def read_count(value: str | None) -> int | None:
    """The number that ``x-ratelimit-limit-…`` and ``x-ratelimit-remaining-…`` tell; None when it is none."""
    text = (value or "").strip()
    return int(text) if re.fullmatch(r"\d{1,12}", text) else None
