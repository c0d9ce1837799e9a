// Keys made, replaced and destroyed by acts: what was signed or sealed with the old one, and who may.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync, verify as verifySignature } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { EX, expect, isFast, node, plainTable, polder, request, run, sql, temporary, write } from './lib.mjs';

const json = (args) => JSON.parse(expect(EX.OK, [...args, '--json']).out);
const whole = (data) => assert.match(expect(EX.OK, ['ledger', 'verify', '--data', data]).out, /./);
const actor = (data, party, member, file) =>
    ['--data', data, '--party', party, '--member', member, '--key', file ?? join(data, `keys/${party}.key`)];
const lin = (data, file) => actor(data, 'transport', 'lin', file);
const zhao = (data) => actor(data, 'health', 'zhao');
const list = (data) => json(['key', 'list', '--data', data]);
const held = (data, holder) => list(data).signing.filter((k) => k.holder === holder);
const sqlite = (path, text) => {
    const done = spawnSync('sqlite3', [path, text], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    return done.stdout.trim();
};
function refused(code, args, words) {
    assert.match(expect(code, args).err, words);
}

// An Ed25519 key of a signed note: "name+id+base64(1 || key)".
function publicKey(vkey) {
    const raw = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64');
    return createPublicKey({ format: 'der', type: 'spki',
        key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw.subarray(1)]) });
}
function signersOf(note, vkeys) {
    const at = note.indexOf('\n\n') + 1, text = Buffer.from(note.slice(0, at));
    const lines = note.slice(at + 1).trim().split('\n');
    return vkeys.filter((vkey) => lines.some((line) => {
        const [, name, base64] = /^— (\S+) (\S+)$/.exec(line);
        const bytes = Buffer.from(base64, 'base64');
        return name === vkey.split('+')[0] && bytes.subarray(0, 4).toString('hex') === vkey.split('+')[1]
            && verifySignature(null, text, publicKey(vkey), bytes.subarray(4));
    }));
}

test("a log's new key is announced by a leaf of the log, in a checkpoint that both keys signed", (t) => {
    const { data, folder } = node(t);
    const before = readFileSync(join(data, 'ledger/public/checkpoint'), 'utf8');
    const old = readFileSync(join(data, 'ledger/public/vkey'), 'utf8').trim();
    const rotated = json(['key', 'rotate', 'log/public', ...lin(data)]);
    assert.equal(rotated.old_vkey, old);
    assert.equal(rotated.outcome.log.name, 'public');
    const leaves = json(['ledger', 'show', '--data', data, '--log', 'public']).leaves;
    const leaf = leaves.at(-1).leaf;
    assert.equal(leaf.v, 3);
    assert.equal(leaf.verb, 'rotate_key');
    assert.equal(leaf.vkey, rotated.vkey);
    const checkpoint = readFileSync(join(data, 'ledger/public/checkpoint'), 'utf8');
    assert.deepEqual(signersOf(checkpoint, [old, rotated.vkey]), [old, rotated.vkey]);
    assert.equal(readFileSync(join(data, 'ledger/public/vkey'), 'utf8').trim(), rotated.vkey);
    assert.deepEqual(signersOf(before, [old]), [old], 'an older checkpoint stays verifiable');
    assert.equal(readFileSync(join(data, 'ledger/public/vkeys'), 'utf8'),
        `0 - ${old}\n${leaves.length - 1} - ${rotated.vkey}\n`);
    whole(data);

    // Proofs verify with either key.
    const proof = join(folder, 'p'), leafFile = join(folder, 'p.leaf');
    expect(EX.OK, ['ledger', 'prove', rotated.outcome.act, '--data', data, '--output', proof]);
    for (const key of [old, rotated.vkey])
        expect(EX.OK, ['ledger', 'verify', '--proof', proof, '--leaf', leafFile, '--key', key]);

    // The old key goes once another party agrees; what it signed is still told.
    const asked = json(['key', 'destroy', rotated.old_id, ...lin(data), '--reason', 'replaced', '--yes']);
    json(['key', 'agree', asked.request, ...zhao(data), '--yes']);
    const after = readFileSync(join(data, 'ledger/public/checkpoint'), 'utf8');
    assert.deepEqual(signersOf(after, [old, rotated.vkey]), [rotated.vkey]);
    const [first, second] = readFileSync(join(data, 'ledger/public/vkeys'), 'utf8').trim().split('\n');
    assert.match(first, /^0 \d+ /);
    assert.equal(second, `${leaves.length - 1} - ${rotated.vkey}`);
    const [gone] = held(data, 'log/public');
    assert.equal(gone.signs, false);
    assert.ok(gone.destroyed_by);
    whole(data);
});

