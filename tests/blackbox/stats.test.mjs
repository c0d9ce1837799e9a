// Statistics with differential privacy: what is asked, what it costs, and a budget that runs out. Noise itself is tested
// in tests/unit/noise_test.c; here the program draws it from the kernel, so bounds are such that chance breaks them once
// in a thousand million runs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, node, plainTable, request, run, sql, temporary, write } from './lib.mjs';

const json = (args, options) => JSON.parse(expect(EX.OK, [...args, '--json'], options).out);
const refused = (code, args, words) => assert.match(expect(code, args).err, words);
const values = (told) => told.groups.map((g) => [...g.keys, ...g.answers.map((a) => Number(a.value))]);

function persons(t, rows = 3000) {
    const lines = ['who,town,age,pay'];
    for (let i = 0; i < rows; i++) lines.push(`p${i % 1000},${['Delft', 'Gouda', 'Hoorn'][i % 3]},${20 + i % 50},${(i % 1000) + 0.5}`);
    return write(temporary(t), 'persons.csv', lines.join('\n') + '\n');
}

test('counts, sums, means and quantiles come out near the truth, with the unit and the cost stated', (t) => {
    const told = json(['stats', persons(t), '--group-by', 'town', '--group', 'Delft', '--group', 'Gouda', '--group', 'Urk',
        '--count', '--sum', 'pay:0:1000', '--mean', 'age:0:100', '--median', 'age:0:100', '--epsilon', '5']);
    assert.deepEqual(told.unit, { of: 'row', neighbours: 'one unit more or less' });
    assert.equal(told.cost.epsilon, 5);
    assert.equal(told.cost.noise, 'laplace');
    const [delft, gouda, urk] = values(told);
    assert.ok(Math.abs(delft[1] - 1000) < 25 && Math.abs(gouda[1] - 1000) < 25 && Math.abs(urk[1]) < 25);
    assert.ok(Math.abs(delft[2] - 500000) < 25000);
    assert.ok(Math.abs(delft[3] - 44.5) < 3 && Math.abs(delft[4] - 44.5) < 8);
    assert.match(expect(EX.OK, ['stats', persons(t), '--epsilon', '1']).out, /Protected is one row/);
});

test('each person counts as often as is said, and no oftener', (t) => {
    const file = persons(t); // each of 1000 persons has 3 rows, in 3 towns or in one
    const once = json(['stats', file, '--person', 'who', '--epsilon', '5']);
    assert.deepEqual(once.unit, { of: 'person', column: 'who', rows_per_group: 1, groups: 1, neighbours: 'one unit more or less' });
    assert.ok(Math.abs(values(once)[0][0] - 1000) < 10);
    const thrice = json(['stats', file, '--person', 'who', '--rows-per-person', '3', '--epsilon', '5']);
    assert.ok(Math.abs(values(thrice)[0][0] - 3000) < 30);
});

test('groups are found only where many are, and told in the order of their names', (t) => {
    const rows = ['town', ...Array(500).fill('Zwolle'), 'Urk', ...Array(500).fill('Arnhem')];
    const file = write(temporary(t), 'towns.csv', rows.join('\n') + '\n');
    refused(EX.USAGE, ['stats', file, '--group-by', 'town', '--epsilon', '1'], /state the groups, or give a delta/);
    const told = json(['stats', file, '--group-by', 'town', '--epsilon', '1', '--delta', '1e-9']);
    assert.deepEqual(told.groups.map((g) => g.keys[0]), ['Arnhem', 'Zwolle']);
    assert.ok(told.threshold > 20 && told.cost.delta === 1e-9);
    const groups = write(temporary(t), 'groups.csv', 'town\nUrk\nZwolle\n');
    assert.deepEqual(json(['stats', file, '--group-by', 'town', '--groups', groups, '--epsilon', '1']).groups.map((g) => g.keys[0]), ['Urk', 'Zwolle']);
});

