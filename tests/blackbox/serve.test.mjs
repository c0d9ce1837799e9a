// polder serve: the node as a service, spoken to over HTTP.
import assert from 'node:assert/strict';
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
        ['/nowhere', {}, 404], ['/healthz', { method: 'POST', body: 'x' }, 405], ['/etc%2fpasswd', {}, 400],
        ['/api/v1/%zz', {}, 400]]) {
        const answer = await s.ask(path, options);
        assert.equal(answer.status, status, path);
        assert.equal(answer.headers.get('content-type'), 'application/problem+json');
        assert.equal((await answer.json()).status, status);
    }
});
