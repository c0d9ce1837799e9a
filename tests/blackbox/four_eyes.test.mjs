// Four eyes: where the charter says so, who asks for a release can't sign it alone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import test from 'node:test';
import { EX, actCount, expect, personsTable, plainTable, polder, temporary, whole, write } from './lib.mjs';
import { PASSWORD, Visitor } from './portal_lib.mjs';
import { by, send, serving, token } from './serve_lib.mjs';

const charter = (folder, four_eyes) => {
    const file = join(folder, `charter-${Math.random()}.json`);
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync('law/node/charter.json', 'utf8')), four_eyes }));
    return file;
};

function founded(t, four_eyes) {
    const folder = temporary(t), data = join(folder, 'node');
    expect(EX.OK, ['init', '--data', data, '--origin', 'test.polder.example', '--law', 'cn', '--charter', charter(folder, four_eyes), '--party', 'transport',
        '--party', 'health', '--member', 'transport/lin:steward', '--member', 'transport/mei:steward', '--member', 'transport/chen:owner']);
    return { folder, data };
}

const ask = (data, file, verb, member, ...more) => ['govern', file, '--data', data, '--party', 'transport', '--member', member, '--title', 'A table',
    '--for', verb, '--purpose', 'statistics', '--basis', 'public_task', ...more];

test('a release is asked for by one steward and signed by another, who isn\'t the first', (t) => {
    const { folder, data } = founded(t, ['open', 'share']);
    const file = write(folder, 'table.csv', plainTable());
    const first = expect(EX.TEMPFAIL, ask(data, file, 'open', 'lin', '--yes', '--json'));
    const { outcome } = JSON.parse(first.out);
    assert.equal(outcome.result, 'open');
    const resume = (member, ...more) => ['act', 'resume', outcome.intent, '--data', data, '--member', member, ...more];
    const before = actCount(data);
    expect(EX.TEMPFAIL, resume('lin', '--yes')); // the same once more
    expect(EX.TEMPFAIL, resume('mei')); // who doesn't sign
    expect(EX.NOPERM, resume('chen', '--yes')); // who is no steward
    assert.equal(actCount(data), before);
    const done = expect(EX.OK, resume('mei', '--yes', '--json'));
    assert.equal(JSON.parse(done.out).outcome.result, 'done');
    expect(EX.OK, ask(data, file, 'store', 'lin', '--yes')); // which releases nothing
    const told = expect(EX.TEMPFAIL, ask(data, file, 'open', 'mei', '--yes'));
    assert.match(told.out, /another steward/);
    whole(data);
});

test('only what the charter names is decided by two; a charter that names something else is refused', (t) => {
    const { folder, data } = founded(t, ['share']);
    expect(EX.OK, ask(data, write(folder, 'table.csv', plainTable()), 'open', 'lin', '--yes'));
    for (const wrong of ['open', ['store'], ['open', 'open'], [1], {}, true]) {
        const { err } = expect(EX.DATAERR, ['init', '--data', join(folder, 'other'), '--origin', 'test.polder.example', '--law', 'cn', '--charter',
            charter(folder, wrong), '--party', 'transport']);
        assert.match(err, /four_eyes.*must be a list of "open" and "share"/, JSON.stringify(wrong));
    }
});

test('over the API the first is left open, and the second gets the receipt', async (t) => {
    const { data } = founded(t, ['open']);
    const [lin, mei] = [token(data, 'transport/lin'), token(data, 'transport/mei')];
    const s = await serving(t, data);
    const { id: upload } = await (await s.ask('/api/v1/uploads', send(lin, plainTable()))).json();
    const wanted = { upload, verb: 'open', title: 'A table', purpose: 'statistics', basis: 'public_task' };
    const plan = await (await s.ask('/api/v1/plans', by(lin, wanted))).json();
    assert.deepEqual([plan.expected, plan.needs_signature, plan.two_members], ['open', true, true]);
    const first = await s.ask('/api/v1/intents', by(lin, { ...wanted, sign: true }, { 'Idempotency-Key': 'f' }));
    assert.equal(first.status, 202);
    const { intent } = await first.json();
    assert.equal((await s.ask('/api/v1/intents', by(lin, { ...wanted, sign: true }, { 'Idempotency-Key': 'f' }))).status, 202, 'asked twice, it is one');
    const alone = await s.ask(`/api/v1/intents/${intent}/resume`, by(lin, { upload, sign: true }));
    assert.equal(alone.status, 409, await alone.clone().text());
    assert.match((await alone.json()).detail, /two members/);
    const waits = (await (await s.ask('/api/v1/intents?state=open', { headers: { Authorization: `Bearer ${mei}` } })).json()).items;
    assert.deepEqual(waits.map((i) => i.id), [intent]);
    const done = await s.ask(`/api/v1/intents/${intent}/resume`, by(mei, { upload, sign: true }));
    assert.equal(done.status, 201, await done.clone().text());
    assert.match((await done.json()).receipt, /receipts /);
    await s.stop();
    whole(data);
});

