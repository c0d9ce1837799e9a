-- Operational: the data folder that this database belongs to, because it does not lie in it. One row in PostgreSQL, none
-- in SQLite. The folder knows the same id, so that no node is ever run with the keys of another.
CREATE TABLE data_folder (
    id TEXT NOT NULL PRIMARY KEY              -- UUID, also the second line of DIR/database
);
