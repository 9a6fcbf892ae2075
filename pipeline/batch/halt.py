"""How a run is stopped: nothing new is begun, and what is in flight is waited for.

Everything in a run that waits, for a limit, a budget or the next try, waits here, so that a stop is heard at once.
"""

import asyncio

from pipeline.errors import RunStoppedError
from pipeline.exchange import Asking, Heard, Permit


class Halt:
    """A gate that closes for good. ``reason`` is why, once it has."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._closed = asyncio.Event()

    def stop(self, reason: str) -> None:
        """Close the gate; the first reason stays."""
        if self.reason is None:
            self.reason = reason
            self._closed.set()

    def refuse(self) -> None:
        """Raise RunStoppedError when the run is stopping."""
        if self.reason is not None:
            raise RunStoppedError(f"The run is stopping: {self.reason}")

    async def sleep(self, seconds: float) -> None:
        """Pause. Raises RunStoppedError as soon as the run is stopping."""
        self.refuse()
        try:
            async with asyncio.timeout(seconds):
                await self._closed.wait()
        except TimeoutError:
            return
        self.refuse()

    async def until(self, happened: asyncio.Event) -> None:
        """Wait for an event. Raises RunStoppedError as soon as the run is stopping."""
        self.refuse()
        waits = [asyncio.ensure_future(event.wait()) for event in (happened, self._closed)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self.refuse()

    async def enter(self, asking: Asking) -> Permit:
        """Let a request through unless the run is stopping."""
        self.refuse()
        return self

    async def heard(self, heard: Heard) -> None:
        """Nothing to do."""
