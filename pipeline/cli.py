"""The command line: parse, call one function, print, set the exit code.

Exit codes: 0 clean draft, 1 drafted but findings need an editor, 2 bad input or usage, 3 the model endpoint failed;
70 a fault of Clausewise itself, 130 stopped by the user. Heavy modules are imported inside the commands, so that
``--help`` starts fast.
"""

import re
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from pipeline.cli_batch import batch, runs_app, worker
from pipeline.cli_review import opened_desk, publish, review_app
from pipeline.command import (
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
    run_async,
)
from pipeline.command import errors_told as _errors
from pipeline.command import read_stdin as _stdin
from pipeline.command import whoever_reads as _whoever_reads

if TYPE_CHECKING:
    from eval.results import Results, RunRecord
    from pipeline.settings import Settings
    from schemas.draft import Draft


class _Commands(TyperGroup):
    """The commands, with a usage error told as every other one: one sentence on standard error, exit code 2."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a command and exit as typer would, but for its errors, around which it draws a box."""
        if not options.get("standalone_mode", True):
            return super().main(*args, **options)
        try:
            sys.exit(super().main(*args, **options | {"standalone_mode": False}) or 0)
        except typer.TyperException as error:
            told = _usage_sentence(error)
            # Help that was asked for by giving no arguments has been shown by now, and there is nothing to tell.
            if told:
                typer.echo(f"clausewise: {told}", err=True)
            sys.exit(error.exit_code)


def _usage_sentence(error: typer.TyperException) -> str:
    """What typer says in one sentence, with the name meant by a slip of the pen and where to read on."""
    likely = ""
    if getattr(error, "possibilities", None):
        told = error.message
        likely = _likely(getattr(error, "option_name", ""), getattr(error, "possibilities", ()))
    else:
        told = error.format_message().replace("Value error, ", "")
    told = re.sub(r"\. Did you mean (.*)\?$", r" (did you mean \1?)", " ".join(told.split())).rstrip(".")
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "clausewise"
    return f"{told}{likely}; see {command} --help." if told else ""


def _likely(option: str, possibilities: Sequence[str]) -> str:
    from difflib import get_close_matches

    # Without the hyphens, which would make --out of any short name.
    names = {name.lstrip("-"): name for name in possibilities}
    found = get_close_matches(option.lstrip("-"), names)
    return f" (did you mean {' or '.join(names[name] for name in found)}?)" if found else ""


app = typer.Typer(
    name="clausewise",
    cls=_Commands,
    help="Reads a privacy policy or terms document and drafts summaries and a risk assessment whose claims carry their quotes.",
    epilog="Exit codes: 0 clean draft; 1 drafted, and findings need an editor; 2 bad input or usage; 3 the model endpoint "
    "failed. The key is read from OPENAI_API_KEY.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
_DRAFTS = Path("drafts")
_EVAL_REPORT = Path("out/eval")

registry_app = typer.Typer(help="Show the registry of law and of decisions.", no_args_is_help=True)
app.add_typer(registry_app, name="registry")
eval_app = typer.Typer(
    help="Score drafts against gold annotations, compare, report, and hold the gate.", no_args_is_help=True
)
app.add_typer(eval_app, name="eval")
app.command()(batch)
app.command()(worker)
app.add_typer(runs_app, name="runs")
app.add_typer(review_app, name="review")
app.command()(publish)


class SchemaName(StrEnum):
    """What has a JSON Schema: the artefacts, what is published of them, and the gold they are scored against."""

    CONSUMER = "consumer"
    LEGAL = "legal"
    RISK = "risk"
    DRAFT = "draft"
    EDITION = "edition"
    GOLD = "gold"


class JudgeName(StrEnum):
    """Who judges."""

    RULES = "rules"
    MODEL = "model"


class PartName(StrEnum):
    """Which planted sentences: those of one of the judge's parts, or of both."""

    LOOKED_AT = "looked-at"
    ONLY_MEASURED = "only-measured"
    ALL = "all"


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"clausewise {version('clausewise')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    pass


def _refuse_empty(context: typer.Context, source: str) -> str:
    # It would be taken for the folder here; what names no source is none.
    if not source.strip():
        context.fail("Missing argument 'SOURCE'.")
    return source


SourceArgument = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE", help="A file, an http(s) URL, or - for standard input.", callback=_refuse_empty
    ),
]


