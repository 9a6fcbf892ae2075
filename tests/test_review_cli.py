"""The desk's commands as a user meets them: one sentence or what was asked for, and the exit code."""

import http.client
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

import pipeline.cli_review
from pipeline.cli import app
from pipeline.review.desk import Desk
from pipeline.review.passwords import is_password
from pipeline.review.publishing import folder_of
from pipeline.review.serve import address_at, listen
from pipeline.store.reviews import ReviewStore
from tests.audit_harm import harm_audit
from tests.review_site import other_draft
from tests.sample_draft import sample_draft

PASSWORD = "a password for tests"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def run(*args: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args], input=stdin)


def refused(result: Result, told: str) -> None:
    """It ended with exit code 2 and one sentence."""
    assert result.exit_code == 2, result.output
    assert re.search(told, result.stderr), result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("clausewise: ")


def write_drafts(folder: Path, count: int = 1) -> Path:
    for n in range(count):
        (folder / f"d{n}").mkdir(parents=True)
        draft = sample_draft() if n == 0 else other_draft(n)
        (folder / f"d{n}" / "draft.json").write_text(draft.model_dump_json(indent=2), encoding="utf-8")
    return folder


@contextmanager
def desk_of(store: Path) -> Iterator[Desk]:
    with ReviewStore.open(store) as opened:
        yield Desk(opened)


# review add


def test_drafts_of_files_and_folders_come_into_the_queue_once(tmp_path: Path, store: Path) -> None:
    drafts = write_drafts(tmp_path / "drafts", 3)
    result = run("review", "add", drafts, drafts / "d0" / "draft.json", "--as", "Ada")
    assert result.exit_code == 0, result.stderr
    assert len(result.stdout.splitlines()) == 3
    assert "Larkspur Notes Privacy Policy (drafted)" in result.stdout
    assert run("review", "add", drafts).stdout == result.stdout
    with desk_of(store) as desk:
        assert len(desk.store.all_reviews()) == 3
        assert {line.by for line in desk.store.audit_log()} == {"Ada"}


def test_a_file_that_is_no_draft_is_told_and_none_is_taken_in(tmp_path: Path, store: Path) -> None:
    drafts = write_drafts(tmp_path / "drafts")
    (drafts / "z").mkdir()
    (drafts / "z" / "draft.json").write_text('{"document": 1}', encoding="utf-8")
    refused(run("review", "add", drafts), r"z/draft\.json is no draft of this version \(document")
    (drafts / "z" / "draft.json").write_bytes(b"\xff\xfe")
    refused(run("review", "add", drafts), "is no draft of this version")
    with desk_of(store) as desk:
        assert desk.store.all_reviews() == []


def test_a_path_without_a_draft_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(run("review", "add", tmp_path / "empty"), r"no draft\.json in .*empty or below")
    refused(run("review", "add", tmp_path / "nothing"), "no file or folder")
    assert run("review", "add").exit_code == 2


def test_options_before_a_command_are_refused_instead_of_ignored() -> None:
    refused(run("review", "--store", "x.db", "stats"), "come after its command")
    assert not Path("x.db").exists()


def test_a_store_in_memory_holds_no_reviews() -> None:
    refused(run("review", "stats", "--store", ":memory:"), "need a store that stays")


# review audit


def test_the_audit_log_is_checked_whole_and_against_a_line_that_was_noted(
    tmp_path: Path, store: Path
) -> None:
    run("review", "add", write_drafts(tmp_path / "drafts", 3))
    told = run("review", "audit")
    assert told.exit_code == 0
    noted = told.stdout.split()[-1]
    assert re.fullmatch("3:[0-9a-f]{64}", noted)
    assert run("review", "audit", "--noted", noted).exit_code == 0
    other = run("review", "audit", "--noted", "4" + noted[1:])
    assert (other.exit_code, other.stdout) == (
        1,
        "Line 4 is not the one that was noted: the log was cut off or written anew.\n",
    )
    refused(run("review", "audit", "--noted", "3:abc"), "its number, a colon and 64 characters")
    with ReviewStore.open(store) as opened:
        harm_audit(opened, "UPDATE audit SET noted_by = 'mallory' WHERE number = 2")
    broken = run("review", "audit")
    assert (broken.exit_code, broken.stdout) == (
        1,
        "Line 2 is not as it was written, or a line before it is gone.\n",
    )


# review users


def test_a_user_is_added_with_a_password_from_standard_input_that_is_never_shown(store: Path) -> None:
    result = run("review", "users", "add", "grace", "--role", "publisher", stdin=f"{PASSWORD}\n")
    assert result.exit_code == 0
    assert result.stdout == "grace may sign in, as publisher.\n"
    listed = run("review", "users", "list")
    assert listed.stdout.split() == ["grace", "publisher"]
    (told,) = json.loads(run("review", "users", "list", "--json").stdout)
    assert (told["name"], told["role"], told["disabled_at"]) == ("grace", "publisher", None)
    assert "argon2" not in listed.stdout + json.dumps(told)
    with desk_of(store) as desk:
        user = desk.store.user("grace")
        assert user is not None
        assert is_password(PASSWORD, user.password_hash)
        assert desk.store.audit_log(limit=1)[0].action == "add user"


