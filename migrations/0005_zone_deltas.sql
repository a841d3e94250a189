-- What a zone's content lost and gained with a change, for incremental transfers (RFC 1995).

PRAGMA user_version = 5;

-- With the step of the serial, since both are written, read and pruned together. NULL where nobody can tell, or where there
-- was too much: transfers of older versions start anew there.
ALTER TABLE zone_serial ADD COLUMN from_serial INTEGER; -- of the version before
ALTER TABLE zone_serial ADD COLUMN delta BLOB;          -- records removed and added, in the packed form of ptrd_zone
