// Random tables and random plans of every kind, held against an independent reading of the plan (tests/verifier/plan.py): whatever
// comes out is what the plan says, satisfies its k and models, and joins under one key and under no other.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, isFast, residentId, temporary, write } from './lib.mjs';

const python = (...args) => spawnSync('python3', ['tests/verifier/plan.py', ...args], { encoding: 'utf8' });

// Mulberry32: the same tables and plans at every run of the test.
function random(seed) {
    let a = seed;
    const next = () => {
        a = (a + 0x6d2b79f5) | 0;
        let x = Math.imul(a ^ (a >>> 15), a | 1);
        x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
        return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
    };
    const below = (n) => Math.floor(next() * n);
    return { next, below, pick: (list) => list[below(list.length)], maybe: (p) => next() < p };
}

const two = (n) => String(n).padStart(2, '0');
const TOWNS = ['罗湖区', '福田区', '南山区', '盐田区', '宝安区', 'Delft'];
const TREE = TOWNS.map((town, i) => [town, i < 3 ? '市区' : i < 5 ? '郊区' : 'abroad', '*']);
const luhn = (body) => body + (10 - [...body].reverse().reduce((s, d, i) => s + (i % 2 ? Number(d) : Number(d) * 2 > 9 ? Number(d) * 2 - 9 : Number(d) * 2), 0) % 10) % 10;

// Each column: its cells, and the steps that could be taken with it.
const COLUMNS = [
    { name: '身份证号', cell: (r, p) => residentId('440303', `19${20 + p % 70}0${1 + p % 9}1${p % 10}`, p), of: (r) => [
        { method: 'pseudonym', as: 'person' }, { method: 'mask' }, { method: 'drop' }, { method: 'format_preserving', format: 'cn_id', keep: 0, as: 'person' }] },
    { name: 'mobile', cell: (r, p) => `138${String(10000000 + p * 7919)}`, of: () => [{ method: 'mask' }, { method: 'format_preserving', format: 'cn_mobile', keep: 0 }, { method: 'drop' }] },
    { name: 'card', cell: (r, p) => luhn(`6222021234${String(10000 + p)}`), of: () => [{ method: 'format_preserving', format: 'card', keep: 0 }, { method: 'pseudonym' }] },
    { name: 'ward', cell: (r) => String(100000000 + r.below(900000000)), of: (r) => [{ method: 'format_preserving', format: 'digits', keep: r.below(3) }] },
    { name: 'visit', cell: (r) => `20${two(10 + r.below(15))}-${two(1 + r.below(12))}-${two(1 + r.below(28))}`, of: (r) => [
        { method: 'generalise_date', date: r.pick(['month', 'quarter', 'year', 'five_years', 'decade', 'suppressed']) },
        { method: 'shift_date', days: 1 + r.below(90), person: { column: 0, name: '身份证号' } }] },
    { name: 'moment', cell: (r) => `2024-05-${two(1 + r.below(28))} ${two(r.below(24))}:${two(r.below(60))}:00`, of: (r) => [
        { method: 'generalise_date', date: r.pick(['hour', 'day', 'month']) }] },
    { name: 'age', cell: (r) => String(r.below(95)), of: (r) => [{ method: 'generalise_number', width: r.pick(['5', '10', '20']), whole: true },
        { method: 'top_bottom_code', bottom: String(10 + r.below(10)), top: String(70 + r.below(20)) }, { method: 'round', to: r.pick(['5', '10']) }] },
    { name: 'pay', cell: (r) => (r.below(400000) / 100 - 500).toFixed(2), of: (r) => [{ method: 'generalise_number', width: r.pick(['0.5', '100']), whole: false },
        { method: 'round', to: r.pick(['0.5', '50']) }] },
    { name: '区划', cell: (r) => r.pick(['440303', '440304', '440305', '441900', '310101']), of: (r) => [{ method: 'generalise_text', keep: r.pick([0, 2, 4]) }] },
    { name: '街区', cell: (r) => r.pick(TOWNS), of: (r) => [{ method: 'generalise_hierarchy', hierarchy: 'place', level: 1 + r.below(2) }] },
    { name: '备注', cell: (r, p) => r.maybe(0.2) ? `请致电138${String(10000000 + p)}或 jan${p}@example.nl` : '无', of: () => [{ method: 'redact' }, { method: 'drop' }] },
    { name: '病名', cell: (r) => r.pick(['流感', '哮喘', '痛风', '肺炎', '心绞痛', '胃炎']), of: () => [] },
];
const QUASI = ['age', '区划', '街区'], SENSITIVE = '病名';

function table(folder, seed, name = 'in.csv') {
    const r = random(seed), rows = 150 + r.below(350), lines = [COLUMNS.map((c) => c.name).join(',')];
    for (let i = 0; i < rows; i++) {
        const person = r.below(rows / 3);
        lines.push(COLUMNS.map((c) => r.maybe(0.02) && c.name !== '身份证号' && c.name !== SENSITIVE && c.name !== '街区' ? '' : c.cell(r, person)).join(','));
    }
    return write(folder, name, lines.join('\n') + '\n');
}

