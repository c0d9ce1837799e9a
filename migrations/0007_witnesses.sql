-- Which witnesses vouch for the public log, and what they said.

-- Governed: the policy in force is the newest row.
CREATE TABLE witness_policy (
    id          TEXT NOT NULL PRIMARY KEY,     -- of the act that set it
    text        TEXT NOT NULL,                 -- C2SP tlog-policy
    hash        TEXT NOT NULL,                 -- hex SHA-256 of the text; stands in the act's leaf
    may_http    BIGINT NOT NULL,               -- 1: witnesses may be asked without TLS (what they say is signed)
    may_private BIGINT NOT NULL,               -- 1: ... at addresses that aren't public
    set_at      BIGINT NOT NULL
);

-- Operational, of govern/witnessed_*.c. What each witness of any policy is known to have cosigned.
CREATE TABLE witness_state (
    vkey       TEXT NOT NULL PRIMARY KEY,
    size       BIGINT NOT NULL,                -- of the public log
    line       TEXT NOT NULL,                  -- its cosignature of the checkpoint of that size; empty: not ours to show
    time       BIGINT NOT NULL,                -- of that cosignature, POSIX seconds; 0: none
    asked_at   BIGINT NOT NULL,
    failed_at  BIGINT NOT NULL,                -- 0: the last answer was a cosignature
    last_error TEXT NOT NULL                   -- why not
);

-- The largest checkpoint of the public log that a quorum cosigned ("quorum"), and the largest that any witness showed
-- signed by this log's own key ("shown"). Nothing is signed below either: this may be an older copy of the node.
CREATE TABLE witnessed (
    kind       TEXT NOT NULL PRIMARY KEY CHECK (kind IN ('quorum', 'shown')),
    size       BIGINT NOT NULL,
    checkpoint TEXT NOT NULL,                  -- signed note, cosignatures with it
    noted_at   BIGINT NOT NULL
);

-- Two statements signed by the public log's key that can't both be true. While there is a row, nothing is signed or
-- published.
CREATE TABLE log_fork (
    id         TEXT NOT NULL PRIMARY KEY,      -- hex SHA-256 of theirs
    witness    TEXT NOT NULL,                  -- who showed it
    ours       TEXT NOT NULL,                  -- signed notes
    theirs     TEXT NOT NULL,
    noted_at   BIGINT NOT NULL
);
