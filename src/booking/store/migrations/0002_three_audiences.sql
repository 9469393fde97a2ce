-- By what orders are found: their record locator, the hold they were made from, and the flights they are on. A row without a
-- locator at all was written before there was this column; opening the store fills it in.
ALTER TABLE orders ADD COLUMN locator TEXT;
ALTER TABLE orders ADD COLUMN hold_id TEXT NOT NULL DEFAULT '';
CREATE INDEX orders_of_locator ON orders (world, locator) WHERE locator <> '';
CREATE INDEX orders_without_locator ON orders (id) WHERE locator IS NULL;
-- A hold is ordered once; a failed order (8) has given it back.
CREATE UNIQUE INDEX hold_ordered_once ON orders (world, hold_id) WHERE hold_id <> '' AND status <> 8;

CREATE TABLE order_segments (
    world       TEXT NOT NULL,
    carrier     TEXT NOT NULL,
    number      INTEGER NOT NULL,
    date        TEXT NOT NULL,
    origin      TEXT NOT NULL,
    destination TEXT NOT NULL,
    order_id    TEXT NOT NULL REFERENCES orders (id),
    PRIMARY KEY (world, carrier, number, date, origin, destination, order_id)
) STRICT, WITHOUT ROWID;

-- How far the log of changes to the plan was followed.
CREATE TABLE plan_cursor (
    position INTEGER NOT NULL
) STRICT;
INSERT INTO plan_cursor VALUES (0);
