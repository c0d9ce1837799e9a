// Duties that acts leave behind: dates in working days, overdue or met, and the answer as an act.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, oldNode, plainTable, refused, request, sql, stored, temporary, whole, write } from './lib.mjs';

const DUTIES = `@id("cn.x.duty") @title("t") @effective("2020-01-01")
@obligation("notify(authority;within=3wd)+report(authority;within=5000wd)+record(keep=3y)")
permit (principal, action == Polder::Action::"open", resource);
`;

// China's working days by the file that holds them, counted here a second time.
const calendar = JSON.parse(readFileSync('standards/calendars/cn.json', 'utf8'));
const DAY = 86400000;
const inList = (list, day) => list.some((i) => {
    const [from, until = from] = i.split('/');
    return from <= day && day <= until;
});
function isWorking(ms) {
    const day = new Date(ms).toISOString().slice(0, 10), weekday = new Date(ms).getUTCDay();
    return inList(calendar.work, day) || (weekday % 6 !== 0 && !inList(calendar.off, day));
}
function endOfWorkingDay(start, n) {
    let day = Math.floor((start + 8 * 3600000) / DAY) * DAY;
    while (n > 0) n -= isWorking(day += DAY);
    return day + DAY - 8 * 3600000;
}

function nodeWithDuties(t) {
    const folder = temporary(t), data = join(folder, 'node'), law = join(folder, 'law');
    cpSync('law', law, { recursive: true });
    writeFileSync(join(law, 'cn', 'x.cedar'), DUTIES);
    expect(EX.OK, ['init', '--data', data, '--origin', 'test.polder.example', '--law', 'cn', '--law-dir', law,
        '--party', 'transport', '--party', 'health', '--member', 'transport/lin:steward']);
    const done = expect(EX.OK, request(write(folder, 't.csv', plainTable()), data, 'open', '--yes', '--json'));
    return { folder, data, outcome: JSON.parse(done.out).outcome };
}

const list = (data, ...more) => JSON.parse(expect(EX.OK, ['clock', 'list', '--data', data, '--json', ...more]).out).clocks;
const duty = (clocks, kind) => clocks.find((c) => c.policy === 'cn.x.duty' && c.obligation.startsWith(kind));
const meet = (data, clock, ...more) => ['clock', 'meet', clock, '--data', data, '--party', 'transport',
    '--key', join(data, 'keys/transport.key'), '--evidence', 'letter 12', ...more];

test('a duty in working days has its date in list, report and act, or the reason why there is none', (t) => {
    const { data, outcome } = nodeWithDuties(t);
    const shown = JSON.parse(expect(EX.OK, ['act', 'show', outcome.act, '--data', data, '--json']).out);
    const clocks = list(data), now = Date.parse(shown.time);
    const notify = duty(clocks, 'notify'), report = duty(clocks, 'report');
    assert.equal(report.due, null);
    assert.match(report.why, /leaves the calendar "cn", which knows the working days from 2023-01-01 to \d{4}-12-24/);
    if (now + 20 * DAY < Date.parse(calendar.last)) {
        assert.equal(Date.parse(notify.due), endOfWorkingDay(now, 3));
        assert.equal(notify.state, 'due');
    } else {
        assert.equal(notify.due, null, 'no date is guessed');
        assert.match(notify.why, /leaves the calendar/);
    }
    assert.deepEqual(duty(outcome.clocks, 'notify'), notify);
    assert.deepEqual(duty(shown.clocks, 'notify'), notify);
    const text = expect(EX.OK, ['clock', 'list', '--data', data]).out;
    assert.match(text, /no date: the term leaves the\s+calendar/);
    assert.ok(text.includes(notify.clock));
});

test('what is past its date is overdue until it is met, and --overdue lists nothing else', (t) => {
    const { data } = nodeWithDuties(t);
    const { clock } = duty(list(data), 'notify');
    assert.deepEqual(list(data, '--overdue'), []);
    sql(data, `UPDATE clock SET due_at = 1 WHERE id = '${clock}'`);
    assert.deepEqual(list(data, '--overdue').map((c) => [c.clock, c.state]), [[clock, 'overdue']]);
    assert.match(expect(EX.OK, ['clock', 'list', '--data', data, '--overdue']).out, /^0 due, 1 overdue, 0 met/);
    expect(EX.OK, meet(data, clock));
    assert.deepEqual(list(data, '--overdue'), []);
});

