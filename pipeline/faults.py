"""What went wrong at the endpoint, read from whatever the openai client raised.

Servers agree on the status codes and on little else, so codes are looked at first and wordings second: those
of OpenAI, Azure, Mistral, OpenRouter, vLLM, llama.cpp and Ollama are known. Messages are one sentence. They
never hold the key, and a server's own words only as far as they repeat nothing of the prompt.
"""

import json
import re
import ssl
from typing import Any
from urllib.parse import urlsplit

from pipeline.errors import (
    ContextOverflowError,
    ModelError,
    ModelRefusedError,
    ModelUnreachableError,
    QuotaExhaustedError,
    ReplayMissError,
    UnknownModelError,
    WrongKeyError,
)
from pipeline.retries import ExchangeError, read_retry_after
from pipeline.settings import Settings

_OVERFLOW = re.compile(
    r"context_length_exceeded|exceed_context_size|maximum context length|maximum model length"
    r"|context (length|window|size)|prompt (is )?too long|too many (input )?tokens"
    r"|input (length exceeds|is too long)",
    re.IGNORECASE,
)
_FILTER = re.compile(
    r"content_filter|content_policy|content management policy|responsibleai|safety system", re.IGNORECASE
)
# OpenRouter's status for this is that of a wrong key.
_FLAGGED = re.compile(
    r"requires moderation|(input|prompt|content|request) (was|were|has been) flagged", re.IGNORECASE
)
_QUOTA = re.compile(
    r"insufficient_quota|exceeded your current quota|billing_hard_limit|billing_not_active"
    r"|insufficient (balance|credit|funds)",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model_not_found|model\b.{0,200}\b(does not exist|not found|not a valid|not available)"
    r"|invalid[ _]model|not a valid model|no such model|unknown model",
    re.IGNORECASE | re.DOTALL,
)
_CASSETTE_MISS = (
    "CannotOverwriteExistingCassetteException"  # of vcrpy; openai 3.3 wraps it in a connection error
)
_SHORTEST_KEY = 8  # shorter ones are the placeholders that local servers take, and ordinary words
_TRANSIENT = {408, 409, 425, 429}
_PERMANENT_5XX = {501, 505}
_LONGEST_WORDS = 200  # characters of a server's own message
_ECHO = 24  # a run of so many characters of the prompt is an echo of it


def read_fault(error: BaseException, settings: Settings, prompt: str = "") -> ExchangeError | None:
    """The fault behind an exception of the openai client, or None when it is none of the endpoint's.

    ``prompt`` is what was sent, so that none of it is repeated.
    """
    import openai

    chain = _chain(error)
    for link in chain:
        if type(link).__name__ == _CASSETTE_MISS:
            first = " ".join(str(link).split("\n\n")[0].split())
            return ExchangeError(
                ReplayMissError(f"The recording holds no such exchange: {first}"), "not in the recording"
            )
    scrub(chain, settings)
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        told = f"no whole answer within {settings.call_timeout:g} s"
        return ExchangeError(
            _unreachable(settings, told, "try again, or raise the time-out"), told, transient=True
        )
    if isinstance(error, openai.APIConnectionError):
        return _connection_fault(chain, settings)
    if isinstance(error, openai.APIStatusError):
        return _status_fault(error, settings, prompt)
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError | openai.APIResponseValidationError):
        told = "the body of the answer is not JSON"
        return ExchangeError(
            _unreachable(settings, told, "check that --base-url is an OpenAI-compatible API"),
            told,
            transient=True,
        )
    return None


def not_an_endpoint(settings: Settings) -> ExchangeError:
    """The fault of an address that answers with something else than a completion, a web page for one."""
    told = "the answer is not that of an OpenAI-compatible API"
    return ExchangeError(_unreachable(settings, told, "check --base-url, which often ends in /v1"), told)


