// The restricted log in shards: which one an act goes to, what the public log is told of them, and that a node from
// before there were shards loses nothing.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, checkProof, copyNode, expect, hashLeaf, leavesOf, node, oldNode, plainTable, refused, request, run, sql, treeRoot, whole, write }
    from './lib.mjs';

const json = (code, args) => JSON.parse(expect(code, [...args, '--json']).out);
const logs = (data) => json(EX.OK, ['ledger', 'logs', '--data', data]).logs;
const month = new Date().toISOString().slice(0, 7), shard = `restricted/${month}`;
const raise = (data) => json(EX.OK, ['case', 'raise', 'access', '--data', data, '--party', 'acme', '--member', 'steward',
    '--to', 'transport', '--subject', 'timetables']).outcome;
const anchor = (data) => json(EX.OK, ['ledger', 'anchor', '--data', data]).anchored;

test('a restricted act goes to the shard of its month, which is a log of its own', (t) => {
    const { data } = node(t);
    const outcome = raise(data);
    assert.deepEqual([outcome.log.name, outcome.log.shard, outcome.log.index, outcome.log.size], ['restricted', month, 0, 1]);
    assert.match(outcome.receipt, new RegExp(`^log test\\.polder\\.example/${shard}$`, 'm'));
    const [open, first, ...rest] = logs(data);
    assert.equal(rest.length, 0);
    assert.deepEqual([open.name, open.origin], ['public', 'test.polder.example/public']);
    assert.deepEqual([first.name, first.origin, first.size, first.anchored], [shard, `test.polder.example/${shard}`, 1, 0]);
    assert.equal(first.from, `${month}-01T00:00:00Z`);
    const keyOf = (vkey) => vkey.split('+').at(-1);
    assert.notEqual(keyOf(first.vkey), keyOf(open.vkey), 'no two logs share a key: a witness policy would refuse them');
    const checkpoint = readFileSync(join(data, `ledger/restricted-${month}/checkpoint`), 'utf8');
    assert.equal(checkpoint.split('\n')[0], `test.polder.example/${shard}`);
    whole(data);
});

test('anchoring tells the public log size and root of each shard, once, and proofs lead there with one key', (t) => {
    const { folder, data } = node(t);
    const first = raise(data);
    raise(data);
    const path = join(folder, 'p');
    assert.match(expect(EX.OK, ['ledger', 'prove', first.act, '--data', data, '--output', path]).out, /no second step/);
    assert.ok(!existsSync(`${path}.anchor`));
    const [done, ...more] = anchor(data);
    assert.deepEqual([done.log, done.size, done.before, more.length], [shard, 2, 0, 0]);
    assert.deepEqual(anchor(data), [], 'nothing is new');
    const leaves = leavesOf(data, shard);
    const root = treeRoot(leaves.map(hashLeaf)).toString('hex');
    assert.equal(done.root, root, 'the root that this test computes');
    const leaf = json(EX.OK, ['ledger', 'show', '--data', data]).leaves.at(-1).leaf;
    assert.deepEqual([leaf.verb, leaf.outcome, leaf.log], ['anchor', 'done', { origin: `test.polder.example/${shard}`, size: '2', root }]);
    raise(data); // and one that no anchor covers yet
    expect(EX.OK, ['ledger', 'prove', first.act, '--data', data, '--output', path]);

    // By this test's own mathematics, with the public key alone.
    const vkey = logs(data)[0].vkey;
    const anchorLeaf = readFileSync(`${path}.anchor.leaf`);
    checkProof(readFileSync(`${path}.anchor`, 'utf8'), anchorLeaf, vkey);
    const at = checkProof(readFileSync(path, 'utf8'), readFileSync(`${path}.leaf`), logs(data)[1].vkey);
    const told = JSON.parse(anchorLeaf).log;
    assert.deepEqual([told.origin, told.size, told.root], [at.origin, String(at.size), at.root.toString('hex')]);

    const verify = ['ledger', 'verify', '--proof', path, '--leaf', `${path}.leaf`, '--anchor', `${path}.anchor`, '--key', vkey];
    const shown = json(EX.OK, verify);
    assert.deepEqual([shown.is_proven, shown.origin, shown.index, shown.size, shown.anchor.origin],
        [true, `test.polder.example/${shard}`, 0, 2, 'test.polder.example/public']);
    assert.match(expect(EX.OK, verify).out, /Proven in two steps/);
    const stranger = run(['docs/how-to/verify-proof.mjs', path, `${path}.leaf`, write(folder, 'key', vkey), `${path}.anchor`], { program: process.execPath });
    assert.equal(stranger.code, 0, 'the verifier of the manual agrees');

    // What doesn't belong together is refused, by the program and by the manual's verifier.
    const other = readFileSync(`${path}.leaf`);
    other[10] ^= 1;
    const wrong = (args) => verify.map((a) => args[a] ?? a);
    expect(EX.SOFTWARE, wrong({ [`${path}.leaf`]: write(folder, 'other', other) }));
    expect(EX.NOINPUT, wrong({ [vkey]: logs(data)[1].vkey }));
    const later = raise(data), q = join(folder, 'q');
    anchor(data);
    expect(EX.OK, ['ledger', 'prove', later.act, '--data', data, '--output', q]);
    assert.match(expect(EX.SOFTWARE, wrong({ [`${path}.anchor`]: `${q}.anchor` })).err, /not the one that was anchored/);
    const swapped = run(['docs/how-to/verify-proof.mjs', path, `${path}.leaf`, join(folder, 'key'), `${q}.anchor`], { program: process.execPath });
    assert.notEqual(swapped.code, 0);
    whole(data);
});

