// Pages that are pictures: how much of what stands on them is found. The figures of docs/reference/forms.md are checked here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { isFast, polder, temporary } from './lib.mjs';

const dump = join(dirname(polder), 'tests', 'source_dump');
const python = '/usr/bin/python3';
const can = spawnSync(python, ['-c', 'import PIL']).status === 0 && existsSync('/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc')
    && spawnSync('tesseract', ['--version']).status === 0 && spawnSync('pdftoppm', ['-v']).status === 0;
const skip = can ? false : 'tesseract, pdftoppm, python3-pil or fonts-wqy-zenhei is not installed';

// The longest common subsequence: characters that were recognised, in their order.
function common(a, b) {
    let row = new Array(b.length + 1).fill(0);
    for (let i = 0; i < a.length; i++) {
        const next = [0];
        for (let j = 0; j < b.length; j++) next.push(a[i] === b[j] ? row[j] + 1 : Math.max(row[j + 1], next[j]));
        row = next;
    }
    return row[b.length];
}

function recall(t, language) {
    const file = join(temporary(t), 'scan.pdf');
    const made = spawnSync(python, [resolve('tests/readers/make_scan.py'), file, language], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    const got = spawnSync(dump, ['--text', file], { encoding: 'utf8' });
    assert.equal(got.status, 0, got.stderr);
    assert.match(got.stderr, /2 of 2 pages hold no text but pictures; theirs was recognised by tesseract/);
    const plain = (text) => text.replace(/\s/g, '');
    const found = got.stdout.split('\n').map(plain).filter(Boolean);
    const identifiers = made.stdout.match(/\d{17}[\dX]|139\d{8}/g);
    const lines = made.stdout.split('\n').filter((line) => line && !/\d{11}/.test(line)).map(plain);
    const hit = lines.reduce((sum, line) => sum + Math.max(...found.map((other) => common(line, other))), 0);
    return { identifiers: identifiers.filter((id) => plain(got.stdout).includes(id)).length / identifiers.length,
        characters: hit / lines.join('').length };
}

for (const language of ['zh', 'en'])
    test(`of scanned pages (${language}) at least 95 of 100 identifiers and 97 of 100 characters are found`,
        { skip: skip || (isFast && language === 'en' ? 'one language will do in a hurry' : false) }, (t) => {
            const share = recall(t, language);
            assert.ok(share.identifiers >= 0.95 && share.characters >= 0.97, JSON.stringify(share));
        });
