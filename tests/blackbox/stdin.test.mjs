// A table from standard input: governed like a file, and nothing of it stays behind.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, node, personsTable, plainTable, request, residentId, sql, whole } from './lib.mjs';

function everyFile(folder) {
    return readdirSync(folder, { withFileTypes: true, recursive: true }).filter((e) => e.isFile())
        .map((e) => join(e.parentPath ?? e.path, e.name));
}

test('standard input is inspected without a node', () => {
    const { reading } = JSON.parse(expect(EX.OK, ['inspect', '-', '--json'], { input: plainTable(60) }).out);
    assert.equal(reading.inspection.rows, 60);
});

test('what comes from standard input is published, and nothing else of it is kept', (t) => {
    const { data } = node(t);
    const table = personsTable();
    const answer = JSON.parse(expect(EX.OK, request('-', data, 'open', '--yes', '--json'), { input: table }).out);
    assert.equal(answer.outcome.result, 'done');
    assert.deepEqual(readdirSync(join(data, 'staging')), []);
    const secret = residentId('440305', '19120101', 900);
    assert.ok(table.includes(secret), 'the table holds what is looked for');
    for (const file of everyFile(data))
        assert.ok(!readFileSync(file).includes(secret), `${file} holds no identifier`);
    whole(data);
});

test('an intent from standard input is resumed with the same bytes from a file, and with no others', (t) => {
    const { folder, data } = node(t);
    const table = personsTable();
    const left = JSON.parse(expect(EX.TEMPFAIL, request('-', data, 'open', '--json'), { input: table }).out);
    const other = expect(EX.TEMPFAIL, ['act', 'resume', left.outcome.intent, '-', '--data', data, '--yes'],
        { input: table.replace('Luohu', 'Futian') });
    assert.match(other.err, /^polder: /m);
    const done = JSON.parse(expect(EX.OK, ['act', 'resume', left.outcome.intent, '-', '--data', data, '--yes', '--json'],
        { input: table }).out);
    assert.equal(done.outcome.result, 'done');
    whole(data);
});

test('--for store keeps what came from standard input, sealed', (t) => {
    const { data } = node(t);
    const table = plainTable();
    expect(EX.OK, request('-', data, 'store', '--yes', '--fact', 'purpose_in_statutory_duties=true'),
        { input: table });
    assert.equal(sql(data, 'SELECT COUNT(*) FROM version WHERE original_address IS NOT NULL'), '1');
    assert.equal(Number(sql(data, 'SELECT byte_count FROM version')), Buffer.byteLength(table));
    for (const file of everyFile(join(data, 'vault')))
        assert.ok(!readFileSync(file).includes('green'), 'the vault is sealed');
});

test('an empty standard input is refused', (t) => {
    const { data } = node(t);
    assert.match(expect(EX.DATAERR, request('-', data, 'open', '--yes'), { input: '' }).err, /standard input/);
    whole(data);
});

test('the published bytes are those whose hash the node keeps', (t) => {
    const { data } = node(t);
    const answer = JSON.parse(expect(EX.OK, request('-', data, 'open', '--yes', '--json'), { input: plainTable() }).out);
    const bytes = readFileSync(join(data, answer.outcome.released_as));
    assert.equal(createHash('sha256').update(bytes).digest('hex'), sql(data, 'SELECT plain_hash FROM distribution'));
});
