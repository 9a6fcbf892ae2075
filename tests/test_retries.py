"""The two policies of trying again, as values."""

from datetime import UTC, datetime

import pytest
from tenacity import AsyncRetrying

from pipeline.errors import ModelUnreachableError
from pipeline.retries import INVALID_ANSWER, TRANSPORT, ExchangeError, read_retry_after
from pipeline.settings import Settings

NOW = datetime(2026, 4, 8, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "Wed, 08 Apr 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Wed, 08 Apr 2026 14:00:30 +0200"}, 30.0),
        ({"retry-after": "Wed, 08 Apr 2026 12:00:30 -0000"}, 30.0),
        ({"retry-after": "Wed, 08 Apr 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "later"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_each_of_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert read_retry_after(headers, NOW) == seconds


async def pauses(settings: Settings, *faults: Exception) -> tuple[list[float], BaseException | None]:
    """The pauses that TRANSPORT makes between these faults, and how it ends."""
    slept: list[float] = []
    left = list(faults)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def work() -> None:
        if left:
            raise left.pop(0)

    try:
        await TRANSPORT.for_call(settings, sleep)(work)
    except Exception as error:
        return slept, error
    return slept, None


def passing(retry_after: float | None = None) -> ExchangeError:
    return ExchangeError(ModelUnreachableError("gone."), "HTTP 503", transient=True, retry_after=retry_after)


async def test_pause_asked_for_is_obeyed_in_full_however_long_the_pauses_of_our_own_may_be() -> None:
    settings = Settings(max_wait=10, deadline=600)
    assert await pauses(settings, passing(3), passing(0), passing(99)) == ([3, 0, 99], None)


async def test_pauses_without_being_asked_are_random_and_bounded() -> None:
    slept, end = await pauses(Settings(max_wait=1.5, transport_tries=20), *[passing() for _ in range(19)])
    assert end is None
    assert len(set(slept)) > 1
    for number, pause in enumerate(slept):
        assert 0 <= pause <= min(1.5, 0.5 * 2**number)


async def test_tries_are_counted() -> None:
    slept, end = await pauses(Settings(max_wait=0, transport_tries=3), *[passing() for _ in range(9)])
    assert slept == [0, 0]
    assert isinstance(end, ExchangeError)


async def test_pause_that_ends_after_the_deadline_is_not_begun() -> None:
    slept, end = await pauses(Settings(deadline=60), passing(61))
    assert slept == []
    assert isinstance(end, ExchangeError)


@pytest.mark.parametrize(
    "final",
    [
        ExchangeError(ModelUnreachableError("gone."), "HTTP 501"),
        ValueError("ours"),
        ModelUnreachableError("gone."),
    ],
)
async def test_only_a_fault_that_may_pass_is_tried_again(final: Exception) -> None:
    slept, end = await pauses(Settings(), final)
    assert slept == []
    assert end is final


async def test_answer_that_does_not_fit_is_asked_again_at_once_and_nothing_else_is() -> None:
    from instructor.core.exceptions import IncompleteOutputException, ResponseParsingError

    async def sleep(seconds: float) -> None:
        assert seconds == 0

    async def asked(error: Exception) -> int:
        count = 0

        async def work() -> None:
            nonlocal count
            count += 1
            raise error

        with pytest.raises(type(error)):
            await INVALID_ANSWER.for_call(Settings(answer_tries=4), sleep)(work)
        return count

    assert await asked(ResponseParsingError("does not fit")) == 4
    for error in (IncompleteOutputException(), ModelUnreachableError("gone."), ValueError("ours")):
        assert await asked(error) == 1


def test_policy_makes_a_fresh_object_for_each_call() -> None:
    async def sleep(seconds: float) -> None:
        return None

    one, other = (TRANSPORT.for_call(Settings(), sleep) for _ in range(2))
    assert isinstance(one, AsyncRetrying)
    assert one is not other
    assert one.statistics is not other.statistics
