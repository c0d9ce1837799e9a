// Sources: what the operator registered for a party is read instead of a file that is sent, by its members alone.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { EX, actCount, atEnd, expect, node, run, temporary, write } from './lib.mjs';
import { AIR, Visitor, portalNode } from './portal_lib.mjs';
import { by, serving, token } from './serve_lib.mjs';
import { PASSWORD, Server, noServer } from './server.mjs';

const json = (code, args) => JSON.parse(expect(code, [...args, '--json']).out);
const said = (code, words, args) => assert.match(expect(code, args).err, words);
const add = (data, name, location, party, ...more) =>
    ['source', 'add', name, '--data', data, '--location', location, '--party', party, ...more];

// A database of one table, and what it is as a canonical table.
const LINES = `line,colour,length_km\n${Array.from({ length: 40 }, (_, i) => `L${i % 7},red,${i % 11}.5`).join('\n')}\n`;
const CREATE = `CREATE TABLE lines (line TEXT, colour TEXT, length_km NUMERIC(8, 1)); INSERT INTO lines VALUES ${
    Array.from({ length: 40 }, (_, i) => `('L${i % 7}', 'red', ${i % 11}.5)`).join(', ')};`;

function sqlite(t, text = CREATE) {
    const file = join(temporary(t), 'lines.db');
    const done = spawnSync('sqlite3', [file, text], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    return file;
}

const read = (s, secret, name, more = {}) => s.ask(`/api/v1/sources/${name}/read`,
    { method: 'POST', headers: { Authorization: `Bearer ${secret}`, ...more } });
const names = async (s, secret) => {
    const answer = await s.ask('/api/v1/sources', { headers: { Authorization: `Bearer ${secret}` } });
    assert.equal(answer.status, 200, await answer.clone().text());
    const { items } = await answer.json();
    for (const item of items) assert.deepEqual(Object.keys(item).sort(), ['made_at', 'name']);
    return items.map((item) => item.name);
};

async function publish(s, secret, upload) {
    for (let i = 0; ; i++) {
        const at = await (await s.ask(`/api/v1/uploads/${upload}`, { headers: { Authorization: `Bearer ${secret}` } })).json();
        if (at.state !== 'received') {
            assert.equal(at.state, 'inspected', at.why);
            assert.deepEqual(at.inspection.columns.map((c) => c.name), ['line', 'colour', 'length_km']);
            break;
        }
        assert.ok(i < 600, 'the upload was never inspected');
        await new Promise((done) => setTimeout(done, 50));
    }
    const done = await s.ask('/api/v1/intents', by(secret,
        { upload, verb: 'open', title: 'Lines', purpose: 'statistics', basis: 'public_task', sign: true }));
    assert.equal(done.status, 201, await done.clone().text());
    return done.json();
}

test('a table of SQLite is named instead of sent, published with a receipt, and is nobody else\'s', async (t) => {
    const { data } = node(t), file = sqlite(t);
    const mine = token(data, 'transport/lin'), others = token(data, 'acme/steward');
    expect(EX.OK, add(data, 'lines', `sqlite:${file}#lines`, 'transport'));
    assert.deepEqual(json(EX.OK, ['source', 'list', '--data', data]).sources.map((s) => [s.name, s.party, s.password_file]), [['lines', 'transport', '']]);
    assert.match(expect(EX.OK, ['source', 'list', '--data', data]).out, /lines, of transport: .*lines\.db#lines/);
    assert.deepEqual(json(EX.OK, ['source', 'list', '--data', data, '--party', 'acme']).sources, []);
    const s = await serving(t, data);
    assert.deepEqual([await names(s, mine), await names(s, others)], [['lines'], []]);
    const answer = await read(s, mine, 'lines', { 'Idempotency-Key': 'once' });
    assert.equal(answer.status, 202, await answer.clone().text());
    const upload = await answer.json();
    assert.equal(upload.bytes, Buffer.byteLength(LINES));
    assert.doesNotMatch(JSON.stringify(upload), new RegExp(dirname(file)), 'where it lies is told to nobody');
    assert.equal((await (await read(s, mine, 'lines', { 'Idempotency-Key': 'once' })).json()).id, upload.id);
    for (const name of ['lines', 'nothing']) { // another party's is as what isn't there
        const refused = await read(s, others, name);
        assert.equal(refused.status, 404);
        assert.match((await refused.json()).detail, /your party has no such source/);
    }
    assert.equal((await s.ask(`/api/v1/uploads/${upload.id}`, { headers: { Authorization: `Bearer ${others}` } })).status, 404);
    const before = actCount(data), done = await publish(s, mine, upload.id);
    assert.match(done.receipt, /polder-receipt/);
    assert.equal(actCount(data), before + 1);
});

test('a source is read as it is now; one that is gone is 503, and only the log says where it was', async (t) => {
    const { data } = node(t), file = sqlite(t), secret = token(data, 'transport/lin');
    expect(EX.OK, add(data, 'lines', `${file}#lines`, 'transport'));
    const s = await serving(t, data);
    const first = await (await read(s, secret, 'lines')).json();
    spawnSync('sqlite3', [file, "INSERT INTO lines VALUES ('new', 'blue', 9.5)"]);
    const second = await (await read(s, secret, 'lines')).json();
    assert.notEqual(first.sha256, second.sha256);
    assert.equal(second.bytes, first.bytes + 'new,blue,9.5\n'.length);
    rmSync(file);
    const gone = await read(s, secret, 'lines');
    assert.equal(gone.status, 503);
    const words = await gone.text();
    assert.match(words, /can't be read now; who runs this node finds why in its log/);
    assert.doesNotMatch(words, /lines\.db/);
    assert.match(s.err, /the source "lines" can't be read why=".*lines\.db/);
    await s.stop();
    expect(EX.OK, ['source', 'remove', 'lines', '--data', data]);
    said(EX.NOINPUT, /there is no source "lines"/, ['source', 'remove', 'lines', '--data', data]);
    await s.start();
    assert.deepEqual(await names(s, secret), []);
    assert.equal((await read(s, secret, 'lines')).status, 404);
});

test('what can\'t be a source is refused, with what to do, and nothing is registered', (t) => {
    const { data } = node(t), file = sqlite(t), folder = temporary(t);
    const secret = write(folder, 'pass', '*:*:*:*:hyacinth\n');
    chmodSync(secret, 0o644);
    const pg = 'postgresql://a@127.0.0.1:1/x#t';
    for (const [code, words, ...args] of [
        [EX.USAGE, /name of a source is 1 to 64/, '../x', `${file}#lines`, 'transport'],
        [EX.USAGE, /name of a source is 1 to 64/, 'Lines', `${file}#lines`, 'transport'],
        [EX.USAGE, /name of a source is 1 to 64/, 'x'.repeat(65), `${file}#lines`, 'transport'],
        [EX.NOINPUT, /no party "nobody"/, 'lines', `${file}#lines`, 'nobody'],
        [EX.NOINPUT, /nowhere/, 'lines', join(folder, 'nowhere.csv'), 'transport'],
        [EX.NOINPUT, /nowhere/, 'lines', `${file}#nowhere`, 'transport'],
        [EX.USAGE, /standard input/, 'lines', '-', 'transport'],
        [EX.USAGE, /put the password into PGPASSWORD or/, 'lines', 'postgresql://a:hyacinth@127.0.0.1:1/x#t', 'transport'],
        [EX.USAGE, /for postgresql:\/\/ alone/, 'lines', `${file}#lines`, 'transport', '--password-file', secret],
        [EX.USAGE, /by its whole path/, 'lines', pg, 'transport', '--password-file', 'pass'],
        [EX.NOPERM, /others may read the password file .* chmod 600/, 'lines', pg, 'transport', '--password-file', secret],
        [EX.NOINPUT, /password file/, 'lines', pg, 'transport', '--password-file', join(folder, 'none')]]) {
        const [name, location, party, ...more] = args;
        const got = run(add(data, name, location, party, ...more));
        assert.equal(got.code, code, `${args}: ${got.err}`);
        assert.match(got.err, words);
        assert.doesNotMatch(got.err, /hyacinth/);
    }
    assert.deepEqual(json(EX.OK, ['source', 'list', '--data', data]).sources, []);
    expect(EX.OK, add(data, 'lines', `${file}#lines`, 'transport'));
    said(EX.TEMPFAIL, /there is a source "lines" already/, add(data, 'lines', `${file}#lines`, 'acme'));
});

test('sources over HTTP: none can be made there, nobody without the right reads one', async (t) => {
    const { data } = node(t), file = sqlite(t);
    const secret = token(data, 'transport/lin'), reader = token(data, 'transport/lin', 'read_catalogue');
    expect(EX.OK, add(data, 'lines', `${file}#lines`, 'transport'));
    const s = await serving(t, data);
    assert.equal((await s.ask('/api/v1/sources')).status, 401);
    assert.equal((await s.ask('/api/v1/sources/lines/read', { method: 'POST' })).status, 401);
    assert.equal((await s.ask('/api/v1/sources', { headers: { Authorization: `Bearer ${reader}` } })).status, 403);
    assert.equal((await read(s, reader, 'lines')).status, 403);
    assert.equal((await s.ask('/api/v1/sources', by(secret, { name: 'etc', location: '/etc/passwd' }))).status, 405);
    assert.ok((await s.ask('/api/v1/sources/lines/read', by(secret, { location: '/etc/passwd' }))).status >= 400);
    for (const name of ['%2e%2e%2fx', '..%2f..%2fetc%2fpasswd', 'LINES', "x'%20OR%20'1'='1", 'lines%00', '%20', '%ff'])
        assert.ok([400, 404].includes((await read(s, secret, name)).status), name);
    assert.deepEqual(await names(s, secret), ['lines']);
});

test('a table of PostgreSQL is read with a password that stands in a file of the operator\'s', { skip: noServer }, async (t) => {
    const { data } = node(t), pg = new Server(), secret = token(data, 'transport/lin');
    await pg.start();
    atEnd(t, () => pg.remove());
    pg.sql(CREATE);
    const file = write(temporary(t), 'pass word', `*:*:*:polder:${PASSWORD}\n`);
    chmodSync(file, 0o600);
    said(EX.NOPERM, /asks for a password/, add(data, 'lines', `${pg.location('postgres')}#lines`, 'transport'));
    expect(EX.OK, add(data, 'lines', `${pg.location('postgres')}#lines`, 'transport', '--password-file', file));
    expect(EX.OK, add(data, 'some', `${pg.location('postgres')}?connect_timeout=9#query=SELECT line FROM lines ORDER BY line LIMIT 1`,
        'transport', '--password-file', file));
    const s = await serving(t, data);
    const answer = await read(s, secret, 'lines');
    assert.equal(answer.status, 202, await answer.clone().text());
    const upload = await answer.json();
    assert.equal(upload.bytes, Buffer.byteLength(LINES));
    await publish(s, secret, upload.id);
    assert.equal((await (await read(s, secret, 'some')).json()).bytes, 'line\nL0\n'.length);
    chmodSync(file, 0o644); // the server looks each time
    assert.equal((await read(s, secret, 'lines')).status, 503);
    assert.match(s.err, /others may read the password file/);
    assert.doesNotMatch(s.err, new RegExp(PASSWORD));
});

test('the portal offers the sources of one\'s own party beside a file', async (t) => {
    const { data } = portalNode(t), file = write(temporary(t), 'air.csv', AIR);
    expect(EX.OK, add(data, 'air', file, 'harbour'));
    const s = await serving(t, data), anna = new Visitor(s), bo = new Visitor(s);
    await anna.signIn();
    await bo.signIn('shipper/bo');
    const form = await anna.page('/en/publish');
    assert.match(form, /<select[^>]* id="source" name="source"/);
    assert.match(form, /<option value="air">air<\/option>/);
    assert.doesNotMatch(form, new RegExp(dirname(file)));
    assert.match(await anna.page('/zh/publish'), /或选择数据源/);
    assert.doesNotMatch(await bo.page('/en/publish'), /name="source"/);
    const before = actCount(data);
    const stolen = await bo.upload({ source: 'air' }, '', '');
    assert.equal(stolen.status, 404);
    const both = await anna.upload({ source: 'air' });
    assert.equal(both.status, 400);
    assert.match(await both.text(), /one of them only/);
    assert.equal((await anna.upload({ source: '' }, '', '')).status, 400);
    const shown = await anna.upload({ source: 'air', title: 'Air by its source' }, '', '');
    assert.equal(shown.status, 200, await shown.clone().text());
    const plan = await shown.text();
    assert.match(plan, /Yes, once you have signed the plan/);
    assert.equal(actCount(data), before);
    const fields = Object.fromEntries([...plan.matchAll(/name="([a-z]+)" value="([^"]*)"/g)].map((m) => [m[1], m[2]]));
    const done = await anna.ask(/action="(\/en\/publish\/[0-9a-f-]{36})"/.exec(plan)[1],
        { method: 'POST', body: new URLSearchParams({ ...fields, do: 'sign' }) });
    assert.equal(done.status, 303);
    assert.match(await anna.page(done.headers.get('location')), /Done\. It is on the ledger\./);
    assert.equal(actCount(data), before + 1);
});