@app.command()
def summarize(
    source: SourceArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Folder for the files; an older draft there is replaced. "
            "Default: drafts/<name>-<start of the source's digest>.",
        ),
    ] = None,
    model: Model = None,
    base_url: BaseUrl = None,
    mode: ModeOption = None,
    store: StorePath = None,
    context_window: Window = None,
    max_output_tokens: OutputTokens = None,
    temperature: Temperature = None,
    timeout: Timeout = None,
    allow_private: Private = False,
    force: Force = False,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Ask the model again, and pay again, for stages that the store holds."),
    ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Draft the summaries and the risk assessment of one document: draft.json, draft.md and draft.html."""
    with _errors(debug):
        from pipeline.files import folder_name, refuse_unwritable
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
            call_timeout=timeout,
            deadline=2 * timeout if timeout is not None else None,
        )
        # Before anything is paid for.
        refuse_unwritable(out or _DRAFTS)

        async def work(watcher: Any) -> "Draft":
            return await summarize_source(
                source,
                settings,
                stdin=_stdin(),
                allow_private=allow_private,
                force=force,
                fresh=fresh,
                watcher=watcher,
            )

        def folder(draft: "Draft") -> Path:
            return out or _DRAFTS / folder_name(source, draft.document.source.sha256)

        _draft_and_show(work, folder, as_json)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the files.")] = _DRAFTS / "demo",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Draft the bundled policy from recorded exchanges: offline, no key."""
    with _errors(debug):
        from eval.bundled import policy_path, recorded_settings, recording_path
        from eval.replay import replay
        from pipeline.files import refuse_unwritable
        from pipeline.summarize import summarize_source

        refuse_unwritable(out)

        typer.echo(
            "The bundled policy is a restatement of Mistral AI's privacy policy of April 8, 2026, made for testing. The answers "
            "were recorded\nfrom the model named «answer-desk» (see cassettes/README.md) and are replayed here; no model is asked.\n",
            err=True,
        )

        async def work(watcher: Any) -> "Draft":
            with replay(recording_path()):
                return await summarize_source(str(policy_path()), recorded_settings(), watcher=watcher)

        _draft_and_show(work, lambda draft: out, as_json)


def _draft_and_show(work: Callable[[Any], Any], folder: Callable[["Draft"], Path], as_json: bool) -> None:
    from rich.console import Console

    from pipeline.progress import Progress
    from pipeline.publish.terminal import print_draft
    from pipeline.summarize import write_draft_files

    with Progress(Console(stderr=True)) as progress:
        draft = run_async(work(progress))
    paths = write_draft_files(draft, folder(draft))
    with _whoever_reads():
        if as_json:
            typer.echo(draft.model_dump_json(indent=2))
        else:
            print_draft(draft, Console())
    _tell_written(paths)
    if any(finding.severity != "info" for finding in draft.findings):
        if as_json:
            typer.echo("Findings need an editor.", err=True)
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

        fetched = run_async(read_source(source, stdin=_stdin(), allow_private=allow_private))
        read = read_document(fetched, force=force)
        read = read.model_copy(update={"findings": (*read.findings, *check_document(read))})
        from pipeline.publish.listing import write_document

        with _whoever_reads():
            typer.echo(read.model_dump_json(indent=2) if as_json else write_document(read))


@app.command()
def schema(name: SchemaName, debug: Debug = False) -> None:
    """Print the JSON Schema of an artefact."""
    with _errors(debug):
        from pipeline.jsonschema import write_schema

        with _whoever_reads():
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

        results = run_async(examine(read_settings(model=model, base_url=base_url, store=store)))
        with _whoever_reads():
            print_examination(results, Console())
        code = max((r.exit_code for r in results), default=0)
        if code:
            raise typer.Exit(code)