def test_a_password_is_asked_for_twice_on_a_terminal(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    asked: list[str] = []
    answers = iter([PASSWORD, PASSWORD + "x", PASSWORD, PASSWORD])

    def getpass(prompt: str) -> str:
        asked.append(prompt)
        return next(answers)

    monkeypatch.setattr("getpass.getpass", getpass)
    monkeypatch.setattr(pipeline.cli_review.sys, "stdin", Terminal())
    from pipeline.errors import UsageError

    with pytest.raises(UsageError, match="not the same"):
        pipeline.cli_review._password()
    assert pipeline.cli_review._password() == PASSWORD
    assert asked == ["Password: ", "Once more: "] * 2


@pytest.mark.parametrize(
    ("name", "stdin", "told"),
    [
        ("grace", "short\n", "at least 12 characters"),
        ("grace", "", "No password came"),
        (" grace", f"{PASSWORD}\n", "cannot be a name"),
        ("", f"{PASSWORD}\n", "cannot be a name"),
        ("a\tb", f"{PASSWORD}\n", "cannot be a name"),
        ("x" * 65, f"{PASSWORD}\n", "cannot be a name"),
    ],
)
def test_a_name_that_is_none_or_a_short_password_is_refused(
    store: Path, name: str, stdin: str, told: str
) -> None:
    refused(run("review", "users", "add", name, stdin=stdin), told)
    with desk_of(store) as desk:
        assert desk.store.users() == []


def test_a_name_is_taken_until_its_user_is_disabled(store: Path) -> None:
    run("review", "users", "add", "grace", stdin=PASSWORD)
    refused(run("review", "users", "add", "grace", stdin=PASSWORD), "a user grace already")
    assert run("review", "users", "disable", "grace").exit_code == 0
    refused(run("review", "users", "disable", "grace"), "disabled already")
    assert "disabled" in run("review", "users", "list").stdout
    assert run("review", "users", "add", "grace", "--role", "reader", stdin=PASSWORD).exit_code == 0
    assert run("review", "users", "list").stdout.split() == ["grace", "reader"]


def test_password_and_role_are_changed(store: Path) -> None:
    run("review", "users", "add", "grace", stdin=PASSWORD)
    assert run("review", "users", "password", "grace", stdin="another password\n").exit_code == 0
    assert run("review", "users", "role", "grace", "publisher").stdout == "grace is a publisher.\n"
    with desk_of(store) as desk:
        user = desk.store.user("grace")
        assert user is not None
        assert is_password("another password", user.password_hash)
        assert user.role == "publisher"
    for command in (("password",), ("disable",), ("role",)):
        more = ["reader"] if command == ("role",) else []
        refused(run("review", "users", *command, "nobody", *more, stdin=PASSWORD), "no user nobody")
    assert run("review", "users", "role", "grace", "root").exit_code == 2


def test_a_list_of_nobody_says_how_to_add_somebody() -> None:
    result = run("review", "users", "list")
    assert result.exit_code == 0
    assert "users add NAME" in result.stderr


# review stats


def test_statistics_are_a_table_or_json(tmp_path: Path, store: Path) -> None:
    run("review", "add", write_drafts(tmp_path / "drafts"))
    with desk_of(store) as desk:
        (row,) = desk.store.all_reviews()
        desk.approve(row.id, "Ada", "settled")
    told = run("review", "stats")
    assert told.exit_code == 0
    assert "Drafts: 1 approved." in told.stdout
    assert "consumer.v1" in told.stdout
    read = json.loads(run("review", "stats", "--json").stdout)
    assert read["drafts"] == {"approved": 1}
    assert [stage["stage"] for stage in read["approved"]] == ["consumer", "legal", "risk"]


# publish


@pytest.fixture
def two(tmp_path: Path, store: Path) -> tuple[str, str]:
    """Two reviews, the first of which is approved."""
    run("review", "add", write_drafts(tmp_path / "drafts", 2))
    with desk_of(store) as desk:
        one, other = sorted(desk.store.all_reviews(), key=lambda row: row.title)
        desk.approve(one.id, "Ada", "settled")
        return one.id, other.id


def test_approved_drafts_are_published_to_a_folder(two: tuple[str, str], store: Path) -> None:
    result = run(
        "publish", two[0][:8], "--audience", "public", "--format", "md", "--format", "json", "--as", "Ada"
    )
    assert result.exit_code == 0, result.stderr
    with desk_of(store) as desk:
        row = desk.open(two[0]).row
        (noted,) = desk.store.publications()
        assert (row.state, noted.by, noted.audience) == ("published", "Ada", "public")
        folder = Path("out/published") / folder_of(row) / "public"
    assert {path.suffix for path in folder.iterdir()} == {".md", ".json"}
    assert f"2 files in {folder}" in result.stdout


def test_what_is_not_approved_is_refused_and_nothing_is_published_then(
    two: tuple[str, str], store: Path
) -> None:
    refused(run("publish", *two), "is drafted and not approved")
    refused(run("publish", "0000000000"), "There is no review 0000000000")
    refused(run("publish", two[0], "--format", "docx"), "no format 'docx'")
    assert not Path("out").exists()
    with desk_of(store) as desk:
        assert desk.store.publications() == []


def test_all_that_is_approved_is_published_with_a_site(two: tuple[str, str]) -> None:
    result = run("publish", "--all", "--audience", "public", "--audience", "professional", "--site", "site")
    assert result.exit_code == 0, result.stderr
    assert "The site with 2 editions is site/index.html" in result.stdout
    assert Path("site/index.html").is_file()
    before = {path: path.read_bytes() for path in Path("site").rglob("*") if path.is_file()}
    assert (
        run(
            "publish", "--all", "--audience", "public", "--audience", "professional", "--site", "site"
        ).exit_code
        == 0
    )
    assert {path: path.read_bytes() for path in Path("site").rglob("*") if path.is_file()} == before
    assert run("publish", "--site", "site").exit_code == 0
    assert not list(Path("site").glob("*-professional"))


def test_publish_wants_to_know_what(two: tuple[str, str]) -> None:
    refused(run("publish"), "Name the reviews to publish, or --all")
    refused(run("publish", two[0], "--all"), "Name the reviews to publish, or --all")


def test_nothing_approved_is_nothing_published(tmp_path: Path) -> None:
    run("review", "add", write_drafts(tmp_path / "drafts"))
    result = run("publish", "--all")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing is approved" in result.stderr


# review


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--host", "0.0.0.0"), "--allowed-host"),
        (("--host", "0.0.0.0", "--allowed-host", "desk.example"), "clausewise review users add NAME"),
        (("--host", "192.0.2.1"), "clausewise review users add NAME"),
        (("--login",), "clausewise review users add NAME"),
        (("--trust-header", "X-User"), "clausewise review users add NAME"),
        (("--trust-header", "X User"), "no header's name"),
        (("--trusted-proxy", "proxy"), "no address"),
        (("--allowed-host", "*"), "no host name"),
        (("--as", " "), "A name has 1 to 64 characters"),
    ],
)
def test_a_desk_that_would_be_open_or_useless_is_not_served(options: tuple[str, ...], told: str) -> None:
    refused(run("review", "--port", "0", *options), told)


