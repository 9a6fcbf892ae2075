"""Requests and tokens a minute, for the workers of all machines together.

The pace stands in the store (``FleetStore.take_turn``): a request takes its turn there and waits for it here. Requests are spread evenly a
little below the limit, limits that the endpoint tells lower ours, and a 429 stops and slows everybody, as in one process
(``pipeline.batch.limits``). What an answer of a kind takes is learnt by each process for itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.batch.halt import Halt
from pipeline.batch.limits import Expected, read_count, read_duration
from pipeline.errors import RunStoppedError
from pipeline.exchange import Asking, Heard, Permit
from pipeline.store.fleet import FleetStore, Pace, Said, Turn

_MINUTE = 60.0


@dataclass(slots=True)
class SharedLimiter:
    """A gate of one run that keeps an endpoint's pace with all who use it. ``on_pause`` hears of pauses that were begun here."""

    store: FleetStore
    pace: Pace
    run_id: str
    halt: Halt
    expected: Expected
    on_pause: Callable[[float, str], None]

    async def enter(self, asking: Asking) -> Permit:
        """Wait for this request's turn. Raises RunStoppedError when the run was stopped, on whatever machine."""
        tokens = self.expected.tokens(asking)
        while True:
            turn = await self.store.take_turn(self.pace, self.run_id, tokens)
            if turn.state != "running":
                self.halt.stop("it was stopped.")
                raise RunStoppedError("The run is stopping: it was stopped.")
            if turn.wait <= 0:
                break
            await self.halt.sleep(turn.wait)
            # A turn from before a pause is lost.
            if await self.store.pauses(self.pace) == turn.pauses:
                break
        return _Ticket(self, asking, tokens, turn)

    async def hear(self, ticket: "_Ticket", heard: Heard) -> None:
        """Tell all what the endpoint said."""
        used = self.expected.learn(ticket.asking, heard)
        if heard.outcome == "refused":
            # One that was refused for its rate counts as a request with most endpoints, and its tokens with none.
            used = 0.0
        limits = {
            what: read_count(heard.headers.get(f"x-ratelimit-limit-{what}"))
            for what in ("requests", "tokens")
        }
        said = Said(
            answered=heard.outcome == "answered",
            corrected=0.0 if used is None else used - ticket.tokens,
            told_requests=limits["requests"] or None,
            told_tokens=limits["tokens"] or None,
            wait=max(
                (self._used_up(heard, what, limit) for what, limit in limits.items() if limit), default=0.0
            )
            or None,
            limited=heard.limited,
            retry_after=heard.retry_after,
            sent_at=ticket.turn.at + ticket.turn.wait,
        )
        paused = await self.store.hear(self.pace, said)
        if paused is not None:
            self.on_pause(paused, heard.reason or "HTTP 429")

    def _used_up(self, heard: Heard, what: str, limit: int) -> float:
        """Seconds until there is something again, when the endpoint says that nothing is left."""
        reset = read_duration(heard.headers.get(f"x-ratelimit-reset-{what}"))
        if read_count(heard.headers.get(f"x-ratelimit-remaining-{what}")) != 0 or reset is None:
            return 0.0
        # Told in the time until all is there again, when it comes back bit by bit; else in the time until it is back at once.
        bit_by_bit = abs(reset - _MINUTE) <= 0.1 * _MINUTE
        return _MINUTE / limit if bit_by_bit else min(reset, _MINUTE)


@dataclass(frozen=True, slots=True)
class _Ticket:
    limiter: SharedLimiter
    asking: Asking
    tokens: float
    turn: Turn

    async def heard(self, heard: Heard) -> None:
        await self.limiter.hear(self, heard)
