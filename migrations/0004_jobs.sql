-- Operational: what is to be done later, by whoever holds the node for writing (job/). Running a job may be repeated: a
-- process that dies leaves it to the next one, once its lease has ended.

CREATE TABLE job (
    id          TEXT NOT NULL PRIMARY KEY,
    kind        TEXT NOT NULL,                -- what to do: "clock"
    subject     TEXT NOT NULL,                -- to what: an id
    due_at      BIGINT NOT NULL,              -- not before
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    attempts    BIGINT NOT NULL,              -- that failed or were cut off
    lease_until BIGINT NOT NULL,              -- of a running one: from then on another may take it
    last_error  TEXT NOT NULL,                -- empty: none
    made_at     BIGINT NOT NULL,
    UNIQUE (kind, subject)
);
CREATE INDEX job_due ON job (state, due_at);

-- Clocks from before there were jobs. One without a date is looked at now: the calendar may have come.
INSERT INTO job (id, kind, subject, due_at, state, attempts, lease_until, last_error, made_at)
    SELECT id, 'clock', id, COALESCE(due_at, starts_at), 'waiting', 0, 0, '', starts_at FROM clock
    WHERE id NOT IN (SELECT id FROM clock_met);
