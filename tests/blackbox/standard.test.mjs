// polder standard: tables against standards, standards from tables, standards against each other; and
// the standards that come with the program, each with a sample that meets it and one that does not.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import test from 'node:test';
import { EX, expect, run, temporary, write } from './lib.mjs';

const STANDARDS = resolve(import.meta.dirname, '../../standards');
const SHARED = resolve(process.env.POLDER_SHARED_DATA ?? join(import.meta.dirname, '../../../shared/data'));

const TRIPS = JSON.stringify({
    title: 'Trips',
    fields: [{ name: 'id', type: 'integer', constraints: { required: true } },
        { name: 'from', type: 'date' }, { name: 'to', type: 'date' }],
    primaryKey: 'id',
    rules: [{ name: 'order', rule: 'compare', left: 'from', operator: '<=', right: 'to' }],
});

test('failing rows are named by line, column and reason, without their values, and the exit status says so', (t) => {
    const folder = temporary(t);
    const standard = write(folder, 's.json', TRIPS);
    const table = write(folder, 't.csv', 'id,from,to\n1,2026-01-01,2026-01-02\n1,2026-01-05,2026-01-02\n2,secret,2026-01-02\n');
    const said = expect(EX.DATAERR, ['standard', 'check', standard, table]);
    assert.match(said.out, /t\.csv does not meet the standard, Trips: 3 rows, 2 of them fail/);
    assert.match(said.out, /line 3, id: it is that of line 2 again/);
    assert.match(said.out, /line 4, from: it is no date/);
    assert.doesNotMatch(said.out, /secret/);
    assert.match(expect(EX.DATAERR, ['standard', 'check', '--values', standard, table]).out, /"secret"/);
    const json = JSON.parse(expect(EX.DATAERR, ['standard', 'check', '--json', standard, table]).out);
    assert.equal(json.meets, false);
    assert.equal(json.failed_rows, 2);
    const order = json.checks.find((c) => c.check === 'order');
    assert.deepEqual([order.examined, order.failed, order.indicator, order.rows[0].line], [2, 1, '0503', 3]);
    const score = json.scores.find((s) => s.indicator === '0304');
    assert.deepEqual([score.met, score.examined, score.score.toFixed(4)], [2, 3, '0.6667']);
});

test('a table that meets its standard ends with status 0, from a file or standard input', (t) => {
    const folder = temporary(t);
    const standard = write(folder, 's.json', TRIPS);
    const table = 'id;from;to\n1;2026-01-01;2026-01-02\n2;2026-01-05;2026-01-06\n';
    assert.match(expect(EX.OK, ['standard', 'check', standard, write(folder, 't.csv', table)]).out, /meets the standard/);
    assert.match(expect(EX.OK, ['standard', 'check', standard, '-'], { input: table }).out, /8 of 8 checks hold/);
});

test('of many failing rows --rows says how many are named, and all are counted', (t) => {
    const folder = temporary(t);
    const standard = write(folder, 's.json', TRIPS);
    const table = write(folder, 't.csv', `id,from,to\n${Array.from({ length: 300 }, (_, i) => `${i},x,2026-01-01`).join('\n')}\n`);
    const out = expect(EX.DATAERR, ['standard', 'check', '--rows=3', standard, table]).out;
    assert.equal(out.match(/it is no date/g).length, 3);
    assert.match(out, /\.\.\. and 297 more/);
    const json = JSON.parse(expect(EX.DATAERR, ['standard', 'check', '--json', standard, table]).out);
    const type = json.checks.find((c) => c.field === 'from' && c.check === 'type');
    assert.deepEqual([type.failed, type.rows.length], [300, 100]);
});

test('a wrong standard is refused with file, line, column and what was perhaps meant', (t) => {
    const folder = temporary(t);
    const standard = write(folder, 's.json', '{"fields": [{"name": "a",\n  "type": "integr"}]}');
    const got = expect(EX.DATAERR, ['standard', 'check', standard, write(folder, 't.csv', 'a\n1\n')]);
    assert.match(got.err, /s\.json: line 2, column 3: field 1 \("a"\), "type": .*do you mean "integer"\?/);
    expect(EX.NOINPUT, ['standard', 'check', join(folder, 'none.json'), join(folder, 't.csv')]);
    expect(EX.USAGE, ['standard', 'check', standard]);
});

test('diff says which fields come and go, and what gets stricter or looser', (t) => {
    const folder = temporary(t);
    const old = write(folder, 'a.json', '{"fields":[{"name":"a","type":"integer","constraints":{"minimum":1,"maximum":9}},{"name":"b"}]}');
    const fresh = write(folder, 'b.json', '{"fields":[{"name":"a","type":"integer","constraints":{"minimum":2,"maximum":10}},{"name":"c"}]}');
    const { changes } = JSON.parse(expect(EX.OK, ['standard', 'diff', '--json', old, fresh]).out);
    assert.deepEqual(changes.map((c) => [c.change, c.field, c.what, c.from, c.to]), [
        ['stricter', 'a', 'minimum', '1', '2'], ['looser', 'a', 'maximum', '9', '10'],
        ['removed', 'b', 'field', 'any', undefined], ['added', 'c', 'field', undefined, 'any']]);
    assert.match(expect(EX.OK, ['standard', 'diff', old, fresh]).out, /1 fields added, 1 removed; 1 stricter, 1 looser/);
    assert.match(expect(EX.OK, ['standard', 'diff', old, old]).out, /No difference/);
});

