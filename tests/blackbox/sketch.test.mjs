// Sketches of parts of a table, and the table that they are merged to.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, personsTable, polder, temporary, write } from './lib.mjs';

const ROWS = 30000;

// Numbers of many values, a skewed one, dates, words, empty cells, equal rows: everything that a sketch counts.
function table() {
    const lines = ['id,amount,day,kind,note'];
    let seed = 12345;
    const next = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
    for (let i = 0; i < ROWS; i++) {
        const day = new Date(Date.UTC(2015, 0, 1 + next(3000))).toISOString().slice(0, 10);
        lines.push([next(9000), (next(1000000) / 100).toFixed(2), day, ['red', 'green', 'blue', ''][next(4)],
            `n${next(7) < 5 ? next(20) : next(60000)}`].join(','));
        if (i % 1000 === 0) lines.push(lines.at(-1));
    }
    return lines;
}

function cut(folder, lines, ...places) {
    const paths = [];
    for (const [i, from] of [0, ...places].entries()) {
        const rows = lines.slice(1).slice(from, places[i]);
        paths.push(write(folder, `part${i}.csv`, [lines[0], ...rows].join('\n') + '\n'));
    }
    return paths;
}

const sketchOf = (path, ...more) => {
    expect(EX.OK, ['inspect', path, `--sketch=${path}.sketch`, '--json', ...more]);
    return `${path}.sketch`;
};
const inspected = (...args) => JSON.parse(expect(EX.OK, ['inspect', ...args, '--json', '--values']).out);

// How far the rank of a value is from the share that it is said to stand at.
function rankError(sorted, value, share) {
    const below = sorted.findIndex((v) => v >= value), upTo = sorted.findLastIndex((v) => v <= value) + 1;
    const rank = share * (sorted.length - 1);
    return Math.max(0, (below < 0 ? sorted.length : below) - rank, rank - upTo) / sorted.length;
}

test('a table in three parts, merged, has the figures of the whole, however it was cut', (t) => {
    const folder = temporary(t), lines = table();
    const whole = inspected(write(folder, 'whole.csv', lines.join('\n') + '\n')).reading.inspection;
    for (const places of [[10, 10000], [9999, 29000], [1, 2]]) {
        const sketches = cut(folder, lines, ...places).map((path) => sketchOf(path));
        const answer = inspected('--merge', ...sketches), merged = answer.reading.inspection;
        assert.equal(answer.source.form, 'sketch');
        assert.equal(answer.reading.merged, 3);
        assert.deepEqual([answer.reading.bytes, answer.reading.sha256, answer.reading.dialect], [null, null, null]);
        for (const fact of ['rows', 'set_aside', 'distinct_rows', 'facts', 'grade'])
            assert.deepEqual(merged[fact], whole[fact], fact);
        for (const [i, column] of merged.columns.entries()) {
            const other = whole.columns[i];
            const { quantiles, top, top_bound: bound, pattern_bound: pb, patterns, ...exact } = column;
            const { quantiles: q, top: tp, top_bound: ob, pattern_bound: opb, patterns: op, ...same } = other;
            assert.deepEqual(exact, same, `column ${column.name}, cut at ${places}`);
            if (bound === 0 && ob === 0) assert.deepEqual(top, tp);
            if (pb === 0 && opb === 0) assert.deepEqual(patterns, op);
            if (!quantiles) continue;
            const sorted = lines.slice(1).map((l) => l.split(',')[i]).map((c) => (i === 2 ? c : Number(c)))
                .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
            for (const { share, value } of quantiles.values) {
                const off = rankError(sorted, i === 2 ? value.slice(0, 10) : value, share);
                assert.ok(off <= quantiles.rank_bound + 1 / ROWS, `${column.name} at ${share}: ${off} > ${quantiles.rank_bound}`);
            }
        }
    }
});

test('a sketch is for its owner alone, replaces an older file, and is the same for the same table', (t) => {
    const folder = temporary(t), path = write(folder, 't.csv', personsTable(50));
    const out = write(folder, 'old', 'something else');
    chmodSync(out, 0o666);
    const said = expect(EX.OK, ['inspect', path, '--sketch', out]).out;
    assert.match(said, /50 rows/, 'the report is there besides');
    assert.match(said, /confidential/);
    assert.equal(statSync(out).mode & 0o777, 0o600);
    assert.deepEqual(readFileSync(out), readFileSync(sketchOf(path)));
});

test('one sketch tells what its table told, as text and as a page too', (t) => {
    const folder = temporary(t), path = write(folder, 't.csv', personsTable(50));
    const sketch = sketchOf(path), page = join(folder, 'page.html');
    assert.deepEqual(inspected('--merge', sketch).reading.inspection, inspected(path).reading.inspection);
    const said = expect(EX.OK, ['inspect', '--merge', sketch]).out;
    assert.match(said, /Form: merged from 1 sketch;/);
    assert.doesNotMatch(said, /SHA-256/);
    expect(EX.OK, ['inspect', '--merge', sketch, sketch, '--html', page]);
    assert.match(readFileSync(page, 'utf8'), /100 rows and 5 columns were read[\s\S]*merged from 2 sketches; the table itself was not read\.<\/p>/);
});

