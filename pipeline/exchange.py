"""What can be put into the door to the model: gates, replies, and an exchange in the place of the HTTP client.

Each is a Protocol, so that a batch in one process, one over many machines and one through files (a provider's batch interface)
differ in what they put in and in nothing else.
"""

import json
import math
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pipeline.prices import estimate_tokens
from schemas.draft import Usage

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

# A tokenizer never makes more tokens than there are bytes. Of the texts that were measured none took more than 1.6 times its
# estimate (see estimate_tokens), and chat templates add a few tokens a message.
_MOST = 1.6
_PER_MESSAGE = 16


@dataclass(frozen=True, slots=True)
class Asking:
    """A request about to be sent.

    ``key`` is the digest of its question (a stage's key), ``request_sha256`` that of the question and what was said since, ``kind`` the
    prompt with its version, or the name of the answer that is asked for. ``prompt_tokens`` is the estimate, ``most_prompt_tokens`` what it will hardly pass,
    ``most_completion_tokens`` what the answer is limited to.
    """

    key: str
    request_sha256: str
    kind: str
    model: str
    prompt_tokens: int
    most_prompt_tokens: int
    most_completion_tokens: int
    messages: Sequence[Mapping[str, Any]] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a request.

    ``outcome``: a completion was ``answered``, good or bad; the endpoint ``refused`` it with an error status, and no token was used;
    no whole answer came and it is ``lost``; or it was ``cut off`` by ourselves. ``headers`` have lower-case names. In ``usage``, None is
    unknown: a lost request may have been paid for. ``limited`` is whether it was a rate limit (429), ``retry_after`` the pause asked for
    in seconds.
    """

    outcome: Literal["answered", "refused", "lost", "cut off"]
    headers: Mapping[str, str]
    usage: Usage
    model: str | None = None
    reason: str | None = None
    limited: bool = False
    retry_after: float | None = None


class Permit(Protocol):
    """Leave to send one request."""

    async def heard(self, heard: Heard) -> None:
        """What became of it; called exactly once."""
        ...


class Gate(Protocol):
    """What every request passes before it is sent."""

    async def enter(self, asking: Asking) -> Permit:
        """Wait until the request may be sent. Raises NotSentError when it may not."""
        ...


class Replies(Protocol):
    """Completions of conversations that are not over, by the digest of their request."""

    async def recall(self, request_sha256: str) -> str | None:
        """The completion to this request as JSON, or None."""
        ...

    async def remember(self, key: str, request_sha256: str, write: "Write") -> None:
        """Keep the completion that ``write`` gives as JSON; ``key`` is that of the question."""
        ...


class Write(Protocol):
    """Gives a completion as JSON."""

    def __call__(self) -> str:
        """The JSON."""
        ...


class Exchange(Protocol):
    """What stands in the place of the HTTP client."""

    async def __call__(self, request_sha256: str, request: Mapping[str, Any]) -> Any:
        """The completion to the body of a request. Raises whatever the openai client would, or a ModelError of its own."""
        ...


class OpenGate:
    """A gate that holds nothing back."""

    async def enter(self, asking: Asking) -> Permit:
        """Go on."""
        return self

    async def heard(self, heard: Heard) -> None:
        """Nothing to do."""


class Gates:
    """Gates one after another. One that refuses makes those before it hear that the request was never sent."""

    def __init__(self, *gates: Gate) -> None:
        self._gates = gates

    async def enter(self, asking: Asking) -> Permit:
        """Wait at each gate in order."""
        permits: list[Permit] = []
        try:
            for gate in self._gates:
                permits.append(await gate.enter(asking))
        except BaseException:
            for permit in reversed(permits):
                await permit.heard(NOT_SENT)
            raise
        return _Permits(tuple(reversed(permits)))


class _Permits:
    def __init__(self, permits: tuple[Permit, ...]) -> None:
        self._permits = permits

    async def heard(self, heard: Heard) -> None:
        # All hear it, also when one of them fails at it.
        async with AsyncExitStack() as stack:
            for permit in reversed(self._permits):
                stack.push_async_callback(permit.heard, heard)


NOT_SENT = Heard(
    "refused", {}, Usage(prompt_tokens=0, cached_tokens=0, completion_tokens=0), reason="not sent"
)


def estimate_request(request: Mapping[str, Any]) -> tuple[int, int]:
    """Tokens of a request's prompt: about how many, and how many it will hardly pass."""
    texts = [_text_of(message) for message in request["messages"]]
    form = {name: request[name] for name in ("response_format", "tools") if name in request}
    about, most = (0, 0) if not form else _estimate_form(json.dumps(form, sort_keys=True))
    for text in texts:
        guess = estimate_tokens(text)
        about += guess
        most += min(math.ceil(_MOST * guess), len(text.encode("utf-8", "surrogatepass"))) + _PER_MESSAGE
    return about, most


@lru_cache(maxsize=64)
def _estimate_form(form: str) -> tuple[int, int]:
    return estimate_tokens(form), len(form)


def _text_of(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    calls = message.get("tool_calls")
    return content + json.dumps(calls, default=str) if calls else str(content)


def write_completion(completion: "ChatCompletion", usage: Usage) -> str:
    """A completion as JSON, with the tokens that it used itself."""
    whole = completion.model_dump(mode="json", exclude={"usage"}, warnings=False)
    if usage.prompt_tokens is not None and usage.completion_tokens is not None:
        whole["usage"] = {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "total_tokens": usage.prompt_tokens + usage.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        }
    # ASCII alone: an answer may hold halves of characters, which no store takes.
    return json.dumps(whole)


def restored(completion: str) -> "ChatCompletion":
    """A completion read from its JSON, as leniently as the client reads one."""
    from openai.types.chat import ChatCompletion

    return ChatCompletion.construct(**json.loads(completion))
