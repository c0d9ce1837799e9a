// What the tests of pages in a browser share: Chromium, what axe finds, and a keyboard.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { after, before } from 'node:test';

const CHROMIUM = '/usr/bin/chromium';
const require = createRequire(resolve('tests', 'package.json'));
let playwright = null, axe = null;
try {
    playwright = require('playwright-core');
    axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
} catch {
    // npm did not answer when the peers were installed
}
export const skip = !existsSync(CHROMIUM) ? `${CHROMIUM} is not installed (script/bootstrap --npm)`
    : !playwright || !axe ? 'playwright-core and axe-core are not installed (script/bootstrap --npm)' : false;

let browser = null;
before(async () => {
    if (!skip)
        browser = await playwright.chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
            '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
});
after(() => browser?.close());

/** A page of its own, closed with the test. */
export async function open(t, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, bypassCSP: true, ...options });
    t.after(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(60000);
    page.on('pageerror', (error) => assert.fail(`an error in the page: ${error.message}`));
    return page;
}

/** What axe finds. complaints: where to add it; without, it must be nothing. */
export async function checkAccessible(page, where, complaints) {
    await page.evaluate(axe);
    const found = await page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'],
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
        .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' | ')}`));
    if (complaints) complaints.push(...found.map((f) => `${where}: ${f}`));
    else assert.deepEqual(found, [], where);
}

/** Presses Tab until the element has the focus. */
export async function tabTo(page, selector, most = 60) {
    for (let i = 0; i < most; i++) {
        if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) {
            const box = await page.locator(selector).first().evaluate((e) => {
                const style = getComputedStyle(e);
                return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
            });
            assert.ok(box, `${selector} shows that it has the focus`);
            return;
        }
        await page.keyboard.press('Tab');
    }
    assert.fail(`Tab never reaches ${selector}`);
}
