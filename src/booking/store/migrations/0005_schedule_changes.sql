-- The orders that schedule changes are of. Orders that may still be flown (1 to 4) were told of changes before there was this
-- table; without a locator they are brought up to date when the store is opened.
CREATE TABLE schedule_changes (
    id       TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id)
) STRICT, WITHOUT ROWID;
UPDATE orders SET locator = NULL WHERE status BETWEEN 1 AND 4;
