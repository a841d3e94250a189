-- Names that are computed from addresses.

PRAGMA user_version = 8;

-- How addresses of the block are named that have no PTR: NULL as those of the block around it, 'none' for not at all, else
-- the text of a template, which has a brace.
ALTER TABLE block ADD COLUMN template TEXT;