function infer(path) {
    return run(['standard', 'infer', path]);
}

test('what is inferred has the types and forms that the cells have', (t) => {
    const folder = temporary(t);
    const rows = Array.from({ length: 30 }, (_, i) => `${i + 1},0${i},1.${i},2026-01-0${i % 9 + 1},${i % 28 + 1}/12/2025,0${i % 9}:30,${i % 2 ? 'yes' : 'no'},a${i}@b.example,${i % 3 ? 'x' : ''}`);
    const table = write(folder, 't.csv', `id,code,n,day,day2,at,flag,mail,note\n${rows.join('\n')}\n`);
    const standard = JSON.parse(expect(EX.OK, ['standard', 'infer', table]).out);
    const of = Object.fromEntries(standard.fields.map((f) => [f.name, [f.type, f.format, f.constraints?.required]]));
    assert.deepEqual(of, { id: ['integer', undefined, true], code: ['string', undefined, true], n: ['number', undefined, true],
        day: ['date', undefined, true], day2: ['date', '%d/%m/%Y', true], at: ['time', '%H:%M', true],
        flag: ['boolean', undefined, true], mail: ['string', 'email', true], note: ['string', undefined, undefined] });
    assert.deepEqual(standard.primaryKey, ['id']);
});

const real = ['catalogue/csv', 'privacy/frictionless'].flatMap((folder) => {
    const root = join(SHARED, folder);
    return existsSync(root) ? readdirSync(root, { recursive: true }).filter((f) => f.endsWith('.csv')).map((f) => join(root, f)) : [];
}).filter((f) => statSync(f).size < 20000);

test('every real table meets the standard inferred from it, but for records that are no rows', { skip: real.length ? false : 'the shared data is absent' }, (t) => {
    const folder = temporary(t);
    let met = 0;
    for (const path of real) {
        const inferred = infer(path);
        if (inferred.code !== EX.OK) {
            assert.match(inferred.err, /^polder: \S/, path);
            continue;
        }
        const standard = write(folder, 's.json', inferred.out);
        const json = JSON.parse(expect([EX.OK, EX.DATAERR], ['standard', 'check', '--json', standard, path]).out);
        for (const check of json.checks)
            assert.ok(check.failed === 0 || check.check === 'shape', `${path}: ${JSON.stringify(check)}`);
        met++;
    }
    assert.ok(met > real.length / 2, `${met} of ${real.length}`);
});

// ---- The standards that come with the program ----

// Of each: a table that meets it, what to put in its first row, and the check that this fails.
const SAMPLES = {
    'residents': ['resident_id,name,sex,birth_date,household_id,area_code,registered_on,deregistered_on\nR-0001,Ann Reed,2,1980-02-29,H1,310000,1990-01-01,\nR-0002,王小明,1,2001-05-06,H1,310000,2001-06-01,2020-01-01\n',
        'registered_on', '1979-01-01', 'born-before-registered'],
    'companies': ['registration_number,name,legal_form,status,founded_on,dissolved_on,capital,currency,area_code,website\n91310000MA1K35X51Q,Example Ltd,company,active,2010-01-01,,1000000.50,CNY,310000,https://example.org/\n',
        'website', 'example', 'type'],
    'permits': ['permit_number,kind,holder,holder_id,authority,issued_on,valid_from,valid_to,status\nP1,food,Example Ltd,X1,City,2026-01-01,2026-02-01,2027-01-31,valid\n', 'valid_to', '2025-01-31', 'valid-period'],
    'service-items': ['item_code,name,authority,audience,legal_basis,documents,statutory_days,promised_days,fee,currency,online,url\nS-001,Registration,City,persons,Act 1,form;card,20,5,0,CNY,true,https://example.org/s\n',
        'promised_days', '21', 'promise-within-law'],
    'addresses': ['address_id,country,area_code,locality,street,house_number,unit,postcode,longitude,latitude,valid_from,valid_to\nA1,NL,GM0014,Groningen,Grote Markt,1,,9712 HN,6.567,53.218,2000-01-01,\n', 'latitude', '153.2', 'maximum'],
    'opening-hours': ['place_id,name,kind,address,longitude,latitude,phone,email,weekday,opens,closes\nL1,Library,library,Square 1,6.5,53.2,+31 50 123,a@b.example,1,09:00,17:30\nL1,Library,library,Square 1,6.5,53.2,,,2,09:00,17:30\n',
        'closes', '08:00', 'opens-before-closes'],
    'trips': ['trip_id,traveller,line,from_stop,to_stop,started_at,ended_at,distance_km,fare,currency\nT1,c1,5,A,B,2026-01-01T08:00:00+08:00,2026-01-01T08:20:00+08:00,4.2,3,CNY\n', 'ended_at', '2026-01-01T08:20:00+09:00', 'starts-before-ends'],
    'budgets': ['year,unit_code,unit,account_code,account,direction,approved,changed,current,executed,remaining,currency\n2026,U1,Schools,2050201,Teaching,expenditure,100.10,-0.20,99.90,50.00,49.90,CNY\n', 'executed', '50.01', 'execution-adds-up'],
    'contracts': ['contract_number,title,buyer_id,buyer,supplier_id,supplier,procedure,signed_on,starts_on,ends_on,net,tax,amount,currency\nC1,Desks,B1,City,S1,Example Ltd,open,2026-01-01,2026-02-01,2026-03-01,100,13,113.00,CNY\n', 'supplier_id', 'B1', 'two-parties'],
    'air-quality': ['station_id,station,longitude,latitude,measured_at,pm2_5,pm10,so2,no2,o3,co,quality\nN1,North,121.4,31.2,2026-01-01T08:00:00+08:00,35,60.5,5,20,80,0.6,checked\n', 'pm2_5', '61', 'fine-within-coarse'],
};

