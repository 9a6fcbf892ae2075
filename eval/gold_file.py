"""A gold file as data, with the line of every place in it.

YAML as people trip over it is refused instead of guessed at: a key given twice (of which loaders keep the last), aliases and tags.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

Place = tuple[str | int, ...]

# The C loader reads a gold file some ten times faster; a build of PyYAML without it still works.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Gold nests seven deep. Loaders recurse, and the C loader dies of text that nests without end.
_DEEPEST = 30


class Problem(NamedTuple):
    """Something wrong at a place of a gold file. ``message`` is one sentence."""

    place: Place
    message: str


class GoldFile(NamedTuple):
    """What a gold file holds. ``data`` is None when the file could not be read; ``lines`` count from 1."""

    data: Any
    lines: dict[Place, int]
    problems: tuple[Problem, ...]


def read_gold_file(path: Path) -> GoldFile:
    """The data of a YAML file; what is wrong with the file is among the problems, nothing is raised."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        return _unread(f"the file cannot be read ({error.strerror}); give the path of a gold file.")
    except UnicodeDecodeError:
        return _unread("the file is not UTF-8; save it as UTF-8.")
    try:
        if refused := _refused_form(text):
            return refused
        root = yaml.compose(text, Loader=_LOADER)
        if root is None:
            return _unread("the file is empty; eval/gold/README.md says how to begin one.")
        data = yaml.SafeLoader("").construct_document(root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        said = (error.problem or "it is not YAML").split("\n")[0]
        return _unread(
            f"this is not YAML ({said}); quote texts that hold a colon or begin with a sign.", line
        )
    except yaml.YAMLError:
        return _unread("this is not YAML text; remove characters that cannot be printed.")
    except ValueError as error:
        return _unread(f"a value cannot be read ({error}); put it in quotes.")
    lines: dict[Place, int] = {}
    problems = []
    for place, line in _walk(root, ()):
        if place in lines:
            told = f"the key {str(place[-1])!r} is given twice; keep one (line {line})."
            problems.append(Problem(place, told))
        lines.setdefault(place, line)
    return GoldFile(data, lines, tuple(problems))


def line_of(place: Place, lines: dict[Place, int]) -> int:
    """The line of a place, or of what it stands in when it is not in the file itself."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def tell(problem: Problem, name: str, lines: dict[Place, int]) -> str:
    """A problem on one line: the file's name, the line, the place and the sentence."""
    shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in problem.place)[:200]
    where = f"{name}:{line_of(problem.place, lines)}:"
    return f"{where} {shown.removeprefix('.')}: {problem.message}" if shown else f"{where} {problem.message}"


def _unread(message: str, line: int = 1) -> GoldFile:
    return GoldFile(None, {(): line}, (Problem((), message),))


def _refused_form(text: str) -> GoldFile | None:
    """What stands in the way of composing the text safely, seen event by event; None for nothing."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            return _unread("an alias (*) stands here; write out what it stands for, or quote the text.", line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            return _unread("the file nests too deeply to be read; it is no gold file.", line)
    return None


def _walk(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    """Every place below a node with its line: a key's own, or that of a list's entry. A key given twice comes twice, what
    stands below it once."""
    if isinstance(node, yaml.MappingNode):
        given: set[Place] = set()
        for key, value in node.value:
            inner = (*place, str(key.value))
            yield inner, key.start_mark.line + 1
            if inner not in given:
                yield from _walk(value, inner)
            given.add(inner)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*place, index), value.start_mark.line + 1
            yield from _walk(value, (*place, index))
