-- How it stands with what is watched: identities of sending addresses, delegations of zones.

PRAGMA user_version = 12;

-- Apart from the log: looking is no change.
CREATE TABLE watched (
    kind     INTEGER NOT NULL CHECK (kind IN (4, 6, 53)), -- an address of IPv4 or IPv6, or a zone
    subject  BLOB    NOT NULL, -- the octets of the address, or of the apex in lower case
    course   TEXT    NOT NULL, -- JSON: what stands since when, the last turns
    evidence TEXT    NOT NULL, -- JSON: what the last look saw; may be empty
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