@registry_app.command("statutes")
def registry_statutes(
    query: Annotated[
        list[str] | None, typer.Argument(help="An id, an id and a number, a reference, or words to look for.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Show instruments of law, the articles of one (GDPR), or one article (GDPR 17, "GDPR:6(1)(f)")."""
    with _errors(debug):
        from rich.console import Console

        from pipeline.publish.listing import print_law

        with _whoever_reads():
            print_law(" ".join(query or ()), Console())


@registry_app.command("decisions")
def registry_decisions(
    query: Annotated[str, typer.Argument(help="Words to look for.")] = "", debug: Debug = False
) -> None:
    """Show enforcement decisions and guidance."""
    with _errors(debug):
        from rich.console import Console

        from pipeline.publish.listing import print_decisions
        from pipeline.registry.search import search_decisions

        with _whoever_reads():
            print_decisions(search_decisions(query), Console())


@eval_app.command("lint")
def eval_lint(
    path: Annotated[
        Path | None,
        typer.Argument(help="A gold file, or a folder of them. Default: the gold of this package."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Say what is wrong with gold annotations, without a path with the planted sentences too; exit code 2 if anything is."""
    with _errors(debug):
        from eval.cases import gold_folder, lint, list_gold
        from eval.plants import lint_plants

        gold = path or gold_folder()
        problems = lint(gold)
        if path is None and not problems:
            problems = lint_plants()
        with _whoever_reads():
            typer.echo(
                "\n".join(problems) or f"{', '.join(file.name for file in list_gold(gold))}: no problem"
            )
        if problems:
            raise typer.Exit(2)


@eval_app.command("adopt")
def eval_adopt(
    draft: Annotated[
        Path | None,
        typer.Argument(metavar="DRAFT", help="draft.json that somebody vouches for, or its folder."),
    ] = None,
    review: Annotated[
        str | None,
        typer.Option(
            "--review",
            metavar="ID",
            help="Instead of a file: an approved review of the desk, by its id or a start of it, as the editor let it stand.",
        ),
    ] = None,
    store: StorePath = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="GOLD.yaml", help="Default: out/gold/<company>-<date>.yaml."),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy",
            help="The file that was drafted; it is copied to where lint finds it. Not needed for a bundled policy.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a gold file that is there.")] = False,
    despite_errors: Annotated[
        bool, typer.Option("--despite-errors", help="Adopt a draft.json whose findings include errors.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Begin a gold file from a draft, with its evidence. What only a person can say is left blank, and eval lint refuses the file until it
    is filled in.
    """
    with _errors(debug):
        from eval.adopt import adopt_draft, adopt_review
        from pipeline.errors import UsageError

        if review is not None and draft is None:
            if despite_errors:
                raise UsageError(
                    "An approved review is adopted as it was approved; leave out --despite-errors."
                )
            with opened_desk(store) as (desk, _):
                done = adopt_review(desk, review, output, policy, replace=force)
        elif draft is not None and review is None:
            if store is not None:
                raise UsageError("The store holds reviews; name one with --review, or leave out --store.")
            done = adopt_draft(draft, output, policy, replace=force, despite_errors=despite_errors)
        else:
            raise UsageError("Name one draft to adopt: a draft.json, or an approved review with --review.")
        with _whoever_reads():
            typer.echo(
                f"Wrote {done.gold}: {done.blanks} places to fill in; clausewise eval lint {done.gold} says which."
            )
            typer.echo(
                f"Its policy is {done.policy}."
                if done.has_policy
                else f"Put the document that was drafted at {done.policy}, or name it with --policy."
            )


EvalOut = Annotated[Path, typer.Option("--out", help="Folder for the files.")]
Judged = Annotated[
    JudgeName,
    typer.Option("--judge", help="Who judges: rules, or the recorded answers of a model, offline too."),
]
Cases = Annotated[
    list[str] | None, typer.Option("--case", help="Case to run; may be given several times. Default: all.")
]


@eval_app.command("run")
def eval_run(
    system: Annotated[
        list[str] | None,
        typer.Option(
            "--system",
            help="System to run: recorded, lead, published, empty, everything, or live; may be given several times. "
            "Default: all but live; with --judge model recorded alone, on which its verdicts are recorded.",
        ),
    ] = None,
    case: Cases = None,
    judge: Judged = JudgeName.RULES,
    repeat: Annotated[
        int, typer.Option("--repeat", min=1, max=100, help="Drafts of the live system for each case.")
    ] = 1,
    out: EvalOut = _EVAL_REPORT,
    model: Model = None,
    base_url: BaseUrl = None,
    mode: ModeOption = None,
    timeout: Timeout = None,
    debug: Debug = False,
) -> None:
    """Score systems against gold: results.json, report.md, junit.xml, report.html. Exit code 1 when a case failed, 3 when an endpoint or a
    recording was not there.
    """
    with _errors(debug):
        from eval.files import write_run_files
        from eval.report import write_table
        from eval.tables import print_report
        from pipeline.errors import UsageError
        from pipeline.files import refuse_unwritable
        from pipeline.settings import read_settings

        if "live" not in (system or ()) and (model or base_url or mode or timeout or repeat > 1):
            raise UsageError("Model settings and --repeat are for the live system; add --system live.")
        if judge is JudgeName.MODEL and set(system or ()) - {"recorded"}:
            raise UsageError(
                "The model judge's verdicts are recorded on the recorded drafts alone; leave --system out, or give --judge rules."
            )
        settings = read_settings(
            model=model,
            base_url=base_url,
            mode=mode.value if mode else None,
            call_timeout=timeout,
            deadline=2 * timeout if timeout is not None else None,
        )
        refuse_unwritable(out)
        results = _run_eval(system or [], case or [], settings, repeat, judge)
        paths = write_run_files(results, out)
        with _whoever_reads():
            print_report(write_table(results))
        _tell_written(paths)
        statuses = {run.status for run in results.runs}
        if statuses & {"failed", "unavailable"}:
            raise typer.Exit(3 if "unavailable" in statuses else 1)


@eval_app.command("compare")
def eval_compare(
    first: Annotated[
        str, typer.Argument(metavar="A", help="Results, or one system of them: results.json:recorded.")
    ],
    second: Annotated[str, typer.Argument(metavar="B", help="Results, or one system of them.")],
    debug: Debug = False,
) -> None:
    """Say what B does better and worse than A: by score, by document, by fact, and at what cost."""
    with _errors(debug):
        from eval.compare import compare, read_operand
        from eval.report import write_comparisons
        from eval.tables import print_report

        with _whoever_reads():
            print_report(write_comparisons(compare(read_operand(first), read_operand(second))))


@eval_app.command("report")
def eval_report(
    results: Annotated[Path, typer.Argument(help="results.json of a run, or its folder.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the files. Default: the results'.")
    ] = None,
    inspect: Annotated[
        Path | None,
        typer.Option(
            "--inspect",
            help="Folder for the runs as logs of Inspect AI too, one for each system; the package is not needed.",
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Write report.md, junit.xml and report.html of a run once more, with what the gate said of it and what is known of the model judge where its
    verdicts are recorded; that is measured once and kept in results.json.
    """
    with _errors(debug):
        from eval.files import write_run_files
        from eval.inspect_log import write_inspect_logs
        from eval.judge_report import add_judge_reports
        from eval.judges.model import model_judge
        from eval.results import read_results

        read = add_judge_reports(read_results(results), model_judge())
        if inspect is not None:
            _tell_written(write_inspect_logs(read, inspect))
        _tell_written(write_run_files(read, out or (results if results.is_dir() else results.parent)))


@eval_app.command("gate")
def eval_gate(
    results: Annotated[
        Path | None,
        typer.Argument(help="results.json of a run, or its folder. Default: run the offline eval."),
    ] = None,
    out: EvalOut = _EVAL_REPORT,
    bars: Annotated[Path | None, typer.Option("--bars", help="Default: eval/gate.toml.")] = None,
    baseline: Annotated[Path | None, typer.Option("--baseline", help="Default: eval/baseline.json.")] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Make these results the baseline, for a change that is meant.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Hold eval/gate.toml against a run. Exit code 0: it passed; 1: it failed; 2: usage; 3: an endpoint or a recording was not there."""
    with _errors(debug):
        from eval.files import write_run_files
        from eval.gate import accept_baseline, check_gate, load_bar, load_baseline
        from eval.report import write_verdict
        from eval.results import read_results
        from eval.tables import print_report
        from pipeline.files import refuse_unwritable
        from pipeline.settings import Settings

        refuse_unwritable(out)
        bar = load_bar(bars)
        held = None if accept else load_baseline(baseline)
        measured = read_results(results) if results else _run_eval([], [], Settings(), 1)
        if held is None:
            held, path = accept_baseline(measured, bar, baseline)
            _tell_written((path,))
        verdict = check_gate(measured, bar, held)
        paths = write_run_files(measured.model_copy(update={"gate": verdict}), out)
        with _whoever_reads():
            print_report(write_verdict(verdict))
        _tell_written(paths)
        if verdict.exit_code:
            raise typer.Exit(verdict.exit_code)


@eval_app.command("selftest")
def eval_selftest(
    judge: Judged = JudgeName.RULES,
    part: Annotated[
        PartName,
        typer.Option(
            "--part",
            help="Which planted sentences: those that the judge was written for, or those that it is only measured on. The model judge is asked "
            "about the latter alone.",
        ),
    ] = PartName.ALL,
    out: EvalOut = _EVAL_REPORT,
    everything: Annotated[
        bool, typer.Option("--all", help="Print every table; selftest.md has them in any case.")
    ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Test the harness itself with planted errors, mutated drafts and graded summaries: selftest.json, selftest.md. Exit code 0: all that must
    hold holds; 1: something does not; 2: usage; 3: an endpoint or a recording was not there.
    """
    with _errors(debug):
        from eval.judges.model import model_judge
        from eval.judges.rules import RulesJudge
        from eval.selftest import selftest_package
        from eval.selftest_bars import PARTS
        from eval.selftest_report import write_selftest, write_selftest_files, write_selftest_tables
        from eval.tables import print_report
        from pipeline.files import refuse_unwritable

        refuse_unwritable(out)
        found = selftest_package(
            RulesJudge() if judge is JudgeName.RULES else model_judge(),
            [name for name in PARTS if part.value in (name, PartName.ALL)],
            told=lambda line: typer.echo(line, err=True),
        )
        paths = write_selftest_files(found, out)
        with _whoever_reads():
            if as_json:
                typer.echo(found.model_dump_json(indent=1))
            else:
                print_report(write_selftest_tables(found) if everything else write_selftest(found))
        _tell_written(paths)
        if found.exit_code:
            raise typer.Exit(found.exit_code)


def _run_eval(
    systems: list[str],
    cases: list[str],
    settings: "Settings",
    repeat: int,
    judge: JudgeName = JudgeName.RULES,
) -> "Results":
    from eval.judges.model import model_judge
    from eval.judges.rules import RulesJudge
    from eval.run import find_cases, run_eval
    from eval.systems import find_systems

    def told(run: "RunRecord") -> None:
        why = f": {run.reason}" if run.reason else ""
        typer.echo(f"{run.system} on {run.case}, {run.seconds:.1f} s: {run.status}{why}", err=True)

    if judge is JudgeName.MODEL:
        return run_eval(find_cases(cases), find_systems(["recorded"]), model_judge(), told=told)
    chosen = find_systems(systems, settings)
    return run_eval(find_cases(cases), chosen, RulesJudge(), repeat=repeat, told=told)


def _tell_written(paths: tuple[Path, ...]) -> None:
    names = ", ".join(path.name for path in paths)
    typer.echo(f"Wrote {names} to {paths[0].parent}", err=True)


if __name__ == "__main__":
    app()
