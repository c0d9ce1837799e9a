// kill -9 at any moment: an act is there whole, with its leaf and its rows, or not at all; a file in open/ likewise.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
    EX, PENDING, actCount, expect, isFast, node, personsTable, placed, plainTable, polder, request, server, sql, temporary, whole, write,
} from './lib.mjs';

// POLDER_KILLS=1000 for the long run.
const KILLS = Number(process.env.POLDER_KILLS) || (isFast ? 20 : 100);

// Park-Miller: a failure can be repeated by its seed.
function random(seed) {
    let state = seed;
    return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

// Runs the program and kills it after `ms`, unless it is through by then. Resolves to how it ended and what it said.
function killed(args, ms) {
    return new Promise((done) => {
        const child = spawn(polder, placed(args), { stdio: ['ignore', 'pipe', 'pipe'] });
        const timer = ms === null ? null : setTimeout(() => child.kill('SIGKILL'), ms);
        let out = '', err = '';
        child.stdout.on('data', (bytes) => { out += bytes; });
        child.stderr.on('data', (bytes) => { err += bytes; });
        child.on('close', (code, signal) => {
            clearTimeout(timer);
            done({ code, signal, out, err });
        });
    });
}

// The act whose receipt was handed out, even if the program was killed right after that; or null.
function handedOut(out) {
    try {
        return JSON.parse(out).outcome.act;
    } catch {
        return null;
    }
}

function duration(args) {
    const start = process.hrtime.bigint();
    expect(EX.OK, args);
    return Number(process.hrtime.bigint() - start) / 1e6;
}

// Each file in open/ is one that an act published, and is whole.
function published(data, where = '') {
    const rows = sql(data, 'SELECT released_as, plain_hash FROM distribution').split('\n').filter(Boolean).map((l) => l.split('|'));
    const hashes = new Map(rows);
    for (const name of readdirSync(join(data, 'open'))) {
        const hash = createHash('sha256').update(readFileSync(join(data, 'open', name))).digest('hex');
        assert.equal(hash, hashes.get(`open/${name}`), `${name} is whole and an act published it ${where}`);
    }
    return hashes;
}

function orphans(data) {
    return sql(data, `SELECT (SELECT COUNT(*) FROM act WHERE id NOT IN (SELECT act_id FROM leaf))
        + (SELECT COUNT(*) FROM leaf WHERE act_id NOT IN (SELECT id FROM act))
        + (SELECT COUNT(*) FROM distribution WHERE id NOT IN (SELECT row_id FROM act_row WHERE table_name = 'distribution'))`);
}

const where = server ? 'on PostgreSQL, beside another that writes' : 'on SQLite';
test(`killed ${KILLS} times at random moments while governing ${where}, the node stays whole`, { timeout: KILLS * 20 * 1000 }, async (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'persons.csv', personsTable(800)), other = write(folder, 'plain.csv', plainTable());
    const args = request(file, data, 'open', '--yes', '--json');
    let ms = duration(args);
    const seed = 20240229, next = random(seed), receipts = [];
    let runs = 0, kills = 0, after = 0;
    for (; kills < KILLS && runs < 4 * KILLS; runs++) {
        // Every other one in the last part, where the transaction, the tiles and the release are.
        const delay = runs % 2 ? ms * next() : ms * (0.6 + 0.4 * next());
        const at = `run ${runs} of seed ${seed}, killed after ${delay.toFixed(1)} ms`;
        const acts = actCount(data);
        // SQLite has one writer at a time. On PostgreSQL another one works all the while, and must succeed.
        const [victim, neighbour] = await Promise.all([killed(args, delay),
            server ? killed(request(other, data, 'open', '--yes', '--json'), null) : null]);
        const isKilled = victim.signal === 'SIGKILL', made = neighbour ? 1 : 0;
        if (neighbour) assert.equal(neighbour.code, EX.OK, `${at}: ${neighbour.err}`);
        receipts.push(...[victim, neighbour].map((done) => handedOut(done?.out)).filter(Boolean));
        kills += isKilled;
        ms *= isKilled ? 1.01 : 0.97; // the machine has others to serve: stay near the length of a run
        after += isKilled && actCount(data) > acts + made;
        assert.equal(orphans(data), '0', at);
        published(data, at);
        if (runs % 10 === 9) whole(data);
    }
    t.diagnostic(`${kills} of ${runs} runs were killed, ${after} of them after the commit; ${receipts.length} receipts were handed out`);
    assert.equal(kills, KILLS, 'the moments are badly chosen');
    whole(data);
    // The next command finishes what was left: every leaf has its index, every file is out.
    expect(EX.OK, args);
    assert.equal(sql(data, PENDING), '0');
    assert.equal(sql(data, 'SELECT COUNT(*) FROM outbox WHERE done_at IS NULL'), '0');
    const onLedger = new Set(sql(data, 'SELECT act_id FROM leaf').split('\n'));
    assert.deepEqual(receipts.filter((act) => !onLedger.has(act)), [], 'every receipt is of an act on the ledger');
    const hashes = published(data);
    assert.deepEqual(readdirSync(join(data, 'open')).map((n) => `open/${n}`).sort(), [...hashes.keys()].sort());
    assert.deepEqual(readdirSync(join(data, 'staging')), []);
    whole(data);
});

test('killed while being founded, a node can be founded again', { timeout: KILLS * 20 * 1000 }, async (t) => {
    const folder = temporary(t);
    const args = (data) => ['init', '--data', data, '--origin', 'data.example.gov', '--law', 'cn', '--party', 'transport', '--member', 'lin:steward'];
    const ms = duration(args(join(folder, 'first')));
    const next = random(7);
    for (let i = 0; i < KILLS / 5; i++) {
        const data = join(folder, `n${i}`);
        const delay = ms * next();
        await killed(args(data), delay);
        const isFounded = existsSync(join(data, 'ledger/public/checkpoint'));
        const again = expect([EX.OK, EX.TEMPFAIL], args(data), {});
        if (!isFounded && again.code !== EX.OK)
            assert.match(again.err, /node/, `kill ${i} after ${delay.toFixed(1)} of ${ms.toFixed(1)} ms`);
        expect(EX.OK, request(write(folder, 'plain.csv', plainTable()), data, 'open', '--yes'));
        whole(data);
    }
});
