// The portal over HTTP: pages in two languages, what they weigh, what hostile text and forms can't do.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { actCount, temporary, write } from './lib.mjs';
import { crawl, portal, PASSWORD, SCRIPT, Visitor } from './portal_lib.mjs';

const PAGE_MAX = 60 * 1024;

test('every page of both languages is whole, light, and says its language', async (t) => {
    const { server, visitor } = await portal(t);
    const styles = gzipSync(await (await server.ask('/polder.css')).text(), { level: 9 }).length;
    await visitor.signIn();
    for (const [root, lang] of [['/en', 'en'], ['/zh', 'zh-Hans']]) {
        const pages = await crawl(visitor, root);
        assert.ok(pages.size > 30, `only ${pages.size} pages`);
        for (const [path, page] of pages) {
            assert.ok([200, 303].includes(page.status), `${path}: ${page.status}`);
            if (!page.type.startsWith('text/html')) continue;
            assert.ok(path.startsWith('/en') || path.startsWith('/zh'), path);
            if (path.startsWith(root)) assert.ok(page.text.includes(`<html class="govuk-template" lang="${lang}">`), path);
            assert.match(page.text, /<\/html>\n$/, path);
            assert.match(page.text, /<h1 /, path);
            assert.doesNotMatch(page.text, /<script|style="|\son[a-z]+="/, path);
            assert.match(page.headers.get('content-security-policy'), /^default-src 'none'; (?!.*unsafe)/, path);
            assert.equal(page.headers.get('x-content-type-options'), 'nosniff', path);
            const weight = gzipSync(page.text, { level: 9 }).length + styles;
            assert.ok(weight <= PAGE_MAX, `${path} weighs ${weight} bytes`);
        }
    }
});

test('the first address leads to the language that the browser asks for', async (t) => {
    const { server } = await portal(t);
    for (const [asked, path] of [['zh-CN,zh;q=0.9', '/zh'], ['de,en', '/en'], ['fr', '/en']]) {
        const answer = await server.ask('/', { headers: { 'accept-language': asked } });
        assert.equal(answer.headers.get('location'), path);
    }
    assert.equal((await server.ask('/xx/datasets')).status, 404);
    assert.match(await (await server.ask('/zh/datasets/nothing', { headers: { accept: 'text/html' } })).text(), /找不到该页面/);
});

test('markup that a party writes is text on every page', async (t) => {
    const { visitor } = await portal(t);
    await visitor.signIn();
    let seen = 0;
    for (const root of ['/en', '/zh'])
        for (const [path, page] of await crawl(visitor, root)) {
            if (!page.type.startsWith('text/html')) continue;
            assert.ok(!page.text.includes(SCRIPT) && !/<img/i.test(page.text), path);
            seen += page.text.includes('&lt;script&gt;document.title=&quot;taken&quot;');
        }
    assert.ok(seen >= 6, `the markup is seen as text on ${seen} pages`);
});

test('what is not disclosed is not there for others', async (t) => {
    const { data, server, visitor } = await portal(t);
    await visitor.signIn();
    const own = await visitor.page('/en/datasets');
    const id = /href="\/en\/datasets\/([0-9a-f-]+)"><bdi>Kept for ourselves/.exec(own)[1];
    const act = /href="\/en\/acts\/([0-9a-f-]+)"/.exec(await visitor.page(`/en/datasets/${id}`))[1];
    const other = new Visitor(server), stranger = new Visitor(server);
    await other.signIn('shipper/bo');
    for (const visitorOf of [other, stranger]) {
        assert.equal((await visitorOf.ask(`/en/datasets/${id}`)).status, 404);
        assert.equal((await visitorOf.ask(`/en/datasets/${id}/dossier`)).status, 404);
        assert.equal((await visitorOf.ask(`/en/acts/${act}`)).status, 404);
        assert.equal((await visitorOf.ask(`/en/acts/${act}/dossier`)).status, 404);
        assert.ok(!(await visitorOf.page('/en/datasets?q=Kept')).includes(id));
    }
    assert.ok(actCount(data) >= 5);
});

test('a search finds Chinese and English words, and says when it finds nothing', async (t) => {
    const { visitor } = await portal(t);
    for (const [q, found, not] of [['空气', '港口空气质量监测', 'Air quality'], ['air qual', 'Air quality at the harbour', '港口'], ['no2', '港口空气质量监测', 'Kept']]) {
        const page = await visitor.page(`/en/datasets?q=${encodeURIComponent(q)}`);
        assert.ok(page.includes(found) && !page.includes(`<bdi>${not}`), q);
    }
    assert.match(await visitor.page('/en/datasets?q=zebra'), /Nothing was found for “zebra”/);
    assert.match(await visitor.page('/zh/datasets?q=zebra'), /没有找到“zebra”/);
});

