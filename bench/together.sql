-- Makes a sample province large: 100,000 acts with findings, like those that are there. Only for measuring how quickly a preview is made
-- of it: it has no ledger behind it, and doesn't verify.
PRAGMA foreign_keys = off;
PRAGMA synchronous = off;
BEGIN;
CREATE TEMP TABLE number AS WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    SELECT i, printf('019fff%02x-%04x-7000-8000-%012x', i >> 16, i & 65535, i) AS id FROM n;
CREATE TEMP TABLE old_act AS SELECT ROW_NUMBER() OVER (ORDER BY id) - 1 AS k, * FROM act WHERE outcome <> 'done';
CREATE UNIQUE INDEX temp.old_act_k ON old_act (k);
INSERT INTO act SELECT n.id, NULL, verb, party_id, member_id, outcome, facts_hash, rules_hash, plan_hash, version_hash, key_id,
        sealed_record, receipt, made_at FROM number n JOIN old_act o ON o.k = n.i % (SELECT COUNT(*) FROM old_act);
COMMIT;
