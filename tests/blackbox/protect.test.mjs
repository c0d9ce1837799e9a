// Plans of protection: what each method makes of a cell, what classes must satisfy, keys that join and keys that don't, and
// what is refused. tests/verifier/plan.py, which shares no code, holds every released table against its plan.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { EX, expect, polder, residentId, temporary, write } from './lib.mjs';

const python = (...args) => {
    const done = spawnSync('python3', ['tests/verifier/plan.py', ...args], { encoding: 'utf8' });
    return { code: done.status, out: done.stdout + done.stderr };
};
const checked = (...args) => {
    const got = python(...args);
    assert.equal(got.code, 0, got.out);
};
// Whether a process holds a file of this folder open for writing.
function writes(pid, folder) {
    try {
        return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(folder)
            && /flags:\s*\d*[12]\n/.test(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')));
    } catch {
        return false;
    }
}
const step = (column, name, method, more = {}) => ({ column, name, method, ...more });
const planned = (folder, plan, name = 'plan.json') => write(folder, name, JSON.stringify({ plan: 2, k: 0, quasi: [], ...plan }));
const lines = (path) => readFileSync(path, 'utf8').trimEnd().split('\n');

function luhn(body) {
    const sum = [...body].reverse().reduce((s, d, i) => s + (i % 2 ? Number(d) : Number(d) * 2 > 9 ? Number(d) * 2 - 9 : Number(d) * 2), 0);
    return body + (10 - sum % 10) % 10;
}

const COLUMNS = 'id,card,visit,age,town,pay,note,ward';
function patients(folder, rows = 400, name = 'patients.csv') {
    const out = [COLUMNS];
    for (let i = 0; i < rows; i++) {
        const person = i % 100;
        out.push([residentId('440303', `19${20 + person % 60}0${1 + person % 9}1${person % 10}`, person), luhn(`6222021234${String(10000 + person)}`),
            `20${10 + i % 14}-0${1 + i % 9}-1${i % 10}`, 20 + i % 70, ['Delft', 'Gouda', 'Hoorn', 'Urk'][i % 4], (i * 37) % 5000 + 0.25,
            i % 5 ? 'nothing' : `call 1381234${1000 + i} or jan${i}@example.nl`, 100000000 + i].join(','));
    }
    return write(folder, name, out.join('\n') + '\n');
}
const TREE = [['Delft', 'South', '*'], ['Gouda', 'South', '*'], ['Hoorn', 'North', '*'], ['Urk', 'North', '*']];
const EVERYTHING = {
    hierarchies: [{ name: 'place', rows: TREE }],
    steps: [step(0, 'id', 'format_preserving', { as: 'person', format: 'cn_id', keep: 0 }),
        step(1, 'card', 'format_preserving', { format: 'card', keep: 0 }),
        step(2, 'visit', 'shift_date', { days: 30, person: { column: 0, name: 'id' } }),
        step(3, 'age', 'top_bottom_code', { bottom: '25', top: '80' }),
        step(4, 'town', 'generalise_hierarchy', { hierarchy: 'place', level: 1 }),
        step(5, 'pay', 'round', { to: '0.5' }), step(6, 'note', 'redact'),
        step(7, 'ward', 'format_preserving', { format: 'digits', keep: 2 })],
};

test('every method does what the plan says, and an independent script agrees', (t) => {
    const folder = temporary(t), file = patients(folder), out = join(folder, 'out.csv'), key = join(folder, 'key');
    const plan = planned(folder, EVERYTHING);
    const told = JSON.parse(expect(EX.OK, ['protect', file, '--plan', plan, '-o', out, '--new-key', key, '--json']).out);
    assert.equal(told.rows_out, 400);
    assert.equal(statSync(key).mode & 0o777, 0o600);
    checked(plan, file, out, key);
    const rows = lines(out).slice(1).map((l) => l.split(','));
    assert.ok(rows.every((r) => /^\d{17}[\dX]$/.test(r[0]) && !readFileSync(file, 'utf8').includes(r[0])));
    assert.equal(new Set(rows.map((r) => r[0])).size, 100, 'one person stays one');
    assert.ok(rows.every((r) => /^(<=25|>=80|\d\d)$/.test(r[3])));
    assert.ok(rows.some((r) => r[6] === 'call [cn_mobile] or [email]'));
    assert.ok(rows.every((r) => r[7].startsWith('10') && r[7].length === 9));
    // The same again under the same key, and another thing under another.
    const again = join(folder, 'again.csv'), other = join(folder, 'other.csv');
    expect(EX.OK, ['protect', file, '--plan', plan, '-o', again, '--key', key]);
    assert.equal(readFileSync(again, 'utf8'), readFileSync(out, 'utf8'));
    expect(EX.OK, ['protect', file, '--plan', plan, '-o', other]);
    assert.notEqual(readFileSync(other, 'utf8'), readFileSync(out, 'utf8'));
});

test('a mask of a stated type takes a cell for that alone', (t) => {
    const folder = temporary(t), out = join(folder, 'out.csv');
    const file = write(folder, 'm.csv', 'mail,phone,name,id,any\n'
        + 'jan@example.nl,13812345678,Jane Roe,P1234567,jan@example.nl\n13812345678,jan@example.nl,13812345678,jan@example.nl,13812345678\n');
    const plan = planned(folder, { steps: [step(0, 'mail', 'mask', { type: 'email' }), step(1, 'phone', 'mask', { type: 'telephone' }),
        step(2, 'name', 'mask', { type: 'name' }), step(3, 'id', 'mask', { type: 'identifier' }), step(4, 'any', 'mask')] });
    expect(EX.OK, ['protect', file, '--plan', plan, '-o', out]);
    assert.deepEqual(lines(out).slice(1), ['*** @example.nl,138********,J*** ***,********,*** @example.nl',
        '****************,***@********.**,****************,***@********.**,138********']);
    checked(plan, file, out);
    assert.match(expect(EX.DATAERR, ['protect', file, '--plan', planned(folder, { steps: [step(0, 'mail', 'mask', { type: 'shape' })] }), '-o', out]).err,
        /"type" is email, telephone, name or identifier, not "shape"/);
    assert.match(expect(EX.DATAERR, ['protect', file, '--plan', planned(folder, { plan: 1, steps: [step(0, 'mail', 'mask', { type: 'name' })] }), '-o', out]).err,
        /version 1 doesn't know "type"/);
});

test('who holds the key takes formats and shifts back, and nobody else does', (t) => {
    const folder = temporary(t), file = patients(folder), out = join(folder, 'out.csv'), key = join(folder, 'key'), back = join(folder, 'back.csv');
    const steps = [...EVERYTHING.steps.slice(0, 3), step(4, 'town', 'drop'), EVERYTHING.steps[7]];
    const plan = planned(folder, { steps });
    expect(EX.OK, ['protect', file, '--plan', plan, '-o', out, '--new-key', key]);
    const told = JSON.parse(expect(EX.OK, ['protect', out, '--undo', plan, '--key', key, '-o', back, '--json']).out);
    assert.deepEqual([told.rows, told.formats, told.dates, told.lost], [400, 1200, 400, 0]);
    const was = lines(file).map((l) => l.split(','));
    assert.deepEqual(lines(back), was.map((r) => r.filter((_, c) => c !== 4).join(',')));
    // Another key gives other values, of the same form: nothing in a cell tells whose key made it. Without one there is no way.
    const other = join(folder, 'other'), lost = join(folder, 'lost');
    expect(EX.OK, ['protect', file, '--plan', plan, '-o', join(folder, 'o.csv'), '--new-key', other]);
    expect(EX.OK, ['protect', out, '--undo', plan, '--key', other, '-o', join(folder, 'wrong.csv')]);
    assert.equal(lines(join(folder, 'wrong.csv')).filter((l, i) => l.split(',')[0] === was[i][0]).length, 1, 'but for the header');
    for (const [args, code, words] of [
        [['--key', join(folder, 'gone'), '-o', lost], EX.NOINPUT, /a lost key can't be made again/],
        [['-o', lost], EX.USAGE, /--undo needs the key by which it was made/],
        [['--key', key, '--plan', plan, '-o', lost], EX.USAGE, /either --suggest, .* or --undo FILE/]]) {
        const got = expect(code, ['protect', out, '--undo', plan, ...args]);
        assert.match(got.err.replace(/\s+/g, ' '), words);
        assert.ok(!existsSync(lost));
    }
    assert.match(expect(EX.DATAERR, ['protect', file, '--undo', planned(folder, { steps: EVERYTHING.steps.slice(0, 3) }, 'id.json'), '--key', key, '-o', lost]).err.replace(/\s+/g, ' '),
        /row 1 \(line 2\), column "id": this plan and key didn't make what stands there/);
    for (const [given, words] of [[{ steps: [step(0, 'id', 'mask')] }, /nothing that this plan does can be undone/],
        [{ steps: [step(0, 'id', 'pseudonym'), steps[2]] }, /shifted by "id", which isn't told in this table as it was/]]) {
        const made = planned(folder, given, 'made.json');
        expect(EX.OK, ['protect', file, '--plan', made, '-o', join(folder, 'made.csv'), '--key', key]);
        assert.match(expect(EX.DATAERR, ['protect', join(folder, 'made.csv'), '--undo', made, '--key', key, '-o', lost]).err.replace(/\s+/g, ' '), words);
    }
});

test('an aggregate has a row for each group of k or more, with its count, and nothing of anybody', (t) => {
    const folder = temporary(t), file = patients(folder, 1000), out = join(folder, 'out.csv');
    const quasi = [{ column: 3, name: 'age' }, { column: 4, name: 'town' }];
    const steps = [step(3, 'age', 'generalise_number', { whole: true, width: '20' })];
    const plan = planned(folder, { aggregate: 'count', k: 30, quasi, steps });
    const told = JSON.parse(expect(EX.OK, ['protect', file, '--plan', plan, '-o', out, '--json']).out);
    checked(plan, file, out);
    assert.equal(lines(out)[0], 'age,town,count');
    assert.ok(told.rows_out < 30 && told.risk_after.smallest >= 30 && told.risk_after.rows === 1000 - told.suppressed);
    assert.equal(lines(out).slice(1).reduce((n, l) => n + Number(l.split(',')[2]), 0), 1000 - told.suppressed);
    for (const [more, words] of [[{ k: 0 }, /an aggregate needs a k/], [{ aggregate: 'town' }, /there is a column "town" already/],
        [{ steps: [step(0, 'id', 'mask')] }, /column "id" leaves, as an aggregate has the quasi columns only/],
        [{ models: [{ column: 7, model: 'distinct_l_diversity', name: 'ward', threshold: '2' }] }, /an aggregate tells nothing of sensitive columns/]])
        assert.match(expect(EX.DATAERR, ['protect', file, '--plan', planned(folder, { aggregate: 'count', k: 30, quasi, steps, ...more }), '-o', out]).err, words);
});

test('under one key two tables join by their pseudonyms, whatever the column is called; under two they do not', (t) => {
    const folder = temporary(t), a = patients(folder, 80, 'a.csv');
    const b = write(folder, 'b.csv', readFileSync(a, 'utf8').replace('id,card', 'patient,card'));
    const names = COLUMNS.split(',').slice(1).map((name, i) => step(i + 1, name, 'drop'));
    const ofA = planned(folder, { steps: [step(0, 'id', 'pseudonym', { as: 'person' }), ...names.slice(0, 6)] }, 'a.json');
    const ofB = planned(folder, { steps: [step(0, 'patient', 'pseudonym', { as: 'person' }), ...names.slice(0, 6)] }, 'b.json');
    const one = join(folder, 'one'), two = join(folder, 'two'), out = (n) => join(folder, `${n}.out`);
    expect(EX.OK, ['protect', a, '--plan', ofA, '-o', out('a1'), '--new-key', one]);
    expect(EX.OK, ['protect', b, '--plan', ofB, '-o', out('b1'), '--key', one]);
    expect(EX.OK, ['protect', b, '--plan', ofB, '-o', out('b2'), '--new-key', two]);
    checked(ofB, b, out('b1'), one);
    assert.equal(python('join', out('a1'), 'id', out('b1'), 'patient').out, '80 80\n');
    assert.equal(python('join', out('a1'), 'id', out('b2'), 'patient').out, '0 80\n');
    expect(EX.USAGE, ['protect', a, '--plan', ofA, '-o', out('a1'), '--new-key', one]);
    assert.match(expect(EX.NOINPUT, ['protect', a, '--plan', ofA, '-o', out('a2'), '--key', join(folder, 'lost')]).err,
        /a lost key can't be made again: .*can't be undone or joined/);
});

test('classes satisfy k and every model, and what is suggested is carried out and holds', (t) => {
    const folder = temporary(t), file = patients(folder, 3000), plan = join(folder, 'plan.json'), out = join(folder, 'out.csv');
    const hierarchy = write(folder, 'town.csv', TREE.map((r) => r.join(';')).join('\n') + '\n');
    for (const models of [['l:ward:3', 'average-risk:0.1'], ['entropy-l:visit:2.5', 'recursive-l:visit:2:3'], ['t:town:0.35'], ['ordered-t:pay:0.4']]) {
        const isTown = models.some((m) => m.includes('town'));
        const told = JSON.parse(expect(EX.OK, ['protect', file, '--suggest', ...models.flatMap((m) => ['--model', m]),
            ...(isTown ? [] : ['--hierarchy', `town=${hierarchy}`]), '-o', plan, '--json']).out);
        assert.ok(told.candidates.some((c) => c.chosen) && told.candidates.every((c) => c.highest <= 1 / c.k));
        assert.ok(told.risk_after.highest <= 0.2 && told.others.length > 0);
        assert.deepEqual(JSON.parse(readFileSync(plan, 'utf8')), told.plan);
        expect(EX.OK, ['protect', file, '--plan', plan, '-o', out]);
        checked(plan, file, out);
    }
    assert.match(expect(EX.OK, ['protect', file, '--suggest']).out, /knee of the curve/);
    const sampled = JSON.parse(expect(EX.OK, ['protect', file, '--suggest', '--population', '60000', '--json']).out);
    assert.equal(sampled.unique_before.sampled, 0.05);
    assert.ok(sampled.unique_after.estimate <= sampled.unique_before.estimate);
    const { unique_after: after, risk_after: risk } = sampled;
    assert.ok(Math.abs(after.journalist - 0.05 * risk.highest) < 1e-3 && after.journalist < risk.highest);
    // Rows that are cut where they lie lose less than columns made coarser, and their groups hold as many.
    for (const local of sampled.local_recoding) {
        const chosen = sampled.candidates.find((c) => c.chosen);
        assert.ok(local.smallest >= chosen.k && local.loss > 0 && local.loss < 1 && local.groups > 1, JSON.stringify([local, chosen]));
    }
    assert.equal(sampled.local_recoding.length, 2);
    const half = JSON.parse(expect(EX.OK, ['protect', file, '--suggest', '--population', '6000', '--json']).out).unique_before;
    assert.equal(half.estimate, Math.min(half.zayatz, half.snb ?? Infinity), 'the rule of Dankar et al. beyond a tenth');
    assert.match(expect(EX.OK, ['protect', file, '--suggest', '--population', '6000']).out, /risk of a person, at most \(journalist\)[^]*rows matched rightly \(marketer\)[^]*SNB/);
    assert.match(expect(EX.USAGE, ['protect', file, '--suggest', '--population', '10']).err, /population of 10 is smaller/);
});

test('a lattice that is too large gets the best effort, with how far from the least loss it may be', (t) => {
    const folder = temporary(t), names = Array.from({ length: 10 }, (_, i) => `c${i}`), rows = [names.join(',')];
    for (let i = 0; i < 400; i++) rows.push(names.map((_, c) => `v${(i * (2 * c + 3) + (i >> (c % 5))) % 32}`).join(','));
    const file = write(folder, 'wide.csv', rows.join('\n') + '\n');
    const tree = Array.from({ length: 32 }, (_, v) => [`v${v}`, ...[2, 4, 8, 16].map((w) => `w${w}-${Math.floor(v / w)}`)].join(';'));
    const hierarchy = write(folder, 'tree.csv', tree.join('\n') + '\n');
    const ask = ['protect', file, '--suggest', '--k', '3', ...names.flatMap((n) => ['--hierarchy', `${n}=${hierarchy}`])];
    const [found] = JSON.parse(expect(EX.OK, [...ask, '--json']).out).candidates;
    assert.ok(!found.proven && found.bound > 0 && found.bound <= found.loss, JSON.stringify(found));
    assert.match(expect(EX.OK, ask).out, /at least [\d.]+, so at most [\d.]+ too much/);
});

test('whoever is interrupted leaves nothing behind', async (t) => {
    const folder = temporary(t), file = patients(folder, 60000);
    const plan = planned(folder, { steps: [step(0, 'id', 'pseudonym'), step(1, 'card', 'pseudonym'), step(6, 'note', 'redact')] });
    const before = readdirSync(folder).sort();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL']) {
        const child = spawn(polder, ['protect', file, '--plan', plan, '-o', join(folder, 'out.csv')]);
        const ended = new Promise((done) => child.on('exit', (code, by) => done(by)));
        // Until it writes: a file that it holds open for writing, in this folder.
        for (let i = 0; i < 2000 && !writes(child.pid, folder); i++) await new Promise((done) => setTimeout(done, 2));
        assert.ok(writes(child.pid, folder), 'it was over before it could be interrupted');
        child.kill(signal);
        assert.equal(await ended, signal);
        assert.deepEqual(readdirSync(folder).sort(), before);
    }
    expect(EX.OK, ['protect', file, '--plan', plan, '-o', join(folder, 'out.csv')]);
    assert.deepEqual(readdirSync(folder).sort(), [...before, 'out.csv'].sort());
    assert.equal(statSync(join(folder, 'out.csv')).mode & 0o777, 0o600);
});

// Runs it on a terminal of its own, and presses Ctrl-C there once the words were seen; prints the signal that ended it.
const ON_A_TERMINAL = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen, pressed = b"", False
while True:
    try:
        got = os.read(fd, 65536)
    except OSError:
        break
    if not got:
        break
    seen += got
    if not pressed and sys.argv[1].encode() in seen:
        pressed = os.write(fd, b"\\x03") == 1
print(os.WTERMSIG(os.waitpid(pid, 0)[1]))
`;

test('on a terminal the search tells how far it is, and an interrupt leaves no plan', (t) => {
    const folder = temporary(t), names = Array.from({ length: 8 }, (_, i) => `c${i}`), rows = [names.join(',')];
    let state = 7;
    const draw = (below) => ((state = Math.imul(state, 1664525) + 1013904223 >>> 0) >>> 16) % below;
    for (let i = 0; i < 20000; i++) rows.push(names.map(() => `v${draw(32)}`).join(','));
    const file = write(folder, 'wide.csv', rows.join('\n') + '\n');
    const tree = Array.from({ length: 32 }, (_, v) => [`v${v}`, ...[2, 4, 8, 16].map((w) => `w${w}-${Math.floor(v / w)}`)].join(';'));
    const hierarchy = write(folder, 'tree.csv', tree.join('\n') + '\n');
    const done = spawnSync('python3', ['-c', ON_A_TERMINAL, 'searching for the least loss: ', polder, 'protect', file, '--suggest', '--k', '3',
        '-o', join(folder, 'plan.json'), ...names.flatMap((n) => ['--hierarchy', `${n}=${hierarchy}`])], { encoding: 'utf8' });
    assert.equal(done.stdout, '2\n', done.stderr);
    assert.deepEqual(readdirSync(folder).sort(), ['tree.csv', 'wide.csv']);
});

test('a sample is of persons with all their rows, and its classes are counted in it', (t) => {
    const folder = temporary(t), file = patients(folder, 2000), out = join(folder, 'out.csv');
    const plan = planned(folder, { k: 5, quasi: [{ column: 4, name: 'town' }], sample: { person: { column: 0, name: 'id' }, share: '0.3' },
        steps: [step(0, 'id', 'pseudonym'), step(1, 'card', 'drop'), step(6, 'note', 'drop')] });
    const told = JSON.parse(expect(EX.OK, ['protect', file, '--plan', plan, '-o', out, '--json']).out);
    assert.equal(told.rows_in, 2000);
    assert.ok(told.unsampled > 800 && told.unsampled < 1900, `${told.unsampled} of 2000`);
    const persons = new Map();
    for (const l of lines(out).slice(1)) persons.set(l.split(',')[0], (persons.get(l.split(',')[0]) ?? 0) + 1);
    assert.ok([...persons.values()].every((n) => n === 20));
    checked(plan, file, out);
});

test('what cannot be is refused with its place, and nothing is written', (t) => {
    const folder = temporary(t), file = patients(folder), out = join(folder, 'out.csv');
    const bad = [
        [{ steps: [step(9, 'x', 'drop')] }, EX.DATAERR, /column 9 "x", but the table has 8 columns/],
        [{ steps: [step(0, 'name', 'drop')] }, EX.DATAERR, /calls column 0 "name", but the table calls it "id"/],
        [{ columns: ['id', 'visit', 'card', 'age', 'town', 'pay', 'phone', 'ward'], steps: [] }, EX.DATAERR,
            /another version of the table: "visit" is column 2 and was 1, "card" is column 1 and was 2, "phone" is missing, "note" is new/],
        [{ content: '0'.repeat(64), steps: [] }, EX.DATAERR, /another version of the table: for content sha256:0000.* with 400 rows/],
        [{ k: 500, quasi: [{ column: 3, name: 'age' }], steps: [] }, EX.DATAERR, /k=500 and the table has 400 rows/],
        [{ steps: [step(3, 'age', 'format_preserving', { format: 'digits', keep: 0 })] }, EX.DATAERR,
            /row 1 \(line 2\), column "age": fewer than 6 digits .* use a pseudonym or a generalisation instead/],
        [{ hierarchies: [{ name: 'place', rows: TREE.slice(1) }], steps: [step(4, 'town', 'generalise_hierarchy', { hierarchy: 'place', level: 1 })] },
            EX.DATAERR, /row 1 \(line 2\), column "town": the hierarchy "place" has no row for the value "Delft"/],
        [{ hierarchies: [{ name: 'place', rows: [['a', 'b', '*'], ['c', '*']] }], steps: [] }, EX.DATAERR, /row 2: it has 1 levels and the first row 2/],
        [{ hierarchies: [{ name: 'place', rows: [['a', 'b', '*'], ['b', 'a', '*']] }], steps: [] }, EX.DATAERR, /row 1: "a" becomes "b", .* a cycle/],
        [{ hierarchies: [{ name: 'place', rows: [['a', 'x', 'y'], ['b', 'x', 'z']] }], steps: [] }, EX.DATAERR, /rows 1 and 2 agree on "x" on level 1/],
        [{ quasi: [{ column: 2, name: 'visit' }], k: 2, steps: [step(2, 'visit', 'shift_date', { days: 9, person: { column: 0, name: 'id' } })] },
            EX.DATAERR, /classes of shifted dates hide nobody/],
        [{ k: 5, quasi: [{ column: 3, name: 'age' }], models: [{ column: 9, model: 'distinct_l_diversity', name: 'x', threshold: '3' }], steps: [] },
            EX.DATAERR, /models\[0\]: the plan names column 9/],
        [{ k: 2, quasi: [{ column: 4, name: 'town' }], models: [{ model: 'average_risk', threshold: '0.001' }], steps: [] },
            EX.NOPERM, /the average risk of what would stay is 0.01, over the 0.001/],
        [{ plan: 1, steps: [step(6, 'note', 'redact')] }, EX.DATAERR, /version 1 doesn't know redact/],
        [{ plan: 9, steps: [] }, EX.CONFIG, /version 9/],
        [{ key: 'research', steps: [step(0, 'id', 'pseudonym')] }, EX.USAGE, /pseudonyms are of the key "research"; give it/],
    ];
    for (const [plan, code, words] of bad) {
        assert.match(expect(code, ['protect', file, '--plan', planned(folder, plan), '-o', out]).err, words);
        assert.ok(!existsSync(out) && !readdirSync(folder).some((n) => n.startsWith('out.csv')), 'nothing is left');
    }
    const plan = planned(folder, { steps: [] });
    for (const [args, words] of [[['--plan', plan, '-o', '/dev/null'], /is no file/], [['--plan', plan, '-o', file], /is the table itself/],
        [['--plan', plan], /-o FILE/], [['--suggest', '--plan', plan], /either --suggest/], [['--suggest', '--k', '1'], /at least 2/],
        [['--suggest', '--model', 'm:town:3'], /must be MODEL:COLUMN:THRESHOLD/], [['--suggest', '--hierarchy', 'town'], /must be COLUMN=FILE/],
        [['--plan', plan, '-o', out, '--k', '5'], /goes with --suggest/]])
        assert.match(expect(EX.USAGE, ['protect', file, ...args]).err, words);
    assert.match(expect(EX.DATAERR, ['protect', file, '--suggest', '--k', '401']).err, /cannot reach k=401: the table has only 400 rows/);
    assert.match(expect(EX.DATAERR, ['protect', file, '--suggest', '--model', 'l:nothing:3']).err, /there is no column "nothing"/);
    assert.match(expect(EX.DATAERR, ['protect', file, '--suggest', '--model', 'l:town:5']).err, /the models can't be reached: all rows in one class/);
    const ragged = write(folder, 'ragged.csv', 'Delft;South;*\nGouda;*\n');
    assert.match(expect(EX.DATAERR, ['protect', file, '--suggest', '--hierarchy', `town=${ragged}`]).err, /ragged.csv: hierarchy "town", line 2: it has 2 cells and the other rows 3/);
});

test('a plan whose own output contradicts it is refused', (t) => {
    // Redaction looks at the text alone; inspection sees the column's name too, and knows the numbers by it.
    const folder = temporary(t), out = join(folder, 'out.csv');
    const rows = ['passport,age'];
    for (let i = 0; i < 60; i++) rows.push(`G${10000000 + i * 7919},${30 + i % 3}`);
    const file = write(folder, 'passports.csv', rows.join('\n') + '\n');
    const plan = planned(folder, { steps: [step(0, 'passport', 'redact')] });
    assert.match(expect(EX.NOPERM, ['protect', file, '--plan', plan, '-o', out]).err,
        /the plan says that "passport" is .* but inspection of the output still recognises .*nothing was written/);
    assert.ok(!existsSync(out));
    // The same of each method that can leave an identifier as it was; none of them promised that.
    const ids = Array.from({ length: 60 }, (_, i) => residentId('440303', '19500101', 100 + i)).filter((id) => /^\d+$/.test(id));
    const table = write(folder, 'ids.csv', ['resident_id,age', ...ids.map((id, i) => `${id},${30 + i % 3}`)].join('\n') + '\n');
    for (const given of [step(0, 'resident_id', 'generalise_text', { keep: 18 }), step(0, 'resident_id', 'generalise_number', { whole: true, width: '1' }),
        step(0, 'resident_id', 'top_bottom_code', { bottom: '5' })]) {
        const got = expect(EX.NOPERM, ['protect', table, '--plan', planned(folder, { steps: [given] }), '-o', out]).err.replace(/\s+/g, ' ');
        assert.match(got, /the plan says that "resident_id" is .* but inspection of the output still recognises .*nothing was written/, given.method);
        assert.ok(!existsSync(out), given.method);
    }
    const pair = ids.map((id) => [id, ids[0], '*']).filter(([id]) => id !== ids[0]);
    const rest = write(folder, 'rest.csv', ['resident_id,age', ...pair.map(([id], i) => `${id},${30 + i % 3}`)].join('\n') + '\n');
    assert.match(expect(EX.NOPERM, ['protect', rest, '--plan', planned(folder, { hierarchies: [{ name: 'h', rows: pair }],
        steps: [step(0, 'resident_id', 'generalise_hierarchy', { hierarchy: 'h', level: 1 })] }), '-o', out]).err, /still recognises/);
});

const require = createRequire(resolve('tests', 'package.json'));
let Ajv = null;
try {
    Ajv = require('ajv/dist/2020');
} catch {
    // npm did not answer when the peers were installed
}
test('the published schema accepts what the program writes and reads, and refuses what it refuses', { skip: Ajv ? false : 'ajv is not installed' }, (t) => {
    const schema = JSON.parse(readFileSync('docs/reference/plan.schema.json', 'utf8'));
    const accepts = new Ajv.default({ allErrors: true, strict: true, strictRequired: false, strictTypes: false }).compile(schema);
    const folder = temporary(t), file = patients(folder), out = join(folder, 'out.csv');
    const told = JSON.parse(expect(EX.OK, ['protect', file, '--suggest', '--model', 'l:ward:2', '--json']).out);
    assert.ok(accepts(told.plan), JSON.stringify(accepts.errors));
    const full = { plan: 2, k: 0, quasi: [], ...EVERYTHING };
    assert.ok(accepts(full), JSON.stringify(accepts.errors));
    const base = { plan: 2, k: 0, quasi: [] };
    for (const steps of [[step(0, 'id', 'burn')], [step(0, 'id', 'drop', { keep: 1 })], [step(3, 'age', 'round', { to: '1.50' })],
        [step(3, 'age', 'top_bottom_code')], [step(0, 'id', 'format_preserving', { format: 'ff3', keep: 0 })]]) {
        assert.ok(!accepts({ ...base, steps }), JSON.stringify(steps));
        expect(EX.DATAERR, ['protect', file, '--plan', planned(folder, { steps }), '-o', out]);
    }
});
