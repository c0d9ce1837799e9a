// Synthetic tables: the same on every machine, in two languages, and about nobody.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { EX, expect, isFast, polder } from './lib.mjs';

const KINDS = ['permits', 'residents', 'visits', 'trips'];

function table(kind, rows, seed = 7, ...more) {
    return expect(EX.OK, ['demo', 'table', kind, '--rows', rows, '--seed', seed, ...more]).out;
}

// RFC 4180, as far as these tables use it: no line end within a cell.
function parse(csv) {
    assert.ok(csv.endsWith('\n'));
    const [header, ...rows] = csv.slice(0, -1).split('\n').map((line) => {
        const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)];
        return cells.map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare);
    });
    for (const row of rows) assert.equal(row.length, header.length, `a whole row: ${row.join('|')}`);
    return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i]])));
}

const column = (rows, name) => rows.map((row) => row[name]);
const filled = (rows, name) => column(rows, name).filter((cell) => cell !== '');
const share = (cells, is) => cells.filter(is).length / cells.length;

// The first 16 hex digits of SHA-256 over 500 rows of seed 7: no machine, compiler or option changes a byte.
const BYTES = [
    ['permits', 'en', 'ae96c5c2f9574f62'], ['permits', 'zh', '3e1d9a1d416d1ce8'], ['residents', 'en', '6c117f9e62ec316c'], ['residents', 'zh', '270070b9b5bda305'],
    ['visits', 'en', '405ec6884aa038d4'], ['visits', 'zh', 'a0f72b8b55a6c14f'], ['trips', 'en', 'e6373707e800e2c2'], ['trips', 'zh', '0a34e4b2dbed4fd0'],
];
for (const [kind, language, hash] of BYTES) {
    test(`${kind} in ${language} have the same bytes everywhere`, () => {
        const got = createHash('sha256').update(table(kind, 500, 7, '--language', language)).digest('hex');
        assert.equal(got.slice(0, 16), hash);
    });
}

for (const kind of KINDS) {
    test(`${kind}: a seed decides everything, and a longer table goes on where a shorter one ends`, () => {
        assert.equal(table(kind, 300), table(kind, 300));
        assert.notEqual(table(kind, 300, 8), table(kind, 300, 7));
        assert.ok(table(kind, 300).startsWith(table(kind, 120)));
        const seeds = ['0', '18446744073709551615'].map((seed) => table(kind, 5, seed));
        assert.notEqual(seeds[0], seeds[1]);
    });

    test(`${kind}: as many rows as asked, some cells empty, none to go without a header`, () => {
        for (const rows of [0, 1, 2, 1000]) assert.equal(table(kind, rows).split('\n').length, rows + 2);
        assert.ok(table(kind, 1000).startsWith(table(kind, 0)), 'no rows: the header alone');
        const cells = parse(table(kind, 1000)).flatMap((row) => Object.values(row));
        const empty = share(cells, (cell) => cell === '');
        assert.ok(empty > 0 && empty < 0.1, `${empty} of the cells are empty`);
    });

    test(`${kind}: both languages tell the same`, () => {
        const tables = ['en', 'zh'].map((language) => parse(table(kind, 400, 3, '--language', language)));
        assert.deepEqual(parse(table(kind, 400, 3)), tables[0], 'English unless asked otherwise');
        const [english, chinese] = tables.map((rows) => rows.map((row) => Object.values(row)));
        for (const [r, row] of english.entries()) {
            for (const [c, cell] of row.entries()) {
                assert.equal(cell === '', chinese[r][c] === '', `row ${r}, column ${c}`);
                if (/^[0-9A-Z.:-]+$/.test(cell)) assert.equal(chinese[r][c], cell, 'codes and figures have no language');
            }
        }
    });
}

