// Cases in the portal: raised, answered, refused, withdrawn and objected to by forms that need no script; who reads what of them; what
// is overdue, for everybody.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { checkAccessible, open, skip, tabTo } from './browser.mjs';
import { actCount, sql } from './lib.mjs';
import { BREAK, PASSWORD, portal, SCRIPT, Visitor } from './portal_lib.mjs';

const DATASET = /href="\/en\/datasets\/([0-9a-f-]+)"><bdi>Air quality/;
const field = (text, name) => new RegExp(`id="${name}"[^>]*?value="([^"]*)"`).exec(text)?.[1];

/** harbour/anna, who answers; shipper/bo, who asks; `keyOf`: the line of a party's key. */
async function two(t) {
    const made = await portal(t), bo = new Visitor(made.server), anna = made.visitor;
    await anna.signIn();
    await bo.signIn('shipper/bo');
    const keyOf = (party) => readFileSync(join(made.data, 'keys', `${party}.key`), 'utf8').trim();
    const dataset = DATASET.exec(await bo.page('/en/datasets'))[1];
    return { ...made, anna, bo, keyOf, dataset };
}
const post = async (who, path, fields) => {
    const answer = await who.ask(path, { method: 'POST', body: new URLSearchParams({ csrf: await who.csrf(), ...fields }) });
    return { status: answer.status, to: answer.headers.get('location'), text: await answer.text() };
};
const raise = (who, fields) => post(who, '/en/cases', { kind: 'demand', subject: 'the days of 2025 too', ...fields });
const caseOf = (done) => /^\/en\/cases\/([0-9a-f-]{36})\?done=[0-9a-f-]{36}$/.exec(done.to)?.[1];

test('a case goes from the dataset’s page to its answer, each step an act with its receipt', async (t) => {
    const { data, anna, bo, keyOf, dataset } = await two(t);
    const page = await bo.page(`/en/datasets/${dataset}`);
    assert.ok(page.includes(`href="/en/cases/new?dataset=${dataset}"`));
    const form = await bo.page(`/en/cases/new?kind=correction&dataset=${dataset}`);
    assert.equal(field(form, 'dataset'), dataset);
    assert.match(form, /id="kind-correction"[^>]* checked/);
    const before = actCount(data), done = await raise(bo, { dataset: 'Air quality at the harbour' });
    assert.equal(done.status, 303, done.text);
    const id = caseOf(done);
    assert.equal(actCount(data), before + 1);
    const own = await bo.page(done.to);
    assert.match(own, /Done\. It is on the ledger\./);
    assert.match(own, /Waits for <bdi>harbour<\/bdi>/);
    assert.match(own, /the days of 2025 too/);
    assert.match(own, /value="withdraw"/);
    assert.doesNotMatch(own, /value="answer"|Who decides there/, 'names of others’ members are theirs');
    // Whose turn it is sees it at once: on the first page, in the list, on the page of the case.
    assert.match(await anna.page('/en'), new RegExp(`/en/cases/${id}`));
    assert.match(await anna.page('/en/cases'), /yours to answer/);
    const turn = await anna.page(`/en/cases/${id}`);
    assert.match(turn, /Who decides there: <bdi>anna<\/bdi>/);
    assert.match(await anna.page(`/zh/cases/${id}`), /等待答复：[^]*数据需求|数据需求[^]*等待答复：/);
    // What is missing or wrong is said, what was written is kept, and nothing is done.
    const text = `Published ${SCRIPT} today`;
    for (const [fields, status, says] of [[{ do: 'answer', text }, 400, /--key is missing|signed/], [{ do: 'answer', text, key: 'PRIVATE+KEY+x' }, 400, /key/],
        [{ do: 'answer', text, key: keyOf('shipper') }, 403, /key/], [{ do: 'answer', text: '', key: keyOf('harbour') }, 400, /1 to 4000 bytes/],
        [{ do: 'refuse', text, key: keyOf('harbour'), ground: '', appeal: 'x' }, 400, /statutory ground/], [{ do: 'burn' }, 400, /choose what/]]) {
        const r = await post(anna, `/en/cases/${id}`, fields);
        assert.equal(r.status, status, JSON.stringify(fields));
        assert.match(r.text, says);
        if (fields.text) assert.ok(r.text.includes('Published &lt;script&gt;'), 'the words are kept');
        assert.ok(!r.text.includes(keyOf('harbour')), 'a key is never shown again');
    }
    assert.equal(actCount(data), before + 1);
    const answered = await post(anna, `/en/cases/${id}`, { do: 'answer', text, key: keyOf('harbour') });
    assert.equal(answered.status, 303, answered.text);
    assert.equal(actCount(data), before + 2);
    const thread = await bo.page(`/en/cases/${id}`);
    assert.match(thread, /Answered: <bdi>harbour<\/bdi><\/h3>/);
    assert.ok(thread.includes('Published &lt;script&gt;') && !thread.includes(SCRIPT));
    assert.match(thread, /Object in a new case/);
    assert.doesNotMatch(thread, /value="withdraw"/);
    assert.equal((await post(anna, `/en/cases/${id}`, { do: 'answer', text: 'again', key: keyOf('harbour') })).status, 409);
    const act = /done=(.*)$/.exec(answered.to)[1];
    assert.match(await anna.page(`/en/acts/${act}`), /polder-receipt/);
    const objection = /href="(\/en\/cases\/new\?kind=objection[^"]*)"/.exec(thread)[1].replaceAll('&amp;', '&');
    assert.match(await bo.page(objection), new RegExp(`About the case ${id}: </textarea>`));
});

