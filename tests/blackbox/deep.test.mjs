// inspect --deep: how rows and columns go together is what another program computes, and is told without a value of a cell.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { EX, expect, polder, temporary, write } from './lib.mjs';

const SHARED = process.env.POLDER_SHARED_DATA ?? resolve('..', 'shared', 'data');
const PEER = resolve('tests', 'deep_peer.py');
const SMALL = 2_000_000; // bytes that Python compares in a bearable time

function peer(program, files) {
    return spawnSync('python3', [PEER, program, ...files], { encoding: 'utf8', maxBuffer: 1 << 26 });
}

function compare(files) {
    const done = peer(polder, files);
    assert.equal(done.status, 0, `${done.stderr}\n${done.stdout.slice(-8000)}`);
    const [, passed, skipped] = /^(\d+) passed, 0 failed, (\d+) skipped$/m.exec(done.stdout).map(Number);
    return { passed, skipped };
}

for (const [folder, least] of [['catalogue/csv', 20], ['privacy', 100]]) {
    const path = join(SHARED, folder);
    test(`what is told of the tables in ${folder} is what Python computes`,
        { skip: existsSync(path) ? false : `${path} is absent` }, () => {
            const files = readdirSync(path, { recursive: true, withFileTypes: true })
                .filter((e) => e.isFile() && /\.(csv|tsv)$/.test(e.name) && e.name !== 'MANIFEST.tsv')
                .map((e) => join(e.parentPath ?? e.path, e.name)).filter((p) => readFileSync(p).length < SMALL).sort();
            const { passed, skipped } = compare(files);
            assert.ok(passed >= least && skipped <= 2, `${passed} tables compared, ${skipped} refused`);
        });
}

const CITIES = ['Gent,BE,9000', 'Brugge,BE,8000', 'Delft,NL,2611', 'Aachen,DE,52062'];
const MADE = {
    'places.csv': ['id,city,country,code,age,sex', ...Array.from({ length: 200 }, (_, i) =>
        `${i},${CITIES[i % 4]},${18 + (i * 7) % 60},${i % 3 ? 'M' : 'F'}`)],
    'again.csv': ['a,b', '1,x', ' 1 ,x', '2,y', '1,x', ',', ',', '3,'],
    'pairs.csv': ['x,y,z,w', ...Array.from({ length: 100 }, (_, i) => `${i},${3 * i + 1},${-i},${i % 7 ? (i * i) % 97 : ''}`)],
    'three.csv': ['a,b,c', ...Array.from({ length: 27 }, (_, i) => `a${i % 3},b${Math.floor(i / 3) % 3},c${Math.floor(i / 9)}`)],
    'together.csv': ['hour,place,price', ...Array.from({ length: 60 }, (_, i) => `h${i % 3},p${i % 4},${(i % 3) * 7 + (i % 4) * 100}`)],
    'none.csv': ['a,b'], 'one.csv': ['a', 'x'], 'same.csv': ['a,b', ...Array(50).fill('x,y')],
    'gaps.csv': ['a,b,c', '1,,x', '2,5,', ',,', '4,7,y', '5,,x'],
    'words.csv': ['level,n', 'low,1', 'NULL,2', 'high,NA', 'low,4', 'NULL,5'],
    'large.csv': ['n,m', ...Array.from({ length: 300 }, (_, i) => `${1e15 + i},${1e15 - i * i}`)],
};

test('tables that are made for it are told as Python computes them', (t) => {
    const folder = temporary(t);
    const files = Object.entries(MADE).map(([name, lines]) => write(folder, name, lines.join('\n') + '\n'));
    assert.equal(compare(files).passed, files.length);
});

test('the comparison itself finds what is wrong', (t) => {
    const folder = temporary(t);
    const table = write(folder, 't.csv', MADE['together.csv'].join('\n') + '\n');
    for (const [said, instead] of [['"tested": 48', '"tested": 47'], ['"count": 48', '"count": 47'], ['"value": 0', '"value": 0.5'], ['"keys": \\[\\]', '"keys": [{"columns":["hour"]}]']]) {
        const liar = write(folder, 'liar', `#!/bin/sh\n'${polder}' "$@" | sed 's/${said}/${instead}/'\n`);
        spawnSync('chmod', ['755', liar]);
        assert.equal(peer(liar, [table]).status, 1, said);
    }
});

test('a person reads the same on the terminal and on the page', (t) => {
    const folder = temporary(t);
    const table = write(folder, 't.csv', MADE['places.csv'].join('\n').replace('country', '<b>land') + '\n');
    const text = expect(EX.OK, ['inspect', table, '--deep']).out.replace(/\s+/g, ' ');
    for (const sentence of ['Compared were 200 of 200 rows in 6 of 6 columns.', 'No row is equal to another.', 'city → <b>land (196 rows could have spoken against it)'])
        assert.ok(text.includes(sentence), `${sentence}\n${text}`);
    expect(EX.OK, ['inspect', table, '--deep', `--html=${join(folder, 'page.html')}`]);
    const page = readFileSync(join(folder, 'page.html'), 'utf8');
    assert.ok(page.includes('<h2>Rows and columns together</h2>') && page.includes('city → &lt;b&gt;land (196 rows'));
    assert.ok(!page.includes('<b>land'));
    const without = expect(EX.OK, ['inspect', table]).out;
    assert.ok(!without.includes('Rows and columns together'));
    assert.equal(JSON.parse(expect(EX.OK, ['inspect', table, '--json']).out).reading.deep, undefined);
});

test('no value of a cell is told', (t) => {
    const folder = temporary(t);
    const table = write(folder, 't.csv', ['name,town', ...Array.from({ length: 40 }, (_, i) => `Secret${i % 5},Hidden${i % 5}`)].join('\n') + '\n');
    const { deep } = JSON.parse(expect(EX.OK, ['inspect', table, '--deep', '--json']).out).reading;
    assert.equal(deep.dependencies.length, 2);
    assert.ok(!/Secret|Hidden/.test(JSON.stringify(deep)));
});

test('what has no second reading is refused', (t) => {
    const folder = temporary(t);
    const table = write(folder, 't.csv', 'a,b\n1,2\n');
    expect(EX.OK, ['inspect', table, '--sketch', join(folder, 's')]);
    assert.match(expect(EX.USAGE, ['inspect', '--merge', join(folder, 's'), '--deep']).err, /--deep says how a table is read/);
    assert.match(expect(EX.OK, ['inspect', '-', '--deep'], { input: 'a,b\n1,2\n1,2\n' }).out, /1 rows are equal to an earlier one/);
});