test('the restricted log gets another key too, and both sign although it did not grow', (t) => {
    const { data } = node(t);
    expect(EX.OK, request(write(data + '/..', 'a.csv', plainTable()), data, 'store', '--yes'));
    const shard = sql(data, "SELECT name || ' ' || folder FROM log WHERE name <> 'public'").split(' ');
    const file = (name) => readFileSync(join(data, 'ledger', shard[1], name), 'utf8');
    const old = file('vkey').trim();
    const rotated = json(['key', 'rotate', `log/${shard[0]}`, ...lin(data)]);
    assert.deepEqual(signersOf(file('checkpoint'), [old, rotated.vkey]), [old, rotated.vkey]);
    assert.equal(file('vkey').trim(), rotated.vkey);
    whole(data);
    // An anchor that the old key's checkpoint stands behind holds after the old key is gone.
    const asked = json(['key', 'destroy', rotated.old_id, ...lin(data), '--reason', 'r', '--yes']);
    json(['key', 'agree', asked.request, ...zhao(data), '--yes']);
    whole(data);
});

test('receipts are signed with the new key from its own act on', (t) => {
    const { data } = node(t);
    const old = readFileSync(join(data, 'ledger/receipts.vkey'), 'utf8').trim();
    const rotated = json(['key', 'rotate', 'receipts', ...lin(data)]);
    assert.deepEqual(signersOf(rotated.outcome.receipt, [old, rotated.vkey]), [rotated.vkey]);
    assert.equal(readFileSync(join(data, 'ledger/receipts.vkey'), 'utf8').trim(), rotated.vkey);
    assert.match(readFileSync(join(data, 'ledger/receipts.vkeys'), 'utf8'), /^\S+Z \S+Z .+\n\S+Z - .+\n$/);
    whole(data);
});

test("what a party attested with its old key stays verifiable; the old key signs nothing more", (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'people.csv', plainTable());
    const { intent } = JSON.parse(expect(EX.TEMPFAIL, [...request(file, data, 'share', '--recipient', 'health',
        '--fact', 'is_personal=true'), '--json']).out).outcome;
    const evidence = 'file 7';
    const attested = json(['fact', 'attest', intent, 'contract', 'true', '--data', data, '--party', 'transport',
        '--key', join(data, 'keys/transport.key'), '--evidence', evidence]).outcome;
    const [before] = held(data, 'party/transport');
    copyFileSync(join(data, 'keys/transport.key'), join(folder, 'old.key'));
    chmodSync(join(folder, 'old.key'), 0o600);
    const rotated = json(['key', 'rotate', 'party/transport', ...lin(data)]);
    assert.equal(rotated.old_vkey, before.vkey);
    assert.equal(statSync(join(data, rotated.file)).mode & 0o777, 0o600);
    refused(EX.NOPERM, ['key', 'rotate', 'party/transport', ...lin(data, join(folder, 'old.key'))], /replaced|registered/);
    refused(EX.NOPERM, ['fact', 'attest', intent, 'notice_given', 'true', '--data', data, '--party', 'transport',
        '--key', join(folder, 'old.key'), '--evidence', 'x'], /replaced|registered/);
    json(['fact', 'attest', intent, 'notice_given', 'true', '--data', data, '--party', 'transport',
        '--key', join(data, rotated.file), '--evidence', 'x']);

    // The leaf of the attestation names the old key's id, and its row says when it was used.
    const leaf = json(['ledger', 'show', '--data', data, '--log', 'restricted']).leaves
        .map((l) => l.leaf).find((l) => l.act === attested.act);
    const [first, second] = held(data, 'party/transport');
    assert.equal(leaf.key.id, first.vkey.split('+')[1]);
    assert.ok(first.replaced_at && !first.current && second.current);
    const time = /^time (\S+)$/m.exec(attested.receipt)[1];
    const hash = spawnSync('sha256sum', { input: evidence, encoding: 'utf8' }).stdout.slice(0, 64);
    const text = `polder-attestation/v1\nintent ${intent}\nfact contract\nvalue true\nevidence ${hash}\ntime ${time}\nexpires never\n`;
    assert.ok(verifySignature(null, Buffer.from(text), publicKey(first.vkey), Buffer.from(leaf.key.signature, 'base64')));
    whole(data);
});

