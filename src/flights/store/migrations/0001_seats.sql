-- Flight-dates that were ever touched; all others have every seat free.
CREATE TABLE flight_dates (
    world       TEXT NOT NULL,
    carrier     TEXT NOT NULL,
    number      INTEGER NOT NULL,
    -- Local date at the origin, YYYY-MM-DD.
    date        TEXT NOT NULL,
    origin      TEXT NOT NULL,
    destination TEXT NOT NULL,
    -- Grows by one with every change.
    version     INTEGER NOT NULL,
    -- Booking class to [sold, held], for the classes that have either.
    seats       TEXT NOT NULL CHECK (json_valid(seats)),
    PRIMARY KEY (world, carrier, number, date, origin, destination)
) STRICT, WITHOUT ROWID;

CREATE TABLE holds (
    world         TEXT NOT NULL,
    id            TEXT NOT NULL,
    account_id    TEXT NOT NULL,
    -- Numbers of flights.v1.HoldState; 1 is active.
    state         INTEGER NOT NULL,
    expires_at_us INTEGER NOT NULL,
    -- flights.v1.Hold, as it was made.
    made          BLOB NOT NULL,
    PRIMARY KEY (world, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX holds_active ON holds (world, expires_at_us, id) WHERE state = 1;
