-- How far the feed of an account, and the events of an object in it, have come.
CREATE TABLE feed (
    world      TEXT NOT NULL,
    account_id TEXT NOT NULL,
    last       INTEGER NOT NULL,
    PRIMARY KEY (world, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE object (
    id   TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    world       TEXT NOT NULL,
    account_id  TEXT NOT NULL,
    -- Among the events of the account, from 1, without gaps.
    position    INTEGER NOT NULL,
    id          TEXT NOT NULL UNIQUE,
    type        TEXT NOT NULL,
    time_us     INTEGER NOT NULL,
    object_type TEXT NOT NULL,
    object_id   TEXT NOT NULL,
    -- Among the events of the object, from 1, without gaps.
    sequence    INTEGER NOT NULL,
    PRIMARY KEY (world, account_id, position),
    UNIQUE (object_id, sequence)
) STRICT, WITHOUT ROWID;

-- The outbox of a service: what it has to say, written by the transaction that made it true.
CREATE TABLE outbox_sequence (
    subject TEXT PRIMARY KEY,
    last    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    subject  TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    envelope BLOB NOT NULL,
    sent     INTEGER NOT NULL DEFAULT 0,
    UNIQUE (subject, sequence)
) STRICT;
CREATE INDEX outbox_unsent ON outbox (position) WHERE sent = 0;

-- The inbox of a service: the events whose effect it has, written by the transaction that had it.
CREATE TABLE inbox (
    consumer TEXT NOT NULL,
    event_id TEXT NOT NULL,
    PRIMARY KEY (consumer, event_id)
) STRICT, WITHOUT ROWID;
