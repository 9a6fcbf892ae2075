"""Ctrl-C: once to finish what is in flight, twice to stop at once."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline.batch.halt import Halt


@contextmanager
def stopped_by_signals(halt: Halt, tell: Callable[[str], None]) -> Iterator[None]:
    """Within the task of a run: SIGINT and SIGTERM close its gate, and a second one cancels the task."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def stop() -> None:
        if halt.reason is None:
            halt.stop("it was told to.")
            tell("stopping: requests in flight are finished and kept; Ctrl-C again stops at once.")
        elif task is not None:
            task.cancel()

    handled = []
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
            handled.append(number)
        except (NotImplementedError, ValueError, RuntimeError):  # on Windows, and beside the main thread
            break
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
