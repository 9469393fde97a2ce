CREATE TABLE orders (
    id                     TEXT PRIMARY KEY,
    world                  TEXT NOT NULL,
    account_id             TEXT NOT NULL,
    created_at_us          INTEGER NOT NULL,
    -- Numbers of booking.v1.OrderStatus.
    status                 INTEGER NOT NULL,
    -- What its saga does next; 0 is nothing.
    step                   INTEGER NOT NULL,
    client_reference       TEXT NOT NULL,
    payment_required_by_us INTEGER,
    travel_ends_at_us      INTEGER NOT NULL,
    offer_nonce            BLOB NOT NULL,
    request_id             TEXT NOT NULL,
    method_token           TEXT NOT NULL,
    -- booking.v1.Order
    state                  BLOB NOT NULL
) STRICT;
CREATE INDEX orders_of_account ON orders (world, account_id, created_at_us);
CREATE INDEX orders_of_world ON orders (world, created_at_us);
CREATE INDEX orders_unfinished ON orders (step) WHERE step <> 0;
CREATE INDEX orders_to_be_paid ON orders (world, payment_required_by_us) WHERE status = 2;
-- An offer is sold once; a failed order (8) frees it.
CREATE UNIQUE INDEX offer_sold_once ON orders (world, offer_nonce) WHERE status <> 8;

CREATE TABLE cancellations (
    id              TEXT PRIMARY KEY,
    world           TEXT NOT NULL,
    account_id      TEXT NOT NULL,
    order_id        TEXT NOT NULL REFERENCES orders (id),
    created_at_us   INTEGER NOT NULL,
    expires_at_us   INTEGER NOT NULL,
    confirmed_at_us INTEGER,
    -- Minor units; all three absent when nothing was paid.
    refund          INTEGER,
    penalty         INTEGER,
    currency        TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    world         TEXT NOT NULL,
    account_id    TEXT NOT NULL,
    operation     TEXT NOT NULL,
    key           TEXT NOT NULL,
    fingerprint   BLOB NOT NULL,
    order_id      TEXT NOT NULL REFERENCES orders (id),
    part_id       TEXT NOT NULL,
    created_at_us INTEGER NOT NULL,
    reply         BLOB,
    failure_code  TEXT,
    PRIMARY KEY (world, account_id, operation, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_open ON idempotency (order_id) WHERE reply IS NULL AND failure_code IS NULL;

-- Numbers that are given out once: record locators, and tickets of an accounting code.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL
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
