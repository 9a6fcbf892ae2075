"""The command line as a user meets it: files or one sentence, and the exit code."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas
from typer.testing import CliRunner

import eval.systems
import pipeline.summarize
from pipeline.cli import app
from schemas.document import Document
from schemas.draft import Draft
from tests.endpoint import KEY, MODEL, Endpoint, Request, answer, fault, hang
from tests.endpoint import Reply as Scripted
from tests.tidewater import (
    ARTEFACTS,
    POLICY,
    answers_for,
    consumer,
    legal,
    misquoted,
    schema_asked,
    tidewater,
)

ROOT = Path(__file__).parents[1]
FILES = ["draft.html", "draft.json", "draft.md"]
SAMPLE = {"word": "clausewise", "number": 7}


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "tidewater.md"
    path.write_text(POLICY, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def run(*args: object, stdin: bytes | None = None, endpoint: Endpoint | None = None) -> Result:
    """The command in this process, at the endpoint when one is given."""
    env = (
        {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": endpoint.url, "CLAUSEWISE_MODEL": "scripted"}
        if endpoint
        else {}
    )
    return CliRunner().invoke(app, [str(arg) for arg in args], input=stdin, env=env)


def start(*args: object, endpoint: Endpoint | None = None, **more: Any) -> "subprocess.Popen[bytes]":
    """The command as a process of its own."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    if endpoint:
        env |= {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": endpoint.url, "CLAUSEWISE_MODEL": "scripted"}
    command = [sys.executable, "-m", "pipeline.cli", *map(str, args)]
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=env, **(streams | more))


def sentence_of(result: Result) -> str:
    """What stands on standard error: one sentence and nothing else."""
    lines = result.stderr.strip().split("\n")
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("clausewise: ")
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    return lines[0]