test('in the portal one steward asks, and another goes on with it and signs', async (t) => {
    const { data } = founded(t, ['open']);
    for (const member of ['lin', 'mei'])
        execFileSync(resolve(dirname(polder), 'tests', 'sign_up'), [data, 'transport', member], { input: `${PASSWORD}\n`, stdio: ['pipe', 'ignore', 'inherit'] });
    const s = await serving(t, data);
    const [lin, mei] = [new Visitor(s), new Visitor(s)];
    await lin.signIn('transport/lin');
    await mei.signIn('transport/mei');
    const send_in = async (visitor, fields, how) => {
        const plan = await (await visitor.upload(fields)).text();
        const form = Object.fromEntries([...plan.matchAll(/name="([a-z]+)" value="([^"]*)"/g)].map((m) => [m[1], m[2]]));
        const answer = await visitor.ask(/action="(\/en\/publish\/[0-9a-f-]{36})"/.exec(plan)[1],
            { method: 'POST', body: new URLSearchParams({ ...form, do: how }) });
        return { plan, page: answer.status === 303 ? await visitor.page(answer.headers.get('location')) : await answer.text() };
    };
    const asked = await send_in(lin, { title: 'By two' }, 'record');
    assert.match(asked.plan, /Once another steward of your party has signed the plan/);
    assert.match(asked.page, /It waits\. The intent is on record\./);
    const intent = /href="\/en\/intents\/([0-9a-f-]{36})">Open: <bdi>By two/.exec(await mei.page('/en/intents'))[1];
    const before = actCount(data);
    assert.match((await send_in(lin, { intent }, 'sign')).plan, /another steward/);
    assert.equal(actCount(data), before, 'the first alone does nothing');
    assert.match((await send_in(mei, { intent }, 'sign')).page, /Done\. It is on the ledger\./);
});

test('a plan that the first chose on the page is the one that the second sees and signs', async (t) => {
    const { data } = founded(t, ['open']);
    for (const member of ['lin', 'mei'])
        execFileSync(resolve(dirname(polder), 'tests', 'sign_up'), [data, 'transport', member], { input: `${PASSWORD}\n`, stdio: ['pipe', 'ignore', 'inherit'] });
    const s = await serving(t, data), lin = new Visitor(s), mei = new Visitor(s), table = personsTable(600);
    await lin.signIn('transport/lin');
    await mei.signIn('transport/mei');
    const text = (value) => value.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
    const press = async (visitor, page, value, fields = {}) => {
        const form = page.split('<form method="post"').find((f) => f.includes(`name="do" value="${value}"`));
        const hidden = Object.fromEntries([...form.matchAll(/type="hidden" name="([a-z]+)" value="([^"]*)"/g)].map((m) => [m[1], text(m[2])]));
        return visitor.ask(/action="([^"]+)"/.exec(form)[1], { method: 'POST', body: new URLSearchParams({ ...hidden, ...fields, do: value }) });
    };
    const shown = await (await lin.upload({ title: 'Trips' }, table, 'trips.csv')).text();
    const chosen = await (await press(lin, shown, 'choose', { k: '50', more: '', own: '' })).text();
    assert.equal((await press(lin, chosen, 'record')).status, 303);
    const intent = /href="\/en\/intents\/([0-9a-f-]{36})"/.exec(await mei.page('/en/intents'))[1];
    const second = await (await mei.upload({ intent }, table, 'trips.csv')).text();
    assert.match(second, /This is the plan that was asked for first/);
    assert.doesNotMatch(second, /id="choose"/, 'there is nothing to choose for the second');
    const done = await press(mei, second, 'sign');
    assert.equal(done.status, 303, (await done.text()).slice(0, 2000));
    const act = /acts\/([0-9a-f-]{36})/.exec(done.headers.get('location'))[1];
    assert.equal((await (await s.ask(`/api/v1/plans/${act}`)).json()).plan.k, 50);
    await s.stop();
    whole(data);
});
