-- What came into force by a vote. The rules in force are the newest of `rules` and `enactment`: a rollback brings rules
-- back that are there already.
CREATE TABLE enactment (
    id          TEXT NOT NULL PRIMARY KEY,    -- of the act
    proposal_id TEXT NOT NULL REFERENCES proposal (id),
    rules_id    TEXT NOT NULL REFERENCES rules (id), -- in force from then on
    was_id      TEXT NOT NULL REFERENCES rules (id), -- until then
    in_force_at BIGINT NOT NULL
);

-- Which policies speak otherwise because of it: those that it changed, and those that read a threshold that it changed.
CREATE TABLE enacted_policy (
    id           TEXT NOT NULL PRIMARY KEY,   -- ENACTMENT/POLICY
    enactment_id TEXT NOT NULL REFERENCES enactment (id),
    policy_id    TEXT NOT NULL,
    what         TEXT NOT NULL                -- "added", "changed", "t.k 5 -> 10"
);
CREATE INDEX enacted_policy_policy ON enacted_policy (policy_id);

-- Standards that were voted into force; the newest of a name counts.
CREATE TABLE enacted_standard (
    id           TEXT NOT NULL PRIMARY KEY,   -- ENACTMENT/NAME
    enactment_id TEXT NOT NULL REFERENCES enactment (id),
    name         TEXT NOT NULL,
    text         TEXT NOT NULL,               -- empty: no longer in force
    hash         TEXT NOT NULL,
    in_force_at  BIGINT NOT NULL
);
CREATE INDEX enacted_standard_name ON enacted_standard (name);

-- What a party is told of.
CREATE TABLE notice (
    id          TEXT NOT NULL PRIMARY KEY,    -- ACT/PARTY
    act_id      TEXT NOT NULL REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED,
    party_id    TEXT NOT NULL REFERENCES party (id),
    proposal_id TEXT NOT NULL REFERENCES proposal (id),
    what        TEXT NOT NULL,                -- the stage that was reached
    made_at     BIGINT NOT NULL
);
CREATE INDEX notice_party ON notice (party_id, made_at);
