-- Addresses that send mail, and blocks of others that are watched and not served.

PRAGMA user_version = 11;

-- What an address that sends mail is to be known as.
CREATE TABLE sending (
    address BLOB NOT NULL PRIMARY KEY CHECK (length(address) IN (4, 16)),
    helo    BLOB NOT NULL, -- the name given in HELO or EHLO
    mta     TEXT,          -- a label for the host or pool that sends from it
    domains BLOB NOT NULL  -- names one after the other, sorted; may be none
) STRICT, WITHOUT ROWID;

INSERT INTO mark (name, value) VALUES ('sending_rows', 0);

-- Its addresses are a third party's: no zone here shows them. Its mode is then 'direct'.
ALTER TABLE block ADD COLUMN observed INTEGER NOT NULL DEFAULT 0 CHECK (observed IN (0, 1));
