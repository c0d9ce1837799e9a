// Spreadsheets, compressed files, documents: what Polder reads of them is what other programs read, or it says why not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'node:test';
import { EX, expect, node, plainTable, polder, request, residentId, run, temporary, write } from './lib.mjs';

const dump = join(dirname(polder), 'tests', 'source_dump');
const readers = resolve('tests/readers');
const forms = join(process.env.POLDER_SHARED_DATA ?? resolve('../shared/data'), 'forms');
const python = '/usr/bin/python3'; // Debian's own, for which bootstrap installs the readers

const has = (program, ...args) => spawnSync(program, args).status === 0;
const skipForms = existsSync(forms) ? false : `${forms} is not there`;
const skipOpenpyxl = has(python, '-c', 'import openpyxl') ? false : 'python3-openpyxl is not installed';

function tool(program, args, options = {}) {
    const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
    assert.equal(done.status, 0, `${program} ${args.join(' ')}\n${done.error ?? ''}${done.stderr}`);
    return done.stdout;
}

// How source_dump ended; `told` holds what source/ says of the source.
function stream(location, ...options) {
    const done = spawnSync(dump, [...options, location], { encoding: 'utf8', maxBuffer: 1 << 28 });
    const told = Object.fromEntries(['form', 'part', 'other', 'note'].map((key) => [key,
        done.stderr.split('\n').filter((line) => line.startsWith(`${key}: `)).map((line) => line.slice(key.length + 2))]));
    return { code: done.status, out: done.stdout, err: done.stderr, told };
}

// RFC 4180, written again.
function parseCsv(text) {
    const rows = [];
    let row = [], cell = '', quoted = false;
    for (let i = 0; i < text.length; i++) {
        const c = text[i];
        if (quoted && c === '"' && text[i + 1] === '"') cell += text[++i];
        else if (c === '"') quoted = !quoted;
        else if (!quoted && (c === ',' || c === '\n')) {
            row.push(cell);
            cell = '';
            if (c === '\n') { rows.push(row); row = []; }
        } else cell += c;
    }
    return rows;
}

// Rows without what readers may differ in: empty cells at the ends, the writing of one and the same value.
function settled(rows) {
    const cell = (value) => {
        const text = String(value).replace(/T00:00:00$/, '').replace(/\r\n/g, '\n');
        const percent = /^(-?[\d.]+)%$/.exec(text);
        const number = percent ? Number(percent[1]) / 100 : Number(text);
        if (text.trim() !== '' && Number.isFinite(number) && !/^0\d/.test(text)) return Number(number.toPrecision(14));
        return /^(true|false)$/i.test(text) ? text.toLowerCase() : text;
    };
    const out = rows.map((row) => row.map(cell));
    for (const row of out) while (row.length && row.at(-1) === '') row.pop();
    while (out.length && out.at(-1).length === 0) out.pop();
    return out;
}

// ---- Spreadsheets

const sheetFiles = skipForms ? [] : readdirSync(join(forms, 'sheets')).map((name) => join(forms, 'sheets', name));

for (const file of sheetFiles.filter((name) => name.endsWith('.xlsx')))
    test(`${basename(file)} gives the cells that openpyxl finds`, { skip: skipOpenpyxl }, () => {
        const first = stream(file);
        assert.equal(first.code, 0, first.err);
        for (const sheet of [...first.told.part, ...first.told.other]) {
            const rows = JSON.parse(tool(python, [join(readers, 'sheet.py'), file, sheet]));
            const got = stream(`${file}#${sheet}`);
            if (settled(rows).length === 0) assert.match(got.err, /is empty/);
            else assert.deepEqual(settled(parseCsv(got.out)), settled(rows), `sheet ${sheet}`);
        }
    });

