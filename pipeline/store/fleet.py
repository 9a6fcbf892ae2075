"""What several machines that work on one run share, beside the store itself: the order, the bytes of its sources, the pace, the budget.

The pace is kept as the time at which the next request may be sent, and the next token: each request takes its turn and puts that time
later, in one statement on one row, whoever sends it. A run's budget is one row too; what requests in flight may take is reserved under
the number of the process that sends them, which holds a lock while it lives.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.settings import Server
from pipeline.store.postgres import NEED_NOT_LAST, Connection, PostgresStore, clean, item_row
from pipeline.store.records import CallEnded, ItemRow, Spent
from schemas.draft import Usage

_SHARE = 0.985  # of a limit that is used: what is between us and the endpoint comes in bunches
_SLOWER = 0.85  # of the rate, after a 429
_FASTER = 0.005  # of the rate, each second without one
_SLOWEST = 0.05
_LONGEST_PAUSE = 60.0  # without Retry-After, in seconds
_SPAN = 10  # seconds over which requests are counted, for a guess at a limit that nobody tells

# A limit that was guessed doubles each minute without a 429, so that it is found out when it is higher.
_LIMIT_OF_REQUESTS = (
    "least(%(requests)s::float, told_requests, guessed * power(2, least(30, (now - paced_at) / 60)))"
)
_LIMIT_OF_TOKENS = "least(%(tokens)s::float, told_tokens)"
_PACE = f"least(1, pace + {_FASTER} * greatest(0, now - greatest(paced_at, resume_at)))"
_NOW = (
    "WITH seen AS (SELECT *, extract(epoch FROM clock_timestamp())::float AS now FROM paces WHERE endpoint = %(endpoint)s FOR UPDATE), "
    f"known AS (SELECT *, {_LIMIT_OF_REQUESTS} AS limit_of_requests, {_LIMIT_OF_TOKENS} AS limit_of_tokens, {_PACE} AS own_pace FROM seen)"
)
_TAKE_TURN = (
    f"{_NOW}, turn AS (SELECT *, greatest(requests_at, now, resume_at) AS of_requests, greatest(tokens_at, now, resume_at) AS of_tokens, "
    f"floor(now / {_SPAN})::bigint AS span FROM known) "
    "UPDATE paces SET "
    f"requests_at = coalesce(turn.of_requests + 60 / (limit_of_requests * {_SHARE} * own_pace), 0), "
    f"tokens_at = coalesce(turn.of_tokens + %(needs)s::float * 60 / (limit_of_tokens * {_SHARE} * own_pace), 0), "
    "sent = CASE WHEN paces.minute = span THEN paces.sent + 1 ELSE 1 END, "
    "sent_before = CASE WHEN paces.minute = span THEN paces.sent_before WHEN paces.minute = span - 1 THEN paces.sent ELSE 0 END, "
    "minute = span "
    "FROM turn WHERE paces.endpoint = turn.endpoint "
    "RETURNING greatest(turn.of_requests, turn.of_tokens) - now, paces.pauses, now, "
    f"(SELECT state FROM runs WHERE id = %(run_id)s), {NEED_NOT_LAST}"
)
_HEAR = (
    f"{_NOW}, heard AS (SELECT *, %(limited)s AND %(sent_at)s::float > paused_at AS first, "
    f"least({_LONGEST_PAUSE}, CASE WHEN pause > 0 THEN 2 * pause ELSE 1 END) AS own_pause FROM known), "
    "held AS (SELECT *, CASE WHEN %(limited)s THEN now + coalesce(%(retry_after)s::float, CASE WHEN first THEN own_pause ELSE pause END) "
    "ELSE now + coalesce(%(wait)s::float, 0) END AS until FROM heard) "
    "UPDATE paces SET "
    "told_requests = least(paces.told_requests, %(told_requests)s::float), told_tokens = least(paces.told_tokens, %(told_tokens)s::float), "
    "guessed = CASE WHEN first AND %(requests)s IS NULL AND least(paces.told_requests, %(told_requests)s::float) IS NULL "
    f"THEN greatest(1, coalesce(limit_of_requests, {60 // _SPAN} * greatest(paces.sent, paces.sent_before)) * {_SLOWER}) "
    "ELSE paces.guessed END, "
    f"pace = CASE WHEN first THEN greatest({_SLOWEST}, own_pace * {_SLOWER}) ELSE paces.pace END, "
    "paced_at = CASE WHEN first THEN now ELSE paces.paced_at END, "
    "paused_at = CASE WHEN first THEN now ELSE paces.paused_at END, "
    "pause = CASE WHEN first THEN own_pause WHEN %(answered)s THEN 0 ELSE paces.pause END, "
    "pauses = paces.pauses + CASE WHEN %(limited)s AND until > paces.resume_at THEN 1 ELSE 0 END, "
    "resume_at = greatest(paces.resume_at, until), "
    # What was saved up, or waits for its turn, belongs to the time before a pause.
    "requests_at = CASE WHEN %(limited)s AND until > paces.resume_at THEN until ELSE paces.requests_at END, "
    "tokens_at = CASE WHEN %(limited)s AND until > paces.resume_at THEN until "
    f"ELSE coalesce(paces.tokens_at + %(corrected)s::float * 60 / (limit_of_tokens * {_SHARE} * own_pace), paces.tokens_at) END "
    "FROM held WHERE paces.endpoint = held.endpoint "
    f"RETURNING %(limited)s AND until > held.resume_at AND first, until - now, {NEED_NOT_LAST}"
)

_RESERVE = (
    "WITH kept AS (UPDATE budgets SET tokens = tokens + %(tokens)s, usd = usd + %(usd)s WHERE run_id = %(run_id)s "
    "AND (max_tokens IS NULL OR tokens + %(tokens)s <= max_tokens) AND (max_usd IS NULL OR usd + %(usd)s <= max_usd) RETURNING run_id) "
    "INSERT INTO reservations (run_id, holder, tokens, usd) SELECT run_id, %(holder)s, %(tokens)s, %(usd)s FROM kept RETURNING id, "
    # The call is noted on the disk after it and before it is sent, and what was written before that with it.
    f"{NEED_NOT_LAST}"
)
_ALIVE = (
    "SELECT (l.classid::bigint << 32) | l.objid::bigint FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
    "WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted"
)


@dataclass(frozen=True, slots=True)
class Turn:
    """When a request may be sent: after so many seconds. ``pauses`` tells whether there was a pause since, ``state`` is the run's."""

    wait: float
    pauses: int
    at: float
    state: str


