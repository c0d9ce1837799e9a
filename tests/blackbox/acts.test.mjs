// The tutorial's five acts (docs/tutorial/acts.md) say what the program says today.
import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { polder, run, temporary } from './lib.mjs';

const tutorial = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'tutorial');
const data = process.env.POLDER_SHARED_DATA ?? join(tutorial, '..', '..', '..', 'shared', 'data');
const skip = existsSync(join(data, 'privacy', 'arx')) ? false : `the public files are not in ${data}`;

test('the tables of the five acts and their reports are what the program answers', { skip }, (t) => {
    const out = temporary(t);
    cpSync(join(tutorial, 'acts.md'), join(out, 'acts.md'));
    const made = run([join(tutorial, 'acts.sh'), polder, data, out], { program: 'sh' });
    assert.equal(made.code, 0, made.err);
    const reports = readdirSync(join(out, 'acts')).sort();
    assert.deepEqual(reports, readdirSync(join(tutorial, 'acts')).sort());
    for (const name of ['acts.md', ...reports.map((report) => join('acts', report))])
        assert.equal(readFileSync(join(out, name), 'utf8'), readFileSync(join(tutorial, name), 'utf8'), name);
});

test('each act is lawful in the end, and each cell names an article', () => {
    const page = readFileSync(join(tutorial, 'acts.md'), 'utf8');
    assert.equal(page.match(/^\| With that \| \*\*permit\*\* \| \*\*permit\*\* \|$/gm).length, 5);
    for (const cell of page.match(/^\| (in the way|What was supplied) \|.*$/gm).flatMap((row) => row.split(' | ').slice(1)))
        for (const line of cell.replace(/ \|$/, '').split('<br>'))
            assert.match(line, /(PIPL|CSL|NDSR|GDS|CBDF|GDPR|DGA|ODD|node:) ?\S/);
});

test('the story of an erasure (docs/tutorial/erasure.md) is what the program answers', (t) => {
    const out = temporary(t);
    cpSync(join(tutorial, 'erasure.md'), join(out, 'erasure.md'));
    const made = run([join(tutorial, 'erasure.py'), polder, out], { program: 'python3' });
    assert.equal(made.code, 0, made.err);
    assert.equal(readFileSync(join(out, 'erasure.md'), 'utf8'), readFileSync(join(tutorial, 'erasure.md'), 'utf8'));
});

test('the story of rules made together (docs/tutorial/together.md) is what the program answers', (t) => {
    const out = temporary(t);
    cpSync(join(tutorial, 'together.md'), join(out, 'together.md'));
    const made = run([join(tutorial, 'together.py'), polder, out], { program: 'python3' });
    assert.equal(made.code, 0, made.err);
    assert.equal(readFileSync(join(out, 'together.md'), 'utf8'), readFileSync(join(tutorial, 'together.md'), 'utf8'));
    for (const picture of readFileSync(join(tutorial, 'together.md'), 'utf8').matchAll(/\]\((together\/[^)]+)\)/g))
        assert.ok(existsSync(join(tutorial, picture[1])), picture[1]);
});

test('real files to release under two laws (docs/tutorial/protected.md) give the plans, losses, risks and attacks that it tells', { skip }, (t) => {
    const out = temporary(t);
    cpSync(join(tutorial, 'protected.md'), join(out, 'protected.md'));
    const made = run([join(tutorial, 'protected.py'), polder, data, out], { program: 'python3' });
    assert.equal(made.code, 0, made.err);
    assert.equal(readFileSync(join(out, 'protected.md'), 'utf8'), readFileSync(join(tutorial, 'protected.md'), 'utf8'));
});
