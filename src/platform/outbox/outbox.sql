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
