-- What faces show of a node in pages.

-- Governed: what was found in what a distribution gives out, as the version's inspection says what was found in the source.
CREATE TABLE inspection (
    id           TEXT NOT NULL PRIMARY KEY REFERENCES distribution (id),
    grade        TEXT NOT NULL,
    column_count BIGINT NOT NULL,
    key_id       TEXT NOT NULL,               -- of the version
    sealed_inspection BYTEA NOT NULL          -- JSON, with values
);

CREATE INDEX version_dataset ON version (dataset_id, id);
CREATE INDEX distribution_version ON distribution (version_id, id);
CREATE INDEX intent_state ON intent (state, id);
CREATE INDEX intent_party ON intent (party_id, id);

-- Operational, of govern/catalogue_*.c, written in the transaction of the act (catalogue_follow.c): all of it follows
-- from governed rows.

-- The datasets that somebody may see, and what of each.
CREATE TABLE catalogue_seen (
    viewer       TEXT NOT NULL,               -- a party, '/public' (everybody), '/all' (who may see all)
    dataset_id   TEXT NOT NULL,
    party_id     TEXT NOT NULL,
    openness     TEXT NOT NULL,               -- held, shared, open
    grade        TEXT NOT NULL,               -- of the newest that the viewer may see; empty: not kept
    row_count    BIGINT NOT NULL,
    column_count BIGINT NOT NULL,
    changed_at   BIGINT NOT NULL,
    PRIMARY KEY (viewer, dataset_id)
);
CREATE INDEX catalogue_seen_party ON catalogue_seen (viewer, party_id, dataset_id);
CREATE INDEX catalogue_seen_dataset ON catalogue_seen (dataset_id);

-- By which words a dataset is found: of its title, and of the names of columns that are public.
CREATE TABLE catalogue_term (
    dataset_id TEXT NOT NULL,
    term       TEXT NOT NULL,                 -- a folded word; of Chinese two characters in a row
    PRIMARY KEY (dataset_id, term)
);
CREATE INDEX catalogue_term_term ON catalogue_term (term, dataset_id);

-- Who may see an act, and what it is about.
CREATE TABLE catalogue_act (
    act_id     TEXT NOT NULL PRIMARY KEY,
    is_public  BIGINT NOT NULL,               -- 1: its leaf is in the public log
    party_id   TEXT NOT NULL,
    verb       TEXT NOT NULL,
    dataset_id TEXT                           -- NULL: about none
);
CREATE INDEX catalogue_act_public ON catalogue_act (is_public, act_id);
CREATE INDEX catalogue_act_verb ON catalogue_act (verb, is_public, act_id);
CREATE INDEX catalogue_act_party ON catalogue_act (party_id, is_public, act_id);
CREATE INDEX catalogue_act_party_verb ON catalogue_act (party_id, verb, is_public, act_id);
CREATE INDEX catalogue_act_dataset ON catalogue_act (dataset_id, is_public, act_id);

-- How duties stand, as far as that doesn't hang on the time of day.
CREATE TABLE catalogue_clock (
    clock_id  TEXT NOT NULL PRIMARY KEY,
    act_id    TEXT NOT NULL,                  -- that started it
    is_public BIGINT NOT NULL,                -- 1: that act's leaf is in the public log
    party_id  TEXT NOT NULL,                  -- whose act it was
    debtor_id TEXT NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('running', 'keep', 'met', 'late')), -- keep: ends by itself when due
    due_at    BIGINT NOT NULL                 -- 9223372036854775807: without a date
);
CREATE INDEX catalogue_clock_state ON catalogue_clock (state, is_public, due_at, clock_id);
CREATE INDEX catalogue_clock_public ON catalogue_clock (is_public, due_at, clock_id);
CREATE INDEX catalogue_clock_party ON catalogue_clock (party_id, due_at, clock_id);
CREATE INDEX catalogue_clock_debtor ON catalogue_clock (debtor_id, due_at, clock_id);
CREATE INDEX catalogue_clock_act ON catalogue_clock (act_id);

INSERT INTO catalogue_act (act_id, is_public, party_id, verb, dataset_id)
    SELECT a.id, CASE l.log WHEN 'public' THEN 1 ELSE 0 END, a.party_id, a.verb, about.dataset_id
    FROM act a JOIN leaf l ON l.act_id = a.id LEFT JOIN (
        SELECT act_id, MIN(dataset_id) AS dataset_id FROM (
            SELECT r.act_id, v.dataset_id FROM version v JOIN act_row r ON r.table_name = 'version' AND r.row_id = v.id
            UNION ALL SELECT e.act_id, k.dataset_id FROM case_entry e JOIN cases k ON k.id = e.case_id
                WHERE k.dataset_id IS NOT NULL
            UNION ALL SELECT p.act_id, v.dataset_id FROM replacement p JOIN version v ON v.id = p.id
        ) each_act GROUP BY act_id
    ) about ON about.act_id = a.id;

INSERT INTO catalogue_clock (clock_id, act_id, is_public, party_id, debtor_id, state, due_at)
    SELECT c.id, c.act_id, CASE l.log WHEN 'public' THEN 1 ELSE 0 END, a.party_id, COALESCE(k.responsible_id, a.party_id),
           CASE WHEN m.id IS NULL THEN CASE WHEN c.obligation LIKE '%keep=%' THEN 'keep' ELSE 'running' END
                WHEN c.due_at IS NULL OR m.met_at < c.due_at THEN 'met' ELSE 'late' END,
           COALESCE(c.due_at, 9223372036854775807)
    FROM clock c JOIN act a ON a.id = c.act_id JOIN leaf l ON l.act_id = c.act_id
        LEFT JOIN cases k ON k.act_id = c.act_id LEFT JOIN clock_met m ON m.id = c.id;

-- Datasets from before: their words need more than SQL.
INSERT INTO job (id, kind, subject, due_at, state, attempts, lease_until, last_error, made_at)
    SELECT id, 'catalogue', id, created_at, 'waiting', 0, 0, '', created_at FROM dataset;
