-- The migrations that this database has seen; the highest number is its version. (A table, because
-- SQLite's user_version has no counterpart in PostgreSQL.)
CREATE TABLE schema_version (
    version    BIGINT PRIMARY KEY,            -- number of the file in migrations/
    applied_at BIGINT NOT NULL                -- microseconds since 1970-01-01 UTC
);
