-- Duties that were met. A row of its own, so that the row of the clock stays as the act that started it wrote it.

CREATE TABLE clock_met (
    id       TEXT NOT NULL PRIMARY KEY REFERENCES clock (id),
    act_id   TEXT NOT NULL REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED, -- the act "answer", written after its rows
    met_at   BIGINT NOT NULL,
    key_id   TEXT NOT NULL,
    sealed_evidence BYTEA NOT NULL            -- JSON: evidence, signature
);
CREATE INDEX clock_act ON clock (act_id);
