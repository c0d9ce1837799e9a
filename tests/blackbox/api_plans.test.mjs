// Plans through the API: suggested by a job, checked, given at the doorway, refused where they loosen or are for another
// version, read afterwards as the act recorded them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EX, actCount, expect, node, personsTable, plainTable, request, temporary, write } from './lib.mjs';
import { by, send, serving, token } from './serve_lib.mjs';

const wanted = (upload, more = {}) => ({ upload, verb: 'open', title: 'Trips', purpose: 'statistics', basis: 'public_task', ...more });
const schema = JSON.parse(readFileSync('docs/reference/plan.schema.json', 'utf8'));

async function ready(s, secret, path) {
    for (let i = 0; i < 1200; i++) {
        const got = await (await s.ask(path, { headers: { Authorization: `Bearer ${secret}` } })).json();
        if (got.state !== 'waiting') return got;
        await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error('nothing was ever suggested');
}

async function setup(t, table = personsTable(600)) {
    const folder = temporary(t), { data } = node(t), secret = token(data, 'transport/lin'), other = token(data, 'health/zhao');
    const s = await serving(t, data);
    const { id } = await (await s.ask('/api/v1/uploads', send(secret, table))).json();
    const ask = async (path, body, more) => {
        const answer = await s.ask(path, body ? by(secret, body, more) : { headers: { Authorization: `Bearer ${secret}` } });
        return { status: answer.status, headers: answer.headers, json: await answer.json() };
    };
    return { folder, data, secret, other, s, id, ask, file: write(folder, 'trips.csv', table) };
}

test('a plan is suggested by a job, and is the one of the command line', async (t) => {
    const { data, secret, other, s, id, ask, file } = await setup(t);
    const before = actCount(data);
    const asked = await ask('/api/v1/suggestions', { upload: id });
    assert.equal(asked.status, 202, JSON.stringify(asked.json));
    assert.equal(asked.headers.get('location'), `/api/v1/suggestions/${asked.json.id}`);
    const found = await ready(s, secret, `/api/v1/suggestions/${asked.json.id}`);
    assert.equal(found.state, 'ready', found.why);
    const { suggestion } = found, local = JSON.parse(expect(EX.OK, ['protect', file, '--suggest', '--json']).out);
    delete local.polder;
    assert.deepEqual(suggestion, local);
    assert.equal(suggestion.candidates.filter((c) => c.chosen).length, 1);
    assert.ok(suggestion.candidates.length > 2);
    const ten = await ready(s, secret, `/api/v1/suggestions/${(await ask('/api/v1/suggestions', { upload: id, k: 10, population: 60000 })).json.id}`);
    assert.equal(ten.suggestion.plan.k, 10);
    assert.equal(ten.suggestion.unique_before.sampled, 0.01);
    assert.equal(actCount(data), before, 'a suggestion is no act');
    // Whose it isn't, it isn't there for; it goes with its upload.
    const path = `/api/v1/suggestions/${asked.json.id}`;
    assert.equal((await s.ask(path, { headers: { Authorization: `Bearer ${other}` } })).status, 404);
    assert.equal((await s.ask('/api/v1/suggestions', by(other, { upload: id }))).status, 404);
    await s.ask(`/api/v1/uploads/${id}`, { method: 'DELETE', headers: { Authorization: `Bearer ${secret}` } });
    assert.equal((await ask(path)).status, 404);
});

test('what can\'t be suggested says why', async (t) => {
    const { secret, s, id, ask } = await setup(t, 'a,b\n');
    const failed = await ready(s, secret, `/api/v1/suggestions/${(await ask('/api/v1/suggestions', { upload: id })).json.id}`);
    assert.equal(failed.state, 'failed');
    assert.match(failed.why, /no rows/);
    for (const [body, status, field] of [[{ upload: id, k: 1 }, 422, 'k'], [{ upload: id, k: -1 }, 400, 'k'], [{ upload: id, max_suppressed: 101 }, 400, 'max_suppressed'],
        [{ k: 5 }, 400, 'upload'], [{ upload: id, epsilon: 1 }, 400, undefined]]) {
        const refused = await ask('/api/v1/suggestions', body);
        assert.deepEqual([refused.status, refused.json.field], [status, field], JSON.stringify(refused.json));
    }
});

test('a steward\'s plan is checked, carried out, recorded, read; what loosens or is of another version is refused with the member', async (t) => {
    const { data, s, id, ask, file } = await setup(t);
    const found = await ask('/api/v1/plans', wanted(id));
    assert.equal(found.status, 200);
    const { plan } = found.json;
    assert.deepEqual(plan, JSON.parse(expect(EX.OK, [...request(file, data, 'open', '--dry-run'), '--json']).out).case.plan);
    assert.ok(found.json.risk_before.k < plan.k && found.json.risk_after.k >= plan.k);
    const before = actCount(data);
    const bad = [
        [{ ...plan, k: 2 }, 422, 'plan.k', /loosens what the rules demand: k is 2/],
        [{ ...plan, quasi: plan.quasi.filter((q) => q.name !== 'sex') }, 422, 'plan.quasi', /"sex" narrows down who somebody is/],
        [{ ...plan, steps: plan.steps.filter((one) => one.column !== 0) }, 422, 'plan.steps', /"resident_id" is to be/],
        [{ ...plan, plan: 2, columns: ['resident_id', 'sex', 'born', 'district', 'trips'] }, 422, 'plan.columns', /another version of the table: "born" is missing, "birth_date" is new/],
        [{ ...plan, plan: 2, content: 'a'.repeat(64) }, 422, 'plan.content', /for content sha256:aaaa.*and this is sha256:[0-9a-f]{64}, with 600 rows/],
        [{ ...plan, surprise: 1 }, 422, 'plan', /surprise/],
        ['no plan', 400, 'plan', /"plan" is an object/],
    ];
    for (const [given, status, field, words] of bad)
        for (const path of ['/api/v1/plans', '/api/v1/intents']) {
            const refused = await ask(path, wanted(id, { plan: given, ...(path.endsWith('intents') && { sign: true }) }));
            assert.deepEqual([refused.status, refused.json.field], [status, field], JSON.stringify(refused.json));
            assert.match(refused.json.detail, words);
        }
    assert.equal(actCount(data), before, 'nothing was acted on');
    const tighter = { ...plan, plan: 2, k: plan.k + 7, columns: ['resident_id', 'sex', 'birth_date', 'district', 'trips'],
        steps: [{ column: 0, name: 'resident_id', method: 'drop' }, { column: 1, name: 'sex', method: 'drop' },
            { column: 2, name: 'birth_date', method: 'generalise_date', date: 'decade' }] };
    const checked = await ask('/api/v1/plans', wanted(id, { plan: tighter }));
    assert.deepEqual([checked.status, checked.json.expected, checked.json.plan], [200, 'done', tighter]);
    const done = await ask('/api/v1/intents', wanted(id, { plan: tighter, sign: true }));
    assert.equal(done.status, 201, JSON.stringify(done.json));
    const dataset = (await (await s.ask('/api/v1/datasets')).json()).items[0].id;
    const { versions } = await (await s.ask(`/api/v1/datasets/${dataset}`)).json();
    for (const of of [done.json.act, dataset, versions[0].id, versions[0].distributions[0].id]) {
        const read = await (await s.ask(`/api/v1/plans/${of}`)).json();
        assert.deepEqual([read.act, read.plan, read.dataset], [done.json.act, tighter, dataset]);
        assert.ok(read.risk_before.k < plan.k && read.risk_after.k >= tighter.k);
    }
    assert.equal((await s.ask('/api/v1/plans/0190b3a2-7c11-7000-8000-000000000000')).status, 404);
    await s.stop();
    expect(EX.OK, ['verify', '--data', data]);
});

test('an open intent is gone on with by a plan of one\'s own', async (t) => {
    const { id, ask } = await setup(t);
    const { plan } = (await ask('/api/v1/plans', wanted(id))).json;
    const open = await ask('/api/v1/intents', wanted(id));
    assert.equal(open.status, 202, JSON.stringify(open.json));
    const path = `/api/v1/intents/${open.json.intent}/resume`;
    assert.deepEqual([(await ask(path, { upload: id, sign: true, plan: { ...plan, k: 2 } })).json.field], ['plan.k']);
    const done = await ask(path, { upload: id, sign: true, plan: { ...plan, k: plan.k + 1 } });
    assert.equal(done.status, 201, JSON.stringify(done.json));
    assert.equal((await ask(`/api/v1/plans/${done.json.act}`)).json.plan.k, plan.k + 1);
});

test('a version that was stored as it came is read again, by its own party alone', async (t) => {
    const { secret, other, s, id, ask } = await setup(t, plainTable());
    assert.equal((await ask('/api/v1/intents', wanted(id, { verb: 'store', sign: true }))).status, 201);
    const dataset = (await ask('/api/v1/datasets')).json.items[0].id;
    const version = (await ask(`/api/v1/datasets/${dataset}`)).json.versions[0].id;
    const post = (who) => s.ask(`/api/v1/versions/${version}/read`, { method: 'POST', headers: { Authorization: `Bearer ${who}` } });
    const again = await post(secret);
    assert.equal(again.status, 202, await again.clone().text());
    const upload = await again.json();
    assert.equal(upload.bytes, Buffer.byteLength(plainTable()));
    assert.equal((await ask('/api/v1/plans', wanted(upload.id))).json.expected, 'done');
    assert.equal((await post(other)).status, 404);
});

test('the plan\'s schema is published, and the description of the API refers to it', async (t) => {
    const { s } = await setup(t, plainTable());
    const answer = await s.ask('/api/plan.schema.json');
    assert.equal(answer.headers.get('content-type'), 'application/schema+json');
    assert.deepEqual(await answer.json(), schema);
    const { paths } = await (await s.ask('/api/openapi.json')).json();
    for (const path of ['/api/v1/plans', '/api/v1/intents', '/api/v1/intents/{id}/resume'])
        assert.equal(paths[path].post.requestBody.content['application/json'].schema.properties.plan.$ref, '/api/plan.schema.json', path);
    for (const path of ['/api/v1/suggestions', '/api/v1/suggestions/{id}', '/api/v1/plans/{id}', '/api/v1/versions/{id}/read']) assert.ok(paths[path], path);
});
