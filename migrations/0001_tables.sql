-- The first schema of a ptrd store.
--
-- Conventions: names in BLOBs are uncompressed wire names (RFC 1035 §3.1); addresses are BLOBs of 4 or 16 octets in
-- network order, so that they sort as addresses do; TTLs and timers are seconds. Whatever stands in a BLOB and is
-- neither a name nor an address is described at its column.
--
-- Foreign keys are deferred: the edits of a change may come in any order, its end must be sound.

PRAGMA application_id = 0x70747264; -- “ptrd”
PRAGMA user_version = 1;            -- the number of this migration; each migration sets its own

-- Numbers that must outlive rows: the highest change, tenant, block and zone ever given (`last_…`; numbers are never
-- given twice), and how many rows each table has (`…_rows`; a damaged file can lose pages without a trace in what
-- is left).
CREATE TABLE mark (
    name  TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL CHECK (value >= 0)
) STRICT, WITHOUT ROWID;

INSERT INTO mark (name, value) VALUES
    ('last_change', 0), ('last_tenant', 0), ('last_block', 0), ('last_zone', 0),
    ('setting_rows', 0), ('tenant_rows', 0), ('block_rows', 0), ('zone_rows', 0),
    ('record_rows', 0), ('ptr4_rows', 0), ('ptr6_rows', 0);

CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE tenant (
    id   INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE block (
    id          INTEGER NOT NULL PRIMARY KEY,
    first       BLOB NOT NULL,
    last        BLOB NOT NULL,
    tenant_id   INTEGER NOT NULL REFERENCES tenant (id) DEFERRABLE INITIALLY DEFERRED,
    mode        TEXT NOT NULL CHECK (mode IN
                    ('direct', 'classless', 'delegated-zone', 'delegated-classless', 'delegated-ns')),
    style       TEXT, -- of the classless label: first-len, first-last, slash, label=TEXT
    apex        BLOB, -- of the classless zone
    delegation  BLOB, -- nameservers, glue, DS: u16 count of {name, u16 count of {u8 length, address}},
                      -- u16 count of {u16 length, DS data}
    default_ttl INTEGER
) STRICT;
CREATE INDEX block_tenant ON block (tenant_id);

CREATE TABLE zone (
    id        INTEGER NOT NULL PRIMARY KEY,
    apex      BLOB NOT NULL,
    tenant_id INTEGER NOT NULL REFERENCES tenant (id) DEFERRABLE INITIALLY DEFERRED,
    kind      TEXT NOT NULL CHECK (kind IN ('range', 'classless', 'verbatim')),
    first     BLOB, -- the addresses of a range or classless zone
    last      BLOB,
    block_id  INTEGER REFERENCES block (id) DEFERRABLE INITIALLY DEFERRED, -- of a classless zone
    mname     BLOB NOT NULL,
    rname     BLOB NOT NULL,
    serial    INTEGER NOT NULL,
    refresh   INTEGER NOT NULL,
    retry     INTEGER NOT NULL,
    expire    INTEGER NOT NULL,
    minimum   INTEGER NOT NULL,
    soa_ttl   INTEGER NOT NULL
) STRICT;
CREATE INDEX zone_tenant ON zone (tenant_id);
CREATE INDEX zone_block ON zone (block_id);

-- One row per RRset that is not derived. The key of the owner is its labels in lower case, rightmost first, each
-- closed by a zero octet, 0 and 1 within labels escaped: octet order is canonical order (RFC 4034 §6.1).
CREATE TABLE record (
    zone_id   INTEGER NOT NULL REFERENCES zone (id) DEFERRABLE INITIALLY DEFERRED,
    owner_key BLOB NOT NULL,
    type      INTEGER NOT NULL,
    owner     BLOB, -- the owner as given, where it has letters in upper case
    ttl       INTEGER NOT NULL,
    rdatas    BLOB NOT NULL, -- {u16 length, uncompressed data} for each record
    PRIMARY KEY (zone_id, owner_key, type)
) STRICT, WITHOUT ROWID;

-- The PTR RRset of each address: names one after the other. Without a TTL of its own it takes the block's.
CREATE TABLE ptr4 (
    address BLOB NOT NULL PRIMARY KEY,
    ttl     INTEGER,
    names   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ptr6 (
    address BLOB NOT NULL PRIMARY KEY,
    ttl     INTEGER,
    names   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The log: what was changed, when, by whom, from where and why.
CREATE TABLE change (
    id      INTEGER NOT NULL PRIMARY KEY,
    at      INTEGER NOT NULL, -- milliseconds since 1970 UTC
    actor   TEXT NOT NULL,
    origin  TEXT NOT NULL,
    reason  TEXT,
    kind    TEXT NOT NULL,
    summary TEXT NOT NULL,
    request TEXT NOT NULL -- JSON
) STRICT;
CREATE INDEX change_actor ON change (actor);

-- The edits of a change in the order of making, each in the packed form of the store's edit codec; many PTR edits
-- are cut into rows of about 64 KiB. `first` and `last` are the least and greatest address (as octets) of a row of
-- PTR edits, `last` only where the row is about more than one address.
CREATE TABLE change_edit (
    change_id INTEGER NOT NULL REFERENCES change (id) DEFERRABLE INITIALLY DEFERRED,
    seq       INTEGER NOT NULL,
    first     BLOB,
    last      BLOB,
    edit      BLOB NOT NULL,
    PRIMARY KEY (change_id, seq)
) STRICT, WITHOUT ROWID;
-- By address within each 4096 changes: the entries of new changes fall on a few pages, not on one page each anywhere
-- in an index of all addresses, and a search looks once into each 4096 changes, the newest first.
CREATE INDEX change_edit_address ON change_edit (change_id >> 12, first, change_id)
    WHERE first IS NOT NULL AND last IS NULL;
CREATE INDEX change_edit_addresses ON change_edit (change_id >> 12, first, last, change_id)
    WHERE last IS NOT NULL;

-- Every step of a zone's serial.
CREATE TABLE zone_serial (
    zone_id   INTEGER NOT NULL REFERENCES zone (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    change_id INTEGER NOT NULL REFERENCES change (id) DEFERRABLE INITIALLY DEFERRED,
    serial    INTEGER NOT NULL,
    PRIMARY KEY (zone_id, change_id)
) STRICT, WITHOUT ROWID;

-- Work that must follow a commit, safe to do twice. For each zone only the newest serial stays.
CREATE TABLE outbox (
    kind    TEXT NOT NULL CHECK (kind IN ('notify')),
    zone_id INTEGER NOT NULL REFERENCES zone (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    serial  INTEGER NOT NULL,
    PRIMARY KEY (kind, zone_id)
) STRICT, WITHOUT ROWID;
