"""Batches in processes that can be killed: at a named point, or from outside, with SIGKILL.

    with Batches() as batches:
        killed = batches.run(["batch", …], environment, crash="before:save:2")     # before the second commit that has a save in it
        assert killed == -signal.SIGKILL
        assert batches.run(["batch", …], environment) == 0

Imports take longer than a small batch, so one process imports everything, starts no thread, and forks for each run.
A point is ``before`` or ``after`` the commit of a group of writes that has one by this method of the store in it; see ``POINTS``.
"""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[1]
WRITES = ("open_run", "begin_call", "end_call", "remember", "save", "claim", "settle", "close_run")
POINTS = tuple(f"{when}:{write}" for write in WRITES for when in ("before", "after"))


class Batches:
    """The process that forks."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.batch_process"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def start(self, words: Sequence[str], environment: Mapping[str, str], crash: str | None = None) -> int:
        """Start a run; gives its process id."""
        return self._tell({"words": list(words), "environment": dict(environment), "crash": crash})

    def wait(self) -> int:
        """The exit code of the run that was started last; of a signal, its number below zero."""
        return self._tell({"wait": True})

    def run(self, words: Sequence[str], environment: Mapping[str, str], crash: str | None = None) -> int:
        """Start a run and wait for its end."""
        self.start(words, environment, crash)
        return self.wait()

    def _tell(self, request: dict[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def _crash_at(point: str) -> None:
    """Kill this process at the point: ``before`` or ``after``, a method of the store, and the how-manieth commit of it."""
    from pipeline.store.sqlite import SqliteStore

    when, write, which = point.split(":")
    commit = SqliteStore._commit
    seen: Counter[str] = Counter()

    def crashing(store: SqliteStore, writes: Sequence[Any]) -> list[Any]:
        names = {one.__qualname__.split(".")[1] for one in writes}
        seen.update(names)
        here = write in names and seen[write] >= int(which)
        if here and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        results = commit(store, writes)
        if here:
            os.kill(os.getpid(), signal.SIGKILL)
        return results

    SqliteStore._commit = crashing  # type: ignore[method-assign]


def _serve() -> None:
    import genai_prices  # noqa: F401
    import instructor  # noqa: F401
    import openai.resources.chat

    import pipeline.batch.command
    import pipeline.batch.plan
    import pipeline.batch.runner
    import pipeline.batch.views  # noqa: F401
    from pipeline.batch.keys import settings_sha256
    from pipeline.checks.whole import check_all
    from pipeline.cli import app
    from pipeline.settings import Settings
    from pipeline.stages.opening import write_opening
    from tests.tidewater import consumer, legal, risk, tidewater

    # What is loaded once is loaded here, for all of them.
    document = tidewater()
    check_all(document, consumer(document), legal(document), risk(document))
    write_opening(document, document.passages)
    settings_sha256(Settings(), force=False)
    openai.AsyncOpenAI(api_key="none").chat  # noqa: B018
    child = 0
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
            continue
        child = os.fork()
        if child:
            print(child, flush=True)
            continue
        quiet = os.open(os.environ.get("BATCH_OUTPUT", os.devnull), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os.environ.clear()
        os.environ.update(request["environment"])
        if request["crash"]:
            _crash_at(request["crash"])
        sys.argv = ["clausewise", *request["words"]]
        code = 1
        try:
            app()
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            sys.stdout.flush()
            os._exit(code)


if __name__ == "__main__":
    _serve()