test('the node key is replaced, all keys are wrapped anew, and nothing sealed is lost', (t) => {
    const { folder, data } = node(t);
    expect(EX.OK, request(write(folder, 'a.csv', plainTable()), data, 'store', '--yes'));
    const old = readFileSync(join(data, 'node.key'));
    const act = json(['ledger', 'show', '--data', data, '--log', 'restricted']).leaves.at(-1).leaf.act;
    const rotated = json(['key', 'rotate', 'node', ...lin(data)]);
    assert.notDeepEqual(readFileSync(join(data, 'node.key')), old);
    assert.equal(statSync(join(data, 'node.key')).mode & 0o777, 0o600);
    assert.ok(!existsSync(join(data, 'node.key.next')));
    assert.equal(json(['act', 'show', act, '--data', data]).acts?.[0]?.erased ?? false, false);
    assert.equal(held(data, 'node').at(-1).vkey, rotated.vkey);
    whole(data);
    // The old one opens nothing any more, and is refused by name.
    const now = readFileSync(join(data, 'node.key'));
    write(data, 'node.key', old);
    refused(EX.SOFTWARE, ['key', 'list', '--data', data], /node\.key is not the key that wraps keys\.db/);
    write(data, 'node.key', now);
    whole(data);
});

test('a rotation of the node key that is killed leaves the old key or the new one, never a mixture', async (t) => {
    const { folder, data } = node(t);
    expect(EX.OK, request(write(folder, 'a.csv', plainTable()), data, 'store', '--yes'));
    const kills = isFast ? 6 : 30;
    for (let i = 0; i < kills; i++) {
        const child = spawn(polder, ['key', 'rotate', 'node', ...lin(data)], { stdio: 'ignore' });
        await new Promise((done) => {
            const timer = setTimeout(() => child.kill('SIGKILL'), 20 + Math.random() * 300);
            child.on('exit', () => { clearTimeout(timer); done(); });
        });
        const keys = list(data);
        expect(EX.OK, ['job', 'run', '--data', data]);
        const node = held(data, 'node').filter((k) => k.current);
        assert.equal(node.length, 1, `after kill ${i}`);
        assert.equal(keys.sealing.length, list(data).sealing.length);
        assert.ok(!existsSync(join(data, 'node.key.next')));
        whole(data);
    }
});

