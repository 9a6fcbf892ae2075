"""The door to the model: the only module that talks to an endpoint.

    ask -> instructor -> _complete -> _exchange -> openai client -> HTTP
           (asks again)  (tries again) (one request)

instructor is given ``_complete`` as its create function, so each layer has its own budget:
``settings.answer_tries`` answers, and for each of them ``settings.transport_tries`` exchanges within
``settings.deadline``. No context is ever passed to instructor, for with one it would render the messages as
Jinja templates and a policy could delete its own clauses.

Three things can be put into a door, and each is a Protocol of ``pipeline.exchange``: a gate, which every request
passes and which hears what became of it (limits, budgets, bills); replies, which hold earlier completions, so that a
conversation that was broken off goes on without paying for its beginning again; and an exchange, which stands in the
place of the HTTP client.
"""

import asyncio
import copy
import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache, partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, Self, TypeVar, cast, get_args

from pydantic import BaseModel

from pipeline.answers import Trial, judged, shortened
from pipeline.completions import (
    error_of,
    fault_of,
    finish_reason_of,
    is_completion,
    message_of,
    model_of,
    readable,
    usage_of,
)
from pipeline.errors import (
    AnswerInvalidError,
    AskedToWaitError,
    ContextOverflowError,
    ModelError,
    ModelRefusedError,
    ModelTruncatedError,
    ModelUnreachableError,
    QuotaExhaustedError,
    WrongKeyError,
)
from pipeline.exchange import (
    Asking,
    Exchange,
    Gate,
    Heard,
    OpenGate,
    Permit,
    Replies,
    estimate_request,
    restored,
    write_completion,
)
from pipeline.faults import address, is_loopback, not_an_endpoint, read_fault, read_told_fault
from pipeline.retries import INVALID_ANSWER, TRANSPORT, ExchangeError, Sleep
from pipeline.settings import DEFAULT_BASE_URL, Mode, Settings
from pipeline.strict_schema import strict_schema
from schemas.base import Answer
from schemas.draft import Attempt, Usage

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

T = TypeVar("T", bound=BaseModel)
Outcome = Literal["accepted", "asked_again", "kept", "transport", "failed"]

_CONNECT_WITHIN = 10.0  # seconds
_LIST_WITHIN = 30.0  # seconds
_PROBE_WITHIN = 60.0  # seconds
_NOTHING = Usage(prompt_tokens=0, cached_tokens=0, completion_tokens=0)


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """An answer that fits its schema, what is still wrong with it, and every attempt it took.

    ``problems`` is empty unless the tries were spent. ``models`` are those that answered, as they named
    themselves.
    """

    answer: T
    problems: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """What an endpoint can do.

    ``models`` is None when it does not list them; ``modes`` gives for each None (works) or why not.
    """

    models: tuple[str, ...] | None
    modes: dict[Mode, str | None]


class Asker(Protocol):
    """Whoever answers questions: a door, or what stands in its place."""

    async def ask(
        self,
        *,
        system: str,
        user: str,
        answer: type[T],
        check: Callable[[T], list[str]],
        on_attempt: Callable[[Attempt], None] | None = None,
        key: str = "",
        kind: str = "",
    ) -> Reply[T]:
        """See ``Door.ask``."""
        ...


