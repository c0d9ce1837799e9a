-- How much statistics of a dataset may tell one consumer about any one person, and what they have told already.
-- Numbers are whole: epsilon in millionths, rho (zCDP) in thousand-millionths, delta in 1e-18.

-- The newest row of a dataset and a consumer is the budget in force; older ones stay.
CREATE TABLE privacy_budget (
    id            TEXT NOT NULL PRIMARY KEY,
    dataset_id    TEXT NOT NULL REFERENCES dataset (id),
    consumer_id   TEXT NOT NULL,              -- a party; or 'public'
    epsilon_micro BIGINT NOT NULL CHECK (epsilon_micro > 0),
    delta_atto    BIGINT NOT NULL CHECK (delta_atto >= 0),
    member_id     TEXT NOT NULL REFERENCES member (id), -- who agreed to it
    made_at       BIGINT NOT NULL
);
CREATE INDEX privacy_budget_of ON privacy_budget (dataset_id, consumer_id, id);

-- What one answer cost. Never changed, never taken back: what was told stays told.
CREATE TABLE privacy_spend (
    id            TEXT NOT NULL PRIMARY KEY,
    dataset_id    TEXT NOT NULL REFERENCES dataset (id),
    consumer_id   TEXT NOT NULL,
    epsilon_micro BIGINT NOT NULL CHECK (epsilon_micro >= 0), -- 0: Gaussian noise, which has no pure epsilon
    rho_nano      BIGINT NOT NULL CHECK (rho_nano > 0),
    delta_atto    BIGINT NOT NULL CHECK (delta_atto >= 0),    -- for finding groups
    made_at       BIGINT NOT NULL
);
CREATE INDEX privacy_spend_of ON privacy_spend (dataset_id, consumer_id);
