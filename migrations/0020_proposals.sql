-- Proposals: changes of the rules or standards that are put to the chambers. All of it is public, but for who acted and the
-- texts of objections, which are sealed so that what somebody wrote can be erased.

CREATE TABLE proposal (
    id          TEXT NOT NULL PRIMARY KEY,
    act_id      TEXT NOT NULL REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED, -- that made it
    party_id    TEXT NOT NULL REFERENCES party (id),
    member_id   TEXT NOT NULL REFERENCES member (id),
    title       TEXT NOT NULL,                -- language map
    effects     TEXT NOT NULL,                -- JSON: individuals, business, public: as stated by who proposes
    rollback_of TEXT REFERENCES proposal (id),
    made_at     BIGINT NOT NULL
);

-- What is proposed; the newest revision counts, and none comes after the consultation.
CREATE TABLE proposal_text (
    id          TEXT NOT NULL PRIMARY KEY,    -- of the act
    proposal_id TEXT NOT NULL REFERENCES proposal (id),
    revision    BIGINT NOT NULL,
    matter      TEXT NOT NULL,                -- of the charter
    text        TEXT NOT NULL,                -- canonical JSON: path -> base (hash, or null) and text (or null)
    hash        TEXT NOT NULL,
    UNIQUE (proposal_id, revision)
);

-- The stages that it went through; the newest is where it stands.
CREATE TABLE proposal_step (
    id          TEXT NOT NULL PRIMARY KEY,    -- of the act
    proposal_id TEXT NOT NULL REFERENCES proposal (id),
    step        BIGINT NOT NULL,
    stage       TEXT NOT NULL CHECK (stage IN ('draft', 'consultation', 'final', 'vote', 'tied', 'adopted', 'rejected',
                                               'in_force', 'review', 'withdrawn', 'stopped')),
    until       BIGINT,                       -- when the next step is due; NULL: it has no date
    why         TEXT NOT NULL,                -- of a step that was not to be hoped for; else empty
    impact      TEXT,                         -- the preview, canonical JSON; with 'final'
    made_at     BIGINT NOT NULL,
    UNIQUE (proposal_id, step)
);

CREATE TABLE objection (
    id          TEXT NOT NULL PRIMARY KEY,    -- of the act
    proposal_id TEXT NOT NULL REFERENCES proposal (id),
    party_id    TEXT NOT NULL REFERENCES party (id),
    member_id   TEXT NOT NULL REFERENCES member (id),
    category    TEXT NOT NULL CHECK (category IN ('law', 'privacy', 'safety', 'equity', 'cost')),
    key_id      TEXT NOT NULL,
    sealed_text BYTEA NOT NULL,               -- JSON: harm, change
    made_at     BIGINT NOT NULL
);
CREATE INDEX objection_proposal ON objection (proposal_id);

-- What came of it: the newest counts.
CREATE TABLE objection_step (
    id           TEXT NOT NULL PRIMARY KEY,   -- of the act
    objection_id TEXT NOT NULL REFERENCES objection (id),
    step         BIGINT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('answered', 'withdrawn', 'sustained')),
    party_id     TEXT NOT NULL REFERENCES party (id),
    member_id    TEXT NOT NULL REFERENCES member (id),
    key_id       TEXT NOT NULL,
    sealed_text  BYTEA NOT NULL,              -- JSON: text
    made_at      BIGINT NOT NULL,
    UNIQUE (objection_id, step)
);
