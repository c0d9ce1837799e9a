// Governing a file: what takes effect, what is refused, what waits, and what is written of each.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
    EX, actCount, expect, node, personsTable, plainTable, request, residentId, sql, whole, write, said,
} from './lib.mjs';

const govern = (code, args) => JSON.parse(expect(code, [...args, '--json']).out);

test('a table about persons is published as the plan changes it, and the node is whole', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'persons.csv', personsTable());
    const { case: c, outcome } = govern(EX.OK, request(file, data, 'open', '--yes'));
    assert.equal(outcome.result, 'done');
    assert.ok(c.changes.some((change) => change.column === 'resident_id' && change.because.length > 0));
    assert.ok(c.attests.some((a) => a.fact === 'is_personal' && a.value === false), 'signing attests it');
    assert.ok(c.risk_after.k >= 5 && c.risk_before.k < 5, 'the smallest group grew to the node\'s k');
    const text = readFileSync(join(data, outcome.released_as), 'utf8');
    assert.doesNotMatch(text, /\b\d{17}[\dX]\b/, 'no identifier left the house');
    assert.equal(outcome.log.name, 'public');
    whole(data);
});

test('every published group has at least k rows, counted here', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'persons.csv', personsTable());
    const { case: c, outcome } = govern(EX.OK, request(file, data, 'open', '--yes'));
    const [header, ...rows] = readFileSync(join(data, outcome.released_as), 'utf8').trim().split('\n').map((l) => l.split(','));
    const dropped = c.plan.steps.filter((s) => s.method === 'drop').map((s) => s.name);
    const quasi = c.plan.quasi.map((q) => q.name).filter((n) => !dropped.includes(n)).map((n) => header.indexOf(n));
    assert.ok(quasi.length > 0 && quasi.every((i) => i >= 0));
    const groups = new Map();
    for (const row of rows) {
        const key = JSON.stringify(quasi.map((i) => row[i]));
        groups.set(key, (groups.get(key) ?? 0) + 1);
    }
    assert.ok(Math.min(...groups.values()) >= 5, JSON.stringify([...groups]));
    assert.equal(rows.length, 400 - c.rows_suppressed);
});

test('a dry run says the same and changes nothing', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'persons.csv', personsTable());
    const before = readdirSync(data, { recursive: true }).sort();
    const dry = govern(EX.OK, request(file, data, 'open', '--dry-run'));
    assert.equal(actCount(data), 1);
    assert.deepEqual(readdirSync(data, { recursive: true }).filter((f) => !/-(wal|shm)$/.test(f)).sort(),
        before.filter((f) => !/-(wal|shm)$/.test(f)));
    const wet = govern(EX.OK, request(file, data, 'open', '--yes'));
    assert.deepEqual(wet.case.plan, dry.case.plan);
});

test('the report tells the chain in words and shows no cell', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'persons.csv', personsTable());
    const { out } = expect(EX.OK, request(file, data, 'open', '--yes'));
    for (const fact of [/persons\.csv/, /400/, /cn\.pipl\.25/, /个人信息/, /By signing, lin attests for transport/,
        /polder-receipt\/v1/, /polder ledger prove/])
        assert.match(out, fact);
    assert.ok(!out.includes(residentId('440305', '19120101', 900)));
});

test('the JSON names case and outcome with every member that the reference promises', (t) => {
    const { folder, data } = node(t);
    const answer = govern(EX.OK, request(write(folder, 'plain.csv', plainTable()), data, 'open', '--yes'));
    for (const key of ['intent', 'request', 'expected', 'needs_signature', 'before', 'finding', 'plan', 'changes', 'attests',
        'after', 'finding_after', 'risk_before', 'risk_after', 'rows_suppressed'])
        assert.ok(key in answer.case, `case.${key}`);
    for (const key of ['result', 'act', 'intent', 'receipt', 'released_as', 'log', 'clocks', 'repeated', 'pending'])
        assert.ok(key in answer.outcome, `outcome.${key}`);
    assert.equal(answer.polder, 1);
});

test('without a signature the intent is left open, and resuming it with one publishes', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'persons.csv', personsTable());
    const left = govern(EX.TEMPFAIL, request(file, data, 'open'));
    assert.equal(left.outcome.result, 'open');
    assert.deepEqual(readdirSync(join(data, 'open')), []);
    const done = govern(EX.OK, ['act', 'resume', left.outcome.intent, '--data', data, '--yes']);
    assert.equal(done.outcome.result, 'done');
    assert.equal(done.outcome.intent, left.outcome.intent);
    assert.equal(readdirSync(join(data, 'open')).length, 1);
    whole(data);
    expect(EX.TEMPFAIL, ['act', 'resume', left.outcome.intent, '--data', data, '--yes']);
    assert.equal(readdirSync(join(data, 'open')).length, 1, 'a done intent is not done again');
});

