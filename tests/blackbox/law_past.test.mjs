// Recorded findings made again: as they were (replay), under another law (impact), and what stands in
// the way of those that were refused or left open (unlock).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
    EX, actCount, expect, node, personsTable, plainTable, request, sql, temporary, whole, write, said,
} from './lib.mjs';

const json = (code, args) => JSON.parse(expect(code, [...args, '--json']).out);
const replay = (code, data) => json(code, ['law', 'replay', '--data', data]);
const impact = (data, ...more) => json(EX.OK, ['law', 'impact', ...more, '--data', data]);
const unlock = (data) => json(EX.OK, ['law', 'unlock', '--data', data]);

function titled(file, data, verb, title, ...more) {
    const args = request(file, data, verb, ...more, '--json');
    args[args.indexOf('--title') + 1] = title;
    return JSON.parse(expect([EX.OK, EX.TEMPFAIL, EX.NOPERM], args).out).outcome;
}

// A folder of rules like the program's, with policies of the node's own beside them.
function lawWith(t, policies) {
    const law = join(temporary(t), 'law');
    cpSync('law', law, { recursive: true });
    writeFileSync(join(law, 'node', 'x.cedar'), policies);
    return law;
}

function nodeUnder(t, policies) {
    const folder = temporary(t), data = join(folder, 'node'), law = lawWith(t, policies);
    expect(EX.OK, ['init', '--data', data, '--origin', 'test.polder.example', '--law', 'cn', '--law-dir', law,
        '--party', 'transport', '--party', 'health', '--party', 'digital:government:authority',
        '--member', 'transport/lin:steward']);
    return { folder, data };
}

const forbid = (id, verb, rest = '') =>
    `@id("${id}") @title("t") forbid (principal, action == Polder::Action::"${verb}", resource)${rest};\n`;

// Records an open, a store, and a request that waits: for a signature.
function busyNode(t) {
    const { folder, data } = node(t);
    const plain = write(folder, 'p.csv', plainTable()), persons = write(folder, 'q.csv', personsTable());
    const open = titled(plain, data, 'open', 'A', '--yes'), store = titled(plain, data, 'store', 'A', '--yes');
    const waits = titled(persons, data, 'open', 'B');
    return { folder, data, plain, persons, open, store, waits };
}

// Enacts rules as another set would have been: through the table itself. Returns their id.
function insertRules(data, change) {
    const files = JSON.parse(sql(data, 'SELECT files FROM rules ORDER BY in_force_at DESC LIMIT 1'));
    change(files);
    const text = JSON.stringify(Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))));
    const id = createHash('sha256').update(text).digest('hex');
    sql(data, `INSERT INTO rules VALUES ('${id}', '${text.replaceAll("'", "''")}', 1)`);
    return id;
}

test('every finding of a node comes out the same when it is made again, and nothing is written', (t) => {
    const { data } = busyNode(t), acts = actCount(data);
    const done = replay(EX.OK, data);
    assert.deepEqual({ ...done }, { polder: 1, findings: 3, equal: 3, rules: 1, differing: [], unread: [] });
    assert.match(expect(EX.OK, ['law', 'replay', '--data', data]).out, /^3 recorded findings: 3 came out the same/);
    assert.equal(actCount(data), acts);
    whole(data);
});

test('acts of governing are replayed too: an attestation, the act that it led to, and a met duty', (t) => {
    const { folder, data } = nodeUnder(t, forbid('node.x.head', 'open',
        ' unless { context.f has head_approval && context.f.head_approval }') +
        '@id("node.x.duty") @obligation("answer(within=3d)") permit (principal, action == Polder::Action::"open", resource);\n');
    const file = write(folder, 'p.csv', plainTable()), waits = titled(file, data, 'open', 'A', '--yes');
    assert.equal(waits.result, 'open');
    expect(EX.OK, ['fact', 'attest', waits.intent, 'head_approval', 'true', '--data', data, '--party', 'transport',
        '--key', join(data, 'keys/transport.key'), '--evidence', 'minutes 7']);
    const done = json(EX.OK, ['act', 'resume', waits.intent, '--data', data, '--yes']).outcome;
    const clock = done.clocks.find((c) => c.policy === 'node.x.duty').clock;
    expect(EX.OK, ['clock', 'meet', clock, '--data', data, '--party', 'transport', '--key', join(data, 'keys/transport.key'),
        '--evidence', 'letter 12']);
    const again = replay(EX.OK, data);
    assert.deepEqual([again.findings, again.equal, again.unread.length], [4, 4, 0]);
});

