"""What all commands share: options, how errors are told, and the ends of the pipe."""

import io
import os
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any, BinaryIO, TypeVar

import typer

from pipeline.errors import ClausewiseError

T = TypeVar("T")

OWN_FAULT = 70  # EX_SOFTWARE of sysexits.h
STOPPED = 130  # what a shell reports for Ctrl-C


class ModeName(StrEnum):
    """How the model is asked for structure."""

    JSON_SCHEMA = "json_schema"
    TOOLS = "tools"
    MD_JSON = "md_json"


Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Model = Annotated[
    str | None, typer.Option("--model", help="Model name. Default: CLAUSEWISE_MODEL, or gpt-5.1.")
]
BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", help="OpenAI-compatible endpoint. Default: OPENAI_BASE_URL, or OpenAI's."),
]
ModeOption = Annotated[
    ModeName | None, typer.Option("--mode", help="How to ask for structure. Default: json_schema.")
]
StorePath = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="PLACE",
        help="SQLite file that keeps finished stages, or postgresql:// with a server's database. Default: CLAUSEWISE_STORE, or "
        "clausewise.db in your data folder.",
    ),
]
Window = Annotated[
    int | None,
    typer.Option(
        "--context-window",
        help="The model's window, in tokens; a longer document is read in parts. Default: 128000.",
    ),
]
OutputTokens = Annotated[
    int | None, typer.Option("--max-output-tokens", help="Longest answer, in tokens. Default: 32000.")
]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout", help="Seconds to wait for one answer; with retries, twice as long. Default: 300."
    ),
]
Temperature = Annotated[float | None, typer.Option("--temperature", help="Sent only when given.")]
Private = Annotated[
    bool, typer.Option("--allow-private", help="Fetch from private and loopback addresses too.")
]
Force = Annotated[
    bool, typer.Option("--force", help="Go on when the source does not look like a policy or terms.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON to standard output instead of text.")]


@contextmanager
def errors_told(debug: bool) -> Iterator[None]:
    """One sentence on standard error and the exit code of its kind; with ``debug`` the traceback before it."""
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt:
        told = "stopped; finished stages are kept, and the same command goes on from there."
        raise end_with(told, STOPPED) from None
    except Exception as error:
        if debug:
            import traceback

            traceback.print_exc()
        if isinstance(error, ClausewiseError):
            notes = "".join(f" ({note})" for note in getattr(error, "__notes__", []))
            raise end_with(f"{error}{notes}", error.exit_code) from error
        # Its own text may hold anything, a prompt or an answer too.
        told = f"a fault of Clausewise itself ({type(error).__name__}); run again with --debug and report it."
        raise end_with(told, OWN_FAULT) from error


def end_with(told: str, exit_code: int) -> typer.Exit:
    """The exit that ends a command after one sentence on standard error."""
    typer.echo(f"clausewise: {told}", err=True)
    return typer.Exit(exit_code)


@contextmanager
def whoever_reads() -> Iterator[None]:
    """Print to standard output, and go on when its reader (``| head``) has gone: the work is done, its exit code stands."""
    try:
        yield
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # rich makes a SystemExit of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def read_stdin() -> BinaryIO:
    """Standard input."""
    # A process may be started with standard input closed, which holds as much as an empty one.
    return sys.stdin.buffer if sys.stdin is not None else io.BytesIO()


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """What ``asyncio.run`` gives. That module takes half the time in which a command starts, and help needs none of it."""
    import asyncio

    return asyncio.run(work)
