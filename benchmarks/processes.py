"""``clausewise`` as a process: how long it takes, what it takes of the processor, and its most memory."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

COMMAND = Path(sys.executable).with_name("clausewise")
_LOOK_EVERY = 0.02  # seconds


@dataclass(frozen=True, slots=True)
class Process:
    """A process that has ended. Times are in seconds, ``peak_mb`` is the most resident memory in megabytes, ``last_words`` the last line
    that it told on its standard error."""

    seconds: float
    processor: float
    peak_mb: float
    returned: int
    last_words: str


def run_process(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Process:
    """Run a command to its end.

    The peak is the kernel's own mark of the process, looked at until it ends: what ``wait`` tells begins with the memory of the process
    that started it.
    """
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=told)
        peak = 0.0
        while True:
            peak = max(peak, _peak_mb(process.pid))
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            time.sleep(_LOOK_EVERY)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        lines = told.read().splitlines()
    processor = used.ru_utime + used.ru_stime
    return Process(seconds, processor, peak, process.returncode, lines[-1] if lines else "")


def run_batch_process(
    folder: Path, sources: Path, environment: Mapping[str, str], *options: str, concurrency: int = 16
) -> Process:
    """``clausewise batch`` over a folder, its drafts and its store in ``folder``. Raises RuntimeError when it fails."""
    command = (COMMAND, "batch", sources, "--output", folder / "out", "--store", folder / "store.db")
    process = run_process((*command, "--concurrency", str(concurrency), *options), environment)
    if process.returned not in (0, 1):
        raise RuntimeError(f"clausewise batch ended with exit code {process.returned}: {process.last_words}")
    return process


def _peak_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)