def written(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


# A draft


def test_summarize_writes_three_files_and_prints_the_draft(
    policy: Path, endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint.script_with(answers_for(tidewater()))
    result = run("summarize", policy, "--out", tmp_path / "out", endpoint=endpoint)
    assert result.exit_code == 0, result.output
    assert written(tmp_path / "out") == FILES
    draft = Draft.model_validate_json((tmp_path / "out" / "draft.json").read_bytes())
    assert draft.consumer == consumer(tidewater())
    shown = " ".join(result.stdout.split())
    for sentence in draft.consumer.sentences:
        assert " ".join(sentence.text.split()[:6]) in shown
    for words in (
        "consumer summary: 1 try, tokens 100 in, 20 out, unpriced",
        "legal summary",
        "risk assessment",
    ):
        assert words in result.stderr
    assert f"Wrote draft.json, draft.md, draft.html to {tmp_path / 'out'}" in result.stderr
    assert KEY not in result.output + (tmp_path / "out" / "draft.json").read_text(encoding="utf-8")


def test_draft_with_findings_is_written_all_the_same_and_ends_with_1(
    policy: Path, endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint.script(*[answer(misquoted(tidewater()))] * 3)
    endpoint.script_with(answers_for(tidewater()))
    result = run("summarize", policy, "--out", tmp_path / "out", endpoint=endpoint)
    assert result.exit_code == 1, result.output
    assert written(tmp_path / "out") == FILES
    assert "asked again" in result.stderr
    assert "1 error" in result.stdout
    again = run("summarize", policy, "--out", tmp_path / "out", "--json", endpoint=endpoint)
    assert again.exit_code == 1
    assert again.stderr.endswith("Findings need an editor.\n")


def test_json_on_standard_output_is_the_draft_that_was_written(
    policy: Path, endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint.script_with(answers_for(tidewater()))
    result = run("summarize", policy, "--out", tmp_path / "out", "--json", endpoint=endpoint)
    assert result.stdout == (tmp_path / "out" / "draft.json").read_text(encoding="utf-8")


def test_finished_stages_are_not_paid_for_twice_unless_fresh(policy: Path, endpoint: Endpoint) -> None:
    endpoint.script_with(answers_for(tidewater()))
    run("summarize", policy, endpoint=endpoint)
    again = run("summarize", policy, endpoint=endpoint)
    assert len(endpoint.requests) == 3
    assert again.stderr.count("kept from an earlier run, nothing paid") == 3
    run("summarize", policy, "--fresh", endpoint=endpoint)
    assert len(endpoint.requests) == 6


def test_default_folder_is_named_after_the_source_so_that_no_other_draft_is_replaced(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    for company, text in (("one", POLICY), ("two", POLICY.replace("two years", "four years"))):
        (tmp_path / company).mkdir()
        (tmp_path / company / "privacy.md").write_text(text, encoding="utf-8")
        endpoint.script_with(answers_for(tidewater(text)))
        run("summarize", tmp_path / company / "privacy.md", endpoint=endpoint)
    folders = written(Path("drafts"))
    assert len(folders) == 2
    assert all(name.startswith("privacy-") for name in folders)
    assert all(written(Path("drafts") / name) == FILES for name in folders)


def test_older_draft_in_the_folder_is_replaced_and_what_else_is_there_stays(
    policy: Path, endpoint: Endpoint, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    for name in ("draft.json", "notes.txt"):
        (tmp_path / "out" / name).write_text("old")
    endpoint.script_with(answers_for(tidewater()))
    run("summarize", policy, "--out", tmp_path / "out", endpoint=endpoint)
    assert (tmp_path / "out" / "notes.txt").read_text() == "old"
    assert Draft.model_validate_json((tmp_path / "out" / "draft.json").read_bytes())


def test_standard_input_is_a_source(endpoint: Endpoint) -> None:
    endpoint.script_with(answers_for(tidewater()))
    result = run("summarize", "-", "--json", stdin=POLICY.encode(), endpoint=endpoint)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["document"]["source"]["name"] == "-"
    assert written(Path("drafts"))[0].startswith("draft-")


@pytest.mark.parametrize("mode", ["json_schema", "tools", "md_json"])
def test_mode_and_model_reach_the_wire(policy: Path, endpoint: Endpoint, mode: str) -> None:
    endpoint.script_with(answers_for(tidewater()))
    args = ("--mode", mode, "--model", "mine", "--temperature", "0.5", "--max-output-tokens", "900")
    assert run("summarize", policy, *args, endpoint=endpoint).exit_code == 0
    sent = endpoint.requests[0].json
    assert (sent["model"], sent["temperature"], sent["max_completion_tokens"]) == ("mine", 0.5, 900)
    assert ("tools" in sent, "response_format" in sent) == (mode == "tools", mode == "json_schema")


# Bad input and usage: one sentence, exit 2, nothing written, nobody asked


def pdf(path: Path, password: str | None) -> None:
    canvas = Canvas(str(path))
    for number, line in enumerate(POLICY.split("\n")):
        canvas.drawString(40, 800 - 14 * number, line)
    canvas.save()
    if password:
        writer = PdfWriter(clone_from=PdfReader(path))
        writer.encrypt(password, algorithm="RC4-128")
        writer.write(path)


BAD: dict[str, Callable[[Path], object]] = {
    "an empty file": lambda p: p.write_bytes(b""),
    "blank space": lambda p: p.write_bytes(b" \n\t\n" * 9),
    "binary": lambda p: p.write_bytes(bytes(range(256)) * 40),
    "a folder": lambda p: p.mkdir(),
    "nothing": lambda p: None,
    "an encrypted PDF": lambda p: pdf(p, "secret"),
    "no policy": lambda p: p.write_text("Take two eggs and beat them with sugar. Bake for an hour.\n" * 30),
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_bad_source_is_one_sentence_and_writes_nothing(
    endpoint: Endpoint, tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path / "source")
    result = run("summarize", tmp_path / "source", "--out", tmp_path / "out", endpoint=endpoint)
    assert sentence_of(result).endswith(".")
    assert str(tmp_path) not in sentence_of(result).replace(str(tmp_path / "source"), "")
    assert result.exit_code == 2
    assert written(tmp_path / "out") == []
    assert endpoint.requests == []


@pytest.mark.parametrize(
    "address", ["ftp://tidewater.example/privacy", "file:///etc/passwd", "http://127.0.0.1/"]
)
def test_address_that_is_not_fetched_is_one_sentence(endpoint: Endpoint, address: str) -> None:
    result = run("summarize", address, endpoint=endpoint)
    sentence_of(result)
    assert result.exit_code == 2
    assert written(Path.cwd()) == []


def test_force_takes_what_is_no_policy_with_a_finding(endpoint: Endpoint, tmp_path: Path) -> None:
    path = tmp_path / "eggs.txt"
    path.write_text("Take two eggs and beat them with sugar. Bake for an hour.\n" * 30)
    assert run("document", path).exit_code == 2
    forced = run("document", path, "--force")
    assert forced.exit_code == 0
    assert "warning document." in forced.stdout


USAGE: dict[str, tuple[str, ...]] = {
    "a window that is too small": ("--context-window", "5"),
    "an address without a scheme": ("--base-url", "localhost:8000"),
    "an address without a host": ("--base-url", "http://"),
    "a temperature beyond the range": ("--temperature", "9"),
    "a time-out that is none": ("--timeout", "0"),
    "an empty model": ("--model", ""),
}


@pytest.mark.parametrize("args", USAGE.values(), ids=USAGE)
def test_wrong_setting_is_one_sentence_that_names_the_option(
    policy: Path, endpoint: Endpoint, args: tuple[str, str]
) -> None:
    result = run("summarize", policy, *args, endpoint=endpoint)
    assert f"The setting {args[0]} is wrong: it " in sentence_of(result)
    assert result.exit_code == 2


WRONG_USAGE: dict[str, tuple[tuple[str, ...], str]] = {
    "no source": (("summarize",), "Missing argument 'SOURCE'; see clausewise summarize --help."),
    "an empty source": (("summarize", ""), "Missing argument 'SOURCE'; see clausewise summarize --help."),
    "a blank source": (("document", " "), "Missing argument 'SOURCE'; see clausewise document --help."),
    "two sources": (
        ("summarize", "x", "y"),
        "Got unexpected extra argument(s) (y); see clausewise summarize --help.",
    ),
    "an unknown option": (
        ("summarize", "x", "--bogus"),
        "No such option: --bogus; see clausewise summarize --help.",
    ),
    "an option with a slip of the pen": (
        ("summarize", "x", "--modle", "m"),
        "No such option: --modle (did you mean --mode or --model?); see clausewise summarize --help.",
    ),
    "an option before the command": (("--bogus",), "No such option: --bogus; see clausewise --help."),
    "an option without its value": (("summarize", "x", "--out"), "Option '--out' requires an argument; see "),
    "a mode that is none": (
        ("summarize", "x", "--mode", "poem"),
        "Invalid value for '--mode': 'poem' is not one of 'json_schema', 'tools', 'md_json'; see "
        "clausewise summarize --help.",
    ),
    "a number that is none": (("summarize", "x", "--timeout", "two"), "Invalid value for '--timeout': "),
    "an unknown schema": (
        ("schema", "nothing"),
        "Invalid value for 'name': 'nothing' is not one of 'consumer', 'legal', 'risk', 'draft', 'edition', 'gold'; see "
        "clausewise schema --help.",
    ),
    "an unknown command": (("poem",), "No such command 'poem'; see clausewise --help."),
    "a command with a slip of the pen": (
        ("summarise", "x"),
        "No such command 'summarise' (did you mean 'summarize'?); see clausewise --help.",
    ),
    "an unknown command of a group": (
        ("registry", "poem"),
        "No such command 'poem'; see clausewise registry --help.",
    ),
}


@pytest.mark.parametrize(("args", "words"), WRONG_USAGE.values(), ids=WRONG_USAGE)
def test_wrong_usage_is_one_sentence_that_names_the_help(args: tuple[str, ...], words: str) -> None:
    result = run(*args)
    sentence = sentence_of(result)
    assert sentence.removeprefix("clausewise: ").startswith(words)
    assert sentence.endswith(" --help.")
    assert result.exit_code == 2


@pytest.mark.parametrize("args", [(), ("registry",)])
def test_no_arguments_show_the_help_and_end_with_2(args: tuple[str, ...]) -> None:
    result = run(*args)
    assert "Usage: clausewise" in result.stdout
    assert (result.exit_code, result.stderr) == (2, "")


def test_folder_that_cannot_be_written_is_told_before_anybody_is_paid(
    policy: Path, endpoint: Endpoint
) -> None:
    result = run("summarize", policy, "--out", policy / "out", endpoint=endpoint)
    assert "tidewater.md is not a folder" in sentence_of(result)
    assert result.exit_code == 2
    assert endpoint.requests == []


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="a file system that refuses and says that it would not"
)
def test_folder_that_refuses_although_it_permits_is_told_before_anybody_is_paid(
    policy: Path, endpoint: Endpoint
) -> None:
    result = run("summarize", policy, "--out", "/proc/x", endpoint=endpoint)
    assert "cannot be written to /proc/x" in sentence_of(result)
    assert result.exit_code == 2
    assert endpoint.requests == []


def test_store_that_is_none_is_told_before_anybody_is_paid(policy: Path, endpoint: Endpoint) -> None:
    result = run("summarize", policy, "--store", policy, endpoint=endpoint)
    assert "name another with --store" in sentence_of(result)
    assert result.exit_code == 2
    assert policy.read_text(encoding="utf-8") == POLICY


# The endpoint fails: exit 3


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (fault(401, "invalid_api_key", f"Incorrect API key provided: {KEY}"), "check OPENAI_API_KEY"),
        (fault(404, "model_not_found", "The model `scripted` does not exist"), "check --model"),
        (fault(429, "insufficient_quota", "You exceeded your current quota"), "add credit"),
        (fault(400, "context_length_exceeded", "too long"), "--context-window"),
        (answer("{", "length"), "--max-output-tokens"),
        (answer("{", "content_filter"), "use another model"),
    ],
)
def test_failing_endpoint_is_one_sentence_and_writes_nothing(
    policy: Path, endpoint: Endpoint, reply: Scripted, words: str
) -> None:
    endpoint.script(reply)
    result = run("summarize", policy, endpoint=endpoint)
    sentence = sentence_of(result)
    assert words in sentence
    assert "(stage: consumer, requests: 1, tokens: " in sentence
    assert sentence.endswith("(document: tidewater.md)")
    assert KEY not in result.output
    assert result.exit_code == 3
    assert written(Path.cwd()) == []


def test_debug_shows_the_traceback_and_ends_with_the_same_code(policy: Path, endpoint: Endpoint) -> None:
    endpoint.script(fault(401, "invalid_api_key", f"Incorrect API key provided: {KEY}"))
    result = run("summarize", policy, "--debug", endpoint=endpoint)
    assert "Traceback" in result.stderr
    assert "WrongKeyError" in result.stderr
    assert KEY not in result.stderr
    assert result.stderr.strip().split("\n")[-1].startswith("clausewise: ")
    assert result.exit_code == 3


def test_fault_of_our_own_is_told_as_such_and_not_as_a_draft(
    policy: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **more: object) -> None:
        raise KeyError("words of the policy")

    monkeypatch.setattr(pipeline.summarize, "read_document", broken)
    result = run("summarize", policy, endpoint=endpoint)
    assert "a fault of Clausewise itself (KeyError)" in sentence_of(result)
    assert "words of the policy" not in result.output
    assert result.exit_code == 70


# As a process: kill, stop, broken pipe, start-up


def test_stage_answered_before_a_kill_is_kept(policy: Path, endpoint: Endpoint) -> None:
    document = tidewater()
    process: list[subprocess.Popen[bytes]] = []

    def kill(request: Request) -> Scripted:
        os.kill(process[0].pid, signal.SIGKILL)
        return hang()

    endpoint.script(answer(consumer(document)), answer(legal(document)))
    endpoint.script_with(kill)
    process.append(start("summarize", policy, endpoint=endpoint))
    process[0].communicate(timeout=60)
    assert process[0].returncode == -signal.SIGKILL
    assert written(Path.cwd()) == []
    endpoint.script_with(answers_for(document))
    result = run("summarize", policy, endpoint=endpoint)
    assert result.exit_code == 0, result.output
    assert result.stderr.count("nothing paid") == 2
    assert [schema_asked(r) for r in endpoint.requests] == [*ARTEFACTS, "RiskAssessment"]


def test_ctrl_c_ends_with_130_and_says_that_finished_stages_are_kept(
    policy: Path, endpoint: Endpoint
) -> None:
    process: list[subprocess.Popen[bytes]] = []

    def stop(request: Request) -> Scripted:
        process[0].send_signal(signal.SIGINT)
        return hang()

    endpoint.script(answer(consumer(tidewater())))
    endpoint.script_with(stop)
    process.append(start("summarize", policy, endpoint=endpoint))
    _, stderr = process[0].communicate(timeout=60)
    assert process[0].returncode == 130
    assert b"Traceback" not in stderr
    assert b"finished stages are kept" in stderr
    assert written(Path.cwd()) == []
    with sqlite3.connect(os.environ["CLAUSEWISE_STORE"]) as store:
        assert store.execute("SELECT stage FROM stages").fetchall() == [("consumer",)]


@pytest.mark.parametrize(
    "command", [("schema", "draft"), ("registry", "statutes"), ("document", "POLICY", "--json")]
)
def test_reader_that_goes_away_is_no_fault(policy: Path, command: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        process = start(*(policy if arg == "POLICY" else arg for arg in command), stdout=write)
    finally:
        os.close(write)
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (0, b"")


def test_closed_standard_input_is_one_sentence() -> None:
    process = start("document", "-", stdin=None, preexec_fn=lambda: os.close(0))
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 2
    assert stderr.startswith(b"clausewise: ")
    assert b"Traceback" not in stderr


HEAVY = (
    "openai",
    "instructor",
    "vcr",
    "genai_prices",
    "httpx2",
    "pypdfium2",
    "dateparser",
    "py3langid",
    "sentencex",
    "jinja2",
)


@pytest.mark.parametrize(
    "args", [("--help",), ("summarize", "--help"), ("--version",), ("schema", "consumer")]
)
def test_help_and_schema_import_nothing_heavy(args: tuple[str, ...]) -> None:
    program = (
        "import sys\nfrom pipeline.cli import app\n"
        f"try:\n    app({list(args)!r})\nexcept SystemExit as end:\n    code = end.code\n"
        f"print('HEAVY', code, sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip().split("\n")[-1] == "HEAVY 0 []"


# The other commands


def test_document_shows_what_the_model_sees(policy: Path) -> None:
    result = run("document", policy)
    assert result.exit_code == 0
    document = tidewater()
    for passage in document.passages:
        assert f"[{passage.id}] {document.text_of(passage)}" in result.stdout
    assert "effective date  2026-03-03" in result.stdout


def test_document_as_json_is_the_document(policy: Path) -> None:
    shown = Document.model_validate_json(run("document", policy, "--json").stdout)
    assert shown.passages == tidewater().passages
    assert shown.source.name == "tidewater.md"


@pytest.mark.parametrize("name", ["consumer", "legal", "risk", "draft"])
def test_schema_is_json(name: str) -> None:
    assert json.loads(run("schema", name).stdout)["type"] == "object"


def test_doctor_says_what_is_in_order(endpoint: Endpoint) -> None:
    endpoint.script_with(lambda request: answer(SAMPLE))
    result = run("doctor", "--model", MODEL, endpoint=endpoint)
    assert result.exit_code == 0
    for words in (
        "✓ store",
        "✓ endpoint",
        "✓ model",
        "✓ mode json_schema",
        "✓ mode tools",
        "✓ mode md_json",
        "● price",
    ):
        assert words in result.stdout


def test_doctor_with_a_wrong_key_ends_with_3(endpoint: Endpoint) -> None:
    endpoint.script(fault(401))
    result = run("doctor", endpoint=endpoint)
    assert result.exit_code == 3
    assert "✗ endpoint" in result.stdout


@pytest.mark.parametrize(
    ("kind", "query", "words"), [("statutes", "gdpr", "GDPR"), ("decisions", "openai", "OpenAI")]
)
def test_registry_is_searched(kind: str, query: str, words: str) -> None:
    found, everything, nothing = (run("registry", kind, *q) for q in ((query,), (), ("zzzzzz",)))
    assert found.exit_code == everything.exit_code == nothing.exit_code == 0
    assert words in found.stdout
    assert len(found.stdout) < len(everything.stdout)
    assert "nothing in the registry matches" in nothing.stdout


def test_version_is_told() -> None:
    assert run("--version").stdout.startswith("clausewise 0.")


# The exit codes of the evals: 0 pass, 1 failed, 2 usage, 3 an endpoint or a recording was not there

CASE = "mistral-2026-04-08"
BARS = 'schema_version = "1.0"\n[falls]\ndefault = 0.05\n[systems.lead.floors]\n"{score}" = {floor}\n'


def run_lead(out: Path) -> Path:
    """The results of a system that no rule of a judge decides about."""
    assert run("eval", "run", "--system", "lead", "--case", CASE, "--out", out).exit_code == 0
    return out / "results.json"


def test_eval_gate_ends_with_0_when_the_bars_hold_and_with_1_when_one_does_not(tmp_path: Path) -> None:
    results, bars, baseline = run_lead(tmp_path / "out"), tmp_path / "gate.toml", tmp_path / "baseline.json"
    gate = ("eval", "gate", results, "--out", tmp_path / "gate", "--bars", bars, "--baseline", baseline)
    bars.write_text(BARS.format(score="legal.length", floor=0.5), encoding="utf-8")
    assert run(*gate, "--accept").exit_code == 0
    assert run(*gate).exit_code == 0
    bars.write_text(BARS.format(score="consumer.fact_recall", floor=0.99), encoding="utf-8")
    failed = run(*gate)
    assert failed.exit_code == 1
    assert "has its floor" in failed.stdout
    assert written(tmp_path / "gate") == ["junit.xml", "report.html", "report.md", "results.json"]


def test_recording_that_does_not_fit_ends_with_3_and_is_no_low_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = eval.systems.recorded_settings().model_copy(update={"model": "another"})
    monkeypatch.setattr(eval.systems, "recorded_settings", lambda: settings)
    result = run("eval", "run", "--system", "recorded", "--case", CASE, "--out", tmp_path)
    assert result.exit_code == 3
    assert f"recorded on {CASE}" in result.stderr
    assert ": unavailable: " in result.stderr
    (told,) = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["runs"]
    assert (told["status"], told["scores"]) == ("unavailable", [])


def test_model_that_gives_no_draft_ends_with_1(tmp_path: Path, endpoint: Endpoint) -> None:
    endpoint.script_with(lambda request: answer("{", "content_filter"))
    result = run("eval", "run", "--system", "live", "--case", CASE, "--out", tmp_path, endpoint=endpoint)
    assert result.exit_code == 1
    assert f"live on {CASE}" in result.stderr
    assert ": failed: " in result.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("lint", "none.yaml"),
        ("run", "--system", "best"),
        ("gate", "none.json"),
        ("compare", "none.json", "none.json"),
        ("report", "none.json"),
        ("adopt", "none.json"),
        ("selftest", "--part", "none"),
        ("gate", "--no-such-option"),
    ],
)
def test_wrong_usage_of_an_eval_command_is_one_sentence_and_ends_with_2(args: tuple[str, ...]) -> None:
    result = run("eval", *args)
    assert sentence_of(result)
    assert result.exit_code == 2
    assert written(Path.cwd()) == []