test('what was merged can be written as a sketch, and merged on', (t) => {
    const folder = temporary(t), lines = table().slice(0, 3001);
    const [a, b, c] = cut(folder, lines, 1000, 2000).map((path) => sketchOf(path));
    const ab = join(folder, 'ab');
    expect(EX.OK, ['inspect', '--merge', a, b, '--sketch', ab]);
    assert.deepEqual(inspected('--merge', ab, c).reading.inspection, inspected('--merge', a, b, c).reading.inspection);
});

test('the same sketch twice is noted', (t) => {
    const folder = temporary(t), sketch = sketchOf(write(folder, 't.csv', personsTable(50)));
    const { source, reading } = inspected('--merge', sketch, sketch);
    assert.equal(reading.inspection.rows, 100);
    assert.match(source.notes[0], /counted twice/);
    for (const more of [[], ['--html', join(folder, 'page.html')]])
        assert.match(expect(EX.OK, ['inspect', '--merge', sketch, sketch, ...more]).out, /Note: .*hold the\s+same bytes/);
});

test('rows that were set aside are counted over the parts', (t) => {
    const folder = temporary(t);
    const parts = ['a,b\n1,2\n3\n5,6\n', 'a,b\n1,2\n3,4,5\n7\n8,9\n'].map((text, i) => sketchOf(write(folder, `${i}.csv`, text)));
    assert.equal(inspected('--merge', ...parts).reading.set_aside.rows, 3);
    assert.match(expect(EX.OK, ['inspect', '--merge', ...parts]).out, /Set aside in the parts[^.]*: 3\s+rows/);
});

test('what is no whole sketch, or of another table, is refused with the reason', (t) => {
    const folder = temporary(t);
    const table = write(folder, 't.csv', 'a,b\n1,2\n3,4\n'), sketch = sketchOf(table), bytes = readFileSync(sketch);
    const bad = (name, content) => write(folder, name, content);
    const changed = Buffer.from(bytes);
    changed[bytes.length >> 1] ^= 1;
    const later = Buffer.from(bytes);
    later[later.indexOf('\n') - 1] = '9'.charCodeAt(0);
    const cases = [
        [[table], EX.DATAERR, /t\.csv": is no inspection sketch; polder inspect TABLE --sketch=FILE/],
        [[bad('empty', '')], EX.DATAERR, /empty": is no inspection sketch/],
        [[bad('cut', bytes.subarray(0, -1))], EX.DATAERR, /cut": .* cut off or changed/],
        [[bad('head', bytes.subarray(0, 30))], EX.DATAERR, /cut off or changed/],
        [[bad('more', Buffer.concat([bytes, bytes]))], EX.DATAERR, /cut off or changed/],
        [[sketch, bad('changed', changed)], EX.DATAERR, /changed": .* cut off or changed/],
        [[bad('later', later)], EX.DATAERR, /another version of the program/],
        [[sketch, sketchOf(bad('three.csv', 'a,b,c\n1,2,3\n'))], EX.DATAERR, /no parts of one table: one part has 2 columns and the other 3/],
        [[sketch, sketchOf(bad('other.csv', 'a,c\n1,2\n'))], EX.DATAERR, /column 2 is "b" in one part and "c" in the other/],
        [[sketch, join(folder, 'absent')], EX.NOINPUT, /absent/],
        [[folder], EX.IOERR, /directory/],
        [[sketch, '--encoding=utf-8'], EX.USAGE, /--encoding says how a table is read/],
        [[sketch, '--sheet=x'], EX.USAGE, /--sheet says how a table is read/],
    ];
    for (const [args, code, sentence] of cases)
        assert.match(expect(code, ['inspect', '--merge', ...args]).err, sentence);
});

test('--sketch is refused where nothing whole could come of it, and leaves what was there', (t) => {
    const folder = temporary(t);
    const path = write(folder, 't.csv', 'a,b\n1,2\n'), out = write(folder, 'out', 'as it was');
    const own = write(folder, 'own.json', JSON.stringify({ detectors: [] }));
    const cases = [
        [[path, '--sketch', path], EX.USAGE, /is the table itself/],
        [[path, '--sketch', out, '--detectors', own], EX.USAGE, /exclude each other/],
        [[folder, '--sketch', out], EX.USAGE, /--sketch writes what one table gives/],
        [[path, path], EX.USAGE, /one operand too many/],
        [[path, '--sketch', join(folder, 'no', 'such')], EX.IOERR, /for writing/],
        [[write(folder, 'bad.csv', '"'), '--sketch', out], EX.DATAERR, /./],
    ];
    for (const [args, code, sentence] of cases)
        assert.match(expect(code, ['inspect', ...args]).err, sentence);
    assert.equal(readFileSync(out, 'utf8'), 'as it was');
    assert.equal(readFileSync(path, 'utf8'), 'a,b\n1,2\n');
});

test('a sketch can be written into a pipe', (t) => {
    const folder = temporary(t), path = write(folder, 't.csv', 'a,b\n1,2\n');
    const got = join(folder, 'got');
    expect(EX.OK, ['-c', '"$1" inspect "$2" --sketch=/dev/stdout --html="$3" | cat >"$4"', 'sh', polder, path, join(folder, 'p.html'), got],
        { program: '/bin/sh' });
    assert.equal(inspected('--merge', got).reading.inspection.rows, 1);
});