test('a refusal names ground and appeal; a withdrawal ends what is owed', async (t) => {
    const { anna, bo, keyOf, dataset } = await two(t);
    const refused = caseOf(await raise(bo, { dataset })), withdrawn = caseOf(await raise(bo, { responsible: 'harbour', subject: BREAK }));
    await post(anna, `/en/cases/${refused}`, { do: 'refuse', text: 'single trips would show homes', ground: `PIPL 25 ${BREAK}`, appeal: 'within 60 days', key: keyOf('harbour') });
    const page = await bo.page(`/en/cases/${refused}`);
    assert.match(page, /Refused<\/span>/);
    assert.match(page, /PIPL 25 &quot;[^]*within 60 days/);
    assert.equal((await post(anna, `/en/cases/${withdrawn}`, { do: 'withdraw', text: '' })).status, 403, 'only who raised it');
    assert.equal((await post(bo, `/en/cases/${withdrawn}`, { do: 'answer', text: 'x', key: keyOf('shipper') })).status, 403);
    assert.equal((await post(bo, `/en/cases/${withdrawn}`, { do: 'withdraw', text: '' })).status, 303);
    assert.match(await anna.page(`/en/cases/${withdrawn}`), /Withdrawn<\/span>/);
    assert.doesNotMatch(await anna.page('/en/cases'), /yours to answer/);
    const all = await anna.page('/en/cases?show=all');
    assert.ok(all.includes(refused) && all.includes(withdrawn));
});

test('what the law wants to know is asked for by the form that comes back', async (t) => {
    const { data, anna, bo, keyOf } = await two(t);
    // Between departments a request must be complete, and approved by its head (GTS 2025, article 12).
    const before = actCount(data);
    const first = await raise(anna, { kind: 'demand', responsible: 'harbour', subject: 'registers of ships' });
    assert.equal(first.status, 422, first.text);
    assert.equal(actCount(data), before);
    assert.match(first.text, /the law wants to know more/);
    assert.ok(first.text.includes('registers of ships</textarea>'));
    const names = [...first.text.matchAll(/ name="([da]\.[a-z_]+)"/g)].map((m) => m[1]);
    assert.ok(names.length > 0);
    const facts = Object.fromEntries(names.map((n) => [n, 'true']));
    const more = { ...facts, evidence: 'signed on paper', key: keyOf('harbour') };
    const second = await raise(anna, { kind: 'demand', responsible: 'harbour', subject: 'registers of ships', ...more });
    assert.equal(second.status, 303, second.text);
    assert.match(await anna.page(second.to), /registers of ships/);
    assert.equal(actCount(data), before + 1);
    const wrong = await raise(anna, { kind: 'demand', responsible: 'harbour', subject: 'x', ...facts, [names[0]]: 'perhaps' });
    assert.equal(wrong.status, 400);
    assert.equal((await raise(bo, { kind: 'burning', responsible: 'harbour' })).status, 400);
});

