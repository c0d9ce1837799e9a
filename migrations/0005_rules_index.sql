-- Every act asks which rules are in force. The time stands behind the rules' texts in their row, so that without
-- this index SQLite walks through some hundred kilobytes to read it.
CREATE INDEX rules_in_force ON rules (in_force_at DESC, id);
