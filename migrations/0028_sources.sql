-- Operational, of serve/sources.c: tables that the operator lets members of a party name instead of sending a file.
CREATE TABLE data_source (
    name          TEXT NOT NULL PRIMARY KEY,
    party_id      TEXT NOT NULL REFERENCES party (id), -- whose members may name it
    location      TEXT NOT NULL,                       -- as source_open; holds no password
    password_file TEXT NOT NULL,                       -- of the operator's, by its whole path; empty: none
    made_at       BIGINT NOT NULL
);