test('a key is destroyed by two parties, who are told before what nobody can read any more', (t) => {
    const { folder, data } = node(t);
    const stored = json(request(write(folder, 'a.csv', plainTable(60)), data, 'store', '--yes')).outcome;
    const version = json(['ledger', 'show', '--data', data, '--log', 'restricted']).leaves.at(-1).leaf.object.id;
    const files = () => readdirSync(join(data, 'vault'), { recursive: true }).length;
    const before = files();
    const shown = JSON.parse(expect(EX.TEMPFAIL, ['key', 'destroy', version, ...lin(data), '--json']).out);
    assert.deepEqual(shown.loss.lost.map((l) => [l.kind, l.id, l.rows]), [['version', version, 60]]);
    assert.ok(shown.loss.files >= 1);
    refused(EX.USAGE, ['key', 'destroy', version, ...lin(data), '--yes'], /--reason/);
    const asked = json(['key', 'destroy', version, ...lin(data), '--reason', 'contract ended', '--yes']);
    refused(EX.NOPERM, ['key', 'agree', asked.request, ...lin(data), '--yes'], /another party must agree/);
    refused(EX.NOPERM, ['key', 'agree', asked.request, ...actor(data, 'transport', 'wang'), '--yes'], /another party/);
    assert.match(expect(EX.TEMPFAIL, ['key', 'agree', asked.request, ...zhao(data)]).out, /contract ended/);
    const done = json(['key', 'agree', asked.request, ...zhao(data), '--yes']);
    const leaf = json(['ledger', 'show', '--data', data, '--log', 'restricted']).leaves.at(-1).leaf;
    assert.equal(leaf.verb, 'destroy_key');
    assert.deepEqual(leaf.object, { kind: 'version', id: version });
    assert.ok(files() < before, 'its vault files are gone');
    assert.equal(sqlite(join(data, 'keys.db'), `SELECT COUNT(*) FROM key WHERE id = x'${shown.loss.key.replaceAll('-', '')}'`), '0');
    whole(data);

    // Told whenever somebody asks for it.
    const words = new RegExp(`destroyed by the act ${done.outcome.act} on \\d{4}-\\d\\d-\\d\\d`);
    refused(EX.TEMPFAIL, ['key', 'destroy', version, ...lin(data)], words);
    refused(EX.TEMPFAIL, ['key', 'destroy', shown.loss.key, ...lin(data)], words);
    refused(EX.TEMPFAIL, ['key', 'agree', asked.request, ...zhao(data), '--yes'], /done already/);
    // The record of the act that stored it stands: it was sealed under another key.
    assert.ok(json(['act', 'show', stored.act, '--data', data]));
});

test('an act whose key was destroyed says so, its proof stands, and replay takes it as it is', (t) => {
    const { folder, data } = node(t);
    const stored = json(request(write(folder, 'a.csv', plainTable()), data, 'store', '--yes')).outcome;
    const asked = json(['key', 'destroy', stored.act, ...lin(data), '--reason', 'r', '--yes']);
    assert.deepEqual(asked.loss.lost.map((l) => l.kind).sort(), ['act', 'intent']);
    const done = json(['key', 'agree', asked.request, ...zhao(data), '--yes']);
    const words = new RegExp(`destroyed by the act\\s+${done.outcome.act} on`);
    assert.match(run(['act', 'show', stored.act, '--data', data]).out + run(['act', 'show', stored.act, '--data', data]).err, words);
    assert.match(expect(EX.OK, ['law', 'replay', '--data', data]).out, words);
    expect(EX.OK, ['ledger', 'prove', stored.act, '--data', data, '--output', join(folder, 'p')]);
    expect(EX.OK, ['ledger', 'verify', '--proof', join(folder, 'p'), '--leaf', join(folder, 'p.leaf'), '--key',
        readFileSync(join(data, 'ledger', sql(data, "SELECT folder FROM log WHERE name <> 'public'"), 'vkey'), 'utf8').trim()]);
    whole(data);
});

test('an older key store cannot bring a destroyed key back', (t) => {
    const { folder, data } = node(t);
    json(request(write(folder, 'a.csv', plainTable()), data, 'store', '--yes'));
    const version = json(['ledger', 'show', '--data', data, '--log', 'restricted']).leaves.at(-1).leaf.object.id;
    sqlite(join(data, 'keys.db'), 'PRAGMA wal_checkpoint(TRUNCATE)');
    const backup = join(folder, 'keys.db');
    copyFileSync(join(data, 'keys.db'), backup);
    const asked = json(['key', 'destroy', version, ...lin(data), '--reason', 'r', '--yes']);
    json(['key', 'agree', asked.request, ...zhao(data), '--yes']);
    for (const suffix of ['', '-wal', '-shm'])
        if (existsSync(join(data, `keys.db${suffix}`))) write(data, `keys.db${suffix}`, '');
    copyFileSync(backup, join(data, 'keys.db'));
    refused(EX.TEMPFAIL, ['act', 'show', version, '--data', data], /older than the acts/);
    expect(EX.OK, ['job', 'run', '--data', data]);
    assert.equal(sqlite(join(data, 'keys.db'), `SELECT COUNT(*) FROM key WHERE id = x'${asked.loss.key.replaceAll('-', '')}'`), '0');
    refused(EX.TEMPFAIL, ['key', 'destroy', version, ...lin(data)], /destroyed by the act/);
});

