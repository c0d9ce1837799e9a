// The API under /api/v1, over real HTTP.
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { request as raw } from 'node:http';
import test from 'node:test';
import { EX, checkProof, expect, isFast, node, openNote, parseCheckpoint, parseVkey, plainTable, request, write } from './lib.mjs';
import { SCOPES, by, demand, send, serving, token } from './serve_lib.mjs';

const json = (body) => ({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

// A node with one published dataset, and one that stays its party's own.
function filled(t) {
    const { folder, data } = node(t);
    const file = write(folder, 'table.csv', plainTable());
    expect(EX.OK, request(file, data, 'open', '--yes'));
    expect(EX.OK, request(file, data, 'store', '--yes').map((word) => (word === 'A table' ? 'A private table' : word)));
    return { folder, data };
}

test('what is public is read: parties, datasets, acts, receipts that verify, the ledger', async (t) => {
    const { data } = filled(t);
    const s = await serving(t, data);
    const get = async (path) => {
        const answer = await s.ask(path);
        assert.equal(answer.status, 200, `${path}: ${answer.status}`);
        return answer.json();
    };
    assert.deepEqual((await get('/api/v1/parties')).items.map((p) => p.id), ['acme', 'health', 'transport']);
    const datasets = (await get('/api/v1/datasets')).items;
    assert.deepEqual(datasets.map((d) => d.title.en), ['A table'], 'another party\'s private dataset is not among them');
    const dataset = await get(`/api/v1/datasets/${datasets[0].id}`);
    const { id, rows, sha256 } = dataset.versions[0].distributions[0];
    const csv = Buffer.from(await (await s.ask(`/api/v1/distributions/${id}/data`)).arrayBuffer());
    const { createHash } = await import('node:crypto');
    assert.equal(createHash('sha256').update(csv).digest('hex'), sha256);
    assert.equal(csv.toString().trim().split('\n').length, rows + 1);
    assert.ok((await get(`/api/v1/inspections/${id}`)).columns.length > 0);
    const acts = (await get('/api/v1/acts')).items;
    const act = acts.find((a) => a.verb === 'open');
    const [log] = (await get('/api/v1/ledger/logs')).items;
    const receipt = await (await s.ask(`/api/v1/acts/${act.id}/receipt`)).text();
    assert.match(receipt, /\n\n\u2014 test\.polder\.example\/receipts /);
    const { proof, leaf } = await get(`/api/v1/acts/${act.id}/proof`);
    assert.equal(checkProof(proof, Buffer.from(leaf), log.vkey).index, act.index);
    const checkpoint = await (await s.ask('/ledger/checkpoint')).text();
    assert.equal(parseCheckpoint(openNote(checkpoint, parseVkey(log.vkey))).size, log.size);
    const tile = Buffer.from(await (await s.ask(`/ledger/tile/0/000.p/${log.size}`)).arrayBuffer());
    assert.equal(tile.length, 32 * log.size);
});

test('pages go on where the one before ended', async (t) => {
    const { data } = filled(t);
    const s = await serving(t, data);
    const seen = [];
    let next = '';
    do {
        const page = await (await s.ask(`/api/v1/parties?limit=1&after=${encodeURIComponent(next)}`)).json();
        seen.push(...page.items.map((p) => p.id));
        next = page.next;
    } while (next);
    assert.deepEqual(seen, ['acme', 'health', 'transport']);
    for (const path of ['/api/v1/parties?limit=0', '/api/v1/parties?limit=x', '/api/v1/datasets?after=nonsense', '/api/v1/datasets?openness=x'])
        assert.equal((await s.ask(path)).status, 400, path);
});

test('answers that are kept carry a tag, are compressed, and are fresh after each act', async (t) => {
    const { data } = filled(t);
    const s = await serving(t, data);
    const ask = (headers) => new Promise((done, fail) => raw(`${s.url}/api/v1/parties`, { headers }, (answer) => {
        const pieces = [];
        answer.on('data', (bytes) => pieces.push(bytes));
        answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(pieces) }));
    }).on('error', fail).end());
    for (const round of ['made', 'kept']) {
        const plain = await ask({}), packed = await ask({ 'Accept-Encoding': 'gzip' });
        assert.equal(packed.headers['content-encoding'], round === 'made' ? packed.headers['content-encoding'] : 'gzip');
        if (packed.headers['content-encoding'] === 'gzip') assert.deepEqual(gunzipSync(packed.body), plain.body);
        const same = await ask({ 'If-None-Match': plain.headers.etag });
        assert.deepEqual([same.status, same.body.length], [304, 0]);
        assert.equal((await ask({ 'If-None-Match': '"other"' })).status, 200);
    }
    const metrics = await (await s.ask('/metrics')).text();
    assert.ok(Number(/^polder_cache_hits_total (\d+)$/m.exec(metrics)[1]) >= 4);
});

