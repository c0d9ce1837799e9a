// polder serve while things go wrong around it: no database, no room, clients that are slow, hostile, or guess.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import test from 'node:test';
import { EX, atEnd, expect, isFast, node, plainTable, polder, request, temporary, whole, write } from './lib.mjs';
import { by, demand, send, serving, token } from './serve_lib.mjs';
import { PASSWORD as DATABASE_PASSWORD, Server, noServer } from './server.mjs';

const NONE = '0190b3a2-7c11-7000-8000-000000000000'; // the id of nothing

const within = async (seconds, what, is) => {
    const until = Date.now() + seconds * 1000;
    for (;;) {
        const seen = await is();
        if (seen) return seen;
        assert.ok(Date.now() < until, `${what} within ${seconds} s`);
        await new Promise((done) => setTimeout(done, 100));
    }
};

// Bytes as they are, and all that comes back until the other side closes.
const raw = (port, text, { wait = 20000 } = {}) => new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    const over = () => { socket.destroy(); done(heard); };
    socket.setTimeout(wait, over);
    socket.on('data', (bytes) => { heard += bytes; });
    socket.on('close', () => done(heard));
    socket.on('error', () => done(heard));
    socket.write(text);
});

test('a database that is gone is 503, and when it is back so is the node', { skip: noServer, timeout: 180000 }, async (t) => {
    const place = new Server();
    await place.start();
    atEnd(t, () => place.remove());
    place.sql('CREATE DATABASE served');
    const data = join(temporary(t), 'node');
    const location = place.location('served');
    process.env.PGPASSWORD = DATABASE_PASSWORD;
    atEnd(t, () => { delete process.env.PGPASSWORD; });
    expect(EX.OK, ['init', '--data', data, '--database', location, '--origin', 'data.example.gov', '--law', 'cn', '--party', 'transport',
        '--party', 'acme:enterprise:company', '--member', 'transport/lin:steward', '--member', 'acme/steward:steward']);
    const secret = token(data, 'acme/steward');
    const s = await serving(t, data);
    assert.equal((await s.ask('/api/v1/cases', by(secret, demand('before')))).status, 201);
    await place.crash();
    await within(10, 'it is seen', async () => (await s.ask('/healthz')).status === 503);
    for (const [path, options] of [['/api/v1/datasets?limit=3', {}], ['/api/v1/cases', by(secret, demand('meanwhile'))], ['/en/acts?n=1', {}]]) {
        const answer = await s.ask(path, options);
        assert.equal(answer.status, 503, `${path}: ${await answer.clone().text()}`);
        assert.ok(!(await answer.text()).includes(DATABASE_PASSWORD));
    }
    assert.equal((await s.ask('/metrics')).status, 200, 'what needs no database is answered');
    await place.start();
    await within(20, 'it is back', async () => (await s.ask('/healthz')).status === 200);
    const after = await within(20, 'acts are taken', async () => {
        const answer = await s.ask('/api/v1/cases', by(secret, demand('afterwards')));
        return answer.status === 201 && answer.json();
    });
    assert.equal((await s.ask('/api/v1/datasets')).status, 200);
    // A restart that the server doesn't see happening: what it held of the database is dead.
    await place.crash();
    await place.start();
    await within(20, 'acts are taken again', async () => (await s.ask('/api/v1/cases', by(secret, demand('and again')))).status === 201);
    assert.equal((await s.stop()).code, EX.OK);
    expect(EX.OK, ['verify', '--data', data]);
    assert.ok(after.receipt);
    const { err } = s;
    assert.ok(!err.includes(DATABASE_PASSWORD));
});

test('a server whose database is gone ends in order all the same', { skip: noServer, timeout: 120000 }, async (t) => {
    const place = new Server();
    await place.start();
    atEnd(t, () => place.remove());
    place.sql('CREATE DATABASE served');
    const data = join(temporary(t), 'node');
    process.env.PGPASSWORD = DATABASE_PASSWORD;
    atEnd(t, () => { delete process.env.PGPASSWORD; });
    expect(EX.OK, ['init', '--data', data, '--database', place.location('served'), '--origin', 'data.example.gov', '--law', 'cn', '--party', 'transport',
        '--member', 'transport/lin:steward']);
    const s = await serving(t, data);
    await place.crash();
    await within(10, 'it is seen', async () => (await s.ask('/healthz')).status === 503);
    const began = Date.now();
    assert.equal((await s.stop()).code, EX.OK);
    assert.ok(Date.now() - began < 20000, `${Date.now() - began} ms`);
    await place.start();
});

