// The integrator is an office: with PostgreSQL several processes stand for it, one holds it, and another takes over
// within seconds when that one is killed. With SQLite whoever writes integrates.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { EX, PENDING, atEnd, expect, node, polder, server, sql, whole } from './lib.mjs';

const skip = server ? false : 'for PostgreSQL: run it by tests/postgres.py';
const raiseArgs = (data) => ['case', 'raise', 'access', '--data', data, '--party', 'acme', '--member', 'steward', '--to', 'transport',
    '--subject', 'timetables', '--json'];
const raise = (data) => JSON.parse(expect(EX.OK, raiseArgs(data)).out).outcome;
const pending = (data) => Number(sql(data, PENDING));
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(holds, ms, what) {
    for (const end = Date.now() + ms; !holds();) {
        assert.ok(Date.now() < end, `${what}, within ${ms} ms`);
        await wait(20);
    }
}

// A standing integrator; `is` says what it said last.
function follower(t, data) {
    const child = spawn(polder, ['ledger', 'integrate', '--follow', '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] });
    const f = { child, is: '', err: '', code: null };
    child.stdout.on('data', (d) => {
        f.is = d.toString().trim().split('\n').at(-1).startsWith('This') ? 'elected' : 'standing by';
    });
    child.stderr.on('data', (d) => { f.err += d; });
    f.ended = new Promise((done) => child.on('exit', (code, signal) => done(f.code = code ?? signal)));
    atEnd(t, () => child.kill('SIGKILL'));
    return f;
}

// A process that makes an act, and its outcome.
function raising(data) {
    return new Promise((done) => {
        const child = spawn(polder, raiseArgs(data), { stdio: ['ignore', 'pipe', 'ignore'] });
        let out = '';
        child.stdout.on('data', (d) => { out += d; });
        child.on('exit', (code) => done(code === 0 ? JSON.parse(out).outcome : null));
    });
}

test('in a folder of its own nobody has to stand for it', { skip: server ? 'for SQLite' : false }, (t) => {
    const { data } = node(t);
    assert.match(expect(EX.CONFIG, ['ledger', 'integrate', '--follow', '--data', data]).err, /for nodes on PostgreSQL/);
    assert.match(expect(EX.OK, ['ledger', 'integrate', '--data', data]).out, /All leaves stand in their logs/);
});

test('one process is elected, and another takes over within 5 seconds of its holder being killed', { skip, timeout: 120000 }, async (t) => {
    const { data } = node(t);
    const all = [follower(t, data), follower(t, data), follower(t, data)];
    await until(() => all.filter((f) => f.is === 'elected').length === 1 && all.every((f) => f.is), 20000, 'one is elected and the others stand by');
    const first = raise(data);
    assert.equal(first.pending, '');
    assert.ok(first.log.size > 0, 'whoever holds the office integrated the act of another process');
    assert.match(expect(EX.OK, ['ledger', 'integrate', '--data', data]).out, /Another process integrates/);
    const times = [];
    while (all.length > 1) {
        const holder = all.findIndex((f) => f.is === 'elected'), [killed] = all.splice(holder, 1);
        killed.child.kill('SIGKILL');
        const start = Date.now();
        await until(() => all.some((f) => f.is === 'elected'), 5000, 'another took over');
        times.push(Date.now() - start);
        assert.equal(all.filter((f) => f.is === 'elected').length, 1);
        assert.equal(raise(data).pending, '');
        assert.equal(pending(data), 0);
    }
    t.diagnostic(`taken over after ${times.join(' and ')} ms`);
    all[0].child.kill('SIGTERM');
    assert.equal(await all[0].ended, 0, 'ends in order');
    raise(data); // and without anybody who stands, the command does it itself
    assert.equal(pending(data), 0);
    whole(data);
});

test('holders killed again and again under load fork nothing and lose nothing', { skip, timeout: 300000 }, async (t) => {
    const { data } = node(t);
    let all = [follower(t, data), follower(t, data)], acts = 0, kills = 0, isLoaded = true;
    const loads = [1, 2].map(async () => {
        while (isLoaded) {
            const outcome = await raising(data);
            if (outcome) acts++;
        }
    });
    for (; kills < 6 || acts < 8; kills++) {
        await wait(300 + 400 * (kills % 3));
        const holder = all.find((f) => f.is === 'elected') ?? all[0];
        holder.child.kill('SIGKILL');
        all = [...all.filter((f) => f !== holder), follower(t, data)];
    }
    isLoaded = false;
    await Promise.all(loads);
    await until(() => pending(data) === 0, 10000, 'every leaf has its place');
    for (const f of all) f.child.kill('SIGTERM');
    await Promise.all(all.map((f) => f.ended));
    t.diagnostic(`${acts} acts, ${kills} kills`);
    assert.ok(acts >= 8);
    assert.equal(Number(sql(data, "SELECT COUNT(*) FROM act WHERE verb = 'request_access'")), acts, 'what was told to be done, and no more');
    expect(EX.OK, ['ledger', 'integrate', '--data', data]);
    whole(data);
});