// Quoting of text only, UTF-8, each sheet its own file: https://wiki.openoffice.org/wiki/Documentation/DevGuide/Spreadsheets/Filter_Options
const officeFilter = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1';
for (const file of sheetFiles.filter((name) => /\.(xlsx|xls|ods)$/.test(name)))
    test(`${basename(file)} gives the cells that LibreOffice finds`, { skip: has('soffice', '--version') ? false : 'soffice is not installed' }, (t) => {
        const folder = temporary(t);
        tool('soffice', ['--headless', `-env:UserInstallation=file://${folder}/home`, '--convert-to', officeFilter, '--outdir', join(folder, 'out'), file]);
        const first = stream(file);
        for (const sheet of [...first.told.part, ...first.told.other]) {
            const converted = readdirSync(join(folder, 'out')).find((name) => name.endsWith(`-${sheet}.csv`));
            assert.ok(converted, `${sheet}: ${readdirSync(join(folder, 'out'))}`);
            const rows = settled(parseCsv(readFileSync(join(folder, 'out', converted), 'utf8')));
            const got = stream(`${file}#${sheet}`);
            if (rows.length === 0) assert.match(got.err, /is empty/);
            // It writes percentages as they are shown, which may be rounded.
            else assert.deepEqual(rounded(settled(parseCsv(got.out)), rows), rows, `sheet ${sheet}`);
        }
    });

function rounded(mine, theirs) {
    return mine.map((row, r) => row.map((cell, c) => {
        const other = theirs[r]?.[c];
        // It writes dates as their cells show them, and the truth of a formula of XLS as a number.
        if (typeof other === 'string' && other.replace(/^(\d\d)\/(\d\d)\/(\d{4})$/, '$3-$1-$2') === cell) return other;
        if (cell === 'true' && other === 1) return other;
        return typeof cell === 'number' && typeof other === 'number' && Math.abs(cell - other) < 0.005000001 && Math.abs(cell) <= 1 ? other : cell;
    }));
}

test('a workbook saved as XLS gives the cells that it gives as XLSX, of strings longer than a record too',
    { skip: skipOpenpyxl || (has('soffice', '--version') ? false : 'soffice is not installed') }, (t) => {
        const folder = temporary(t), book = join(folder, 'book.xlsx'), table = join(folder, 'long.csv');
        tool(python, [join(readers, 'make_book.py'), book]);
        writeFileSync(table, 'id,text\n' + Array.from({ length: 900 }, (_, i) =>
            `${i},${i % 3 ? '中文Ünïcode𝄞' : 'plain'}${'x'.repeat(i % 700)}${'长'.repeat((i * 7) % 300)} ${i}\n`).join(''));
        for (const file of [book, table])
            tool('soffice', ['--headless', `-env:UserInstallation=file://${folder}/home`, '--convert-to', 'xls', '--outdir', join(folder, 'out'),
                ...file === table ? ['--infilter=CSV:44,34,76'] : [], file]);
        const old = stream(join(folder, 'out', 'book.xls')), young = stream(book);
        assert.equal(old.code, 0, old.err);
        assert.deepEqual(old.told.part, young.told.part);
        const wanted = settled(parseCsv(young.out));
        // Whoever saved it worked out the formulas that had no value.
        assert.deepEqual(settled(parseCsv(old.out)).map((row, r) => row.map((cell, c) => (wanted[r]?.[c] ?? '') === '' ? '' : cell)),
            wanted.map((row, r) => [...row, ...settled(parseCsv(old.out))[r].slice(row.length).map(() => '')]));
        assert.ok(old.told.note.some((note) => /The sheet "secret" is hidden/.test(note)));
        assert.equal(stream(join(folder, 'out', 'long.xls')).out, readFileSync(table, 'utf8'));
    });

