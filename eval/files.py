"""The files of a run: the results, and the reports made of them."""

from pathlib import Path

from eval.gate import Verdict
from eval.page import write_page
from eval.report import write_junit, write_markdown
from eval.results import Results, write_results
from pipeline.files import write_files


def write_run_files(results: Results, folder: Path, verdict: Verdict | None = None) -> tuple[Path, ...]:
    """Write ``results.json`` and the reports; returns their paths."""
    return write_files(folder, {"results.json": write_results(results), **_reports(results, verdict)})


def write_report_files(results: Results, folder: Path, verdict: Verdict | None = None) -> tuple[Path, ...]:
    """Write ``report.md``, ``junit.xml`` and ``report.html``; returns their paths."""
    return write_files(folder, _reports(results, verdict))


def _reports(results: Results, verdict: Verdict | None) -> dict[str, str]:
    return {
        "report.md": write_markdown(results, verdict),
        "junit.xml": write_junit(results, verdict),
        "report.html": write_page(results, verdict),
    }
