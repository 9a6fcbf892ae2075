"""The desk's secret, under which tokens are digested. There is no default: it is made at the first start, for its owner's eyes alone."""

import hmac
import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from platformdirs import user_data_path

from pipeline.errors import UsageError
from pipeline.settings import Server

_WRITTEN = re.compile(r"[0-9a-f]{64}\n")


def secret_path(place: Path | Server) -> Path:
    """Where the secret of a store stands: beside its file, or in the data folder when it is on a server."""
    if isinstance(place, Server):
        return user_data_path("clausewise") / "review.secret"
    return place.with_name(f"{place.name}.secret")


def read_secret(path: Path) -> bytes:
    """The secret at a path, made when there is none. Raises UsageError when others can read it or it is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            _make(path)
        return _read(path)
    except OSError as error:
        raise UsageError(
            f"The desk's secret {path} cannot be read or made ({error.strerror or type(error).__name__})."
        ) from error


def keyed(secret: bytes, purpose: str, value: str) -> str:
    """The digest of a value under the secret, another for each purpose; 64 hexadecimal digits."""
    return hmac.new(secret, f"{purpose}\0{value}".encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def _make(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{secrets.token_hex(32)}\n")
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, encoding="ascii", errors="replace") as file:
        seen = os.fstat(file.fileno())
        if not stat.S_ISREG(seen.st_mode) or seen.st_mode & 0o077 or seen.st_uid != os.geteuid():
            raise UsageError(
                f"The desk's secret {path} can be read by others; take their permission away (chmod 600), or delete it and start again, "
                "which signs everybody out."
            )
        text = file.read(100)
    if not _WRITTEN.fullmatch(text):
        raise UsageError(
            f"The desk's secret {path} is damaged; delete it and start again, which signs everybody out."
        )
    return bytes.fromhex(text.strip())