def test_a_disabled_user_does_not_count(store: Path) -> None:
    run("review", "users", "add", "grace", stdin=PASSWORD)
    run("review", "users", "disable", "grace")
    refused(run("review", "--port", "0", "--login"), "has no users")


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused(run("review", "--port", port), f"port {port} .*--port 0")


def test_a_secret_that_others_can_read_is_refused(store: Path) -> None:
    run("review", "users", "list")
    secret = store.with_name("store.db.secret")
    secret.write_text("0" * 64 + "\n", encoding="ascii")
    secret.chmod(0o644)
    refused(run("review", "--port", "0"), "can be read by others")


def test_addresses_are_told_as_a_browser_takes_them() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        assert address_at(listening, "127.0.0.1") == f"http://127.0.0.1:{port}/"
        assert address_at(listening, "0.0.0.0") == f"http://localhost:{port}/"
        assert address_at(listening, "::1") == f"http://[::1]:{port}/"


def test_the_desk_is_served_until_ctrl_c_with_the_drafts_of_the_store(tmp_path: Path, store: Path) -> None:
    run("review", "add", write_drafts(tmp_path / "drafts"))
    program = [
        sys.executable,
        "-c",
        "from pipeline.cli import app; app()",
        "review",
        "--port",
        "0",
        "--as",
        "Ada",
    ]
    root = Path(__file__).parents[1]
    env = {**os.environ, "CLAUSEWISE_STORE": str(store), "PYTHONPATH": str(root)}
    with subprocess.Popen(
        program, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    ) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            address = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
            assert address, line
            assert "You are Ada" in process.stderr.readline()
            connection = http.client.HTTPConnection("127.0.0.1", int(address[1]), timeout=30)
            connection.request("GET", "/")
            answer = connection.getresponse()
            page = answer.read().decode()
            assert answer.status == 200
            assert answer.getheader("server") is None
            assert "Larkspur Notes Privacy Policy" in page
            connection.close()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, err
    assert err == "Stopped; every decision is kept.\n"
    assert out == ""
    secret = store.with_name("store.db.secret")
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
