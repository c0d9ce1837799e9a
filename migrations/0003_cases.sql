-- Cases: what somebody raised and a responsible party must answer. The row of a case stays as it was raised; where it
-- stands is said by its newest entry. What a case's law demands are clocks of the act that raised it, owed by the
-- responsible party.

CREATE TABLE cases (
    id             TEXT NOT NULL PRIMARY KEY,
    act_id         TEXT NOT NULL REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED, -- that raised it
    kind           TEXT NOT NULL,             -- access, demand, objection, correction, withdrawal, incident
    party_id       TEXT NOT NULL REFERENCES party (id), -- raised it
    responsible_id TEXT NOT NULL REFERENCES party (id), -- must answer it
    dataset_id     TEXT REFERENCES dataset (id), -- NULL: about no dataset of this node
    raised_at      BIGINT NOT NULL
);
CREATE INDEX cases_act ON cases (act_id);

-- The thread of a case, which only grows.
CREATE TABLE case_entry (
    id          TEXT NOT NULL PRIMARY KEY,
    case_id     TEXT NOT NULL REFERENCES cases (id),
    act_id      TEXT NOT NULL REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED,
    step        TEXT NOT NULL,                -- raise, answer, refuse, withdraw, escalate
    state       TEXT NOT NULL CHECK (state IN ('raised', 'answered', 'refused', 'withdrawn', 'escalated')), -- from then on
    party_id    TEXT NOT NULL REFERENCES party (id),
    member_id   TEXT REFERENCES member (id),
    key_id      TEXT NOT NULL,
    sealed_text BYTEA NOT NULL,               -- JSON: text; of a refusal ground and appeal; signature
    made_at     BIGINT NOT NULL
);
CREATE INDEX case_entry_case ON case_entry (case_id, id);

-- Duties that were seen to be overdue: recorded once, even if they are met later.
CREATE TABLE clock_overdue (
    id       TEXT NOT NULL PRIMARY KEY REFERENCES clock (id),
    act_id   TEXT NOT NULL REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED,
    noted_at BIGINT NOT NULL
);
