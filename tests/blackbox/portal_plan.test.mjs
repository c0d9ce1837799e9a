// Choosing a plan on a page, and what a dataset's page tells of how it was protected: over HTTP, and in a browser without script.
import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { checkAccessible, open, skip } from './browser.mjs';
import { actCount, isFast, personsTable, write } from './lib.mjs';
import { BREAK, PASSWORD, portal, SCRIPT } from './portal_lib.mjs';

const TABLE = personsTable(600);
const PAGE_MAX = 60 * 1024;
const unescaped = (text) => text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
const hidden = (form) => Object.fromEntries([...form.matchAll(/type="hidden" name="([a-z-]+)" value="([^"]*)"/g)].map((m) => [m[1], unescaped(m[2])]));
const formOf = (page, value) => page.split('<form method="post"').find((f) => f.includes(`name="do" value="${value}"`));

// What a browser would send of the form that has this button, with what was filled in.
async function press(visitor, page, value, fields = {}) {
    const form = formOf(page, value);
    assert.ok(form, `a form to ${value}`);
    const answer = await visitor.ask(/action="([^"]+)"/.exec(form)[1], { method: 'POST', body: new URLSearchParams({ ...hidden(form), ...fields, do: value }) });
    return { status: answer.status, location: answer.headers.get('location'), text: await answer.text() };
}

const figure = (page, title) => page.split('<figure').find((f) => f.includes(`<title id="${title}-t">`));
const numbers = (page, title) => decodeURIComponent(/href="data:application\/json;charset=utf-8,([^"]+)"/.exec(figure(page, title))[1]);

test('the plan page tells loss against risk, what is lost where, and what attacks gain: sentence, table, picture, files', async (t) => {
    const { data, visitor, server } = await portal(t);
    await visitor.signIn();
    const before = actCount(data), answer = await visitor.upload({ title: 'Trips' }, TABLE, 'trips.csv');
    assert.equal(answer.status, 200);
    const page = await answer.text();
    const styles = gzipSync(await (await server.ask('/polder.css')).text(), { level: 9 }).length;
    assert.ok(gzipSync(page, { level: 9 }).length + styles <= PAGE_MAX, 'it is light');
    for (const name of ['curve', 'losses', 'risks', 'sizes']) {
        const f = figure(page, name);
        assert.ok(f, name);
        assert.match(f, /<p class="pd-figure__finding">[^<]+[.]<\/p>/, name);
        assert.match(f, /<table[^]*<svg[^>]* role="img"/, name);
        assert.match(f, new RegExp(`download="${name}\\.csv"[^]*download="${name}\\.json"`));
    }
    // The knee of the page is the knee of the API's answer, and its candidates are the radio buttons.
    const curve = JSON.parse(numbers(page, 'curve')), knee = curve.find((c) => c.knee);
    assert.ok(curve.length > 2 && curve.every((c, i) => i === 0 || c.k > curve[i - 1].k && c.highest_risk <= curve[i - 1].highest_risk));
    assert.deepEqual([...page.matchAll(/type="radio" id="k-(\d+)"/g)].map((m) => Number(m[1])), curve.map((c) => c.k));
    assert.match(page, new RegExp(`id="k-${knee.k}" name="k" value="${knee.k}" checked`));
    assert.match(figure(page, 'curve'), new RegExp(`the knee is proposed: with ${knee.k} rows alike`));
    assert.equal([...figure(page, 'curve').matchAll(/<circle class="o2"/g)].length, curve.length);
    assert.equal([...figure(page, 'curve').matchAll(/<circle class="o3"/g)].length, 1, 'the knee is marked');
    const sizes = JSON.parse(numbers(page, 'sizes')), sum = (key) => sizes.reduce((n, s) => n + s[key], 0);
    assert.equal(sum('rows_before'), 600);
    assert.ok(sizes.slice(0, 2).every((s) => s.rows_after === 0), 'no small group is left');
    // Before and after, of the columns that change; nothing of what names persons.
    assert.match(page, /How the values lie, before and after/);
    const shown = page.slice(page.indexOf('id="lie"'), page.indexOf('id="sign"'));
    assert.match(shown, /birth_date/);
    for (const id of TABLE.split('\n').slice(1, 40).map((row) => row.split(',')[0])) assert.ok(!page.includes(id), 'an identifier on the page');
    assert.equal(actCount(data), before, 'looking changes nothing');
});

