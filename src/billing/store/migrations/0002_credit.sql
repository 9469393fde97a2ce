-- How a payment is paid: at the provider, or on what its account may owe.
ALTER TABLE payment ADD COLUMN method TEXT NOT NULL DEFAULT 'card' CHECK (method IN ('card', 'agency_credit'));

-- What accounts may owe, as they were last told to.
CREATE TABLE credit (
    world        TEXT NOT NULL,
    account_id   TEXT NOT NULL,
    currency     TEXT NOT NULL,
    credit_limit INTEGER NOT NULL CHECK (credit_limit >= 0),
    PRIMARY KEY (world, account_id)
) STRICT, WITHOUT ROWID;

-- Sums of the ledger's lines on what accounts owe. The ledger keeps them by itself, so that they cannot differ from it, and a
-- payment on credit need not add up all that went before.
CREATE TABLE receivable (
    world          TEXT NOT NULL,
    ledger_account TEXT NOT NULL,
    currency       TEXT NOT NULL,
    amount         INTEGER NOT NULL,
    PRIMARY KEY (world, ledger_account, currency)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER receivable_follows_the_ledger AFTER INSERT ON journal
BEGIN
    INSERT INTO receivable (world, ledger_account, currency, amount)
    SELECT NEW.world, ledger_account, currency, sum(amount) FROM journal_line
    WHERE journal_id = NEW.id AND ledger_account GLOB 'agency_receivable:*'
    GROUP BY ledger_account, currency
    ON CONFLICT (world, ledger_account, currency) DO UPDATE SET amount = receivable.amount + excluded.amount;
END;
