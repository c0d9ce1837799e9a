// Repairs: shown, agreed to, carried out as a new version through the law; the original stays.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import test from 'node:test';
import { EX, expect, node, sql, temporary, whole, write } from './lib.mjs';

const rows = (data, text) => sql(data, text).split('\n').filter(Boolean).map((line) => line.split('|'));

const PERMITS = JSON.stringify({
    name: 'permits',
    fields: [{ name: 'id', type: 'string', constraints: { required: true, pattern: '[0-9]{4}' } },
        { name: 'kind', type: 'string', constraints: { required: true, enum: ['building', 'felling', 'events'] } },
        { name: 'issued', type: 'date', constraints: { required: true } },
        { name: 'fee', type: 'number', unit: '元' }],
    primaryKey: 'id',
});
const TABLE = 'id,kind,issued,fee\n'
    + '0001,building,2026/01/05,100\n'
    + '2,feling,2026-01-06,"1,200.50"\n'
    + '0003,Events ,03/04/2026,1.2万元\n'
    + '0003,Events ,03/04/2026,1.2万元\n'
    + '0004,other,,none\n';

const govern = (file, data, ...more) => ['govern', file, '--data', data, '--party', 'transport', '--member', 'lin',
    '--title', 'Permits', '--for', 'store', '--purpose', 'statistics', '--basis', 'public_task', '--yes', ...more];

function proposed(t, ...more) {
    const folder = temporary(t);
    const standard = write(folder, 's.json', PERMITS), table = write(folder, 't.csv', TABLE);
    const out = join(folder, 'r.json');
    const said = expect(EX.OK, ['standard', 'repair', standard, table, '--out', out, ...more]);
    return { folder, standard, table, out, said, file: JSON.parse(readFileSync(out, 'utf8')) };
}

test('repairs are shown with before, after and reason, in a file that only its owner may read; nothing is changed', (t) => {
    const p = proposed(t);
    assert.match(p.said.out, /issued:type:date, certain, 1/);
    assert.match(p.said.out, /line 2: "2026\/01\/05" -> "2026-01-05"/);
    assert.match(p.said.out, /"feling" -> "felling": a misspelling of "felling", 1 slip away/);
    assert.match(p.said.out, /"1\.2万元" -> "12000"/);
    assert.match(p.said.out, /rows:primaryKey:drop, certain, 1/);
    assert.match(p.said.out, /open: a person must choose[^]*"2026-04-03" or "2026-03-04"/);
    assert.match(p.said.out, /Nothing is changed/);
    assert.equal(readFileSync(p.table, 'utf8'), TABLE);
    assert.equal(statSync(p.out).mode & 0o777, 0o600);
    assert.equal(p.file.source.sha256, createHash('sha256').update(TABLE).digest('hex'));
    assert.equal(p.file.agreed_by, '');
    assert.ok(p.file.groups.every((g) => g.agreed === false));
});

let Ajv = null;
try {
    Ajv = createRequire(resolve('tests', 'package.json'))('ajv/dist/2020');
} catch {
    // npm did not answer when the peers were installed
}

test('a file of repairs is as its published schema says', { skip: Ajv ? false : 'ajv is not installed (script/bootstrap --npm)' }, (t) => {
    const p = proposed(t, '--agree=certain', '--member=lin');
    const ajv = new Ajv.default({ allErrors: true, strict: true, allowUnionTypes: true });
    const valid = ajv.compile(JSON.parse(readFileSync(resolve('docs', 'reference', 'repairs.schema.json'), 'utf8')));
    assert.ok(valid(p.file), JSON.stringify(valid.errors));
    const methods = [...new Set(p.file.groups.map((g) => g.confidence))].sort();
    assert.deepEqual(methods, ['certain', 'likely', 'open'], 'the sample has all there is');
});

test('what is agreed to is shown with the check made again; what is open can only be chosen in the file', (t) => {
    const p = proposed(t, '--agree=certain', '--agree=kind', '--agree=id', '--member=lin', '--table-out', join(temporary(t), 'o.csv'));
    assert.match(p.said.out, /kind: enum +\d+ +1/);
    assert.equal(p.file.agreed_by, 'lin');
    assert.match(expect(EX.USAGE, ['standard', 'repair', p.standard, p.table, '--agree=issued:type:date', '--agree=nothing',
        '--member=lin']).err, /no repair of this name/);
    assert.match(expect(EX.USAGE, ['standard', 'repair', p.standard, p.table, '--agree=certain']).err, /--member/);
    const open = p.file.groups.find((g) => g.confidence === 'open');
    open.agreed = true;
    writeFileSync(p.out, JSON.stringify(p.file));
    assert.match(expect(EX.DATAERR, ['standard', 'repair', p.standard, p.table, '--repairs', p.out]).err,
        /"after" says no value: put one of "choices" there/);
    for (const r of open.repairs) r.after = r.choices[1];
    writeFileSync(p.out, JSON.stringify(p.file));
    const table = join(p.folder, 'out.csv');
    expect(EX.OK, ['standard', 'repair', p.standard, p.table, '--repairs', p.out, '--table-out', table]);
    assert.equal(readFileSync(table, 'utf8'), 'id,kind,issued,fee\n0001,building,2026-01-05,100\n'
        + '0002,felling,2026-01-06,1200.50\n0003,events,2026-03-04,12000\n0004,other,,none\n');
});

