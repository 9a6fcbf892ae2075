"""Bytes of a file or a stream, never more than the limit."""

from pathlib import Path
from typing import BinaryIO

from pipeline.errors import SourceError
from pipeline.source.limits import LIMITS, Limits, describe_size


def read_file(path: str, *, limits: Limits = LIMITS) -> bytes:
    """The bytes of the file at ``path``. Raises SourceError when it is missing, a folder, unreadable or too
    large.
    """
    try:
        with Path(path).expanduser().open("rb") as stream:
            return read_stream(stream, path, limits=limits)
    except FileNotFoundError as error:
        raise SourceError(f"There is no file {path}; check the name.") from error
    except IsADirectoryError as error:
        raise SourceError(f"{path} is a folder; name one file in it.") from error
    except PermissionError as error:
        raise SourceError(f"{path} may not be read; check its permissions.") from error
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"{path} cannot be read ({reason}); check the name and the disk.") from error


def read_stream(stream: BinaryIO, name: str, *, limits: Limits = LIMITS) -> bytes:
    """All bytes of a stream; it is read no further than one byte over the limit."""
    parts: list[bytes] = []
    left = limits.size + 1
    while left and (part := stream.read(left)):
        parts.append(part)
        left -= len(part)
    if not left:
        most = describe_size(limits.size)
        raise SourceError(f"{name} is larger than {most}, the most that is read; give the policy alone.")
    return b"".join(parts)
