// polder verify: what is wrong is named with its place, the rest is checked all the same, and a folder that was set back or
// forked is found by what this machine saw before.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { EX, copyNode, expect, isFast, node, plainTable, personsTable, polder, request, server, sql, write } from './lib.mjs';

const json = (code, args, options) => JSON.parse(expect(code, [...args, '--json'], options).out);
const verify = (code, data, ...more) => json(code, ['verify', '--data', data, ...more]);
const open = (n, name, content = plainTable()) => json(EX.OK, request(write(n.folder, name, content), n.data, 'open', '--yes')).outcome;
const keysDb = (data, text) => assert.equal(spawnSync('sqlite3', [join(data, 'keys.db'), text], { encoding: 'utf8' }).status, 0);
const shard = (data) => readdirSync(join(data, 'ledger')).find((f) => f.startsWith('restricted'));
const checks = (v) => [...new Set(v.flaws.map((f) => f.check))].sort();

function lived(t) {
    const n = node(t);
    n.act = open(n, 'a.csv').act;
    n.plan = open(n, 'p.csv', personsTable()).act;
    n.raised = json(EX.OK, ['case', 'raise', 'demand', '--data', n.data, '--party', 'acme', '--member', 'steward', '--to', 'transport', '--subject', 'permits']);
    return n;
}
// Whoever has the database only as files can set it back, cut it off or flip its bytes; PostgreSQL keeps those of its own.
const ofFiles = { skip: server ? 'the database is no file of the folder' : false };
const flip = (path, at) => {
    const bytes = readFileSync(path);
    bytes[at ?? bytes.length >> 1] ^= 1;
    writeFileSync(path, bytes);
};

test('a node that lived is whole, and all of it was looked at', (t) => {
    const n = lived(t), v = verify(EX.OK, n.data);
    assert.equal(v.is_whole, true);
    assert.deepEqual(v.flaws, []);
    const acts = Number(sql(n.data, 'SELECT COUNT(*) FROM act'));
    assert.deepEqual([v.acts, v.receipts, v.findings], [acts, acts, acts - 1], 'act 0 asked nobody');
    assert.equal(v.clocks, Number(sql(n.data, 'SELECT COUNT(*) FROM clock')));
    assert.ok(v.rows > acts && v.keys > acts && v.files > 5);
    assert.equal(expect(EX.OK, ['ledger', 'verify', '--data', n.data]).out.includes('Everything agrees'), true);
});

