// Upgrades: nothing changes the schema but polder upgrade, a copy is tried first, and there is a way back.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, actCount, expect, node, oldNode, plainTable, polder, request, run, sql, whole, write } from './lib.mjs';

const OLD = 5; // of tests/nodes/schema-5.tar.gz
const json = (code, args) => JSON.parse(expect(code, [...args, '--json']).out);
const schema = (data) => Number(sql(data, 'SELECT MAX(version) FROM schema_version'));
const NEWEST = Math.max(...readdirSync('migrations').map((f) => Number(f.slice(0, 4))));

function filesBelow(folder, below) {
    return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory()
        ? filesBelow(folder, join(below, entry.name)) : [join(below, entry.name)]));
}

function older(t) {
    const { folder, data } = oldNode(t);
    return { folder, data, file: write(folder, 'p.csv', plainTable()), newest: NEWEST };
}

test('no other command changes the schema of an older node: each says what to do', (t) => {
    const { data, file } = older(t);
    for (const args of [['clock', 'list'], ['job', 'run'], ['ledger', 'verify'], ['backup', '--to', join(data, '..', 'b')]]) {
        const { err } = expect(EX.CONFIG, [...args, '--data', data]);
        assert.match(err, /older Polder: its schema has version 5, this program needs version \d+; bring it up to date with: polder upgrade --data /);
    }
    expect(EX.CONFIG, request(file, data, 'open', '--yes'));
    assert.equal(schema(data), OLD);
});

test('a rehearsal says what would happen, and nothing has', (t) => {
    const { data, newest } = older(t);
    const before = readFileSync(join(data, 'polder.db'));
    const done = json(EX.OK, ['upgrade', '--data', data, '--rehearse']);
    assert.deepEqual([done.from, done.to, done.is_rehearsal, done.is_upgraded, done.flaws], [OLD, newest, true, false, []]);
    assert.ok(done.acts === actCount(data) && done.migrating_us > 0 && done.verifying_us > 0);
    assert.ok(readFileSync(join(data, 'polder.db')).equals(before));
    assert.deepEqual(readdirSync(join(data, 'upgrade')), []);
    assert.match(expect(EX.OK, ['upgrade', '--data', data, '--rehearse']).out, /Rehearsal.*Everything agrees afterwards.*the node is as it was/s);
});

test('an upgrade keeps every act, and until the first new one there is a way back', (t) => {
    const { folder, data, file, newest } = older(t);
    const acts = actCount(data);
    const done = json(EX.OK, ['upgrade', '--data', data]);
    assert.deepEqual([done.from, done.to, done.is_upgraded], [OLD, newest, true]);
    assert.equal(schema(data), newest);
    whole(data);
    assert.match(expect(EX.OK, ['upgrade', '--data', data]).out, /nothing to do/);
    assert.deepEqual(json(EX.OK, ['upgrade', '--data', data, '--back']), { polder: 1, from: newest, to: OLD });
    assert.equal(schema(data), OLD);
    assert.equal(actCount(data), acts);
    assert.match(expect(EX.CONFIG, ['upgrade', '--data', data, '--back']).err, /older Polder/);
    expect(EX.OK, ['upgrade', '--data', data]);
    expect(EX.OK, request(file, data, 'open', '--yes'));
    expect(EX.OK, request(write(folder, 'q.csv', plainTable(70)), data, 'open', '--yes'));
    const refused = expect(EX.TEMPFAIL, ['upgrade', '--data', data, '--back']);
    assert.match(refused.err, /3 acts were recorded since the upgrade and would be lost/);
    assert.equal(actCount(data), acts + 3, 'two, and the anchor of the shard');
    whole(data);
});

test('an upgrade that does not verify is put back', (t) => {
    const { data, newest } = older(t);
    sql(data, "UPDATE party SET title = 'x' WHERE id = 'transport'");
    const rehearsed = json(EX.SOFTWARE, ['upgrade', '--data', data, '--rehearse']);
    assert.match(rehearsed.flaws[0].what, /party is not what its act wrote/);
    const done = expect(EX.SOFTWARE, ['upgrade', '--data', data]);
    assert.match(done.out, /1 flaw: the database is as it was before/);
    assert.equal(schema(data), OLD);
    expect(EX.OK, ['upgrade', '--data', data, '--despite-flaws']);
    assert.equal(schema(data), newest);
});

