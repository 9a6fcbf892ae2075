"""Versions of judges: one digest of what decides a judge's verdicts, so that results can say whether the same judge gave them.

It covers the judge's own modules, not those of other judges: a rule that changes makes no new model judge.
"""

import ast
import hashlib
import importlib.util
from functools import lru_cache
from pathlib import Path

from eval.judges.verdict import Judge

_PACKAGE = __package__


def version_of(judge: Judge) -> str:
    """The ``version`` of a judge that has one (a model judge's prompt and model decide too), else the sha256 of its sources."""
    version: str | None = getattr(judge, "version", None)
    return version or sources_sha256(type(judge).__module__)


@lru_cache
def sources_sha256(module: str) -> str:
    """One digest of a module and of those of this package that it imports, directly or through one another, whatever the machine."""
    digest = hashlib.sha256()
    for name, source in sorted(sources_of(module).items()):
        digest.update(f"{name}\0".encode() + source + b"\0")
    return digest.hexdigest()


def sources_of(module: str) -> dict[str, bytes]:
    """The sources of a module and of those of this package that it imports, by their names."""
    found: dict[str, bytes] = {}
    left = [module]
    while left:
        name = left.pop()
        if name in found:
            continue
        found[name] = _path(name).read_bytes().replace(b"\r\n", b"\n")
        for node in ast.walk(ast.parse(found[name])):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{_PACKAGE}."):
                left.append(str(node.module))
    return found


def _path(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"There are no sources of {module}.")
    return Path(spec.origin)