test('restricted leaves that are dropped or changed after their anchor are found, even if the shard is signed anew', (t) => {
    const { data } = node(t);
    for (let i = 0; i < 3; i++) raise(data);
    anchor(data);
    const keep = sql(data, `SELECT act_id FROM leaf WHERE log = '${shard}' AND leaf_index < 2`).split('\n');
    let copies = 0;
    const forged = (t2, script) => {
        const copy = join(t2, `copy${copies++}`);
        copyNode(data, copy);
        sql(copy, script);
        return expect(EX.SOFTWARE, ['ledger', 'verify', '--data', copy]).out;
    };
    const where = join(data, '..');
    assert.match(forged(where, `DELETE FROM leaf WHERE log = '${shard}' AND leaf_index = 2`), /leaves are\s+missing/);
    assert.match(forged(where, `UPDATE leaf SET bytes = (SELECT bytes FROM leaf WHERE act_id = '${keep[0]}') WHERE act_id = '${keep[1]}'`),
        /not those that the public log was told of/);
    assert.match(forged(where, 'UPDATE anchor SET size = 2'), /says another thing/);
    assert.match(forged(where, "DELETE FROM anchor; DELETE FROM act_row WHERE table_name = 'anchor'"), /row of this anchor is missing/);
});

test('the day\'s job anchors when the day is over', (t) => {
    const { data } = node(t);
    raise(data);
    const before = logs(data)[1];
    assert.equal(before.anchored, 0);
    assert.equal(json(EX.OK, ['job', 'run', '--data', data]).done, 0, 'the day is not over');
    sql(data, "UPDATE job SET due_at = 0 WHERE kind = 'anchor'");
    assert.equal(json(EX.OK, ['job', 'run', '--data', data]).done, 1);
    assert.equal(logs(data)[1].anchored, 1);
    whole(data);
});

test('a node from before there were shards loses nothing: its restricted log is the first shard', (t) => {
    const { folder, data } = oldNode(t);
    const digest = (file) => createHash('sha256').update(readFileSync(join(data, 'ledger/restricted', file))).digest('hex');
    const rows = (log) => leavesOf(data, log).join('\n');
    const before = { leaves: rows('restricted'), open: rows('public'), tile: digest('tile/0/000.p/4'), checkpoint: digest('checkpoint') };
    const receipt = sql(data, "SELECT receipt FROM act WHERE verb = 'deny'"), denied = sql(data, "SELECT id FROM act WHERE verb = 'deny'");
    assert.match(receipt, /^log test\.polder\.example\/restricted$/m);
    assert.match(expect(EX.CONFIG, ['ledger', 'logs', '--data', data]).err, /older Polder/);
    const outcome = raise(data);
    assert.equal(outcome.log.shard, month);
    assert.equal(rows('restricted/first'), before.leaves);
    assert.ok(rows('public').startsWith(before.open));
    assert.deepEqual([digest('tile/0/000.p/4'), digest('checkpoint')], [before.tile, before.checkpoint]);
    const [, first, second] = logs(data);
    assert.deepEqual([first.name, first.origin, first.size, second.name], ['restricted/first', 'test.polder.example/restricted', 4, shard]);
    assert.ok(first.anchored === 4, 'whoever writes next anchors what never was');
    whole(data);
    // A promise of before is kept: the old receipt's leaf is proven under the origin that it names.
    const path = join(folder, 'p');
    expect(EX.OK, ['ledger', 'prove', denied, '--data', data, '--output', path]);
    const at = checkProof(readFileSync(path, 'utf8'), readFileSync(`${path}.leaf`), first.vkey);
    assert.equal(at.origin, 'test.polder.example/restricted');
    assert.equal(hashLeaf(readFileSync(`${path}.leaf`)).toString('base64'), /^leaf (.*)$/m.exec(receipt)[1]);
    expect(EX.OK, request(write(folder, 'u.csv', plainTable(70)), data, 'open', '--yes'));
    whole(data);
});

