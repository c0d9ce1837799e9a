// Acting through the API: tokens, uploads, plans, intents, receipts, over real HTTP.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { EX, actCount, expect, isFast, node, personsTable, plainTable, said, sql } from './lib.mjs';
import { by, demand, send, serving, token } from './serve_lib.mjs';

const wanted = (upload, more = {}) => ({ upload, verb: 'open', title: 'A table', purpose: 'statistics', basis: 'public_task', ...more });

async function inspected(s, secret, id) {
    for (let i = 0; i < 600; i++) {
        const upload = await (await s.ask(`/api/v1/uploads/${id}`, { headers: { Authorization: `Bearer ${secret}` } })).json();
        if (upload.state !== 'received') return upload;
        await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error('the upload was never inspected');
}

test('a file is sent, inspected, planned, published with a receipt, and the same request gives the first receipt', async (t) => {
    const { data } = node(t);
    const secret = token(data, 'transport/lin');
    const s = await serving(t, data);
    const table = plainTable();
    const answer = await s.ask('/api/v1/uploads', send(secret, table, { 'Idempotency-Key': 'u1' }));
    assert.equal(answer.status, 202, await answer.clone().text());
    const { id, sha256, bytes } = await answer.json();
    assert.deepEqual([sha256, bytes], [createHash('sha256').update(table).digest('hex'), Buffer.byteLength(table)]);
    assert.equal(answer.headers.get('location'), `/api/v1/uploads/${id}`);
    assert.equal((await (await s.ask('/api/v1/uploads', send(secret, table, { 'Idempotency-Key': 'u1' }))).json()).id, id);
    assert.ok((await inspected(s, secret, id)).inspection.columns.length > 0);
    const before = actCount(data);
    const plan = await (await s.ask('/api/v1/plans', by(secret, wanted(id)))).json();
    assert.equal(plan.expected, 'done');
    assert.equal(actCount(data), before, 'a plan is no act');
    const done = await s.ask('/api/v1/intents', by(secret, wanted(id, { sign: true }), { 'Idempotency-Key': 'i1' }));
    assert.equal(done.status, 201, await done.clone().text());
    const { act, receipt } = await done.json();
    assert.match(receipt, /\u2014 test\.polder\.example\/receipts /);
    const again = await (await s.ask('/api/v1/intents', by(secret, wanted(id, { sign: true }), { 'Idempotency-Key': 'i1' }))).json();
    assert.deepEqual([again.act, again.receipt, again.repeated], [act, receipt, true]);
    assert.equal(await (await s.ask(`/api/v1/acts/${act}/receipt`)).text(), receipt);
    assert.deepEqual((await (await s.ask('/api/v1/datasets')).json()).items.map((d) => d.title.en), ['A table'], 'seen at once');
    await s.stop();
    expect(EX.OK, ['verify', '--data', data]);
});

test('an upload is its party\'s alone, is sealed, and is gone when it is forgotten', async (t) => {
    const { data } = node(t);
    const [secret, other] = [token(data, 'transport/lin'), token(data, 'health/zhao')];
    const s = await serving(t, data);
    const table = personsTable(2000);
    const { id } = await (await s.ask('/api/v1/uploads', send(secret, table))).json();
    for (const [path, options] of [[`/api/v1/uploads/${id}`, { headers: { Authorization: `Bearer ${other}` } }],
        [`/api/v1/uploads/${id}`, { method: 'DELETE', headers: { Authorization: `Bearer ${other}` } }],
        ['/api/v1/plans', by(other, wanted(id))]])
        assert.equal((await s.ask(path, options)).status, 404, path);
    const sealed = readFileSync(join(data, 'uploads', id));
    assert.ok(sealed.length > table.length && !sealed.includes(table.split('\n')[1]));
    assert.equal((await inspected(s, secret, id)).state, 'inspected');
    assert.equal((await s.ask(`/api/v1/uploads/${id}`, { method: 'DELETE', headers: { Authorization: `Bearer ${secret}` } })).status, 204);
    assert.ok(!existsSync(join(data, 'uploads', id)));
    assert.equal((await s.ask(`/api/v1/uploads/${id}`, { headers: { Authorization: `Bearer ${secret}` } })).status, 404);
});

test('what opens an upload isn\'t in the database, and a file that no row names is removed', async (t) => {
    const { data } = node(t);
    const secret = token(data, 'transport/lin');
    let s = await serving(t, data);
    const kept = async (table) => (await (await s.ask('/api/v1/uploads', send(secret, table))).json()).id;
    const first = await kept(plainTable()), second = await kept(plainTable(70));
    const row = (id) => sql(data, `SELECT ${said.hex('seal_key')} FROM upload WHERE id = '${id}'`);
    assert.ok(row(first).length > 64 + 32, 'it is wrapped, by a key that it names');
    assert.equal(row(first).slice(0, 32), row(second).slice(0, 32), 'one key wraps them');
    assert.notEqual(row(first), row(second));
    // A row that was given another's key opens nothing.
    sql(data, `UPDATE upload SET seal_key = ${said.literal(row(second))} WHERE id = '${first}'`);
    const plan = await s.ask('/api/v1/plans', by(secret, wanted(first)));
    assert.ok(plan.status >= 400, `${plan.status}`);
    assert.equal((await s.ask('/api/v1/plans', by(secret, wanted(second)))).status, 200);
    await s.stop();
    const orphan = join(data, 'uploads', '0190b3a2-7c11-7000-8000-000000000000'), young = join(data, 'uploads', '0190b3a2-7c11-7000-8000-000000000001');
    const other = join(data, 'uploads', 'README');
    for (const file of [orphan, young, other]) writeFileSync(file, 'x');
    const old = Date.now() / 1000 - 7200;
    for (const file of [orphan, other, join(data, 'uploads', second)]) utimesSync(file, old, old);
    s = await serving(t, data);
    for (let i = 0; i < 200 && existsSync(orphan); i++) await new Promise((done) => setTimeout(done, 50));
    assert.deepEqual([orphan, young, other, join(data, 'uploads', second)].map(existsSync), [false, true, true, true]);
    const waits = (await (await s.ask('/api/v1/jobs', { headers: { Authorization: `Bearer ${secret}` } })).json());
    assert.equal(waits.status, 403, 'the jobs are for the administrator');
    await s.stop();
    assert.match(expect(EX.OK, ['job', 'list', '--data', data]).out, /serve\.sweep/);
});

test('an upload that was changed on the disk is neither inspected nor published as if it were shorter', async (t) => {
    const { data } = node(t);
    const secret = token(data, 'transport/lin');
    const s = await serving(t, data);
    const { id } = await (await s.ask('/api/v1/uploads', send(secret, plainTable(20000)))).json();
    assert.equal((await inspected(s, secret, id)).state, 'inspected');
    const file = join(data, 'uploads', id), sealed = readFileSync(file);
    for (const spoil of [(b) => { b[b.length - 40] ^= 1; return b; }, (b) => b.subarray(0, 65552), (b) => b.subarray(0, b.length - 1)]) {
        writeFileSync(file, spoil(Buffer.from(sealed)));
        const answer = await s.ask('/api/v1/plans', by(secret, wanted(id)));
        assert.equal(answer.status, 500);
        assert.match((await answer.json()).detail, /changed on the disk/);
    }
    writeFileSync(file, sealed);
    assert.equal((await s.ask('/api/v1/plans', by(secret, wanted(id)))).status, 200);
});

test('a server ends soon though it inspects a large file, which is inspected after the next start', async (t) => {
    const { data } = node(t);
    const secret = token(data, 'transport/lin');
    let s = await serving(t, data);
    const { id } = await (await s.ask('/api/v1/uploads', send(secret, personsTable(isFast ? 60000 : 300000)))).json();
    const began = Date.now();
    assert.equal((await s.stop()).code, EX.OK);
    assert.ok(Date.now() - began < 15000, `${Date.now() - began} ms`);
    s = await serving(t, data);
    assert.equal((await inspected(s, secret, id)).state, 'inspected');
});

test('cases are listed to who takes part in them, page by page, each with its thread', async (t) => {
    const { data } = node(t);
    const scopes = 'raise_case read_case read_catalogue';
    const [acme, lin, zhao] = [token(data, 'acme/steward', scopes), token(data, 'transport/lin', scopes), token(data, 'health/zhao', scopes)];
    const s = await serving(t, data);
    const raised = [];
    for (let i = 0; i < 5; i++) raised.push((await (await s.ask('/api/v1/cases', by(acme, demand(`We need number ${i} <b>`)))).json()).id);
    const get = async (secret, path) => {
        const answer = await s.ask(`/api/v1/${path}`, { headers: secret ? { Authorization: `Bearer ${secret}` } : {} });
        return { status: answer.status, body: await answer.json() };
    };
    for (const secret of [acme, lin]) {
        const seen = [];
        let next = '';
        do {
            const { body } = await get(secret, `cases?limit=2&after=${next}`);
            seen.push(...body.items.map((c) => c.id));
            next = body.next;
        } while (next);
        assert.deepEqual(seen, [...raised].reverse(), 'the newest first');
        const { body } = await get(secret, `cases/${raised[0]}`);
        assert.deepEqual([body.case, body.state, body.responsible, body.thread.length], [raised[0], 'raised', 'transport', 1]);
        assert.match(body.thread[0].text, /number 0 <b>/);
        assert.ok(body.clocks.length > 0, 'with the duty to answer');
    }
    assert.equal((await get(acme, 'cases?state=raised')).body.items.length, 5);
    assert.equal((await get(acme, 'cases?state=answered')).body.items.length, 0);
    assert.equal((await get(acme, 'cases?state=nonsense')).status, 400);
    assert.deepEqual((await get(zhao, 'cases')).body.items, [], 'who takes no part sees none');
    for (const id of [raised[0], '0190b3a2-7c11-7000-8000-000000000000', 'x'])
        assert.equal((await get(zhao, `cases/${id}`)).status, 404, id);
    for (const path of ['cases', `cases/${raised[0]}`])
        assert.equal((await get(null, path)).status, 401);
});

test('an upload that is cut off, empty or of nobody leaves nothing', async (t) => {
    const { data } = node(t);
    const secret = token(data, 'transport/lin');
    const s = await serving(t, data);
    const cut = connect(s.port, '127.0.0.1');
    cut.write(`POST /api/v1/uploads HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}\r\nContent-Length: 9000000\r\n\r\n`);
    cut.write('x'.repeat(1000000));
    await new Promise((done) => setTimeout(done, 500));
    cut.destroy();
    assert.equal((await s.ask('/api/v1/uploads', send(secret, ''))).status, 400);
    assert.equal((await s.ask('/api/v1/uploads', send('polder_nonsense', 'a,b\n1,2\n'))).status, 401);
    for (let i = 0; i < 100 && readdirSync(join(data, 'staging')).length; i++)
        await new Promise((done) => setTimeout(done, 50));
    assert.deepEqual(readdirSync(join(data, 'staging')), []);
    assert.ok(!existsSync(join(data, 'uploads')) || readdirSync(join(data, 'uploads')).length === 0);
});

test('an inspection that a crash cut off is made after the restart', async (t) => {
    const { data } = node(t);
    const secret = token(data, 'transport/lin');
    let s = await serving(t, data);
    const table = personsTable(isFast ? 20000 : 100000);
    const { id } = await (await s.ask('/api/v1/uploads', send(secret, table))).json();
    await s.stop('SIGKILL');
    s = await serving(t, data);
    const kept = await (await s.ask(`/api/v1/uploads/${id}`, { headers: { Authorization: `Bearer ${secret}` } })).json();
    assert.ok(['received', 'inspected'].includes(kept.state), 'it is still there');
    assert.equal(kept.sha256, createHash('sha256').update(table).digest('hex'));
});

test('what the law refuses is 403 with its finding, and two who go on with one intent don\'t meet', async (t) => {
    const { data } = node(t);
    const secret = token(data, 'transport/lin');
    const s = await serving(t, data);
    const headers = { Authorization: `Bearer ${secret}` };
    const { id } = await (await s.ask('/api/v1/uploads', send(secret, personsTable()))).json();
    const refusal = await s.ask('/api/v1/intents', by(secret, wanted(id)));
    const text = await refusal.text();
    assert.ok([202, 403].includes(refusal.status), `${refusal.status} ${text}`);
    const said = JSON.parse(text);
    assert.ok(said.finding.voices.length > 0, 'the articles are named');
    if (refusal.status === 202) {
        const seen = await s.ask(`/api/v1/intents/${said.intent}`, { headers });
        assert.equal(seen.status, 200);
        const stale = await s.ask(`/api/v1/intents/${said.intent}/resume`, by(secret, { upload: id }, { 'If-Match': '"stale"' }));
        assert.equal(stale.status, 412);
        const going = await s.ask(`/api/v1/intents/${said.intent}/resume`, by(secret, { upload: id, sign: true }, { 'If-Match': seen.headers.get('etag') }));
        assert.ok([201, 403, 409].includes(going.status), String(going.status));
    }
});

test('a token does what its scopes name, gives no more than it has, and ends when it is revoked', async (t) => {
    const { data } = node(t);
    const secret = token(data, 'acme/steward', 'manage_tokens raise_case');
    const s = await serving(t, data);
    const headers = { Authorization: `Bearer ${secret}` };
    assert.equal((await s.ask('/api/v1/uploads', send(secret, 'a,b\n1,2\n'))).status, 403);
    assert.equal((await s.ask('/api/v1/tokens', by(secret, { title: 'x', scopes: 'upload' }))).status, 403);
    const made = await (await s.ask('/api/v1/tokens', by(secret, { title: 'x', scopes: 'raise_case' }))).json();
    const raised = await s.ask('/api/v1/cases', by(made.token, demand('We need bus data <script>')));
    assert.equal(raised.status, 201, await raised.text());
    assert.equal((await s.ask(`/api/v1/tokens/${made.id}`, { method: 'DELETE', headers })).status, 204);
    assert.equal((await s.ask('/api/v1/cases', by(made.token, demand('again')))).status, 401);
    const listed = await (await s.ask('/api/v1/tokens', { headers })).json();
    assert.ok(!JSON.stringify(listed).includes(secret) && listed.items.length === 2);
});

test('each receipt that was handed out before a kill is on the ledger', async (t) => {
    const { data } = node(t);
    const secret = token(data, 'acme/steward');
    for (let round = 0; round < (isFast ? 2 : 10); round++) {
        const s = await serving(t, data, '--rate', '0', '--quiet');
        const acts = [];
        const asking = Array.from({ length: 8 }, async (_, client) => {
            for (let i = 0; ; i++) {
                try {
                    const answer = await s.ask('/api/v1/cases', by(secret, demand(`${round} ${client} ${i}`)));
                    if (answer.status === 201) acts.push(await answer.json());
                } catch {
                    return; // it was killed
                }
            }
        });
        for (let i = 0; i < 600 && acts.length === 0; i++) await new Promise((done) => setTimeout(done, 50));
        await new Promise((done) => setTimeout(done, 200 + round * 130)); // the machine may be slow to begin
        await s.stop('SIGKILL');
        await Promise.all(asking);
        assert.ok(acts.length > 0);
        const kept = new Map(sql(data, 'SELECT id, receipt FROM act').split(/\n(?=[0-9a-f]{8}-)/).map((row) => [row.slice(0, 36), row.slice(37)]));
        for (const { act, receipt } of acts)
            assert.equal(kept.get(act)?.trim(), receipt.trim(), `the act ${act}, whose receipt was handed out, is there`);
    }
    rmSync(join(data, 'uploads'), { recursive: true, force: true });
    expect(EX.OK, ['job', 'run', '--data', data]);
    expect(EX.OK, ['verify', '--data', data]);
});