@dataclass(frozen=True, slots=True)
class Pace:
    """Whose pace it is, an endpoint's for a model, and the limits of whoever asks, where there are any."""

    endpoint: str
    requests: int | None
    tokens: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """What an endpoint's answer says to the pace.

    ``corrected`` tokens were taken more than expected; the limits that were told; seconds to ``wait`` because something is used up; and of
    a request of ``sent_at`` whether it was ``limited`` and the pause that was asked for.
    """

    answered: bool
    corrected: float
    told_requests: int | None
    told_tokens: int | None
    wait: float | None
    limited: bool
    retry_after: float | None
    sent_at: float


@dataclass(frozen=True, slots=True)
class BudgetLeft:
    """What a run may take and what it has taken, with what is reserved; ``open`` says that some of that may yet come back."""

    max_tokens: int | None
    max_usd: float | None
    tokens: int
    usd: float
    open: bool


@dataclass(frozen=True, slots=True)
class Order:
    """A run as a worker sees it: its state, what it asks with (JSON), and what else was ordered (JSON)."""

    state: str
    settings: str
    told: str


@dataclass(frozen=True, slots=True)
class Gift:
    """An item's source for the workers: the bytes of a file with their digest, or an address, which has none."""

    item_id: str
    place: str
    sha256: str | None
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Given:
    """An item for a worker, with the bytes of its file; an address has none."""

    row: ItemRow
    place: str
    sha256: str | None
    data: bytes | None


