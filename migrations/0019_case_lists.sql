-- A party's cases, the newest first: those that it raised, and those that it must answer.
CREATE INDEX cases_party ON cases (party_id, id);
CREATE INDEX cases_responsible ON cases (responsible_id, id);
