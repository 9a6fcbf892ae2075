"""A static site of many editions: an index in three orders and a folder for each edition, with its page and its files.

No scripts: each order is a page of its own. Links are relative, so the site can stand anywhere. All files are ready before the first gets
its name: where one cannot be made, the site stays as it was. What an earlier site put into the folder and this one has no more is taken
away; a file that no site put there is never touched.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from pipeline.errors import UsageError
from pipeline.files import clear_unfinished, ready_files
from pipeline.publish.edition import FORMATS, NOTICE, write_edition
from pipeline.publish.edition_html import edition_html, render_page
from pipeline.publish.edition_words import LEVELS
from pipeline.publish.provenance import write_date
from schemas.document import DocumentDate
from schemas.edition import Audience, Edition
from schemas.risk import Level

LIST = "site.json"
_UNFINISHED = "site.json.unfinished"
_FOLDER = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?")
_FILE = re.compile(rf"(?:{_FOLDER.pattern}/)?[A-Za-z0-9][A-Za-z0-9.-]*")
_LABELS = {"pdf": "PDF", "xlsx": "Workbook (XLSX)", "md": "Markdown", "json": "JSON"}


@dataclass(frozen=True, slots=True)
class Row:
    """An edition as the index lists it; the edition itself need not stay in memory."""

    folder: str
    company: str
    title: str
    audience: Audience
    dated: DocumentDate | None
    published: datetime
    overridden: bool
    severities: tuple[tuple[Level, int], ...]


# Each order: the page's name, its title, how rows are sorted, and under which heading they stand.
_Order = tuple[str, str, Callable[[Row], Any], Callable[[Row], str]]


def write_site(
    editions: Iterable[tuple[str, Edition]], folder: Path, formats: Sequence[str] = FORMATS
) -> tuple[Path, ...]:
    """Write the site into ``folder``, which is empty, missing, or an earlier site; returns the files' paths.

    ``editions`` come with the names of their folders, one after the other: only one is held at a time. Raises UsageError when a name
    cannot be one or comes twice, and when the folder holds anything else or cannot be written to.
    """
    try:
        earlier = _earlier_files(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for place in {folder, *((folder / name).parent for name in earlier)}:
            if not place.is_symlink():
                clear_unfinished(place)
        named: dict[str, None] = {}

        def told(names: IO[str]) -> Iterator[tuple[str, bytes]]:
            for name, content in site_files(editions, formats):
                names.write(f"{name}\n")
                names.flush()
                named[name] = None
                if not _holds(folder / name, content):
                    yield name, content
            yield LIST, _list_of(sorted(named))

        # Whoever is stopped in the middle leaves the names of all that may be there.
        with (
            (folder / _UNFINISHED).open("a", encoding="utf-8") as names,
            ready_files(folder, told(names), "name another folder") as name_them,
        ):
            name_them()
        for name in sorted(earlier - named.keys()):
            _take_away(folder, name)
        (folder / _UNFINISHED).unlink()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(
            f"The files cannot be written to {folder} ({reason}); name another folder."
        ) from error
    return tuple(folder / name for name in (*named, LIST))


def site_files(
    editions: Iterable[tuple[str, Edition]], formats: Sequence[str] = FORMATS
) -> Iterator[tuple[str, bytes]]:
    """Every file of the site but its list, with its name within it, the index last. The same editions give the same bytes."""
    rows: list[Row] = []
    taken: set[str] = set()
    for name, edition in editions:
        if not _FOLDER.fullmatch(name):
            raise UsageError(f"{name!r} cannot be a folder of a site; use small letters, digits and hyphens.")
        if name in taken:
            raise UsageError(f"Two editions would stand in the folder {name}; give each a name of its own.")
        taken.add(name)
        rows.append(_row(name, edition))
        own = {n: c for n, c in write_edition(edition, formats).items() if not n.endswith(".html")}
        page = edition_html(edition, home="../index.html", downloads=[(file, _label(file)) for file in own])
        yield f"{name}/index.html", page.encode()
        yield from ((f"{name}/{file}", content) for file, content in own.items())
    yield from _index_pages(rows)


def _row(folder: str, edition: Edition) -> Row:
    return Row(
        folder=folder,
        company=edition.company,
        title=edition.title,
        audience=edition.audience,
        dated=edition.dates.policy,
        published=edition.dates.published,
        overridden=bool(edition.approval.override),
        severities=tuple((level, sum(p.severity == level for p in edition.provisions)) for level in LEVELS),
    )


def _index_pages(rows: Sequence[Row]) -> Iterator[tuple[str, bytes]]:
    mixed = len({row.audience for row in rows}) > 1
    orders = [(name, title) for name, title, _, _ in _ORDERS]
    for name, title, key, heading in _ORDERS:
        ordered = sorted(sorted(rows, key=_by_company), key=key)
        groups = [(words, list(group)) for words, group in groupby(ordered, key=heading)]
        page = render_page(
            "site.html.j2",
            "edition.css",
            title=title,
            current=name,
            orders=orders,
            groups=groups,
            count=len(rows),
            mixed=mixed,
            notice=NOTICE,
        )
        yield name, page.encode()


def _by_company(row: Row) -> tuple[str, ...]:
    return row.company.casefold(), row.company, row.title.casefold(), row.title, row.folder


def _by_date(row: Row) -> float:
    published = row.published
    return -(published if published.tzinfo else published.replace(tzinfo=UTC)).timestamp()


def _by_severity(row: Row) -> tuple[int, ...]:
    return tuple(-count for _, count in row.severities)


def _month(row: Row) -> str:
    return "Published in " + write_date(row.published).partition(" ")[2]


def _highest(row: Row) -> str:
    level = next((level for level, count in row.severities if count), None)
    return "No provision" if level is None else f"Highest severity: {level}"


_ORDERS: tuple[_Order, ...] = (
    ("index.html", "By company", _by_company, lambda row: row.company),
    ("by-date.html", "By date", _by_date, _month),
    ("by-severity.html", "By severity", _by_severity, _highest),
)


def _label(file: str) -> str:
    stem, _, ending = file.rpartition(".")
    if ending == "csv":
        return "CSV: " + re.split(r"-(?:public|professional)-", stem)[-1].replace("-", " ")
    return _LABELS[ending]


def _earlier_files(folder: Path) -> set[str]:
    """The files of the site that is there, by its own list. Hidden files, such as a repository's, do not make a folder someone else's."""
    if not folder.is_dir() or all(path.name.startswith(".") for path in folder.iterdir()):
        return set()
    try:
        names = list(json.loads((folder / LIST).read_text(encoding="utf-8"))["files"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        if not (folder / _UNFINISHED).is_file():
            raise UsageError(
                f"{folder} holds files that are not of a site; name an empty or a missing folder."
            ) from None
        names = []
    with suppress(FileNotFoundError):
        names += (folder / _UNFINISHED).read_text(encoding="utf-8").splitlines()
    return {name for name in names if isinstance(name, str) and _FILE.fullmatch(name)}


def _list_of(names: Iterable[str]) -> bytes:
    return (json.dumps({"schema_version": "1.0", "files": list(names)}, indent=1) + "\n").encode()


def _holds(path: Path, content: bytes) -> bool:
    """Whether a file is there that holds this already, and can stay as it is."""
    return path.is_file() and not path.is_symlink() and path.read_bytes() == content


def _take_away(folder: Path, name: str) -> None:
    path = folder / name
    # A folder that has become a link leads out of the site.
    if path.parent.is_symlink():
        return
    path.unlink(missing_ok=True)
    if path.parent != folder:
        with suppress(OSError):
            path.parent.rmdir()
