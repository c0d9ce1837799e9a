-- Keys by which plans make pseudonyms: under one key a person has the same in every table, under another another.

-- A name is never given twice, destroyed or not: so no plan is carried out under another key than it meant.
CREATE TABLE pseudonym_key (
    id        TEXT NOT NULL PRIMARY KEY,      -- in the key store
    name      TEXT NOT NULL,                  -- as plans call it
    purpose   TEXT NOT NULL,                  -- acts of another one can't use it
    party_id  TEXT NOT NULL REFERENCES party (id), -- nor other parties
    member_id TEXT NOT NULL REFERENCES member (id),
    made_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX pseudonym_key_name ON pseudonym_key (name);

-- What was made under a key.
CREATE TABLE pseudonym_use (
    id     TEXT NOT NULL PRIMARY KEY REFERENCES distribution (id),
    key_id TEXT NOT NULL REFERENCES pseudonym_key (id)
);
CREATE INDEX pseudonym_use_key ON pseudonym_use (key_id);