test('a histogram has every band, empty ones too', (t) => {
    const told = json(['stats', persons(t), '--group-by', 'age:0:100:25', '--epsilon', '2', '--noise', 'gaussian', '--delta', '1e-9']);
    assert.deepEqual(told.groups.map((g) => g.keys[0]), ['0-24', '25-49', '50-74', '75-100']);
    assert.equal(told.cost.delta, 1e-9);
    assert.ok(Math.abs(values(told)[1][1] - 1500) < 60);
});

test('the same question has another answer each time', (t) => {
    const file = persons(t, 90), seen = new Set();
    for (let i = 0; i < 8; i++) seen.add(json(['stats', file, '--epsilon', '0.05']).groups[0].answers[0].value);
    assert.ok(seen.size > 3);
});

test('a mean that the noise drowns is told as one that says nothing', (t) => {
    const file = persons(t, 900), ask = (column) => expect(EX.OK, ['stats', file, '--epsilon', '1', '--mean', `${column}:0:100`]).out;
    assert.match(ask('town'), /1 mean stands with \+\/- as wide as the bounds: that says nothing\. .*is\s+it a column\s+of\s+numbers/s);
    assert.doesNotMatch(ask('pay'), /says nothing/);
});

test('wrong input gets a sentence', (t) => {
    const file = persons(t, 90);
    for (const [args, words] of [
        [['--epsilon', '0'], /must be a number above 0/], [['--epsilon', 'much'], /must be a number above 0/],
        [['--epsilon', '21'], /no privacy/], [['--epsilon', '0.000001', '--count', '--sum', 'pay:0:9'], /drowns/],
        [['--epsilon', '1', '--sum', 'pay'], /COLUMN:LOW:HIGH/], [['--epsilon', '1', '--sum', 'pay:9:1'], /upside down/],
        [['--epsilon', '1', '--quantile', 'pay:1.5:0:9'], /SHARE/], [['--epsilon', '1', '--rows-per-person', '5'], /--person/],
        [['--epsilon', '1', '--group', 'x'], /--group-by/], [['--epsilon', '1', '--noise', 'pink'], /laplace or gaussian/],
        [['--epsilon', '1', '--noise', 'gaussian'], /give --delta/], [['--epsilon', '1', '--delta', '0.5', '--group-by', 'town'], /small number/],
        [['--epsilon', '1', '--dataset', 'x'], /go together/], [['--epsilon', '1', '--rows-per-person', '0'], /1 to 10000/]])
        refused(EX.USAGE, ['stats', file, ...args], words);
    refused(EX.NOINPUT, ['stats', file, '--epsilon', '1', '--mean', 'wage:0:9'], /there is no column "wage"; there are: who, town/);
    const wide = write(temporary(t), 'g.csv', 'a,b\n1,2\n');
    refused(EX.DATAERR, ['stats', file, '--epsilon', '1', '--group-by', 'town', '--groups', wide], /has 2 columns/);
});

// ---- Budgets

const lin = (data) => ['--data', data, '--party', 'transport', '--member', 'lin', '--key', join(data, 'keys/transport.key')];

function governed(t) {
    const { folder, data } = node(t);
    const file = write(folder, 'plain.csv', plainTable(300));
    const stored = json(request(file, data, 'store', '--yes'));
    assert.equal(stored.outcome.result, 'done');
    return { folder, data, file, dataset: sql(data, 'SELECT id FROM dataset') };
}

