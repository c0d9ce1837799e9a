// kill -9 while many threads have their acts committed in groups: every receipt that was handed out is on the ledger.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, isFast, node, plainTable, polder, request, sql, whole, write } from './lib.mjs';

const asking = join(dirname(polder), 'tests/asking');
const KILLS = isFast ? 4 : 40;

// Lets it ask until it was killed `ms` after its first receipt. Resolves to the receipts that it printed: [act, leaf hash].
function killed(data, intent, ms) {
    return new Promise((done, failed) => {
        const child = spawn(asking, [data, intent, '8'], { stdio: ['ignore', 'pipe', 'inherit'] });
        let text = '';
        child.stdout.on('data', (piece) => {
            if (!text) setTimeout(() => child.kill('SIGKILL'), ms);
            text += piece;
        });
        child.on('close', (code, signal) => {
            if (signal !== 'SIGKILL') failed(new Error(`it ended by itself: ${code}`));
            done(text.split('\n').slice(0, -1).map((line) => line.split('\t')));
        });
    });
}

// SQLite looks for what waited for an act in each table that may name it so, at each act.
test('whoever names an act that comes after it is found by an index, where there may be many', (t) => {
    if (process.env.POLDER_TEST_DATABASE) return t.skip('of SQLite alone');
    const { data } = node(t);
    const sought = sql(data, `SELECT DISTINCT m.name FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
        WHERE m.type = 'table' AND f."table" = 'act' AND m.sql LIKE '%' || f."from" || ' %REFERENCES act (id) DEFERRABLE%'
        AND NOT EXISTS (SELECT 1 FROM pragma_index_list(m.name) i, pragma_index_info(i.name) c
            WHERE c.seqno = 0 AND c.name = f."from") ORDER BY 1`).split('\n');
    const few = ['notice', 'proposal', 'pruning', 'signing_key', 'vote']; // of votes, of shards, of parties
    assert.deepEqual(sought.filter((name) => !few.includes(name)), []);
});

test(`killed ${KILLS} times while many ask, every receipt handed out is on the ledger`, { timeout: 20 * 60 * 1000 }, async (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'p.csv', plainTable(60));
    const { outcome } = JSON.parse(expect(EX.TEMPFAIL, request(file, data, 'open', '--fact',
        'is_commercial_confidential=true', '--yes', '--json')).out);
    const receipts = new Map();
    for (let i = 0; i < KILLS; i++) {
        for (const [act, leaf] of await killed(data, outcome.intent, (i * 37) % 400)) receipts.set(act, leaf);
        const acts = new Map(sql(data, 'SELECT id, receipt FROM act').split(/\n(?=[0-9a-f]{8}-)/).map((row) => row.split('|')));
        for (const [act, leaf] of receipts)
            assert.ok(acts.get(act)?.includes(`\nleaf ${leaf}\n`), `the act ${act}, whose receipt was handed out, is there`);
        assert.equal(sql(data, `SELECT (SELECT COUNT(*) FROM act WHERE id NOT IN (SELECT act_id FROM leaf))
            + (SELECT COUNT(*) FROM leaf WHERE act_id NOT IN (SELECT id FROM act))
            + (SELECT COUNT(*) FROM fact WHERE id NOT IN (SELECT row_id FROM act_row WHERE table_name = 'fact'))`).trim(), '0');
    }
    assert.ok(receipts.size > KILLS, `there were ${receipts.size} receipts`);
    expect(EX.OK, request(write(folder, 'q.csv', plainTable(70)), data, 'open', '--yes')); // integrates what was left
    whole(data);
});
