// What the node does by itself: a duty that became overdue is recorded, once, by whoever writes next or by
// polder job run, and its case is escalated.
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, actCount, expect, node, plainTable, request, sql, temporary, whole, write } from './lib.mjs';

const json = (code, args) => JSON.parse(expect(code, [...args, '--json']).out);
const jobs = (data, ...more) => json(EX.OK, ['job', 'list', '--data', data, ...more]).jobs;
const runJobs = (data) => json(EX.OK, ['job', 'run', '--data', data]);

// A node whose law wants a demand answered, and a publication reported, at once.
function nodeInHaste(t) {
    const folder = temporary(t), data = join(folder, 'node'), law = join(folder, 'law');
    cpSync('law', law, { recursive: true });
    writeFileSync(join(law, 'node', 'x.cedar'),
        '@id("node.x.answer.duty") @title("t") @obligation("answer(within=0h)")\n'
        + 'permit (principal, action == Polder::Action::"request_access", resource);\n'
        + '@id("node.x.report.duty") @title("t") @obligation("report(authority;within=0h)")\n'
        + 'permit (principal, action == Polder::Action::"open", resource);\n');
    expect(EX.OK, ['init', '--data', data, '--origin', 'test.polder.example', '--law', 'cn', '--law-dir', law,
        '--party', 'transport', '--party', 'acme:enterprise:company', '--member', 'transport/lin:steward']);
    return { folder, data };
}

const raise = (data) => json(EX.OK, ['case', 'raise', 'demand', '--data', data, '--party', 'acme', '--member', 'steward', '--to', 'transport',
    '--subject', 'timetables']).case;

test('a clock leaves a job for the moment at which it is due, and nothing is done before', (t) => {
    const { folder, data } = node(t);
    expect(EX.OK, ['case', 'raise', 'access', '--data', data, '--party', 'acme', '--member', 'steward', '--to', 'transport', '--subject', 's']);
    const clocks = json(EX.OK, ['clock', 'list', '--data', data]).clocks.filter((c) => c.due || c.why);
    const [anchor, ...watching] = jobs(data).sort((a, b) => (a.kind < b.kind ? -1 : 1));
    assert.deepEqual([anchor.kind, anchor.subject, anchor.state], ['anchor', new Date().toISOString().slice(0, 10), 'waiting']);
    assert.deepEqual(watching.map((j) => [j.kind, j.subject, j.state]), clocks.map((c) => ['clock', c.clock, 'waiting']));
    const before = actCount(data);
    assert.deepEqual(runJobs(data), { polder: 1, done: 0, postponed: 0, failed: 0, given_up: 0, pending: '' });
    assert.equal(actCount(data), before);
    expect(EX.OK, request(write(folder, 'p.csv', plainTable()), data, 'open', '--yes'));
    assert.match(expect(EX.OK, ['job', 'list', '--data', data]).out, /^\d+ jobs?\n/);
    whole(data);
});

test('what is overdue is recorded by the command that writes, once, and the case is escalated', (t) => {
    const { data } = nodeInHaste(t), id = raise(data);
    const c = json(EX.OK, ['case', 'show', id, '--data', data]);
    assert.deepEqual([c.state, c.overdue, c.thread.map((e) => e.step)], ['escalated', true, ['raise', 'escalate']]);
    const late = c.clocks.find((k) => k.obligation === 'answer(within=0h)');
    assert.equal(late.state, 'overdue');
    assert.ok(late.noted_at);
    const act = json(EX.OK, ['act', 'show', c.thread[1].act, '--data', data]);
    assert.deepEqual([act.verb, act.outcome, act.log.name, act.record.overdue.clock], ['register', 'done', 'restricted', late.clock]);
    assert.equal(jobs(data).filter((j) => j.subject === late.clock).length, 0);
    assert.equal(jobs(data, '--all').find((j) => j.subject === late.clock).state, 'done');
    const before = actCount(data);
    assert.equal(runJobs(data).done, 0);
    assert.equal(actCount(data), before);
    assert.deepEqual(json(EX.OK, ['case', 'list', '--overdue', '--data', data]).cases.map((k) => k.case), [id]);
    expect(EX.OK, ['case', 'answer', id, '--data', data, '--party', 'transport', '--member', 'lin',
        '--key', join(data, 'keys/transport.key'), '--text', 'late, but here']);
    assert.deepEqual(json(EX.OK, ['case', 'list', '--overdue', '--data', data]).cases, []);
    assert.equal(json(EX.OK, ['law', 'replay', '--data', data]).unread.length, 0);
    whole(data);
});

test('the record of a publication that was not reported is public, and names what and which article', (t) => {
    const { folder, data } = nodeInHaste(t);
    const { outcome } = json(EX.OK, request(write(folder, 'p.csv', plainTable()), data, 'open', '--yes'));
    const leaves = json(EX.OK, ['ledger', 'show', '--data', data]).leaves.map((l) => l.leaf);
    const open = leaves.find((l) => l.act === outcome.act), late = leaves.at(-1);
    assert.deepEqual([late.verb, late.outcome, late.object, late.articles, late.v], ['register', 'done', open.object, ['node.x.report.duty'], 1]);
    assert.equal(late.commitments, undefined);
    whole(data);
});

test('a command that only reads, or fails, does no job', (t) => {
    const { data } = nodeInHaste(t), id = raise(data);
    sql(data, `UPDATE job SET state = 'waiting'`);
    expect(EX.OK, ['clock', 'list', '--data', data]);
    expect(EX.USAGE, ['case', 'answer', id, '--data', data, '--party', 'transport', '--member', 'lin',
        '--key', join(data, 'keys/transport.key'), '--text', '']);
    assert.ok(jobs(data).length > 0);
    assert.ok(runJobs(data).done > 0);
    assert.equal(jobs(data).filter((j) => j.state === 'done').length, 0);
});

test('a job that fails is told, tried again later, and keeps its reason', (t) => {
    const { data } = node(t);
    sql(data, `INSERT INTO job VALUES ('01936b1e-0000-7000-8000-000000000000', 'clock', 'no such clock', 1, 'waiting', 0, 0, '', 1)`);
    const done = json(EX.TEMPFAIL, ['job', 'run', '--data', data]);
    assert.deepEqual([done.done, done.failed], [0, 1]);
    const [job] = jobs(data);
    assert.deepEqual([job.state, job.attempts, job.last_error], ['waiting', 1, 'there is no clock no such clock']);
    assert.ok(Date.parse(job.due) > Date.now());
    assert.match(expect(EX.OK, ['job', 'list', '--data', data]).out, /after 1 attempt: there is no clock/);
    assert.equal(runJobs(data).failed, 0);
});

test('wrong input is refused in a sentence', (t) => {
    const { folder, data } = node(t);
    assert.match(expect(EX.NOINPUT, ['job', 'run', '--data', join(folder, 'none')]).err, /none/);
    assert.match(expect(EX.USAGE, ['job', 'run']).err, /--data/);
    assert.match(expect(EX.USAGE, ['job', 'list', 'x', '--data', data]).err, /x/);
    assert.match(expect(EX.USAGE, ['job', 'stop', '--data', data]).err, /job/);
});
