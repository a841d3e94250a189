-- Blocks over time: suspended, relabelled, resold.

PRAGMA user_version = 4;

-- The tenant whose customer this one is, and who may give it blocks inside its own.
ALTER TABLE tenant ADD COLUMN reseller_id INTEGER REFERENCES tenant (id) DEFERRABLE INITIALLY DEFERRED;

-- Its addresses show neither PTRs nor anything derived.
ALTER TABLE block ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0 CHECK (suspended IN (0, 1));
-- Its tenant may add and remove blocks inside it.
ALTER TABLE block ADD COLUMN may_sub_block INTEGER NOT NULL DEFAULT 0 CHECK (may_sub_block IN (0, 1));
-- Labels that it had before and that are still answered for, NULL for none: u16 count of {name, u8 0 or 1 and then
-- a delegation as in `delegation`, u8 0 or 1 and then the time at which it goes (i64, milliseconds since 1970 UTC)}.
ALTER TABLE block ADD COLUMN former BLOB;

CREATE INDEX tenant_reseller ON tenant (reseller_id) WHERE reseller_id IS NOT NULL;
