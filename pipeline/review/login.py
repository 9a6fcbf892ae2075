"""Signing in: who may try how often, and whether name and password are right.

Tries are counted in the store, so that a restart forgives none. A name that nobody has is counted, refused and takes as long as any other,
so that no answer tells who is a user.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Lock

from pipeline.review.passwords import hash_password, is_outdated, is_password
from pipeline.review.secret import keyed
from pipeline.store.review_records import UserRow
from pipeline.store.reviews import ReviewStore

WINDOW = timedelta(minutes=15)
TRIES_OF_A_NAME = 10
TRIES_OF_AN_ADDRESS = 40
# Each hash takes 64 MiB and a core for a while: one at a time, and few that wait.
_WAITING = 4


@dataclass(frozen=True, slots=True)
class Refused:
    """Why somebody is not signed in: ``wait`` are the seconds after which to try again, 0 when name or password is wrong."""

    wait: int = 0


class Doorkeeper:
    """Lets people in. ``clock`` gives the time in UTC."""

    def __init__(self, store: ReviewStore, secret: bytes, clock: Callable[[], datetime]) -> None:
        self._store, self._secret, self._clock = store, secret, clock
        self._queue = BoundedSemaphore(_WAITING)
        self._turn = Lock()

    def look_at(self, name: str, password: str, address: str) -> UserRow | Refused:
        """The user whose name and password these are, or why nobody is let in. Both are noted, failures in the audit log too."""
        with self._in_turn() as admitted:
            return self._tried(name, password, address) if admitted else Refused(wait=2)

    @contextmanager
    def _in_turn(self) -> Iterator[bool]:
        # Counted and tried by one at a time: none of many at once slips past the count.
        if not self._queue.acquire(blocking=False):
            yield False
            return
        try:
            with self._turn:
                yield True
        finally:
            self._queue.release()

    def _tried(self, name: str, password: str, address: str) -> UserRow | Refused:
        now = self._clock()
        user = self._store.user(name) if is_name(name) else None
        # What is no name of ours may be a password in the wrong field, and is nowhere kept as it was typed.
        noted = user.name if user else f"unknown {keyed(self._secret, 'name', name)[:16]}"
        of_name, of_address = self._store.failures_since(noted, address, now - WINDOW)
        if of_name >= TRIES_OF_A_NAME or of_address >= TRIES_OF_AN_ADDRESS:
            # Not noted: whoever floods the door would fill the log, which already has the tries before.
            return Refused(wait=int(WINDOW.total_seconds()))
        right = is_password(password, user.password_hash if user and user.disabled_at is None else None)
        self._store.note_login(noted, address, now, right)
        if user is None or not right:
            self._store.audit(user.name if user else "unknown", "login failed", address, {})
            return Refused()
        if is_outdated(user.password_hash):
            user = replace(user, password_hash=hash_password(password))
            self._store.put_user(user, by=user.name)
        self._store.audit(user.name, "login", address, {})
        return user


def is_name(name: str) -> bool:
    """Whether a user may be called like this: 1 to 64 printable characters without spaces at the ends."""
    return 0 < len(name) <= 64 and name.isprintable() and name == name.strip()
