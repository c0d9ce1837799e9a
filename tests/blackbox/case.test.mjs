// Cases: raised by one party, owed by another, with the deadline that the law of the node states; answered,
// refused with ground and appeal, or withdrawn. Each step is an act.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
    EX, actCount, expect, node, plainTable, refused, request, sql, temporary, whole, write, stored,
} from './lib.mjs';

const DAY = 86400000;
const inList = (list, day) => list.some((i) => {
    const [from, until = from] = i.split('/');
    return from <= day && day <= until;
});

// The end of the nth working day after `start`, counted here a second time; null where the calendar ends.
function endOfWorkingDay(name, start, n) {
    const c = JSON.parse(readFileSync(`standards/calendars/${name}.json`, 'utf8'));
    const offset = Number(c.utc_offset.slice(0, 3)) * 3600000;
    let day = Math.floor((start + offset) / DAY) * DAY;
    while (n > 0) {
        const text = new Date(day += DAY).toISOString().slice(0, 10), weekday = new Date(day).getUTCDay();
        if (text > c.last) return null;
        n -= inList(c.work, text) || (weekday % 6 !== 0 && !inList(c.off, text) && !c.yearly.includes(text.slice(5)));
    }
    return new Date(day + DAY - offset).toISOString().replace('.000', '');
}

const json = (code, args) => JSON.parse(expect(code, [...args, '--json']).out);
const raise = (data, kind, party, ...more) => ['case', 'raise', kind, '--data', data, '--party', party,
    '--member', { health: 'zhao', acme: 'steward', transport: 'lin' }[party], '--subject', 'routes of 2026, sir', ...more];
const decide = (data, step, id, ...more) => ['case', step, id, '--data', data, '--party', 'transport', '--member', 'wang',
    '--key', join(data, 'keys/transport.key'), ...more];
const show = (data, id) => json(EX.OK, ['case', 'show', id, '--data', data]);
const list = (data, ...more) => json(EX.OK, ['case', 'list', '--data', data, ...more]).cases;

function nodeWithDataset(t) {
    const { folder, data } = node(t);
    expect(EX.OK, request(write(folder, 'p.csv', plainTable()), data, 'store', '--yes'));
    return { folder, data };
}

function nodeOfUnion(t) {
    const data = join(temporary(t), 'node');
    expect(EX.OK, ['init', '--data', data, '--origin', 'eu.polder.example', '--law', 'eu', '--party', 'transport:government:state_organ:NL',
        '--party', 'acme:enterprise:company:NL', '--party', 'riders:public:group:NL', '--member', 'transport/wang:owner']);
    return data;
}

test('a demand is owed by the party that holds the dataset, within the working days of the law', (t) => {
    const { data } = nodeWithDataset(t);
    const done = json(EX.OK, raise(data, 'demand', 'acme', '--dataset', 'A table'));
    assert.equal(done.outcome.log.name, 'restricted');
    assert.equal(done.outcome.intent, null);
    const c = show(data, done.case);
    assert.deepEqual([c.kind, c.state, c.overdue, c.party, c.responsible, c.answerable],
        ['demand', 'raised', false, 'acme', 'transport', ['wang']]);
    assert.deepEqual(c.dataset.title, { en: 'A table' });
    assert.deepEqual(c.thread.map((e) => [e.step, e.state, e.party, e.member, e.text]),
        [['raise', 'raised', 'acme', 'steward', 'routes of 2026, sir']]);
    const [clock] = c.clocks;
    assert.deepEqual([clock.party, clock.policy, clock.obligation], ['transport', 'cn.ogi.33.duty', 'answer(within=20wd)']);
    const due = endOfWorkingDay('cn', Date.parse(c.raised_at), 20);
    assert.equal(clock.due, due);
    if (due === null) assert.match(clock.why, /leaves the calendar/);
    assert.ok(!stored(data).includes('routes of 2026, sir'), 'the subject is sealed');
    const act = json(EX.OK, ['act', 'show', c.act, '--data', data]);
    assert.deepEqual([act.verb, act.party, act.record.case.resource_type], ['request_access', 'acme', 'Dataset']);
    whole(data);
});

