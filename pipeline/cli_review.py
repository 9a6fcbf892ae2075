"""The commands of the desk: ``review`` serves it, ``review add``, ``users``, ``stats`` and ``audit`` go with it, ``publish`` publishes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from pipeline.command import AsJson, Debug, StorePath, errors_told, read_stdin, whoever_reads

if TYPE_CHECKING:
    from pipeline.review.desk import Desk
    from pipeline.settings import Server
    from pipeline.store.reviews import ReviewStore

_OUT = Path("out/published")

review_app = typer.Typer(
    help="The editor's desk: review drafts in a browser; Ctrl-C stops it. Without a command it is served.",
    invoke_without_command=True,
)
users_app = typer.Typer(help="Who may sign in to the desk, and what they may do.", no_args_is_help=True)
review_app.add_typer(users_app, name="users")


class RoleName(StrEnum):
    """What somebody may do: a reader reads, an editor decides and approves, a publisher publishes as well."""

    READER = "reader"
    EDITOR = "editor"
    PUBLISHER = "publisher"


class AudienceName(StrEnum):
    """For whom an edition is."""

    PUBLIC = "public"
    PROFESSIONAL = "professional"


As = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Who decides. Default: who is logged in to this machine."),
]
Out = Annotated[Path, typer.Option("--out", help="Folder of what is published, a folder for each policy.")]
UserName = Annotated[str, typer.Argument(metavar="NAME", help="The name to sign in with.")]


@review_app.callback()
def serve_desk(
    context: typer.Context,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on. Any but loopback asks for a login.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65_535, help="Port; 0 for any that is free.")
    ] = 8765,
    as_name: As = None,
    login: Annotated[bool, typer.Option("--login", help="Ask for a login on loopback too.")] = False,
    trust_header: Annotated[
        str,
        typer.Option(
            "--trust-header",
            metavar="HEADER",
            help="Believe this header of a proxy that people sign in to; it names users of the store, which has their roles.",
        ),
    ] = "",
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--trusted-proxy", metavar="ADDRESS", help="Where that proxy asks from. Default: loopback."
        ),
    ] = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option("--allowed-host", metavar="NAME", help="A name under which the desk is reached."),
    ] = None,
    out: Out = _OUT,
    store: StorePath = None,
    debug: Debug = False,
) -> None:
    """Serve the editor's desk."""
    with errors_told(debug):
        if context.invoked_subcommand is not None:
            _refuse_options_before(context)
            return
        from pipeline.review.site import (
            SiteSettings,
            check_header,
            check_proxies,
            choose_access,
            choose_hosts,
        )

        proxies = check_proxies(trusted_proxy or [])
        hosts = choose_hosts(host, allowed_host or [])
        header = check_header(trust_header)
        with opened_desk(store) as (desk, place):
            # Not before: opening the store says when their packages are not installed.
            from pipeline.review.app import make_app
            from pipeline.review.secret import read_secret, secret_path
            from pipeline.review.serve import address_at, listen, serve

            active = sum(user.disabled_at is None for user in desk.store.users())
            access = choose_access(host, login=login, trust_header=header, users=active)
            site = SiteSettings(
                secret=read_secret(secret_path(place)),
                access=access,
                as_name=_person(as_name),
                trust_header=header,
                trusted_proxies=proxies,
                allowed_hosts=hosts,
                out=out,
                fault_details=debug,
            )
            listening = listen(host, port)
            _enter_new(desk)
            known = {
                "open": f"You are {site.as_name}, a publisher; this machine alone is served.",
                "login": "People sign in with their name and password.",
                "header": f"The header {header} of the proxy says who asks.",
            }
            typer.echo(f"The desk is at {address_at(listening, host)}", err=True)
            typer.echo(f"{known[access]} Ctrl-C stops it.", err=True)
            serve(make_app(desk, site), listening, lambda told: typer.echo(told, err=True))


@review_app.command("add")
def review_add(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="draft.json files, or folders of them.")
    ],
    as_name: As = None,
    store: StorePath = None,
    debug: Debug = False,
) -> None:
    """Take drafts from files into the queue."""
    with errors_told(debug):
        from pipeline.review.taking_in import find_drafts, read_drafts

        found = find_drafts(paths)
        # All are read before one is taken in.
        for _ in read_drafts(found):
            pass
        with opened_desk(store) as (desk, _):
            for draft in read_drafts(found):
                row = desk.enter_draft(draft, _person(as_name))
                typer.echo(f"{row.id}  {_words(row.title)} ({row.state.replace('_', ' ')})")