for (const epoch of ['1900', '1904'])
    test(`a workbook with all that real ones have is read as openpyxl does (dates from ${epoch})`, { skip: skipOpenpyxl }, (t) => {
        const file = join(temporary(t), 'book.xlsx');
        tool(python, [join(readers, 'make_book.py'), file, ...epoch === '1904' ? ['1904'] : []]);
        const got = stream(file);
        assert.equal(got.code, 0, got.err);
        assert.deepEqual(got.told.part, ['Table, 2021'], 'the cover sheet holds no table');
        assert.deepEqual(got.told.other, ['说明', 'secret']);
        const rows = JSON.parse(tool(python, [join(readers, 'sheet.py'), file, 'Table, 2021']));
        const mine = settled(parseCsv(got.out));
        assert.deepEqual(mine, settled(rows));
        assert.equal(mine[2][2], '1960-01-01');
        assert.equal(mine[3][3], '2021-01-01T01:01:30');
        assert.equal(mine[59][3], '30:05:00');
        for (const words of [/The sheet "secret" is hidden/, /^Dates and times: 1\d\d;/, /^Percentages: 50;/,
            /^Formulas without a stored value: 50;/, /^Merged groups of cells: 1;/, /^Columns hidden in the sheet: 1;/,
            /^Rows hidden in the sheet: 1;/, /^Numbers of more than 15 digits: 1;/])
            assert.ok(got.told.note.some((note) => words.test(note)), `${words}: ${got.told.note.join('\n')}`);
    });

test('the sheet that is asked for is in the report, and an open intent reads it again', { skip: skipOpenpyxl }, (t) => {
    const { folder, data } = node(t);
    const file = join(folder, 'book.xlsx');
    tool(python, ['-c', `import openpyxl
b = openpyxl.Workbook(); b.active.append(['a']); b.active.append([1]); s = b.create_sheet('wanted')
for row in ${JSON.stringify(plainTable().trim().split('\n').map((line) => line.split(',')))}: s.append(row)
b.save('${file}')`]);
    assert.match(expect(EX.OK, ['inspect', file]).out, /Read from: an Excel workbook \(XLSX\), "Sheet"; not read: "wanted"/);
    assert.match(expect(EX.OK, ['inspect', file, '--sheet', 'wanted']).out, /"wanted"; not read: "Sheet"[^]*60 rows, 3 columns/);
    assert.match(expect(EX.NOINPUT, ['inspect', file, '--sheet', 'nowhere']).err, /no sheet "nowhere"; it has "Sheet", "wanted"/);
    assert.match(expect(EX.USAGE, ['inspect', file, '--sheet', 'a', '--table', 'b']).err, /exclude each other/);
    const first = JSON.parse(expect([EX.OK, EX.TEMPFAIL], request(file, data, 'open', '--sheet', 'wanted', '--json')).out);
    const again = JSON.parse(expect([EX.OK, EX.TEMPFAIL], ['act', 'resume', first.outcome.intent, '--data', data, '--dry-run', '--json']).out);
    assert.deepEqual(again.source, { form: 'xlsx', part: 'wanted', others: ['Sheet'], notes: [] });
    assert.equal(again.case.before.inspection.rows, 60);
});

test('a workbook that hides a table far to the right and below costs no more than it holds', { skip: skipOpenpyxl }, (t) => {
    const file = join(temporary(t), 'far.xlsx');
    tool(python, ['-c', `import openpyxl
b = openpyxl.Workbook(); s = b.active; s['A1'] = 'a'; s['XFD1048576'] = 'z'; b.save('${file}')`]);
    const got = stream(file);
    assert.equal(got.code, 0, got.err);
    assert.equal(got.out.length, 'a'.length + 16384 + 1048574 + 16384 + 1);
});

// ---- Compressed

test('a compressed table is inspected as what is in it, from a file or standard input', (t) => {
    const folder = temporary(t);
    const plain = JSON.parse(expect(EX.OK, ['inspect', write(folder, 't.csv', plainTable()), '--json']).out);
    const packed = JSON.parse(expect(EX.OK, ['inspect', write(folder, 't.csv.gz', gzipSync(plainTable())), '--json']).out);
    assert.deepEqual(packed.reading, plain.reading);
    const piped = JSON.parse(expect(EX.OK, ['inspect', '-', '--json'], { input: gzipSync(plainTable()) }).out);
    assert.deepEqual(piped.reading, plain.reading);
    const zstd = spawnSync('zstd', ['-q', '-c'], { input: plainTable() });
    if (zstd.status === 0)
        assert.deepEqual(JSON.parse(expect(EX.OK, ['inspect', '-', '--json'], { input: zstd.stdout }).out).reading, plain.reading);
});

