// Statistics are those that another program computes: rows, empty and distinct values, extremes, sums to the last
// digit, bars, quantiles within their bound, most frequent values, equal rows.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { polder, temporary, write } from './lib.mjs';

const SHARED = process.env.POLDER_SHARED_DATA ?? resolve('..', 'shared', 'data');
const PEER = resolve('tests', 'statistics_peer.py');

function compare(files) {
    const done = spawnSync('python3', [PEER, polder, ...files], { encoding: 'utf8', maxBuffer: 1 << 26 });
    assert.equal(done.status, 0, `${done.stderr}\n${done.stdout.slice(-8000)}`);
    const [, passed, skipped] = /^(\d+) passed, 0 failed, (\d+) skipped$/m.exec(done.stdout).map(Number);
    return { passed, skipped };
}

for (const [folder, least] of [['catalogue/csv', 30], ['privacy', 200]]) {
    const path = join(SHARED, folder);
    test(`the statistics of every table in ${folder} are those that Python computes`,
        { skip: existsSync(path) ? false : `${path} is absent` }, () => {
            const files = readdirSync(path, { recursive: true, withFileTypes: true })
                .filter((e) => e.isFile() && /\.(csv|tsv)$/.test(e.name) && e.name !== 'MANIFEST.tsv')
                .map((e) => join(e.parentPath ?? e.path, e.name)).sort();
            const { passed, skipped } = compare(files);
            assert.ok(passed >= least && skipped <= 2, `${passed} tables compared, ${skipped} refused`);
        });
}

// Tables that are hard to count: made here, so that they are always there.
const MADE = {
    'sums.csv': ['big,small,mixed', ...Array.from({ length: 400 }, (_, i) =>
        `${i % 2 ? '9223372036854775807' : '-9223372036854775808'},0.${String(i).padStart(15, '0')}1,${i % 3 ? i : `${i}.5e-3`}`)],
    'empty.csv': ['a,b', ',', ',', ',x'],
    'words.csv': ['level,n,code,t', 'low,1,DE,a', 'none,NULL,NA,-', 'None,2,FR,b', 'NONE,n/a,IT,bb'],
    'dates.csv': ['d,e,f', '2024-01-31,31/12/2023,2024-01-01T10:00:00+02:00', '2024-2-1,13/1/2024,2024-01-01T09:30:00Z',
        '2023-12-01,1/2/2024,2024-01-01 08:00:00.25'],
    'times.csv': ['t', '00:10', '127:05', '23:59:59', '9:00'],
    'numbers.csv': ['x;y;z', '1.234,5;12%;$1,200', '0,25;7%;$3', '-2.000,0;0.5%;$12.75'],
    'same.csv': ['k,v', ...Array.from({ length: 900 }, (_, i) => `${i % 300},${i % 3}`)],
    'long.csv': ['t', ...Array.from({ length: 40 }, (_, i) => `${'文'.repeat(60)}${i % 7}`)],
    'many.csv': ['n,r,s', ...Array.from({ length: 20000 }, (_, i) => `${i},${(i * 7919) % 10007 / 8},w${(i * i) % 9973}`)],
    'codes.csv': ['zip,plus,big', '00123,+1,12345678901234567890', '10001,+2,99999999999999999999'],
};

test('tables that are hard to count are counted as Python counts them', (t) => {
    const folder = temporary(t);
    const files = Object.entries(MADE).map(([name, lines]) => write(folder, name, lines.join('\n') + '\n'));
    assert.equal(compare(files).passed, files.length);
});

test('the comparison itself finds what is wrong', (t) => {
    const folder = temporary(t);
    const table = write(folder, 't.csv', 'n,w\n1,a\n2,b\n2,b\n');
    for (const [said, instead] of [['"value": "5"', '"value": "6"'], ['"rows": 3', '"rows": 4'], ['"max": "b"', '"max": "a"'],
        ['"count": 2', '"count": 1'], ['"type": "integer"', '"type": "decimal"'], ['"nulls": 0', '"nulls": 1']]) {
        const liar = write(folder, 'liar', `#!/bin/sh\n'${polder}' "$@" | sed '0,/${said}/s//${instead}/'\n`);
        spawnSync('chmod', ['755', liar]);
        const done = spawnSync('python3', [PEER, liar, table], { encoding: 'utf8' });
        assert.equal(done.status, 1, `${said} as ${instead} was not noticed: ${done.stdout}${done.stderr}`);
    }
});
