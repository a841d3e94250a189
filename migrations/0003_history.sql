-- What it takes to find a change again: by kind, tenant, time, the zones that it stepped, a zone that is gone; and to
-- take old changes out of the log.

PRAGMA user_version = 3;

CREATE INDEX change_kind ON change (kind);

-- The least and greatest time in each 4096 changes. Numbers rise, but clocks are set back: a search by time looks
-- into the parts that can have what it is asked for, and need not trust that time rises with the number.
CREATE TABLE change_span (
    part     INTEGER NOT NULL PRIMARY KEY, -- change.id >> 12
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL
) STRICT;
INSERT INTO change_span (part, first_at, last_at) SELECT id >> 12, min(at), max(at) FROM change GROUP BY id >> 12;

-- Whose blocks, zones and PTRs a change touched; by tenant within each 4096 changes, for the reason given at
-- change_edit_address. A tenant may be gone by now.
CREATE TABLE change_tenant (
    part      INTEGER NOT NULL, -- change_id >> 12
    tenant_id INTEGER NOT NULL,
    change_id INTEGER NOT NULL,
    PRIMARY KEY (part, tenant_id, change_id)
) STRICT, WITHOUT ROWID;

-- The changes of zones' rows, by apex (a wire name in lower case): what happened to a zone is found when it is gone.
CREATE TABLE change_zone (
    apex      BLOB NOT NULL,
    change_id INTEGER NOT NULL,
    PRIMARY KEY (apex, change_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_zone_change ON change_zone (change_id);

-- The zones that a change stepped. Also what the foreign key needs when changes go.
CREATE INDEX zone_serial_change ON zone_serial (change_id);