// [what, how, check, words]
const wrong = [
    ['a row', (n) => sql(n.data, "UPDATE dataset SET title = 'x'"), ['row'], /dataset/],
    ['a receipt', (n) => sql(n.data, `UPDATE act SET receipt = replace(receipt, 'time 2', 'time 3') WHERE id = '${n.act}'`), ['receipt', 'row'], /receipt/],
    ['another act\'s receipt', (n) => sql(n.data, `UPDATE act SET receipt = (SELECT receipt FROM act WHERE id = '${n.plan}') WHERE id = '${n.act}'`),
        ['receipt', 'row'], /promises something else/],
    ['a record', (n) => sql(n.data, `UPDATE act SET sealed_record = ${server ? "sha256(sealed_record)" : 'randomblob(length(sealed_record))'} WHERE id = '${n.act}'`), ['record', 'row'], /not what was sealed/],
    ['another act\'s record', (n) => sql(n.data, `UPDATE act SET key_id = (SELECT key_id FROM act WHERE id = '${n.plan}'),
        sealed_record = (SELECT sealed_record FROM act WHERE id = '${n.plan}') WHERE id = '${n.act}'`), ['leaf', 'record', 'row'], /commits to another case/],
    ['the hash of a plan', (n) => sql(n.data, `UPDATE act SET plan_hash = upper(plan_hash) WHERE id = '${n.plan}'`), ['record', 'row'], /plan/],
    ['the hash of the facts', (n) => sql(n.data, `UPDATE act SET facts_hash = rules_hash WHERE id = '${n.act}'`), ['record', 'row'], /facts/],
    ['the rules that an act names', (n) => sql(n.data, `UPDATE act SET rules_hash = facts_hash WHERE id = '${n.act}'`), ['leaf', 'row', 'rules'], /rules/],
    ['the rules', (n) => sql(n.data, "UPDATE rules SET files = replace(files, 'forbid', 'permit')"), ['row', 'rules'], /rules/],
    ['a clock\'s date', (n) => sql(n.data, 'UPDATE clock SET due_at = COALESCE(due_at, 0) + 1'), ['clock', 'row'], /calendar/],
    ['a clock that is gone', (n) => sql(n.data, server ? 'DELETE FROM clock' : 'PRAGMA foreign_keys = OFF; DELETE FROM clock'), ['clock', 'row'], /has no clock/],
    ['a clock of another act', (n) => sql(n.data, `UPDATE clock SET act_id = '${n.act}'`), ['clock', 'row'], /names another act/],
    ['a key that is gone', (n) => keysDb(n.data, `DELETE FROM key WHERE id = x'${sql(n.data, `SELECT replace(key_id, '-', '') FROM act WHERE id = '${n.act}'`)}'`),
        ['key'], /no act destroyed it/],
    ['a wrapped key', (n) => keysDb(n.data, "UPDATE key SET wrapped = randomblob(length(wrapped)) WHERE purpose = 'record'"), ['key'], /key/],
    ['the key of a log', (n) => keysDb(n.data, `DELETE FROM key WHERE id = x'${sql(n.data, "SELECT replace(key_id, '-', '') FROM log WHERE name = 'public'")}'`),
        ['key'], /public/],
    ['the verifier key of receipts', (n) => sql(n.data, 'UPDATE node SET receipt_vkey = (SELECT vkey FROM log LIMIT 1)'), ['file', 'key', 'receipt', 'row'], /receipts/],
    ['the verifier key beside a log', (n) => flip(join(n.data, 'ledger/public/vkey')), ['log'], /ledger\/public\/vkey/],
    ['an entry bundle', (n) => flip(join(n.data, 'ledger/public/tile/entries/000.p/3')), ['log'], /entry \d of it differs/],
    ['the checkpoint of another log', (n) => cpSync(join(n.data, 'ledger', shard(n.data), 'checkpoint'), join(n.data, 'ledger/public/checkpoint')), ['log'], /checkpoint/],
    ['an older checkpoint', (n) => writeFileSync(join(n.data, 'ledger/public/checkpoint'), n.older), ['log'], /leaves/],
    ['which act wrote a row', (n) => sql(n.data, `UPDATE act_row SET act_id = '${n.act}' WHERE table_name = 'act'`), ['row'], /names another act/],
    ['the order of revisions', (n) => sql(n.data, 'UPDATE act_row SET revision = revision + 1 WHERE table_name = \'act\''), ['row'], /revision/],
    ['in which table a row is', (n) => sql(n.data, "UPDATE act_row SET table_name = 'job' WHERE table_name = 'dataset'"), ['row'], /none of the governed/],
    ['a leaf in the wrong log', (n) => sql(n.data, `UPDATE leaf SET log = (SELECT name FROM log WHERE kind = 'restricted'), leaf_index = NULL WHERE leaf_index = 0 AND log = 'public'`), ['leaf', 'receipt'], /public/],
];
// On PostgreSQL those that spoil tables; files are looked at by the same code.
for (const [what, spoil, expected, words] of wrong.filter(([, spoil]) => !server || /sql\(/.test(String(spoil))))
    test(`${what} is found, named and nothing else`, (t) => {
        const n = node(t);
        n.older = readFileSync(join(n.data, 'ledger/public/checkpoint'));
        const { act } = open(n, 'a.csv'), plan = open(n, 'p.csv', personsTable()).act;
        json(EX.OK, ['case', 'raise', 'demand', '--data', n.data, '--party', 'acme', '--member', 'steward', '--to', 'transport', '--subject', 'permits']);
        verify(EX.OK, n.data);
        spoil({ ...n, act, plan });
        const v = verify(EX.SOFTWARE, n.data);
        assert.deepEqual(checks(v), expected, JSON.stringify(v.flaws));
        assert.match(JSON.stringify(v.flaws), words);
    });

// SQLite keeps a value of any type in any column: the same bytes as another type are no longer what was written.
const mistyped = [['act_row.row_hash', 'BLOB', 'rowid = 3'], ['leaf.bytes', 'TEXT', 'leaf_index = 1'], ['log.checkpoint', 'BLOB', "name = 'public'"],
    ['log.edge', 'TEXT', "name = 'public'"], ['log.vkey', 'BLOB', "name = 'public'"], ['log.origin', 'BLOB', "name = 'public'"],
    ['log.key_id', 'BLOB', "name = 'public'"], ['dataset.title', 'BLOB', '1 = 1']];
test('a value that became one of another type is found, although its bytes are the same', ofFiles, (t) => {
    for (const [where, type, which] of mistyped) {
        const n = node(t), [table, column] = where.split('.');
        open(n, 'a.csv');
        sql(n.data, `UPDATE ${table} SET ${column} = CAST(${column} AS ${type}) WHERE ${which}`);
        assert.notEqual(verify(EX.SOFTWARE, n.data).flaws.length, 0, where);
    }
});

test('a key that became a text is found, although its bytes are the same', (t) => {
    const n = node(t);
    open(n, 'a.csv');
    keysDb(n.data, 'UPDATE key SET wrapped = CAST(wrapped AS TEXT)');
    assert.match(expect(EX.SOFTWARE, ['verify', '--data', n.data]).out, /stored\s+as\s+another\s+type/);
});

// Whoever finds a file in open/ takes it for published.
const strays = {
    'a file': ['budget-2027.csv', (path) => writeFileSync(path, 'a,b\n1,2\n'), /no act published this file/],
    'a hidden file': ['.htaccess', (path) => writeFileSync(path, ''), /no act published this file/],
    'a file with a name for terminals': ['\u001b[2Jx\n.csv', (path) => writeFileSync(path, ''), /no act published/],
    'a folder': ['archive', (path) => { mkdirSync(path); writeFileSync(join(path, 'x.csv'), ''); }, /it is a folder/],
    'a link': ['latest.csv', (path) => symlinkSync(readdirSync(dirname(path)).find((f) => f.endsWith('.csv')), path), /it is a link/],
    'a dangling link': ['gone.csv', (path) => symlinkSync('/nowhere', path), /it is a link/],
    'a pipe': ['pipe', (path) => assert.equal(spawnSync('mkfifo', [path]).status, 0), /neither a file nor a folder/],
};
for (const [what, [name, put, words]] of Object.entries(strays).slice(0, server ? 1 : undefined))
    test(`${what} in open/ that no act published is found and named`, (t) => {
        const n = node(t);
        open(n, 'a.csv');
        put(join(n.data, 'open', name));
        const v = verify(EX.SOFTWARE, n.data);
        assert.equal(v.flaws.length, 1, JSON.stringify(v.flaws));
        assert.equal(v.flaws[0].check, 'file');
        assert.equal(v.flaws[0].where, `open/${name.replace('\u001b', '\\x1b').replace('\n', '\\x0a')}`);
        assert.match(v.flaws[0].what, words);
        assert.doesNotMatch(expect(EX.SOFTWARE, ['verify', '--data', n.data]).out, /\u001b/);
    });

test('a published file in whose place lies a link to the same bytes is found, and so is open/ as a link', (t) => {
    const n = node(t), file = join(n.data, open(n, 'a.csv').released_as);
    renameSync(file, join(n.folder, 'moved.csv'));
    symlinkSync(join(n.folder, 'moved.csv'), file);
    assert.ok(verify(EX.SOFTWARE, n.data).flaws.some((f) => /it is a link/.test(f.what)));
    rmSync(file);
    renameSync(join(n.folder, 'moved.csv'), file);
    verify(EX.OK, n.data);
    renameSync(join(n.data, 'open'), join(n.folder, 'elsewhere'));
    symlinkSync(join(n.folder, 'elsewhere'), join(n.data, 'open'));
    assert.match(JSON.stringify(verify(EX.SOFTWARE, n.data).flaws), /is a link or a file, and no folder/);
});

test('it goes on behind the first flaw: three faults in three places are all told', (t) => {
    const n = lived(t);
    sql(n.data, "UPDATE dataset SET title = 'x'");
    flip(join(n.data, 'ledger', shard(n.data), 'checkpoint'));
    rmSync(join(n.data, 'vault'), { recursive: true });
    mkdirSync(join(n.data, 'vault'), { mode: 0o700 });
    assert.deepEqual(checks(verify(EX.SOFTWARE, n.data)), ['file', 'log', 'row']);
});

// ---- What this machine saw before

const seenFolder = (data) => join(`${data}.state`, 'polder/seen');

test('the first time says so, and the next time the log must pass through what was seen', (t) => {
    const n = lived(t), first = verify(EX.OK, n.data);
    assert.deepEqual(Object.values(first.logs).map((l) => l.seen), ['first', 'first']);
    assert.equal(readdirSync(seenFolder(n.data)).length, 2);
    open(n, 'b.csv', plainTable(70));
    const next = verify(EX.OK, n.data);
    assert.deepEqual([next.logs.public.seen, next.logs.public.leaves], ['passed', first.logs.public.leaves + 1]);
    assert.ok(!seenFolder(n.data).startsWith(`${n.data}/`), 'it is kept outside of the folder');
});

test('a folder that was rolled back to an older copy is found', (t) => {
    const n = lived(t), copy = join(n.folder, 'copy');
    copyNode(n.data, copy);
    open(n, 'b.csv', plainTable(70));
    verify(EX.OK, n.data);
    rmSync(n.data, { recursive: true });
    cpSync(copy, n.data, { recursive: true, preserveTimestamps: true });
    const v = verify(EX.SOFTWARE, n.data);
    assert.deepEqual(checks(v), ['seen']);
    assert.match(v.flaws[0].what, /rolled back/);
    verify(EX.SOFTWARE, n.data);
});

test('a fork is found even when it has grown beyond, and both signed statements are kept', (t) => {
    const n = lived(t), copy = join(n.folder, 'copy');
    copyNode(n.data, copy);
    open(n, 'b.csv', plainTable(70));
    verify(EX.OK, n.data);
    rmSync(n.data, { recursive: true });
    cpSync(copy, n.data, { recursive: true, preserveTimestamps: true });
    for (const rows of [80, 90, 100]) open(n, `c${rows}.csv`, plainTable(rows));
    const v = verify(EX.SOFTWARE, n.data);
    assert.match(JSON.stringify(v.flaws), /fork/);
    assert.equal(v.logs.public.seen, 'kept apart');
    const kept = readdirSync(seenFolder(n.data)).filter((f) => f.includes('public'));
    assert.equal(kept.length, 2);
    const [a, b] = kept.map((f) => readFileSync(join(seenFolder(n.data), f), 'utf8'));
    assert.notEqual(a, b);
    assert.equal(a.split('\n')[0], b.split('\n')[0], 'of one origin');
    assert.match(expect(EX.SOFTWARE, ['verify', '--data', n.data]).out, /Both signed statements are kept/);
});

test('a checkpoint in the state folder that nobody signed is no evidence, and is told', (t) => {
    const n = lived(t);
    verify(EX.OK, n.data);
    const file = join(seenFolder(n.data), readdirSync(seenFolder(n.data)).find((f) => f.includes('public')));
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^(\d+)$/m, '999'));
    assert.match(JSON.stringify(verify(EX.SOFTWARE, n.data).flaws), /isn't signed by this log's key/);
});

