"""The commands of batches: ``batch``, which drafts many documents, and ``runs``, which tells of what was done."""

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
    run_async,
    whoever_reads,
)

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.batch.events import Observer
    from pipeline.batch.halt import Halt
    from pipeline.batch.runner import Batch, RunEnd
    from pipeline.batch.tally import Tally

_DRAFTS = Path("drafts")

runs_app = typer.Typer(help="Show what runs have done, and what they cost.", no_args_is_help=True)


class Format(StrEnum):
    """How a run is written out."""

    CSV = "csv"
    JSONL = "jsonl"


class Engine(StrEnum):
    """Who does the work of a batch."""

    LOCAL = "local"
    POSTGRES = "postgres"


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
        int | None, typer.Option("--concurrency", help="Requests in flight at once. Default: 16.")
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
    provider_batch: Annotated[
        bool,
        typer.Option(
            "--provider-batch",
            help="Ask through the provider's batches, at half the price and within days: the same command submits, and later goes on.",
        ),
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="With --provider-batch: look every minute, until all is done.")
    ] = False,
    engine: Annotated[
        Engine,
        typer.Option(
            "--engine",
            help="Who works: this process, or the workers of a postgresql:// store (clausewise worker), on any machine.",
        ),
    ] = Engine.LOCAL,
    detach: Annotated[
        bool, typer.Option("--detach", help="With --engine postgres: order the run, and do not watch it.")
    ] = False,
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
    endpoint did; 4 held back by the budget, or waiting for the provider's batches; 130 stopped with Ctrl-C.
    """
    with errors_told(debug):
        from rich.console import Console

        from pipeline.batch.sources import SourcesError
        from pipeline.errors import UsageError
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
            provider_batch=provider_batch,
        )
        if wait and not provider_batch:
            raise UsageError("The option --wait goes with --provider-batch.")
        if detach and engine is not Engine.POSTGRES:
            raise UsageError("The option --detach goes with --engine postgres.")
        if engine is Engine.POSTGRES and provider_batch:
            raise UsageError(
                "The option --provider-batch goes with --engine local, for nothing is left to workers."
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
        elif detach:
            _order(prepared)
        else:
            _run_and_show(prepared, output, Console(stderr=True), engine=engine, wait=wait, as_json=as_json)


def _run_and_show(
    prepared: "Batch", output: Path, console: "Console", *, engine: Engine, wait: bool, as_json: bool
) -> None:
    import asyncio

    from rich.console import Console

    from pipeline.batch.command import write_report_file
    from pipeline.batch.report import exit_code, print_report
    from pipeline.batch.tally import Tally
    from pipeline.files import refuse_unwritable

    # Before anything is paid for.
    refuse_unwritable(output)
    try:
        watched = _watched(prepared, Tally(), console, engine=engine, wait=wait, as_json=as_json)
        end, interrupted = run_async(watched)
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
    prepared: "Batch", tally: "Tally", console: "Console", *, engine: Engine, wait: bool, as_json: bool
) -> tuple["RunEnd", bool]:
    from pipeline.batch.events import Event
    from pipeline.batch.halt import Halt
    from pipeline.batch.interrupt import stopped_by_signals
    from pipeline.batch.report import write_report
    from pipeline.batch.views import watching

    halt = Halt()
    interrupted = False

    def tell(words: str) -> None:
        nonlocal interrupted
        interrupted = True
        if engine is Engine.POSTGRES:
            words = (
                "not watching any more: the workers go on; the same command watches again, runs stop stops."
            )
        console.print(words, highlight=False)

    with watching(tally, console, as_json=as_json) as observer, stopped_by_signals(halt, tell):
        if engine is Engine.POSTGRES:
            from pipeline.fleet.run import run_fleet

            end = await run_fleet(prepared, observer, halt=halt)
        else:
            end = await _run_here(prepared, observer, halt, wait=wait)
        report = write_report(end, prepared.command)
        del report["items"]
        observer.on(Event("run_ended", None, report))
    return end, interrupted


async def _run_here(prepared: "Batch", observer: "Observer", halt: "Halt", *, wait: bool) -> "RunEnd":
    from pipeline.batch.runner import run_batch
    from pipeline.store.opening import open_store

    async with open_store(prepared.settings.store) as store:
        if prepared.settings.provider_batch:
            from pipeline.provider_batch.run import run_in_waves

            return await run_in_waves(prepared, store, observer, halt=halt, wait=wait)
        return await run_batch(prepared, store, observer, halt=halt)


def _order(prepared: "Batch") -> None:
    from pipeline.fleet.run import order_from_fleet

    count = run_async(order_from_fleet(prepared))
    typer.echo(
        f"Run {prepared.run_id}: {count:,} documents are in the queue. The same command without --detach watches it and writes the drafts; "
        f"clausewise runs show {prepared.run_id} shows how far it is.",
        err=True,
    )


def worker(
    store: StorePath = None,
    base_url: BaseUrl = None,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=1_000, help="Documents in work at once.")
    ] = 16,
    stalled_after: Annotated[
        float,
        typer.Option(
            "--stalled-after",
            min=1,
            help="Seconds without a sign of life after which a worker's documents go to others.",
        ),
    ] = 60.0,
    debug: Debug = False,
) -> None:
    """Work on the runs that were ordered with batch --engine postgres, from the same store, until told to stop (Ctrl-C).

    The key and the endpoint are this worker's own (OPENAI_API_KEY, OPENAI_BASE_URL); all else is the run's.
    """
    with errors_told(debug):
        import asyncio

        from rich.console import Console

        from pipeline.batch.tally import Tally
        from pipeline.batch.views import PlainLines
        from pipeline.fleet.run import work_for_fleet
        from pipeline.settings import read_settings

        settings = read_settings(store=store, base_url=base_url)
        console, tally = Console(stderr=True), Tally()
        working = work_for_fleet(
            settings,
            PlainLines(console, tally),
            lambda words: console.print(words, highlight=False),
            concurrency=concurrency,
            stalled_after=stalled_after,
        )
        try:
            run_async(working)
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None


def _show_plan(prepared: "Batch", *, as_json: bool) -> None:
    from pipeline.batch.plan import plan_batch, write_plan
    from pipeline.store.opening import open_store

    async def plan() -> Any:
        async with open_store(prepared.settings.store) as store:
            return await plan_batch(prepared, store)

    planned = run_async(plan())
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

        rows = run_async(list_runs(store))
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

        told = run_async(read_run(run, store))
        with whoever_reads():
            print_run(told, Console(), as_json=as_json)


@runs_app.command("stop")
def runs_stop(run: Run = "last", store: StorePath = None, debug: Debug = False) -> None:
    """Stop a run that workers are at: what is in flight is finished and kept, and nothing new is begun."""
    with errors_told(debug):
        from pipeline.fleet.run import stop_on_fleet

        typer.echo(run_async(stop_on_fleet(run, store)), err=True)


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

        told = run_async(read_run(run, store))
        with whoever_reads():
            typer.echo(write_items(told, form.value), nl=False)
        if output is not None:
            count = run_async(export_drafts(told, output, store))
            typer.echo(f"Wrote {count} drafts to {output}.", err=True)


@runs_app.command("provider")
def runs_provider(
    run: Run = "last",
    base_url: BaseUrl = None,
    store: StorePath = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show the provider's batches of a run, as they are now."""
    with errors_told(debug):
        from rich.console import Console

        from pipeline.provider_batch.status import print_batches, read_batches

        rows = run_async(read_batches(run, store, base_url))
        with whoever_reads():
            print_batches(rows, Console(), as_json=as_json)


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

        rows = run_async(read_costs(run, store))
        with whoever_reads():
            print_costs(rows, Console(), as_json=as_json)
