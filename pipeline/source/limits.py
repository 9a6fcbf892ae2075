"""How much is read from a source, and for how long: one place for all of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """``size`` in bytes as the reader gets them (decompressed), ``deadline`` in seconds from first to last
    byte.
    """

    size: int = 20_000_000
    deadline: float = 30.0
    redirects: int = 5


LIMITS = Limits()


def describe_size(size: int) -> str:
    """``20 MB`` for 20_000_000, ``900 bytes`` below a kilobyte."""
    for unit, name in ((1_000_000, "MB"), (1_000, "kB")):
        if size >= unit:
            return f"{size / unit:g} {name}"
    return f"{size} bytes"