class FleetStore(PostgresStore):
    """A store that processes share, with what they share beside it."""

    def __init__(self, place: Server) -> None:
        super().__init__(place, shared=True)

    # The order

    async def give(self, run_id: str, gifts: Sequence[Gift]) -> None:
        """Give the workers sources of items: the bytes of a file with their digest, or an address."""
        packed = [(gift.sha256, zlib.compress(gift.data, level=1)) for gift in gifts if gift.data is not None]
        named = [clean((run_id, gift.item_id, gift.place, gift.sha256)) for gift in gifts]

        async def write(connection: Connection) -> None:
            await connection.execute(_SOURCES_SHARED)
            cursor = connection.cursor()
            # In one order for all, so that no two wait for each other.
            await cursor.executemany(
                "INSERT INTO sources VALUES (%s, %s) ON CONFLICT DO NOTHING", sorted(packed)
            )
            await cursor.executemany(
                "INSERT INTO given VALUES (%s, %s, %s, %s) ON CONFLICT (run_id, item_id) DO UPDATE "
                "SET place = excluded.place, sha256 = excluded.sha256",
                named,
            )

        await self._write(write)

    async def has_source(self, run_id: str, item_id: str, place: str, sha256: str) -> bool:
        """Whether these bytes are already given for this item."""
        query = "SELECT 1 FROM given JOIN sources USING (sha256) WHERE run_id = %s AND item_id = %s AND place = %s AND sha256 = %s"
        return await self._one(query, run_id, item_id, place, sha256) is not None

    async def order(self, run_id: str, told: str) -> None:
        """Say what workers have to know of a run beside its settings."""
        await self._run(
            "INSERT INTO orders VALUES (%s, %s, NULL) ON CONFLICT (run_id) DO UPDATE SET told = excluded.told, stopped_by = NULL",
            run_id,
            told,
        )

    async def redo(self, run_id: str, item_ids: Sequence[str]) -> None:
        """Have these items waiting: their source or the settings have changed."""
        await self._run(
            "UPDATE items SET state = 'waiting', reason = NULL, kind = NULL, source_key = NULL, document_key = NULL, linked_to = NULL "
            "WHERE run_id = %s AND id = ANY(%s)",
            run_id,
            list(item_ids),
        )

    async def ordered(self, run_id: str) -> Order | None:
        """A run that was ordered, or None."""
        row = await self._one(
            "SELECT state, settings, told FROM runs JOIN orders ON run_id = id WHERE id = %s", run_id
        )
        return Order(*row) if row else None

    async def given(self, run_id: str, item_id: str) -> Given | None:
        """An item with its source, or None when it is not in the run."""
        row = await self._one(
            "SELECT i.id, i.source, i.title, i.company, i.tags, i.state, i.reason, i.kind, i.source_key, i.document_key, i.linked_to, "
            "i.draft_key, i.errors, i.warnings, i.notes, h.place, h.sha256, s.data FROM items i "
            "JOIN given h ON h.run_id = i.run_id AND h.item_id = i.id LEFT JOIN sources s ON s.sha256 = h.sha256 "
            "WHERE i.run_id = %s AND i.id = %s",
            run_id,
            item_id,
        )
        if row is None:
            return None
        *item, place, sha256, data = row
        return Given(item_row(item), place, sha256, None if data is None else zlib.decompress(data))

    async def run_state(self, run_id: str) -> tuple[str, str | None, str | None]:
        """The state of a run, the reason, and the class of the error that stopped it."""
        row = await self._one(
            "SELECT state, reason, stopped_by FROM runs JOIN orders ON run_id = id WHERE id = %s", run_id
        )
        state, reason, stopped_by = row or ("stopped", "it was never ordered", None)
        return state, reason, stopped_by

    async def stop_run(self, run_id: str, reason: str, stopped_by: str | None) -> bool:
        """Stop a run for all workers; gives whether it was running. The first reason stays."""
        row = await self._run(
            "WITH stopped AS (UPDATE runs SET state = 'stopped', reason = %s, ended_at = now() WHERE id = %s AND state = 'running' "
            "AND EXISTS (SELECT 1 FROM orders WHERE run_id = runs.id) RETURNING id) UPDATE orders SET stopped_by = %s FROM stopped WHERE run_id = id RETURNING run_id",
            reason,
            run_id,
            stopped_by,
        )
        return row is not None

    async def finish_run(self, run_id: str) -> bool:
        """Call a run finished when nothing of it waits, and let go of the bytes that no other run needs."""

        async def write(connection: Connection) -> bool:
            done = await connection.execute(
                "UPDATE runs SET state = 'finished', ended_at = now() WHERE id = %s AND state = 'running' "
                "AND NOT EXISTS (SELECT 1 FROM items WHERE run_id = runs.id AND state = 'waiting')",
                (run_id,),
            )
            if not done.rowcount:
                return False
            await connection.execute(_SOURCES_ALONE)
            await connection.execute(
                "DELETE FROM sources s USING given h WHERE h.run_id = %s AND h.sha256 = s.sha256 AND NOT EXISTS ("
                "SELECT 1 FROM given o LEFT JOIN runs r ON r.id = o.run_id "
                "WHERE o.sha256 = s.sha256 AND o.run_id <> h.run_id AND r.state IS DISTINCT FROM 'finished')",
                (run_id,),
            )
            return True

        return await self._write(write)

    async def settled_since(self, run_id: str, number: int) -> tuple[list[ItemRow], int]:
        """The items of a run that have got an outcome since, and the number to go on from."""
        rows = await self._all(
            "SELECT id, source, title, company, tags, state, reason, kind, source_key, document_key, linked_to, draft_key, errors, "
            "warnings, notes, settled FROM items WHERE run_id = %s AND settled > %s ORDER BY settled LIMIT 1000",
            run_id,
            number,
        )
        return [item_row(row[:-1]) for row in rows], max((row[-1] for row in rows), default=number)

    async def ended_since(self, run_id: str, number: int) -> list[tuple[int, str, str, CallEnded]]:
        """The calls of a run that have ended since, each with its number in that order, its item and its kind."""
        rows = await self._all(
            "SELECT ended, item_id, kind, outcome, reason, model, prompt_tokens, cached_tokens, completion_tokens, cost_usd "
            "FROM calls WHERE run_id = %s AND ended > %s ORDER BY ended LIMIT 5000",
            run_id,
            number,
        )
        return [
            (
                ended,
                item,
                kind,
                CallEnded(
                    outcome,
                    reason,
                    model,
                    Usage(prompt_tokens=prompt, cached_tokens=cached, completion_tokens=completion),
                    cost,
                ),
            )
            for ended, item, kind, outcome, reason, model, prompt, cached, completion, cost in rows
        ]

    async def last_ending(self) -> int:
        """The number that the next outcome, or end of a call, will be greater than."""
        row = await self._run("SELECT nextval('endings')")
        return int(row[0])

    # One worker at a time has an item

    async def hold_item(self, run_id: str, item_id: str) -> bool:
        """Hold an item while this process lives, or until ``release_item``; gives whether nobody else does."""
        return bool(await self._ask_session(f"SELECT pg_try_advisory_lock({_ITEM_KEY})", run_id, item_id))

    async def release_item(self, run_id: str, item_id: str) -> None:
        """Let others have an item."""
        await self._ask_session(f"SELECT pg_advisory_unlock({_ITEM_KEY})", run_id, item_id)

    # The pace

    async def open_pace(self, pace: Pace) -> None:
        """Begin to keep the pace of an endpoint, unless that is done."""
        await self._run("INSERT INTO paces (endpoint) VALUES (%s) ON CONFLICT DO NOTHING", pace.endpoint)

    async def take_turn(self, pace: Pace, run_id: str, needs: float) -> Turn:
        """Take the next turn for a request that needs so many tokens."""
        wait, pauses, at, state, _ = await self._run_named(
            _TAKE_TURN,
            endpoint=pace.endpoint,
            requests=pace.requests,
            tokens=pace.tokens,
            needs=needs,
            run_id=run_id,
        )
        return Turn(max(0.0, float(wait)), int(pauses), float(at), str(state))

    async def pauses(self, pace: Pace) -> int:
        """How many pauses there were."""
        return int((await self._one("SELECT pauses FROM paces WHERE endpoint = %s", pace.endpoint))[0])

    async def hear(self, pace: Pace, said: Said) -> float | None:
        """Let the pace hear what an answer says; gives the seconds of a pause that it has begun, for all."""
        begun, seconds, _ = await self._run_named(
            _HEAR,
            endpoint=pace.endpoint,
            requests=pace.requests,
            tokens=pace.tokens,
            answered=said.answered,
            corrected=said.corrected,
            told_requests=said.told_requests,
            told_tokens=said.told_tokens,
            wait=said.wait,
            limited=said.limited,
            retry_after=said.retry_after,
            sent_at=said.sent_at,
        )
        return float(seconds) if begun else None

    # The budget

    async def open_budget(
        self, run_id: str, max_tokens: int | None, max_usd: float | None, spent: Spent, *, anew: bool
    ) -> None:
        """Give a run its limits. What was spent is at least ``spent``, and nothing else when the run begins ``anew``."""

        async def write(connection: Connection) -> None:
            if anew:
                await connection.execute("DELETE FROM budgets WHERE run_id = %s", (run_id,))
            # What those who are gone had reserved stays spent: nobody knows what their requests took.
            await connection.execute(
                f"DELETE FROM reservations WHERE run_id = %s AND holder NOT IN ({_ALIVE})", (run_id,)
            )
            await connection.execute(
                "INSERT INTO budgets VALUES (%s, %s, %s, %s, %s) ON CONFLICT (run_id) DO UPDATE "
                "SET max_tokens = excluded.max_tokens, max_usd = excluded.max_usd, "
                # One process may have gone on with the run since, and kept a budget of its own.
                "tokens = greatest(budgets.tokens, excluded.tokens), usd = greatest(budgets.usd, excluded.usd)",
                (
                    *(run_id, max_tokens, max_usd),
                    *(spent.tokens + spent.unknown_tokens, spent.cost_usd + spent.unknown_usd),
                ),
            )

        await self._write(write)

    async def reserve(self, run_id: str, tokens: int, usd: float) -> int | None:
        """Reserve what a request can take at the most; gives the reservation, or None when it does not fit."""
        row = await self._run_named(_RESERVE, run_id=run_id, holder=self.holder, tokens=tokens, usd=usd)
        return None if row is None else int(row[0])

    async def budget_left(self, run_id: str) -> BudgetLeft:
        """What a run may take and has taken."""
        row = await self._one(
            f"SELECT max_tokens, max_usd, tokens, usd, EXISTS (SELECT 1 FROM reservations r WHERE r.run_id = b.run_id "
            f"AND r.holder IN ({_ALIVE})) FROM budgets b WHERE run_id = %s",
            run_id,
        )
        return BudgetLeft(*row)

    async def settle_reservation(self, reservation: int, took: tuple[int, float | None] | None) -> None:
        """Put what a request took in the place of what was reserved for it; None is unknown, and counts as all of it."""
        tokens, usd = took or (None, None)
        await self._run(
            "WITH gone AS (DELETE FROM reservations WHERE id = %s RETURNING run_id, tokens, usd) "
            "UPDATE budgets SET tokens = budgets.tokens - gone.tokens + coalesce(%s, gone.tokens), "
            "usd = budgets.usd - gone.usd + coalesce(%s, gone.usd) FROM gone WHERE budgets.run_id = gone.run_id "
            # What is lost of this counts in full.
            f"RETURNING {NEED_NOT_LAST}",
            reservation,
            tokens,
            usd,
        )

    # The queue, which is Procrastinate's, in a schema of its own

    async def make_queue(self, schema: str, script: str) -> None:
        """Make the queue's schema by its script, unless it is there."""

        async def write(connection: Connection) -> None:
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('clausewise queue', 0))")
            made = await connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,))
            if await made.fetchone() is None:
                await connection.execute(f'CREATE SCHEMA "{schema}"')
                await connection.execute(f'SET LOCAL search_path TO "{schema}"')
                await connection.execute(script)

        await self._write(write)

    async def unqueued(self, schema: str, run_id: str, most: int, after: int) -> list[tuple[int, str]]:
        """Items that wait for a worker and have no job, from a position on, each with its position."""
        rows = await self._all(
            f"SELECT position, id FROM items i WHERE run_id = %s AND state = 'waiting' AND linked_to IS NULL AND position > %s "
            f"AND NOT EXISTS (SELECT 1 FROM \"{schema}\".procrastinate_jobs j WHERE j.status = 'todo' "
            "AND j.queueing_lock = i.run_id || '/' || i.id) "
            f"AND NOT EXISTS (SELECT 1 FROM \"{schema}\".procrastinate_jobs j WHERE j.status = 'doing' "
            "AND j.lock = i.run_id || '/' || i.id) ORDER BY position LIMIT %s",
            run_id,
            after,
            most,
        )
        return [(int(position), str(id_)) for position, id_ in rows]

    async def is_queue_dry(self, schema: str, task: str) -> bool:
        """Whether no job of this task waits."""
        row = await self._one(
            f"SELECT 1 FROM \"{schema}\".procrastinate_jobs WHERE status = 'todo' AND task_name = %s LIMIT 1",
            task,
        )
        return row is None

    async def running(self) -> list[str]:
        """The ordered runs that are running."""
        rows = await self._all(
            "SELECT id FROM runs JOIN orders ON run_id = id WHERE state = 'running' ORDER BY begun_at"
        )
        return [str(row[0]) for row in rows]

    async def _run_named(self, query: str, **values: Any) -> Any:
        async def write(connection: Connection) -> Any:
            return await (await connection.execute(query, values)).fetchone()

        return await self._write(write)


# Bytes are let go of while nobody gives any.
_SOURCES = "hashtextextended('clausewise sources', 0)"
_SOURCES_SHARED = f"SELECT pg_advisory_xact_lock_shared({_SOURCES})"
_SOURCES_ALONE = f"SELECT pg_advisory_xact_lock({_SOURCES})"
_ITEM_KEY = "hashtextextended('clausewise item ' || %s || ' ' || %s, 0)"
