// A witness by itself: what it cosigns, what it never cosigns, and what it remembers when it is killed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import test from 'node:test';
import { EX, expect, isFast, polder, temporary, write } from './lib.mjs';
import { Log, cosignatureTime, get, initWitness, post, serveWitness } from './witness_lib.mjs';

const NAME = 'north.example/witness';

// A witness that watches one log.
async function watched(t, log = new Log('log.example/demo')) {
    const folder = join(temporary(t), 'witness');
    const vkey = initWitness(folder, NAME);
    expect(EX.OK, ['witness', 'add-log', log.origin, log.vkey, '--data', folder]);
    return Object.assign(await serveWitness(t, folder), { folder, vkey, log });
}

const list = (folder) => JSON.parse(expect(EX.OK, ['witness', 'list', '--data', folder, '--json']).out);

test('a log that only grows is cosigned at each step, and others can check it', async (t) => {
    const w = await watched(t);
    const began = Math.floor(Date.now() / 1000);
    let old = 0;
    for (const size of [0, 1, 2, 3, 7, 8, 300, 300]) {
        const answer = await post(w.url, w.log.request(old, size));
        assert.equal(answer.status, 200, answer.body);
        const time = await cosignatureTime(answer.body, w.log.text(size), w.vkey);
        assert.ok(time >= began && time <= began + 120);
        const served = await get(w.url, `/${w.log.hex}/checkpoint`);
        assert.equal(served.status, 200);
        assert.ok(served.body.startsWith(w.log.note(size)), 'with the signature of the log');
        assert.equal(await cosignatureTime(served.body.split('\n\n')[1], w.log.text(size), w.vkey), time);
        old = size;
    }
    assert.deepEqual(list(w.folder).logs.map((l) => [l.origin, l.size, l.forks]), [[w.log.origin, 300, 0]]);
    assert.equal((await get(w.url, '/vkey')).body.trim(), w.vkey);
    assert.equal(await w.stop(), 0);
});

test('each wrong request gets its status, and none of them changes anything', async (t) => {
    const w = await watched(t);
    const { log } = w;
    const other = new Log('log.example/other'), forged = new Log(log.origin);
    assert.equal((await post(w.url, log.request(0, 5))).status, 200);
    const proof = log.request(5, 9);
    const cases = [
        ['empty', '', 400],
        ['garbage', 'garbage', 400],
        ['binary', Buffer.from([0, 1, 2, 255]), 400],
        ['no empty line', 'old 5\n' + log.note(9), 400],
        ['a size with a leading zero', proof.replace('old 5', 'old 05'), 400],
        ['carriage returns', proof.replaceAll('\n', '\r\n'), 400],
        ['a hash of 31 bytes', `old 5\n${Buffer.alloc(31).toString('base64')}\n\n${log.note(9)}`, 400],
        ['64 hashes', `old 5\n${(Buffer.alloc(32).toString('base64') + '\n').repeat(64)}\n${log.note(9)}`, 400],
        ['no signature', `old 5\n\n${log.text(9)}`, 400],
        ['another log', other.request(0, 5), 404],
        ['the key of somebody else', forged.request(5, 9), 403],
        ['a signature of another text', proof.replace(log.text(9), log.text(8)), 403],
        ['old above the size', log.request(0, 4).replace('old 0', 'old 5'), 400],
        ['a size that was not the last', log.request(4, 9), 409],
        ['nothing known', log.request(0, 9), 409],
        ['no proof', `old 5\n\n${log.note(9)}`, 422],
        ['a proof of other sizes', log.request(6, 9).replace('old 6', 'old 5'), 422],
        ['a proof where none is needed', `old 5\n${Buffer.alloc(32).toString('base64')}\n\n${log.note(5)}`, 422],
        ['an empty tree with a root', `old 0\n\n${log.note(0, `${log.origin}\n0\n${Buffer.alloc(32).toString('base64')}\n`)}`, 409],
        ['too large', proof + 'x'.repeat(200000), 413],
    ];
    for (const [what, body, status] of cases) {
        const answer = await post(w.url, body);
        assert.equal(answer.status, status, `${what}: ${answer.body}`);
        if (status === 409) {
            assert.equal(answer.body, '5\n');
            assert.match(answer.type, /^text\/x\.tlog\.size/);
        } else {
            assert.match(answer.type, /problem\+json/, what);
            assert.ok(JSON.parse(answer.body).detail, what);
        }
    }
    assert.equal((await get(w.url, '/add-checkpoint')).status, 405);
    assert.equal((await get(w.url, '/nothing')).status, 404);
    assert.equal((await get(w.url, `/${'0'.repeat(64)}/checkpoint`)).status, 404);
    assert.equal((await get(w.url, '/..%2f..%2fwitness.key/checkpoint')).status, 400);
    assert.equal((await get(w.url, `/${log.hex}/checkpoint`)).body.split('\n')[1], '5');
    assert.equal((await post(w.url, proof)).status, 200, 'and it still cosigns what follows');
});

