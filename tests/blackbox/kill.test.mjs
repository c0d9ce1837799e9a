// kill -9 at any moment: an act is there whole, with its leaf and its rows, or not at all; a file in open/ likewise.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, actCount, expect, isFast, node, personsTable, plainTable, polder, request, sql, temporary, whole, write } from './lib.mjs';

const KILLS = isFast ? 20 : 200;

// Park-Miller: a failure can be repeated by its seed.
function random(seed) {
    let state = seed;
    return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

// Runs the program and kills it after `ms`, unless it is through by then. Resolves to the signal or null.
function killed(args, ms) {
    return new Promise((done) => {
        const child = spawn(polder, args, { stdio: 'ignore' });
        const timer = setTimeout(() => child.kill('SIGKILL'), ms);
        child.on('exit', (code, signal) => {
            clearTimeout(timer);
            done(signal);
        });
    });
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

test(`killed ${KILLS} times at random moments while governing, the node stays whole`, { timeout: 20 * 60 * 1000 }, async (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'persons.csv', personsTable(800));
    const args = request(file, data, 'open', '--yes');
    let ms = duration(args);
    const seed = 20240229, next = random(seed);
    let runs = 0, kills = 0, after = 0;
    for (; kills < KILLS && runs < 4 * KILLS; runs++) {
        // Every other one in the last part, where the transaction, the tiles and the release are.
        const delay = runs % 2 ? ms * next() : ms * (0.6 + 0.4 * next());
        const acts = actCount(data);
        const isKilled = await killed(args, delay) === 'SIGKILL';
        kills += isKilled;
        ms *= isKilled ? 1.01 : 0.97; // the machine has others to serve: stay near the length of a run
        after += isKilled && actCount(data) > acts;
        const where = `run ${runs} of seed ${seed}, killed after ${delay.toFixed(1)} ms`;
        assert.equal(orphans(data), '0', where);
        published(data, where);
        if (runs % 10 === 9) whole(data);
    }
    t.diagnostic(`${kills} of ${runs} runs were killed, ${after} of them after the commit`);
    assert.equal(kills, KILLS, 'the moments are badly chosen');
    whole(data);
    // The next command finishes what was left: every leaf has its index, every file is out.
    expect(EX.OK, args);
    assert.equal(sql(data, 'SELECT COUNT(*) FROM leaf WHERE leaf_index IS NULL'), '0');
    assert.equal(sql(data, 'SELECT COUNT(*) FROM outbox WHERE done_at IS NULL'), '0');
    const hashes = published(data);
    assert.deepEqual(readdirSync(join(data, 'open')).map((n) => `open/${n}`).sort(), [...hashes.keys()].sort());
    assert.deepEqual(readdirSync(join(data, 'staging')), []);
    whole(data);
});

test('killed while being founded, a node can be founded again', { timeout: 10 * 60 * 1000 }, async (t) => {
    const folder = temporary(t);
    const args = (data) => ['init', '--data', data, '--origin', 'data.example.gov', '--law', 'cn', '--party', 'transport', '--member', 'lin:steward'];
    const ms = duration(args(join(folder, 'first')));
    const next = random(7);
    for (let i = 0; i < KILLS / 5; i++) {
        const data = join(folder, `n${i}`);
        const delay = ms * next();
        await killed(args(data), delay);
        const isFounded = existsSync(join(data, 'polder.db')) && existsSync(join(data, 'ledger/public/checkpoint'));
        const again = expect([EX.OK, EX.TEMPFAIL], args(data), {});
        if (!isFounded && again.code !== EX.OK)
            assert.match(again.err, /node/, `kill ${i} after ${delay.toFixed(1)} of ${ms.toFixed(1)} ms`);
        expect(EX.OK, request(write(folder, 'plain.csv', plainTable()), data, 'open', '--yes'));
        whole(data);
    }
});
