// Attacks on a table before it is released; their rates counted again here, from the table's own bytes.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkAttacks, verifyDossier } from '../verifier/dossier.mjs';
import { EX, expect, node, request, temporary, write } from './lib.mjs';

const json = (args, code = EX.OK) => JSON.parse(expect(code, ['attack', ...args, '--json']).out);
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);
const find = (told, attack, more = {}) => {
    const found = told.attacks.filter((a) => a.attack === attack && Object.entries(more).every(([k, v]) => a[k] === v));
    assert.equal(found.length, 1, `${attack} ${JSON.stringify(told.attacks)}`);
    return found[0];
};

const WARD = 'age,postcode,diagnosis\n30,100001,flu\n30,100001,flu\n30,100001,flu\n40,100001,flu\n40,100001,cold\n50,200001,cold\n';
const KNOWN = ['--known', 'age', '--known', 'postcode', '--sensitive', 'diagnosis'];

test('a table is attacked with what inspection finds in it, and the worst attack decides', (t) => {
    const file = write(temporary(t), 'ward.csv', WARD);
    const told = json([file]);
    assert.deepEqual([told.known, told.sensitive], [['age', 'postcode'], ['diagnosis']]);
    near(find(told, 'singling_out').rate, 0.5);
    near(find(told, 'homogeneity').rate, 5 / 6);
    near(told.worst, 0.5);
    const said = expect(EX.NOPERM, ['attack', file, '--limit', '49']).out;
    assert.match(said, /gains 50\.0% over guessing without the table, which is above the limit of\s+49%/);
    assert.equal(json([file, '--limit', '51']).limit, 0.51);
    const none = write(temporary(t), 'lines.csv', 'line,colour\n' + 'a,red\n'.repeat(20));
    assert.match(expect(EX.OK, ['attack', none]).out, /nothing to attack with/);
});

test('other tables, earlier versions and the plan are used', (t) => {
    const folder = temporary(t);
    const original = write(folder, 'original.csv', 'age,diagnosis\n1,hiv\n1,hiv\n7,flu\n7,cold\n7,gout\n7,ache\n');
    const released = write(folder, 'released.csv', 'age,diagnosis\n0-9,hiv\n0-9,hiv\n0-9,flu\n0-9,cold\n0-9,gout\n0-9,ache\n');
    const plan = write(folder, 'plan.json', JSON.stringify({ k: 0, plan: 1, quasi: [],
        steps: [{ column: 0, method: 'generalise_number', name: 'age', whole: true, width: '10' }] }));
    const register = write(folder, 'register.csv', 'name,age\nx,1\ny,3\nz,42\n');
    const before = write(folder, 'before.csv', 'age,diagnosis\n0-9,hiv\n0-9,flu\n0-9,cold\n0-9,gout\n0-9,ache\n');
    const told = json([released, '--known', 'age', '--sensitive', 'diagnosis', '--original', original, '--plan', plan, '--l', '2',
        '--link', register, '--before', before]);
    const minimal = find(told, 'minimality', { of: 'diagnosis' });
    assert.deepEqual([minimal.attempts, minimal.certain, minimal.baseline], [2, 2, 0.5]); // who is 1 has hiv
    const linked = find(told, 'linkage', { with: 'register.csv' });
    near(linked.hits, 2 / 6); // x and y are two of six
    near(linked.baseline, 3 / 6 / 6);
    const came = find(told, 'differencing', { with: 'before.csv' });
    assert.deepEqual([came.attempts, came.certain], [1, 1]);
    const apart = write(folder, 'apart.csv', 'colour\nred\n');
    assert.match(json([released, '--known', 'age', '--link', apart]).notes[0], /apart\.csv has no column by which a person/);
});

test('what a plan, a column, a number or a limit can\'t be is refused with what to do', (t) => {
    const file = write(temporary(t), 'ward.csv', WARD);
    const cases = [[EX.NOINPUT, ['--known', 'agge'], /no column "agge"; there are: age, postcode, diagnosis/],
        [EX.USAGE, ['--l', '2'], /minimality needs the plan/], [EX.USAGE, ['--k', '1'], /at least 2/],
        [EX.USAGE, ['--plan', file], /go together/], [EX.USAGE, ['--limit', '101'], /a percentage, 0 to 100/],
        [EX.DATAERR, ['--plan', file, '--original', file], /the plan/], [EX.NOINPUT, ['--link', `${file}.none`], /ward\.csv\.none/],
        [EX.USAGE, ['--known', 'age', '--sensitive', 'age', '--l', 'x'], /--l/]];
    for (const [code, args, words] of cases) assert.match(expect(code, ['attack', file, ...args]).err, words);
    const empty = write(temporary(t), 'empty.csv', 'age,postcode,diagnosis\n');
    assert.match(expect([EX.DATAERR, EX.OK], ['attack', empty, ...KNOWN]).err, /rows/);
});