test('a resumed intent is about the bytes that it was about', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'persons.csv', personsTable());
    const left = govern(EX.TEMPFAIL, request(file, data, 'open'));
    write(folder, 'persons.csv', personsTable(401));
    const acts = actCount(data);
    const { err } = expect(EX.TEMPFAIL, ['act', 'resume', left.outcome.intent, '--data', data, '--yes']);
    assert.match(err, /persons\.csv/);
    assert.equal(actCount(data), acts);
    assert.deepEqual(readdirSync(join(data, 'open')), []);
});

test('only a member with the duty steward signs', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'persons.csv', personsTable());
    const acts = actCount(data);
    const args = request(file, data, 'open', '--yes').map((a) => (a === 'lin' ? 'wang' : a));
    assert.match(expect(EX.NOPERM, args).err, /wang has no right to sign/);
    assert.equal(actCount(data), acts);
});

test('a refusal names its article, is recorded in the restricted log, and discloses nothing', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'plain.csv', plainTable());
    const { case: c, outcome } = govern(EX.NOPERM, request(file, data, 'open', '--yes', '--fact', 'is_secret=true'));
    assert.equal(outcome.result, 'denied');
    assert.ok(c.finding.voices.some((v) => v.id === 'cn.ogi.13'));
    assert.equal(outcome.log.name, 'restricted');
    assert.deepEqual(readdirSync(join(data, 'open')), []);
    assert.equal(sql(data, `SELECT verb || ' ' || outcome FROM act WHERE id = '${outcome.act}'`), 'deny deny');
    const leaf = sql(data, `SELECT ${said.text('bytes')} FROM leaf WHERE act_id = '${outcome.act}'`);
    assert.ok(JSON.parse(leaf).articles.includes('cn.ogi.13'));
    whole(data);
});

test('an open finding says whose the missing fact is; attested with that party\'s key it takes effect', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'plain.csv', plainTable());
    const left = govern(EX.TEMPFAIL, request(file, data, 'open', '--yes', '--fact', 'is_commercial_confidential=true'));
    const missing = left.case.finding.missing.map((m) => m.fact ?? m.name);
    assert.ok(JSON.stringify(missing).includes('third_party_consent'), JSON.stringify(left.case.finding.missing));
    const attest = (party, value = 'true', key = party) => ['fact', 'attest', left.outcome.intent, 'third_party_consent', value,
        '--data', data, '--party', party, '--key', join(data, `keys/${key}.key`), '--evidence', 'letter of 3 May'];
    const acts = actCount(data);
    assert.match(expect(EX.NOPERM, attest('health')).err, /third_party_consent/, 'not theirs to say');
    assert.match(expect(EX.NOPERM, attest('transport', 'true', 'health')).err, /key/, 'not their key');
    assert.match(expect(EX.DATAERR, attest('transport', 'perhaps')).err, /third_party_consent/);
    assert.equal(actCount(data), acts, 'what was refused left nothing');
    expect(EX.OK, attest('transport'));
    const done = govern(EX.OK, ['act', 'resume', left.outcome.intent, '--data', data, '--yes']);
    assert.equal(done.outcome.result, 'done');
    assert.match(expect(EX.OK, ['act', 'show', done.outcome.act, '--data', data]).out, /third_party_consent/);
    expect(EX.TEMPFAIL, attest('transport'));
    whole(data);
});

test('sharing names the recipient and publishes nothing', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'plain.csv', plainTable());
    const without = govern(EX.NOPERM, request(file, data, 'share', '--yes'));
    assert.ok(without.case.finding.voices.some((v) => v.id === 'node.recipient'));
    const { outcome } = govern(EX.OK, request(file, data, 'share', '--yes', '--recipient', 'acme'));
    assert.equal(outcome.result, 'done');
    assert.equal(outcome.released_as, '');
    assert.equal(outcome.log.name, 'restricted');
    assert.deepEqual(readdirSync(join(data, 'open')), []);
    assert.equal(sql(data, 'SELECT disclosed_to FROM distribution'), 'acme');
    whole(data);
});