test('a backup that an older program made is restored and brought up to date', (t) => {
    const { folder, data } = node(t);
    const to = join(folder, 'b'), old = older(t);
    expect(EX.OK, request(write(folder, 'p.csv', plainTable()), data, 'open', '--yes'));
    expect(EX.OK, ['backup', '--data', data, '--to', to]);
    // What that program would have written of its node: its tables, their columns, and no others.
    const ask = (text) => sql(old.data, text).split('\n').filter(Boolean);
    const [{ backup }] = json(EX.OK, ['backup', 'list', '--from', to]).backups;
    const path = join(to, 'backups', `${backup}.json`), manifest = JSON.parse(readFileSync(path, 'utf8'));
    const piece = (lines) => {
        const text = lines.map((l) => `${l}\n`).join('');
        const hash = createHash('sha256').update(text).digest('hex');
        mkdirSync(join(to, 'pieces', hash.slice(0, 2)), { recursive: true });
        writeFileSync(join(to, 'pieces', hash.slice(0, 2), hash.slice(2)), text);
        return lines.length ? [{ piece: hash, size: Buffer.byteLength(text), lines: lines.length }] : [];
    };
    const file = (p) => {
        const bytes = readFileSync(join(old.data, p)), hash = createHash('sha256').update(bytes).digest('hex');
        mkdirSync(join(to, 'pieces', hash.slice(0, 2)), { recursive: true });
        writeFileSync(join(to, 'pieces', hash.slice(0, 2), hash.slice(2)), bytes);
        return JSON.stringify([p, hash, bytes.length]);
    };
    manifest.sections = ask("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid").map((table) => {
        const columns = ask(`SELECT name FROM pragma_table_info('${table}') ORDER BY cid`);
        const cells = columns.map((c) => `CASE typeof("${c}") WHEN 'blob' THEN json_object('h', hex("${c}")) ELSE json_quote("${c}") END`);
        const rows = ask(`SELECT '[' || ${cells.join(" || ',' || ")} || ']' FROM "${table}" ORDER BY rowid`)
            .map((l) => l.replace(/\{"h":"([0-9A-F]*)"\}/g, (all, hex) => `{"b":"${Buffer.from(hex, 'hex').toString('base64')}"}`));
        return { section: table, columns, pieces: piece(rows), lines: rows.length };
    });
    for (const section of ['vault', 'ledger']) {
        const lines = filesBelow(old.data, section).filter((p) => !p.endsWith('/checkpoint')).map(file);
        manifest.sections.push({ section, columns: [], pieces: piece(lines), lines: lines.length });
    }
    const [[id, origin]] = ask('SELECT id, origin FROM node').map((l) => l.split('|'));
    Object.assign(manifest, { schema: OLD, origin, node: id, facts: {} });
    writeFileSync(path, JSON.stringify(manifest));
    writeFileSync(join(to, 'polder-backups'), `polder backups 1\norigin ${origin}\nnode ${id}\n`);
    unlinkSync(join(to, 'backups', `${backup}.sig`));
    const restored = json(EX.OK, ['restore', '--from', to, '--without-keys', '--data', join(folder, 'new'), '--despite-flaws']);
    assert.deepEqual([restored.schema_from, restored.schema_to, restored.flaws], [OLD, NEWEST, []]);
    assert.equal(actCount(join(folder, 'new')), actCount(old.data));
    expect(EX.OK, ['verify', '--without-keys', '--data', join(folder, 'new')]);
    manifest.schema = 4711;
    writeFileSync(path, JSON.stringify(manifest));
    assert.match(expect(EX.CONFIG, ['restore', '--from', to, '--without-keys', '--data', join(folder, 'x')]).err, /newer Polder/);
});

test('killed at any moment, an upgrade has happened or has not', { timeout: 10 * 60 * 1000 }, async (t) => {
    const { data, newest } = older(t);
    const start = process.hrtime.bigint();
    expect(EX.OK, ['upgrade', '--data', data]);
    const ms = Number(process.hrtime.bigint() - start) / 1e6;
    expect(EX.OK, ['upgrade', '--data', data, '--back']);
    for (let i = 0; i < 15; i++) {
        const args = ['upgrade', '--data', data, ...(schema(data) === newest ? ['--back'] : i % 4 === 3 ? ['--rehearse'] : [])];
        await new Promise((done) => {
            const child = spawn(polder, args, { stdio: 'ignore' });
            const timer = setTimeout(() => child.kill('SIGKILL'), ms * (i + 1) / 15);
            child.on('exit', () => { clearTimeout(timer); done(); });
        });
        assert.ok([OLD, newest].includes(schema(data)), `schema ${schema(data)}`);
        if (schema(data) === newest) whole(data);
    }
    if (schema(data) === OLD) expect(EX.OK, ['upgrade', '--data', data]);
    whole(data);
});

test('wrong input is refused in a sentence', (t) => {
    const { folder, data } = node(t);
    assert.match(expect(EX.NOINPUT, ['upgrade', '--data', join(folder, 'none')]).err, /none/);
    assert.match(expect(EX.NOINPUT, ['upgrade', '--data', data, '--back']).err, /no copy from before an upgrade/);
    assert.match(expect(EX.USAGE, ['upgrade', '--data', data, '--back', '--rehearse']).err, /either/);
    sql(data, 'INSERT INTO schema_version VALUES (4711, 0)');
    assert.match(expect(EX.CONFIG, ['upgrade', '--data', data]).err, /newer Polder/);
    const old = older(t);
    expect(EX.OK, ['upgrade', '--data', old.data]);
    chmodSync(join(old.data, 'upgrade/before.db'), 0o600);
    truncateSync(join(old.data, 'upgrade/before.db'), 5000);
    const got = run(['upgrade', '--data', old.data, '--back']);
    assert.notEqual(got.code, EX.OK);
    assert.match(got.err, /^polder: .*(damaged|malformed|before)/);
    whole(old.data);
    assert.ok(existsSync(join(old.data, 'polder.db')));
});
