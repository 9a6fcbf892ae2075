"""What the gate said of a run: its checks and the verdict, as results keep them, so that a report written anew still tells them."""

from typing import Literal

from schemas.base import Value

PASSED, FAILED, UNAVAILABLE = 0, 1, 3  # exit codes; 2 is a usage error's


class Check(Value):
    """One thing the gate looked at. ``skipped`` could not be looked at, and ``message`` says why."""

    name: str
    status: Literal["passed", "failed", "skipped", "unavailable"]
    message: str


class Verdict(Value):
    """Every check, and notes on what the baseline was measured with."""

    checks: tuple[Check, ...]
    notes: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """3 when something was unavailable, else 1 when a check failed, else 0."""
        statuses = {check.status for check in self.checks}
        return UNAVAILABLE if "unavailable" in statuses else FAILED if "failed" in statuses else PASSED

    @property
    def summary(self) -> str:
        """The verdict in one sentence."""
        counts = {
            s: sum(c.status == s for c in self.checks) for s in ("passed", "failed", "skipped", "unavailable")
        }
        told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
        word = {PASSED: "passed", FAILED: "failed", UNAVAILABLE: "could not decide"}[self.exit_code]
        return f"The gate {word}: {told or 'nothing to check'}."