test('storing keeps the original, sealed, and nothing is disclosed', (t) => {
    const { folder, data } = node(t);
    const table = plainTable();
    const { outcome } = govern(EX.OK, request(write(folder, 'plain.csv', table), data, 'store', '--yes',
        '--fact', 'purpose_in_statutory_duties=true'));
    assert.equal(outcome.result, 'done');
    const address = sql(data, 'SELECT original_address FROM version');
    const stored = readdirSync(join(data, 'vault'), { recursive: true, withFileTypes: true }).filter((e) => e.isFile());
    assert.equal(stored.length, 1);
    const bytes = readFileSync(join(stored[0].parentPath ?? stored[0].path, stored[0].name));
    assert.equal(createHash('sha256').update(bytes).digest('hex'), address, 'the address is the hash of what is stored');
    assert.ok(!bytes.includes('green'));
    assert.equal(Number(sql(data, 'SELECT byte_count FROM version')), Buffer.byteLength(table));
    assert.equal(sql(data, 'SELECT COUNT(*) FROM distribution'), '0');
    whole(data);
});

test('a retry with the same key gets the first receipt; the key for something else is refused', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'plain.csv', plainTable());
    const first = govern(EX.OK, request(file, data, 'open', '--yes', '--idempotency-key', 'order-7'));
    const acts = actCount(data);
    const again = govern(EX.OK, request(file, data, 'open', '--yes', '--idempotency-key', 'order-7'));
    assert.equal(again.outcome.repeated, true);
    assert.equal(again.outcome.receipt, first.outcome.receipt);
    assert.equal(again.outcome.act, first.outcome.act);
    expect(EX.TEMPFAIL, request(write(folder, 'other.csv', plainTable(61)), data, 'open', '--yes', '--idempotency-key', 'order-7'));
    assert.equal(actCount(data), acts);
    assert.equal(readdirSync(join(data, 'open')).length, 1);
});

test('ragged rows are set aside with their lines and never published', (t) => {
    const { folder, data } = node(t);
    const lines = plainTable().split('\n');
    lines[10] = 'L1,red';
    lines[20] = 'L1,red,1.5,surplus';
    const file = write(folder, 'ragged.csv', lines.join('\n'));
    const { case: c, outcome } = govern(EX.OK, request(file, data, 'open', '--yes'));
    assert.deepEqual(c.before.set_aside, { rows: 2, first: [{ why: 'number of fields', line: 11, fields: 2 }, { why: 'number of fields', line: 21, fields: 4 }] });
    const text = readFileSync(join(data, outcome.released_as), 'utf8');
    assert.equal(text.trim().split('\n').length, 1 + 58);
    assert.ok(!text.includes('surplus'));
    const { out } = expect(EX.OK, request(file, data, 'open', '--dry-run'));
    assert.match(out, /11\b[^]*21\b/, 'the report names the lines');
});

test('governing the same title again makes another version of one dataset', (t) => {
    const { folder, data } = node(t);
    govern(EX.OK, request(write(folder, 'a.csv', plainTable(60)), data, 'open', '--yes'));
    govern(EX.OK, request(write(folder, 'b.csv', plainTable(70)), data, 'open', '--yes'));
    assert.equal(sql(data, 'SELECT (SELECT COUNT(*) FROM dataset), (SELECT COUNT(*) FROM version)'), '1|2');
});

test('a fact of too low a class does not enter, and the report says why', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'persons.csv', personsTable());
    const { case: c } = govern(EX.OK, request(file, data, 'open', '--dry-run', '--fact', 'is_personal=false'));
    assert.ok(c.needs_signature, 'a declaration doesn\'t replace the steward\'s signature');
    assert.match(expect(EX.OK, request(file, data, 'open', '--dry-run', '--fact', 'is_personal=false')).out, /is_personal/);
});

test('a public leaf holds no text of the request, no member and no source', (t) => {
    const { folder, data } = node(t);
    const file = write(folder, 'plain.csv', plainTable());
    const args = request(file, data, 'open', '--yes').map((a) => (a === 'A table' ? 'Zebra crossings' : a));
    const { outcome } = govern(EX.OK, args);
    const leaf = sql(data, `SELECT ${said.text('bytes')} FROM leaf WHERE act_id = '${outcome.act}'`);
    for (const word of ['Zebra', 'lin', 'plain.csv', 'statistics'])
        assert.ok(!leaf.includes(`${word}`), `${word} is not in ${leaf}`);
    assert.deepEqual(Object.keys(JSON.parse(leaf)).sort(),
        ['act', 'articles', 'commitments', 'hashes', 'object', 'outcome', 'party', 'time', 'v', 'verb'].filter((k) => k in JSON.parse(leaf)));
    assert.match(JSON.parse(leaf).time, /:\d\dZ$/);
});
