// polder detect: findings in text, the text without them, detectors of one's own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, node, polder, request, residentId, temporary, write } from './lib.mjs';

const id = residentId('440305', '19120101', 900);
const TEXT = `姓名：王小明，身份证号码${id}，手机13000000101。\nMail to a.b@example.org or call +46 8 928 571 38.\n`;

const OWN = JSON.stringify({ polder_detectors: 1, detectors: [{
    name: 'city_card', title: 'a city card', pattern: 'CC\\d{8}', validator: 'none', context: ['市民卡', 'city card'],
    category: 'pseudonym', role: 'direct' }] }, null, 2);

test('findings are listed with place, type, confidence and evidence, and without their values', (t) => {
    const file = write(temporary(t), 'a.txt', TEXT);
    const got = expect(EX.OK, ['detect', file]);
    assert.deepEqual(got.out.split('\n').slice(0, 5).map((line) => line.split('\t').slice(0, 3).join(' ')),
        ['1:4 person_name high', '1:13 cn_resident_id high', '1:34 cn_mobile high', '2:9 email high', '2:33 phone high']);
    assert.ok(!got.out.includes(id) && !got.out.includes('a.b@example.org'));
    assert.match(got.out, /a right check digit, near "身份证"/);
    assert.match(got.err, /5 findings in \d+ bytes: .*cn_resident_id 1/);
    assert.ok(expect(EX.OK, ['detect', file, '--values']).out.includes(id));
});

test('redacted text is the text with each finding replaced by its type', () => {
    const got = expect(EX.OK, ['detect', '-', '--redact'], { input: TEXT });
    assert.equal(got.out, '姓名：[person_name]，身份证号码[cn_resident_id]，手机[cn_mobile]。\n' +
        'Mail to [email] or call [phone].\n');
    assert.equal(expect(EX.OK, ['detect', '-', '--redact'], { input: 'nothing here\r\n' }).out, 'nothing here\r\n');
    assert.equal(expect(EX.OK, ['detect', '-', '--redact'], { input: '' }).out, '');
});

test('offsets in JSON are of the bytes, columns of the characters', () => {
    const { findings, counts, bytes } = JSON.parse(expect(EX.OK, ['detect', '-', '--json', '--values'], { input: TEXT }).out);
    assert.equal(bytes, Buffer.byteLength(TEXT));
    assert.deepEqual(counts, { cn_resident_id: 1, cn_mobile: 1, email: 1, phone: 1, person_name: 1 });
    for (const f of findings) {
        const text = Buffer.from(TEXT).subarray(f.offset, f.offset + f.length).toString();
        assert.equal(text, f.value);
        assert.ok([...TEXT.split('\n')[f.line - 1]].slice(f.column - 1).join('').startsWith(text));
    }
    assert.deepEqual(JSON.parse(expect(EX.OK, ['detect', '-', '--json'], { input: 'nothing' }).out).findings, []);
});

test('types and confidence narrow the search', () => {
    const only = expect(EX.OK, ['detect', '-', '--type', 'email,phone', '--confidence', 'high'], { input: TEXT }).out;
    assert.deepEqual(only.trim().split('\n').map((line) => line.split('\t')[1]), ['email', 'phone']);
    assert.match(expect(EX.USAGE, ['detect', '-', '--type', 'emial']).err, /do you mean email\?/);
    expect(EX.USAGE, ['detect', '-', '--confidence', 'sure']);
    expect(EX.USAGE, ['detect', '-', '--json', '--redact']);
});

test('text of many blocks comes in pieces, and leaves in pieces', async () => {
    const child = spawn(polder, ['detect', '-', '--redact'], { stdio: ['pipe', 'pipe', 'ignore'] });
    let out = '';
    child.stdout.on('data', (piece) => { out += piece; });
    const line = `${'x'.repeat(61)} ${id}，\n`;
    for (let i = 0; i < 5000; i++) {
        const bytes = Buffer.from(line);
        child.stdin.write(bytes.subarray(0, i % bytes.length));
        if (!child.stdin.write(bytes.subarray(i % bytes.length))) await once(child.stdin, 'drain');
    }
    child.stdin.end();
    const [code] = await once(child, 'close');
    assert.equal(code, EX.OK);
    assert.ok(out === `${'x'.repeat(61)} [cn_resident_id]，\n`.repeat(5000));
});

