"""Manifests: which documents a run has, as CSV, JSON lines or YAML, with an id, a source, and what is known about each.

    id,source,title,company,tags
    acme-privacy,policies/acme.html,Acme privacy policy,Acme Ltd,vendor;eu

``source`` is a file beside or below the manifest, or an http(s) address; the other columns may be left out. Without an id it is the
source. Tags are divided by semicolons, or are a list. A manifest is read whole and every problem in it is told, with its place.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import SourceError
from pipeline.source.file import read_file
from pipeline.source.limits import Limits

_COLUMNS = ("id", "source", "title", "company", "tags")
_LIMITS = Limits(size=50_000_000)
_LONGEST_ID = 200  # characters


@dataclass(frozen=True, slots=True)
class Row:
    """One document of a manifest. ``place`` is where in the manifest it stands, for messages."""

    place: str
    id: str
    source: str
    title: str | None
    company: str | None
    tags: tuple[str, ...]


def read_manifest(path: Path, problems: list[str]) -> list[Row]:
    """The rows of a manifest that are sound; what is wrong with it and with the others is added to ``problems``."""
    try:
        text = read_file(str(path), limits=_LIMITS).decode("utf-8-sig")
    except SourceError as error:
        problems.append(str(error))
        return []
    except UnicodeDecodeError:
        problems.append(f"{path}: the manifest is not UTF-8; save it as UTF-8.")
        return []
    before = len(problems)
    rows: list[Row] = []
    for place, fields in MANIFESTS[path.suffix.lower()](str(path), text, problems):
        row = _row(place, fields, problems)
        if row is not None:
            rows.append(row)
    if not rows and len(problems) == before:
        problems.append(f"{path}: the manifest names no document.")
    return rows


def _csv(path: str, text: str, problems: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(lines, [])]
        if not _is_header(path, header, problems):
            return
        for cells in lines:
            place = f"{path}, line {lines.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                problems.append(f"{place}: {len(cells)} cells under {len(header)} columns.")
                continue
            yield place, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        problems.append(f"{path}, line {lines.line_num}: no CSV ({error}).")


def _is_header(path: str, header: list[str], problems: list[str]) -> bool:
    unknown = sorted(set(header) - set(_COLUMNS))
    if unknown:
        problems.append(
            f"{path}, line 1: unknown columns {', '.join(map(repr, unknown))}; known are {', '.join(_COLUMNS)}."
        )
    elif len(set(header)) != len(header):
        problems.append(f"{path}, line 1: a column stands there twice.")
    elif "source" not in header:
        problems.append(f"{path}, line 1: there is no column source.")
    else:
        return True
    return False


def _jsonl(path: str, text: str, problems: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    # By line feeds alone: JSON texts may hold the other line separators of Unicode.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{path}, line {number}"
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            problems.append(f"{place}: no JSON.")
            continue
        if isinstance(fields, dict):
            yield place, fields
        else:
            problems.append(f"{place}: no JSON object.")


def _yaml(path: str, text: str, problems: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    import yaml

    try:
        entries = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}" if mark else path
        problems.append(f"{where}: no YAML ({getattr(error, 'problem', None) or type(error).__name__}).")
        return
    if not isinstance(entries, list):
        problems.append(f"{path}: the manifest is not a list of documents.")
        return
    for number, fields in enumerate(entries, start=1):
        place = f"{path}, entry {number}"
        if isinstance(fields, dict):
            yield place, fields
        else:
            problems.append(f"{place}: no mapping of {', '.join(_COLUMNS)}.")


Reader = Callable[[str, str, list[str]], Iterator[tuple[str, dict[str, Any]]]]
MANIFESTS: dict[str, Reader] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".yaml": _yaml,
    ".yml": _yaml,
}


def _row(place: str, fields: dict[str, Any], problems: list[str]) -> Row | None:
    wrong = [f"unknown field {name!r}" for name in fields if name not in _COLUMNS]
    texts: dict[str, str | None] = {}
    for name in ("id", "source", "title", "company"):
        value = fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and name == "id":
            value = str(value)
        if value is not None and not isinstance(value, str):
            wrong.append(f"{name} is no text")
            continue
        texts[name] = " ".join(value.split()) if value and name != "source" else (value or "").strip() or None
    tags = _tags(fields.get("tags"))
    if tags is None:
        wrong.append("tags are no texts")
    source = texts.get("source")
    if not source and "source is no text" not in wrong:
        wrong.append("there is no source")
    id_ = texts.get("id") or source or ""
    if len(id_) > _LONGEST_ID and texts.get("id"):
        wrong.append(f"the id is longer than {_LONGEST_ID} characters")
    if "\0" in f"{id_}{source}":
        wrong.append("a NUL stands in the id or the source")
    if wrong or source is None or tags is None:
        problems.append(f"{place}: {'; '.join(wrong)}.")
        return None
    return Row(place, id_, source, texts["title"] or None, texts["company"] or None, tags)


def _tags(value: object) -> tuple[str, ...] | None:
    if value is None:
        return ()
    tags = value.split(";") if isinstance(value, str) else value
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        return None
    return tuple(tag.strip() for tag in tags if tag.strip())
