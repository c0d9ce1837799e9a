// polder serve: the node as a service, spoken to over HTTP.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import test from 'node:test';
import { EX, expect, node, plainTable, request, write } from './lib.mjs';
import { serving } from './serve_lib.mjs';

test('a node is served, says that it is there, and ends in order', async (t) => {
    const { data } = node(t);
    const s = await serving(t, data);
    const answer = await s.ask('/healthz');
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), 'ok\n');
    const { code } = await s.stop();
    assert.equal(code, EX.OK);
});

test('while it is served, whoever else would write is told by whom and where', async (t) => {
    const { folder, data } = node(t);
    const s = await serving(t, data);
    const file = write(folder, 'table.csv', plainTable());
    if (!process.env.POLDER_TEST_DATABASE) {
        const { err } = expect(EX.TEMPFAIL, request(file, data, 'open', '--yes'));
        assert.match(err, /polder serve, process \d+, listening at 127\.0\.0\.1:/);
    }
    expect(EX.OK, ['clock', 'list', '--data', data]); // readers always work
    await s.stop();
    expect(EX.OK, request(file, data, 'open', '--yes'));
});

test('what is asked wrongly gets a problem document', async (t) => {
    const { data } = node(t);
    const s = await serving(t, data);
    for (const [path, options, status] of [
        ['/api/v1/nowhere', {}, 404], ['/healthz', { method: 'POST', body: 'x' }, 405], ['/api/v1/etc%2fpasswd', {}, 400],
        ['/api/v1/%zz', {}, 400]]) {
        const answer = await s.ask(path, options);
        assert.equal(answer.status, status, path);
        assert.equal(answer.headers.get('content-type'), 'application/problem+json', path);
        assert.equal((await answer.json()).status, status);
    }
});

test('with a certificate TLS is spoken, and a key that others can read is refused', async (t) => {
    const { folder, data } = node(t);
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
        '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const serve = ['serve', '--data', data, '--listen', '127.0.0.1:0'];
    expect(EX.USAGE, [...serve, '--tls-cert', cert]);
    chmodSync(key, 0o644);
    assert.match(expect(EX.NOPERM, [...serve, '--tls-cert', cert, '--tls-key', key]).err, /chmod 0600/);
    chmodSync(key, 0o600);
    const s = await serving(t, data, '--tls-cert', cert, '--tls-key', key);
    const ca = readFileSync(cert);
    const [status, body] = await new Promise((done, fail) => get(`${s.url}/healthz`, { ca }, (answer) => {
        let text = '';
        answer.on('data', (bytes) => { text += bytes; });
        answer.on('end', () => done([answer.statusCode, text]));
    }).on('error', fail));
    assert.deepEqual([status, body], [200, 'ok\n']);
    await assert.rejects(fetch(`http://127.0.0.1:${s.port}/healthz`), 'plain HTTP is not answered');
});

test('who asks too often is told to wait, and others are not', async (t) => {
    const { data } = node(t);
    const s = await serving(t, data, '--rate', '5', '--behind-proxy');
    const ask = (address) => s.ask('/healthz', { headers: { 'X-Forwarded-For': `9.9.9.9, ${address}` } });
    const codes = await Promise.all(Array.from({ length: 60 }, () => ask('10.0.0.1').then((a) => a.status)));
    assert.ok(codes.filter((code) => code === 429).length >= 20, 'a burst, and no more');
    assert.ok(codes.filter((code) => code === 200).length >= 20);
    const refusal = await ask('10.0.0.1');
    assert.deepEqual([refusal.status, refusal.headers.get('retry-after')], [429, '1']);
    assert.equal((await ask('10.0.0.2')).status, 200);
});

test('requests are counted and logged, without personal data', async (t) => {
    const { data } = node(t);
    const s = await serving(t, data);
    await s.ask('/healthz?name=zhangsan', { headers: { Cookie: 'secret=1', Authorization: 'Bearer polder_abc' } });
    await s.ask('/nowhere/lisi');
    const metrics = await (await s.ask('/metrics')).text();
    assert.match(metrics, /^polder_http_requests_total\{method="GET",route="\/healthz",status="2xx"\} 1$/m);
    assert.match(metrics, /^polder_http_requests_total\{method="-",route="-",status="4xx"\} 1$/m);
    assert.match(metrics, /^polder_http_request_seconds_count 2$/m);
    const { err } = await s.stop();
    assert.match(err, /^request method=GET route=\/healthz status=200 ms=[\d.]+$/m);
    for (const word of ['zhangsan', 'lisi', 'secret', 'polder_abc', '127.0.0.1'])
        assert.ok(!err.includes(word), word);
});

test('a token that is none, and a form from another site, are refused', async (t) => {
    const { data } = node(t);
    const s = await serving(t, data);
    const ask = (headers, method = 'GET') => s.ask('/api/v1', { method, headers });
    assert.equal((await ask({})).status, 200);
    for (const header of ['Bearer polder_x', 'Bearer ', 'Basic YTpi', `Bearer ${'x'.repeat(2000)}`])
        assert.equal((await ask({ Authorization: header })).status, 401, header);
});
