// A node whose log is witnessed: real witnesses as processes, dead, slow and lying ones beside them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { EX, actCount, checkProof, copyNode, expect, isFast, node, openNote, parseCheckpoint, parseVkey, plainTable, refused, request, run,
    sql, whole, write } from './lib.mjs';
import { Log, badServers, cosignatureTime, http, initWitness, privateKey, serveWitness } from './witness_lib.mjs';

const publicKey = (data) => readFileSync(join(data, 'ledger/public/vkey'), 'utf8').trim();
const checkpointOf = (data, file) => {
    const path = join(data, 'ledger/public', file);
    return existsSync(path) ? parseCheckpoint(openNote(readFileSync(path, 'utf8'), parseVkey(publicKey(data)))) : null;
};
let tables = 0;
// An act in the public log; its id.
function publish(folder, data) {
    tables++;
    const got = expect(EX.OK, request(write(folder, `t${tables}.csv`, plainTable(60 + tables)), data, 'open', '--yes', '--json'));
    return JSON.parse(got.out).outcome.act;
}
const standing = (data, code = EX.OK, ...more) =>
    JSON.parse(expect(code, ['ledger', 'witness', '--data', data, '--json', ...more]).out);

// So many witnesses that watch the node's public log.
async function witnesses(t, folder, data, count) {
    const all = [];
    for (let i = 0; i < count; i++) {
        const own = join(folder, `witness-${i}`), name = `w${i}.example/witness`;
        const vkey = initWitness(own, name);
        expect(EX.OK, ['witness', 'add-log', parseVkey(publicKey(data)).name, publicKey(data), '--data', own]);
        all.push(Object.assign(await serveWitness(t, own), { own, vkey, name: `w${i}` }));
    }
    return all;
}

function policyText(data, all, quorum) {
    return `log ${publicKey(data)}\n` + all.map((w) => `witness ${w.name} ${w.vkey} ${w.url}\n`).join('')
        + `group chambers ${quorum} ${all.map((w) => w.name).join(' ')}\nquorum chambers\n`;
}

const enact = (folder, data, text, ...more) => ['ledger', 'policy', write(folder, 'policy', text), '--data', data, '--party',
    'transport', '--key', join(data, 'keys/transport.key'), '--allow-http', '--allow-private', ...more];

async function witnessedNode(t, count, quorum, change = (all) => all) {
    const { folder, data } = node(t);
    const all = change(await witnesses(t, folder, data, count));
    const text = policyText(data, all, quorum);
    const enacted = expect(EX.OK, enact(folder, data, text));
    return { folder, data, all, text, policy: join(folder, 'policy'), enacted };
}

const prove = (folder, data, act, ...more) => ['ledger', 'prove', act, '--data', data, '--output', join(folder, 'p'), ...more];

test('each act is witnessed, and its proof carries the cosignature', async (t) => {
    const { folder, data, all, policy } = await witnessedNode(t, 1, 'all');
    const act = publish(folder, data);
    const newest = checkpointOf(data, 'checkpoint'), witnessed = checkpointOf(data, 'witnessed');
    assert.equal(witnessed.size, newest.size);
    assert.ok(witnessed.root.equals(newest.root));
    expect(EX.OK, prove(folder, data, act));
    const proof = readFileSync(join(folder, 'p'), 'utf8'), leaf = readFileSync(join(folder, 'p.leaf'));
    assert.equal(checkProof(proof, leaf, publicKey(data)).size, newest.size);
    const [text, lines] = proof.slice(proof.indexOf('\n\n') + 2).split('\n\n');
    const time = await cosignatureTime(lines.split('\n').slice(1).join('\n'), text + '\n', all[0].vkey);
    assert.ok(Math.abs(time - Date.now() / 1000) < 120);
    const check = ['ledger', 'verify', '--proof', join(folder, 'p'), '--leaf', join(folder, 'p.leaf')];
    assert.match(expect(EX.OK, [...check, '--policy', policy]).out, /Proven[^]*Witnessed by w0 on 20/);
    assert.deepEqual(JSON.parse(expect(EX.OK, [...check, '--policy', policy, '--json']).out).witnesses.map((w) => w.name), ['w0']);
    assert.match(expect(EX.OK, [...check, '--key', publicKey(data)]).out, /^Proven/);
    // Another quorum, another log: the same proof says nothing.
    const stranger = initWitness(join(folder, 'stranger'), 'stranger.example');
    const more = write(folder, 'more', policyText(data, [...all, { name: 'x', vkey: stranger, url: 'https://x.example' }], 'all'));
    assert.match(expect(EX.TEMPFAIL, [...check, '--policy', more]).err, /1 of 2 cosigned; without x/);
    const other = write(folder, 'other', readFileSync(policy, 'utf8').replace(/^log .*/m, `log ${new Log('o.example').vkey}`));
    expect([EX.DATAERR, EX.NOINPUT], [...check, '--policy', other]);
    expect(EX.USAGE, check);
    whole(data);
});

