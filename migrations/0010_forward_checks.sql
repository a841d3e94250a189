-- What is asked of the names that addresses of a block are given.

PRAGMA user_version = 10;

-- Whether names may look generic to spam filters: any, warn, must-pass; NULL as the block around it says.
ALTER TABLE block ADD COLUMN names TEXT;