test('a leaf that was pending when the program was exchanged comes into the log that it was promised to', (t) => {
    const { data } = oldNode(t);
    // As if the old program had died between the commit and the integration of its last act.
    const id = 'ffffffff-0000-7000-8000-000000000000';
    const columns = sql(data, "SELECT group_concat(name) FROM pragma_table_info('act') WHERE name <> 'id'");
    sql(data, `INSERT INTO act (id, ${columns}) SELECT '${id}', ${columns} FROM act WHERE verb = 'deny';
        INSERT INTO leaf (act_id, log, bytes) SELECT '${id}', log, bytes FROM leaf WHERE log = 'restricted' AND leaf_index = 0`);
    expect(EX.OK, ['job', 'run', '--data', data]);
    assert.equal(sql(data, `SELECT log, leaf_index FROM leaf WHERE act_id = '${id}'`), 'restricted/first|4');
    assert.match(readFileSync(join(data, 'ledger/restricted/checkpoint'), 'utf8'), /^test\.polder\.example\/restricted\n5\n/);
});

test('a log that is not there is refused with the names of those that are', (t) => {
    const { data } = node(t);
    refused(data, EX.USAGE, ['ledger', 'show', '--data', data, '--log', 'restricted/1999-01'], /there are: public, restricted\/\d{4}-\d\d/);
    assert.equal(json(EX.OK, ['ledger', 'show', '--data', data, '--log', 'restricted']).name, shard);
});

test('a shard is pruned when its time of keeping is over, and what is left is verified and proven', (t) => {
    const { folder, data } = oldNode(t);
    const denied = sql(data, "SELECT id FROM act WHERE verb = 'deny'"), stored = sql(data, "SELECT id FROM act WHERE verb = 'store'");
    const key = sql(data, "SELECT key_id FROM act WHERE verb = 'deny'").replaceAll('-', '');
    const hasKey = () => run(['-readonly', join(data, 'keys.db'), `SELECT COUNT(*) FROM key WHERE hex(id) = upper('${key}')`], { program: 'sqlite3' }).out.trim();
    const prune = (...more) => ['ledger', 'prune', 'restricted/first', '--data', data, ...more];
    raise(data); // brings the node up to date, and anchors
    refused(data, EX.USAGE, prune(), /can't be undone/);
    refused(data, EX.TEMPFAIL, prune('--yes'), /must be kept until \d{4}-\d\d-\d\d: 36 months after its end/);
    refused(data, EX.USAGE, ['ledger', 'prune', 'public', '--data', data, '--yes'], /kept for ever/);
    refused(data, EX.TEMPFAIL, ['ledger', 'prune', 'restricted', '--data', data, '--yes'], /newest shard/);
    refused(data, EX.NOINPUT, ['ledger', 'prune', 'restricted/1999', '--data', data, '--yes'], /there are: public, restricted\/first/);
    assert.equal(hasKey(), '1');
    sql(data, `UPDATE log SET ends_at = ends_at - ${4 * 366 * 86400}000000 WHERE name = 'restricted/first'`);
    const rehearsed = json(EX.OK, prune('--dry-run'));
    assert.deepEqual([rehearsed.is_done, rehearsed.size, rehearsed.removed, rehearsed.held], [false, 4, 1, 3]);
    assert.match(expect(EX.OK, prune('--dry-run')).out, /Nothing was changed/);
    const done = json(EX.OK, prune('--yes'));
    assert.deepEqual([done.is_done, done.removed, done.held, done.root], [true, 1, 3, rehearsed.root]);
    assert.equal(hasKey(), '0', 'the key of what is gone is destroyed');
    const leaf = json(EX.OK, ['ledger', 'show', '--data', data]).leaves.at(-1).leaf;
    assert.deepEqual([leaf.verb, leaf.v, leaf.articles, leaf.log],
        ['prune', 3, ['node.restricted_keep_months'], { origin: 'test.polder.example/restricted', size: '4', root: done.root }]);
    assert.ok(!existsSync(join(data, 'ledger/restricted/tile')));
    assert.match(expect(EX.OK, ['ledger', 'verify', '--data', data]).out, /restricted\/first log: pruned; of 4 leaves 3 stayed/);
    assert.match(expect(EX.NOINPUT, ['act', 'show', denied, '--data', data]).err, /there is no act/);
    const path = join(folder, 'p');
    expect(EX.OK, ['ledger', 'prove', stored, '--data', data, '--output', path]);
    expect(EX.OK, ['ledger', 'verify', '--proof', path, '--leaf', `${path}.leaf`, '--anchor', `${path}.anchor`, '--key', logs(data)[0].vkey]);
    refused(data, EX.TEMPFAIL, prune('--yes'), /was pruned on/);
    // What was pruned can't be pruned some more, or come back, unseen.
    const copy = join(folder, 'copy');
    copyNode(data, copy);
    sql(copy, `UPDATE leaf SET proof = NULL WHERE act_id = '${stored}'`);
    assert.match(expect(EX.SOFTWARE, ['ledger', 'verify', '--data', copy]).out, /is not proven\s+to be in it/);
    sql(data, `DELETE FROM leaf WHERE act_id = '${stored}'`);
    assert.match(expect(EX.SOFTWARE, ['ledger', 'verify', '--data', data]).out, /3 of its leaves were to\s+stay when it was pruned, and\s+2 are\s+here/);
});
