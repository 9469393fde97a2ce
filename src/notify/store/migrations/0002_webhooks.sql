-- The event as it was published; NULL for those told before it was kept.
ALTER TABLE event ADD COLUMN envelope BLOB;

-- Where an account wants to be told. The secret is not here: it follows from the salt and a key that is not in this file.
CREATE TABLE endpoint (
    id              TEXT PRIMARY KEY,
    world           TEXT NOT NULL,
    account_id      TEXT NOT NULL,
    format          TEXT NOT NULL,
    url             TEXT NOT NULL,
    -- Types of events, apart by spaces; empty for all.
    events          TEXT NOT NULL,
    description     TEXT NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('enabled', 'disabled', 'deleted')),
    disabled_reason TEXT NOT NULL DEFAULT '',
    salt            BLOB NOT NULL CHECK (length(salt) = 16),
    created_at_us   INTEGER NOT NULL,
    updated_at_us   INTEGER NOT NULL,
    version         INTEGER NOT NULL DEFAULT 1,
    last_success_us INTEGER,
    -- The request that made it, so that a repeat finds it.
    idempotency_key TEXT NOT NULL,
    fingerprint     BLOB NOT NULL,
    UNIQUE (world, account_id, format, idempotency_key)
) STRICT, WITHOUT ROWID;

-- An event on its way to an endpoint.
CREATE TABLE delivery (
    position           INTEGER PRIMARY KEY AUTOINCREMENT,
    id                 TEXT NOT NULL UNIQUE,
    endpoint_id        TEXT NOT NULL REFERENCES endpoint (id),
    event_id           TEXT NOT NULL REFERENCES event (id),
    world              TEXT NOT NULL,
    object_id          TEXT NOT NULL,
    sequence           INTEGER NOT NULL,
    status             TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    -- Attempts since it was last asked for.
    tries              INTEGER NOT NULL DEFAULT 0,
    next_attempt_at_us INTEGER,
    created_at_us      INTEGER NOT NULL,
    -- What is sent; NULL before the first attempt.
    payload            BLOB,
    UNIQUE (endpoint_id, event_id),
    CHECK ((next_attempt_at_us IS NULL) = (status <> 'pending'))
) STRICT;
CREATE INDEX delivery_due ON delivery (world, next_attempt_at_us) WHERE status = 'pending';
CREATE INDEX delivery_lane ON delivery (endpoint_id, object_id, sequence) WHERE status = 'pending';

CREATE TABLE attempt (
    delivery_id TEXT NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    time_us     INTEGER NOT NULL,
    http_status INTEGER NOT NULL,
    error       TEXT NOT NULL,
    PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;