test('keys are refused that are unknown, in use, read by others, or whose actor may not', (t) => {
    const { folder, data } = node(t);
    const nobody = '01936b1e-0000-7000-8000-000000000000';
    const [log] = held(data, 'log/public'), [receipts] = held(data, 'receipts');
    refused(EX.NOINPUT, ['key', 'destroy', nobody, ...lin(data)], /is no key of this node/);
    refused(EX.USAGE, ['key', 'destroy', 'soon', ...lin(data)], /soon/);
    refused(EX.TEMPFAIL, ['key', 'destroy', log.id, ...lin(data)], /the log public signs with this key.*rotate/);
    refused(EX.TEMPFAIL, ['key', 'destroy', receipts.id, ...lin(data), '--reason', 'x', '--yes'], /receipts are signed with this key/);
    refused(EX.NOINPUT, ['key', 'agree', nobody, ...zhao(data), '--yes'], /nobody asked/);
    refused(EX.USAGE, ['key', 'rotate', 'logs', ...lin(data)], /there are log\/public/);
    refused(EX.NOINPUT, ['key', 'rotate', 'log/secret', ...lin(data)], /no log "secret"/);
    refused(EX.NOINPUT, ['key', 'rotate', 'party/nobody', ...lin(data)], /no party/);
    refused(EX.NOPERM, ['key', 'rotate', 'party/health', ...lin(data)], /only "health" itself/);
    refused(EX.NOPERM, ['key', 'rotate', 'node', ...lin(data, join(data, 'keys/health.key'))], /not the one registered|is not of/);
    refused(EX.NOINPUT, ['key', 'rotate', 'node', ...actor(data, 'transport', 'nobody')], /no member "nobody"/);
    refused(EX.NOINPUT, ['key', 'rotate', 'node', ...lin(data, join(folder, 'none'))], /none/);
    const open = join(folder, 'open.key');
    copyFileSync(join(data, 'keys/transport.key'), open);
    chmodSync(open, 0o640);
    refused(EX.NOPERM, ['key', 'rotate', 'node', ...lin(data, open)], /open to other users \(mode 0640\).*chmod 600/);
    chmodSync(join(data, 'node.key'), 0o644);
    refused(EX.NOPERM, ['key', 'list', '--data', data], /node\.key is open to other users/);
    chmodSync(join(data, 'node.key'), 0o600);
    assert.equal(list(data).signing.filter((k) => !k.current).length, 0, 'nothing has changed');
    whole(data);
});

// What a party attests, and with which key's id.
const attest = (data, intent, fact, key) => json(['fact', 'attest', intent, fact, 'true', '--data', data, '--party', 'transport',
    '--key', key, '--evidence', 'file 7']).outcome;

