// The ledger from outside: proofs are checked by the mathematics in lib.mjs, never by the program itself;
// and whatever is tampered with, the program names it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
    EX, checkProof, expect, hashLeaf, isConsistent, node, openNote, parseCheckpoint, parseVkey, plainTable, request,
    run, sql, treeRoot, whole, write, said,
} from './lib.mjs';

// A node with a few acts in both logs, made once; tests that spoil it get a copy by node().
function lived(t, acts = 3) {
    const n = node(t);
    const done = [];
    for (let i = 0; i < acts; i++) {
        const file = write(n.folder, `t${i}.csv`, plainTable(60 + i));
        done.push(JSON.parse(expect(EX.OK, request(file, n.data, 'open', '--yes', '--json')).out).outcome);
    }
    const denied = JSON.parse(expect(EX.NOPERM, request(join(n.folder, 't0.csv'), n.data, 'open', '--fact', 'is_secret=true', '--json')).out).outcome;
    return { ...n, done, denied };
}

const folderOf = (log) => (log.shard ? `${log.name}-${log.shard}` : log.name);
const vkeyOf = (data, log) => readFileSync(join(data, `ledger/${log}/vkey`), 'utf8');

test('every act\'s proof leads to the signed root, by an independent verifier', (t) => {
    const { folder, data, done, denied } = lived(t, 5);
    for (const { act, log } of [...done, denied]) {
        const path = join(folder, `${act}.tlog-proof`);
        expect(EX.OK, ['ledger', 'prove', act, '--data', data, '--output', path]);
        const leaf = readFileSync(`${path}.leaf`);
        const at = checkProof(readFileSync(path, 'utf8'), leaf, vkeyOf(data, folderOf(log)));
        assert.equal(at.index, log.index);
        assert.equal(JSON.parse(leaf).act, act);
        const other = Buffer.from(leaf);
        other[10] ^= 1;
        assert.throws(() => checkProof(readFileSync(path, 'utf8'), other, vkeyOf(data, folderOf(log))));
        const stranger = (file) => run(['docs/how-to/verify-proof.mjs', path, file, join(data, `ledger/${folderOf(log)}/vkey`)],
            { program: process.execPath });
        assert.equal(stranger(`${path}.leaf`).code, 0, 'the verifier of the manual agrees');
        assert.match(stranger(write(folder, 'other.leaf', other)).err, /not proven/);
        const args = (file) => ['ledger', 'verify', '--proof', path, '--leaf', file, '--key', join(data, `ledger/${folderOf(log)}/vkey`)];
        expect(EX.OK, args(`${path}.leaf`));
        expect(EX.SOFTWARE, args(write(folder, 'other.leaf', other)));
    }
});

test('the leaf of a publication holds the hash of the published bytes', (t) => {
    const { folder, data, done } = lived(t, 2);
    for (const { act, released_as: path } of done) {
        expect(EX.OK, ['ledger', 'prove', act, '--data', data, '--output', join(folder, act)]);
        const leaf = JSON.parse(readFileSync(join(folder, `${act}.leaf`)));
        assert.equal(leaf.hashes.version, createHash('sha256').update(readFileSync(join(data, path))).digest('hex'));
    }
});

test('a proof does not verify under another log\'s key', (t) => {
    const { folder, data, done, denied } = lived(t, 1);
    const path = join(folder, 'p');
    expect(EX.OK, ['ledger', 'prove', done[0].act, '--data', data, '--output', path]);
    const wrongKey = ['ledger', 'verify', '--proof', path, '--leaf', `${path}.leaf`, '--key', join(data, `ledger/${folderOf(denied.log)}/vkey`)];
    assert.match(expect(EX.NOINPUT, wrongKey).err, /restricted/);
});

