"""The schema of a store on PostgreSQL, grown by named steps. A step is never edited; a change is a new step at the end.

All of it stands in a schema of its own, ``clausewise``, so that a database may serve others too.
"""

from typing import Any

from pipeline.errors import StoreError

SCHEMA = "clausewise"
# One process migrates at a time.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('clausewise schema', 0))"

M001_STORE = """
CREATE TABLE stages (
    key TEXT PRIMARY KEY, stage TEXT NOT NULL, answer TEXT NOT NULL, record TEXT NOT NULL, finished_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE TABLE replies (request_sha256 TEXT PRIMARY KEY, key TEXT NOT NULL, completion TEXT NOT NULL);
CREATE INDEX replies_of_key ON replies (key);
CREATE SEQUENCE endings;
CREATE TABLE calls (
    number BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY, run_id TEXT NOT NULL, item_id TEXT NOT NULL, key TEXT NOT NULL,
    request_sha256 TEXT NOT NULL, kind TEXT NOT NULL, model TEXT NOT NULL, begun_at TIMESTAMPTZ NOT NULL DEFAULT now(), outcome TEXT,
    most_tokens BIGINT NOT NULL, most_usd DOUBLE PRECISION NOT NULL, reason TEXT, prompt_tokens BIGINT, cached_tokens BIGINT,
    completion_tokens BIGINT, cost_usd DOUBLE PRECISION, ended BIGINT
);
CREATE INDEX calls_of_run ON calls (run_id, number);
CREATE INDEX calls_ended ON calls (run_id, ended) WHERE ended IS NOT NULL;
CREATE TABLE runs (
    id TEXT PRIMARY KEY, command TEXT NOT NULL, settings TEXT NOT NULL, state TEXT NOT NULL, reason TEXT, created_at TIMESTAMPTZ NOT NULL,
    begun_at TIMESTAMPTZ NOT NULL, ended_at TIMESTAMPTZ, first_call BIGINT NOT NULL
);
CREATE TABLE items (
    run_id TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL, source TEXT NOT NULL, title TEXT, company TEXT, tags TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting', reason TEXT, kind TEXT, source_key TEXT, document_key TEXT, linked_to TEXT, draft_key TEXT,
    errors INTEGER NOT NULL DEFAULT 0, warnings INTEGER NOT NULL DEFAULT 0, notes INTEGER NOT NULL DEFAULT 0, settled BIGINT,
    PRIMARY KEY (run_id, id)
);
CREATE INDEX items_of_document ON items (run_id, document_key);
CREATE INDEX items_linked_to ON items (run_id, linked_to) WHERE linked_to IS NOT NULL;
CREATE INDEX items_waiting ON items (run_id, position) WHERE state = 'waiting';
CREATE INDEX items_settled ON items (run_id, settled) WHERE settled IS NOT NULL;
CREATE TABLE drafts (key TEXT PRIMARY KEY, draft BYTEA NOT NULL, finished_at TIMESTAMPTZ NOT NULL DEFAULT now());
"""

M002_FLEET = """
CREATE TABLE orders (run_id TEXT PRIMARY KEY, told TEXT NOT NULL, stopped_by TEXT);
CREATE TABLE given (
    run_id TEXT NOT NULL, item_id TEXT NOT NULL, place TEXT NOT NULL, sha256 TEXT, PRIMARY KEY (run_id, item_id)
);
CREATE INDEX given_bytes ON given (sha256);
CREATE TABLE sources (sha256 TEXT PRIMARY KEY, data BYTEA NOT NULL);
CREATE TABLE budgets (
    run_id TEXT PRIMARY KEY, max_tokens BIGINT, max_usd DOUBLE PRECISION, tokens BIGINT NOT NULL, usd DOUBLE PRECISION NOT NULL
);
CREATE TABLE reservations (
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY, run_id TEXT NOT NULL, holder BIGINT NOT NULL, tokens BIGINT NOT NULL,
    usd DOUBLE PRECISION NOT NULL
);
CREATE INDEX reservations_of_run ON reservations (run_id);
CREATE TABLE paces (
    endpoint TEXT PRIMARY KEY, requests_at DOUBLE PRECISION NOT NULL DEFAULT 0, tokens_at DOUBLE PRECISION NOT NULL DEFAULT 0,
    told_requests DOUBLE PRECISION, told_tokens DOUBLE PRECISION, guessed DOUBLE PRECISION, pace DOUBLE PRECISION NOT NULL DEFAULT 1,
    paced_at DOUBLE PRECISION NOT NULL DEFAULT 0, resume_at DOUBLE PRECISION NOT NULL DEFAULT 0,
    paused_at DOUBLE PRECISION NOT NULL DEFAULT 0, pause DOUBLE PRECISION NOT NULL DEFAULT 0, pauses BIGINT NOT NULL DEFAULT 0,
    minute BIGINT NOT NULL DEFAULT 0, sent BIGINT NOT NULL DEFAULT 0, sent_before BIGINT NOT NULL DEFAULT 0
);
"""

STEPS: tuple[str, ...] = (M001_STORE, M002_FLEET)


async def migrate(connection: Any) -> None:
    """Take the steps the store has not taken, in one transaction, while no other process does.

    Raises StoreError when the store was made by a newer Clausewise, psycopg.Error when it may not be changed.
    """
    async with connection.transaction():
        await connection.execute(_LOCK)
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        await connection.execute("CREATE TABLE IF NOT EXISTS version (taken INTEGER NOT NULL)")
        found = await (await connection.execute("SELECT taken FROM version")).fetchone()
        taken = 0 if found is None else int(found[0])
        if taken > len(STEPS):
            raise StoreError(
                f"The store was made by a newer Clausewise (schema {taken}, this one knows {len(STEPS)}); update Clausewise."
            )
        if taken == len(STEPS):
            return
        for step in STEPS[taken:]:
            await connection.execute(step)
        await connection.execute("DELETE FROM version")
        await connection.execute("INSERT INTO version VALUES (%s)", (len(STEPS),))
