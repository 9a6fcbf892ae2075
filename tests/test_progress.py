"""What a person sees while stages run."""

import io

from rich.console import Console

from pipeline.progress import Progress
from schemas.draft import Attempt, StageRecord, Usage
from tests.sample_draft import sample_draft

_REUSED, _ASKED_AGAIN, _KEPT = sample_draft().provenance.stages


def _watch(*, terminal: bool = False) -> tuple[Progress, io.StringIO]:
    file = io.StringIO()
    return Progress(Console(file=file, width=200, force_terminal=terminal)), file


def _finish(record: StageRecord) -> str:
    progress, file = _watch()
    with progress:
        progress.started(record.stage, "")
        progress.finished(record)
    return file.getvalue()


def test_a_finished_stage_is_one_line_with_what_it_took_and_cost() -> None:
    assert _finish(_ASKED_AGAIN) == (
        "✓ legal summary: 2 tries, tokens 20,700 in, 3,850 out, USD 0.0345, 12.3 s\n"
    )


def test_a_stage_from_the_store_cost_nothing_now() -> None:
    assert _finish(_REUSED) == "✓ consumer summary: kept from an earlier run, nothing paid\n"


def test_a_stage_from_the_store_with_faults_left_says_so_and_how_to_ask_again() -> None:
    record = _KEPT.model_copy(update={"reused": True})
    assert _finish(record) == (
        "▲ risk assessment: kept from an earlier run, nothing paid, faults left, see the findings or ask again with --fresh\n"
    )


def test_tokens_and_prices_that_are_not_known_are_not_zero() -> None:
    assert _finish(_KEPT) == (
        "▲ risk assessment: 1 try, tokens unknown in, unknown out, unpriced, 12.3 s, faults left, see the findings\n"
    )


def test_a_sum_with_a_part_missing_is_a_lower_bound() -> None:
    silent = _ASKED_AGAIN.attempts[0].model_copy(update={"usage": Usage()})
    record = _ASKED_AGAIN.model_copy(update={"attempts": (silent, _ASKED_AGAIN.attempts[1])})
    assert "tokens at least 11,400 in, at least 1,950 out" in _finish(record)


def _attempt(reason: str, outcome: str) -> Attempt:
    return _ASKED_AGAIN.attempts[0].model_copy(update={"reason": reason, "outcome": outcome})


def test_what_is_asked_again_is_told_with_why() -> None:
    progress, file = _watch()
    with progress:
        progress.attempted("legal", _attempt("the quote is not in its passage", "asked_again"))
        progress.attempted("legal", _attempt("no answer within 30 s", "transport"))
        progress.attempted("legal", _attempt("fine", "accepted"))
    assert file.getvalue() == (
        "  legal summary: asked again: the quote is not in its passage\n"
        "  legal summary: trying again: no answer within 30 s\n"
    )


def test_a_reason_that_quotes_the_model_cannot_steer_the_terminal() -> None:
    progress, file = _watch()
    hostile = "\x1b]8;;https://evil.example\x07link\x9b2J \u202e[bold]loud[/bold]\nnext " + "x" * 500
    with progress:
        progress.attempted("risk", _attempt(hostile, "asked_again"))
    (line,) = file.getvalue().splitlines()
    assert line.isprintable()
    assert "[bold]loud[/bold] next" in line
    assert line.endswith("…")


def test_a_terminal_shows_the_running_stage_and_cleans_up_after_an_error() -> None:
    progress, file = _watch(terminal=True)
    try:
        with progress:
            progress.started("read", "part 2 of 5")
            raise RuntimeError("endpoint gone")
    except RuntimeError:
        pass
    shown = file.getvalue()
    assert "reading part 2 of 5 …" in shown
    assert shown.endswith("\x1b[2K") or "\x1b[?25h" in shown