test('a finding that its rules do not make is named, with what differs, by exit status 70', (t) => {
    const { data, open } = busyNode(t);
    const id = insertRules(data, (files) => { files['node/x.cedar'] = forbid('node.x.never', 'open'); });
    sql(data, `UPDATE act SET rules_hash = '${id}' WHERE id = '${open.act}'`);
    const done = replay(EX.SOFTWARE, data);
    assert.deepEqual([done.findings, done.equal, done.rules, done.differing.length], [3, 2, 2, 1]);
    const [d] = done.differing;
    assert.deepEqual([d.act, d.verb, d.rules, d.from, d.to], [open.act, 'open', id, 'permit', 'deny']);
    assert.deepEqual(d.policies, [{ policy: 'node.x.never', role: 'forbids', change: 'gained' }]);
    assert.ok(d.obligations.length > 0 && d.obligations.every((o) => o.change === 'lost'));
    const text = expect(EX.SOFTWARE, ['law', 'replay', '--data', data]).out;
    assert.match(text, new RegExp(`${open.act} \\(open\\), rules ${id.slice(0, 12)}: recorded permit, again deny`));
    assert.match(text, /now speaks: node\.x\.never \(forbids\)/);
});

test('a record without its key is said to be erased; one that was altered, and altered rules, are damage', (t) => {
    const { data, open, store } = busyNode(t);
    const key = sql(data, `SELECT key_id FROM act WHERE id = '${open.act}'`).replaceAll('-', '');
    const gone = spawnSync('sqlite3', [join(data, 'keys.db'), `DELETE FROM key WHERE id = x'${key}'; SELECT changes()`], { encoding: 'utf8' });
    assert.equal(gone.stdout.trim(), '1', gone.stderr);
    const erased = replay(EX.OK, data);
    assert.deepEqual([erased.findings, erased.equal], [3, 2]);
    assert.deepEqual(erased.unread.map((u) => [u.act, u.because]), [[open.act, 'erased']]);
    assert.match(expect(EX.OK, ['law', 'replay', '--data', data]).out, /key of its record was destroyed/);

    sql(data, `UPDATE act SET sealed_record = ${said.literal('00112233')} || substr(sealed_record, 5) WHERE id = '${store.act}'`);
    const altered = replay(EX.SOFTWARE, data);
    assert.deepEqual(altered.unread.map((u) => [u.act, u.because]), [[open.act, 'erased'], [store.act, 'damaged']]);

    sql(data, `UPDATE rules SET files = '{"node/0.cedar":"",' || substr(files, 2)`);
    const rules = replay(EX.SOFTWARE, data);
    assert.equal(rules.equal, 0);
    assert.match(rules.unread.at(-1).why, /texts of the rules [0-9a-f]{12} are not those of that hash/);
});

test('facts that are not those that the act is bound to are damage', (t) => {
    const { data, open, store } = busyNode(t);
    sql(data, `UPDATE act SET facts_hash = (SELECT facts_hash FROM act WHERE id = '${store.act}') WHERE id = '${open.act}'`);
    const done = replay(EX.SOFTWARE, data);
    assert.deepEqual(done.unread.map((u) => [u.act, u.because]), [[open.act, 'damaged']]);
});

