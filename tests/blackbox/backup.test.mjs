// Backups: made while the node works, restored elsewhere, and no way to fork a log or undo an erasure by one.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, actCount, expect, node, personsTable, plainTable, polder, request, run, sql, temporary, whole, write } from './lib.mjs';

const json = (code, args) => JSON.parse(expect(code, [...args, '--json']).out);

// A node with acts in both logs, its backups, the backup of its keys, and its node key in a third place.
function site(t) {
    const { folder, data } = node(t);
    const s = { folder, data, to: join(folder, 'backups'), keys: join(folder, 'keys'), nodeKey: join(folder, 'node.key') };
    copyFileSync(join(data, 'node.key'), s.nodeKey);
    chmodSync(s.nodeKey, 0o600);
    s.act = (rows) => json(EX.OK, request(write(folder, `${rows}.csv`, plainTable(rows)), data, 'open', '--yes')).outcome.act;
    s.backup = (...more) => json(EX.OK, ['backup', '--data', data, '--to', s.to, '--keys', s.keys, ...more]);
    s.restore = (name, ...more) => ['restore', '--from', s.to, '--keys', s.keys, '--node-key', s.nodeKey, '--data', join(folder, name), ...more];
    s.act(60);
    expect(EX.OK, request(write(folder, 'store.csv', personsTable(100)), data, 'store', '--yes'));
    return s;
}
const checkpoint = (data, log = 'public') => readFileSync(join(data, 'ledger', log, 'checkpoint'), 'utf8');
const logs = (data) => readdirSync(join(data, 'ledger'), { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => e.name);
const tables = (data) => sql(data, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").split('\n');
const rows = (data) => tables(data).map((name) => [name, sql(data, `SELECT * FROM "${name}"`).split('\n').sort()]);

function* filesBelow(folder, below = '') {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
        const path = join(below, entry.name);
        if (entry.isDirectory()) yield* filesBelow(folder, path);
        else yield path;
    }
}

test('what is restored is the node: rows, files, logs, and it works on', (t) => {
    const s = site(t);
    const made = s.backup();
    assert.equal(made.acts, actCount(s.data));
    assert.equal(made.is_signed, true);
    const before = rows(s.data);
    const restored = json(EX.OK, s.restore('new'));
    const data = join(s.folder, 'new');
    assert.deepEqual([restored.is_restored, restored.missing, restored.flaws, restored.unreleased, restored.is_signed], [true, [], [], 0, true]);
    assert.deepEqual(rows(data), before);
    for (const path of filesBelow(join(s.data, 'open'))) assert.deepEqual(readFileSync(join(data, 'open', path)), readFileSync(join(s.data, 'open', path)));
    for (const path of filesBelow(join(s.data, 'vault'))) assert.equal(statSync(join(data, 'vault', path)).mode & 0o777, 0o400);
    assert.deepEqual(logs(data), logs(s.data));
    for (const log of logs(data)) assert.equal(checkpoint(data, log), checkpoint(s.data, log));
    assert.equal(statSync(data).mode & 0o777, 0o700);
    assert.equal(statSync(join(data, 'node.key')).mode & 0o777, 0o600);
    assert.ok(!existsSync(join(data, 'restoring')));
    whole(data);
    expect(EX.OK, request(join(s.folder, '60.csv'), data, 'open', '--yes'));
    whole(data);
    // A backup of what was restored consists of the same pieces.
    const again = json(EX.OK, ['backup', '--data', join(s.folder, 'new'), '--to', s.to]);
    assert.ok(again.new_pieces < again.pieces);
});

test('a backup copies nothing that an earlier one has, and forgets what was asked', (t) => {
    const s = site(t);
    const first = s.backup();
    const second = s.backup();
    assert.equal(second.new_pieces, 0);
    s.act(61);
    const third = s.backup('--keep', '2');
    assert.equal(third.forgotten, 1);
    const list = json(EX.OK, ['backup', 'list', '--from', s.to]);
    assert.deepEqual(list.backups.map((b) => b.backup), [second.backup, third.backup]);
    assert.equal(list.origin, 'test.polder.example');
    for (const b of list.backups) assert.equal(json(EX.OK, ['backup', 'check', '--from', s.to, '--at', b.backup]).is_whole, true);
    assert.match(expect(EX.NOINPUT, ['backup', 'check', '--from', s.to, '--at', first.backup]).err, /no backup/);
    assert.deepEqual(readdirSync(s.keys), [`keys-${third.backup}.jsonl`], 'one backup of keys at a time');
    whole((expect(EX.TEMPFAIL, s.restore('new', '--at', second.backup)), join(s.folder, 'new')));
});

test('a backup holds no plain value of a sealed row, and no key opens it alone', (t) => {
    const s = site(t);
    s.backup();
    const secret = personsTable(100).split('\n')[1].split(',')[0];
    const nodeKey = readFileSync(s.nodeKey);
    for (const path of [...filesBelow(s.to)].map((p) => join(s.to, p)).concat([...filesBelow(s.keys)].map((p) => join(s.keys, p)))) {
        const bytes = readFileSync(path);
        assert.ok(!bytes.includes(secret), `${path} holds a plain value`);
        assert.ok(!bytes.includes(nodeKey) && !bytes.includes(nodeKey.toString('base64')), `${path} holds the node key`);
    }
});

test('while another process writes, each backup is one moment of the node', { timeout: 10 * 60 * 1000 }, async (t) => {
    const s = site(t);
    let stop = false, acts = 0;
    const writer = (async () => {
        while (!stop) {
            const args = request(write(s.folder, 'busy.csv', plainTable(50 + acts % 40)), s.data, 'open', '--yes');
            await new Promise((done) => spawn(polder, args, { stdio: 'ignore' }).on('exit', done));
            acts++;
        }
    })();
    for (let i = 0; i < 4; i++) {
        await new Promise((done) => spawn(polder, ['backup', '--data', s.data, '--to', s.to, '--keys', s.keys], { stdio: 'inherit' })
            .on('exit', (code) => { assert.equal(code, 0); done(); }));
    }
    stop = true;
    await writer;
    for (const { backup } of json(EX.OK, ['backup', 'list', '--from', s.to]).backups) {
        const restored = json([EX.OK, EX.TEMPFAIL], s.restore(`r-${backup}`, '--at', backup));
        assert.deepEqual(restored.flaws, []);
        whole(join(s.folder, `r-${backup}`));
    }
    assert.ok(acts > 0);
});

// ---- The logs are never forked

test('an older backup does not sign below what a newer one saw signed, and says which acts are missing', (t) => {
    const s = site(t);
    const old = s.backup();
    s.act(61);
    s.act(62);
    s.backup();
    const restored = json(EX.TEMPFAIL, s.restore('new', '--at', old.backup));
    assert.deepEqual(restored.missing, [{ log: 'public', have: 2, known: 4 }]);
    const data = join(s.folder, 'new'), before = checkpoint(data);
    whole(data);
    const refused = expect(EX.UNAVAILABLE, request(join(s.folder, '60.csv'), data, 'open', '--yes'));
    assert.match(refused.err, /signed a checkpoint of 4 leaves of its public log, and here there are only 2: 2 acts are missing/);
    assert.equal(actCount(data), old.acts);
    expect(EX.TEMPFAIL, ['job', 'run', '--data', data]);
    assert.equal(checkpoint(data), before, 'nothing was signed');
    assert.match(expect(EX.TEMPFAIL, s.restore('told', '--at', old.backup)).out, /the\s+2\s+acts\s+from\s+leaf\s+2\s+to\s+leaf\s+3\s+are\s+missing/);
});

test('a checkpoint that somebody else holds binds the restored node, a forged or foreign one is refused', (t) => {
    const s = site(t);
    s.backup();
    s.act(61);
    const held = write(s.folder, 'held', checkpoint(s.data));
    const restored = json(EX.TEMPFAIL, s.restore('new', '--witnessed', held));
    assert.deepEqual(restored.missing, [{ log: 'public', have: 2, known: 3 }]);
    const forged = write(s.folder, 'forged', checkpoint(s.data).replace(/^3$/m, '4'));
    assert.match(expect(EX.SOFTWARE, s.restore('b', '--witnessed', forged)).err, /signature/);
    const other = write(s.folder, 'other', checkpoint(s.data).replace('test.polder.example/public', 'other.example/public'));
    assert.match(expect(EX.DATAERR, s.restore('c', '--witnessed', other)).err, /no log of this node/);
    assert.deepEqual(['b', 'c'].map((n) => readdirSync(join(s.folder, n))), [[], []]);
});

test('a database that was put back by hand is found by the checkpoint beside it', (t) => {
    const s = site(t);
    sql(s.data, `.backup ${join(s.folder, 'old.db')}`);
    s.act(61);
    copyFileSync(join(s.folder, 'old.db'), join(s.data, 'polder.db'));
    const before = checkpoint(s.data);
    assert.match(expect(EX.UNAVAILABLE, request(join(s.folder, '60.csv'), s.data, 'open', '--yes')).err, /1 acts are missing/);
    assert.equal(checkpoint(s.data), before);
});

test('a fork is told apart from a loss', (t) => {
    const s = site(t);
    s.backup();
    const fork = json(EX.OK, s.restore('fork'));
    assert.equal(fork.is_restored, true);
    s.act(61);
    const held = write(s.folder, 'held', checkpoint(s.data));
    expect(EX.OK, request(write(s.folder, '62.csv', plainTable(62)), join(s.folder, 'fork'), 'open', '--yes'));
    expect(EX.OK, ['backup', '--data', join(s.folder, 'fork'), '--to', join(s.folder, 'b2')]);
    assert.match(expect(EX.SOFTWARE, ['restore', '--from', join(s.folder, 'b2'), '--keys', s.keys, '--node-key', s.nodeKey,
        '--data', join(s.folder, 'x'), '--witnessed', held]).err, /forged, or the node has forked; keep both/);
});

// ---- Keys

test('keys that have expired, of another node key or of another node are refused', (t) => {
    const s = site(t);
    const made = s.backup('--keys-days', '1');
    const file = join(s.keys, `keys-${made.backup}.jsonl`);
    const lines = readFileSync(file, 'utf8').split('\n');
    assert.match(expect(EX.USAGE, ['restore', '--from', s.to, '--data', join(s.folder, 'new')]).err, /--keys=DIR.*--without-keys/s);
    const other = write(s.folder, 'other.key', Buffer.alloc(32, 7));
    chmodSync(other, 0o600);
    const withKey = (key) => s.restore('new').map((a) => (a === s.nodeKey ? key : a));
    assert.match(expect(EX.NOPERM, withKey(other)).err, /was wrapped by the node key [0-9a-f]{16}/);
    chmodSync(other, 0o640);
    assert.match(expect(EX.NOPERM, withKey(other)).err, /chmod 600/);
    const short = write(s.folder, 'short.key', 'short');
    chmodSync(short, 0o600);
    assert.match(expect(EX.DATAERR, withKey(short)).err, /is not a file of 32 bytes/);
    assert.match(expect(EX.NOINPUT, withKey(join(s.folder, 'no.key'))).err, /no\.key/);
    const header = JSON.parse(lines[0]);
    assert.equal(Date.parse(header.expires_at) - Date.parse(header.made_at), 86400000);
    writeFileSync(file, readFileSync(file, 'utf8').replace(header.expires_at, '2020-01-01T00:00:00Z'));
    assert.match(expect(EX.SOFTWARE, s.restore('new')).err, /damaged/, 'its term is part of what is hashed');
    assert.ok(!existsSync(join(s.folder, 'new', 'polder.db')));
    // Expired: written by hand with its hash, as if the day had passed.
    const old = lines.map((line, i) => (i ? line : line.replace(header.expires_at, '2020-01-01T00:00:00Z'))).slice(0, -2);
    const hash = createHash('sha256').update(old.join('\n') + '\n').digest('hex');
    writeFileSync(file, [...old, JSON.stringify({ keys: old.length - 1, sha256: hash }), ''].join('\n'));
    assert.match(expect(EX.NOPERM, s.restore('new')).err, /could be used until 2020-01-01T00:00:00Z, and was removed/);
    assert.deepEqual(readdirSync(s.keys), []);
    assert.match(expect(EX.NOINPUT, s.restore('new')).err, /holds no backup of keys/);
});

test('a key that was destroyed comes back from no backup, of the keys or of the rest', (t) => {
    const s = site(t), { data } = s;
    const old = s.backup();
    const saved = join(s.folder, 'saved');
    cpSync(s.keys, saved, { recursive: true }); // as if somebody had kept one
    const lin = ['--data', data, '--party', 'transport', '--member', 'lin', '--key', join(data, 'keys/transport.key')];
    const zhao = ['--data', data, '--party', 'health', '--member', 'zhao', '--key', join(data, 'keys/health.key')];
    const version = sql(data, "SELECT id FROM version WHERE original_address IS NOT NULL");
    const asked = json(EX.OK, ['key', 'destroy', version, ...lin, '--reason', 'the person asked', '--yes']);
    json(EX.OK, ['key', 'agree', asked.request, ...zhao, '--yes']);
    const destroyed = sql(data, 'SELECT id FROM key_destroyed').split('\n');
    assert.ok(destroyed.length > 0);
    const newer = s.backup();
    assert.equal(newer.missing, 0, 'a file whose key is gone is no loss');
    const keysIn = (folder) => spawnSync('sqlite3', [join(folder, 'keys.db'), 'SELECT lower(hex(id)) FROM key'], { encoding: 'utf8' }).stdout.split('\n');
    for (const [name, from, at] of [['a', saved, newer.backup], ['b', saved, old.backup], ['c', s.keys, old.backup]]) {
        // Keys that are older than the record lack those of its last acts, which is told.
        const lacks = from === saved && at === newer.backup;
        const how = s.restore(name, '--at', at).map((w) => (w === s.keys ? from : w));
        if (lacks) assert.match(JSON.stringify(json(EX.SOFTWARE, how).flaws), /the key store has no key/);
        const restored = json([EX.OK, EX.TEMPFAIL, EX.SOFTWARE], lacks ? [...how, '--despite-flaws'] : how);
        assert.equal(restored.is_restored, true);
        assert.equal(restored.keys_destroyed, from === saved ? destroyed.length : 0);
        const there = keysIn(join(s.folder, name));
        for (const id of destroyed) assert.ok(!there.includes(id.replaceAll('-', '')), `${name}: ${id} is back`);
        assert.ok(there.length > 1);
        if (!lacks) whole(join(s.folder, name));
    }
});

test('a log whose key was replaced is bound by what the old key signed', (t) => {
    const s = site(t), { data } = s;
    const old = s.backup();
    s.act(61);
    const held = write(s.folder, 'held', checkpoint(data)); // by the old key
    const rotate = ['key', 'rotate', 'log/public', '--data', data, '--party', 'transport', '--member', 'lin', '--key', join(data, 'keys/transport.key')];
    json(EX.OK, rotate);
    s.backup();
    whole((json([EX.OK, EX.TEMPFAIL], s.restore('new', '--witnessed', held)), join(s.folder, 'new')));
    expect(EX.OK, request(join(s.folder, '60.csv'), join(s.folder, 'new'), 'open', '--yes'));
    assert.equal(json(EX.TEMPFAIL, s.restore('older', '--at', old.backup, '--witnessed', held)).is_restored, true);
});

test('without keys the record is restored alone, and says so', (t) => {
    const s = site(t);
    s.backup();
    const done = expect(EX.OK, ['restore', '--from', s.to, '--data', join(s.folder, 'new'), '--without-keys']);
    assert.match(done.out, /No keys: what is sealed stays so for ever/);
    assert.match(done.out, /1 published file was not released again/);
});

test('the backup of the keys never lies with what they open', (t) => {
    const s = site(t);
    for (const [to, keys] of [[s.to, s.to], [s.to, join(s.to, 'keys')], [join(s.keys, 'b'), s.keys], [join(s.data, 'b'), s.keys], [s.to, join(s.data, 'k')]]) {
        mkdirSync(s.to, { recursive: true });
        mkdirSync(s.keys, { recursive: true });
        assert.match(expect(EX.USAGE, ['backup', '--data', s.data, '--to', to, '--keys', keys]).err, /lie within/);
    }
});

// ---- Wrong input

test('a backup goes into an empty folder only, and another node is told apart', (t) => {
    const s = site(t);
    s.backup();
    assert.match(expect(EX.DATAERR, s.restore('node')).err, /holds a node; a backup is restored into an empty folder only/);
    mkdirSync(join(s.folder, 'full'));
    write(join(s.folder, 'full'), 'thesis.odt', 'x');
    assert.match(expect(EX.DATAERR, s.restore('full')).err, /holds "thesis\.odt"/);
    const other = join(s.folder, 'other');
    expect(EX.OK, ['init', '--data', other, '--origin', 'test.polder.example', '--law', 'cn', '--party', 'transport', '--member', 'lin']);
    assert.match(expect(EX.NOPERM, ['backup', '--data', other, '--to', s.to]).err, /the backups of another node/);
    assert.match(expect(EX.NOPERM, ['backup', '--data', other, '--to', join(s.folder, 'ob'), '--keys', s.keys]).err, /keys of another node/);
    assert.match(expect(EX.NOPERM, ['restore', '--from', join(s.folder, 'ob'), '--keys', s.keys, '--node-key', s.nodeKey,
        '--data', join(s.folder, 'x')]).err, /keys of another node/);
    assert.match(expect(EX.NOINPUT, ['restore', '--from', join(s.folder, 'none'), '--without-keys', '--data', join(s.folder, 'x')]).err, /none/);
    assert.match(expect(EX.NOINPUT, ['restore', '--from', s.folder, '--without-keys', '--data', join(s.folder, 'x')]).err, /holds no backups/);
    assert.match(expect(EX.NOINPUT, s.restore('x', '--at', 'yesterday')).err, /no backup "yesterday"/);
    assert.match(expect(EX.USAGE, ['backup', '--data', s.data, '--to', s.to, '--keep', '0']).err, /--keep/);
    assert.match(expect(EX.USAGE, ['backup', '--data', s.data, '--to', s.to, '--keys', s.keys, '--keys-days', '4000']).err, /short time/);
    assert.match(expect(EX.NOINPUT, ['backup', '--data', join(s.folder, 'none'), '--to', s.to]).err, /none/);
});

test('each damaged or missing piece is named, and nothing is restored from it', { timeout: 10 * 60 * 1000 }, (t) => {
    const s = site(t);
    s.backup();
    const pieces = [...filesBelow(join(s.to, 'pieces'))];
    const restore = ['restore', '--from', s.to, '--without-keys', '--data', join(s.folder, 'new')];
    for (const [i, path] of pieces.entries()) {
        const file = join(s.to, 'pieces', path), bytes = readFileSync(file);
        if (i % 3 === 0) writeFileSync(file, bytes.map((b, at) => (at === (i * 31) % bytes.length ? b ^ 4 : b)));
        else if (i % 3 === 1) truncateSync(file, bytes.length - 1);
        else unlinkSync(file);
        const checked = json(EX.SOFTWARE, ['backup', 'check', '--from', s.to]);
        assert.equal(checked.flaws.filter((f) => f.includes(path)).length, 1, checked.flaws.join('\n'));
        const got = expect(EX.SOFTWARE, restore);
        assert.ok(got.err.includes(path), got.err);
        assert.deepEqual(readdirSync(join(s.folder, 'new')), []);
        writeFileSync(file, bytes);
    }
    expect(EX.OK, restore);
});

test('a manifest that was changed is not the one that the node signed', (t) => {
    const s = site(t);
    const { backup } = s.backup();
    const manifest = join(s.to, 'backups', `${backup}.json`), text = readFileSync(manifest, 'utf8');
    const without = JSON.parse(text);
    without.sections = without.sections.map((p) => (p.section === 'job' ? { ...p, pieces: [], lines: 0 } : p));
    writeFileSync(manifest, JSON.stringify(without));
    assert.match(expect(EX.NOPERM, s.restore('new')).err, /signature of the backup .* does not hold/);
    writeFileSync(manifest, text.slice(0, -100));
    assert.match(expect(EX.SOFTWARE, s.restore('new')).err, /damaged/);
    writeFileSync(manifest, text);
    const signature = readFileSync(join(s.to, 'backups', `${backup}.sig`));
    unlinkSync(join(s.to, 'backups', `${backup}.sig`));
    assert.match(expect(EX.NOPERM, s.restore('new')).err, /is not signed by the node/);
    writeFileSync(join(s.to, 'backups', `${backup}.sig`), signature);
    const outside = JSON.parse(text);
    outside.sections.find((p) => p.section === 'vault').pieces[0].piece = 'zz';
    writeFileSync(manifest, JSON.stringify(outside));
    assert.match(expect(EX.SOFTWARE, s.restore('new')).err, /no manifest of a backup/);
    assert.deepEqual(readdirSync(join(s.folder, 'new')), []);
});

test('a vault file that was lost is told, and one that an older backup has is healed from it', (t) => {
    const s = site(t);
    const [path] = [...filesBelow(join(s.data, 'vault'))];
    const file = join(s.data, 'vault', path);
    const fresh = join(s.folder, 'fresh');
    s.backup();
    chmodSync(file, 0o600);
    truncateSync(file, 10);
    const made = s.backup();
    assert.deepEqual([made.kept_from_older, made.missing], [1, 0]);
    whole((expect(EX.OK, s.restore('healed')), join(s.folder, 'healed')));
    const lost = json(EX.SOFTWARE, ['backup', '--data', s.data, '--to', fresh]);
    assert.equal(lost.missing, 1);
    // What the source lacked, the copy lacks: it is restored only if that is accepted.
    const from = (name, ...more) => ['restore', '--from', fresh, '--without-keys', '--data', join(s.folder, name), ...more];
    const refused = json(EX.SOFTWARE, from('flawed'));
    assert.deepEqual([refused.is_restored, refused.flaws.length > 0], [false, true]);
    assert.deepEqual(readdirSync(join(s.folder, 'flawed')), []);
    json(EX.OK, from('flawed', '--despite-flaws'));
});

test('a database that was cut short is told so by every command, and none makes it worse', (t) => {
    const s = site(t);
    s.backup();
    for (const name of ['polder.db', 'keys.db']) spawnSync('sqlite3', [join(s.data, name), 'PRAGMA wal_checkpoint(TRUNCATE)']);
    for (const name of ['polder.db', 'keys.db']) {
        const whole = readFileSync(join(s.data, name)).length;
        for (const size of [0, 1, 100, 4096, whole >> 1, whole - 4096, whole - 1]) {
            const data = join(s.folder, `${name}-${size}`);
            cpSync(s.data, data, { recursive: true, preserveTimestamps: true });
            for (const ending of ['-wal', '-shm']) rmSync(join(data, name + ending), { force: true });
            truncateSync(join(data, name), size);
            for (const args of [['ledger', 'verify', '--data', data], ['backup', '--data', data, '--to', s.to, '--keys', s.keys],
                request(join(s.folder, '60.csv'), data, 'open', '--yes'),
                ['init', '--data', data, '--origin', 'x.example', '--law', 'cn', '--party', 'p', '--member', 'm']]) {
                const got = run(args), where = `${name} of ${size} bytes, ${args[0]}: exit ${got.code}\n${got.err}${got.out}`;
                assert.doesNotMatch(got.err, /Sanitizer|runtime error/, where);
                const may = args[0] === 'init' || (name === 'polder.db' && args[0] === 'ledger') ? [] : [EX.OK];
                assert.ok([...may, EX.SOFTWARE, EX.IOERR, EX.TEMPFAIL, EX.NOINPUT].includes(got.code), where);
                if (got.code !== EX.OK) assert.match(got.err + got.out, /damaged|malformed|cut short|FLAW|node already|key store|no such table|missing|no key/, where);
            }
            rmSync(data, { recursive: true });
        }
    }
    // The backups are as they were, and the node can be brought back.
    expect(EX.OK, s.restore('new'));
    whole(join(s.folder, 'new'));
});

// ---- Cut off

test('a restore that was cut off at any moment leaves no node, and is done anew', { timeout: 10 * 60 * 1000 }, async (t) => {
    const s = site(t);
    s.backup();
    const args = s.restore('new'), data = join(s.folder, 'new');
    const start = process.hrtime.bigint();
    expect(EX.OK, args);
    const ms = Number(process.hrtime.bigint() - start) / 1e6;
    let cut = 0;
    for (let i = 0; i < 20; i++) {
        rmSync(data, { recursive: true, force: true });
        await new Promise((done) => {
            const child = spawn(polder, args, { stdio: 'ignore' });
            const timer = setTimeout(() => child.kill('SIGKILL'), ms * (i + 1) / 20);
            child.on('exit', () => { clearTimeout(timer); done(); });
        });
        if (existsSync(join(data, 'polder.db'))) whole(data);
        else {
            cut++;
            expect(EX.NOINPUT, ['ledger', 'verify', '--data', data]);
            expect(EX.OK, args);
            whole(data);
        }
    }
    t.diagnostic(`${cut} of 20 were cut off`);
    assert.ok(cut > 3);
});

test('a backup that was cut off changes no other, and what it left is removed', { timeout: 10 * 60 * 1000 }, async (t) => {
    const s = site(t);
    s.backup();
    for (let i = 0; i < 10; i++) {
        s.act(70 + i);
        await new Promise((done) => {
            const child = spawn(polder, ['backup', '--data', s.data, '--to', s.to, '--keys', s.keys], { stdio: 'ignore' });
            const timer = setTimeout(() => child.kill('SIGKILL'), 10 + 10 * i);
            child.on('exit', () => { clearTimeout(timer); done(); });
        });
        for (const { backup } of json(EX.OK, ['backup', 'list', '--from', s.to]).backups)
            assert.equal(json(EX.OK, ['backup', 'check', '--from', s.to, '--at', backup]).is_whole, true);
    }
    const { acts } = s.backup('--keep', '1');
    assert.equal(acts, actCount(s.data));
    assert.ok(!existsSync(join(s.to, 'unfinished')));
    expect(EX.OK, s.restore('new'));
    whole(join(s.folder, 'new'));
});