test('what others may not know: the case, its dataset, its words; forms of other sites do nothing', async (t) => {
    const { data, server, anna, bo, dataset } = await two(t);
    const own = /href="\/en\/datasets\/([0-9a-f-]+)"><bdi>Kept for ourselves/.exec(await anna.page('/en/datasets'))[1];
    const before = actCount(data);
    for (const name of ['Kept for ourselves', own, 'no such title', '00000000-0000-7000-8000-000000000000'])
        assert.equal((await raise(bo, { dataset: name })).status, 404, name);
    for (const fields of [{ subject: '' }, { subject: 'x'.repeat(4001) }, { kind: '', dataset }, { subject: 'x', responsible: 'nobody' }, {}]) {
        const r = await raise(bo, fields);
        assert.ok(r.status === 400 || r.status === 404, `${r.status} ${JSON.stringify(fields).slice(0, 80)}`);
        assert.match(r.text, /govuk-error-summary/);
    }
    assert.equal((await raise(bo, { dataset, csrf: 'forged' })).status, 403);
    const crossed = await bo.ask('/en/cases', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' }, body: new URLSearchParams({ csrf: await bo.csrf(), kind: 'demand', dataset, subject: 'x' }) });
    assert.equal(crossed.status, 403);
    const nobody = new Visitor(server);
    assert.equal((await nobody.ask('/en/cases', { method: 'POST', body: new URLSearchParams({ kind: 'demand', dataset, subject: 'x' }) })).status, 401);
    assert.equal((await nobody.ask('/en/cases/new')).headers.get('location'), '/en/sign-in?to=%2Fen%2Fcases%2Fnew');
    assert.equal(actCount(data), before);
    // An incident of harbour's own is nothing that shipper may know of, nor whoever isn't signed in.
    const incident = await raise(anna, { kind: 'incident', subject: 'a laptop is gone' });
    assert.equal(incident.status, 303, incident.text);
    const id = caseOf(incident);
    assert.equal((await bo.ask(`/en/cases/${id}`)).status, 404);
    assert.equal((await post(bo, `/en/cases/${id}`, { do: 'withdraw' })).status, 404);
    assert.equal((await nobody.ask(`/en/cases/${id}`)).status, 303);
    for (const who of [bo, nobody]) assert.ok(!(await who.page('/en/cases')).includes(id));
});

test('what is overdue everybody sees: whose it is and since when, and neither words nor who asked', async (t) => {
    const { data, server, bo, anna, dataset } = await two(t);
    const id = caseOf(await raise(bo, { dataset, subject: 'sealed words' }));
    const nobody = new Visitor(server);
    assert.match(await nobody.page('/en/cases'), /No case is past its time/);
    sql(data, `UPDATE catalogue_clock SET due_at = ${BigInt(Math.round(Date.now() - 3.5 * 86400000)) * 1000n} WHERE state = 'running'`);
    await raise(bo, { dataset, subject: 'another, so that pages are made anew' });
    const page = await nobody.page('/en/cases');
    assert.match(page, /One case is past its time/);
    assert.match(page, /href="\/en\/parties\/harbour"[^]*Demand for data[^]*>3<\/span>/);
    assert.ok(!page.includes(id) && !page.includes('shipper') && !page.includes('sealed words'));
    assert.match(await nobody.page('/zh/cases'), /有 1 件工单超过期限仍未答复/);
    assert.ok((await anna.page('/en/cases')).includes(`href="/en/cases/${id}"`));
});

test('in a browser, all by keyboard and without JavaScript: ask, answer, read the answer', { skip, timeout: 300000 }, async (t) => {
    const { server, keyOf, dataset } = await two(t);
    const page = await open(t, { bypassCSP: false });
    const signIn = async (name) => {
        await page.context().clearCookies();
        await page.goto(`${server.url}/en/sign-in`);
        await tabTo(page, '#name');
        await page.keyboard.type(name);
        await tabTo(page, '#password');
        await page.keyboard.type(PASSWORD);
        await page.keyboard.press('Enter');
        await page.waitForURL(`${server.url}/en`);
    };
    await signIn('shipper/bo');
    await page.goto(`${server.url}/en/datasets/${dataset}`);
    await tabTo(page, 'a[href^="/en/cases/new"]', 200);
    await page.keyboard.press('Enter');
    await page.waitForURL(/cases\/new/);
    await tabTo(page, '#subject');
    await page.keyboard.type('the days of 2025 too');
    await tabTo(page, 'main form button');
    await page.keyboard.press('Enter');
    await page.waitForURL(/done=/);
    const address = page.url().replace(/\?.*/, '');
    await signIn('harbour/anna');
    await page.goto(address);
    await tabTo(page, '#text-answer');
    await page.keyboard.type('They are published today.');
    await tabTo(page, '#key-answer');
    await page.keyboard.insertText(keyOf('harbour'));
    await page.keyboard.press('Enter');
    await page.waitForURL(/done=/);
    const plain = await open(t, { javaScriptEnabled: false });
    await plain.goto(`${server.url}/en/sign-in`);
    await plain.fill('#name', 'shipper/bo');
    await plain.fill('#password', PASSWORD);
    await plain.click('main button');
    await plain.goto(address);
    assert.match(await plain.locator('main').innerText(), /They are published today\./);
    const seen = await open(t);
    await seen.goto(`${server.url}/en/cases`);
    await checkAccessible(seen, 'cases');
});
