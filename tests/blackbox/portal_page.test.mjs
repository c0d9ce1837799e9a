// The portal in a browser: accessible, at home on narrow and wide, light and dark screens; by keyboard; without JavaScript; and
// its receipts and dossiers checked by verify.html from another address.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { checkAccessible, open, skip, tabTo } from './browser.mjs';
import { isFast, write } from './lib.mjs';
import { AIR, PASSWORD, portal } from './portal_lib.mjs';

async function signIn(page, url, root = '/en') {
    await page.goto(`${url}${root}/sign-in`);
    await page.fill('#name', 'harbour/anna');
    await page.fill('#password', PASSWORD);
    await page.click('main button');
    await page.waitForURL(`${url}${root}`);
}

/** An address of each kind of page. */
async function addresses(visitor, root) {
    const found = async (path, pattern) => pattern.exec(await visitor.page(path))?.[1];
    const dataset = await found(`${root}/datasets?q=Air`, new RegExp(`href="(${root}/datasets/[0-9a-f-]{36})"`));
    const act = await found(dataset, new RegExp(`href="(${root}/acts/[0-9a-f-]{36})"`));
    const law = await found(`${root}/rules`, new RegExp(`href="(${root}/rules/[^"]+)"`));
    const raised = await visitor.ask(`${root}/cases`, { method: 'POST', body: new URLSearchParams({ csrf: await visitor.csrf(), kind: 'incident', subject: 'A disk is lost.' }) });
    const one = raised.headers.get('location').split('?')[0];
    return [root, `${root}/datasets`, `${root}/datasets?q=zebra`, dataset, `${root}/acts`, act, `${act}/done`, `${root}/intents`, `${root}/cases`, `${root}/cases/new?kind=correction`, one, `${root}/ledger`,
        `${root}/rules`, law, `${root}/ask`, `${root}/ask?asked=1&verb=open&kind=state_organ&is_personal=true`, `${root}/unlock`, `${root}/parties`,
        `${root}/parties/harbour`, `${root}/publish`, `${root}/sign-in`, `${root}/invitation`, `${root}/account`, `${root}/nowhere-at-all/x`];
}

test('every page is accessible and fits, in both languages, narrow and wide, light and dark', { skip, timeout: 900000 }, async (t) => {
    const { server, visitor } = await portal(t);
    await visitor.signIn();
    const looks = isFast ? [[320, 'dark'], [1280, 'light']] : [[320, 'light'], [320, 'dark'], [1280, 'light'], [1280, 'dark']];
    const complaints = [];
    for (const root of ['/en', '/zh']) {
        const paths = await addresses(visitor, root);
        for (const [width, colorScheme] of looks) {
            const page = await open(t, { viewport: { width, height: 800 }, colorScheme });
            await signIn(page, server.url, root);
            for (const path of paths) {
                assert.ok(path, 'each kind of page has an address');
                const where = `${path} at ${width}, ${colorScheme}`;
                await page.goto(server.url + path);
                await checkAccessible(page, where, complaints);
                if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) complaints.push(`${where}: scrolls sideways`);
                for (const summary of await page.locator('main details > summary').all()) await summary.click();
                if (await page.locator('main details').count()) await checkAccessible(page, `${where}, opened`, complaints);
            }
            await page.context().close();
        }
    }
    assert.deepEqual(complaints, []);
});