test('a picture’s numbers are the same in the page, as CSV and as JSON', async (t) => {
    const { visitor } = await portal(t);
    const list = await visitor.page('/en/datasets');
    const page = await visitor.page(/\/en\/datasets\/[0-9a-f-]+/.exec(list.slice(list.indexOf('Air quality') - 200))[0]);
    const files = [...page.matchAll(/href="(\/en\/datasets\/[0-9a-f-]+\/columns\/\d+\.json)"/g)].map((m) => m[1]);
    assert.ok(files.length >= 2);
    for (const file of files) {
        const bins = JSON.parse(await visitor.page(file)), csv = (await visitor.page(file.replace('.json', '.csv'))).trim().split('\r\n');
        assert.deepEqual(csv, ['from,to,rows', ...bins.map((b) => `${b.from},${b.to},${b.rows}`)]);
        for (const bin of bins) assert.ok(page.includes(`<td class="govuk-table__cell">${bin.from}</td><td class="govuk-table__cell">${bin.to}</td><td class="govuk-table__cell n">${bin.rows}</td>`));
    }
    assert.deepEqual(JSON.parse(await visitor.page('/en/promise.json')).map((s) => s.state), ['met', 'late', 'running', 'overdue']);
    assert.equal((await visitor.ask(files[0].replace('.json', '.xml'))).status, 404);
    assert.equal((await visitor.ask(files[0].replace(/\d+\.json/, '99.json'))).status, 404);
});

