-- Events that a consumer of this service's did not take, and those that wait behind one. Those with the first number of their
-- subject and consumer were refused, the others wait.
CREATE TABLE parked (
    position INTEGER NOT NULL REFERENCES outbox (position),
    consumer TEXT NOT NULL,
    world    TEXT NOT NULL,
    event_id TEXT NOT NULL,
    subject  TEXT NOT NULL,
    -- How often the consumer was given it; 0 when it waits behind another.
    tries    INTEGER NOT NULL,
    -- Why it was not taken; empty when it waits.
    reason   TEXT NOT NULL,
    PRIMARY KEY (position, consumer)
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_event ON parked (event_id);
CREATE INDEX parked_subject ON parked (subject, consumer, position);

-- What came of parked events that were delivered again by hand, by the idempotency keys of those who asked for it.
CREATE TABLE redelivery (
    world       TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    -- events.v1.Redelivery; absent until it is known.
    reply       BLOB,
    PRIMARY KEY (world, key)
) STRICT, WITHOUT ROWID;
