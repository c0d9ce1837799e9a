// Files as departments have them: how they are written is found, told, and can be said.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { EX, expect, node, plainTable, request, temporary, write } from './lib.mjs';

const inspect = (path, ...more) => JSON.parse(expect(EX.OK, ['inspect', path, '--json', '--values', ...more]).out).reading;
const names = (reading) => reading.names;

// The one file that a node has published.
function published(data) {
    const files = readdirSync(join(data, 'open')).filter((f) => f.endsWith('.csv'));
    assert.equal(files.length, 1);
    return join(data, 'open', files[0]);
}

// An independent encoder: characters that have one byte or two in these encodings.
const utf16 = (text, big) => { const b = Buffer.from(text, 'utf16le'); return big ? b.swap16() : b; };
const TABLE = '编号,n\n甲,1\n乙,2\n';

for (const [what, bytes, encoding] of [
    ['UTF-8', Buffer.from(TABLE), 'UTF-8'],
    ['UTF-8 with two marks', Buffer.from(`\ufeff\ufeff${TABLE}`), 'UTF-8'],
    ['UTF-16LE with a mark', utf16(`\ufeff${TABLE}`), 'UTF-16LE'],
    ['UTF-16BE with a mark', utf16(`\ufeff${TABLE}`, true), 'UTF-16BE'],
    ['UTF-16LE without', utf16(TABLE), 'UTF-16LE'],
    ['GB18030', Buffer.from('b1e0bac52c6e0abcd72c310ad2d22c320a', 'hex'), 'GB18030']])
    test(`a table in ${what} is the same table`, (t) => {
        const reading = inspect(write(temporary(t), 'table.csv', bytes));
        assert.equal(reading.dialect.encoding, encoding);
        assert.ok(reading.dialect.encoding_evidence.includes(encoding));
        assert.deepEqual(names(reading), ['编号', 'n']);
        assert.equal(reading.inspection.rows, 2);
        assert.deepEqual(reading.inspection.columns[0].top.map((v) => v.value).sort(), ['乙', '甲'].sort());
    });

test('everything that is found can be said', (t) => {
    const folder = temporary(t);
    const path = write(folder, 'odd.csv', Buffer.from("title;of;it\n'a;x'^'caf\xe9'\n1^2\n", 'latin1'));
    const reading = inspect(path, '--form=csv', '--encoding=macintosh', '--separator=^', '--quote=single', '--header=2');
    assert.deepEqual(names(reading), ['a;x', 'cafÈ']);
    assert.equal(reading.titles, 1);
    assert.equal(reading.dialect.first_line, 2);
    for (const part of ['encoding_evidence', 'header_evidence', 'evidence'])
        assert.match(reading.dialect[part], /given/);
    const none = inspect(path, '--encoding=latin1', '--header=none', '--separator=none');
    assert.deepEqual(names(none), ['column_1']);
    assert.equal(none.inspection.rows, 3);
    const list = write(folder, 'two.json', '{"x":[{"a":1}],"y":[{"b":2},{"b":3}]}');
    assert.match(expect(EX.DATAERR, ['inspect', list]).err, /"x" and "y".*--records=y/s);
    assert.equal(inspect(list, '--records=y').inspection.rows, 2);
});

test('a word that says nothing is refused, and what may be said is told', (t) => {
    const { folder, data } = node(t);
    const path = write(folder, 'plain.csv', plainTable());
    for (const [option, pattern] of [['--encoding=utf-7', /UTF-8, UTF-16LE/], ['--separator=ab', /one ASCII character/],
        ['--quote=é', /one ASCII character/], ['--header=0', /from 1/], ['--header=first', /from 1/], ['--form=xml', /csv, json/]]) {
        assert.match(expect(EX.USAGE, ['inspect', path, option]).err, pattern);
        assert.match(expect(EX.USAGE, request(path, data, 'open', option)).err, pattern);
    }
    assert.match(expect(EX.USAGE, ['inspect', path, '--form=json', '--separator=;']).err, /JSON has no separator/);
});

