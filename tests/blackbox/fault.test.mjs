// The disk fills up, a flush fails, the process dies: at every single call that writes, makes durable, renames, cuts or opens
// for writing. Each time the command says so and with the right code, and afterwards the node is whole: no act without its
// leaf, no receipt without its act, and the next command finishes what was begun.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { EX, PENDING, actCount, expect, isFast, node, oldNode, personsTable, plainTable, polder, request, run, sql, temporary, whole, write } from './lib.mjs';

const shim = process.env.POLDER_FAULT_SHIM ?? join(dirname(polder), 'tests', 'fault.so');
// The sanitizer's library must come first; what it passes on then meets the shim.
const sanitizer = spawnSync('ldd', [polder], { encoding: 'utf8' }).stdout.match(/\/\S*libasan\S*/)?.[0];
const PRELOAD = [sanitizer, resolve(shim)].filter(Boolean).join(' ');
const skip = existsSync(shim) ? false : `there is no ${shim}`;
// Of each kind and scenario, evenly spread; all of them where there are fewer. POLDER_FAULT_POINTS=10000 strikes every call.
const POINTS = Number(process.env.POLDER_FAULT_POINTS ?? (isFast ? 3 : 12));

const KINDS = [
    ['the disk fills up', 'all', 'ENOSPC+'],
    ['a write is cut short', 'write', 'short'],
    ['a flush fails', 'fsync', 'EIO'],
    ['a call fails once', 'all', 'EIO'],
    ['the process is killed', 'all', 'kill'],
];

// Runs with the Nth of these calls below `under` struck.
function struck(args, under, calls, n, how) {
    const log = join(under, '..', 'struck.log');
    rmSync(log, { force: true });
    const got = run(args, { env: { ...process.env, LD_PRELOAD: PRELOAD, POLDER_FAULT: `${calls}:${n}:${how}`,
        POLDER_FAULT_UNDER: realpathSync(under), POLDER_FAULT_LOG: log } });
    got.log = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n')[0] : '';
    return got;
}

// Goes through the calls of one scenario. `prepare` makes a fresh folder and says what to run; `after` looks at it.
function throughAll(t, prepare, after) {
    const count = (calls) => {
        const site = prepare();
        const { log, code, err } = struck(site.args, site.under, calls, 0, 'count');
        rmSync(site.root, { recursive: true, force: true });
        assert.equal(code, EX.OK, err);
        return Number(/^count (\d+)$/.exec(log)[1]);
    };
    for (const [what, calls, how] of KINDS) {
        const all = count(calls);
        const step = Math.max(1, all / POINTS);
        const from = all / POINTS > 1 ? Math.random() * step : 0; // others each time
        let struckCount = 0, refused = 0;
        for (let at = 1 + from; at < all + 1; at += step) {
            const n = Math.floor(at), site = prepare();
            const got = struck(site.args, site.under, calls, n, how);
            const where = `${what} at call ${n} of ${all}, ${got.log}: exit ${got.code ?? got.signal}\n${got.err}`;
            struckCount += got.log !== '';
            refused += got.code !== EX.OK;
            assert.doesNotMatch(got.err, /Sanitizer|runtime error/, where);
            if (how === 'kill' && got.log) assert.equal(got.signal, 'SIGKILL', where);
            else assert.ok([EX.OK, EX.IOERR, EX.TEMPFAIL, EX.UNAVAILABLE].includes(got.code), where);
            if (got.code !== EX.OK && got.signal === null) assert.match(got.err, /^polder: \S.{10,}/m, where);
            try {
                after(site, got);
            } catch (error) {
                error.message = `${where}\n${error.message}`;
                throw error;
            }
            rmSync(site.root, { recursive: true, force: true });
        }
        t.diagnostic(`${what}: ${struckCount} of ${all} calls struck, ${refused} runs refused`);
        assert.ok(struckCount > 0, what);
    }
}

function orphans(data) {
    return sql(data, `SELECT (SELECT COUNT(*) FROM act WHERE id NOT IN (SELECT act_id FROM leaf))
        + (SELECT COUNT(*) FROM leaf WHERE act_id NOT IN (SELECT id FROM act))
        + (SELECT COUNT(*) FROM distribution WHERE id NOT IN (SELECT row_id FROM act_row WHERE table_name = 'distribution'))`);
}