test('between any two sizes the log only grew, by an independent verifier', (t) => {
    const { data } = lived(t, 6);
    const leaves = JSON.parse(expect(EX.OK, ['ledger', 'show', '--data', data, '--from', '0', '--json']).out).leaves;
    const bytes = sql(data, `SELECT ${said.hex('bytes')} FROM leaf WHERE log = 'public' ORDER BY leaf_index`).split('\n').map((h) => Buffer.from(h, 'hex'));
    assert.deepEqual(leaves.map((l) => l.leaf), bytes.map((b) => JSON.parse(b)));
    const hashes = bytes.map(hashLeaf);
    const size = hashes.length;
    const signed = parseCheckpoint(openNote(readFileSync(join(data, 'ledger/public/checkpoint'), 'utf8'), parseVkey(vkeyOf(data, 'public'))));
    assert.equal(signed.size, size);
    assert.ok(treeRoot(hashes).equals(signed.root), 'the root that this test computes from the leaves is the signed one');
    for (let from = 1; from <= size; from++)
        for (let to = from; to <= size; to++) {
            const { out } = expect(EX.OK, ['ledger', 'prove', '--data', data, '--from', from, '--to', to]);
            const proof = out.split('\n').filter(Boolean).map((l) => Buffer.from(l, 'base64'));
            assert.ok(isConsistent(from, to, treeRoot(hashes.slice(0, from)), treeRoot(hashes.slice(0, to)), proof), `${from} to ${to}`);
            if (from < to) assert.ok(!isConsistent(from, to, treeRoot(hashes.slice(1, from + 1)), treeRoot(hashes.slice(0, to)), proof));
        }
    for (const [from, to] of [[0, 1], [2, 1], [1, size + 1]])
        assert.match(expect(EX.DATAERR, ['ledger', 'prove', '--data', data, '--from', from, '--to', to]).err, /size/);
});

test('tiles hold what the leaves make', (t) => {
    const { data } = lived(t, 4);
    const hashes = sql(data, `SELECT ${said.hex('bytes')} FROM leaf WHERE log = 'public' ORDER BY leaf_index`).split('\n')
        .map((h) => hashLeaf(Buffer.from(h, 'hex')));
    const tile = readFileSync(join(data, `ledger/public/tile/0/000.p/${hashes.length}`));
    assert.ok(tile.equals(Buffer.concat(hashes)));
});

test('a receipt is signed by the node\'s receipt key and promises the leaf that is in the log', (t) => {
    const { data, done } = lived(t, 1);
    const text = openNote(done[0].receipt, parseVkey(sql(data, 'SELECT receipt_vkey FROM node')));
    const leaf = Buffer.from(sql(data, `SELECT ${said.hex('bytes')} FROM leaf WHERE act_id = '${done[0].act}'`), 'hex');
    assert.ok(text.includes(`act ${done[0].act}\n`));
    assert.ok(text.includes(`leaf ${hashLeaf(leaf).toString('base64')}\n`));
});

test('an act that there isn\'t has no proof', (t) => {
    const { data } = node(t);
    expect(EX.NOINPUT, ['ledger', 'prove', '01890000-0000-7000-8000-000000000000', '--data', data]);
    expect(EX.USAGE, ['ledger', 'prove', 'first', '--data', data]);
});

// ---- Tampering

function flip(path, at = null) {
    const size = statSync(path).size;
    const fd = openSync(path, 'r+');
    const byte = Buffer.alloc(1);
    const place = at ?? Math.floor(size / 2);
    readSync(fd, byte, 0, 1, place);
    byte[0] ^= 1;
    writeSync(fd, byte, 0, 1, place);
    closeSync(fd);
}
const only = (folder) => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile());
    assert.equal(files.length, 1);
    return join(files[0].parentPath ?? files[0].path, files[0].name);
};