test('garbage instead of HTTP holds up nobody', async (t) => {
    const w = await watched(t);
    const { port } = new URL(w.url);
    const beginnings = ['\0\0\0\0', 'GET / HTTP/9.9\r\n\r\n', 'POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n'
        + 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n'
        + 'Content-Length: 70000\r\n\r\nold 0'];
    const open = [];
    for (let i = 0; i < 200; i++) {
        const socket = connect(Number(port), '127.0.0.1');
        socket.on('error', () => {});
        socket.write(beginnings[i % beginnings.length]);
        open.push(socket);
    }
    assert.equal((await post(w.url, w.log.request(0, 5))).status, 200);
    for (const socket of open) socket.destroy();
    assert.equal(await w.stop(), 0);
});

test('of two trees that a log signs only one is cosigned, and both statements are kept', async (t) => {
    const w = await watched(t);
    const fork = new Log(w.log.origin, { key: w.log.key, entry: (i) => (i < 4 ? `entry ${i}` : `other ${i}`) });
    assert.equal((await post(w.url, w.log.request(0, 6))).status, 200);
    assert.equal((await post(w.url, fork.request(6, 6))).status, 422, 'the same size');
    assert.equal((await post(w.url, fork.request(4, 6))).status, 409, 'even if it asks from before the fork');
    assert.equal((await post(w.url, fork.request(6, 8))).status, 422, 'a larger one');
    const kept = list(w.folder).logs[0];
    assert.equal(kept.forks, 1);
    assert.equal(kept.unproven, 1);
    const forks = join(kept.folder, 'forks');
    const shown = readdirSync(forks).filter((f) => f.endsWith('.shown'))[0];
    assert.equal(readFileSync(join(forks, shown), 'utf8'), fork.note(6));
    const known = readFileSync(join(forks, shown.replace('.shown', '.known')), 'utf8');
    assert.ok(known.startsWith(w.log.note(6)));
    await cosignatureTime(known.split('\n\n')[1], w.log.text(6), w.vkey);
    assert.equal((await post(w.url, w.log.request(6, 8))).status, 200, 'the first tree may go on');
    assert.match(expect(EX.OK, ['witness', 'list', '--data', w.folder]).out, /FORK/);
    await w.stop();
    assert.match(w.err, /error: a log shows a fork, both statements are kept origin="log\.example\/demo"/);
});

test('what was cosigned is remembered when the witness is started again', async (t) => {
    const w = await watched(t);
    assert.equal((await post(w.url, w.log.request(0, 6))).status, 200);
    await w.stop();
    const again = await serveWitness(t, w.folder);
    assert.deepEqual([(await post(again.url, w.log.request(0, 9))).status,
        (await post(again.url, w.log.request(6, 9))).status], [409, 200]);
    const busy = expect(EX.TEMPFAIL, ['witness', 'serve', '--data', w.folder, '--listen', '127.0.0.1:0']);
    assert.match(busy.err, /served already, by polder witness serve, process \d+/);
});

