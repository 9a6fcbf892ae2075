"""The files of a run: the results, and the reports made of them."""

from pathlib import Path

from eval.page import write_page
from eval.report import write_junit, write_markdown
from eval.results import Results, write_results
from pipeline.files import write_files


def write_run_files(results: Results, folder: Path) -> tuple[Path, ...]:
    """Write ``results.json`` and the reports ``report.md``, ``junit.xml`` and ``report.html``; returns their paths."""
    return write_files(
        folder,
        {
            "results.json": write_results(results),
            "report.md": write_markdown(results),
            "junit.xml": write_junit(results),
            "report.html": write_page(results),
        },
    )