test('on a real table the rates are those that are counted here', (t) => {
    const file = join(process.env.POLDER_SHARED_DATA ?? '../shared/data', 'privacy/arx/adult.csv');
    if (!existsSync(file)) return t.skip(`${file} is not there`);
    const [head, ...rows] = readFileSync(file, 'utf8').trim().split(/\r?\n/).map((line) => line.split(/[;,]/));
    const at = (name) => head.indexOf(name), known = ['sex', 'age', 'race', 'marital-status'];
    const count = (of) => rows.reduce((m, row) => m.set(of(row), (m.get(of(row)) ?? 0) + 1), new Map());
    const key = (row) => known.map((k) => row[at(k)]).join('\u0000');
    const classes = count(key), pairs = count((row) => `${key(row)}\u0001${row[at('salary-class')]}`), most = new Map();
    for (const [pair, n] of pairs) most.set(pair.split('\u0001')[0], Math.max(n, most.get(pair.split('\u0001')[0]) ?? 0));
    const told = json([file, ...known.flatMap((k) => ['--known', k]), '--sensitive', 'salary-class']);
    const single = find(told, 'singling_out'), homogeneous = find(told, 'homogeneity');
    assert.equal(single.hits, classes.size);
    assert.equal(single.certain, [...classes.values()].filter((n) => n === 1).length);
    assert.equal(homogeneous.hits, [...most.values()].reduce((a, b) => a + b));
    assert.equal(homogeneous.certain, [...most].filter(([k, n]) => n === classes.get(k)).reduce((sum, [, n]) => sum + n, 0));
    near(homogeneous.baseline, Math.max(...count((row) => row[at('salary-class')]).values()) / rows.length);
});

// Persons in groups of ten by age; what they have comes from `of`.
const patients = (of, n = 400) => 'age,postcode,diagnosis\n' + Array.from({ length: n }, (_, i) => `${20 + (i % 40)},51800${Math.floor(i / 40) % 2},${of(i)}\n`).join('');
const illness = (i) => ['cold', 'asthma', 'flu', 'gout', 'angina'][(i * 7 + Math.floor(i / 5)) % 5];
const asked = (file, data, ...more) => JSON.parse(expect(EX.OK, [...request(file, data, 'open'), '--json', ...more]).out);
const changed = (told) => told.case.changes.map((c) => `${c.column}: ${c.what}`);
const measured = (finding) => finding.facts.find((f) => f.name === 'attack_percent')?.value;

// Left out of the records, or not counted by where counts take their place.
const isGone = (told) => changed(told).some((c) => /^diagnosis: (dropped|not counted by)$/.test(c));
// A plan that leaves the records as they are: groups of ten are large enough.
const records = (folder) => write(folder, 'records.json', JSON.stringify({ plan: 2, k: 5, steps: [],
    quasi: [{ column: 0, name: 'age' }, { column: 1, name: 'postcode' }] }));

test('k is not enough where a group has one illness: the law sees the attack, and the column goes', (t) => {
    const { folder, data } = node(t);
    const told = asked(write(folder, 'apart.csv', patients((i) => (i % 40 < 20 ? 'flu' : 'gout'))), data, '--dry-run');
    assert.equal(measured(told.case.finding), 100);
    assert.ok(told.case.finding.voices.some((v) => v.policy === 'node.release.attack' || v.id === 'node.release.attack'), JSON.stringify(told.case.finding.voices.map((v) => v.id)));
    assert.ok(isGone(told), changed(told).join());
    assert.ok((told.case.attacks_after ?? []).every((a) => a.attack === 'singling_out'), 'nothing sensitive is left');
    assert.equal(measured(told.case.finding_after), undefined);
    const mixed = asked(write(folder, 'mixed.csv', patients(illness)), data, '--dry-run', '--plan', records(folder));
    assert.ok(!isGone(mixed) && measured(mixed.case.finding_after) <= 50);
    assert.equal(mixed.case.attacks_after.find((a) => a.attack === 'homogeneity').of, 'diagnosis');
});

test('who came since the version before is not given away', (t) => {
    const { folder, data } = node(t);
    const first = asked(write(folder, 'first.csv', patients(illness)), data, '--yes', '--plan', records(folder));
    assert.ok(!isGone(first));
    const second = asked(write(folder, 'second.csv', patients(illness, 401)), data, '--dry-run');
    assert.equal(measured(second.case.finding), 100, 'one row came, and shows what it has');
    assert.ok(isGone(second), changed(second).join());
});

// ---- With what else is open

// Two tables of the same persons: what one says of them, the other doesn't.
const people = (columns, n = 400) => `${columns}\n` + Array.from({ length: n }, (_, i) => columns.split(',').map((c) => ({
    staff_no: `S${10000 + i * 7}`, age: 20 + (i % 40), postcode: `51800${Math.floor(i / 40) % 2}`, wage_band: i % 9, course: `C${(i * 5) % 11}`,
    diagnosis: illness(i) })[c]).join(',')).join('\n') + '\n';
const planOf = (columns, ...steps) => JSON.stringify({ plan: 2, k: 5, key: 'staff', quasi: ['age', 'postcode'].map((name) => ({ column: columns.split(',').indexOf(name), name })),
    steps: steps.map((s) => ({ column: columns.split(',').indexOf(s.name), ...s })) });
