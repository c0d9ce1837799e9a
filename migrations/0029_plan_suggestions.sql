-- Operational, of serve/suggest.c: plans that members asked for an upload. They go with it.
CREATE TABLE plan_suggestion (
    id              TEXT NOT NULL PRIMARY KEY,
    upload_id       TEXT NOT NULL,
    party_id        TEXT NOT NULL,             -- whose members may read it
    k               BIGINT NOT NULL,           -- 0: at the knee of the curve
    most_left_out   BIGINT NOT NULL,           -- rows, in hundredths
    population      BIGINT NOT NULL,           -- 0: nobody said
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'ready', 'failed')),
    why             TEXT NOT NULL,             -- why it failed
    suggestion      TEXT NOT NULL,             -- JSON of govern_suggestion_write; empty until it is ready
    made_at         BIGINT NOT NULL
);
CREATE INDEX plan_suggestion_upload ON plan_suggestion (upload_id);
