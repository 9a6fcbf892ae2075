"""Editors in processes of their own that die at named points: each decides in a loop and tells each decision after it was acknowledged.

``python -m tests.review_process`` reads from standard input the address of a store, the id of a review and the points, a line each. A point
is ``before`` or ``after`` and the start of a statement; at each an editor dies by SIGKILL in the midst of the third decision. Without
points one editor works until killed. What it tells: ``kept NUMBER REASON`` for each decision, and ``died POINT``.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import event
from sqlalchemy.engine import Engine

from pipeline.review.desk import Desk
from pipeline.settings import Server
from pipeline.store.reviews import ReviewStore
from schemas.review import NewDecision


def work(address: str, review_id: str, point: str) -> None:
    """Decide until death."""
    place = Server(url=SecretStr(address)) if "://" in address else Path(address)
    with ReviewStore.open(place) as store:
        desk = Desk(store)
        for number in range(10_000):
            if number == 2 and point != "never":
                _die(store, point)
            reviewed = desk.open(review_id)
            units = list(reviewed.folded.units.values())
            unit = units[number % len(units)]
            # Told apart from all others, so that none can be there twice.
            reason = f"{os.getpid()}-{number}"
            news = [NewDecision(kind="comment", path=unit.path, reason=reason)]
            if "text" in unit.value:
                value = {**unit.value, "text": reason}
                news = [NewDecision(kind="edit", path=unit.path, after=value, reason=reason)]
            made = desk.decide(review_id, "anna", news, {unit.path: unit.last}).decisions[-1]
            print(f"kept {made.number} {made.reason}", flush=True)


def _die(store: ReviewStore, point: str) -> None:
    def die(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def die_at(_: Any, __: Any, statement: str, *rest: Any) -> None:
        if statement.startswith(what):
            die()

    when, _, what = point.partition(" ")
    if point == "before COMMIT":
        event.listen(Engine, "commit", die)
    elif point == "after COMMIT":
        append = store.append
        # On the disk, and nobody was told.
        store.append = lambda *given, **named: (append(*given, **named), die())  # type: ignore[method-assign, assignment]
    else:
        event.listen(Engine, f"{when}_cursor_execute", die_at)


def main() -> None:
    """An editor for each point, one after another; with no point one that works until it is killed."""
    address, review_id, *points = sys.stdin.read().splitlines()
    if not points:
        work(address, review_id, "never")
    for point in points:
        editor = os.fork()
        if editor == 0:
            try:
                work(address, review_id, point)
            finally:
                os._exit(70)
        _, status = os.waitpid(editor, 0)
        assert os.WIFSIGNALED(status), (point, status)
        assert os.WTERMSIG(status) == signal.SIGKILL, (point, status)
        print(f"died {point}", flush=True)


if __name__ == "__main__":
    main()
