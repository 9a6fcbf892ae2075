"""The store in one SQLite file: all of its SQL, and how it is written to.

Reads run at once; they take microseconds and in WAL mode wait for nobody. Writes go to one thread, which puts all that have piled up
while it was busy into one transaction: a hundred stages that finish together cost one wait for the disk, and the event loop does not
wait for it at all.
"""

import json
import os
import sqlite3
import threading
from asyncio import wrap_future
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.errors import StoreError
from pipeline.exchange import Write as WriteCompletion
from pipeline.store.locks import RunLock
from pipeline.store.migrations import migrate, prove_writable
from pipeline.store.records import (
    AskedBefore,
    AskedLater,
    CallBegun,
    CallEnded,
    CostRow,
    HandedBatch,
    Item,
    ItemOutcome,
    ItemRow,
    LineHeard,
    LineTaken,
    Measured,
    RunRow,
    RunState,
    Spent,
    StoredStage,
    follow,
)

IN_MEMORY = Path(":memory:")

Write = Callable[[sqlite3.Connection], Any]

_SUMS = (
    "count(*), coalesce(sum(prompt_tokens), 0), coalesce(sum(cached_tokens), 0), coalesce(sum(completion_tokens), 0), "
    "coalesce(sum(cost_usd), 0.0), coalesce(sum(outcome IS NOT NULL AND cost_usd IS NULL), 0), "
    "coalesce(sum(prompt_tokens IS NULL OR completion_tokens IS NULL), 0), coalesce(sum(outcome IS NULL), 0), "
    "coalesce(sum(iif(prompt_tokens IS NULL OR completion_tokens IS NULL, most_tokens, 0)), 0), "
    "coalesce(sum(iif(prompt_tokens IS NULL OR completion_tokens IS NULL, most_usd, 0.0)), 0.0)"
)
_SETTLE = (
    "UPDATE items SET (state, reason, kind, source_key, document_key, linked_to, draft_key, errors, warnings, notes) = "
    "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE run_id = ? AND id = ?"
)
_OUTCOME = "state, reason, kind, source_key, document_key, linked_to, draft_key, errors, warnings, notes"