const tampering = [
    ['a bit of a tile', (n) => flip(join(n.data, 'ledger/public/tile/0/000.p/2')), /ledger\/public\/tile\/0\/000\.p\/2/],
    ['a bit of an entry bundle', (n) => flip(join(n.data, 'ledger/public/tile/entries/000.p/2')), /tile\/entries\/000\.p\/2/],
    ['a tile that is gone', (n) => rmSync(join(n.data, 'ledger/public/tile/0/000.p/2')), /ledger\/public\/tile\/0\/000\.p\/2/],
    ['a bit of the checkpoint', (n) => flip(join(n.data, 'ledger/public/checkpoint'), 30), /ledger\/public\/checkpoint/],
    ['a bit of a vault file', (n) => flip(only(join(n.data, 'vault'))), /vault|[0-9a-f]{64}/],
    ['a vault file that is gone', (n) => rmSync(only(join(n.data, 'vault'))), /vault|[0-9a-f]{64}/],
    ['a published file', (n) => flip(join(n.data, n.done[0].released_as)), /open\/[0-9a-f-]+\.csv/],
    ['a published file that is gone', (n) => rmSync(join(n.data, n.done[0].released_as)), /open\/[0-9a-f-]+\.csv/],
    ['a row', (n) => sql(n.data, "UPDATE party SET chamber = 'enterprise' WHERE id = 'health'"), /health.*party/s],
    ['a row that is gone', (n) => sql(n.data, "DELETE FROM member WHERE name = 'zhao'"), /member/],
    ['a row that no act wrote', (n) => sql(n.data, `INSERT INTO member VALUES ('m1', 'health', 'mallory', '["steward"]')`), /m1.*member/s],
    ['an act', (n) => sql(n.data, `UPDATE act SET outcome = 'deny' WHERE id = '${n.done[0].act}'`), (n) => new RegExp(n.done[0].act)],
    ['a leaf', (n) => sql(n.data, `UPDATE leaf SET bytes = ${said.bytes(`replace(${said.text('bytes')}, 'transport', 'transpart')`)} WHERE act_id = '${n.done[0].act}'`),
        (n) => new RegExp(n.done[0].act)],
    ['an act without its leaf', (n) => sql(n.data, `DELETE FROM leaf WHERE act_id = '${n.denied.act}'`), (n) => new RegExp(n.denied.act)],
    ['a leaf without its act', (n) => sql(n.data, `${said.withoutKeys} DELETE FROM act WHERE id = '${n.denied.act}'`), (n) => new RegExp(n.denied.act)],
    ['a log cut short', (n) => sql(n.data, "UPDATE leaf SET leaf_index = NULL WHERE log = 'public' AND leaf_index = 1"), /public/],
];
for (const [what, spoil, pattern] of tampering)
    test(`tampering with ${what} is found and named`, (t) => {
        const n = lived(t, 1);
        whole(n.data);
        spoil(n);
        const got = expect(EX.SOFTWARE, ['ledger', 'verify', '--data', n.data]);
        assert.match(got.out + got.err, typeof pattern === 'function' ? pattern(n) : pattern);
    });

test('a log that isn\'t the one of its checkpoint is not signed any further', (t) => {
    const n = lived(t, 1);
    const before = readFileSync(join(n.data, 'ledger/public/checkpoint'));
    sql(n.data, `UPDATE log SET edge = ${said.literal('77'.repeat(32))} WHERE name = 'public'`);
    const answer = expect(EX.OK, request(join(n.folder, 't0.csv'), n.data, 'open', '--yes', '--json'));
    assert.match(JSON.parse(answer.out).outcome.pending, /nothing more is signed|not the one of its checkpoint/);
    assert.deepEqual(readFileSync(join(n.data, 'ledger/public/checkpoint')), before);
});

test('what isn\'t a proof, a leaf or a key is refused with the place', (t) => {
    const { folder, data, done } = lived(t, 1);
    const path = join(folder, 'p'), key = join(data, 'ledger/public/vkey');
    expect(EX.OK, ['ledger', 'prove', done[0].act, '--data', data, '--output', path]);
    const text = readFileSync(path, 'utf8');
    const cases = [
        ['no proof at all', 'hello\n', EX.DATAERR, /first line/],
        ['a hash cut short', text.replace(/\n[A-Za-z0-9+/]{43}=\n/, '\nAAAA\n'), EX.DATAERR, /hash 1/],
        ['an index beyond the log', text.replace(/index \d+/, 'index 99'), EX.DATAERR, /index|leaf/],
        ['another root', text.replace(/(\n\d+\n)(.)/, (_, a, b) => a + (b === 'A' ? 'B' : 'A')), EX.SOFTWARE, /signature/],
    ];
    for (const [what, content, code, pattern] of cases) {
        const args = ['ledger', 'verify', '--proof', write(folder, 'q', content), '--leaf', `${path}.leaf`, '--key', key];
        assert.match(expect(code, args).err, pattern, what);
    }
    assert.match(expect(EX.USAGE, ['ledger', 'verify', '--proof', path, '--leaf', `${path}.leaf`, '--key', 'a+b+c']).err, /key/);
});
