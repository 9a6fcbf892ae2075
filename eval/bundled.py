"""The bundled policies and their recordings: what the demo, the tests and the evals run on."""

import os
from importlib.resources import files
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.settings import Settings
from pipeline.store.sqlite import IN_MEMORY

NAME = "mistral-2026-04-08"
_FORMS = (".html", ".md")


def policy_path(name: str = NAME) -> Path:
    """A bundled policy: as a captured page where there is one, else as Markdown. Raises UsageError when there is none."""
    folder = Path(str(files("eval"))) / "policies"
    for form in _FORMS:
        if (path := folder / f"{name}{form}").is_file():
            return path
    raise UsageError(f"There is no bundled policy {name}; those there are stand in eval/policies.")


def recording_path(name: str = NAME) -> Path:
    """The recorded exchanges of a policy's three stages."""
    return Path(str(files("cassettes"))) / "eval" / f"{name}.yaml"


def recorded_settings() -> Settings:
    """The settings they were recorded with; the store forgets, so that a replay walks every stage."""
    return Settings.model_validate(
        {
            "model": "answer-desk",
            "base_url": "http://127.0.0.1:8399/v1",
            "api_key": "recorded",
            "store": IN_MEMORY,
            "call_timeout": 7200,
            "deadline": 7200,
        }
    )


def for_recording(settings: Settings) -> Settings:
    """The settings with the endpoint, key and model that OPENAI_BASE_URL, OPENAI_API_KEY and CLAUSEWISE_MODEL name, as far as they do."""
    given = {
        "base_url": os.environ.get("OPENAI_BASE_URL"),
        "api_key": os.environ.get("OPENAI_API_KEY"),
        "model": os.environ.get("CLAUSEWISE_MODEL"),
    }
    return Settings.model_validate(settings.model_dump() | {k: v for k, v in given.items() if v})