class SqliteStore:
    """A store in one SQLite file; ``IN_MEMORY`` forgets everything at the end.

    Raises StoreError when the file cannot be opened, read or written: at once, before an answer is paid for that it could not keep.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            if path != IN_MEMORY:
                path.parent.mkdir(parents=True, exist_ok=True)
                _refuse_read_only(path)
            self._writer = _opened(path)
            # A connection of its own sees only what is committed, and never waits for the writer.
            self._reader = self._writer if path == IN_MEMORY else _connected(path)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"The store {path} cannot be opened ({error}); name another with --store."
            ) from error
        self._thread = ThreadPoolExecutor(1, "store")
        self._lock = threading.Lock()
        self._waiting: list[tuple[Write, Future[Any]]] = []
        self._draining = False
        self._failed: StoreError | None = None
        self._held: dict[str, RunLock] = {}

    @property
    def name(self) -> str:
        """The file."""
        return str(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        for lock in self._held.values():
            lock.release()
        self._reader.close()
        self._writer.close()

    # Stages and replies

    async def load(self, key: str) -> StoredStage | None:
        """The stage under this key, or None."""
        row = self._one("SELECT answer, record FROM stages WHERE key = ?", key)
        return StoredStage(*row) if row else None

    async def save(self, key: str, stage: str, answer: str, record: str) -> None:
        """Keep a finished stage, and forget the replies of its conversation."""
        values = (key, stage, answer, record, _now())

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO stages (key, stage, answer, record, finished_at) VALUES (?, ?, ?, ?, ?)",
                values,
            )
            connection.execute("DELETE FROM replies WHERE key = ?", (key,))

        await self._write(write)

    async def recall(self, request_sha256: str) -> str | None:
        """The completion to this request as JSON, or None."""
        row = self._one("SELECT completion FROM replies WHERE request_sha256 = ?", request_sha256)
        return row[0] if row else None

    async def remember(self, key: str, request_sha256: str, write: WriteCompletion) -> None:
        """Keep a completion of a conversation that goes on."""
        values = (request_sha256, key, write())
        await self._write(
            lambda connection: connection.execute("INSERT OR REPLACE INTO replies VALUES (?, ?, ?)", values)
        )

    # The bill

    async def begin_call(self, call: CallBegun) -> int:
        """Note a request before it is sent."""
        values = (
            *(call.run_id, call.item_id, call.key, call.request_sha256, call.kind, call.model),
            *(call.most_tokens, call.most_usd, _now()),
        )

        def write(connection: sqlite3.Connection) -> int | None:
            return connection.execute(
                "INSERT INTO calls (run_id, item_id, key, request_sha256, kind, model, most_tokens, most_usd, begun_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            ).lastrowid

        return int(await self._write(write))

    async def end_call(self, number: int, ended: CallEnded) -> None:
        """What became of a request. It is on disk with the next write that is awaited."""
        usage = ended.usage
        values = (
            *(ended.outcome, ended.reason, ended.model),
            *(usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens),
            *(ended.cost_usd, number),
        )
        self._post(
            lambda connection: connection.execute(
                "UPDATE calls SET outcome = ?, reason = ?, model = coalesce(?, model), prompt_tokens = ?, cached_tokens = ?, "
                "completion_tokens = ?, cost_usd = ? WHERE number = ?",
                values,
            )
        )

    async def spent(self, run_id: str, *, whole: bool = False) -> Spent:
        """What a run has cost since it was begun, or since it was made."""
        await self._written()
        since = "" if whole else "AND number >= (SELECT first_call FROM runs WHERE id = ?1)"
        return Spent(*self._one(f"SELECT {_SUMS} FROM calls WHERE run_id = ?1 {since}", run_id))

    async def costs(self, run_id: str | None = None) -> list[CostRow]:
        """What calls have cost, by model, stage, prompt and day."""
        await self._written()
        rows = self._all(
            f"SELECT model, kind, substr(begun_at, 1, 10) AS day, {_SUMS} FROM calls WHERE ?1 IS NULL OR run_id = ?1 "
            "GROUP BY model, kind, day ORDER BY day, model, kind",
            run_id,
        )
        return [
            CostRow(model, kind.partition(".")[0], kind, day, Spent(*sums))
            for model, kind, day, *sums in rows
        ]

    async def measured(self, model: str) -> dict[str, Measured]:
        """What answered calls to a model took so far, by kind."""
        await self._written()
        rows = self._all(
            "SELECT kind, count(*), count(DISTINCT key), avg(completion_tokens), "
            "avg(1.0 * completion_tokens * completion_tokens) - avg(completion_tokens) * avg(completion_tokens) "
            "FROM calls WHERE model = ? AND outcome = 'answered' AND completion_tokens IS NOT NULL GROUP BY kind",
            model,
        )
        return {
            kind: Measured(calls, stages, mean, max(0.0, variance) ** 0.5)
            for kind, calls, stages, mean, variance in rows
        }

    # Runs

    async def open_run(
        self, run_id: str, command: Sequence[str], settings: str, items: Iterable[Item]
    ) -> RunRow:
        """Make a run, or go on with it; gives the run as it was before."""
        if self.path != IN_MEMORY and run_id not in self._held:
            self._held[run_id] = RunLock(self.path, run_id)
        listed = list(items)
        now = _now()

        def write(connection: sqlite3.Connection) -> RunRow | None:
            before = _run_row(connection.execute(f"{_RUNS} WHERE id = ?", (run_id,)).fetchone())
            next_call = "(SELECT coalesce(max(number), 0) + 1 FROM calls)"
            if before is None:
                connection.execute(
                    f"INSERT INTO runs VALUES (?, ?, ?, 'running', NULL, ?, ?, NULL, {next_call})",
                    (run_id, json.dumps(command), settings, now, now),
                )
            else:
                anew = f", begun_at = ?4, first_call = {next_call}" if before.state == "finished" else ""
                connection.execute(
                    f"UPDATE runs SET command = ?2, settings = ?3, state = 'running', reason = NULL, ended_at = NULL{anew} "
                    "WHERE id = ?1",
                    (run_id, json.dumps(command), settings, now)[: 4 if anew else 3],
                )
            _list_items(connection, run_id, listed)
            return before

        before: RunRow | None = await self._write(write)
        return before or RunRow(
            run_id, tuple(command), settings, "running", None, _moment(now), _moment(now), None
        )

    async def retry_failed(self, run_id: str) -> None:
        """Have the failed items of a run waiting again."""
        await self._write(
            lambda connection: connection.execute(
                "UPDATE items SET state = 'waiting', reason = NULL, kind = NULL, source_key = NULL, document_key = NULL, "
                "linked_to = NULL WHERE run_id = ? AND state = 'failed'",
                (run_id,),
            )
        )

    async def close_run(self, run_id: str, state: RunState, reason: str | None) -> None:
        """Say how a run has ended, and let another process work on it."""
        values = (state, reason, _now(), run_id)
        await self._write(
            lambda connection: connection.execute(
                "UPDATE runs SET state = ?, reason = ?, ended_at = ? WHERE id = ?", values
            )
        )
        lock = self._held.pop(run_id, None)
        if lock is not None:
            lock.release()

    async def runs(self) -> list[RunRow]:
        """All runs, the newest first, each with its items counted by state."""
        counts: dict[str, dict[str, int]] = {}
        for run_id, state, count in self._all(
            "SELECT run_id, state, count(*) FROM items GROUP BY run_id, state"
        ):
            counts.setdefault(run_id, {})[state] = count
        found = self._all(f"{_RUNS} ORDER BY begun_at DESC, id")
        return [row for values in found if (row := _run_row(values, counts.get(values[0], {}))) is not None]

    async def items(self, run_id: str) -> list[ItemRow]:
        """The items of a run in their order."""
        rows = self._all(
            f"SELECT id, source, title, company, tags, {_OUTCOME} FROM items WHERE run_id = ? ORDER BY position",
            run_id,
        )
        return [
            ItemRow(Item(id_, source, title, company, tuple(json.loads(tags))), ItemOutcome(*outcome))
            for id_, source, title, company, tags, *outcome in rows
        ]

    async def claim(self, run_id: str, item_id: str, source_key: str, document_key: str) -> ItemOutcome:
        """Take a document for an item, unless another item of the run has taken the same one."""

        def write(connection: sqlite3.Connection) -> ItemOutcome:
            # Those that waited for what this item was before have to look for themselves.
            connection.execute(
                "UPDATE items SET linked_to = NULL WHERE run_id = ? AND linked_to = ? AND state = 'waiting' AND document_key <> ?",
                (run_id, item_id, document_key),
            )
            other = connection.execute(
                f"SELECT id, {_OUTCOME} FROM items WHERE run_id = ? AND document_key = ? AND linked_to IS NULL AND id <> ? LIMIT 1",
                (run_id, document_key, item_id),
            ).fetchone()
            found = ItemOutcome("waiting") if other is None else follow(other[0], ItemOutcome(*other[1:]))
            outcome = replace(found, source_key=source_key, document_key=document_key)
            connection.execute(_SETTLE, (*_values(outcome), run_id, item_id))
            return outcome

        claimed: ItemOutcome = await self._write(write)
        return claimed

    async def settle(
        self, run_id: str, item_id: str, outcome: ItemOutcome, *, draft: bytes | None = None
    ) -> list[str]:
        """Say where an item stands, together with its draft if it has a new one, and settle those that wait for it."""
        values = (*_values(outcome), run_id, item_id)
        kept = None if draft is None else (outcome.draft_key, draft, _now())

        def write(connection: sqlite3.Connection) -> list[str]:
            if kept is not None:
                connection.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?)", kept)
            connection.execute(_SETTLE, values)
            if outcome.state not in ("drafted", "failed"):
                return []
            followers = connection.execute(
                "SELECT id, source_key, document_key FROM items WHERE run_id = ? AND linked_to = ? AND state = 'waiting'",
                (run_id, item_id),
            ).fetchall()
            for id_, source_key, document_key in followers:
                followed = replace(follow(item_id, outcome), source_key=source_key, document_key=document_key)
                connection.execute(_SETTLE, (*_values(followed), run_id, id_))
            return [id_ for id_, _, _ in followers]

        followed: list[str] = await self._write(write)
        return followed

    async def has_draft(self, draft_key: str) -> bool:
        """Whether the store holds this draft."""
        return self._one("SELECT 1 FROM drafts WHERE key = ?", draft_key) is not None

    async def draft(self, draft_key: str) -> bytes | None:
        """A finished draft as it was packed, or None."""
        row = self._one("SELECT draft FROM drafts WHERE key = ?", draft_key)
        return row[0] if row else None

    async def keep_draft(self, draft_key: str, draft: bytes) -> None:
        """Keep a finished draft, packed, of no run."""
        await self._write(
            lambda connection: connection.execute(
                "INSERT OR IGNORE INTO drafts VALUES (?, ?, ?)", (draft_key, draft, _now())
            )
        )

    # Batches of the provider

    async def hand_over(self, run_id: str, token: str, requests: Sequence[AskedLater]) -> int:
        """Note a batch that is about to be submitted; gives its number."""
        now = _now()

        def write(connection: sqlite3.Connection) -> int:
            number = int(
                connection.execute(
                    "SELECT coalesce(max(number), 0) + 1 FROM provider_batches WHERE run_id = ?", (run_id,)
                ).fetchone()[0]
            )
            connection.execute(
                "INSERT INTO provider_batches VALUES (?, ?, ?, NULL, 'submitting', 'submitting', ?, 0, 0, NULL, ?, NULL)",
                (run_id, number, token, len(requests), now),
            )
            connection.executemany(
                "INSERT INTO provider_requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, NULL) "
                "ON CONFLICT (run_id, request_sha256) DO UPDATE SET number = excluded.number, item_id = excluded.item_id",
                [
                    (
                        *(run_id, one.request_sha256, number, one.key, one.item_id, one.kind, one.model),
                        *(one.most_tokens, one.most_usd),
                    )
                    for one in requests
                ],
            )
            return number

        return int(await self._write(write))

    async def note_handed(
        self, run_id: str, number: int, batch_id: str, status: str, answered: int, failed: int
    ) -> None:
        """Note a batch's id and how far it is."""
        values = (batch_id, status, answered, failed, run_id, number)
        await self._write(
            lambda connection: connection.execute(
                "UPDATE provider_batches SET batch_id = ?, state = 'open', status = ?, answered = ?, failed = ? "
                "WHERE run_id = ? AND number = ? AND state <> 'collected'",
                values,
            )
        )

    async def withdraw(self, run_id: str, number: int) -> None:
        """Forget a batch that was never submitted."""
        values = (run_id, number)

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM provider_batches WHERE run_id = ? AND number = ?", values)
            connection.execute(
                "UPDATE provider_requests SET number = NULL WHERE run_id = ? AND number = ?", values
            )

        await self._write(write)

    async def hear_lines(self, run_id: str, number: int, lines: Sequence[LineHeard]) -> list[LineTaken]:
        """Take in lines of a batch's files, all or none."""

        def write(connection: sqlite3.Connection) -> list[LineTaken]:
            return _take_lines(connection, run_id, number, lines)

        taken: list[LineTaken] = await self._write(write)
        return taken

    async def end_handed(
        self, run_id: str, number: int, status: str, reason: str | None, missing: LineHeard
    ) -> list[LineTaken]:
        """Say that all of a batch has been taken in, and what became of requests of which no line came."""
        now = _now()

        def write(connection: sqlite3.Connection) -> list[LineTaken]:
            left = connection.execute(
                "SELECT request_sha256 FROM provider_requests WHERE run_id = ? AND number = ?",
                (run_id, number),
            ).fetchall()
            lines = [replace(missing, request_sha256=digest) for (digest,) in left]
            taken = _take_lines(connection, run_id, number, lines)
            connection.execute(
                "UPDATE provider_batches SET state = 'collected', status = ?, reason = ?, ended_at = ? WHERE run_id = ? AND number = ?",
                (status, reason, now, run_id, number),
            )
            return taken

        taken: list[LineTaken] = await self._write(write)
        return taken

    async def handed(self, run_id: str) -> list[HandedBatch]:
        """The batches of a run in order."""
        rows = self._all(
            "SELECT number, token, batch_id, state, status, requests, answered, failed, reason, submitted_at, ended_at "
            "FROM provider_batches WHERE run_id = ? ORDER BY number",
            run_id,
        )
        return [
            replace(
                HandedBatch(*row),
                submitted_at=_moment(row[9]),
                ended_at=_moment(row[10]) if row[10] else None,
            )
            for row in rows
        ]

    async def asked_before(self, run_id: str) -> dict[str, AskedBefore]:
        """The requests of a run that have no answer yet."""
        rows = self._all(
            "SELECT request_sha256, number IS NOT NULL, tries, final, fault FROM provider_requests WHERE run_id = ?",
            run_id,
        )
        return {
            digest: AskedBefore(bool(flying), tries, bool(final), fault)
            for digest, flying, tries, final, fault in rows
        }

    async def most_in_flight(self, run_id: str) -> tuple[int, float]:
        """Tokens and US dollars that the requests in flight can take at the most."""
        tokens, usd = self._one(
            "SELECT coalesce(sum(most_tokens), 0), coalesce(sum(most_usd), 0.0) FROM provider_requests "
            "WHERE run_id = ? AND number IS NOT NULL",
            run_id,
        )
        return tokens, usd

    async def forget_faults(self, run_id: str) -> None:
        """Have requests that came back without an answer, and conversations of failed items, tried as if for the first time."""

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM provider_requests WHERE run_id = ? AND number IS NULL", (run_id,))
            # Their last answers are in the store too, and would fail again.
            connection.execute(
                "DELETE FROM replies WHERE key IN (SELECT calls.key FROM calls JOIN items ON items.run_id = calls.run_id "
                "AND items.id = calls.item_id WHERE calls.run_id = ? AND items.state = 'failed')",
                (run_id,),
            )

        await self._write(write)

    # Reading and writing

    def _one(self, query: str, *values: Any) -> Any:
        try:
            return self._reader.execute(query, values).fetchone()
        except sqlite3.Error as error:
            raise StoreError(f"The store {self.path} cannot be read ({error}).") from error

    def _all(self, query: str, *values: Any) -> list[Any]:
        try:
            return self._reader.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"The store {self.path} cannot be read ({error}).") from error

    async def _write(self, write: Write) -> Any:
        return await wrap_future(self._post(write))

    async def _written(self) -> None:
        """Wait for what was posted."""
        await self._write(lambda connection: None)

    def _post(self, write: Write) -> Future[Any]:
        """Have this written after all that was posted before. Nobody need wait; a failure is raised to whoever writes next."""
        if self._failed is not None:
            raise self._failed
        future: Future[Any] = Future()
        # From here on it is written, even if whoever waits for it is cancelled.
        future.set_running_or_notify_cancel()
        with self._lock:
            self._waiting.append((write, future))
            if self._draining:
                return future
            self._draining = True
        self._thread.submit(self._drain)
        return future

    def _drain(self) -> None:
        while True:
            with self._lock:
                group, self._waiting = self._waiting, []
                if not group:
                    self._draining = False
                    return
            try:
                results = self._commit([write for write, _ in group])
            except Exception as error:
                failed = StoreError(f"The store {self.path} cannot be written ({error}).")
                failed.__cause__ = error
                self._failed = failed
                for _, future in group:
                    future.set_exception(failed)
            else:
                for (_, future), result in zip(group, results, strict=True):
                    future.set_result(result)

    def _commit(self, writes: Sequence[Write]) -> list[Any]:
        """All of these in one transaction."""
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            results = [write(self._writer) for write in writes]
            self._writer.execute("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise
        return results


_RUNS = "SELECT id, command, settings, state, reason, created_at, begun_at, ended_at FROM runs"


def _run_row(values: Any, items: dict[str, int] | None = None) -> RunRow | None:
    if values is None:
        return None
    id_, command, settings, state, reason, created_at, begun_at, ended_at = values
    return RunRow(
        id_,
        tuple(json.loads(command)),
        settings,
        state,
        reason,
        _moment(created_at),
        _moment(begun_at),
        _moment(ended_at) if ended_at else None,
        items or {},
    )


def _list_items(connection: sqlite3.Connection, run_id: str, items: Sequence[Item]) -> None:
    """Make the run's items these. What is told of one, and so what is known of it, is its id's."""
    known = {row[0] for row in connection.execute("SELECT id FROM items WHERE run_id = ?", (run_id,))}
    gone = known - {item.id for item in items}
    connection.executemany("DELETE FROM items WHERE run_id = ? AND id = ?", [(run_id, id_) for id_ in gone])
    connection.executemany(
        f"INSERT INTO items (run_id, id, position, source, title, company, tags, {_OUTCOME}) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0) "
        "ON CONFLICT (run_id, id) DO UPDATE SET position = excluded.position, source = excluded.source, "
        "title = excluded.title, company = excluded.company, tags = excluded.tags",
        [
            (run_id, item.id, position, item.source, item.title, item.company, json.dumps(item.tags))
            for position, item in enumerate(items)
        ],
    )


def _take_lines(
    connection: sqlite3.Connection, run_id: str, number: int, lines: Sequence[LineHeard]
) -> list[LineTaken]:
    """Keep the replies of a batch's lines and put them on the bill; the rest goes back to be tried again."""
    submitted = connection.execute(
        "SELECT submitted_at FROM provider_batches WHERE run_id = ? AND number = ?", (run_id, number)
    ).fetchone()[0]
    taken = []
    for line in lines:
        place = (run_id, line.request_sha256)
        asked = connection.execute(
            "SELECT item_id, key, kind, model, most_tokens, most_usd FROM provider_requests "
            "WHERE run_id = ? AND request_sha256 = ? AND number = ?",
            (*place, number),
        ).fetchone()
        if asked is None:
            continue
        item_id, key, kind, model, most_tokens, most_usd = asked
        ended, usage = line.ended, line.ended.usage
        connection.execute(
            "INSERT INTO calls (run_id, item_id, key, request_sha256, kind, model, begun_at, outcome, most_tokens, most_usd, reason, "
            "prompt_tokens, cached_tokens, completion_tokens, cost_usd) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(run_id, item_id, key, line.request_sha256, kind, ended.model or model, submitted),
                *(ended.outcome, most_tokens, most_usd, ended.reason),
                *(usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens, ended.cost_usd),
            ),
        )
        if line.completion is None:
            connection.execute(
                "UPDATE provider_requests SET number = NULL, tries = tries + ?, final = ?, fault = ? "
                "WHERE run_id = ? AND request_sha256 = ?",
                (line.counts, line.final, line.fault, *place),
            )
        else:
            connection.execute(
                "INSERT OR REPLACE INTO replies VALUES (?, ?, ?)", (line.request_sha256, key, line.completion)
            )
            connection.execute("DELETE FROM provider_requests WHERE run_id = ? AND request_sha256 = ?", place)
        taken.append(LineTaken(item_id, kind, ended))
    return taken


def _values(outcome: ItemOutcome) -> tuple[Any, ...]:
    return tuple(getattr(outcome, name) for name in _OUTCOME.split(", "))


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _refuse_read_only(path: Path) -> None:
    # SQLite would open it for reading, and leave files beside it that its owner cannot write to.
    effective = os.access in os.supports_effective_ids
    if path.exists() and not os.access(path, os.W_OK, effective_ids=effective):
        raise PermissionError("it is read-only")


def _connected(path: Path) -> sqlite3.Connection:
    # The writer's thread and this one take turns; SQLite itself is built to be used by both.
    return sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)


def _opened(path: Path) -> sqlite3.Connection:
    connection = _connected(path)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        migrate(connection)
        prove_writable(connection)
    except BaseException:
        connection.close()
        raise
    return connection
