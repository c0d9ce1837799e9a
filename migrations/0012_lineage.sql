-- Where a version comes from, if it was made of another one: the repairs that a member agreed to. Written with the
-- version, by the same act; both versions stay.
CREATE TABLE lineage (
    id              TEXT NOT NULL PRIMARY KEY REFERENCES version (id), -- the version that was made
    from_version_id TEXT NOT NULL REFERENCES version (id),
    how             TEXT NOT NULL CHECK (how IN ('repair')),
    standard_hash   TEXT NOT NULL,            -- SHA-256 of the standard's text
    repair_hash     TEXT NOT NULL,            -- SHA-256 of the file of repairs
    agreed_by       TEXT NOT NULL REFERENCES member (id),
    done            BIGINT NOT NULL,          -- repairs carried out
    failures_before BIGINT NOT NULL,          -- of all checks of the standard together
    failures_after  BIGINT NOT NULL,
    key_id          TEXT NOT NULL,            -- of the version
    sealed_repair   BYTEA NOT NULL,           -- the file of repairs
    created_at      BIGINT NOT NULL
);
CREATE INDEX lineage_from ON lineage (from_version_id);