const HEADERS = [
    ['permits', 'permit_no,company_name,uscc,legal_representative,industry,division_code,district,issued_on,expires_on,status',
        '许可证编号,企业名称,统一社会信用代码,法定代表人,行业,行政区划代码,区县,发证日期,有效期至,状态'],
    ['residents', 'full_name,resident_id_number,sex,birth_date,mobile,district,address,household_size,education,occupation,marital_status,monthly_income',
        '姓名,公民身份号码,性别,出生日期,手机号码,区县,住址,户内人数,文化程度,职业,婚姻状况,月收入'],
    ['visits', 'patient_id,sex,birth_date,district,visit_date,department,diagnosis_code,diagnosis,insurance,cost_yuan',
        '患者编号,性别,出生日期,区县,就诊日期,就诊科室,诊断编码,诊断名称,费用类别,费用（元）'],
    ['trips', 'card_no,ticket,station_in,time_in,station_out,time_out,fare_yuan',
        '卡号,票种,进站车站,进站时间,出站车站,出站时间,票价（元）'],
];
for (const [kind, english, chinese] of HEADERS) {
    test(`${kind}: headers in both languages`, () => {
        assert.equal(table(kind, 0, 1, '--language=en'), `${english}\n`);
        assert.equal(table(kind, 0, 1, '--language=zh'), `${chinese}\n`);
    });
}

function isDay(text, from, to) {
    const day = new Date(`${text}T00:00:00Z`);
    return day.toISOString().slice(0, 10) === text && text >= from && text <= to;
}

test('every resident id has a right check character and belongs to nobody', () => {
    const rows = parse(table('residents', 20000));
    for (const row of rows) {
        const id = row.resident_id_number;
        assert.match(id, /^[1-6]\d{5}19(1[2-9]|2\d)\d{4}9\d\d[\dX]$/);
        const born = `${id.slice(6, 10)}-${id.slice(10, 12)}-${id.slice(12, 14)}`;
        assert.ok(isDay(born, '1912-01-01', '1929-12-31'), born);
        assert.ok(isDay(row.birth_date, '1930-01-01', '2025-12-31'), row.birth_date);
        // ISO 7064 MOD 11-2, by its definition: the character of weight 1 makes the sum 1.
        const sum = [...id].reduce((s, d, i) => (s * 2 + (d === 'X' ? 10 : Number(d))) % 11, 0);
        assert.equal(sum, 1, id);
        assert.equal(Number(id[16]) % 2 === 1, row.sex === 'Male', 'odd for men');
    }
    assert.equal(new Set(column(rows, 'resident_id_number')).size, rows.length, 'each has another one');
    for (const mobile of filled(rows, 'mobile')) assert.match(mobile, /^1380000\d{4}$/);
});

test('every company is marked as a sample and keeps its code, with right check characters', () => {
    const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
    const rows = parse(table('permits', 5000));
    const names = new Map();
    for (const { company_name: name, uscc, division_code: division } of rows) {
        assert.match(name, /^[A-Z][a-z]+ Sample .+ Co\., Ltd\.$/);
        if (!uscc) continue;
        assert.equal(uscc.slice(0, 12), `91${division}P0LD`);
        const values = [...uscc].map((c) => alphabet.indexOf(c));
        const sum = values.slice(0, 17).reduce((s, v, i) => s + v * Number(3n ** BigInt(i) % 31n), 0);
        assert.equal((sum + values[17]) % 31, 0, uscc);
        const inner = [...uscc.slice(8, 16)].reduce((s, c, i) => s + parseInt(c, 36) * [3, 7, 9, 10, 5, 8, 4, 2][i], 0);
        assert.equal(uscc[16], '0123456789X'[(11 - inner % 11) % 11], uscc);
        assert.equal(names.get(uscc) ?? name, name, 'one code, one name');
        names.set(uscc, name);
    }
    assert.ok(names.size < rows.length && names.size > rows.length / 4, 'some companies have several permits');
});

