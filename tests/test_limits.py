"""The limiter, with a clock that moves only when somebody sleeps, against endpoints that count in their own ways."""

import asyncio
import heapq
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import pytest

from pipeline.batch.limits import Limiter, read_duration
from pipeline.exchange import Asking, Heard, Permit
from schemas.draft import Usage

ASKING = Asking(
    "k", "r", "legal.v1", "m", prompt_tokens=300, most_prompt_tokens=600, most_completion_tokens=4_000
)


class Clock:
    """Time that passes when all sleep."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleeping: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        event = asyncio.Event()
        self._count += 1
        heapq.heappush(self._sleeping, (self.now + seconds, self._count, event))
        await event.wait()

    async def run(self, work: Any, until: float = 1e9) -> None:
        """Let time pass until the work is done, or until then."""
        task = asyncio.ensure_future(work)
        idle = 0
        while not task.done() and self.now < until:
            await asyncio.sleep(0)
            idle += 1
            if idle > 40 and self._sleeping:
                self.now, _, event = heapq.heappop(self._sleeping)
                event.set()
                idle = 0
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        else:
            task.result()


class Window:
    """An endpoint that counts requests and tokens in fixed minutes."""

    def __init__(self, requests: int, tokens: int) -> None:
        self.limits = {"requests": requests, "tokens": tokens}
        self._used = dict.fromkeys(self.limits, 0.0)
        self._minute = 0

    def take(self, now: float, tokens: float) -> tuple[bool, dict[str, str]]:
        if int(now // 60) != self._minute:
            self._minute, self._used = int(now // 60), dict.fromkeys(self.limits, 0.0)
        need = {"requests": 1.0, "tokens": tokens}
        fits = all(self._used[n] + need[n] <= limit for n, limit in self.limits.items())
        if fits:
            for name, count in need.items():
                self._used[name] += count
        headers = {}
        for name, limit in self.limits.items():
            headers[f"x-ratelimit-limit-{name}"] = str(limit)
            headers[f"x-ratelimit-remaining-{name}"] = str(int(limit - self._used[name]))
            headers[f"x-ratelimit-reset-{name}"] = f"{60 - now % 60:.3f}s"
        return fits, headers


class Bucket(Window):
    """An endpoint whose buckets fill evenly."""

    def __init__(self, requests: int, tokens: int) -> None:
        super().__init__(requests, tokens)
        self._level = {name: float(limit) for name, limit in self.limits.items()}
        self._at = 0.0

    def take(self, now: float, tokens: float) -> tuple[bool, dict[str, str]]:
        for name, limit in self.limits.items():
            self._level[name] = min(limit, self._level[name] + limit / 60 * (now - self._at))
        self._at = now
        need = {"requests": 1.0, "tokens": tokens}
        fits = all(self._level[name] >= need[name] for name in need)
        headers = {}
        for name, limit in self.limits.items():
            self._level[name] -= need[name] if fits else 0
            headers[f"x-ratelimit-limit-{name}"] = str(limit)
            headers[f"x-ratelimit-remaining-{name}"] = str(int(self._level[name]))
            headers[f"x-ratelimit-reset-{name}"] = f"{(limit - self._level[name]) / limit * 60:.3f}s"
        return fits, headers


def latencies() -> Callable[[], float]:
    state = [7]

    def next_one() -> float:
        state[0] = state[0] * 1103515245 + 12345 & 0x7FFFFFFF
        return 0.5 + 3.0 * (state[0] / 0x7FFFFFFF) ** 2

    return next_one


async def drive(
    limiter: Limiter, clock: Clock, endpoint: Window, *, minutes: int, workers: int
) -> tuple[int, int, float]:
    """Answered, refused, and tokens used, by so many workers that ask without an end."""
    counts = [0, 0, 0.0]
    latency = latencies()

    async def worker(number: int) -> None:
        while True:
            permit = await limiter.enter(ASKING)
            completion = 100 + (number * 37 + counts[0] * 13) % 400
            fits, headers = endpoint.take(clock.now, 280 + completion)
            await clock.sleep(latency() if fits else 0.1)
            usage = Usage(prompt_tokens=280, cached_tokens=0, completion_tokens=completion)
            if fits:
                counts[0] += 1
                counts[2] += 280 + completion
                await permit.heard(Heard("answered", headers, usage))
            else:
                counts[1] += 1
                none = Usage(prompt_tokens=0, cached_tokens=0, completion_tokens=0)
                await permit.heard(Heard("refused", headers, none, limited=True, retry_after=2.0))

    await clock.run(asyncio.gather(*map(worker, range(workers))), until=60.0 * minutes)
    return counts[0], counts[1], counts[2]


@pytest.mark.parametrize("kind", [Window, Bucket])
@pytest.mark.parametrize("told", [True, False])
async def test_nearly_all_of_a_limit_of_requests_is_used_and_hardly_one_is_refused(
    kind: type[Window], told: bool
) -> None:
    clock = Clock()
    limiter = Limiter(*((500, 10**7) if told else ()), clock=clock, sleep=clock.sleep)
    answered, refused, _ = await drive(limiter, clock, kind(500, 10**7), minutes=4, workers=64)
    assert answered >= 0.95 * 500 * 4
    assert refused <= 0.01 * answered


@pytest.mark.parametrize("kind", [Window, Bucket])
async def test_nearly_all_of_a_limit_of_tokens_is_used_and_hardly_one_is_refused(kind: type[Window]) -> None:
    clock = Clock()
    limiter = Limiter(clock=clock, sleep=clock.sleep)
    answered, refused, tokens = await drive(limiter, clock, kind(5_000, 200_000), minutes=4, workers=64)
    assert tokens >= 0.95 * 200_000 * 4
    assert refused <= 0.01 * answered


async def enter(limiter: Limiter, clock: Clock) -> Permit:
    entered: list[Permit] = []

    async def work() -> None:
        entered.append(await limiter.enter(ASKING))

    await clock.run(work())
    return entered[0]


def refusal(**more: Any) -> Heard:
    usage = Usage(prompt_tokens=0, cached_tokens=0, completion_tokens=0)
    return Heard("refused", more.pop("headers", {}), usage, limited=True, **more)


def answered(headers: Mapping[str, str] | None = None) -> Heard:
    return Heard("answered", headers or {}, Usage(prompt_tokens=300, cached_tokens=0, completion_tokens=100))


async def test_a_429_stops_everybody_for_as_long_as_it_asks() -> None:
    clock = Clock()
    told: list[tuple[float, str]] = []
    limiter = Limiter(clock=clock, sleep=clock.sleep, on_pause=lambda *words: told.append(words))
    first, second = await enter(limiter, clock), await enter(limiter, clock)
    await first.heard(refusal(retry_after=7.0, reason="HTTP 429"))
    # Another that was sent before the stop tells of the same thing.
    await second.heard(refusal(retry_after=5.0, reason="HTTP 429"))
    await enter(limiter, clock)
    assert clock.now >= 7.0
    assert told == [(7.0, "HTTP 429")]
    assert limiter.pauses == 1


async def test_pauses_without_retry_after_grow_until_an_answer_comes() -> None:
    clock = Clock()
    limiter = Limiter(clock=clock, sleep=clock.sleep)
    began: list[float] = []
    for _ in range(3):
        permit = await enter(limiter, clock)
        began.append(clock.now)
        await permit.heard(refusal())
    permit = await enter(limiter, clock)
    began.append(clock.now)
    assert [round(later - sooner) for sooner, later in pairwise(began)] == [1, 2, 4]
    await permit.heard(answered())
    await (await enter(limiter, clock)).heard(refusal())
    before = clock.now
    await enter(limiter, clock)
    assert round(clock.now - before) == 1


async def test_what_the_endpoint_says_to_be_used_up_is_waited_for() -> None:
    clock = Clock()
    limiter = Limiter(clock=clock, sleep=clock.sleep)
    headers = {
        "x-ratelimit-limit-requests": "6000",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "12s",
    }
    await (await enter(limiter, clock)).heard(answered(headers))
    await enter(limiter, clock)
    assert clock.now >= 12.0


async def test_limit_of_ours_that_is_lower_than_the_endpoints_stays() -> None:
    clock = Clock()
    limiter = Limiter(60, None, clock=clock, sleep=clock.sleep)
    for _ in range(11):
        await (await enter(limiter, clock)).heard(answered({"x-ratelimit-limit-requests": "60000"}))
    assert clock.now >= 9.0


async def test_while_no_limit_is_known_only_a_few_are_in_flight() -> None:
    clock = Clock()
    limiter = Limiter(clock=clock, sleep=clock.sleep)
    permits = [await enter(limiter, clock) for _ in range(8)]
    ninth = asyncio.ensure_future(limiter.enter(ASKING))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not ninth.done()
    await permits[0].heard(answered())
    assert await ninth
    # This endpoint tells no limits: from here on nothing holds back.
    for _ in range(100):
        await enter(limiter, clock)
    assert clock.now == 0.0


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("120ms", 0.12),
        ("1h2m3.5s", 3723.5),
        ("17", 17.0),
        ("0.25", 0.25),
        ("soon", None),
        ("-3s", None),
        ("1s soon", None),
        ("", None),
        (None, None),
    ],
)
def test_durations_are_read_as_endpoints_write_them(told: str | None, seconds: float | None) -> None:
    assert read_duration(told) == seconds