test('each standard of the program has a title in English and Chinese, for itself and every field', () => {
    const files = readdirSync(STANDARDS).filter((f) => f.endsWith('.json'));
    assert.deepEqual(files.map((f) => basename(f, '.json')).sort(), Object.keys(SAMPLES).sort());
    for (const file of files) {
        const standard = JSON.parse(readFileSync(join(STANDARDS, file), 'utf8'));
        assert.equal(standard.name, basename(file, '.json'));
        for (const titled of [standard, ...standard.fields]) {
            assert.match(titled.titles.en, /[A-Z]/, file);
            assert.match(titled.titles.zh, /\p{Script=Han}/u, file);
        }
    }
});

for (const [name, [table, column, wrong, check]] of Object.entries(SAMPLES)) {
    test(`${name}: a sample meets the standard, and a wrong ${column} fails ${check}`, (t) => {
        const folder = temporary(t);
        const standard = join(STANDARDS, `${name}.json`);
        expect(EX.OK, ['standard', 'check', standard, write(folder, 'good.csv', table)]);
        const lines = table.split('\n');
        const cells = lines[1].split(',');
        cells[lines[0].split(',').indexOf(column)] = wrong;
        lines[1] = cells.join(',');
        const json = JSON.parse(expect(EX.DATAERR, ['standard', 'check', '--json', standard, write(folder, 'bad.csv', lines.join('\n'))]).out);
        assert.deepEqual(json.checks.filter((c) => c.failed > 0).map((c) => c.check), [check]);
    });
}

test('foreign keys are checked against tables that are named, or found in a folder', (t) => {
    const folder = temporary(t);
    const standard = write(folder, 's.json', JSON.stringify({ fields: [{ name: 'id' }, { name: 'stop' }, { name: 'next' }],
        foreignKeys: [{ fields: 'stop', reference: { resource: 'stops', fields: 'code' } }, { fields: 'next', reference: { fields: 'id' } }] }));
    const table = write(folder, 't.csv', 'id,stop,next\n1,A,2\n2,B,1\n3,Z,7\n');
    write(folder, 'stops.csv', 'code;name\nA;x\nB;y\n');
    const failing = (...more) => JSON.parse(expect(EX.DATAERR, ['standard', 'check', standard, table, '--json', ...more]).out)
        .checks.filter((c) => c.check === 'foreignKeys').map((c) => [c.failed, c.partial, c.rows.map((r) => r.line)]);
    assert.deepEqual(failing(), [[0, true, []], [1, false, [4]]]);
    assert.deepEqual(failing('--reference', `stops=${join(folder, 'stops.csv')}`), [[1, false, [4]], [1, false, [4]]]);
    assert.deepEqual(failing('--reference', folder), [[1, false, [4]], [1, false, [4]]]);
    assert.match(expect(EX.USAGE, ['standard', 'check', standard, table, '--reference', 'stop=x']).err, /no foreign key .* refers to/);
    assert.match(expect(EX.NOINPUT, ['standard', 'check', standard, table, '--reference', 'stops=none.csv']).err, /none\.csv/);
});

test('standards in the program are listed, printed and named without a path', (t) => {
    const names = JSON.parse(expect(EX.OK, ['standard', 'list', '--json']).out).standards.map((s) => s.name);
    assert.deepEqual(names, readdirSync(STANDARDS).filter((n) => n.endsWith('.json')).map((n) => basename(n, '.json')).sort());
    for (const name of names)
        assert.equal(expect(EX.OK, ['standard', 'list', name]).out, readFileSync(join(STANDARDS, `${name}.json`), 'utf8'));
    const table = write(temporary(t), 't.csv', 'a\n1\n');
    expect(EX.DATAERR, ['standard', 'check', 'permits', table]);
    assert.match(expect(EX.NOINPUT, ['standard', 'check', 'permit', table]).err, /do you mean "permits"\?/);
    assert.match(expect(EX.NOINPUT, ['standard', 'check', './permits', table]).err, /open "\.\/permits"/);
});
