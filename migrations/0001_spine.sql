-- The spine: parties, rules, intents, acts, datasets, the two logs.
-- Governed tables change only through govern/act.c; each act keeps the hash of every row it wrote (act_row).
-- Ids are UUIDv7 in text; times are microseconds since 1970-01-01 UTC; titles are language maps in JSON.
-- Columns named sealed_* hold values encrypted under the key of their record (keys.db): destroying it erases them.

-- The node itself: one row, written by act 0.
CREATE TABLE node (
    id           TEXT NOT NULL PRIMARY KEY,
    origin       TEXT NOT NULL,               -- name of the node; log origins and key names start with it
    jurisdiction TEXT NOT NULL,               -- packs of law in force beside the node's own rules, comma-separated
    charter      TEXT NOT NULL,               -- canonical JSON: chambers and what each may decide
    created_at   BIGINT NOT NULL,
    receipt_key_id TEXT NOT NULL,             -- the key that signs receipts, in the key store
    receipt_vkey TEXT NOT NULL
);

CREATE TABLE party (
    id            TEXT NOT NULL PRIMARY KEY,           -- a public code, e.g. "transport"
    title         TEXT NOT NULL,
    chamber       TEXT NOT NULL CHECK (chamber IN ('government', 'enterprise', 'industry', 'public')),
    kind          TEXT NOT NULL,
    country       TEXT NOT NULL,
    public_key    TEXT NOT NULL,              -- vkey (C2SP signed-note) under which the party signs attestations
    registered_at BIGINT NOT NULL
);

-- A person acting for a party. The name is an account name and never leaves the node.
CREATE TABLE member (
    id       TEXT NOT NULL PRIMARY KEY,
    party_id TEXT NOT NULL REFERENCES party (id),
    name     TEXT NOT NULL,
    duties   TEXT NOT NULL,                   -- JSON array of codes: steward, owner, supervisor
    UNIQUE (party_id, name)
);

-- A set of rules, by the hash of its files; the one with the latest in_force_at is the law of the node.
CREATE TABLE rules (
    id          TEXT NOT NULL PRIMARY KEY,             -- SHA-256 over the canonical list of paths and file hashes
    files       TEXT NOT NULL,                -- JSON object: path -> text
    in_force_at BIGINT NOT NULL
);

-- An act asked for. It stays open until facts and duties let it take effect.
CREATE TABLE intent (
    id              TEXT NOT NULL PRIMARY KEY,
    verb            TEXT NOT NULL,
    party_id        TEXT NOT NULL REFERENCES party (id),
    member_id       TEXT NOT NULL REFERENCES member (id),
    state           TEXT NOT NULL CHECK (state IN ('open', 'done', 'denied')),
    idempotency_key TEXT,                     -- chosen by who asks; a retry gets the first receipt
    request_hash    TEXT NOT NULL,            -- HMAC of the request under the record key
    key_id          TEXT NOT NULL,            -- record key of the sealed columns
    sealed_request  BYTEA NOT NULL,           -- JSON: title, purpose, basis, source, declared facts
    created_at      BIGINT NOT NULL,
    UNIQUE (party_id, idempotency_key)
);

-- A fact that somebody attested for an intent (declared ones are part of the request).
CREATE TABLE fact (
    id         TEXT NOT NULL PRIMARY KEY,
    intent_id  TEXT NOT NULL REFERENCES intent (id),
    name       TEXT NOT NULL,
    party_id   TEXT NOT NULL REFERENCES party (id),
    made_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,               -- 0: does not expire
    bound_to   TEXT NOT NULL,                 -- for facts bound to bytes: the content they are about
    key_id     TEXT NOT NULL,
    sealed_value BYTEA NOT NULL               -- JSON: value, evidence, signature
);

