"""Passwords: only their argon2 hash is kept, and a name that nobody has takes as long to refuse as a wrong password."""

import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pipeline.errors import UsageError

SHORTEST = 12
LONGEST = 1_000
_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """The hash that is kept of a password. Raises UsageError when it is too short to be one."""
    if len(password) < SHORTEST:
        raise UsageError(f"A password has at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise UsageError(f"A password has at most {LONGEST:,} characters.")
    return _HASHER.hash(_same_on_all_keyboards(password))


def is_password(password: str, kept: str | None) -> bool:
    """Whether a password is the one whose hash is kept; with none kept as much work, and no."""
    try:
        _HASHER.verify(kept or _nobodys(), _same_on_all_keyboards(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than are used now."""
    return _HASHER.check_needs_rehash(kept)


@lru_cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")


def _same_on_all_keyboards(password: str) -> str:
    # One keyboard sends é as one character, another as two.
    return unicodedata.normalize("NFKC", password)
