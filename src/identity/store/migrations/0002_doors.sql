-- An agency is an account with an IATA number and a limit to what it may owe. Times are those of the account's world; an account
-- that was made before they were kept counts as made now.
ALTER TABLE account ADD COLUMN iata_number TEXT;
ALTER TABLE account ADD COLUMN credit_limit INTEGER;
ALTER TABLE account ADD COLUMN credit_currency TEXT;
ALTER TABLE account ADD COLUMN created_at_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
UPDATE account SET created_at_us = coalesce((SELECT now_us FROM world WHERE world.id = account.world), 0);

-- What opens a door: keys, and the clients of agencies and staff. Of its secret only the SHA-256 is here. Times are the machine's.
CREATE TABLE credential (
    id            TEXT PRIMARY KEY,
    kind          TEXT NOT NULL CHECK (kind IN ('api_key', 'client')),
    name          TEXT NOT NULL,
    world         TEXT NOT NULL REFERENCES world (id),
    -- Absent for staff and services.
    account_id    TEXT REFERENCES account (id),
    audience      TEXT NOT NULL,
    scopes        TEXT NOT NULL,
    roles         TEXT NOT NULL,
    digest        BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    last_four     TEXT NOT NULL,
    created_at_us INTEGER NOT NULL,
    -- It works before, and no longer then.
    ends_at_us    INTEGER,
    replaced_by   TEXT UNIQUE REFERENCES credential (id),
    -- How long it was to work beside what replaced it.
    overlap_minutes INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX credential_account ON credential (account_id);
CREATE INDEX credential_world ON credential (world);
INSERT INTO credential (id, kind, name, world, account_id, audience, scopes, roles, digest, last_four, created_at_us)
    SELECT k.id, 'api_key', '', a.world, k.account_id, k.audience, k.scopes, '', k.digest, k.last_four, k.created_at_us
    FROM api_key AS k JOIN account AS a ON a.id = k.account_id;
DROP TABLE api_key;

-- What was done, each row bound to the one before it by its hash.
CREATE TABLE audit_event (
    world         TEXT NOT NULL,
    -- From 1, without gaps, in each world.
    sequence      INTEGER NOT NULL,
    id            TEXT NOT NULL UNIQUE,
    time_us       INTEGER NOT NULL,
    actor         TEXT NOT NULL,
    action        TEXT NOT NULL,
    object_id     TEXT NOT NULL,
    request_id    TEXT NOT NULL,
    digest        BLOB NOT NULL,
    previous_hash BLOB NOT NULL CHECK (length(previous_hash) = 32),
    hash          BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (world, sequence)
) STRICT, WITHOUT ROWID;

-- Where each world's chain ends, sealed with a key that is not in this file.
CREATE TABLE audit_head (
    world    TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    hash     BLOB NOT NULL CHECK (length(hash) = 32),
    seal     BLOB NOT NULL CHECK (length(seal) = 32)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit_event
BEGIN
    SELECT RAISE(ABORT, 'what was done stays as it was');
END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit_event
BEGIN
    SELECT RAISE(ABORT, 'what was done stays as it was');
END;

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
