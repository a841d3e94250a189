-- Steps of serials by row number. A table WITHOUT ROWID keeps whole rows in the tree that is searched by key, and to compare a
-- key with a row that has overflow pages SQLite reads all of it: behind a difference of megabytes every change paid for
-- reading that.

PRAGMA user_version = 7;

CREATE TABLE zone_step (
    zone_id     INTEGER NOT NULL REFERENCES zone (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    change_id   INTEGER NOT NULL REFERENCES change (id) DEFERRABLE INITIALLY DEFERRED,
    serial      INTEGER NOT NULL,
    from_serial INTEGER, -- of the version before
    delta       BLOB,    -- records removed and added, in the packed form of ptrd_zone
    PRIMARY KEY (zone_id, change_id)
) STRICT;
INSERT INTO zone_step (zone_id, change_id, serial, from_serial, delta)
    SELECT zone_id, change_id, serial, from_serial, delta FROM zone_serial ORDER BY change_id, zone_id;
DROP TABLE zone_serial;
ALTER TABLE zone_step RENAME TO zone_serial;

-- The zones that a change stepped. Also what the foreign key needs when changes go.
CREATE INDEX zone_serial_change ON zone_serial (change_id, zone_id);
