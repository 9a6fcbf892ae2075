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

M003_REVIEWS = """
CREATE TABLE reviews (
    id TEXT PRIMARY KEY, draft_key TEXT NOT NULL, policy TEXT NOT NULL, title TEXT NOT NULL, company TEXT NOT NULL,
    language TEXT NOT NULL, source TEXT NOT NULL, effective TEXT, words INTEGER NOT NULL, drafted_at TIMESTAMPTZ NOT NULL,
    entered_at TIMESTAMPTZ NOT NULL, changed_at TIMESTAMPTZ NOT NULL, state TEXT NOT NULL, risk TEXT, high INTEGER NOT NULL,
    errors INTEGER NOT NULL, warnings INTEGER NOT NULL, notes INTEGER NOT NULL, codes TEXT NOT NULL, units INTEGER NOT NULL,
    decided INTEGER NOT NULL, last_number INTEGER NOT NULL, run_id TEXT, item_id TEXT, tags TEXT NOT NULL, models TEXT NOT NULL,
    prompts TEXT NOT NULL, approved_by TEXT, approved_at TIMESTAMPTZ, superseded_by TEXT, tally TEXT NOT NULL, search TEXT NOT NULL,
    need INTEGER GENERATED ALWAYS AS (
        CASE state WHEN 'drafted' THEN 0 WHEN 'in_review' THEN 0 WHEN 'approved' THEN 8 WHEN 'published' THEN 16 ELSE 24 END +
        CASE WHEN errors > 0 THEN 0 ELSE 4 END + CASE WHEN high > 0 THEN 0 ELSE 2 END + CASE WHEN warnings > 0 THEN 0 ELSE 1 END
    ) STORED
);
CREATE INDEX reviews_by_need ON reviews (need, drafted_at, id);
CREATE INDEX reviews_by_age ON reviews (drafted_at, id);
CREATE INDEX reviews_of_policy ON reviews (policy, drafted_at);
CREATE INDEX reviews_of_draft ON reviews (draft_key);
CREATE TABLE review_keys (draft_key TEXT PRIMARY KEY, review_id TEXT NOT NULL REFERENCES reviews (id));
CREATE TABLE review_codes (
    review_id TEXT NOT NULL REFERENCES reviews (id), code TEXT NOT NULL, findings INTEGER NOT NULL, PRIMARY KEY (review_id, code)
);
CREATE INDEX review_codes_by_code ON review_codes (code);
CREATE TABLE decisions (
    review_id TEXT NOT NULL REFERENCES reviews (id), number INTEGER NOT NULL, act INTEGER, kind TEXT NOT NULL, path TEXT NOT NULL,
    made_by TEXT NOT NULL, made_at TIMESTAMPTZ NOT NULL, reason TEXT NOT NULL, before TEXT, after TEXT, undoes INTEGER, carried_from TEXT,
    PRIMARY KEY (review_id, number)
);
CREATE INDEX decisions_by_kind ON decisions (kind, review_id);
CREATE TABLE publications (
    review_id TEXT NOT NULL REFERENCES reviews (id), number INTEGER NOT NULL, audience TEXT NOT NULL, published_by TEXT NOT NULL,
    published_at TIMESTAMPTZ NOT NULL, last_number INTEGER NOT NULL, files TEXT NOT NULL, withdrawn_at TIMESTAMPTZ,
    PRIMARY KEY (review_id, number)
);
CREATE TABLE users (
    name TEXT PRIMARY KEY, password_hash TEXT NOT NULL, role TEXT NOT NULL, created_at TIMESTAMPTZ NOT NULL, disabled_at TIMESTAMPTZ
);
CREATE TABLE sessions (
    token_sha256 TEXT PRIMARY KEY, user_name TEXT NOT NULL REFERENCES users (name), csrf TEXT NOT NULL, created_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL, expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_name);
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE TABLE logins (
    number INTEGER PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, user_name TEXT NOT NULL, address TEXT NOT NULL,
    tried_at TIMESTAMPTZ NOT NULL, succeeded BOOLEAN NOT NULL
);
CREATE INDEX logins_of_user ON logins (user_name, tried_at);
CREATE INDEX logins_of_address ON logins (address, tried_at);
CREATE INDEX logins_by_time ON logins (tried_at);
CREATE TABLE audit (
    number INTEGER PRIMARY KEY, noted_at TIMESTAMPTZ NOT NULL, noted_by TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
    detail TEXT NOT NULL, sha256 TEXT NOT NULL
);
CREATE INDEX audit_of_subject ON audit (subject, number);
CREATE TABLE presence (
    review_id TEXT NOT NULL REFERENCES reviews (id), person TEXT NOT NULL, minute TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (review_id, person, minute)
);
CREATE INDEX items_of_draft ON items (draft_key);
CREATE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% only grows', TG_TABLE_NAME; END $$;
CREATE TRIGGER decisions_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions FOR EACH STATEMENT EXECUTE FUNCTION only_grows();
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION only_grows();
CREATE FUNCTION keep_draft_under_review() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN
    INSERT INTO drafts SELECT 'review:' || id, OLD.draft, OLD.finished_at FROM reviews WHERE draft_key = OLD.key;
    IF FOUND THEN
        DELETE FROM review_keys WHERE draft_key = OLD.key;
        INSERT INTO review_keys SELECT 'review:' || id, id FROM reviews WHERE draft_key = OLD.key;
        UPDATE reviews SET draft_key = 'review:' || id WHERE draft_key = OLD.key;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER drafts_under_review_stay BEFORE UPDATE ON drafts FOR EACH ROW WHEN (OLD.draft <> NEW.draft)
    EXECUTE FUNCTION keep_draft_under_review();
"""

STEPS: tuple[str, ...] = (M001_STORE, M002_FLEET, M003_REVIEWS)


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