test('a full disk refuses uploads and acts, keeps nothing of them, and reading goes on', async (t) => {
    if (process.env.POLDER_TEST_DATABASE) return t.skip('of SQLite alone');
    const disk = join(temporary(t), 'disk');
    mkdirSync(disk);
    if (process.getuid() !== 0 || spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=0700', 'tmpfs', disk]).status !== 0)
        return t.skip('needs the right to mount');
    atEnd(t, () => spawnSync('umount', ['-l', disk]));
    const data = join(disk, 'node');
    expect(EX.OK, ['init', '--data', data, '--origin', 'data.example.gov', '--law', 'cn', '--party', 'transport', '--party', 'acme:enterprise:company',
        '--member', 'transport/lin:steward', '--member', 'acme/steward:steward']);
    const [lin, acme] = [token(data, 'transport/lin'), token(data, 'acme/steward')];
    const s = await serving(t, data);
    const ballast = join(disk, 'ballast');
    const fd = openSync(ballast, 'w');
    try {
        for (;;) writeSync(fd, Buffer.alloc(4096));
    } catch (error) {
        assert.equal(error.code, 'ENOSPC');
    }
    closeSync(fd);
    const refused = await s.ask('/api/v1/uploads', send(lin, plainTable(100000)));
    assert.ok([500, 503, 507].includes(refused.status), `${refused.status}`);
    assert.equal(refused.headers.get('content-type'), 'application/problem+json');
    assert.match((await refused.json()).detail, /disk is full|No space/);
    const act = await s.ask('/api/v1/cases', by(acme, demand('no room')));
    assert.ok([500, 503, 507].includes(act.status), `${act.status} ${await act.clone().text()}`);
    assert.equal((await s.ask('/api/v1/parties')).status, 200);
    writeFileSync(ballast, '');
    assert.deepEqual(readdirSync(join(data, 'staging')), [], 'nothing is left of the upload');
    assert.ok(!existsSync(join(data, 'uploads')) || readdirSync(join(data, 'uploads')).length === 0);
    await within(10, 'with room acts are taken', async () => (await s.ask('/api/v1/cases', by(acme, demand('room')))).status === 201);
    assert.equal((await s.ask('/api/v1/uploads', send(lin, plainTable()))).status, 202);
    await s.stop();
    whole(data);
});

test('who sends or takes its bytes one by one is cut off, and others don\'t notice', { skip: isFast && 'takes two minutes: the deadlines are those of service', timeout: 300000 }, async (t) => {
    const { folder, data } = node(t);
    const secret = token(data, 'transport/lin');
    expect(EX.OK, request(write(folder, 'large.csv', plainTable(400000)), data, 'open', '--yes'));
    const s = await serving(t, data);
    const { id } = (await (await s.ask('/api/v1/datasets')).json()).items[0];
    const { versions } = await (await s.ask(`/api/v1/datasets/${id}`)).json();
    // Each drips for as long as it is let; resolves to the seconds that this was.
    const drip = (head, piece, every = 1000) => new Promise((done) => {
        const began = Date.now(), socket = connect(s.port, '127.0.0.1');
        socket.write(head);
        const timer = setInterval(() => socket.write(piece), every);
        const over = () => { clearInterval(timer); done((Date.now() - began) / 1000); };
        socket.on('close', over);
        socket.on('error', () => {});
        socket.resume();
    });
    const slowReader = () => new Promise((done) => {
        const began = Date.now(), socket = connect({ port: s.port, host: '127.0.0.1', highWaterMark: 1024 });
        socket.write(`GET /api/v1/distributions/${versions[0].distributions[0].id}/data HTTP/1.1\r\nHost: x\r\n\r\n`);
        socket.pause();
        const timer = setInterval(() => socket.read(64), 1000);
        socket.on('close', () => { clearInterval(timer); done((Date.now() - began) / 1000); });
        socket.on('error', () => {});
        setTimeout(() => { clearInterval(timer); socket.resume(); }, 110000); // then what is left in the buffers
    });
    const authority = `Authorization: Bearer ${secret}\r\n`;
    const slow = [
        ...Array.from({ length: 20 }, () => drip('GET / HTTP/1.1\r\nHost: x\r\n', 'X-A: b\r\n')),
        ...Array.from({ length: 20 }, () => drip(`POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${authority}Content-Length: 60000\r\n\r\n`, 'x')),
        ...Array.from({ length: 20 }, () => drip(`POST /api/v1/uploads HTTP/1.1\r\nHost: x\r\n${authority}Content-Length: 60000\r\n\r\n`, 'x')),
        slowReader()];
    const waits = [];
    for (let i = 0; i < 50; i++) {
        const began = Date.now();
        assert.equal((await s.ask(`/api/v1/parties?limit=2&after=&n=${i}`)).status, 200);
        waits.push(Date.now() - began);
        await new Promise((done) => setTimeout(done, 100));
    }
    waits.sort((a, b) => a - b);
    assert.ok(waits[40] < 1000, `others wait ${waits[40]} ms`);
    const seconds = await Promise.all(slow);
    assert.ok(seconds.slice(0, 20).every((n) => n >= 25 && n < 70), `heads: ${seconds.slice(0, 20)}`);
    assert.ok(seconds.slice(20, 60).every((n) => n >= 25 && n < 70), `bodies: ${seconds.slice(20, 60)}`);
    assert.ok(seconds[60] < 125, `an answer: ${seconds[60]}`);
    assert.deepEqual(readdirSync(join(data, 'staging')), []);
});

test('another party\'s private dataset is 404 by every address that there is', async (t) => {
    const { folder, data } = node(t);
    expect(EX.OK, request(write(folder, 'kept.csv', plainTable()), data, 'store', '--yes'));
    const [own, other] = [token(data, 'transport/lin'), token(data, 'health/zhao')];
    const s = await serving(t, data);
    const as = (secret) => ({ headers: secret ? { Authorization: `Bearer ${secret}` } : {} });
    const { items } = await (await s.ask('/api/v1/datasets', as(own))).json();
    assert.equal(items.length, 1);
    const dataset = await (await s.ask(`/api/v1/datasets/${items[0].id}`, as(own))).json();
    const version = dataset.versions[0].id;
    const acts = (await (await s.ask('/api/v1/acts', as(own))).json()).items;
    const act = acts.find((a) => a.dataset === items[0].id);
    assert.ok(act, 'its own party sees the act');
    const none = await (await s.ask(`/api/v1/datasets/${NONE}`)).json();
    for (const secret of [other, null]) {
        assert.deepEqual((await (await s.ask('/api/v1/datasets', as(secret))).json()).items, []);
        for (const path of [`datasets/${items[0].id}`, `inspections/${version}`, `distributions/${version}/data`, `acts/${act.id}`,
            `acts/${act.id}/receipt`, `acts/${act.id}/proof`]) {
            const answer = await s.ask(`/api/v1/${path}`, as(secret));
            assert.equal(answer.status, 404, `${path}: ${await answer.clone().text()}`);
            assert.ok(!(await answer.text()).includes('A table'), path);
        }
        const refusal = await (await s.ask(`/api/v1/datasets/${items[0].id}`, as(secret))).text();
        assert.deepEqual(JSON.parse(refusal.replaceAll(items[0].id, NONE)), none, 'it is answered as what was never there');
        for (const path of [`/en/datasets/${items[0].id}`, `/en/acts/${act.id}`, `/en/datasets/${items[0].id}/dossier`, `/en/acts/${act.id}/receipt`])
            assert.ok([404, 303].includes((await s.ask(path, as(secret))).status), path);
    }
});

test('no header, no path and no query takes anybody where there is nothing for them', async (t) => {
    const { data } = node(t);
    const s = await serving(t, data);
    const get = (target, more = '') => raw(s.port, `GET ${target} HTTP/1.1\r\nHost: x\r\n${more}Connection: close\r\n\r\n`);
    const key = readFileSync(join(data, 'node.key'));
    for (const target of ['/../node.key', '/ledger/../../node.key', '/ledger/%2e%2e/%2e%2e/node.key', '/ledger/tile/0/..%2f..%2f..%2fnode.key',
        '/ledger/tile/entries/%2e%2e/%2e%2e/node.key', '/ledger//checkpoint', '/en/files/..%2fnode.key', '/%5c..%5cnode.key', '/ledger/tile/0/x000/../000',
        '//etc/passwd', '/api/v1/distributions/..%2F..%2Fnode.key/data', '/en/datasets/%00', '/en/datasets/%ff', '/ledger/tile/0/%u002e%u002e']) {
        const answer = await get(target);
        assert.match(answer, /^HTTP\/1\.1 (400|404|405) /, target);
        assert.ok(!answer.includes(key.toString('latin1').trim()) && !answer.includes('root:'), target);
    }
    // What a client says comes back in no header of its own making.
    for (const [target, more] of [['/en?lang=zh%0d%0aSet-Cookie:%20a=b', ''], ['/en/datasets?search=x%0d%0aX-Made:%20up', ''], ['/?to=%0d%0aX-Made:%20up', ''],
        ['/en/sign-in?to=%0d%0aX-Made:%20up', ''], ['/en/sign-in?to=https://evil.example/', ''], ['/', 'Accept-Language: zh\tX-Made: up\r\n'],
        ['/en', 'Cookie: lang=en%0d%0aX-Made: up; lang=x\r\n'], ['/en', 'X-Forwarded-Host: evil.example\r\nX-Forwarded-For: 1.2.3.4\r\n']]) {
        const [head] = (await get(target, more)).split('\r\n\r\n');
        assert.ok(!/^(X-Made|Set-Cookie: a=b)/im.test(head.split('\r\n').slice(1).join('\n')), `${target}: ${head}`);
        assert.ok(!/^Location:.*evil/im.test(head), `${target}: ${head}`);
    }
    for (const text of ['GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n', 'GET  / HTTP/1.1\r\nHost: x\r\n\r\n',
        'POST /api/v1/findings HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n',
        'GET / HTTP/1.1\r\nHost: x\r\nContent-Length : 4\r\n\r\nabcd', `GET /${'a'.repeat(20000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 'nonsense\r\n\r\n', '\x16\x03\x01\x02']) {
        const answer = await raw(s.port, text, { wait: 2000 });
        assert.ok(!/^HTTP\/1\.1 (200|500)/.test(answer), `${JSON.stringify(text.slice(0, 60))}: ${answer.slice(0, 80)}`);
    }
    assert.equal((await s.ask('/healthz')).status, 200);
});

test('who guesses passwords waits longer each time, keeps nobody out, and learns nothing of who has an account', { timeout: 180000 }, async (t) => {
    const { data } = node(t);
    execFileSync(resolve(dirname(polder), 'tests', 'sign_up'), [data, 'transport', 'lin'], { input: 'correct horse battery\n', stdio: ['pipe', 'ignore', 'inherit'] });
    const s = await serving(t, data, '--behind-proxy', '--rate', '0');
    const tried = async (name, password, address) => {
        const answer = await s.ask('/en/sign-in', { method: 'POST', body: new URLSearchParams({ name, password, to: '/en' }),
            headers: { 'X-Forwarded-For': address } });
        return { status: answer.status, retry: answer.headers.get('retry-after'), text: (await answer.text()).replaceAll(name, 'NAME'), cookie: answer.headers.get('set-cookie') };
    };
    // The same words for an account and for none.
    const known = await tried('transport/lin', 'wrong', '10.0.0.1'), unknown = await tried('transport/nobody', 'wrong', '10.0.0.2');
    assert.deepEqual({ ...known, text: known.text }, { ...unknown, text: unknown.text });
    assert.ok(known.status >= 400 && known.status < 500 && !known.cookie, `${known.status}`);
    // From one address: after a few tries none is looked at, not even the right one.
    let last;
    for (let i = 0; i < 12; i++) last = await tried('transport/lin', `guess ${i}`, '10.0.0.3');
    assert.equal(last.status, 429, last.text);
    assert.equal((await tried('transport/lin', 'correct horse battery', '10.0.0.3')).status, 429);
    let nobody;
    for (let i = 0; i < 12; i++) nobody = await tried('transport/nobody', `guess ${i}`, '10.0.0.4');
    assert.equal(nobody.status, 429, 'names that nobody has are counted alike');
    // The owner, at home where they signed in before, isn't kept out by strangers.
    const home = await within(60, 'the owner signs in', async () => {
        const one = await tried('transport/lin', 'correct horse battery', '10.0.1.1');
        return one.status === 303 && one;
    });
    assert.match(home.cookie, /HttpOnly/);
    await Promise.all(Array.from({ length: 8 }, async (_, k) => {
        for (let i = 0; i < 6; i++) await tried('transport/lin', `guess ${i}`, `10.0.2.${k}`);
    }));
    assert.equal((await tried('transport/lin', 'correct horse battery', '10.0.1.1')).status, 303, 'at once');
});
