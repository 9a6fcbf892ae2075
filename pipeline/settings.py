"""Settings: one frozen value, read once from the command line and the environment."""

import os
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator

from pipeline.errors import UsageError
from schemas.base import Value

Mode = Literal["json_schema", "tools", "md_json"]

DEFAULT_BASE_URL = "https://api.openai.com/v1"


class Server(Value):
    """A store on a PostgreSQL server, by its URL, whose password is not shown."""

    url: SecretStr

    @property
    def name(self) -> str:
        """The server, its port and the database, without credentials and parameters."""
        parts = urlsplit(self.url.get_secret_value())
        return urlunsplit(("postgresql", parts.netloc.rpartition("@")[2], parts.path, "", ""))

    def __str__(self) -> str:
        return self.name


class Settings(Value):
    """How to reach the model, and how far to go.

    Times are in seconds, windows and answers in tokens, prices in US dollars.
    """

    model: str = Field(default="gpt-5.1", min_length=1)
    base_url: str = DEFAULT_BASE_URL
    api_key: SecretStr = SecretStr("")
    mode: Mode = "json_schema"
    temperature: float | None = Field(default=None, ge=0, le=2)
    seed: int | None = None
    max_output_tokens: int = Field(default=32_000, ge=64)
    context_window: int = Field(default=128_000, ge=1_000)
    deadline: float = Field(
        default=600.0, gt=0, description="Seconds for one call with all its transport retries."
    )
    call_timeout: float = Field(
        default=300.0, gt=0, description="Seconds for one HTTP exchange, first byte to last."
    )
    transport_tries: int = Field(default=5, ge=1, le=20)
    answer_tries: int = Field(
        default=3, ge=1, le=10, description="Answers asked for per stage, the first included."
    )
    max_wait: float = Field(
        default=60.0,
        ge=0,
        description="Longest pause of our own between transport tries, in seconds; one that the endpoint asks for is kept.",
    )
    provider_batch: bool = Field(
        default=False, description="Whether requests go through the provider's batch interface, at its price."
    )
    concurrency: int = Field(default=16, ge=1, le=1_000, description="Requests of a batch in flight at once.")
    requests_per_minute: int | None = Field(default=None, ge=1)
    tokens_per_minute: int | None = Field(default=None, ge=1, description="Prompt and completion together.")
    store: Path | Server = Field(default_factory=lambda: user_data_path("clausewise") / "clausewise.db")

    @field_validator("store", mode="before")
    @classmethod
    def _is_place(cls, value: object) -> object:
        scheme, found, _ = value.partition("://") if isinstance(value, str) else ("", "", "")
        if not found:
            return value
        if scheme not in ("postgresql", "postgres"):
            raise ValueError("must be a file, or an address that begins with postgresql://")
        return Server(url=SecretStr(str(value)))

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        parts = urlsplit(value)
        # Reading the port raises ValueError when it is none.
        if not parts.hostname or parts.port == 0:
            raise ValueError("must name a host")
        return value.rstrip("/")

    @property
    def endpoint(self) -> str:
        """The base URL as it may be shown and kept: without credentials and query."""
        parts = urlsplit(self.base_url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    @property
    def price_share(self) -> float:
        """What is paid of the list price: half in batches. The FAQ on OpenAI's Batch API: each model at a discount of 50 %."""
        return 0.5 if self.provider_batch else 1.0


def read_settings(**given: object) -> Settings:
    """Settings from what was given and, for the rest, from the environment.

    Read from the environment: ``OPENAI_API_KEY``, ``OPENAI_BASE_URL``, ``CLAUSEWISE_MODEL``, ``CLAUSEWISE_STORE``.
    A value of None counts as not given. Raises UsageError in one sentence when a value is out of range.
    """
    env = {
        "api_key": os.environ.get("OPENAI_API_KEY"),
        "base_url": os.environ.get("OPENAI_BASE_URL"),
        "model": os.environ.get("CLAUSEWISE_MODEL"),
        "store": os.environ.get("CLAUSEWISE_STORE"),
    }
    values = {k: v for k, v in env.items() if v} | {k: v for k, v in given.items() if v is not None}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        name = "--timeout" if field in ("call_timeout", "deadline") else "--" + field.replace("_", "-")
        told = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
        # Not «from error»: its text holds the value, which may be an address with a password.
        raise UsageError(f"The setting {name} is wrong: it {told}.") from None