test('what is not text is named', (t) => {
    const folder = temporary(t);
    for (const [bytes, says] of [['PK\x03\x04abc', /ZIP/], ['%PDF-1.7\n', /PDF/], [Buffer.from([0x1f, 0x8b, 8]), /gzip/],
        ['ab\0c', /zero byte stands at offset 2/], [Buffer.from([0xff, 0xfe, 0x41, 0]), /UTF-16/]]) {
        const got = expect([EX.DATAERR, EX.CONFIG], ['detect', '-'], { input: bytes });
        assert.match(got.err, says);
        assert.equal(got.out, '');
    }
    mkdirSync(join(folder, 'd'));
    expect(EX.DATAERR, ['detect', join(folder, 'd')]);
    expect(EX.NOINPUT, ['detect', join(folder, 'none.txt')]);
    assert.equal(expect(EX.OK, ['detect', write(folder, 'empty.txt', ''), '--redact']).out, '');
});

test('a document is searched by its text, plain text by its bytes', (t) => {
    const folder = temporary(t);
    const html = write(folder, 'a.html', '<!DOCTYPE html><html><body><p>Mail <b>a.b</b>@example.org</p></body></html>');
    assert.deepEqual(Object.keys(JSON.parse(expect(EX.OK, ['detect', html, '--json']).out).counts), ['email']);
    const wide = write(folder, 'wide.txt', Buffer.from('\ufeffSSN 884-27-3324 and more\n', 'utf16le'));
    assert.match(expect(EX.OK, ['detect', wide, '--values']).out, /us_ssn\thigh\t884-27-3324/);
    const plain = write(folder, 'plain.txt', `a\r\n${id}\r\n\tb`);
    assert.equal(expect(EX.OK, ['detect', plain, '--redact']).out, 'a\r\n[cn_resident_id]\r\n\tb');
});

test('a detector of one\'s own is found in text, in a column, and by the law', (t) => {
    const { folder, data } = node(t);
    const own = write(folder, 'own.json', OWN);
    const text = expect(EX.OK, ['detect', '-', '--redact', '--detectors', own], { input: '市民卡CC12345678，xCC12345678' });
    assert.equal(text.out, '市民卡[city_card]，xCC12345678');
    const only = expect(EX.OK, ['detect', '-', '--type', 'city_card', '--detectors', own], { input: 'a@b.org CC12345678' });
    assert.match(only.out, /^1:9\tcity_card\tmedium\t10 bytes\tits form\n$/);
    const rows = Array.from({ length: 60 }, (_, i) => `CC${10000000 + i},${i % 7}`);
    const table = write(folder, 'cards.csv', `nr,trips\n${rows.join('\n')}\n`);
    const columnOf = (args) => JSON.parse(expect(EX.OK, args).out).reading.inspection.columns[0];
    assert.equal(columnOf(['inspect', table, '--json']).role, 'other');
    const column = columnOf(['inspect', table, '--json', '--detectors', own]);
    assert.equal(column.role, 'direct');
    assert.equal(column.evidence, '60 of 60 cells hold a city card');
    const answer = (args) => JSON.parse(expect([EX.OK, EX.TEMPFAIL, EX.NOPERM], args).out);
    const asked = request(table, data, 'open', '--dry-run', '--json');
    const direct = (a) => a.case.before.inspection.facts.direct_columns;
    assert.equal(direct(answer(asked)), 0);
    assert.equal(direct(answer([...asked, '--detectors', own])), 1);
});

test('a wrong file of detectors is refused with its place', (t) => {
    const folder = temporary(t);
    for (const [json, says] of [[OWN.replace('"pattern"', '"patern"'), /own.json: line 7, column 7: detector 1, "patern".*"pattern"/],
        [OWN.replace('CC', 'C(C'), /line 7, column 7: detector 1, "pattern": at its character/],
        [OWN.replace('"none"', '"crc"'), /validator/], ['{', /line 1/], ['', /JSON/]]) {
        const got = expect([EX.DATAERR], ['detect', '-', '--detectors', write(folder, 'own.json', json)]);
        assert.match(got.err, says);
    }
    expect(EX.NOINPUT, ['detect', '-', '--detectors', join(folder, 'none.json')]);
});