test('the law is asked without acting, and what is wrong is named', async (t) => {
    const { data } = node(t);
    const s = await serving(t, data);
    const finding = await (await s.ask('/api/v1/findings', json({ verb: 'open', facts: { is_personal: 'false' } }))).json();
    assert.ok(['permit', 'deny', 'open'].includes(finding.outcome));
    for (const [body, words] of [
        [{}, /"verb" is missing/], [{ verb: 'open', colour: 1 }, /no member "colour"/], [{ verb: 5 }, /"verb" is a text/],
        [{ verb: 'x'.repeat(41) }, /at most 40 bytes/], [{ verb: 'open', facts: { nonsense: '1' } }, /nonsense/],
        [{ verb: 'open', party_kind: 'king' }, /one of: state_organ/], [[], /JSON object/], [{ verb: 'nonsense' }, /./]]) {
        const answer = await s.ask('/api/v1/findings', json(body));
        assert.equal(answer.status, 400, JSON.stringify(body));
        assert.match((await answer.json()).detail, words);
    }
    const twice = await s.ask('/api/v1/findings', { ...json({}), body: '{"verb":"open","verb":"share"}' });
    assert.equal(twice.status, 400);
    assert.equal((await s.ask('/api/v1/findings', { method: 'POST', body: '{}' })).status, 415);
    assert.equal((await s.ask('/api/v1/findings', { ...json({}), body: '['.repeat(1000) })).status, 413);
});

test('what is not for everybody asks for a token, and says nothing else', async (t) => {
    const { data } = filled(t);
    const s = await serving(t, data);
    for (const [method, path] of [['GET', '/api/v1/tokens'], ['POST', '/api/v1/tokens'], ['POST', '/api/v1/uploads'],
        ['POST', '/api/v1/intents'], ['GET', '/api/v1/jobs'], ['POST', '/api/v1/plans'], ['GET', '/api/v1/parties/transport/members'],
        ['POST', '/api/v1/cases'], ['DELETE', '/api/v1/tokens/0190b3a2-7c11-7000-8000-000000000000']]) {
        const answer = await s.ask(path, { method });
        assert.ok([401, 403].includes(answer.status), `${method} ${path}: ${answer.status}`);
    }
    assert.equal((await s.ask('/api/v1/datasets/0190b3a2-7c11-7000-8000-000000000000')).status, 404);
    for (const path of ['/ledger/tile/..%2f..', '/ledger/tile/0/..', '/ledger/tile/0/x', '/ledger/tile/entries/%2e%2e'])
        assert.ok([400, 404].includes((await s.ask(path)).status), path);
    const evil = await s.ask('/api/v1/findings', { ...json({ verb: 'open' }), headers: { 'Content-Type': 'application/json', Origin: 'https://evil.example' } });
    assert.equal(evil.status, 403, 'another site made the browser ask');
});

// The server keeps for a moment whose a token is: not beyond its revocation.
test('a token that is revoked while it asks without pause is refused from the answer on', async (t) => {
    const { data } = filled(t);
    const first = token(data, 'transport/lin', `${SCOPES} read_case`);
    const s = await serving(t, data, '--rate', '0', '--quiet');
    const as = (secret) => ({ headers: { Authorization: `Bearer ${secret}` } });
    for (let round = 0; round < 5; round++) {
        const made = await (await s.ask('/api/v1/tokens', by(first, { title: 'short', scopes: 'manage_tokens' }))).json();
        let isRevoked = false, isOver = false, before = 0;
        const late = [];
        const asking = Array.from({ length: 6 }, async () => {
            while (!isOver) {
                const wasRevoked = isRevoked; // when this request began
                const { status } = await s.ask('/api/v1/tokens', as(made.token));
                if (wasRevoked) late.push(status);
                else before += status === 200;
            }
        });
        while (before < 20) await new Promise((done) => setTimeout(done, 5));
        assert.equal((await s.ask(`/api/v1/tokens/${made.id}`, { method: 'DELETE', ...as(first) })).status, 204);
        isRevoked = true;
        while (late.length < 20) await new Promise((done) => setTimeout(done, 5));
        isOver = true;
        await Promise.all(asking);
        assert.ok(late.every((status) => status === 401), `round ${round}: ${late}`);
    }
    const weak = await (await s.ask('/api/v1/tokens', by(first, { title: 'weak', scopes: 'read_catalogue' }))).json();
    for (let i = 0; i < 3; i++) {
        assert.equal((await s.ask('/api/v1/tokens', as(first))).status, 200);
        assert.equal((await s.ask('/api/v1/tokens', as(weak.token))).status, 403, 'what one may, another of the same member may not');
    }
});

// ---- Calls made of the node's own OpenAPI document

