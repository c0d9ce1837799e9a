// The page that polder inspect --html writes, in a browser: accessible, alone, and deaf to what cells say.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { EX, expect, isFast, personsTable, temporary, write } from './lib.mjs';

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

let browser = null;
before(async () => {
    if (!skip)
        browser = await playwright.chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu',
            '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
});
after(() => browser?.close());

// Text that would do something if it were anything but text.
const SCRIPT = '<script>document.title="taken"</script>';
const IMAGE = '<img src=https://example.invalid/x onerror=document.title="taken">';
const BREAK = `"><svg onload=document.title='taken'>`;
const STYLE = '</style></title></caption></table><style>body{display:none}</style>';
const TURN = 'abc\u202egpj.exe\u2066\u200f';
const CONTROL = 'a\u0007b\u001b[31mc\u0085d';
const LONG = 'x'.repeat(3000);
const quoted = (cell) => `"${cell.replaceAll('"', '""')}"`;

function hostileTable() {
    const names = [SCRIPT, IMAGE, BREAK, STYLE, TURN, CONTROL, `${LONG}name`, '&lt;b&gt;&#106;', 'javascript:alert(1)', '', '日期 день يوم'];
    const rows = Array.from({ length: 30 }, (_, i) => [SCRIPT, IMAGE, BREAK, STYLE, TURN, CONTROL, LONG, '&amp;&#60;', i, `${i}.5`,
        `2024-0${1 + i % 9}-1${i % 9}`]);
    return [names, ...rows].map((row) => row.map((c) => quoted(String(c))).join(',')).join('\n') + '\n';
}

const TABLES = {
    'a table with hostile names and cells': hostileTable(),
    'a table of persons': personsTable(200),
    'a table of numbers and days': ['day,amount,moment,kind', ...Array.from({ length: 200 }, (_, i) =>
        `${new Date(Date.UTC(2023, 0, 1 + i + (i > 90 ? 9 : 0))).toISOString().slice(0, 10)},${(i * 37) % 101}.25,2024-01-01T0${i % 10}:00:00Z,${['a', 'b', ''][i % 3]}`)].join('\n'),
    'a table without rows': 'a,b\n',
    'a wide table': `${Array.from({ length: 120 }, (_, i) => `column_with_a_name_${i}`).join(',')}\n${Array.from({ length: 120 }, (_, i) => i).join(',')}\n`,
};

// Writes the page and opens it.
async function open(t, table, options = {}) {
    const folder = temporary(t), page = join(folder, 'page.html');
    expect(EX.OK, ['inspect', write(folder, options.name ?? 'table.csv', table), '--html', page, '--values']);
    return visit(t, page, options);
}

// `asked` gathers every address that the page asks for, `said` what scripts, errors and dialogs say.
async function visit(t, page, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options.context });
    t.after(() => context.close());
    const tab = await context.newPage(), asked = [], said = [];
    tab.on('request', (request) => asked.push(request.url()));
    tab.on('console', (message) => said.push(message.text()));
    tab.on('pageerror', (error) => said.push(error.message));
    tab.on('dialog', (dialog) => { said.push(dialog.message()); dialog.dismiss(); });
    const url = pathToFileURL(page).href;
    await tab.goto(url, { waitUntil: 'load' });
    return { tab, page, url, asked, said };
}

