-- Quoted and confirmed changes of the journeys of orders, and of each order the one that was confirmed last.
CREATE TABLE order_changes (
    id          TEXT PRIMARY KEY,
    world       TEXT NOT NULL,
    account_id  TEXT NOT NULL,
    order_id    TEXT NOT NULL REFERENCES orders (id),
    offer_nonce BLOB NOT NULL,
    -- Numbers of booking.v1.OrderChangeStatus.
    status      INTEGER NOT NULL,
    -- booking.v1.OrderChange
    state       BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- An offer is taken once: by a change that is under way (2) or done (3), as by an order.
CREATE UNIQUE INDEX offer_taken_once ON order_changes (world, offer_nonce) WHERE status IN (2, 3);
ALTER TABLE orders ADD COLUMN change_id TEXT REFERENCES order_changes (id);