@review_app.command("stats")
def review_stats(store: StorePath = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """Show what editors changed: claims accepted, edited and rejected by stage, prompt and model, and minutes a draft took."""
    with errors_told(debug):
        import json
        from dataclasses import asdict

        from rich.console import Console

        from pipeline.review.stats_table import print_stats

        with opened_desk(store) as (desk, _):
            stats = desk.stats()
        with whoever_reads():
            if as_json:
                typer.echo(json.dumps(asdict(stats), indent=2))
            else:
                print_stats(stats, Console())


@review_app.command("audit")
def review_audit(
    noted: Annotated[
        str | None,
        typer.Option(
            "--noted",
            metavar="NUMBER:DIGEST",
            help="A line that an earlier check ended with: say whether it still stands, which shows a log that was cut off.",
        ),
    ] = None,
    store: StorePath = None,
    debug: Debug = False,
) -> None:
    """Read every line of the audit log and say whether it is whole; exit code 1 when somebody has changed it."""
    with errors_told(debug), _opened_store(store) as (reviews, _), whoever_reads():
        before = _noted(noted)
        check = reviews.check_audit(anew=True)
        if check.broken is not None:
            typer.echo(f"Line {check.broken} is not as it was written, or a line before it is gone.")
            raise typer.Exit(1)
        if before is not None and not reviews.has_audit_line(*before):
            typer.echo(
                f"Line {before[0]} is not the one that was noted: the log was cut off or written anew."
            )
            raise typer.Exit(1)
        typer.echo(f"The audit log is whole. It ends with the line {check.number}:{check.sha256}")


@users_app.command("add")
def users_add(
    name: UserName,
    role: Annotated[RoleName, typer.Option("--role", help="What they may do.")] = RoleName.EDITOR,
    store: StorePath = None,
    debug: Debug = False,
) -> None:
    """Let somebody sign in. The password is asked for on the terminal, or read from standard input."""
    with errors_told(debug), _opened_store(store) as (reviews, _):
        from datetime import UTC, datetime

        from pipeline.review.accounts import add_user, refuse_taken

        refuse_taken(reviews, name)
        add_user(reviews, name, role.value, _password(), datetime.now(UTC), _person(None))
        typer.echo(f"{name} may sign in, as {role.value}.")


@users_app.command("list")
def users_list(store: StorePath = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """Show who may sign in."""
    with errors_told(debug), _opened_store(store) as (reviews, _), whoever_reads():
        rows = reviews.users()
        if as_json:
            import json

            told = [
                {
                    "name": row.name,
                    "role": row.role,
                    "created_at": row.created_at.isoformat(),
                    "disabled_at": row.disabled_at.isoformat() if row.disabled_at else None,
                }
                for row in rows
            ]
            typer.echo(json.dumps(told, indent=2))
            return
        for row in rows:
            typer.echo(f"{row.name:<24} {row.role:<10} {'disabled' if row.disabled_at else ''}".rstrip())
        if not rows:
            typer.echo("There are no users; clausewise review users add NAME adds one.", err=True)


@users_app.command("disable")
def users_disable(name: UserName, store: StorePath = None, debug: Debug = False) -> None:
    """Have somebody sign in no more, at once."""
    with errors_told(debug), _opened_store(store) as (reviews, _):
        from pipeline.review.accounts import disable_user

        disable_user(reviews, name, _person(None))
        typer.echo(f"{name} is disabled.")


@users_app.command("password")
def users_password(name: UserName, store: StorePath = None, debug: Debug = False) -> None:
    """Give somebody another password; they are signed out everywhere."""
    with errors_told(debug), _opened_store(store) as (reviews, _):
        from pipeline.review.accounts import change_password, known_user

        known_user(reviews, name)
        change_password(reviews, name, _password(), _person(None))
        typer.echo(f"{name} has another password.")


@users_app.command("role")
def users_role(
    name: UserName,
    role: Annotated[RoleName, typer.Argument(help="What they may do from now on.")],
    store: StorePath = None,
    debug: Debug = False,
) -> None:
    """Give somebody another role, at once."""
    with errors_told(debug), _opened_store(store) as (reviews, _):
        from pipeline.review.accounts import change_role

        change_role(reviews, name, role.value, _person(None))
        typer.echo(f"{name} is a {role.value}." if role is not RoleName.EDITOR else f"{name} is an editor.")


def publish(
    reviews: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REVIEW...]", help="Reviews by their ids, or by a start of one."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Publish all that is approved.")] = False,
    audience: Annotated[
        list[AudienceName] | None, typer.Option("--audience", help="For whom; default: public.")
    ] = None,
    form: Annotated[
        list[str] | None, typer.Option("--format", help="json, md, html, pdf, xlsx, csv; default: all.")
    ] = None,
    site: Annotated[
        Path | None, typer.Option("--site", help="Folder for a static site of all that is published.")
    ] = None,
    out: Out = _OUT,
    as_name: As = None,
    store: StorePath = None,
    debug: Debug = False,
) -> None:
    """Publish approved drafts, and write a site of all that is published. What is not approved is refused, and then nothing is published."""
    with errors_told(debug):
        from pipeline.errors import UsageError
        from pipeline.publish.edition import FORMATS
        from schemas.edition import Audience

        if bool(reviews) == everything and not (site and not reviews):
            raise UsageError("Name the reviews to publish, or --all, or --site alone to write the site anew.")
        named = {a.value for a in audience or [AudienceName.PUBLIC]}
        audiences = [a for a in get_args(Audience) if a in named]
        formats = form or FORMATS
        if unknown := [name for name in formats if name not in FORMATS]:
            raise UsageError(f"There is no format {unknown[0]!r}; choose of {', '.join(FORMATS)}.")
        with opened_desk(store) as (desk, _):
            from pipeline.publish.site import write_site
            from pipeline.review.publishing import publish as publish_review
            from pipeline.review.publishing import published_editions
            from pipeline.review.standing import refuse_unapproved

            rows = [desk.open(id_).row for id_ in dict.fromkeys(reviews or [])]
            if everything:
                rows = [row for row in desk.store.all_reviews() if row.state in ("approved", "published")]
            for row in rows:
                refuse_unapproved(row)
            for row in rows:
                for each in audiences:
                    done = publish_review(desk, row.id, _person(as_name), each, out, formats=formats)
                    typer.echo(f"{_words(row.title)}: {len(done.files)} files in {done.folder}")
            if everything and not rows:
                typer.echo("Nothing is approved, and so nothing was published.", err=True)
            if site is not None:
                editions = published_editions(desk, audiences)
                write_site(editions, site, formats)
                typer.echo(f"The site with {len(editions)} editions is {site / 'index.html'}")