const linkage = (finding) => finding.facts.find((f) => f.name === 'linkage_percent')?.value;

test('pseudonyms of one purpose match two open tables: the second is denied, with what would help, and another key isn\'t', (t) => {
    const { folder, data } = node(t);
    const as = ['--data', data, '--party', 'transport', '--member', 'lin', '--key', join(data, 'keys/transport.key')];
    expect(EX.OK, ['key', 'pseudonym', 'staff', '--purpose', 'statistics', ...as]);
    const wages = 'staff_no,age,postcode,diagnosis,wage_band', courses = 'course,staff_no,age,postcode,diagnosis';
    const ask = (columns, title, file, ...steps) => ['govern', write(folder, file, people(columns)), '--data', data, '--party', 'transport', '--member', 'lin',
        '--title', title, '--for', 'open', '--purpose', 'statistics', '--basis', 'public_task', '--plan', write(folder, 'plan.json', planOf(columns, ...steps))];
    const pseudonym = { name: 'staff_no', method: 'pseudonym', as: 'staff' };
    const first = JSON.parse(expect(EX.OK, [...ask(wages, 'Wages', 'wages.csv', pseudonym), '--yes', '--json']).out);
    assert.equal(linkage(first.case.finding_after), undefined, 'nothing else is open');

    const denied = expect(EX.NOPERM, [...ask(courses, 'Courses', 'courses.csv', pseudonym), '--yes']);
    assert.match(denied.err, /isn't what the law demands.*node\.release\.linkage/s);
    const dropped = ask(courses, 'Courses', 'courses.csv', { name: 'staff_no', method: 'drop' });
    const second = JSON.parse(expect(EX.OK, [...dropped, '--dry-run', '--json']).out);
    const match = second.case.attacks_after.find((a) => a.attack === 'linkage');
    assert.deepEqual([match.with, match.by], ['Wages', ['age', 'postcode']]);
    // 80 classes of five meet 80 of five: one pair of each is right.
    near(match.hits, 80);
    near(match.baseline, 1 / 400);
    assert.equal(linkage(second.case.finding_after), Math.ceil(100 * (80 / 400 - 1 / 400) / (1 - 1 / 400) - 1e-9));
    assert.match(expect(EX.OK, [...dropped, '--dry-run']).out.replace(/\s+/g, ' '),
        /Matched with the open table "Wages" \([0-9a-f-]+\) by age, postcode, 20% of the rows find their counterpart, 0 without doubt/);
});

test('without a plan of one\'s own the search avoids the match; the record and the dossier keep what was tried', async (t) => {
    const { folder, data } = node(t);
    const columns = 'age,postcode,wage_band,diagnosis';
    const ask = (title, file, content) => ['govern', write(folder, file, content), '--data', data, '--party', 'transport', '--member', 'lin', '--title', title,
        '--for', 'open', '--purpose', 'statistics', '--basis', 'public_task', '--json'];
    expect(EX.OK, [...ask('One', 'one.csv', people(columns)), '--yes']);
    const raw = people(columns, 97); // groups of two and three
    const told = JSON.parse(expect(EX.OK, [...ask('Two', 'two.csv', raw), '--yes']).out);
    const before = told.case.attacks_before.find((a) => a.attack === 'linkage'), after = told.case.attacks_after.find((a) => a.attack === 'linkage');
    assert.equal(before.with, 'One');
    assert.ok(linkage(told.case.finding_after) <= 20 && after.risk <= 0.2, JSON.stringify(after));

    const dossier = expect(EX.OK, ['dossier', told.outcome.act, '--data', data]).out, { opened } = JSON.parse(dossier).dossier;
    assert.deepEqual(opened.facts.value.attacks_after.attacks, told.case.attacks_after);
    assert.deepEqual(opened.facts.value.attacks_before.attacks, told.case.attacks_before);
    const proof = await verifyDossier(dossier, { key: readFileSync(join(data, 'ledger/public/vkey'), 'utf8').trim() });
    assert.equal(proof.attacks, told.case.attacks_before.length + told.case.attacks_after.length);
    // A node that committed to other figures than were counted is found out.
    const lie = (change) => {
        const d = structuredClone(JSON.parse(dossier).dossier), value = d.opened.facts.value;
        change(value.attacks_after.attacks.find((a) => a.attack === 'linkage'), value);
        return () => checkAttacks(d, { verb: 'open' }, new Map(value.facts.map((f) => [f.name, f])));
    };
    lie(() => {})();
    assert.throws(lie((a) => { a.hits *= 2; }), /its rate is not what was counted/);
    assert.throws(lie((a) => { a.risk /= 2; }), /its gain does not follow/);
    assert.throws(lie((a) => { a.baseline = a.rate; a.risk = 0; }), /fact linkage_percent: not the worst/);
    assert.throws(lie((a, v) => { v.attacks_after.attacks = []; v.attacks_before.attacks = []; }), /not the worst/);
    expect(EX.OK, ['verify', '--data', data]);
});