test('a file becomes a receipt: brought, looked at, signed', async (t) => {
    const { data, visitor } = await portal(t);
    await visitor.signIn();
    const before = actCount(data), shown = await visitor.upload({ title: 'Fish landed' });
    assert.equal(shown.status, 200);
    const plan = await shown.text();
    assert.match(plan, /Yes, once you have signed the plan/);
    assert.equal(actCount(data), before, 'looking changes nothing');
    const form = Object.fromEntries([...plan.matchAll(/name="([a-z]+)" value="([^"]*)"/g)].map((m) => [m[1], m[2]]));
    const action = /action="(\/en\/publish\/[0-9a-f-]{36})"/.exec(plan)[1];
    const post = (visitorOf, fields) => visitorOf.ask(action, { method: 'POST', body: new URLSearchParams(fields) });
    // What is signed is what was shown.
    const changed = await post(visitor, { ...form, digest: '0'.repeat(64), do: 'sign' });
    assert.equal(changed.status, 409);
    assert.match(await changed.text(), /Something has changed/);
    // Another member has no such file; a form without the session's token does nothing.
    const other = new Visitor(visitor.server);
    await other.signIn('shipper/bo');
    assert.equal((await post(other, { ...form, csrf: await other.csrf(), do: 'sign' })).status, 400);
    assert.equal((await post(visitor, { ...form, csrf: 'x', do: 'sign' })).status, 403);
    assert.equal(actCount(data), before);
    const done = await post(visitor, { ...form, csrf: await visitor.csrf(), do: 'sign' });
    assert.equal(done.status, 303);
    const receipt = await visitor.page(done.headers.get('location'));
    assert.match(receipt, /Done\. It is on the ledger\./);
    assert.match(receipt, /polder-receipt\/v[12]\nact /);
    assert.equal(actCount(data), before + 1);
    // The file is gone once it was used.
    assert.equal((await post(visitor, { ...form, csrf: await visitor.csrf(), do: 'sign' })).status, 400);
});

test('an open intent is gone on with by bringing the file again, and by its own party only', async (t) => {
    const { data, server, visitor } = await portal(t);
    await visitor.signIn();
    const sign = async (answer, how) => {
        const plan = await answer.text(), form = Object.fromEntries([...plan.matchAll(/name="([a-z]+)" value="([^"]*)"/g)].map((m) => [m[1], m[2]]));
        return visitor.ask(/action="(\/en\/publish\/[0-9a-f-]{36})"/.exec(plan)[1], { method: 'POST', body: new URLSearchParams({ ...form, do: how }) });
    };
    const left = await sign(await visitor.upload({ title: 'Left open' }), 'record');
    assert.match(await visitor.page(left.headers.get('location')), /It waits\. The intent is on record\./);
    const intent = /href="\/en\/intents\/([0-9a-f-]{36})">Open: <bdi>Left open/.exec(await visitor.page('/en/intents'))[1];
    assert.match(await visitor.page(`/en/intents/${intent}`), /Go on with it/);
    const other = new Visitor(server), before = actCount(data);
    await other.signIn('shipper/bo');
    assert.equal((await other.upload({ intent })).status, 404);
    assert.ok((await visitor.upload({ intent }, 'other,file\n1,2\n')).status >= 400, 'another file is not what it was about');
    assert.equal(actCount(data), before);
    const done = await sign(await visitor.upload({ intent }), 'sign');
    assert.match(await visitor.page(done.headers.get('location')), /Done\. It is on the ledger\./);
    assert.ok(!(await visitor.page('/en/intents')).includes(intent));
});

test('forms that are wrong, foreign or too many change nothing', async (t) => {
    const { data, server, visitor } = await portal(t);
    const before = actCount(data);
    assert.equal((await visitor.ask('/en/publish', { method: 'POST', body: new URLSearchParams({ title: 'x' }) })).status, 401);
    assert.equal((await visitor.signIn('harbour/anna', 'wrong password here')).status, 401);
    assert.match(await (await visitor.signIn('nobody/here', 'wrong password here')).text(), /Name or password is wrong/);
    for (const to of ['//evil.example/', 'https://evil.example/', '/en/\\evil', '/zh'])
        assert.equal((await new Visitor(server).signIn('harbour/anna', PASSWORD, to)).headers.get('location'), '/en', to);
    await visitor.signIn();
    for (const [fields, content, says] of [[{ title: '' }, undefined, /title has 1 to 500/], [{ verb: 'burn' }, undefined, /choose what is to be done/],
        [{ verb: 'share' }, undefined, /choose who receives/], [{}, '', /no file came/], [{}, '\x00\x01\x02\x03', /./]]) {
        const answer = await visitor.upload(fields, content);
        assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
        const text = await answer.text();
        assert.match(text, says);
        assert.match(text, /govuk-error-summary/);
    }
    assert.equal((await visitor.upload({ csrf: 'forged' })).status, 403);
    const crossed = await visitor.ask('/en/sign-out', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' }, body: new URLSearchParams({ csrf: await visitor.csrf() }) });
    assert.equal(crossed.status, 403);
    assert.equal(actCount(data), before);
    const out = await visitor.ask('/en/sign-out', { method: 'POST', body: new URLSearchParams({ csrf: await visitor.csrf() }) });
    assert.equal(out.status, 303);
    assert.ok(!(await visitor.csrf('/en')), 'signed out');
});

test('rules speak in words: what makes lawful and what is owed, in both languages', async (t) => {
    const { visitor } = await portal(t);
    const shown = async (path) => (await visitor.page(path)).replace(/<pre[^]*?<\/pre>/g, '');
    const laws = [...(await visitor.page('/en/rules')).matchAll(/href="(\/en\/rules\/[^"]+)"/g)].map((m) => m[1]);
    assert.ok(laws.length > 5);
    let words = 0;
    for (const path of laws) {
        const [en, zh] = [await shown(path), await shown(path.replace('/en/', '/zh/'))];
        for (const page of [en, zh]) assert.doesNotMatch(page, /[a-z_]+\((direct|quasi|within|keep|authority|separate|k=)[^)]*\)/, path);
        words += en.includes('leave out what identifies directly, and let at least 5 rows be alike') && zh.includes('删除直接标识，并使间接标识相同的记录每组不少于5行');
    }
    assert.ok(words >= 3, `${words} laws`);
    assert.match(await shown('/zh/rules/cn-ogi'), /政府信息公开条例[^]*答复，20个工作日内/);
    assert.match(await shown('/en/rules/cn-ogi'), /answer within 20 working days/);
});

test('verify.html is the file whose hash is published, and its policy names its own script', async (t) => {
    const { server } = await portal(t);
    const answer = await server.ask('/verify.html'), bytes = Buffer.from(await answer.arrayBuffer());
    assert.deepEqual(bytes, readFileSync('portal/verify.html'));
    const hash = createHash('sha256').update(bytes).digest('hex');
    assert.equal(await (await server.ask('/verify.html.sha256')).text(), `${hash}  verify.html\n`);
    assert.ok(readFileSync('docs/reference/portal.md', 'utf8').includes(hash), 'docs/reference/portal.md names another hash');
    for (const root of ['/en', '/zh'])
        assert.ok((await (await server.ask(`${root}/ledger`)).text()).includes(`<code id="page-hash">${hash}</code>`), 'the ledger page names it');
    const policy = answer.headers.get('content-security-policy');
    for (const tag of ['script', 'style']) {
        const inside = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(bytes.toString())[1];
        const source = `'sha256-${createHash('sha256').update(inside).digest('base64')}'`;
        assert.ok(policy.includes(`${tag}-src ${source}`) && bytes.includes(`${tag}-src ${source}`), tag);
    }
    assert.equal(spawnSync('script/verify-page', ['--check']).status, 0);
});

test('languages with different keys do not build', (t) => {
    const folder = temporary(t), out = join(folder, 'out.c');
    const texts = JSON.parse(readFileSync('portal/texts/zh.json', 'utf8'));
    delete texts.home.lead;
    const less = write(folder, 'zh.json', JSON.stringify(texts));
    const { status, stderr } = spawnSync('script/portal.py', [out, 'portal/texts/en.json', less, 'portal/icon.svg'], { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /home\.lead/);
    execFileSync('script/portal.py', [out, 'portal/texts/en.json', 'portal/texts/zh.json', 'portal/icon.svg']);
});

test('the styles are what their source makes, and hold no font or image of others', (t) => {
    const css = readFileSync('portal/styles/polder.css', 'utf8');
    assert.doesNotMatch(css, /@font-face|url\(|GDS Transport/);
    if (!existsSync('portal/node_modules/sass')) return t.skip('sass is not installed (script/styles)');
    execFileSync('script/styles', ['--check']);
});
