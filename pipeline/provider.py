"""The door to a provider's batches: the files and batches of the OpenAI Batch API, with the same faults and tries as everywhere.

https://platform.openai.com/docs/guides/batch and .../docs/api-reference/batch say what is relied on here: at most 50,000 requests and
200 MB a file, answers within 24 hours or the batch expires with what it has, metadata that is kept with a batch.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from pipeline.errors import ModelError, UnknownModelError
from pipeline.faults import address, read_fault
from pipeline.llm import open_client
from pipeline.retries import TRANSPORT, ExchangeError, Sleep
from pipeline.settings import Settings

if TYPE_CHECKING:
    from openai.types import Batch

T = TypeVar("T")

MOST_REQUESTS = 50_000  # a file
MOST_BYTES = 200_000_000  # a file
ENDED = frozenset({"completed", "failed", "expired", "cancelled"})

_ADDRESS: Literal["/v1/chat/completions"] = "/v1/chat/completions"
_TOKEN = "clausewise_batch"
_RUN = "clausewise_run"
_PAGE = 100
_CLOCKS_APART = 86_400.0  # seconds that the provider's clock may differ from ours
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class ProviderBatch:
    """A batch as the provider tells of it. ``problem`` is the first of the errors that made it fail as a whole."""

    id: str
    status: str
    answered: int
    failed: int
    files: tuple[str, ...]
    problem: dict[str, Any] | None


class Provider:
    """One client, open between ``async with`` and its end. ``sleep`` pauses between tries.

    Everything raises ModelError: WrongKeyError, QuotaExhaustedError, ModelUnreachableError after the last try.
    """

    def __init__(self, settings: Settings, sleep: Sleep) -> None:
        self._settings = settings
        self._sleep = sleep

    async def __aenter__(self) -> Self:
        self._client = open_client(self._settings)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def upload(self, path: Path) -> str:
        """Upload a file of requests; gives its id."""

        async def send() -> str:
            with path.open("rb") as file:
                return (await self._client.files.create(file=(path.name, file), purpose="batch")).id

        try:
            return await self._try(send)
        except UnknownModelError as error:
            raise ModelError(
                f"The endpoint {address(self._settings)} takes no files for batches; leave out --provider-batch."
            ) from error

    async def submit(self, file_id: str, run_id: str, token: str, since: float) -> ProviderBatch:
        """Make a batch of an uploaded file. It is made once, even if the answer to the request for it is lost.

        ``token`` marks it, and ``since`` is a time (seconds since 1970) before which no batch had this mark.
        """
        sent = False

        async def send() -> ProviderBatch:
            nonlocal sent
            found = await self._look_for(token, since) if sent else None
            if found is not None:
                return found
            sent = True
            made = await self._client.batches.create(
                input_file_id=file_id,
                endpoint=_ADDRESS,
                completion_window="24h",
                metadata={_RUN: run_id, _TOKEN: token},
            )
            return _read(made)

        return await self._try(send)

    async def find(self, token: str, since: float) -> ProviderBatch | None:
        """The batch with this mark, or None."""
        return await self._try(lambda: self._look_for(token, since))

    async def retrieve(self, batch_id: str) -> ProviderBatch:
        """A batch as it is now."""

        async def send() -> ProviderBatch:
            return _read(await self._client.batches.retrieve(batch_id))

        try:
            return await self._try(send)
        except UnknownModelError as error:
            raise ModelError(
                f"The endpoint {address(self._settings)} does not know the batch {batch_id}; use a key of the project that it was "
                "submitted with."
            ) from error

    async def download(self, file_id: str, path: Path) -> bool:
        """Write a file's content to a path. False when the provider does not have it any more."""

        async def send() -> None:
            async with self._client.files.with_streaming_response.content(file_id) as response:
                with path.open("wb") as file:
                    async for chunk in response.iter_bytes(_CHUNK):
                        file.write(chunk)

        try:
            await self._try(send)
        except UnknownModelError:
            return False
        return True

    async def _look_for(self, token: str, since: float) -> ProviderBatch | None:
        async for batch in self._client.batches.list(limit=_PAGE):
            if (batch.metadata or {}).get(_TOKEN) == token:
                return _read(batch)
            # The newest come first.
            if batch.created_at < since - _CLOCKS_APART:
                return None
        return None

    async def _try(self, send: Callable[[], Awaitable[T]]) -> T:
        import httpx2

        async def once() -> T:
            try:
                return await send()
            except Exception as error:
                told: BaseException = error
                if isinstance(error, httpx2.TransportError):
                    # The client translates what happens before the body; a body that is streamed breaks off as it is.
                    told = _broken_off(error)
                fault = read_fault(told, self._settings)
                if fault is None:
                    raise
                raise fault from error

        try:
            return await TRANSPORT.for_call(self._settings, self._sleep)(once)
        except ExchangeError as fault:
            raise fault.error from fault.__cause__


def _broken_off(error: Any) -> BaseException:
    import openai

    broken = openai.APIConnectionError(request=error.request)
    broken.__cause__ = error
    return broken


def _read(batch: "Batch") -> ProviderBatch:
    counts = batch.request_counts
    errors = (batch.errors.data if batch.errors else None) or []
    return ProviderBatch(
        id=batch.id,
        status=batch.status,
        answered=counts.completed if counts else 0,
        failed=counts.failed if counts else 0,
        files=tuple(file for file in (batch.output_file_id, batch.error_file_id) if file),
        problem={"code": errors[0].code, "message": errors[0].message} if errors else None,
    )
