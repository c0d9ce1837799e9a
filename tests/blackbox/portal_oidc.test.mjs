// Signing in to the portal by a real provider of OpenID Connect (Debian's glewlwyd): over HTTP, what must not work; and in
// Chromium, all by keyboard.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { open, skip as noBrowser, tabTo } from './browser.mjs';
import { freePort, missing, Provider, USER_PASSWORD } from './glewlwyd.mjs';
import { EX, expect } from './lib.mjs';
import { portalNode, Visitor } from './portal_lib.mjs';
import { Serving } from './serve_lib.mjs';

/** A node that is served, and a provider that knows its address; `code`: an invitation of shipper/bo. */
async function nodeAndProvider(t, more = []) {
    const folder = mkdtempSync(join(tmpdir(), 'polder-portal-oidc-')), provider = new Provider();
    const { data } = portalNode(t), server = new Serving(data);
    t.after(async () => { await server.process && await server.stop(); provider.stop(); rmSync(folder, { recursive: true }); });
    server.port = await freePort();
    await provider.start(folder, `http://127.0.0.1:${server.port}/sign-in/oidc/callback`);
    await provider.addIssuer('city', 'rsa');
    await provider.addUser('wen');
    expect(EX.OK, ['account', 'provider', '--data', data, ...provider.options('city'), '--title', 'City <b>one</b>', ...more]);
    const { code } = JSON.parse(expect(EX.OK, ['account', 'invite', '--data', data, 'shipper/bo', '--json']).out);
    await server.start();
    return { data, provider, server, code, visitor: new Visitor(server) };
}

const textOf = async (answer) => ({ status: answer.status, text: await answer.text() });
// Begins in a browser that keeps only cookies; gives the path to which the provider sends it back.
async function sentBack(visitor, provider, path = '/en/sign-in/oidc/city') {
    const begun = await visitor.ask(path);
    assert.equal(begun.status, 303);
    const there = new URL(begun.headers.get('location'));
    assert.equal(there.searchParams.get('code_challenge_method'), 'S256');
    for (const name of ['state', 'nonce', 'code_challenge']) assert.ok(there.searchParams.get(name).length >= 43, name);
    const back = await provider.follow(there.href);
    assert.equal(back.pathname, '/sign-in/oidc/callback');
    return back.pathname + back.search;
}

test('by a provider: a link by invitation, then from the button to the page that was wanted', { skip: missing, timeout: 120000 }, async (t) => {
    const { provider, visitor, server, code } = await nodeAndProvider(t);
    for (const [root, says] of [['/en', 'Sign in with'], ['/zh', '登录方式：']]) {
        const page = await visitor.page(`${root}/sign-in?to=${root}/account`);
        assert.ok(page.includes(`href="${root}/sign-in/oidc/city?to=%2F${root.slice(1)}%2Faccount"`), root);
        assert.ok(page.includes(`${says} <bdi>City &lt;b&gt;one&lt;/b&gt;</bdi>`), 'the title of a provider is text');
    }
    await provider.signIn('wen');
    // Whom nobody linked isn't let in, in the language of the page from which it began.
    const stranger = await textOf(await visitor.ask(await sentBack(visitor, provider, '/zh/sign-in/oidc/city')));
    assert.equal(stranger.status, 401);
    assert.match(stranger.text, /lang="zh-Hans"[^]*未能登录[^]*no member of this node is linked/);
    assert.deepEqual([...visitor.jar.keys()], [], 'nothing of the flow is left');
    // A wrong code is no invitation; the right one leads to the provider, once.
    const redeem = (given) => visitor.ask('/en/invitation', { method: 'POST', body: new URLSearchParams({ code: given, password: '', provider: 'city' }) });
    assert.equal((await redeem('AAAA-BBBB-CCCC-DDDD-EEEE')).status, 403);
    const onward = await textOf(await redeem(code));
    assert.equal(onward.status, 200);
    const there = /class="govuk-button" href="([^"]+)"/.exec(onward.text)[1].replaceAll('&amp;', '&');
    const back = await provider.follow(there), done = await visitor.ask(back.pathname + back.search);
    assert.deepEqual([done.status, done.headers.get('location')], [303, '/en']);
    assert.match(await visitor.page('/en/account'), /You act for shipper/);
    assert.equal((await redeem(code)).status, 403, 'without the session’s token, and used');
    // From then on by the button; the session that there was ends, and the new one goes where its reader wanted to.
    const old = visitor.cookie;
    const again = await visitor.ask(await sentBack(visitor, provider, '/en/sign-in/oidc/city?to=%2Fen%2Faccount'));
    assert.deepEqual([again.status, again.headers.get('location')], [303, '/en/account']);
    assert.notEqual(visitor.cookie, old);
    assert.equal((await server.ask('/en/account', { headers: { cookie: old } })).status, 303, 'the session before is over');
    assert.match(await visitor.page('/en/account'), /By your organisation/);
    for (const to of ['//evil.example', 'https://evil.example', '/en/x;y', '/zh'])
        assert.equal((await visitor.ask(await sentBack(visitor, provider, `/en/sign-in/oidc/city?to=${encodeURIComponent(to)}`)))
            .headers.get('location'), '/en', to);
});