def address(settings: Settings) -> str:
    """The endpoint as messages name it: without credentials, path or query."""
    parts = urlsplit(settings.base_url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def is_loopback(settings: Settings) -> bool:
    """Whether the endpoint is on this machine."""
    host = urlsplit(settings.base_url).hostname or ""
    return host in ("localhost", "::1") or re.fullmatch(r"127\.\d+\.\d+\.\d+", host) is not None


def scrub(chain: list[BaseException], settings: Settings) -> None:
    """Take the key out of exceptions that a server made repeat it, for a traceback shows them all."""
    key = settings.api_key.get_secret_value().strip()
    for link in chain:
        if len(key) >= _SHORTEST_KEY and key in f"{link} {vars(link)}":
            link.args = tuple(str(arg).replace(key, "[key]") for arg in link.args)
            for name in ("message", "body", "code", "param", "type"):
                if key in str(getattr(link, name, "")):
                    setattr(link, name, str(getattr(link, name)).replace(key, "[key]"))


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    return chain


def _unreachable(settings: Settings, told: str, advice: str) -> ModelUnreachableError:
    return ModelUnreachableError(f"The endpoint {address(settings)} gave no usable answer: {told}; {advice}.")


def _connection_fault(chain: list[BaseException], settings: Settings) -> ExchangeError:
    names = {type(link).__name__ for link in chain}
    if any(isinstance(link, ssl.SSLCertVerificationError) for link in chain):
        told, advice, transient = (
            "its certificate cannot be verified",
            "check --base-url and the certificates",
            False,
        )
    elif names & {"UnsupportedProtocol", "InvalidURL", "LocalProtocolError"}:
        told, advice, transient = (
            "the request cannot be sent to this address",
            "check --base-url and the key",
            False,
        )
    elif names & {"ConnectError", "ConnectionRefusedError", "gaierror"}:
        told, advice, transient = "no connection", "check --base-url, and that the server is running", True
    else:
        told, advice, transient = "the connection was lost", "try again", True
    return ExchangeError(_unreachable(settings, told, advice), told, transient=transient)


def read_told_fault(error: dict[str, Any], settings: Settings, prompt: str = "") -> ExchangeError:
    """The fault that an error object tells of, where no status code does; read as a 500 when it has no code of its own."""
    code = error.get("code")
    status = code if isinstance(code, int) and 400 <= code < 600 else 500
    return _fault_of(status, code, error.get("type"), error.get("message"), settings, prompt)


def read_line_fault(
    status: int, error: dict[str, Any], settings: Settings, prompt: str = ""
) -> ExchangeError:
    """The fault that a line of a batch's files tells of: the status and the error object of one request."""
    return _fault_of(status, error.get("code"), error.get("type"), error.get("message"), settings, prompt)


def _status_fault(error: Any, settings: Settings, prompt: str) -> ExchangeError:
    body = error.body if isinstance(error.body, dict) else {}
    status = error.response.status_code
    if status == 403 and str(error.body).lstrip().startswith("<"):
        # The page of a firewall, which may dislike the words of one prompt and have nothing against the key.
        told = "HTTP 403, and a web page"
        advice = "check --base-url, and what stands between here and the endpoint"
        return ExchangeError(_unreachable(settings, told, advice), told, refused=True)
    fault = _fault_of(
        status,
        error.code,
        error.type,
        body.get("message"),
        settings,
        prompt,
        error.message,
    )
    if fault.transient:
        fault.retry_after = read_retry_after(
            {name.lower(): value for name, value in error.response.headers.items()}
        )
    return fault


def _fault_of(
    status: int, code: object, kind: object, message: object, settings: Settings, prompt: str, seen: str = ""
) -> ExchangeError:
    told = f"HTTP {status}" + (f" ({code})" if _is_code(code) else "")
    final = _final_error(status, f"{code} {kind} {message} {seen}", told, settings)
    if final is not None:
        return ExchangeError(final, told, refused=True)
    if status in _TRANSIENT or (status >= 500 and status not in _PERMANENT_5XX):
        unreachable = _unreachable(settings, told, "wait a while and try again")
        return ExchangeError(unreachable, told, transient=True, refused=True, limited=status == 429)
    words = _words(message, prompt)
    return ExchangeError(
        ModelError(
            f"The endpoint {address(settings)} rejected the request ({told}{': ' + words if words else ''}); "
            "try another --mode, or leave out the parameter it names."
        ),
        told,
        refused=True,
    )


def _final_error(status: int, seen: str, told: str, settings: Settings) -> ModelError | None:
    """The error of a status that trying again cannot mend, by status code and by what the server said."""
    where = address(settings)
    if status == 402 or _QUOTA.search(seen):
        return QuotaExhaustedError(
            f"The account at {where} has no credit left ({told}); add credit or use another key."
        )
    if status == 403 and _FLAGGED.search(seen):
        return _filtered(settings, told)
    if status in {401, 403}:
        return _wrong_key(settings, told)
    if status == 429:
        # Rate limits speak of tokens too.
        return None
    if status == 413 or _OVERFLOW.search(seen):
        return ContextOverflowError(
            f"The prompt is longer than the window of {settings.model} at {where} ({told}); set "
            "--context-window to the model's real window, or use a model with a longer one."
        )
    if status >= 500:
        return None
    if _FILTER.search(seen) or _FLAGGED.search(seen):
        return _filtered(settings, told)
    if status == 404 or _NO_MODEL.search(seen):
        return _unknown_model(settings, told, seen)
    return None


def _filtered(settings: Settings, told: str) -> ModelRefusedError:
    return ModelRefusedError(
        f"The content filter of {address(settings)} rejected the request ({told}); use another model or endpoint."
    )


def _wrong_key(settings: Settings, told: str) -> WrongKeyError:
    if not settings.api_key.get_secret_value():
        return WrongKeyError(f"The endpoint {address(settings)} asks for a key ({told}); set OPENAI_API_KEY.")
    return WrongKeyError(
        f"The endpoint {address(settings)} did not accept the key ({told}); check OPENAI_API_KEY."
    )


def _unknown_model(settings: Settings, told: str, seen: str) -> UnknownModelError:
    where = address(settings)
    if "model" in seen.lower():
        return UnknownModelError(
            f"The endpoint {where} does not know the model {settings.model} ({told}); check --model, and "
            "clausewise doctor for the models it lists."
        )
    return UnknownModelError(
        f"The endpoint {where} has no such address ({told}); check --base-url, which often ends in /v1."
    )


def _is_code(code: object) -> bool:
    return isinstance(code, str) and re.fullmatch(r"[a-z][a-z0-9_.-]{2,60}", code) is not None


def _words(message: object, prompt: str) -> str:
    """The server's own message on one line, or nothing when it repeats a part of the prompt."""
    if not isinstance(message, str):
        return ""
    words = "".join(c for c in " ".join(message.split())[:_LONGEST_WORDS] if c.isprintable()).rstrip(".")
    sent = " ".join(prompt.split())
    echoed = any(words[at : at + _ECHO] in sent for at in range(max(0, len(words) - _ECHO + 1)))
    return "" if echoed else words
