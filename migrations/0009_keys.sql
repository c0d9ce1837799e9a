-- Keys made, replaced and destroyed by acts; erasing persons.

-- The keys that others verify signatures by, and the node key, of every holder that ever changed one: until then act 0
-- stands for them (log, node, party). A row is written when its key is made, replaced and destroyed.
CREATE TABLE signing_key (
    id           TEXT NOT NULL PRIMARY KEY,   -- in the key store; of a party's or the node's key, an id of its own
    holder       TEXT NOT NULL,               -- 'log/NAME', 'receipts', 'party/ID', 'node'
    vkey         TEXT NOT NULL,               -- signed-note verifier key; of the node key its fingerprint
    since        BIGINT NOT NULL,             -- from when on it is used
    made_by      TEXT REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED, -- NULL: act 0
    from_size    BIGINT,                      -- log: checkpoints of this size and larger are signed by it
    replaced_at  BIGINT,                      -- NULL: in use. A log's old key signs along until it is destroyed
    replaced_by  TEXT REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED,
    to_size      BIGINT,                      -- log: size of the last checkpoint that it signed
    destroyed_at BIGINT,
    destroyed_by TEXT REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX signing_key_holder ON signing_key (holder, since);

-- What needs two parties: asked for by one, agreed to by another. The row of a request changes with its state.
CREATE TABLE key_request (
    id        TEXT NOT NULL PRIMARY KEY,
    kind      TEXT NOT NULL CHECK (kind IN ('destroy', 'erase')),
    party_id  TEXT NOT NULL REFERENCES party (id),
    member_id TEXT NOT NULL REFERENCES member (id),
    state     TEXT NOT NULL CHECK (state IN ('asked', 'agreed', 'done', 'withdrawn')),
    asked_by  TEXT NOT NULL REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED,
    asked_at  BIGINT NOT NULL,
    moved_by  TEXT REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED,
    key_id    TEXT NOT NULL,
    sealed_request BYTEA NOT NULL             -- JSON: what is to be destroyed, why; of erase the person's identifiers
);

-- Destroyed keys. Each opening for writing destroys again what an older key store brought back.
CREATE TABLE key_destroyed (
    id           TEXT NOT NULL PRIMARY KEY,   -- in the key store
    purpose      TEXT NOT NULL,
    act_id       TEXT NOT NULL REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED,
    request_id   TEXT REFERENCES key_request (id),
    destroyed_at BIGINT NOT NULL
);
CREATE INDEX key_destroyed_at ON key_destroyed (destroyed_at);

-- Which persons are in which rows: a file of keyed hashes beside the file it speaks of, sealed under the same key. The
-- hashes have a key of their own, which is kept when an erasure replaces the file.
CREATE TABLE person_index (
    id          TEXT NOT NULL PRIMARY KEY,    -- of the distribution; or of the version whose original is kept
    version_id  TEXT NOT NULL REFERENCES version (id),
    key_id      TEXT NOT NULL,
    hash_key_id TEXT NOT NULL,
    address     TEXT NOT NULL,                -- in the vault
    entry_count BIGINT NOT NULL,
    sealed_columns BYTEA NOT NULL             -- JSON: columns in which identifiers were found; how the file is written
);
CREATE INDEX person_index_version ON person_index (version_id);

-- What took the place of an erased version or distribution.
CREATE TABLE replacement (
    id           TEXT NOT NULL PRIMARY KEY,   -- of the version or distribution that is gone
    kind         TEXT NOT NULL CHECK (kind IN ('version', 'distribution')),
    successor_id TEXT,                        -- NULL: nothing did
    rows_removed BIGINT NOT NULL,
    request_id   TEXT NOT NULL REFERENCES key_request (id),
    act_id       TEXT NOT NULL REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED,
    replaced_at  BIGINT NOT NULL
);

-- Operational: files that are to be removed once the act stands.
CREATE TABLE removal (
    path    TEXT NOT NULL PRIMARY KEY,        -- below the data folder; of a vault file its address
    act_id  TEXT NOT NULL,
    done_at BIGINT                            -- NULL: still to do
);