@contextmanager
def _opened_store(named: str | None) -> "Iterator[tuple[ReviewStore, Path | Server]]":
    from pipeline.settings import read_settings

    place = read_settings(store=named).store
    from pipeline.store.reviews import ReviewStore

    with ReviewStore.open(place) as store:
        yield store, place


@contextmanager
def opened_desk(named: str | None) -> "Iterator[tuple[Desk, Path | Server]]":
    """The desk over the store that an option names, and where the store is."""
    from pipeline.review.desk import Desk

    with _opened_store(named) as (store, place):
        yield Desk(store), place


def _enter_new(desk: "Desk") -> None:
    """Take the store's new drafts into the queue, and tell how many."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("new drafts", total=None)
        entered = desk.enter_all(lambda done, of: progress.update(task, completed=done, total=of))
    for told in entered.unreadable:
        typer.echo(f"clausewise: {told}", err=True)
    if entered.count:
        typer.echo(f"{entered.count} new draft{'' if entered.count == 1 else 's'} in the queue.", err=True)


def _noted(told: str | None) -> tuple[int, str] | None:
    from pipeline.errors import UsageError

    if told is None:
        return None
    number, _, digest = told.strip().partition(":")
    if not (number.isascii() and number.isdigit() and len(number) < 10 and len(digest) == 64):
        raise UsageError(
            "A noted line is its number, a colon and 64 characters, as clausewise review audit prints it."
        )
    return int(number), digest


def _refuse_options_before(context: typer.Context) -> None:
    from pipeline.errors import UsageError

    given = [
        name
        for name in context.params
        if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    ]
    if given:
        raise UsageError(
            f"Options of review come after its command, as in clausewise review {context.invoked_subcommand} --store PLACE."
        )


def _person(named: str | None) -> str:
    from pipeline.errors import UsageError
    from pipeline.review.login import is_name
    from pipeline.review.site import person_here

    if named is None:
        return person_here()
    if not is_name(named):
        raise UsageError("A name has 1 to 64 characters that can be seen, and no spaces at its ends.")
    return named


def _password() -> str:
    """A password from the terminal, where it is not shown and is asked for twice, or the first line of standard input."""
    from pipeline.errors import UsageError

    if not sys.stdin or not sys.stdin.isatty():
        line = read_stdin().readline().decode("utf-8", "replace")
        if not line.strip():
            raise UsageError("No password came on standard input.")
        return line.rstrip("\r\n")
    from getpass import getpass

    first = getpass("Password: ")
    if getpass("Once more: ") != first:
        raise UsageError("The two were not the same; nothing was changed.")
    return first


def _words(text: str) -> str:
    from pipeline.publish.shown import shown

    return shown(text)