class Door:
    """One client for one event loop, open between ``async with`` and its end.

    ``sleep`` pauses between transport tries; tests hand in one that does not. ``gate``, ``replies`` and ``exchange``: see above;
    with an exchange no client is opened and no key is needed.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        sleep: Sleep = asyncio.sleep,
        gate: Gate | None = None,
        replies: Replies | None = None,
        exchange: Exchange | None = None,
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._gate: Gate = gate or OpenGate()
        self._replies = replies
        self._exchange_with = exchange
        self._shared = _Shared()

    def behind(self, gate: Gate) -> Self:
        """The same door, client and all, whose requests pass this gate: one document's, say. It lives as long as this one."""
        other = copy.copy(self)
        other._gate = gate
        return other

    async def __aenter__(self) -> Self:
        # instructor logs failed answers and their errors, and with them the text of documents.
        logging.getLogger("instructor").setLevel(logging.CRITICAL)
        if self._exchange_with is None:
            self._shared.opened = open_client(self._settings)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shared.opened is not None:
            await self._shared.opened.close()
            self._shared.opened = None

    async def ask(
        self,
        *,
        system: str,
        user: str,
        answer: type[T],
        check: Callable[[T], list[str]],
        on_attempt: Callable[[Attempt], None] | None = None,
        key: str = "",
        kind: str = "",
    ) -> Reply[T]:
        """An answer that fits ``answer`` and ``check``; one that does not is sent back with what is wrong.

        ``check`` gives the problems of an answer as sentences, for the model to read. ``on_attempt`` hears of
        each request as its outcome is known, but of none that the replies remember. ``key`` is a digest of all that determines the
        question, under which the replies keep a conversation; without one nothing is remembered. ``kind`` names the question to the gate. When the tries are spent, or asking again is not possible (with the
        earlier answer the conversation may be longer than the window), the answer with the fewest problems of
        those that fit the schema is returned with them. Raises a ModelError, with ``attempts``, when there is no
        such answer or the endpoint fails.
        """
        call = _Call(system + "\n" + user, Trial(answer, check), on_attempt, key, kind)
        failure = await self._converse(call, system, user)
        trial = call.trial
        if trial.accepted is not None:
            call.settle("accepted", None)
            return call.reply(trial.accepted, ())
        if (
            isinstance(failure, ModelTruncatedError | ModelRefusedError | ContextOverflowError)
            and trial.kept is not None
        ):
            return call.reply(*trial.kept)
        if isinstance(failure, ModelError):
            raise call.told(failure) from failure.__cause__
        if not trial.blames(failure):
            raise failure
        if trial.kept is None:
            call.settle("failed", call.complaint())
            answers = sum(attempt.outcome != "transport" for attempt in call.attempts)
            raise call.told(
                AnswerInvalidError(
                    f"No answer of {self._settings.model} fitted the schema ({answers} tried); "
                    "try another --mode or another model."
                )
            )
        # The one that came last, or one before it, which has been settled as asked again.
        call.settle("kept" if trial.kept[1] is trial.problems else "failed", call.complaint())
        return call.reply(*trial.kept)

    async def probe(self) -> Probe:
        """Which models the endpoint lists, and in which modes the model answers.

        Raises ModelError when nothing can work: no connection, a wrong key, no credit.
        """
        models = await self._list_models()
        modes: dict[Mode, str | None] = {}
        for mode in get_args(Mode):
            update = {
                "mode": mode,
                # The second is for servers that know the older name of the token limit alone.
                "transport_tries": 2,
                "answer_tries": 2,
                "call_timeout": min(_PROBE_WITHIN, self._settings.call_timeout),
            }
            try:
                async with Door(self._settings.model_copy(update=update), sleep=self._sleep) as door:
                    reply = await door.ask(
                        system="You answer in JSON.",
                        user="Answer with the word clausewise and the number 7.",
                        answer=Sample,
                        check=lambda sample: [] if sample.number == 7 else ["number: must be 7."],
                    )
                modes[mode] = (
                    None
                    if not reply.problems
                    else "the answer has the right form, but not what was asked for"
                )
            except (WrongKeyError, QuotaExhaustedError):
                raise
            except ModelError as error:
                modes[mode] = str(error)
        return Probe(models, modes)

    @property
    def _client(self) -> "AsyncOpenAI":
        if self._shared.opened is None:
            raise RuntimeError("the door is not open: use it within «async with»")
        return self._shared.opened

    async def _converse(self, call: "_Call[T]", system: str, user: str) -> BaseException:
        """Let instructor ask until the trial has accepted an answer; gives what ended it otherwise."""
        import instructor
        from instructor.core.exceptions import InstructorRetryException

        settings = self._settings
        create = instructor.patch(
            create=partial(self._complete, call), mode=instructor.Mode[settings.mode.upper()]
        )
        chosen = {"temperature": settings.temperature, "seed": settings.seed}
        with call.trial.open():
            try:
                await cast(Any, create)(
                    response_model=judged(call.trial.answer),
                    max_retries=INVALID_ANSWER.for_call(settings, self._sleep),
                    model=settings.model,
                    messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
                    **{name: value for name, value in chosen.items() if value is not None},
                )
            except InstructorRetryException as error:
                # Its text repeats every answer; what it wraps is ours.
                return error.__cause__ or error
        return AssertionError("instructor returned without an accepted answer")

    async def _complete(self, call: "_Call[T]", **request: Any) -> "ChatCompletion":
        """One answer, with as many exchanges as it takes: the create function that instructor calls."""
        call.settle("asked_again", call.complaint())
        if call.came is not None and self._replies is not None:
            # From here on the answer before this one is a part of the question.
            await self._replies.remember(call.key, *call.came)
            call.came = None
        self._make_strict(request, call.trial.answer)
        deadline = self._settings.deadline
        began = time.monotonic()
        call.held = 0.0
        try:
            async with asyncio.timeout(deadline) as call.timeout:
                return await TRANSPORT.for_call(self._settings, self._sleep)(self._exchange, call, request)
        except ExchangeError as fault:
            left = deadline - (time.monotonic() - began - call.held)
            if fault.transient and fault.retry_after is not None and fault.retry_after > left:
                raise AskedToWaitError(
                    f"The endpoint {address(self._settings)} asks to wait {fault.retry_after:g} s "
                    f"({fault.reason}), which is beyond the deadline of {deadline:g} s; try again later."
                ) from fault.__cause__
            raise fault.error from fault.__cause__
        except TimeoutError as error:
            last = f" (last: {call.attempts[-1].reason})" if call.attempts else ""
            raise ModelUnreachableError(
                f"The endpoint {address(self._settings)} gave no usable answer within the deadline of "
                f"{deadline:g} s{last}; try again later."
            ) from error

    async def _exchange(self, call: "_Call[T]", request: dict[str, Any]) -> "ChatCompletion":
        """One request and its answer.

        Raises ExchangeError when there is none, a ModelError when there is one that ends the matter.
        """
        digest = _request_sha256(call.key, request)
        if self._replies is not None and call.key:
            kept = await self._replies.recall(digest)
            if kept is not None:
                call.began = time.monotonic()
                return self._look_at(call, restored(kept), recalled=True)
        completion = await self._send(call, digest, request)
        if self._replies is not None and call.key and is_completion(completion):
            # Written before instructor puts a running sum in the place of the tokens used.
            call.came = digest, partial(write_completion, completion, usage_of(completion))
        return self._look_at(call, completion)

    async def _send(self, call: "_Call[T]", digest: str, request: dict[str, Any]) -> Any:
        """Pass the gate, send the request, and tell the gate what became of it."""
        permit = await self._pass(call, digest, request)
        limit = self._shared.limit_name
        headers: dict[str, str] = {}
        token = _HEADERS.set(headers)
        heard = Heard("lost", headers, Usage())
        call.began = time.monotonic()
        try:
            async with asyncio.timeout(self._settings.call_timeout):
                completion = await self._create(digest, request | {limit: self._settings.max_output_tokens})
            heard = self._heard(completion, headers, call.prompt)
            return completion
        except asyncio.CancelledError:
            call.note("failed", "cut off")
            heard = Heard("cut off", headers, Usage())
            raise
        except Exception as error:
            fault = read_fault(error, self._settings, call.prompt)
            if fault is None:
                raise
            fault.held = call.held
            if limit == "max_completion_tokens" and limit in str(error):
                # The older name of the same limit, which some servers alone accept.
                self._shared.limit_name = "max_tokens"
                fault.transient = True
            usage = _NOTHING if fault.refused else Usage()
            call.note("transport" if fault.transient else "failed", fault.reason, usage)
            heard = Heard(
                "refused" if fault.refused else "lost",
                headers,
                usage,
                reason=fault.reason,
                limited=fault.limited,
                retry_after=fault.retry_after,
            )
            raise fault from error
        finally:
            _HEADERS.reset(token)
            await permit.heard(heard)

    def _heard(self, completion: Any, headers: Mapping[str, str], prompt: str) -> Heard:
        """What a gate hears of an exchange that brought something: a web page and an error with the status 200 are no answers."""
        if not is_completion(completion):
            return Heard("lost", headers, Usage(), reason=not_an_endpoint(self._settings).reason)
        usage, told = usage_of(completion), error_of(completion)
        if told is None:
            return Heard("answered", headers, usage, model=model_of(completion))
        fault = read_told_fault(told, self._settings, prompt)
        return Heard("lost", headers, usage, reason=fault.reason, limited=fault.limited)

    async def _pass(self, call: "_Call[T]", digest: str, request: dict[str, Any]) -> Permit:
        """Wait at the gate. What is waited there is not the endpoint's time: the deadline is moved by as much."""
        began = time.monotonic()
        timeout, due = call.timeout, call.timeout.when() if call.timeout else None
        if timeout is not None:
            timeout.reschedule(None)
        least, most = self._estimate(call.trial.answer, request)
        permit = await self._gate.enter(
            Asking(
                key=call.key,
                request_sha256=digest,
                kind=call.kind,
                model=self._settings.model,
                prompt_tokens=least,
                most_prompt_tokens=most,
                most_completion_tokens=self._settings.max_output_tokens,
                messages=request["messages"],
            )
        )
        held = time.monotonic() - began
        call.held += held
        if timeout is not None and due is not None:
            timeout.reschedule(due + held)
        return permit

    def _estimate(self, answer: type[BaseModel], request: Mapping[str, Any]) -> tuple[int, int]:
        """As estimate_request; but what holds the schema of an answer is the same in each request, and long."""
        forms = self._shared.forms
        if answer not in forms:
            forms[answer] = estimate_request({**request, "messages": ()})
        least, most = estimate_request({"messages": request["messages"]})
        return forms[answer][0] + least, forms[answer][1] + most

    async def _create(self, digest: str, request: dict[str, Any]) -> Any:
        if self._exchange_with is not None:
            return await self._exchange_with(digest, request)
        from openai.types.chat import ChatCompletion

        # As the client's own create, but for a walk through every field of the body by its types, which takes a third of the call.
        body = {name: request[name] for name in sorted(request, key=_place_in_body)}
        return await self._client.post("/chat/completions", body=body, cast_to=ChatCompletion)

    def _look_at(self, call: "_Call[T]", completion: Any, *, recalled: bool = False) -> "ChatCompletion":
        """The completion as instructor may read it; what it would overlook is told to the trial."""
        if not is_completion(completion):
            fault = not_an_endpoint(self._settings)
            call.note("failed", fault.reason)
            raise fault
        told = error_of(completion)
        if told is not None:
            fault = read_told_fault(told, self._settings, call.prompt)
            call.note("transport" if fault.transient else "failed", fault.reason, usage_of(completion))
            raise fault
        call.answered(model_of(completion), usage_of(completion), recalled=recalled)
        message = message_of(completion)
        if finish_reason_of(completion) == "length":
            call.settle("failed", "cut off at the token limit")
            raise ModelTruncatedError(
                f"The answer of {self._settings.model} was cut off at its token limit; raise "
                f"--max-output-tokens (now {self._settings.max_output_tokens}) or use another model."
            )
        if message.refusal or finish_reason_of(completion) == "content_filter":
            by = "model" if message.refusal else "content filter"
            call.settle("failed", f"refused by the {by}")
            raise ModelRefusedError(
                f"The {by} at {address(self._settings)} declined to answer; use another model or endpoint."
            )
        tool = call.trial.answer.__name__ if self._settings.mode == "tools" else None
        call.trial.expect(fault_of(message, tool))
        return readable(completion)

    def _make_strict(self, request: dict[str, Any], answer: type[BaseModel]) -> None:
        """Ask for the schema to be kept to the letter, which instructor does not."""
        if self._settings.mode == "json_schema":
            schema = {"name": answer.__name__, "strict": True, "schema": _strict_schema(answer)}
            request["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif self._settings.mode == "tools":
            function = request["tools"][0]["function"] | {
                "strict": True,
                "parameters": _strict_schema(answer),
            }
            request["tools"] = [{"type": "function", "function": function}]

    async def _list_models(self) -> tuple[str, ...] | None:
        try:
            async with asyncio.timeout(_LIST_WITHIN):
                page = await self._client.models.list()
            return tuple(model.id for model in page.data)
        except Exception as error:
            fault = read_fault(error, self._settings)
            if fault is not None and fault.transient and not fault.refused:
                raise fault.error from error
            # Many servers have no such list, and some keys may not read it.
            return None


def open_client(settings: Settings) -> "AsyncOpenAI":
    """The openai client of an endpoint, whose own retries are off. Raises WrongKeyError when there is no key that could be one."""
    import openai

    key = settings.api_key.get_secret_value().strip()
    if not (key.isascii() and key.isprintable()):
        raise WrongKeyError("The key holds characters that no key has; check OPENAI_API_KEY.")
    if not key and settings.base_url == DEFAULT_BASE_URL:
        raise WrongKeyError(
            f"The endpoint {address(settings)} asks for a key; set OPENAI_API_KEY, or name another endpoint with --base-url."
        )
    within = settings.call_timeout
    return openai.AsyncOpenAI(
        # Local servers ask for no key, but the client insists on one.
        api_key=key or "none",
        base_url=settings.base_url,
        max_retries=0,
        timeout=openai.Timeout(within, connect=min(_CONNECT_WITHIN, within)),
        # A proxy of the environment leads to the world; a server on this machine is not behind it.
        http_client=openai.DefaultAsyncHttpxClient(
            trust_env=not is_loopback(settings), event_hooks={"response": [_hear_headers]}
        ),
    )


@lru_cache(maxsize=16)
def _strict_schema(answer: type[BaseModel]) -> dict[str, Any]:
    return strict_schema(answer)


class Sample(Answer):
    """A tiny answer, to see whether a mode works."""

    word: Literal["clausewise"]
    number: int


_HEADERS: ContextVar[dict[str, str]] = ContextVar("headers")


async def _hear_headers(response: Any) -> None:
    """Keep a response's headers, in lower case, for the request under way; a hook of the HTTP client."""
    heard = _HEADERS.get(None)
    if heard is not None:
        heard.update((name.lower(), value) for name, value in response.headers.items())


def _place_in_body(name: str) -> tuple[bool, bool, str]:
    """The order in which the client writes the fields of a body: messages, model, and the rest by name."""
    return name != "messages", name != "model", name


def _request_sha256(key: str, request: Mapping[str, Any]) -> str:
    """Digest of a request by the key of its question and what was said since."""
    said = [str(message) for message in request["messages"][2:]]
    return hashlib.sha256("\n".join((key, *said)).encode("utf-8", "surrogatepass")).hexdigest()


class _Shared:
    """What the doors of one client share: the client, the name of the token limit that the server knows, and the tokens of what tells it
    the form of an answer, by the answer."""

    def __init__(self) -> None:
        self.opened: AsyncOpenAI | None = None
        self.limit_name = "max_completion_tokens"
        self.forms: dict[type[BaseModel], tuple[int, int]] = {}


class _Call(Generic[T]):
    """One ask under way: its trial, and its attempts in order.

    ``held`` is how long the exchange under way has waited at the gate, in seconds; ``came`` the completion that came last, for the
    replies.
    """

    def __init__(
        self, prompt: str, trial: Trial[T], on_attempt: Callable[[Attempt], None] | None, key: str, kind: str
    ) -> None:
        self.prompt = prompt
        self.trial = trial
        self.key = key
        self.kind = kind or trial.answer.__name__
        self.attempts: list[Attempt] = []
        self.began = 0.0
        self.held = 0.0
        self.timeout: asyncio.Timeout | None = None
        self.came: tuple[str, Callable[[], str]] | None = None
        self._on_attempt = on_attempt
        self._answered: tuple[str | None, Usage, float, bool] | None = None

    def note(self, outcome: Outcome, reason: str | None, usage: Usage | None = None) -> None:
        """Record a request to which no completion came."""
        self._record(outcome, reason, None, usage or Usage(), time.monotonic() - self.began)

    def answered(self, model: str | None, usage: Usage, *, recalled: bool) -> None:
        """A completion came; its outcome is settled when it has been judged."""
        self._answered = model, usage, time.monotonic() - self.began, recalled

    def settle(self, outcome: Outcome, reason: str | None) -> None:
        """Record the completion that came last, if its outcome is still open."""
        if self._answered is not None:
            model, usage, seconds, recalled = self._answered
            self._answered = None
            self._record(outcome, reason, model, usage, seconds, recalled=recalled)

    def complaint(self) -> str:
        """What was wrong with the answer judged last, on one line."""
        return " ".join(shortened(self.trial.problems))

    def reply(self, answer: T, problems: tuple[str, ...]) -> Reply[T]:
        """The reply with all attempts so far."""
        models = tuple(dict.fromkeys(attempt.model for attempt in self.attempts if attempt.model))
        return Reply(answer, problems, tuple(self.attempts), models)

    def told(self, error: ModelError) -> ModelError:
        """The error with all attempts so far."""
        error.attempts = tuple(self.attempts)
        return error

    def _record(
        self,
        outcome: Outcome,
        reason: str | None,
        model: str | None,
        usage: Usage,
        seconds: float,
        *,
        recalled: bool = False,
    ) -> None:
        attempt = Attempt(outcome=outcome, reason=reason, model=model, usage=usage, seconds=round(seconds, 3))
        self.attempts.append(attempt)
        # What the replies remember was told when it came.
        if self._on_attempt is not None and not recalled:
            self._on_attempt(attempt)