test('a budget is agreed to, spent by acts, and denied when it is spent', (t) => {
    const { folder, data, file, dataset } = governed(t);
    const ask = (consumer, ...more) => ['stats', file, ...lin(data), '--dataset', dataset, '--consumer', consumer, ...more];
    refused(EX.NOPERM, ask('acme', '--epsilon', '1'), /no budget/);
    expect(EX.OK, ['stats', 'agree', dataset, ...lin(data), '--consumer', 'acme', '--epsilon', '2']);
    const first = json(ask('acme', '--epsilon', '1.5'));
    assert.deepEqual([first.budget.consumer, first.budget.epsilon, first.budget.spent, first.budget.answers], ['acme', 2, 1.5, 1]);
    assert.equal(first.outcome.result, 'done');
    // Spent but for a half: this is too much, is told so, recorded, and costs nothing.
    const denied = expect(EX.NOPERM, ask('acme', '--epsilon', '0.6'));
    assert.match(denied.err, /epsilon 2 at delta 0: 1\.5 of it is spent by 1 answers, and this one would bring it to 2\.1/);
    assert.equal(denied.out, '');
    assert.equal(json(ask('acme', '--epsilon', '0.5')).budget.spent, 2);
    refused(EX.NOPERM, ask('acme', '--epsilon', '0.000001'), /2 of it is spent/);
    // Gaussian noise and found groups cost delta, of which there is none.
    refused(EX.NOPERM, ask('health', '--epsilon', '1'), /no budget/);
    expect(EX.OK, ['stats', 'agree', dataset, ...lin(data), '--consumer', 'health', '--epsilon', '2']);
    refused(EX.NOPERM, ask('health', '--epsilon', '1', '--noise', 'gaussian', '--delta', '1e-9'), /would bring it to inf/);
    assert.equal(sql(data, "SELECT COUNT(*) FROM act WHERE verb = 'spend'"), '2');
    assert.equal(sql(data, "SELECT COUNT(*) FROM act WHERE verb = 'deny'"), '5');
    // Another file than the dataset's isn't answered from its budget.
    const other = write(folder, 'other.csv', plainTable(301));
    refused(EX.TEMPFAIL, ['stats', other, ...lin(data), '--dataset', dataset, '--consumer', 'health', '--epsilon', '1'], /isn't what any version/);
    const list = json(['stats', 'list', '--data', data]);
    assert.deepEqual(list.budgets.map((b) => [b.consumer, b.epsilon, b.spent, b.answers]), [['acme', 2, 2, 2], ['health', 2, 0, 0]]);
    expect(EX.OK, ['verify', '--data', data]);
});

test('many answers with Gaussian noise cost less than their sum, by zCDP', (t) => {
    const { data, file, dataset } = governed(t);
    expect(EX.OK, ['stats', 'agree', dataset, ...lin(data), '--consumer', 'public', '--epsilon', '1', '--delta', '1e-6']);
    let told;
    for (let i = 0; i < 9; i++)
        told = json(['stats', file, ...lin(data), '--dataset', dataset, '--consumer', 'public', '--epsilon', '0.3', '--delta', '1e-6', '--noise', 'gaussian']);
    assert.ok(told.budget.spent > 0.85 && told.budget.spent < 1, `${told.budget.spent}: 9 times 0.3 would be 2.7`);
    // A new budget counts in the place of the old one; what was spent stays spent.
    expect(EX.OK, ['stats', 'agree', dataset, ...lin(data), '--consumer', 'public', '--epsilon', '0.5', '--delta', '1e-6']);
    refused(EX.NOPERM, ['stats', file, ...lin(data), '--dataset', dataset, '--consumer', 'public', '--epsilon', '0.01'], /is spent by 9 answers/);
});

test('only the party whose dataset it is agrees, by a member with the duty, with its key', (t) => {
    const { data, dataset } = governed(t);
    const health = ['--data', data, '--party', 'health', '--member', 'zhao', '--key', join(data, 'keys/health.key')];
    refused(EX.NOPERM, ['stats', 'agree', dataset, ...health, '--consumer', 'acme', '--epsilon', '1'], /is of "transport"/);
    refused(EX.NOPERM, ['stats', 'agree', dataset, '--data', data, '--party', 'transport', '--member', 'lin', '--key', join(data, 'keys/health.key'),
        '--consumer', 'acme', '--epsilon', '1'], /key/);
    refused(EX.NOINPUT, ['stats', 'agree', dataset, ...lin(data), '--consumer', 'nobody', '--epsilon', '1'], /nobody/);
    refused(EX.USAGE, ['stats', 'agree', dataset, ...lin(data), '--consumer', 'acme', '--epsilon', '25'], /at most 20/);
    assert.equal(sql(data, 'SELECT COUNT(*) FROM privacy_budget'), '0');
    assert.match(run(['stats', 'list', '--data', data]).out, /No budget was agreed to/);
});
