"""The command line: parse, call one function, print, set the exit code.

Exit codes: 0 clean draft, 1 drafted but findings need an editor, 2 bad input or usage, 3 the model endpoint failed.
Heavy modules are imported inside the commands, so that ``--help`` starts fast.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.errors import ClausewiseError

if TYPE_CHECKING:
    from schemas.draft import Draft

app = typer.Typer(
    name="clausewise",
    help="Reads a privacy policy or terms document and drafts summaries and a risk assessment whose claims carry their quotes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
registry_app = typer.Typer(help="Show the registry of law and of decisions.", no_args_is_help=True)
app.add_typer(registry_app, name="registry")


class ModeName(StrEnum):
    """How the model is asked for structure."""

    JSON_SCHEMA = "json_schema"
    TOOLS = "tools"
    MD_JSON = "md_json"


class SchemaName(StrEnum):
    """The artefacts that have a JSON Schema."""

    CONSUMER = "consumer"
    LEGAL = "legal"
    RISK = "risk"
    DRAFT = "draft"


Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Model = Annotated[
    str | None, typer.Option("--model", help="Model name. Default: CLAUSEWISE_MODEL, or gpt-5.1.")
]
BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", help="OpenAI-compatible endpoint. Default: OPENAI_BASE_URL, or OpenAI's."),
]
ModeOption = Annotated[ModeName | None, typer.Option("--mode", help="How to ask for structure.")]
StorePath = Annotated[
    Path | None,
    typer.Option("--store", help="SQLite file that keeps finished stages. Default: CLAUSEWISE_STORE."),
]
Window = Annotated[int | None, typer.Option("--context-window", help="The model's window, in tokens.")]
OutputTokens = Annotated[int | None, typer.Option("--max-output-tokens", help="Longest answer, in tokens.")]
Temperature = Annotated[float | None, typer.Option("--temperature", help="Sent only when given.")]
Private = Annotated[
    bool, typer.Option("--allow-private", help="Fetch from private and loopback addresses too.")
]
Force = Annotated[
    bool, typer.Option("--force", help="Go on when the source does not look like a policy or terms.")
]
SourceArgument = Annotated[
    str, typer.Argument(metavar="SOURCE", help="A file, an http(s) URL, or - for standard input.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON to standard output instead of text.")]


@contextmanager
def _errors(debug: bool) -> Iterator[None]:
    """One sentence on standard error and the exit code of its kind; with ``debug`` the traceback too."""
    try:
        yield
    except ClausewiseError as error:
        if debug:
            raise
        notes = "".join(f" ({note})" for note in getattr(error, "__notes__", []))
        typer.echo(f"clausewise: {error}{notes}", err=True)
        raise typer.Exit(error.exit_code) from error
    except KeyboardInterrupt:
        typer.echo(
            "clausewise: stopped; finished stages are kept, the same command goes on from there.", err=True
        )
        raise typer.Exit(130) from None


@app.command()
def summarize(
    source: SourceArgument,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the files. Default: drafts/<name>.")
    ] = None,
    model: Model = None,
    base_url: BaseUrl = None,
    mode: ModeOption = None,
    store: StorePath = None,
    context_window: Window = None,
    max_output_tokens: OutputTokens = None,
    temperature: Temperature = None,
    allow_private: Private = False,
    force: Force = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask again for stages that the store holds.")
    ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Draft the summaries and the risk assessment of one document."""
    with _errors(debug):
        from pipeline.files import folder_name
        from pipeline.settings import read_settings
        from pipeline.summarize import summarize_source

        settings = read_settings(
            model=model,
            base_url=base_url,
            mode=mode.value if mode else None,
            store=store,
            context_window=context_window,
            max_output_tokens=max_output_tokens,
            temperature=temperature,
        )
        folder = out if out is not None else Path("drafts") / folder_name(source)

        async def work(watcher: Any) -> "Draft":
            return await summarize_source(
                source,
                settings,
                stdin=sys.stdin.buffer,
                allow_private=allow_private,
                force=force,
                fresh=fresh,
                watcher=watcher,
            )

        _draft_and_show(work, folder, as_json)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the files.")] = Path("drafts") / "demo",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Draft the bundled policy from recorded exchanges: offline, no key."""
    with _errors(debug):
        from eval.bundled import policy_path, recorded_settings, recording_path
        from eval.replay import replay
        from pipeline.summarize import summarize_source

        typer.echo(
            "The bundled policy is a restatement of Mistral AI's privacy policy of April 8, 2026, made for testing. The answers "
            "were recorded\nfrom the model named «answer-desk» (see cassettes/README.md) and are replayed here; no model is asked.\n",
            err=True,
        )

        async def work(watcher: Any) -> "Draft":
            with replay(recording_path()):
                return await summarize_source(str(policy_path()), recorded_settings(), watcher=watcher)

        _draft_and_show(work, out, as_json)


