-- What is owed for an order may be replaced by something else, which is done and asks no provider.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE attempt_before AS SELECT * FROM attempt;
DROP TABLE attempt;
CREATE TABLE attempt (
    id         TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payment (id),
    operation  TEXT NOT NULL CHECK (operation IN ('authorize', 'capture', 'void', 'refund', 'exchange')),
    amount     INTEGER NOT NULL,
    asked      BLOB NOT NULL,
    outcome    TEXT CHECK (outcome IN ('done', 'declined', 'unknown'))
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_open ON attempt (id) WHERE outcome IS NULL OR outcome = 'unknown';
INSERT INTO attempt (id, payment_id, operation, amount, asked, outcome)
SELECT id, payment_id, operation, amount, asked, outcome FROM attempt_before;
DROP TABLE attempt_before;
