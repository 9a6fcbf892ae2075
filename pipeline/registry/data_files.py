"""The registries' data files, read as they stand in the package."""

from importlib.resources import files
from typing import Any

import yaml

# The C loader reads the registries some ten times faster; a build of PyYAML without it still works.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

STATUTE_FILES = (
    "statutes-eu.yaml",
    "statutes-france.yaml",
    "statutes-uk.yaml",
    "statutes-us-federal.yaml",
    "statutes-us-states.yaml",
    "statutes-elsewhere.yaml",
)
DATA_FILES = (
    *STATUTE_FILES,
    "gdpr.yaml",
    "topics.yaml",
    "misstatements.yaml",
    "authorities.yaml",
    "decisions.yaml",
    "taxonomy.yaml",
)


def read_bytes(name: str) -> bytes:
    """The bytes of a data file."""
    return (files("pipeline.registry") / "data" / name).read_bytes()


def read_data(name: str) -> Any:
    """A data file as plain lists, dictionaries, strings, numbers and dates."""
    return yaml.load(read_bytes(name), Loader=_LOADER)