function generator(seed) {
    let state = BigInt(seed);
    const next = (n) => {
        state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
        return Number((state >> 33n) % BigInt(n));
    };
    const WORDS = ['', 'open', 'share', 'x', '法', '\u0000', '\'; DROP TABLE act; --', '<script>alert(1)</script>', '../../etc/passwd', '%s%n', '-1',
        '9'.repeat(40), 'a'.repeat(3000), '0190b3a2-7c11-7000-8000-000000000000', '2026-01-01T00:00:00Z', 'transport', 'acme', 'demand', 'statistics', '\ud83d\ude00', '{}', 'true', '\u202e'];
    const any = () => [null, true, -1, 1e308, 0.5, 'x', [], {}, [[]], WORDS[next(WORDS.length)]][next(10)];
    const value = (schema) => {
        if (next(6) === 0) return any();
        if (schema.enum && next(3)) return schema.enum[next(schema.enum.length)];
        switch (schema.type) {
        case 'integer': return [0, 1, -1, schema.maximum ?? 7, 2 ** 53, 1e300][next(6)];
        case 'boolean': return next(2) === 1;
        case 'array': return Array.from({ length: next(4) }, () => WORDS[next(WORDS.length)]);
        case 'object': return Object.fromEntries(Array.from({ length: next(4) }, () => [WORDS[next(WORDS.length)], WORDS[next(WORDS.length)]]));
        default: return WORDS[next(WORDS.length)];
        }
    };
    return { next, value, any, word: () => WORDS[next(WORDS.length)] };
}

test('no call that the OpenAPI document lets one think of is answered with 500', async (t) => {
    const { data } = filled(t);
    const secret = token(data, 'transport/lin', `${SCOPES} read_case ask_finding`);
    const other = token(data, 'acme/steward');
    const s = await serving(t, data, '--rate', '0', '--quiet');
    const document = await (await s.ask('/api/openapi.json')).json();
    assert.equal(document.openapi, '3.1.0');
    const ids = [];
    for (const list of ['datasets', 'acts', 'parties'])
        ids.push(...(await (await s.ask(`/api/v1/${list}`)).json()).items.map((i) => i.id));
    for (const table of [plainTable(), 'a,b\n1\n', '\0\0', 'PK\x03\x04'])
        ids.push((await (await s.ask('/api/v1/uploads', send(secret, table))).json()).id);
    ids.push((await (await s.ask('/api/v1/cases', by(other, demand('a case to guess at')))).json()).id);
    assert.ok(ids.every(Boolean), `${ids}`);
    const calls = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, about]) => ({ path, method, about })));
    assert.ok(calls.length >= 25, `${calls.length} operations`);
    const seed = Number(process.env.POLDER_SEED ?? Date.now() % 1e9);
    t.diagnostic(`seed ${seed}`);
    const g = generator(seed);
    const statuses = new Map();
    const one = async () => {
        const { path, method, about } = calls[g.next(calls.length)];
        const url = path.replace(/\{[^}]+\}/g, () => encodeURIComponent(g.next(2) ? ids[g.next(ids.length)] : g.word()) || 'x');
        const query = (about.parameters ?? []).filter((p) => p.in === 'query' && g.next(2))
            .map((p) => `${p.name}=${encodeURIComponent(String(g.value(p.schema)))}`).join('&');
        const content = about.requestBody && Object.entries(about.requestBody.content)[0];
        const headers = {};
        let body;
        if (content) {
            headers['Content-Type'] = g.next(10) ? content[0] : 'text/plain';
            const properties = content[1].schema?.properties ?? {};
            const made = Object.fromEntries(Object.entries(properties).filter(() => g.next(4)).map(([name, schema]) => [name, g.value(schema)]));
            if (g.next(8) === 0) made[g.word()] = g.any();
            body = g.next(12) ? JSON.stringify(made) : g.word();
        }
        if (g.next(10) === 0) headers['If-None-Match'] = '*';
        if (g.next(4)) headers.Authorization = `Bearer ${g.next(20) ? secret : 'polder_nonsense'}`;
        if (g.next(10) === 0) headers['Idempotency-Key'] = encodeURIComponent(g.word());
        const answer = await s.ask(`${url}${query && `?${query}`}`, { method: method.toUpperCase(), headers, body });
        const text = await answer.text();
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        assert.notEqual(answer.status, 500, `seed ${seed}: ${method} ${url}?${query} ${body}: ${text}`);
        if (answer.status >= 400) assert.equal(answer.headers.get('content-type'), 'application/problem+json', `${method} ${url}`);
    };
    const count = isFast ? 600 : 20000;
    await Promise.all(Array.from({ length: 8 }, async () => {
        for (let i = 0; i < count / 8; i++) await one();
    }));
    t.diagnostic(JSON.stringify(Object.fromEntries(statuses)));
    for (const status of [200, 202, 400, 401, 404, 415]) assert.ok(statuses.get(status) > 0, `some are ${status}`);
    assert.equal((await s.ask('/healthz')).status, 200);
});
