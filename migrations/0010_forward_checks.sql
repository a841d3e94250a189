-- What is asked of the names that addresses of a block are given.

PRAGMA user_version = 10;

-- Whether names may look generic to spam filters: any, warn, must-pass; NULL as the block around it says.
ALTER TABLE block ADD COLUMN names TEXT;
-- Whether they must resolve back to the address: off, warn, require, strict; NULL as the block around it says.
ALTER TABLE block ADD COLUMN fcrdns TEXT;

-- How it stands with addresses whose names must resolve back. Apart from the log: looking is no change.
CREATE TABLE ptr_check (
    address  BLOB    NOT NULL PRIMARY KEY CHECK (length(address) IN (4, 16)),
    told     INTEGER NOT NULL CHECK (told IN (0, 1)), -- whether others were told of the last transition
    standing TEXT    NOT NULL -- JSON: when it was looked at last, what came of it, the last transitions
) STRICT, WITHOUT ROWID;

CREATE INDEX ptr_check_untold ON ptr_check (address) WHERE told = 0;
