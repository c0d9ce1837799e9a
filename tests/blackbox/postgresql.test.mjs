// A node whose tables are in PostgreSQL: several commands at once, a server that dies, a database that is gone.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { EX, PENDING, expect, isFast, plainTable, polder, request, run, temporary, write } from './lib.mjs';
import { PASSWORD, Server, noServer } from './server.mjs';

let pg;
const needs = { skip: noServer, timeout: 20 * 60 * 1000 };
before(async () => {
    if (noServer) return;
    pg = new Server();
    await pg.start();
});
after(async () => pg?.remove());

let made = 0;
function newDatabase() {
    const name = `n${made++}`;
    pg.sql(`CREATE DATABASE ${name} TEMPLATE template0`);
    return name;
}

const founding = (data, location) => ['init', '--data', data, '--origin', 'test.polder.example', '--law', 'cn', '--party', 'transport',
    '--member', 'lin:steward', '--database', location];

function found(t) {
    const folder = temporary(t), data = join(folder, 'node'), name = newDatabase();
    expect(EX.OK, founding(data, pg.location(name)), { env: pg.env });
    const file = write(folder, 'plain.csv', plainTable());
    return { folder, data, name, file, act: request(file, data, 'open', '--yes', '--json') };
}

// Runs the program beside others. Resolves to how it ended and what it said.
function start(args, env = pg.env) {
    return new Promise((done) => {
        const child = spawn(polder, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
        let out = '', err = '';
        child.stdout.on('data', (bytes) => { out += bytes; });
        child.stderr.on('data', (bytes) => { err += bytes; });
        child.on('close', (code) => done({ code, out, err }));
    });
}

function isWhole(n) {
    expect(EX.OK, ['ledger', 'verify', '--data', n.data], { env: pg.env });
    assert.equal(pg.sql(`SELECT (SELECT COUNT(*) FROM act WHERE id NOT IN (SELECT act_id FROM leaf))
        + (SELECT COUNT(*) FROM leaf WHERE act_id NOT IN (SELECT id FROM act))`, n.name), '0');
}

test('the folder says where the tables are, and holds no password', needs, (t) => {
    const n = found(t);
    const [location, id] = readFileSync(join(n.data, 'database'), 'utf8').split('\n');
    assert.equal(location, pg.location(n.name));
    assert.equal(pg.sql('SELECT id FROM data_folder', n.name), id);
    assert.ok(!readdirSync(n.data).some((name) => name.startsWith('polder.db')));
    assert.equal(spawnSync('grep', ['-r', PASSWORD, n.data]).status, 1);
    const { outcome } = JSON.parse(expect(EX.OK, n.act, { env: pg.env }).out);
    assert.equal(pg.sql(`SELECT outcome FROM act WHERE id = '${outcome.act}'`, n.name), 'permit');
    isWhole(n);
});

test('commands that act at once lose nothing: each act is there, once', needs, async (t) => {
    const n = found(t), WRITERS = isFast ? 3 : 6, ROUNDS = isFast ? 2 : 5;
    const before = Number(pg.sql('SELECT COUNT(*) FROM act', n.name));
    const acts = new Set();
    await Promise.all(Array.from({ length: WRITERS }, async (_, i) => {
        for (let round = 0; round < ROUNDS; round++) {
            const args = request(n.file, n.data, 'open', '--yes', '--json', '--idempotency-key', `k${i}-${round}`);
            const done = await start(args);
            assert.equal(done.code, EX.OK, done.err);
            const { outcome } = JSON.parse(done.out);
            acts.add(outcome.act);
        }
    }));
    assert.equal(acts.size, WRITERS * ROUNDS);
    assert.equal(Number(pg.sql('SELECT COUNT(*) FROM act', n.name)), before + acts.size);
    // One title of one party is one dataset, whoever came first.
    assert.equal(pg.sql('SELECT COUNT(*), COUNT(DISTINCT dataset_id) FROM version', n.name), `${acts.size}|1`);
    expect(EX.OK, n.act, { env: pg.env });
    assert.equal(pg.sql(PENDING, n.name), '0');
    isWhole(n);
});

test('one idempotency key, used by several at once, makes one act', needs, async (t) => {
    const n = found(t);
    const args = request(n.file, n.data, 'open', '--yes', '--json', '--idempotency-key', 'one');
    const done = await Promise.all(Array.from({ length: 4 }, () => start(args)));
    for (const d of done) assert.ok([EX.OK, EX.TEMPFAIL].includes(d.code), d.err);
    const given = done.filter((d) => d.code === EX.OK).map((d) => JSON.parse(d.out).outcome.act);
    assert.ok(given.length >= 1);
    assert.equal(new Set(given).size, 1);
    assert.equal(pg.sql("SELECT COUNT(*) FROM act WHERE verb = 'open'", n.name), '1');
    isWhole(n);
});

test('several who found a node in one database at once make one', needs, async (t) => {
    for (let round = 0; round < (isFast ? 2 : 5); round++) {
        const folder = temporary(t), name = newDatabase();
        const folders = ['a', 'a', 'b', 'c'].map((f) => join(folder, f));
        const done = await Promise.all(folders.map((data) => start(founding(data, pg.location(name)))));
        const founders = folders.filter((_, i) => done[i].code === EX.OK);
        assert.equal(founders.length, 1, done.map((d) => d.err).join(''));
        for (const d of done.filter((d) => d.code !== EX.OK)) {
            assert.equal(d.code, EX.TEMPFAIL, d.err);
            assert.match(d.err, /in use by|holds a node already|of another data folder/);
        }
        assert.equal(pg.sql("SELECT COUNT(*) FROM act WHERE verb = 'init'", name), '1');
        isWhole({ data: founders[0], name });
    }
});

test('PostgreSQL is killed in the midst of acts: each is there or not, and the next command is right', needs, async (t) => {
    const n = found(t), CRASHES = isFast ? 4 : 25;
    const begin = process.hrtime.bigint();
    expect(EX.OK, n.act, { env: pg.env });
    const ms = Number(process.hrtime.bigint() - begin) / 1e6;
    const receipts = [];
    let unheard = 0;
    for (let i = 0; i < CRASHES; i++) {
        const acts = Number(pg.sql('SELECT COUNT(*) FROM act', n.name));
        const running = [start(n.act), start(n.act)];
        await new Promise((done) => setTimeout(done, ms * (0.3 + 1.2 * ((i * 7) % CRASHES) / CRASHES)));
        await pg.crash();
        const done = await Promise.all(running);
        for (const d of done) {
            assert.ok([EX.OK, EX.UNAVAILABLE].includes(d.code), `${d.code}: ${d.err}`);
            if (d.code === EX.OK) receipts.push(JSON.parse(d.out).outcome.act);
            else assert.match(d.err, /the connection was lost|can't be opened/);
        }
        await pg.start();
        unheard += Number(pg.sql('SELECT COUNT(*) FROM act', n.name)) - acts - done.filter((d) => d.code === EX.OK).length;
        const next = expect(EX.OK, n.act, { env: pg.env });
        receipts.push(JSON.parse(next.out).outcome.act);
        assert.equal(pg.sql(PENDING, n.name), '0');
        assert.equal(pg.sql('SELECT COUNT(*) FROM outbox WHERE done_at IS NULL', n.name), '0');
        isWhole(n);
    }
    t.diagnostic(`${CRASHES} crashes; ${unheard} acts stand whose command could not know it`);
    const there = new Set(pg.sql('SELECT act_id FROM leaf', n.name).split('\n'));
    assert.deepEqual(receipts.filter((act) => !there.has(act)), [], 'every receipt is of an act on the ledger');
});

test('a database that is gone is told in a sentence that says what to do', needs, async (t) => {
    const n = found(t), other = found(t), list = ['act', 'show', '01936b1e-0000-7000-8000-000000000000', '--data', n.data];
    const cases = [
        ['no right to log in', { PGPASSWORD: 'wrong-secret' }, [], EX.NOPERM, /password authentication failed/],
        ['no password', { PGPASSWORD: '' }, [], EX.NOPERM, /asks for a password: put it into PGPASSWORD/],
        ['another database', {}, ['--database', pg.location('nowhere')], EX.NOINPUT, /"nowhere" does not exist.*createdb/],
        ['that of another node', {}, ['--database', pg.location(other.name)], EX.TEMPFAIL, /holds the node of another data folder/],
        ['an empty one', {}, ['--database', pg.location(newDatabase())], EX.SOFTWARE, /is empty, but its ledger isn't/],
        ['no location', {}, ['--database', 'gov'], EX.USAGE, /must be a location such as postgresql:/],
        ['no server', {}, ['--database', 'postgresql://%2Fnowhere/x'], EX.UNAVAILABLE, /start the server, or say with --database/],
    ];
    for (const [what, env, more, code, pattern] of cases) {
        const got = run([...list, ...more], { env: { ...pg.env, ...env } });
        assert.equal(got.code, code, `${what}: ${got.err}`);
        assert.match(got.err, pattern, what);
        assert.doesNotMatch(got.err, /wrong-secret|hyacinth/);
    }
    await pg.stop();
    for (const args of [list, n.act]) {
        const { err } = expect(EX.UNAVAILABLE, args, { env: pg.env });
        assert.match(err, /start the server, or say with --database where the database is now/);
    }
    await pg.start();
    expect(EX.OK, n.act, { env: pg.env });
    // A database that moved is found where --database says.
    pg.sql(`ALTER DATABASE ${n.name} RENAME TO moved`);
    expect(EX.NOINPUT, n.act, { env: pg.env });
    expect(EX.OK, [...n.act, '--database', pg.location('moved')], { env: pg.env });
});

test('a password in the location is refused, and repeated by nobody', needs, (t) => {
    const folder = temporary(t), data = join(folder, 'node');
    const here = encodeURIComponent(pg.folder);
    for (const location of [`postgresql://polder:s3cret@${here}/x`, `postgresql://polder@${here}/x?password=s3cret`,
        `postgresql://polder@${here}/x?p%61ssword=s3cret`, `postgresql://polder@${here}/x?sslpassword=s3cret`,
        `postgresql://polder:s3cret%@${here}/x`, `polder:s3cret@${here}/x`, `host=x password=s3cret`]) {
        const got = expect(EX.USAGE, founding(data, location), { env: pg.env });
        assert.doesNotMatch(got.err + got.out, /s3cret/, location);
        assert.match(got.err, /PGPASSWORD|can't be understood|must be a location/);
        assert.equal(spawnSync('grep', ['-r', 's3cret', folder]).status, 1);
    }
});

test('nodes may share a database, each in a schema of its own', needs, (t) => {
    const folder = temporary(t), name = newDatabase(), file = write(folder, 'plain.csv', plainTable());
    pg.sql('CREATE SCHEMA north; CREATE SCHEMA south', name);
    for (const schema of ['north', 'south']) {
        const data = join(folder, schema);
        expect(EX.OK, founding(data, `${pg.location(name)}?options=-csearch_path%3D${schema}`), { env: pg.env });
        expect(EX.OK, request(file, data, 'open', '--yes'), { env: pg.env });
        expect(EX.OK, ['ledger', 'verify', '--data', data], { env: pg.env });
    }
    assert.equal(pg.sql('SELECT (SELECT COUNT(*) FROM north.act), (SELECT COUNT(*) FROM south.act)', name), '2|2');
});

test('a database in another encoding, or a folder that keeps its own tables, is refused', needs, (t) => {
    const folder = temporary(t), data = join(folder, 'node');
    pg.sql("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
    assert.match(expect(EX.CONFIG, founding(data, pg.location('latin')), { env: pg.env }).err, /encoding LATIN1/);
    const own = join(folder, 'own');
    expect(EX.OK, founding(own, 'x').slice(0, -2));
    const got = expect(EX.TEMPFAIL, ['clock', 'list', '--data', own, '--database', pg.location(newDatabase())], { env: pg.env });
    assert.match(got.err, /keeps its tables in polder\.db/);
});
