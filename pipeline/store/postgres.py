"""The store on a PostgreSQL server, for runs of several machines: the SQL of what every store does.

Each write is a transaction of its own on a connection of a pool, and is done even when whoever waits for it is cancelled; the server
puts commits that come together into one wait for the disk. Locks that end with the process are advisory locks of one more connection,
the session, which also shows that the process is alive. Connections must go to the server itself: a pooler that hands one connection
to many by turns (pgbouncer in transaction mode) breaks these locks.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar

from pipeline.errors import StoreError
from pipeline.exchange import Write as WriteCompletion
from pipeline.settings import Server
from pipeline.store.postgres_schema import SCHEMA, migrate
from pipeline.store.records import (
    CallBegun,
    CallEnded,
    CostRow,
    Item,
    ItemOutcome,
    ItemRow,
    Measured,
    RunRow,
    RunState,
    Spent,
    StoredStage,
    follow,
)

try:
    import psycopg
    from psycopg_pool import AsyncConnectionPool
except ImportError as missing:
    raise StoreError(
        "A store on PostgreSQL needs packages that are not installed; install clausewise[postgres]."
    ) from missing

T = TypeVar("T")

Connection = psycopg.AsyncConnection[Any]
Write = Callable[[Connection], Awaitable[T]]

_CONNECTIONS = 8
_PATIENCE = 15.0  # seconds until a server that cannot be reached is one
_NOT_TOLD = "prompt_tokens IS NULL OR completion_tokens IS NULL"
_SUMS = (
    "count(*), coalesce(sum(prompt_tokens), 0)::bigint, coalesce(sum(cached_tokens), 0)::bigint, "
    "coalesce(sum(completion_tokens), 0)::bigint, coalesce(sum(cost_usd), 0.0), count(*) FILTER (WHERE outcome IS NOT NULL AND cost_usd IS NULL), "
    f"count(*) FILTER (WHERE {_NOT_TOLD}), count(*) FILTER (WHERE outcome IS NULL), "
    f"coalesce(sum(most_tokens) FILTER (WHERE {_NOT_TOLD}), 0)::bigint, coalesce(sum(most_usd) FILTER (WHERE {_NOT_TOLD}), 0.0)"
)
_OUTCOME = "state, reason, kind, source_key, document_key, linked_to, draft_key, errors, warnings, notes"
_ITEM = f"id, source, title, company, tags, {_OUTCOME}"
# Numbered under the lock of the run, so that whoever follows the numbers misses nothing.
_SETTLE = (
    f"UPDATE items SET ({_OUTCOME}, settled) = (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, nextval('endings')) "
    "WHERE run_id = %s AND id = %s"
)
_RUNS = "SELECT id, command, settings, state, reason, created_at, begun_at, ended_at FROM runs"
# Of a run's claims and outcomes one is written at a time: they look at one another's rows.
_RUN_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('clausewise outcomes ' || %s, 0))"
# Of a commit that need not be on disk when it returns, because what is lost of it is done again.
NEED_NOT_LAST = "set_config('synchronous_commit', 'off', true)"
_RUN_KEY = "hashtextextended('clausewise run ' || %s, 0)"


async def configure(connection: Connection) -> None:
    """Set up a new connection: our schema, and a commit that returns when it is on disk."""
    await connection.execute(f"SET search_path TO {SCHEMA}")
    await connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    # The server is to see within a minute that a machine is gone, and let go of its locks.
    for name, value in (("idle", 20), ("interval", 10), ("count", 3)):
        await connection.execute(f"SET tcp_keepalives_{name} TO {value}")
    await connection.commit()


class PostgresStore:
    """A store in a database of a PostgreSQL server, open between ``async with`` and its end.

    With ``shared`` several processes may have a run open at once, as long as none has it for itself. ``holder`` is this process's number,
    under which it holds a lock while it lives. Raises StoreError when the server cannot be reached, read or written.
    """

    def __init__(self, place: Server, *, shared: bool = False) -> None:
        self._place = place
        self._shared = shared
        self.holder = secrets.randbits(62)
        self._writing: set[asyncio.Task[Any]] = set()
        self._held: set[str] = set()
        self._session: Connection | None = None
        self._turn = asyncio.Lock()

    @property
    def name(self) -> str:
        """The server and database, without credentials."""
        return self._place.name

    async def __aenter__(self) -> Self:
        url = self._place.url.get_secret_value()
        self._pool = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=_CONNECTIONS,
            open=False,
            timeout=_PATIENCE,
            configure=configure,
            check=AsyncConnectionPool.check_connection,
            kwargs={"connect_timeout": 10},
        )
        try:
            self._session = await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=10)
            await configure(self._session)
            await migrate(self._session)
            await self._session.execute("SELECT pg_advisory_lock(%s)", (self.holder,))
            await self._pool.open(wait=True, timeout=_PATIENCE)
        except (psycopg.Error, OSError) as error:
            await self.__aexit__(None, None, None)
            raise StoreError(
                f"The store {self.name} cannot be opened ({_told(error)}); see that the server runs and the database is yours."
            ) from error
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writing:
            await asyncio.wait(self._writing)
        with suppress(psycopg.Error):
            await self._pool.close()
        if self._session is not None:
            with suppress(psycopg.Error):
                # The server takes its time to see that a connection is gone.
                await self._session.execute("SELECT pg_advisory_unlock_all()")
                await self._session.close()

    # Stages and replies

    async def load(self, key: str) -> StoredStage | None:
        """The stage under this key, or None."""
        row = await self._one("SELECT answer, record FROM stages WHERE key = %s", key)
        return StoredStage(*row) if row else None

    async def save(self, key: str, stage: str, answer: str, record: str) -> None:
        """Keep a finished stage, and forget the replies of its conversation."""

        async def write(connection: Connection) -> None:
            await connection.execute(
                "INSERT INTO stages (key, stage, answer, record) VALUES (%s, %s, %s, %s) ON CONFLICT (key) DO UPDATE "
                "SET stage = excluded.stage, answer = excluded.answer, record = excluded.record, finished_at = excluded.finished_at",
                (key, stage, answer, record),
            )
            await connection.execute("DELETE FROM replies WHERE key = %s", (key,))

        await self._write(write)

    async def recall(self, request_sha256: str) -> str | None:
        """The completion to this request as JSON, or None."""
        row = await self._one("SELECT completion FROM replies WHERE request_sha256 = %s", request_sha256)
        return row[0] if row else None

    async def remember(self, key: str, request_sha256: str, write: WriteCompletion) -> None:
        """Keep a completion of a conversation that goes on."""
        await self._run(
            "INSERT INTO replies VALUES (%s, %s, %s) ON CONFLICT (request_sha256) DO UPDATE "
            "SET key = excluded.key, completion = excluded.completion",
            request_sha256,
            key,
            write(),
        )

    # The bill

    async def begin_call(self, call: CallBegun) -> int:
        """Note a request before it is sent."""
        row = await self._run(
            "INSERT INTO calls (run_id, item_id, key, request_sha256, kind, model, most_tokens, most_usd) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING number",
            *(call.run_id, call.item_id, call.key, call.request_sha256, call.kind, call.model),
            *(call.most_tokens, call.most_usd),
        )
        return int(row[0])

    async def end_call(self, number: int, ended: CallEnded) -> None:
        """What became of a request."""
        usage = ended.usage
        await self._run(
            "UPDATE calls SET outcome = %s, reason = %s, model = coalesce(%s, model), prompt_tokens = %s, cached_tokens = %s, "
            "completion_tokens = %s, cost_usd = %s, ended = nextval('endings') WHERE number = %s",
            *(ended.outcome, ended.reason, ended.model),
            *(usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens),
            *(ended.cost_usd, number),
        )

    async def spent(self, run_id: str, *, whole: bool = False) -> Spent:
        """What a run has cost since it was begun, or since it was made."""
        since = "" if whole else "AND number >= (SELECT first_call FROM runs WHERE id = run_id)"
        return Spent(*await self._one(f"SELECT {_SUMS} FROM calls WHERE run_id = %s {since}", run_id))

    async def costs(self, run_id: str | None = None) -> list[CostRow]:
        """What calls have cost, by model, stage, prompt and day."""
        rows = await self._all(
            f"SELECT model, kind, to_char(begun_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, {_SUMS} FROM calls "
            "WHERE %s::text IS NULL OR run_id = %s GROUP BY model, kind, day ORDER BY day, model, kind",
            run_id,
            run_id,
        )
        return [
            CostRow(model, kind.partition(".")[0], kind, day, Spent(*sums))
            for model, kind, day, *sums in rows
        ]

    async def measured(self, model: str) -> dict[str, Measured]:
        """What answered calls to a model took so far, by kind."""
        rows = await self._all(
            "SELECT kind, count(*), count(DISTINCT key), avg(completion_tokens)::float, coalesce(stddev_pop(completion_tokens), 0)::float "
            "FROM calls WHERE model = %s AND outcome = 'answered' AND completion_tokens IS NOT NULL GROUP BY kind",
            model,
        )
        return {kind: Measured(*numbers) for kind, *numbers in rows}

    # Runs

    async def open_run(
        self, run_id: str, command: Sequence[str], settings: str, items: Iterable[Item]
    ) -> RunRow:
        """Make a run, or go on with it; gives the run as it was before."""
        await self.hold(run_id)
        listed = list(items)
        told = json.dumps(command)

        async def write(connection: Connection) -> tuple[RunRow | None, RunRow]:
            await connection.execute(_RUN_TURN, (run_id,))
            found = await (await connection.execute(f"{_RUNS} WHERE id = %s", (run_id,))).fetchone()
            before = None if found is None else _run_row(found, {})
            if before is None:
                await connection.execute(
                    "INSERT INTO runs VALUES (%s, %s, %s, 'running', NULL, now(), now(), NULL, "
                    "nextval(pg_get_serial_sequence('calls', 'number')))",
                    (run_id, told, settings),
                )
            else:
                anew = (
                    ", begun_at = now(), first_call = nextval(pg_get_serial_sequence('calls', 'number'))"
                    if before.state == "finished"
                    else ""
                )
                await connection.execute(
                    f"UPDATE runs SET command = %s, settings = %s, state = 'running', reason = NULL, ended_at = NULL{anew} "
                    "WHERE id = %s",
                    (told, settings, run_id),
                )
            await _list_items(connection, run_id, listed)
            rows = await (await connection.execute(f"{_RUNS} WHERE id = %s", (run_id,))).fetchall()
            return before, _run_row(rows[0], {})

        before, now = await self._write(write)
        return before or now

    async def retry_failed(self, run_id: str) -> None:
        """Have the failed items of a run waiting again."""
        await self._run(
            "UPDATE items SET state = 'waiting', reason = NULL, kind = NULL, source_key = NULL, document_key = NULL, "
            "linked_to = NULL WHERE run_id = %s AND state = 'failed'",
            run_id,
        )

    async def close_run(self, run_id: str, state: RunState, reason: str | None) -> None:
        """Say how a run has ended, and let another process work on it."""
        await self._run(
            "UPDATE runs SET state = %s, reason = %s, ended_at = now() WHERE id = %s", state, reason, run_id
        )
        await self.release(run_id)

    async def runs(self) -> list[RunRow]:
        """All runs, the newest first, each with its items counted by state."""
        counts: dict[str, dict[str, int]] = {}
        for run_id, state, count in await self._all(
            "SELECT run_id, state, count(*) FROM items GROUP BY run_id, state"
        ):
            counts.setdefault(run_id, {})[state] = count
        found = await self._all(f"{_RUNS} ORDER BY begun_at DESC, id")
        return [_run_row(values, counts.get(values[0], {})) for values in found]

    async def items(self, run_id: str) -> list[ItemRow]:
        """The items of a run in their order."""
        rows = await self._all(f"SELECT {_ITEM} FROM items WHERE run_id = %s ORDER BY position", run_id)
        return [item_row(values) for values in rows]

    async def claim(self, run_id: str, item_id: str, source_key: str, document_key: str) -> ItemOutcome:
        """Take a document for an item, unless another item of the run has taken the same one."""

        async def write(connection: Connection) -> ItemOutcome:
            await connection.execute(_RUN_TURN, (run_id,))
            # A claim that is lost is made again, and what follows from it is on the disk after it.
            await connection.execute(f"SELECT {NEED_NOT_LAST}")
            # Those that waited for what this item was before have to look for themselves.
            await connection.execute(
                "UPDATE items SET linked_to = NULL WHERE run_id = %s AND linked_to = %s AND state = 'waiting' AND document_key <> %s",
                (run_id, item_id, document_key),
            )
            query = f"SELECT id, {_OUTCOME} FROM items WHERE run_id = %s AND document_key = %s AND linked_to IS NULL AND id <> %s LIMIT 1"
            other = await (await connection.execute(query, (run_id, document_key, item_id))).fetchone()
            found = ItemOutcome("waiting") if other is None else follow(other[0], ItemOutcome(*other[1:]))
            outcome = replace(found, source_key=source_key, document_key=document_key)
            await connection.execute(_SETTLE, (*_values(outcome), run_id, item_id))
            return outcome

        return await self._write(write)

    async def settle(
        self, run_id: str, item_id: str, outcome: ItemOutcome, *, draft: bytes | None = None
    ) -> list[str]:
        """Say where an item stands, together with its draft if it has a new one, and settle those that wait for it."""

        async def write(connection: Connection) -> list[str]:
            if draft is not None:
                await connection.execute(
                    "INSERT INTO drafts (key, draft) VALUES (%s, %s) ON CONFLICT (key) DO UPDATE "
                    "SET draft = excluded.draft, finished_at = excluded.finished_at",
                    (outcome.draft_key, draft),
                )
            await connection.execute(_RUN_TURN, (run_id,))
            await connection.execute(_SETTLE, (*_values(outcome), run_id, item_id))
            if outcome.state not in ("drafted", "failed"):
                return []
            query = "SELECT id, source_key, document_key FROM items WHERE run_id = %s AND linked_to = %s AND state = 'waiting'"
            followers = await (await connection.execute(query, (run_id, item_id))).fetchall()
            for id_, source_key, document_key in followers:
                followed = replace(follow(item_id, outcome), source_key=source_key, document_key=document_key)
                await connection.execute(_SETTLE, (*_values(followed), run_id, id_))
            return [id_ for id_, _, _ in followers]

        return await self._write(write)

    async def has_draft(self, draft_key: str) -> bool:
        """Whether the store holds this draft."""
        return await self._one("SELECT 1 FROM drafts WHERE key = %s", draft_key) is not None

    async def draft(self, draft_key: str) -> bytes | None:
        """A finished draft as it was packed, or None."""
        row = await self._one("SELECT draft FROM drafts WHERE key = %s", draft_key)
        return row[0] if row else None

    async def keep_draft(self, draft_key: str, draft: bytes) -> None:
        """Keep a finished draft, packed, of no run."""

        async def write(connection: Connection) -> None:
            await connection.execute(
                "INSERT INTO drafts (key, draft) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING",
                (draft_key, draft),
            )

        await self._write(write)

    # Locks that end with the process

    async def hold(self, run_id: str) -> None:
        """Hold a run until ``release``. Raises StoreError when another process has it for itself, or any has and this one wants it so."""
        if run_id in self._held:
            return
        how = "pg_try_advisory_lock_shared" if self._shared else "pg_try_advisory_lock"
        if not await self._ask_session(f"SELECT {how}({_RUN_KEY})", run_id):
            raise StoreError(
                f"Another process works on the run {run_id} in {self.name}; wait for its end, or stop it."
            )
        self._held.add(run_id)

    async def release(self, run_id: str) -> None:
        """Let others have a run for themselves."""
        if run_id in self._held:
            self._held.discard(run_id)
            how = "pg_advisory_unlock_shared" if self._shared else "pg_advisory_unlock"
            await self._ask_session(f"SELECT {how}({_RUN_KEY})", run_id)

    async def _ask_session(self, query: str, *values: Any) -> Any:
        assert self._session is not None
        try:
            # One at a time: a cancelled one would leave the connection in the middle of an answer.
            async with self._turn:
                row = await (await self._session.execute(query, values)).fetchone()
        except (psycopg.Error, OSError) as error:
            raise StoreError(f"The store {self.name} cannot be locked ({_told(error)}).") from error
        return None if row is None else row[0]

    # Reading and writing

    async def _one(self, query: str, *values: Any) -> Any:
        rows = await self._all(query, *values)
        return rows[0] if rows else None

    async def _all(self, query: str, *values: Any) -> list[Any]:
        try:
            async with self._pool.connection() as connection:
                return await (await connection.execute(query, clean(values))).fetchall()
        except (psycopg.Error, OSError) as error:
            raise StoreError(f"The store {self.name} cannot be read ({_told(error)}).") from error

    async def _run(self, query: str, *values: Any) -> Any:
        """One statement as a transaction; gives the row that it returns, if any."""

        async def write(connection: Connection) -> Any:
            cursor = await connection.execute(query, clean(values))
            return await cursor.fetchone() if cursor.description else None

        return await self._write(write)

    async def _write(self, write: Write[T]) -> T:
        """All of it in one transaction, which is ended even if whoever waits for it is cancelled."""
        task = asyncio.ensure_future(self._written(write))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return await asyncio.shield(task)

    async def _written(self, write: Write[T]) -> T:
        try:
            async with self._pool.connection() as connection:
                return await write(connection)
        except (psycopg.Error, OSError) as error:
            raise StoreError(f"The store {self.name} cannot be written ({_told(error)}).") from error


def item_row(values: Sequence[Any]) -> ItemRow:
    """An item with its outcome from the columns that are read of it."""
    id_, source, title, company, tags, *outcome = values
    return ItemRow(Item(id_, source, title, company, tuple(json.loads(tags))), ItemOutcome(*outcome))


def _run_row(values: Sequence[Any], items: dict[str, int]) -> RunRow:
    id_, command, settings, state, reason, created_at, begun_at, ended_at = values
    return RunRow(
        id_, tuple(json.loads(command)), settings, state, reason, created_at, begun_at, ended_at, items
    )


async def _list_items(connection: Connection, run_id: str, items: Sequence[Item]) -> None:
    """Make the run's items these. What is told of one, and so what is known of it, is its id's."""
    await connection.execute(
        "DELETE FROM items WHERE run_id = %s AND NOT id = ANY(%s)", (run_id, [item.id for item in items])
    )
    await connection.cursor().executemany(
        "INSERT INTO items (run_id, id, position, source, title, company, tags) VALUES (%s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (run_id, id) DO UPDATE SET position = excluded.position, source = excluded.source, "
        "title = excluded.title, company = excluded.company, tags = excluded.tags",
        [
            clean((run_id, item.id, position, item.source, item.title, item.company, json.dumps(item.tags)))
            for position, item in enumerate(items)
        ],
    )


def _values(outcome: ItemOutcome) -> tuple[Any, ...]:
    return clean([getattr(outcome, name) for name in _OUTCOME.split(", ")])


def clean(values: Iterable[Any]) -> tuple[Any, ...]:
    """What PostgreSQL takes: no NUL in a text."""
    return tuple(
        value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value
        for value in values
    )


def _told(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
