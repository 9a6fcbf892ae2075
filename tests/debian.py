"""Debian's packages for the tests: installed by the project's own scripts where they are missing."""

import subprocess
from pathlib import Path


def install(script: str) -> str:
    """Run one of the scripts beside this module; gives why it failed, or an empty string."""
    path = Path(__file__).with_name(script)
    try:
        done = subprocess.run(["sh", path], capture_output=True, text=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or ["it cannot be installed"])[-1]