test('however often it is killed, it never cosigns two forks', async (t) => {
    const folder = join(temporary(t), 'witness'), log = new Log('log.example/killed');
    const vkey = initWitness(folder, NAME);
    expect(EX.OK, ['witness', 'add-log', log.origin, log.vkey, '--data', folder]);
    // Both histories share their first leaves and then go apart; each is pressed on the witness at once.
    const fork = new Log(log.origin, { key: log.key, entry: (i) => (i < 3 ? `entry ${i}` : `other ${i}`) });
    const cosigned = new Map(); // size: the roots for which a cosignature was given out
    let known = 0;
    const press = async (url, side) => {
        for (let i = 0; i < 400; i++) {
            const size = known + 1;
            try {
                const answer = await post(url, side.request(known, size));
                if (answer.status === 200) {
                    await cosignatureTime(answer.body, side.text(size), vkey);
                    cosigned.set(size, (cosigned.get(size) ?? new Set()).add(side.text(size)));
                    known = Math.max(known, size);
                } else if (answer.status === 409) {
                    known = Number(answer.body);
                }
            } catch {
                return; // killed meanwhile
            }
        }
    };
    for (let kill = 0; kill < (isFast ? 8 : 40); kill++) {
        const w = await serveWitness(t, folder);
        const pressing = [press(w.url, log), press(w.url, fork), press(w.url, log), press(w.url, fork)];
        await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 120));
        await w.kill();
        await Promise.all(pressing);
    }
    assert.ok(cosigned.size > 3, 'it cosigned something');
    for (const [size, texts] of cosigned)
        assert.equal(texts.size, 1, `two trees of ${size} leaves were cosigned`);
    const sides = new Set([...cosigned].filter(([size]) => size > 3)
        .map(([size, texts]) => texts.has(log.text(size))));
    assert.equal(sides.size, 1, 'all of one history');
    const last = list(folder).logs[0];
    assert.ok(last.size >= Math.max(...cosigned.keys()), 'what was given out was on disk before');
});

// The shim that makes a call fail, as fault.test.mjs uses it.
const shim = process.env.POLDER_FAULT_SHIM ?? join(dirname(polder), 'tests', 'fault.so');
const sanitizer = spawnSync('ldd', [polder], { encoding: 'utf8' }).stdout.match(/\/\S*libasan\S*/)?.[0];

test('a disk that fails at any call costs cosignatures, and never makes two', { skip: !existsSync(shim) }, async (t) => {
    const kinds = [['all', 'ENOSPC+'], ['all', 'EIO'], ['write', 'short'], ['fsync', 'EIO+'], ['rename', 'EIO'], ['all', 'kill']];
    for (const [calls, how] of kinds) {
        let refused = 0;
        for (let n = 1; n <= (isFast ? 3 : 8); n++) {
            const folder = join(temporary(t), 'witness'), log = new Log('log.example/disk');
            const vkey = initWitness(folder, NAME);
            expect(EX.OK, ['witness', 'add-log', log.origin, log.vkey, '--data', folder]);
            const w = await serveWitness(t, folder, { LD_PRELOAD: [sanitizer, resolve(shim)].filter(Boolean).join(' '),
                POLDER_FAULT: `${calls}:${n}:${how}`, POLDER_FAULT_UNDER: realpathSync(join(folder, 'logs')) });
            let cosigned = 0, known = 0;
            for (let i = 0; i < 4; i++) {
                const answer = await post(w.url, log.request(known, known + 1)).catch(() => ({ status: 0 }));
                if (answer.status === 200) {
                    await cosignatureTime(answer.body, log.text(known + 1), vkey);
                    cosigned = known = known + 1;
                } else if (answer.status === 409) { // it was kept, and only the answer was lost
                    known = Number(answer.body);
                    assert.ok(known >= cosigned);
                } else {
                    assert.ok([0, 503].includes(answer.status), `${calls}:${n}:${how}: ${answer.status} ${answer.body}`);
                    refused++;
                }
            }
            await w.kill();
            const { size = 0 } = list(folder).logs[0];
            assert.ok(size >= cosigned, `${calls}:${n}:${how}: ${cosigned} was given out, ${size} is on disk`);
            const again = await serveWitness(t, folder);
            assert.equal((await post(again.url, log.request(size, size + 3))).status, 200, 'and it goes on');
            await again.kill();
        }
        assert.ok(refused > 0 || how === 'short', `${calls} ${how} struck`); // what was cut short is written on
    }
});

test('a log may have several keys, and an origin that is no key name', async (t) => {
    const w = await watched(t);
    const second = new Log(w.log.origin), named = new Log('sum.example');
    named.text = (n) => Log.prototype.text.call({ ...named, origin: 'a database tree', hashes: named.hashes.bind(named) }, n);
    assert.equal((await post(w.url, second.request(0, 1))).status, 403);
    expect(EX.OK, ['witness', 'add-log', second.origin, second.vkey, '--data', w.folder]);
    assert.equal((await post(w.url, second.request(0, 1))).status, 200, 'without being started again');
    expect(EX.OK, ['witness', 'add-log', 'a database tree', named.vkey, '--data', w.folder]);
    const answer = await post(w.url, named.request(0, 3));
    assert.equal(answer.status, 200, answer.body);
    await cosignatureTime(answer.body, named.text(3), w.vkey);
    assert.match(expect(EX.TEMPFAIL, ['witness', 'add-log', second.origin, second.vkey, '--data', w.folder]).err,
        /with this key already/);
});

