// Plans at the doorway: a steward's own plan may tighten what the rules demand, never loosen it; the node's thresholds say what
// groups must satisfy beside k; and what the plan says is what was published.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, node, personsTable, request, run, temporary, write } from './lib.mjs';

const told = (args) => JSON.parse(expect(EX.OK, [...args, '--json']).out);
const holds = (plan, before, after, folder) => {
    const file = write(folder, 'held.json', JSON.stringify(plan));
    const done = spawnSync('python3', ['tests/verifier/plan.py', file, before, after], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stdout + done.stderr);
};
const given = (folder, plan) => write(folder, 'given.json', JSON.stringify(plan));

test('a plan of one\'s own is signed, carried out, published, and the record holds it', (t) => {
    const folder = temporary(t), { data } = node(t), file = write(folder, 'trips.csv', personsTable());
    const found = told(request(file, data, 'open', '--dry-run')).case.plan;
    assert.equal(found.plan, 1);
    const plan = { ...found, plan: 2, k: 12, columns: ['resident_id', 'sex', 'birth_date', 'district', 'trips'] };
    plan.steps = [{ column: 0, name: 'resident_id', method: 'drop' }, { column: 1, name: 'sex', method: 'drop' },
        { column: 2, name: 'birth_date', method: 'generalise_date', date: 'decade' },
        { column: 4, name: 'trips', method: 'top_bottom_code', top: '7' }];
    const done = told(request(file, data, 'open', '--plan', given(folder, plan), '--yes'));
    assert.deepEqual(done.case.plan, plan);
    assert.equal(done.outcome.result, 'done');
    const out = join(data, done.outcome.released_as);
    holds(plan, file, out, folder);
    assert.ok(readFileSync(out, 'utf8').includes('>=7'));
    assert.ok(done.case.after.risk.k >= 12);
    expect(EX.OK, ['verify', '--data', data]);
});

test('the knee of the curve is proposed, with what it costs and how the risk would move; the steward may go back to the least', (t) => {
    const folder = temporary(t), { data } = node(t), file = write(folder, 'trips.csv', personsTable());
    const found = told(request(file, data, 'open', '--dry-run')).case, points = found.candidates;
    // Each point is stricter and no cheaper; of those that keep as many columns, the one farthest below the line.
    for (let i = 1; i < points.length; i++) assert.ok(points[i].k > points[i - 1].k && points[i].highest <= points[i - 1].highest);
    assert.deepEqual(points.map((c) => c.k), [5, 10, 15, 20, 30, 50, 100, 200]);
    assert.equal(points[0].loss, points[1].loss, 'more for nothing');
    assert.equal(points.findIndex((c) => c.chosen), 1);
    assert.equal(found.plan.k, 10);
    const by = Object.fromEntries(found.losses.map((l) => [l.column, l]));
    assert.deepEqual([by.resident_id.loss, by.resident_id.distinct_after, by.sex.loss, by.trips.loss], [1, 0, 0, 0]);
    // Non-uniform entropy of birth dates that become months, counted here.
    const births = personsTable().trim().split('\n').slice(1).map((l) => l.split(',')[2]);
    const count = (list) => list.reduce((m, v) => m.set(v, (m.get(v) ?? 0) + 1), new Map());
    const days = count(births), months = count(births.map((b) => b.slice(0, 7)));
    assert.equal(found.plan.steps.find((s) => s.name === 'birth_date').date, 'month');
    let lost = 0, most = 0;
    for (const [day, n] of days) {
        lost += n * Math.log2(months.get(day.slice(0, 7)) / n);
        most += n * Math.log2(births.length / n);
    }
    assert.ok(Math.abs(by.birth_date.loss - lost / most) < 1e-9);
    assert.ok(Math.abs(found.total_loss - (1 + lost / most) / 5) < 1e-9);
    // Whoever also knows the trips: groups of the published table, counted here.
    assert.deepEqual(found.others.map((o) => o.column), ['trips']);
    const done = told(request(file, data, 'open', '--yes'));
    const rows = readFileSync(join(data, done.outcome.released_as), 'utf8').trim().split('\n').slice(1);
    const classes = [...count(rows).values()];
    assert.deepEqual([found.others[0].smallest, found.others[0].unique_share], [Math.min(...classes), classes.filter((n) => n === 1).length / rows.length]);
    // The least that the rules let may be asked for, and is told to be somebody's own.
    const least = told(request(file, data, 'open', '--dry-run', '--plan', given(folder, { ...found.plan, k: 5 })));
    assert.deepEqual([least.case.plan.k, least.case.given, least.case.candidates.some((c) => c.chosen)], [5, true, false]);
    const report = expect(EX.OK, request(file, data, 'open', '--dry-run')).out.replace(/\s+/g, ' ');
    assert.match(report, /birth_date generalised to the month 34\.6% 252 36/);
    assert.match(report, /The rules let k=5; proposed is the knee of the curve/);
    assert.match(report, /So the risk would move if whoever looks for a person knew that column/);
});

