-- Demands: data that somebody needs and the catalogue doesn't have. A demand is a case (0003_cases.sql) of the kind
-- "demand", with its thread, its clocks and who must answer; here stands what it has beside that.

CREATE TABLE demand (
    id          TEXT NOT NULL PRIMARY KEY REFERENCES cases (id),
    act_id      TEXT NOT NULL REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED, -- that raised it
    how_often   TEXT NOT NULL CHECK (how_often IN ('once', 'live', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly')),
    is_sealed   BIGINT NOT NULL CHECK (is_sealed IN (0, 1)), -- 1: until it is answered its words are for the two parties
    key_id      TEXT NOT NULL,                -- of the act
    sealed_text BYTEA NOT NULL,               -- JSON: need, purpose
    made_at     BIGINT NOT NULL
);

-- Who needs it too; each party once.
CREATE TABLE demand_backing (
    id        TEXT NOT NULL PRIMARY KEY REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED,
    demand_id TEXT NOT NULL REFERENCES demand (id),
    party_id  TEXT NOT NULL REFERENCES party (id),
    member_id TEXT NOT NULL REFERENCES member (id),
    made_at   BIGINT NOT NULL,
    UNIQUE (demand_id, party_id)
);
