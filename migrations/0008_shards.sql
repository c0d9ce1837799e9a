-- The restricted log in shards by period, each a log of its own; their anchors in the public log; what was pruned.
-- A node from before had one restricted log: it becomes the first shard, keeps its origin, its key and its files, and
-- gets no more leaves but those that were promised to it.

CREATE TABLE shard_log (                      -- becomes "log"
    name           TEXT NOT NULL PRIMARY KEY, -- 'public', or 'restricted/PERIOD': 2026-11, 2026-q4, 2026-h2, 2026, first
    kind           TEXT NOT NULL CHECK (kind IN ('public', 'restricted')),
    folder         TEXT NOT NULL UNIQUE,      -- below ledger/
    origin         TEXT NOT NULL UNIQUE,
    vkey           TEXT NOT NULL,
    key_id         TEXT NOT NULL,
    size           BIGINT NOT NULL,           -- leaves in the newest checkpoint
    edge           BYTEA NOT NULL,            -- right edge of the tree: 32 bytes for each set bit of size
    checkpoint     TEXT NOT NULL,             -- signed note
    published_size BIGINT NOT NULL,           -- leaves whose tiles and checkpoint are on disk; -1: nothing is
    starts_at      BIGINT NOT NULL,           -- a shard has the acts from then on ...
    ends_at        BIGINT,                    -- ... and before then; NULL: the public log, which doesn't end
    pruned_at      BIGINT                     -- when its leaves were removed; NULL: they are here
);

INSERT INTO shard_log (name, kind, folder, origin, vkey, key_id, size, edge, checkpoint, published_size, starts_at, ends_at)
    SELECT CASE name WHEN 'restricted' THEN 'restricted/first' ELSE name END, name, name, origin, vkey, key_id, size, edge,
           checkpoint, published_size, COALESCE((SELECT MIN(created_at) FROM node), 0),
           CASE name WHEN 'restricted' THEN COALESCE(
               (SELECT MAX(a.made_at) + 1 FROM act a JOIN leaf l ON l.act_id = a.id WHERE l.log = 'restricted'),
               (SELECT MIN(created_at) FROM node), 0) END
    FROM log;

CREATE TABLE shard_leaf (                     -- becomes "leaf"
    act_id     TEXT NOT NULL PRIMARY KEY REFERENCES act (id),
    log        TEXT NOT NULL REFERENCES shard_log (name),
    leaf_index BIGINT,                        -- NULL until integrated
    bytes      BYTEA NOT NULL,                -- canonical JSON of the closed schema
    proof      BYTEA,                         -- of a leaf that stays in a pruned shard: its inclusion, 32 bytes a hash
    UNIQUE (log, leaf_index)
);

INSERT INTO shard_leaf (act_id, log, leaf_index, bytes)
    SELECT act_id, CASE log WHEN 'restricted' THEN 'restricted/first' ELSE log END, leaf_index, bytes FROM leaf;

DROP TABLE leaf;
DROP TABLE log;
ALTER TABLE shard_log RENAME TO log;
ALTER TABLE shard_leaf RENAME TO leaf;
-- The integrator's queue, however long: without it each batch would sort all that waits.
CREATE INDEX leaf_pending ON leaf (log, act_id) WHERE leaf_index IS NULL;

-- Governed: a shard as it stood when the public log was told.
CREATE TABLE anchor (
    id         TEXT NOT NULL PRIMARY KEY REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED, -- the act "anchor"
    log        TEXT NOT NULL REFERENCES log (name),
    size       BIGINT NOT NULL,
    root       TEXT NOT NULL,                 -- hex
    checkpoint TEXT NOT NULL,                 -- signed note of that size, for proofs that lead to the anchor
    made_at    BIGINT NOT NULL,
    UNIQUE (log, size)
);

-- Governed: what a pruning removed; one row for each shard that it took something from.
CREATE TABLE pruning (
    id         TEXT NOT NULL PRIMARY KEY,
    act_id     TEXT NOT NULL REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED, -- the act "prune"
    log        TEXT NOT NULL REFERENCES log (name),
    size       BIGINT NOT NULL,               -- of the shard, as anchored
    root       TEXT NOT NULL,                 -- hex
    removed    BIGINT NOT NULL,               -- acts that went
    held       BIGINT NOT NULL,               -- acts that are still there: others depend on them, or a duty runs
    kept_until BIGINT NOT NULL,               -- the end of the retention
    made_at    BIGINT NOT NULL
);
CREATE INDEX pruning_log ON pruning (log, id);

-- Operational, of govern/prune.c. The acts that may go, while a pruning is worked out; empty otherwise.
CREATE TABLE prunable (
    act_id TEXT NOT NULL PRIMARY KEY
);
-- Keys whose records are gone, until the key store has forgotten them.
CREATE TABLE doomed_key (
    key_id TEXT NOT NULL PRIMARY KEY,
    act_id TEXT NOT NULL                      -- the act "prune"
);

-- What was never anchored is anchored by whoever writes next.
INSERT INTO job (id, kind, subject, due_at, state, attempts, lease_until, last_error, made_at)
    SELECT key_id, 'anchor', 'first', starts_at, 'waiting', 0, 0, '', starts_at FROM log
    WHERE kind = 'restricted' AND EXISTS (SELECT 1 FROM leaf WHERE leaf.log = log.name);