// What must hold after an act was struck, whatever became of it.
function actIsWholeOrNot(data, before, got) {
    assert.equal(orphans(data), '0');
    const acts = actCount(data);
    if (got.code === EX.OK) {
        const { outcome } = JSON.parse(got.out);
        assert.equal(sql(data, `SELECT COUNT(*) FROM act WHERE id = '${outcome.act}' AND receipt <> ''`), '1', 'a receipt was given out');
    }
    whole(data);
    // The next command finishes: indices, checkpoints, tiles, releases.
    expect(EX.OK, ['job', 'run', '--data', data]);
    assert.equal(sql(data, PENDING), '0');
    assert.equal(sql(data, 'SELECT COUNT(*) FROM outbox WHERE done_at IS NULL'), '0');
    assert.deepEqual(readdirSync(join(data, 'staging')), []);
    assert.ok(acts >= before);
    whole(data);
    if (got.code === EX.OK) {
        const { outcome } = JSON.parse(got.out);
        const shown = JSON.parse(expect(EX.OK, ['act', 'show', outcome.act, '--data', data, '--json']).out);
        assert.ok(shown.log.index >= 0, 'the receipt is on the ledger');
    }
}

// One prepared folder, copied for each strike.
function copies(t, around, make) {
    let n = 0;
    return () => {
        const root = join(around, `s${n++}`);
        mkdirSync(root);
        return { root, ...make(root) };
    };
}

function acts(t, prepareBase) {
    const around = temporary(t), { folder, data } = node(t);
    const args = prepareBase(folder, data);
    const before = actCount(data);
    throughAll(t, copies(t, around, (root) => {
        const copy = join(root, 'node');
        cpSync(data, copy, { recursive: true, preserveTimestamps: true });
        return { args: args.map((a) => (a.startsWith(data) ? copy + a.slice(data.length) : a)), under: copy, data: copy };
    }), (site, got) => actIsWholeOrNot(site.data, before, got));
}

const LONG = { timeout: 60 * 60 * 1000, skip };

test('a publication', LONG, (t) => acts(t, (folder, data) =>
    request(write(folder, 'p.csv', plainTable()), data, 'open', '--yes', '--json')));

test('data that is kept, sealed', LONG, (t) => acts(t, (folder, data) =>
    request(write(folder, 'p.csv', personsTable(50)), data, 'store', '--yes', '--json')));

test('an attestation', LONG, (t) => acts(t, (folder, data) => {
    const file = write(folder, 'p.csv', personsTable(50));
    const asked = run(request(file, data, 'share', '--recipient', 'health', '--json'));
    const { outcome } = JSON.parse(asked.out);
    return ['fact', 'attest', outcome.intent, 'consent', 'true', '--data', data, '--party', 'transport',
        '--key', join(data, 'keys/transport.key'), '--evidence', 'letter 4', '--json'];
}));

test('a key that is rotated', LONG, (t) => acts(t, (folder, data) => ['key', 'rotate', 'log/public', '--data', data, '--party', 'transport',
    '--member', 'lin', '--key', join(data, 'keys/transport.key'), '--json']));

test('a shard that is pruned', LONG, (t) => {
    const around = temporary(t), { data } = oldNode(t);
    expect(EX.OK, ['upgrade', '--data', data]);
    expect(EX.OK, ['case', 'raise', 'access', '--data', data, '--party', 'acme', '--member', 'steward', '--to', 'transport', '--subject', 's']); // anchors
    sql(data, `UPDATE log SET ends_at = ends_at - ${4 * 366 * 86400}000000 WHERE name = 'restricted/first'`);
    const prune = (d) => ['ledger', 'prune', 'restricted/first', '--data', d, '--yes', '--json'];
    const leaves = (d) => Number(sql(d, "SELECT COUNT(*) FROM leaf WHERE log = 'restricted/first'")), before = leaves(data);
    throughAll(t, copies(t, around, (root) => {
        const copy = join(root, 'node');
        cpSync(data, copy, { recursive: true, preserveTimestamps: true });
        return { args: prune(copy), under: copy, data: copy };
    }), ({ data: copy }, got) => {
        assert.ok(got.code !== EX.OK || leaves(copy) === before - 1, 'what is said to be pruned is');
        whole(copy);
        // Once more: it is done, or was; then nothing of it is left behind.
        const again = run(prune(copy));
        assert.ok(again.code === EX.OK || (again.code === EX.TEMPFAIL && /was pruned on/.test(again.err)), again.err);
        expect(EX.OK, ['job', 'run', '--data', copy]);
        assert.equal(leaves(copy), before - 1);
        assert.equal(sql(copy, 'SELECT (SELECT COUNT(*) FROM prunable) + (SELECT COUNT(*) FROM doomed_key)'), '0');
        assert.ok(!existsSync(join(copy, 'ledger/restricted/tile')));
        whole(copy);
    });
});