test('titles, notes and empty fields are told with their lines', (t) => {
    const path = write(temporary(t), 'sheet.csv',
        'Report 2020,,\n,,\nplace,n,m\nA,1,2\nB,3,4,,\nC,5,6\n,,\nSource: the office,,\n');
    const { out } = expect(EX.OK, ['inspect', path]);
    assert.match(out, /the table begins at line 3, below 2 records of titles/);
    assert.match(out, /notes below the table.*line 7, 8/s);
    assert.match(out, /empty fields beyond the header's, read without these: 1/);
    const reading = inspect(path);
    assert.equal(reading.inspection.rows, 3);
    assert.equal(reading.notes, 2);
    assert.deepEqual(reading.set_aside.first.map((r) => r.why), ['note below the table', 'note below the table']);
});

test('a table without a header is governed, and its columns are numbered', (t) => {
    const { folder, data } = node(t);
    const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${['red', 'green'][i % 2]}`).join('\n');
    const path = write(folder, 'bare.csv', `${rows}\n`);
    const { out } = expect(EX.OK, request(path, data, 'open', '--yes'));
    assert.match(out, /no header: /);
    const open = inspect(published(data));
    assert.deepEqual(names(open), ['column_1', 'column_2']);
    assert.equal(open.inspection.rows, 60);
});

test('resuming an intent reads the file as was said', (t) => {
    const { folder, data } = node(t);
    // Nothing in it says what is a title and what a header: line 3 has to be said.
    const path = write(folder, 'said.csv', `x,y,z\nu,v,w\n${plainTable(80)}`);
    const first = expect(EX.TEMPFAIL, request(path, data, 'open', '--header=3', '--json')).out;
    const intent = JSON.parse(first).outcome.intent;
    const shown = JSON.parse(expect(EX.OK, ['act', 'show', intent, '--data', data, '--json']).out);
    assert.deepEqual(shown.request.form, { header: '3' });
    const again = JSON.parse(expect([EX.OK, EX.TEMPFAIL], ['act', 'resume', intent, '--data', data, '--dry-run', '--json']).out);
    assert.deepEqual(again.case.before.names, ['line', 'colour', 'length_km']);
    assert.equal(again.case.before.inspection.rows, 80);
});

test('what is published of a file in another encoding is UTF-8', (t) => {
    const { folder, data } = node(t);
    const latin = Buffer.from(plainTable().replaceAll('red', 'roug\xe9').replace('colour', 'couleur_\xe9'), 'latin1');
    expect(EX.OK, request(write(folder, 'latin.csv', latin), data, 'open', '--yes'));
    assert.equal(readFileSync(published(data), 'utf8'), latin.toString('latin1'));
});

test('JSON is a table: keys are columns, objects are opened, digits stay', (t) => {
    const folder = temporary(t);
    const lines = write(folder, 'rows.jsonl',
        '{"id":"x1","n":1.10,"who":{"name":"a","tel":["1","2"]}}\n{"id":"x2","n":12345678901234567890123,"extra":true}\n');
    const reading = inspect(lines);
    assert.equal(reading.dialect.form, 'jsonl');
    assert.deepEqual(names(reading), ['id', 'n', 'who.name', 'who.tel', 'extra']);
    const top = Object.fromEntries(reading.inspection.columns.map((c) => [c.name, c.top.map((v) => v.value)]));
    assert.deepEqual(top.n.sort(), ['1.10', '12345678901234567890123']);
    assert.deepEqual(top['who.tel'], ['["1","2"]']);
    const list = write(folder, 'rows.json', readFileSync(lines, 'utf8').trim().split('\n').join(',').replace(/^/, '{"data":[') + ']}');
    const within = inspect(list);
    assert.equal(within.dialect.records, 'data');
    assert.deepEqual(names(within), names(reading));
});

test('JSON that is too long to be held is read twice, to the same end', (t) => {
    const folder = temporary(t);
    const long = [];
    for (let i = 0; i < 90000; i++) long.push(`{"id":${i},"note":"${'x'.repeat(800)}","n":${i % 7}}`);
    long.push('{"id":90000,"late":"key"}');
    const reading = inspect(write(folder, 'long.jsonl', long.join('\n')));
    assert.equal(reading.inspection.rows, 90001);
    assert.deepEqual(names(reading), ['id', 'note', 'n', 'late']);
    assert.equal(reading.inspection.columns[3].nulls, 90000);
    assert.match(reading.dialect.header_evidence, /1 of 4 in every record/);
});

test('JSON is governed and published as CSV', (t) => {
    const { folder, data } = node(t);
    const rows = plainTable().trim().split('\n').slice(1).map((l) => l.split(','));
    const path = write(folder, 'rows.json', JSON.stringify(rows.map(([line, colour, length]) => ({ line, colour, length_km: Number(length) }))));
    expect(EX.OK, request(path, data, 'open', '--yes'));
    assert.equal(readFileSync(published(data), 'utf8'), plainTable());
});
