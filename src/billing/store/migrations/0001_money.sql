CREATE TABLE payment (
    id            TEXT PRIMARY KEY,
    world         TEXT NOT NULL,
    account_id    TEXT NOT NULL,
    order_id      TEXT NOT NULL,
    method_token  TEXT NOT NULL,
    currency      TEXT NOT NULL,
    amount        INTEGER NOT NULL CHECK (amount > 0),
    captured      INTEGER NOT NULL CHECK (captured BETWEEN 0 AND amount),
    refunded      INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND captured),
    status        TEXT NOT NULL CHECK (status IN ('requested', 'authorized', 'captured', 'declined', 'voided', 'unknown')),
    pending       TEXT CHECK (pending IN ('authorize', 'capture', 'void', 'refund')),
    decline_code  TEXT NOT NULL,
    created_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_order ON payment (world, order_id);

-- What the provider is asked: written before it is, so that a crash in between leaves a question and not a doubt.
CREATE TABLE attempt (
    id         TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payment (id),
    operation  TEXT NOT NULL CHECK (operation IN ('authorize', 'capture', 'void', 'refund')),
    amount     INTEGER NOT NULL,
    asked      BLOB NOT NULL,
    outcome    TEXT CHECK (outcome IN ('done', 'declined', 'unknown'))
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_open ON attempt (id) WHERE outcome IS NULL OR outcome = 'unknown';

-- The record of the sandbox's payment provider. Nothing of ours refers to it.
CREATE TABLE provider_operation (
    id           TEXT PRIMARY KEY,
    payment_id   TEXT NOT NULL,
    operation    TEXT NOT NULL,
    amount       INTEGER NOT NULL,
    currency     TEXT NOT NULL,
    method_token TEXT NOT NULL,
    decline_code TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_operation_payment ON provider_operation (payment_id);

-- The ledger. Lines come before their journal, which is refused unless they balance, and closes them; nothing changes later.
CREATE TABLE journal (
    position     INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    world        TEXT NOT NULL,
    account_id   TEXT NOT NULL,
    kind         TEXT NOT NULL,
    order_id     TEXT NOT NULL,
    payment_id   TEXT NOT NULL REFERENCES payment (id),
    attempt_id   TEXT NOT NULL REFERENCES attempt (id),
    -- The pending journal that this one ends; each is ended once.
    resolves     TEXT UNIQUE REFERENCES journal (id),
    posted_at_us INTEGER NOT NULL,
    UNIQUE (attempt_id, kind)
) STRICT;
CREATE INDEX journal_order ON journal (world, order_id);
CREATE INDEX journal_payment ON journal (payment_id, kind);

CREATE TABLE journal_line (
    journal_id     TEXT NOT NULL REFERENCES journal (id) DEFERRABLE INITIALLY DEFERRED,
    number         INTEGER NOT NULL,
    ledger_account TEXT NOT NULL,
    currency       TEXT NOT NULL,
    amount         INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (journal_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_line_account ON journal_line (ledger_account);

CREATE TRIGGER journal_balances BEFORE INSERT ON journal
BEGIN
    SELECT RAISE(ABORT, 'a journal has lines')
    WHERE NOT EXISTS (SELECT 1 FROM journal_line WHERE journal_id = NEW.id);
    SELECT RAISE(ABORT, 'a journal balances in each currency')
    WHERE EXISTS (SELECT 1 FROM journal_line WHERE journal_id = NEW.id GROUP BY currency HAVING sum(amount) <> 0);
END;
CREATE TRIGGER journal_is_closed BEFORE INSERT ON journal_line WHEN EXISTS (SELECT 1 FROM journal WHERE id = NEW.journal_id)
BEGIN
    SELECT RAISE(ABORT, 'a journal is closed');
END;
CREATE TRIGGER journal_never_changes BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'a journal never changes'); END;
CREATE TRIGGER journal_never_goes BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'a journal never goes'); END;
CREATE TRIGGER journal_line_never_changes BEFORE UPDATE ON journal_line BEGIN SELECT RAISE(ABORT, 'a journal never changes'); END;
CREATE TRIGGER journal_line_never_goes BEFORE DELETE ON journal_line BEGIN SELECT RAISE(ABORT, 'a journal never goes'); END;

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