test('a party that lost its key has a new one once another party agrees, and is told before what that changes', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'people.csv', plainTable());
    const { intent } = JSON.parse(expect(EX.TEMPFAIL, [...request(file, data, 'share', '--recipient', 'health',
        '--fact', 'is_personal=true'), '--json']).out).outcome;
    const attested = attest(data, intent, 'contract', join(data, 'keys/transport.key'));
    const old = held(data, 'party/transport')[0].vkey;
    renameSync(join(data, 'keys/transport.key'), join(folder, 'lost.key'));
    const create = ['key', 'create', 'party/transport', '--data', data, '--member', 'lin'];
    const shown = JSON.parse(expect(EX.TEMPFAIL, [...create, '--json']).out);
    assert.deepEqual([shown.renewing.party, shown.renewing.old_vkey, shown.renewing.attested, shown.request],
        ['transport', old, 1, null]);
    assert.match(expect(EX.TEMPFAIL, create).out.replace(/\s+/g, ' '), /It attested 1 fact, the last one on .*Nothing was done/);
    refused(EX.USAGE, [...create, '--yes'], /--reason/);
    const asked = json([...create, '--reason', 'the laptop was stolen', '--yes']);
    assert.deepEqual(list(data).requests.map((r) => [r.id, r.kind, r.party, r.state]), [[asked.request, 'create', 'transport', 'asked']]);
    assert.equal(held(data, 'party/transport').at(-1).vkey, old, 'nothing has changed yet');
    refused(EX.NOPERM, ['key', 'agree', asked.request, ...lin(data, join(folder, 'lost.key')), '--yes'], /another party must agree/);
    assert.match(expect(EX.TEMPFAIL, ['key', 'agree', asked.request, ...zhao(data)]).out, /the laptop was stolen/);
    const done = json(['key', 'agree', asked.request, ...zhao(data), '--yes']);
    assert.match(done.file, /^keys\/transport\.[0-9a-f]{8}\.key$/);
    assert.equal(statSync(join(data, done.file)).mode & 0o777, 0o600);

    // The public log announces it; the old key signs nothing more, the new one does, and both are known with their times.
    const leaf = json(['ledger', 'show', '--data', data, '--log', 'public']).leaves.at(-1).leaf;
    assert.deepEqual([leaf.verb, leaf.vkey, leaf.party, leaf.object.kind], ['create_key', done.vkey, 'health', 'key']);
    refused(EX.NOPERM, ['fact', 'attest', intent, 'notice_given', 'true', '--data', data, '--party', 'transport',
        '--key', join(folder, 'lost.key'), '--evidence', 'x'], /registered/);
    attest(data, intent, 'notice_given', join(data, done.file));
    const [first, second] = held(data, 'party/transport');
    assert.deepEqual([first.vkey, second.vkey, second.current, second.made_by], [old, done.vkey, true, done.outcome.act]);
    assert.ok(first.replaced_at);
    const signed = json(['ledger', 'show', '--data', data, '--log', 'restricted']).leaves.map((l) => l.leaf)
        .find((l) => l.act === attested.act);
    assert.equal(signed.key.id, old.split('+')[1], 'what the lost key signed names it');
    refused(EX.TEMPFAIL, ['key', 'agree', asked.request, ...zhao(data), '--yes'], /done already/);
    refused(EX.TEMPFAIL, ['key', 'withdraw', asked.request, ...lin(data, join(data, done.file))], /done already/);
    assert.deepEqual(list(data).requests, []);
    whole(data);
    // And the node can be verified by the key's history alone: rotate the new one, too.
    json(['key', 'rotate', 'party/transport', ...lin(data, join(data, done.file))]);
    assert.equal(held(data, 'party/transport').length, 3);
    whole(data);
});

test('a party brings a key that it made itself, and none lies in the folder', (t) => {
    const { data } = node(t);
    const { publicKey: made } = generateKeyPairSync('ed25519');
    const name = 'test.polder.example/party/transport';
    const bytes = Buffer.concat([Buffer.from([1]), made.export({ format: 'der', type: 'spki' }).subarray(-32)]);
    const id = createHash('sha256').update(name + '\n').update(bytes).digest('hex').slice(0, 8);
    const vkey = `${name}+${id}+${bytes.toString('base64')}`;
    const before = readdirSync(join(data, 'keys'));
    const create = (vkey) => ['key', 'create', 'party/transport', '--data', data, '--member', 'lin', '--vkey', vkey, '--reason', 'r', '--yes'];
    const other = vkey.replace('transport', 'transports');
    refused(EX.DATAERR, create(other), /verifier key of the party/);
    refused(EX.DATAERR, create('soon'), /verifier key/);
    refused(EX.DATAERR, create(held(data, 'party/transport')[0].vkey), /is the key which "transport" has/);
    const asked = json(create(vkey));
    const done = json(['key', 'agree', asked.request, ...zhao(data), '--yes']);
    assert.deepEqual([done.vkey, done.file], [vkey, '']);
    assert.deepEqual(readdirSync(join(data, 'keys')), before);
    assert.equal(held(data, 'party/transport').at(-1).vkey, vkey);
    whole(data);
});

