"""When to try again, as two values chosen by failure. Each has its own budget, so that they cannot multiply.

``TRANSPORT`` repeats one exchange that brought no usable answer: the same request, after a pause.
``INVALID_ANSWER`` asks again after an answer that does not fit: another request, at once, that says what was
wrong. Nothing else repeats anything; the openai client's own retries are off.
"""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_none,
    wait_random_exponential,
)
from tenacity.retry import retry_base
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from pipeline.errors import ModelError
from pipeline.settings import Settings

Sleep = Callable[[float], Awaitable[None]]

_FIRST_PAUSE = 0.5  # upper bound of the first pause without Retry-After, in seconds; it doubles with each try


class ExchangeError(Exception):
    """An exchange that brought no usable answer.

    ``error`` is what to raise when it is not tried again, ``transient`` whether trying again can help,
    ``retry_after`` the pause that the endpoint asked for in seconds, ``refused`` whether it answered with an
    error status, so that no token was used, ``limited`` whether that status was a rate limit. ``held`` are the seconds that the call
    has waited at the door's gate, which are not the endpoint's.
    """

    def __init__(
        self,
        error: ModelError,
        reason: str,
        *,
        transient: bool = False,
        retry_after: float | None = None,
        refused: bool = False,
        limited: bool = False,
    ) -> None:
        super().__init__(reason)
        self.error = error
        self.reason = reason
        self.transient = transient
        self.retry_after = retry_after
        self.refused = refused
        self.limited = limited
        self.held = 0.0


@dataclass(frozen=True, slots=True)
class Retries:
    """A policy of trying again.

    ``for_call`` makes the tenacity object, which is never shared: it carries one call's state.
    """

    repeated: retry_base
    stop: Callable[[Settings], stop_base]
    wait: Callable[[Settings], wait_base]

    def for_call(self, settings: Settings, sleep: Sleep) -> AsyncRetrying:
        """The policy for one call; ``sleep`` is what pauses, asyncio.sleep but for tests."""
        return AsyncRetrying(
            retry=self.repeated, stop=self.stop(settings), wait=self.wait(settings), sleep=sleep, reraise=True
        )


class WaitRetryAfter(wait_base):
    """The pause that the endpoint asked for, in full; or else what ``otherwise`` says.

    A shorter one would be a try thrown away. What bounds it is the deadline: see StopWhenAskedToWaitBeyond.
    """

    def __init__(self, otherwise: wait_base) -> None:
        self._otherwise = otherwise

    def __call__(self, retry_state: RetryCallState) -> float:
        fault = _fault(retry_state)
        if fault is None or fault.retry_after is None:
            return float(self._otherwise(retry_state))
        return fault.retry_after


class StopWhenAskedToWaitBeyond(stop_base):
    """Stop when asked for a pause that ends after the deadline, in seconds from the first try."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def __call__(self, retry_state: RetryCallState) -> bool:
        fault = _fault(retry_state)
        if fault is None or fault.retry_after is None:
            return False
        spent = (retry_state.seconds_since_start or 0.0) - fault.held
        return fault.retry_after > self._deadline - spent


def _fault(retry_state: RetryCallState) -> ExchangeError | None:
    error = retry_state.outcome.exception() if retry_state.outcome else None
    return error if isinstance(error, ExchangeError) else None


def read_retry_after(headers: dict[str, str], now: datetime | None = None) -> float | None:
    """Seconds that an endpoint asks to wait: ``retry-after-ms``, or ``retry-after`` (RFC 9110, 10.2.3).

    ``headers`` has lower-case names. None when there is no such header or it cannot be read; a moment that
    has passed is 0.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or value is None:
        return seconds
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _does_not_fit(error: BaseException) -> bool:
    from instructor.core.exceptions import ResponseParsingError

    return isinstance(error, ResponseParsingError)


INVALID_ANSWER = Retries(
    repeated=retry_if_exception(_does_not_fit),
    stop=lambda settings: stop_after_attempt(settings.answer_tries),
    wait=lambda settings: wait_none(),
)

TRANSPORT = Retries(
    repeated=retry_if_exception(lambda error: isinstance(error, ExchangeError) and error.transient),
    stop=lambda settings: (
        stop_after_attempt(settings.transport_tries) | StopWhenAskedToWaitBeyond(settings.deadline)
    ),
    wait=lambda settings: WaitRetryAfter(
        wait_random_exponential(multiplier=_FIRST_PAUSE, max=settings.max_wait)
    ),
)