test('between departments a request must be complete and approved; it is answered within ten working days', (t) => {
    const { data } = nodeWithDataset(t), args = raise(data, 'demand', 'health', '--dataset', 'A table');
    refused(data, EX.TEMPFAIL, args, /cn\.gds\.20.*head_approval.*request_complete/s);
    const key = ['--key', join(data, 'keys/health.key')];
    const attest = [...args, '--fact', 'request_complete=true', '--attest', 'head_approval=true'];
    refused(data, EX.USAGE, attest, /--key is missing/);
    refused(data, EX.USAGE, [...attest, ...key], /evidence/);
    refused(data, EX.NOPERM, [...attest, '--key', join(data, 'keys/transport.key'), '--evidence', 'x'], /key is not the one/);
    refused(data, EX.NOPERM, [...args, '--attest', 'share_class=unconditional', ...key, '--evidence', 'x'], /may not attest share_class/);
    const { case: id } = json(EX.OK, [...attest, ...key, '--evidence', 'minutes 3']);
    const [clock] = show(data, id).clocks;
    assert.deepEqual([clock.party, clock.obligation], ['transport', 'answer(within=10wd)']);
    assert.equal(clock.due, endOfWorkingDay('cn', Date.parse(show(data, id).raised_at), 10));
    const leaf = json(EX.OK, ['ledger', 'show', '--log', 'restricted', '--data', data]).leaves.at(-1).leaf;
    assert.deepEqual([leaf.v, leaf.verb, leaf.object], [2, 'request_access', { kind: 'case', id }]);
    assert.ok(leaf.key, 'signed by the party that raised it');
    whole(data);
});

test('in the Union a person is answered within a month, an enterprise within twenty working days', (t) => {
    const data = nodeOfUnion(t);
    const access = json(EX.OK, ['case', 'raise', 'access', '--data', data, '--party', 'riders', '--member', 'steward', '--to', 'transport',
        '--subject', 'what do you hold of me']);
    const c = show(data, access.case), start = new Date(Date.parse(c.raised_at) + 2 * 3600000);
    assert.equal(c.dataset, null);
    const month = c.clocks.find((k) => k.obligation === 'answer(within=1m)');
    assert.equal(month.policy, 'eu.gdpr.12.duty');
    const last = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 2, 0)).getUTCDate();
    const day = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, Math.min(start.getUTCDate(), last));
    assert.equal(Date.parse(month.due), day + DAY - 2 * 3600000);
    assert.ok(c.clocks.some((k) => k.obligation === 'fee_cap(0)' && k.party === 'transport'));
    const demand = json(EX.OK, ['case', 'raise', 'demand', '--data', data, '--party', 'acme', '--member', 'steward', '--to', 'transport',
        '--subject', 'timetables']);
    const d = show(data, demand.case);
    const answer = d.clocks.find((k) => k.obligation === 'answer(within=20wd)');
    assert.equal(answer.due, endOfWorkingDay('eu', Date.parse(d.raised_at), 20));
    whole(data);
});

test('an answer is a signed decision of a named member: it meets the duty to answer, and is final', (t) => {
    const { folder, data } = nodeWithDataset(t);
    const { case: id } = json(EX.OK, raise(data, 'demand', 'acme', '--dataset', 'A table'));
    const text = ['--text', 'here they are'];
    refused(data, EX.NOPERM, ['case', 'answer', id, '--data', data, '--party', 'health', '--member', 'zhao',
        '--key', join(data, 'keys/health.key'), ...text], /to answer this case is for "transport"/);
    refused(data, EX.NOPERM, ['case', 'answer', id, '--data', data, '--party', 'transport', '--member', 'wang',
        '--key', join(data, 'keys/health.key'), ...text], /key is not the one/);
    refused(data, EX.NOINPUT, ['case', 'answer', id, '--data', data, '--party', 'transport', '--member', 'nobody',
        '--key', join(data, 'keys/transport.key'), ...text], /has no member "nobody"/);
    refused(data, EX.NOINPUT, ['case', 'answer', id, '--data', data, '--party', 'transport', '--member', 'wang',
        '--key', join(folder, 'none'), ...text], /none/);
    refused(data, EX.USAGE, decide(data, 'answer', id, '--text', ''), /text must be/);
    const { outcome } = json(EX.OK, decide(data, 'answer', id, ...text));
    const c = show(data, id);
    assert.deepEqual([c.state, c.thread.map((e) => e.state)], ['answered', ['raised', 'answered']]);
    assert.deepEqual(c.thread[1], { ...c.thread[1], step: 'answer', party: 'transport', member: 'wang', text: 'here they are', act: outcome.act });
    assert.deepEqual(c.clocks.map((k) => [k.state, k.met_by]), [['met', outcome.act]]);
    const act = json(EX.OK, ['act', 'show', outcome.act, '--data', data]);
    assert.deepEqual([act.verb, act.outcome], ['answer', 'permit']);
    refused(data, EX.TEMPFAIL, decide(data, 'answer', id, ...text), /this case is answered since/);
    refused(data, EX.TEMPFAIL, ['case', 'withdraw', id, '--data', data, '--party', 'acme', '--member', 'steward'], /is answered since/);
    assert.equal(json(EX.OK, ['law', 'replay', '--data', data]).unread.length, 0);
    whole(data);
});