test('impact: the law in force changes nothing, another one says which outcomes by which policies', (t) => {
    const { data, open } = busyNode(t), acts = actCount(data);
    assert.equal(impact(data, 'in-force').changed.length, 0);
    assert.equal(impact(data, 'law').changed.length, 0);
    const law = lawWith(t, forbid('node.x.never', 'open', ' when { context.f has rows && context.f.rows < 100 }') +
        '@id("node.x.duty") @obligation("report(authority;within=3d)") permit (principal, action == Polder::Action::"store", resource);\n');
    const done = impact(data, law);
    assert.deepEqual([done.old, done.new, done.cases, done.same], ['in-force', law, 3, 1]);
    assert.deepEqual(done.shifts.map((s) => [s.from, s.to, s.count]), [['permit', 'deny', 1], ['permit', 'permit', 1]]);
    assert.deepEqual(done.shifts[0].policies, [{ policy: 'node.x.never', role: 'forbids', change: 'gained' }]);
    assert.deepEqual(done.shifts[0].acts, [open.act]);
    assert.deepEqual(done.obligations.map((o) => [o.obligation, o.policy, o.change, o.count]),
        [['report(authority;within=3d)', 'node.x.duty', 'gained', 1]], 'what is refused owes nothing');
    assert.equal(done.changed.length, 2);
    const back = impact(data, law, 'in-force');
    assert.deepEqual(back.shifts[0].policies, [{ policy: 'node.x.never', role: 'forbids', change: 'lost' }]);
    assert.deepEqual([back.shifts[0].from, back.shifts[0].to], ['deny', 'permit']);
    const text = expect(EX.OK, ['law', 'impact', law, '--data', data]).out;
    assert.match(text, /^3 recorded cases: 2 would be decided otherwise, 1 as before\n {2}1 from permit to deny/);
    assert.ok(text.includes(open.act));
    assert.equal(actCount(data), acts);
    whole(data);
});

test('impact: each case is decided at its own time, or all at a time that is named, past ones too', (t) => {
    const { data } = busyNode(t);
    const later = lawWith(t, '@effective("2090-01-01")' + forbid('node.x.later', 'open'));
    assert.equal(impact(data, later).changed.length, 0);
    assert.equal(impact(data, later, '--at', '2089-12-31').changed.length, 0);
    const then = impact(data, later, '--at', '2090-01-01');
    assert.deepEqual(then.shifts.map((s) => [s.from, s.to, s.count]), [['open', 'deny', 1], ['permit', 'deny', 1]]);
    assert.ok(then.changed.every((c) => c.policies.some((p) => p.policy === 'node.x.later' && p.change === 'gained')));
    assert.equal(then.changed.length, 2);
    const former = lawWith(t, '@expires("2020-01-01")' + forbid('node.x.former', 'store'));
    assert.equal(impact(data, former).changed.length, 0);
    assert.deepEqual(impact(data, former, '--at', '2019-12-31').changed.map((c) => c.verb), ['store']);
});

test('unlock: what one fact would free is decided again, and what is freed already is told apart', (t) => {
    const { folder, data } = nodeUnder(t,
        forbid('node.x.head', 'open', ' unless { context.f has head_approval && context.f.head_approval }') +
        forbid('node.x.two', 'share', ' unless { context.f has head_approval && context.f.head_approval }') +
        forbid('node.x.three', 'share', ' unless { context.f has authority_approval && context.f.authority_approval }') +
        forbid('node.x.never', 'store'));
    const p60 = write(folder, 'p.csv', plainTable()), p90 = write(folder, 'r.csv', plainTable(90));
    const first = titled(p60, data, 'open', 'A'), second = titled(p90, data, 'open', 'B');
    titled(p60, data, 'open', 'A');
    titled(p60, data, 'share', 'A', '--recipient', 'health');
    const denied = titled(p90, data, 'store', 'C');
    assert.deepEqual([first.result, second.result, denied.result], ['open', 'open', 'denied']);
    const u = unlock(data), block = (kind, name) => u.blocks.find((b) => b.kind === kind && b.name === name);
    assert.deepEqual(u.waiting, { cases: 5, datasets: 3, rows: 240 });
    assert.deepEqual([u.denials, u.intents, u.passing.cases], [1, 4, 0]);
    const fact = block('fact', 'head_approval');
    assert.equal(u.blocks[0].unlocked.cases, 3, 'what frees most comes first');
    assert.deepEqual([fact.value, fact.blocked, fact.unlocked],
        ['true', { cases: 4, datasets: 2, rows: 150 }, { cases: 3, datasets: 2, rows: 150 }]);
    assert.ok(['node.x.head', 'node.x.two'].every((p) => fact.policies.includes(p)));
    assert.ok(fact.supplier.en.length > 0);
    assert.equal(fact.acts.filter((a) => a.unlocked).length, 3);
    assert.deepEqual([block('fact', 'authority_approval').blocked.cases, block('fact', 'authority_approval').unlocked.cases], [1, 0]);
    const never = block('article', 'node.x.never');
    assert.deepEqual([never.blocked, never.unlocked.cases], [{ cases: 1, datasets: 1, rows: 90 }, 1]);
    const text = expect(EX.OK, ['law', 'unlock', '--data', data]).out;
    assert.match(text, /^Waiting: 5 cases, 3 datasets, 240 rows \(1 denied, 4 left open\)/);
    assert.match(text, /The fact head_approval = true/);

    expect(EX.OK, ['fact', 'attest', first.intent, 'head_approval', 'true', '--data', data, '--party', 'transport',
        '--key', join(data, 'keys/transport.key'), '--evidence', 'minutes 7']);
    const attested = unlock(data);
    assert.equal(attested.passing.cases, 1, 'an attested intent only has to be resumed');
    assert.equal(attested.blocks.find((b) => b.name === 'head_approval').unlocked.cases, 2);
    expect(EX.OK, ['act', 'resume', first.intent, '--data', data, '--yes']);
    const settled = unlock(data);
    assert.deepEqual([settled.waiting.cases, settled.intents], [3, 2], 'the other request of the same is settled with it');
    whole(data);
});

