// Rules made together, and demands, as people see them: pages with forms and without script, and the API.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { EX, expect, plainTable, polder, write } from './lib.mjs';
import { BREAK, PASSWORD, SCRIPT, Visitor } from './portal_lib.mjs';
import { serving } from './serve_lib.mjs';
import { charterOf, found, raised } from './together_lib.mjs';

const MEMBERS = { transport: 'lin', acme: 'wu', logistics: 'qi', citizens: 'ann' };

async function together(t, periods, change) {
    let server = null;
    t.after(() => server?.stop()); // before its folder goes
    const { folder, data } = found(t, charterOf(periods, change));
    for (const [party, member] of [...Object.entries(MEMBERS), ['citizens', 'bo']])
        execFileSync(resolve(dirname(polder), 'tests', 'sign_up'), [data, party, member], { input: `${PASSWORD}\n`, stdio: ['pipe', 'ignore', 'inherit'] });
    server = await serving(t, data);
    const visitor = async (party, member = MEMBERS[party]) => {
        const v = new Visitor(server);
        await v.signIn(`${party}/${member}`);
        return v;
    };
    return { folder, data, server, visitor };
}

// Sends a form as a browser would: with the token that the page has.
async function send(visitor, page, path, fields) {
    const csrf = await visitor.csrf(page);
    const answer = await visitor.ask(path, { method: 'POST', body: new URLSearchParams({ csrf, ...fields }) });
    return { status: answer.status, location: answer.headers.get('location'), text: await answer.text() };
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const api = async (server, path) => (await server.ask(`/api/v1${path}`)).json();
async function until(server, id, stage, seconds = 60) {
    let p;
    for (let i = 0; i < seconds * 4; i++) {
        p = await api(server, `/proposals/${id}?n=${i}`);
        if (p.stage === stage) return p;
        await sleep(250);
    }
    return assert.fail(`never ${stage}: ${JSON.stringify(p)}`);
}

// The texts of the form: what it shows, with k raised.
function changed(folder) {
    const change = raised(folder);
    return { thresholds: readFileSync(join(change, 'node', 'thresholds.json'), 'utf8'), cases: readFileSync(join(change, 'node', 'CASES.md'), 'utf8') };
}

async function proposeByForm(qi, folder, title = 'k is raised') {
    const page = await qi.page('/en/propose');
    const nth = (path) => new RegExp(`name="file-(\\d+)"[^>]*> <label[^>]*><code>${path}<`).exec(page)[1];
    const [k, c] = [nth('node/thresholds.json'), nth('node/CASES.md')];
    const chosen = `/en/propose?file-${k}=1&file-${c}=1`;
    assert.match(await qi.page(chosen), /<textarea[^>]*id="text-\d+"[^>]*>\n\{/, 'the text in force stands in the form');
    const { thresholds, cases } = changed(folder);
    return send(qi, chosen, '/en/propose', { title, [`path-${k}`]: 'node/thresholds.json', [`text-${k}`]: thresholds.replaceAll('\n', '\r\n'),
        [`path-${c}`]: 'node/CASES.md', [`text-${c}`]: cases.replaceAll('\n', '\r\n'), individuals: 'harder to single out', business: 'coarser tables', public: 'fewer rows' });
}

test('from the form to the rule in force, by pages alone', async (t) => {
    const { folder, server, visitor } = await together(t, { consultation: '0s', vote: '20s' });
    // The text in force as each of the server's handles has it: many ask at once, and nothing is from the cache.
    const inForce = (n) => Promise.all(Array.from({ length: 40 }, async (_, i) => {
        const { items } = await api(server, `/proposable?n=${n + i}`);
        return /"value": (\d+),/.exec(items.find((f) => f.path === 'node/thresholds.json').text)[1];
    }));
    assert.deepEqual(new Set(await inForce(0)), new Set(['5']));
    const guest = new Visitor(server), qi = await visitor('logistics'), wu = await visitor('acme');
    assert.match(await guest.page('/en/proposals'), /Nothing was proposed yet/);
    assert.equal((await guest.ask('/en/propose')).status, 303, 'who proposes is signed in');
    const made = await proposeByForm(qi, folder);
    assert.equal(made.status, 303, made.text.slice(0, 2000));
    const path = made.location, id = path.split('/').pop();
    const p = await api(server, `/proposals/${id}`);
    assert.equal(p.changes['node/thresholds.json'].text, changed(folder).thresholds, 'byte for byte what was typed');
    const draft = await guest.page(path);
    assert.match(draft, /A draft\. Who proposed it/);
    assert.match(draft, /<del>− .*&quot;value&quot;: 5,.*<\/del>/);
    assert.match(draft, /<ins>\+ .*&quot;value&quot;: 10,.*<\/ins>/);
    assert.match(draft, /harder to single out/);
    assert.doesNotMatch(draft, /<form method="post" action="\/en\/proposals/, 'whoever only looks has no forms');
    assert.match(await qi.page(path), /value="consult"/);
    assert.doesNotMatch(await wu.page(path), /value="consult"/);
    assert.equal((await send(wu, path.replace(/[^/]*$/, ''), path, { what: 'consult' })).status, 403, 'nobody else opens the consultation');
    assert.equal((await send(qi, path, path, { what: 'consult' })).status, 303);
    await until(server, id, 'vote');
    const vote = await guest.page(path);
    assert.match(vote, /The vote is open\. Nobody is told how it stands/);
    assert.match(vote, /Of \d+ recorded cases|0 recorded cases/);
    // By name, once; by a pseudonym, as often as one likes.
    const ann = await visitor('citizens');
    assert.match(await ann.page(path), /it could link yours to you/);
    assert.match(await wu.page(path), /votes by name, once/);
    for (const [v, choice] of [[wu, 'yes'], [qi, 'yes'], [await visitor('transport'), 'yes'], [await visitor('citizens', 'bo'), 'yes'], [ann, 'no']]) {
        const cast = await send(v, path, `${path}/ballot`, { choice });
        assert.equal(cast.status, 200, cast.text.slice(0, 3000));
        assert.match(cast.text, /Your ballot is cast/);
        assert.match(cast.text, /vote permit/, 'the receipt');
    }
    const again = await send(wu, path, `${path}/ballot`, { choice: 'no' });
    assert.equal(again.status, 409);
    assert.match(again.text, /votes once, by name/);
    assert.match((await send(ann, path, `${path}/ballot`, { choice: 'yes' })).text, /ballot number 2; the last one counts/);
    assert.equal((await send(wu, path, `${path}/ballot`, { choice: 'maybe' })).status, 400);
    assert.equal((await server.ask(`/api/v1/proposals/${id}/record/ballots.jsonl`)).status, 409, 'no result for anybody before the close');
    const done = await until(server, id, 'in_force');
    assert.deepEqual(new Set(await inForce(100)), new Set(['10']), 'no thread still goes by the old rules');
    assert.equal(done.vote.result.count.outcome, 'adopted');
    const page = await guest.page(path);
    assert.match(page, /Adopted: 4 of 4 chambers passed it; 3 were needed\./);
    assert.match(page, /<svg[^>]*role="img"[^>]*aria-labelledby="ct cd">/);
    const recount = await api(server, `/proposals/${id}/recount`);
    assert.equal(recount.agrees, true, JSON.stringify(recount));
    const ballots = await (await server.ask(`/api/v1/proposals/${id}/record/ballots.jsonl`)).text();
    assert.equal(ballots.trim().split('\n').length, 6);
    assert.match(await guest.page(`/zh/proposals/${id}`), /已通过：4 个议院中有 4 个通过/);
});

test('by pages a file is taken out of what is in force, and what was brought into force is undone', async (t) => {
    const { folder, server, visitor } = await together(t, { consultation: '0s', vote: '12s' });
    const qi = await visitor('logistics');
    const form = await qi.page('/en/propose'), nth = /name="file-(\d+)"[^>]*> <label[^>]*><code>standards\/permits\.json</.exec(form)[1];
    const chosen = `/en/propose?file-${nth}=1`, effects = { individuals: 'none', business: 'none', public: 'none' };
    const shown = await qi.page(chosen);
    assert.match(shown, new RegExp(`name="remove-${nth}"`));
    const text = /<textarea[^>]*id="text-\d+"[^>]*>\n([^]*?)<\/textarea>/.exec(shown)[1];
    const removal = await send(qi, chosen, '/en/propose', { title: 'Permits go', [`path-${nth}`]: 'standards/permits.json', [`text-${nth}`]: text, [`remove-${nth}`]: '1', ...effects });
    assert.equal(removal.status, 303, removal.text.slice(0, 2000));
    const draft = await api(server, `/proposals/${removal.location.split('/').pop()}`);
    assert.equal(draft.changes['standards/permits.json'].text, null, 'nothing is to stand there');
    assert.match(await qi.page(removal.location), /<del>/);
    assert.match((await send(qi, chosen, '/en/propose', { title: 'x', [`path-${nth}`]: 'standards/nothing.json', [`remove-${nth}`]: '1', ...effects })).text, /can&#39;t be removed|can.t be removed/);
    // Undoing: nothing to choose, the consultation and the vote as for any other.
    const made = await proposeByForm(qi, folder), path = made.location, id = path.split('/').pop();
    assert.doesNotMatch(await qi.page(path), /rollback=/, 'what isn\'t in force can\'t be undone');
    assert.equal((await send(qi, path, path, { what: 'consult' })).status, 303);
    await until(server, id, 'vote');
    for (const party of ['acme', 'logistics', 'transport', 'citizens']) {
        const v = await visitor(party);
        await send(v, path, `${path}/ballot`, { choice: 'yes' });
    }
    await until(server, id, 'in_force');
    assert.match(await qi.page(path), new RegExp(`href="/en/propose\\?rollback=${id}"`));
    assert.doesNotMatch(await new Visitor(server).page(path), /rollback=/, 'whoever only looks proposes nothing');
    const undo = `/en/propose?rollback=${id}`, page = await qi.page(undo);
    assert.match(page, /What it brought into force is taken back/);
    assert.match(page, /k is raised/);
    assert.doesNotMatch(page, /name="file-/);
    const back = await send(qi, undo, '/en/propose', { title: 'k as it was', rollback_of: id, ...effects });
    assert.equal(back.status, 303, back.text.slice(0, 2000));
    const undone = await api(server, `/proposals/${back.location.split('/').pop()}`);
    assert.equal(undone.rollback_of, id);
    assert.match(undone.changes['node/thresholds.json'].text, /"value": 5,/);
    assert.equal((await qi.ask('/en/propose?rollback=0190b3a2-7c11-7000-8000-000000000000')).status, 404);
    assert.match(await qi.page(`/zh/propose?rollback=${id}`), /撤回其生效的内容/);
});

test('objections and answers by pages; what is refused keeps what was typed, and nothing typed is markup', async (t) => {
    const { folder, server, visitor } = await together(t, { consultation: '100d' });
    const qi = await visitor('logistics'), wu = await visitor('acme');
    const made = await proposeByForm(qi, folder, `Marked ${SCRIPT} ${BREAK}`);
    const path = made.location, id = path.split('/').pop();
    await send(qi, path, path, { what: 'consult' });
    const empty = await send(wu, path, path, { what: 'object', category: 'cost', harm: '', change: 'k of 8' });
    assert.equal(empty.status, 400);
    assert.match(empty.text, /<textarea[^>]*id="change"[^>]*>k of 8</);
    assert.equal((await send(wu, path, path, { what: 'object', category: 'cost', harm: `tables get coarser ${SCRIPT}`, change: 'k of 8' })).status, 303);
    const p = await api(server, `/proposals/${id}?1`), objection = p.objections[0].objection ?? p.objections[0].id;
    assert.ok(objection, JSON.stringify(p.objections[0]));
    assert.doesNotMatch(await wu.page(path), /value="answer"/);
    assert.equal((await send(wu, path, path, { what: 'answer', objection, text: 'we agree' })).status, 403);
    assert.equal((await send(qi, path, path, { what: 'answer', objection, text: 'eight was tried' })).status, 303);
    assert.equal((await send(wu, path, path, { what: 'sustain', objection, text: 'not for us' })).status, 303);
    const page = await new Visitor(server).page(path);
    assert.ok(!page.includes(SCRIPT) && !page.includes(BREAK));
    for (const words of ['eight was tried', 'not for us', 'Stands']) assert.ok(page.includes(words), words);
    assert.equal((await send(qi, path, path, { what: 'nothing' })).status, 400);
    assert.equal((await send(qi, path, path, { what: 'answer', objection: 'x', text: 'y' })).status, 400);
    const forged = await qi.ask(path, { method: 'POST', body: new URLSearchParams({ csrf: 'x', what: 'withdraw' }) });
    assert.equal(forged.status, 403, 'a form of another site');
    assert.equal((await send(qi, path, path, { what: 'withdraw' })).status, 303);
    assert.match(await new Visitor(server).page(path), /Withdrawn by who proposed it/);
    const wrong = await send(qi, '/en/propose?file-0=1', '/en/propose', { title: 'x', 'path-0': 'cn/pipl.cedar', 'text-0': 'permit (principal, action, resource);',
        individuals: 'a', business: 'b', public: 'c' });
    assert.equal(wrong.status, 403, 'statute is beyond the charter, whatever the form says');
    assert.equal((await new Visitor(server).ask('/en/proposals/x')).status, 404);
});

test('the API: proposing, moving, objecting, voting with a token of that scope only', async (t) => {
    const { folder, data, server } = await together(t, { consultation: '0s', vote: '100d' });
    const token = (member, scopes) => /polder_[A-Za-z0-9_-]{43}/.exec(expect(EX.OK, ['token', 'create', member, '--data', data, '--title', 'x',
        ...scopes.split(' ').flatMap((one) => ['--scope', one])]).out)[0];
    await server.stop();
    const secrets = { qi: token('logistics/qi', 'take_part read_catalogue'), wu: token('acme/wu', 'take_part cast_ballot'), reader: token('logistics/qi', 'read_catalogue') };
    await server.start();
    const post = async (secret, path, body) => {
        const answer = await server.ask(`/api/v1${path}`, { method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
            body: JSON.stringify(body) });
        return { status: answer.status, body: await answer.json() };
    };
    const { qi, wu, reader } = secrets;
    const { thresholds, cases } = changed(folder);
    const files = await api(server, '/proposable');
    assert.ok(files.items.some((f) => f.path === 'node/thresholds.json' && f.text.includes('"value": 5,')));
    assert.ok(!files.items.some((f) => f.path.startsWith('cn/')), 'statute is beyond the charter');
    const proposal = { title: 'k', effects: { individuals: 'a', business: 'b', public: 'c' }, changes: { 'node/thresholds.json': thresholds, 'node/CASES.md': cases } };
    assert.equal((await post(reader, '/proposals', proposal)).status, 403, 'not of its scopes');
    assert.equal((await post(qi, '/proposals', { ...proposal, effects: { individuals: 'a' } })).status, 400);
    assert.match((await post(qi, '/proposals', { ...proposal, changes: { 'node/thresholds.json': '{' } })).body.detail, /thresholds/);
    const made = await post(qi, '/proposals', proposal);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { id } = made.body;
    assert.match(made.body.receipt, /^polder-receipt/);
    assert.equal((await post(wu, `/proposals/${id}/moves`, { move: 'consult' })).status, 403);
    assert.equal((await post(qi, `/proposals/${id}/moves`, { move: 'leap' })).status, 400);
    assert.equal((await post(qi, `/proposals/${id}/moves`, { move: 'consult' })).status, 200);
    await until(server, id, 'vote');
    assert.equal((await post(wu, `/proposals/${id}/objections`, { category: 'cost', harm: 'x', change: 'y' })).status, 409);
    assert.equal((await post(qi, `/proposals/${id}/ballots`, { choice: 'yes' })).status, 403, 'not of its scopes');
    const cast = await post(wu, `/proposals/${id}/ballots`, { choice: 'yes' });
    assert.equal(cast.status, 201, JSON.stringify(cast.body));
    assert.deepEqual([cast.body.chamber, cast.body.voter, cast.body.turn], ['enterprise', 'acme', 1]);
    assert.equal((await post(wu, `/proposals/${id}/ballots`, { choice: 'no' })).status, 409);
    assert.equal((await server.ask(`/api/v1/proposals/${id}/recount`)).status, 409);
    const notices = await (await server.ask('/api/v1/notices', { headers: { authorization: `Bearer ${wu}` } })).json();
    assert.deepEqual(notices.items.map((n) => n.what), ['vote', 'final', 'consultation']);
    const list = await api(server, '/proposals');
    assert.deepEqual(list.items.map((p) => [p.id, p.stage, p.matter]), [[id, 'vote', 'rules']]);
});

test('demands by pages and by the API: first what is here, then who answers; sealed words stay sealed', async (t) => {
    const { folder, data, server, visitor } = await together(t, {});
    await server.stop();
    expect(EX.OK, ['govern', write(folder, 'p.csv', plainTable()), '--data', data, '--party', 'transport', '--member', 'lin', '--title', 'Colours of lines',
        '--for', 'open', '--purpose', 'statistics', '--basis', 'public_task', '--yes']);
    await server.start();
    const guest = new Visitor(server), wu = await visitor('acme'), qi = await visitor('logistics');
    const look = await guest.page('/en/demand?need=colours+of+lines');
    assert.match(look, /This may be what you need/);
    assert.match(look, /100 % of what you asked for/);
    assert.match(look, /Sign in to demand it/);
    const mine = await wu.page('/en/demand?need=colours+of+lines');
    assert.match(mine, /Sharing it with you: The law permits it/);
    assert.match(mine, /none is what I need/);
    const fields = { need: 'colours of lines', purpose: 'a map', how_often: 'monthly', responsible: '' };
    const fits = await send(wu, '/en/demand?need=colours', '/en/demand', fields);
    assert.equal(fits.status, 409);
    assert.match(fits.text, />a map<\/textarea>/, 'what was typed stays');
    const made = await send(wu, '/en/demand?need=colours', '/en/demand', { ...fields, need: `fish ${SCRIPT}`, responsible: 'transport' });
    assert.equal(made.status, 303, made.text.slice(0, 3000));
    const page = await guest.page(made.location);
    assert.ok(page.includes('fish') && !page.includes(SCRIPT));
    assert.doesNotMatch(page, /We need it too/);
    assert.match(await qi.page(made.location), /We need it too/);
    assert.equal((await send(qi, made.location, made.location, {})).status, 303);
    assert.match(await guest.page(made.location), /1 other parties need it too/);
    assert.equal((await send(qi, '/en/demand?need=x', made.location, {})).status, 409);
    const sealed = await send(wu, '/en/demand?need=x', '/en/demand', { ...fields, need: 'birds', responsible: 'transport', sealed: '1' });
    assert.ok(!(await guest.page(sealed.location)).includes('birds'));
    assert.ok((await wu.page(sealed.location)).includes('birds'));
    assert.match(await guest.page('/zh/demands'), /答复前保密/);
    const all = await api(server, '/demands');
    assert.deepEqual(all.items.map((d) => [d.need.slice(0, 4), d.readable, d.backers.length]), [['fish', true, 1], ['', false, 0]]);
    const matches = await api(server, '/matches?need=colours');
    assert.equal(matches.items[0].fits, true);
    assert.equal((await server.ask('/api/v1/matches?need=')).status, 400);
    assert.equal((await server.ask('/en/demands/x')).status, 404);
});

// ---- In a browser

const CHROMIUM = '/usr/bin/chromium';
const require = createRequire(resolve('tests', 'package.json'));
let playwright = null, axe = null;
try {
    playwright = require('playwright-core');
    axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
} catch {
    // npm did not answer when the peers were installed
}
const skip = !existsSync(CHROMIUM) ? `${CHROMIUM} is not installed (script/bootstrap --npm)`
    : !playwright || !axe ? 'playwright-core and axe-core are not installed (script/bootstrap --npm)' : false;

test('the pages are accessible in both languages, narrow and wide, without script', { skip, timeout: 900000 }, async (t) => {
    const { folder, server, visitor } = await together(t, { consultation: '0s', vote: '10s' });
    const qi = await visitor('logistics'), wu = await visitor('acme');
    const made = await proposeByForm(qi, folder), open = await proposeByForm(qi, folder, 'k is raised again');
    const path = made.location, id = path.split('/').pop();
    await send(qi, path, path, { what: 'consult' });
    await until(server, id, 'vote');
    for (const v of [wu, qi, await visitor('transport'), await visitor('citizens')]) await send(v, path, `${path}/ballot`, { choice: 'yes' });
    const demand = await send(wu, '/en/demand?need=x', '/en/demand', { need: 'fish', purpose: 'a map', how_often: 'once', responsible: 'transport' });
    await until(server, id, 'in_force');
    const browser = await playwright.chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'] });
    t.after(() => browser.close());
    const complaints = [];
    for (const [root, width, colorScheme] of [['/en', 320, 'dark'], ['/zh', 1280, 'light']]) {
        const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
        const page = await context.newPage();
        await page.goto(`${server.url}${root}/sign-in`);
        await page.fill('#name', 'logistics/qi');
        await page.fill('#password', PASSWORD);
        await page.click('main button');
        await page.waitForURL(`${server.url}${root}`);
        for (const where of ['/proposals', path.slice(3), open.location.slice(3), '/propose', '/propose?file-0=1&file-1=1', `/propose?rollback=${path.split('/').pop()}`, '/demands', demand.location.slice(3),
            '/demand', '/demand?need=lines']) {
            await page.goto(server.url + root + where);
            await page.evaluate(axe);
            const found = await page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'],
                runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
                .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' | ')}`));
            complaints.push(...found.map((f) => `${root}${where} at ${width}: ${f}`));
            if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) complaints.push(`${root}${where} at ${width}: scrolls sideways: ${await page.evaluate(() =>
                [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > innerWidth && !e.closest('.pd-wide')).map((e) => e.outerHTML.slice(0, 120)).join(' | '))}`);
        }
        await context.close();
    }
    assert.deepEqual(complaints, []);
});
