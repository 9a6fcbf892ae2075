"""What is measured of the model judge itself: how far raters agree, and what another order moves. Values, and their tables.

They stand in results, so that a report of them needs neither the judge nor its recording.
"""

from collections.abc import Sequence

from eval.agreement import Interval
from eval.tables import plain_text, write_rows
from schemas.base import Value

# Of a sentence whose verdict moved, so much is told.
_LONGEST = 160


class Agreement(Value):
    """How far two raters agree on the same things. ``agreed`` of ``pairs`` have the same label. ``kappa`` is Cohen's, None where it is not
    defined: with nothing to compare, and when both gave one label throughout. ``interval`` is its 95 % bootstrap interval.
    """

    about: str
    first: str
    second: str
    pairs: int
    agreed: int
    kappa: float | None
    interval: Interval | None


class Moved(Value):
    """One thing whose verdict moved: the sentence, or the id of the fact or planted sentence, and both verdicts."""

    item: str
    before: str
    after: str


class OrderCheck(Value):
    """Verdicts on the same things asked in two ways. ``moved`` are those that differ; ``renamed`` counts flags that stayed and changed their
    kind of fault. ``interval`` is Wilson's, of the share that moved.
    """

    about: str
    asked: int
    moved: tuple[Moved, ...]
    renamed: int
    interval: Interval | None


class JudgeReport(Value):
    """The model judge on one case: kappas between raters, and what another order moved. ``reason`` says why nothing was measured."""

    case: str
    judge_version: str
    model: str
    agreements: tuple[Agreement, ...] = ()
    orders: tuple[OrderCheck, ...] = ()
    reason: str | None = None


def write_judge_report(report: JudgeReport) -> str:
    """The report on one case as Markdown, without a heading."""
    if report.reason is not None:
        return f"Not measured: {plain_text(report.reason)}"
    parts = [write_agreement(report.agreements)] if report.agreements else []
    parts += [write_order(report.orders)] if report.orders else []
    return "\n\n".join(parts) or "There is nothing to compare."


def write_agreement(found: Sequence[Agreement]) -> str:
    """A Markdown table."""
    head = ["about", "raters", "pairs", "agree", "kappa", "95 %"]
    return write_rows(head, [list(tell_agreement(one)) for one in found])


def tell_agreement(one: Agreement) -> tuple[str, str, str, str, str, str]:
    """What two raters were asked about, who they are, the pairs, the share that agrees, kappa and its interval."""
    return (
        one.about,
        f"{one.first}, {one.second}",
        str(one.pairs),
        f"{one.agreed / one.pairs:.0%}" if one.pairs else "–",
        "not defined" if one.kappa is None else f"{one.kappa:.2f}",
        f"{one.interval.low:.2f} to {one.interval.high:.2f}" if one.interval else "–",
    )


def write_order(checks: Sequence[OrderCheck]) -> str:
    """A Markdown table of what moved, with the verdicts that did."""
    head = ["asked", "verdicts", "moved", "95 %", "other kind of fault"]
    lines = [write_rows(head, [list(tell_order(check)) for check in checks])]
    moved = [moved for check in checks for moved in check.moved]
    if moved:
        lines += ["", *(f"- {plain_text(tell_moved(one))}" for one in moved)]
    return "\n".join(lines)


def tell_order(check: OrderCheck) -> tuple[str, str, str, str, str]:
    """How it was asked, how many verdicts there are, how many moved, the interval of their share, and how many flags changed their kind."""
    interval = f"{check.interval.low:.1%} to {check.interval.high:.1%}" if check.interval else "–"
    return check.about, str(check.asked), str(len(check.moved)), interval, str(check.renamed)


def tell_moved(moved: Moved) -> str:
    """A verdict that moved, in a line."""
    item = moved.item
    told = item if len(item) <= _LONGEST else f"{item[:_LONGEST].rsplit(' ', 1)[0]} …"
    return f"{moved.before}, then {moved.after}: {told}"
