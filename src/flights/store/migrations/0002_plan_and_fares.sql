-- Booking limits that were set, class to limit; the other classes have those of the ladder.
ALTER TABLE flight_dates ADD COLUMN limits TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(limits));
-- What the airline changed of the flight: whether it is cancelled, minutes later than in the timetable, how often it was changed.
ALTER TABLE flight_dates ADD COLUMN cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled IN (0, 1));
ALTER TABLE flight_dates ADD COLUMN shift_minutes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE flight_dates ADD COLUMN plan_changes INTEGER NOT NULL DEFAULT 0;

-- Grows by one with every change of the hold.
ALTER TABLE holds ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- What was changed of the plan, in that order. Never deleted from, so that positions have no gaps.
CREATE TABLE flight_changes (
    position INTEGER PRIMARY KEY,
    world    TEXT NOT NULL,
    -- flights.v1.FlightChange
    change   BLOB NOT NULL
) STRICT;
CREATE INDEX flight_changes_world ON flight_changes (world, position);

-- Who changed a flight under which key, and the answer that every repeat gets again.
CREATE TABLE idempotency_keys (
    world       TEXT NOT NULL,
    account_id  TEXT NOT NULL,
    operation   TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    -- flights.v1.Flight
    answer      BLOB NOT NULL,
    PRIMARY KEY (world, account_id, operation, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE fares (
    world         TEXT NOT NULL,
    id            TEXT NOT NULL,
    carrier       TEXT NOT NULL,
    account_code  TEXT NOT NULL,
    -- Whose account may use it; empty for any.
    account_id    TEXT NOT NULL,
    created_at_us INTEGER NOT NULL,
    -- flights.v1.Fare
    fare          BLOB NOT NULL,
    PRIMARY KEY (world, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX fares_by_age ON fares (world, created_at_us, id);
