"""What is known of the model judge itself: ``python -m eval.judge_report [--case NAME]``, from its recorded verdicts.

How far it agrees with the deterministic judge and with people, and whether the order in which it is asked moves its verdicts.
"""

import argparse
import sys

from eval.candidate import candidate_from_sentences
from eval.cases import Case
from eval.judges.agreeing import Agreement, agreement_on_candidate, agreement_on_plants, write_agreement
from eval.judges.model import ModelJudge, judge_recording_path, model_judge
from eval.judges.order import OrderCheck, check_order, order_sample, write_order
from eval.judges.rules import RulesJudge
from eval.plants import PARTS, load_plants
from eval.run import find_cases
from eval.systems import Made, recorded
from pipeline.errors import ClausewiseError, UsageError
from schemas.base import Value


class JudgeReport(Value):
    """The model judge on one case: kappas between raters, and what another order moved."""

    case: str
    judge_version: str
    agreements: tuple[Agreement, ...]
    orders: tuple[OrderCheck, ...]


def report_judge(case: Case, judge: ModelJudge) -> JudgeReport:
    """Compare the model judge with the rules and with people, on the recorded draft where there is one and on planted sentences.

    Raises ModelError when a verdict is not to be had. Not to be called within a running event loop.
    """
    raters = (RulesJudge(), judge)
    made = recorded().make(case)
    candidate = made.candidate if isinstance(made, Made) else candidate_from_sentences("recorded")
    judge.prepare(candidate, case)
    agreements = [*agreement_on_candidate(raters, candidate, case)] if isinstance(made, Made) else []
    for part in PARTS:
        plants = load_plants(part)
        judge.prepare_plants(plants, case)
        agreements += agreement_on_plants(raters, plants, case, part)
    sample = order_sample(case)
    orders = check_order(judge, sample, candidate.consumer.texts, case) if sample else ()
    return JudgeReport(
        case=case.name, judge_version=judge.version, agreements=tuple(agreements), orders=orders
    )


def write_judge_report(report: JudgeReport) -> str:
    """The report as Markdown."""
    return "\n\n".join(
        (
            f"## The model judge on {report.case}",
            write_agreement(report.agreements),
            write_order(report.orders),
        )
    )


def main() -> None:
    """Print the report of the cases that have recorded verdicts."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.judge_report", description="How far the model judge agrees."
    )
    parser.add_argument("--case", action="append", default=[], help="Case. Default: all with a recording.")
    given = parser.parse_args()
    try:
        cases = [
            case for case in find_cases(given.case) if given.case or judge_recording_path(case.name).is_file()
        ]
        if not cases:
            raise UsageError("No verdicts of the model judge are recorded; see python -m eval.record_judge.")
        for case in cases:
            print(write_judge_report(report_judge(case, model_judge())) + "\n")
    except ClausewiseError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from error


if __name__ == "__main__":
    main()
