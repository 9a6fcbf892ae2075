"""What is known of the model judge itself: ``python -m eval.judge_report [--case NAME]``, from its recorded verdicts.

How far it agrees with the deterministic judge and with people, and whether the order in which it is asked moves its verdicts.
"""

import argparse
import sys
from collections.abc import Sequence

from eval.candidate import candidate_from_sentences
from eval.cases import Case, gold_folder, list_gold, load_case
from eval.judges.agreeing import agreement_on_candidate, agreement_on_plants
from eval.judges.measured import JudgeReport, write_judge_report
from eval.judges.model import ModelJudge, judge_recording_path, model_judge
from eval.judges.order import check_order, order_sample
from eval.judges.questions import sentences_of
from eval.judges.rules import RulesJudge
from eval.judges.verdict import Judge
from eval.replay import StaleRecordingError
from eval.results import Results
from eval.run import find_cases
from eval.selftest_bars import ONLY_MEASURED, load_part, load_selftest_bars
from eval.systems import Made, recorded
from pipeline.errors import ClausewiseError, ModelError, UsageError
from schemas.planted import Planted


def add_judge_reports(results: Results, judge: ModelJudge) -> Results:
    """The results with what is known of the model judge on their cases now, unless they tell it already.

    Not to be called within a running event loop.
    """
    if results.judge_reports:
        return results
    measured = {case.name for case in results.cases}
    known = [
        path
        for path in list_gold(gold_folder())
        if path.stem in measured and judge.recording_of(path.stem).is_file()
    ]
    reports = report_judges([load_case(path) for path in known], judge)
    return results.model_copy(update={"judge_reports": reports})


def report_judges(cases: Sequence[Case], judge: ModelJudge) -> tuple[JudgeReport, ...]:
    """The model judge on each case that has recorded verdicts. Where they do not fit any more, the report says so: no fault of what is measured
    beside it.

    Not to be called within a running event loop.
    """
    reports = []
    for case in cases:
        if judge.recording_of(case.name).is_file():
            try:
                reports.append(report_judge(case, judge))
            except (ModelError, StaleRecordingError) as error:
                reports.append(
                    JudgeReport(
                        case=case.name, judge_version=judge.version, model=judge.model, reason=str(error)
                    )
                )
    return tuple(reports)


def report_judge(case: Case, judge: ModelJudge) -> JudgeReport:
    """Compare the model judge with the rules and with people, on the recorded draft where there is one and on planted sentences.

    Raises ModelError when a verdict is not to be had. Not to be called within a running event loop.
    """
    raters = (RulesJudge(), judge)
    made = recorded().make(case)
    candidate = made.candidate if isinstance(made, Made) else candidate_from_sentences("recorded")
    judge.prepare(candidate, case)
    agreements = [*agreement_on_candidate(raters, candidate, case)] if isinstance(made, Made) else []
    plants = load_part(judge.name, ONLY_MEASURED)
    judge.prepare_plants(plants, case)
    agreements += agreement_on_plants(raters, plants, case, _told_rounds(raters, judge))
    sample = order_sample(case)
    texts, names = candidate.consumer.texts, _names(plants)
    orders = check_order(judge, sample, texts, case, names=names) if sample else ()
    return JudgeReport(
        case=case.name,
        judge_version=judge.version,
        model=judge.model,
        agreements=tuple(agreements),
        orders=orders,
    )


def _told_rounds(raters: Sequence[Judge], judge: ModelJudge) -> str:
    """The rounds that the judge is only measured on, each with the part that it has for either judge: an agreement on sentences that one of them
    was written for says less.
    """
    bars = load_selftest_bars()
    told = []
    for number in bars.of(judge.name).only_measured:
        parts = [f"{rater.name}: {bars.of(rater.name).part_of(number) or 'neither'}" for rater in raters]
        told.append(f"round {number} ({', '.join(parts)})")
    return "; ".join(told)


def _names(plants: Sequence[Planted]) -> dict[str, str]:
    """Planted sentences by what they may be told by: their ids."""
    return {
        text: plant.id
        for plant in plants
        for text in (sentences_of(plant) if plant.is_whole_text else (plant.text,))
    }


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
            raise UsageError(
                "No verdicts of the model judge are recorded; make record-judge CASE=NAME records some."
            )
        for case in cases:
            print(f"## {case.name}\n\n{write_judge_report(report_judge(case, model_judge()))}\n")
    except ClausewiseError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from error


if __name__ == "__main__":
    main()