test('a large compressed table streams through, and the spool leaves nothing', (t) => {
    const folder = temporary(t);
    const rows = 200000;
    const csv = plainTable(rows);
    const file = write(folder, 'big.csv.gz', gzipSync(csv, { level: 1 }));
    const spool = temporary(t);
    const got = spawnSync(dump, [file], { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, TMPDIR: spool } });
    assert.equal(got.status, 0, got.stderr);
    assert.ok(got.stdout === csv);
    assert.deepEqual(readdirSync(spool), []);
});

// ---- Folders

test('each table of a folder is inspected; what can not be is named, and the exit code says so', (t) => {
    const folder = temporary(t);
    for (let i = 0; i < 5; i++) write(folder, `t${i}.csv`, plainTable());
    write(folder, '.hidden', 'x');
    mkdirSync(join(folder, 'deeper'));
    const all = expect(EX.OK, ['inspect', folder]);
    assert.match(all.out, /5 of 5 tables were read; 0 could not be\.\n\s*1 folders within .* were passed over/);
    write(folder, 't3.csv', Buffer.from('PK\x03\x04broken'));
    const got = run(['inspect', folder, '--json']);
    assert.equal(got.code, EX.DATAERR);
    const answer = JSON.parse(got.out);
    assert.deepEqual([answer.read, answer.failed, answer.tables.length], [4, 1, 5]);
    assert.match(answer.tables[3].name, /t3\.csv$/);
    assert.match(answer.tables[3].error, /t3\.csv: its ZIP directory can't be read/);
    assert.match(expect(EX.DATAERR, ['inspect', join(folder, 'deeper')]).err, /holds no file/);
});

test('a file of a folder that may not be read is named, the others are read', { skip: process.getuid() === 0 && !has('setpriv', '--reuid=65534', 'true') ? 'root reads everything' : false }, (t) => {
    const folder = temporary(t);
    for (let i = 0; i < 50; i++) write(folder, `t${String(i).padStart(2, '0')}.csv`, 'a,b\n1,2\n');
    chmodSync(folder, 0o755);
    chmodSync(join(folder, 't17.csv'), 0o000);
    const isRoot = process.getuid() === 0;
    const program = join(temporary(t), 'polder');
    writeFileSync(program, readFileSync(polder));
    chmodSync(program, 0o755);
    chmodSync(dirname(program), 0o755);
    const args = ['inspect', folder, '--json'];
    const got = isRoot ? run(['--reuid=65534', '--regid=65534', '--clear-groups', program, ...args], { program: 'setpriv' }) : run(args);
    assert.equal(got.code, EX.NOPERM, got.err);
    const answer = JSON.parse(got.out);
    assert.equal(answer.read, 49);
    assert.match(answer.tables[17].error, /t17\.csv may not be read by/);
});

test('an empty folder can not be governed (folder.test has those that can)', (t) => {
    const { folder, data } = node(t);
    mkdirSync(join(folder, 'tables'));
    assert.match(expect(EX.DATAERR, request(join(folder, 'tables'), data, 'open')).err, /tables holds no file/);
});

// ---- Documents

const pdfs = skipForms ? [] : readdirSync(join(forms, 'pdf'));
for (const name of pdfs)
    test(`${name} gives what pdftotext gives`, { skip: has('pdftotext', '-v') ? false : 'pdftotext is not installed' }, () => {
        const file = join(forms, 'pdf', name);
        const expected = tool('pdftotext', ['-enc', 'UTF-8', file, '-']);
        const got = stream(file, '--text');
        assert.equal(got.code, 0, got.err);
        if (expected.split('\f').slice(0, -1).every((page) => page.trim())) assert.equal(got.out, expected);
        else assert.match(got.err, /recognised by tesseract|tesseract.* not installed/);
    });

const words = skipForms ? [] : readdirSync(join(forms, 'docx'));
for (const name of words)
    test(`${name} gives what python-docx finds`, { skip: has(python, '-c', 'import docx') ? false : 'python3-docx is not installed' }, () => {
        const file = join(forms, 'docx', name);
        const expected = tool(python, [join(readers, 'word.py'), file]);
        const got = stream(file, '--text');
        assert.equal(got.code, 0, got.err);
        // Headers, footers and notes follow the body.
        assert.equal(got.out.slice(0, expected.length), expected);
    });

// Nobody's number: the person would have been born in 1912, and the sequence is marked.
const id = residentId('440303', '19120101', 901);
const html = `<html><body><script>${id}</script><table><tr><td>Name</td><td>身份证号</td></tr><tr><td>Li</td><td>${id}</td></tr></table></body></html>`;
const mail = `From: a@b.example\r\nSubject: =?utf-8?b?${Buffer.from('名单').toString('base64')}?=\r\nMIME-Version: 1.0\r\n`
    + `Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(html).toString('base64')}\r\n`;
const texts = [['page.html', html, 'html'], ['mail.eml', mail, 'email'], ['page.html.gz', gzipSync(html), 'html'],
    ['utf16.txt', Buffer.from(`\ufeff身份证号 ${id}\r\n`, 'utf16le'), 'text']];
for (const [name, bytes, form] of texts)
    test(`detect finds an identifier in ${name}, from a file and from a pipe`, (t) => {
        const file = write(temporary(t), name, bytes);
        for (const [args, options] of [[['detect', file, '--json'], {}], [['detect', '-', '--json'], { input: bytes }]]) {
            const answer = JSON.parse(expect(EX.OK, args, options).out);
            assert.equal(answer.counts.cn_resident_id, 1, JSON.stringify(answer));
            assert.equal(answer.source.form, form);
        }
        const redacted = expect(EX.OK, ['detect', file, '--redact']).out;
        assert.match(redacted, /\[cn_resident_id\]/);
        assert.doesNotMatch(redacted, new RegExp(id));
    });

test('detect finds an identifier in a workbook, in every sheet of it', { skip: skipOpenpyxl }, (t) => {
    const file = join(temporary(t), 'book.xlsx');
    tool(python, ['-c', `import openpyxl
b = openpyxl.Workbook(); b.active.append(['x']); s = b.create_sheet('deep'); s.append(['身份证号', '${id}']); s.sheet_state = 'hidden'
b.save('${file}')`]);
    const got = expect(EX.OK, ['detect', file]);
    assert.match(got.out, /cn_resident_id/);
    assert.match(got.err, /note: The sheet "deep" is hidden; it is read all the same\./);
});

test('an encrypted or cut PDF is refused with a sentence', { skip: has('pdftotext', '-v') && has('python3', '--version') ? false : 'pdftotext is not installed' }, (t) => {
    const folder = temporary(t);
    const cut = stream(write(folder, 'cut.pdf', '%PDF-1.4\n1 0 obj\n<< /Type /Cat'), '--text');
    assert.equal(cut.code, EX.DATAERR);
    assert.match(cut.err, /cut\.pdf: the PDF is damaged or cut off \(pdftotext: /);
    // The standard security handler with a password that isn't the empty one (PDF 1.7, 7.6.3).
    const locked = write(folder, 'locked.pdf', '%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\n'
        + `endobj\n3 0 obj\n<</Filter/Standard/V 1/R 2/P -4/O<${'41'.repeat(32)}>/U<${'42'.repeat(32)}>>>\nendobj\n`
        + `trailer\n<</Size 4/Root 1 0 R/Encrypt 3 0 R/ID[<${'00'.repeat(16)}><${'00'.repeat(16)}>]>>\nstartxref\n0\n%%EOF\n`);
    const got = stream(locked, '--text');
    assert.equal(got.code, EX.CONFIG, got.err);
    assert.match(got.err, /locked\.pdf: it is encrypted: remove the password/);
});
