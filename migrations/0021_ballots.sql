-- Votes. What was frozen when one opened, the rolls, the ballots, and what came of it.

CREATE TABLE vote (
    id        TEXT NOT NULL PRIMARY KEY REFERENCES proposal (id),
    act_id    TEXT NOT NULL REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED, -- that opened it
    frozen    TEXT NOT NULL,                  -- canonical JSON; its hash stands in the leaf
    hash      TEXT NOT NULL,
    key_id    TEXT NOT NULL,                  -- from which the pseudonyms of this vote derive
    opens_at  BIGINT NOT NULL,
    closes_at BIGINT NOT NULL
);

-- Who may vote, one row for each chamber.
CREATE TABLE vote_roll (
    id          TEXT NOT NULL PRIMARY KEY,    -- PROPOSAL/CHAMBER
    proposal_id TEXT NOT NULL REFERENCES proposal (id),
    chamber     TEXT NOT NULL,
    voters      TEXT NOT NULL,                -- parties or pseudonyms, ascending, each with an LF
    hash        TEXT NOT NULL
);

-- Operational, of govern/ballot.c: the rolls again, to look voters up. The count asks the roll itself.
CREATE TABLE vote_voter (
    proposal_id TEXT NOT NULL,
    chamber     TEXT NOT NULL,
    voter       TEXT NOT NULL,
    PRIMARY KEY (proposal_id, chamber, voter)
);

CREATE TABLE ballot (
    id           TEXT NOT NULL PRIMARY KEY,   -- of the act
    proposal_id  TEXT NOT NULL REFERENCES proposal (id),
    chamber      TEXT NOT NULL,
    voter        TEXT NOT NULL,
    turn         BIGINT NOT NULL,             -- 1; by pseudonym also 2, 3, ..., of which the last counts
    key_id       TEXT NOT NULL,
    sealed_value BYTEA NOT NULL,              -- the ballot, canonical JSON, to which the leaf commits
    made_at      BIGINT NOT NULL,
    UNIQUE (proposal_id, chamber, voter, turn)
);

CREATE TABLE vote_result (
    id      TEXT NOT NULL PRIMARY KEY,        -- of the act: of the close, and of settling a tie
    proposal_id TEXT NOT NULL REFERENCES proposal (id),
    result  TEXT NOT NULL,                    -- canonical JSON: counts and verdicts; of a tie that was settled also its checkpoint
    ballots TEXT NOT NULL,                    -- hash of the ballots as they were opened
    made_at BIGINT NOT NULL
);
CREATE INDEX vote_result_proposal ON vote_result (proposal_id);
