"""Heavy work beside the event loop, one piece at a time: reading a document, checking a draft.

One thread and no more. Python runs one at a time anyway; with several the loop would wait for all of them in turn, and as many
documents would be in memory.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_THREAD = ThreadPoolExecutor(1, "aside")


async def aside(work: Callable[..., T], *values: object) -> T:
    """What ``work`` gives for these values, worked out beside the loop."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, work, *values)