test('unlock: a plan that waits for its steward is freed by the signature, and by nothing else', (t) => {
    const { data, waits, persons } = busyNode(t);
    const u = unlock(data);
    assert.deepEqual(u.blocks.map((b) => [b.kind, b.name, b.blocked.cases, b.unlocked.cases]), [['signature', 'transport', 1, 1]]);
    assert.deepEqual(u.waiting, { cases: 1, datasets: 1, rows: 400 });
    assert.match(expect(EX.OK, ['law', 'unlock', '--data', data]).out, /signature of a steward of transport/);
    expect(EX.OK, ['act', 'resume', waits.intent, persons, '--data', data, '--yes']);
    assert.deepEqual(unlock(data).waiting, { cases: 0, datasets: 0, rows: 0 });
});

test('wrong input is refused in a sentence, and nothing is written', (t) => {
    const { folder, data } = busyNode(t), acts = actCount(data);
    const broken = lawWith(t, '@id("node.x.never") forbid (principal, action == Polder::Action::"open" resource);');
    const unknown = lawWith(t, '@id("node.x.never") forbid (principal, action, resource) when { context.f has colour };');
    const cases = [
        [EX.USAGE, ['law', 'impact', '--data', data], /NEW/],
        [EX.USAGE, ['law', 'impact', 'a', 'b', 'c', '--data', data], /./],
        [EX.USAGE, ['law', 'impact', 'law'], /--data/],
        [EX.NOINPUT, ['law', 'impact', join(folder, 'none'), '--data', data], /none/],
        [EX.NOINPUT, ['law', 'impact', 'law', '--law', 'atlantis', '--data', data], /atlantis/],
        [EX.DATAERR, ['law', 'impact', broken, '--data', data], /the rules in ".*": node\/x\.cedar:1:\d+/],
        [EX.DATAERR, ['law', 'impact', 'in-force', unknown, '--data', data], /colour/],
        [EX.USAGE, ['law', 'impact', 'law', '--at', 'soon', '--data', data], /--at="soon"/],
        [EX.NOINPUT, ['law', 'replay', '--data', join(folder, 'nowhere')], /nowhere/],
        [EX.USAGE, ['law', 'replay'], /--data/],
        [EX.USAGE, ['law', 'replay', 'x', '--data', data], /./],
        [EX.NOINPUT, ['law', 'unlock', '--data', join(folder, 'nowhere')], /nowhere/],
    ];
    for (const [code, args, pattern] of cases) assert.match(expect(code, args).err, pattern);
    assert.equal(actCount(data), acts);
    for (const command of ['replay', 'impact', 'unlock'])
        assert.match(expect(EX.OK, ['law', command, '--help']).out, /--data/);
});
