"""The places at the endpoint: how many requests of a run are in flight at once.

More documents are in work than there are places. One that is read, checked or written has none, and another's request is there to take
the place that it leaves; were the places the documents', each would stand empty for as long as we work on its document.
"""

import asyncio
from collections import deque

from pipeline.batch.halt import Halt
from pipeline.exchange import Asking, Heard, Permit

_PLACES_OF_ONE_AHEAD = 8  # a document is without a place for less than an eighth of its time


class Places:
    """A gate with so many places, taken in the order of arrival."""

    def __init__(self, places: int, halt: Halt) -> None:
        self._free = places
        self._halt = halt
        self._waiting: deque[asyncio.Event] = deque()

    async def enter(self, asking: Asking) -> Permit:
        """Take a place when one is free. Raises RunStoppedError as soon as the run is stopping."""
        if self._free:
            self._free -= 1
            return self
        turn = asyncio.Event()
        self._waiting.append(turn)
        try:
            await self._halt.until(turn)
        except BaseException:
            if turn.is_set():
                self._leave()
            else:
                self._waiting.remove(turn)
            raise
        return self

    async def heard(self, heard: Heard) -> None:
        """Leave the place to whoever has waited longest."""
        self._leave()

    def _leave(self) -> None:
        if self._waiting:
            # Handed over, so that nobody who comes now is before those that wait.
            self._waiting.popleft().set()
        else:
            self._free += 1


def documents_in_work(places: int) -> int:
    """How many documents are in work where so many requests may be in flight."""
    return places + places // _PLACES_OF_ONE_AHEAD
