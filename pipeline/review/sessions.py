"""Sessions: a random token in a cookie, of which the store has only a keyed digest, so that whoever reads the store is nobody."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from pipeline.review.secret import keyed
from pipeline.store.review_records import SessionRow, UserRow
from pipeline.store.reviews import ReviewStore

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)
# How often it is noted that a session is in use.
_NOTED_EVERY = timedelta(minutes=1)


class Sessions:
    """The sessions of a store. ``clock`` gives the time in UTC."""

    def __init__(self, store: ReviewStore, secret: bytes, clock: Callable[[], datetime]) -> None:
        self._store, self._secret, self._clock = store, secret, clock

    def begin(self, user: UserRow) -> str:
        """Open a session of a user; gives its token, which is nowhere but in the cookie."""
        token, now = secrets.token_urlsafe(32), self._clock()
        self._store.open_session(
            SessionRow(
                token_sha256=self._digest(token),
                user=user.name,
                role=user.role,
                csrf=keyed(self._secret, "csrf", token),
                created_at=now,
                seen_at=now,
                expires_at=now + IDLE,
            )
        )
        return token

    def find(self, token: str) -> SessionRow | None:
        """The session of a token, as long as it is good: its user may sign in, with the role of now. Noted as in use."""
        now = self._clock()
        session = self._store.session(self._digest(token), now)
        if session is None:
            return None
        if now - session.seen_at >= _NOTED_EVERY:
            ends = min(now + IDLE, session.created_at + LONGEST)
            self._store.touch_session(session.token_sha256, now, ends)
        return session

    def end(self, token: str) -> None:
        """Close the session of a token, if there is one."""
        self._store.close_session(self._digest(token))

    def _digest(self, token: str) -> str:
        return keyed(self._secret, "session", token)
