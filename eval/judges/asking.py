"""Asking: many sheets at once, through the one door, as many at a time as an endpoint bears.

A judge that gives no usable answer, or is not there, says nothing about what it was to judge: every failure here is one of
infrastructure, and never a verdict.
"""

import asyncio
from collections.abc import Callable, Sequence

from eval.judges.sheets import AnySheet, Read, rules
from pipeline.errors import ModelError, ReplayMissError
from pipeline.llm import Door
from pipeline.settings import Settings
from schemas.draft import Attempt

AT_A_TIME = 6


class JudgeError(ModelError):
    """The model judge gave no verdict."""


async def ask_all(
    sheets: Sequence[AnySheet],
    settings: Settings,
    *,
    at_a_time: int = AT_A_TIME,
    told: Callable[[AnySheet], None] = lambda sheet: None,
) -> list[Read]:
    """What was read from the answers, in the sheets' order. ``told`` hears of each sheet when it is answered.

    A sheet that fails does not stop the others: what they cost would be lost. Then raises the first failure, a ReplayMissError when it was
    one, else a JudgeError.
    """
    gate = asyncio.Semaphore(at_a_time)

    async def ask(door: Door, sheet: AnySheet) -> Read:
        async with gate:
            read = await _ask(door, sheet)
        told(sheet)
        return read

    async with Door(settings) as door:
        outcomes = await asyncio.gather(*(ask(door, sheet) for sheet in sheets), return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    for failure in failures:
        # A bug of ours, or the end of the program, is told before any trouble of the endpoint.
        if not isinstance(failure, ModelError):
            raise failure
    if failures:
        raise failures[0]
    return [outcome for outcome in outcomes if isinstance(outcome, Read)]


async def _ask(door: Door, sheet: AnySheet) -> Read:
    try:
        reply = await door.ask(system=rules(), user=sheet.user, answer=sheet.answer, check=sheet.check)
    except ReplayMissError:
        raise
    except ModelError as error:
        raise _no_verdict(error.attempts, str(error)) from error
    if reply.problems:
        raise _no_verdict(reply.attempts, f"its last answer does not fit ({reply.problems[0].rstrip('.')}).")
    return sheet.read(reply.answer)


def _no_verdict(attempts: tuple[Attempt, ...], why: str) -> JudgeError:
    error = JudgeError(f"The model judge gave no verdict: {why}")
    error.attempts = attempts
    return error
