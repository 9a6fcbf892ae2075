"""From what the user named to the items of a run: files, folders, patterns, addresses, manifests, and a list on standard input.

Everything that can be seen without reading a document is seen here, before anything is spent, and all of it is told at once. Of each
file its bytes are read once, for their digest, and let go.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import BinaryIO

from pipeline.batch.manifest import MANIFESTS, Row, read_manifest
from pipeline.errors import SourceError, UsageError
from pipeline.source.file import read_file
from pipeline.source.media import detect_media_type
from pipeline.store.records import Item

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_LONGEST_LIST = 50_000_000  # bytes


class SourcesError(UsageError):
    """Something is wrong with the sources; ``problems`` are all of it, each a sentence."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        what = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"{what} in the sources, and nothing was spent; mend them and run again.")


@dataclass(frozen=True, slots=True)
class Listed:
    """An item, and of a file the digest of its bytes. ``place`` is what to read, when it is not the item's source as it is told."""

    item: Item
    place: str
    sha256: str | None


def list_sources(sources: Sequence[str], *, stdin: BinaryIO | None = None) -> tuple[Listed, ...]:
    """The items that ``sources`` name, in their order; a file that is named twice is one item.

    Raises SourcesError with every problem there is.
    """
    problems: list[str] = []
    named: list[tuple[Item, str]] = []
    for source in sources:
        named += _named(source, stdin, problems)
    listed: list[Listed] = []
    seen: dict[str, Item] = {}
    for item, place in named:
        before = seen.get(item.id.casefold())
        if before is not None:
            if before != item:
                problems.append(
                    f"{item.source}: the id {item.id} is that of {before.source} too; give each its own."
                )
            continue
        seen[item.id.casefold()] = item
        try:
            listed.append(Listed(item, place, None if _ADDRESS.match(place) else _digest(place)))
        except SourceError as error:
            problems.append(f"{item.source}: {error}" if item.source not in str(error) else str(error))
    if not named and not problems:
        problems.append("The sources name no document; give files, folders, addresses or a manifest.")
    if problems:
        raise SourcesError(problems)
    return tuple(listed)


def _named(source: str, stdin: BinaryIO | None, problems: list[str]) -> Iterator[tuple[Item, str]]:
    if source == "-":
        yield from _from_list(stdin, problems)
    elif _SCHEME.match(source):
        if _ADDRESS.match(source):
            yield Item(source, source), source
        else:
            problems.append(
                f"{source}: addresses of this kind are not fetched; give an http(s) address or a file."
            )
    elif Path(source).is_dir():
        found = list(_in_folder(Path(source), problems))
        if not found:
            problems.append(f"{source}: the folder holds no document.")
        yield from found
    elif has_magic(source) and not Path(source).exists():
        # Not pathlib's: a pattern may be absolute, and is what a shell would have expanded.
        paths = sorted(path for path in glob(source, recursive=True) if Path(path).is_file())  # noqa: PTH207
        if not paths:
            problems.append(f"{source}: no file has a name like this.")
        for path in paths:
            yield from _named(path, stdin, problems)
    elif Path(source).suffix.lower() in MANIFESTS:
        yield from _from_manifest(Path(source), problems)
    else:
        yield _of_file(source)


def _of_file(path: str) -> tuple[Item, str]:
    # However it was written: ./a/b.md and a/b.md are one file.
    name = Path(path).as_posix()
    return Item(name, name), path


def _in_folder(folder: Path, problems: list[str]) -> Iterator[tuple[Item, str]]:
    def refuse(error: OSError) -> None:
        problems.append(f"{error.filename}: the folder cannot be read ({error.strerror}).")

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place) / name
            if name.startswith("."):
                continue
            if path.suffix.lower() in MANIFESTS:
                problems.append(f"{path}: a manifest within a folder; name it by itself, or take it away.")
            else:
                yield _of_file(str(path))


def _from_list(stdin: BinaryIO | None, problems: list[str]) -> Iterator[tuple[Item, str]]:
    data = stdin.read(_LONGEST_LIST + 1) if stdin is not None else b""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.append("Standard input: the list is not UTF-8.")
        return
    lines = [line.strip() for line in text.splitlines()]
    named = [line for line in lines if line and not line.startswith("#")]
    if len(data) > _LONGEST_LIST or not named:
        problems.append(
            "Standard input: the list is empty."
            if not named
            else f"Standard input: the list is longer than {_LONGEST_LIST} bytes."
        )
        return
    for line in named:
        if line == "-":
            problems.append("Standard input: the list names itself (-).")
        else:
            yield from _named(line, None, problems)


def _from_manifest(path: Path, problems: list[str]) -> Iterator[tuple[Item, str]]:
    rows = read_manifest(path, problems)
    folder = path.parent
    within = Path(os.path.realpath(folder))
    for row in rows:
        if _ADDRESS.match(row.source):
            yield _item(row), row.source
            continue
        if _SCHEME.match(row.source):
            problems.append(
                f"{row.place}: addresses such as {row.source} are not fetched; give http(s) or a file."
            )
            continue
        place = folder / row.source
        # By where it really is: a link may lead out too.
        if not Path(os.path.realpath(place)).is_relative_to(within):
            problems.append(f"{row.place}: {row.source} is outside the manifest's folder.")
        else:
            yield _item(row), str(place)


def _item(row: Row) -> Item:
    return Item(row.id, row.source, row.title, row.company, row.tags)


def _digest(path: str) -> str:
    """The digest of a file's bytes. Raises SourceError when it cannot be read, is empty, or is of no kind that is read."""
    data = read_file(path)
    if not data.strip():
        raise SourceError(f"{path} is empty; check that it was saved or downloaded whole.")
    detect_media_type(data, name=path)
    return hashlib.sha256(data).hexdigest()