test('a refusal needs a statutory ground and the way to appeal, and shows both', (t) => {
    const { data } = nodeWithDataset(t);
    const { case: id } = json(EX.OK, raise(data, 'demand', 'acme', '--dataset', 'A table'));
    const reasons = ['--text', 'it holds trade secrets'];
    refused(data, EX.USAGE, decide(data, 'refuse', id, ...reasons), /--ground/);
    refused(data, EX.USAGE, decide(data, 'refuse', id, ...reasons, '--ground', '', '--appeal', 'court'), /statutory ground must be/);
    refused(data, EX.USAGE, decide(data, 'refuse', id, ...reasons, '--ground', 'OGI 15', '--appeal', ''), /way to appeal must be/);
    const { outcome } = json(EX.OK, decide(data, 'refuse', id, ...reasons, '--ground', 'OGI 15', '--appeal', 'review within 60 days'));
    const [, entry] = show(data, id).thread;
    assert.deepEqual([entry.state, entry.text, entry.ground, entry.appeal],
        ['refused', 'it holds trade secrets', 'OGI 15', 'review within 60 days']);
    assert.equal(show(data, id).clocks[0].state, 'met', 'a refusal is an answer');
    assert.deepEqual([json(EX.OK, ['act', 'show', outcome.act, '--data', data]).verb, outcome.log.name], ['decide', 'restricted']);
    assert.match(expect(EX.OK, ['case', 'show', id, '--data', data]).out, /Ground: OGI 15\s+To appeal: review within 60 days/);
    whole(data);
});

test('who raised a case withdraws it, nobody else, and nothing is owed any more', (t) => {
    const { data } = nodeWithDataset(t);
    const { case: id } = json(EX.OK, raise(data, 'demand', 'acme', '--dataset', 'A table'));
    refused(data, EX.NOPERM, ['case', 'withdraw', id, '--data', data, '--party', 'transport', '--member', 'lin'],
        /to withdraw this case is for "acme"/);
    expect(EX.OK, ['case', 'withdraw', id, '--data', data, '--party', 'acme', '--member', 'steward', '--text', 'settled']);
    const c = show(data, id);
    assert.equal(c.state, 'withdrawn');
    assert.ok(c.clocks.every((k) => k.state === 'met'));
    assert.deepEqual(json(EX.OK, ['clock', 'list', '--overdue', '--data', data]).clocks, []);
    whole(data);
});

test('a duty of a case may be met by itself, by the party that owes it', (t) => {
    const { data } = nodeWithDataset(t);
    const { case: id } = json(EX.OK, raise(data, 'demand', 'acme', '--dataset', 'A table'));
    const { clock } = show(data, id).clocks[0];
    refused(data, EX.NOPERM, ['clock', 'meet', clock, '--data', data, '--party', 'acme', '--key', join(data, 'keys/acme.key'),
        '--evidence', 'x'], /the duty is that of "transport"/);
    expect(EX.OK, ['clock', 'meet', clock, '--data', data, '--party', 'transport', '--key', join(data, 'keys/transport.key'), '--evidence', 'letter 9']);
    expect(EX.OK, decide(data, 'answer', id, '--text', 'as said in letter 9'));
    assert.equal(show(data, id).state, 'answered');
    whole(data);
});

test('every kind of case can be raised; an incident is answered by who reports it', (t) => {
    const { data } = nodeWithDataset(t);
    for (const kind of ['access', 'demand', 'objection', 'correction', 'withdrawal'])
        expect(EX.OK, raise(data, kind, 'acme', '--to', 'transport'));
    const { case: id, outcome } = json(EX.OK, raise(data, 'incident', 'transport'));
    assert.equal(show(data, id).responsible, 'transport');
    assert.ok(outcome.clocks.some((c) => c.obligation.startsWith('notify(authority')));
    assert.deepEqual(list(data).map((c) => c.kind), ['access', 'demand', 'objection', 'correction', 'withdrawal', 'incident']);
    assert.equal(list(data, '--state', 'answered').length, 0);
    assert.equal(list(data, '--responsible', 'transport').length, 6);
    assert.match(expect(EX.OK, ['case', 'list', '--data', data]).out, /^6 cases\n {2}raised /);
    whole(data);
});

test('a case that the law refuses is recorded as a refusal, and no case', (t) => {
    const folder = temporary(t), data = join(folder, 'node'), law = join(folder, 'law');
    cpSync('law', law, { recursive: true });
    writeFileSync(join(law, 'node', 'x.cedar'),
        '@id("node.x.never") @title("t") forbid (principal, action == Polder::Action::"request_access", resource);\n');
    expect(EX.OK, ['init', '--data', data, '--origin', 'test.polder.example', '--law', 'cn', '--law-dir', law, '--party', 'transport',
        '--party', 'acme:enterprise:company']);
    const before = actCount(data);
    const denied = json(EX.NOPERM, raise(data, 'demand', 'acme', '--to', 'transport'));
    assert.equal(denied.case, null);
    assert.equal(denied.outcome.result, 'denied');
    assert.ok(denied.finding.voices.some((v) => v.id === 'node.x.never'));
    assert.equal(actCount(data), before + 1);
    assert.deepEqual(list(data), []);
    const blocks = json(EX.OK, ['law', 'unlock', '--data', data]).blocks;
    assert.deepEqual(blocks.map((b) => [b.name, b.unlocked.cases]), [['node.x.never', 1]]);
    whole(data);
});

