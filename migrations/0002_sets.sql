-- NS sets and SOA templates, referenced by zones; serial policies.
--
-- A zone that references a template has no SOA columns of its own, so those become nullable. ALTER TABLE cannot drop a
-- NOT NULL, and a new table in place of the old one would take the rows of zone_serial and outbox with it (their
-- ON DELETE CASCADE runs when the old table goes): the columns are renamed, copied and dropped instead.
--
-- Zones that are there keep what they have. Which of them are as the defaults were, and so reference `default` from
-- now on, is for the daemon to find out at its next start (names in the defaults are text, those of zones are wire
-- form): it makes a change of it that stands in the log. The setting `carry-over` asks for that.

PRAGMA user_version = 2;

CREATE TABLE ns_set (
    id          INTEGER NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL,
    ttl         INTEGER, -- of the NS RRset; NULL: the zone TTL of the defaults
    nameservers BLOB NOT NULL -- names one after the other
) STRICT;

CREATE TABLE soa_template (
    id            INTEGER NOT NULL PRIMARY KEY,
    name          TEXT NOT NULL,
    mname         BLOB, -- NULL: the first nameserver that the zone shows
    rname         BLOB NOT NULL,
    refresh       INTEGER NOT NULL,
    retry         INTEGER NOT NULL,
    expire        INTEGER NOT NULL,
    minimum       INTEGER NOT NULL,
    ttl           INTEGER, -- of the SOA record; NULL: the zone TTL of the defaults
    serial_policy TEXT NOT NULL CHECK (serial_policy IN ('counter', 'date', 'unixtime'))
) STRICT;

-- ns1.invalid. and ns2.invalid.; hostmaster.invalid.
INSERT INTO ns_set (id, name, ttl, nameservers) VALUES
    (1, 'default', NULL, x'036e733107696e76616c696400036e733207696e76616c696400');
INSERT INTO soa_template (id, name, mname, rname, refresh, retry, expire, minimum, ttl, serial_policy) VALUES
    (1, 'default', NULL, x'0a686f73746d617374657207696e76616c696400', 14400, 3600, 1209600, 3600, NULL, 'counter');

INSERT INTO mark (name, value) VALUES
    ('last_ns_set', 1), ('last_soa_template', 1), ('ns_set_rows', 1), ('soa_template_rows', 1);

ALTER TABLE zone ADD COLUMN ns_set_id INTEGER REFERENCES ns_set (id) DEFERRABLE INITIALLY DEFERRED;
-- With a template the columns of the SOA are NULL, all but the serial.
ALTER TABLE zone ADD COLUMN soa_template_id INTEGER REFERENCES soa_template (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE zone ADD COLUMN serial_policy TEXT CHECK (serial_policy IN ('counter', 'date', 'unixtime'));
CREATE INDEX zone_ns_set ON zone (ns_set_id);
CREATE INDEX zone_soa_template ON zone (soa_template_id);

ALTER TABLE zone RENAME COLUMN mname TO old_mname;
ALTER TABLE zone RENAME COLUMN rname TO old_rname;
ALTER TABLE zone RENAME COLUMN refresh TO old_refresh;
ALTER TABLE zone RENAME COLUMN retry TO old_retry;
ALTER TABLE zone RENAME COLUMN expire TO old_expire;
ALTER TABLE zone RENAME COLUMN minimum TO old_minimum;
ALTER TABLE zone RENAME COLUMN soa_ttl TO old_soa_ttl;
ALTER TABLE zone ADD COLUMN mname BLOB;
ALTER TABLE zone ADD COLUMN rname BLOB;
ALTER TABLE zone ADD COLUMN refresh INTEGER;
ALTER TABLE zone ADD COLUMN retry INTEGER;
ALTER TABLE zone ADD COLUMN expire INTEGER;
ALTER TABLE zone ADD COLUMN minimum INTEGER;
ALTER TABLE zone ADD COLUMN soa_ttl INTEGER;
UPDATE zone SET mname = old_mname, rname = old_rname, refresh = old_refresh, retry = old_retry,
                expire = old_expire, minimum = old_minimum, soa_ttl = old_soa_ttl;
ALTER TABLE zone DROP COLUMN old_mname;
ALTER TABLE zone DROP COLUMN old_rname;
ALTER TABLE zone DROP COLUMN old_refresh;
ALTER TABLE zone DROP COLUMN old_retry;
ALTER TABLE zone DROP COLUMN old_expire;
ALTER TABLE zone DROP COLUMN old_minimum;
ALTER TABLE zone DROP COLUMN old_soa_ttl;

INSERT INTO setting (name, value)
    SELECT 'carry-over', '"sets"'
    WHERE EXISTS (SELECT 1 FROM zone) OR EXISTS (SELECT 1 FROM setting WHERE name = 'defaults');
UPDATE mark SET value = value + changes() WHERE name = 'setting_rows';