test('attacks are told with their gain over chance, and marked in the picture', async (t) => {
    const { visitor } = await portal(t);
    await visitor.signIn();
    const rows = ['sex,birth_date,district,diagnosis'];
    for (let i = 0; i < 600; i++)
        rows.push(`${i % 2 ? 'female' : 'male'},${1940 + i % 40}-0${1 + i % 9}-1${i % 10},${i % 4 < 2 ? 'Luohu' : 'Nanshan'},${i % 4 < 2 && i % 40 < 20 ? 'hepatitis' : ['asthma', 'diabetes', 'flu', 'gout'][(i * 7) % 4]}`);
    const page = await (await visitor.upload({ title: 'Ill' }, rows.join('\n') + '\n', 'ill.csv')).text();
    const attacks = JSON.parse(numbers(page, 'attacks'));
    assert.ok(attacks.some((a) => a.attack === 'singling out' && a.attempts === 600 && a.right > a.by_chance));
    const worst = Math.max(...attacks.map((a) => a.gain));
    assert.ok(figure(page, 'attacks').includes(`Its gain is ${(worst * 100).toFixed(1)}\u00a0%`), figure(page, 'attacks').slice(0, 600));
    assert.equal([...figure(page, 'attacks').matchAll(/<line class="m"/g)].length, attacks.length, 'what chance gives is marked');
});

test('another candidate is taken and tightened; the rules are never loosened; what was signed is on the dataset\'s page', async (t) => {
    const { visitor, server, data } = await portal(t);
    await visitor.signIn();
    const page = await (await visitor.upload({ title: 'Trips' }, TABLE, 'trips.csv')).text();
    const curve = JSON.parse(numbers(page, 'curve')), other = curve.find((c) => !c.knee && c.k > 5);
    const taken = await press(visitor, page, 'choose', { k: other.k, more: '', own: '' });
    assert.equal(taken.status, 200, taken.text.slice(0, 3000));
    assert.match(taken.text, /This is the plan that was chosen here/);
    assert.match(taken.text, new RegExp(`id="k-${other.k}" name="k" value="${other.k}" checked`));
    assert.equal(JSON.parse(hidden(formOf(taken.text, 'sign')).plan).k, other.k);
    // Tightened: a column leaves, and more rows are alike than any candidate has.
    const column = /<label class="govuk-label" for="c-(\d+)"><strong><bdi>sex<\/bdi>/.exec(page)[1];
    const tight = await press(visitor, page, 'choose', { k: other.k, more: '70', [`c-${column}`]: 'drop', own: '' });
    assert.equal(tight.status, 200, tight.text.slice(0, 3000));
    const plan = JSON.parse(hidden(formOf(tight.text, 'sign')).plan);
    assert.equal(plan.k, 70);
    assert.ok(plan.steps.some((s) => s.name === 'sex' && s.method === 'drop'));
    assert.ok(JSON.parse(numbers(tight.text, 'losses')).find((l) => l.column === 'sex').loss === 1);
    // A plan of one's own that loosens is refused beside what was found, and what was typed stays.
    const before = actCount(data), own = JSON.stringify({ ...plan, k: 2 });
    for (const [fields, says, link] of [[{ own }, /loosens what the rules demand: k is 2/, '#choose'], [{ own: '{"plan":1}' }, /missing|k/, '#choose'],
        [{ own: `{"${SCRIPT}":1}` }, /&lt;script&gt;/, '#choose'], [{ own: '', more: 'many' }, /whole number from 2/, '#more'], [{ own: '', more: '1' }, /whole number from 2/, '#more']]) {
        const refused = await press(visitor, page, 'choose', { k: other.k, more: '', ...fields });
        assert.equal(refused.status, 422, refused.text.slice(0, 3000));
        assert.match(refused.text, /govuk-error-summary[^]*This plan can’t be taken/);
        assert.match(refused.text, says);
        assert.ok(refused.text.includes(`href="${link}"`));
        assert.ok(!refused.text.includes(SCRIPT) && !refused.text.includes(BREAK));
        if (fields.own) assert.equal(unescaped(/<textarea[^>]*id="own"[^>]*>\n([^]*?)<\/textarea>/.exec(refused.text)[1]), fields.own);
    }
    assert.equal(actCount(data), before);
    // A plan that was tampered with after it was shown isn't what was shown.
    const forged = await press(visitor, tight.text, 'sign', { plan: JSON.stringify({ ...plan, k: 30 }) });
    assert.equal(forged.status, 409);
    assert.match(forged.text, /Something has changed since you saw the plan/);
    assert.equal(actCount(data), before);
    const done = await press(visitor, tight.text, 'sign');
    assert.equal(done.status, 303, done.text.slice(0, 3000));
    const act = /\/acts\/([0-9a-f-]{36})\/done/.exec(done.location)[1];
    const read = await (await server.ask(`/api/v1/plans/${act}`)).json();
    assert.deepEqual([read.plan.k, read.plan.steps], [70, plan.steps]);
    // Everybody sees how it was protected, and can have the numbers.
    const list = await visitor.page('/en/datasets?q=Trips'), at = /\/en\/datasets\/[0-9a-f-]{36}/.exec(list)[0];
    const dataset = await (await server.ask(at)).text();
    assert.match(dataset, /How was it protected\?/);
    assert.match(dataset, /At least 70 rows are alike/);
    assert.match(dataset, /<bdi>sex<\/bdi><\/th><td[^>]*><span>left out/);
    for (const name of ['curve', 'losses', 'risks', 'sizes']) {
        assert.ok(figure(dataset, name), name);
        assert.ok(dataset.includes(`href="${at}/plan/${name}.csv"`), name);
        const rows = await (await server.ask(`${at}/plan/${name}.json`)).json(), csv = (await (await server.ask(`${at}/plan/${name}.csv`)).text()).trim().split('\r\n');
        assert.equal(csv[0], Object.keys(rows[0]).join(','));
        assert.equal(csv.length, rows.length + 1);
        assert.equal([...figure(dataset, name).split('<tbody>')[1].matchAll(/<tr>/g)].length, rows.length, 'the page has the same rows');
    }
    assert.equal((await server.ask(`${at}/plan/nothing.csv`)).status, 404);
    assert.equal((await server.ask(`${at}/plan/curve.xml`)).status, 404);
    assert.match(await (await server.ask(at.replace('/en/', '/zh/'))).text(), /如何得到保护？[^]*至少有 70 行相同/);
    const styles = gzipSync(await (await server.ask('/polder.css')).text(), { level: 9 }).length;
    assert.ok(gzipSync(dataset, { level: 9 }).length + styles <= PAGE_MAX);
});