test('a founding', LONG, (t) => {
    const around = temporary(t);
    throughAll(t, copies(t, around, (root) => {
        const data = join(root, 'nodes');
        mkdirSync(data);
        return { args: ['init', '--data', join(data, 'n'), '--origin', 'data.example.gov', '--law', 'cn', '--party', 'transport', '--member', 'lin'],
            under: data, data: join(data, 'n') };
    }), (site, got) => {
        const again = run(site.args);
        assert.ok(again.code === EX.OK || /holds a node already/.test(again.err), again.err);
        assert.ok(got.code !== EX.OK || again.code !== EX.OK, 'what was founded is not founded twice');
        expect(EX.OK, ['job', 'run', '--data', site.data]);
        whole(site.data);
    });
});

test('an upgrade', LONG, (t) => {
    const around = temporary(t), { data } = oldNode(t);
    const schema = (d) => Number(sql(d, 'SELECT MAX(version) FROM schema_version'));
    const old = schema(data);
    throughAll(t, copies(t, around, (root) => {
        const copy = join(root, 'node');
        cpSync(data, copy, { recursive: true, preserveTimestamps: true });
        return { args: ['upgrade', '--data', copy], under: copy, data: copy };
    }), (site, got) => {
        if (got.code === EX.OK) assert.notEqual(schema(site.data), old);
        assert.equal(actCount(site.data), actCount(data));
        expect(EX.OK, ['upgrade', '--data', site.data]);
        whole(site.data);
    });
});

test('a backup', LONG, (t) => {
    const around = temporary(t), { folder, data } = node(t), first = join(folder, 'first');
    const backup = (to, keys) => ['backup', '--data', data, '--to', to, '--keys', keys, '--keep', '2', '--json'];
    mkdirSync(join(folder, 'first'));
    expect(EX.OK, backup(join(first, 'b'), join(first, 'k')));
    expect(EX.OK, backup(join(first, 'b'), join(first, 'k')));
    expect(EX.OK, request(write(folder, 'p.csv', plainTable()), data, 'open', '--yes'));
    throughAll(t, copies(t, around, (root) => {
        const copy = join(root, 'first');
        cpSync(first, copy, { recursive: true, preserveTimestamps: true });
        return { args: backup(join(copy, 'b'), join(copy, 'k')), under: copy, copy };
    }), ({ copy }, got) => {
        const to = join(copy, 'b');
        const names = () => JSON.parse(expect(EX.OK, ['backup', 'list', '--from', to, '--json']).out).backups.map((b) => b.backup);
        if (got.code === EX.OK) assert.ok(names().includes(JSON.parse(got.out).backup));
        assert.ok(names().length >= 1);
        for (const name of names()) expect(EX.OK, ['backup', 'check', '--from', to, '--at', name]);
        const made = JSON.parse(expect(EX.OK, backup(to, join(copy, 'k'))).out);
        for (const name of names()) expect(EX.OK, ['backup', 'check', '--from', to, '--at', name]);
        assert.equal(names().length, 2);
        assert.ok(!existsSync(join(to, 'unfinished')));
        assert.deepEqual(readdirSync(join(copy, 'k')).filter((f) => f.endsWith('.jsonl')), [`keys-${made.backup}.jsonl`]);
    });
});

test('a restore', LONG, (t) => {
    const around = temporary(t), { folder, data } = node(t);
    const to = join(folder, 'b'), keys = join(folder, 'k'), nodeKey = join(folder, 'node.key');
    expect(EX.OK, request(write(folder, 'p.csv', plainTable()), data, 'open', '--yes'));
    expect(EX.OK, ['backup', '--data', data, '--to', to, '--keys', keys]);
    copyFileSync(join(data, 'node.key'), nodeKey);
    chmodSync(nodeKey, 0o600);
    throughAll(t, copies(t, around, (root) => {
        mkdirSync(join(root, 'under'));
        const place = join(root, 'under', 'new');
        return { args: ['restore', '--from', to, '--keys', keys, '--node-key', nodeKey, '--data', place, '--json'], under: join(root, 'under'), place };
    }), ({ args, place }, got) => {
        if (!existsSync(join(place, 'polder.db'))) {
            assert.notEqual(got.code, EX.OK);
            expect(EX.NOINPUT, ['ledger', 'verify', '--data', place]);
            expect(EX.OK, args);
        }
        whole(place);
        assert.equal(actCount(place), actCount(data));
    });
});
