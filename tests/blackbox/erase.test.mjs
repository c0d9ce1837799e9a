// Erasing a person: what holds the person is shown, two parties agree, and afterwards nobody can read it, not even
// from a backup, while every proof stands.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, copyNode, expect, isFast, polder, residentId, run, server, sql, temporary, whole, write } from './lib.mjs';

const json = (args, options) => JSON.parse(expect(EX.OK, [...args, '--json'], options).out);
const actor = (data, party, member) =>
    ['--data', data, '--party', party, '--member', member, '--key', join(data, `keys/${party}.key`)];
const lin = (data) => actor(data, 'transport', 'lin');
const zhao = (data) => actor(data, 'health', 'zhao');
const sqlite = (path, text) => {
    const done = spawnSync('sqlite3', [path, text], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    return done.stdout.trim();
};
const refused = (code, args, words, options) => assert.match(expect(code, args, options).err, words);

// A node whose law lets a department store and open what it likes, unless a test says otherwise.
function lenient(t, policy = '') {
    const folder = temporary(t), law = join(folder, 'law'), data = join(folder, 'node');
    mkdirSync(join(law, 'x'), { recursive: true });
    mkdirSync(join(law, 'node'));
    for (const name of ['facts.json', 'polder.cedarschema', 'node/manifest.json', 'node/base.cedar', 'node/thresholds.json'])
        copyFileSync(join('law', name), join(law, name));
    writeFileSync(join(law, 'x/manifest.json'), JSON.stringify({ ...JSON.parse(readFileSync('law/cn/manifest.json', 'utf8')),
        jurisdiction: 'x' }));
    writeFileSync(join(law, 'x/rules.cedar'), policy || '@id("x.any") @title("t") permit (principal, action, resource);\n');
    expect(EX.OK, ['init', '--data', data, '--origin', 'test.polder.example', '--law', 'x', '--law-dir', law,
        '--party', 'transport:government:state_organ:CN', '--party', 'health:government:state_organ:CN', '--member', 'transport/lin:steward', '--member', 'health/zhao:steward']);
    return { folder, data };
}

const people = (n) => Array.from({ length: n }, (_, i) => ({
    id: residentId(`44030${3 + Math.floor(i / 60) % 5}`, `19${12 + i % 18}0${1 + i % 9}1${i % 9}`, 900 + i % 99),
    mobile: `1380000${String(i).padStart(4, '0')}`, sex: i % 2 ? 'female' : 'male', district: i % 4 < 2 ? 'Luohu' : 'Nanshan' }));
const csv = (list) => ['resident_id,mobile,sex,district,note',
    ...list.map((p, i) => `${p.id},${p.mobile},${p.sex},${p.district},note ${i}`)].join('\n') + '\n';
const request = (file, data, verb, ...more) => ['govern', file, '--data', data, '--party', 'transport', '--member', 'lin',
    '--title', more.length ? more[0] : 'People', '--for', verb, '--purpose', 'statistics', '--basis', 'public_task', '--yes'];
const govern = (...args) => json(request(...args)).outcome;
const person = (folder, ...ids) => write(folder, 'person', ids.join('\n') + '\n');
const find = (data, file, code = EX.TEMPFAIL) => JSON.parse(expect(code, ['erase', '--data', data, '--person-file', file, '--json']).out).held;
function erase(data, file, ...more) {
    const asked = json(['erase', '--person-file', file, ...lin(data), '--reason', 'consent withdrawn', '--yes', ...more]);
    return { asked, done: json(['erase', 'agree', asked.request, ...zhao(data), '--yes']) };
}
// Every byte of the folder, so that what must not be there can be looked for.
function bytesOf(folder) {
    return Buffer.concat(readdirSync(folder, { recursive: true }).map((name) => join(folder, name))
        .filter((path) => statSync(path).isFile()).map((path) => readFileSync(path)));
}

test('a person is shown, then taken out of the stored file, and is in no byte of the node afterwards', (t) => {
    const { folder, data } = lenient(t), list = people(300), who = list[41];
    govern(write(folder, 'people.csv', csv(list)), data, 'store');
    const file = person(folder, who.id);
    const [held] = find(data, file);
    assert.deepEqual([held.kind, held.rows, held.rows_in_all, held.columns], ['version', [42], 300, ['resident_id', 'mobile']]);
    const { done } = erase(data, file);
    assert.deepEqual([done.erased.length, done.erased[0].rows_removed, done.erased[0].rows_left], [1, 1, 299]);
    assert.equal(find(data, file, EX.OK).length, 0);
    const others = person(folder, list[42].id);
    assert.deepEqual(find(data, others)[0].rows, [42], 'rows behind are numbered anew');
    assert.deepEqual(find(data, person(folder, list[3].mobile))[0].rows, [4]);
    const bytes = bytesOf(data);
    for (const secret of [who.id, who.mobile]) assert.equal(bytes.indexOf(secret), -1);
    whole(data);

    // The new version replaces the old one, by an act of the holder; and both proofs stand.
    const erased = done.erased[0];
    assert.equal(sql(data, `SELECT successor_id FROM replacement WHERE id = '${erased.old}'`), erased.new);
    const act = json(['act', 'show', erased.outcome.act, '--data', data]);
    assert.deepEqual([act.verb, act.party, act.record.erasure.rows_removed], ['delete', 'transport', 1]);
    expect(EX.OK, ['law', 'replay', '--data', data]);
    expect(EX.OK, ['ledger', 'prove', erased.outcome.act, '--data', data]);
});

test('identifiers are compared as people write them', (t) => {
    const { folder, data } = lenient(t), list = people(60);
    govern(write(folder, 'people.csv', csv(list)), data, 'store');
    const { id, mobile } = list[7];
    const wide = [...mobile].map((c) => String.fromCharCode(c.charCodeAt(0) - 48 + 0xff10)).join('');
    for (const text of [id, id.toLowerCase(), `${id.slice(0, 6)} ${id.slice(6, 14)}-${id.slice(14)}`, mobile, `+86 ${mobile}`,
        `0086-${mobile.slice(0, 3)}-${mobile.slice(3)}`, wide, `  ${mobile}\r`])
        assert.deepEqual(find(data, person(folder, text))[0]?.rows, [8], text);
    const input = JSON.parse(expect(EX.TEMPFAIL, ['erase', '--data', data, '--person-file', '-', '--json'], { input: id }).out);
    assert.deepEqual(input.held[0].rows, [8]);
});

test('every form of a stored table is written again without the person', (t) => {
    const { folder, data } = lenient(t), list = people(80), text = csv(list);
    const gb = spawnSync('iconv', ['-f', 'utf-8', '-t', 'gb18030'], { input: text.replaceAll('Luohu', '罗湖') }).stdout;
    const forms = {
        'a.csv': gb,
        'b.tsv': text.replaceAll(',', '\t'),
        'c.json': JSON.stringify(list),
        'd.jsonl': list.map((p) => JSON.stringify(p)).join('\n'),
        'e.csv': `People of the district\n\n${text}`,
    };
    for (const [name, content] of Object.entries(forms)) {
        writeFileSync(join(folder, name), content);
        govern(join(folder, name), data, 'store', name);
    }
    const file = person(folder, list[20].mobile);
    assert.equal(find(data, file).length, 5);
    const { done } = erase(data, file);
    assert.deepEqual(done.erased.map((e) => [e.rows_removed, e.rows_left]), Array(5).fill([1, 79]));
    assert.equal(find(data, file, EX.OK).length, 0);
    // And once more: what took their place is read in its own form.
    const again = erase(data, person(folder, list[21].id)).done;
    assert.deepEqual(again.erased.map((e) => e.rows_left), Array(5).fill(78));
    whole(data);
});

test('rows that quote the person in other columns go too', (t) => {
    const { folder, data } = lenient(t), list = people(50), who = list[5];
    const text = csv(list).replace('note 30', `lives with ${who.id}`).replace('note 31', `call +86 ${who.mobile}`);
    govern(write(folder, 'people.csv', text), data, 'store');
    const { done } = erase(data, person(folder, who.id, who.mobile));
    assert.equal(done.erased[0].rows_removed, 3);
});

test('a released file is replaced, its class sizes hold, and the public log says so', (t) => {
    const { folder, data } = lenient(t, '@id("x.open") @title("t") @remedy("drop(direct)+kanon(quasi;k=t.k)") '
        + 'forbid (principal, action == Polder::Action::"open", resource) when { context.f has holds_identifiers && context.f.holds_identifiers };\n'
        + '@id("x.k") @title("t") @remedy("drop(direct)+kanon(quasi;k=t.k)") forbid (principal, action == Polder::Action::"open", resource) '
        + 'when { context.f has k && context.f.k < context.t.k };\n');
    // Nineteen in each class of sex and district, and one class of exactly five.
    const list = people(76).map((p, i) => ({ ...p, sex: i < 5 ? 'other' : p.sex, district: i < 5 ? 'Futian' : p.district }));
    const text = ['resident_id,mobile,sex,district', ...list.map((p) => [p.id, p.mobile, p.sex, p.district].join(','))].join('\n') + '\n';
    // At the least k that the rules let, not at the knee of the curve.
    const least = write(folder, 'least.json', JSON.stringify({ plan: 1, k: 5, quasi: [{ column: 2, name: 'sex' }, { column: 3, name: 'district' }],
        steps: [{ column: 0, name: 'resident_id', method: 'drop' }, { column: 1, name: 'mobile', method: 'drop' }] }));
    const opened = json([...request(write(folder, 'people.csv', text), data, 'open'), '--plan', least]).outcome;
    const before = readFileSync(join(data, opened.released_as), 'utf8');
    assert.equal(before.trim().split('\n').length, 77);
    const file = person(folder, list[2].id);
    const [held] = find(data, file);
    assert.deepEqual([held.kind, held.disclosed_to, held.rows, held.released_as], ['distribution', 'public', [3], opened.released_as]);
    const { done } = erase(data, file);
    const [erased] = done.erased;
    assert.deepEqual([erased.rows_removed, erased.removed_for_k, erased.rows_left], [5, 4, 71], 'a class of four is no class of five');
    assert.ok(!existsSync(join(data, opened.released_as)));
    const after = readFileSync(join(data, erased.released_as));
    assert.equal(after.toString().trim().split('\n').length, 72);
    assert.ok(!after.includes('Futian'));
    assert.equal(erased.outcome.log.name, 'public');
    const leaf = json(['ledger', 'show', '--data', data]).leaves.at(-1).leaf;
    assert.deepEqual([leaf.verb, leaf.object.kind, leaf.object.id], ['delete', 'distribution', erased.old]);
    assert.equal(leaf.hashes.version, createHash('sha256').update(after).digest('hex'));
    assert.deepEqual(find(data, person(folder, list[6].id))[0].rows, [2]);
    whole(data);
});

test('what was diverse for a person who is erased leaves with them', (t) => {
    const { folder, data } = lenient(t, '');
    // Nobody in Futian has another plan than "a" but one; the other groups have two without them.
    const list = people(60).map((p, i) => ({ ...p, sex: 'any', district: i < 20 ? 'Futian' : p.district, tariff: i >= 20 ? 'ab'[i % 2] : i === 2 ? 'b' : 'a' }));
    const text = ['resident_id,mobile,sex,district,tariff', ...list.map((p) => [p.id, p.mobile, p.sex, p.district, p.tariff].join(','))].join('\n') + '\n';
    const column = (n, name) => ({ column: n, name });
    const plan = write(folder, 'plan.json', JSON.stringify({ plan: 2, k: 5, quasi: [column(2, 'sex'), column(3, 'district')],
        models: [{ ...column(4, 'tariff'), model: 'distinct_l_diversity', threshold: '2' }],
        steps: [{ ...column(0, 'resident_id'), method: 'mask' }, { ...column(1, 'mobile'), method: 'drop' }] }));
    const opened = json([...request(write(folder, 'people.csv', text), data, 'open'), '--plan', plan]).outcome;
    assert.equal(readFileSync(join(data, opened.released_as), 'utf8').match(/Futian/g).length, 20);
    const [erased] = erase(data, person(folder, list[2].id)).done.erased;
    assert.deepEqual([erased.rows_removed, erased.removed_for_k, erased.rows_left], [20, 19, 40]);
    assert.ok(!readFileSync(join(data, erased.released_as), 'utf8').includes('Futian'));
    whole(data);
});

test('a release that the law would not permit any more is withdrawn', (t) => {
    const { folder, data } = lenient(t, '@id("x.small") @title("t") @remedy("none") forbid (principal, action == Polder::Action::"open", '
        + 'resource) when { context.f has rows && context.f.rows < 60 };\n');
    const list = people(60), opened = govern(write(folder, 'people.csv', csv(list)), data, 'open');
    const { done } = erase(data, person(folder, list[9].id));
    assert.equal(done.erased[0].new, '');
    assert.match(done.erased[0].why, /\S/);
    assert.ok(!existsSync(join(data, opened.released_as)));
    assert.equal(readdirSync(join(data, 'open')).length, 0);
    assert.equal(readdirSync(join(data, 'vault'), { recursive: true }).filter((n) => n.length > 3).length, 0);
    whole(data);
});

test('no backup brings the person back', (t) => {
    const { folder, data } = lenient(t), list = people(100), who = list[30];
    govern(write(folder, 'people.csv', csv(list)), data, 'store');
    for (const db of server ? ['keys.db'] : ['polder.db', 'keys.db']) sqlite(join(data, db), 'PRAGMA wal_checkpoint(TRUNCATE)');
    const backup = join(folder, 'backup');
    copyNode(data, backup);
    const file = person(folder, who.id);
    const { asked, done } = erase(data, file);
    for (const db of server ? ['keys.db'] : ['polder.db', 'keys.db']) sqlite(join(data, db), 'PRAGMA wal_checkpoint(TRUNCATE)');

    // The databases and the vault from before, with the key store of today: sealed for ever.
    const older = join(folder, 'older');
    copyNode(backup, older);
    copyFileSync(join(data, 'keys.db'), join(older, 'keys.db'));
    assert.equal(find(older, file, EX.OK).length, 0);
    const words = new RegExp(`destroyed by the act ${done.erased[0].outcome.act} on`);
    const version = done.erased[0].old;
    assert.equal(sql(older, 'SELECT id FROM version'), version, 'the row is there');
    refused(EX.NOINPUT, ['erase', '--data', older, '--person-file', file, '--party', 'transport', '--member', 'lin', '--key',
        join(older, 'keys/transport.key'), '--reason', 'r', '--yes'], /no stored file/);
    assert.equal(bytesOf(older).indexOf(who.id), -1);
    assert.match(run(['key', 'destroy', version, ...lin(older)]).out + run(['key', 'destroy', version, ...lin(older)]).err,
        /Without the key|destroyed/);

    // The key store from before under the acts of today: readers refuse it, the next writer destroys the keys again.
    const newer = join(folder, 'newer');
    copyNode(data, newer);
    for (const name of readdirSync(newer).filter((n) => n.startsWith('keys.db'))) rmSync(join(newer, name));
    copyFileSync(join(backup, 'keys.db'), join(newer, 'keys.db'));
    cpSync(join(backup, 'vault'), join(newer, 'vault'), { recursive: true });
    refused(EX.TEMPFAIL, ['erase', '--data', newer, '--person-file', file], /older than the acts/);
    expect(EX.OK, ['job', 'run', '--data', newer]);
    const key = sql(newer, `SELECT key_id FROM version WHERE id = '${version}'`).replaceAll('-', '');
    const isThere = (folder) => sqlite(join(folder, 'keys.db'), `SELECT COUNT(*) FROM key WHERE id = x'${key}'`);
    assert.equal(isThere(backup), '1');
    assert.equal(isThere(newer), '0');
    refused(EX.TEMPFAIL, ['key', 'destroy', version, ...lin(newer)], words);
    refused(EX.TEMPFAIL, ['erase', 'agree', asked.request, ...zhao(newer)], /is done, and whom it was about is erased/);

    // Old rows put among today's, their being destroyed forgotten: likewise.
    sqlite(join(data, 'keys.db'), `ATTACH '${join(backup, 'keys.db')}' AS old; INSERT OR IGNORE INTO key SELECT * FROM old.key; `
        + 'DELETE FROM destroyed');
    assert.equal(isThere(data), '1');
    expect(EX.OK, ['job', 'run', '--data', data]);
    assert.equal(isThere(data), '0');
    assert.equal(find(data, file, EX.OK).length, 0);
    whole(data);
});

test('one party alone erases nobody, and the law may forbid it', (t) => {
    const { folder, data } = lenient(t, '@id("x.keep") @title("t") forbid (principal, action == Polder::Action::"delete", resource) '
        + 'when { context.f has retention_required && context.f.retention_required };\n');
    const list = people(40), file = person(folder, list[4].id);
    govern(write(folder, 'people.csv', csv(list)), data, 'store');
    const ask = (...more) => ['erase', '--person-file', file, ...lin(data), '--yes', ...more];
    refused(EX.USAGE, ask(), /--reason/);
    refused(EX.USAGE, ['erase', '--person-file', file, '--data', data, '--yes'], /needs --party/);
    const acts = () => sql(data, "SELECT verb || ' ' || outcome FROM act ORDER BY id").split('\n');
    const before = acts().length;
    refused(EX.NOPERM, ask('--reason', 'r', '--fact', 'retention_required=true'), /x\.keep/);
    assert.deepEqual(acts().slice(before), ['deny deny'], 'a refusal is on record');
    refused(EX.DATAERR, ask('--reason', 'r', '--fact', 'no_such_fact=true'), /no_such_fact/);
    const asked = json(ask('--reason', 'r'));
    refused(EX.NOPERM, ['erase', 'agree', asked.request, ...lin(data), '--yes'], /another party must agree/);
    refused(EX.USAGE, ['key', 'agree', asked.request, ...zhao(data), '--yes'], /is a request to erase/);
    refused(EX.NOPERM, ['erase', 'agree', asked.request, '--data', data, '--party', 'health', '--member', 'zhao', '--key',
        join(data, 'keys/transport.key'), '--yes'], /key/);
    assert.equal(find(data, file).length, 1, 'nothing has changed');
    json(['erase', 'agree', asked.request, ...zhao(data), '--yes']);
    refused(EX.TEMPFAIL, ['erase', 'agree', asked.request, ...zhao(data), '--yes'], /is done/);
    refused(EX.NOINPUT, ask('--reason', 'again'), /no stored file/);
    whole(data);
});

test('what is no identifier is refused, and never repeated', (t) => {
    const { folder, data } = lenient(t);
    const refusedQuietly = (args, secret, options) => {
        const got = expect(EX.USAGE, ['erase', '--data', data, ...args], options);
        assert.ok(!secret || !got.err.includes(secret), got.err);
    };
    refusedQuietly([], '');
    refusedQuietly(['--person', 'ab1'], 'ab1');
    refusedQuietly(['--person', '--', '---'], '');
    refusedQuietly(['--person', 'x'.repeat(300)], 'xxxx');
    refusedQuietly(['--person-file', write(folder, 'p', '\n \n')], '');
    refusedQuietly(['--person-file', write(folder, 'p', Array.from({ length: 17 }, (_, i) => `1380000000${i}`).join('\n'))], '1380000');
    refusedQuietly(['--person-file', '-'], '', { input: Buffer.from([0xff, 0xfe, 0x31, 0x32, 0x33, 0x34, 0x35]) });
    expect(EX.NOINPUT, ['erase', '--data', data, '--person-file', join(folder, 'none')]);
    assert.equal(find(data, person(folder, '440303191201019000'), EX.OK).length, 0);
});

test('an erasure that is killed leaves each file old or new, and agreeing again goes on', async (t) => {
    const { folder, data } = lenient(t), list = people(400), file = person(folder, list[11].mobile);
    for (let i = 0; i < 4; i++) govern(write(folder, `p${i}.csv`, csv(list)), data, 'store', `P${i}`);
    const asked = json(['erase', '--person-file', file, ...lin(data), '--reason', 'r', '--yes']);
    const agree = ['erase', 'agree', asked.request, ...zhao(data), '--yes'];
    for (let i = 0; i < (isFast ? 6 : 20); i++) {
        const child = spawn(polder, agree, { stdio: 'ignore' });
        await new Promise((done) => {
            const timer = setTimeout(() => child.kill('SIGKILL'), 60 + Math.random() * 500);
            child.on('exit', () => { clearTimeout(timer); done(); });
        });
        expect(EX.OK, ['job', 'run', '--data', data]);
        whole(data);
        const left = find(data, file, [EX.OK, EX.TEMPFAIL]).length;
        const gone = Number(sql(data, "SELECT COUNT(*) FROM replacement WHERE kind = 'version'"));
        assert.equal(left + gone, 4);
        if (left === 0) break;
    }
    if (find(data, file, [EX.OK, EX.TEMPFAIL]).length) json(agree);
    assert.equal(find(data, file, EX.OK).length, 0);
    assert.equal(bytesOf(data).indexOf(list[11].mobile), -1);
    whole(data);
});

test('an erasure that was asked for is withdrawn by who asked, and the request forgets the person', (t) => {
    const { folder, data } = lenient(t), list = people(40), who = list[11];
    govern(write(folder, 'people.csv', csv(list)), data, 'store');
    const file = person(folder, who.id);
    const ask = () => json(['erase', '--person-file', file, ...lin(data), '--reason', 'letter 9', '--yes']).request;
    const asked = ask();
    refused(EX.NOPERM, ['erase', 'withdraw', asked, ...zhao(data)], /only "transport", which asked/);
    refused(EX.USAGE, ['key', 'withdraw', asked, ...lin(data)], /see polder erase withdraw/);
    refused(EX.NOINPUT, ['erase', 'withdraw', '01936b1e-0000-7000-8000-000000000000', ...lin(data)], /nobody asked/);
    assert.deepEqual(json(['key', 'list', '--data', data]).requests.map((r) => [r.id, r.kind]), [[asked, 'erase']]);
    const done = json(['erase', 'withdraw', asked, ...lin(data)]);
    assert.equal(json(['act', 'show', done.outcome.act, '--data', data]).verb, 'revoke');
    refused(EX.TEMPFAIL, ['erase', 'withdraw', asked, ...lin(data)], /withdrawn already/);
    refused(EX.TEMPFAIL, ['erase', 'agree', asked, ...zhao(data), '--yes'], /withdrawn/);
    assert.equal(find(data, file)[0].rows.length, 1, 'the person is still held');
    assert.equal(sql(data, `SELECT COUNT(*) FROM key_destroyed WHERE request_id = '${asked}'`), '1');
    whole(data);
    // Asked again, and carried out: too late to withdraw.
    const again = ask();
    json(['erase', 'agree', again, ...zhao(data), '--yes']);
    refused(EX.TEMPFAIL, ['erase', 'withdraw', again, ...lin(data)], /done already/);
    whole(data);
});
