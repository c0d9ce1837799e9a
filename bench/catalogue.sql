-- Makes a sample province large: 100,000 acts, 10,000 datasets, 50,000 duties more, like those that are there. Only for measuring how
-- quickly it is read: it has no ledger behind it, and doesn't verify.
PRAGMA foreign_keys = off;
PRAGMA synchronous = off;
BEGIN;
CREATE TEMP TABLE number AS WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    SELECT i, printf('019fff%02x-%04x-7000-8000-%012x', i >> 16, i & 65535, i) AS id FROM n;
CREATE TEMP TABLE old_act AS SELECT ROW_NUMBER() OVER (ORDER BY a.id) - 1 AS k, a.*, l.log, c.is_public, c.dataset_id
    FROM act a JOIN leaf l ON l.act_id = a.id JOIN catalogue_act c ON c.act_id = a.id WHERE a.verb <> 'init';
CREATE TEMP TABLE old_act_count AS SELECT COUNT(*) AS n FROM old_act;
CREATE UNIQUE INDEX temp.old_act_k ON old_act (k);
INSERT INTO act SELECT n.id, NULL, verb, party_id, member_id, outcome, facts_hash, rules_hash, plan_hash, version_hash, key_id,
        substr(sealed_record, 1, 600), receipt, made_at FROM number n JOIN old_act o ON o.k = n.i % (SELECT n FROM old_act_count);
INSERT INTO leaf (act_id, log, leaf_index, bytes) SELECT n.id, log, -1 - n.i, x'7b7d'
    FROM number n JOIN old_act o ON o.k = n.i % (SELECT n FROM old_act_count);
INSERT INTO catalogue_act SELECT n.id, is_public, party_id, verb, dataset_id
    FROM number n JOIN old_act o ON o.k = n.i % (SELECT n FROM old_act_count);

CREATE TEMP TABLE old_dataset AS SELECT ROW_NUMBER() OVER (ORDER BY id) - 1 AS k, * FROM dataset;
INSERT INTO dataset SELECT n.id, party_id, title, created_at FROM number n JOIN old_dataset o ON o.k = n.i % 40 WHERE n.i <= 10000;
INSERT INTO catalogue_seen SELECT viewer, n.id, s.party_id, openness, grade, row_count, column_count, changed_at
    FROM number n JOIN old_dataset o ON o.k = n.i % 40 JOIN catalogue_seen s ON s.dataset_id = o.id WHERE n.i <= 10000;
INSERT INTO catalogue_term SELECT n.id, term FROM number n JOIN old_dataset o ON o.k = n.i % 40 JOIN catalogue_term t ON t.dataset_id = o.id
    WHERE n.i <= 10000;

CREATE TEMP TABLE old_clock AS SELECT ROW_NUMBER() OVER (ORDER BY id) - 1 AS k, c.*, t.is_public, t.party_id, t.debtor_id, t.state, t.due_at AS due
    FROM clock c JOIN catalogue_clock t ON t.clock_id = c.id;
CREATE TEMP TABLE old_clock_count AS SELECT COUNT(*) AS n FROM old_clock;
CREATE UNIQUE INDEX temp.old_clock_k ON old_clock (k);
INSERT INTO clock SELECT n.id, act_id, policy_id, obligation, starts_at, due_at
    FROM number n JOIN old_clock o ON o.k = n.i % (SELECT n FROM old_clock_count) WHERE n.i <= 50000;
INSERT INTO catalogue_clock SELECT n.id, act_id, is_public, party_id, debtor_id, state, due
    FROM number n JOIN old_clock o ON o.k = n.i % (SELECT n FROM old_clock_count) WHERE n.i <= 50000;
COMMIT;
