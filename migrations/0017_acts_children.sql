-- Rows that name their act are written before the act's own. When that one comes, SQLite looks for those that waited for it in every
-- table that may name an act so: without an index it reads the whole table, at each act, and a node grew slower with each.
CREATE INDEX case_entry_act ON case_entry (act_id);
CREATE INDEX clock_met_act ON clock_met (act_id);
CREATE INDEX clock_overdue_act ON clock_overdue (act_id);
CREATE INDEX key_request_asked ON key_request (asked_by);
CREATE INDEX key_request_moved ON key_request (moved_by);
CREATE INDEX key_destroyed_act ON key_destroyed (act_id);
CREATE INDEX replacement_act ON replacement (act_id);

-- Cases of a party in pages: those that it raised, those that it has to answer.
CREATE INDEX cases_party ON cases (party_id, id);
CREATE INDEX cases_responsible ON cases (responsible_id, id);
