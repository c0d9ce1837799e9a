// What a party can write (titles, cells, column names, the names of files, words of cases) and what another site can make a browser ask,
// tried in Chromium: no script runs, nothing is loaded from elsewhere, nothing is done.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { open, skip } from './browser.mjs';
import { actCount } from './lib.mjs';
import { crawl, HOSTILE, PASSWORD, portal, Visitor } from './portal_lib.mjs';

// Each would leave a mark if it were anything but text: in an element, an attribute, an address, a template, a style, a comment.
const PAYLOADS = ['<script>globalThis.taken=1</script>', `"'><img src=x onerror=globalThis.taken=1>`, '<svg onload=globalThis.taken=1>', '--><iframe srcdoc="<script>parent.taken=1</script>">',
    'javascript:globalThis.taken=1', '{{{title}}}{{>foot}}', `' autofocus onfocus=globalThis.taken=1 x='`, '</textarea></title></pre><script>globalThis.taken=1</script>', '\u202e<b>desrever</b>\u2028'];

test('no script of a party runs on any page, and pages load nothing from elsewhere', { skip, timeout: 600000 }, async (t) => {
    const { server, visitor } = await portal(t);
    await visitor.signIn();
    const post = async (path, fields) => visitor.ask(path, { method: 'POST', body: new URLSearchParams({ csrf: await visitor.csrf(), ...fields }) });
    const columns = PAYLOADS.map((p) => `"${p.replaceAll('"', '""')}"`).join(',');
    const file = `${[columns, ...Array.from({ length: 12 }, () => columns)].join('\n')}\n`;
    const shown = [];
    for (const [i, payload] of PAYLOADS.entries()) {
        const plan = await visitor.upload({ title: `${payload} ${i}`, verb: 'store' }, i ? HOSTILE : file, `${payload.replaceAll('/', '_')}.csv`);
        const text = await plan.text();
        assert.ok(plan.status < 500, `${plan.status} ${payload}`);
        if (plan.status !== 200) continue;
        const form = Object.fromEntries([...text.matchAll(/name="([a-z]+)" value="([^"]*)"/g)].map((m) => [m[1], m[2].replaceAll('&lt;', '<').replaceAll('&gt;', '>')
            .replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')]));
        shown.push(/action="(\/en\/publish\/[0-9a-f-]{36})"/.exec(text)[1]);
        await visitor.ask(shown.at(-1), { method: 'POST', body: new URLSearchParams({ ...form, do: i % 2 ? 'sign' : 'record' }) });
        assert.equal((await post('/en/cases', { kind: 'incident', subject: payload })).status, 303, payload);
    }
    assert.ok(shown.length >= PAYLOADS.length - 1, `${shown.length} of the files were looked at`);
    const page = await open(t, { bypassCSP: false });
    const violations = [], elsewhere = [];
    page.on('console', (m) => /Content Security Policy/.test(m.text()) && violations.push(m.text()));
    page.on('request', (r) => !r.url().startsWith(server.url) && elsewhere.push(r.url()));
    page.on('dialog', (d) => assert.fail(`a dialog: ${d.message()}`));
    const cookies = [...visitor.jar].map(([name, value]) => ({ name, value, url: server.url, httpOnly: true, sameSite: 'Lax' }));
    await page.context().addCookies(cookies);
    const addresses = [...(await crawl(visitor, '/en', 140)).entries()].filter(([, p]) => p.type.startsWith('text/html')).map(([path]) => path);
    const asked = PAYLOADS.flatMap((p) => [`/en/datasets?q=${encodeURIComponent(p)}`, `/en/cases/new?subject=${encodeURIComponent(p)}&dataset=${encodeURIComponent(p)}`,
        `/en/sign-in?to=${encodeURIComponent(p)}`, `/en/ask?asked=1&verb=${encodeURIComponent(p)}&purpose=${encodeURIComponent(p)}`, `/en/rules/${encodeURIComponent(p)}`,
        `/en/parties/${encodeURIComponent(p)}`, `/en/acts?party=${encodeURIComponent(p)}`]);
    assert.ok(addresses.length > 60, `${addresses.length} pages`);
    for (const path of [...addresses, ...asked, ...asked.slice(0, 7).map((p) => p.replace('/en', '/zh'))]) {
        await page.goto(server.url + path);
        const found = await page.evaluate(() => ({ taken: globalThis.taken, scripts: document.scripts.length, frames: document.querySelectorAll('iframe,object,embed,img').length,
            handlers: [...document.querySelectorAll('*')].flatMap((e) => e.getAttributeNames()).filter((n) => n.startsWith('on')),
            links: [...document.links].map((a) => a.getAttribute('href')).filter((h) => /^\s*(javascript|data|vbscript):/i.test(h)),
            forms: [...document.forms].map((f) => f.action).filter((a) => !a.startsWith(location.origin)) }));
        assert.deepEqual(found, { taken: undefined, scripts: 0, frames: 0, handlers: [], links: [], forms: [] }, path);
    }
    assert.deepEqual([violations, elsewhere], [[], []]);
    // And were one there, the policy would not let it run.
    await page.goto(`${server.url}/en`);
    await page.evaluate(() => { const s = document.createElement('script'); s.textContent = 'globalThis.taken = 1'; document.body.append(s); document.body.insertAdjacentHTML('beforeend', '<img src=/x onerror="globalThis.taken=1">'); });
    await page.waitForTimeout(200);
    assert.equal(await page.evaluate(() => globalThis.taken), undefined);
    assert.ok(violations.length > 0);
});

test('another site can make a browser ask, and nothing is done; it can’t frame a page or read one', { skip, timeout: 300000 }, async (t) => {
    const { data, server } = await portal(t);
    const page = await open(t, { bypassCSP: false });
    await page.goto(`${server.url}/en/sign-in`);
    await page.fill('#name', 'harbour/anna');
    await page.fill('#password', PASSWORD);
    await page.click('main form button');
    await page.waitForURL(`${server.url}/en`);
    const forms = [['/en/cases', { kind: 'incident', subject: 'forged' }], ['/en/sign-out', {}], ['/en/account/sign-out-everywhere', {}], ['/en/account/password', { old: PASSWORD, new: 'stolen by another site' }],
        ['/en/sign-in', { name: 'shipper/bo', password: PASSWORD, to: '/en' }], ['/en/invitation', { code: 'x', password: 'y' }]];
    const host = createServer((request, response) => {
        const i = Number(new URL(request.url, 'http://x').searchParams.get('form') ?? -1);
        response.setHeader('Content-Type', 'text/html');
        response.end(i < 0 ? `<iframe src="${server.url}/en/account"></iframe>` : `<form method=post action="${server.url}${forms[i][0]}">${Object.entries(forms[i][1]).map(([n, v]) => `<input name="${n}" value="${v}">`).join('')}<button>go</button></form>`);
    });
    await new Promise((done) => host.listen(0, 'localhost', done)); // another site than 127.0.0.1
    t.after(() => host.close());
    const there = `http://localhost:${host.address().port}/`, before = actCount(data);
    for (const i of forms.keys()) {
        await page.goto(`${there}?form=${i}`);
        const [answer] = await Promise.all([page.waitForResponse((r) => r.request().method() === 'POST'), page.click('button')]);
        assert.equal(answer.status(), 403, forms[i][0]);
        await page.goto(`${server.url}/en/account`);
        assert.match(await page.locator('.pd-top').innerText(), /anna, harbour/, `${forms[i][0]}: still who they were`);
    }
    assert.equal(actCount(data), before);
    await page.goto(there);
    await page.waitForTimeout(300);
    assert.equal(page.frames().some((f) => f.url().startsWith(`${server.url}/en/account`) && !f.url().startsWith('chrome-error')), false);
    const read = await page.evaluate((url) => fetch(url, { credentials: 'include' }).then((r) => r.text(), () => 'not read'), `${server.url}/en/account`);
    assert.equal(read, 'not read');
    // The password is what it was.
    assert.equal((await new Visitor(server).signIn()).status, 303);
});

test('a cookie that was planted before is not the session after, and each sign-in has its own', async (t) => {
    const { server } = await portal(t);
    const planted = new Visitor(server), name = 'polder';
    planted.jar.set(name, 'A'.repeat(43));
    const signed = await planted.signIn();
    assert.equal(signed.status, 303);
    assert.notEqual(planted.jar.get(name), 'A'.repeat(43));
    assert.match(signed.headers.getSetCookie()[0], /^polder=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax/);
    // Somebody's own session given to a victim: it ends when the victim signs in with it.
    const attacker = new Visitor(server), victim = new Visitor(server);
    await attacker.signIn('shipper/bo');
    victim.jar.set(name, attacker.jar.get(name));
    const own = attacker.jar.get(name);
    const again = await victim.ask('/en/sign-in', { method: 'POST', body: new URLSearchParams({ name: 'harbour/anna', password: PASSWORD, to: '/en', csrf: await victim.csrf('/en/sign-in') }) });
    assert.equal(again.status, 303);
    assert.notEqual(victim.jar.get(name), own);
    attacker.jar.set(name, own);
    assert.equal((await attacker.ask('/en/account')).status, 303, 'the planted session is over');
    assert.match(await victim.page('/en/account'), /anna/);
    // Out is out: the same cookie does nothing any more.
    const kept = victim.jar.get(name);
    await victim.ask('/en/sign-out', { method: 'POST', body: new URLSearchParams({ csrf: await victim.csrf('/en/account') }) });
    victim.jar.set(name, kept);
    assert.equal((await victim.ask('/en/account')).status, 303);
});