test('for opening, counts are proposed where records would lose too much; under an agreement records are; the steward may pick them', (t) => {
    const folder = temporary(t), rules = join(folder, 'law'), data = join(folder, 'node');
    cpSync('law', rules, { recursive: true });
    const path = join(rules, 'node', 'thresholds.json'), thresholds = JSON.parse(readFileSync(path, 'utf8')), text = { en: 'a test', zh: '测试' };
    thresholds.max_record_loss_percent = { value: 25, title: text, why: text };
    writeFileSync(path, JSON.stringify(thresholds));
    expect(EX.OK, ['init', '--data', data, '--origin', 'test.polder.example', '--law', 'cn', '--law-dir', rules, '--party', 'transport',
        '--party', 'health', '--member', 'transport/lin:steward']);
    const file = write(folder, 'trips.csv', personsTable(800)), plan = join(folder, 'counts.json');
    const found = told(request(file, data, 'open', '--dry-run')).case;
    assert.deepEqual([found.choice.why, found.choice.limit], ['counts', 0.25]);
    assert.ok(found.choice.records_loss > 0.25);
    assert.equal(found.plan.aggregate, 'count');
    assert.ok(found.plan.quasi.every((q) => found.losses[q.column].loss <= 0.25));
    assert.match(expect(EX.OK, request(file, data, 'open', '--dry-run')).out.replace(/\s+/g, ' '),
        /Counts, not records: records would lose [\d.]+% of their use, more than this node's limit of 25%/);
    const done = told(request(file, data, 'open', '--yes')), out = join(data, done.outcome.released_as);
    assert.equal(done.outcome.result, 'done');
    writeFileSync(plan, JSON.stringify(done.case.plan));
    holds(done.case.plan, file, out, folder);
    assert.ok(done.case.after.risk.k >= found.plan.k && done.case.after.risk.rows === 800 - done.case.rows_suppressed);
    expect(EX.OK, ['verify', '--data', data]);
    // The steward picks records, or gives the counts as a plan.
    const records = told(request(file, data, 'open', '--dry-run', '--records')).case;
    assert.deepEqual([records.choice.why, records.plan.aggregate], ['records_wanted', undefined]);
    assert.equal(told(request(file, data, 'open', '--dry-run', '--plan', plan)).case.plan.aggregate, 'count');
    const finer = { ...done.case.plan, k: 3 };
    assert.match(expect(EX.DATAERR, request(file, data, 'open', '--dry-run', '--plan', given(folder, finer))).err, /k is 3, and they demand 5/);
    const shared = JSON.parse(run([...request(file, data, 'share', '--dry-run', '--json'), '--recipient', 'health']).out).case;
    if (shared.choice) assert.equal(shared.choice.why, 'records_under_agreement');
    assert.equal(shared.plan?.aggregate, undefined);
});

test('every field of a plan may tighten, and none loosens', (t) => {
    const folder = temporary(t), { data } = node(t), file = write(folder, 'trips.csv', personsTable());
    const found = told(request(file, data, 'open', '--dry-run')).case.plan, second = { ...found, plan: 2 };
    const replaced = (column, more) => ({ ...second, steps: found.steps.map((s) => (s.column === column ? { column, name: s.name, ...more } : s)) });
    const tighter = [{ ...replaced(2, { method: 'generalise_date', date: 'decade' }), k: 20 }, { ...second, models: [{ model: 'average_risk', threshold: '0.2' }] },
        replaced(2, { method: 'drop' }), { ...second, k: 5, sample: { share: '0.9' } },
        { ...second, steps: [...found.steps, { column: 4, name: 'trips', method: 'round', to: '5' }] },
        { ...second, quasi: [...found.quasi, { column: 4, name: 'trips' }], steps: [...found.steps, { column: 4, name: 'trips', method: 'drop' }] },
        { aggregate: 'count', k: 10, plan: 2, quasi: found.quasi, steps: found.steps.filter((s) => s.column === 2) }];
    for (const plan of tighter) told(request(file, data, 'open', '--dry-run', '--plan', given(folder, plan)));
    const looser = [[{ ...second, k: 4 }, /k is 4, and they demand 5/], [{ ...second, k: 0 }, /k is 0, and they demand 5/],
        [replaced(0, { method: 'mask', type: 'identifier' }), /"resident_id" is to be dropped/], [replaced(0, { method: 'redact' }), /"resident_id" is to be dropped/],
        [replaced(0, { method: 'format_preserving', format: 'cn_id', keep: 0 }), /"resident_id" is to be dropped/],
        [replaced(0, { method: 'round', to: '10' }), /"resident_id" is to be dropped/],
        [replaced(0, { method: 'generalise_text', keep: 1000 }), /"resident_id" is to be dropped/],
        [{ ...second, quasi: found.quasi.slice(1) }, /"sex" narrows down/],
        [{ ...second, quasi: [] , k: 0 }, /k is 0/], [{ ...second, content: 'b'.repeat(64) }, /another version/],
        [{ aggregate: 'count', k: 4, plan: 2, quasi: found.quasi, steps: [] }, /k is 4, and they demand 5/]];
    for (const [plan, words] of looser)
        assert.match(expect(EX.DATAERR, request(file, data, 'open', '--dry-run', '--plan', given(folder, plan))).err, words);
});

test('what loosens the rules is refused with the place, and so is a plan for another version', (t) => {
    const folder = temporary(t), { data } = node(t), file = write(folder, 'trips.csv', personsTable());
    const found = told(request(file, data, 'open', '--dry-run')).case.plan;
    const bad = [
        [{ ...found, k: 3 }, EX.DATAERR, /loosens what the rules demand: k is 3, and they demand 5/],
        [{ ...found, steps: found.steps.filter((s) => s.column !== 0) }, EX.DATAERR, /"resident_id" is to be masked, and in the plan it is kept|"resident_id" is to be dropped, and in the plan it is kept/],
        [{ ...found, steps: [{ column: 0, name: 'resident_id', method: 'pseudonym' }, ...found.steps.filter((s) => s.column !== 0)] },
            EX.DATAERR, /"resident_id" is to be .*, and in the plan it is replaced by keyed pseudonyms/],
        [{ ...found, quasi: found.quasi.filter((q) => q.name !== 'sex') }, EX.DATAERR, /"sex" narrows down who somebody is/],
        [{ ...found, plan: 2, columns: ['resident_id', 'sex', 'born', 'district', 'trips'] }, EX.DATAERR, /another version of the table: "born" is missing, "birth_date" is new/],
        [{ ...found, plan: 2, content: 'a'.repeat(64) }, EX.DATAERR, /for content sha256:aaaa/],
        [{ ...found, k: 500 }, EX.DATAERR, /leaves no row/],
        ['no plan', EX.DATAERR, /the plan given/],
    ];
    for (const [plan, code, words] of bad)
        for (const more of [['--dry-run'], ['--yes']])
            assert.match(expect(code, request(file, data, 'open', '--plan', given(folder, plan), ...more)).err, words);
});

test('thresholds of the node that speak of sensitive columns and of risk stand in every plan that makes groups', (t) => {
    const folder = temporary(t), rules = join(folder, 'law'), data = join(folder, 'node');
    cpSync('law', rules, { recursive: true });
    const path = join(rules, 'node', 'thresholds.json'), thresholds = JSON.parse(readFileSync(path, 'utf8'));
    const text = { en: 'a test', zh: '测试' };
    for (const [name, value] of [['l_diversity', 3], ['average_risk_permille', 60], ['highest_risk_percent', 12]])
        thresholds[name] = { value, title: text, why: text };
    writeFileSync(path, JSON.stringify(thresholds));
    expect(EX.OK, ['init', '--data', data, '--origin', 'test.polder.example', '--law', 'cn', '--law-dir', rules, '--party', 'health', '--member', 'health/zhao:steward']);
    const rows = ['sex,birth_date,district,diagnosis'];
    for (let i = 0; i < 600; i++)
        rows.push(`${i % 2 ? 'female' : 'male'},${1940 + i % 40}-0${1 + i % 9}-1${i % 10},${i % 4 < 2 ? 'Luohu' : 'Nanshan'},${i % 4 < 2 && i % 40 < 8 ? 'hepatitis' : ['asthma', 'diabetes', 'flu', 'gout'][(i >> 2) * 7 % 4]}`);
    const file = write(folder, 'ill.csv', rows.join('\n') + '\n');
    const got = run(['govern', file, '--data', data, '--party', 'health', '--member', 'zhao', '--title', 'Illness', '--for', 'open',
        '--purpose', 'statistics', '--basis', 'public_task', '--dry-run', '--json']);
    const plan = JSON.parse(got.out).case.plan;
    assert.ok(plan, got.out.slice(0, 2000) + got.err);
    const { candidates } = JSON.parse(got.out).case;
    assert.equal(candidates[0].k, 9); // no person's risk over 12 %
    assert.ok(plan.k >= 9 && plan.k === candidates.find((c) => c.chosen).k);
    assert.deepEqual(plan.models.map((m) => [m.model, m.name, m.threshold]), [['distinct_l_diversity', 'diagnosis', '3'], ['average_risk', undefined, '0.06']]);
    // The same plan, carried out by itself, satisfies its models; a plan without them loosens.
    const out = join(folder, 'out.csv');
    expect(EX.OK, ['protect', file, '--plan', given(folder, plan), '-o', out]);
    holds(plan, file, out, folder);
    const without = { k: plan.k, plan: 1, quasi: plan.quasi, steps: plan.steps };
    assert.match(expect(EX.DATAERR, ['govern', file, '--data', data, '--party', 'health', '--member', 'zhao', '--title', 'Illness', '--for', 'open',
        '--purpose', 'statistics', '--basis', 'public_task', '--dry-run', '--plan', given(folder, without)]).err, /distinct_l_diversity with a threshold of 3 for diagnosis/);
});