test('a request for a new key is refused from others, of others, or when the key changed meanwhile', (t) => {
    const { data } = node(t);
    const create = (holder, member, ...more) => ['key', 'create', holder, '--data', data, '--member', member, '--reason', 'r', '--yes', ...more];
    refused(EX.USAGE, create('node', 'lin'), /polder key rotate/);
    refused(EX.USAGE, create('party/', 'lin'), /party\/ID/);
    refused(EX.NOINPUT, create('party/nobody', 'lin'), /no party/);
    refused(EX.NOINPUT, create('party/health', 'lin'), /no member "lin"/);
    const asked = json(create('party/transport', 'lin'));
    // Found again before another party agreed: the key signs that it isn't lost, and only it does.
    refused(EX.NOPERM, ['key', 'withdraw', asked.request, ...zhao(data)], /only "transport", which asked/);
    refused(EX.USAGE, ['erase', 'withdraw', asked.request, ...lin(data)], /see polder key withdraw/);
    const withdrawn = json(['key', 'withdraw', asked.request, ...lin(data)]);
    const leaf = json(['ledger', 'show', '--data', data, '--log', 'restricted']).leaves.at(-1).leaf;
    assert.deepEqual([leaf.verb, leaf.act, leaf.object.id], ['revoke', withdrawn.outcome.act, asked.request]);
    refused(EX.TEMPFAIL, ['key', 'agree', asked.request, ...zhao(data), '--yes'], /withdrawn already/);
    // Replaced by the party itself meanwhile.
    const again = json(create('party/transport', 'lin'));
    const rotated = json(['key', 'rotate', 'party/transport', ...lin(data)]);
    const keys = readdirSync(join(data, 'keys'));
    refused(EX.TEMPFAIL, ['key', 'agree', again.request, ...zhao(data), '--yes'], /was replaced since it asked/);
    assert.deepEqual(readdirSync(join(data, 'keys')), keys, 'no key is left that no act made');
    assert.equal(held(data, 'party/transport').at(-1).vkey, rotated.vkey);
    whole(data);
});

test('a destruction that was asked for is withdrawn by who asked, once, and before another party agreed', (t) => {
    const { folder, data } = node(t);
    const stored = json(request(write(folder, 'a.csv', plainTable()), data, 'store', '--yes')).outcome;
    const ask = () => json(['key', 'destroy', stored.act, ...lin(data), '--reason', 'r', '--yes']).request;
    const first = ask();
    refused(EX.NOPERM, ['key', 'withdraw', first, ...zhao(data)], /only "transport", which asked/);
    refused(EX.NOPERM, ['key', 'withdraw', first, ...lin(data, join(data, 'keys/health.key'))], /not the one registered|is not of/);
    refused(EX.NOINPUT, ['key', 'withdraw', stored.act, ...lin(data)], /nobody asked/);
    refused(EX.USAGE, ['key', 'withdraw', 'soon', ...lin(data)], /soon/);
    assert.match(expect(EX.OK, ['key', 'withdraw', first, ...lin(data)]).out, /is withdrawn/);
    refused(EX.TEMPFAIL, ['key', 'withdraw', first, ...lin(data)], /withdrawn already/);
    refused(EX.TEMPFAIL, ['key', 'agree', first, ...zhao(data), '--yes'], /withdrawn already/);
    assert.ok(json(['act', 'show', stored.act, '--data', data]).record, 'nothing is lost');
    const second = ask();
    json(['key', 'agree', second, ...zhao(data), '--yes']);
    refused(EX.TEMPFAIL, ['key', 'withdraw', second, ...lin(data)], /done already/);
    whole(data);
});