function plan(seed) {
    const r = random(seed), at = (name) => COLUMNS.findIndex((c) => c.name === name), steps = [];
    COLUMNS.forEach((c, column) => {
        const step = r.maybe(0.8) ? r.pick(c.of(r).concat([undefined])) : undefined;
        if (step) steps.push({ column, name: c.name, ...step });
    });
    const k = r.pick([0, 2, 5]), column = at(SENSITIVE), of = { column, name: SENSITIVE };
    const models = k ? r.pick([[], [], [{ model: 'distinct_l_diversity', threshold: '2', ...of }], [{ model: 'entropy_l_diversity', threshold: '1.5', ...of }],
        [{ model: 'recursive_l_diversity', threshold: '2', c: '3', ...of }], [{ model: 'equal_distance_t_closeness', threshold: '0.6', ...of }]]) : [];
    return { plan: 2, k, quasi: k ? QUASI.map((name) => ({ column: at(name), name })).sort((a, b) => a.column - b.column) : [], steps,
        ...(models.length && { models }), ...(steps.some((s) => s.hierarchy) && { hierarchies: [{ name: 'place', rows: TREE }] }),
        ...(r.maybe(0.3) && { sample: { share: '0.5' } }) };
}

test('whatever random plans make of random tables is what they say', (t) => {
    const folder = temporary(t), seen = new Set();
    let rows = 0;
    for (let seed = 1; seed <= (isFast ? 15 : 60); seed++) {
        const file = table(folder, seed), p = plan(1000 + seed), path = write(folder, 'plan.json', JSON.stringify(p));
        const out = join(folder, `${seed}.csv`), key = join(folder, `${seed}.key`);
        const told = JSON.parse(expect(EX.OK, ['protect', file, '--plan', path, '-o', out, '--new-key', key, '--json']).out);
        const got = python(path, file, out, key);
        assert.equal(got.status, 0, `seed ${seed}: ${JSON.stringify(p)}\n${got.stdout}${got.stderr}`);
        assert.equal(told.rows_out + told.suppressed + told.unsampled, told.rows_in, `seed ${seed}: every row is accounted for`);
        rows += told.rows_out;
        for (const s of p.steps) seen.add(s.method);
        for (const m of p.models ?? []) seen.add(m.model);
    }
    assert.ok(rows > 1000, 'there was something to look at');
    if (!isFast)
        assert.deepEqual([...seen].sort(), ['distinct_l_diversity', 'drop', 'entropy_l_diversity', 'equal_distance_t_closeness', 'format_preserving', 'generalise_date',
            'generalise_hierarchy', 'generalise_number', 'generalise_text', 'mask', 'pseudonym', 'recursive_l_diversity', 'redact', 'round', 'shift_date', 'top_bottom_code']);
});

test('two tables of the same persons join by every keyed method under one key, and by none under two', (t) => {
    const folder = temporary(t), name = COLUMNS[0].name;
    const others = COLUMNS.slice(1).map((c, i) => ({ column: i + 1, name: c.name, method: 'drop' }));
    for (const step of [{ method: 'pseudonym', as: 'person' }, { method: 'format_preserving', format: 'cn_id', keep: 0, as: 'person' }]) {
        const p = write(folder, 'plan.json', JSON.stringify({ plan: 2, k: 0, quasi: [], steps: [{ column: 0, name, ...step }, ...others] }));
        for (let seed = 1; seed <= 4; seed++) {
            const a = table(folder, seed, 'a.csv'), b = table(folder, seed, 'b.csv'), path = (n) => join(folder, `${step.method}-${seed}-${n}`);
            expect(EX.OK, ['protect', a, '--plan', p, '-o', path('a1'), '--new-key', path('one')]);
            expect(EX.OK, ['protect', b, '--plan', p, '-o', path('b1'), '--key', path('one')]);
            expect(EX.OK, ['protect', b, '--plan', p, '-o', path('b2'), '--new-key', path('two')]);
            const persons = new Set(readFileSync(a, 'utf8').trimEnd().split('\n').slice(1).map((l) => l.split(',')[0])).size;
            assert.equal(python('join', path('a1'), name, path('b1'), name).stdout, `${persons} ${persons}\n`);
            const [met] = python('join', path('a1'), name, path('b2'), name).stdout.split(' ');
            assert.equal(Number(met), 0, `${step.method}, seed ${seed}: two keys join`);
        }
    }
});

test('the checker itself finds a cell, a row and a group that are not what the plan says', (t) => {
    const folder = temporary(t), file = table(folder, 7), p = write(folder, 'plan.json', JSON.stringify({ plan: 2, k: 5,
        quasi: [{ column: 6, name: 'age' }], steps: [{ column: 6, name: 'age', method: 'generalise_number', width: '10', whole: true }] })), out = join(folder, 'out.csv');
    expect(EX.OK, ['protect', file, '--plan', p, '-o', out]);
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n'), put = (change) => {
        const cells = lines.map((l) => l.split(','));
        change(cells);
        const got = python(p, file, write(folder, 'forged.csv', cells.map((c) => c.join(',')).join('\n') + '\n'));
        return got.stdout;
    };
    assert.match(put(() => {}), / 0 claims broken/);
    assert.match(put((c) => { c[1][6] = '37'; }), /a value that generalise_number does not give/);
    assert.match(put((c) => { for (let i = 0; i < 400; i++) c.push(c[1]); }), /rows are missing, or were added/);
    assert.match(put((c) => c.splice(2, c.length - 5)), /a class has [1-4] rows, fewer than k=5/);
});