test('a list of logs is added whole, and again without harm', (t) => {
    const folder = temporary(t), data = join(folder, 'witness');
    const logs = [new Log('a.example/log'), new Log('b.example/log')];
    const file = write(folder, 'list', `logs/v0\n\n${logs.map((l) => `vkey ${l.vkey}\nqpd 86400\ncontact x\n`).join('\n')}`);
    initWitness(data, NAME);
    assert.match(expect(EX.OK, ['witness', 'add-log', '--list', file, '--data', data]).out, /2 logs added, 0 were/);
    assert.match(expect(EX.OK, ['witness', 'add-log', '--list', file, '--data', data]).out, /0 logs added, 2 were/);
    assert.equal(list(data).logs.length, 2);
});

test('what is wrong with a witness is told before it serves', async (t) => {
    const folder = temporary(t), data = join(folder, 'witness'), log = new Log('log.example/demo');
    const serve = ['witness', 'serve', '--data', data, '--listen', '127.0.0.1:0'];
    assert.match(expect(EX.NOINPUT, serve).err, /open the folder/);
    for (const name of ['', 'with space', 'a+b', 'x'.repeat(256)])
        expect(EX.DATAERR, ['witness', 'init', '--data', data, '--name', name]);
    initWitness(data, NAME);
    assert.match(expect(EX.TEMPFAIL, ['witness', 'init', '--data', data, '--name', NAME]).err, /witness in .* already/);
    assert.match(expect(EX.USAGE, [...serve, '--name', 'another.example']).err, /is named "north\.example/);
    assert.match(expect(EX.USAGE, ['witness', 'serve', '--data', data, '--listen', 'nowhere']).err, /address to listen at/);
    for (const [origin, vkey] of [[log.origin, 'x'], [log.origin, log.vkey.slice(0, -5)], ['', log.vkey],
        ['two\nlines', log.vkey], [log.origin, log.vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')]])
        expect(EX.DATAERR, ['witness', 'add-log', origin, vkey, '--data', data]);
    expect(EX.USAGE, ['witness', 'add-log', log.origin, '--data', data]);
    expect(EX.OK, ['witness', 'add-log', log.origin, log.vkey, '--data', data]);

    const key = join(data, 'witness.key'), secret = readFileSync(key);
    chmodSync(key, 0o640);
    assert.match(expect(EX.NOPERM, serve).err, /witness\.key is open to other users \(mode 0640\)/);
    chmodSync(key, 0o600);
    chmodSync(data, 0o777);
    assert.match(expect(EX.NOPERM, serve).err, /other users may write in/);
    chmodSync(data, 0o700);
    writeFileSync(key, secret.toString().slice(0, 60));
    const damaged = expect(EX.DATAERR, serve);
    assert.match(damaged.err, /witness\.key/);
    assert.ok(!damaged.err.includes(secret.toString().slice(40, 60)), 'no error repeats the key');
    writeFileSync(key, secret);

    const w = await serveWitness(t, data);
    assert.equal((await post(w.url, log.request(0, 6))).status, 200);
    const checkpoint = join(data, 'logs', log.hex, 'checkpoint'), good = readFileSync(checkpoint);
    for (const damage of [() => writeFileSync(checkpoint, ''), () => rmSync(checkpoint),
        () => writeFileSync(checkpoint, log.note(3)), // not cosigned: somebody would roll it back
        () => writeFileSync(checkpoint, good.toString().replace('\n6\n', '\n7\n'))]) {
        damage();
        const answer = await post(w.url, log.request(6, 8));
        assert.equal(answer.status, 503, 'damaged while it serves: nothing is cosigned');
        writeFileSync(checkpoint, good);
    }
    assert.equal((await post(w.url, log.request(6, 8))).status, 200);
    await w.stop();
    rmSync(checkpoint);
    assert.match(expect(EX.SOFTWARE, serve).err, /without it nothing is cosigned/);
});