test('by keyboard and without script: a candidate is chosen, looked at, signed', { skip, timeout: 600000 }, async (t) => {
    const { folder, server } = await portal(t);
    const page = await open(t, { javaScriptEnabled: false });
    await page.goto(`${server.url}/en/sign-in`);
    await page.fill('#name', 'harbour/anna');
    await page.fill('#password', PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${server.url}/en`);
    await page.goto(`${server.url}/en/publish`);
    await page.fill('#title', 'Trips');
    await page.locator('#file').setInputFiles(write(folder, 'trips.csv', TABLE));
    await page.click('main form button');
    await page.waitForSelector('#choose');
    const focused = (selector) => page.locator(selector).evaluate((e) => e === e.ownerDocument.activeElement);
    const reach = async (selector) => {
        for (let i = 0; i < 80 && !await focused(selector); i++) await page.keyboard.press('Tab');
        assert.ok(await focused(selector), `Tab never reaches ${selector}`);
    };
    await reach('input[name=k]:checked');
    await page.keyboard.press('ArrowDown');
    const chosen = await page.locator('input[name=k]:checked').getAttribute('value');
    await reach('button[value=choose]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=This is the plan that was chosen here');
    assert.equal(await page.locator('input[name=k]:checked').getAttribute('value'), chosen);
    await reach('button[value=sign]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/done$/);
    assert.match(await page.textContent('main'), /Done\. It is on the ledger\./);
});

test('the plan and the dataset are accessible, in both languages, narrow and wide, light and dark', { skip, timeout: 900000 }, async (t) => {
    const { folder, server, visitor } = await portal(t);
    await visitor.signIn();
    const first = await (await visitor.upload({ title: 'Trips' }, TABLE, 'trips.csv')).text();
    assert.equal((await press(visitor, first, 'sign')).status, 303);
    const at = /datasets\/[0-9a-f-]{36}/.exec(await visitor.page('/en/datasets?q=Trips'))[0], file = write(folder, 'trips.csv', TABLE);
    const looks = isFast ? [[320, 'dark'], [1280, 'light']] : [[320, 'light'], [320, 'dark'], [1280, 'light'], [1280, 'dark']];
    const complaints = [], shots = process.env.POLDER_SHOTS;
    for (const root of ['/en', '/zh'])
        for (const [width, colorScheme] of looks) {
            const page = await open(t, { viewport: { width, height: 800 }, colorScheme });
            const look = async (what) => {
                const where = `${what} of ${root} at ${width}, ${colorScheme}`;
                await checkAccessible(page, where, complaints);
                if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) complaints.push(`${where}: scrolls sideways`);
                if (shots) await page.screenshot({ path: `${shots}/${what}${root.replace('/', '-')}-${width}-${colorScheme}.png`, fullPage: true });
                await page.evaluate(() => document.querySelectorAll('main details').forEach((d) => { d.open = true; }));
                await checkAccessible(page, `${where}, opened`, complaints);
                if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) complaints.push(`${where}, opened: scrolls sideways`);
            };
            await page.goto(`${server.url}${root}/sign-in`);
            await page.fill('#name', 'harbour/anna');
            await page.fill('#password', PASSWORD);
            await page.click('main button');
            await page.waitForURL(`${server.url}${root}`);
            await page.goto(`${server.url}${root}/publish`);
            await page.fill('#title', 'Trips again');
            await page.locator('#file').setInputFiles(file);
            await page.click('main form button');
            await page.waitForSelector('#choose');
            await look('plan');
            await page.fill('#more', 'many');
            await page.click('button[value=choose]');
            await page.waitForSelector('.govuk-error-summary');
            await look('refused');
            await page.goto(`${server.url}${root}/${at}`);
            await look('dataset');
            await page.context().close();
        }
    assert.deepEqual(complaints, []);
});
