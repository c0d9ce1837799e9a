-- Operational, of serve/upload.c: files that members sent to the server, until an act takes them or a week has passed.
CREATE TABLE upload (
    id              TEXT NOT NULL PRIMARY KEY, -- also the name of the sealed file below uploads/
    party_id        TEXT NOT NULL,
    member_id       TEXT NOT NULL,
    file_name       TEXT NOT NULL,             -- as the client called it
    byte_count      BIGINT NOT NULL,
    content_hash    TEXT NOT NULL,             -- hex SHA-256 of the plain bytes
    seal_key        BYTEA NOT NULL,            -- of the file; it goes with the row
    state           TEXT NOT NULL CHECK (state IN ('received', 'inspected', 'failed')),
    why             TEXT NOT NULL,             -- why it failed
    inspection      TEXT NOT NULL,             -- JSON, without values; empty until inspected
    idempotency_key TEXT,                      -- chosen by who sent it: sending again gives the first one
    made_at         BIGINT NOT NULL,
    UNIQUE (party_id, idempotency_key)
);
CREATE INDEX upload_made ON upload (made_at);