test('figures lean as figures do', () => {
    const residents = parse(table('residents', 20000));
    const schooled = (schools) => residents.filter((r) => schools.includes(r.education) && r.monthly_income);
    const rich = (rows) => share(rows, (r) => r.monthly_income === '20000+');
    assert.ok(rich(schooled(['Bachelor', 'Postgraduate'])) > 4 * rich(schooled(['Primary school', 'Junior secondary'])));
    assert.ok(residents.every((r) => r.birth_date < '2008' || r.monthly_income === ''), 'children earn nothing');

    const visits = parse(table('visits', 20000));
    const hypertensive = (rows) => share(rows, (r) => r.diagnosis_code === 'I10');
    const old = visits.filter((r) => r.birth_date && r.birth_date < '1965');
    const young = visits.filter((r) => r.birth_date > '2008');
    assert.ok(hypertensive(old) > 0.15 && hypertensive(young) < 0.01);
    assert.ok(visits.every((r) => !r.birth_date || r.birth_date <= r.visit_date), 'nobody is seen before birth');
    const patients = new Set(column(visits, 'patient_id')).size;
    assert.ok(patients > 4000 && patients < 10000, `${patients} patients`);

    const trips = parse(table('trips', 20000));
    assert.ok(trips.every((r) => r.station_in !== r.station_out && (!r.time_out || r.time_in < r.time_out)));
    const left = share(trips, (r) => r.station_out !== '');
    assert.ok(left > 0.99 && left < 1, 'a few trips have no end');
    assert.ok(trips.every((r) => (r.station_out === '') === (r.fare_yuan === '')), 'and then no fare');
    const hour = (h) => share(trips, (r) => r.time_in.slice(11, 13) === h);
    assert.ok(hour('08') > 2 * hour('11'), 'the morning is busier than noon');

    const permits = parse(table('permits', 20000)).filter((r) => r.expires_on);
    assert.ok(permits.every((r) => r.issued_on < r.expires_on));
    assert.ok(permits.every((r) => r.status !== 'Valid' || r.expires_on >= '2025-12-31'));
});

const WRONG = [
    [['permit', '--rows', 1, '--seed', 1], /no demo table "permit".*did you mean "permits".*permits, residents, visits, trips/],
    [['galaxies', '--rows', 1, '--seed', 1], /no demo table "galaxies".*permits, residents, visits, trips/],
    [['', '--rows', 1, '--seed', 1], /no demo table ""/],
    [['trips', '--rows', '-1', '--seed', 1], /--rows=-1.*whole number/],
    [['trips', '--rows', '1.5', '--seed', 1], /--rows=1\.5.*whole number/],
    [['trips', '--rows', 'many', '--seed', 1], /--rows=many.*whole number/],
    [['trips', '--rows', '100000001', '--seed', 1], /--rows=100000001.*100000000/],
    [['trips', '--rows', '99999999999999999999999', '--seed', 1], /--rows=9+.*100000000/],
    [['trips', '--rows', 1, '--seed', '-7'], /--seed=-7.*whole number/],
    [['trips', '--rows', 1, '--seed', '18446744073709551616'], /--seed=18446744073709551616/],
    [['trips', '--rows', 1, '--seed', ''], /--seed/],
    [['trips', '--rows', 1, '--seed', 1, '--language', 'nl'], /--language=nl.*en or zh/],
    [['trips', '--rows', 1], /seed/],
    [['trips', '--seed', 1], /rows/],
    [['trips', 'visits', '--rows', 1, '--seed', 1], /visits|argument|operand/],
    [['--rows', 1, '--seed', 1], /KIND/],
];
for (const [args, pattern] of WRONG) {
    test(`refused: polder demo table ${args.join(' ')}`, () => {
        const { out, err } = expect(EX.USAGE, ['demo', 'table', ...args]);
        assert.match(err, pattern);
        assert.equal(out, '');
    });
}

test('a full disk is told', () => {
    const full = openSync('/dev/full', 'w');
    for (const rows of [0, 10, 100000]) {
        const done = spawnSync(polder, ['demo', 'table', 'trips', '--rows', rows, '--seed', 1],
            { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
        assert.equal(done.status, EX.IOERR, `${rows} rows`);
        assert.match(done.stderr, /^polder: write the table to standard output: No space left/);
    }
    closeSync(full);
});

test('a reader that left is told', async () => {
    const child = spawn(polder, ['demo', 'table', 'trips', '--rows', '100000000', '--seed', '1']);
    let said = '';
    child.stderr.on('data', (piece) => { said += piece; });
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.equal(code, EX.IOERR);
    assert.match(said, /^polder: write the table to standard output: Broken pipe/);
});

test('memory does not grow with the table', { skip: isFast }, (t) => {
    const within = (rows) => spawnSync('sh', ['-c', 'ulimit -v 100000; exec "$0" "$@" >/dev/null', polder,
        'demo', 'table', 'residents', '--rows', rows, '--seed', 1]).status;
    // The address sanitizer reserves terabytes, so that the limit says nothing under it.
    if (within(0) !== EX.OK) return t.skip('this build does not start in 100 MB of address space');
    assert.equal(within(2000000), EX.OK, 'two million rows are 250 MB');
});