test('what another browser brings, or brings twice, or the provider refuses, signs nobody in', { skip: missing, timeout: 120000 }, async (t) => {
    const { provider, visitor, server, data } = await nodeAndProvider(t);
    await server.stop();
    expect(EX.OK, ['account', 'link', '--data', data, 'city', 'wen', 'shipper/bo']); // a subject of this name there may be none
    await server.start();
    await provider.signIn('wen');
    const refused = async (who, path, says) => {
        const { status, text } = await textOf(await who.ask(path));
        assert.equal(status, 401, path);
        assert.match(text, says);
        assert.match(text, /govuk-error-summary/);
        assert.match(text, /id="password"/, 'the other way stands below');
        assert.ok(!who.cookie.includes('polder='), 'nobody is signed in');
    };
    const other = new Visitor(server), path = await sentBack(visitor, provider);
    await refused(other, path, /not begun in this browser/);
    await refused(visitor, path.replace(/state=./, 'state=_'), /not begun in this browser/);
    await refused(visitor, '/sign-in/oidc/callback', /not begun in this browser/);
    await refused(visitor, '/sign-in/oidc/callback?error=access_denied', /the provider says: access_denied/);
    await refused(visitor, `/sign-in/oidc/callback?error=${encodeURIComponent('<script>alert(1)</script>')}`, /&lt;script&gt;alert/);
    await refused(visitor, '/sign-in/oidc/callback?code=a%00b&state=x', /./);
    for (const name of ['nobody', '..%2Fcity', '%00']) assert.ok([400, 404].includes((await visitor.ask(`/en/sign-in/oidc/${name}`)).status), name);
    assert.equal((await visitor.ask('/xx/sign-in/oidc/city')).status, 404);
    // The provider is away: said so, and passwords go on.
    provider.stop();
    await new Promise((done) => provider.process.once('exit', done));
    const away = await textOf(await visitor.ask('/en/sign-in/oidc/city'));
    assert.equal(away.status, 503);
    assert.match(away.text, /does not answer as it should/);
    assert.equal((await visitor.signIn()).status, 303);
});

test('in a browser, all by keyboard: invitation, provider, signed in; out, and in again', { skip: missing || noBrowser, timeout: 300000 }, async (t) => {
    const { server, code } = await nodeAndProvider(t);
    const page = await open(t, { bypassCSP: false });
    const callback = (url) => url.host === new URL(server.url).host && !url.pathname.includes('sign-in') && !url.pathname.includes('invitation');
    await page.goto(`${server.url}/en/sign-in`);
    await tabTo(page, 'a[href="/en/invitation"]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/invitation/);
    await tabTo(page, '#code');
    await page.keyboard.type(code);
    await tabTo(page, 'button[name=provider]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=One step more');
    await tabTo(page, 'main a.govuk-button');
    await page.keyboard.press('Enter');
    // The provider's own pages: its user name and password, then what the client may know.
    await page.waitForURL((url) => url.pathname === '/login.html');
    await page.waitForSelector('#username');
    await tabTo(page, '#username');
    await page.keyboard.type('wen');
    await tabTo(page, '#password');
    await page.keyboard.type(USER_PASSWORD);
    await page.keyboard.press('Enter');
    await goOn(page, callback);
    assert.match(await page.locator('.pd-top').innerText(), /bo, shipper/);
    await tabTo(page, '.pd-top form button');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.pd-top a[href="/en/sign-in"]');
    await tabTo(page, '.pd-top a[href="/en/sign-in"]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/sign-in/);
    await tabTo(page, 'main a[href^="/en/sign-in/oidc/city"]');
    await page.keyboard.press('Enter');
    await goOn(page, callback);
    assert.match(await page.locator('.pd-top').innerText(), /bo, shipper/);
    const cookies = await page.context().cookies(server.url);
    assert.equal(cookies.find((c) => c.name === 'polder').httpOnly, true);
    assert.deepEqual(cookies.filter((c) => c.name === 'polder-flow' || c.name === 'polder-to'), []);
});

/** The provider's own "Continue", by keyboard, until it has sent the browser back. */
async function goOn(page, isBack) {
    await page.waitForSelector('button.btn-success');
    await tabTo(page, 'button.btn-success');
    await page.keyboard.press('Enter');
    await page.waitForURL(isBack);
}
