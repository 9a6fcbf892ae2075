"""Prompts: versioned text files, loaded by name, rendered with values that are never templates themselves."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, UndefinedError, meta

from pipeline.errors import UsageError

_ENVIRONMENT = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)

CURRENT = {
    "system": "system.v1",
    "document": "document.v1",
    "read": "read.v1",
    "consumer": "consumer.v1",
    "legal": "legal.v1",
    "risk": "risk.v1",
    "judge": "judge.v1",
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file: its name with version (``legal.v1``), its text, and the sha256 of the file's bytes."""

    name: str
    text: str
    sha256: str

    def variables(self) -> frozenset[str]:
        """Names that ``render`` needs."""
        return _variables(self.text)

    def render(self, **values: Any) -> str:
        """The text with values filled in. A value is inserted as it is: braces in it stay braces.

        Raises UsageError that lists every missing and every unknown variable at once.
        """
        needed = self.variables()
        missing, unknown = sorted(needed - values.keys()), sorted(values.keys() - needed)
        if missing or unknown:
            raise UsageError(
                f"The prompt {self.name} misses values for {missing} and does not know {unknown}."
            )
        try:
            return _template(self.text).render(values)
        except UndefinedError as error:
            raise UsageError(f"The prompt {self.name} cannot be rendered: {error}.") from error


@lru_cache
def _variables(text: str) -> frozenset[str]:
    return frozenset(meta.find_undeclared_variables(_ENVIRONMENT.parse(text)))


@lru_cache
def _template(text: str) -> Template:
    return _ENVIRONMENT.from_string(text)


@lru_cache
def load_prompt(role: str) -> Prompt:
    """The prompt in use for a role of ``CURRENT``."""
    name = CURRENT[role]
    data = (files("prompts") / f"{name}.md").read_bytes()
    return Prompt(name=name, text=data.decode("utf-8"), sha256=hashlib.sha256(data).hexdigest())
