"""The commands of batches: ``batch``, which drafts many documents, and ``runs``, which tells of what was done."""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.command import (
    STOPPED,
    AsJson,
    BaseUrl,
    Debug,
    Force,
    Model,
    ModeOption,
    OutputTokens,
    Private,
    StorePath,
    Temperature,
    Timeout,
    Window,
    errors_told,
    read_stdin,
    whoever_reads,
)

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.batch.runner import Batch, RunEnd
    from pipeline.batch.tally import Tally

_DRAFTS = Path("drafts")

runs_app = typer.Typer(help="Show what runs have done, and what they cost.", no_args_is_help=True)


class Format(StrEnum):
    """How a run is written out."""

    CSV = "csv"
    JSONL = "jsonl"


Run = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or its start; last is the newest.")]


def batch(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCES...",
            help="Files, folders, patterns, http(s) addresses, manifests (CSV, JSONL, YAML: id, source, title, company, tags), "
            "or - for a list on standard input.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "--out", help="Folder for the drafts, one folder each.")
    ] = _DRAFTS,
    model: Model = None,
    base_url: BaseUrl = None,
    mode: ModeOption = None,
    store: StorePath = None,
    context_window: Window = None,
    max_output_tokens: OutputTokens = None,
    temperature: Temperature = None,
    timeout: Timeout = None,
    concurrency: Annotated[
        int | None, typer.Option("--concurrency", help="Documents in work at once. Default: 16.")
    ] = None,
    requests_per_minute: Annotated[
        int | None,
        typer.Option("--requests-per-minute", help="For all together. Default: as the endpoint says."),
    ] = None,
    tokens_per_minute: Annotated[
        int | None,
        typer.Option("--tokens-per-minute", help="Prompt and completion. Default: as the endpoint says."),
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option(
            "--max-cost", min=0, help="US dollars that the run may cost; it stops before that is passed."
        ),
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(
            "--max-tokens", min=0, help="Tokens that the run may take; it stops before that is passed."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what the run would take, and ask no model.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try documents again that failed before.")
    ] = False,
    refetch: Annotated[
        bool, typer.Option("--refetch", help="Fetch addresses again whose page was drafted before.")
    ] = False,
    allow_private: Private = False,
    force: Force = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write what happens to standard output, one JSON object a line.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Draft many documents: each gets one outcome, and nothing is paid for twice. The same command goes on where it stopped.

    Exit codes: 0 all drafted and clean; 1 all drafted, and findings need an editor; 2 bad sources or usage; 3 documents failed, or the
    endpoint did; 4 held back by the budget; 130 stopped with Ctrl-C.
    """
    with errors_told(debug):
        from rich.console import Console

        from pipeline.batch.sources import SourcesError
        from pipeline.settings import read_settings

        settings = read_settings(
            model=model,
            base_url=base_url,
            mode=mode.value if mode else None,
            store=store,
            context_window=context_window,
            max_output_tokens=max_output_tokens,
            temperature=temperature,
            call_timeout=timeout,
            deadline=2 * timeout if timeout is not None else None,
            concurrency=concurrency,
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
        )
        from pipeline.batch.command import prepare

        try:
            prepared = prepare(
                tuple(sources),
                settings,
                out=output,
                stdin=read_stdin(),
                command=("clausewise", *sys.argv[1:]),
                max_usd=max_cost,
                max_tokens=max_tokens,
                retry_failed=retry_failed,
                allow_private=allow_private,
                force=force,
                refetch=refetch,
            )
        except SourcesError as error:
            for problem in error.problems:
                typer.echo(f"  {problem}", err=True)
            raise
        if dry_run:
            _show_plan(prepared, as_json=as_json)
        else:
            _run_and_show(prepared, output, Console(stderr=True), as_json=as_json)


def _run_and_show(prepared: "Batch", output: Path, console: "Console", *, as_json: bool) -> None:
    from rich.console import Console

    from pipeline.batch.command import write_report_file
    from pipeline.batch.report import exit_code, print_report
    from pipeline.batch.tally import Tally
    from pipeline.files import refuse_unwritable

    # Before anything is paid for.
    refuse_unwritable(output)
    try:
        end, interrupted = asyncio.run(_watched(prepared, Tally(), console, as_json=as_json))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    path = write_report_file(end, prepared.command, output)
    with whoever_reads():
        if not as_json:
            print_report(end, prepared.command, Console())
    typer.echo(f"The whole report: {path}", err=True)
    code = STOPPED if interrupted and end.state != "finished" else exit_code(end)
    if code:
        raise typer.Exit(code)


async def _watched(
    prepared: "Batch", tally: "Tally", console: "Console", *, as_json: bool
) -> tuple["RunEnd", bool]:
    from pipeline.batch.events import Event
    from pipeline.batch.halt import Halt
    from pipeline.batch.interrupt import stopped_by_signals
    from pipeline.batch.report import write_report
    from pipeline.batch.runner import run_batch
    from pipeline.batch.views import watching
    from pipeline.store.opening import open_store

    halt = Halt()
    interrupted = False

    def tell(words: str) -> None:
        nonlocal interrupted
        interrupted = True
        console.print(words, highlight=False)

    async with open_store(prepared.settings.store) as store:
        with watching(tally, console, as_json=as_json) as observer, stopped_by_signals(halt, tell):
            end = await run_batch(prepared, store, observer, halt=halt)
            report = write_report(end, prepared.command)
            del report["items"]
            observer.on(Event("run_ended", None, report))
    return end, interrupted


def _show_plan(prepared: "Batch", *, as_json: bool) -> None:
    from pipeline.batch.plan import plan_batch, write_plan
    from pipeline.store.opening import open_store

    async def plan() -> Any:
        async with open_store(prepared.settings.store) as store:
            return await plan_batch(prepared, store)

    planned = asyncio.run(plan())
    with whoever_reads():
        if as_json:
            import json

            typer.echo(json.dumps(planned.as_json(), indent=2))
        else:
            typer.echo(write_plan(planned))


@runs_app.command("list")
def runs_list(store: StorePath = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """Show all runs, the newest first."""
    with errors_told(debug):
        from rich.console import Console

        from pipeline.batch.history import list_runs, print_runs

        rows = asyncio.run(list_runs(store))
        with whoever_reads():
            print_runs(rows, Console(), as_json=as_json)


@runs_app.command("show")
def runs_show(
    run: Run = "last", store: StorePath = None, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Show what became of each document of a run, and what it cost."""
    with errors_told(debug):
        from rich.console import Console

        from pipeline.batch.history import print_run, read_run

        told = asyncio.run(read_run(run, store))
        with whoever_reads():
            print_run(told, Console(), as_json=as_json)


@runs_app.command("export")
def runs_export(
    run: Run = "last",
    output: Annotated[
        Path | None, typer.Option("--output", "--out", help="Write the drafts to this folder too.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="Of the list on standard output.")] = Format.JSONL,
    store: StorePath = None,
    debug: Debug = False,
) -> None:
    """Write the items of a run with their outcomes, and its drafts from the store."""
    with errors_told(debug):
        from pipeline.batch.history import export_drafts, read_run, write_items

        told = asyncio.run(read_run(run, store))
        with whoever_reads():
            typer.echo(write_items(told, form.value), nl=False)
        if output is not None:
            count = asyncio.run(export_drafts(told, output, store))
            typer.echo(f"Wrote {count} drafts to {output}.", err=True)


@runs_app.command("costs")
def runs_costs(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="A run's id; default: all runs.")] = None,
    store: StorePath = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show what calls cost by model, stage, version of the prompt, and day."""
    with errors_told(debug):
        from rich.console import Console

        from pipeline.batch.history import print_costs, read_costs

        rows = asyncio.run(read_costs(run, store))
        with whoever_reads():
            print_costs(rows, Console(), as_json=as_json)
