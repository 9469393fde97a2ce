-- The live world has the machine's clock and no row of its own time.
CREATE TABLE world (
    id       TEXT PRIMARY KEY,
    clock_id TEXT UNIQUE,
    now_us   INTEGER,
    CHECK ((clock_id IS NULL) = (id = 'wld_live')),
    CHECK ((now_us IS NULL) = (clock_id IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO world (id) VALUES ('wld_live');

CREATE TRIGGER clock_moves_forward BEFORE UPDATE OF now_us ON world WHEN NEW.now_us < OLD.now_us
BEGIN
    SELECT RAISE(ABORT, 'a clock never moves back');
END;

CREATE TABLE account (
    id    TEXT PRIMARY KEY,
    name  TEXT NOT NULL,
    world TEXT NOT NULL REFERENCES world (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_world ON account (world);

-- A key's secret is not here, only its SHA-256.
CREATE TABLE api_key (
    id            TEXT PRIMARY KEY,
    account_id    TEXT NOT NULL REFERENCES account (id),
    audience      TEXT NOT NULL CHECK (audience IN ('public', 'partner', 'private')),
    scopes        TEXT NOT NULL,
    digest        BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    last_four     TEXT NOT NULL,
    created_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
