-- How fresh zones are that are pulled from others. Apart from the log: it is no change, and would be one an hour for each of
-- many thousand zones.

PRAGMA user_version = 6;

CREATE TABLE zone_freshness (
    zone_id    INTEGER NOT NULL PRIMARY KEY REFERENCES zone (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    checked_at INTEGER NOT NULL -- when a primary last said which version is the newest: milliseconds since 1970 UTC
) STRICT;