test('an authoritative table fills what is missing, by its key', (t) => {
    const folder = temporary(t);
    const standard = write(folder, 's.json', PERMITS);
    const table = write(folder, 't.csv', 'id,kind,issued,fee\n0001,,2026-01-05,1\n0002,building,,1\n');
    const from = write(folder, 'a.csv', 'number;kind;issued\n0001;events;2026-01-05\n0002;building;2026-02-02\n');
    const json = JSON.parse(expect(EX.OK, ['standard', 'repair', standard, table, '--from', from, '--key', 'id=number', '--json']).out);
    assert.deepEqual(json.repairs.groups.map((g) => [g.column, g.method, g.repairs[0].after]),
        [['kind', 'fill', 'events'], ['issued', 'fill', '2026-02-02']]);
    assert.match(expect(EX.NOINPUT, ['standard', 'repair', standard, table, '--from', from, '--key', 'id=numbr']).err,
        /do you mean "number"/);
    assert.match(expect(EX.NOINPUT, ['standard', 'repair', standard, table, '--from', from, '--key', 'nr=number']).err, /no column "nr"/);
    assert.match(expect(EX.USAGE, ['standard', 'repair', standard, table, '--from', from]).err, /go together/);
});

test('agreed repairs are an act: a new version that names the one it comes from, the repairs and who agreed', (t) => {
    const { data } = node(t);
    const p = proposed(t, '--agree=certain', '--agree=kind', '--agree=id', '--member=lin');
    const repaired = (...more) => govern(p.table, data, '--standard', p.standard, '--repair', p.out, ...more);
    assert.match(expect(EX.NOINPUT, repaired()).err, /no version of "Permits" was made from t\.csv as it is/);
    expect(EX.OK, govern(p.table, data));
    const dry = expect(EX.OK, repaired('--dry-run'));
    assert.match(dry.out, /0\. What was repaired[^]*agreed to by lin/);
    assert.equal(sql(data, 'SELECT count(*) FROM lineage'), '0');
    const done = JSON.parse(expect(EX.OK, repaired('--json')).out);
    const versions = rows(data, 'SELECT id, row_count FROM version ORDER BY id');
    const [[id, from, how, repairHash, standardHash, agreedBy, before, after]] = rows(data, 'SELECT id, from_version_id,'
        + ' how, repair_hash, standard_hash, agreed_by, failures_before, failures_after FROM lineage');
    assert.equal(versions.length, 2, 'the original stays');
    assert.deepEqual(versions.map((v) => v[1]), ['5', '4']);
    assert.deepEqual([id, from, how], [versions[1][0], versions[0][0], 'repair']);
    assert.equal(repairHash, createHash('sha256').update(readFileSync(p.out)).digest('hex'));
    assert.equal(standardHash, createHash('sha256').update(PERMITS).digest('hex'));
    assert.equal(agreedBy, sql(data, "SELECT id FROM member WHERE name = 'lin'"));
    assert.ok(Number(after) < Number(before));
    assert.equal(done.case.repaired.from_version, versions[0][0]);
    const record = expect(EX.OK, ['act', 'show', done.outcome.act, '--data', data]).out;
    assert.match(record, /lineage/);
    whole(data);
    sql(data, "UPDATE lineage SET from_version_id = id");
    assert.match(expect(EX.SOFTWARE, ['ledger', 'verify', '--data', data]).out, /lineage/);
});

test('an agreement of somebody else, of another table or standard, or by who is no steward carries nothing out', (t) => {
    const { data } = node(t);
    const p = proposed(t, '--agree=certain', '--member=lin');
    expect(EX.OK, govern(p.table, data));
    const refused = (code, args, says) => {
        assert.match(expect(code, args).err, says);
        assert.equal(sql(data, 'SELECT count(*) FROM version'), '1');
    };
    const repaired = (...more) => govern(p.table, data, '--standard', p.standard, '--repair', p.out, ...more);
    refused(EX.USAGE, govern(p.table, data, '--repair', p.out), /go together/);
    refused(EX.NOPERM, repaired().map((a) => a === 'lin' ? 'wang' : a), /lin agreed to these repairs, and wang acts/);
    writeFileSync(p.out, JSON.stringify({ ...p.file, agreed_by: 'wang' }));
    refused(EX.NOPERM, repaired().map((a) => a === 'lin' ? 'wang' : a), /only a member with the duty steward may/);
    writeFileSync(p.out, JSON.stringify({ ...p.file, agreed_by: '' }));
    refused(EX.USAGE, repaired(), /doesn't say who agreed/);
    writeFileSync(p.out, JSON.stringify({ ...p.file, groups: [] }));
    refused(EX.USAGE, repaired(), /agrees to nothing/);
    writeFileSync(p.out, JSON.stringify(p.file));
    const other = write(p.folder, 'other.json', PERMITS.replace('permits', 'permitz'));
    refused(EX.TEMPFAIL, repaired().map((a) => a === p.standard ? other : a), /another standard/);
    writeFileSync(p.table, TABLE.replace('building', 'BUILDING'));
    refused(EX.TEMPFAIL, repaired(), /isn't the table for which the repairs were proposed/);
    writeFileSync(p.table, TABLE.replace('2026/01/05', '2026/01/06'));
    refused(EX.TEMPFAIL, repaired(), /the cell isn't what "before" says/);
    whole(data);
});