test('a flipped byte in the witnessed checkpoint is found, wherever it is', async (t) => {
    const { folder, data } = await witnessedNode(t, 1, 'all');
    publish(folder, data);
    const path = join(data, 'ledger/public/witnessed'), good = readFileSync(path);
    for (let i = 0; i < (isFast ? 12 : 60); i++) {
        const bad = Buffer.from(good);
        bad[Math.floor(Math.random() * bad.length)] ^= 1 << Math.floor(Math.random() * 8);
        writeFileSync(path, bad);
        assert.match(expect(EX.SOFTWARE, ['ledger', 'verify', '--data', data]).out, /FLAW log ledger\/public\/witnessed/);
    }
    rmSync(path);
    assert.match(expect(EX.SOFTWARE, ['ledger', 'verify', '--data', data]).out, /the file is missing/);
    writeFileSync(path, 'garbage');
    assert.match(run(['ledger', 'witness', '--data', data]).err, /nothing more is signed: ledger\/public\/witnessed/);
    expect(EX.OK, ['ledger', 'witness', '--data', data]); // asked, it was made anew
    whole(data);
});

test('which witnesses count is an act: its hash stands in the public log', async (t) => {
    const { data, text, enacted } = await witnessedNode(t, 1, 'any');
    assert.match(enacted.out, /transport enacted which witnesses count/);
    const log = JSON.parse(expect(EX.OK, ['ledger', 'show', '--data', data, '--json']).out);
    const leaf = log.leaves.at(-1).leaf;
    assert.deepEqual([leaf.v, leaf.verb, leaf.party], [3, 'enact', 'transport']);
    assert.equal(leaf.hashes.policy, createHash('sha256').update(text).digest('hex'));
    assert.ok(leaf.key, 'signed by the party');
    const shown = JSON.parse(expect(EX.OK, ['ledger', 'policy', '--data', data, '--json']).out);
    assert.equal(shown.policy.text, text);
    assert.deepEqual([shown.policy.allow_http, shown.policy.allow_private, shown.holds], [true, true, true]);
    sql(data, "UPDATE witness_policy SET text = REPLACE(text, 'any', 'all')");
    assert.match(expect(EX.SOFTWARE, ['ledger', 'policy', '--data', data]).err, /isn't the one that was enacted/);
    assert.match(expect(EX.SOFTWARE, ['ledger', 'verify', '--data', data]).out, /witness_policy/);
});

test('two of three are enough: one is dead, or silent, and nobody waits long', async (t) => {
    const [silent] = await badServers(t, [null]);
    const { folder, data, all } = await witnessedNode(t, 3, 2, (all) => {
        all[2].url = silent;
        return all;
    });
    const began = Date.now();
    const act = publish(folder, data);
    assert.ok(Date.now() - began < 20000, 'the silent one costs little');
    expect(EX.OK, prove(folder, data, act));
    await all[1].stop();
    const second = publish(folder, data);
    assert.match(expect(EX.UNAVAILABLE, prove(folder, data, second)).err, /proof pending.*no quorum of witnesses/);
    const seen = (id) => JSON.parse(expect(EX.OK, ['act', 'show', id, '--data', data, '--json']).out).log.witnessed;
    assert.deepEqual([seen(act), seen(second)], [true, false]);
    expect(EX.OK, prove(folder, data, second, '--unwitnessed'));
    expect(EX.OK, prove(folder, data, act));
    const state = standing(data, EX.TEMPFAIL);
    assert.ok(state.witnessed < state.size);
    assert.deepEqual(state.witnesses.map((w) => w.size === state.size), [true, false, false]);
    assert.ok(state.witnesses[1].last_error && state.witnesses[2].last_error);
    const jobs = JSON.parse(expect(EX.OK, ['job', 'list', '--data', data, '--json']).out).jobs.filter((j) => j.kind === 'witness');
    assert.equal(jobs.length, 1, 'one job, however many checkpoints');
    assert.match(jobs[0].last_error, /quorum/);
    whole(data);
});

test('a proof that was pending is completed when the witness comes back', async (t) => {
    const { folder, data, all } = await witnessedNode(t, 1, 'all');
    const port = new URL(all[0].url).port;
    await all[0].kill();
    const act = publish(folder, data);
    expect(EX.UNAVAILABLE, prove(folder, data, act));
    await serveWitness(t, all[0].own, {}, port);
    const state = standing(data);
    assert.equal(state.witnessed, state.size);
    expect(EX.OK, prove(folder, data, act));
});

test('witnesses that lie change nothing', async (t) => {
    const { folder, data } = node(t);
    const stranger = new Log(parseVkey(publicKey(data)).name); // the log's name, and another key
    const [honest] = await witnesses(t, folder, data, 1);
    const lies = {
        size: { POST: http(409, '999999\n') },
        same: { POST: http(409, '0\n') },
        words: { POST: http(409, 'many') },
        shows: { POST: http(409, '50\n'), GET: http(200, stranger.note(50)) },
        mocks: { POST: http(409, '50\n'), GET: http(200, 'not a note') },
        empty: { POST: http(200, '') },
        rubbish: { POST: http(200, '\u2014 x y\n') },
        unsigned: { POST: http(200, `\u2014 unsigned.example ${Buffer.alloc(76).toString('base64')}\n`) },
        refuses: { POST: http(422, 'no') },
        huge: { POST: http(200, 'x'.repeat(80000)) },
        redirects: { POST: http(302, '', 'Location: http://127.0.0.1:1/') },
        rude: { POST: '\0\0\0' },
    };
    const urls = await badServers(t, Object.values(lies));
    const all = [honest, ...Object.keys(lies).map((name, i) => (
        { name, url: urls[i], vkey: initWitness(join(folder, name), `${name}.example`) }))];
    expect(EX.OK, enact(folder, data, policyText(data, all, 1)));
    publish(folder, data);
    const state = standing(data);
    assert.equal(state.witnessed, state.size);
    assert.equal(state.stopped, '');
    assert.equal(state.forks.length, 0);
    const said = Object.fromEntries(state.witnesses.map((w) => [w.name, w.last_error]));
    const found = { size: /a tree that this log doesn't have/, same: /doesn't have/, words: /409 without a size/, shows: /doesn't have/,
        mocks: /doesn't have/, empty: /no cosignature/, rubbish: /no cosignature/, unsigned: /no cosignature/, refuses: /answered 422: no/,
        huge: /more than \d+ bytes/, redirects: /answered 302/, rude: /HTTP\/0\.9/ };
    assert.equal(said.w0, undefined);
    for (const [name, pattern] of Object.entries(found)) assert.match(said[name] ?? '', pattern, name);
    whole(data);
});

// Two copies of one node go their own ways: what a restored disk image, or a thief of keys, does.
function split(folder, data) {
    const copy = join(folder, 'copy');
    copyNode(data, copy);
    return copy;
}

test('a fork stops the node, which keeps both statements and says why', async (t) => {
    const { folder, data, all } = await witnessedNode(t, 2, 'all');
    publish(folder, data);
    const copy = split(folder, data);
    publish(folder, data);
    const before = checkpointOf(copy, 'checkpoint');
    const act = publish(folder, copy); // of the same size as the other's, and another tree
    const state = standing(copy, EX.SOFTWARE);
    assert.match(state.stopped, /forked, or its key is in other hands/);
    assert.ok(state.forks.length >= 1);
    const key = parseVkey(publicKey(data));
    const ours = parseCheckpoint(openNote(state.forks[0].ours, key)), theirs = parseCheckpoint(openNote(state.forks[0].theirs, key));
    assert.equal(ours.size, theirs.size);
    assert.ok(!ours.root.equals(theirs.root), 'two roots of one size, both signed');
    assert.equal(state.witnessed, before.size, 'the witnessed one stays as it was');
    const [, lines] = state.forks[0].theirs.split('\n\n');
    await cosignatureTime(lines.split('\n').slice(1).join('\n'), openNote(state.forks[0].theirs, key), all[0].vkey);

    const published = readFileSync(join(copy, 'ledger/public/checkpoint'), 'utf8'), acts = actCount(copy);
    const got = expect(EX.OK, request(write(folder, 'late.csv', plainTable(99)), copy, 'open', '--yes'));
    assert.match(got.out, /its proof is pending: [^]*nothing\s+more\s+is signed or published/);
    assert.equal(actCount(copy), acts + 1, 'acts stand all the same');
    assert.equal(readFileSync(join(copy, 'ledger/public/checkpoint'), 'utf8'), published);
    expect(EX.UNAVAILABLE, prove(folder, copy, act));
    assert.match(expect(EX.OK, ['ledger', 'witness', '--dry-run', '--data', copy]).out, /STOPPED[^]*Both statements/);

    publish(folder, data); // the other one goes on
    assert.equal(standing(data).stopped, '');
});

test('an older copy signs nothing below what was witnessed', async (t) => {
    const { folder, data } = await witnessedNode(t, 1, 'all');
    publish(folder, data);
    const copy = split(folder, data);
    publish(folder, data);
    publish(folder, data);
    const missing = checkpointOf(data, 'checkpoint').size - checkpointOf(copy, 'checkpoint').size;
    assert.ok(missing >= 2);
    const state = standing(copy, EX.TEMPFAIL);
    assert.match(state.stopped, new RegExp(`${missing} are missing here.*bring back a newer backup`));
    assert.equal(state.forks.length, 0);
    const published = readFileSync(join(copy, 'ledger/public/checkpoint'), 'utf8');
    assert.match(expect(EX.OK, request(write(folder, 'l.csv', plainTable(98)), copy, 'open', '--yes')).out, /are\s+missing\s+here/);
    assert.equal(readFileSync(join(copy, 'ledger/public/checkpoint'), 'utf8'), published);

    // The witnessed checkpoint, kept apart from the database, is enough to know it.
    const third = join(folder, 'third');
    copyNode(data, third);
    cpSync(join(data, 'ledger/public/witnessed'), join(folder, 'w'));
    writeFileSync(join(third, 'ledger/public/witnessed'), readFileSync(join(folder, 'w')));
    sql(third, 'DELETE FROM witnessed');
    assert.equal(standing(third, EX.OK, '--dry-run').stopped, '');
    writeFileSync(join(third, 'ledger/public/witnessed'), readFileSync(join(folder, 'w'), 'utf8').replace(/\n\d+\n/, '\n99999\n'));
    assert.match(standing(third, EX.OK, '--dry-run').stopped, /one of 99999 was witnessed/);
});

test('a log that changes its key stays witnessed, and the policy may name both keys', async (t) => {
    const { folder, data, all, text } = await witnessedNode(t, 1, 'all');
    const old = publicKey(data);
    expect(EX.OK, ['key', 'rotate', 'log/public', '--data', data, '--party', 'transport', '--member', 'lin', '--key',
        join(data, 'keys/transport.key')]);
    const act = publish(folder, data);
    expect(EX.OK, prove(folder, data, act)); // the old key signs along: witness and policy know it
    assert.notEqual(publicKey(data), old);
    expect(EX.OK, ['witness', 'add-log', parseVkey(old).name, publicKey(data), '--data', all[0].own]);
    const both = `log ${old}\n` + text.replace(/^log .*/m, `log ${publicKey(data)}`);
    expect(EX.OK, enact(folder, data, both));
    const later = publish(folder, data);
    expect(EX.OK, prove(folder, data, later));
    const state = standing(data);
    assert.deepEqual([state.witnessed, state.stopped], [state.size, '']);
    whole(data);
    // While the witness is away: what it cosigned last is signed by a key that is no longer the log's.
    await all[0].kill();
    expect(EX.OK, ['key', 'rotate', 'log/public', '--data', data, '--party', 'transport', '--member', 'lin', '--key',
        join(data, 'keys/transport.key')]);
    const alone = publish(folder, data);
    expect(EX.OK, prove(folder, data, alone, '--unwitnessed'));
    whole(data);
});

test("a party's key has no say in the log", async (t) => {
    const { folder, data, all } = await witnessedNode(t, 1, 'all');
    publish(folder, data);
    const own = privateKey(readFileSync(join(data, 'keys/transport.key'), 'utf8'));
    const thief = new Log(parseVkey(publicKey(data)).name, { key: own });
    const answer = await fetch(`${all[0].url}/add-checkpoint`, { method: 'POST', body: thief.request(0, 5) });
    assert.equal(answer.status, 403);
});

test('a policy that nobody could be asked by, or that never held, is refused', async (t) => {
    const { folder, data } = node(t);
    const vkey = initWitness(join(folder, 'w'), 'w.example');
    const log = `log ${publicKey(data)}\n`, ok = `${log}witness w ${vkey} https://w.example\nquorum w\n`;
    const bare = ['--data', data, '--party', 'transport', '--key', join(data, 'keys/transport.key')];
    const cases = [
        ['', /no line "quorum NAME"/], ['quorum none\n', /no line for this node's log; it is: log /],
        [`${log}witness w ${vkey}\nquorum w\n`, /has no URL/], [ok.replace('https', 'http'), /without TLS, which has to be allowed/],
        [ok.replace('https', 'ftp'), /no https URL/], [ok.replace('quorum w', 'quorum v'), /line 3 of the policy/],
        [ok.replace(vkey, publicKey(data)), /one of a witness.* is wanted/, EX.CONFIG], [ok + '\x01', /control character/],
        [ok.replace(/^log .*/m, `log ${new Log('other.example').vkey}`), /no line for this node's log/], [Buffer.from([0xff]), /./],
    ];
    for (const [text, pattern, code] of cases)
        refused(data, code ?? EX.DATAERR, ['ledger', 'policy', write(folder, 'p', text), ...bare], pattern);
    const good = write(folder, 'p', ok);
    refused(data, EX.NOINPUT, ['ledger', 'policy', join(folder, 'none'), ...bare], /none/);
    refused(data, EX.USAGE, ['ledger', 'policy', good, '--data', data], /enacted by a party/);
    refused(data, EX.NOPERM, ['ledger', 'policy', good, '--data', data, '--party', 'transport', '--key', join(data, 'keys/health.key')], /not the one/);
    refused(data, EX.NOINPUT, ['ledger', 'policy', good, '--data', data, '--party', 'nobody', '--key', join(data, 'keys/health.key')], /nobody/);
    assert.match(expect(EX.OK, ['ledger', 'policy', '--data', data]).out, /has no policy of witnesses/);
    // A witness on this machine, where the policy doesn't allow it, is never connected to.
    const [spy] = await badServers(t, [null]);
    const url = spy.replace('http', 'https');
    expect(EX.OK, ['ledger', 'policy', write(folder, 'p', ok.replace('https://w.example', url)), ...bare]);
    assert.match(standing(data, EX.TEMPFAIL).witnesses[0].last_error, /isn't a public one/);
    assert.equal(run(['ledger', 'verify', '--data', data]).code, EX.OK);
});

// A backup of the node, and how it is restored.
function saved(folder, data) {
    const nodeKey = join(folder, 'node.key');
    cpSync(join(data, 'node.key'), nodeKey);
    expect(EX.OK, ['backup', '--data', data, '--to', join(folder, 'backups'), '--keys', join(folder, 'keys-backup')]);
    return (name, ...more) => ['restore', '--from', join(folder, 'backups'), '--keys', join(folder, 'keys-backup'), '--node-key', nodeKey,
        '--data', join(folder, name), ...more];
}
const restored = (code, args) => JSON.parse(expect(code, [...args, '--json']).out);

test('a restored node asks its witnesses by itself, and signs nothing below what they cosigned', async (t) => {
    const { folder, data, all } = await witnessedNode(t, 3, 2);
    publish(folder, data);
    const restore = saved(folder, data), had = checkpointOf(data, 'witnessed').size;
    const same = restored(EX.OK, restore('same'));
    assert.deepEqual(same.witnesses.map((w) => [w.name, w.has_answered, w.size]), ['w0', 'w1', 'w2'].map((w) => [w, true, had]));
    assert.deepEqual(same.missing, []);
    publish(folder, data);
    publish(folder, data);
    const { size } = checkpointOf(data, 'witnessed');
    const older = restored(EX.TEMPFAIL, restore('older'));
    assert.deepEqual(older.missing, [{ log: 'public', have: had, known: size }]);
    assert.ok(older.witnesses.some((w) => w.size === size));
    const got = run(request(write(folder, 'late.csv', plainTable(97)), join(folder, 'older'), 'open', '--yes'));
    assert.equal(got.code, EX.UNAVAILABLE, got.err + got.out);
    assert.match(got.err, /missing/);
    assert.equal(checkpointOf(join(folder, 'older'), 'checkpoint').size, had);

    // Two of three answer: whatever a quorum cosigned, one of them did. The third is named.
    await all[2].kill();
    const two = restored(EX.TEMPFAIL, restore('two'));
    assert.deepEqual(two.witnesses.map((w) => w.has_answered), [true, true, false]);
    assert.match(two.witnesses[2].error, /connect|refused/i);
    assert.match(expect(EX.TEMPFAIL, restore('told')).out.replace(/\s+/g, ' '), /The witness "?w2"? could not be asked .*polder ledger witness/);

    // One of three: the other two are a quorum, and nobody knows what they cosigned.
    await all[1].kill();
    const alone = expect(EX.UNAVAILABLE, restore('alone'));
    assert.match(alone.err, /"w1" at http:\S+\/[0-9a-f]{64}\/checkpoint \(.*"w2" at .*--witnessed; or.*--without-witnesses/s);
    assert.ok(!existsSync(join(folder, 'alone/polder.db')), 'nothing was restored');
    // What an operator brings, or says, is enough.
    cpSync(join(data, 'ledger/public/witnessed'), join(folder, 'brought'));
    assert.equal(restored(EX.TEMPFAIL, restore('brought-1', '--witnessed', join(folder, 'brought'))).missing[0].known, size);
    const unasked = restored(EX.OK, restore('unasked', '--without-witnesses'));
    assert.deepEqual([unasked.witnesses, unasked.missing], [[], []]);
    // Without keys it never signs: nobody is asked.
    expect(EX.OK, ['restore', '--from', join(folder, 'backups'), '--without-keys', '--data', join(folder, 'bare')]);
});

test('what a lying witness shows of a log changes nothing at a restore, and it counts as silent', async (t) => {
    const { folder, data } = node(t);
    const stranger = new Log(parseVkey(publicKey(data)).name); // the log's name, and another key
    const urls = await badServers(t, [{ GET: http(200, stranger.note(50)) }, { GET: http(200, 'not a note') }, { GET: http(500, 'no') },
        { GET: http(200, new Log('other.example').note(5)) }, { GET: http(302, '', 'Location: http://127.0.0.1:1/') },
        { GET: http(200, 'x'.repeat(90000)) }, { GET: http(404, 'never heard of it') }]);
    const liars = urls.map((url, i) => ({ name: `l${i}`, url, vkey: initWitness(join(folder, `l${i}`), `l${i}.example`) }));
    const [honest] = await witnesses(t, folder, data, 1);
    expect(EX.OK, enact(folder, data, policyText(data, [honest, ...liars], 7)));
    publish(folder, data);
    const restore = saved(folder, data), done = restored(EX.OK, restore('all'));
    assert.deepEqual(done.witnesses.map((w) => w.has_answered), [true, false, false, false, false, false, false, true]);
    assert.deepEqual([done.witnesses[7].size, done.witnesses[7].error], [0, ''], 'it has cosigned nothing');
    const said = [/isn't signed by this log's key/, /isn't signed by this log's key/, /answered 500/, /isn't signed by this log's key/, /answered 302/, /more than/];
    said.forEach((pattern, i) => assert.match(done.witnesses[i + 1].error, pattern));
    assert.deepEqual(done.missing, []);
    // Where the liars are a quorum by themselves, the node isn't restored on their word.
    expect(EX.OK, enact(folder, data, policyText(data, [honest, ...liars], 5)));
    assert.match(expect(EX.UNAVAILABLE, saved(folder, data)('none')).err, /isn't known: "l0" at /);
});