test('all by keyboard: sign in, publish, receipt; and verify.html from elsewhere says that it holds', { skip, timeout: 600000 }, async (t) => {
    const { folder, server } = await portal(t);
    const page = await open(t);
    await page.goto(`${server.url}/en`);
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.matches('.govuk-skip-link')), 'the first stop leads to the content');
    await tabTo(page, 'a[href="/en/sign-in"]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/sign-in/);
    await tabTo(page, '#name');
    await page.keyboard.type('harbour/anna');
    await tabTo(page, '#password');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${server.url}/en`);
    await tabTo(page, 'a[href="/en/publish"]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/publish/);
    await tabTo(page, '#title');
    await page.keyboard.type('Fish landed');
    await page.locator('#file').setInputFiles(write(folder, 'fish.csv', AIR)); // the machine's own dialog is no part of the page
    await tabTo(page, 'main form button');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Yes, once you have signed the plan');
    await checkAccessible(page, 'the plan');
    await tabTo(page, 'main button[value=sign]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/done$/);
    await checkAccessible(page, 'the receipt');
    const receipt = await page.locator('pre').textContent();
    const act = page.url().replace(/\/done$/, '');
    const keys = await (await page.goto(`${server.url}/en/ledger`), page.locator('#keys').textContent());
    const get = async (path) => (await page.request.get(act + path)).text();
    const files = { 'receipt.txt': await get('/receipt'), 'act.tlog-proof': await get('/proof'), 'dossier.json': await get('/dossier') };
    assert.equal(files['receipt.txt'], receipt);
    await verifyElsewhere(t, folder, files, keys);
});

// The second of five promises that ledger_promises_sign signed together (a key of seed 7, 0, 0, ...).
const TOGETHER = [
    'polder-receipt/v2',
    'act 01a22ae9-1daa-7e88-ba6c-84a06d9139c1',
    'open permit',
    'log data.example.gov/public',
    'leaf QTlkGFoQFlsuLlrw6sjYDLoL2pzO2ub/5q9/sc+z2zU=',
    'time 2026-11-30T05:24:10Z',
    'index 1',
    'LVSN9E8QykNwnSSnPtjfiILvzKlNU4csh6gaX7aTr1M=',
    '6wYyeQ9tewDM/+/E5dHZg/5+kVEhj8RyQv0rWUmq06M=',
    '/Qg61iqyL/kgwajXUGGRa81Z96aiKrg7720ZGQUIjWE=',
    '',
    'polder-promises/v1',
    '5',
    '6NBGLDOGO202VOJoh9jCDg/KSot85TiQN+xZSmMIPeY=',
    '',
    '— data.example.gov/receipts 8FeK+R1XnC9/kXncdBorIR3k61uHM1GaTIcbj/QWI1gIV7peMheBuwFya9239PFAu0y6/QBVcDfM6XJFKXbRJVLx9wQ=',
    '',
].join('\n');
const TOGETHER_KEY = 'data.example.gov/receipts+f0578af9+AaL6L0o1W6LpB6UwCenjfK3fesfmagi6B2MfVTBys/JM';

/** Checks with the page as a stranger would host it; with WebCrypto and without. */
async function verifyElsewhere(t, folder, files, keys) {
    const host = createServer((request, response) => response.setHeader('Content-Type', 'text/html; charset=utf-8').end(readFileSync('portal/verify.html')));
    await new Promise((done) => host.listen(0, '127.0.0.1', done));
    t.after(() => host.close());
    const paths = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, write(folder, name, text)]));
    const altered = write(folder, 'altered.json', files['dossier.json'].replace('"class":"measured"', '"class":"attested"'));
    const forged = write(folder, 'forged.txt', files['receipt.txt'].replace(/^(act .{35})./m, (_, a) => `${a}0`).replace(/^open permit/m, 'open denied'));
    const [publicKey, receiptsKey] = ['/public', '/receipts'].map((n) => keys.split('\n').find((k) => k.split('+')[0].endsWith(n)));
    const wrongKey = publicKey.replace('/public', '/receipts');
    for (const [how, script] of [['WebCrypto', ''], ['no WebCrypto', 'Object.defineProperty(crypto, "subtle", { value: undefined })'],
        ['WebCrypto without Ed25519', 'crypto.subtle.importKey = () => Promise.reject(new Error("unknown"))']]) {
        const page = await open(t, { bypassCSP: false });
        if (script) await page.addInitScript(script);
        const requests = [];
        page.on('request', (request) => requests.push(request.url()));
        for (const [what, chosen, given, says] of [
            ['receipt', [paths['receipt.txt']], keys, /It holds.*open permit.*signed by the node/s],
            ['receipt and proof', [paths['receipt.txt'], paths['act.tlog-proof']], keys, /It holds.*in the log that was signed/s],
            ['one of several signed together', [write(folder, 'together.txt', TOGETHER)], TOGETHER_KEY, /It holds.*open permit/s],
            ['one of several, altered', [write(folder, 'altered.txt', TOGETHER.replace('open permit', 'open denied'))], TOGETHER_KEY, /It does not hold.*signed root/s],
            ['dossier', [paths['dossier.json']], publicKey, /It holds.*every byte of it/s],
            ['dossier by its own key', [paths['dossier.json']], '', /It holds.*Compare it with one from elsewhere/s],
            ['receipt without a key', [paths['receipt.txt']], '', /It does not hold.*must be given/s],
            ['receipt with another key', [paths['receipt.txt']], publicKey, /It does not hold.*not signed by any/s],
            ['damaged key', [paths['receipt.txt']], wrongKey, /It does not hold.*id of the key/s],
            ['forged receipt', [forged], receiptsKey, /It does not hold.*signature does not hold|It does not hold.*signed root/s],
            ['altered dossier', [altered], publicKey, /It does not hold/],
            ['something else', [write(folder, 'other.txt', 'hello')], keys, /It does not hold.*neither a receipt nor a dossier/s]]) {
            await page.goto(`http://127.0.0.1:${host.address().port}/`);
            await page.locator('#file').setInputFiles(chosen);
            await page.fill('#keys', given);
            await page.click('#check');
            await page.waitForSelector('#result.good, #result.bad');
            assert.match(await page.locator('#result').innerText(), says, `${what}, ${how}`);
        }
        assert.ok(requests.every((r) => r.endsWith('/') || r.endsWith('/favicon.ico')), 'it fetches nothing');
        await page.context().close();
    }
    const page = await open(t);
    await page.goto(`http://127.0.0.1:${host.address().port}/`);
    await checkAccessible(page, 'verify.html');
    await page.click('#language');
    await page.click('#check');
    await page.waitForSelector('#result.bad');
    assert.match(await page.locator('#result').innerText(), /核验不通过/);
    await checkAccessible(page, 'verify.html in Chinese, answered');
}

test('without JavaScript, in Chinese: search, publish, receipt', { skip, timeout: 300000 }, async (t) => {
    const { folder, server } = await portal(t);
    const page = await open(t, { javaScriptEnabled: false, locale: 'zh-CN' });
    await page.goto(`${server.url}/`);
    assert.equal(page.url(), `${server.url}/zh`);
    await page.fill('#q', '空气质量');
    await page.click('main button');
    await page.click('text=港口空气质量监测');
    assert.match(await page.locator('main').innerText(), /可以。任何人均可使用/);
    await signIn(page, server.url, '/zh');
    await page.click('a[href="/zh/publish"]');
    await page.fill('#title', '渔获量');
    await page.locator('#file').setInputFiles(write(folder, 'fish.csv', AIR));
    await page.click('main form button');
    assert.match(await page.locator('main').innerText(), /可以，签署方案后即可/);
    await page.click('main button[value=sign]');
    assert.match(await page.locator('main').innerText(), /已完成，并记入账本/);
});