test('the thread stands when the key of an entry was destroyed', (t) => {
    const { data } = nodeWithDataset(t);
    const { case: id } = json(EX.OK, raise(data, 'demand', 'acme', '--dataset', 'A table'));
    const key = sql(data, `SELECT key_id FROM case_entry WHERE case_id = '${id}'`).replaceAll('-', '');
    assert.equal(spawnSync('sqlite3', [join(data, 'keys.db'), `DELETE FROM key WHERE id = x'${key}'; SELECT changes()`],
        { encoding: 'utf8' }).stdout.trim(), '1');
    const [entry] = show(data, id).thread;
    assert.deepEqual([entry.erased, entry.text], [true, '']);
    expect(EX.OK, decide(data, 'answer', id, '--text', 'here they are'));
    assert.match(expect(EX.OK, ['case', 'show', id, '--data', data]).out, /erased: the key of this entry was destroyed/);
    const { flaws } = json(EX.SOFTWARE, ['verify', '--data', data]);
    assert.deepEqual([...new Set(flaws.map((f) => f.check))], ['key'], 'no act destroyed it, and nothing else is wrong');
});

test('a row of a case that no act wrote, or that was changed, is found', (t) => {
    const { data } = nodeWithDataset(t);
    const { case: id } = json(EX.OK, raise(data, 'demand', 'acme', '--dataset', 'A table'));
    sql(data, `UPDATE cases SET responsible_id = 'health' WHERE id = '${id}'`);
    assert.match(expect(EX.SOFTWARE, ['ledger', 'verify', '--data', data]).out, /row in cases is not what its act wrote/);
    sql(data, `UPDATE cases SET responsible_id = 'transport' WHERE id = '${id}'; DELETE FROM act_row WHERE table_name = 'case_entry'`);
    assert.match(expect(EX.SOFTWARE, ['ledger', 'verify', '--data', data]).out, /no act wrote this row in case_entry/);
});

test('wrong input is refused in a sentence and raises nothing', (t) => {
    const { folder, data } = nodeWithDataset(t), file = write(folder, 'q.csv', plainTable(70));
    expect(EX.OK, ['govern', file, '--data', data, '--party', 'health', '--member', 'zhao', '--title', 'A table', '--for', 'store',
        '--purpose', 'statistics', '--basis', 'public_task', '--yes']);
    const unknown = '01936b1e-0000-7000-8000-000000000000';
    const cases = [
        [EX.USAGE, raise(data, 'demnad', 'acme', '--to', 'transport'), /no kind of case "demnad"; did you mean "demand"\?/],
        [EX.USAGE, raise(data, 'demand', 'acme'), /who must answer\?/],
        [EX.NOINPUT, raise(data, 'demand', 'acme', '--to', 'nobody'), /no party "nobody"/],
        [EX.NOINPUT, raise(data, 'demand', 'acme', '--dataset', 'Another'), /no dataset with the id or title "Another"/],
        [EX.TEMPFAIL, raise(data, 'demand', 'acme', '--dataset', 'A table'), /several parties have a dataset "A table"/],
        [EX.USAGE, raise(data, 'demand', 'acme', '--to', 'transport', '--subject', ''), /subject/],
        [EX.USAGE, raise(data, 'demand', 'acme', '--to', 'transport', '--subject', 'x'.repeat(4001)), /subject/],
        [EX.DATAERR, raise(data, 'demand', 'acme', '--to', 'transport', '--fact', 'colour=red'), /colour/],
        [EX.USAGE, raise(data, 'demand', 'acme', '--to', 'transport', '--fact', 'request_complete=true', '--fact', 'request_complete=false'), /twice/],
        [EX.NOINPUT, ['case', 'show', unknown, '--data', data], /there is no case/],
        [EX.USAGE, ['case', 'show', 'that', '--data', data], /that/],
        [EX.NOINPUT, decide(data, 'answer', unknown, '--text', 'x'), /there is no case/],
        [EX.USAGE, ['case', 'list', '--data', data, '--state', 'closed'], /no state of a case/],
    ];
    for (const [code, args, pattern] of cases) {
        const at = args.indexOf('--subject'), twice = args.lastIndexOf('--subject');
        if (at !== twice) args.splice(at, 2);
        refused(data, code, args, pattern);
    }
    assert.deepEqual(list(data), []);
});