const axeFinds = async (tab) => {
    await tab.evaluate(axe);
    const found = await tab.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    assert.ok(found.passes.length > 5, 'axe looked');
    return found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)).join(' | ')}`);
};
const widths = (tab) => tab.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);

test('what these tests look for would be found', { skip }, async (t) => {
    const page = write(temporary(t), 'page.html', `<!doctype html><html lang="en"><title>t</title><main><h1>t</h1>
        <p style="color:#bbb">pale</p><p style="width:900px">wide</p><ul><li>a</ul><img src="https://example.invalid/x">
        <a href="#h">a</a><p id="h">b</p><script>console.log("hello")</script></main>`);
    const { tab, asked, said } = await visit(t, page, { context: { viewport: { width: 320, height: 640 }, bypassCSP: true } });
    assert.ok(asked.includes('https://example.invalid/x') && said.includes('hello'));
    const [scrolls, shows] = await widths(tab);
    assert.ok(scrolls > shows);
    assert.deepEqual((await axeFinds(tab)).map((v) => v.split(':')[0]).sort(), ['color-contrast', 'image-alt']);
});

for (const [what, table] of Object.entries(TABLES).slice(0, isFast ? 1 : undefined)) {
    for (const scheme of ['light', 'dark'])
        test(`axe finds nothing wrong with the page of ${what}, ${scheme}`, { skip }, async (t) => {
            const { tab } = await open(t, table, { context: { colorScheme: scheme, bypassCSP: true } });
            assert.deepEqual(await axeFinds(tab), []);
        });

    test(`the page of ${what} asks for nothing and says nothing`, { skip }, async (t) => {
        const { url, asked, said } = await open(t, table);
        assert.deepEqual(asked, [url]);
        assert.deepEqual(said, []);
    });

    test(`the page of ${what} does not scroll sideways at 320 pixels`, { skip }, async (t) => {
        const { tab } = await open(t, table, { context: { viewport: { width: 320, height: 640 } } });
        const [scrolls, shows] = await widths(tab);
        assert.ok(scrolls <= shows, `${scrolls} > ${shows}`);
        await tab.evaluate(() => scrollTo(1000, 0));
        assert.equal(await tab.evaluate(() => scrollX), 0);
    });

    test(`the keyboard reaches every link of the page of ${what}, and whatever scrolls`, { skip }, async (t) => {
        const { tab } = await open(t, table, { context: { viewport: { width: 320, height: 640 } } });
        const wanted = await tab.evaluate(() => {
            const scrolls = [...document.querySelectorAll('*')].filter((e) => e !== document.documentElement && e !== document.body &&
                e.scrollWidth > e.clientWidth && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX));
            const all = [...document.querySelectorAll('a[href]'), ...scrolls];
            all.forEach((e, i) => { e.dataset.wanted = i; });
            return all.length;
        });
        const reached = new Set(), steps = wanted + 400;
        for (let i = 0; i < steps && reached.size < wanted; i++) {
            await tab.keyboard.press('Tab');
            const at = await tab.evaluate(() => document.activeElement?.dataset.wanted ?? null);
            if (at !== null) reached.add(at);
        }
        assert.equal(reached.size, wanted);
        const dangling = await tab.evaluate(() => [...document.querySelectorAll('a[href]')].filter((a) =>
            !a.hash || a.protocol !== 'file:' || !document.getElementById(decodeURIComponent(a.hash.slice(1)))).length);
        assert.equal(dangling, 0, 'every link leads to a place on the page');
    });
}

test('hostile names and cells stay text, and are shown', { skip }, async (t) => {
    const { tab, page } = await open(t, hostileTable(), { name: `<b>&"'.csv` });
    assert.equal(await tab.title(), `What is in <b>&"'.csv`);
    const elements = await tab.evaluate(() => [...new Set([...document.querySelectorAll('*')].map((e) => e.localName))]);
    for (const name of ['script', 'img', 'b', 'iframe', 'object', 'link', 'form'])
        assert.ok(!elements.includes(name), `there is an element ${name}`);
    assert.equal(await tab.evaluate(() => [...document.querySelectorAll('*')].filter((e) =>
        [...e.attributes].some((a) => /^on/i.test(a.name) || /javascript:/i.test(a.value))).length), 0);
    const headings = await tab.locator('h3').allTextContents();
    assert.equal(headings.length, 11, 'no cell ends the page');
    for (const name of [SCRIPT, IMAGE, BREAK, STYLE, '&lt;b&gt;&#106;', 'javascript:alert(1)'])
        assert.ok(headings.includes(name), `${name} is a heading, letter by letter`);
    assert.ok(await tab.locator('h1').isVisible());
    const body = await tab.evaluate(() => document.documentElement.outerHTML);
    assert.doesNotMatch(body, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    assert.ok(headings.some((h) => h.startsWith('abc\ufffdgpj.exe\ufffd')), 'a mark that turns writing leaves a sign');
    assert.match(readFileSync(page, 'utf8'), /Content-Security-Policy/);
});
