"""Record the model judge anew: ``python -m eval.record_judge --case NAME`` (``make record-judge CASE=NAME``) against the endpoint of
OPENAI_BASE_URL.

Asked, in this order: the facts and sentences of the recorded draft, the planted sentences that are only measured, and for one case a sample
of them in another order and alone. Answers of the present recording are kept where the request has not changed; ``--fresh`` asks for all anew,
``--count`` for nothing.
The default model is that of ``judge_settings``; OPENAI_API_KEY and CLAUSEWISE_MODEL name others.
"""

import argparse
import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from eval.bundled import for_recording
from eval.cases import Case
from eval.judges.asking import AT_A_TIME, ask_all
from eval.judges.model import ModelJudge, judge_recording_path, judge_settings
from eval.judges.order import order_sample, order_sheets
from eval.judges.questions import sheets_for_candidate, sheets_for_plants
from eval.judges.sheets import AnySheet
from eval.replay import record
from eval.run import find_cases
from eval.selftest_bars import ONLY_MEASURED, load_part
from eval.systems import Made, recorded
from pipeline.errors import ClausewiseError
from pipeline.settings import Settings

_CHARACTERS_A_TOKEN = 4  # an estimate, for people


def sheets_to_record(case: Case) -> tuple[AnySheet, ...]:
    """Every request that the model judge is asked about a case of this package, each once, in order. Not to be called within an event loop."""
    made = recorded().make(case)
    sheets = [*(sheets_for_candidate(made.candidate, case) if isinstance(made, Made) else ())]
    sheets += sheets_for_plants(load_part(ModelJudge.name, ONLY_MEASURED), case)
    text = made.candidate.consumer.texts if isinstance(made, Made) else ()
    sample = order_sample(case)
    if sample is not None:
        sheets += order_sheets(sample, text, case)
    return tuple({sheet.user: sheet for sheet in sheets}.values())


def record_verdicts(
    sheets: Sequence[AnySheet], settings: Settings, path: Path, *, fresh: bool = False
) -> None:
    """Ask all sheets and keep the exchanges at ``path``; answers that are there already are taken from there unless ``fresh``. Not to be
    called within a running event loop.

    Raises as ``ask_all`` does; what was answered until then is kept beside it, and recording again goes on from there.
    """
    unfinished = path.with_suffix(".unfinished.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not fresh and path.is_file() and not unfinished.is_file():
        shutil.copyfile(path, unfinished)
    done = 0

    def told(sheet: AnySheet) -> None:
        nonlocal done
        done += 1
        print(f"{done} of {len(sheets)}: {sheet.label}", file=sys.stderr, flush=True)

    with record(path):
        asyncio.run(ask_all(sheets, settings, told=told))


def main() -> None:
    """Record, or count what would be asked."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.record_judge", description="Record the model judge anew."
    )
    parser.add_argument("--case", required=True, help="Case to record.")
    parser.add_argument("--fresh", action="store_true", help="Ask for everything anew.")
    parser.add_argument("--count", action="store_true", help="List the requests and ask nothing.")
    given = parser.parse_args()
    try:
        (case,) = find_cases([given.case])
        sheets = sheets_to_record(case)
    except ClausewiseError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from error
    if given.count:
        print(count(sheets))
        return
    if not os.environ.get("OPENAI_BASE_URL"):
        print("Set OPENAI_BASE_URL to the endpoint to record (cassettes/README.md).", file=sys.stderr)
        raise SystemExit(2)
    path = judge_recording_path(case.name)
    # A recording may take hours: whatever ends it ends it in order, so that what was answered is kept.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        record_verdicts(sheets, for_recording(judge_settings()), path, fresh=given.fresh)
    except ClausewiseError as error:
        print(
            f"{error} What was answered so far is kept; the same command goes on from there.", file=sys.stderr
        )
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt:
        print(
            "Stopped. What was answered so far is kept; the same command goes on from there.", file=sys.stderr
        )
        raise SystemExit(130) from None
    print(f"recorded {path.name} with {len(sheets)} requests")


def count(sheets: Sequence[AnySheet]) -> str:
    """The requests with their sizes, one a line, and their sum."""
    sizes = [sheet.characters // _CHARACTERS_A_TOKEN for sheet in sheets]
    lines = [
        f"{n}: {sheet.label}, {size:,} tokens"
        for n, (sheet, size) in enumerate(zip(sheets, sizes, strict=True), 1)
    ]
    return "\n".join((*lines, f"{len(sheets)} requests, {sum(sizes):,} tokens, {AT_A_TIME} at a time"))


if __name__ == "__main__":
    main()
