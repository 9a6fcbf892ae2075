"""The bundled policy and its recording: what the demo, the tests and the evals run on."""

from importlib.resources import files
from pathlib import Path

from pipeline.settings import Settings
from pipeline.store.stages import IN_MEMORY

NAME = "mistral-2026-04-08"


def policy_path() -> Path:
    """The bundled policy as a captured page."""
    return Path(str(files("eval"))) / "policies" / f"{NAME}.html"


def recording_path() -> Path:
    """The recorded exchanges of its three stages."""
    return Path(str(files("cassettes"))) / "eval" / f"{NAME}.yaml"


def recorded_settings() -> Settings:
    """The settings it was recorded with; the store forgets, so that a replay walks every stage."""
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