def _draft_and_show(work: Callable[[Any], Any], folder: Path, as_json: bool) -> None:
    from rich.console import Console

    from pipeline.progress import Progress
    from pipeline.publish.terminal import print_draft
    from pipeline.summarize import write_draft_files

    with Progress(Console(stderr=True)) as progress:
        draft = asyncio.run(work(progress))
    paths = write_draft_files(draft, folder)
    if as_json:
        typer.echo(draft.model_dump_json(indent=2))
    else:
        print_draft(draft, Console())
    typer.echo("Wrote " + ", ".join(str(path) for path in paths), err=True)
    if any(finding.severity != "info" for finding in draft.findings):
        raise typer.Exit(1)


@app.command()
def document(
    source: SourceArgument,
    allow_private: Private = False,
    force: Force = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show a document as the model sees it: sections, passages with ids, findings."""
    with _errors(debug):
        from pipeline.checks.artefacts import check_document
        from pipeline.document.reader import read_document
        from pipeline.source.reader import read_source

        fetched = asyncio.run(read_source(source, stdin=sys.stdin.buffer, allow_private=allow_private))
        read = read_document(fetched, force=force)
        read = read.model_copy(update={"findings": (*read.findings, *check_document(read))})
        if as_json:
            typer.echo(read.model_dump_json(indent=2))
            return
        from pipeline.publish.listing import write_document

        typer.echo(write_document(read))


@app.command()
def schema(name: SchemaName, debug: Debug = False) -> None:
    """Print the JSON Schema of an artefact."""
    with _errors(debug):
        from pipeline.jsonschema import write_schema

        typer.echo(write_schema(name.value), nl=False)


@app.command()
def doctor(
    model: Model = None,
    base_url: BaseUrl = None,
    store: StorePath = None,
    debug: Debug = False,
) -> None:
    """Say whether the endpoint, the model, its price and the store are in order."""
    with _errors(debug):
        from rich.console import Console

        from pipeline.doctor import examine
        from pipeline.publish.listing import print_examination
        from pipeline.settings import read_settings

        results = asyncio.run(examine(read_settings(model=model, base_url=base_url, store=store)))
        print_examination(results, Console())
        code = max((r.exit_code for r in results), default=0)
        if code:
            raise typer.Exit(code)


@registry_app.command("statutes")
def registry_statutes(
    query: Annotated[str, typer.Argument(help="Words to look for.")] = "", debug: Debug = False
) -> None:
    """Show instruments of law."""
    with _errors(debug):
        from rich.console import Console

        from pipeline.publish.listing import print_statutes
        from pipeline.registry.search import search_statutes

        print_statutes(search_statutes(query), Console())


@registry_app.command("decisions")
def registry_decisions(
    query: Annotated[str, typer.Argument(help="Words to look for.")] = "", debug: Debug = False
) -> None:
    """Show enforcement decisions and guidance."""
    with _errors(debug):
        from rich.console import Console

        from pipeline.publish.listing import print_decisions
        from pipeline.registry.search import search_decisions

        print_decisions(search_decisions(query), Console())


if __name__ == "__main__":
    app()