test('--seen says where, and a folder that can\'t be made is told', (t) => {
    const n = lived(t), there = join(n.folder, 'x/y');
    verify(EX.OK, n.data, '--seen', there);
    assert.equal(readdirSync(there).length, 2);
    const blocked = write(n.folder, 'file', '');
    assert.match(expect(EX.IOERR, ['verify', '--data', n.data, '--seen', join(blocked, 'z')]).err, /Not a directory/);
    assert.match(expect(EX.OK, ['verify', '--data', n.data, '--seen', '/proc/nowhere']).out, /Nothing was kept/);
});

// ---- Wrong input

// The keys are in the folder over PostgreSQL too; the last of their pages hold nothing yet, so that to lose those loses nothing.
test('a database that was cut off is named, whatever is left of it', (t) => {
    const cuts = { 'polder.db': server ? [] : [0, 0.1, 0.5, 0.9, 0.999], 'keys.db': [0, 0.1, 0.5] };
    for (const [name, share] of Object.entries(cuts).flatMap(([file, shares]) => shares.map((one) => [file, one]))) {
        const n = lived(t), path = join(n.data, name);
        spawnSync('sqlite3', [path, 'PRAGMA wal_checkpoint(TRUNCATE)']);
        truncateSync(path, Math.floor(readFileSync(path).length * share));
        for (const rest of ['-wal', '-shm']) rmSync(path + rest, { force: true });
        const got = expect([EX.SOFTWARE, EX.NOINPUT], ['verify', '--data', n.data]);
        assert.match(got.out + got.err, /polder\.db|keys\.db|no complete node|no node|malformed|is empty, but its ledger isn't/, `${name} ${share}: ${got.out + got.err}`);
        assert.equal(got.signal, null);
    }
});

test('files of another node in their places are found', (t) => {
    const all = [server ? 'database' : 'polder.db', 'keys.db', 'node.key', 'ledger/public/checkpoint', 'vault', 'open'];
    for (const name of all) {
        const a = lived(t), b = node(t), at = join(b.folder, 'other');
        expect(EX.OK, ['init', '--data', at, '--origin', 'other.polder.example', '--law', 'cn', '--party', 'transport', '--member', 'transport/lin:steward']);
        open({ folder: b.folder, data: at }, 'o.csv', plainTable(80));
        for (const data of [a.data, at]) for (const db of server ? ['keys.db'] : ['polder.db', 'keys.db']) spawnSync('sqlite3', [join(data, db), 'PRAGMA wal_checkpoint(TRUNCATE)']);
        rmSync(join(a.data, name), { recursive: true });
        for (const rest of ['-wal', '-shm']) rmSync(join(a.data, name) + rest, { force: true });
        cpSync(join(at, name), join(a.data, name), { recursive: true, preserveTimestamps: true });
        const got = expect([EX.SOFTWARE, EX.NOPERM], ['verify', '--data', a.data]);
        assert.match(got.out + got.err, /FLAW|polder:/, name);
    }
});

// 10,000 with POLDER_FLIPS=10000: as measured, docs/explanation/verifying.md.
test('any byte of the content that flips is found; of the databases as files, or nothing is read otherwise', ofFiles, (t) => {
    const n = lived(t), flip = join(dirname(polder), 'tests/flip'), count = process.env.POLDER_FLIPS ?? (isFast ? 60 : 400);
    if (!existsSync(flip)) return t.skip('needs the program flip, which the build makes');
    const done = spawnSync(flip, [n.data, count, '20261130'], { encoding: 'utf8', timeout: 3600000 });
    t.diagnostic(done.stdout.trim().replaceAll('\n', '; '));
    assert.equal(done.status, 0, done.stdout + done.stderr);
});

test('threads are a number from 1 to 16, and change nothing in the answer', (t) => {
    const n = lived(t);
    for (const threads of ['0', '17', 'many']) expect(EX.USAGE, ['verify', '--data', n.data, '--threads', threads]);
    const [one, four] = ['1', '4'].map((threads) => verify(EX.OK, n.data, '--threads', threads));
    delete one.logs, delete four.logs;
    assert.deepEqual(one, four);
    assert.ok(existsSync(n.data));
});