test('meeting a duty is an act in the restricted log, and its evidence is sealed', (t) => {
    const { data } = nodeWithDuties(t);
    const { clock } = duty(list(data), 'notify');
    const { outcome } = JSON.parse(expect(EX.OK, meet(data, clock, '--json')).out);
    assert.equal(outcome.log.name, 'restricted');
    const met = list(data).find((c) => c.clock === clock);
    assert.equal(met.state, 'met');
    assert.equal(met.met_by, outcome.act);
    const act = JSON.parse(expect(EX.OK, ['act', 'show', outcome.act, '--data', data, '--json']).out);
    assert.equal(act.verb, 'answer');
    assert.equal(act.party, 'transport');
    assert.ok(!stored(data).includes('letter 12'));
    whole(data);
});

test('a duty is not met twice, by a stranger, with another key or without evidence', (t) => {
    const { folder, data } = nodeWithDuties(t);
    const clocks = list(data), { clock } = duty(clocks, 'notify');
    const health = ['--party', 'health', '--key', join(data, 'keys/health.key'), '--evidence', 'x'];
    refused(data, EX.NOPERM, ['clock', 'meet', clock, '--data', data, ...health], /the duty is that of "transport"/);
    refused(data, EX.NOPERM, ['clock', 'meet', clock, '--data', data, '--party', 'transport',
        '--key', join(data, 'keys/health.key'), '--evidence', 'x'], /key is not the one/);
    refused(data, EX.USAGE, ['clock', 'meet', clock, '--data', data, '--party', 'transport',
        '--key', join(data, 'keys/transport.key'), '--evidence', ''], /evidence/);
    refused(data, EX.USAGE, meet(data, 'soon'), /soon/);
    refused(data, EX.NOINPUT, ['clock', 'meet', clock, '--data', data, '--party', 'transport',
        '--key', join(folder, 'none'), '--evidence', 'x'], /none/);
    refused(data, EX.NOINPUT, meet(data, '01936b1e-0000-7000-8000-000000000000'), /there is no clock/);
    refused(data, EX.TEMPFAIL, meet(data, duty(clocks, 'record').clock), /duty to keep/);
    expect(EX.OK, meet(data, clock));
    refused(data, EX.TEMPFAIL, meet(data, clock), /was met on/);
    whole(data);
});

test('a node from before there were answers is brought up to date, and its clocks are as they were', (t) => {
    const { folder, data } = oldNode(t);
    for (const table of ['case_entry', 'cases']) sql(data, `DELETE FROM act_row WHERE table_name = '${table}'`);
    sql(data, 'DROP TABLE clock_met; DROP INDEX clock_act; DROP TABLE clock_overdue; DROP TABLE case_entry; '
        + 'DROP TABLE cases; DROP TABLE job; DROP INDEX rules_in_force; DELETE FROM schema_version WHERE version >= 2');
    assert.match(expect(EX.CONFIG, ['clock', 'list', '--data', data]).err, /older Polder/);
    assert.match(expect(EX.CONFIG, request(write(folder, 'u.csv', plainTable(70)), data, 'open', '--yes')).err, /polder upgrade/);
    expect(EX.OK, ['upgrade', '--data', data]);
    expect(EX.OK, request(join(folder, 'u.csv'), data, 'open', '--yes'));
    whole(data);
    const watched = JSON.parse(expect(EX.OK, ['job', 'list', '--data', data, '--json']).out).jobs.map((j) => j.subject);
    assert.ok(watched.includes(duty(list(data), 'notify').clock), 'clocks from before there were jobs are watched too');
    expect(EX.OK, meet(data, duty(list(data), 'notify').clock));
    whole(data);
});

test('a folder of rules may bring its own calendar, and a damaged one is refused by name', (t) => {
    const folder = temporary(t), law = join(folder, 'law');
    cpSync('law', law, { recursive: true });
    cpSync('standards/calendars', join(law, 'calendars'), { recursive: true });
    const decide = ['law', 'decide', '--for', 'store', '--law', 'cn', '--law-dir', law];
    assert.ok([EX.OK, EX.TEMPFAIL].includes(expect([EX.OK, EX.TEMPFAIL, EX.NOPERM], decide).code));
    writeFileSync(join(law, 'calendars', 'cn.json'), JSON.stringify({ ...calendar, utc_offset: '8' }));
    assert.match(expect(EX.DATAERR, decide).err, /calendars\/cn\.json:1:\d+: "utc_offset" must be an offset/);
});

const facts = join(process.env.POLDER_SHARED_DATA ?? '', 'facts/holiday-cn');
test("China's calendar is what its script derives", { skip: !existsSync(facts) }, () => {
    const made = execFileSync('script/calendar_cn.py', [facts], { encoding: 'utf8' });
    assert.equal(made, readFileSync('standards/calendars/cn.json', 'utf8'));
});
