-- When and from where tokens of the API were used last: no change, so apart from the log. And what was answered to changes whose
-- clients gave them a key, so that to ask again is not to change again.

PRAGMA user_version = 9;

CREATE TABLE token_use (
    token_id  TEXT    NOT NULL PRIMARY KEY, -- as in the name of the token's setting
    used_at   INTEGER NOT NULL,             -- milliseconds since 1970 UTC
    used_from BLOB    NOT NULL CHECK (length(used_from) IN (4, 16))
) STRICT, WITHOUT ROWID;

CREATE TABLE kept_answer (
    asked  BLOB    NOT NULL PRIMARY KEY CHECK (length(asked) = 32), -- a digest of who asked, and of the key
    body   BLOB    NOT NULL CHECK (length(body) = 32),              -- a digest of what was asked
    at     INTEGER NOT NULL,                                        -- milliseconds since 1970 UTC
    answer TEXT    NOT NULL                                         -- JSON
) STRICT, WITHOUT ROWID;

CREATE INDEX kept_answer_at ON kept_answer (at);