CREATE TABLE dataset (
    id         TEXT NOT NULL PRIMARY KEY,
    party_id   TEXT NOT NULL REFERENCES party (id),
    title      TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Immutable. The source itself is kept only by --for store (original_address).
CREATE TABLE version (
    id               TEXT NOT NULL PRIMARY KEY,
    dataset_id       TEXT NOT NULL REFERENCES dataset (id),
    row_count        BIGINT NOT NULL,
    column_count     BIGINT NOT NULL,
    byte_count       BIGINT NOT NULL,
    grade            TEXT NOT NULL,
    key_id           TEXT NOT NULL,           -- key of the version: its files and sealed columns
    sealed_inspection BYTEA NOT NULL,         -- JSON of the inspection of the source
    original_address TEXT,                    -- vault address of the source as it came, or NULL
    created_at       BIGINT NOT NULL
);

-- A version made available in a form, perhaps protected.
CREATE TABLE distribution (
    id           TEXT NOT NULL PRIMARY KEY,
    version_id   TEXT NOT NULL REFERENCES version (id),
    form         TEXT NOT NULL,               -- "text/csv"
    address      TEXT NOT NULL UNIQUE,        -- vault address: SHA-256 of the sealed bytes
    key_id       TEXT NOT NULL,
    row_count    BIGINT NOT NULL,
    byte_count   BIGINT NOT NULL,
    disclosed_to TEXT NOT NULL,               -- "public", or the id of the party that receives
    plain_hash   TEXT,                        -- SHA-256 of the plain bytes, public ones only
    released_as  TEXT,                        -- path below the folder where the outbox puts it, public ones only
    created_at   BIGINT NOT NULL
);

-- An act done. Hashes bind what the finding was made from.
CREATE TABLE act (
    id            TEXT NOT NULL PRIMARY KEY,
    intent_id     TEXT REFERENCES intent (id),
    verb          TEXT NOT NULL,
    party_id      TEXT NOT NULL,
    member_id     TEXT,
    outcome       TEXT NOT NULL CHECK (outcome IN ('permit', 'deny', 'open', 'done')),
    facts_hash    TEXT NOT NULL,
    rules_hash    TEXT NOT NULL,
    plan_hash     TEXT NOT NULL,
    version_hash  TEXT NOT NULL,
    key_id        TEXT NOT NULL,
    sealed_record BYTEA NOT NULL,             -- JSON: finding, plan, facts, risks
    receipt       TEXT NOT NULL,              -- signed note, given out at commit
    made_at       BIGINT NOT NULL
);
CREATE INDEX act_intent ON act (intent_id);

-- What each act wrote: `polder ledger verify` hashes the rows again.
CREATE TABLE act_row (
    act_id     TEXT NOT NULL REFERENCES act (id),
    table_name TEXT NOT NULL,
    row_id     TEXT NOT NULL,
    row_hash   TEXT NOT NULL,
    revision   BIGINT NOT NULL,               -- 1, 2, ...: which of the acts that wrote the row came last
    PRIMARY KEY (table_name, row_id, revision)
);

-- A duty that is due after the effect.
CREATE TABLE clock (
    id         TEXT NOT NULL PRIMARY KEY,
    act_id     TEXT NOT NULL REFERENCES act (id),
    policy_id  TEXT NOT NULL,
    obligation TEXT NOT NULL,                 -- as the policy says it
    starts_at  BIGINT NOT NULL,
    due_at     BIGINT                         -- NULL: no date, or one in working days (needs a calendar)
);

-- The two logs: public (kept for ever) and restricted.
CREATE TABLE log (
    name           TEXT NOT NULL PRIMARY KEY CHECK (name IN ('public', 'restricted')),
    origin         TEXT NOT NULL UNIQUE,
    vkey           TEXT NOT NULL,
    key_id         TEXT NOT NULL,
    size           BIGINT NOT NULL,           -- leaves in the newest checkpoint
    edge           BYTEA NOT NULL,            -- right edge of the tree: 32 bytes for each set bit of size
    checkpoint     TEXT NOT NULL,             -- signed note
    published_size BIGINT NOT NULL            -- leaves whose tiles and checkpoint are on disk
);

-- One leaf for each act, written in its transaction; the integrator gives the index.
CREATE TABLE leaf (
    act_id TEXT NOT NULL PRIMARY KEY REFERENCES act (id),
    log    TEXT NOT NULL REFERENCES log (name),
    leaf_index BIGINT,                        -- NULL until integrated
    bytes  BYTEA NOT NULL,                    -- canonical JSON, leaf schema v1
    UNIQUE (log, leaf_index)
);

-- Operational: what can't join a transaction and is released after it.
CREATE TABLE outbox (
    distribution_id TEXT NOT NULL PRIMARY KEY REFERENCES distribution (id),
    done_at         BIGINT                    -- NULL: still to do
);
